"""Committer times never go back and never lead: writers keep `max(now, parent's time)`."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.integrity.chronicle import Chronicle

TOLERANCE = 600
"""Seconds by which honest clocks may differ."""


def in_order(chronicle: Chronicle) -> Iterator[Finding]:
    times = {step.commit.id: step.commit.committer.time for step in chronicle.steps}
    for commit in (step.commit for step in chronicle.steps):
        where = Location(commit=commit.id)
        latest = max((times.get(parent, 0) for parent in commit.parents), default=0)
        back = latest - commit.committer.time
        if back > TOLERANCE:
            yield codes.TIME_BACKWARDS.at(where, minutes=back // 60)
        elif back > 0:
            yield codes.TIME_SLIGHTLY_BACKWARDS.at(where, seconds=back)
        ahead = commit.committer.time - chronicle.now
        if ahead > TOLERANCE:
            yield codes.TIME_FUTURE.at(where, minutes=ahead // 60)
