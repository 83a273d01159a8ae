"""What is wrong with a platform's table is told with its row and column, and nothing is guessed."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from papka.intake.export_files import open_export
from papka.intake.headers import recognise
from papka.intake.marks import MarkContext, Rows, read_rows
from papka.records.acts import Order
from papka.records.school import ExportLayout, Platform, Program, Scale

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
CONTEXT = MarkContext(
    {"guitar": msgspec.convert(GUITAR, Program)},
    {str(scale["scale"]): msgspec.convert(scale, Scale) for scale in SCALES},
)


def rows(text: str, how: ExportLayout, context: MarkContext = CONTEXT) -> Rows:
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
    ("a fraction or thousands", GOOD.replace("87,5", "87.500"), layout(), "VALUE_UNREADABLE 2:3"),
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


SAID: dict[str, list[str]] = {
    "more than all": [
        "3:3 Ячейка C3, «Тест»: «101» вне границ: больше 100",
    ],
    "less than nothing": [
        "3:3 Ячейка C3, «Тест»: «-1» вне границ: меньше нуля",
    ],
    "a percentage for a share": [
        "2:3 Ячейка C2, «Тест»: «87,5» вне границ: больше 1",
        "3:3 Ячейка C3, «Тест»: «40» вне границ: больше 1",
    ],
    "between steps, unrounded": [
        "2:3 Ячейка C2, «Тест»: «87,5» — этого нет на шкале «Сто»: между делениями",
    ],
    "a fraction or thousands": [
        "2:3 Ячейка C2, «Тест»: «87.500» — дробь это или тысячи, не понять",
    ],
    "a letter among digits": [
        "3:3 Ячейка C3, «Тест»: «4O» — это не число",
    ],
    "an unknown word": [
        "3:3 Ячейка C3, «Тест»: «Passed» — это не число",
    ],
    "no such day": [
        "3:4 Ячейка D3, «День»: «31.02.2026» — такого дня нет в календаре",
    ],
    "no day at all": [
        "3:4 Ячейка D3, «День»: «» — день не написан",
    ],
    "a layout without a day": [
        "1:3 Неизвестен день результатов колонки «Тест»",
        "1:4 Колонка «День» в раскладке не названа и не читается",
    ],
    "an unknown part": [
        "1:3 Раскладка относит колонку «Тест» к тому, чего нет: части «сцена» программы «guitar»",
    ],
    "an unknown programme": [
        "1:3 Раскладка относит колонку «Тест» к тому, чего нет: программы «flute»",
    ],
    "an unknown edition": [
        "1:3 Раскладка относит колонку «Тест» к тому, чего нет: редакции 3 программы «guitar»",
    ],
    "a scale that changed": [
        "1:3 У части «смена» в разных редакциях программы разные шкалы",
    ],
    "words only": [
        "1:3 У части «речь» нет шкалы: её результаты описывают словами",
    ],
    "no rule": [
        "1:3 Для колонки «Тест» не сказано, как её значение становится отметкой",
    ],
    "points of nobody knows what": [
        "1:3 Неизвестно, из скольких баллов колонка «Тест»",
    ],
    "percent on a scale of 5": [
        "1:3 Процент не ставят на шкалу «Пять» без порогов",
    ],
    "other headers": [
        "1:0 Не найдена строка заголовков раскладки «Оценки»: нет строки с заголовками «Итог»",
    ],
    "a column that is gone": [
        "1:0 Нет колонки «Зачёт»",
        "1:3 Колонка «Тест» в раскладке не названа и не читается",
    ],
    "two files in one": [
        "4:0 Строка заголовков повторяется среди строк обучающихся",
    ],
    "a second header row": [
        "2:0 В строке не сказано, о ком она: все колонки обучающегося пусты",
        "2:3 Ячейка C2, «Тест»: «из 100» — это не число",
    ],
    "a student twice": [
        "4:0 Этот обучающийся уже есть в строке 2: та же отметка названа дважды",
    ],
    "a key of two people": [
        "4:1 Номер на платформе тот же, что в строке 2, а имя другое",
    ],
    "a column that moved": [
        "1:2 Колонки стоят не так, как в раскладке: здесь ожидается «Фамилия», а стоит «Имя»",
    ],
}
"""All that is told of each slip, in words."""


def said(found: Rows) -> list[str]:
    return [f"{each.where.line}:{each.where.column} {each.message}" for each in found.findings]


@pytest.mark.parametrize(
    ("text", "how", "expected"), [slip[1:] for slip in SLIPS], ids=[slip[0] for slip in SLIPS]
)
def test_a_slip_is_told_at_its_cell(text: str, how: ExportLayout, expected: str) -> None:
    assert f"EXPORT_{expected}" in told(rows(text, how))


@pytest.mark.parametrize(("slip", "text", "how"), [slip[:3] for slip in SLIPS])
def test_a_slip_is_told_once_and_in_words(slip: str, text: str, how: ExportLayout) -> None:
    assert said(rows(text, how)) == SAID[slip]


@pytest.mark.parametrize(
    ("how", "hint"),
    [
        (column(part="сцена"), " Может быть, «смена»?"),
        (column(program="flute"), " Есть: «guitar»."),
        (column(edition=3), "в файле платформы."),
        (column(column="Зачёт"), " Есть: «День», «Имя», «Номер», «Тест»."),
        (column(column="День рождения", date="Тест"), "Есть: «День», «Имя», «Номер», «Тест»."),
        (column(date="День."), " Может быть, «День»?"),
        (column(part="смена", edition=2), ("в правило колонки «Тест» пороги (bands): с какого "
         "процента какая отметка")),
    ],
)  # fmt: skip
def test_what_is_likely_meant_is_named(how: ExportLayout, hint: str) -> None:
    assert rows(GOOD, how).findings[0].hint.endswith(hint)


def more(
    text: str, how: ExportLayout, context: MarkContext = CONTEXT
) -> tuple[list[str], list[Any]]:
    found = rows(text, how, context)
    return said(found), [mark.mark for mark in found.marks]


@pytest.mark.parametrize(
    ("cell", "how", "told", "mark"),
    [
        ("87.500 %", {"value": "процент"}, "— дробь это или тысячи, не понять", None),
        ("87.5 %", {"value": "процент", "rounding": "вниз"}, "", 87),
        ("50 %", {"value": "доля"}, "— это процент, а здесь его не ждут", None),
        ("50.5", {"value": "отметка"}, "— этого нет на шкале «Сто»: между делениями", None),
        ("50 баллов", {"value": "процент"}, "— это не число", None),
        ("100", {"value": "процент"}, "", 100),
        ("0", {"value": "процент"}, "", 0),
        ("-0,1", {"value": "процент"}, "вне границ: меньше нуля", None),
        ("100,1", {"value": "процент"}, "вне границ: больше 100", None),
        ("2,6", {"value": "баллы", "of": 2.5}, "вне границ: больше 2.5", None),
        ("2,5", {"value": "баллы", "of": 2.5}, "", 100),
        ("101", {"value": "отметка"}, "— этого нет на шкале «Сто»", None),
        ("-1", {"value": "отметка"}, "— этого нет на шкале «Сто»", None),
        ("99,5", {"value": "отметка"}, "— этого нет на шкале «Сто»: между делениями", None),
        ("49", {"value": "процент", "bands": [{"at_least": 50, "mark": 60},
                                               {"at_least": 100, "mark": 90}]},
         "— этого нет на шкале «Сто»: ниже всех порогов", None),
        ("50", {"value": "процент", "bands": [{"at_least": 50, "mark": 60},
                                               {"at_least": 100, "mark": 90}]}, "", 60),
        ("100", {"value": "процент", "bands": [{"at_least": 100, "mark": 90},
                                                {"at_least": 50, "mark": 60}]}, "", 90),
        ("12,5", {"value": "процент", "rounding": "по правилам"}, "", 13),
        ("12,5", {"value": "процент", "rounding": "вниз"}, "", 12),
        ("12,1", {"value": "процент", "rounding": "вверх"}, "", 13),
    ],
)  # fmt: skip
def test_a_value_is_taken_or_told_why_not(
    cell: str, how: dict[str, Any], told: str, mark: float | None
) -> None:
    text = HEAD + f"1;Роза Бутон;{cell};20.05.2026\n"
    found, marks = more(text, rule(**how))
    assert found == ([f"2:3 Ячейка C2, «Тест»: «{cell}» {told}"] if told else [])
    assert marks == ([] if mark is None else [mark])


def test_a_programme_that_nobody_names_is_told() -> None:
    assert said(rows(GOOD, layout(program=None))) == [
        "1:3 Раскладка относит колонку «Тест» к тому, чего нет: программа не названа"
    ]


def test_a_flaw_of_a_column_is_told_once_however_many_columns_match() -> None:
    text = "Номер;Имя;Тест 1;Тест 2;День\n1;Роза Бутон;50;70;20.05.2026\n"
    how = layout(
        recognise=["Номер"],
        columns=[{"column": "Тест *", "part": "речь", "date": "День"}],
    )
    assert said(rows(text, how)) == [
        "1:3 У части «речь» нет шкалы: её результаты описывают словами"
    ]


def test_rows_that_no_rule_speaks_of_are_counted_by_their_text() -> None:
    text = "Номер;Имя;Курс;Тест;День\n" + "".join(
        f"{number};Роза Бутон;{course};50;20.05.2026\n"
        for number, course in enumerate(["Гитара", " Флейта ", "Флейта", "Арфа"], 1)
    )
    how = column(when={"column": "Курс", "text": "гитара"})
    found = rows(text, how)
    assert [mark.row for mark in found.marks] == [2]
    assert said(found) == [
        "1:3 Строк, к которым не относится ни одно правило: 2 (в колонке «Курс» — «Флейта»)",
        "1:3 Строк, к которым не относится ни одно правило: 1 (в колонке «Курс» — «Арфа»)",
    ]


def test_a_column_may_belong_to_many_parts_by_condition() -> None:
    text = (
        "Номер;Имя;Курс;Тест;День\n1;Роза Бутон;Раз;50;20.05.2026\n1;Роза Бутон;Два;70;20.05.2026\n"
    )
    how = layout(
        columns=[
            {"column": "Тест", "part": "теория", "date": "День", "edition": 1,
             "when": {"column": "Курс", "text": word}, "control": control}
            for word, control in (("раз", "текущий"), ("д*", "итоговый"))
        ]
    )  # fmt: skip
    found = rows(text, how)
    assert told(found) == []
    assert [(mark.student, mark.row, mark.mark, mark.rule.control) for mark in found.marks] == [
        (2, 2, 50, "текущий"),
        (2, 3, 70, "итоговый"),
    ]
    assert [student.rows for student in found.students] == [(2, 3)]


HAND = {"column": "Вручную", "texts": ["да*", "yes"], "reason": "Почему"}


@pytest.mark.parametrize(
    ("flag", "reason", "kept"),
    [
        ("да", "пропустил  урок", "пропустил урок"),
        ("ДА, сам", "", "ДА, сам"),
        ("Yes", " ", "Yes"),
        ("нет", "пропустил", None),
        ("", "пропустил", None),
    ],
)
def test_what_says_that_a_person_set_the_mark(flag: str, reason: str, kept: str | None) -> None:
    text = f"Номер;Имя;Тест;День;Вручную;Почему\n1;Роза Бутон;87;20.05.2026;{flag};{reason}\n"
    found = rows(text, column(by_hand=HAND))
    assert (told(found), [mark.by_hand for mark in found.marks]) == ([], [kept])


def test_rows_have_kinds_and_some_are_skipped() -> None:
    text = (
        "Отчёт;;;\n" + HEAD + ";макс.;200;\n1;Роза Бутон;50;20.05.2026\n;;;\n"
        "2;Проба;99;20.05.2026\nСреднее;;51;\n"
    )
    how = layout(
        maxima={"column": "Имя", "text": "макс*"},
        aggregates=[{"text": "среднее"}],
        skipped=[{"column": "Имя", "text": "проба"}],
        conversion={"value": "баллы", "rounding": "вниз"},
    )
    found = rows(text, how)
    assert found.kinds == {
        1: "header", 2: "header", 3: "header", 4: "student", 5: "header", 6: "student",
        7: "aggregate",
    }  # fmt: skip
    assert [(student.key, student.skipped) for student in found.students] == [
        ("1", False),
        ("2", True),
    ]
    assert [(mark.row, mark.mark, mark.raw) for mark in found.marks] == [(4, 25, "50")]


def cards(**changes: object) -> ExportLayout:
    return layout(
        target="карточки",
        recognise=["Имя"],
        student={"full_name": "Имя", "birth_date": "Родился", "email": "Почта"},
        columns=[],
        **changes,
    )


def test_fields_of_a_card_are_read_in_the_words_of_the_record() -> None:
    fields = [
        {"column": "Пол", "field": "sex", "words": [{"text": "Ж", "mark": "женский"}]},
        {"column": "Начало", "field": "start"},
        {"column": "Ред.", "field": "edition"},
        {"column": "Адрес", "field": "address"},
    ]
    head = "Имя;Родился;Почта;Пол;Начало;Ред.;Адрес\n"
    text = head + (
        "Бутонова Роза;29.02.2012;r@x.ru;ж;01.09.2026;2;ул.  Садовая\n"
        "Листов Ким;;k@x.ru;м;;вторая;\n"
        "Листов Ким;;K@x.ru;м;;2;\n"
        "Ива;31.02.2012;;;завтра;;\n"
    )
    found = rows(text, cards(fields=fields))
    assert said(found) == [
        "3:6 Ячейка F3, «Ред.»: «вторая» — это не номер редакции",
        "5:2 Ячейка B5, «Родился»: «31.02.2012» — такого дня нет в календаре",
        "5:5 Ячейка E5, «Начало»: «завтра» — это не читается как день",
    ]
    assert [(each.rows, dict(each.fields)) for each in found.students] == [
        ((2,), {"sex": "женский", "start": "2026-09-01", "edition": 2, "address": "ул. Садовая"}),
        ((3,), {"sex": "мужской"}),
        ((4,), {"sex": "мужской", "edition": 2}),
        ((5,), {}),
    ]
    assert [(each.name, each.birth_date) for each in found.students] == [
        ("Бутонова Роза", dt.date(2012, 2, 29)),
        ("Листов Ким", None),
        ("Листов Ким", None),
        ("Ива", None),
    ]


def test_headers_are_looked_for_in_the_first_fifty_rows() -> None:
    assert said(rows("1;2;3;4\n" * 49 + GOOD, layout())) == []
    assert said(rows("1;2;3;4\n" * 50 + GOOD, layout(recognise=["Номер", "Тест"]))) == [
        (
            "1:0 Не найдена строка заголовков раскладки «Оценки»: нет строки с заголовками "
            "«Номер», «Тест»"
        )
    ]
    assert said(rows("1;2;3;4\n" * 60 + GOOD, layout(header_row=61))) == []
    assert said(rows("\n" + GOOD, layout(header_row=1))) == [
        (
            "1:0 Не найдена строка заголовков раскладки «Оценки»: нет строки с заголовками "
            "«Номер», «Тест»"
        )
    ]
    assert said(rows(GOOD, layout(header_row=9)))[0].startswith("9:0 ")


def test_by_place_a_file_may_be_wider_but_not_shorter() -> None:
    places = ["Номер", "Имя", "Тест", "День"]
    wider = "Номер;Имя;Тест;День;Ещё\n1;Роза Бутон;50;20.05.2026;\n"
    assert told(rows(wider, layout(positions=places))) == ["EXPORT_COLUMN_UNKNOWN 1:5"]
    assert said(rows(GOOD, layout(positions=[*places, "Ещё"]))) == [
        "1:5 Колонки стоят не так, как в раскладке: здесь ожидается «Ещё», а стоит «»"
    ]
    third = "Номер;Имя;Тест;тест;ТЕСТ;День\n1;Роза Бутон;50;60;70;20.05.2026\n"
    how = layout(
        positions=["Номер", "Имя", "Тест", "Тест#2", "Тест#3", "День"],
        columns=[{"column": "Тест#3", "part": "теория", "date": "День"}],
        ignored=["Тест", "Тест#2"],
    )
    found, marks = more(third, how)
    assert (found, marks) == ([], [70])


ANSWER = (
    '{"heads": [["user", "score"]], "grades": [[1, 0.5], [2, 1]], "more": [{"a": 1}],'
    ' "users": [{"id": 1, "full_name": "Роза Бутон"}]}'
)


def answered(answer: str, **changes: object) -> Rows:
    how = layout(
        layouts=["json"],
        sheet="grades",
        recognise=["user", "score"],
        student={"key": "user"},
        conversion={"value": "доля"},
        columns=[{"column": "score", "part": "теория"}],
        **changes,
    )
    context = MarkContext(CONTEXT.programs, CONTEXT.scales, dt.date(2026, 6, 1))
    return read_rows(open_export(answer.encode(), "answer.json"), how, context)


def test_headers_may_stand_in_a_list_of_their_own() -> None:
    found = answered(ANSWER, header_table="heads")
    assert (said(found), found.table) == ([], "grades")
    assert [(mark.row, mark.mark) for mark in found.marks] == [(1, 50), (2, 100)]
    for lost in ("heads", "grades"):
        gone = answered(ANSWER.replace(lost, "others"), header_table="heads")
        assert said(gone) == [
            "1:0 Не найдена строка заголовков раскладки «Оценки»: нет списков «heads» и «grades»"
        ]


LISTS = '{"grades": [{"user": 1, "score": 1}], "users": [{"id": 1, "name": "Роза"}]}'


@pytest.mark.parametrize(
    ("join", "place"),
    [
        ({"table": "people", "here": "user", "there": "id"}, "1:0"),
        ({"table": "users", "here": "person", "there": "id"}, "1:0"),
        ({"table": "users", "here": "user", "there": "key"}, "1:0"),
    ],
)
def test_a_second_list_that_cannot_be_joined_is_told(join: dict[str, str], place: str) -> None:
    found = answered(LISTS, join=join)
    table = join["table"]
    assert said(found) == [f"{place} В списке «{table}» нет записи, на которую ссылается строка"]


def test_a_second_list_gives_its_columns_by_name() -> None:
    found = answered(
        LISTS,
        join={"table": "users", "here": "user", "there": "id"},
        ignored=["users.id"],
    )
    assert said(found) == ["1:4 Колонка «users.name» в раскладке не названа и не читается"]
    assert [student.cells for student in found.students] == [(("1", "1", "1", "Роза"),)]


def nearest(*exports: ExportLayout, layout: str = "") -> str:
    found = recognise(open_export(GOOD.encode(), "file.csv"), platform(*exports), layout=layout)
    assert isinstance(found, tuple)
    return found[0].message + found[0].hint.partition(".")[2].removeprefix("yaml, раздел exports")


def test_what_a_file_is_nearest_to_is_told() -> None:
    start = "Это не похоже ни на одну выгрузку платформы kurs"
    near = layout(recognise=["Номер", "Экзамен"], title="Экзамены")
    nearer = layout(recognise=["Номер", "Тест", "Итог", "Балл"], title="Журнал", id="b")
    assert nearest(near) == f"{start}; ближе всего «Экзамены», но нет заголовков «Экзамен»"
    assert nearest(nearer, near) == nearest(near)
    assert nearest(nearer) == f"{start}; ближе всего «Журнал», но нет заголовков «Итог», «Балл»"
    assert nearest(layout(recognise=["Экзамен"])) == start
    assert nearest(msgspec.structs.replace(near, layouts=("xlsx",))) == start
    assert nearest(layout(file="Гитара*")) == start
    assert nearest() == start


def test_layouts_to_choose_from_are_named() -> None:
    assert nearest(layout(), layout(id="other"), layout(id="last", recognise=["Номер"])) == (
        "К файлу одинаково подходят раскладки «grades», «other»"
    )
    assert nearest(layout(), layout(id="other"), layout="othr") == (
        "У платформы kurs нет раскладки «othr». Может быть, «other»?"
    )


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
    context = MarkContext(CONTEXT.programs, CONTEXT.scales, dt.date(2026, 6, 1))
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
    context = MarkContext(CONTEXT.programs, CONTEXT.scales, dt.date(2026, 6, 1))
    found = read_rows(open_export(answer, "answer.json"), how, context)
    assert told(found) == ["EXPORT_JOIN_MISSING 3:0"]
    assert [(mark.row, mark.mark) for mark in found.marks] == [(2, 50), (3, 100)]


def test_all_conditions_of_a_column_must_hold() -> None:
    text = "Номер;Имя;Курс;Год;Тест;День\n" + "".join(
        f"{number};Роза {number};{course};{year};50;20.05.2026\n"
        for number, (course, year) in enumerate([("Гитара", 1), ("Гитара", 2), ("Арфа", 1)], 1)
    )
    both = [{"column": "Курс", "text": "ГИТАРА"}, {"column": "Год", "text": "1"}]
    found = rows(text, column(when=both))
    assert [mark.row for mark in found.marks] == [2]


def test_a_column_names_the_edition_of_each_row() -> None:
    text = "Номер;Имя;Редакция;Тест;День\n" + "".join(
        f"{number};Роза {number};{edition};{mark};20.05.2026\n"
        for number, (edition, mark) in enumerate([("1", 50), ("ред. 2", 5), ("2", 50), ("7", 5)], 1)
    )
    how = layout(
        columns=[{"column": "Тест", "part": "смена", "date": "День", "edition_column": "Редакция"}],
        conversion={"value": "отметка"},
    )
    found = rows(text, how)
    assert [(mark.row, mark.rule.edition, mark.mark) for mark in found.marks] == [
        (2, 1, 50),
        (3, 2, 5),
    ]
    assert said(found) == [
        "4:4 Ячейка D4, «Тест»: «50» — этого нет на шкале «Пять»",
        "5:3 Ячейка C5, «Редакция»: «7» — это не номер редакции программы",
    ]


@pytest.mark.parametrize(("word", "expected"), [("лучшая", [(3, 70)]), ("последняя", [(2, 50)])])
def test_of_several_attempts_the_layout_says_which_counts(
    word: str, expected: list[tuple[int, int]]
) -> None:
    text = HEAD + "1;Роза Бутон;50;20.05.2026 18:00\n1;Роза Бутон;70;20.05.2026 9:30\n"
    found = rows(text, layout(attempts=word))
    assert [(mark.row, mark.mark) for mark in found.marks] == expected
    assert said(found) == []


def test_a_column_worth_no_points_is_left_out_and_told() -> None:
    text = "Номер;Имя;Тест;Ноль;День\nиз;;10;0,00;\n1;Роза Бутон;5;0,00;20.05.2026\n"
    columns = [{"column": name, "part": "теория", "date": "День", "control": "текущий"}
               for name in ("Тест", "Ноль")]  # fmt: skip
    how = layout(maxima={"text": "из"}, columns=columns, conversion={"value": "баллы"})
    found = rows(text, how)
    assert [(mark.header, mark.mark) for mark in found.marks] == [("Тест", 50)]
    assert said(found) == [
        "1:4 Колонка «Ноль» не читается: по строке наибольших баллов, в ней их 0"
    ]


def test_a_list_names_programmes_and_orders_as_people_do() -> None:
    orders = {
        f"2026/000{number}": Order(
            number=printed, date=dt.date(2026, 9, number), kind="зачисление", heading="О", items=(),
            signed_by="s001",
        )
        for number, printed in enumerate(("1-к", "2-к"), 1)
    }  # fmt: skip
    names = {"Программа": "program", "Приказ": "order", "Телефон": "phone", "СНИЛС": "snils"}
    fields = [{"column": name, "field": field} for name, field in names.items()]
    text = (
        "Имя;Родился;Почта;Программа;Приказ;Телефон;СНИЛС\n"
        "Бутонова Роза;-;-;GUITAR;№ 2-К;8 (900) 123-45-67;112 233 445 95\n"
        "Листов Ким;;нет;Флейта;7-к;123;1\n"
    )
    context = replace(CONTEXT, orders=orders, origin="список")
    found = rows(text, cards(fields=fields), context)
    assert [dict(each.fields) for each in found.students] == [
        {"program": "guitar", "order": "2026/0002", "phone": "+79001234567",
         "snils": "112-233-445 95"},
        {},
    ]  # fmt: skip
    assert [each.email for each in found.students] == ["", ""]
    told = [each.message for each in found.findings]
    assert [each.partition("»: ")[2] for each in told] == [
        "«Флейта» — такой программы нет",
        "«7-к» — такого приказа нет",
        "«123» — это не читается как один телефон",
        "«1» — это не СНИЛС",
    ]
    assert all(
        each.hint.endswith("Исправьте в таблице и примите её снова") for each in found.findings
    )
