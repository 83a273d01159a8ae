"""The first records of a school, and the program's edition that lies around them.

`papka init` writes the first: what a school must confirm itself (protocols, terms of keeping) says
that it is not confirmed; a restricted archive gets requisites and staff alone, those of its main
archive. The edition is the schemas, forms and helpers. Invariants: a file of an archive counts as
untouched only when the program's own list of editions knows its bytes; what the head decided stands
in the signed `tools/edition.txt`: for each path the program's text that the archive has taken, or
was offered and declined. `.papka/` is no part of it; `upgrading` writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from string import Template
from typing import Any, Literal

from papka.core.errors import Refused
from papka.core.installation import Shelf, ShippedSnapshot, known_digests
from papka.core.phrases import count_phrase
from papka.core.places import FORMAT, ORGANIZATION, RESTRICTED, STAFF
from papka.core.snapshot import bytes_of
from papka.records.editing import write_file
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import CommitTree, first_commit
from papka.repository.git_values import object_id

HEAD_STAFF = "s001"
SCAFFOLD = "templates/archive/"
_AUTUMN = 8
_DAY = timedelta(days=1)
_REPEATED_KEYS = (
    "format", "kind", "name", "short_name", "place", "address", "inn", "ogrn", "email", "site",
    "licence", "head", "head_post", "former", "school_year", "mirrors",
)  # fmt: skip
"""What a restricted archive repeats of its main one."""


@dataclass(frozen=True, slots=True)
class School:
    """The answers to `papka init`.

    `head` is «Фамилия Имя Отчество», `names` its parts by key where the order of words does not
    tell them; `starts` is month and day of a school year.
    """

    name: str
    short_name: str
    place: str
    address: str
    head: str
    head_post: str
    names: Mapping[str, str] | None = None
    starts: str = "01-01"


def name_parts(full: str) -> dict[str, str]:
    """Split into surname, given name and patronymic; a single word is the given name."""
    words = full.split(maxsplit=2)
    if len(words) < 2:
        return {"given": full.strip()}
    return dict(zip(("surname", "given", "patronymic"), words, strict=False))


def first_records(school: School, today: date) -> dict[str, bytes]:
    """Return the records of a school that starts today, with drafts of its local acts."""
    year, periods = first_periods(school.starts, today)
    words = {"name": school.name, "starts": school.starts, "today": f"{today}", "year": f"{year}"}
    scaffold = ShippedSnapshot("templates")
    files = {
        path.removeprefix(SCAFFOLD): Template(data.decode()).safe_substitute(words).encode()
        for path, data in scaffold.read_many(scaffold.paths())
        if path.startswith(SCAFFOLD + "records/")
    }
    told = {key: getattr(school, key) for key in ("name", "short_name", "place", "address")}
    about = {"format": FORMAT, "kind": "обычный", **told, "head": HEAD_STAFF}
    about["head_post"] = school.head_post
    names = dict(school.names or name_parts(school.head))
    member = {"id": HEAD_STAFF, "name": names, "post": school.head_post, "roles": ["руководитель"]}
    declared = files[ORGANIZATION].decode()
    files[ORGANIZATION] = _render_yaml(
        "organization", write_file(about), declared, write_file({"periods": periods})
    )
    files[STAFF] = _render_yaml("staff", write_file({"staff": [member]}), files[STAFF].decode())
    return files


def first_periods(starts: str, today: date) -> tuple[int, list[dict[str, Any]]]:
    """Return the school year that `today` is in, and those of its two halves that are not over.

    A year that begins in autumn is halved by the new year.
    """
    month, day = (int(part) for part in starts.split("-"))
    year = today.year if f"{today:%m-%d}" >= starts else today.year - 1
    start, end = date(year, month, day), date(year + 1, month, day)
    spring = month < _AUTUMN
    middle = date(year, month + 6, 1) + (day - 1) * _DAY if spring else date(year + 1, 1, 1)
    named = f"{year}" if start.year == (end - _DAY).year else f"{year}/{end:%y}"
    what = "года" if "/" not in named else "учебного года"
    return year, [
        {
            "period": f"{year}-{half}",
            "title": f"{half}-е полугодие {named} {what}",
            "school_year": year,
            "start": first.isoformat(),
            "end": (after - _DAY).isoformat(),
        }
        for half, first, after in ((1, start, middle), (2, middle, end))
        if today < after
    ]


def restricted_records(main: Path) -> dict[str, bytes]:
    """Return the first records of an archive for diagnostics and special needs (R-4.2, R-2.2.7).

    Requisites and staff are those saved in the archive `main`. Raises Refused.
    """
    saved = commit_snapshots.CommitSnapshot(main, "HEAD")
    school = read(saved.read(ORGANIZATION), ORGANIZATION).value
    if school["kind"] == RESTRICTED:
        raise Refused(f"{main} — сам ограниченный архив", "Укажите основной: --of ПАПКА")
    about = {key: school[key] for key in _REPEATED_KEYS if key in school} | {"kind": RESTRICTED}
    return {ORGANIZATION: _render_yaml("organization", write_file(about)), STAFF: saved.read(STAFF)}


def _render_yaml(schema: str, *parts: str) -> bytes:
    return f"# yaml-language-server: $schema=../schema/{schema}.json\n{''.join(parts)}".encode()


EDITION = "tools/edition.txt"
"""Which of the program's texts the head last accepted: lines of `sha256sum`."""
_SHELVES: tuple[Shelf, ...] = ("schema", "templates", "proof")
_NOT_LAID_OUT = "templates/verification-protocol/"
"""Not laid into archives: a suspect archive must have no influence on the report about it."""
UPGRADE = "papka upgrade"
UPGRADE_HINT = (
    "Правила архива — от прежней версии программы; если так пишет новая, руководитель обновит их: "
    f"{UPGRADE}"
)
"""Said of what the schemas of an archive behind the program refuse."""
State = Literal["новый", "обновить", "убрать", "изменён в школе", "оставлен свой"]


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that differs: `ours` are the archive's bytes, `theirs` the program's, None where there
    are none."""

    path: str
    state: State
    ours: bytes | None
    theirs: bytes | None


@dataclass(frozen=True, slots=True)
class EditionState:
    """How an archive compares with the program; `is_newer`: the archive is ahead."""

    differences: tuple[Difference, ...]
    format: int
    is_newer: bool

    @property
    def is_behind(self) -> bool:
        """Return whether the head has something to do or to decide."""
        return not self.is_newer and (self.format < FORMAT or bool(self.open))

    @property
    def open(self) -> tuple[Difference, ...]:
        """The differences on which the head has not decided."""
        return tuple(each for each in self.differences if each.state != "оставлен свой")

    @property
    def words(self) -> str:
        """How the archive and the program differ, "" where they do not."""
        if self.is_newer:
            return "Архив новее этой программы: обновите программу"
        if not self.is_behind:
            return ""
        files = count_phrase(len(self.open), "файл", "файла", "файлов")
        what = f" (правил и форм: {files})" if self.open else ""
        return f"Архив от прежней версии программы{what}. Руководитель: {UPGRADE}"


@cache
def shipped_files() -> Mapping[str, bytes]:
    """Return the program's texts by their path in an archive.

    Schemas, forms and the proof kit as they are, then the scaffold with `dot-` names turned into
    `.` names.
    """
    files: dict[str, bytes] = {}
    scaffold: dict[str, bytes] = {}
    for shelf in _SHELVES:
        snapshot = ShippedSnapshot(shelf)
        for path, data in snapshot.read_many(snapshot.paths()):
            if path.startswith(SCAFFOLD):
                parts = path.removeprefix(SCAFFOLD).split("/")
                name = "/".join(f".{p[4:]}" if p.startswith("dot-") else p for p in parts)
                if not name.startswith("records/"):
                    scaffold[name] = data
            elif not path.startswith(_NOT_LAID_OUT):
                files[path] = data
    return files | scaffold


@cache
def digests() -> Mapping[str, str]:
    """Return the SHA-256 of each of the program's texts."""
    return {path: digest_of(data) for path, data in shipped_files().items()}


