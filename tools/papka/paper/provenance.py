"""The sheet of provenance: which signed commits each section of a personal file comes from.

Every commit that touched the folder or a record it cites is named, and no other. People are named
here and nowhere in the history itself. `Provenances` reads history, `provenance` makes the sheet,
`summarize_deeds` puts the changes of commits into few words («внесено: r1–r12»), `folder_digest`
computes the digest that a reader can repeat with coreutils.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import NamedTuple

from papka.core.kinds import KINDS
from papka.core.phrases import grouped
from papka.core.places import (
    LIST,
    RECORDS,
    SEALS,
    TEXT,
    order_file,
    period_of_act,
    place,
    program_file,
    read_seal_file,
    record_file,
    seal_file,
)
from papka.core.snapshot import Part, Tree
from papka.proof.ssh_signatures import signing_key
from papka.records.archive import Archive
from papka.records.derived.approvals import acts_of
from papka.records.schemas import SchemaSet, shipped
from papka.records.strict_yaml import Steps, Value, iterate_entries, read
from papka.records.student import Student, iterate_names
from papka.records.wording import NBSP, day, order, teacher, title_of
from papka.repository.git_values import FileChange
from papka.repository.history import CommitChanges, Histories
from papka.repository.objects import Objects
from papka.repository.rewritten_commits import as_signed

Title = Callable[[str, Steps], str]
"""(kind of record, steps to a field) -> its Russian title, "" where there is none."""

ADDED, CHANGED, REMOVED = "внесено", "изменено", "убрано"
_ID = re.compile(r"(?P<list>[a-z]|\d{4}/)(?P<number>\d+)")


@dataclass(frozen=True, slots=True)
class Deed:
    """What one commit did to one file.

    `before` and `after`: the record as read, None where there was no file or it is no YAML;
    `key`: the fingerprint of the signing key, which nobody has judged.
    """

    commit: str
    time: dt.datetime
    staff: str
    key: str
    path: str
    is_new: bool = False
    is_gone: bool = False
    before: Value = None
    after: Value = None


SHORT = 12
"""Signs of a commit's name: what `papka show` prints."""
NO_SEAL = "пломба архива ещё не ставилась"
_KEY_SIGNS = len("SHA256:") + 16
_MANY = 40
_SECTIONS = {kind.name: kind.heading for kind in KINDS if kind.heading}


@dataclass(frozen=True, slots=True)
class ProvenanceLine:
    """The commits of one person in one section on one day, or in one month; oldest first."""

    date: str
    commits: tuple[str, ...]
    signer: str
    what: str


class ProvenanceSection(NamedTuple):
    title: str
    lines: tuple[ProvenanceLine, ...]


@dataclass(frozen=True, slots=True)
class DeedSigner:
    """Who signed: name, post, id in the history (`staff`), beginnings of their keys."""

    name: str
    post: str
    staff: str
    keys: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """The sheet as printed; `checks`: commands and what each answers.

    `is_signed`: each commit bears a signature; whether it is good, `papka verify` says.
    """

    sections: tuple[ProvenanceSection, ...]
    signers: tuple[DeedSigner, ...]
    commits: int
    commit: str
    folder: str
    digest: tuple[str, ...]
    seal: str
    checks: tuple[tuple[str, str], ...]
    is_signed: bool = True


_CITED: Mapping[str, Callable[[str], str]] = {
    "order": order_file,
    "program": program_file,
    "events": lambda event: f"{RECORDS}/events/{event.partition('/')[0]}.yaml",
}
"""Kinds of shared records whose facts a personal file prints, and the file of one that it names."""


def cited_records(archive: Archive, student: Student) -> tuple[str, ...]:
    """Return the paths of shared records whose facts the personal file prints, there or not."""
    schemas = archive.schemas or shipped()
    paths = {
        record_file("approval", key) or ""
        for period in student.periods
        for key in (period, *acts_of(archive, period))
    }
    for kind, record in student.records():
        for way, targets in schemas.references(kind).items():
            cited = [_CITED[target] for target in targets if target in _CITED]
            if cited:
                names = {name for _, name in iterate_names(record, way)}
                paths |= {file_of(name) for file_of in cited for name in names}
    return tuple(sorted(paths))


