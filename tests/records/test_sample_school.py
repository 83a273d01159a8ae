"""The sample school: no finding, and something to see for every feature of the records."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import get_args, get_type_hints

from papka.checks.rules import run
from papka.records.archive import Archive
from papka.records.student import Award, Result, Student
from tests.support.archives import loaded, sample

STUDENTS_AT_LEAST = 12
SCALES_AT_LEAST = 4
RESULTS_OF_ONE = 400
DOCUMENTS_OF_ONE = 60
SHEETS_OF_A_VOLUME = 250


@cache
def school() -> Archive:
    return loaded(sample())


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
    assert max(per_student.values()) == RESULTS_OF_ONE


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


def test_a_file_is_long_and_another_thick() -> None:
    files = [student.documents for student in school().students.values()]
    assert max(map(len, files)) == DOCUMENTS_OF_ONE
    thick = [
        student
        for student in school().students.values()
        if sum(document.sheets or 0 for document in student.documents) > SHEETS_OF_A_VOLUME
    ]
    assert [len(student.person.paper.volumes) for student in thick if student.person
            and student.person.paper] == [2]  # fmt: skip
    documents = [document for file in files for document in file]
    assert any(document.lettered and document.skipped for document in documents)
    assert any(document.certified for document in documents)
    assert any(document.file and document.sheets == 3 for document in documents)


def test_issued_documents_are_spoiled_replaced_annulled_and_duplicated() -> None:
    entries = school().registers.values()
    assert {entry.void.kind for entry in entries if entry.void} == {
        "испорчен",
        "заменён",
        "аннулирован",
    }
    assert any(entry.duplicate_of for entry in entries)


def test_retention_is_due_on_hold_and_unconfirmed() -> None:
    people = [student.person for student in school().students.values() if student.person]
    organization = school().organization
    assert organization
    assert any(person.need_ended and not person.holds for person in people)
    assert any(hold.until is None for person in people for hold in person.holds)
    assert {rule.confirmed is None for rule in organization.retention} == {True, False}


def test_a_period_is_closed_with_an_exception() -> None:
    found = [e for approval in school().approvals.values() for e in approval.exceptions]
    assert found
    for exception in found:
        student, _, enrolment = (exception.student or "").partition("#")
        assert not [
            result
            for result in school().students[student].periods["2026-1"]
            if (result.enrolment, result.part) == (enrolment, exception.part)
        ]


def test_credits_consents_monitoring_and_lending_are_of_every_sort() -> None:
    students = school().students.values()
    decided = {item.decision for one in students for credit in one.credits for item in credit.items}
    consents = [consent for student in students for consent in student.consents]
    papers = [one.person.paper for one in students if one.person and one.person.paper]
    assert decided == {"зачесть", "зачесть частично", "отказать"}
    assert any(consent.revoked for consent in consents)
    assert {consent.signed_by == "обучающийся" for consent in consents} == {True, False}
    assert {event.monitoring for event in school().events.values()} == {
        None,
        "внутреннее",
        "внешнее",
    }
    assert any(lending.due and not lending.returned for one in papers for lending in one.lendings)
    assert any(platform.until for platform in school().platforms.values())
    assert any(len(regulation.editions) > 1 for regulation in school().regulations.values())
