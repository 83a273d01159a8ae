"""An entry made by mistake: marked, counted nowhere, read for ever."""

from __future__ import annotations

import datetime as dt

import pytest

from papka.core.findings import has_errors
from papka.core.snapshot import DictSnapshot
from papka.desk.dossier import dossier, file_values
from papka.intake.giving import give_results
from papka.paper.result_tables import results as result_tables
from papka.paper.sections import awards, enrolments, notices, representatives
from papka.records import archive as archives
from papka.records.archive import Archive as Records
from papka.records.derived.headcount import StudySpan, find_enrolled
from papka.records.derived.in_force import archive_on, consents_on
from papka.records.derived.result_facts import debts_on, dynamics
from papka.records.editing import set_value
from papka.records.schemas import shipped
from papka.records.student import AnyEntry, Student, give_ids
from tests.support.archives import good
from tests.support.command import papka
from tests.support.school import STUDENT, TEACHER, Archive

ID = "2026-0001"
DAY = dt.date(2026, 11, 20)
RESULTS = f"{STUDENT}/results/2026-1.yaml"
_MARK = {"date": "2026-06-03", "reason": "Отметка другого ученика"}


def loaded(files: dict[str, bytes]) -> Records:
    found = archives.load(DictSnapshot(files), shipped())
    assert not [each for each in found.findings if each.severity > 1]
    return found


ENTRIES = [
    (path, pointer, at, entry.id or "")
    for path, pointer, entries in loaded(good()).students[ID].lists()
    for at, entry in enumerate(entries)
]


def counting(student: Student) -> list[str]:
    """Ids of what all that counts and prints reads: the file's own lists."""
    person = student.person
    listed: list[AnyEntry] = [
        *student.enrolments, *student.transfers, *student.credits, *student.awards,
        *student.consents, *student.documents, *student.notices,
        *(person.representatives if person else ()), *(person.holds if person else ()),
        *(person.paper.lendings if person and person.paper else ()),
        *(result for _, result in student.results),
    ]  # fmt: skip
    return sorted(each.id or "" for each in listed)


@pytest.mark.parametrize(("path", "pointer", "at", "id_"), ENTRIES, ids=str)
def test_an_entry_of_any_list_is_set_apart_and_stays_in_its_place(
    path: str, pointer: str, at: int, id_: str
) -> None:
    files = good()
    before = loaded(files).students[ID]
    files[path] = set_value(files[path], f"{pointer}/{at}/void", _MARK)
    archive = loaded(files)
    student = archive.students[ID]
    assert counting(student) == [each for each in counting(before) if each != id_]
    assert [each.id for each in student.entries()] == [each.id for each in before.entries()]
    found = next(each for each in student.entries() if each.id == id_)
    assert student.where(found).pointer == f"{pointer}/{at}"
    assert give_ids(student) == {}
    shown = dossier(archive, student, DAY, {}).sections[-1]
    assert (shown.title, shown.struck) == ("Внесено ошибочно, не считается", frozenset({0}))
    assert shown.rows[0][0] == id_
    assert shown.rows[0][2:] == ("03.06.2026", "Отметка другого ученика")
    assert [each["id"] for each in file_values(archive, student, DAY, {}, None)["voided"]] == [id_]


def told(files: dict[str, bytes]) -> dict[str, object]:
    """What debts, mastery, headcount and printed tables say."""
    archive = loaded(files)
    student = archive.students[ID]
    person = student.person
    assert person is not None
    return {
        "debts": [debt.last.id for debt in debts_on(archive, student, DAY)],
        "points": [len(line.points) for line in dynamics(archive, student)],
        "tables": str(result_tables(archive, student)),
        "enrolments": enrolments(archive, student).rows,
        "awards": awards(archive, student).rows,
        "notices": notices(archive, student, person).rows,
        "representatives": representatives(person).rows,
        "consents": [each.id for each in consents_on(archive, student, dt.date(2026, 2, 1))],
        "past": counting(archive_on(archive, DAY).students[ID]),
    }


