"""Name the place of every record and seal, as the table of kinds lays `records/` out.

Every path below `records/` has exactly one place or none. A unit is what shares one retention
article and is destroyed whole (R-6.4). A student id is `<year>-<nnnn>` and says nothing about the
person (R-1.3).

A seal is three files added by one commit of its own. Every tracked file is counted in exactly one
line of its list: a unit's folder or a single file. Its text is known to its writer and its judge,
each on their own, not here.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from papka.core.kinds import KIND_OF, KINDS, PERSONAL, RESTRICTED_KINDS, Kind
from papka.core.litter import is_litter

FORMAT = 2
"""`format` in organization.yaml of a new archive; lower ones are read too."""
RECORDS = "records"
ORGANIZATION = "records/organization.yaml"
STAFF = "records/staff.yaml"
ALLOWED_SIGNERS = "records/trust/allowed_signers"
STUDENTS = "records/students"
TRUST = "records/trust"
SEALS = "records/seals"
PROOF = (TRUST, SEALS)
"""Folders with the proof of all other records: keys, and seals."""
ARCHIVE_FOLDERS = ("records", "schema", "templates", "tools", "proof", ".github")
ARCHIVE_FILES = (
    *(".gitattributes", ".gitignore", "README.md", ".editorconfig"),
    *(".vscode/extensions.json", ".vscode/settings.json"),
)
"""With the folders, all that belongs at an archive's top; anything else is somebody's own."""
ACTS = "records/acts/"
IMPORTS = "records/imports/"
REGISTERS = "records/registers"
SALT_BYTES = 32

_STUDENT_ID = re.compile(r"(?P<year>20\d\d)-\d{4,}\Z")
_SUPPLEMENT = re.compile(r"(?P<period>20\d\d-[1-9]\d?)-[1-9]\d{0,3}\Z", re.ASCII)
_STAFF_ID = re.compile(r"s\d{3}\Z")
_TYPED = re.compile(
    r"(?P<student>20\d\d-\d{4,})\s*[#№]\s*(?P<letter>[a-zа-я])(?=[1-9])", re.IGNORECASE
)
_ENTRY = re.compile(r"[A-ZА-Яа-я][1-9]\d*\Z")
_LOOKS_LATIN = str.maketrans("асекрн", "acekph")
"""Russian letters that look like letters of entry ids, and these."""
RESTRICTED = "ограниченный"
"""`kind` of an organization whose archive holds what the main one must not (R-4.2, R-2.2.7)."""

SHEETS = "sheets"
"""The name of the platform in an import of the school's own filled-in sheets."""
CARDS = ("/student.yaml", *(f"/{kind}.yaml" for kind in sorted(RESTRICTED_KINDS)))
"""Endings of paths by which a student's folder is known; a restricted one holds no card."""


class Place(NamedTuple):
    """The kind of a record, its `key` within the kind, and whose (`student`) it is."""

    kind: str
    key: str = ""
    student: str = ""


_NAMED = re.compile(rb"""^student: *["']?(\d{4}-\d+)""", re.MULTILINE)


def student_named(entry: bytes) -> str:
    """Return whose document the file of a register entry is about, "" where it does not say."""
    found = _NAMED.search(entry)
    return found[1].decode() if found else ""


def is_student_id(text: str) -> bool:
    return _STUDENT_ID.match(text) is not None


def is_staff_id(text: str) -> bool:
    return _STAFF_ID.match(text) is not None


def read_address(text: str) -> str:
    """Return an address as it is written: «№» for #, and Russian letters that look like its own.

    Whatever is no personal file, entry or staff id comes back as it was.
    """
    if found := _TYPED.match(text):
        letter = found["letter"].lower().translate(_LOOKS_LATIN)
        return f"{found['student']}#{letter}{text[found.end() :]}"
    return re.sub(r"\A[сСS](?=\d{3}\Z)", "s", text)


def read_entry_id(text: str) -> str:
    """Return an entry's id as it is written, whichever alphabet its letter was typed in."""
    return text[:1].lower().translate(_LOOKS_LATIN) + text[1:] if _ENTRY.match(text) else text


def student_folder(student: str) -> str:
    """Return `records/students/<year>/<id>`; raise ValueError unless it is an id."""
    match = _STUDENT_ID.match(student)
    if match is None:
        raise ValueError(student)
    return f"{STUDENTS}/{match['year']}/{student}"


