"""Committer times never go back and never lead: writers keep `max(now, parent's time)`.

Invariant: a commit accepted as made by a wrong clock is nobody's "parent's time": what follows it
is held against the time before it, so that honest people go on with a right clock.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.integrity.acceptances import is_accepted
from papka.integrity.chronicle import Chronicle

TOLERANCE = 600
"""Seconds by which honest clocks may differ."""


def in_order(chronicle: Chronicle) -> Iterator[Finding]:
    standing = chronicle.standing
    times: dict[str, int] = {}
    for step in chronicle.steps:
        commit = step.commit
        where, time = Location(commit=commit.id), commit.committer.time
        latest = max((times.get(parent, 0) for parent in commit.parents), default=0)
        wrong = is_accepted(step, codes.TIME_FUTURE.name, standing)
        times[commit.id] = latest if wrong else time
        if latest - time > TOLERANCE:
            yield codes.TIME_BACKWARDS.at(where, minutes=(latest - time) // 60)
        elif latest > time:
            yield codes.TIME_SLIGHTLY_BACKWARDS.at(where, seconds=latest - time)
        ahead = time - chronicle.now
        if ahead > TOLERANCE:
            yield codes.TIME_FUTURE.at(where, minutes=ahead // 60)
