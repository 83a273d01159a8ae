"""What is wrong with a platform's table is told with its row and column, and nothing is guessed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
import pytest

from papka.gates.sheets import open_export
from papka.intake.mapping import Context, Rows, read_rows, recognise
from papka.model.export_layout import ExportLayout
from papka.model.program import Program
from papka.model.school import Platform, Scale

HEAD = "Номер;Имя;Тест;День\n"
GOOD = HEAD + "1;Роза Бутон;87,5;20.05.2026\n2;Ким Лист;40;21.05.2026\n"


def layout(**changes: object) -> ExportLayout:
    """A layout of one column of percents; None takes a key away."""
    value: dict[str, Any] = {
        "id": "grades",
        "edition": 1,
        "title": "Оценки",
        "target": "результаты",
        "layouts": ["csv"],
        "recognise": ["Номер", "Тест"],
        "student": {"key": "Номер", "full_name": "Имя", "name_order": "имя отчество фамилия"},
        "decimal": "запятая",
        "dates": "ДД.ММ.ГГГГ",
        "program": "guitar",
        "conversion": {"value": "процент", "rounding": "по правилам"},
        "columns": [{"column": "Тест", "part": "теория", "date": "День"}],
    }
    value |= changes
    return msgspec.convert({k: v for k, v in value.items() if v is not None}, ExportLayout)


def part(name: str, scale: str | None) -> dict[str, Any]:
    return {"part": name, "title": name, "hours": 1} | ({"scale": scale} if scale else {})


def edition(number: int, *parts: dict[str, Any]) -> dict[str, Any]:
    return {"edition": number, "order": "", "hours": 1, "parts": parts, "planned_results": ()}


SCALES: list[dict[str, Any]] = [
    {"scale": "сто", "title": "Сто", "lowest": 0, "highest": 100, "pass_mark": 60},
    {"scale": "пять", "title": "Пять", "lowest": 2, "highest": 5, "pass_mark": 3},
    {"scale": "зачёт", "title": "Зачёт", "marks": ["зачтено"], "passing_marks": ["зачтено"]},
]
GUITAR = {
    "code": "guitar",
    "title": "Гитара",
    "editions": [
        edition(1, part("теория", "сто"), part("смена", "сто"), part("речь", None)),
        edition(2, part("теория", "сто"), part("смена", "пять"), part("зачёт", "зачёт")),
    ],
}
CONTEXT = Context(
    {"guitar": msgspec.convert(GUITAR, Program)},
    {str(scale["scale"]): msgspec.convert(scale, Scale) for scale in SCALES},
)


def rows(text: str, how: ExportLayout, context: Context = CONTEXT) -> Rows:
    return read_rows(open_export(text.encode(), "file.csv"), how, context)


def told(found: Rows) -> list[str]:
    return [f"{each.code.name} {each.where.line}:{each.where.column}" for each in found.findings]


def column(**changes: object) -> ExportLayout:
    return layout(columns=[{"column": "Тест", "part": "теория", "date": "День"} | changes])


def rule(**changes: object) -> ExportLayout:
    return column(conversion=changes)


def test_a_good_table_yields_its_marks() -> None:
    found = rows(GOOD, layout())
    assert told(found) == []
    assert [(mark.raw, mark.mark, mark.date.day) for mark in found.marks] == [
        ("87,5", 88, 20),
        ("40", 40, 21),
    ]


TWO_HEADERS = HEAD + ";;из 100;\n" + GOOD.removeprefix(HEAD)
AGAIN = GOOD + "1;Роза Бутон;90;22.05.2026\n"
OTHER_NAME = GOOD + "1;Ива Ольха;-;22.05.2026\n"
LONGER = ["Номер", "Фамилия", "Имя", "Тест", "День"]

SLIPS = [
    ("more than all", GOOD.replace("40", "101"), layout(), "VALUE_OUT_OF_RANGE 3:3"),
    ("less than nothing", GOOD.replace("40", "-1"), layout(), "VALUE_OUT_OF_RANGE 3:3"),
    ("a percentage for a share", GOOD, rule(value="доля"), "VALUE_OUT_OF_RANGE 2:3"),
    ("between steps, unrounded", GOOD, rule(value="процент"), "MARK_OFF_SCALE 2:3"),
    ("a point for a comma", GOOD.replace("87,5", "87.5"), layout(), "VALUE_UNREADABLE 2:3"),
    ("a letter among digits", GOOD.replace("40", "4O"), layout(), "VALUE_UNREADABLE 3:3"),
    ("an unknown word", GOOD.replace("40", "Passed"), layout(), "VALUE_UNREADABLE 3:3"),
    ("no such day", GOOD.replace("21.05", "31.02"), layout(), "DATE_UNREADABLE 3:4"),
    ("no day at all", GOOD.replace("21.05.2026", ""), layout(), "DATE_UNREADABLE 3:4"),
    ("a layout without a day", GOOD, column(date=None), "DATE_UNKNOWN 1:3"),
    ("an unknown part", GOOD, column(part="сцена"), "PART_UNKNOWN 1:3"),
    ("an unknown programme", GOOD, column(program="flute"), "PART_UNKNOWN 1:3"),
    ("an unknown edition", GOOD, column(edition=3), "PART_UNKNOWN 1:3"),
    ("a scale that changed", GOOD, column(part="смена"), "SCALE_UNSURE 1:3"),
    ("words only", GOOD, column(part="речь"), "PART_WITHOUT_SCALE 1:3"),
    ("no rule", GOOD, layout(conversion=None), "RULE_MISSING 1:3"),
    ("points of nobody knows what", GOOD, rule(value="баллы"), "MAXIMUM_UNKNOWN 1:3"),
    ("percent on a scale of 5", GOOD, column(part="смена", edition=2), "SCALE_NEEDS_BANDS 1:3"),
    ("other headers", GOOD, layout(recognise=["Итог"]), "HEADER_MISSING 1:0"),
    ("a column that is gone", GOOD, column(column="Зачёт"), "COLUMN_MISSING 1:0"),
    ("two files in one", GOOD + HEAD, layout(), "HEADER_TWICE 4:0"),
    ("a second header row", TWO_HEADERS, layout(), "ROW_WITHOUT_STUDENT 2:0"),
    ("a student twice", AGAIN, layout(), "STUDENT_TWICE 4:0"),
    ("a key of two people", OTHER_NAME, layout(empty=["-"]), "STUDENT_DIFFERS 4:1"),
    ("a column that moved", GOOD, layout(positions=LONGER), "COLUMN_MOVED 1:2"),
]


@pytest.mark.parametrize(
    ("text", "how", "expected"), [slip[1:] for slip in SLIPS], ids=[slip[0] for slip in SLIPS]
)
def test_a_slip_is_told_at_its_cell(text: str, how: ExportLayout, expected: str) -> None:
    assert f"EXPORT_{expected}" in told(rows(text, how))


def test_a_column_that_moved_is_found_by_its_header() -> None:
    turned = "День;Тест;Имя;Номер\n20.05.2026;87,5;Роза Бутон;1\n"
    found = rows(turned, layout())
    assert told(found) == []
    assert [(mark.column, mark.mark) for mark in found.marks] == [(2, 88)]


def test_a_header_that_stands_twice_is_not_chosen_from() -> None:
    doubled = "Номер;Имя;Тест;Тест;День\n1;Роза Бутон;87,5;12;20.05.2026\n"
    assert told(rows(doubled, layout())) == ["EXPORT_COLUMN_TWICE 1:3"]


def test_by_place_the_second_of_a_name_can_be_meant() -> None:
    doubled = "Номер;Имя;Тест;Тест;День\n1;Роза Бутон;87,5;12;20.05.2026\n"
    how = column(column="Тест#2")
    how = msgspec.structs.replace(
        how, positions=("Номер", "Имя", "Тест", "Тест#2", "День"), ignored=("Тест",)
    )
    found = rows(doubled, how)
    assert told(found) == []
    assert [mark.mark for mark in found.marks] == [12]


def test_a_new_column_is_told_of_and_stops_nothing() -> None:
    found = rows(GOOD.replace("День\n", "День;Эссе\n").replace("2026\n", "2026;5\n"), layout())
    assert told(found) == ["EXPORT_COLUMN_UNKNOWN 1:5"]
    assert len(found.marks) == 2


def test_an_exact_header_goes_before_a_pattern() -> None:
    text = "Номер;Имя;Тест 1;Тест 2;День\n1;Роза Бутон;50;70;20.05.2026\n"
    how = layout(
        recognise=["Номер"],
        columns=[
            {"column": "Тест *", "part": "теория", "control": "текущий", "date": "День"},
            {"column": "Тест 2", "part": "теория", "control": "итоговый", "date": "День"},
        ],
    )
    assert [(mark.mark, mark.rule.control) for mark in rows(text, how).marks] == [
        (50, "текущий"),
        (70, "итоговый"),
    ]


def test_a_maximum_can_stand_in_the_header() -> None:
    text = "Номер;Имя;Тест (из 40);День\n1;Роза Бутон;30;20.05.2026\n"
    how = column(column="Тест (из {maximum})", conversion={"value": "баллы"})
    how = msgspec.structs.replace(how, recognise=("Номер",))
    assert [mark.mark for mark in rows(text, how).marks] == [75]


def test_who_set_a_mark_by_hand_is_kept() -> None:
    text = "Номер;Имя;Тест;День;Вручную\n1;Роза Бутон;87;20.05.2026;да\n2;Ким Лист;40;21.05.2026;\n"
    found = rows(text, column(by_hand={"column": "Вручную"}))
    assert [mark.by_hand for mark in found.marks] == ["да", None]


def test_the_day_of_the_export_stands_for_a_missing_column() -> None:
    context = Context(CONTEXT.programs, CONTEXT.scales, dt.date(2026, 6, 1))
    how = layout(columns=[{"column": "Тест", "part": "теория"}])
    assert {mark.date for mark in rows(GOOD, how, context).marks} == {dt.date(2026, 6, 1)}


def platform(*exports: ExportLayout) -> Platform:
    since = dt.date(2026, 1, 1)
    return Platform(id="kurs", title="К", licence_basis="К", since=since, exports=exports)


def recognised(*exports: ExportLayout, name: str = "file.csv", layout: str = "") -> str:
    """The id and edition of the layout found, or the finding's code."""
    found = recognise(open_export(GOOD.encode(), name), platform(*exports), layout=layout)
    if isinstance(found, tuple):
        return found[0].code.name
    return f"{found.id} {found.edition}"


