"""To which enrolment a mark belongs: programme and day decide, two that fit are never guessed."""

from __future__ import annotations

import datetime as dt

import pytest

from papka.intake.marks import MappedMark
from papka.intake.proposal import find_enrolment
from papka.records.archive import Archive
from papka.records.school import MarkColumn
from papka.records.student import Ended, Enrolment, Student
from tests.support.archives import good, loaded

SPRING, AUTUMN, WINTER = dt.date(2026, 1, 15), dt.date(2026, 9, 1), dt.date(2026, 12, 20)
LEFT = Ended(date=dt.date(2026, 6, 1), reason="отчисление")


@pytest.fixture(scope="module")
def archive() -> Archive:
    return loaded(good())


def mark(day: dt.date = WINTER, part: str = "техника", program: str = "guitar") -> MappedMark:
    rule = MarkColumn(column="Итог", part=part)
    return MappedMark(2, 2, 6, "Итог", program, rule, "5", 5, day)


def taken(
    id_: str = "e1",
    start: dt.date = SPRING,
    ended: Ended | None = None,
    parts: tuple[str, ...] = (),
) -> Enrolment:
    return Enrolment(
        id=id_, program="guitar", edition=2, start=start, ended=ended, individual_parts=parts
    )


@pytest.mark.parametrize(
    ("enrolments", "about", "code"),
    [
        ((), mark(), "EXPORT_NOT_ENROLLED"),
        ((taken(),), mark(program="chess"), "EXPORT_NOT_ENROLLED"),
        ((taken(start=AUTUMN),), mark(SPRING), "EXPORT_NOT_YET"),
        ((taken(ended=LEFT),), mark(), "EXPORT_STUDENT_LEFT"),
        ((taken(), taken("e2")), mark(), "EXPORT_STUDY_AMBIGUOUS"),
        ((taken(),), mark(part="сольфеджио"), "EXPORT_PART_NOT_STUDIED"),
        ((taken(parts=("теория",)),), mark(), "EXPORT_PART_NOT_STUDIED"),
    ],
)
def test_what_fits_no_enrolment_is_told(
    archive: Archive, enrolments: tuple[Enrolment, ...], about: MappedMark, code: str
) -> None:
    found = find_enrolment(archive, Student("2026-0009", enrolments=enrolments), about)
    assert found.code is not None
    assert found.code.name == code


@pytest.mark.parametrize(
    ("enrolments", "about", "named", "wanted"),
    [
        ((taken(),), mark(), "", "e1"),
        ((taken(ended=LEFT), taken("e2", AUTUMN)), mark(), "", "e2"),
        ((taken(ended=LEFT), taken("e2", AUTUMN)), mark(SPRING), "", "e1"),
        ((taken(), taken("e2")), mark(), "e2", "e2"),
    ],
    ids=["the only one", "the one going on", "the one of that day", "the one a sheet names"],
)
def test_the_day_and_a_sheet_decide(
    archive: Archive,
    enrolments: tuple[Enrolment, ...],
    about: MappedMark,
    named: str,
    wanted: str,
) -> None:
    student = Student("2026-0009", enrolments=enrolments)
    assert find_enrolment(archive, student, about, named).enrolment == wanted
