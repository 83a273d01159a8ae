"""New results as files of personal folders.

Invariants: a file that is there keeps every byte of what it holds, entries are added below; a new
file is written whole; keys stand in the order the schema lists them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from papka.core.layout import results_file
from papka.intake.proposal import Added, Shelf
from papka.model.results import Result
from papka.text.edit import append_lines
from papka.text.emit import scalar

_SCHEMA = "# yaml-language-server: $schema=../../../../../schema/results.json\n"
_PLAIN = (
    *("id", "enrolment", "kind", "origin", "event", "part", "control", "date", "mark"),
    *("assessed_by", "text", "resit_by", "resits", "replaces", "reason"),
)

# 4 and "4" are two scalars
_scalar = lru_cache(maxsize=4096, typed=True)(scalar)


def results_files(
    shelves: Iterable[Shelf], period: str, lying: Mapping[str, bytes]
) -> dict[str, bytes]:
    """Path -> bytes of every file that gets an entry; `lying` are those that are there."""
    return {
        path: _file(period, own.added, lying.get(path))
        for own in shelves
        if own.added
        for path in (results_file(own.student.id, period),)
    }


def lines_of(result: Result) -> list[str]:
    """The entry as lines of the list, indented: a hundred thousand are written at a time."""
    found = [
        f"{key}: {_scalar(value)}" for key in _PLAIN if (value := getattr(result, key)) is not None
    ]
    if result.shows:
        found.append("shows:")
        for each in result.shows:
            found += [f"  - outcome: {_scalar(each.outcome)}", f"    level: {_scalar(each.level)}"]
    source = result.source
    if source is not None:
        found += [
            "source:",
            f"  import: {_scalar(source.export)}",
            f"  row: {source.row}",
            f"  column: {source.column}",
            f"  raw: {_scalar(source.raw)}",
        ]
        if source.by_hand:
            found.append(f"  by_hand: {_scalar(source.by_hand)}")
    return [f"  - {found[0]}", *(f"    {line}" for line in found[1:])]


def _file(period: str, added: Iterable[Added], lying: bytes | None) -> bytes:
    lines = [line for each in added for line in lines_of(each.result)]
    if lying is not None:
        return append_lines(lying, "results", lines)
    head = f"{_SCHEMA}period: {_scalar(period)}\nresults:\n"
    return "".join((head, *(f"{line}\n" for line in lines))).encode()
