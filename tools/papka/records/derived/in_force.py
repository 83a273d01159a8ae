"""A personal file as it stood on a day, by the dates written in it: valid then, not known then.

Invariants: nothing dated later is seen; what ended, was decided or certified later has not been
yet; days named beforehand (a planned end, a day of return) stay; an entry without a date is always
there; a void document is void on every day, or a paper of an earlier day would make it good again.
Absent on purpose: history of the records (`--rev`), which is git's.

A document as it left the school: what became of it later is no part of the paper.

Consents in force on a date (R-3.1, R-3.4).

Invariants: a consent covers one purpose; it stops on the day it is revoked and after the day it
is valid until; another consent for the same purpose stands on its own.

Paper files that should be back on their shelf on a date (R-6.6).

When a personal file's term of keeping ends, and what still forbids destroying it (R-6.4).

Invariants: while anyone studies, no term runs; a return starts it anew; nothing is destroyed by
the table alone: an unconfirmed term, a hold in force or a need not declared ended each forbid it.
Absent on purpose: destruction itself.

What must go with a personal file, so that what remains does not give a row of it back (R-6.4).

Of every export the student was in goes the unit `original`: from the exact size, the plain digest,
the order of rows, the averages or the workbook the row can be computed or confirmed. Rows nobody
was found for go too: they may be this student's, and nobody can tell.

Which copies of a school year stand on different media (R-6.3).

Invariants: two copies are on one medium when its label is the same, or the file system is; a copy
holds a year when it was made after the year's end and not before its last period was closed.
Absent on purpose: the calendar's demands (`copies_due`).

Which school years still lack their two media on a day, and what is wrong with each medium.

Invariants: a medium counts when a copy on it was made after the year's end and after the last
period of the year was closed, was read back, and was restored once (R-6.3); a later copy holds all
earlier years, so at most two years are asked about; what was done after the day does not count yet.
Absent on purpose: a demand for years before the school's first study period.
"""

from __future__ import annotations

import datetime as dt
from calendar import isleap
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from msgspec.structs import replace as changed

from papka.core.places import import_file, student_folder
from papka.records.acts import Copy, RegisterEntry
from papka.records.archive import Archive
from papka.records.raw_exports import ORIGINAL_UNIT, UNMATCHED, UNMATCHED_UNIT
from papka.records.school import UNCONFIRMED, Purpose, Retention
from papka.records.student import (
    Consent,
    Credit,
    Document,
    Enrolment,
    Hold,
    Lending,
    Name,
    Paper,
    Person,
    Student,
)


def archive_on(archive: Archive, day: dt.date) -> Archive:
    """Acts of that day and before; programmes and the school itself stay as they are."""
    return replace(
        archive,
        approvals={key: act for key, act in archive.approvals.items() if act.closed <= day},
        registers={
            key: _issued(entry, day)
            for key, entry in archive.registers.items()
            if entry.date <= day
        },
        students={key: student_on(student, day) for key, student in archive.students.items()},
    )


def student_on(student: Student, day: dt.date) -> Student:
    periods = {
        period: tuple(result for result in results if result.date <= day)
        for period, results in student.periods.items()
    }
    return replace(
        student,
        person=person_on(student.person, day) if student.person else None,
        enrolments=tuple(_enrolment(e, day) for e in student.enrolments if e.start <= day),
        periods={period: results for period, results in periods.items() if results},
        credits=tuple(_credit(each, day) for each in student.credits if each.applied <= day),
        awards=tuple(award for award in student.awards if award.date <= day),
        consents=tuple(_consent(c, day) for c in student.consents if c.date <= day),
        documents=tuple(
            _document(each, day)
            for each in student.documents
            if each.date is None or each.date <= day
        ),
        notices=tuple(notice for notice in student.notices if notice.date <= day),
        diagnostics=tuple(each for each in student.diagnostics if each.date <= day),
        needs=tuple(need for need in student.needs if need.date <= day),
    )