def test_the_layout_that_names_more_headers_is_meant() -> None:
    wide = layout(id="wide", recognise=["Номер", "Имя", "Тест"])
    assert recognised(layout(), wide) == "wide 1"


def test_two_layouts_that_fit_alike_are_asked_about() -> None:
    assert recognised(layout(), layout(id="other")) == "EXPORT_LAYOUT_AMBIGUOUS"
    assert recognised(layout(), layout(id="other"), layout="other") == "other 1"


def test_a_file_name_tells_two_courses_apart() -> None:
    guitar = layout(id="guitar", file="Гитара*")
    assert recognised(layout(), guitar, name="Гитара 2026.csv") == "guitar 1"
    assert recognised(layout(), guitar) == "grades 1"


def test_of_editions_the_newest_that_fits_is_meant() -> None:
    later = layout(edition=3, recognise=["Номер", "Экзамен"])
    assert recognised(layout(), layout(edition=2), later) == "grades 2"


def test_a_file_of_another_platform_is_refused_with_what_is_nearest() -> None:
    other = layout(recognise=["Номер", "Экзамен"])
    found = recognise(open_export(GOOD.encode(), "file.csv"), platform(other))
    assert isinstance(found, tuple)
    assert found[0].code.name == "EXPORT_NOT_RECOGNISED"
    assert "нет заголовков «Экзамен»" in found[0].message
    assert recognised(layout(), layout="garde") == "EXPORT_LAYOUT_UNKNOWN"


def test_a_grade_of_nobody_in_the_second_list_is_told() -> None:
    answer = b'{"grades": [{"user": 1, "score": 0.5}, {"user": 2, "score": 1}], "users": [{"id": 1, "full_name": "Rose Bud"}]}'  # noqa: E501 - one answer
    how = layout(
        layouts=["json"],
        sheet="grades",
        join={"table": "users", "here": "user", "there": "id"},
        recognise=["user", "score"],
        student={"key": "user", "full_name": "users.full_name"},
        conversion={"value": "доля"},
        columns=[{"column": "score", "part": "теория"}],
        ignored=["users.id"],
    )
    context = Context(CONTEXT.programs, CONTEXT.scales, dt.date(2026, 6, 1))
    found = read_rows(open_export(answer, "answer.json"), how, context)
    assert told(found) == ["EXPORT_JOIN_MISSING 3:0"]
    assert [(mark.row, mark.mark) for mark in found.marks] == [(2, 50), (3, 100)]
