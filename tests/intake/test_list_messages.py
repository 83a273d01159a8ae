"""What a list of people is told of its cells: every code, and what stands there for the eye.

`list_messages.txt` holds the messages (`--update-snapshots` writes it anew; read it). Each names
the cell of the person's own file, its heading and value, and what may stand there.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from papka.core.findings import Code
from papka.core.places import student_folder
from papka.intake import people_codes
from tests.support.people_lists import AGLAYA, School, take_list

SNAPSHOT = Path(__file__).parent / "list_messages.txt"
HEAD = "ФИО;Дата рождения;Программа;Группа;Начало обучения"
OURS = "Абрикосова Аглая Тихоновна;14.05.2011"
NEW = "Пробкина Анна;05.03.2012"
CARD = f"{student_folder(AGLAYA)}/student.yaml"
ENROLMENTS = f"{student_folder(AGLAYA)}/enrolments.yaml"


def usual(school: School) -> None:
    """The good archive with a second programme and its groups."""
    school.edit(
        "records/organization.yaml", "groups:\n",
        "groups:\n  - group: П-1\n    program: piano\n  - group: Г-26-2\n    program: guitar\n",
    )  # fmt: skip
    guitar = school.files["records/programs/guitar.yaml"].decode()
    piano = guitar.replace("code: guitar", "code: piano").replace("Гитара с нуля", "Рояль")
    school.files["records/programs/piano.yaml"] = piano.encode()


def twice_enrolled(school: School) -> None:
    usual(school)
    school.files[ENROLMENTS] += (
        b"  - id: e2\n    program: guitar\n    edition: 1\n    start: 2026-02-01\n"
    )


def with_cases(school: School) -> None:
    usual(school)
    school.edit(CARD, "  given: Аглая\n", "  given: Аглая\n  dative: Абрикосовой Аглае\n")


def ended(school: School) -> None:
    usual(school)
    school.files[ENROLMENTS] += b"    ended:\n      date: 2026-05-31\n"
    school.files[ENROLMENTS] += "      reason: завершение\n".encode()


def with_two_orders(school: School) -> None:
    usual(school)
    order = school.files["records/orders/2026/0002.yaml"]
    school.files["records/orders/2026/0008.yaml"] = order


LISTS: tuple[tuple[Callable[[School], None], str, str], ...] = (
    (usual, HEAD, "Пробкина А.И.;05.03.2012;guitar;;01.09.2026"),
    (usual, HEAD, "Группа Г-26-1;;;;"),
    (usual, "Фамилия;Имя;Дата рождения", "Пробкина (Лунная);Анна;05.03.2012"),
    (usual, "Фамилия;Имя;Дата рождения", "Пробкина;;05.03.2012"),
    (usual, "ФИО;Дата рождения;Телефон", f"{NEW};89001234567, 89007654321"),
    (usual, f"{HEAD};Согласие: фото-на-сайте", f"{NEW};guitar;;01.09.2026;+"),
    (usual, "ФИО;Дата рождения;Мать", f"{NEW};Лунная Ольга 89001234567"),
    (usual, "ФИО;Дата рождения;Пол", f"{NEW};Д"),
    (usual, HEAD, "Пробкина Анна;05.03.12;guitar;;01/09/2026"),
    (usual, "Номер дела;ФИО", "2026;Пробкина Анна"),
    (usual, "Номер дела;ФИО", "2026-0099;Пробкина Анна"),
    (usual, HEAD, "Пробкина Анна;;;;"),
    (usual, HEAD, f"{NEW};Гитора;;01.09.2026"),
    (usual, HEAD, f"{NEW};guitar;Г-9;01.09.2026"),
    (usual, HEAD, f"{NEW};guitar;П-1;01.09.2026"),
    (usual, HEAD, f"{NEW};;;01.09.2026"),
    (usual, HEAD, f"{NEW};guitar;;"),
    (usual, "ФИО;Дата рождения;Программа", f"{NEW};guitar"),
    (usual, f"{HEAD};Редакция", f"{NEW};guitar;;01.09.2026;7"),
    (usual, f"{HEAD};Приказ о зачислении", f"{NEW};guitar;;01.09.2026;2026/0999"),
    (usual, f"{HEAD};Приказ о зачислении", f"{NEW};guitar;;01.09.2026;18-к от 31.08.26"),
    (with_two_orders, f"{HEAD};Приказ о зачислении", f"{NEW};guitar;;01.02.2026;2-к"),
    (usual, f"{HEAD};Согласие: фото-на-сайте", f"{NEW};guitar;;01.09.2026;28.08.2026"),
    (usual, "ФИО;Дата рождения;Телефон матери", f"{NEW};89001234567"),
    (usual, "ФИО;Дата рождения;Группа", f"{OURS};Г-26-2"),
    (twice_enrolled, "ФИО;Дата рождения;Группа;В группе с", f"{OURS};Г-26-2;01.11.2026"),
    (usual, "ФИО;Дата рождения;Программа;Окончание обучения", f"{OURS};piano;25.12.2026"),
    (usual, "ФИО;Дата рождения;Окончание обучения;Причина", f"{OURS};25.12.2026;по болезни"),
    (usual, "ФИО;Дата рождения;Окончание обучения", f"{OURS};25.12.2026"),
    (ended, "ФИО;Дата рождения;Окончание обучения;Причина", f"{OURS};25.12.2026;перевод"),
    (usual, f"{HEAD};Редакция", f"{OURS};guitar;;15.01.2026;1"),
    (usual, "Номер дела;ФИО;Дата рождения", f"{AGLAYA};Абрикосова Аглая;15.05.2011"),
    (usual, HEAD, f"{OURS};guitar;;01.09.2026"),
    (with_cases, "Номер дела;ФИО", f"{AGLAYA};Лунная Аглая"),
    (usual, "ФИО;Дата рождения;Програма;Пол;Пол", f"{NEW};guitar;ж;ж"),
)


def tell(school: School, header: str, row: str) -> list[str]:
    lines = [header, row]
    for each in take_list(school, header, row).findings:
        assert each.where.path == "list.csv"
        lines += [f"  {each.code.name} {each.message}", f"    → {each.hint}"]
    return [*lines, ""]


def test_every_message_names_the_cell_its_heading_and_value(
    request: pytest.FixtureRequest,
) -> None:
    told: list[str] = []
    for prepare, header, row in LISTS:
        school = School()
        prepare(school)
        told += tell(school, header, row)
    found = [line for line in told if line.startswith("  LIST_")]
    codes = {each.name for each in vars(people_codes).values() if isinstance(each, Code)}
    assert {line.split()[0] for line in found} == codes - {"LIST_EMPTY"}
    cell = re.compile(r"  \w+ (?:Ячейка [A-Z]\d+(?:, столбец «|: столбец «)|Строка 2: столбца «)")
    assert [line for line in found if not cell.match(line)] == []
    text = "\n".join(told)
    if request.config.getoption("--update-snapshots"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert text == SNAPSHOT.read_text(encoding="utf-8")
