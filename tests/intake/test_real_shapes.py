"""Exports as platforms, spreadsheets and people leave them, read by the shipped layouts."""

from __future__ import annotations

import msgspec
import pytest

from papka.core.findings import Severity
from papka.intake.export_files import open_export
from papka.intake.headers import recognise
from papka.intake.marks import Rows, read_rows
from papka.records.school import Platform
from tests.intake.test_shipped_layouts import SHIPPED, context, value_of
from tests.support.workbooks import xlsx

CANVAS = "Student,ID,SIS User ID,SIS Login ID,Section,Quiz 1 (23),Final Score"
POSSIBLE = "    Points Possible,,,,,10.00,(read only)"
POPPY = '"Макова, Роза",11,,roza@klumba.invalid,XC 101,8.00,88.5'
MOODLE = (
    "Фамилия;Имя;Адрес электронной почты;Индивидуальный номер;Тест: Раз (Значение);"
    "Задание: Два (Значение);Итоговая оценка за курс (Значение)"
)
PINE = "Сосновый;Бор;bor@les.invalid;7;8,75;Зачёт;88,33"
QUIZ = (
    'Фамилия,Имя,"Адрес электронной почты",Состояние,"Тест начат",Завершено,'
    '"Затраченное время","Оценка/10,00","В. 1 /1,00"'
)
COURSES = "User,Group,Email,Course,Status,Score,Completion Date,Due Date,Changed Manually,Reason"
EDX = (
    "Student ID,Email,Username,Grade,Homework 1: Intro,Homework (Avg),Cohort Name,Enrollment Track,"
    "Verification Status,Certificate Eligible,Enrollment Status"
)
FORM = "Отметка времени,Адрес электронной почты,Баллы,Ваше имя"
STEPIK = "user_id,last_name,first_name,total,date_joined,last_viewed"


def read(platform: str, data: bytes, **conversion: str) -> Rows:
    """Read by the shipped layouts; `conversion` is added to the rule of each of their columns."""
    described = value_of(SHIPPED / f"{platform}.yaml")
    for layout in described["exports"]:
        for column in layout["columns"]:
            column["conversion"] |= conversion
    layouts = msgspec.convert(described, Platform)
    export = open_export(data, "Выгрузка.csv")
    assert export.findings == ()
    layout = recognise(export, layouts)
    assert not isinstance(layout, tuple), layout
    return read_rows(export, layout, context())


def marks_of(found: Rows) -> list[object]:
    return [mark.mark for mark in found.marks]


@pytest.mark.parametrize(
    ("platform", "lines", "marks"),
    [
        pytest.param(
            "canvas",
            (CANVAS, ",,,,,Manual Posting,", POSSIBLE, POPPY),
            [4, 89],
            id="a row of posting policies above the row of maxima",
        ),
        pytest.param(
            "canvas",
            (CANVAS, POSSIBLE, "", POPPY, ",,,,,,", "Итого,,,,,8,88", "Average,,,,,8,88"),
            [4, 89],
            id="blank rows and rows of totals",
        ),
        pytest.param(
            "canvas",
            (
                "SIS Login ID,Final Score,Section,ID,Quiz 1 (23),Root Account,Student",
                ',(read only),,,"1,000.00",,    Points Possible',
                'roza@klumba.invalid,88.5,XC,11,"1,000.00",,"Макова, Роза"',
            ),
            [89, 5],
            id="another order of columns, thousands set apart",
        ),
        pytest.param(
            "canvas",
            (
                "Student|ID|SIS User ID|SIS Login ID|Section|Quiz 1 (23)|Final Score",
                "    Points Possible|||||10|(read only)",
                "Макова, Роза|11||roza@klumba.invalid|XC|8|88",
            ),
            [4, 88],
            id="columns between bars",
        ),
        pytest.param(
            "moodle-ru",
            (MOODLE, f"{PINE};", "Среднее по группе;;;;8,75;;88,33", ";Всего: 1;;;8,75;;88,33"),
            [4, "зачтено", 88],
            id="averages under another name than the layout's",
        ),
        pytest.param(
            "moodle-ru",
            (
                QUIZ,
                ("Сосновый,Бор,bor@les.invalid,Завершено,"
                '"12 сентября 2026  10:15","12 сентября 2026  10:30",15,"8,75","1,00"'),
                ("Сосновый,Бор,bor@les.invalid,Завершено,"
                '"13 сентября 2026  10:15","13 сентября 2026  10:30",15,Ещё не оценено,"1,00"'),
            ),
            [4],
            id="an attempt that nobody has marked yet",
        ),
        pytest.param(
            "ispring",
            (
                COURSES,
                "Бор Сосновый,g,bor@les.invalid,Теория 1,In progress,45,,,No,",
                "Бор Сосновый,g,bor@les.invalid,Практика,Passed,90,09/12/2026,,No,",
                "Бор Сосновый,g,bor@les.invalid,Теория 2,Complete,90%,09/13/2026 10:30 AM,,No,",
            ),
            ["зачтено", 90],
            id="a course in progress before those completed",
        ),
        pytest.param(
            "openedx",
            (
                EDX,
                "5,bor@les.invalid,bor,0.8850000000000001,0.8999999999999999,,,audit,N/A,N,enrolled",
                "6,rosa@les.invalid,rosa,0.5,0.5,0.5,,audit,N/A,N,unenrolled",
            ),
            [88, 5],
            id="fractions as they are computed",
        ),
        pytest.param(
            "google-forms",
            (
                FORM,
                "2026/09/10 1:30:15 PM EEST,bor@les.invalid,17 / 20,Бор",
                "2026/09/10 2:30:15 AM GMT+5,BOR@les.invalid,20 / 20,Бор",
            ),
            [4],
            id="zones by their letters, the last attempt in an earlier row",
        ),
        pytest.param(
            "stepik",
            (STEPIK, '7,Сосновый,Бор,"110,5",2026-09-01,', ",max,,120,,", ",,max,120,,"),
            [92],
            id="the maximum of the course as a row of nobody",
        ),
    ],
)  # fmt: skip
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1251"])
def test_a_real_shape_gives_its_marks(
    platform: str, lines: tuple[str, ...], marks: list[object], encoding: str
) -> None:
    found = read(platform, "\r\n".join([*lines, ""]).encode(encoding))
    assert [each.code.name for each in found.findings if each.severity is Severity.ERROR] == []
    assert marks_of(found) == marks


