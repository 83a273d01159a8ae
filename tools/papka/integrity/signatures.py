"""Each commit carries one good signature, in its one spelling, of a key trusted before it."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.integrity.chronicle import Chronicle


def each_is_good(chronicle: Chronicle) -> Iterator[Finding]:
    for step in chronicle.steps:
        where, verdict = Location(commit=step.commit.id), step.verdict
        if verdict.state == "missing":
            yield codes.SIG_MISSING.at(where, commit=step.commit.id)
        elif verdict.state == "altered":
            yield codes.SIG_MALLEABLE.at(where, detail=verdict.detail)
        elif verdict.state == "bad":
            yield codes.SIG_BAD.at(where, detail=verdict.detail)
        elif verdict.state == "unknown":
            yield codes.SIG_UNKNOWN_KEY.at(where, key=verdict.key)
