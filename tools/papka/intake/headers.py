"""Find the layout of an export and its columns: patterns of headers, headers, names of people.

Words of a file are compared with words of a layout as everywhere (`cells.folded`); a pattern of a
layout is no regular expression: nothing but `*` and `{maximum}` has a meaning.

Invariants: an exact header stands once or is told of; with `positions` the file's own headers must
be that list in that order, so a column that moved is never read as its neighbour; two layouts that
fit alike are never chosen between, the newest edition of one is. A row that names nobody of a
joined list is told of, never dropped. A name is never cut where that is unsure: what is no
patronymic by its ending stays in the given name, and `full` holds every word of the file.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

from papka.core import cells
from papka.core.cells import folded
from papka.core.findings import Finding, Location
from papka.core.phrases import suggest
from papka.intake import intake_codes
from papka.intake.tables import Export, Row, Table
from papka.records.school import ExportLayout, Join, Platform, StudentColumns
from papka.records.student import Name

_TOKENS = re.compile(r"(\*|\{maximum\})")


normalise = lru_cache(maxsize=65536)(folded)
"""`cells.folded`, remembered: headers and words come again in every row."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A pattern; `text` is the whole of what matches, unless `regex` says how."""

    text: str
    regex: re.Pattern[str] | None

    @property
    def is_exact(self) -> bool:
        return self.regex is None

    def matches(self, text: str) -> bool:
        found = normalise(text)
        return found == self.text if self.regex is None else bool(self.regex.fullmatch(found))

    def maximum(self, text: str) -> Decimal | None:
        """Return the number where the pattern has `{maximum}`."""
        found = self.regex.fullmatch(normalise(text)) if self.regex else None
        number = found.groupdict().get("maximum") if found else None
        return Decimal(number.replace(",", ".")) if number else None


@lru_cache(maxsize=4096)
def compile_pattern(text: str) -> Pattern:
    """Compile a pattern that a layout writes as `Тест:* (из {maximum})`."""
    words = normalise(text)
    pieces = _TOKENS.split(words)
    if len(pieces) == 1:
        return Pattern(words, None)
    named, unnamed = (rf"({name}[0-9]+(?:[.,][0-9]+)?)" for name in ("?P<maximum>", "?:"))
    source = ""
    for piece in pieces:
        number = unnamed if named in source else named
        source += {"*": ".*?", "{maximum}": number}.get(piece) or re.escape(piece)
    return Pattern(words, re.compile(source))


@dataclass(slots=True)
class Header:
    """The headers of a table, named as the layout names them.

    `first` is the index of the first row below them. `claimed` are the columns somebody asked for;
    asking for what is not there adds a finding.
    """

    file: str
    table: Table
    number: int
    names: tuple[str, ...]
    first: int
    claimed: set[int] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def at(self, column: int = 0, row: int = 0) -> Location:
        """Return a place in the table; without `row`, in the row of headers."""
        return Location(self.file, line=row or self.number, column=column)

    def one(self, name: str | None) -> int:
        """Return the number of the only column of this name; 0, and a finding, if none."""
        found = self.some(name) if name is not None else []
        return found[0] if found else 0

    def some(self, name: str) -> list[int]:
        """Return the numbers of the columns that match: one for an exact name, or any."""
        wanted = compile_pattern(name)
        found = [at for at, header in self.named() if wanted.matches(header)]
        if not found:
            hint = suggest(name, [header for _, header in self.named()])
            missing = intake_codes.EXPORT_COLUMN_MISSING.at(self.at(), name=name, may_be=hint)
            self.findings.append(missing)
        counted = Counter(normalise(self.names[at - 1]) for at in found)
        for at in found:
            header = self.names[at - 1]
            if counted.pop(normalise(header), 0) > 1:
                self.findings.append(intake_codes.EXPORT_COLUMN_TWICE.at(self.at(at), name=header))
        self.claimed.update(found)
        return found

    def named(self) -> Iterator[tuple[int, str]]:
        """Yield the columns that have a header, from 1."""
        return ((at, name) for at, name in enumerate(self.names, 1) if name.strip())

    def unknown(self, ignored: Sequence[str]) -> Iterator[Finding]:
        """Yield a finding for each column nobody asked for."""
        wanted = [compile_pattern(name) for name in ignored]
        for at, name in self.named():
            if at not in self.claimed and not any(known.matches(name) for known in wanted):
                yield intake_codes.EXPORT_COLUMN_UNKNOWN.at(self.at(at), name=name)


def find_header(export: Export, layout: ExportLayout) -> Header | Finding:
    """Find the headers the layout speaks of, in the first table that has them."""
    if layout.header_table is not None:
        return _find_separate_header(export, layout)
    wanted = [compile_pattern(word) for word in layout.recognise]
    for table in _choose_tables(export, layout):
        for index in _candidate_rows(table, layout.header_row):
            if _fits(table.rows[index], wanted):
                row = table.rows[index]
                names = tuple(cell.strip() for cell in row.cells)
                found = Header(export.file, table, row.number, names, index + 1)
                return _apply_positions(found, layout)
    what = "нет строки с заголовками " + ", ".join(f"«{word}»" for word in layout.recognise)
    where = Location(export.file, line=layout.header_row or 1)
    return intake_codes.EXPORT_HEADER_MISSING.at(where, layout=layout.title, what=what)


