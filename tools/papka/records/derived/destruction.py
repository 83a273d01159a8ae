"""What may or must be destroyed, what forbids it, and what the school keeps of it (R-6.4).

A unit goes when its term is over (`keeping`); a scan of a file that goes on goes when the law gives
it no basis any more: a photo whose consent has ended, a paper entered by mistake (152-ФЗ ст. 21).
Everything is computed before an act; nothing here destroys.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

import msgspec.structs

from papka.core.places import RECORDS, RESTRICTED, place
from papka.records.acts import DestroyedCount, DestructionBasis, Remaining
from papka.records.archive import Archive, issued_to
from papka.records.derived.headcount import identity
from papka.records.derived.in_force import end_of_consent, ended_photo_consent, photos_of
from papka.records.derived.keeping import (
    Keeping,
    Obstacle,
    holds_on,
    keeping,
    keeping_of_units,
    last_day_of_file,
    list_old_units,
)
from papka.records.derived.result_facts import studied_between
from papka.records.derived.statutory_terms import end_of_term
from papka.records.school import StatutoryName
from papka.records.student import Consent, Document, Student
from papka.records.tombstones import documents_of

TargetObstacle = (
    Obstacle
    | Literal[
        "такого в архиве нет",
        "уничтожено раньше",
        "у документа нет файла",
        "файл нужен другому документу описи",
        "для скана есть другое основание: срок хранения дела",
    ]
)
CONSENT_YEARS = 3
"""How long a consent is kept after it ended, itself and its withdrawal (Росархив № 236, ст. 441;
не подтверждено)."""


@dataclass(frozen=True, slots=True)
class DestructionTarget:
    """A unit by its `path`, or the scan of one document of it, as it stands before an act.

    `files` are those of a scan; `basis` and `due` may be missing only where an obstacle is;
    `obstacles`: all that forbids destruction, none left means it may go. Of an order that is not
    `is_salted` seals of earlier years keep a digest by which a guess of its text can be tried.
    """

    path: str
    basis: DestructionBasis | None
    due: dt.date | None
    obstacles: tuple[TargetObstacle, ...]
    entry: str | None = None
    files: tuple[str, ...] = ()
    is_salted: bool = True

    @property
    def may_go(self) -> bool:
        return not self.obstacles


class UnfoundedScan(NamedTuple):
    """A scan that is kept without a basis `since` a day; `consent`: the one that ended, None for a
    document entered by mistake."""

    document: Document
    since: dt.date
    term: StatutoryName
    basis: DestructionBasis
    consent: Consent | None = None


def unfounded_scans(archive: Archive, student: Student, on: dt.date) -> Iterator[UnfoundedScan]:
    """Yield the scans of a file that the law gives no basis for on a day, while they are there.

    A scan that a document of the file rightly names stays, whoever else names it by mistake.
    """
    photos = photos_of(student)
    consent = ended_photo_consent(archive, student, on) if photos else None
    if consent is not None:
        yield from (
            _judge_photo(photo, consent, end_of_consent(archive, student, consent))
            for photo in photos
            if not archive.destroyed.of_scan(student, photo)
        )
    right = {each.file for each in student.documents}
    for each in documents_of(student):
        void = each.void
        if void is None or void.date > on or each.file is None or each.file in right:
            continue
        if not archive.destroyed.of_scan(student, each):
            yield UnfoundedScan(
                each, void.date, "уничтожение неправомерных данных", "неправомерные данные"
            )


def _judge_photo(photo: Document, consent: Consent, end: dt.date) -> UnfoundedScan:
    if consent.revoked is not None and consent.revoked.date == end:
        return UnfoundedScan(
            photo, end, "данные после отзыва согласия", "согласие отозвано", consent
        )
    return UnfoundedScan(photo, end, "данные после окончания согласия", "цель достигнута", consent)


def judge_target(
    archive: Archive, path: str, on: dt.date, entry: str | None = None
) -> DestructionTarget:
    """Tell whether a unit, or the scan of the document at the address `entry`, may go on a day."""
    if archive.destroyed.of_path(path) or (entry and archive.destroyed.of_path(entry)):
        return DestructionTarget(path, None, None, ("уничтожено раньше",), entry)
    if entry is not None:
        return _judge_scan(archive, path, entry, on)
    student = archive.students.get(path.rpartition("/")[2])
    if student is not None and student.folder == path:
        if archive.organization is not None and archive.organization.kind == RESTRICTED:
            # the term runs in the main archive, where the card is: the order alone decides here
            return DestructionTarget(path, "срок хранения", on, ())
        found = keeping(archive, student, on)
        return DestructionTarget(path, "срок хранения", found.last, found.obstacles)
    kept = dict(keeping_of_units(archive, _list_own_files(path), on)).get(path)
    if kept is None:
        return DestructionTarget(path, None, None, ("такого в архиве нет",))
    return _target_of_unit(archive, path, kept)


def _target_of_unit(archive: Archive, path: str, kept: Keeping) -> DestructionTarget:
    """Return a unit other than a personal file: the order of destruction is the decision on it."""
    obstacles = tuple(
        each for each in kept.obstacles if each != "надобность не признана миновавшей"
    )
    order = archive.orders.get(path.removeprefix(f"{RECORDS}/orders/"))
    is_salted = order is None or order.salt is not None
    return DestructionTarget(path, "срок хранения", kept.last, obstacles, is_salted=is_salted)


def _list_own_files(path: str) -> Iterator[str]:
    """Yield the files that a unit other than a personal folder may have."""
    return (file for end in (".yaml", "/.salt") if place(file := f"{path}{end}") is not None)


def _judge_scan(archive: Archive, path: str, entry: str, on: dt.date) -> DestructionTarget:
    id_, _, number = entry.partition("#")
    student = archive.students.get(id_)
    known = documents_of(student) if student else ()
    document = next((each for each in known if each.id == number), None)
    if student is None or document is None or student.folder != path:
        return DestructionTarget(path, None, None, ("такого в архиве нет",), entry)
    if document.file is None:
        return DestructionTarget(path, None, None, ("у документа нет файла",), entry)
    files = (f"{path}/attachments/{document.file}",)
    loose = {each.document.id: each for each in unfounded_scans(archive, student, on)}
    held: tuple[TargetObstacle, ...] = ("действует запрет",) if holds_on(student, on) else ()
    scan = loose.get(document.id)
    if scan is None or archive.organization is None:
        why: TargetObstacle = "для скана есть другое основание: срок хранения дела"
        return DestructionTarget(path, None, None, (why, *held), entry, files)
    if any(e.file == document.file and e.id not in loose for e in student.documents):
        held = ("файл нужен другому документу описи", *held)
    due = end_of_term(archive.organization, scan.term, scan.since).last
    return DestructionTarget(path, scan.basis, due, held, entry, files)


def due_for_destruction(
    archive: Archive, paths: Iterable[str], on: dt.date
) -> tuple[DestructionTarget, ...]:
    """Return all that may go on a day by its term or by law, sorted by path; `paths`: all there are
    in the archive. Of a folder that goes whole no scan is named."""
    if archive.organization is not None and archive.organization.kind == RESTRICTED:
        return ()  # its folders follow those of the main archive
    found = [judge_target(archive, student.folder, on) for student in archive.students.values()]
    gone = {each.path for each in found if each.may_go}
    found += [
        judge_target(archive, student.folder, on, f"{student.id}#{scan.document.id}")
        for student in archive.students.values()
        if student.folder not in gone
        for scan in unfounded_scans(archive, student, on)
    ]
    old = dict.fromkeys(list_old_units(archive, paths, on))
    found += [
        _target_of_unit(archive, path, kept)
        for path, kept in keeping_of_units(archive, old, on)
        if not archive.destroyed.of_path(path)
    ]
    due = [each for each in found if each.may_go]
    return tuple(sorted(due, key=lambda each: (each.path, each.entry or "")))


def what_remains(
    archive: Archive, targets: Iterable[DestructionTarget], on: dt.date
) -> tuple[Remaining, ...]:
    """Return what the school still has of those whose data go, and on which basis, in fixed words.

    Of several days the last is told. Whether a restricted archive holds more of them nothing here
    tells: it has to be asked.
    """
    wanted = tuple(targets)
    units = {each.path for each in wanted if each.entry is None}
    orders = _list_orders(archive, units)
    until: dict[Remaining, dt.date | None] = {}
    for target in wanted:
        student = archive.students.get(target.path.rpartition("/")[2])
        if student is None or student.folder != target.path:
            continue
        if target.entry is not None:
            found = _remains_of_scan(archive, student, target.entry, on)
        else:
            found = _remains_of_file(archive, student, orders.get(student.id, ()), units, on)
        for each in found:
            undated = msgspec.structs.replace(each, until=None)
            known = [day for day in (until.get(undated), each.until) if day is not None]
            until[undated] = max(known, default=None)
    return tuple(msgspec.structs.replace(each, until=day) for each, day in until.items())


def _remains_of_scan(
    archive: Archive, student: Student, entry: str, on: dt.date
) -> Iterator[Remaining]:
    last = last_day_of_file(archive, student)
    yield Remaining(what="строка описи", basis="срок хранения личного дела", until=last)
    if student.enrolments:
        yield Remaining(what="договор и результаты", basis="договор об образовании", until=last)
    for scan in unfounded_scans(archive, student, on):
        if scan.consent is not None and entry == f"{student.id}#{scan.document.id}":
            end = dt.date(scan.since.year + CONSENT_YEARS, 12, 31)
            yield Remaining(what="согласие и его отзыв", basis="срок хранения согласия", until=end)


def _remains_of_file(
    archive: Archive, student: Student, orders: Iterable[str], units: Container[str], on: dt.date
) -> Iterator[Remaining]:
    registers = (f"{RECORDS}/registers/{key}" for key in issued_to(archive, student.id))
    own: dict[Literal["приказы", "записи в книгах выдачи"], Iterable[str]] = {
        "приказы": orders,
        "записи в книгах выдачи": [path for path in registers if path not in units],
    }
    for what, paths in own.items():
        for _, kept in keeping_of_units(archive, (f"{path}.yaml" for path in paths), on):
            yield Remaining(what=what, basis="собственный срок хранения", until=kept.last)
    if student.raw or any(each.source for _, each in student.results):
        yield Remaining(what="выгрузки", basis="собственный срок хранения")
    if student.person is not None and student.person.paper is not None:
        yield Remaining(what="бумажное дело", basis="решается отдельно")


def _list_orders(archive: Archive, units: Container[str]) -> Mapping[str, list[str]]:
    """List the orders that stay, without their ending, by the personal files they name."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for key, order in archive.orders.items():
        path = f"{RECORDS}/orders/{key}"
        if path not in units:
            named = {address.partition("#")[0] for each in order.items for address in each.students}
            for student in named:
                found[student].append(path)
    return found