def digest_of(data: bytes) -> str:
    return sha256(data).hexdigest()


def edition_files() -> dict[str, bytes]:
    """Return all that a new archive gets beside its records."""
    return {**shipped_files(), EDITION: render_accepted(digests())}


def render_accepted(accepted: Mapping[str, str]) -> bytes:
    """Render `tools/edition.txt`, which `sha256sum -c` reads as well."""
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(accepted.items())).encode()


def read_accepted(tree: CommitTree) -> dict[str, str]:
    """Read `tools/edition.txt` of a commit, path -> digest; malformed lines are skipped."""
    if (data := bytes_of(tree, EDITION)) is None:
        return {}
    lines = (line.partition("  ") for line in data.decode("utf-8", "replace").splitlines())
    return {path: digest for digest, gap, path in lines if gap}


def compare_edition(root: Path, tree: CommitTree) -> EditionState:
    """Compare the archive at `tree` with the program, file by file."""
    accepted, number = read_accepted(tree), _read_format(tree)
    is_newer = _is_newer(accepted) or number > FORMAT
    return EditionState(tuple(_compare_files(root, tree, accepted)), number, is_newer)


def require_current(root: Path, rev: str, job: str, *paths: str) -> None:
    """Raise Refused, naming the command that helps, when the archive is too old for a job.

    It is when it lacks one of `paths` (files or whole folders of the program), has it as an earlier
    edition laid it, or is of an earlier format.
    """
    tree = CommitTree(root, rev)
    known = known_digests()
    folders = tuple(f"{path}/" for path in paths)
    lacking = [ORGANIZATION] if _read_format(tree) < FORMAT else []
    for path, id_ in _blob_ids().items():
        if (path in paths or path.startswith(folders)) and tree.id_of(path) != id_:
            ours = bytes_of(tree, path)
            if ours is None or digest_of(ours) in known.get(path, ()):
                lacking.append(path)
    if lacking:
        more = f" и ещё {len(lacking) - 3}" if len(lacking) > 3 else ""
        accepted = read_accepted(tree)
        # taken away in the school since: `upgrade` brings it back only when told to
        away = [path for path in lacking if accepted.get(path) == digests().get(path)]
        raise Refused(
            f"{job} нельзя: правила и формы архива — от прежней версии программы "
            f"({', '.join(lacking[:3])}{more})",
            f"Руководитель обновит их одной командой: {UPGRADE}"
            f"{''.join(f' --take {path}' for path in away)}. Потом повторите",
        )


