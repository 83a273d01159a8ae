"""How things stand on a day: the archive, consents, lendings, copies.

All is told by the dates written in the records; what was known on that day is git's history.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar, get_args

from msgspec.structs import replace as changed

from papka.core.cells import folded
from papka.core.kinds import LIST_KINDS
from papka.records.acts import MediumCopy, RegisterEntry
from papka.records.added_fields import added_on
from papka.records.archive import Archive
from papka.records.school import PurposeEdition
from papka.records.student import (
    Added,
    AnyEntry,
    Consent,
    Credit,
    Document,
    FormerName,
    Lending,
    Name,
    Paper,
    Person,
    Record,
    Representative,
    Student,
)

E = TypeVar("E", bound=Record)


def archive_on(archive: Archive, day: dt.date) -> Archive:
    """Return the archive as it stood on a day; programmes and the school itself stay as they are.

    Nothing dated later is seen; what ended or was decided or certified later has not been yet; days
    named beforehand (a planned end, a day of return) stay; an entry without a date is always there.
    A void document is void on every day, or a paper of an earlier day would make it good again.
    """
    return replace(
        archive,
        approvals={key: act for key, act in archive.approvals.items() if act.date <= day},
        registers={
            key: _forget(entry, "handed", day)
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
    lists: dict[str, Any] = {
        kind.name: tuple(
            _forget(entry, kind.until, day)
            for entry in getattr(student, kind.name)
            if (since := getattr(entry, kind.since)) is None or since <= day
        )
        for kind in LIST_KINDS
    }
    lists["credits"] = tuple(_undecided_before(each, day) for each in lists["credits"])
    shown = replace(
        student,
        person=person_on(student.person, day) if student.person else None,
        periods={period: results for period, results in periods.items() if results},
        **lists,
    )
    if student.voided:
        shown = replace(shown, voided=_voided_until(student, day))
    if student.added == Added():
        return shown
    kept = {entry.id for entry in shown.entries() if entry.id}
    return replace(shown, added=added_on(student.added, day, kept))


def _voided_until(
    student: Student, day: dt.date
) -> dict[tuple[str, str], tuple[tuple[int, AnyEntry], ...]]:
    """Return the entries made by mistake that bear no later day, each list's at its end."""
    return {
        key: tuple((at, entry) for at, entry in gone if _day_of(entry) <= day)
        for key, gone in student.voided.items()
    }


def _day_of(entry: AnyEntry) -> dt.date:
    found = (getattr(entry, name, None) for name in ("date", "start", "applied", "since"))
    return next((each for each in found if each is not None), dt.date.min)


def list_days(student: Student) -> tuple[dt.date, ...]:
    """Return the days, in order, from which something new is there: an entry, an end, a name."""
    days = {_day_of(entry) for entry in student.entries()}
    days |= {each.ended.date for each in student.enrolments if each.ended}
    former = student.person.former_names if student.person else ()
    days |= {days_after(past.until, 1) for past in former}
    return tuple(sorted(days - {dt.date.min}))


def person_on(person: Person, day: dt.date) -> Person:
    """Return the person, and who stands for them, with the names of that day.

    Later changes of name are not former yet.
    """
    return changed(
        _forget(person, "need_ended", day),
        name=_name_on(person.name, person.former_names, day),
        former_names=_former_on(person.former_names, day),
        representatives=tuple(representative_on(each, day) for each in person.representatives),
        paper=_paper_on(person.paper, day) if person.paper else None,
        accounts=tuple(each for each in person.accounts if each.since is None or each.since <= day),
        holds=tuple(hold for hold in person.holds if hold.since <= day),
    )


def representative_on(person: Representative, day: dt.date) -> Representative:
    """Return the representative with the name of that day."""
    if not person.former_names:
        return person
    name = _name_on(person, person.former_names, day)
    parts = {part: getattr(name, part) for part in (*_PARTS, "genitive", "dative")}
    return changed(person, **parts, former_names=_former_on(person.former_names, day))


_PARTS = ("surname", "given", "patronymic")


def _name_on(name: Name, former: tuple[FormerName, ...], day: dt.date) -> Name:
    """Return the name of that day; the cases that are recorded are those of today's name."""
    for past in sorted(former, key=lambda past: past.until, reverse=True):
        if past.until >= day:
            name = Name(**{part: getattr(past, part) or getattr(name, part) for part in _PARTS})
    return name


def _former_on(former: tuple[FormerName, ...], day: dt.date) -> tuple[FormerName, ...]:
    return tuple(past for past in former if past.until < day)


