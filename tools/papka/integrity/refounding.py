"""`records/trust/refoundings/<nnnn>`: both head keys were lost, a paper act names the new ones.

The file, six lines, LF:
    papka-refounding v1
    head: sha1:<40>          the last commit before it, this one's only parent
    seal: sha256:<64>|none   the newest seal at that head
    daily: SHA256:<43>       the new keys
    recovery: SHA256:<43>
    date: 2026-01-20
Its SHA-256 stands on the act that the head signs by hand. Invariants: the commit adds exactly this
file, both keys, and `retired` lines at that head for every head key before; without the digest
from paper it is an intruder's commit like any other. Absent on purpose: making it.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

_TEXT = re.compile(
    r"papka-refounding v1\n"
    r"head: sha1:(?P<head>[0-9a-f]{40})\n"
    r"seal: (?:none|sha256:(?P<seal>[0-9a-f]{64}))\n"
    r"daily: (?P<daily>SHA256:[A-Za-z0-9+/]{43})\n"
    r"recovery: (?P<recovery>SHA256:[A-Za-z0-9+/]{43})\n"
    r"date: (?P<date>\d{4}-\d{2}-\d{2})\n",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Refounding:
    """`digest`: SHA-256 of the file, what paper says; `seal` is empty without seals."""

    path: str
    digest: str
    head: str
    seal: str
    daily: str
    recovery: str
    date: str


def read_refounding(path: str, data: bytes) -> Refounding | None:
    """What the file says; None unless it is spelled exactly as due."""
    match = _TEXT.fullmatch(data.decode("utf-8", "replace"))
    if match is None:
        return None
    return Refounding(
        path,
        hashlib.sha256(data).hexdigest(),
        match["head"],
        match["seal"] or "",
        match["daily"],
        match["recovery"],
        match["date"],
    )
