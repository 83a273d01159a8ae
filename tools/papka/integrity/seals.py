"""Seals as values, and their text read strictly.

Invariant: a text is a seal only when writing what was read gives the same bytes back.
Absent on purpose: making seals. The writer has its own words, so that its mistakes show here.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

_TEXT = re.compile(
    r"papka-seal v1\n"
    r"number: (?P<number>\d{4})\n"
    r"period: (?P<period>[A-Za-z0-9._-]{1,40})\n"
    r"date: (?P<date>\d{4}-\d\d-\d\d)\n"
    r"head: sha1:(?P<head>[0-9a-f]{40})\n"
    r"units: (?P<units>0|[1-9]\d{0,8})\n"
    r"units-sha256: (?P<listed>[0-9a-f]{64})\n"
    r"trust-sha256: (?P<trust>[0-9a-f]{64})\n"
    r"previous: (?P<previous>none|sha256:[0-9a-f]{64})\n",
    re.ASCII,
)


class BadSeal(ValueError):
    """No text of a seal; says why."""


@dataclass(frozen=True, slots=True)
class SealText:
    """What a seal says. `listed` and `trust` are digests in hex; `previous` is the digest of the
    seal before, empty in the first."""

    number: int
    period: str
    date: dt.date
    head: str
    units: int
    listed: str
    trust: str
    previous: str


@dataclass(frozen=True, slots=True)
class Seal:
    """A seal of the history. `digest`: SHA-256 of its text's file in hex; `head`: the commit it
    seals; `commit`: its own; `is_anchored`: it is sound and its digest was given from outside."""

    number: int
    period: str
    date: dt.date
    digest: str
    head: str
    commit: str
    is_sound: bool = True
    is_anchored: bool = False

    @property
    def name(self) -> str:
        """As its files are called: `0002`."""
        return f"{self.number:04}"


def read_seal(data: bytes) -> SealText:
    """The seal these bytes are; raises BadSeal."""
    try:
        text = data.decode("ascii")
    except UnicodeDecodeError as error:
        raise BadSeal("в тексте не только латинские знаки") from error
    match = _TEXT.fullmatch(text)
    if match is None:
        raise BadSeal(f"строка {_first_odd(text)} не та, что должна быть")
    try:
        date = dt.date.fromisoformat(match["date"])
    except ValueError as error:
        raise BadSeal(f"нет такого дня: {match['date']}") from error
    return SealText(
        int(match["number"]),
        match["period"],
        date,
        match["head"],
        int(match["units"]),
        match["listed"],
        match["trust"],
        match["previous"].removeprefix("sha256:").removeprefix("none"),
    )


def _first_odd(text: str) -> int:
    """The line, from 1, up to which the text is as it should be."""
    patterns = _TEXT.pattern.split("\\n")
    at = 0
    for number, pattern in enumerate(patterns[:-1], 1):
        match = re.compile(pattern + "\n", re.ASCII).match(text, at)
        if match is None:
            return number
        at = match.end()
    return len(patterns)
