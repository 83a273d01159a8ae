"""The printed personal file: chapters with words, the cover, the inventory, what it certifies.

A `FileCase` says whose file is printed and in which state. `contents` words the chapters (card,
results of each period, summary), `pieces` lists them with the documents and the sheet of
provenance, `frame` makes cover, inventory and certification of a volume, `whole` the page for a
browser. With an earlier state only what is new is printed: bound volumes stay as they are.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from operator import attrgetter
from typing import Any, NamedTuple

from papka.paper import volumes as paper_volumes
from papka.paper.chart import Chart, charts
from papka.paper.form import SignatureLine, State, of_head, page, source
from papka.paper.issued_contents import title_of_form
from papka.paper.print_state import list_notes
from papka.paper.result_tables import PeriodView, States, results
from papka.paper.sections import (
    Fact,
    ScreenTable,
    added,
    alone,
    awards,
    card_facts,
    consents,
    debts,
    enrolments,
    handing,
    issued,
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
    Piece,
    VolumePart,
    VolumeSide,
    certification,
    describe_document,
    inventory,
    is_printed,
    key_of,
    sheets_of,
    sides,
)
from papka.records.acts import RegisterEntry
from papka.records.archive import Archive
from papka.records.derived.in_force import as_file_alone, photos_of, picture_purposes
from papka.records.derived.keeping import (
    PERSONAL_FOLDER,
    find_term,
    last_day_of_file,
    say_start,
)
from papka.records.derived.leadership import school_on
from papka.records.school import UNCONFIRMED
from papka.records.student import Document, Person, Student
from papka.records.student import Volume as BoundVolume
from papka.records.wording import (
    NBSP,
    ON_SHEETS,
    YEARS,
    counted,
    day,
    former_names,
    name_drafts,
    number,
    program,
    staff,
)


@dataclass(frozen=True, slots=True)
class FileCase:
    """Whose file is printed and in which state of the archive.

    `earlier`: the file as it stood when the last volume was bound, whose contents are not printed
    again, and `earlier_issued` the books of that day; `states`: which results of a closed period
    are still drafts.
    """

    state: State
    student: Student
    person: Person
    earlier: Student | None = None
    states: States | None = None
    earlier_issued: Mapping[str, RegisterEntry] = field(default_factory=dict)

    @property
    def archive(self) -> Archive:
        return self.state.archive

    @property
    def before(self) -> FileCase | None:
        """The case as it stood when the last volume was bound; None when all is printed."""
        if self.earlier is None or self.earlier.person is None:
            return None
        archive = replace(self.archive, registers=self.earlier_issued, issued=None)
        state = replace(self.state, archive=archive)
        return FileCase(state, self.earlier, self.earlier.person)

    @property
    def bound_volumes(self) -> int:
        """The number of the last bound volume, 0 when all is printed anew."""
        return max((volume.volume for volume in self._bound), default=0)

    @property
    def _bound(self) -> tuple[BoundVolume, ...]:
        return self.person.paper.shelf if self.earlier and self.person.paper else ()

    @property
    def title(self) -> str:
        return f"Личное дело {number(self.student.id)}"

    @property
    def holder(self) -> str:
        """The name for headings and the cover; an endless one is whole only in the card."""
        name = self.person.name.full
        return name if len(name) <= 400 else f"{name[:399]}…"

    @property
    def printed_on(self) -> dt.date:
        return self.state.as_of.date()

    def head(self, title: str = "") -> Head:
        shown = page(self.state, title or self.title)
        return Head(shown.title, shown.stamp, shown.created, self.holder, shown.source)

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences that say why this paper, or a period in it, is a draft (R-5.6)."""
        found = []
        if self.state.commit is None:
            found.append("Сведения ещё не сохранены в архиве.")
        held = (period for period, results in self.student.periods.items() if results)
        return (*found, *name_drafts(self.archive, held, [self.student]))

    @property
    def source(self) -> str:
        return source(self.state)


@dataclass(frozen=True, slots=True)
class Head:
    """Headings and footers, the same on every printed part."""

    case: str
    stamp: str
    created: str
    holder: str
    source: str


CARD, SUMMARY = "Личная карточка обучающегося", "Сводная ведомость освоения программ"
RESULTS = "Ведомость результатов"


class Photo(NamedTuple):
    """`image`: the registered id of the picture."""

    image: str
    alt: str


@dataclass(frozen=True, slots=True)
class Card:
    anchor: str
    title: str
    photo: Photo | None
    facts: tuple[Fact, ...]
    tables: tuple[ScreenTable, ...]
    shelf: tuple[ScreenTable, ...]