def counts_kept(archive: Archive, paths: Iterable[str]) -> tuple[DestroyedCount, ...]:
    """Return how many of the personal files among these units studied by each programme in each
    period, and how they ended, so that reports of past years stay right (R-3.5).

    A person is counted once, and not at all while another file of theirs stays. An end counts in
    the last period begun by its day.
    """
    wanted = set(paths)
    going = [each for each in archive.students.values() if each.folder in wanted]
    stay = {identity(each) for each in archive.students.values() if each.folder not in wanted}
    periods = sorted(archive.periods.values(), key=lambda each: (each.start, each.period))
    studied: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    ended: Counter[tuple[str, str, str]] = Counter()
    for student in going:
        who = identity(student)
        for enrolment in () if who in stay else student.enrolments:
            last = ""
            for period in periods:
                if studied_between(enrolment, period.start, period.end):
                    studied[enrolment.program, period.period].add(who)
                if enrolment.ended is not None and period.start <= enrolment.ended.date:
                    last = period.period
            if enrolment.ended is not None and who in studied[enrolment.program, last]:
                ended[enrolment.program, last, enrolment.ended.reason] += 1
    return tuple(
        DestroyedCount(
            program=program,
            period=period,
            students=len(who),
            completed=ended[program, period, "завершение"],
            expelled=ended[program, period, "отчисление"],
            moved=ended[program, period, "перевод"],
        )
        for (program, period), who in sorted(studied.items())
        if who
    )
