"""The sample school, and the same school with many more students for trials of scale."""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from papka.core.layout import RECORDS, place, student_folder
from papka.gates.shipped import ShippedSnapshot

_EXTREME = 32 * 1024
"""Bytes of records; a personal file above stands for a rare one and is not copied."""

_ADDRESS = re.compile(rb"^ +- (\d{4}-\d{4,})(?:#\w+)?\n", re.MULTILINE)
"""A line of an order that names a student or an entry of one."""


def sample() -> dict[str, bytes]:
    """The records that come with the program; all people are invented."""
    shipped = ShippedSnapshot("records")
    return dict(shipped.read_many(shipped.paths()))


def multiplied(records: Mapping[str, bytes], students: int) -> dict[str, bytes]:
    """`records` with `students` personal files: the first as they are, the rest copies under new
    numbers (never fewer than there are); orders name the copies beside their originals."""
    folders: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for path, data in records.items():
        found = place(path)
        if found is not None and found.student:
            folders[found.student][path.removeprefix(student_folder(found.student))] = data
    last: dict[str, int] = {}
    for student in folders:
        year, number = student.split("-")
        last[year] = max(last.get(year, 0), int(number))
    result = dict(records)
    copies: defaultdict[bytes, list[bytes]] = defaultdict(list)
    originals = [student for student in sorted(folders) if _size(folders[student]) < _EXTREME]
    for index in range(students - len(folders)):
        source = originals[index % len(originals)]
        year = source[:4]
        last[year] += 1
        copy = f"{year}-{last[year]:04d}"
        copies[source.encode()].append(copy.encode())
        for tail, data in folders[source].items():
            result[student_folder(copy) + tail] = _copied(tail, data, source, copy)
    for path, data in records.items():
        if path.startswith(f"{RECORDS}/orders/") and path.endswith(".yaml"):
            result[path] = _naming(data, copies)
    return result


def _size(folder: Mapping[str, bytes]) -> int:
    return sum(len(data) for tail, data in folder.items() if tail.endswith(".yaml"))


def _naming(order: bytes, copies: Mapping[bytes, Sequence[bytes]]) -> bytes:
    return _ADDRESS.sub(
        lambda line: b"".join(
            line[0].replace(line[1], student) for student in (line[1], *copies.get(line[1], ()))
        ),
        order,
    )


def _copied(tail: str, data: bytes, source: str, copy: str) -> bytes:
    if tail == "/.salt":
        return hashlib.sha256(copy.encode()).digest()
    return data.replace(source.encode(), copy.encode()) if tail.endswith(".yaml") else data
