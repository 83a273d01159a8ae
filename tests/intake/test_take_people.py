"""Whose row it is: by key, e-mail, name with birth day, an answer; never guessed. New people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from papka.core.places import results_file, student_folder
from papka.desk.edition import HEAD_STAFF
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from papka.repository.pruning import note_all_seen
from tests.support.command import papka
from tests.support.school import Archive
from tests.support.taking import (
    AGLAYA,
    EMIL,
    FIRST_KIM,
    PERIOD,
    SECOND_KIM,
    aglaya,
    emil,
    gradebook,
    row,
    take,
)

PEOPLE = ("Фамилия", "Имя", "Отчество", "Дата рождения", "Почта", "Пол", "Программа", "Группа",
          "Начало")  # fmt: skip
VESNA = ("Подснежникова", "Весна", "Мартовна", "01.03.2013", "vesna@pole.invalid", "ж", "guitar",
         "Г-26-1", "02.09.2026")  # fmt: skip
KORNEY = ("Хвощ", "Корней", "", "05.05.2012", "", "м", "", "", "")
LISTOV = ("Листов", "Ким", "", "11.10.2012", "", "м", "", "", "")


def file(archive: Archive, student: str, name: str) -> Any:  # noqa: ANN401 - YAML
    path = f"{student_folder(student)}/{name}.yaml"
    return read((archive.root / path).read_bytes(), path).value


def has_results(archive: Archive, student: str) -> bool:
    return (archive.root / results_file(student, PERIOD)).exists()


def answers(archive: Archive, text: str) -> tuple[str, Path]:
    path = archive.root.parent / "answers.yaml"
    path.write_text(text, encoding="utf-8")
    return "--answers", path


def kim(key: str = "k1", born: str = "11.10.2012") -> tuple[str, ...]:
    return row(key, "Ким Листов", born=born)


def test_an_e_mail_finds_whatever_its_case_and_the_key_is_learnt_only_when_told(
    school: Archive,
) -> None:
    ran = take(school, gradebook(emil()))
    assert ran.code == 0, ran.all
    assert "вписать их в карточки: --learn" in ran.out
    assert "accounts" not in file(school, EMIL, "student")
    ran = take(school, gradebook(emil("4", "4", "зачтено")), "--learn")
    assert ran.code == 0, ran.all
    assert file(school, EMIL, "student")["accounts"] == [{"platform": "kurs", "key": "u2"}]
    ran = take(school, gradebook(row("u2", "Другое Имя", marks=("3", "4", "зачтено"))))
    assert ran.code == 0, ran.all


def test_a_name_alone_is_not_enough(school: Archive) -> None:
    ran = take(school, gradebook(row("", "Тычинкин Эмиль")))
    assert ran.code == 1
    assert "совпало только имя (2026-0002)" in ran.out
    assert not has_results(school, EMIL)


def test_a_name_with_its_birth_day_is_in_any_order(school: Archive) -> None:
    ran = take(school, gradebook(row("", "эмиль  ТЫЧИНКИН", born="29.02.2012")))
    assert ran.code == 0, ran.all
    assert has_results(school, EMIL)


def test_namesakes_of_one_day_are_never_guessed(school: Archive) -> None:
    before = commit_snapshots.head(school.root)
    ran = take(school, gradebook(kim(), aglaya()))
    assert ran.code == 1
    assert "EXPORT_ROW_AMBIGUOUS" in ran.out
    assert "k1: пропустить" in ran.out
    assert commit_snapshots.head(school.root) == before


def test_an_answer_settles_it(school: Archive) -> None:
    ran = take(school, gradebook(kim(), aglaya()), *answers(school, f"k1: {SECOND_KIM}\n"))
    assert ran.code == 0, ran.all
    assert (has_results(school, FIRST_KIM), has_results(school, SECOND_KIM)) == (False, True)


def test_an_answer_may_name_anybody(school: Archive) -> None:
    data = gradebook(row("x9", "Незнакомцев Ян"))
    ran = take(school, data, *answers(school, f"x9: {EMIL}\n"))
    assert ran.code == 0, ran.all
    assert has_results(school, EMIL)


def test_a_skipped_row_is_kept_as_unmatched(school: Archive) -> None:
    ran = take(school, gradebook(kim(), aglaya()), *answers(school, "k1: пропустить\n"))
    assert ran.code == 0, ran.all
    rows = (school.root / "records/imports/2026-2/2/unmatched/rows.part").read_bytes()
    assert rows.decode("windows-1251").startswith("k1;Ким Листов")
    assert "2026-2/2/1" in papka("period", "status", PERIOD, "-C", school.root).out


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("k1: 2026-0999\n", "EXPORT_ANSWER_STRANGE"),
        ("k7: 2026-0003\n", "EXPORT_ANSWER_STRANGE"),
        ("k1: кто-то из них\n", "EXPORT_ANSWER_UNREADABLE"),
        ("- k1\n", "EXPORT_ANSWER_UNREADABLE"),
        ("k1: 2026-0003\nk1: 2026-0004\n", "YAML_DUPLICATE_KEY"),
    ],
)
def test_an_answer_to_nothing_stops_all(school: Archive, text: str, code: str) -> None:
    before = commit_snapshots.head(school.root)
    ran = take(school, gradebook(kim()), *answers(school, text))
    assert (ran.code, code in ran.out) == (1, True), ran.all
    assert commit_snapshots.head(school.root) == before


def test_a_key_and_an_e_mail_of_two_people_are_asked_about(school: Archive) -> None:
    ran = take(school, gradebook(row("0048213", "", "emil@klumba.invalid")))
    assert ran.code == 1
    assert "ключ и почта указывают на разных людей (2026-0001, 2026-0002)" in ran.out


def test_two_accounts_of_one_student_with_the_same_mark_are_two_rows_too_many(
    school: Archive,
) -> None:
    told = answers(school, f"a1: {EMIL}\na2: {EMIL}\n")
    ran = take(school, gradebook(row("a1", "Эмиль"), row("a2", "Эмиль")), *told)
    assert ran.code == 1
    assert "EXPORT_PERSON_TWICE" in ran.out
    assert "grades.csv:3:5:" in ran.out


def test_unmatched_rows_are_taken_with_a_reason_and_wait_for_the_head(school: Archive) -> None:
    data = gradebook(row("x9", "Незнакомцев Ян"), aglaya())
    ran = take(school, data, "--accept-unmatched", "гость курса")
    assert ran.code == 0, ran.all
    assert "гость курса" in commit_snapshots.read_commit(school.root, "HEAD").message
    assert "2026-2/2/1" in papka("period", "status", PERIOD, "-C", school.root).out
    assert papka("check", "-C", school.root).code == 0


def test_the_schools_own_list_becomes_personal_files(school: Archive) -> None:
    data = gradebook(VESNA, KORNEY, encoding="utf-8-sig", columns=PEOPLE)
    ran = take(school, data, name="people.csv")
    assert ran.code == 0, ran.all
    assert "2026-0006 … 2026-0007" in ran.out
    card = file(school, "2026-0006", "student")
    assert card["name"] == {
        "surname": "Подснежникова",
        "given": "Весна",
        "patronymic": "Мартовна",
    }
    assert (card["birth_date"], card["sex"]) == ("2013-03-01", "женский")
    assert file(school, "2026-0006", "enrolments")["enrolments"] == [
        {"id": "e1", "program": "guitar", "edition": 2, "group": "Г-26-1", "start": "2026-09-02"}
    ]
    assert not (school.root / student_folder("2026-0007") / "enrolments.yaml").exists()
    assert papka("check", "-C", school.root).code == 0
    assert "уже принято" in take(school, data, name="again.csv").out


def test_who_is_there_already_gets_no_second_file(school: Archive) -> None:
    take(school, gradebook(VESNA, columns=PEOPLE), name="people.csv")
    ran = take(school, gradebook(VESNA, KORNEY, columns=PEOPLE), name="more.csv")
    assert ran.code == 0, ran.all
    assert "Номера новых дел: 2026-0007\n" in ran.out
    assert not (school.root / student_folder("2026-0008")).exists()


def test_a_namesake_gets_a_file_only_by_an_answer(school: Archive) -> None:
    data = gradebook(LISTOV, columns=PEOPLE)
    ran = take(school, data, name="people.csv")
    assert ran.code == 1
    assert "Листов Ким, 11.10.2012" in ran.out
    told = answers(school, "Листов Ким, 11.10.2012: новое дело\n")
    ran = take(school, data, *told, name="people.csv")
    assert ran.code == 0, ran.all
    assert file(school, "2026-0006", "student")["name"]["surname"] == "Листов"


ENROLLING = """\
  - id: enrolments
    edition: 1
    title: Зачисления
    target: зачисления
    layouts: [csv]
    recognise: [Код, Курс, Начало]
    student:
      key: Код
    fields:
      - column: Курс
        field: program
        words:
          - text: GUITAR
            mark: guitar
      - column: Начало
        field: start
