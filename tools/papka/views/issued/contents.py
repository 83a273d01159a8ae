"""What each kind of document says: the facts and tables its entry in the register keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from papka.model.acts import PrintedRow
from papka.model.derived.debts import debts
from papka.model.derived.mastery import mastery
from papka.model.derived.scales import part_of
from papka.model.school import NOT_ATTESTED
from papka.views.issued.case import Case, Facts, addressed, common, order_words, said
from papka.views.issued.rows import mastered, of_period, planned, took_part
from papka.views.periods import is_approved, title_of
from papka.views.wording import HOURS, counted

DRAFT = "период не утверждён руководителем: сведения промежуточные (черновик)"


@dataclass(frozen=True, slots=True)
class Contents:
    facts: Facts
    rows: tuple[PrintedRow, ...] = ()
    events: tuple[PrintedRow, ...] = ()


def certificate(case: Case) -> Contents:
    """The whole programme, part by part, and events (273-ФЗ ст. 60 ч. 15)."""
    facts = common(case) | _ending(case)
    facts["result"] = "Программа освоена полностью"
    return Contents(facts, planned(case), took_part(case))


def transcript(case: Case) -> Contents:
    """What is mastered so far, or was by the day of leaving (273-ФЗ ст. 60 ч. 12)."""
    facts = addressed(case) | _ending(case)
    rows = mastered(case)
    if rows and (share := _share(case)):
        facts["result"] = share
    return Contents(facts, rows)


def progress(case: Case) -> Contents:
    """Current results of one period (R-5.4.2)."""
    period = case.period or ""
    facts = addressed(case)
    facts["period"] = title_of(case.archive, period)
    if not is_approved(case.archive, period):
        facts["state"] = DRAFT
    if case.order:
        facts["order"] = order_words(case.archive, case.order)
    facts["debts"] = ", ".join(open_debts(case)) or "нет"
    facts["result"] = f"Академические задолженности: {facts['debts']}"
    return Contents(facts, of_period(case))


CONTENTS: dict[str, Callable[[Case], Contents]] = {
    "certificate": certificate,
    "transcript": transcript,
    "progress": progress,
}


def open_debts(case: Case) -> Iterator[str]:
    """Titles of the parts with a debt in this study, each once (R-2.2.6)."""
    titles = (
        part.title if (part := part_of(case.archive, case.enrolment, debt.result.part)) else None
        for debt in debts(case.archive, case.student)
        if debt.result.enrolment == case.enrolment.id
    )
    return iter(dict.fromkeys(title or NOT_ATTESTED for title in titles))


def _ending(case: Case) -> Facts:
    ended = case.enrolment.ended
    words = order_words(case.archive, case.order or (ended.order if ended else None))
    facts: dict[str, str | None] = {
        "ended": ended.date.isoformat() if ended else None,
        "ending": ended.reason if ended else None,
        "order": words,
    }
    return {name: value for name, value in facts.items() if value}


def _share(case: Case) -> str:
    """While the study goes on only parts that are over count, and empty when none is."""
    levels = list(mastery(case.archive, case.student, case.enrolment))
    is_over = case.enrolment.ended is not None
    done = [level for level in levels if level.passed and (level.final or is_over)]
    if not done and not is_over:
        return ""
    hours = sum(level.part.hours for level in done)
    total = sum(level.part.hours for level in levels)
    return said(f"Освоено {counted(hours, HOURS)} из {total}")
