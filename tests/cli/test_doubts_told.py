"""What is hardly true is told where it is typed, where it is taken in, and by check."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.command import papka
from tests.support.school import STUDENT, Archive

CODE = re.compile(r"(?:предупреждение|ошибка) ([A-Z_]+)")
STUDY = ("enrolment", "--program", "guitar", "--group", "Г-26-1", "--order", "2026/0002")
MARK = ("result", "--kind", "учебный", "--origin", "текущий контроль", "--part", "техника",
        "--control", "за период", "--mark", "4")  # fmt: skip
PERIOD = ("period", "--period", "2027-1", "--title", "П", "--school-year", "2027")
BORN = ("--given", "Пётр", "--birth-date")
TYPED = (
    (("new", "student", "--surname", "Рыбкин", *BORN, "05.05.2112"), "BIRTH_UNLIKELY"),
    (("new", "student", "--surname", "Рыбкин", *BORN, "05.05.1813"), "BIRTH_UNLIKELY"),
    (("new", "student", "--surname", "Рыбкин", *BORN, "05.05.1913"), "DATE_TOO_EARLY"),
    (("new", "student", "--surname", "Мария", "--given", "Петрова"), "NAME_SWAPPED"),
    (("new", "student", "--surname", "漢字", "--given", "Пётр"), "NAME_NOT_DRAWN"),
    (("new", "student", "--surname", "Нгуен", "--given", "Văn Ẫn"), "NAME_NOT_DRAWN"),
    (("new", *PERIOD, "--start", "01.12.2026", "--end", "01.06.2027"), "PERIODS_OVERLAP"),
    (("new", *PERIOD, "--start", "10.04.2027", "--end", "01.06.2027"), "PERIODS_GAP"),
    (("add", "2026-0001", *STUDY, "--start", "01.10.2026"), "ENROLMENTS_OVERLAP"),
    (("add", "2026-0001", *MARK, "--date", "02.02.2027", "--period", "2026-2"),
     "RESULT_AFTER_PERIOD"),
    (("add", "2026-0001", *MARK, "--date", "31.08.2026", "--period", "2026-2"), "DATE_ORDER"),
    (("add", "2026-0001", "result", "--resits", "r3", "--mark", "5", "--date", "10.10.2026"),
     "RESIT_OF_PASS"),
    (("add", "2026-0001", "document", "--kind", "справка", "--title", "С", "--medium", "копия",
      "--date", "05.05.2041"), "DATE_AHEAD"),
)  # fmt: skip


@pytest.mark.parametrize(("typed", "code"), TYPED, ids=[f"{n}-{c}" for n, (_, c) in
                                                        enumerate(TYPED)])  # fmt: skip
def test_a_doubt_is_told_as_it_is_typed(
    built_archive: Archive, typed: tuple[str, ...], code: str
) -> None:
    ran = papka(*typed, "-n", "-C", built_archive.root)
    assert code in CODE.findall(ran.all), ran.all


def test_doubts_are_told_of_the_row_before_anybody_has_a_number(
    archive: Archive, tmp_path: Path
) -> None:
    rows = {
        "Мария Петрова;14.05.2013;01.09.2026": "NAME_SWAPPED",
        "Синева 漢字 Львовна;01.02.2013;01.09.2026": "NAME_NOT_DRAWN",
        "Бурь Ким Львович;03.02.2150;01.09.2026": "BIRTH_UNLIKELY",
        "Рань Ким Львович;03.02.2012;01.09.2062": "DATE_FAR",
        "Старь Ким Львович;03.02.1931;01.09.2026": "DATE_TOO_EARLY",
        "Юнь Ким Львович;03.02.2024;01.09.2026": "AGE_OUTSIDE",
    }
    program = "records/programs/guitar.yaml"
    archive.edit(program, "title: Гитара с нуля", "title: Гитара с нуля\nages:\n  from: 7")
    assert papka("save", "--as", "s001", "-C", archive.root).code == 0
    table = tmp_path / "list.csv"
    head = "ФИО;Дата рождения;Начало обучения;Программа\n"
    table.write_text(head + "".join(f"{row};guitar\n" for row in rows), encoding="utf-8")
    said = papka("take", table, "-n", "-C", archive.root).all
    for line, code in enumerate(rows.values(), 2):
        assert re.search(rf"list\.csv:{line}\S*: \S+ {code}\b", said), (line, code)


def test_check_tells_the_same_of_what_was_written_by_hand(archive: Archive) -> None:
    card = f"{STUDENT}/student.yaml"
    archive.edit(card, "surname: Абрикосова\n", "surname: Мария\n")
    archive.edit(card, "given: Аглая\n", "given: Петрова\n")
    archive.edit(card, "  patronymic: Тихоновна\n", "")
    archive.edit(card, "birth_date: 2011-05-14", "birth_date: 2111-05-14")
    found = CODE.findall(papka("check", "-C", archive.root).all)
    assert {"NAME_SWAPPED", "BIRTH_UNLIKELY", "DATE_ORDER"} <= {*found}
