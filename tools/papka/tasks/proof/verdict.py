"""What a verification says: findings, and what was looked at."""

from __future__ import annotations

from dataclasses import dataclass

from papka.core.findings import Finding


@dataclass(frozen=True, slots=True)
class Verified:
    """The verdict. `head` is the commit verified, `root_key` the fingerprint of the key that signed
    the first one; both are empty when there was nothing to read."""

    findings: tuple[Finding, ...]
    commits: int = 0
    objects: int = 0
    files: int = 0
    head: str = ""
    root_key: str = ""
