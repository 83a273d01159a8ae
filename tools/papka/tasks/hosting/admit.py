"""Admit: the one question of the hook, may this push come in?

Invariants: answered from what git holds back and what the store has, by nothing that was sent along
and by no memory; whatever cannot be judged is refused. Absent on purpose: changing anything.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from papka.core.errors import Refused
from papka.gates.git.received import received, surplus
from papka.gates.git.store import locate
from papka.integrity.anchors import Anchors
from papka.tasks.hosting.answer import answer, refusal
from papka.tasks.hosting.paper import paper_of
from papka.tasks.hosting.updates import objection, read_updates
from papka.tasks.proof.change import Change, judge_change

_SURPLUS = "прислано лишнее: объектов, которых записи не требуют, — {count}"


def admit(place: Path, held_back: Path | None, given: str, *, now: datetime) -> tuple[str, ...]:
    """() when it may; else the lines to answer with. `given`: what git told the hook;
    `held_back`: the folder git keeps the new objects in, None when it names none: nothing was sent.

    Of two pushes at once both may be admitted: git itself moves main for one, from the commit that
    was judged.
    """
    updates = read_updates(given)
    reason = objection(updates)
    if reason:
        return refusal([reason])
    if held_back is None:
        raise Refused(
            "Эту команду запускает git, когда на сервер отправляют архив", "Запускать её не нужно"
        )
    update = updates[0]
    store = locate(place)
    try:
        with received(store, held_back) as room:
            paper = paper_of(place)
            # Later it is what lies here that a change continues.
            anchors = Anchors() if update.old else paper.anchors
            change = Change(room, store, update.old, update.new, anchors, paper.acts)
            told = answer(judge_change(change, now))
            more = 0 if told else surplus(room, store, held_back, update.old, update.new)
            return told or (refusal([_SURPLUS.format(count=more)]) if more else ())
    except Refused as error:
        return refusal([error.message])
