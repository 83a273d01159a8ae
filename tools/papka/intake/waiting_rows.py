"""Which rows of taken exports still wait: nobody's file has them, and no later export tells them.

A row waits from the day its export is taken with `--take-good`, an answer or a reason. It waits no
longer once a later export of the same kind and period tells the same: the same file taken again,
or a corrected one. What is wrong there waits there.

A later export settles a row if it has all columns of the earlier one and tells of the same person
at least as many rows with the same words in the columns that decide where a row belongs (course,
programme, edition). A person is the same by key or e-mail; one whose key and e-mail were put right
by a name that only one person of the later export bears, a person the earlier one had not.
Whatever cannot be read settles nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from papka.core.cells import folded
from papka.core.findings import Finding
from papka.core.phrases import natural_key
from papka.core.places import SHEETS, import_file
from papka.core.snapshot import Snapshot, bytes_of
from papka.intake.export_parts import read_order
from papka.intake.headers import find_header, person_columns, read_name
from papka.intake.tables import Export, Row, Table
from papka.intake.teacher_sheet import STUDY, find_own_platform
from papka.records.acts import Import
from papka.records.raw_exports import HEADER, LIST, NAMES, ORDER, UNMATCHED, NotRows, read_list
from papka.records.raw_exports import read_rows as read_part
from papka.records.school import ExportLayout, Platform


def find_waiting(
    snapshot: Snapshot, imports: Mapping[str, Import], platforms: Mapping[str, Platform]
) -> dict[str, tuple[int, ...]]:
    """Return import -> numbers of its rows that wait, within its part of rows without a student."""
    ordered = sorted(imports, key=natural_key)
    files = {_file_of(snapshot, key): key for key in ordered}
    latest = frozenset(files.values())
    waiting = {
        key: _read(snapshot, import_file(key, NAMES[UNMATCHED]), imports[key])
        for key in ordered
        if key in latest
    }
    desk = _Desk(snapshot, imports, platforms)
    found: dict[str, tuple[int, ...]] = dict.fromkeys(ordered, ())
    for key, rows in waiting.items():
        if rows:
            later = [
                each
                for each in ordered[ordered.index(key) + 1 :]
                if each in latest and _kind_of(imports[each]) == _kind_of(imports[key])
            ]
            found[key] = tuple(desk.find_unsettled(key, len(rows), later))
    return found


def _kind_of(manifest: Import) -> tuple[str, str, str]:
    return manifest.platform, manifest.export, manifest.period


def _file_of(snapshot: Snapshot, key: str) -> tuple[str, str]:
    """Return what tells an import's file from any other, and its period; its own key when that is
    gone."""
    kept = bytes_of(snapshot, import_file(key, NAMES[ORDER]))
    order = read_order(kept) if kept is not None else None
    return key.partition("/")[0], order.sha256 if order else key


def _read(snapshot: Snapshot, path: str, manifest: Import) -> list[list[str]]:
    """Return the rows of a part; a part that was destroyed has none."""
    try:
        return read_part(snapshot.read(path), manifest)
    except (KeyError, NotRows):
        return []


class _Clue(NamedTuple):
    """Whom a row is about as the export says, and `place`: the words that say where it belongs."""

    key: str
    email: str
    name: str
    place: tuple[str, ...]

    @property
    def who(self) -> tuple[str, str]:
        return self.key, self.email

    def is_of(self, other: _Clue) -> bool:
        if self.key and other.key:
            return self.key == other.key
        return bool(self.email) and self.email == other.email


@dataclass(frozen=True, slots=True)
class _Told:
    """What an import tells: titles of columns, a clue of each row; `open` are those that wait."""

    titles: frozenset[str]
    open: tuple[_Clue, ...]
    all: tuple[_Clue, ...]


class _Desk:
    """The imports of one snapshot, each read when it is first asked for."""

    def __init__(
        self,
        snapshot: Snapshot,
        imports: Mapping[str, Import],
        platforms: Mapping[str, Platform],
    ) -> None:
        self._snapshot, self._imports, self._platforms = snapshot, imports, platforms
        self._told: dict[str, _Told | None] = {}

    def find_unsettled(self, key: str, count: int, later: Sequence[str]) -> Iterator[int]:
        """Yield the numbers of the rows that no later import settles."""
        own = self._tell(key) if later else None
        others = [told for each in later if (told := self._tell(each)) is not None]
        for number in range(1, count + 1):
            settled = own is not None and any(
                _settles(other, own, own.open[number - 1]) for other in others
            )
            if not settled:
                yield number

    def _tell(self, key: str) -> _Told | None:
        if key not in self._told:
            self._told[key] = self._read_all(key)
        return self._told[key]

    def _read_all(self, key: str) -> _Told | None:
        manifest = self._imports[key]
        head = _read(self._snapshot, import_file(key, NAMES[HEADER]), manifest)
        rows = tuple(Row(number, tuple(cells)) for number, cells in enumerate(head, 1))
        export = Export("", b"", manifest.layout, (Table("", rows),))
        layout = self._layout_of(manifest, export)
        if layout is None or layout.header_table is not None or layout.join is not None:
            return None
        header = find_header(export, layout.for_part())
        if isinstance(header, Finding):
            return None
        columns = person_columns(header, layout.student)
        named = [STUDY] if manifest.platform == SHEETS else _deciding(layout)
        deciding = [header.some(name) for name in named]
        if header.findings:
            return None

        def clue_of(cells: Sequence[str]) -> _Clue:
            row = Row(0, tuple(cells))
            name = read_name(row, columns)
            return _Clue(
                folded(row.cell(columns.key)),
                folded(row.cell(columns.email)),
                folded(name.full) if name else "",
                tuple(folded(row.cell(at)) for found in deciding for at in found),
            )

        unmatched = _read(self._snapshot, import_file(key, NAMES[UNMATCHED]), manifest)
        waiting = tuple(map(clue_of, unmatched))
        return _Told(
            frozenset(folded(title) for title in header.names if title.strip()),
            waiting,
            (*waiting, *(clue_of(cells) for part in self._parts(key) for cells in part)),
        )

    def _layout_of(self, manifest: Import, export: Export) -> ExportLayout | None:
        platform = self._platforms.get(manifest.platform)
        if manifest.platform == SHEETS:
            platform = find_own_platform(export)
        for each in platform.exports if platform else ():
            if (each.id, each.edition) == (manifest.export, manifest.edition):
                return each
        return None

    def _parts(self, key: str) -> Iterator[list[list[str]]]:
        manifest = self._imports[key]
        listed, _ = read_list(bytes_of(self._snapshot, import_file(key, LIST)) or b"")
        for each in listed:
            if each.student:
                yield _read(self._snapshot, each.path(key, manifest.layout), manifest)


def _deciding(layout: ExportLayout) -> list[str]:
    """Return the names of the columns that decide where a row belongs."""
    named = [each.column for mark in layout.columns for each in mark.conditions]
    named += [mark.edition_column for mark in layout.columns if mark.edition_column]
    named += [each.column for each in layout.fields if each.field in {"program", "edition"}]
    return list(dict.fromkeys(named))


def _settles(later: _Told, earlier: _Told, row: _Clue) -> bool:
    """Whether a later import tells what a waiting row of an earlier one told."""
    if not earlier.titles <= later.titles:
        return False
    same = [each for each in later.all if each.is_of(row)]
    if not same and row.name:
        there = {each.who for each in earlier.all}
        named = [each for each in later.all if each.name == row.name]
        if len({each.who for each in named}) == 1 and named[0].who not in there:
            same = named
    told = Counter(each.place for each in same)
    before = sum(each.place == row.place for each in earlier.all if each.is_of(row))
    return told[row.place] >= max(before, 1)
