"""Is what another store sends fit to be taken: signed by whom it says, within their rights, sound?

Invariants: looked at in quarantine, before the archive holds a byte of it; each commit is judged by
the trust at its parent, the records as one step from the last common commit (so that the author of
a mistake can mend it by another commit). Absent on purpose: taking it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from papka.core.findings import Finding, Severity
from papka.core.history import Change, Commit
from papka.core.snapshot import Snapshot
from papka.gates.git.quarantine import Quarantine
from papka.gates.git.reading import changed_paths
from papka.integrity.acceptances import accept
from papka.integrity.chronicle import Chronicle, judge, standing_of
from papka.integrity.rules import judge_history
from papka.integrity.standing import Accepted
from papka.tasks.check import judge_step, state_before
from papka.tasks.proof.history import changes_of, trust_states


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the caller vouches for that the archive does not say yet. `accepted`: (commit, code)
    the head is about to accept; `refoundings`: digests of paper acts."""

    accepted: frozenset[tuple[str, str]] = frozenset()
    refoundings: frozenset[str] = frozenset()


NOBODY = Vouched()


@dataclass(frozen=True, slots=True)
class Incoming:
    """What came. `changed`: what the commits did taken together; `authors`: path -> who wrote it
    last; `before` and `after`: the records around it, as far as they are touched."""

    commits: tuple[Commit, ...]
    changed: tuple[Change, ...]
    authors: Mapping[str, str]
    before: Snapshot
    after: Snapshot
    findings: tuple[Finding, ...]


def look_at(  # noqa: PLR0913  # from where to where, and what it is judged by
    held: Quarantine,
    base: str,
    tip: str,
    *,
    now: datetime,
    touched: Sequence[str] = (),
    vouched: Vouched = NOBODY,
) -> Incoming:
    """Judges the commits after `base` up to `tip`; `touched`: paths the caller will ask about."""
    commits = held.line(base, tip)
    changed = changed_paths(held.folder, base, tip)
    by_commit, findings = _history(held, base, commits, now, vouched)
    authors = {
        change.path: commit.author.name
        for commit in commits
        for change in by_commit.get(commit.id, ())
    }
    states: dict[str, bytes | None] = dict.fromkeys(touched, b"")
    states |= {change.path: None if change.deleted else b"" for change in changed}
    before = state_before(held.folder, base, states)
    after = state_before(held.folder, tip, states)
    # A history that lies is not read any further: its records prove nothing.
    if not any(finding.severity >= Severity.ERROR for finding in findings):
        findings += judge_step(before, after, [change.path for change in changed])[1]
    return Incoming(commits, changed, authors, before, after, tuple(findings))


def _history(
    held: Quarantine, base: str, commits: Sequence[Commit], now: datetime, vouched: Vouched
) -> tuple[Mapping[str, tuple[Change, ...]], list[Finding]]:
    """What each commit did, and what the rules of history say of all after `base`."""
    room = held.room
    known = [held.commit(base), *commits]
    changes = changes_of(room, known) | {base: ()}
    steps = judge(known, changes, trust_states(room, known, changes), vouched.refoundings)
    files = room.files(commits[-1].id) if commits else {}
    chronicle = Chronicle(steps, int(now.timestamp()), files)
    standing = standing_of(steps)
    accepted = {**standing.accepted, **dict.fromkeys(vouched.accepted, (Accepted(""),))}
    found = accept(judge_history(chronicle), replace(standing, accepted=accepted), steps)
    return changes, [finding for finding in found if finding.where.commit != base]
