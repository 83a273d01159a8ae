"""Which attempt leaves a debt (R-2.2.6), and where its scale comes from."""

from __future__ import annotations

from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from papka.records.archive import Archive
from papka.records.derived.result_facts import (
    debts,
    debts_on,
    edition_of,
    enrolment_of,
    is_debt,
    part_of,
    scale_of,
)
from papka.records.school import NOT_ATTESTED
from papka.records.student import Result
from tests.support.derived import EDITION, FIVE, SCHOOL, WORDS, day, enrolment, result, student

DUE = day("2026-09-30")
ATTEMPTS: dict[str, tuple[Result, bool]] = {
    "at the pass mark": (result("r1", "2026-05-28", 3), False),
    "below it": (result("r1", "2026-05-28", 2), True),
    "below it, a word": (result("r1", "2026-05-28", "не зачтено", part="ансамбль"), True),
    "passed, a word": (result("r1", "2026-05-28", "зачтено", part="ансамбль"), False),
    "below every mark there is": (result("r1", "2026-05-28", 0), False),
    "above every mark there is": (result("r1", "2026-05-28", 7), False),
    "no mark": (result("r1", "2026-05-28", text="Старается"), False),
    "no mark but a day of re-sit": (result("r1", "2026-05-28", text="Так", resit_by=DUE), False),
    "not attested": (result("r1", "2026-05-28", NOT_ATTESTED), True),
    "not attested, a part without a scale": (
        result("r1", "2026-05-28", NOT_ATTESTED, part="беседы"), True
    ),
    "a mark, a part without a scale": (result("r1", "2026-05-28", 2, part="беседы"), False),
    "a part nobody knows": (result("r1", "2026-05-28", 2, part="хор"), False),
    "no part": (result("r1", "2026-05-28", 2, part=None), False),
    "an enrolment nobody knows": (result("r1", "2026-05-28", 2, enrolment="e9"), False),
    "final and below": (result("r1", "2026-05-28", 2, control="итоговый"), True),
    "no control named": (result("r1", "2026-05-28", 2, control=None), True),
    "ongoing and below": (result("r1", "2026-05-28", 2, control="текущий"), False),
    "ongoing and below with a day of re-sit": (
        result("r1", "2026-05-28", 2, control="текущий", resit_by=DUE), False
    ),
    "missed without good reason": (
        result("r1", "2026-05-28", NOT_ATTESTED, absence="без уважительной причины"), True
    ),
    "missed for a good reason": (
        result("r1", "2026-05-28", NOT_ATTESTED, absence="уважительная причина"), False
    ),
    "below at an event": (
        result("r1", "2026-05-28", 2, control=None, origin="мероприятие"), False
    ),
    "ongoing, not attested": (
        result("r1", "2026-05-28", NOT_ATTESTED, control="текущий"), False
    ),
    "ongoing and passed with a day of re-sit": (
        result("r1", "2026-05-28", 3, control="текущий", resit_by=DUE), False
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", ATTEMPTS)
def test_an_attempt_below_pass_leaves_a_debt(case: str) -> None:
    attempt, owes = ATTEMPTS[case]
    assert is_debt(SCHOOL, student(attempt), attempt) is owes
    found = [(debt.period, debt.result) for debt in debts(SCHOOL, student(attempt))]
    assert found == [("2026-1", attempt)] * owes


def test_a_re_sit_missed_for_a_good_reason_leaves_the_debt_and_uses_nothing_up() -> None:
    away = {"absence": "уважительная причина"}
    first, missed = (
        result("r1", "2026-05-28", 2),
        result("r2", "2026-09-14", NOT_ATTESTED, resits="r1", **away),
    )
    failed = result("r3", "2026-09-20", 2, resits="r2")
    passed = result("r4", "2026-09-28", 3, resits="r3")
    for attempts, state, resits_used in (
        ((first,), "открыта", 0),
        ((first, missed), "открыта", 0),
        ((first, missed, failed), "открыта", 1),
        ((first, missed, failed, passed), "погашена", 2),
    ):
        (debt,) = debts_on(SCHOOL, student(*attempts), day("2026-12-01"))
        assert (debt.first, debt.state, debt.resits) == (first, state, resits_used)
        assert len(list(debts(SCHOOL, student(*attempts)))) == (state == "открыта")


def test_a_miss_for_a_good_reason_makes_no_debt_but_the_attempt_after_it_may() -> None:
    missed = result("r1", "2026-05-28", NOT_ATTESTED, absence="уважительная причина")
    for mark, owed in ((3, []), (2, ["r2"])):
        later = result("r2", "2026-09-14", mark, resits="r1", control="текущий")
        found = list(debts_on(SCHOOL, student(missed, later), day("2026-12-01")))
        assert [debt.first.id for debt in found] == owed
        assert [debt.resits for debt in found] == [0] * len(owed)


def test_debts_stand_by_period_and_only_of_what_counts() -> None:
    failed, again = result("r3", "2026-05-28", 2), result("r4", "2026-09-14", 2, resits="r3")
    who = student(
        periods={
            "2026-2": (result("r5", "2026-12-20", 2), result("r6", "2026-12-20", NOT_ATTESTED)),
            "2026-1": (failed, again),
            "2025-2": (result("r1", "2025-12-20", 2), result("r2", "2026-02-01", 3, resits="r1")),
        }
    )
    assert [debt.result.id for debt in debts(SCHOOL, who)] == ["r4", "r5", "r6"]


FIRST, SECOND = EDITION, changed(EDITION, edition=2, parts=EDITION.parts[1:])
GUITAR = changed(SCHOOL.programs["guitar"], editions=(FIRST, SECOND))
KNOWN = replace(SCHOOL, programs={"guitar": GUITAR})


@pytest.mark.parametrize(
    ("school", "edition", "part", "expected"),
    [
        (KNOWN, 1, "техника", FIVE),
        (KNOWN, 1, "ансамбль", WORDS),
        (KNOWN, 2, "ансамбль", WORDS),
        (KNOWN, 2, "техника", None),
        (KNOWN, 3, "ансамбль", None),
        (KNOWN, 1, "беседы", None),
        (KNOWN, 1, None, None),
        (replace(KNOWN, scales={}), 1, "техника", None),
        (replace(KNOWN, programs={}), 1, "техника", None),
    ],
)
def test_a_scale_is_that_of_the_part_in_the_edition_enrolled_in(
    school: Archive, edition: int, part: str | None, expected: object
) -> None:
    one = changed(enrolment(), edition=edition)
    assert scale_of(school, one, part) == expected


def test_nothing_follows_from_an_enrolment_that_is_not_there() -> None:
    who = student(enrolments=(enrolment("e1"), enrolment("e2")))
    assert enrolment_of(who, "e2") == who.enrolments[1]
    assert enrolment_of(who, "e9") is None
    assert edition_of(KNOWN, None) is None
    assert part_of(KNOWN, None, "техника") is None
    assert scale_of(KNOWN, None, "техника") is None
