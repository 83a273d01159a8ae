"""The sample school: no finding, and something to see for every feature of the records."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import get_args, get_type_hints

from papka.checks import run
from papka.model.archive import Archive
from papka.model.reading import load
from papka.model.results import Result
from papka.model.standing import Award
from papka.model.student import Student
from papka.text.schemas import SchemaSet
from tests.support.archives import sample, snapshot

STUDENTS_AT_LEAST = 12
SCALES_AT_LEAST = 4


@cache
def school() -> Archive:
    files = snapshot(sample())
    return load(files, SchemaSet.load(files))


def results() -> list[tuple[Student, Result]]:
    return [
        (student, entry) for student in school().students.values() for _, entry in student.results
    ]


def test_nothing_is_found_in_it() -> None:
    assert run(school()) == []


def test_it_is_wide_enough() -> None:
    used = {
        part.scale
        for student in school().students.values()
        for enrolment in student.enrolments
        for edition in school().programs[enrolment.program].editions
        for part in edition.parts
    }
    assert len(school().students) >= STUDENTS_AT_LEAST
    assert len(used - {None}) >= SCALES_AT_LEAST
    assert None in used
    assert len({period.school_year for period in school().periods.values()}) > 1
    assert set(school().periods) - set(school().approvals) == {"2026-2"}


def test_every_origin_kind_and_activity_occurs() -> None:
    for field in ("origin", "kind"):
        values = get_args(get_type_hints(Result)[field])
        assert {getattr(entry, field) for _, entry in results()} == set(values)
    awards = [award for student in school().students.values() for award in student.awards]
    assert {award.activity for award in awards} == set(get_args(get_type_hints(Award)["activity"]))


def test_people_are_of_every_sort() -> None:
    people = [student.person for student in school().students.values() if student.person]
    names = Counter((person.name.surname, person.birth_date) for person in people)
    assert any(person.name.surname is None for person in people)
    assert any(person.name.patronymic is None for person in people)
    assert any(person.name.full.isascii() for person in people)
    assert any(person.former_names for person in people)
    assert any(person.duplicate_of for person in people)
    assert any(len(person.representatives) > 1 for person in people)
    assert max(names.values()) > 1
    folded = Counter(
        {person.name.full.replace("ё", "е") for person in people if not person.duplicate_of}
    )
    assert len({person.name.full for person in people}) > len(folded)


def test_results_can_fail_be_resat_corrected_and_written_by_the_student() -> None:
    entries = [entry for _, entry in results()]
    per_student = Counter(student.id for student, _ in results())
    assert any(entry.mark == "не аттестован" for entry in entries)
    assert any(entry.resits and entry.resit_by for entry in entries)
    assert any(entry.replaces for entry in entries)
    assert any(entry.author for entry in entries)
    assert {shown.level for entry in entries for shown in entry.shows} == {"да", "частично", "нет"}
    assert min(per_student.values()) == 1
    assert max(per_student.values()) >= 25


def test_enrolments_end_in_every_way_and_run_in_two_editions() -> None:
    all_of = [entry for student in school().students.values() for entry in student.enrolments]
    assert {entry.ended.reason for entry in all_of if entry.ended} == {
        "завершение",
        "отчисление",
        "перевод",
    }
    assert {entry.edition for entry in all_of if entry.program == "guitar"} == {1, 2}
    assert any(entry.individual_parts for entry in all_of)
    assert any(entry.continues for entry in all_of)


def test_a_scan_of_a_team_lies_in_each_members_file() -> None:
    sums = Counter(
        digest for student in school().students.values() for digest in student.attachments.values()
    )
    assert max(sums.values()) > 1