@pytest.mark.parametrize(
    ("path", "pointer", "id_", "changed"),
    [
        (RESULTS, "/results/2", "r3", {"debts", "points", "tables", "past"}),
        (RESULTS, "/results/1", "r2", {"tables", "past"}),
        (f"{STUDENT}/awards.yaml", "/awards/0", "a1", {"awards", "past"}),
        (f"{STUDENT}/notices.yaml", "/notices/0", "n1", {"notices", "past"}),
        (f"{STUDENT}/consents.yaml", "/consents/0", "c1", {"consents", "past"}),
    ],
)
def test_it_counts_nowhere(path: str, pointer: str, id_: str, changed: set[str]) -> None:
    files = good()
    before = told(files)
    files[path] = set_value(files[path], f"{pointer}/void", _MARK)
    after = told(files)
    assert {name for name in before if before[name] != after[name]} == changed
    if id_ == "r3":
        assert after["debts"] == ["r1"], "the re-sit was another's: the debt stands"


def test_nobody_is_counted_who_was_enrolled_by_mistake() -> None:
    files = good()
    path = f"{STUDENT}/enrolments.yaml"
    span = StudySpan(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert [each.student.id for each in find_enrolled(loaded(files), span)] == [ID]
    files[path] = set_value(files[path], "/enrolments/0/void", _MARK)
    assert list(find_enrolled(loaded(files), span)) == []


def test_a_sent_entry_is_mended_by_its_mark(archive: Archive) -> None:
    ran = papka(
        "исправить", f"{ID}№r3", "--ошибочно", "--reason", "Отметка другого ученика", "--save",
        "--as", TEACHER, "-C", archive.root,
    )  # fmt: skip
    assert ran.code == 0, ran.all
    assert "reason: Отметка другого ученика" in archive.read(RESULTS)
    assert papka("check", "-C", archive.root).code == 0
    shown = papka("show", ID, "-C", archive.root).out
    assert "Внесено ошибочно, не считается" in shown
    assert "Отметка другого ученика" in shown
    why = papka("show", f"{ID}#r3", "--why", "-C", archive.root)
    assert why.code == 0, why.all
    assert "Отметка другого ученика" in why.out
    assert "внесена" in why.out
    given = give_results(archive.root, (), "csv").data.decode("utf-8-sig")
    assert ",r2," in given.replace(";", ",")
    assert ",r3," not in given.replace(";", ",")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((f"{ID}#r3", "--void", "--reason", "Снова"), 3, "уже отмечена «внесено ошибочно»"),
        ((f"{ID}#r3", "mark=5", "--reason", "Описка"), 3, "уже отмечена «внесено ошибочно»"),
        ((f"{ID}#r3", "void.reason=Описка"), 3, "ставят ключом --void"),
        ((f"{ID}#r3", "mark=5", "--void"), 2, "запись отмечают целиком"),
        ((f"{ID}#r3",), 2, "Скажите, что исправить"),
        ((ID, "--void", "--reason", "Дело"), 3, "не запись личного дела"),
        ((f"{ID}#r1", "--void", "--reason", "Описка"), 0, "VOID_REFERENCED"),
    ],
)
def test_what_the_mark_is_not_for(
    words: tuple[str, ...], code: int, said: str, archive: Archive
) -> None:
    if words[0] == f"{ID}#r3":
        data = (archive.root / RESULTS).read_bytes()
        (archive.root / RESULTS).write_bytes(set_value(data, "/results/2/void", _MARK))
        archive.save(TEACHER)
    before = archive.read(RESULTS)
    ran = papka("fix", *words, "-C", archive.root)
    assert said in ran.all
    assert ran.code == (code or 1)
    assert archive.read(RESULTS) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    void:\n      date: 2026-06-03\n      reason: Отметка другого ученика\n", ""),
        ("reason: Отметка другого ученика", "reason: Просто так"),
        ("    mark: 4\n", "    mark: 5\n"),
    ],
)
def test_what_is_marked_stays_as_it_was(old: str, new: str, archive: Archive) -> None:
    data = (archive.root / RESULTS).read_bytes()
    (archive.root / RESULTS).write_bytes(set_value(data, "/results/2/void", _MARK))
    assert archive.save(TEACHER).commit
    archive.edit(RESULTS, old, new)
    saved = archive.save(TEACHER)
    assert has_errors(saved.findings)
    assert "VOID_CHANGED" in {each.code.name for each in saved.findings}


def test_with_the_mark_nothing_else_of_the_entry_changes(archive: Archive) -> None:
    data = (archive.root / RESULTS).read_bytes()
    (archive.root / RESULTS).write_bytes(set_value(data, "/results/2/void", _MARK))
    archive.edit(RESULTS, "    mark: 4\n", "    mark: 5\n")
    saved = archive.save(TEACHER)
    assert "VOID_CHANGED" in {each.code.name for each in saved.findings}
