"""A day of work by answering questions only, at a real terminal of 80 columns.

With a typo, a wrong date, Ctrl-C in the middle and the step taken up again.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from papka.records.strict_yaml import read
from tests.support.command import papka
from tests.support.school import Archive
from tests.support.terminal import Exchange, in_dialogue

SCREEN = Path(__file__).parent / "screens" / "questions.txt"
CTRL_C = "\x03"
ENOUGH = ("Ещё поле", "")
STAFF: tuple[Exchange, ...] = (
    ("Фамилия", "Грушев Пётр Ильич"), ("фамилия — Грушев, имя — Пётр", "да"),
    ("Должность", "Педагог дополнительного образования"),
    ("Обязанности", "педагок!"), ("Ошибка", "2"), ("ещё", ""),
    ("Работает с", "31.09.2026"), ("Ошибка: 31.09.2026: такого дня нет", CTRL_C),
)  # fmt: skip
STAFF_AGAIN: tuple[Exchange, ...] = (
    ("Фамилия", ""), ("Имя", ""), ("Отчество", ""), ("Должность", "Педагог"),
    ("Обязанности", ""), ("ещё", ""), ("Работает с", "01.09.2026"), ENOUGH,
)  # fmt: skip
PROGRAM: tuple[Exchange, ...] = (
    ("Код", "choir"), ("Название", "Хор"), ("Редакции: Номер", "1"),
    ("Редакции: Приказ", "2026/0001"), ("Редакции: Всего часов", "72"),
    ("Части: Слово части", "пение"), ("Части: Название", "Пение"),
    ("Части: Часы", "72"), ("Части: Шкала", "1"),
    ("Планируемые результаты: Слово", "голос"), ("Планируемые результаты: Вид", "1"),
    ("Планируемые результаты: Формулировка", "Поёт в голос"),
    ("Планируемые результаты: Слово", "рад"), ("Планируемые результаты: Вид", "2"),
    ("Планируемые результаты: Формулировка", "Рад петь"),
    ("Ещё поле", "Редакции"), ("Редакции: Номер", "2"), ("Редакции: Приказ", "-"), ENOUGH,
)  # fmt: skip
GROUP: tuple[Exchange, ...] = (
    ("Обозначение", "Х-26-1"), ("Программа", "choir"), ("Педагог", "s003"), ENOUGH,
)  # fmt: skip
STUDENT: tuple[Exchange, ...] = (
    ("Фамилия", "Сливина Ася"), ("фамилия — Сливина, имя — Ася", ""), ("Пол", "1"),
    ("Дата рождения", "05.03.2014"), ("Законные представители: Кем", ""), ENOUGH,
)  # fmt: skip
ENROLMENT: tuple[Exchange, ...] = (
    ("Программа", "1"), ("Группа", "Х-26-1"), ("Форма обучения", "очная"),
    ("Договор", ""), ("Начало обучения", "01.09.2026"),
    ("Приказ", "2026/0001"), ENOUGH,
)  # fmt: skip
ENROLMENT_AGAIN: tuple[Exchange, ...] = (
    ("Программа", ""), ("Группа", ""), ("Форма обучения", ""), ("Договор", ""),
    ("Начало обучения", ""), ("Приказ", "-"), ENOUGH,
)  # fmt: skip
RESULT: tuple[Exchange, ...] = (
    ("Вид результата", "предметный"), ("Ошибка", "1"), ("Откуда известен", "1"),
    ("Контроль", "2"), ("Отметка", "5"),
    ("Часть программы", "1"), ("Кто оценил", "2"), ENOUGH,
)  # fmt: skip


def seen_of(archive: Archive, words: str, exchanges: tuple[Exchange, ...], code: int) -> str:
    ran = in_dialogue(words.split(), exchanges, folder=archive.root)
    assert ran.code == code, ran.out
    return f"$ papka {words}\n{ran.out}"


def test_a_day_of_work_by_answering_questions_only(
    archive: Archive, pytestconfig: pytest.Config
) -> None:
    seen = [
        seen_of(archive, "завести сотрудник", STAFF, 130),
        seen_of(archive, "new staff", STAFF_AGAIN, 0),
        seen_of(archive, "завести программа", PROGRAM, 0),
        seen_of(archive, "завести группа", GROUP, 0),
        seen_of(archive, "завести дело", STUDENT, 0),
    ]
    number = re.findall(r"Записано: (20\d\d-\d{4})", seen[-1])[0]
    seen.append(seen_of(archive, f"внести {number} зачисление", ENROLMENT, 1))
    seen.append(seen_of(archive, f"add {number} enrolment", ENROLMENT_AGAIN, 0))
    seen.append(seen_of(archive, f"внести {number} результат --дата 01.10.2026", RESULT, 0))
    screen = "\n".join(seen).replace(number, "НОМЕР").replace(number[:4] + "/НОМЕР", "ГОД/НОМЕР")
    if pytestconfig.getoption("--update-snapshots"):
        SCREEN.write_text(screen, "utf-8")
    assert screen == SCREEN.read_text("utf-8")
    staff = read(archive.read("records/staff.yaml").encode(), "").value["staff"]
    assert staff[-1] == {
        "id": "s003",
        "name": {"surname": "Грушев", "given": "Пётр", "patronymic": "Ильич"},
        "post": "Педагог",
        "roles": ["педагог"],
        "since": "2026-09-01",
    }
    (edition,) = read(archive.read("records/programs/choir.yaml").encode(), "").value["editions"]
    assert {each["kind"] for each in edition["planned_results"]} == {"предметный", "личностный"}
    ran = papka("check", "-C", archive.root)
    assert ran.code == 0, ran.all
