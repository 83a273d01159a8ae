"""What is about to leave this copy, judged by the rules of `verify` before any mirror sees it.

Invariants: what one mirror lacks is judged once however many lack it; what does not continue a
mirror's history is left to the mirror, which refuses it. Absent on purpose: sending.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from threading import Lock

from papka.core.errors import Refused
from papka.core.findings import Finding, Severity
from papka.core.history import parse_commit
from papka.gates.git.cleanroom import CleanRoom, clean_room
from papka.gates.git.reading import commits_back, head, read_commit
from papka.gates.git.repository import remotes
from papka.gates.git.store import locate
from papka.gates.git.transport import last_confirmed
from papka.integrity.trust_state import TrustState
from papka.tasks.proof.change import Change, judge_commits
from papka.tasks.proof.history import trust_states

UNSENDABLE = (
    "Посмотрите всё: papka verify. Если запись сделана командой git commit и ещё не отправлена: "
    "git reset --soft HEAD~1 (файлы останутся), затем papka save. Честную ошибку признаёт "
    "руководитель: papka trust accept"
)


_LOOKED_AT = 100


class Gate:
    """Says why commits may not leave; `now`: None to hold them against no clock."""

    def __init__(self, root: Path, now: datetime | None) -> None:
        self._root = root
        self._now = now
        self._known: dict[tuple[str, str], tuple[Finding, ...]] = {}
        self._one = Lock()

    def objection(self, old: str, new: str) -> tuple[str, str] | None:
        """What a person is told of it and what to do; None when all may go."""
        with self._one:
            found = self.refused(old, new)
        if not found:
            return None
        worst = max(found, key=lambda finding: finding.severity)
        where = worst.where
        place = f"запись {where.commit[:12]}: " if where.commit else f"{where.path}: "
        more = f" (и ещё замечаний: {len(found) - 1})" if len(found) > 1 else ""
        told = f"не отправлено, проверки не проходит: {worst.code.name}: {place}{worst.message}"
        return told + more, UNSENDABLE

    def refused(self, old: str, new: str) -> tuple[Finding, ...]:
        """The errors of what comes after `old` (empty: nothing was sent yet) up to `new`."""
        if (old, new) not in self._known:
            self._known[old, new] = self._judged(old, new)
        return self._known[old, new]

    def _judged(self, old: str, new: str) -> tuple[Finding, ...]:
        store = locate(self._root)
        now = self._now or read_commit(self._root, new).committer.moment
        with clean_room(store) as room:
            try:
                # Whoever receives new keys asks for the paper himself.
                acts = frozenset(act.digest for act in _trust(room, new).refoundings)
                change = Change(room, store, old, new, acts=acts)
                found = judge_commits(change, now)
            except Refused:
                return ()
        return tuple(finding for finding in found if finding.severity >= Severity.ERROR)


def unsent_errors(root: Path, now: datetime) -> tuple[Finding, ...]:
    """Why what the primary has not confirmed yet would not be sent; where nothing was ever sent, of
    the last commits only, for all of them are judged when they are sent."""
    tip = head(root)
    primary = next(iter(remotes(root)), None)
    known = last_confirmed(root, primary) if primary else None
    if tip is None or known == tip:
        return ()
    if known is None:
        line = commits_back(root, tip, _LOOKED_AT)
        known = line[-1]
    return Gate(root, now).refused(known, tip)


def _trust(room: CleanRoom, tip: str) -> TrustState:
    commit = parse_commit(tip, room.objects().read(tip)[1])
    return trust_states(room, [commit], {})[tip]