def _compare_files(
    root: Path, tree: CommitTree, accepted: Mapping[str, str]
) -> Iterator[Difference]:
    known = known_digests()

    @cache
    def read_first() -> CommitTree:  # only when a file differs
        return CommitTree(root, first_commit(root, tree.commit))

    for path in sorted({*shipped_files(), *known}):
        if path in shipped_files() and tree.id_of(path) == _blob_ids()[path]:
            continue
        ours, theirs = bytes_of(tree, path), shipped_files().get(path)
        untouched = ours is not None and digest_of(ours) in known.get(path, ())
        if theirs is None:
            if untouched:
                yield Difference(path, "убрать", ours, None)
            continue
        base = accepted.get(path)
        if not base and (laid := bytes_of(read_first(), path)) is not None:
            base = digest_of(laid)
        if base == digests()[path]:
            yield Difference(path, "оставлен свой", ours, theirs)
        elif untouched:
            yield Difference(path, "обновить", ours, theirs)
        elif ours is None and not base:
            yield Difference(path, "новый", None, theirs)
        else:
            yield Difference(path, "изменён в школе", ours, theirs)


@cache
def _blob_ids() -> Mapping[str, str]:
    """Return git's id of each of the program's texts."""
    return {path: object_id("blob", data) for path, data in shipped_files().items()}


def _is_newer(accepted: Mapping[str, str]) -> bool:
    """Return whether the archive has taken a text that this program has never seen."""
    known = known_digests()
    return any(
        digest not in known.get(path, ()) and digests().get(path) != digest
        for path, digest in accepted.items()
    )


def _read_format(tree: CommitTree) -> int:
    value = read(bytes_of(tree, ORGANIZATION) or b"", ORGANIZATION).value
    found = value.get("format") if isinstance(value, dict) else None
    return found if isinstance(found, int) else FORMAT
