"""Whose archive this is: the root's key against a fingerprint kept outside the archive."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.integrity.chronicle import Chronicle


def root_is_ours(chronicle: Chronicle) -> Iterator[Finding]:
    for step in chronicle.steps:
        if not step.is_root:
            continue
        where, key = Location(commit=step.commit.id), step.verdict.key or "неизвестный"
        if not chronicle.anchors:
            yield codes.ROOT_UNANCHORED.at(where, key=key)
        elif key not in chronicle.anchors:
            yield codes.ANCHOR_MISMATCH.at(where, key=key)
