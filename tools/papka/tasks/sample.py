"""The sample school, and the same school with many more students for trials of scale."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping

from papka.core.layout import place, student_folder
from papka.gates.shipped import ShippedSnapshot


def sample() -> dict[str, bytes]:
    """The records that come with the program; all people are invented."""
    shipped = ShippedSnapshot("records")
    return dict(shipped.read_many(shipped.paths()))


def multiplied(records: Mapping[str, bytes], students: int) -> dict[str, bytes]:
    """`records` with `students` personal files: the first as they are, the rest copies under new
    numbers (never fewer than there are)."""
    folders: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for path, data in records.items():
        found = place(path)
        if found is not None and found.student:
            folders[found.student][path.removeprefix(student_folder(found.student))] = data
    originals = sorted(folders)
    last: dict[str, int] = {}
    for student in originals:
        year, number = student.split("-")
        last[year] = max(last.get(year, 0), int(number))
    result = dict(records)
    for index in range(len(originals), students):
        source = originals[index % len(originals)]
        year = source[:4]
        last[year] += 1
        copy = f"{year}-{last[year]:04d}"
        for tail, data in folders[source].items():
            result[student_folder(copy) + tail] = _copied(tail, data, source, copy)
    return result


def _copied(tail: str, data: bytes, source: str, copy: str) -> bytes:
    if tail == "/.salt":
        return hashlib.sha256(copy.encode()).digest()
    return data.replace(source.encode(), copy.encode()) if tail.endswith(".yaml") else data