def person_on(person: Person, day: dt.date) -> Person:
    """With the name of that day; changes of name that came later are not former yet."""
    name, ended = person.name, person.need_ended
    for past in sorted(person.former_names, key=lambda past: past.until, reverse=True):
        if past.until >= day:
            parts = {
                part: value
                for part in ("surname", "given", "patronymic")
                if (value := getattr(past, part)) is not None
            }
            name = Name(
                **{"given": name.given, "surname": name.surname, "patronymic": name.patronymic}
                | parts
            )
    return changed(
        person,
        name=name,
        former_names=tuple(past for past in person.former_names if past.until < day),
        paper=_paper(person.paper, day) if person.paper else None,
        accounts=tuple(each for each in person.accounts if each.since is None or each.since <= day),
        holds=tuple(hold for hold in person.holds if hold.since <= day),
        need_ended=ended if ended is not None and ended.date <= day else None,
    )


def _enrolment(enrolment: Enrolment, day: dt.date) -> Enrolment:
    is_over = enrolment.ended is not None and enrolment.ended.date <= day
    return enrolment if is_over else changed(enrolment, ended=None)


def _credit(credit: Credit, day: dt.date) -> Credit:
    """Applied for, with no subject judged yet, until the decision."""
    if credit.decided is None or credit.decided <= day:
        return credit
    return changed(credit, decided=None, order=None, items=())


def _consent(consent: Consent, day: dt.date) -> Consent:
    is_revoked = consent.revoked is not None and consent.revoked.date <= day
    return consent if is_revoked else changed(consent, revoked=None)


def _document(document: Document, day: dt.date) -> Document:
    is_certified = document.certified is not None and document.certified.date <= day
    return document if is_certified else changed(document, certified=None)


def _issued(entry: RegisterEntry, day: dt.date) -> RegisterEntry:
    is_handed = entry.handed is not None and entry.handed.date <= day
    return entry if is_handed else changed(entry, handed=None)


def _paper(paper: Paper, day: dt.date) -> Paper:
    lendings = tuple(_lending(each, day) for each in paper.lendings if each.date <= day)
    volumes = tuple(volume for volume in paper.volumes if volume.bound <= day)
    return changed(paper, lendings=lendings, volumes=volumes)


def _lending(lending: Lending, day: dt.date) -> Lending:
    is_back = lending.returned is not None and lending.returned <= day
    return lending if is_back else changed(lending, returned=None)


def as_issued(entry: RegisterEntry) -> RegisterEntry:
    """Neither handed over nor void yet."""
    return changed(entry, handed=None, void=None)


_PICTURE = "фото"


def in_force(consent: Consent, on: dt.date) -> bool:
    """Whether the consent holds on that day."""
    if consent.revoked is not None and consent.revoked.date <= on:
        return False
    ended = consent.valid_until is not None and consent.valid_until < on
    return consent.date <= on and not ended


def consents_on(student: Student, on: dt.date, purpose: str | None = None) -> tuple[Consent, ...]:
    """The student's consents in force on a date, of one purpose or of all."""
    return tuple(
        consent
        for consent in student.consents
        if (purpose is None or consent.purpose == purpose) and in_force(consent, on)
    )


def picture_purposes(archive: Archive) -> frozenset[str]:
    """Purposes that let the school use a photo: those whose data name one."""
    return frozenset(name for name, purpose in archive.purposes.items() if _of_picture(purpose))


def _of_picture(purpose: Purpose) -> bool:
    return any(
        item.casefold().startswith(_PICTURE)
        for edition in purpose.editions
        for item in edition.data
    )


def lent(student: Student, on: dt.date) -> tuple[Lending, ...]:
    """Lendings of the paper file that are out on a date."""
    paper = student.person.paper if student.person else None
    return tuple(
        lending
        for lending in (paper.lendings if paper else ())
        if lending.date <= on and (lending.returned is None or lending.returned > on)
    )


def overdue(student: Student, on: dt.date) -> tuple[Lending, ...]:
    """Those of them whose day of return has passed; without a day none is overdue."""
    return tuple(
        lending for lending in lent(student, on) if lending.due is not None and lending.due < on
    )


