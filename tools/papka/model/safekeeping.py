"""imports/, media/, trust/accepted/: exports taken, copies made, honest mistakes accepted.

Only ids and salted digests stand here: these files outlive personal folders and must not confirm
a guess of what a destroyed one held.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from papka.model.record import Record


class Import(Record, frozen=True, kw_only=True):
    """Manifest of a platform's export (R-6.2): `export` and `edition` say by which description it
    was read. Its parts stand in a list of their own (`imported`): thousands of students would
    outgrow a YAML file."""

    platform: str
    export: str
    edition: int
    period: str
    taken: dt.date
    by: str
    layout: Literal["csv", "xlsx", "ods", "json"]
    encoding: str | None = None
    delimiter: str | None = None


class Copy(Record, frozen=True, kw_only=True):
    """A backup on one medium (R-6.3). `size` in bytes; `sha256` of the copy's manifest, which holds
    the digest of every file; `head` is the commit copied; `device` the file system's own number."""

    date: dt.date
    medium: str
    kind: str
    size: int
    sha256: str
    made_by: str
    place: str | None = None
    verified: dt.date | None = None
    verified_by: str | None = None
    restored: dt.date | None = None
    act: str | None = None
    head: str | None = None
    device: str | None = None


class Inspection(Record, frozen=True, kw_only=True):
    """A periodic report of integrity and authenticity (R-6.1); `head` is a commit id.

    `verdict`: whether the archive can be restored from what was looked at; absent in reports made
    by hand, which say it in `outcome`."""

    date: dt.date
    store: str
    head: str
    made_by: str
    outcome: str
    verdict: Literal["годна", "негодна"] | None = None


class Media(Record, frozen=True, kw_only=True):
    """The journal of a school year's copies; two distinct media are due (R-6.3)."""

    copies: tuple[Copy, ...] = ()
    inspections: tuple[Inspection, ...] = ()


class Acceptance(Record, frozen=True, kw_only=True):
    """The head takes one finding about one commit as an honest accident."""

    commit: str
    code: str
    reason: str
