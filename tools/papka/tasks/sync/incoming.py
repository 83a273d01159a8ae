"""Is what another store sends fit to be taken: signed by whom it says, within their rights, sound?

Invariants: looked at in quarantine, before the archive holds a byte of it; each commit is judged as
the server's hook judges it, then the state they leave. Absent on purpose: taking it, and comparing
the first state with the last: what the head accepted of a commit between must stay accepted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.core import history
from papka.core.findings import Finding, Severity
from papka.core.history import Commit
from papka.core.snapshot import DictSnapshot, Snapshot
from papka.gates.git.quarantine import Quarantine
from papka.gates.git.reading import changed_paths
from papka.gates.git.store import locate
from papka.tasks.check import judge_step, state_before
from papka.tasks.proof.change import Change, judge_commits
from papka.tasks.proof.history import changes_of


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
    changed: tuple[history.Change, ...]
    authors: Mapping[str, str]
    before: Snapshot
    after: Snapshot
    findings: tuple[Finding, ...]


def look_at(  # noqa: PLR0913  # from where to where, and what it is judged by
    root: Path,
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
    change = Change(
        held.room, locate(root), base, tip,
        acts=vouched.refoundings, accepted=vouched.accepted,
    )  # fmt: skip
    findings = judge_commits(change, now)
    by_commit = changes_of(held.room, [held.commit(base), *commits])
    authors = {
        each.path: commit.author.name for commit in commits for each in by_commit.get(commit.id, ())
    }
    states: dict[str, bytes | None] = dict.fromkeys(touched, b"")
    states |= {each.path: None if each.deleted else b"" for each in changed}
    before = state_before(held.folder, base, states)
    after = state_before(held.folder, tip, states)
    # A history that lies is not read any further: its records prove nothing.
    if not any(finding.severity >= Severity.ERROR for finding in findings):
        findings += judge_step(DictSnapshot({}), after, [each.path for each in changed])[1]
    return Incoming(commits, changed, authors, before, after, tuple(findings))