def folder_around(path: str) -> str:
    """Return the personal folder a path lies in; of any other path its first four steps."""
    return "/".join(path.split("/", 4)[:4])


def program_file(code: str) -> str:
    return f"{RECORDS}/programs/{code}.yaml"


def order_file(order: str) -> str:
    return f"{RECORDS}/orders/{order}.yaml"


def results_file(student: str, period: str) -> str:
    return f"{student_folder(student)}/results/{period}.yaml"


def record_folder(kind: str) -> str:
    """Return the folder of the records of a kind that has keys."""
    return f"{RECORDS}/{KIND_OF[kind].path.partition('/*')[0]}"


def record_file(kind: str, key: str) -> str | None:
    """Return the file of a record of such a kind; None when the key is no key of it."""
    steps = iter(key.split("/"))
    parts = KIND_OF[kind].path.split("/")
    named = (part.replace("*", next(steps, "")) if "*" in part else part for part in parts)
    path = "/".join((RECORDS, *named))
    return path if place(path) == (kind, key, "") else None


def act_key(period: str, number: int) -> str:
    """Return the key of an act of approval: the period, or with a number `2026-1-2`."""
    return f"{period}-{number}" if number else period


def period_of_act(key: str) -> str:
    """Return the period that an act of approval is about, by its key: `2026-1` of `2026-1-2`."""
    match = _SUPPLEMENT.match(key)
    return match["period"] if match else key


def import_file(key: str, name: str) -> str:
    """Return a file of the import `<period>/<n>` by its name there, like `original/order.txt`."""
    return f"{IMPORTS}{key}/{name}"


def raw_name(key: str) -> str:
    """Return the name in `raw/` of a student's own rows of an import: `2026-1-1.part`."""
    return f"{key.replace('/', '-')}.part"


def raw_file(student: str, key: str) -> str:
    return f"{student_folder(student)}/raw/{raw_name(key)}"


def import_of(path: str) -> str | None:
    """Return the key of the import that a file, or a student's own rows, belongs to; else None."""
    found = place(path)
    if found is None or not (found.kind == "raw" or found.kind.startswith("import")):
        return None
    return found.key if found.kind != "raw" else "/".join(found.key[:-5].rsplit("-", 1))


def student_file(student: str, kind: str, key: str = "") -> str:
    """Return a file of records in a personal folder; `key` is the period of `results`."""
    return f"{student_folder(student)}/{_inside(kind).replace('*', key)}"


def is_by_period(kind: str) -> bool:
    """Whether this kind of a student's record keeps one file a period."""
    return _inside(kind).endswith("/*.yaml")


def _inside(kind: str) -> str:
    """Return the place of a kind inside a personal folder."""
    return KIND_OF[kind].path.removeprefix(PERSONAL)


def student_kinds() -> tuple[str, ...]:
    """Return the kinds of record in a personal folder that are written by people."""
    kinds = [kind.name for kind in KINDS if kind.is_personal and kind.is_judged]
    return tuple(sorted(kinds, key=is_by_period))


def schema_file(name: str) -> str:
    return f"schema/{name}.json"


@lru_cache(maxsize=1 << 18)
def place(path: str) -> Place | None:
    """Return the place of a path, or None when nothing of the format lives there."""
    parts = path.split("/")
    if parts[0] != RECORDS or len(parts) < 2 or is_litter(path):
        return None
    top = parts[1]
    if top == "students":
        return _place_in_students(parts)
    rest = path.removeprefix(f"{RECORDS}/")
    for kind, pattern in _PATTERNS.get(top, ()):
        if found := pattern.match(rest):
            return Place(kind, "/".join(found.groups()))
    return None


def _compile(kind: Kind) -> re.Pattern[str]:
    """Compile the path of a kind; its groups are the parts of a record's key."""
    words = {"**": "(.*)", "*": "([^/]*)", "+": "[^/]*"}
    words |= {f"*.{ending}": rf"([^/]+)\.{ending}" for ending in ("yaml", "entries")}
    parts = [
        words.get(part) or "(?:" + "|".join(map(re.escape, part.split("|"))) + ")"
        for part in kind.path.split("/")
    ]
    return re.compile("/".join(parts) + r"\Z", re.DOTALL)


