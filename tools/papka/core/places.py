"""Name the place of every record and seal: the only module that knows the shape of `records/`.

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
ARCHIVE_FOLDERS = ("records", "schema", "templates", "tools", ".github")
ARCHIVE_FILES = (".gitattributes", ".gitignore", "README.md")
"""With the folders, all that belongs at an archive's top; anything else is somebody's own."""
ACTS = "records/acts/"
IMPORTS = "records/imports/"
SALT_BYTES = 32

_STUDENT_ID = re.compile(r"(?P<year>20\d\d)-\d{4,}\Z")
_STAFF_ID = re.compile(r"s\d{3}\Z")
_STUDENT_RECORDS = (
    *("student", "enrolments", "credits", "awards", "consents", "documents", "notices"),
    *("diagnostics", "needs"),
)
_STUDENT_FILES = {**{f"{kind}.yaml": kind for kind in _STUDENT_RECORDS}, ".salt": "salt"}
_STUDENT_FOLDERS = {"results": "results", "attachments": "attachment", "raw": "raw"}
_YAML_FOLDERS = {
    "platforms": "platform",
    "programs": "program",
    "events": "events",
    "approvals": "approval",
    "media": "media",
}

_FOLDER_OF = {
    **{kind: folder for folder, kind in _YAML_FOLDERS.items()},
    "order": "orders",
    "register": "registers",
    "regulation": "regulations",
    "import": "imports",
}
_NAME_OF = {"regulation": "regulation.yaml", "import": "manifest.yaml"}
"""Kinds whose records are folders, and the file in them that is the record."""

_IMPORT_UNITS = {
    "original": (".salt", "order.txt", "aggregate.part", "book.xlsx", "book.ods", "book.json"),
    "unmatched": (".salt", "rows.part"),
}
"""The units of an import and what may lie in each."""

SCHEMA_OF = {
    kind: kind
    for kind in (
        *("organization", "staff", "platform", "regulation", "program", "events", "order"),
        *("student", "enrolments", "results", "credits", "awards", "consents", "documents"),
        *("notices", "diagnostics", "needs"),
        *("register", "import", "approval", "media", "acceptance"),
    )
}
"""Kind of record -> name of its schema in `schema/<name>.json`; today they are the same."""

RESTRICTED = "ограниченный"
"""`kind` of an organization whose archive holds what the main one must not (R-4.2, R-2.2.7)."""

SHEETS = "sheets"
"""The name of the platform in an import of the school's own filled-in sheets."""
RESTRICTED_KINDS = frozenset({"diagnostics", "needs"})
"""Kinds of record that only a restricted archive may hold."""

_KINDS_OF_BOTH = frozenset(
    (
        *("organization", "staff", "regulation", "regulation-file", "order", "order-scan", "salt"),
        *("media", "allowed-signers", "acceptance", "trust", "seal", "act"),
    )
)
CARDS = ("/student.yaml", *(f"/{kind}.yaml" for kind in sorted(RESTRICTED_KINDS)))
"""Endings of paths by which a student's folder is known; a restricted one holds no card."""


class Place(NamedTuple):
    """The kind of a record, its `key` within the kind, and whose (`student`) it is."""

    kind: str
    key: str = ""
    student: str = ""


def is_at_home(kind: str, *, restricted: bool) -> bool:
    """Whether a kind of record may stand in an archive that is, or is not, restricted."""
    if restricted:
        return kind in RESTRICTED_KINDS or kind in _KINDS_OF_BOTH
    return kind not in RESTRICTED_KINDS


def is_student_id(text: str) -> bool:
    return _STUDENT_ID.match(text) is not None


def is_staff_id(text: str) -> bool:
    return _STAFF_ID.match(text) is not None


def student_folder(student: str) -> str:
    """Return `records/students/<year>/<id>`; raise ValueError unless it is an id."""
    match = _STUDENT_ID.match(student)
    if match is None:
        raise ValueError(student)
    return f"{STUDENTS}/{match['year']}/{student}"


def program_file(code: str) -> str:
    return f"{RECORDS}/programs/{code}.yaml"


def order_file(order: str) -> str:
    return f"{RECORDS}/orders/{order}.yaml"


def results_file(student: str, period: str) -> str:
    return f"{student_folder(student)}/results/{period}.yaml"


