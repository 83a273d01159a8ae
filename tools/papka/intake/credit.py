"""What another school's package offers for credit, and the decisions on it (R-2.2.9).

Invariants: subject, result and hours stand as they stand there and cannot be changed by an answer;
which of our parts is meant is proposed only by an equal name; a decision is never proposed: it is
the school's, with its reason. Absent on purpose: whether the package is genuine (`package`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from papka.core.errors import Refused
from papka.core.suggestion import may_be
from papka.model.archive import Archive
from papka.model.derived.chains import counting
from papka.model.derived.scales import edition_of, part_of, scale_of
from papka.model.program import Edition, Part
from papka.model.results import Result
from papka.model.student import Student
from papka.model.study import Enrolment
from papka.text.document import read
from papka.text.emit import scalar
from papka.views.people import alphabetical
from papka.views.wording import NBSP, mark

DECISIONS = ("зачесть", "зачесть частично", "отказать")
_GENERAL = ("applied", "decided", "order")
_ANSWERED = ("part", "decision", "hours", "mark", "reason")


@dataclass(frozen=True, slots=True)
class Offer:
    """One subject there; `result` is "" when it has none, `ours` the part it may stand for."""

    subject: str
    result: str
    hours: int
    date: dt.date | None
    ours: Part | None = None


def offers(theirs: Archive, student: Student, ours: Edition | None) -> tuple[Offer, ...]:
    """Every part of every programme taken there, in the order of the records."""
    return tuple(
        _offer(theirs, student, enrolment, part, ours)
        for enrolment in student.enrolments
        if (edition := edition_of(theirs, enrolment)) is not None
        for part in edition.parts
        if not enrolment.individual_parts or part.part in enrolment.individual_parts
    )


def form(found: Iterable[Offer], today: dt.date) -> str:
    """An answers file to be filled in; only what has a result can be credited."""
    return "".join(f"{line}\n" for line in _form(found, today))


def decided(data: bytes, name: str, found: Iterable[Offer]) -> dict[str, Any]:
    """The answered part of a credit entry: its days, order and items. Raises Refused."""
    known = {offer.subject: offer for offer in found if offer.result}
    document = read(data, name)
    value = document.value
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        raise _unfit(f"Файл ответов {name} не читается")
    strange = sorted(value.keys() - {*_GENERAL, "items"})
    if strange:
        raise _unfit(f"В файле ответов {name} лишнее: {', '.join(strange)}")
    entry = {key: value[key] for key in _GENERAL if key in value}
    items = [_item(item, known) for item in value["items"]]
    if not items:
        raise _unfit(f"В файле ответов {name} нет ни одного решения")
    subjects = [item["their_subject"] for item in items]
    if len(set(subjects)) < len(subjects):
        raise _unfit("Один предмет назван дважды")
    return {**entry, "items": items}


def _item(item: Any, known: Mapping[str, Offer]) -> dict[str, Any]:  # noqa: ANN401 - a YAML value
    if not isinstance(item, dict) or not isinstance(item.get("subject"), str):
        raise _unfit("Каждое решение начинается с предмета: subject")
    subject = item["subject"]
    if subject not in known:
        raise _unfit(f"Предмета «{subject}» в пакете нет.{may_be(subject, known)}")
    strange = sorted(item.keys() - {"subject", *_ANSWERED})
    if strange:
        raise _unfit(f"У предмета «{subject}» лишнее: {', '.join(strange)}")
    if item.get("decision") not in DECISIONS:
        raise _unfit(f"По предмету «{subject}» нет решения: {', '.join(DECISIONS)}")
    offer = known[subject]
    return {
        "their_subject": offer.subject,
        "their_result": offer.result,
        "their_hours": offer.hours,
        **{key: item[key] for key in _ANSWERED if key in item},
    }


def _unfit(what: str) -> Refused:
    return Refused(what, "Образец напечатает та же команда без --answers")


def _offer(
    theirs: Archive, student: Student, enrolment: Enrolment, part: Part, ours: Edition | None
) -> Offer:
    program = theirs.programs[enrolment.program]
    known = [
        result
        for period in student.periods.values()
        for result in counting(period)
        if result.enrolment == enrolment.id and result.part == part.part
        if result.mark is not None and result.author is None
    ]
    last = max(known, key=_weight, default=None)
    return Offer(
        f"{program.title}: {part.title}",
        _words(theirs, enrolment, last),
        part.hours,
        last.date if last else None,
        _same(part, ours),
    )


def _weight(result: Result) -> tuple[int, dt.date]:
    """A final mark before one for a period, that before a current one; then the latest."""
    order = {"итоговый": 2, "за период": 1}
    return order.get(result.control or "", 0), result.date


def _words(theirs: Archive, enrolment: Enrolment, result: Result | None) -> str:
    if result is None or result.mark is None:
        return ""
    part = part_of(theirs, enrolment, result.part)
    scale = scale_of(theirs, enrolment, result.part)
    worded = mark(result.mark, scale).replace(NBSP, " ")
    return f"{worded}; шкала: {scale.title}" if part and scale else worded


def _same(part: Part, ours: Edition | None) -> Part | None:
    """The part of ours with the same name, letter for letter but for case and «ё»."""
    if ours is None:
        return None
    name = alphabetical(part.title)[0]
    found = [each for each in ours.parts if alphabetical(each.title)[0] == name]
    return found[0] if len(found) == 1 else None


def _form(found: Iterable[Offer], today: dt.date) -> Iterator[str]:
    yield "# День заявления о зачёте; решение: " + " | ".join(DECISIONS)
    yield f"applied: {today.isoformat()}"
    yield "# order: 2026/0016"
    yield "items:"
    for offer in found:
        if not offer.result:
            continue
        yield f"  # {offer.result}; часов: {offer.hours}"
        yield f"  - subject: {scalar(offer.subject)}"
        yield f"    part: {offer.ours.part}" if offer.ours else "    # part: часть нашей программы"
        yield "    # decision: решение"
        yield f"    # hours: {min(offer.hours, offer.ours.hours) if offer.ours else offer.hours}"
        yield "    # mark: отметка по нашей шкале"
        yield "    # reason: почему решено так"