PERSONAL_FILE = "личное дело"
Obstacle = Literal[
    "обучение не окончено",
    "нет срока хранения",
    "срок хранения не подтверждён",
    "срок хранения не истёк",
    "действует запрет",
    "надобность не признана миновавшей",
]


@dataclass(frozen=True, slots=True)
class Keeping:
    """`until` is the last day of the term, None while it does not run; `obstacles` are all that
    forbids destruction on the day asked about, none left means it is due."""

    since: dt.date | None
    until: dt.date | None
    rule: Retention | None
    holds: tuple[Hold, ...]
    obstacles: tuple[Obstacle, ...]

    @property
    def due(self) -> bool:
        return not self.obstacles


def keeping(archive: Archive, student: Student, on: dt.date) -> Keeping:
    """How the folder stands on a date."""
    school, person = archive.organization, student.person
    rules = school.retention if school else ()
    rule = next((item for item in rules if item.unit == PERSONAL_FILE), None)
    since = studied_until(student)
    until = _after(since, rule.years) if since and rule else None
    holds = tuple(hold for hold in (person.holds if person else ()) if _holds(hold, on))
    ended = person.need_ended if person else None
    found: list[Obstacle] = []
    if since is None or since > on:
        found.append("обучение не окончено")
    if rule is None:
        found.append("нет срока хранения")
    elif rule.source == UNCONFIRMED:
        found.append("срок хранения не подтверждён")
    if until is not None and until >= on:
        found.append("срок хранения не истёк")
    if holds:
        found.append("действует запрет")
    if ended is None or ended.date > on:
        found.append("надобность не признана миновавшей")
    return Keeping(since, until, rule, holds, tuple(found))


def studied_until(student: Student) -> dt.date | None:
    """The day the last enrolment ended; None while one goes on or there has been none."""
    ends = [enrolment.ended.date for enrolment in student.enrolments if enrolment.ended]
    return max(ends) if ends and len(ends) == len(student.enrolments) else None


def _holds(hold: Hold, on: dt.date) -> bool:
    return hold.since <= on and (hold.until is None or hold.until >= on)


def _after(day: dt.date, years: int) -> dt.date:
    """The same day so many years later; the end of the calendar is the latest."""
    year = day.year + years
    if year > dt.MAXYEAR:
        return dt.date.max
    if (day.month, day.day) == (2, 29) and not isleap(year):
        return dt.date(year, 2, 28)
    return day.replace(year=year)


def bound_units(archive: Archive, student: str) -> tuple[str, ...]:
    """Units as `layout.unit` names them, the personal file first."""
    found = [student_folder(student)]
    for key, files in sorted(archive.import_files.items()):
        owners = {part.owner for part in files.parts}
        if student in owners:
            found.append(import_file(key, ORIGINAL_UNIT))
            found += [import_file(key, UNMATCHED_UNIT)] if UNMATCHED in owners else []
    return tuple(found)


NEEDED = 2
"""So many different media keep every school year."""


def by_medium(copies: Iterable[Copy]) -> tuple[tuple[Copy, ...], ...]:
    """The copies of each medium, in the order of the first."""
    groups: list[list[Copy]] = []
    for copy in copies:
        same = [group for group in groups if any(_is_one(copy, other) for other in group)]
        joined = [each for group in same for each in group]
        groups = [group for group in groups if group not in same]
        groups.append([*joined, copy])
    return tuple(tuple(group) for group in groups)


def day_in(year: int, month_and_day: str) -> dt.date:
    """A day that the month lacks this year (29 February) is the first one after it."""
    month, number = (int(part) for part in month_and_day.split("-"))
    return dt.date(year, month, 1) + dt.timedelta(days=number - 1)


def first_day(archive: Archive, year: int) -> dt.date:
    """The day a school year begins; years are called by the calendar year they begin in."""
    declared = archive.organization
    return day_in(year, declared.school_year.starts if declared else "01-01")


def end_of(archive: Archive, year: int) -> dt.date:
    """The last day of a school year."""
    return first_day(archive, year + 1) - dt.timedelta(days=1)


