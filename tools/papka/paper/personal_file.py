"""Whose file is printed, in which state, and what is printed of it.

The chapters with words: personal card, results of each period, summary.

Invariants: a chapter begins a sheet of its own, its sections follow one another; a section without
anything to say is left out unless its absence must be stated; each chapter is signed by the head,
so that a period's results can be bound when the period is over.
Absent on purpose: target orientations, which are not results (R-4.1).

Cover of the personal file (обложка дела): requirements, section 2.

What the inventory lists, in its order: chapters, documents, the sheet of provenance.

Invariant: with an earlier state, only what is new; a document whose sheets are bound already takes
no new ones, whatever else has changed about it.

What is bound around the numbered sheets of a volume and says how many there are.

The sheets that carry the case's numbers: chapters with words, copies, provenance.

All of a personal file in one page, for a browser, which lays out without counting for us.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from papka.paper import volumes as paper_volumes
from papka.paper.chart import Chart, charts
from papka.paper.form import Signature, State, of_head, page, source
from papka.paper.result_tables import PeriodView, States, results
from papka.paper.sections import (
    Fact,
    Table,
    awards,
    consents,
    debts,
    enrolments,
    facts,
    keeping,
    lendings,
    levels,
    notices,
    photo_allowed,
    photo_fact,
    planned,
    representatives,
    volumes,
)
from papka.paper.sections import credits as credited
from papka.paper.volumes import (
    ONLY_FILE,
    Certification,
    Inventory,
    Part,
    Piece,
    Placed,
    Side,
    Volume,
    certification,
    inventory,
    is_printed,
    key_of,
    note_of,
    sheets_of,
    sides,
)
from papka.records.archive import Archive
from papka.records.student import Document, Person, Student
from papka.records.wording import (
    NBSP,
    YEARS,
    counted,
    day,
    former_names,
    in_order,
    is_approved,
    number,
    program,
    title_of,
)

_LONGEST = 400


@dataclass(frozen=True, slots=True)
class Case:
    """`earlier` is the file as it stood when the last volume was bound: what it already held is
    not printed again; `states` say which results of a closed period are drafts still."""

    state: State
    student: Student
    person: Person
    earlier: Student | None = None
    states: States | None = None

    @property
    def archive(self) -> Archive:
        return self.state.archive

    @property
    def bound_volumes(self) -> int:
        """Volumes that stand on the shelf and go on into what is printed now."""
        volumes = self.person.paper.volumes if self.earlier and self.person.paper else ()
        return max((volume.volume for volume in volumes), default=0)

    @property
    def first_sheet(self) -> int:
        volumes = self.person.paper.volumes if self.earlier and self.person.paper else ()
        return 1 + sum(volume.sheets for volume in volumes)

    @property
    def title(self) -> str:
        return f"Личное дело {number(self.student.id)}"

    @property
    def holder(self) -> str:
        """The name for headings and the cover; one without end is whole in the card only."""
        name = self.person.name.full
        return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"

    @property
    def printed_on(self) -> dt.date:
        return self.state.as_of.date()

    def head(self, title: str = "") -> Head:
        shown = page(self.state, title or self.title)
        return Head(shown.title, shown.stamp, shown.created, self.holder, shown.source)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes this paper, or a period in it, a draft (R-5.6)."""
        return tuple(self._warnings())

    def _warnings(self) -> Iterator[str]:
        if self.state.commit is None:
            yield f"{self.state.stamp}: сведения ещё не сохранены в архиве."
        periods = self.student.periods
        drafts = [
            title_of(self.archive, period)
            for period in in_order(self.archive, periods)
            if periods[period] and not is_approved(self.archive, period)
        ]
        if drafts:
            yield f"Не утверждены руководителем: {'; '.join(drafts)}."

    @property
    def source(self) -> str:
        return source(self.state)


@dataclass(frozen=True, slots=True)
class Head:
    """What every printed part says of itself."""

    case: str
    stamp: str
    created: str
    holder: str
    source: str


CARD, SUMMARY = "Личная карточка обучающегося", "Сводная ведомость освоения программ"
RESULTS = "Ведомость результатов"


@dataclass(frozen=True, slots=True)
class Photo:
    """`image` is the registered id of the picture, `alt` says what it shows."""

    image: str
    alt: str


@dataclass(frozen=True, slots=True)
class Card:
    anchor: str
    title: str
    photo: Photo | None
    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]
    shelf: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class PeriodChapter:
    anchor: str
    title: str
    period: PeriodView


@dataclass(frozen=True, slots=True)
class Summary:
    """Tables before the charts of progress and after them."""

    anchor: str
    title: str
    reached: tuple[Table, ...]
    charts: tuple[Chart, ...]
    standing: tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """A chapter is None when nothing of it is printed."""

    card: Card | None
    periods: tuple[PeriodChapter, ...]
    summary: Summary | None
    signature: Signature

    def chapters(self) -> Iterator[Card | PeriodChapter | Summary]:
        if self.card:
            yield self.card
        yield from self.periods
        if self.summary:
            yield self.summary