def _choose_tables(export: Export, layout: ExportLayout) -> list[Table]:
    return [table for table in export.tables if layout.sheet in (None, table.name)]


def _candidate_rows(table: Table, header_row: int | None) -> range | list[int]:
    if header_row is None:
        return range(min(50, len(table.rows)))
    return [index for index, row in enumerate(table.rows[:header_row]) if row.number == header_row]


def _fits(row: Row, wanted: Sequence[Pattern]) -> bool:
    return all(any(word.matches(cell) for cell in row.cells) for word in wanted)


def _find_separate_header(export: Export, layout: ExportLayout) -> Header | Finding:
    """Return headers that stand in a list of their own."""
    named = {table.name: table for table in export.tables}
    head, body = named.get(layout.header_table or ""), named.get(layout.sheet or "")
    if head is None or body is None or not head.rows:
        what = f"нет списков «{layout.header_table}» и «{layout.sheet}»"
        where = Location(export.file, line=1)
        return intake_codes.EXPORT_HEADER_MISSING.at(where, layout=layout.title, what=what)
    row = head.rows[0]
    return _apply_positions(Header(export.file, body, row.number, row.cells, 0), layout)


def _apply_positions(header: Header, layout: ExportLayout) -> Header:
    """Check `positions` and name the columns by the file's own headers, a second one «name#2»."""
    if not layout.positions:
        return header
    seen: Counter[str] = Counter()
    names = []
    for name in header.names:
        seen[normalise(name)] += 1
        names.append(name if seen[normalise(name)] == 1 else f"{name}#{seen[normalise(name)]}")
    header.names = tuple(names)
    for at, expected in enumerate(layout.positions, 1):
        found = names[at - 1] if at <= len(names) else ""
        if not compile_pattern(expected).matches(found):
            moved = intake_codes.EXPORT_COLUMN_MOVED
            header.findings.append(moved.at(header.at(at), expected=expected, found=found))
            break
    return header


def join_second_list(export: Export, layout: ExportLayout) -> tuple[Export, tuple[Finding, ...]]:
    """Add the columns of the layout's second list to the first, as «list.column».

    In some JSON answers whose grades they are stands in a list apart.
    """
    join = layout.join
    named = {table.name: table for table in export.tables}
    if join is None or layout.sheet not in named:
        return export, ()
    where = Location(export.file, line=1)
    other = named.get(join.table)
    if other is None or not other.rows or not named[layout.sheet].rows:
        return export, (intake_codes.EXPORT_JOIN_MISSING.at(where, table=join.table),)
    table, lost = _join_tables(named[layout.sheet], other, join)
    missing = tuple(
        intake_codes.EXPORT_JOIN_MISSING.at(Location(export.file, line=row), table=join.table)
        for row in lost
    )
    tables = tuple(table if each.name == table.name else each for each in export.tables)
    return replace(export, tables=tables), missing


def _join_tables(table: Table, other: Table, join: Join) -> tuple[Table, list[int]]:
    head, *rows = table.rows
    there, *people = other.rows
    if join.here not in head.cells or join.there not in there.cells:
        return table, [head.number]
    here, key = head.cells.index(join.here) + 1, there.cells.index(join.there) + 1
    known = {row.cell(key): row for row in people}
    width, extra = len(head.cells), len(there.cells)
    names = tuple(f"{join.table}.{name}" for name in there.cells)
    whole = [replace(head, cells=head.cells + names)]
    lost = []
    for row in rows:
        person = known.get(row.cell(here))
        if person is None:
            lost.append(row.number)
        cells = tuple(row.cell(at) for at in range(1, width + 1))
        more = tuple(person.cell(at) for at in range(1, extra + 1)) if person else ()
        whole.append(Row(row.number, cells + more, row.span))
    return Table(table.name, tuple(whole)), lost


def recognise(
    export: Export, platform: Platform, *, layout: str = ""
) -> ExportLayout | tuple[Finding, ...]:
    """Return the platform's layout that fits the file best; with `layout`, only those of that id.

    Findings instead when none fits or two fit alike.
    """
    where = Location(export.file)
    known = [each for each in platform.exports if layout in ("", each.id)]
    if not known and layout:
        hint = suggest(layout, {each.id for each in platform.exports})
        unknown = intake_codes.EXPORT_LAYOUT_UNKNOWN
        return (unknown.at(where, platform=platform.id, layout=layout, may_be=hint),)
    fitting = [each for each in known if _fits_layout(export, each, by_name=not layout)]
    if not fitting:
        closest = _describe_closest(export, known)
        return (
            intake_codes.EXPORT_NOT_RECOGNISED.at(where, platform=platform.id, closest=closest),
        )
    best = max(map(_rank, fitting))
    newest: dict[str, ExportLayout] = {}
    for each in fitting:
        same = newest.get(each.id)
        if _rank(each) == best and (same is None or same.edition < each.edition):
            newest[each.id] = each
    if len(newest) > 1:
        words = ", ".join(f"«{each}»" for each in newest)
        return (intake_codes.EXPORT_LAYOUT_AMBIGUOUS.at(where, layouts=words),)
    return next(iter(newest.values()))