"""


def test_two_rows_of_an_export_are_two_enrolments_of_one_student(school: Archive) -> None:
    path = "records/platforms/kurs.yaml"
    school.write(path, school.read(path) + ENROLLING)
    assert school.save(HEAD_STAFF).commit is not None
    data = gradebook(
        ("0048213", "GUITAR", "2026-09-01"), ("0048213", "GUITAR", "2026-10-01"),
        columns=("Код", "Курс", "Начало"),
    )  # fmt: skip
    ran = take(school, data, name="enrolments.csv")
    assert ran.code == 0, ran.all
    starts = [each["start"] for each in file(school, AGLAYA, "enrolments")["enrolments"]]
    assert starts == ["2026-01-15", "2026-09-01", "2026-10-01"]


def test_what_a_rule_says_of_a_new_enrolment_is_told_at_its_cell(school: Archive) -> None:
    early = ("Абрикосова", "Аглая", "Тихоновна", "14.05.2011", "", "", "guitar", "Г-26-1",
             "01.02.2009")  # fmt: skip
    for words in (("--platform", "kurs", "--period", PERIOD), ()):
        data = gradebook(early, VESNA, columns=PEOPLE)
        path = school.root.parent / "people.csv"
        path.write_bytes(data)
        ran = papka("take", path, *words, "-n", "--as", HEAD_STAFF, "-C", school.root)
        assert ran.code == 1
        places = [line for line in ran.out.splitlines() if " EDITION_NOT_YET" in line]
        assert places == ["people.csv:2: ошибка EDITION_NOT_YET"]


def test_a_child_who_returns_in_the_schools_list_gets_the_new_enrolment(school: Archive) -> None:
    again = ("Абрикосова", "Аглая", "Тихоновна", "14.05.2011", "", "", "guitar", "Г-26-1",
             "02.09.2026")  # fmt: skip
    ran = take(school, gradebook(again, VESNA, columns=PEOPLE), name="people.csv")
    assert ran.code == 0, ran.all
    assert [each["id"] for each in file(school, AGLAYA, "enrolments")["enrolments"]] == ["e1", "e2"]


def test_two_spellings_in_an_export_are_one_file(school: Archive) -> None:
    other = ("Подснежникова", "Весна", "", *VESNA[3:6], "guitar", "", "02.10.2026")
    data = gradebook((*VESNA[:1], "Вёсна", *VESNA[2:]), other, encoding="utf-8", columns=PEOPLE)
    ran = take(school, data, name="people.csv")
    assert ran.code == 0, ran.all
    assert "Номера новых дел: 2026-0006\n" in ran.out
    assert len(file(school, "2026-0006", "enrolments")["enrolments"]) == 2


def test_a_filled_in_sheet_is_taken_without_a_platform(school: Archive) -> None:
    sheet = ("№", "Фамилия, имя, отчество", "Номер дела", "Обучение",
             "Техника игры [guitar/техника]", "Дата")  # fmt: skip
    data = gradebook(
        ("1", "Тычинкин Эмиль", EMIL, "e1", "5", "20.11.2026"), encoding="utf-8", columns=sheet
    )
    path = school.root.parent / "sheet.csv"
    path.write_bytes(data)
    ran = papka("take", path, "--period", PERIOD, "--as", HEAD_STAFF, "-C", school.root)
    assert ran.code == 0, ran.all
    assert file(school, EMIL, f"results/{PERIOD}")["results"][0]["mark"] == 5
    assert papka("check", "-C", school.root).code == 0


def test_personal_files_once_opened_and_seen_are_not_undone(school: Archive) -> None:
    take(school, gradebook(VESNA, columns=PEOPLE), name="people.csv")
    note_all_seen(school.root)
    ran = papka("undo", "--yes", "--as", "s002", "-C", school.root)
    assert ran.code == 1
    assert "FOLDER_REMOVED" in ran.out
    assert (school.root / student_folder("2026-0006")).is_dir()