def provenance(  # noqa: PLR0913 - what the sheet says, all of it named
    archive: Archive,
    student: Student,
    deeds: Sequence[Deed],
    title: Title,
    *,
    commit: str,
    digest: str,
    seal: str | None = None,
) -> Provenance:
    """Return the sheet: which signed commits each section of a personal file comes from.

    `deeds`: oldest first; `digest`: of the folder, in hex. Nothing is called verified: that is
    what `papka verify` is asked for.
    """
    shelves: dict[str, list[Deed]] = {}
    for deed in sorted(deeds, key=_order_of_sections):
        heading = _section(archive, deed.path)
        if heading:
            shelves.setdefault(heading, []).append(deed)
    sections = tuple(
        ProvenanceSection(heading, tuple(_lines(archive, shelf, title)))
        for heading, shelf in shelves.items()
    )
    return Provenance(
        sections,
        tuple(_signers(archive, deeds)),
        len({deed.commit for deed in deeds}),
        commit[:SHORT],
        student.folder,
        grouped(digest),
        seal or NO_SEAL,
        tuple(_checks(student, commit)),
        all(deed.key for deed in deeds),
    )


def _order_of_sections(deed: Deed) -> tuple[int, str]:
    at = place(deed.path)
    kinds = list(_SECTIONS)
    kind = at.kind if at and at.kind in _SECTIONS else kinds[-1]
    heading = list(dict.fromkeys(_SECTIONS.values())).index(_SECTIONS[kind])
    return heading, at.key if at and kind == "results" else ""


def _section(archive: Archive, path: str) -> str:
    """Return the heading a file stands under, "" for what holds no facts, such as the salt."""
    at = place(path)
    if at is None or at.kind not in _SECTIONS:
        return ""
    period = f": {title_of(archive, at.key)}" if at.kind == "results" else ""
    return _SECTIONS[at.kind] + period


def _lines(archive: Archive, shelf: list[Deed], title: Title) -> Iterator[ProvenanceLine]:
    """Yield a line for each day and signer, or for each month where days would be too many."""
    groups: dict[tuple[str, str, str], list[Deed]] = {}
    for date_format in ("%d.%m.%Y", "%m.%Y"):
        groups.clear()
        for deed in shelf:
            groups.setdefault((f"{deed.time:{date_format}}", deed.staff, deed.key), []).append(deed)
        if len(groups) <= _MANY:
            break
    for (date, staff, _), deeds in groups.items():
        commits = tuple(dict.fromkeys(deed.commit[:SHORT] for deed in deeds))
        what = summarize_deeds(deeds, title, lambda path: _name_file(archive, path))
        yield ProvenanceLine(date, commits, teacher(archive, staff), what)


def _name_file(archive: Archive, path: str) -> str:
    at = place(path)
    match (at.kind if at else "", at.key if at else ""):
        case ("student", _):
            return "карточка"
        case ("order", key):
            return order(archive, key)
        case ("program", key):
            found = archive.programs.get(key)
            return f"«{found.title}»" if found else key
        case ("events", year):
            return f"мероприятия {year}{NBSP}г."
        case ("approval", key):
            period = period_of_act(key)
            is_early = archive.approvals[key].is_early if key in archive.approvals else False
            later = f"акт {key} до закрытия" if is_early else f"дополнительный акт {key}"
            kind = "акт" if key == period else later
            return f"{kind} за {title_of(archive, period)}"
        case ("raw", key):
            return key
        case _:
            return path.rpartition("/")[2]


def _signers(archive: Archive, deeds: Iterable[Deed]) -> Iterator[DeedSigner]:
    keys: dict[str, dict[str, None]] = {}
    for deed in deeds:
        if _section(archive, deed.path):
            keys.setdefault(deed.staff, {})[deed.key[:_KEY_SIGNS]] = None
    for staff in sorted(keys):
        member = archive.staff.get(staff)
        name, post = (member.name.full, member.post) if member else (staff, "")
        yield DeedSigner(name, post, staff, ", ".join(f"{key}…" for key in keys[staff] if key))