def _forget(entry: E, field: str, day: dt.date) -> E:
    """Drop a field that says what became of the entry, when that was after the day."""
    if not field:
        return entry
    happened = getattr(entry, field)
    date = getattr(happened, "date", happened)
    return changed(entry, **{field: None}) if date is not None and date > day else entry


def _undecided_before(credit: Credit, day: dt.date) -> Credit:
    """Return a credit as applied for, with no subject judged yet, until the decision."""
    if credit.decided is None or credit.decided <= day:
        return credit
    return changed(credit, decided=None, order=None, items=())


def _paper_on(paper: Paper, day: dt.date) -> Paper:
    lendings = (_forget(each, "returned", day) for each in paper.lendings if each.date <= day)
    volumes = tuple(volume for volume in paper.volumes if volume.bound <= day)
    return changed(paper, lendings=tuple(lendings), volumes=volumes)


def as_issued(entry: RegisterEntry) -> RegisterEntry:
    """Return a document as it left the school: neither handed over nor void yet."""
    return changed(entry, handed=None, void=None)


def in_force(archive: Archive, student: Student, consent: Consent, on: dt.date) -> bool:
    """Tell whether the consent holds (R-3.1): not on the day it is revoked, but on its last day."""
    if consent.revoked is not None and consent.revoked.date <= on:
        return False
    last = last_day_of_consent(archive, student, consent)
    return consent.date <= on and (last is None or on <= last)


def consents_on(
    archive: Archive, student: Student, on: dt.date, purpose: str | None = None
) -> tuple[Consent, ...]:
    """Return the student's consents in force on a date, of one purpose or of all."""
    return tuple(
        consent
        for consent in student.consents
        if (purpose is None or consent.purpose == purpose)
        and in_force(archive, student, consent, on)
    )


_WHOSE = r"(?: (?:моего|его|ее|ребенка|сына|дочери|обучающегося|учащегося|воспитанника))?"
_STUDY = re.compile(
    rf"(?:до (?:окончания|завершения|конца)|на (?:весь )?(?:срок|период|время)"
    rf"|в (?:течение|период)(?: всего)?(?: срока| периода| времени)?){_WHOSE} обучения{_WHOSE}"
    r"(?: в (?:организации|школе|студии|центре)| по (?:программе|договору))?"
    rf"|до отчисления{_WHOSE}"
)
_CALENDAR = re.compile(r"до (?:конца|окончания) (?:текущего |этого )?(?:календарного )?года")
_SCHOOL_YEAR = re.compile(r"до (?:конца|окончания) (?:текущего |этого )?учебного года")


def last_day_of_consent(archive: Archive, student: Student, consent: Consent) -> dt.date | None:
    """Return the last day of a consent: the one recorded, else what its words come to.

    Of words only these are reckoned: to the end of the study, of the year, of the school year.
    None while the study goes on, and where the words name no day.
    """
    if consent.valid_until is not None:
        return consent.valid_until
    purpose = archive.purposes.get(consent.purpose)
    edition = purpose.edition(consent.edition) if purpose else None
    words = folded(edition.term).strip(" .") if edition else ""
    if _STUDY.fullmatch(words):
        return _end_of_study(student, consent.date)
    if _CALENDAR.fullmatch(words):
        return dt.date(consent.date.year, 12, 31)
    if _SCHOOL_YEAR.fullmatch(words):
        return end_of(archive, school_year(archive, consent.date))
    return None


def _end_of_study(student: Student, since: dt.date) -> dt.date | None:
    """Return the last day of the study a consent was given for; what follows it at once is of it.

    Who comes back later signs anew.
    """
    last: dt.date | None = None
    for each in sorted(student.enrolments, key=lambda each: each.start):
        end = each.ended.date if each.ended else dt.date.max
        if end < since:
            continue
        if last and each.start > days_after(last, 1) and each.continues is None:
            break
        last = max(last or end, end)
    return None if last == dt.date.max else last


def picture_purposes(archive: Archive) -> frozenset[str]:
    """Return the purposes that let the school use a photo: those whose data name one."""
    return frozenset(
        name
        for name, purpose in archive.purposes.items()
        for edition in purpose.editions
        if any(folded(item).startswith("фото") for item in edition.data)
    )


_PUBLIC = re.compile(r"на сайт|публик|распростран|соцсет|социальн\w* сет|в интернет")
"""Actions by which anybody sees the data."""