@dataclass(frozen=True, slots=True)
class PeriodChapter:
    anchor: str
    title: str
    period: PeriodView


@dataclass(frozen=True, slots=True)
class Summary:
    """Tables before the charts of progress (`reached`) and after them (`standing`)."""

    anchor: str
    title: str
    reached: tuple[ScreenTable, ...]
    charts: tuple[Chart, ...]
    standing: tuple[ScreenTable, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """The chapters with words; one is None when nothing of it is printed.

    A chapter begins a new sheet and is signed by the head, so that a period's results can be bound
    when the period is over. A section without content is left out unless its absence must be
    stated. Target orientations are never here: they are no results (R-4.1).
    """

    card: Card | None
    periods: tuple[PeriodChapter, ...]
    summary: Summary | None
    signature: SignatureLine

    def chapters(self) -> Iterator[Card | PeriodChapter | Summary]:
        if self.card:
            yield self.card
        yield from self.periods
        if self.summary:
            yield self.summary


def contents(case: FileCase, photo: str | None = None) -> Contents:
    """Return the chapters; `photo`: the registered id of the picture, None when it is not shown."""
    return Contents(
        _fill_card(case, photo),
        tuple(
            PeriodChapter(f"period-{at}", f"{RESULTS}: {view.title}", view)
            for at, view in enumerate(
                results(case.archive, case.student, states=case.states, known=case.earlier)
            )
        ),
        _fill_summary(case),
        of_head(case.archive, case.state.signed_on, "Верно"),
    )


def _fill_card(case: FileCase, photo: str | None) -> Card | None:
    shown, tables, shelf = _word_card(case)
    if case.before:
        old, *before = _word_card(case.before)
        shown = [fact for fact in shown if fact not in old]
        tables, shelf = _only_new(tables, before[0]), _only_new(shelf, before[1])
        photo = None
        if not shown and not tables:
            return None
    picture = Photo(photo, f"Фотография: {case.holder}") if photo else None
    return Card("card", CARD, picture, tuple(shown), tables, shelf)


def _word_card(
    case: FileCase,
) -> tuple[list[Fact], tuple[ScreenTable, ...], tuple[ScreenTable, ...]]:
    archive, student, person = case.archive, case.student, case.person
    shown = card_facts(archive, student, person)
    if person.photo:
        shown.append(photo_fact(archive, student, person.photo, case.state.signed_on))
    tables = (
        representatives(person),
        consents(archive, student, person),
        enrolments(archive, student),
        issued(archive, student),
    )
    shelf = (volumes(archive, person), lendings(person), keeping(archive, person))
    return shown, _drop_empty(tables), _drop_empty(shelf)


def _fill_summary(case: FileCase) -> Summary | None:
    reached, drawn, standing = _word_summary(case)
    if case.before:
        before = _word_summary(case.before)
        reached = _only_new(reached, before[0])
        drawn = tuple(chart for chart in drawn if chart not in before[1])
        standing = _only_new(standing, before[2])
    if not (reached or drawn or standing):
        return None
    return Summary("summary", SUMMARY, reached, drawn, standing)


def _word_summary(
    case: FileCase,
) -> tuple[tuple[ScreenTable, ...], tuple[Chart, ...], tuple[ScreenTable, ...]]:
    archive, student = case.archive, case.student
    standing = (
        credited(archive, student),
        debts(archive, student, case.state.on),
        awards(archive, student),
        notices(archive, student, case.person),
        *added(archive, student),
    )
    return (
        _drop_empty((*levels(archive, student), *planned(archive, student))),
        charts(archive, student),
        _drop_empty(standing),
    )


def _drop_empty(tables: tuple[ScreenTable, ...]) -> tuple[ScreenTable, ...]:
    return tuple(table for table in tables if table.says_something)


def _only_new(
    tables: tuple[ScreenTable, ...], before: tuple[ScreenTable, ...]
) -> tuple[ScreenTable, ...]:
    """Drop the rows that a bound volume has; a table is known by its kind and title."""
    old = {(table.kind, table.title): table for table in before}
    return _drop_empty(tuple(t.without(old.get((t.kind, t.title))) for t in tables))


@dataclass(frozen=True, slots=True)
class Cover:
    """The cover (обложка дела, section 2); an empty word leaves a line to write on."""

    case: str
    organization: str
    short_name: str
    place: str
    volume: str
    duplicate: str
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


def cover(case: FileCase, volume: paper_volumes.BoundVolume, sheets: int | None) -> Cover:
    """Return the cover of a volume; `sheets`: None when nobody counts."""
    archive, student = case.archive, case.student
    declared = archive.organization
    organization = school_on(declared, case.state.signed_on) if declared else None
    # another volume follows, or nobody adds to this one any more
    is_over = volume.number < volume.of or (
        bool(student.enrolments) and all(each.ended for each in student.enrolments)
    )
    original = case.person.duplicate_of
    return Cover(
        case=case.title,
        organization=organization.name if organization else "",
        short_name=organization.short_name if organization else "",
        place=organization.place if organization else "",
        volume=volume.title.capitalize(),
        duplicate=f"дубликат дела {number(original)}" if original else "",
        name=case.holder,
        has_long_name=len(case.holder) > 90,  # set smaller, to stay above the foot of the cover
        former=", ".join(former_names(case.person)),
        programs=tuple(dict.fromkeys(program(archive, e) for e in student.enrolments)),
        started=day(volume.started) if volume.started else "",
        ended=day(volume.ended) if is_over and volume.ended else "",
        sheets=_say_sheets(sheets),
        keep=_say_retention(archive, student),
        source=case.source,
        warnings=case.warnings,
    )


def _say_sheets(count: int | None) -> str:
    if count is None:
        return ""
    noun = "листе" if count % 10 == 1 and count % 100 != 11 else "листах"
    return f"{count}{NBSP}{noun}"


def _say_retention(archive: Archive, student: Student) -> str:
    """Return until when the file is kept, empty when the school has not said (R-6.4).

    A term the head has not taken on is none: the line is left to write on in pencil, for a cover
    is kept longer than a doubt.
    """
    rule = find_term(archive, PERSONAL_FOLDER)
    if rule is None or UNCONFIRMED in rule.source:
        return ""
    last = last_day_of_file(archive, student)
    until = f"по{NBSP}{day(last)}: " if last else ""
    return f"{until}{counted(rule.years, YEARS)}{say_start(rule)}"


CERTIFIED_COPY = "Копия верна"
PROVENANCE, PROVENANCE_TITLE = "provenance", "Лист происхождения сведений"


@dataclass(frozen=True, slots=True)
class Counted:
    """Counted sheets: of chapters by anchor, of scans by key, of the provenance (0: it has none).

    None where nobody counts.
    """

    chapters: Mapping[str, int | None]
    scans: Mapping[str, int]
    provenance: int | None = 0


NO_CONSENT = "Не печатается: нет действующего согласия"


_SHEETS = attrgetter("medium", "file", "sheets", "lettered", "skipped")
"""What of a document says which sheets of paper it has."""


def new_documents(case: FileCase) -> Iterator[tuple[str, Document, bool]]:
    """Yield key, document, and whether its sheets are bound already, for what is to be printed.

    A document whose sheets are bound takes no new ones, whatever else has changed about it. Of a
    photo without a consent in force no sheet is printed (R-3.1).
    """
    without_consent = () if _may_print_photos(case) else photos_of(case.student)
    known = {document.id: document for document in case.earlier.documents} if case.earlier else {}
    student, destroyed = case.student, case.archive.destroyed
    for at, document in enumerate(student.documents):
        before = known.get(document.id) if document.id else None
        if before != document:
            is_bound = before is not None and _SHEETS(before) == _SHEETS(document)
            is_hidden = not is_bound and document in without_consent and is_printed(document)
            shown = destroyed.without_scan(student, document)
            if shown is document and is_hidden:
                shown = as_file_alone(document, NO_CONSENT)
            yield key_of(at), shown, is_bound


def _may_print_photos(case: FileCase) -> bool:
    """Tell whether a consent lets print photos; a school that asks for none is not judged."""
    archive = case.archive
    return not picture_purposes(archive) or photo_allowed(
        archive, case.student, case.state.signed_on
    )


def pieces(case: FileCase, contents: Contents, counted: Counted) -> tuple[Piece, ...]:
    """Return what the inventory lists, in its order: chapters, documents, the provenance."""
    date = case.printed_on
    found = [
        _list_chapter(chapter.anchor, chapter.title, counted.chapters[chapter.anchor], date)
        for chapter in contents.chapters()
    ]
    found += [
        _list_document(case, key, document, counted.scans.get(key), is_bound=is_bound)
        for key, document, is_bound in new_documents(case)
    ]
    found += _list_issued(case)
    if counted.provenance != 0:
        found.append(_list_chapter(PROVENANCE, PROVENANCE_TITLE, counted.provenance, date))
    return tuple(found)


def _list_chapter(key: str, title: str, sheets: int | None, date: dt.date) -> Piece:
    return Piece(key, title, sheets, is_printed=True, date=date)


def _list_issued(case: FileCase) -> Iterator[Piece]:
    """Yield a line for each document that was issued since, from the books; it takes no sheet."""
    known = list(case.before.archive.registers.values()) if case.before else []
    own = alone(case.archive, case.student)
    for entry in own.registers.values():
        if entry not in known:
            notes = (handing(own, entry), *list_notes(own, entry), "по книге регистрации")
            yield Piece(
                f"issued-{entry.number}",
                title_of_form(entry.form),
                0,
                index=entry.number,
                date=entry.date,
                note="; ".join(filter(None, notes)),
            )


def _list_document(
    case: FileCase, key: str, document: Document, scanned: int | None, *, is_bound: bool
) -> Piece:
    note = describe_document(case.archive, document, scanned)
    has_paper = document.medium != ONLY_FILE and not is_bound
    printed = is_printed(document)
    return Piece(
        key,
        paper_volumes.title_of(document),
        (scanned if printed else document.sheets) if has_paper else 0,
        is_printed=printed and has_paper,
        index=document.number or "",
        date=document.date,
        note=f"{note}; сведения изменены, листы в прежнем томе".lstrip("; ") if is_bound else note,
        lettered=document.lettered if has_paper else (),
        skipped=document.skipped if has_paper else (),
        certified=_certifier(case, document, scanned) if printed and has_paper else None,
    )


def _certifier(case: FileCase, document: Document, sheets: int | None) -> SignatureLine:
    """Return who certifies a copy, the one recorded, else the head; of several sheets how many."""
    words = CERTIFIED_COPY
    if sheets is not None and sheets > 1:
        words = f"{words}, на{NBSP}{counted(sheets, ON_SHEETS)}"
    recorded = document.certified
    member = case.archive.staff.get(recorded.signed_by) if recorded else None
    if member is None:
        return of_head(case.archive, case.state.signed_on, words)
    return SignatureLine(member.post, staff(case.archive, member.id), words)


@dataclass(frozen=True, slots=True)
class Frame:
    """The sheets without numbers that are bound around those of a volume and count them.

    `label`: case and volume, on what is glued over the knot.
    """

    head: Head
    label: str
    cover: Cover
    inventory: Inventory
    certification: Certification


def frame(case: FileCase, volume: paper_volumes.BoundVolume, sheets: int | None) -> Frame:
    """Return the frame of a volume; `sheets`: of the inventory itself, None: nobody counts."""
    title = f"{case.title}, {volume.title}" if volume.title else case.title
    labels = volume.labels if sheets else None
    return Frame(
        case.head(title),
        f"{case.title}, том{NBSP}{volume.number}",
        cover(case, volume, len(labels) if labels else None),
        inventory(case.archive, volume, sheets),
        certification(case.archive, volume, sheets, case.state.signed_on),
    )


class Chapters(NamedTuple):
    head: Head
    contents: Contents


class Copies(NamedTuple):
    head: Head
    sides: tuple[VolumeSide, ...]


@dataclass(frozen=True, slots=True)
class Origins:
    """The sheet of provenance, its `title` in the inventory, and whether sheets are counted."""

    head: Head
    title: str
    provenance: Any
    is_numbered: bool


@dataclass(frozen=True, slots=True)
class Whole:
    """All of a personal file in one page, for a browser, which counts no sheets."""

    head: Head
    label: str
    cover: Cover
    inventory: Inventory
    contents: Contents
    sides: tuple[VolumeSide, ...]
    title: str
    provenance: Any
    is_numbered: bool
    certification: Certification


def whole(
    case: FileCase, contents: Contents, pages: Mapping[str, Sequence[str]], provenance: object
) -> Whole:
    """Return the file without any number of a sheet: they are written in by hand."""
    chapters = dict.fromkeys((chapter.anchor for chapter in contents.chapters()), None)
    scans = {key: sheets_of(len(names), duplex=False) for key, names in pages.items()}
    counted = Counted(chapters, scans, None if provenance is not None else 0)
    number = case.bound_volumes + 1
    parts = tuple(
        VolumePart(each, 0, each.sheets or 0, None, each.skipped)
        for each in pieces(case, contents, counted)
    )
    framed = frame(case, paper_volumes.BoundVolume(number, number, parts), None)
    return Whole(
        framed.head,
        framed.label,
        framed.cover,
        framed.inventory,
        contents,
        sides(parts, pages, duplex=False),
        PROVENANCE_TITLE,
        provenance,
        False,  # noqa: FBT003 - no sheet is
        framed.certification,
    )
