"""Schools that are right raise no doubt: the sample school, and ten invented by chance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from random import Random

import pytest

from papka.checks import false_facts, plausibility, rules
from papka.core.findings import Code, Finding
from papka.records.archive import Archive
from papka.records.school import Ages, Edition, Period, PlannedResult, Program, ProgramPart, Scale
from papka.records.student import Ended, Enrolment, Name, Person, Result, Student
from tests.support.archives import loaded, sample

SEEDS = range(10)
DOUBTS = {code for module in (false_facts, plausibility) for code in vars(module).values()
          if isinstance(code, Code)}  # fmt: skip
SURNAMES = ("Берёзкин", "Ольховск", "Ключев", "Снегирёв", "Полянск", "Громов", "Ивняков", "Журав")
GIRLS = ("Анна", "Мария", "Марина", "Дарья", "Дарина", "Есения", "Алиса", "Алина", "Арина")
BOYS = ("Иван", "Данил", "Даниил", "Матвей", "Марк", "Роман", "Лев", "Леон", "Артём", "Артемий")
FATHERS = ("Иль", "Петров", "Олегов", "Макаров", "Львов")
SCALES = (
    Scale(scale="пять", title="Пять", lowest=2, highest=5, pass_mark=3),
    Scale(scale="сто", title="Сто", lowest=0, highest=100, pass_mark=60),
    Scale(
        scale="зачёт", title="Зачёт", marks=("не зачтено", "зачтено"), passing_marks=("зачтено",)
    ),
)
DAY = dt.timedelta(days=1)


@dataclass
class Chance:
    """A school by chance, its people and what befalls them; right whatever the seed."""

    random: Random
    made: dict[str, Student] = field(default_factory=dict)
    entries: int = 0

    def archive(self) -> Archive:
        periods, programs = list(self.periods()), list(self.programs())
        family = 0
        while len(self.made) < 60 and (family < 3 or self.random.random() < 0.95):
            family += 1
            self.add_family(periods, programs, family)
        return Archive(
            students=self.made,
            programs={each.code: each for each in programs},
            periods={each.period: each for each in periods},
            scales={each.scale: each for each in SCALES},
            day=periods[-1].end + 60 * DAY,
        )

    def periods(self) -> Iterator[Period]:
        """Halves, thirds or quarters of two to four years, with holidays between them."""
        parts, first = self.random.choice((1, 2, 3, 4)), self.random.choice((1995, 2010, 2024))
        for year in range(first, first + self.random.randint(2, 4)):
            length = 270 // parts
            for n in range(parts):
                start = dt.date(year, 9, 1) + (length * n + self.random.randint(0, 9)) * DAY
                end = dt.date(year, 9, 1) + (length * (n + 1) - self.random.randint(1, 9)) * DAY
                yield Period(period=f"{year}-{n + 1}", title="П", school_year=year, start=start,
                             end=end)  # fmt: skip

    def programs(self) -> Iterator[Program]:
        for n in range(self.random.randint(1, 4)):
            parts = tuple(
                ProgramPart(part=f"ч{m}", title=f"Ч{m}", hours=1,
                            scale=self.random.choice(SCALES).scale)
                for m in range(self.random.randint(1, 3))
            )  # fmt: skip
            goal = PlannedResult(outcome="цель", kind="предметный", text="Ц")
            edition = Edition(edition=1, order="", hours=3, parts=parts, planned_results=(goal,))
            lowest = self.random.choice((None, 5, 7))
            ages = Ages(lowest=lowest, highest=self.random.choice((19, None) if lowest else (19,)))
            told = self.random.choice((ages, None))
            yield Program(code=f"p{n}", title=f"П{n}", editions=(edition,), ages=told)

    def add_family(self, periods: list[Period], programs: list[Program], number: int) -> None:
        """Brothers and sisters, twins among them; namesakes of other families, too."""
        choose = self.random.choice
        surname, father = choose(SURNAMES) + choose(("", "ов", "енк")), choose(FATHERS)
        born = periods[0].start - (10 * 366 + number * 11) * DAY
        girls, boys = iter(self.random.sample(GIRLS, 3)), iter(self.random.sample(BOYS, 3))
        for _ in range(self.random.randint(1, 3)):
            is_girl = choose((True, False))
            end = ("а", "вна") if is_girl else ("", "вич")
            patronymic = f"{father}{'и' if father == 'Иль' else 'ое'[0]}{end[1]}"
            name = Name(
                surname=surname + end[0],
                given=next(girls if is_girl else boys),
                patronymic=choose((patronymic, patronymic, None)) if number % 2 else patronymic,
            )
            id_ = f"2026-{len(self.made) + 1:04}"
            person = Person(id=id_, name=name, birth_date=born)
            if self.is_taken(name, born):
                continue
            self.made[id_] = self.befall(Student(id_, person), periods, programs)
            if choose((True, False)):
                born -= self.random.randint(300, 500) * DAY  # the next is older; else a twin

    def is_taken(self, name: Name, born: dt.date) -> bool:
        """Whether a namesake was born in the same year, or on the same day of a month."""
        same = (each.person for each in self.made.values() if each.person)
        births = [each.birth_date for each in same if each.name == name and each.birth_date]
        return any(born.year == other.year or born.day == other.day for other in births)

    def befall(self, student: Student, periods: list[Period], programs: list[Program]) -> Student:
        """Enrolments one after another, in one programme again too, with marks of each period."""
        found: list[Enrolment] = []
        results: dict[str, list[Result]] = {}
        start, program = periods[0].start, self.random.choice(programs)
        for n in range(self.random.randint(1, 3)):
            end = start + self.random.randint(80, 500) * DAY
            is_last = end > periods[-1].end - 40 * DAY
            ended = None if is_last else Ended(date=end, reason="завершение")
            found.append(Enrolment(id=f"e{n + 1}", program=program.code, edition=1, start=start,
                                   ended=ended))  # fmt: skip
            self.mark(results, found[-1], program, periods)
            if is_last:
                break
            start = end + self.random.randint(0, 30) * DAY
            program = self.random.choice((program, *programs))
        return replace(
            student,
            enrolments=tuple(found),
            periods={key: tuple(listed) for key, listed in results.items()},
        )

    def mark(
        self, results: dict[str, list[Result]], study: Enrolment, program: Program,
        periods: list[Period],
    ) -> None:  # fmt: skip
        until = study.ended.date if study.ended else dt.date.max
        for period, following in pairwise((*periods, None)):
            assert period is not None
            late = min(period.end + 31 * DAY, following.start - DAY if following else dt.date.max)
            first, last = max(period.start, study.start), min(late, until)
            if first > last:
                continue
            listed = results.setdefault(period.period, [])
            for part in program.editions[0].parts:
                scale = next(each for each in SCALES if each.scale == part.scale)
                day = first + self.random.randint(0, (last - first).days) * DAY
                self.write(listed, study, part.part, day, scale)

    def write(
        self, listed: list[Result], study: Enrolment, part: str, day: dt.date, scale: Scale
    ) -> None:
        """A mark of the period; a failed one is re-sat, now and then one is corrected."""
        bad, good = scale.marks or (scale.lowest, scale.highest)
        assert bad is not None
        assert good is not None
        is_bad = self.random.random() < 0.3
        first = self.result(study, part, day, bad if is_bad else good)
        listed.append(first)
        others = ("текущий", "текущий", "итоговый")[: self.random.randint(0, 3)]
        listed += [self.result(study, part, day, good, control=each) for each in others]
        if is_bad:
            again = self.result(study, part, day + 20 * DAY, good, resits=first.id)
            listed.append(again)
        elif self.random.random() < 0.2:
            listed.append(self.result(study, part, day, good, replaces=first.id, reason="описка"))

    def result(
        self, study: Enrolment, part: str, day: dt.date, mark: float | str, **more: object
    ) -> Result:
        self.entries += 1
        keys: dict[str, object] = {"control": "за период", **more}
        return Result(
            id=f"r{self.entries}", enrolment=study.id or "", kind="учебный",
            origin="текущий контроль", date=day, part=part, mark=mark, **keys,  # type: ignore[arg-type] # fields of a result
        )  # fmt: skip


def doubts(archive: Archive) -> list[Finding]:
    return [each for each in rules.run(archive) if each.code in DOUBTS]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_right_school_raises_no_doubt(seed: int) -> None:
    archive = Chance(Random(seed)).archive()
    assert len(archive.students) >= 3
    assert any(student.periods for student in archive.students.values())
    assert doubts(archive) == []


def test_the_sample_school_raises_no_doubt() -> None:
    assert doubts(loaded(sample(), day=dt.date(2026, 12, 31))) == []


def test_the_schools_are_of_many_sizes_and_hold_what_is_doubted_elsewhere() -> None:
    """Twins, namesakes, re-sits, corrections and second enrolments are there to be mistaken."""
    schools = [Chance(Random(seed)).archive() for seed in SEEDS]
    people = [student for school in schools for student in school.students.values()]
    every = [result for student in people for _, result in student.results]
    assert len({len(school.students) for school in schools}) > 4
    assert len({len(school.periods) for school in schools}) > 3
    assert any(result.resits for result in every)
    assert any(result.replaces for result in every)
    again = [
        student
        for student in people
        if len({e.program for e in student.enrolments}) < len(student.enrolments)
    ]
    assert again
    births = [(s.person.birth_date, s.person.name.surname) for s in people if s.person]
    assert len(set(births)) < len(births)
