"""What a document lacks so that it may not be issued: no reason given overrides it (R-2.2.6)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.model.derived.mastery import mastery
from papka.views.issued.case import Case
from papka.views.issued.contents import open_debts
from papka.views.issued.rows import of_period
from papka.views.wording import day

COMPLETED = "завершение"


def lacking(form: str, case: Case) -> tuple[str, ...]:
    """Sentences, none when it may be issued."""
    if form == "certificate":
        return tuple(_certificate(case))
    if form == "progress":
        return () if of_period(case) else ("в этом периоде нет ни одной отметки",)
    return ()


def _certificate(case: Case) -> Iterator[str]:
    ended = case.enrolment.ended
    if ended is not None and ended.reason != COMPLETED:
        yield (
            f"обучение окончено {day(ended.date)} досрочно ({ended.reason}): выдают справку об "
            "обучении (transcript)"
        )
    elif ended is None and not _is_ordered(case):
        yield "обучение не завершено, и нет приказа, который велит выдать документ (--order)"
    owed = tuple(open_debts(case))
    if owed:
        yield f"не погашены задолженности: {', '.join(owed)}"
    for level in mastery(case.archive, case.student, case.enrolment):
        if level.part.scale and level.passed is None:
            yield f"нет отметки: {level.part.title}"
        elif level.passed is False and level.part.title not in owed:
            yield f"не освоено: {level.part.title}"


def _is_ordered(case: Case) -> bool:
    """An order that names this study lets it end with the document."""
    order = case.archive.orders.get(case.order or "")
    return order is not None and any(
        case.address in item.students or case.student.id in item.students for item in order.items
    )