def _checks(student: Student, commit: str) -> Iterator[tuple[str, str]]:
    yield "papka verify", "подлинны ли подписи, цела ли история"
    example = next((entry.id for _, entry in student.results if entry.id), None) or next(
        (entry.id for entry in student.entries() if entry.id and entry.void is None), "r1"
    )
    yield f"papka show {student.id}#{example} --why", "кто, когда и чем подтвердил одну запись"
    yield f"git archive {commit[:SHORT]}:{student.folder} | tar x", "папка дела — в пустое место"
    yield (
        "find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum",
        "контрольная сумма этой папки",
    )


class Provenances:
    """Reads where the facts of personal files come from (R-6.1), up to the commit `tip`.

    Versions of records are read by their blobs, never from the work tree. A later commit that
    touched neither the folder nor what it cites changes nothing. Signatures are not judged.
    """

    def __init__(
        self, root: Path, tip: str, tree: Tree, schemas: SchemaSet, *, many: bool = False
    ) -> None:
        """`tree`: of `tip`, a full id; `many`: walk history once for all files."""
        self._root = root
        self._tip = tip
        self._tree = tree
        self._schemas = schemas
        self._all = Histories(root, tip) if many else None
        self._objects = Objects(root)
        self._version = lru_cache(256)(self._read_version)
        self._facts = lru_cache(1)(self._read_facts)  # a paper is composed, then laid out

    def of(
        self, archive: Archive, student: Student, commit: str, consulted: set[str] | None = None
    ) -> Provenance:
        """Return the sheet of one file.

        `commit`: the state the paper names; `consulted` gets the paths that the sheet rests on.
        """
        units = (student.folder, *cited_records(archive, student))
        if consulted is not None:
            consulted.update(units, (SEALS,))
        deeds, digest = self._facts(units)
        title, seal = self._schemas.title, self._name_seal(student.folder, digest)
        return provenance(archive, student, deeds, title, commit=commit, digest=digest, seal=seal)

    def _read_facts(self, units: tuple[str, ...]) -> tuple[tuple[Deed, ...], str]:
        """Return the deeds in a folder (the first unit) and what it cites, and its digest."""
        histories = self._all or Histories(self._root, self._tip, units)
        part = Part(self._tree, units[0])
        files = part.read_many(part.paths())
        digest = folder_digest((path.removeprefix(f"{units[0]}/"), data) for path, data in files)
        return tuple(self._read_deeds(histories.of(units))), digest

    def _name_seal(self, folder: str, digest: str) -> str | None:
        """Return the last seal, and whether it holds for the folder as it is now."""
        if self._last_seal is None:
            return None
        number, date, lines = self._last_seal
        is_same = f"{digest}  {folder}" in lines
        how = (
            "контрольная сумма этой папки есть в её списке"
            if is_same
            else "с тех пор папка изменилась"
        )
        return f"№{NBSP}{number:04} от {day(date)}; {how}"

    @cached_property
    def _last_seal(self) -> tuple[int, dt.date, frozenset[str]] | None:
        files = (read_seal_file(f"{SEALS}/{name}") for name in self._tree.names(SEALS))
        number = max((file[0] for file in files if file), default=0)
        if not number:
            return None
        from papka.proof.anchors import BadSeal, read_seal  # only where a seal is

        try:
            said = read_seal(self._tree.read(seal_file(number, TEXT)))
            lines = self._tree.read(seal_file(number, LIST)).decode("ascii", "replace")
        except (KeyError, BadSeal):
            return None  # `papka verify` reports what is wrong with a seal
        return number, said.date, frozenset(lines.splitlines())

    def _read_deeds(self, touched: Sequence[CommitChanges]) -> Iterator[Deed]:
        """Yield the deeds, oldest first."""
        for each in reversed(touched):
            commit = as_signed(self._root, self._tip, each.commit)
            key, time = signing_key(commit), commit.committer.moment
            for change in each.changes:
                yield Deed(
                    commit.id,
                    time,
                    commit.author.name,
                    key,
                    change.path,
                    is_new=change.added,
                    is_gone=change.deleted,
                    before=self._read_record(change, change.old_id),
                    after=self._read_record(change, change.new_id),
                )

    def _read_record(self, change: FileChange, id_: str) -> Value:
        return self._version(id_, change.path) if id_ and change.path.endswith(".yaml") else None

    def _read_version(self, id_: str, path: str) -> Value:
        return read(self._objects.read(id_)[1], path).value


