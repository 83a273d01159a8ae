"""What the school's own records must become when the format rises, step by step.

Invariants: a step adds what the program's work needs and turns right what it reads the wrong way;
nothing the school wrote is taken away or said otherwise; text is spliced, so comments stay. Each
step runs once in the life of an archive: `format` says which have run.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from papka.core.layout import FORMAT, ORGANIZATION, RECORDS
from papka.text.document import read
from papka.text.edit import append_entry, replace_scalar, set_value
from papka.views.issued.request import SERIES

REGULATIONS = f"{RECORDS}/regulations/"
_WITH_ACTS = 2
"""The format whose archives begin with drafts of local acts."""
Step = Callable[[bytes, Mapping[str, Any]], tuple[bytes, tuple[str, ...]]]


def raised(
    data: bytes, regulations: Collection[str], fresh: Mapping[str, bytes]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Records in today's format: those that change, and what changes, in words.

    `data` is organization.yaml, `regulations` the paths of local acts there are, `fresh` the
    records of a school that starts today.
    """
    value, declared = (read(each, ORGANIZATION).value for each in (data, fresh[ORGANIZATION]))
    told: list[str] = []
    files: dict[str, bytes] = {}
    if value.get("format", FORMAT) < _WITH_ACTS and not regulations and _is_same(value, declared):
        files = {path: text for path, text in fresh.items() if path.startswith(REGULATIONS)}
        told += [f"{path}: заготовка, её утверждает руководитель" for path in files]
    for number in range(value.get("format", FORMAT), FORMAT):
        data, said = STEPS[number](data, declared)
        data = replace_scalar(data, "/format", number + 1)
        told += [f"{ORGANIZATION}: {what}" for what in said]
        told.append(f"{ORGANIZATION}: формат {number} → {number + 1}")
    return files | {ORGANIZATION: data}, tuple(told)


def _is_same(value: Mapping[str, Any], declared: Mapping[str, Any]) -> bool:
    """Whether the archive is of the kind a new one is: a restricted one declares little."""
    return bool(value["kind"] == declared["kind"])


def _second(data: bytes, declared: Mapping[str, Any]) -> tuple[bytes, tuple[str, ...]]:
    """Series, purposes and terms that `issue`, consents and destruction ask for; scales of words
    from the lowest to the highest."""
    told: list[str] = []
    value = read(data, "").value
    for at, scale in enumerate(value.get("scales") or ()):
        if turned := _turned(scale):
            data = set_value(data, f"/scales/{at}/marks", turned)
            told.append(f"шкала «{scale['scale']}»: отметки от низшей к высшей")
    if not _is_same(value, declared):
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
