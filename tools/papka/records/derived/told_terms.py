"""What `papka status` told of a personal file, kept so that the file need not be read.

Ids, codes, counts and days alone: a text is of our own words, codes and days. A file that has
anything to tell in a person's own words, or that daily records may change, is not kept at all.
"""

from __future__ import annotations

import datetime as dt

import msgspec


class ToldTerm(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A deadline; `path` and `pointer` say where it stands, `code` is the name of what it finds."""

    about: str
    address: str
    text: str
    day: dt.date | None
    path: str
    pointer: str
    code: str | None


class ToldFile(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """All that was told on each day from `first` to `last`. `basis`: digest of the file and of all
    else it rests on; `entries`: counts of results by period; `waiting`: of the entries without
    approval, and of those an act may name, by period."""

    basis: bytes
    first: dt.date
    last: dt.date
    entries: dict[str, int] = {}
    waiting: dict[str, tuple[int, int]] = {}
    terms: tuple[ToldTerm, ...] = ()


_decode = msgspec.msgpack.Decoder(ToldFile).decode
_encode = msgspec.msgpack.Encoder().encode


def write_told(told: ToldFile) -> bytes:
    """Encode what was told of a file."""
    return _encode(told)


def read_told(data: bytes) -> ToldFile | None:
    """Read what was told of a file; None for what another edition of papka wrote."""
    try:
        return _decode(data)
    except msgspec.MsgspecError:
        return None
