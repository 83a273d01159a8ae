"""What comes of asking a mirror, and of sending to it. Values only.

Invariants: each says what to do next. Absent on purpose: how it came about (`mirror`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from papka.gates.git.repository import Remote

State = Literal["equal", "behind", "ahead", "diverged", "empty", "unreachable", "unfit"]
Sent = Literal["sent", "already", "refused", "unreachable", "waiting"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How one mirror stands to the archive. `count`: commits it lacks (behind) or has more;
    `hooks`: programs that lie in a folder mirror, which nobody here runs."""

    remote: Remote
    state: State
    count: int = 0
    extra: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    reason: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of sending to one mirror; `before` and `after` are its main as read there.

    `reason`: why not; of one that took it, what went wrong beside it.
    """

    remote: Remote
    sent: Sent
    before: str | None = None
    after: str | None = None
    reason: str = ""
    next_step: str = ""

    @property
    def is_good(self) -> bool:
        return self.sent in ("sent", "already")


@dataclass(frozen=True, slots=True)
class Pushed:
    """All outcomes, the primary's first."""

    head: str
    outcomes: tuple[Outcome, ...]

    @property
    def is_good(self) -> bool:
        return all(outcome.is_good for outcome in self.outcomes)

    @property
    def is_unreachable(self) -> bool:
        """Whether something could not be reached and nothing was refused: exit code 4."""
        bad = [outcome.sent for outcome in self.outcomes if not outcome.is_good]
        return bool(bad) and "refused" not in bad
