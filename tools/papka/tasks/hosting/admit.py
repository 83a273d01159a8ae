"""Admit: the one question of the hook, may this push come in?

Invariants: answered from what git holds back and what the store has, by nothing that was sent along
and by no memory; whatever cannot be judged is refused. Absent on purpose: changing anything.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from papka.core.errors import Refused
from papka.gates.git.received import received
from papka.gates.git.store import locate
from papka.tasks.hosting.answer import answer, refusal
from papka.tasks.hosting.judged import Push, judge_push
from papka.tasks.hosting.paper import paper_of
from papka.tasks.hosting.updates import objection, read_updates


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
            push = Push(room, store, update.old, update.new)
            return answer(judge_push(push, paper_of(place), now))
    except Refused as error:
        return refusal([error.message])
