"""What another school's file offers for credit, the form that asks, the answers that are none."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from papka.core.errors import Refused
from papka.intake.package_taking import Offer, find_offers, read_decisions, write_answers_form
from papka.records.archive import Archive
from papka.records.school import Edition, ProgramPart
from papka.records.student import Result
from tests.support.derived import EDITION, SCHOOL, enrolment, result, student

TODAY = dt.date(2026, 11, 21)


def offered(*results: Result, ours: Edition | None = None, **more: Any) -> list[Offer]:  # noqa: ANN401
    return list(find_offers(SCHOOL, student(*results, **more), ours))


def test_every_part_is_offered_and_without_a_result_too() -> None:
    found = offered(result("r1", "2026-05-01", 4))
    assert found == [
        Offer("Гитара: Техника", "4 (четыре); шкала: Пятибалльная", 60, dt.date(2026, 5, 1)),
        Offer("Гитара: Ансамбль", "", 30, None),
        Offer("Гитара: Беседы", "", 10, None),
    ]


@pytest.mark.parametrize(
    ("results", "words"),
    [
        # a final mark before one for a period, that before a current one
        (
            (
                result("r1", "2026-03-01", 3, control="итоговый"),
                result("r2", "2026-05-01", 4),
                result("r3", "2026-06-01", 5, control="текущий"),
            ),
            "3 (три)",
        ),
        (
            (
                result("r1", "2026-04-01", 4),
                result("r2", "2026-05-01", 5, control="текущий"),
                result("r3", "2026-06-01", 5, control=None),
            ),
            "4 (четыре)",
        ),
        # then the latest
        ((result("r1", "2026-05-02", 4), result("r2", "2026-05-01", 5)), "4 (четыре)"),
        # what is replaced, another enrolment's, or written by the student does not count
        (
            (
                result("r1", "2026-05-02", 4),
                result("r2", "2026-05-01", 3, replaces="r1"),
                result("r3", "2026-06-01", 5, enrolment="e2"),
                result("r4", "2026-06-01", 5, author="обучающийся"),
                result("r5", "2026-06-01", None),
            ),
            "3 (три)",
        ),
    ],
)
def test_the_weightiest_result_is_offered(results: tuple[Result, ...], words: str) -> None:
    assert offered(*results)[0].result == f"{words}; шкала: Пятибалльная"


def test_an_own_path_offers_its_own_parts_only() -> None:
    found = offered(enrolments=(enrolment(individual_parts=("ансамбль",)),))
    assert [offer.subject for offer in found] == ["Гитара: Ансамбль"]
    unknown = enrolment().__class__(id="e1", program="guitar", edition=9, start=TODAY)
    assert offered(enrolments=(unknown,)) == []


def part(name: str, title: str) -> ProgramPart:
    return ProgramPart(part=name, title=title, hours=20, scale="пятибалльная")


def our(*parts: ProgramPart) -> Edition:
    return with_fields(EDITION, parts=parts)


def test_a_part_of_ours_is_proposed_only_by_an_equal_name() -> None:
    same, twin = part("t", "ТЕХНИКА"), part("u", "техника")
    assert [offer.ours for offer in offered(ours=our(same))] == [same, None, None]
    assert [offer.ours for offer in offered(ours=our(same, twin))] == [None, None, None]
    assert [offer.ours for offer in offered(ours=our(part("t", "Техника игры")))] == [None] * 3
    assert [offer.ours for offer in offered()] == [None] * 3
    theirs: Archive = replace(
        SCHOOL,
        programs={
            "guitar": with_fields(
                SCHOOL.programs["guitar"], editions=(our(part("a", "Ёлка и лёд")),)
            )
        },
    )
    ours = part("b", "елка и лед")
    assert next(iter(find_offers(theirs, student(), our(ours)))).ours == ours


def test_the_form_asks_only_for_what_has_a_result() -> None:
    ours = part("t", "Техника")
    found = [
        Offer("Гитара: Техника", "4 (четыре)", 60, TODAY, ours),
        Offer("Гитара: Ансамбль", "", 30, None),
        Offer("Арфа: Игра", "зачтено", 15, TODAY),
    ]
    assert (
        write_answers_form(found, TODAY)
        == """\