def test_extra_credit_is_the_maximum_where_the_layout_says_so_and_else_told() -> None:
    lines = (CANVAS, POSSIBLE, POPPY.replace("8.00,88.5", "10.50,104.2"))
    data = "\n".join(lines).encode()
    assert marks_of(read("canvas", data, above_maximum="наибольшее")) == [5, 100]
    told = [each.message for each in read("canvas", data).findings]
    assert told == [
        "Ячейка F3, «Quiz 1 (23)»: «10.50» вне границ: больше 10",
        "Ячейка G3, «Final Score»: «104.2» вне границ: больше 100",
    ]


def test_a_column_worth_no_points_is_passed_over_and_told() -> None:
    heads = CANVAS.replace("Quiz 1 (23)", "Quiz 1 (23),Quiz 2 (24)")
    lines = (heads, POSSIBLE.replace("10.00", "10.00,0.00"), POPPY.replace("8.00", "8.00,0.00"))
    found = read("canvas", "\n".join(lines).encode())
    assert [each.code.name for each in found.findings] == ["EXPORT_COLUMN_WITHOUT_POINTS"]
    assert marks_of(found) == [4, 89]


def test_a_person_of_one_name_is_no_row_of_totals() -> None:
    lines = (CANVAS, POSSIBLE, '"Max",11,,max@les.invalid,XC,8,88', '"Макс Май",,,,XC,9,90')
    found = read("canvas", "\n".join(lines).encode())
    assert marks_of(found) == [4, 88, 5, 90]


def test_a_number_of_a_workbook_has_a_point_whatever_the_layout_says() -> None:
    row = ("Сосновый", "Бор", "bor@les.invalid", 7, 8.125, "Зачтено", 88.333)
    found = read("moodle-ru", xlsx(tuple(MOODLE.split(";")), row))
    assert found.findings == ()
    assert marks_of(found) == [4, "зачтено", 88]


PERCENTS = ("First name", "Last name", "ID number", "Email address", "Quiz: One (Percentage)",
            "Course total (Percentage)")  # fmt: skip


def test_percentages_that_a_spreadsheet_keeps_as_shares_are_told_and_not_taken() -> None:
    rows = (("Бор", "Сосновый", 7, "b@les.invalid", 0.875, 0.5),
            ("Роза", "Макова", 8, "r@les.invalid", 1, 0))  # fmt: skip
    found = read("moodle-en", xlsx(PERCENTS, *rows))
    assert [each.message for each in found.findings] == [
        f"Ячейка {cell}, «{PERCENTS[column]}»: «{value}» — похоже, это доля от 1, а не процент: "
        "таблицы хранят 85 % как 0,85"
        for cell, column, value in (("E2", 4, "0.875"), ("F2", 5, "0.5"), ("E3", 4, "1"))
    ]


@pytest.mark.parametrize("cell", ["0.875 %", "87.5", "1", "0"])
def test_a_percentage_below_one_is_one_where_another_number_says_so(cell: str) -> None:
    rows = (("Бор", "Сосновый", 7, "b@les.invalid", cell, 50),
            ("Роза", "Макова", 8, "r@les.invalid", "93 %", 50))  # fmt: skip
    assert read("moodle-en", xlsx(PERCENTS, *rows)).findings == ()


def test_a_day_that_cannot_be_read_is_told_once_with_the_layouts_word_for_it() -> None:
    lines = (FORM, "13/09/2026 12:30,bor@les.invalid,17 / 20,Бор")
    (finding,) = read("google-forms", "\n".join(lines).encode()).findings
    assert finding.message.startswith("Ячейка A2, «Отметка времени»: «13/09/2026 12:30» — ")
    assert finding.hint.endswith("назовите вид дат в раскладке: dates")


def test_an_empty_day_of_two_marks_is_told_once() -> None:
    answer = (
        '{"course-grades": [{"user": 7, "score": 110, "date_joined": "2026-09-01T12:00:00Z", '
        '"last_viewed": null, "results": {"57834-1": {"score": 0.7}}}], '
        '"users": [{"id": 7, "full_name": "Бор Сосновый"}]}'
    )
    (finding,) = read("stepik", answer.encode()).findings
    assert "«last_viewed»: «» — день не написан" in finding.message
