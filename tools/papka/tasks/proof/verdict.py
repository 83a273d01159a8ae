"""What a verification says: findings, and what was looked at."""

from __future__ import annotations

from dataclasses import dataclass, field

from papka.core.findings import Finding
from papka.integrity.anchors import Anchors
from papka.integrity.seals import Seal


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