def _rank(layout: ExportLayout) -> tuple[bool, int]:
    """Rank a layout: one that names the file, or more headers, says more."""
    return layout.file is not None, len(layout.recognise)


def _fits_layout(export: Export, layout: ExportLayout, *, by_name: bool) -> bool:
    if export.layout not in layout.layouts:
        return False
    if (
        by_name
        and layout.file is not None
        and not compile_pattern(layout.file).matches(export.file)
    ):
        return False
    header = find_header(join_second_list(export, layout)[0], layout)
    return not isinstance(header, Finding) and all(
        any(compile_pattern(word).matches(name) for name in header.names)
        for word in layout.recognise
    )


def _describe_closest(export: Export, layouts: list[ExportLayout]) -> str:
    """Name the layout that lacks the fewest of its words, unless it lacks all."""
    lacking = [
        (_missing_words(export, each), each) for each in layouts if export.layout in each.layouts
    ]
    near = [(words, each) for words, each in lacking if 0 < len(words) < len(each.recognise)]
    if not near:
        return ""
    words, layout = min(near, key=lambda found: len(found[0]))
    told = ", ".join(f"«{word}»" for word in words)
    return f"; ближе всего «{layout.title}», но нет заголовков {told}"


def _missing_words(export: Export, layout: ExportLayout) -> list[str]:
    """Return the layout's words no row has, by the row that has most of them."""
    tables = _choose_tables(export, layout) if layout.header_table is None else export.tables
    lacking = (
        [word for word in layout.recognise if not _fits(table.rows[index], [compile_pattern(word)])]
        for table in tables
        for index in _candidate_rows(table, layout.header_row)
    )
    return min([list(layout.recognise), *lacking], key=len)


_PATRONYMIC = re.compile(r"\S+(?:ич|вна|чна)|\S+[ -](?:оглы|оглу|кызы|угли|улы)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class PersonColumns:
    """Numbers of the columns that name a person, 0 for none."""

    rule: StudentColumns
    key: int
    email: int
    surname: int
    given: int
    patronymic: int
    full_name: int
    birth_date: int

    @property
    def named(self) -> tuple[int, ...]:
        """The columns there are; any of them filled says that a row is about a person."""
        names = (self.surname, self.given, self.patronymic, self.full_name)
        every = (self.key, self.email, *names, self.birth_date)
        return tuple(column for column in every if column)


def person_columns(header: Header, rule: StudentColumns) -> PersonColumns:
    """Find the columns that name people; missing ones are told by the header."""
    names = (rule.key, rule.email, rule.surname, rule.given, rule.patronymic)
    rest = (rule.full_name, rule.birth_date)
    return PersonColumns(rule, *(header.one(name) for name in (*names, *rest)))


_part = lru_cache(maxsize=65536)(cells.name)
_LAST_DASHES = re.compile(r"(?:\s+[-‐‑‒–—―−]+)+\s*$")
"""What stands where there is no patronymic."""


def read_name(row: Row, columns: PersonColumns) -> Name | None:
    """Return the name in parts; None when the row holds none."""
    if columns.full_name:
        return _split_full_name(row.cell(columns.full_name), columns.rule.name_order)
    surname, given, patronymic = (
        _part(row.cell(column)) for column in (columns.surname, columns.given, columns.patronymic)
    )
    if columns.rule.patronymic_in_given and not patronymic:
        given, patronymic = _split_given(_part(_LAST_DASHES.sub("", row.cell(columns.given))))
    return _make_name(surname, given, patronymic)


def _split_full_name(text: str, order: str) -> Name | None:
    """Cut «Иванова, Анна Петровна», «Иванова Анна Петровна» or «Анна Петровна Иванова»."""
    whole = _part(_LAST_DASHES.sub("", text))
    surname, comma, rest = whole.partition(",")
    if comma:
        return _make_name(surname.strip(), *_split_given(rest.strip()))
    words = whole.split()
    if len(words) < 2:
        return _make_name("", " ".join(words), "")
    if order == "фамилия имя отчество":
        return _make_name(words[0], *_split_given(" ".join(words[1:])))
    return _make_name(words[-1], *_split_given(" ".join(words[:-1])))


def _split_given(given: str) -> tuple[str, str]:
    """Cut «Анна Петровна» and «Али Гасан оглы» in two; «Анна Мария» and «Али Гасан» are one."""
    first, _, rest = given.partition(" ")
    return (first, rest) if rest and _PATRONYMIC.fullmatch(rest) else (given, "")


def _make_name(surname: str, given: str, patronymic: str) -> Name | None:
    if not given:
        # a single name stands as the given one
        return Name(given=surname) if surname else None
    return Name(surname=surname or None, given=given, patronymic=patronymic or None)
