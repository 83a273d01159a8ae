"""Taking exports in: once, again, changed, undone; what may not be is found and nothing written."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from papka.core.places import results_file
from papka.intake.export_parts import restore_original
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from tests.support.command import papka
from tests.support.histories import git
from tests.support.school import TEACHER, Archive
from tests.support.taking import (
    AGLAYA,
    EMIL,
    GONE,
    PERIOD,
    aglaya,
    emil,
    gradebook,
    row,
    take,
)


def results(archive: Archive, student: str, period: str = PERIOD) -> list[dict[str, Any]]:
    path = results_file(student, period)
    value: list[dict[str, Any]] = read((archive.root / path).read_bytes(), path).value["results"]
    return value


def untouched(archive: Archive, before: str | None) -> bool:
    return commit_snapshots.head(archive.root) == before and not commit_snapshots.worktree_changes(
        archive.root
    )


def test_marks_become_records_with_the_cell_they_come_from(school: Archive) -> None:
    ran = take(school, gradebook(aglaya(), emil(), row("Среднее", marks=("5", "4", ""))))
    assert ran.code == 0, ran.all
    assert "windows-1251, разделитель — точка с запятой" in ran.out
    found = results(school, EMIL)
    assert [(each["part"], each["mark"], each.get("text")) for each in found] == [
        ("теория", 5, "Тест 1"),
        ("техника", 4, None),
        ("ансамбль", "зачтено", None),
    ]
    assert found[1]["source"] == {"import": "2026-2/2", "row": 1, "column": 6, "raw": "4"}
    assert papka("check", "-C", school.root).code == 0
    commit = commit_snapshots.read_commit(school.root, "HEAD")
    assert commit.signature
    assert commit.author.name == TEACHER
    assert "Тычинкин" not in commit.message
    assert not commit_snapshots.worktree_changes(school.root)


def test_the_same_bytes_taken_again_change_nothing(school: Archive) -> None:
    take(school, gradebook(aglaya()))
    before = commit_snapshots.head(school.root)
    ran = take(school, gradebook(aglaya()), name="под другим именем.csv")
    assert ran.code == 0
    assert "уже принято: 2026-2/2" in ran.out
    assert untouched(school, before)


def test_one_mark_changed_on_the_platform_is_one_new_entry(school: Archive) -> None:
    first, second = gradebook(aglaya(), emil()), gradebook(aglaya(), emil("5", "5", "зачтено"))
    take(school, first)
    known = results(school, EMIL)
    ran = take(school, second)
    assert "4 → 5" in ran.out
    now = results(school, EMIL)
    assert now[: len(known)] == known
    (added,) = now[len(known) :]
    assert (added["mark"], added["replaces"]) == (5, known[1]["id"])
    assert added["reason"].startswith("Изменено на платформе, выгрузка от ")
    changed = git(school.root, "diff", "--name-only", "HEAD~1", "HEAD", "--", "*.yaml").split()
    assert changed == ["records/imports/2026-2/3/manifest.yaml", results_file(EMIL, PERIOD)]
    snapshot = commit_snapshots.CommitSnapshot(school.root, "HEAD")
    assert restore_original(snapshot, "2026-2/2").data == first
    assert restore_original(snapshot, "2026-2/3").data == second


def test_an_undone_take_leaves_nothing_and_can_be_taken_again(school: Archive) -> None:
    before = git(school.root, "rev-parse", "HEAD^{tree}")
    take(school, gradebook(aglaya(), emil()))
    undone = papka("undo", "--yes", "--as", TEACHER, "-C", school.root)
    assert undone.code == 0, undone.all
    assert git(school.root, "rev-parse", "HEAD^{tree}") == before
    assert take(school, gradebook(aglaya(), emil())).code == 0
    assert len(results(school, EMIL)) == 3


def test_what_was_taken_by_mistake_is_not_taken_again(school: Archive) -> None:
    take(school, gradebook(aglaya(), emil()))
    known = results(school, EMIL)[1]["id"]
    words = ("--void", "--reason", "Строка другого человека", "--save", "--as", TEACHER)
    assert papka("fix", f"{EMIL}#{known}", *words, "-C", school.root).code == 0
    before = results(school, EMIL)
    for marks in (("4", "4", "зачтено"), ("5", "5", "зачтено")):
        assert take(school, gradebook(aglaya("5", "5", "зачтено"), emil(*marks))).code == 0
    assert results(school, EMIL)[: len(before)] == before
    assert known not in {each.get("replaces") for each in results(school, EMIL)}


def test_what_is_gone_from_the_platform_is_listed_and_stays(school: Archive) -> None:
    take(school, gradebook(aglaya(), emil()))
    ran = take(school, gradebook(aglaya("5", "-", "зачтено")))
    assert ran.code == 0, ran.all
    assert "пропали с платформы" in ran.out
    assert f"{AGLAYA}#e1" in ran.out.partition("Пропали")[2]
    assert len(results(school, EMIL)) == 3


def test_another_groups_export_says_nothing_about_who_is_gone(school: Archive) -> None:
    take(school, gradebook(aglaya()))
    ran = take(school, gradebook(emil()))
    assert ran.code == 0
    assert "пропали" not in ran.out


def test_what_a_person_corrected_is_left_and_told(school: Archive) -> None:
    take(school, gradebook(emil()))
    path = results_file(EMIL, PERIOD)
    known = results(school, EMIL)[1]
    school.write(
        path,
        school.read(path)
        + "  - enrolment: e1\n    kind: учебный\n    origin: текущий контроль\n    part: техника\n"
        "    control: за период\n    date: 2026-11-21\n    mark: 3\n"
        f"    replaces: {known['id']}\n    reason: Описка на платформе\n"
        '    source:\n      import: 2026-2/2\n      row: 1\n      column: 6\n      raw: "4"\n',
    )
    assert school.save(TEACHER, dt.datetime.now(dt.UTC)).commit is not None
    ran = take(school, gradebook(emil("5", "5", "зачтено")))
    assert ran.code == 0, ran.all
    assert "EXPORT_KEPT_BY_HAND" in ran.out
    assert len(results(school, EMIL)) == 4


@pytest.mark.parametrize(
    ("data", "code", "where"),
    [
        (gradebook(row("u5", "Ушедшев Пан")), "EXPORT_STUDENT_LEFT", ":2:5:"),
        (gradebook(emil("5", "7", "")), "EXPORT_MARK_OFF_SCALE", ":2:6:"),
        (gradebook(emil(), emil()), "EXPORT_STUDENT_TWICE", ":3:"),
        (gradebook(row("x9", "Незнакомцев Ян")), "EXPORT_ROW_UNMATCHED", ":2:"),
        (gradebook(emil(), columns=("Логин", "Итог", "Почта", "Родился", "Тест 1", "Итог",
                                    "Зачёт")), "EXPORT_COLUMN_TWICE", ":1:"),
        (gradebook(emil(), ("Логин", "Имя", "Почта", "Родился", "Тест 1", "Итог", "Зачёт")),
         "EXPORT_HEADER_TWICE", ":3:"),
        (gradebook(emil())[:-1] + b'"', "EXPORT_", ""),
        (b"", "EXPORT_EMPTY", ""),
    ],
    ids=["left", "off the scale", "twice", "unknown", "two columns", "two headers", "cut", "empty"],
)  # fmt: skip
def test_bad_input_is_found_by_row_and_column_and_nothing_is_written(
    school: Archive, data: bytes, code: str, where: str
) -> None:
    before = commit_snapshots.head(school.root)
    ran = take(school, data)
    assert ran.code == 1, ran.all
    assert code in ran.out
    assert f"grades.csv{where}" in ran.out
    assert untouched(school, before)


def test_one_bad_file_stops_all(school: Archive) -> None:
    before = commit_snapshots.head(school.root)
    bad = school.root.parent / "bad.csv"
    bad.write_bytes(gradebook(row("u5", "Ушедшев Пан")))
    assert take(school, gradebook(emil()), bad).code == 1
    assert untouched(school, before)


def test_a_mark_before_the_student_left_is_taken(school: Archive) -> None:
    ran = take(school, gradebook(row("u5", "Ушедшев Пан")), "--date", "2026-09-30")
    assert ran.code == 0, ran.all
    assert len(results(school, GONE)) == 3


def test_a_closed_period_takes_corrections_and_nothing_new(school: Archive) -> None:
    take(school, gradebook(emil()))
    lacks = papka("period", "status", PERIOD, "-C", school.root).out.split()
    names = [word for word in lacks if "#e1/" in word] + ["2026-2/1"]
    accepted = [part for name in names for part in ("--accept", f"{name}=решение 3")]
    closed = papka("period", "close", PERIOD, "--yes", *accepted, "-C", school.root)
    assert closed.code == 0, closed.all
    before = commit_snapshots.head(school.root)
    ran = take(school, gradebook(emil(), aglaya()))
    assert ran.code == 1
    assert "EXPORT_PERIOD_CLOSED" in ran.out
    assert "grades.csv:3:5:" in ran.out
    assert untouched(school, before)
    ran = take(school, gradebook(emil("5", "3", "зачтено")))
    assert ran.code == 0, ran.all
    assert results(school, EMIL)[-1]["replaces"] == "r2"


def test_a_rule_about_records_is_told_at_the_cell(school: Archive) -> None:
    ran = take(school, gradebook(emil()), "--period", "2026-2", "--date", "2026-08-01")
    assert ran.code == 1
    assert "grades.csv:2:5:" in ran.out


def test_unsaved_edits_in_the_way_stop_it_before_anything_is_signed(school: Archive) -> None:
    take(school, gradebook(emil()))
    before = commit_snapshots.head(school.root)
    path = results_file(EMIL, PERIOD)
    school.edit(path, "mark: 5", "mark: 3")
    ran = take(school, gradebook(emil("3", "3", "зачтено")))
    assert ran.code == 3
    assert "несохранённое" in ran.err
    assert commit_snapshots.head(school.root) == before
    assert "mark: 3" in school.read(path)


def test_a_dry_run_judges_and_writes_nothing(school: Archive) -> None:
    before = commit_snapshots.head(school.root)
    ran = take(school, gradebook(emil()), "--dry-run")
    assert (ran.code, "Было бы принято" in ran.out) == (0, True)
    assert untouched(school, before)


def test_a_workbook_is_given_back_byte_for_byte(school: Archive) -> None:
    from papka.intake.sheet_writing import write_xlsx
    from papka.intake.tables import Sheet
    from tests.support.taking import COLUMNS

    data = write_xlsx((Sheet("Оценки", (COLUMNS, emil("5", "4", "зачтено"))),))
    ran = take(school, data, name="grades.xlsx")
    assert ran.code == 0, ran.all
    assert (
        restore_original(commit_snapshots.CommitSnapshot(school.root, "HEAD"), "2026-2/2").data
        == data
    )
    assert papka("check", "-C", school.root).code == 0
