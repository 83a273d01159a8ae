"""A teacher's sheet is read as teachers write, and told of in its own words."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from papka.core.findings import Code, Finding, Location
from papka.intake import intake_codes
from papka.intake.headers import recognise
from papka.intake.mark_rules import ADVICE
from papka.intake.marks import MarkContext, Rows, read_rows
from papka.intake.tables import Export, Row, Table
from papka.intake.teacher_sheet import find_own_platform, missing_columns, speak_of_sheet
from papka.records.school import Edition, Program, ProgramPart, Scale

FIVE = Scale(scale="пять", title="Пятибалльная", lowest=2, highest=5, pass_mark=3)
CREDIT = Scale(
    scale="зачёт", title="Зачёт", marks=("не зачтено", "зачтено"), passing_marks=("зачтено",)
)
GUITAR = Program(
    code="guitar",
    title="Гитара",
    editions=(
        Edition(
            edition=1,
            order="2026/0001",
            hours=2,
            parts=(
                ProgramPart(part="техника", title="Техника", hours=1, scale="пять"),
                ProgramPart(part="ансамбль", title="Ансамбль", hours=1, scale="зачёт"),
            ),
            planned_results=(),
        ),
    ),
)
CONTEXT = MarkContext(
    {"guitar": GUITAR}, {"пять": FIVE, "зачёт": CREDIT}, dt.date(2026, 5, 28), origin="ведомость"
)
HEAD = (
    *("№", "Фамилия, имя, отчество", "Номер дела", "Обучение"),
    *("Техника [guitar/техника]", "Ансамбль [guitar/ансамбль]", "Дата"),
)


def sheet(*rows: tuple[str, ...], head: tuple[str, ...] = HEAD, layout: str = "xlsx") -> Export:
    lines = tuple(Row(number, cells) for number, cells in enumerate((head, *rows), 1))
    return Export("ведомость.xlsx", b"", layout, (Table("Г", lines),))  # type: ignore[arg-type] # its words


def read_sheet(export: Export) -> Rows:
    platform = find_own_platform(export)
    assert platform is not None
    layout = recognise(export, platform)
    assert not isinstance(layout, tuple)
    return read_rows(export, layout, CONTEXT)


def row(five: str, credit: str, day: str = "20.05.2026") -> tuple[str, ...]:
    return ("1", "Клумбина Астра", "2026-0001", "e1", five, credit, day)


@pytest.mark.parametrize(
    ("five", "credit", "marks"),
    [
        ("4,0", "Зачёт", [4, "зачтено"]),
        ("4.0", "ЗАЧЕТ", [4, "зачтено"]),
        ("5", "+", [5, "зачтено"]),
        ("н/а", "незачет", ["не аттестован", "не зачтено"]),
        ("-", "зач.", ["зачтено"]),
        ("—", "", []),
        ("\u00a03 ", "не\u00a0зачтено", [3, "не зачтено"]),
        ("Не аттестован", "Не зачёт", ["не аттестован", "не зачтено"]),
        ("5", "зачтена", [5, "зачтено"]),
        ("4", "✓", [4, "зачтено"]),
        ("3", "Не сдала", [3, "не зачтено"]),
        ("2", "зачтено.", [2, "зачтено"]),
        ("5", "сдал", [5, "зачтено"]),
        ("н\\а", "не зач.", ["не аттестован", "не зачтено"]),
    ],
)
def test_marks_are_read_as_teachers_write_them(five: str, credit: str, marks: list[object]) -> None:
    for layout in ("xlsx", "csv"):
        found = read_sheet(sheet(row(five, credit), layout=layout))
        assert found.findings == ()
        assert [mark.mark for mark in found.marks] == marks


@pytest.mark.parametrize(
    "day", ["20.05.2026", "20 мая 2026", "2026-05-20", "46162", "20.05.2026 г.", "2026/05/20"]
)
def test_a_day_is_read_however_written(day: str) -> None:
    found = read_sheet(sheet(row("5", "", day)))
    assert [mark.date for mark in found.marks] == [dt.date(2026, 5, 20)]


@pytest.mark.parametrize(
    ("cells", "message", "hint"),
    [
        (
            row("пять", ""),
            "Ячейка E2, «Техника [guitar/техника]»: «пять» — это не число",
            f"Здесь бывает: 2–5, «не аттестован», пусто, если отметки нет. {ADVICE['ведомость']}",
        ),
        (
            row("", "-"),
            "Ячейка F2, «Ансамбль [guitar/ансамбль]»: «-» — этого нет на шкале «Зачёт»",
            "Здесь бывает: «не зачтено», «зачтено», «не аттестован», пусто, если отметки нет. "
            + ADVICE["ведомость"],
        ),
        (
            row("5 (хор.)", ""),
            "Ячейка E2, «Техника [guitar/техника]»: «5 (хор.)» — это не число",
            f"Здесь бывает: 2–5, «не аттестован», пусто, если отметки нет. {ADVICE['ведомость']}",
        ),
        (
            row("5", "", "03/04/2026"),
            (
                "Ячейка G2, «Дата»: «03/04/2026» — это не читается как день; может быть, это "
                "03.04.2026 или 04.03.2026?"
            ),
            f"День пишут так: 28.05.2026, 2026-05-28, 28 мая 2026. {ADVICE['ведомость']}",
        ),
        (
            row("5", "", "вчера"),
            "Ячейка G2, «Дата»: «вчера» — это не читается как день",
            f"День пишут так: 28.05.2026, 2026-05-28, 28 мая 2026. {ADVICE['ведомость']}",
        ),
    ],
)
def test_a_wrong_cell_is_named_with_what_may_stand_there(
    cells: tuple[str, ...], message: str, hint: str
) -> None:
    (told,) = read_sheet(sheet(cells)).findings
    assert (told.message, told.hint) == (message, hint)


@pytest.mark.parametrize("cells", [("Итого", ""), ("", "Средний балл"), ("", "Всего: 25")])
def test_a_row_of_averages_that_a_teacher_adds_is_nobodys(cells: tuple[str, str]) -> None:
    found = read_sheet(sheet(row("5", "+"), (*cells, "", "", "4,5", "", "")))
    assert found.findings == ()
    assert found.kinds[3] == "aggregate"


WORDS: dict[str, Any] = {
    "address": "2026-0001#r3", "candidates": "", "count": 1, "day": "01.09.2026",
    "enrolment": "e1", "first": 2, "ids": "e1, e2", "mark": 5, "may_be": "", "name": "Заметки",
    "part": "техника", "period": "2026-1", "program": "guitar", "reason": "нет", "row": 2,
    "student": "2026-0001", "text": "x", "what": "части «сцена» программы «guitar»",
}  # fmt: skip
TOLD_OF_SHEETS = (
    *("COLUMN_UNKNOWN", "COLUMN_TWICE", "PART_UNKNOWN", "SCALE_UNSURE", "PART_WITHOUT_SCALE"),
    *("HEADER_TWICE", "ROW_WITHOUT_STUDENT", "STUDENT_TWICE", "PERSON_TWICE", "MARK_TWICE"),
    *(
        "ROW_UNMATCHED",
        "ROW_AMBIGUOUS",
        "NOT_ENROLLED",
        "NOT_YET",
        "STUDENT_LEFT",
        "PART_NOT_STUDIED",
    ),
    "KEPT_BY_HAND",
)


def told_of(name: str) -> Finding:
    code: Code = getattr(intake_codes, f"EXPORT_{name}")
    return code.at(Location("ведомость.xlsx", line=2), **{key: WORDS[key] for key in code.fields})


@pytest.mark.parametrize("name", TOLD_OF_SHEETS)
def test_a_sheet_speaks_of_no_platform_and_no_layout(name: str) -> None:
    told = speak_of_sheet(told_of(name))
    words = f"{told.message} {told.hint}".casefold()
    assert not [each for each in ("платформ", "расклад", "выгруз", "--answers") if each in words]
    assert told.hint
    assert told.code.name == f"EXPORT_{name}"


def test_a_spoilt_sheet_is_known_and_says_what_it_lacks() -> None:
    gone = sheet(head=tuple(name for name in HEAD if name not in ("Обучение", "Дата")))
    assert find_own_platform(gone) is None
    assert missing_columns(gone) == ("«Обучение»", "«Дата»")
    assert missing_columns(sheet()) == ("столбца с отметками",)
    assert missing_columns(sheet(head=("Почта", "Итог"))) == ()