def record_folder(kind: str) -> str:
    """Return the folder of the records of a kind that has keys."""
    return f"{RECORDS}/{_FOLDER_OF[kind]}"


def record_file(kind: str, key: str) -> str | None:
    """Return the file of a record of such a kind; None when the key is no key of it."""
    name = f"{key}/{_NAME_OF[kind]}" if kind in _NAME_OF else f"{key}.yaml"
    path = f"{record_folder(kind)}/{name}"
    return path if place(path) == (kind, key, "") else None


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
    if kind in _STUDENT_FOLDERS:
        return f"{student_folder(student)}/{kind}/{key}.yaml"
    return f"{student_folder(student)}/{kind}.yaml"


def is_by_period(kind: str) -> bool:
    """Whether this kind of a student's record keeps one file a period."""
    return kind in _STUDENT_FOLDERS


def student_kinds() -> tuple[str, ...]:
    """Return the kinds of record in a personal folder that are written by people."""
    kinds = dict.fromkeys((*_STUDENT_FILES.values(), *_STUDENT_FOLDERS.values()))
    return tuple(kind for kind in kinds if kind in SCHEMA_OF)


def schema_file(name: str) -> str:
    return f"schema/{name}.json"


@lru_cache(maxsize=1 << 18)
def place(path: str) -> Place | None:
    """Return the place of a path, or None when nothing of the format lives there."""
    parts = path.split("/")
    if parts[0] != RECORDS or len(parts) < 2:
        return None
    top = parts[1]
    if top == "students":
        return _place_in_students(parts)
    if len(parts) == 2:
        return {ORGANIZATION: Place("organization"), STAFF: Place("staff")}.get(path)
    if top in _YAML_FOLDERS:
        return _place_by_stem(parts, _YAML_FOLDERS[top]) if len(parts) == 3 else None
    return _place_in_others(parts)


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


def _stem(name: str) -> str:
    return name[:-5] if name.endswith(".yaml") else ""


def _place_by_stem(parts: list[str], kind: str) -> Place | None:
    return Place(kind, stem) if (stem := _stem(parts[-1])) else None


def _place_in_students(parts: list[str]) -> Place | None:
    if len(parts) < 5 or not is_student_id(parts[3]) or not parts[3].startswith(parts[2] + "-"):
        return None
    student, name = parts[3], parts[4]
    if len(parts) == 5:
        kind = _STUDENT_FILES.get(name)
        return Place(kind, "", student) if kind else None
    kind = _STUDENT_FOLDERS.get(name)
    if kind is None or len(parts) != 6:
        return None
    if kind == "results":
        return Place(kind, stem, student) if (stem := _stem(parts[5])) else None
    return Place(kind, parts[5], student)


def _place_in_others(parts: list[str]) -> Place | None:
    top, rest = parts[1], parts[2:]
    stem = _stem(parts[-1])
    if top == "regulations" and len(rest) == 2:
        return Place("regulation" if rest[1] == "regulation.yaml" else "regulation-file", rest[0])
    if top == "orders" and len(rest) == 2:
        return Place("order" if stem else "order-scan", f"{rest[0]}/{stem or rest[1]}")
    if top == "registers" and len(rest) == 3 and stem:
        return Place("register", f"{rest[0]}/{rest[1]}/{stem}")
    if top == "imports":
        return _place_in_import(rest)
    if top == "trust":
        if rest == ["allowed_signers"]:
            return Place("allowed-signers")
        if len(rest) == 2 and rest[0] == "accepted" and stem:
            return Place("acceptance", stem)
        return Place("trust", "/".join(rest))
    if top in ("seals", "acts"):
        return Place(top[:-1], "/".join(rest))
    return None


def _place_in_import(rest: list[str]) -> Place | None:
    # Personal data lies in folders with salts: of a destroyed unit git keeps the digest in the tree
    # above, and a digest without a salt would confirm a guess.
    key, inside = "/".join(rest[:2]), rest[2:]
    if inside in (["header.part"], ["parts.txt"]):
        return Place("import-part", key)
    if inside == ["manifest.yaml"]:
        return Place("import", key)
    if len(inside) == 2 and inside[1] in _IMPORT_UNITS.get(inside[0], ()):
        return Place(f"import-{inside[0]}", key)
    return None


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
