"""Who changed what in a personal file, commit by commit."""

from __future__ import annotations

from papka.desk.file_history import list_file_steps, word_file_steps
from papka.desk.open_records import open_file
from tests.support.school import STUDENT, Archive

ID = "2026-0001"


def lines_of(archive: Archive) -> list[tuple[str, tuple[str, ...]]]:
    opened = open_file(archive.root, ID)
    steps = list_file_steps(archive.root, opened.archive, opened.schemas, ID)
    return [(step.commit.touch.staff, step.lines) for step in steps]


def test_a_new_surname_is_told_and_a_remark_is_not(archive: Archive) -> None:
    began = lines_of(archive)
    card = archive.read(f"{STUDENT}/student.yaml")
    archive.edit(f"{STUDENT}/student.yaml", "surname: Абрикосова", "surname: Вишнёва")
    archive.save("s001")
    archive.edit(f"{STUDENT}/student.yaml", "surname: Вишнёва", "surname: Вишнёва # по паспорту")
    archive.save("s001")
    opened = open_file(archive.root, ID)
    steps = tuple(list_file_steps(archive.root, opened.archive, opened.schemas, ID))
    assert steps[0].lines == ("карточка: изменена: Имя: Фамилия: Абрикосова → Вишнёва",)
    assert lines_of(archive)[1:] == began
    assert "representatives" in card, "its entries do not hide what the card itself says"
    told = word_file_steps(steps[:1])
    assert [row[0] for row in told.rows] == [steps[0].commit.touch.commit[:12]]
    assert told.rows[0][2].startswith("Ландышева В.\u00a0Г. (s001)\nИндивидуальный")
    assert told.notes == ("Подлинность подписей проверяет papka verify",)


def test_entries_that_came_are_told_together(built_archive: Archive) -> None:
    _, lines = lines_of(built_archive)[-1]
    assert "карточка: внесена" in lines
    assert any(line.startswith("результаты 2026-1: внесены r1, r2") for line in lines), lines
    assert any(line.startswith("сканы: добавлен файл ") for line in lines), lines
    assert not any(".salt" in line for line in lines)