def is_distributed(edition: PurposeEdition) -> bool:
    """Whether a text is of a consent to distribution (152-ФЗ ст. 10.1): it names pages for all, or
    an action by which anybody sees the data."""
    return bool(edition.resources) or any(_PUBLIC.search(folded(each)) for each in edition.actions)


def photos_of(student: Student) -> tuple[Document, ...]:
    """Return the documents with a file that are photos: the card's, and those called so."""
    card = student.person.photo if student.person else None
    return tuple(
        document
        for document in student.documents
        if document.file and (document.id == card or folded(document.kind).startswith("фото"))
    )


def as_file_alone(document: Document, why: str) -> Document:
    """Return a document as one that takes no sheets, with the reason in its note."""
    note = ". ".join(filter(None, (document.note, why)))
    return changed(document, medium="только файл", note=note)


def ended_photo_consent(archive: Archive, student: Student, on: dt.date) -> Consent | None:
    """Return the consent for a photo that ended last; None while one holds or none was given."""
    purposes = picture_purposes(archive)
    given = [each for each in student.consents if each.purpose in purposes and each.date <= on]
    if any(in_force(archive, student, each, on) for each in given):
        return None
    return max(given, key=lambda each: end_of_consent(archive, student, each), default=None)


def last_end_of_photos(archive: Archive, today: dt.date) -> dt.date | None:
    """Return the last day, up to today, from which a consent for a photo holds no longer."""
    purposes = picture_purposes(archive)
    ends = (
        _first_day_without(archive, student, consent)
        for student in archive.students.values()
        for consent in student.consents
        if consent.purpose in purposes
    )
    return max((end for end in ends if end <= today), default=None)


def _first_day_without(archive: Archive, student: Student, consent: Consent) -> dt.date:
    end = end_of_consent(archive, student, consent)
    return end if consent.revoked and consent.revoked.date == end else days_after(end, 1)


def end_of_consent(archive: Archive, student: Student, consent: Consent) -> dt.date:
    """Return the day it was withdrawn, or else its last day; with neither, the latest there is."""
    last = last_day_of_consent(archive, student, consent) or dt.date.max
    return min(last, consent.revoked.date) if consent.revoked else last


def lendings_out(student: Student, on: dt.date) -> tuple[Lending, ...]:
    """Return the lendings of the paper file that are out on a date (R-6.6)."""
    paper = student.person.paper if student.person else None
    return tuple(
        lending
        for lending in (paper.lendings if paper else ())
        if lending.date <= on and (lending.returned is None or lending.returned > on)
    )


def overdue(student: Student, on: dt.date) -> tuple[Lending, ...]:
    """Return those lent whose day of return has passed; without a day none is overdue."""
    return tuple(
        lending
        for lending in lendings_out(student, on)
        if lending.due is not None and lending.due < on
    )


MEDIA_NEEDED = 2
"""So many different media keep every school year."""


def group_by_medium(copies: Iterable[MediumCopy]) -> tuple[tuple[MediumCopy, ...], ...]:
    """Group copies by medium, in the order of the first: one label or one file system is one."""
    groups: list[list[MediumCopy]] = []
    for copy in copies:
        same = [group for group in groups if any(_share_medium(copy, other) for other in group)]
        joined = [each for group in same for each in group]
        groups = [group for group in groups if group not in same]
        groups.append([*joined, copy])
    return tuple(tuple(group) for group in groups)


def day_in(year: int, month_and_day: str) -> dt.date:
    """Read «MM-DD» in a year; a day the month lacks (29 February) is the first one after it."""
    month, number = (int(part) for part in month_and_day.split("-"))
    return dt.date(year, month, 1) + dt.timedelta(days=number - 1)


def days_after(day: dt.date, days: int) -> dt.date:
    """Return the day so many days later; the last day of the calendar is the latest."""
    return dt.date.fromordinal(min(day.toordinal() + days, dt.date.max.toordinal()))


def first_day(archive: Archive, year: int) -> dt.date:
    """Return the day a school year begins; it is called by the calendar year it begins in."""
    declared = archive.organization
    return day_in(year, declared.school_year.starts if declared else "01-01")


def end_of(archive: Archive, year: int) -> dt.date:
    """Return the last day of a school year."""
    return first_day(archive, year + 1) - dt.timedelta(days=1)


def name_year(archive: Archive, year: int) -> str:
    """Return «2026/27 учебный год», or «2026 учебный год» where it is a calendar year."""
    last = end_of(archive, year).year
    span = str(year) if last == year else f"{year}/{last % 100:02}"
    return f"{span} учебный год"