def school_year(archive: Archive, day: dt.date) -> int:
    """The school year a day is in."""
    return day.year if day >= first_day(archive, day.year) else day.year - 1


def holding(archive: Archive, year: int) -> tuple[tuple[Copy, ...], ...]:
    """Re-read copies of the whole year, by medium: the journal's own and those of later years,
    which hold it too."""
    inside = {period.period for period in archive.periods.values() if period.school_year == year}
    acts = [act.closed for act in archive.approvals.values() if act.period in inside]
    since = max([first_day(archive, year + 1), *acts])
    found = [
        copy
        for key in sorted(archive.media)
        if key.isdecimal() and int(key) >= year
        for copy in archive.media[key].copies
        if copy.date >= since and copy.verified is not None
    ]
    return by_medium(found)


def year_for(archive: Archive, day: dt.date) -> int:
    """Whose journal a copy made this day belongs to: the year that ended last until it has its two
    media, then the one that goes on."""
    current = school_year(archive, day)
    was_taught = any(period.school_year == current - 1 for period in archive.periods.values())
    if was_taught and len(holding(archive, current - 1)) < NEEDED:
        return current - 1
    return current


def _is_one(first: Copy, second: Copy) -> bool:
    same_disk = first.device is not None and first.device == second.device
    return first.medium == second.medium or same_disk


Fault = Literal["рано", "до закрытия", "не перечитана", "не восстановлена"]
_FAULTS: tuple[Fault, ...] = ("рано", "до закрытия", "не перечитана", "не восстановлена")
"""From the worst: a medium is as good as its best copy."""


@dataclass(frozen=True, slots=True)
class YearOfCopies:
    """A school year that ended and is not on two media. `by`: the last day to copy it; `good`: so
    many media hold it; `lacking`: the others, by label, and what each still needs."""

    year: int
    by: dt.date
    good: int
    lacking: tuple[tuple[str, Fault], ...]


def copies_due(archive: Archive, on: dt.date) -> Iterator[YearOfCopies]:
    """The older year first; the year before the last is asked about until the last one is late."""
    last = school_year(archive, on) - 1
    years = (last - 1, last) if on <= backup_by(archive, last) else (last,)
    for year in years:
        if any(period.school_year <= year for period in archive.periods.values()):
            found = _standing(archive, year, on)
            if found.good < NEEDED:
                yield found


def backup_by(archive: Archive, year: int) -> dt.date:
    """The last day to make the copies of a school year: the first such day after its end."""
    after, declared = first_day(archive, year + 1), archive.organization
    named = declared.school_year.backup_by if declared else "01-25"
    found = day_in(after.year, named)
    return found if found >= after else day_in(after.year + 1, named)


def _standing(archive: Archive, year: int, on: dt.date) -> YearOfCopies:
    made = [c for media in archive.media.values() for c in media.copies if c.date <= on]
    good, lacking = 0, []
    for group in by_medium(sorted(made, key=lambda copy: copy.date)):
        faults = [fault for copy in group if (fault := _fault(archive, year, copy, on))]
        if len(faults) < len(group):
            good += 1
        elif (least := max(faults, key=_FAULTS.index)) != "рано":
            lacking.append((group[-1].medium, least))
    return YearOfCopies(year, backup_by(archive, year), good, tuple(lacking))


def _fault(archive: Archive, year: int, copy: Copy, on: dt.date) -> Fault | None:
    """What keeps the copy from holding the year; None when it does."""
    if copy.date < first_day(archive, year + 1):
        return "рано"
    if copy.date < _last_closed(archive, year, on):
        return "до закрытия"
    if copy.verified is None or copy.verified > on:
        return "не перечитана"
    if copy.restored is None or copy.restored > on:
        return "не восстановлена"
    return None


def _last_closed(archive: Archive, year: int, on: dt.date) -> dt.date:
    """The day the last period of the year was closed."""
    inside = {period.period for period in archive.periods.values() if period.school_year == year}
    closed = [act.closed for act in archive.approvals.values() if act.period in inside]
    return max((each for each in closed if each <= on), default=dt.date.min)
