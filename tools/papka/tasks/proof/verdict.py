"""What a verification says: findings, and what was looked at; a part that could not be done too.

Invariant: one part's refusal throws away the findings of no other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from papka.core.codes.repository import CHECK_STOPPED
from papka.core.errors import PapkaError, cannot_access
from papka.core.findings import Finding, Location
from papka.integrity.anchors import Anchors
from papka.integrity.seals import Seal

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verified:
    """The verdict. `head` is the commit verified, `root` the first one and `root_key` the
    fingerprint of the key that signed it; all are empty when there was nothing to read.

    `anchors_met`: what was given from outside or remembered from paper, and answered to here.
    `since`: the commit after which the history was judged, empty when all of it was; `objects` then
    counts what came after it, and `seals` is empty. `transitions`: steps whose records were
    compared with those before. `remembered`: whether this computer knew the archive.
    """

    findings: tuple[Finding, ...]
    commits: int = 0
    objects: int = 0
    files: int = 0
    head: str = ""
    root: str = ""
    root_key: str = ""
    seals: tuple[Seal, ...] = ()
    anchors_met: Anchors = field(default_factory=Anchors)
    since: str = ""
    transitions: int = 0
    remembered: bool = False


def attempt(part: str, findings: list[Finding], work: Callable[[], T], otherwise: T) -> T:
    """What `work` gives; `otherwise` when it cannot be done, which is told among the findings."""
    try:
        return work()
    except PapkaError as error:
        trouble = error
    except OSError as error:
        trouble = cannot_access(error)
    step = trouble.next_step.rstrip(".") or "papka verify"
    findings.append(
        CHECK_STOPPED.at(Location(), part=part, reason=trouble.message.rstrip("."), step=step)
    )
    return otherwise


def collect(part: str, findings: list[Finding], work: Callable[[], Iterable[Finding]]) -> None:
    """Adds what `work` finds, also when it stops in the middle."""

    def one_by_one() -> None:
        for finding in work():
            findings.append(finding)  # noqa: PERF402 - what was found before it stops stays

    attempt(part, findings, one_by_one, None)