def school_year(archive: Archive, day: dt.date) -> int:
    """Return the school year a day is in."""
    return day.year if day >= first_day(archive, day.year) else day.year - 1


def copies_holding(archive: Archive, year: int) -> tuple[tuple[MediumCopy, ...], ...]:
    """Return the re-read copies that hold a year, by medium: its journal's and later years'.

    A copy holds a year when it was made after the year's end and not before its last period was
    closed (R-6.3).
    """
    since = max([first_day(archive, year + 1), *_closings(archive, year)])
    found = [
        copy
        for key in sorted(archive.media)
        if key.isdecimal() and int(key) >= year
        for copy in archive.media[key].copies
        if copy.date >= since and copy.verified is not None
    ]
    return group_by_medium(found)


def journal_year(archive: Archive, day: dt.date) -> int:
    """Return the year in whose journal a copy made this day belongs.

    The one that ended last until it has its two media, then the one that goes on.
    """
    current = school_year(archive, day)
    was_taught = any(period.school_year == current - 1 for period in archive.periods.values())
    if was_taught and len(copies_holding(archive, current - 1)) < MEDIA_NEEDED:
        return current - 1
    return current


def _share_medium(first: MediumCopy, second: MediumCopy) -> bool:
    same_disk = first.device is not None and first.device == second.device
    return first.medium == second.medium or same_disk


Fault = Literal["рано", "до закрытия", "не перечитана", "не восстановлена"]
"""Keeps a copy from holding a year; the worst first, for the best copy of a medium counts."""


@dataclass(frozen=True, slots=True)
class YearOfCopies:
    """A school year that ended and is not on two media.

    `by`: the last day to copy it; `good`: how many media hold it; `lacking`: the others, by label,
    and what each still needs.
    """

    year: int
    by: dt.date
    good: int
    lacking: tuple[tuple[str, Fault], ...]


def copies_due(archive: Archive, on: dt.date) -> Iterator[YearOfCopies]:
    """Yield the school years that still lack their two media on a day, the older first.

    A medium counts when a copy on it was read back, and restored once. A later copy holds all
    earlier years, so the year before the last is asked about only until the last one is late; none
    is asked about before the school's first study period.
    """
    last = school_year(archive, on) - 1
    years = (last - 1, last) if on <= backup_by(archive, last) else (last,)
    for year in years:
        if any(period.school_year <= year for period in archive.periods.values()):
            found = _judge_year(archive, year, on)
            if found.good < MEDIA_NEEDED:
                yield found


def backup_by(archive: Archive, year: int) -> dt.date:
    """Return the last day to copy a school year: the first such day after its end."""
    after, declared = first_day(archive, year + 1), archive.organization
    named = declared.school_year.backup_by if declared else "01-25"
    found = day_in(after.year, named)
    return found if found >= after else day_in(after.year + 1, named)


def _judge_year(archive: Archive, year: int, on: dt.date) -> YearOfCopies:
    made = [c for media in archive.media.values() for c in media.copies if c.date <= on]
    good, lacking = 0, []
    for group in group_by_medium(sorted(made, key=lambda copy: copy.date)):
        faults = [fault for copy in group if (fault := _find_fault(archive, year, copy, on))]
        if len(faults) < len(group):
            good += 1
        elif (least := max(faults, key=get_args(Fault).index)) != "рано":
            lacking.append((group[-1].medium, least))
    return YearOfCopies(year, backup_by(archive, year), good, tuple(lacking))


def _find_fault(archive: Archive, year: int, copy: MediumCopy, on: dt.date) -> Fault | None:
    """Return what keeps a copy from holding the year; None when it does."""
    if copy.date < first_day(archive, year + 1):
        return "рано"
    if any(copy.date < closed <= on for closed in _closings(archive, year)):
        return "до закрытия"
    if copy.verified is None or copy.verified > on:
        return "не перечитана"
    if copy.restored is None or copy.restored > on:
        return "не восстановлена"
    return None


def _closings(archive: Archive, year: int) -> list[dt.date]:
    """Return the days the periods of a school year were closed."""
    inside = {period.period for period in archive.periods.values() if period.school_year == year}
    return [archive.approvals[period].date for period in inside & archive.approvals.keys()]


def age(born: dt.date, on: dt.date) -> int:
    """Return whole years lived, never below zero.

    One born on 29 February is a year older on 1 March of a common year.
    """
    had_birthday = (on.month, on.day) >= (born.month, born.day)
    return max(0, on.year - born.year - (0 if had_birthday else 1))
