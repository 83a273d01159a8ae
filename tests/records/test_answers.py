"""What a person answers becomes the value of a record, or is met with what a good answer is."""

from __future__ import annotations

from typing import Any

import pytest

from papka.records.fields import (
    BadAnswer,
    Field,
    FieldForm,
    dotted_name,
    make_record,
    order_keys,
    read_answer,
    trails,
)


def field(name: str, *types: str, **others: Any) -> Field:  # noqa: ANN401 - as the class has them
    return Field(name, name, "", f"own#/{name}", types or ("string",), **others)


def form(*fields: Field) -> FieldForm:
    return FieldForm("own", "", "", fields, frozenset())


def anything(_ref: str, _value: object) -> bool:
    return True


@pytest.mark.parametrize(
    ("asked", "text", "value"),
    [
        (field("k"), "слово", "слово"),
        (field("k"), "  слово  ", "слово"),
        (field("k"), "12", "12"),
        (field("k"), '"12"', "12"),
        (field("k"), "'а б'", "а б"),
        (field("k"), '"', '"'),
        (field("k"), "\"12'", "\"12'"),
        (field("k"), '""', ""),
        (field("k", "integer"), "12", 12),
        (field("k", "integer"), "-12", -12),
        (field("k", "integer"), "+12", 12),
        (field("k", "integer"), "'12'", "12"),
        (field("k", "integer"), "9" * 15, int("9" * 15)),
        (field("k", "integer"), "9" * 16, "9" * 16),
        (field("k", "integer"), "1.5", "1.5"),
        (field("k", "number"), "12", 12),
        (field("k", "number"), "1,5", 1.5),
        (field("k", "number"), "-1.5", -1.5),
        (field("k", "number"), "2,0", 2),
        (field("k", "number"), "1,", "1,"),
        (field("k", "string", "integer"), "12", 12),
        (field("k", "boolean"), "да", True),
        (field("k", "boolean"), "НЕТ", False),
        (field("k", "boolean"), "true", True),
        (field("k", "boolean"), "false", False),
        (field("k", "boolean"), "может", "может"),
        (field("k"), "да", "да"),
        (field("k", is_date=True), "28.05.2026", "2026-05-28"),
        (field("k", is_date=True), "2026-5-8", "2026-05-08"),
        (field("k", is_date=True), "весной", "весной"),
        (field("k"), "28.05.2026", "28.05.2026"),
        (field("k", choices=("нет", "да")), "ДА", "да"),
        (field("k", choices=("нет", "да")), "да", "да"),
        (field("k", "array", item=field("k", "integer")), "5", 5),
        (field("k", "array"), "5", "5"),
    ],
)
def test_a_text_is_taken_as_the_field_takes_it(asked: Field, text: str, value: object) -> None:
    found = read_answer(asked, text, anything)
    assert found == value
    assert type(found) is type(value)


def test_two_written_values_of_one_number_are_one_type() -> None:
    assert isinstance(read_answer(field("k", "number"), "2,0", anything), int)


@pytest.mark.parametrize(
    ("asked", "text", "said"),
    [
        (field("k", choices=("да", "нет")), "дас", "Может быть, «да»? Допустимы: да, нет"),
        (field("k", choices=("да", "нет")), "?", "Допустимы: да, нет"),
        (field("k", is_date=True), "31.09.2026", "31.09.2026: такого дня нет в календаре"),
        (field("k", complaint="Пишут так: 5"), "шесть", "Пишут так: 5"),
        (field("k"), "шесть", "«шесть» сюда не подходит"),
    ],
)
def test_what_does_not_fit_is_met_with_what_does(asked: Field, text: str, said: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        read_answer(asked, text, lambda _ref, _value: False)
    assert str(caught.value) == said


def test_the_place_of_the_item_judges_what_goes_into_a_list() -> None:
    asked: list[tuple[str, object]] = []

    def accepts(ref: str, value: object) -> bool:
        asked.append((ref, value))
        return True

    read_answer(field("k", "array", item=field("item", "integer")), "5", accepts)
    read_answer(field("k"), "5", accepts)
    assert asked == [("own#/item", 5), ("own#/k", "5")]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("8 (900) 000-00-55", "+79000000055"),
        ("+7 900 000 00 55", "+79000000055"),
        ("7-900-000-00-55", "+79000000055"),
        ("+79000000055", "+79000000055"),
    ],
)
def test_a_telephone_is_taken_as_it_is_dialled(text: str, number: str) -> None:
    assert read_answer(field("phone"), text, lambda _, value: value == number) == number


