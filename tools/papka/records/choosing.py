"""Choose people by what a school asks of them: group, programme, age, what is lacking.

One choice for lists, printing and issuing. Only who studies on the day is chosen, or who completed
a programme where that is asked, or whom a document is due; of several enrolments those that fit;
every part of a choice must fit. Names of groups, programmes and purposes
are the same words as everywhere (`cells.folded`); one that nobody declared is told, for an empty
list would look like an answer.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from papka.core.cells import folded
from papka.core.errors import NotFound
from papka.core.phrases import suggest
from papka.records.archive import Archive
from papka.records.derived.in_force import age, consents_on
from papka.records.derived.membership import group_until
from papka.records.derived.result_facts import outstanding, studied_between
from papka.records.student import COMPLETED, Enrolment, Student

CONTRACT, CONSENT, PHOTO = "договор", "согласие", "фото"
"""What one may be without, beside the purposes that the school declares."""
EVER = "все"
"""Graduates of whatever time."""
_YEAR = re.compile(r"\d{4}")
_AGES = re.compile(r"(\d{1,3})(?:-(\d{1,3})|(\+))?(?: ?(?:лет|года?))?")


_OLDEST = 200


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """What is asked; "" and () ask nothing. `ages` are the least and the most, both included.

    `graduated` asks for those who completed a programme in a period, in a year, or EVER.
    """

    group: str = ""
    program: str = ""
    ages: tuple[int, int] | None = None
    without: tuple[str, ...] = ()
    has_debts: bool = False
    is_leaving: bool = False
    graduated: str = ""

    def __bool__(self) -> bool:
        """Whether anything is asked."""
        return self != PeopleFilter()


@dataclass(frozen=True, slots=True)
class ChosenPerson:
    """A student with the enrolments that fit, and `about`: what else the choice found out."""

    student: Student
    studies: tuple[Enrolment, ...]
    about: tuple[str, ...]


def kinds_for(wanted: PeopleFilter) -> frozenset[str]:
    """Return the kinds of records that a choice must read."""
    kinds = {"organization", "program", "student", "enrolments", "transfers", "consents"}
    return frozenset(kinds | {"results", "credits"} if wanted.has_debts else kinds)


def read_ages(text: str) -> tuple[int, int] | None:
    """Read «7-9», «7», «14+» as a span of years; None when it is none."""
    found = _AGES.fullmatch(folded(text))
    if found is None:
        return None
    least = int(found[1])
    top = _OLDEST if found[3] else int(found[2] or least)
    return (least, top) if least <= top else None


def choose_people(
    archive: Archive,
    wanted: PeopleFilter,
    on: dt.date,
    is_meant: Callable[[Student, Enrolment], bool] | None = None,
) -> list[ChosenPerson]:
    """Return who fits on the day. Raises NotFound for a name that is not declared.

    `is_meant` says which studies are chosen among; by default those that go on that day.
    """
    asked = _read_names(archive, wanted)
    span = _read_span(archive, wanted.graduated)
    found = []
    for student in archive.students.values():
        person = student.person
        if person is None or person.duplicate_of or not _fits_age(student, wanted, on):
            continue
        studies = [
            each
            for each in student.enrolments
            if (is_meant(student, each) if is_meant else span or _goes_on(each, wanted, on))
            and (not wanted.is_leaving or _ends_in_month(each, on))
            and (span is None or _was_completed(each, *span))
        ]
        if asked.group:
            studies = [each for each in studies if group_until(student, each, on) == asked.group]
        studies = [each for each in studies if not asked.program or each.program == asked.program]
        about = [*_describe_leaving(studies, wanted)]
        for what in asked.without:
            studies = [each for each in studies if _is_without(archive, student, each, what, on)]
            about.append(f"нет: {what}")
        if wanted.has_debts:
            owed = list(outstanding(archive, student, on))
            owing = {debt.first.enrolment for debt in owed}
            studies = [each for each in studies if each.id in owing]
            about += [f"{debt.first.part or 'результат'}: {debt.state}" for debt in owed]
        if studies:
            found.append(ChosenPerson(student, tuple(studies), tuple(about)))
    return found


def _read_names(archive: Archive, wanted: PeopleFilter) -> PeopleFilter:
    """Return the choice with the keys of the groups, programmes and purposes it names."""
    studies = (each for student in archive.students.values() for each in student.enrolments)
    groups = {*archive.groups, *(each.group for each in studies if each.group)}
    programs = {code: (code, each.title) for code, each in archive.programs.items()}
    lacking = {name: (name, each.title) for name, each in archive.purposes.items()}
    lacking |= {name: (name, name) for name in (CONTRACT, CONSENT, PHOTO)}
    return PeopleFilter(
        group=_declared("Группы", wanted.group, {name: (name,) for name in groups}),
        program=_declared("Программы", wanted.program, programs),
        without=tuple(_declared("Документа или цели", each, lacking) for each in wanted.without),
    )


def _declared(kind: str, asked: str, names: Mapping[str, tuple[str, ...]]) -> str:
    """Return the key that a word means; "" when nothing is asked."""
    if not asked:
        return ""
    word = folded(asked).strip('"')
    same = [
        key for key, said in names.items() if word in {folded(name).strip('"') for name in said}
    ]
    if len(same) == 1:
        return same[0]
    raise NotFound(f"{kind} «{asked}» нет", f"Проверьте слово.{suggest(asked, names)}")


def _read_span(archive: Archive, said: str) -> tuple[dt.date, dt.date] | None:
    """Return the first and last day of a period or year; None when nothing is asked."""
    if not said:
        return None
    word = folded(said)
    if word == EVER:
        return dt.date.min, dt.date.max
    if _YEAR.fullmatch(word):
        return dt.date(int(word), 1, 1), dt.date(int(word), 12, 31)
    period = archive.periods.get(word)
    if period is None:
        known = ", ".join(f"«{each}»" for each in sorted(archive.periods))
        raise NotFound(
            f"Периода «{said}» нет",
            f"Когда окончили: период ({known or 'их в архиве пока нет'}), год или «{EVER}»",
        )
    return period.start, period.end


def _was_completed(study: Enrolment, first: dt.date, last: dt.date) -> bool:
    ended = study.ended
    return ended is not None and ended.reason == COMPLETED and first <= ended.date <= last


def _goes_on(study: Enrolment, wanted: PeopleFilter, on: dt.date) -> bool:
    """Whether somebody studies so on the day; who leaves in its month may have left already."""
    return wanted.is_leaving or studied_between(study, on, on)


def _ends_in_month(study: Enrolment, on: dt.date) -> bool:
    end = study.ended.date if study.ended else study.planned_end
    return end is not None and (end.year, end.month) == (on.year, on.month)


def _fits_age(student: Student, wanted: PeopleFilter, on: dt.date) -> bool:
    if wanted.ages is None:
        return True
    born = student.person.birth_date if student.person else None
    least, most = wanted.ages
    return born is not None and least <= age(born, on) <= most


def _is_without(
    archive: Archive, student: Student, study: Enrolment, what: str, on: dt.date
) -> bool:
    if what == CONTRACT:
        return study.contract is None
    if what == PHOTO:
        return student.person is None or student.person.photo is None
    if what == CONSENT:
        return not consents_on(archive, student, on)
    return not consents_on(archive, student, on, what)


def _describe_leaving(studies: Iterable[Enrolment], wanted: PeopleFilter) -> Iterator[str]:
    if not wanted.is_leaving and not wanted.graduated:
        return
    for study in studies:
        if study.ended:
            yield f"{study.ended.reason} {study.ended.date:%d.%m.%Y}"
        elif study.planned_end:
            yield f"по плану до {study.planned_end:%d.%m.%Y}"
