"""Verifying with a memory, as a computer does that has seen the archive before."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from papka.proof.examination import Verified
from papka.proof.memory import Memory
from papka.proof.verification import verify
from tests.support.histories import NOW, School

LATER = NOW + timedelta(hours=1)


def look(
    school: School,
    memory: Memory,
    *anchors: str,
    at: Path | None = None,
    since: str | None = None,
) -> Verified:
    """What is found, given the head's fingerprint unless others are."""
    given = anchors or (school.fingerprint,)
    place = at or school.root
    return verify(
        place, now=LATER, anchors=given, memory=memory, judged=memory, since=since
    )  # fmt: skip


def names(found: Verified) -> list[str]:
    return sorted({finding.code.name for finding in found.findings})