@pytest.mark.parametrize("text", ["8 (900) 000-00-5", "9 900 000-00-55", "+8 900 000-00-55"])
def test_what_is_no_telephone_of_ours_is_not_made_one(text: str) -> None:
    with pytest.raises(BadAnswer):
        read_answer(field("phone"), text, lambda _, value: str(value).startswith("+7"))


INNER = form(field("x"), field("y"))
DEEP = form(field("z"), field("list", "array", item=field("list")))
FORM = form(
    field("a"),
    field("m", "object", form=INNER),
    field("l", "array", form=form(field("p"), field("q", "object", form=DEEP))),
    field("w", "array", item=field("w")),
)
BY_NAME = {dotted_name(trail): trail for trail in trails(FORM)}


def test_every_field_that_takes_a_value_has_its_way() -> None:
    assert list(BY_NAME) == ["a", "m.x", "m.y", "l.p", "l.q.z", "l.q.list", "w"]
    assert [each.name for each in BY_NAME["l.q.z"]] == ["l", "q", "z"]


@pytest.mark.parametrize(
    ("answers", "record"),
    [
        ([], {}),
        ([("a", 1), ("m.x", 2), ("m.y", 3)], {"a": 1, "m": {"x": 2, "y": 3}}),
        ([("a", 1), ("a", 2)], {"a": 2}),
        ([("w", 1), ("w", 2)], {"w": [1, 2]}),
        ([("l.p", 1), ("l.q.z", 2)], {"l": [{"p": 1, "q": {"z": 2}}]}),
        ([("l.p", 1), ("l.p", 2)], {"l": [{"p": 1}, {"p": 2}]}),
        ([("l.p", 1), ("l.p", 2), ("l.q.z", 3)], {"l": [{"p": 1}, {"p": 2, "q": {"z": 3}}]}),
        (
            [("l.q.z", 1), ("l.p", 2), ("l.q.z", 3), ("l.p", 4)],
            {"l": [{"q": {"z": 1}, "p": 2}, {"q": {"z": 3}, "p": 4}]},
        ),
        ([("l.q.list", 1), ("l.q.list", 2)], {"l": [{"q": {"list": [1, 2]}}]}),
        ([("m.x", 1), ("m.x", 2)], {"m": {"x": 2}}),
    ],
)
def test_answers_are_put_together(answers: list[tuple[str, int]], record: dict[str, Any]) -> None:
    found = make_record((BY_NAME[name], value) for name, value in answers)
    assert found == record
    assert list(found) == list(record)


def test_keys_stand_as_the_form_has_them_and_strangers_last() -> None:
    record = {
        "other": {"y": 1, "x": 2},
        "w": [2, 1],
        "l": [{"q": {"list": [1], "z": 2}, "p": 1}, "text"],
        "m": {"y": 1, "x": 2},
        "a": {"y": 1},
    }
    ordered = {
        "a": {"y": 1},
        "m": {"x": 2, "y": 1},
        "l": [{"p": 1, "q": {"z": 2, "list": [1]}}, "text"],
        "w": [2, 1],
        "other": {"y": 1, "x": 2},
    }
    assert repr(order_keys(FORM, record)) == repr(ordered)
    assert order_keys(FORM, {"m": "text"}) == {"m": "text"}