# День заявления о зачёте; решение: зачесть | зачесть частично | отказать
applied: 2026-11-21
# order: 2026/0016
items:
  # 4 (четыре); часов: 60
  - subject: "Гитара: Техника"
    part: t
    # decision: решение
    # hours: 20
    # mark: отметка по нашей шкале
    # reason: почему решено так
  # зачтено; часов: 15
  - subject: "Арфа: Игра"
    # part: часть нашей программы
    # decision: решение
    # hours: 15
    # mark: отметка по нашей шкале
    # reason: почему решено так
"""
    )


OFFERS = (
    Offer("Гитара: Техника", "4 (четыре)", 60, TODAY),
    Offer("Гитара: Ансамбль", "", 30, None),
    Offer("Арфа: Игра", "зачтено", 15, TODAY),
)
GOOD = """\
applied: 2026-11-20
decided: 2026-11-25
order: 2026/0016
items:
  - subject: "Гитара: Техника"
    part: t
    decision: зачесть частично
    hours: 20
    mark: 5
    reason: Меньше часов
  - subject: "Арфа: Игра"
    decision: отказать
"""


def test_answers_become_an_entry_with_their_words_beside_ours() -> None:
    assert read_decisions(GOOD.encode(), "answers.yaml", OFFERS) == {
        "applied": "2026-11-20",
        "decided": "2026-11-25",
        "order": "2026/0016",
        "items": [
            {
                "their_subject": "Гитара: Техника", "their_result": "4 (четыре)",
                "their_hours": 60, "part": "t", "decision": "зачесть частично", "hours": 20,
                "mark": 5, "reason": "Меньше часов",
            },
            {
                "their_subject": "Арфа: Игра", "their_result": "зачтено", "their_hours": 15,
                "decision": "отказать",
            },
        ],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("items: [\n", "Файл ответов answers.yaml не читается"),
        ("- a\n", "Файл ответов answers.yaml не читается"),
        ("applied: 2026-11-20\n", "Файл ответов answers.yaml не читается"),
        (GOOD + "documents: d1\nauthor: a\n",
         "В файле ответов answers.yaml лишнее: author, documents"),
        ("items: []\n", "В файле ответов answers.yaml нет ни одного решения"),
        ("items:\n  - decision: отказать\n", "Каждое решение начинается с предмета: subject"),
        ("items:\n  - отказать\n", "Каждое решение начинается с предмета: subject"),
        ("items:\n  - subject: [a]\n", "Каждое решение начинается с предмета: subject"),
        (GOOD.replace("Техника", "Техники"),
         "Предмета «Гитара: Техники» в пакете нет. Может быть, «Гитара: Техника»?"),
        (GOOD.replace("Техника", "Ансамбль"),
         "Предмета «Гитара: Ансамбль» в пакете нет. Может быть, «Гитара: Техника»?"),
        (GOOD + "    their_hours: 1\n    a: 1\n", "У предмета «Арфа: Игра» лишнее: a, their_hours"),
        (GOOD.replace("отказать", "да"),
         "По предмету «Арфа: Игра» нет решения: зачесть, зачесть частично, отказать"),
        (GOOD.replace("Арфа: Игра", "Гитара: Техника"), "Один предмет назван дважды"),
    ],
)  # fmt: skip
def test_answers_that_decide_nothing_are_refused_in_words(text: str, sentence: str) -> None:
    with pytest.raises(Refused) as refused:
        read_decisions(text.encode(), "answers.yaml", OFFERS)
    assert refused.value.message == sentence
    assert refused.value.next_step == "Образец напечатает та же команда без --answers"
