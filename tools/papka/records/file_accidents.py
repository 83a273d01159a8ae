"""Accidents with a whole file: what is in it is no record, or is there twice.

They are looked for before anything is read, and told alone: whatever the reader would say of such a
file follows from the accident.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import NamedTuple

from papka.core.findings import Finding, Location
from papka.records import mend_codes as codes
from papka.records.draft import Draft
from papka.records.line_mends import SchemaWords

_SIGNS = (
    (b"%PDF", "документ PDF"),
    (b"PK\x03\x04", "документ Word, таблица Excel или архив ZIP"),
    (b"\xd0\xcf\x11\xe0", "документ Word или таблица Excel"),
    (b"\xff\xd8\xff", "картинка"),
    (b"\x89PNG", "картинка"),
    (b"{\\rtf", "документ RTF"),
    (b"<!DOCTYPE", "страница сайта"),
    (b"<html", "страница сайта"),
    (b"b0VIM", "служебный файл редактора"),
)
_MOSTLY = 3
_MARKERS = re.compile(r"(?:<{7}|={7}|>{7}|\|{7})(?: .*)?\r?\Z")


def recognise(data: bytes, path: str) -> Finding | None:
    """Tell the accident that left no record in a file; None when there may be one."""
    where = Location(path, line=1, column=1)
    if not data.strip(b" \r\n\t\xef\xbb\xbf"):
        return codes.FILE_EMPTIED.at(where, path=path)
    zeros = data.count(0)
    if zeros == len(data) or (zeros * _MOSTLY > len(data) and b"\0\0\0\0" in data):
        return codes.FILE_ZEROED.at(where, path=path)
    for sign, what in _SIGNS:
        if data.lstrip()[: len(sign)].lower() == sign.lower():
            return codes.FILE_FOREIGN.at(where, what=what, path=path)
    return None


def find_cut(path: str, kept: bytes, data: bytes) -> Finding | None:
    """Tell when a file is only the beginning of what was saved."""
    now, was = data.rstrip(), kept.rstrip()
    if not now or len(now) >= len(was) or not was.startswith(now):
        return None
    lines = now.count(b"\n") + 1
    where = Location(path, line=lines, column=1)
    return codes.FILE_CUT.at(where, was=was.count(b"\n") + 1, now=lines, lost="", path=path)


def breaks_off(kept: bytes, data: bytes) -> bool:
    """Tell whether a file ends inside a line that was longer when it was saved.

    An editor ends the last line; a disk that is full or taken out does not.
    """
    return (
        data != kept
        and kept.startswith(data)
        and not data.endswith(b"\n")
        and kept[len(data) : len(data) + 1] not in (b"\r", b"\n")
    )


class ConflictMarks(NamedTuple):
    """Two versions of one place: the lines, from 1, of its markers."""

    start: int
    middle: int
    end: int


def conflicts(lines: list[str]) -> list[ConflictMarks]:
    """List the conflicts whose three markers are there, in order."""
    found, start, middle = [], 0, 0
    for number, line in enumerate(lines, 1):
        if not _MARKERS.match(line):
            continue
        if line[0] == "<":
            start, middle = number, 0
        elif line[0] == "=" and start:
            middle = number
        elif line[0] == ">" and start and middle:
            found.append(ConflictMarks(start, middle, number))
            start = middle = 0
    return found


def is_marker(line: str) -> bool:
    """Tell whether a line is a marker of a conflict of git."""
    return _MARKERS.match(line) is not None


def choose(draft: Draft, chosen: Sequence[int | None]) -> None:
    """Keep of each conflict the first version (0) or the second (1); None leaves it as it is."""
    lines = draft.lines
    for conflict, version in reversed(list(zip(conflicts(lines), chosen, strict=True))):
        if version is None:
            continue
        mine = lines[conflict.start : conflict.middle - 1]
        base = next((n for n, line in enumerate(mine) if line.startswith("|||||||")), len(mine))
        side = lines[conflict.middle : conflict.end - 1] if version else mine[:base]
        draft.put(conflict.start, conflict.end, side)


def mend_conflict(draft: Draft) -> bool:
    """Report what is left of a conflict; True when a person has to choose and nothing else counts.

    A marker that stands alone is only a line too many.
    """
    marks = [n for n, line in enumerate(draft.lines, 1) if is_marker(line)]
    if not marks:
        return False
    found = conflicts(draft.lines)
    if not found:
        for number in reversed(marks):
            if number == marks[0]:
                what = "остаток знаков, которыми git помечает две версии"
                draft.note(codes.LINE_STRAY, number, 1, what=what)
            draft.put(number, number, [])
        return False
    for number, place in enumerate(found):
        mine = " | ".join(line.strip() for line in draft.lines[place.start : place.middle - 1])
        other = " | ".join(line.strip() for line in draft.lines[place.middle : place.end - 1])
        cure = (
            f"Оставьте одну версию: {_between(place.start, place.middle)} или "
            f"{_between(place.middle, place.end)}; другую и сами знаки удалите"
        )
        if more := "" if number else ", ".join(str(one.start) for one in found[1:]):
            cure += f". Так же со строк {more}" if len(found) > 2 else f". Так же со строки {more}"
        choices = (mine or "(ничего)", other or "(ничего)")
        draft.note(codes.FILE_CONFLICT, place.start, 1, sure=False, choices=choices, cure=cure)
    return True


def _between(start: int, end: int) -> str:
    """Name the lines between two markers."""
    first, last = start + 1, end - 1
    if first > last:
        return "пусто (строк нет)"
    return f"строку {first}" if first == last else f"строки {first}–{last}"


_MANY = 2


def mend_pasted_twice(draft: Draft) -> None:
    """Take away a second copy of the whole text."""
    body = [n for n, line in enumerate(draft.lines) if line.strip() and line.lstrip()[0] != "#"]
    if len(body) < _MANY or len(body) % 2:
        return
    half = len(body) // 2
    first, second = body[:half], body[half:]
    if [draft.lines[n].rstrip() for n in first] != [draft.lines[n].rstrip() for n in second]:
        return
    start = second[0]
    while start and draft.lines[start - 1].lstrip().startswith("#") and start - 1 > first[-1]:
        start -= 1
    draft.note(codes.FILE_TWICE, start + 1, 1)
    tail = draft.lines[second[-1] + 1 :]
    draft.put(start + 1, len(draft.lines), tail or [""])


def find_table(draft: Draft, keys: Collection[str]) -> Finding | None:
    """Find lines of cells where entries should stand."""
    for number, line in enumerate(draft.lines, 1):
        if line.lstrip().startswith("#") or re.match(r" *(?:- +)*[\w-]+ *:(?: |\Z)", line):
            continue
        cells = max((line.count(sign) for sign in "\t;|"), default=0)
        if cells >= _MANY and not any(line.strip().startswith(f"{key}:") for key in keys):
            return codes.FILE_TABLE.at(Location(draft.path, line=draft.line_of(number), column=1))
    return None


def mend_first_line(draft: Draft, words: SchemaWords) -> None:
    """Take away letters typed before the first line's comment."""
    line = draft.lines[0]
    found = re.match(r"(?P<stray>[^#\s]{1,10}) *(?P<rest># *yaml-language-server.*)\Z", line)
    if found and found["stray"] not in words.keys:
        draft.put(1, 1, [found["rest"]])
        draft.note(
            codes.LINE_STRAY, 1, 1, found["rest"], what=f"«{found['stray']}» перед первой строкой"
        )
