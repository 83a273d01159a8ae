"""A platform's export of cards and enrolments: new files, new enrolments, and what a row lacks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace

import pytest

from papka.desk.order_writing import OrderBook
from papka.intake.marks import StudentRow
from papka.intake.people_files import rows_of_export
from papka.intake.people_folder import ListWish, folder_files
from papka.intake.people_matching import People
from papka.intake.people_plan import LaidList, ListPlan
from papka.intake.proposal import card_with_keys
from papka.records.archive import Archive
from papka.records.school import Edition, Group, Program
from papka.records.student import Account, Name, Person, Student
from tests.support.derived import EDITION, SCHOOL, enrolment, student

LATER = Edition(edition=3, order="2026/0002", hours=1, parts=EDITION.parts, planned_results=())
CHESS = Edition(edition=2, order="2026/0002", hours=1, parts=EDITION.parts, planned_results=())
TWO: Archive = replace(
    SCHOOL,
    programs={
        "guitar": Program(code="guitar", title="Гитара", editions=(LATER, EDITION)),
        "chess": Program(code="chess", title="Шахматы", editions=(CHESS, EDITION)),
        "empty": Program(code="empty", title="Пустая", editions=()),
    },
    groups={"Г-26-1": Group(group="Г-26-1", program="guitar")},
    orders={},
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


def lay(
    *rows: StudentRow, program: str = "", known: Mapping[str, Student] | None = None
) -> tuple[LaidList, list[str]]:
    files = known or {}
    number = iter(range(7, 100))
    people = People.of_cards({id_: each.person for id_, each in files.items() if each.person})
    wish = ListWish(
        "people.csv", dt.date(2026, 9, 2), updates=False, writes_orders=False, program=program
    )
    plan = ListPlan(
        wish, TWO, people, lambda ids: {id_: files[id_] for id_ in ids},
        lambda: f"2026-{next(number):04d}", OrderBook({}, {}),
    )  # fmt: skip
    laid = plan.lay(rows_of_export(rows, "kurs"))
    return laid, [f"{each.where.line} {each.message}" for each in laid.findings]


def studies(laid: LaidList, id_: str) -> list[dict[str, object]]:
    return laid.folders[id_].added.get(("enrolments", "enrolments"), [])


@pytest.mark.parametrize(
    ("one", "program", "wanted", "told"),
    [
        (row(), "", None, []),
        (
            row(start=START, program="guitar", group="Г-26-1", phone="1"),
            "",
            {"program": "guitar", "edition": 3, "group": "Г-26-1", "start": START},
            [],
        ),
        (row(start=START), "guitar", {"program": "guitar", "edition": 3, "start": START}, []),
        (
            row(start=START, program="chess", edition="2"),
            "guitar",
            {"program": "chess", "edition": 2, "start": START},
            [],
        ),
        (row(), "guitar", None, ["2 Для зачисления не сказано: первый день"]),
        (
            row(start=START, program="empty"),
            "",
            None,
            ["2 Для зачисления не сказано: редакция"],
        ),
        (
            row(edition="1", first=5),
            "",
            None,
            ["5 Для зачисления не сказано: программа, первый день"],
        ),
    ],
)  # fmt: skip
def test_what_a_row_says_of_an_enrolment(
    one: StudentRow, program: str, wanted: dict[str, object] | None, told: list[str]
) -> None:
    laid, said = lay(one, program=program)
    assert said == told
    assert studies(laid, "2026-0007") == ([{"id": "e1", **wanted}] if wanted else [])


def test_a_row_without_a_name_is_no_card() -> None:
    laid, said = lay(row(4, None), row(5))
    assert dict(laid.opened) == {5: "2026-0007"}
    assert said == ["4 В строке нет имени: личное дело завести не на кого"]


def test_known_students_get_new_enrolments_and_the_same_ones_are_counted() -> None:
    own = student(enrolments=(enrolment("e1", START), enrolment("e4", "2025-09-01")))
    other = student(enrolments=())
    known = {
        "2026-0001": replace(own, id="2026-0001", person=_person("2026-0001", "a")),
        "2026-0002": replace(other, id="2026-0002", person=_person("2026-0002", "b")),
    }
    laid, said = lay(
        row(2, key="a", start=START, program="guitar"),
        row(3, key="a", start="2027-01-10", program="guitar"),
        row(4, key="a", start="2027-01-10", program="guitar", edition=3),
        row(5, key="a", start=START, program="chess", edition=1),
        row(6, key="b", start=START, program="guitar"),
        row(7, key="b"),
        row(8, key="b", program="chess"),
        known=known,
    )
    assert studies(laid, "2026-0001") == [
        {"id": "e5", "program": "guitar", "edition": 3, "start": "2027-01-10"},
        {"id": "e6", "program": "chess", "edition": 1, "start": START},
    ]
    assert studies(laid, "2026-0002") == [
        {"id": "e1", "program": "guitar", "edition": 3, "start": START}
    ]
    assert [row for row, words in laid.verdicts.items() if words == ("уже есть",)] == [2, 4, 7]
    assert [line for line in said if "не сказано" in line] == [
        "8 Для зачисления не сказано: первый день"
    ]


def _person(id_: str, key: str) -> Person:
    return Person(id=id_, name=ROSE, accounts=(Account(platform="kurs", key=key),))


def test_a_new_card_holds_what_the_row_says_in_the_order_of_the_schema() -> None:
    one = row(
        key="k1", email="r@x.invalid", born=dt.date(2012, 2, 29), sex="женский", phone=79990000000,
        address="Садовая, 1", snils="112-233-445 95", start=START, program="guitar",
    )  # fmt: skip
    laid, _ = lay(one)
    files = dict(folder_files(laid.folders["2026-0007"], {}, b"s" * 32))
    assert {path: data.decode() for path, data in files.items()} == {
        f"{FOLDER}/student.yaml": f"{HEAD}student.json\n"
        "id: 2026-0007\nname:\n  surname: Бутонова\n  given: Роза\n  patronymic: Львовна\n"
        'sex: женский\nbirth_date: 2012-02-29\nphone: "+79990000000"\nemail: r@x.invalid\n'
        "address: Садовая, 1\nsnils: 112-233-445 95\n"
        "accounts:\n  - platform: kurs\n    key: k1\n    since: 2026-09-02\n",
        f"{FOLDER}/.salt": "s" * 32,
        f"{FOLDER}/enrolments.yaml": f"{HEAD}enrolments.json\n"
        f"enrolments:\n  - id: e1\n    program: guitar\n    edition: 3\n    start: {START}\n",
    }


def test_a_card_has_nothing_that_the_row_lacks() -> None:
    laid, _ = lay(row(person=Name(given="Ива")))
    assert dict(folder_files(laid.folders["2026-0007"], {}, b"s" * 32)) == {
        f"{FOLDER}/student.yaml": (
            f"{HEAD}student.json\nid: 2026-0007\nname:\n  given: Ива\n"
        ).encode(),
        f"{FOLDER}/.salt": b"s" * 32,
    }


def test_enrolments_and_keys_go_below_those_there_are() -> None:
    known = {"2026-0001": replace(student(), id="2026-0001", person=_person("2026-0001", "a"))}
    path = "records/students/2026/2026-0001/enrolments.yaml"
    lying = b"enrolments:\n  - id: e1 # kept\n"
    laid, _ = lay(row(2, key="a", start=START, program="chess", edition=1), known=known)
    [(made, data)] = folder_files(laid.folders["2026-0001"], {path: lying})
    assert (made, data) == (
        path,
        lying + f"  - id: e2\n    program: chess\n    edition: 1\n    start: {START}\n".encode(),
    )
    card = "id: 2026-0007\nname:\n  given: Ива\n".encode()
    assert card_with_keys(card, "kurs", ["a", "b"]) == card + (
        b"accounts:\n  - platform: kurs\n    key: a\n  - platform: kurs\n    key: b\n"
    )