def contents(case: Case, photo: str | None = None) -> Contents:
    """`photo` is the registered id of the picture, None when it is not shown."""
    return Contents(
        _card(case, photo),
        tuple(
            PeriodChapter(f"period-{at}", f"{RESULTS}: {view.title}", view)
            for at, view in enumerate(
                results(case.archive, case.student, states=case.states, known=case.earlier)
            )
        ),
        _summary(case),
        of_head(case.archive, "Верно"),
    )


def _card(case: Case, photo: str | None) -> Card | None:
    now = _card_words(case)
    shown = [*now[0]]
    tables, shelf = now[1], now[2]
    if case.earlier and case.earlier.person:
        before = _card_words(Case(case.state, case.earlier, case.earlier.person))
        old = set(before[0])
        shown = [fact for fact in shown if fact not in old]
        tables = _fresh(tables, before[1])
        shelf = _fresh(shelf, before[2])
        photo = None
        if not shown and not tables:
            return None
    picture = Photo(photo, f"Фотография: {case.holder}") if photo else None
    return Card("card", CARD, picture, tuple(shown), tables, shelf)


def _card_words(case: Case) -> tuple[list[Fact], tuple[Table, ...], tuple[Table, ...]]:
    archive, student, person = case.archive, case.student, case.person
    shown = facts(archive, student, person)
    if person.photo:
        allowed = photo_allowed(archive, student, case.state.on)
        shown.append(photo_fact(student, person.photo, allowed=allowed))
    tables = (
        representatives(person),
        consents(archive, student, person),
        enrolments(archive, student),
    )
    shelf = (volumes(archive, person), lendings(person), keeping(archive, person))
    return shown, _spoken(tables), _spoken(shelf)


def _summary(case: Case) -> Summary | None:
    reached, drawn, standing = _summary_words(case)
    if case.earlier and case.earlier.person:
        before = _summary_words(Case(case.state, case.earlier, case.earlier.person))
        reached = _fresh(reached, before[0])
        drawn = tuple(chart for chart in drawn if chart not in before[1])
        standing = _fresh(standing, before[2])
    if not (reached or drawn or standing):
        return None
    return Summary("summary", SUMMARY, reached, drawn, standing)


def _summary_words(
    case: Case,
) -> tuple[tuple[Table, ...], tuple[Chart, ...], tuple[Table, ...]]:
    archive, student, person = case.archive, case.student, case.person
    return (
        _spoken((*levels(archive, student), *planned(archive, student))),
        charts(archive, student),
        _spoken(
            (
                credited(archive, student),
                debts(archive, student, case.state.on),
                awards(archive, student),
                notices(archive, student, person),
            )
        ),
    )


def _spoken(tables: tuple[Table, ...]) -> tuple[Table, ...]:
    return tuple(table for table in tables if table.says_something)


def _fresh(tables: tuple[Table, ...], before: tuple[Table, ...]) -> tuple[Table, ...]:
    """Rows that a bound volume does not have; a table is known by its kind and title."""
    old = {(table.kind, table.title): table for table in before}
    return _spoken(tuple(t.without(old.get((t.kind, t.title))) for t in tables))


PERSONAL_FOLDER = "личное дело"
_LONG = 90
"""A name of more characters is set smaller: it has to stay above the foot of the cover."""


@dataclass(frozen=True, slots=True)
class Cover:
    """An empty word leaves a line to write on."""

    case: str
    organization: str
    short_name: str
    place: str
    volume: str
    name: str
    has_long_name: bool
    former: str
    programs: tuple[str, ...]
    started: str
    ended: str
    sheets: str
    keep: str
    source: str
    warnings: tuple[str, ...]


def cover(case: Case, volume: str, sheets: int | None) -> Cover:
    """`volume` is «том 1 из 2» or empty; `sheets` is None while they are not counted."""
    archive, student = case.archive, case.student
    organization = archive.organization
    ends = [enrolment.ended.date for enrolment in student.enrolments if enrolment.ended]
    is_over = bool(ends) and len(ends) == len(student.enrolments)
    starts = [enrolment.start for enrolment in student.enrolments]
    return Cover(
        case=case.title,
        organization=organization.name if organization else "",
        short_name=organization.short_name if organization else "",
        place=organization.place if organization else "",
        volume=volume.capitalize(),
        name=case.holder,
        has_long_name=len(case.holder) > _LONG,
        former=", ".join(former_names(case.person)),
        programs=tuple(dict.fromkeys(program(archive, e) for e in student.enrolments)),
        started=day(min(starts)) if starts else "",
        ended=day(max(ends)) if is_over else "",
        sheets=_on_sheets(sheets),
        keep=_keep(archive),
        source=case.source,
        warnings=case.warnings,
    )


def _on_sheets(count: int | None) -> str:
    if count is None:
        return ""
    noun = "листе" if count % 10 == 1 and count % 100 != 11 else "листах"
    return f"{count}{NBSP}{noun}"


