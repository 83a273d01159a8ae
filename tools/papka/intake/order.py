"""How the parts of an export stood in its file: the one place that knows rows of all students.

Invariants: it lies in a unit, for it holds the exact size, the plain digest and the name of the
file; whoever has the parts puts them together by it without reading a single cell, so no later
reader of CSV can spoil what was kept. Plain text:

    papka-order v1
    file: "Оценки 9А.csv"
    size: 1234
    sha256: <64>
    completed: 2            bytes of a line end the last row lacked in the file
    8121 1 46               number of the part, rows, bytes taken from it next
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import NamedTuple

_HEAD = re.compile(
    r'papka-order v1\nfile: (?P<file>"[^\n]*")\nsize: (?P<size>\d+)\n'
    r"sha256: (?P<sha256>[0-9a-f]{64})\ncompleted: (?P<completed>[0-9])\n",
    re.ASCII,
)
_RUN = re.compile(r"([1-9][0-9]*) ([0-9]+) ([0-9]+)\n", re.ASCII)


class Run(NamedTuple):
    """Neighbouring rows of one part; `rows` is 0 for bytes between rows."""

    part: int
    rows: int
    size: int


class Order(NamedTuple):
    """`runs` is empty for a workbook, which is kept whole; `completed` bytes at the end of what
    the runs give do not stand in the file."""

    file: str
    size: int
    sha256: str
    completed: int = 0
    runs: tuple[Run, ...] = ()


def merged(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Runs of one part that touch as one."""
    found: list[Run] = []
    for run in runs:
        if found and found[-1].part == run.part:
            last = found.pop()
            found.append(Run(run.part, last.rows + run.rows, last.size + run.size))
        else:
            found.append(run)
    return tuple(found)


def order_text(order: Order) -> bytes:
    name = json.dumps(order.file, ensure_ascii=not _is_text(order.file))
    head = (
        f"papka-order v1\nfile: {name}\nsize: {order.size}\n"
        f"sha256: {order.sha256}\ncompleted: {order.completed}\n"
    )
    runs = (f"{run.part} {run.rows} {run.size}\n" for run in order.runs)
    return "".join((head, *runs)).encode()


def _is_text(name: str) -> bool:
    """False for a name whose bytes were no UTF-8: it is written with escapes."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_order(data: bytes) -> Order | None:
    """None when it is no order."""
    text = data.decode("utf-8", errors="replace")
    head = _HEAD.match(text)
    if head is None:
        return None
    runs: list[Run] = []
    at = head.end()
    while at < len(text):
        found = _RUN.match(text, at)
        if found is None:
            return None
        runs.append(Run(int(found[1]), int(found[2]), int(found[3])))
        at = found.end()
    try:
        name = json.loads(head["file"])
    except ValueError:
        return None
    return Order(name, int(head["size"]), head["sha256"], int(head["completed"]), tuple(runs))
