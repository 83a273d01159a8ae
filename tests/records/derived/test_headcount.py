"""How many studied, took part and were awarded (R-2.2.12, R-3.5): people, each counted once."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any, get_args

import pytest
from msgspec.structs import replace as changed

from papka.records.acts import JournalEvent
from papka.records.derived import headcount, result_facts
from papka.records.derived.headcount import (
    Enrolled,
    Participation,
    StudySpan,
    by_age,
    find_enrolled,
    identity,
    participation,
    people,
)
from papka.records.school import Program
from papka.records.student import Award, Ended, Name, Person, Student
from tests.support.archives import good
from tests.support.derived import EDITION, SCHOOL, day, enrolment, result, student

SPAN = StudySpan(day("2026-01-12"), day("2026-06-14"))
UNKNOWN = "дата рождения не записана"


def who(number: int, *, born: str | None = None, twin: int | None = None, **more: Any) -> Student:  # noqa: ANN401
    """A file; `twin` is the file that is kept where one person has two."""
    card = Person(
        id=f"2026-{number:04}", name=Name(given="Аглая"), birth_date=day(born) if born else None,
        duplicate_of=f"2026-{twin:04}" if twin else None,
    )  # fmt: skip
    return replace(student(person=card, **more), id=card.id)


# Who studied


@pytest.mark.parametrize(
    ("started", "ended", "studied"),
    [
        ("2025-09-01", "2026-01-11", False),
        ("2025-09-01", "2026-01-12", True),
        ("2025-09-01", None, True),
        ("2026-06-14", None, True),
        ("2026-06-15", None, False),
        ("2026-03-01", "2026-04-01", True),
    ],
)
def test_who_studied_on_any_day_of_the_span_is_counted(
    started: str, ended: str | None, *, studied: bool
) -> None:
    end = Ended(date=day(ended), reason="завершение") if ended else None
    one = who(1, enrolments=(enrolment(start=started, ended=end),))
    found = list(find_enrolled(replace(SCHOOL, students={one.id: one}), SPAN))
    assert found == [Enrolled(one, one.enrolments[0])] * studied


@pytest.mark.parametrize(
    ("on", "inside"),
    [("2026-01-11", False), ("2026-01-12", True), ("2026-06-14", True), ("2026-06-15", False)],
)
def test_a_span_has_its_first_and_its_last_day(on: str, *, inside: bool) -> None:
    assert SPAN.has(day(on)) is inside


@pytest.mark.parametrize(
    ("file", "id_"),
    [(who(7), "2026-0007"), (who(7, twin=3), "2026-0003"), (Student("2026-0007"), "2026-0007")],
)
def test_two_files_of_a_person_are_known_by_the_one_that_is_kept(file: Student, id_: str) -> None:
    assert identity(file) == id_


KEPT, TWIN, OTHER = who(3, born="2011-05-14"), who(7, twin=3), who(5, born="2015-05-14")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ([], {}),
        ([KEPT, KEPT], {"2026-0003": KEPT}),
        ([KEPT, OTHER, TWIN], {"2026-0003": KEPT, "2026-0005": OTHER}),
        ([TWIN, OTHER, KEPT], {"2026-0003": KEPT, "2026-0005": OTHER}),
        ([TWIN], {"2026-0003": TWIN}),
    ],
)
def test_a_person_is_counted_once(files: list[Student], expected: dict[str, Student]) -> None:
    assert people(Enrolled(file, file.enrolments[0]) for file in files) == expected


@pytest.mark.parametrize(
    ("born", "group"),
    [
        ("2026-06-14", "младше 7 лет"),
        ("2019-06-15", "младше 7 лет"),
        ("2019-06-14", "7–10 лет"),
        ("2015-06-15", "7–10 лет"),
        ("2015-06-14", "11–14 лет"),
        ("2011-06-15", "11–14 лет"),
        ("2011-06-14", "15–17 лет"),
        ("2008-06-15", "15–17 лет"),
        ("2008-06-14", "18 лет и старше"),
        ("1926-06-14", "18 лет и старше"),
        (None, UNKNOWN),
    ],
)
def test_an_age_is_in_one_group(born: str | None, group: str) -> None:
    assert by_age([who(1, born=born)], SPAN.end) == {group: 1}


def test_ages_are_counted_together() -> None:
    born = ["2019-06-14", None, "2016-06-14", None, "2008-06-14"]
    files = [*(who(number, born=each) for number, each in enumerate(born)), Student("2026-0009")]
    assert by_age(files, SPAN.end) == {"7–10 лет": 2, UNKNOWN: 3, "18 лет и старше": 1}


# Events and awards


def event(number: str, level: str | None, kind: str = "мероприятие") -> JournalEvent:
    words: Any = {"kind": kind, "level": level}
    return JournalEvent(id=f"2026/{number}", title="К", date=day("2026-04-12"), **words)


EVENTS = {
    each.id: each
    for each in (
        event("01", "региональный"),
        event("02", "всероссийский"),
        event("03", None),
        event("04", "региональный", "внеурочный план"),
    )
}


def played(at: str | None, on: str = "2026-04-12", id_: str = "r1", **more: Any) -> Any:  # noqa: ANN401
    return result(id_, on, event=f"2026/{at}" if at else None, **more)


def award(at: str | None, on: str = "2026-04-20") -> Award:
    return Award(
        date=day(on), activity="творческая", award="грамота", act="awards", clause="3.2",
        order="2026/0003", text="За этюд", event=f"2026/{at}" if at else None,
    )  # fmt: skip


def with_results(number: int, *results: Any, **more: Any) -> Student:  # noqa: ANN401
    return who(number, periods={"2026-1": results}, **more)


REGION, COUNTRY = "региональный", "всероссийский"
TAKING_PART = {
    "nobody": ([], {}, {}),
    "no event": ([with_results(1, played(None), awards=(award(None),))], {}, {}),
    "an event nobody knows": ([with_results(1, played("09"))], {}, {}),
    "an event without a level": ([with_results(1, played("03"), awards=(award("03"),))], {}, {}),
    "a lesson": ([with_results(1, played("04"), awards=(award("04"),))], {}, {}),
    "a result": ([with_results(1, played("01"))], {REGION: 1}, {}),
    "an award": ([who(1, awards=(award("01"),))], {REGION: 1}, {REGION: 1}),
    "a result and an award": (
        [with_results(1, played("01"), awards=(award("01"),))], {REGION: 1}, {REGION: 1}
    ),
    "two results": (
        [with_results(1, played("01"), played("01", id_="r2"))], {REGION: 1}, {}
    ),
    "two levels": (
        [with_results(1, played("01"), played("02", id_="r2"))], {REGION: 1, COUNTRY: 1}, {}
    ),
    "an award of another level": (
        [with_results(1, played("01"), awards=(award("02"),))],
        {REGION: 1, COUNTRY: 1}, {COUNTRY: 1},
    ),
    "two people": ([with_results(1, played("01")), with_results(2, played("01"))],
                   {REGION: 2}, {}),
    "two files of a person": (
        [with_results(1, played("01")), with_results(2, played("01"), twin=1)], {REGION: 1}, {}
    ),
    "a result that was corrected": (
        [with_results(1, played("01"), played(None, id_="r2", replaces="r1"))], {}, {}
    ),
    "on the eve": (
        [with_results(1, played("01", "2026-01-11"), awards=(award("01", "2026-01-11"),))], {}, {}
    ),
    "on the first day": ([with_results(1, played("01", "2026-01-12"))], {REGION: 1}, {}),
    "after the last day": (
        [with_results(1, played("01", "2026-06-15"), awards=(award("01", "2026-06-15"),))], {}, {}
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", TAKING_PART)
def test_people_are_counted_by_the_level_of_the_event(case: str) -> None:
    files, took, won = TAKING_PART[case]
    found = participation(replace(SCHOOL, events=EVENTS), files, SPAN)
    ids = {identity(file) for file in files}
    assert (found.took_part, found.awarded) == (took, won)
    assert found.took_part_total == (len(ids) if took else 0)
    assert found.awarded_total == (len(ids) if won else 0)


def test_a_total_counts_a_person_of_two_levels_once() -> None:
    files = [
        with_results(1, played("01"), played("02", id_="r2"), awards=(award("01"), award("02"))),
        with_results(2, played("02")),
    ]
    assert participation(replace(SCHOOL, events=EVENTS), files, SPAN) == Participation(
        {REGION: 1, COUNTRY: 2}, 2, {REGION: 1, COUNTRY: 1}, 1
    )


# By programme


def test_programmes_stand_by_direction_then_title_then_code() -> None:
    programs = {
        code: Program(code=code, title=title, direction=direction, editions=(EDITION,))
        for code, title, direction in (
            ("a", "Ансамбль", "Техника"), ("b", "Вокал", "Искусство"),
            ("c", "Арфа", "Искусство"), ("e", "Домра", None), ("d", "Домра", None),
        )
    }  # fmt: skip
    files = [
        who(number, enrolments=(changed(enrolment(), program=code),))
        for number, code in enumerate("abcdea")
    ]
    school = replace(SCHOOL, programs=programs, students={file.id: file for file in files})
    groups = headcount.by_program(school, list(find_enrolled(school, SPAN)))
    assert {code: len(group) for code, group in groups.items()} == {
        "d": 1, "e": 1, "c": 1, "b": 1, "a": 2,
    }  # fmt: skip
    assert list(groups) == ["d", "e", "c", "b", "a"]


def test_a_programme_nobody_declared_stands_by_its_code() -> None:
    assert headcount.place_of(SCHOOL, "нет такой") == ("", "нет такой", "нет такой")


@pytest.mark.parametrize(
    ("ended", "counted"),
    [
        (None, {}),
        ("2026-01-11", {}),
        ("2026-01-12", {"перевод": 1}),
        ("2026-06-14", {"перевод": 1}),
        ("2026-06-15", {}),
    ],
)
def test_an_ending_is_counted_in_the_span_it_fell_in(
    ended: str | None, counted: dict[str, int]
) -> None:
    end = Ended(date=day(ended), reason="перевод") if ended else None
    one = who(1, enrolments=(enrolment(ended=end),))
    assert headcount.count_endings([Enrolled(one, one.enrolments[0])], SPAN) == counted


# The rows of the reports are all the words a record may hold


def words(schema: str, key: str) -> Iterator[list[str]]:
    def search(value: object) -> Iterator[list[str]]:
        if isinstance(value, dict):
            found = value.get("properties", {}).get(key, {})
            if "enum" in found:
                yield found["enum"]
            for inner in value.values():
                yield from search(inner)

    yield from search(json.loads(good()[f"schema/{schema}.json"]))


@pytest.mark.parametrize(
    ("schema", "key", "module", "rows"),
    [
        ("events", "level", headcount, "LEVELS"),
        ("awards", "activity", headcount, "ACTIVITIES"),
        ("enrolments", "reason", headcount, "ENDINGS"),
    ],
)
def test_a_report_has_a_row_for_every_word(
    schema: str, key: str, module: object, rows: str
) -> None:
    assert list(words(schema, key)) == [list(getattr(module, rows))]


def test_a_report_has_a_row_for_every_outcome() -> None:
    assert get_args(result_facts.Reached) == headcount.REACHED


def test_every_age_is_in_a_group() -> None:
    assert headcount.UNKNOWN_AGE == UNKNOWN
    bounds = [(low, high) for _, low, high in headcount.AGES]
    assert bounds[0][0] == 0
    assert bounds[-1][1] >= dt.MAXYEAR
    assert all(high + 1 == low for (_, high), (low, _) in pairwise(bounds))
