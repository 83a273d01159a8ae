"""Rules about what is written well and is hardly true: repeated marks and people, odd years.

They warn: each of them is right once in a while, and then nothing has to be mended.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import chain, zip_longest
from typing import NamedTuple

from papka.checks.false_facts import EARLIEST_YEAR
from papka.checks.personal_data import list_names
from papka.core.findings import Code, Finding, Location, Severity
from papka.core.phrases import count_phrase
from papka.core.places import ORGANIZATION, RECORDS, STAFF, order_file, record_file
from papka.records.archive import Archive
from papka.records.derived.in_force import age, days_after
from papka.records.derived.result_facts import (
    MOST_RESITS,
    DebtOn,
    debts_on,
    enrolment_of,
    is_excused,
    scale_of,
)
from papka.records.given_names import is_swapped
from papka.records.people_alike import AlikePeople, appearance_of
from papka.records.school import Period
from papka.records.student import Name, Result, Student

DATE_TOO_EARLY = Code(
    "DATE_TOO_EARLY",
    Severity.WARNING,
    says="Дата {date} слишком давняя",
    hint="Проверьте год",
    why="Записей до 1940 года в архиве школы не бывает: в году переставлены или пропущены цифры. "
    "Если год верен, исправлять нечего.",
)
DATE_AHEAD = Code(
    "DATE_AHEAD",
    Severity.WARNING,
    says="Дата {date} ещё не наступила: сохраняют {day}",
    hint="Проверьте дату; если верна она, проверьте часы компьютера",
    why="Записывают то, что уже было. Сравнивают с днём сохранения, поэтому замечание о сохранённом"
    " не исчезает, когда этот день наступит.",
)
RESULT_AFTER_PERIOD = Code(
    "RESULT_AFTER_PERIOD",
    Severity.WARNING,
    says="Результат датирован {date}, а период {period} кончился {end}",
    hint="Проверьте дату; результат другого периода внесите в тот период, пересдаче нужен resits",
    why="Результат принадлежит периоду, в котором его ждали. Задержаться он может до начала "
    "следующего периода или на месяц; позже бывают только пересдачи и исправления.",
)
MARK_TWICE = Code(
    "MARK_TWICE",
    Severity.WARNING,
    says="По части «{part}» в периоде {period} уже есть отметка «{control}» — запись {first}",
    hint="Оставьте одну; пересдача называет первую в resits, исправление — в replaces",
    why="За период и в итоге по части ставят одну отметку. Из двух неясно, какая действует.",
)
RESIT_OF_PASS = Code(
    "RESIT_OF_PASS",
    Severity.WARNING,
    says="Пересдана запись {name}, а её отметка ({mark}) и без того проходная",
    hint="Проверьте, ту ли запись называет resits и верна ли прежняя отметка",
    why="Пересдают то, что не сдано (п. 2.2.6 Порядка). Описку исправляет запись с replaces.",
)
RESIT_OF_REPLACED = Code(
    "RESIT_OF_REPLACED",
    Severity.WARNING,
    says="Пересдана запись {name}, а её уже исправила запись {by}",
    hint="Назовите в resits запись {by}",
    why="Исправленная запись не действует: пересдают то, что стоит вместо неё.",
)
RESIT_THIRD = Code(
    "RESIT_THIRD",
    Severity.WARNING,
    says="Это {number}-я пересдача записи {name}, а пересдают не более двух раз",
    hint="Проверьте, что называет resits; третьей пересдачи закон не предусматривает",
    why="Задолженность ликвидируют не более чем за две пересдачи, вторую принимает комиссия "
    "(273-ФЗ, ст. 58, ч. 5–6). Пропущенная по уважительной причине не в счёт.",
)
RESIT_LATE = Code(
    "RESIT_LATE",
    Severity.WARNING,
    says="Пересдача записи {name} — {date}, позже года с появления задолженности ({since})",
    hint="Проверьте дату; продлили срок болезнь или отпуск — исправлять нечего",
    why="Задолженность ликвидируют в пределах года с её появления; болезнь, академический отпуск и "
    "отпуск по беременности и родам в этот год не входят (273-ФЗ, ст. 58, ч. 5).",
)
ENROLMENTS_OVERLAP = Code(
    "ENROLMENTS_OVERLAP",
    Severity.WARNING,
    says="Зачисления {first} и {second} на программу «{program}» идут одновременно",
    hint="Проверьте даты; прежнее обучение заканчивают: papka end {address}",
    why="По одной программе человек учится один раз в одно время. Второе зачисление чаще всего "
    "внесено дважды.",
)
AGE_OUTSIDE = Code(
    "AGE_OUTSIDE",
    Severity.WARNING,
    says="В день зачисления обучающемуся {age}, а программа «{program}» — {ages}",
    hint="Проверьте дату рождения, дату зачисления и программу; если всё верно, исправлять нечего",
    why="Возраст, для которого программа, назван в ней самой (ages). В дате рождения часто теряют "
    "цифру.",
)
PERIODS_OVERLAP = Code(
    "PERIODS_OVERLAP",
    Severity.WARNING,
    says="Период {second} начинается {start}, когда период {first} ещё идёт: до {end}",
    hint="Проверьте даты обоих периодов в records/organization.yaml",
    why="Результат записывают в один период; где два идут сразу, неясно, в какой.",
)
PERIODS_GAP = Code(
    "PERIODS_GAP",
    Severity.WARNING,
    says="Между периодами {first} (до {end}) и {second} (с {start}) больше ста дней",
    hint="Проверьте даты; пропущенный период объявите в records/organization.yaml",
    why="Каникулы короче. Результат этих дней некуда записать.",
)
NAME_SWAPPED = Code(
    "NAME_SWAPPED",
    Severity.WARNING,
    says="Похоже, на месте фамилии стоит имя",
    hint="Проверьте порядок: surname — фамилия, given — имя, patronymic — отчество",
    why="Имя и фамилию меняют местами, когда вводят одной строкой. В документах и списках человек "
    "окажется не под своей фамилией. Если всё верно, исправлять нечего.",
)
PERSON_ALIKE = Code(
    "PERSON_ALIKE",
    Severity.WARNING,
    says="Похоже, дела {first} и {second} — одного человека: имя и дата рождения {how}",
    hint="Если человек один, отметьте лишнее дело: papka fix ЛИШНЕЕ duplicate_of=ДРУГОЕ; если это "
    "разные люди, исправлять нечего",
    why="Вернувшийся остаётся в своём деле (п. 1.3 Порядка), а два дела одного человека расходятся."
    " Совпадение ищут без различия «е» и «ё», порядка слов и одной опечатки.",
)

_FIRST_YEAR = 1940


class Happened(NamedTuple):
    """A day in the records on which something has happened; `fields` lead to it in its entry.

    `may_be_ahead`: an order may have set it beforehand.
    """

    of: str
    fields: tuple[str, ...]
    may_be_ahead: bool = False

    @property
    def name(self) -> str:
        """The name of this branch of the rule."""
        return f"{self.of}: {'/'.join(self.fields)}"


_OWN = (
    Happened("enrolments", ("start",), may_be_ahead=True),
    Happened("enrolments", ("ended", "date"), may_be_ahead=True),
    Happened("transfers", ("date",), may_be_ahead=True),
    Happened("credits", ("applied",)),
    Happened("awards", ("date",)),
    Happened("consents", ("date",)),
    Happened("consents", ("revoked", "date")),
    Happened("consents", ("revoked", "stopped")),
    Happened("documents", ("date",)),
    Happened("notices", ("date",)),
    Happened("requests", ("date",)),
    Happened("requests", ("extended", "date")),
    Happened("requests", ("answered", "date")),
)
EARLY_BRANCHES = (
    "birth", "results", *(each.name for each in _OWN),
    "lendings", "order", "event", "period", "staff", "register",
)  # fmt: skip


def _pick(entry: object, fields: Iterable[str]) -> dt.date | None:
    found: object = entry
    for name in fields:
        found = getattr(found, name, None)
    return found if isinstance(found, dt.date) else None


def check_early(archive: Archive) -> Iterator[Finding]:
    """Nothing in the archive of a school happened before 1940."""
    for student in archive.students.values():
        birth = student.person.birth_date if student.person else None
        for where, day, _ in _list_own_days(student):
            # a birth that is too early for anybody is an error already: BIRTH_UNLIKELY
            if day.year < _FIRST_YEAR and not (day is birth and day.year < EARLIEST_YEAR):
                yield _report_early(where(), day)
    for where, day, _ in _list_school_days(archive):
        if day.year < _FIRST_YEAR:
            yield _report_early(where(), day)


AHEAD_BRANCHES = (
    "results", *(each.name for each in _OWN if not each.may_be_ahead),
    "lendings", "returned", "order", "register", "act",
)  # fmt: skip


def check_ahead(archive: Archive) -> Iterator[Finding]:
    """What has happened is not dated after the day on which it was saved.

    A birth that is gets BIRTH_UNLIKELY, for it is never right.
    """
    today = archive.day
    if today is None:
        return
    listed = chain(*map(_list_own_days, archive.students.values()), _list_school_days(archive))
    for where, day, may_be_ahead in listed:
        if day > today and not may_be_ahead:
            yield DATE_AHEAD.at(where(), date=f"{day:%d.%m.%Y}", day=f"{today:%d.%m.%Y}")


def _report_early(where: Location, day: dt.date) -> Finding:
    return DATE_TOO_EARLY.at(where, date=f"{day:%d.%m.%Y}")


_Dated = Iterator[tuple[Callable[[], Location], dt.date, bool]]
"""What finds the place of a day (asked only where something is wrong), it, whether it may be
ahead."""


def _list_own_days(student: Student) -> _Dated:
    person = student.person
    if person is not None and person.birth_date is not None:
        yield partial(student.where, person, "birth_date"), person.birth_date, True
    for _, result in student.results:
        yield partial(student.where, result, "date"), result.date, False
    for each in _OWN:
        for entry in getattr(student, each.of):
            day = _pick(entry, each.fields)
            if day is not None:
                yield partial(student.where, entry, *each.fields), day, each.may_be_ahead
    for lending in person.paper.lendings if person and person.paper else ():
        yield partial(student.where, lending, "date"), lending.date, False
        if lending.returned is not None:
            yield partial(student.where, lending, "returned"), lending.returned, False


def _list_school_days(archive: Archive) -> _Dated:
    for key, order in archive.orders.items():
        yield partial(Location, order_file(key), "/date"), order.date, False
    for year, events in archive.event_years.items():
        for index, event in enumerate(events):
            path = f"{RECORDS}/events/{year}.yaml"
            yield partial(Location, path, f"/events/{index}/date"), event.date, True
    for index, period in enumerate(archive.organization.periods if archive.organization else ()):
        yield partial(Location, ORGANIZATION, f"/periods/{index}/start"), period.start, True
    for index, member in enumerate(archive.staff_list):
        if member.since is not None:
            yield partial(Location, STAFF, f"/staff/{index}/since"), member.since, True
    for key, entry in archive.registers.items():
        yield partial(Location, f"{RECORDS}/registers/{key}.yaml", "/date"), entry.date, False
    for key, act in archive.destruction_acts.items():
        yield partial(Location, record_file("act", key) or "", "/date"), act.date, False


_LATE = 31
"""Days after the end of a period in which its results may still come."""
_BREAK = dt.timedelta(days=100)
_SUMMER = (5, 1), (9, 20)
"""Between these days the holiday may be longer: some schools teach from mid-September to May."""


def _list_periods(archive: Archive) -> list[Period]:
    """List the periods whose own days are in order, by their first day."""
    right = (period for period in archive.periods.values() if period.start <= period.end)
    return sorted(right, key=lambda period: (period.start, period.end))


def check_results_in_time(archive: Archive) -> Iterator[Finding]:
    """A first attempt is not dated when its period has long ended and the next one runs."""
    periods = _list_periods(archive)
    until: dict[str, dt.date] = {}
    for period, following in zip_longest(periods, periods[1:]):
        last = days_after(period.end, _LATE)
        if following is not None and following.start > period.end:
            last = min(last, following.start - dt.timedelta(days=1))
        until[period.period] = last
    for student in archive.students.values():
        for key, results in student.periods.items():
            last = until.get(key, dt.date.max)
            for result in results:
                if result.resits or result.replaces or result.date <= last:
                    continue
                yield RESULT_AFTER_PERIOD.at(
                    student.where(result, "date"),
                    date=f"{result.date:%d.%m.%Y}",
                    period=key,
                    end=f"{archive.periods[key].end:%d.%m.%Y}",
                )


_ONCE = ("за период", "итоговый")
REPEATED_MARKS_BRANCHES = _ONCE


def check_repeated_marks(archive: Archive) -> Iterator[Finding]:
    """A part has one mark of a period and one final mark in it; the others are attempts of it."""
    for student in archive.students.values():
        for period, results in student.periods.items():
            first: dict[tuple[str, str | None, str], Result] = {}
            for result in results:
                if result.control not in _ONCE or result.resits or result.replaces:
                    continue
                if result.mark is None or result.part is None:
                    continue
                known = first.setdefault((result.enrolment, result.part, result.control), result)
                if known is not result:
                    yield MARK_TWICE.at(
                        student.where(result),
                        part=result.part,
                        period=period,
                        control=result.control,
                        first=known.id or "без номера",
                        related=[student.where(known)],
                    )


def check_resits(archive: Archive) -> Iterator[Finding]:
    """What is re-sat was not passed, and was not corrected before (R-2.2.6)."""
    for student in archive.students.values():
        again = [one for _, one in student.results if one.resits and not one.replaces]
        if not again:
            continue
        by_id = {one.id: one for _, one in student.results if one.id}
        corrected = {one.replaces: one for _, one in student.results if one.replaces}
        for result in again:
            name = result.resits or ""
            by, first = corrected.get(name), by_id.get(name)
            if by is not None and _is_older(by, result):
                yield RESIT_OF_REPLACED.at(
                    student.where(result, "resits"), name=name, by=by.id or "без номера"
                )
            elif by is None and first and _was_passed(archive, student, first, result):
                yield RESIT_OF_PASS.at(student.where(result, "resits"), name=name, mark=first.mark)


def check_resit_terms(archive: Archive) -> Iterator[Finding]:
    """A debt has two re-sits, within a year of the failure (273-ФЗ ст. 58 ч. 5)."""
    for student in archive.students.values():
        if not any(one.resits for _, one in student.results):
            continue
        for debt in debts_on(archive, student, dt.date.max):
            yield from _judge_resits(student, debt)


def _judge_resits(student: Student, debt: DebtOn) -> Iterator[Finding]:
    name = debt.first.id or "без номера"
    used = 0
    for result in debt.again:
        used += not is_excused(result)
        if used > MOST_RESITS and not is_excused(result):
            yield RESIT_THIRD.at(student.where(result, "resits"), number=used, name=name)
        if result.date > debt.until:
            yield RESIT_LATE.at(
                student.where(result, "date"),
                name=name,
                date=f"{result.date:%d.%m.%Y}",
                since=f"{debt.first.date:%d.%m.%Y}",
            )


def _is_older(one: Result, other: Result) -> bool:
    """Whether one entry got its number before the other; an entry without any is the youngest."""
    if one.id is None or other.id is None:
        return other.id is None
    return int(one.id[1:]) < int(other.id[1:])


def _was_passed(archive: Archive, student: Student, first: Result, again: Result) -> bool:
    if first.mark is None or not _is_older(first, again):
        return False
    scale = scale_of(archive, enrolment_of(student, first.enrolment), first.part)
    return scale is not None and scale.has(first.mark) and scale.passes(first.mark)


def check_enrolments_apart(archive: Archive) -> Iterator[Finding]:
    """A person takes a programme once at a time: the next enrolment in it begins when one ends."""
    for student in archive.students.values():
        if len({one.program for one in student.enrolments}) == len(student.enrolments):
            continue
        running: dict[str, tuple[dt.date, str]] = {}
        for entry in sorted(student.enrolments, key=lambda one: one.start):
            end = entry.ended.date if entry.ended else dt.date.max
            last, first = running.get(entry.program, (dt.date.min, ""))
            if entry.start < last:
                yield ENROLMENTS_OVERLAP.at(
                    student.where(entry, "start"),
                    first=first,
                    second=entry.id or "новое",
                    program=entry.program,
                    address=f"{student.id}#{first}",
                )
            if end > last:
                running[entry.program] = end, entry.id or "новое"


AGES_BRANCHES = ("from", "to", "a birthday on the day")


def check_ages(archive: Archive) -> Iterator[Finding]:
    """Who is enrolled is of the age that the programme is for, in full years."""
    if not any(program.ages for program in archive.programs.values()):
        return
    for student in archive.students.values():
        birth = student.person.birth_date if student.person else None
        for enrolment in student.enrolments if birth else ():
            program = archive.programs.get(enrolment.program)
            if birth is None or program is None or program.ages is None or enrolment.start < birth:
                continue
            years, ages = age(birth, enrolment.start), program.ages
            if (ages.lowest or 0) <= years <= (ages.highest or years):
                continue
            bounds = (("от", ages.lowest), ("до", ages.highest))
            yield AGE_OUTSIDE.at(
                student.where(enrolment, "start"),
                age=count_phrase(years, "год", "года", "лет"),
                program=enrolment.program,
                ages="для возраста " + " ".join(f"{word} {n}" for word, n in bounds if n),
            )


PERIODS_APART_BRANCHES = ("overlap", "inside another", "gap", "summer")


def check_periods_apart(archive: Archive) -> Iterator[Finding]:
    """Periods follow one another; between those of one or two adjoining years only holidays lie."""
    latest: Period | None = None
    places = {name: index for index, name in enumerate(archive.periods)}
    for period in _list_periods(archive):
        if latest is not None:
            where = Location(ORGANIZATION, f"/periods/{places[period.period]}/start")
            if period.start <= latest.end:
                yield _report_periods(PERIODS_OVERLAP, where, latest, period)
            elif not _is_holiday(latest.end, period.start) and _adjoin(latest, period):
                yield _report_periods(PERIODS_GAP, where, latest, period)
        if latest is None or period.end > latest.end:
            latest = period


def _is_holiday(end: dt.date, start: dt.date) -> bool:
    """Whether the days between two periods may be a holiday; that of summer may be longer."""
    is_summer = end >= dt.date(start.year, *_SUMMER[0]) and start <= dt.date(
        start.year, *_SUMMER[1]
    )
    return is_summer or start - end <= _BREAK


def _adjoin(latest: Period, period: Period) -> bool:
    """Whether two periods are of one school year or of neighbouring ones."""
    return period.school_year - latest.school_year in (0, 1)


def _report_periods(code: Code, where: Location, latest: Period, period: Period) -> Finding:
    return code.at(
        where,
        first=latest.period,
        second=period.period,
        start=f"{period.start:%d.%m.%Y}",
        end=f"{latest.end:%d.%m.%Y}",
    )


SWAPPED_NAMES_BRANCHES = ("staff", "student", "representative")


def check_swapped_names(archive: Archive) -> Iterator[Finding]:
    """A surname is hardly a common given name beside a given name that is none."""
    for name, where in list_names(archive):
        if isinstance(name, Name) and is_swapped(name):
            yield NAME_SWAPPED.at(where("surname"))


PEOPLE_ALIKE_BRANCHES = (
    *("the very same", "ё and е", "order of the words", "one letter", "two letters changed places"),
    *("no patronymic", "a digit of the birth date", "day and month"),
)


def check_people_alike(archive: Archive) -> Iterator[Finding]:
    """Two personal files hardly have one name and one birth date, or such a slip of typing apart
    (R-1.3)."""
    people = AlikePeople()
    full: dict[str, tuple[str, dt.date]] = {}
    for student in archive.students.values():
        person = student.person
        if person is None or person.birth_date is None or person.duplicate_of is not None:
            continue
        seen = appearance_of(person.name, person.birth_date)
        found = people.find(seen)
        if found:
            is_same = (person.name.full, person.birth_date) == full[found[0]]
            yield PERSON_ALIKE.at(
                student.where(person, "name"),
                first=found[0],
                second=student.id,
                how="совпадают" if is_same else "почти совпадают",
            )
        people.add(student.id, seen)
        full[student.id] = person.name.full, person.birth_date