def summarize_deeds(deeds: Sequence[Deed], title: Title, names: Callable[[str], str]) -> str:
    """Return all these deeds in one phrase: «внесено: r1–r12»; `names`: words for a path.

    An entry is known by its id; lines that only moved are no change.
    """
    found: dict[str, list[str]] = {ADDED: [], CHANGED: [], REMOVED: []}
    for deed in deeds:
        for what, name in _split(deed, title, names):
            if name not in found[what]:
                found[what].append(name)
    found[CHANGED] = [n for n in found[CHANGED] if n.partition(" (")[0] not in found[ADDED]]
    phrases = [f"{what}: {', '.join(_join_runs(items))}" for what, items in found.items() if items]
    scans = {deed.path for deed in deeds if _kind(deed) == "attachment"}
    phrases += [f"сканов: {len(scans)}"] if scans else []
    return "; ".join(phrases)


def _split(deed: Deed, title: Title, names: Callable[[str], str]) -> Iterator[tuple[str, str]]:
    kind = _kind(deed)
    if kind == "attachment":
        return  # counted, not named: the name is a digest
    if deed.before is None and deed.after is None:
        yield ADDED if deed.is_new else REMOVED if deed.is_gone else CHANGED, names(deed.path)
        return
    old, new = _entries(deed.before), _entries(deed.after)
    if not (old or new) or kind == "student":
        yield from _compare_fields(deed, kind, title, names)
    for id_, (steps, value) in new.items():
        if id_ not in old:
            yield ADDED, id_
        elif old[id_][1] != value:
            yield CHANGED, f"{id_} ({', '.join(_fields(old[id_][1], value, kind, steps, title))})"
    yield from ((REMOVED, id_) for id_ in old if id_ not in new)


def _kind(deed: Deed) -> str:
    at = place(deed.path)
    return at.kind if at else ""


def _compare_fields(
    deed: Deed, kind: str, title: Title, names: Callable[[str], str]
) -> Iterator[tuple[str, str]]:
    """Yield the changes of a record outside its entries."""
    if deed.is_new or deed.is_gone:
        yield ADDED if deed.is_new else REMOVED, names(deed.path)
        return
    old, new = _without_entries(deed.before), _without_entries(deed.after)
    if not isinstance(old, dict) or not isinstance(new, dict):
        yield CHANGED, names(deed.path)
        return
    for field in _fields(old, new, kind, (), title):
        yield CHANGED, field if kind == "student" else f"{names(deed.path)} ({field})"


def _fields(
    old: dict[str, Value], new: dict[str, Value], kind: str, steps: Steps, title: Title
) -> list[str]:
    keys = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return [(title(kind, (*steps, key)) or key).lower() for key in keys]


def _entries(value: Value) -> dict[str, tuple[Steps, dict[str, Value]]]:
    return {entry["id"]: (steps, entry) for steps, entry in iterate_entries(value)}


def _without_entries(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: _without_entries(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [i for i in value if not (isinstance(i, dict) and isinstance(i.get("id"), str))]
    return value


def _join_runs(items: list[str]) -> Iterator[str]:
    """Yield «r1–r3», «r7» of r1, r2, r3, r7; anything else stays as it is, in its place."""
    run: list[str] = []
    for item in (*items, ""):
        if run and not _follows(run[-1], item):
            yield from run if len(run) < 3 else (f"{run[0]}–{run[-1]}",)
            run = []
        if item:
            run.append(item)


def _follows(one: str, other: str) -> bool:
    first, second = _ID.fullmatch(one), _ID.fullmatch(other)
    if first is None or second is None or first["list"] != second["list"]:
        return False
    return int(second["number"]) == int(first["number"]) + 1


_PLAIN = re.compile(r"[A-Za-z0-9._/-]+")


def folder_digest(files: Iterable[tuple[str, bytes]]) -> str:
    """Return the SHA-256 of a folder in hex, as coreutils compute it over a fresh `git archive`:

        find . -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum

    Paths are relative to the folder. Raises ValueError for a name that `sha256sum` would escape.
    """
    lines = []
    for path, data in files:
        if _PLAIN.fullmatch(path) is None:
            raise ValueError(path)
        lines.append((f"./{path}".encode(), hashlib.sha256(data).hexdigest().encode()))
    total = hashlib.sha256()
    for name, digest in sorted(lines):
        total.update(digest + b"  " + name + b"\n")
    return total.hexdigest()
