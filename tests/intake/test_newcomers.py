"""A list of people: new cards, new enrolments of known students, and what a row lacks."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from papka.intake.marks import StudentRow
from papka.intake.proposal import (
    Newcomer,
    card_files,
    card_with_keys,
    enrolments_file,
    find_new_enrolments,
    make_newcomers,
)
from papka.records.archive import Archive
from papka.records.school import Edition, ExportLayout, Program, StudentColumns
from papka.records.student import Name
from tests.support.derived import EDITION, SCHOOL, enrolment, student

LAYOUT = ExportLayout(
    id="people", edition=1, title="Список", target="карточки", layouts=("csv",),
    recognise=("Имя",), student=StudentColumns(full_name="Имя"),
)  # fmt: skip
GUITAR = ExportLayout(**{**{key: getattr(LAYOUT, key) for key in LAYOUT.__struct_fields__},
                         "program": "guitar"})  # fmt: skip
LATER = Edition(edition=3, order="2026/0002", hours=1, parts=EDITION.parts, planned_results=())
TWO: Archive = replace(
    SCHOOL,
    programs={
        "guitar": Program(code="guitar", title="Гитара", editions=(LATER, EDITION)),
        "empty": Program(code="empty", title="Пустая", editions=()),
    },
)
ROSE = Name(surname="Бутонова", given="Роза", patronymic="Львовна")
START = "2026-09-01"
FOLDER = "records/students/2026/2026-0007"
HEAD = "# yaml-language-server: $schema=../../../../schema/"


def row(
    first: int = 2, person: Name | None = ROSE, key: str = "", email: str = "",
    born: dt.date | None = None, **fields: str | int,
) -> StudentRow:  # fmt: skip
    return StudentRow((first,), ((),), key, email, "", person, born, fields=fields)


def study(one: StudentRow, layout: ExportLayout = LAYOUT) -> tuple[object, list[str]]:
    found, wrong = make_newcomers([one], layout, TWO, "people.csv")
    return found[0].study, [f"{each.where.line} {each.message}" for each in wrong]


@pytest.mark.parametrize(
    ("one", "layout", "wanted", "told"),
    [
        (row(), LAYOUT, None, []),
        (
            row(start=START, program="guitar", group="Г-26-1", order="2026/0001", phone="1"),
            LAYOUT,
            {"program": "guitar", "edition": 3, "group": "Г-26-1", "start": START,
             "order": "2026/0001"},
            [],
        ),
        (row(start=START), GUITAR, {"program": "guitar", "edition": 3, "start": START}, []),
        (
            row(start=START, program="chess", edition="2"),
            GUITAR,
            {"program": "chess", "edition": 2, "start": START},
            [],
        ),
        (row(), GUITAR, None, ["2 Для зачисления не сказано: первый день"]),
        (
            row(start=START, program="empty"),
            LAYOUT,
            None,
            ["2 Для зачисления не сказано: редакция"],
        ),
        (
            row(group="Г-26-1", first=5),
            LAYOUT,
            None,
            ["5 Для зачисления не сказано: программа, редакция, первый день"],
        ),
    ],
)  # fmt: skip
def test_what_a_row_says_of_an_enrolment(
    one: StudentRow, layout: ExportLayout, wanted: object, told: list[str]
) -> None:
    assert study(one, layout) == (wanted, told)


def test_a_row_without_a_name_is_no_card() -> None:
    found, wrong = make_newcomers([row(4, None), row(5)], LAYOUT, TWO, "people.csv")
    assert [newcomer.row.first for newcomer in found] == [5]
    assert [(each.where.path, each.where.line, each.message) for each in wrong] == [
        ("people.csv", 4, "В строке нет имени: личное дело завести не на кого")
    ]


def test_known_students_get_new_enrolments_and_the_same_ones_are_counted() -> None:
    own = student(enrolments=(enrolment("e1", START), enrolment("e4", "2025-09-01")))
    other = student(enrolments=())
    rows = [
        ("a", row(2, start=START, program="guitar")),
        ("a", row(3, start="2027-01-10", program="guitar")),
        ("a", row(4, start="2027-01-10", program="guitar", edition=1)),
        ("a", row(5, start=START, program="chess", edition=1)),
        ("b", row(6, start=START, program="guitar")),
        ("b", row(7)),
        ("b", row(8, program="guitar")),
    ]
    found, same, wrong = find_new_enrolments(
        rows, {"a": own, "b": other}, LAYOUT, TWO, "people.csv"
    )
    assert found == {
        "a": [
            {"id": "e5", "program": "guitar", "edition": 3, "start": "2027-01-10"},
            {"id": "e6", "program": "chess", "edition": 1, "start": START},
        ],
        "b": [{"id": "e1", "program": "guitar", "edition": 3, "start": START}],
    }
    assert same == 2
    assert [f"{each.where.line} {each.message}" for each in wrong] == [
        "8 Для зачисления не сказано: первый день"
    ]


def test_a_new_card_holds_what_the_row_says_in_the_order_of_the_schema() -> None:
    one = row(
        key="k1", email="r@x.invalid", born=dt.date(2012, 2, 29), sex="женский", phone=79990000000,
        address="Садовая, 1", snils="112-233-445 95", group="Г",
    )  # fmt: skip
    files = card_files(
        "2026-0007", Newcomer(one, {"program": "guitar", "edition": 3, "start": START}), "kurs",
        b"s" * 32, today=dt.date(2026, 9, 2),
    )  # fmt: skip
    assert {path: data.decode() for path, data in files.items()} == {
        f"{FOLDER}/student.yaml": f"{HEAD}student.json\n"
        "id: 2026-0007\nname:\n  surname: Бутонова\n  given: Роза\n  patronymic: Львовна\n"
        'sex: женский\nbirth_date: 2012-02-29\nphone: "79990000000"\nemail: r@x.invalid\n'
        "address: Садовая, 1\nsnils: 112-233-445 95\n"
        "accounts:\n  - platform: kurs\n    key: k1\n    since: 2026-09-02\n",
        f"{FOLDER}/.salt": "s" * 32,
        f"{FOLDER}/enrolments.yaml": f"{HEAD}enrolments.json\n"
        f"enrolments:\n  - id: e1\n    program: guitar\n    edition: 3\n    start: {START}\n",
    }


def test_a_card_has_nothing_that_the_row_lacks() -> None:
    files = card_files(
        "2026-0007", Newcomer(row(person=Name(given="Ива")), None), "kurs", b"s" * 32,
        today=dt.date(2026, 9, 2),
    )  # fmt: skip
    assert files == {
        f"{FOLDER}/student.yaml": (
            f"{HEAD}student.json\nid: 2026-0007\nname:\n  given: Ива\n"
        ).encode(),
        f"{FOLDER}/.salt": b"s" * 32,
    }


def test_enrolments_and_keys_go_below_those_there_are() -> None:
    entries = [{"id": "e2", "program": "guitar"}]
    lying = b"enrolments:\n  - id: e1 # kept\n"
    assert enrolments_file(lying, entries) == (lying + b"  - id: e2\n    program: guitar\n")
    assert enrolments_file(None, entries) == (
        f"{HEAD}enrolments.json\nenrolments:\n  - id: e2\n    program: guitar\n".encode()
    )
    card = "id: 2026-0007\nname:\n  given: Ива\n".encode()
    assert card_with_keys(card, "kurs", ["a", "b"]) == card + (
        b"accounts:\n  - platform: kurs\n    key: a\n  - platform: kurs\n    key: b\n"
    )
