"""History is one line: a merge smuggles content past both its sides."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.integrity.chronicle import Chronicle


def no_merges(chronicle: Chronicle) -> Iterator[Finding]:
    for step in chronicle.steps:
        commit = step.commit
        if len(commit.parents) > 1:
            yield codes.MERGE_COMMIT.at(
                Location(commit=commit.id), count=len(commit.parents), commit=commit.id
            )