def _keep(archive: Archive) -> str:
    """The retention term, when the school has one for personal files (R-6.4)."""
    if archive.organization is None:
        return ""
    for rule in archive.organization.retention:
        if rule.unit == PERSONAL_FOLDER:
            return f"{counted(rule.years, YEARS)}; отсчёт — {rule.since}"
    return ""


PROVENANCE, PROVENANCE_TITLE = "provenance", "Лист происхождения сведений"
_BOUND = "сведения изменены, листы в прежнем томе"


@dataclass(frozen=True, slots=True)
class Counted:
    """Sheets that were counted: of chapters by anchor, of scans by key, of the provenance."""

    chapters: Mapping[str, int | None]
    scans: Mapping[str, int]
    provenance: int | None = 0


def new_documents(case: Case) -> Iterator[tuple[str, Document, bool]]:
    """Key, document, and whether its sheets are bound already."""
    known = {document.id: document for document in case.earlier.documents} if case.earlier else {}
    for at, document in enumerate(case.student.documents):
        before = known.get(document.id) if document.id else None
        if before is None:
            yield key_of(at), document, False
        elif before != document:
            yield key_of(at), document, _sheets(before) == _sheets(document)


def _sheets(document: Document) -> tuple[object, ...]:
    of = document
    return of.medium, of.file, of.sheets, of.lettered, of.skipped


def pieces(case: Case, contents: Contents, counted: Counted) -> tuple[Piece, ...]:
    """`counted.provenance` is 0 when there is no such sheet."""
    date = day(case.printed_on)
    found = [
        _chapter(chapter.anchor, chapter.title, counted.chapters[chapter.anchor], date)
        for chapter in contents.chapters()
    ]
    found += [
        _document(case, key, document, counted.scans.get(key), is_bound=is_bound)
        for key, document, is_bound in new_documents(case)
    ]
    if counted.provenance != 0:
        found.append(_chapter(PROVENANCE, PROVENANCE_TITLE, counted.provenance, date))
    return tuple(found)


def _chapter(key: str, title: str, sheets: int | None, date: str) -> Piece:
    return Piece(key, title, sheets, is_printed=True, date=date)


def _document(
    case: Case, key: str, document: Document, scanned: int | None, *, is_bound: bool
) -> Piece:
    note = note_of(case.archive, document, scanned)
    has_paper = document.medium != ONLY_FILE and not is_bound
    printed = is_printed(document)
    return Piece(
        key,
        paper_volumes.title_of(document),
        (scanned if printed else document.sheets) if has_paper else 0,
        is_printed=printed and has_paper,
        index=document.number or "",
        date=day(document.date) if document.date else "",
        note=f"{note}; {_BOUND}".lstrip("; ") if is_bound else note,
        lettered=document.lettered if has_paper else (),
        skipped=document.skipped if has_paper else (),
    )


@dataclass(frozen=True, slots=True)
class Frame:
    head: Head
    cover: Cover
    inventory: Inventory
    certification: Certification


def frame(case: Case, volume: Volume, pieces: Sequence[Placed], sheets: int | None) -> Frame:
    """`pieces` are those of all volumes; `sheets` the inventory's own, None when nobody counts."""
    title = f"{case.title}, {volume.title}" if volume.title else case.title
    numbers = {each.piece.key: number for number, each in enumerate(pieces, 1)}
    labels = volume.labels if sheets else None
    return Frame(
        case.head(title),
        cover(case, volume.title, len(labels) if labels else None),
        inventory(case.archive, volume, numbers, sheets),
        certification(case.archive, volume, sheets, str(case.first_sheet)),
    )


@dataclass(frozen=True, slots=True)
class Chapters:
    head: Head
    contents: Contents


@dataclass(frozen=True, slots=True)
class Copies:
    head: Head
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Origins:
    """`provenance` is the view of the sheet of provenance; `title` its line in the inventory;
    `is_numbered` is False where what stands before it was not counted."""

    head: Head
    title: str
    provenance: Any
    is_numbered: bool


@dataclass(frozen=True, slots=True)
class Whole:
    head: Head
    cover: Cover
    inventory: Inventory
    contents: Contents
    sides: tuple[Side, ...]
    title: str
    provenance: Any
    is_numbered: bool
    certification: Certification


def whole(
    case: Case, contents: Contents, pages: Mapping[str, Sequence[str]], provenance: object
) -> Whole:
    """Without a single number of a sheet: they are written in by hand."""
    chapters = dict.fromkeys((chapter.anchor for chapter in contents.chapters()), None)
    scans = {key: sheets_of(len(names), duplex=False) for key, names in pages.items()}
    counted = Counted(chapters, scans, None if provenance is not None else 0)
    listed = tuple(Placed(piece, None) for piece in pieces(case, contents, counted))
    number = case.bound_volumes + 1
    parts = tuple(Part(each, 0, each.piece.sheets or 0) for each in listed)
    volume = Volume(number, number, parts)
    framed = frame(case, volume, listed, None)
    return Whole(
        framed.head,
        framed.cover,
        framed.inventory,
        contents,
        sides(listed, pages, duplex=False),
        PROVENANCE_TITLE,
        provenance,
        False,  # noqa: FBT003 - no sheet is
        framed.certification,
    )
