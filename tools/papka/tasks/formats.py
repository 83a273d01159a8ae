"""What the school's own declarations must become when the format rises, step by step.

Invariants: a step adds what the program's work needs and turns right what it reads the wrong way;
nothing the school wrote is taken away or said otherwise; text is spliced, so comments stay. Each
step runs once in the life of an archive: `format` says which have run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from papka.core.layout import FORMAT
from papka.text.document import read
from papka.text.edit import append_entry, replace_scalar, set_value
from papka.views.issued.request import SERIES

Step = Callable[[bytes, Mapping[str, Any]], tuple[bytes, tuple[str, ...]]]


def raised(data: bytes, declared: Mapping[str, Any]) -> tuple[bytes, tuple[str, ...]]:
    """organization.yaml in today's format, and what was changed in it, in words.

    `declared` is what a new archive declares.
    """
    value = read(data, "").value
    told: list[str] = []
    for number in range(value.get("format", FORMAT), FORMAT):
        data, said = STEPS[number](data, declared)
        data = replace_scalar(data, "/format", number + 1)
        told += [*said, f"формат {number} → {number + 1}"]
    return data, tuple(told)


def _second(data: bytes, declared: Mapping[str, Any]) -> tuple[bytes, tuple[str, ...]]:
    """Series, purposes and terms that `issue`, consents and destruction ask for; scales of words
    from the lowest to the highest."""
    told: list[str] = []
    value = read(data, "").value
    for at, scale in enumerate(value.get("scales") or ()):
        if turned := _turned(scale):
            data = set_value(data, f"/scales/{at}/marks", turned)
            told.append(f"шкала «{scale['scale']}»: отметки от низшей к высшей")
    if value["kind"] != declared["kind"]:
        return data, tuple(told)
    for series in _lacking_series(value, declared):
        data = append_entry(data, "series", series)
        told.append(f"серия {series['series']} «{series['title']}», номера {series['prefix']}-…")
    if not value.get("purposes"):
        for purpose in declared.get("purposes") or ():
            data = append_entry(data, "purposes", purpose)
            told.append(f"цель согласия «{purpose['title']}»: прочтите её текст до первой подписи")
    kept = {each["unit"] for each in value.get("retention") or ()}
    for each in declared.get("retention") or ():
        if each["unit"] not in kept:
            data = append_entry(data, "retention", each)
            told.append(f"срок хранения «{each['unit']}»: {each['source']}")
    return data, tuple(told)


def _turned(scale: Mapping[str, Any]) -> list[str]:
    """The marks of a scale written from the highest down, the other way round; else nothing."""
    marks, passing = scale.get("marks") or [], set(scale.get("passing_marks") or ())
    if not passing or len(passing) == len(marks) or set(marks[: len(passing)]) != passing:
        return []
    return list(reversed(marks))


def _lacking_series(value: Mapping[str, Any], declared: Mapping[str, Any]) -> Iterator[Any]:
    there = value.get("series") or ()
    names, taken = {each["series"] for each in there}, {each["prefix"] for each in there}
    for series in declared["series"]:
        if series["series"] not in SERIES.values() or series["series"] in names:
            continue
        prefix = series["prefix"]
        while prefix in taken:
            prefix += series["prefix"]
        taken.add(prefix)
        yield {**series, "prefix": prefix}


STEPS: Mapping[int, Step] = {1: _second}
"""Format -> what leads to the next one."""
