"""A take is a worklist: a row has its verdict, good rows go in, the rest waits for an answer."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from papka.core.places import IMPORTS, results_file, student_folder
from papka.desk.study_period import period_states
from papka.intake.export_matching import Answers, read_answers
from papka.records.strict_yaml import read
from tests.support.command import papka
from tests.support.school import Archive, copied
from tests.support.taking import EMIL, FIRST_KIM, PERIOD, aglaya, emil, gradebook, row, take

GONE_ROW = row("u5", "Ушедшев Пан")
STRANGER = row("x9", "Незнакомцев Ян")


@pytest.fixture
def school(archive_with_class: Archive, tmp_path: Path) -> Archive:
    return copied(archive_with_class, tmp_path)


def answers(archive: Archive, text: str) -> tuple[str, Path]:
    path = archive.root.parent / "answers.yaml"
    path.write_text(text, encoding="utf-8")
    return "--answers", path


def waiting(archive: Archive) -> tuple[str, ...]:
    (state,) = period_states(archive.root, PERIOD)
    return state.unmatched


def marks(archive: Archive, student: str) -> list[str]:
    path = results_file(student, PERIOD)
    if not (archive.root / path).exists():
        return []
    results = read((archive.root / path).read_bytes(), path).value["results"]
    return [each["enrolment"] for each in results if "source" in each]


def test_good_rows_are_taken_and_the_rest_waits_until_it_is_right(school: Archive) -> None:
    data = gradebook(aglaya(), emil("5", "7", ""), GONE_ROW, STRANGER)
    refused = take(school, data, "--format", "json")
    assert refused.code == 1
    (told,) = json.loads(refused.out)["summary"]["files"]
    assert {each["row"]: each["verdict"] for each in told["rows"]} == {3: "refused"}
    # nothing was compared, so nothing may be told to be as it was
    assert "без изменений" not in take(school, data).out
    before = waiting(school)

    ran = take(school, data, "--take-good")
    assert ran.code == 0, ran.all
    assert "  Строки: новых 1, отложено или отвергнуто 3\n" in ran.out
    assert "    3       Ячейка F3, «" in ran.out
    assert "зачисл" not in ran.err
    assert marks(school, EMIL) == []
    assert papka("check", "-C", school.root).code == 0
    (key,) = {name.rpartition("/")[0] for name in set(waiting(school)) - set(before)}
    assert len(set(waiting(school)) - set(before)) == 3
    given = papka("give", "original", key, "--out", school.root.parent, "-C", school.root)
    assert given.code == 0, given.all
    assert (school.root.parent / "grades.csv").read_bytes() == data

    assert "уже принято" in take(school, data, "--take-good").out
    more = answers(school, f"строка 5: {FIRST_KIM}\n")
    again = take(school, data, "--take-good", *more, name="again.csv")
    assert again.code == 0, again.all
    assert len(marks(school, FIRST_KIM)) > 0
    assert len(set(waiting(school)) - set(before)) == 2
    assert not any(name.startswith(f"{key}/") for name in waiting(school))
    assert papka("check", "-C", school.root).code == 0


def test_a_corrected_export_settles_what_waited_in_the_earlier_one(school: Archive) -> None:
    before = set(waiting(school))

    def more() -> list[str]:
        return sorted(name.partition("/")[2] for name in set(waiting(school)) - before)

    def take_rows(*rows: tuple[str, ...], name: str = "grades.csv") -> str:
        ran = take(school, gradebook(*rows), "--take-good", name=name)
        assert ran.code == 0, ran.all
        return str(max(int(name.name) for name in (school.root / IMPORTS / PERIOD).iterdir()))

    first = take_rows(aglaya(), emil("5", "7", ""), STRANGER)
    assert more() == [f"{first}/1", f"{first}/2"]
    # other people, or fewer columns, tell nothing of these
    other = take_rows(row("u5", "Ушедшев Пан"), name="other.csv")
    assert more() == [f"{first}/1", f"{first}/2", f"{other}/1"]
    # right now; the stranger waits where he was told last
    second = take_rows(aglaya(), emil("5", "4", ""), STRANGER, name="right.csv")
    assert more() == [f"{other}/1", f"{second}/1"]
    # his key was put right, nobody else bears his name
    third = take_rows(emil("5", "4", ""), row("x10", "Незнакомцев Ян"), name="third.csv")
    assert more() == [f"{other}/1", f"{third}/1"]
    assert papka("check", "-C", school.root).code == 0


def test_a_row_is_skipped_or_laid_to_an_enrolment_by_its_number(school: Archive) -> None:
    study = f"{student_folder(EMIL)}/enrolments.yaml"
    school.write(
        study,
        school.read(study)
        + "  - id: e2\n    program: guitar\n    edition: 2\n    start: 2026-09-15\n",
    )
    school.save()
    data = gradebook(aglaya(), emil(), STRANGER)
    unsure = take(school, data)
    assert unsure.code == 1
    assert "«строка 3: к зачислению e2»" in unsure.out
    text = "Строка № 3: к зачислению е2\nстрока 4: Пропустить\n"
    ran = take(school, data, *answers(school, text))
    assert ran.code == 0, ran.all
    assert set(marks(school, EMIL)) == {"e2"}
    strange = take(school, data[:-2], *answers(school, "строка 40: пропустить\n"))
    assert "EXPORT_ANSWER_STRANGE" in strange.out


def test_a_fault_of_the_whole_file_stops_it_all_the_same(school: Archive) -> None:
    data = gradebook(aglaya(), emil()).replace(b";", b";", 1)
    data = data.replace("Итог".encode("cp1251"), "Вывод".encode("cp1251"), 1)
    ran = take(school, data, "--take-good")
    assert ran.code == 1
    assert "Не принято" in ran.out


@pytest.mark.parametrize(
    ("text", "given"),
    [
        ("строка 12: пропустить", {"строка 12": "пропустить"}),
        ("Строка № 12: ПРОПУСТИТЬ", {"строка 12": "пропустить"}),
        ("строка 12: к зачислению e2", {"строка 12": "#e2"}),
        ("строка 12: зачисление е2", {"строка 12": "#e2"}),
        ("строка 12: e2", {"строка 12": "#e2"}),
        ('строка 12: "2026-0007#e2"', {"строка 12": "2026-0007#e2"}),
        ("k1: 2026-0007", {"k1": "2026-0007"}),
        ("Листов Ким: новое дело", {"Листов Ким": "новое дело"}),
    ],
)
def test_an_answer_is_understood_as_people_write_it(text: str, given: dict[str, str]) -> None:
    assert read_answers(f"{text}\n".encode(), "answers.yaml") == Answers(given)


@pytest.mark.parametrize("text", ["строка 1: да", "k1: 2026-07", "k1: e", 'k1: "2026-0007#r1"'])
def test_what_is_no_answer_is_told(text: str) -> None:
    found = read_answers(f"{text}\n".encode(), "answers.yaml").findings
    assert [each.code.name for each in found] == ["EXPORT_ANSWER_UNREADABLE"]
