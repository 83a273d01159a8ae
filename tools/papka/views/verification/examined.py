"""What a verification looked at, as the protocol is told it.

Absent on purpose: how it was done; these values are made by whoever verified.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from papka.core.findings import Finding


@dataclass(frozen=True, slots=True)
class Anchor:
    """Something taken from paper: `kind` is what it is, `text` how it was understood."""

    kind: str
    text: str
    is_met: bool


@dataclass(frozen=True, slots=True)
class SealTold:
    number: str
    date: str
    digest: str
    is_anchored: bool


@dataclass(frozen=True, slots=True)
class Examined:
    """`organization` is what the archive calls itself; `head` is empty when nothing could be read.

    `since`: the commit after which history was judged, empty when all was; `memory`: whether this
    computer's memory was asked, `remembered`: whether it knew the archive; `mirrors`: names of
    those verified along; `has_folder`: False for a bare store.
    """

    place: str
    when: dt.datetime
    program: str
    findings: tuple[Finding, ...]
    organization: str = ""
    commits: int = 0
    objects: int = 0
    files: int = 0
    head: str = ""
    root: str = ""
    root_key: str = ""
    seals: tuple[SealTold, ...] = ()
    anchors: tuple[Anchor, ...] = ()
    since: str = ""
    transitions: int = 0
    memory: bool = False
    remembered: bool = False
    mirrors: tuple[str, ...] = ()
    has_folder: bool = True