_PATTERNS = {
    top: tuple((kind.name, _compile(kind)) for kind in KINDS if kind.path.split("/")[0] == top)
    for top in {kind.path.split("/")[0] for kind in KINDS if not kind.is_personal}
}
"""Top folder, or file, outside personal folders -> the kinds that may lie there."""
_STUDENT_FILES = {
    kind.path.removeprefix(PERSONAL): kind.name
    for kind in KINDS
    if kind.is_personal and "*" not in kind.path
}
_STUDENT_FOLDERS = {
    kind.path.split("/")[1]: kind for kind in KINDS if kind.is_personal and "*" in kind.path
}


@lru_cache(maxsize=1 << 18)
def unit(path: str) -> str | None:
    """Return the unit of retention a path belongs to, as a path prefix; None: no personal data."""
    found = place(path)
    if found is None:
        return None
    if found.student:
        return path[: len(f"{STUDENTS}/2026/") + len(found.student)]
    if found.kind in ("register", "order", "order-scan"):
        head, _, name = path.rpartition("/")
        return f"{head}/{name.split('.')[0]}"
    if found.kind in ("import-original", "import-unmatched"):
        return path.rpartition("/")[0]
    return None


def is_unit(path: str) -> bool:
    """Whether the path is that of a whole unit, as `unit` names it."""
    return any(unit(f"{path}{end}") == path for end in (".yaml", "/.salt"))


def is_act(path: str) -> bool:
    """Whether the path is that of an act of destruction."""
    return path.startswith(ACTS) and path.endswith("/act.yaml")


def is_pack(path: str) -> bool:
    """Whether the file at this path is a pack of evidence, which no record is read of."""
    found = place(path) if path.endswith(".pack") else None
    return found is not None and found.kind in ("act-evidence", "destroyed")


def _stem(name: str) -> str:
    return name[:-5] if name.endswith(".yaml") else ""


def _place_in_students(parts: list[str]) -> Place | None:
    if len(parts) < 5 or not is_student_id(parts[3]) or not parts[3].startswith(parts[2] + "-"):
        return None
    student, name = parts[3], parts[4]
    if len(parts) == 5:
        kind = _STUDENT_FILES.get(name)
        return Place(kind, "", student) if kind else None
    folder = _STUDENT_FOLDERS.get(name)
    if folder is None or len(parts) != 6:
        return None
    if folder.path.endswith("*.yaml"):
        return Place(folder.name, stem, student) if (stem := _stem(parts[5])) else None
    return Place(folder.name, parts[5], student)


NAMESPACE = "papka-seal"
"""The namespace of the signature of a seal."""
LIST, TEXT, SIGNATURE = ".units", ".seal", ".seal.sig"
ENDINGS = (LIST, TEXT, SIGNATURE)

_UNIT = re.compile(
    r"records/(?:students/[^/]+/[^/]+|imports/[^/]+/[^/]+/(?:original|unmatched))(?=/|\Z)"
)
_PLAIN = re.compile(r"[A-Za-z0-9._/-]+", re.ASCII)
_FILE = re.compile(rf"{SEALS}/(?P<number>\d{{4}})(?P<ending>\.units|\.seal|\.seal\.sig)", re.ASCII)


def seal_file(number: int, ending: str) -> str:
    """Return a seal's file, like `records/seals/0002.seal`."""
    return f"{SEALS}/{number:04}{ending}"


def read_seal_file(path: str) -> tuple[int, str] | None:
    """Return the number and the ending of a seal's file; None for any other path."""
    match = _FILE.fullmatch(path)
    return (int(match["number"]), match["ending"]) if match else None


def is_of_seal(path: str) -> bool:
    """Whether the path lies in the folder of seals."""
    return path.startswith(f"{SEALS}/")


def unit_folder(path: str) -> str | None:
    """Return the unit that a path is, or lies in; None when it is counted by itself."""
    match = _UNIT.match(path)
    return match[0] if match else None


def is_plain(path: str) -> bool:
    """Whether `sha256sum` writes this name unescaped."""
    return _PLAIN.fullmatch(path) is not None


def is_plain_mode(path: str, mode: str) -> bool:
    """Whether a file of this mode may be sealed: no links, programs only below `tools/`."""
    return mode == "100644" or (mode == "100755" and path.startswith("tools/"))


def is_runnable(path: str) -> bool:
    """Whether the file at this path of an archive is a program."""
    return path.startswith("tools/hooks/") or (path.startswith("tools/") and path.endswith(".sh"))
