"""The files of an act of approval: the act, and beside it the list of entries it names (R-5.6).

One line a personal file, sorted by its number: `2026-0007 r1-r14 r17 <pin>`. The entries stand in
order, neighbours as a range and one alone by itself, so that a set of entries has one spelling; the
act holds the SHA-256 of these bytes. The pin is an HMAC, on the salt of the personal file, of what
the entries said: a changed entry is no longer the approved one, and once the salt is destroyed with
the file, the pin tells nothing (R-6.4).
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import NamedTuple

import msgspec

from papka.core.places import is_student_id, record_file
from papka.records.editing import write_file
from papka.records.student import Result

_LINE = re.compile(
    r"(?P<student>20[0-9]{2}-[0-9]{4,})"
    r"(?P<entries>(?: r[1-9][0-9]{0,8}(?:-r[1-9][0-9]{0,8})?)+)"
    r" (?P<pin>[0-9a-f]{64})"
)
_ENCODER = msgspec.json.Encoder(order="sorted")
_MOST = 100_000
"""A range longer than this is nobody's study; it would only fill the memory."""


class BadList(ValueError):
    """A list that is not written as `write_list` writes it; `line` is counted from 1."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"строка {line}: {reason}")
        self.line = line
        self.reason = reason


class ApprovedLine(NamedTuple):
    """Whose entries an act approves: ids in order, and the pin of what they said."""

    student: str
    ids: tuple[str, ...]
    pin: str


class ApprovedList:
    """The bytes of a list, of which a line is read without judging the others."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.digest = digest_of_list(data)
        self._lines: dict[str, ApprovedLine | None] = {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ApprovedList) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.digest)

    def line_of(self, student: str) -> ApprovedLine | None:
        """Return the line of a personal file; None when it has none, or an ill-written one."""
        if student not in self._lines:
            raw = self._unread.get(student.encode())
            try:
                self._lines[student] = _read_line(1, raw) if raw is not None else None
            except BadList:
                self._lines[student] = None
        return self._lines[student]

    @cached_property
    def _unread(self) -> Mapping[bytes, bytes]:
        """Personal file -> its line: a search for each of many would go through all the others."""
        found: dict[bytes, bytes] = {}
        for raw in self.data.split(b"\n"):
            student, space, _ = raw.partition(b" ")
            if space:
                found.setdefault(student, raw)
        return found


def read_list(data: bytes) -> tuple[ApprovedLine, ...]:
    """Read a whole list; raise BadList unless it is written exactly as `write_list` would."""
    if not data:
        raise BadList(1, "список пуст")
    if not data.endswith(b"\n"):
        raise BadList(data.count(b"\n") + 1, "строка обрывается")
    found: list[ApprovedLine] = []
    for number, raw in enumerate(data[:-1].split(b"\n"), 1):
        line = _read_line(number, raw)
        if found and _in_order(line.student) <= _in_order(found[-1].student):
            raise BadList(number, f"дело {line.student} стоит не по порядку или второй раз")
        found.append(line)
    return tuple(found)


def write_list(lines: Iterable[ApprovedLine]) -> bytes:
    """Write a list in its one spelling; raise ValueError for what no list may hold."""
    text = "".join(
        f"{line.student} {word_ids(line.ids)} {line.pin}\n"
        for line in sorted(lines, key=lambda line: _in_order(line.student))
    ).encode()
    read_list(text)
    return text


def word_ids(ids: Iterable[str]) -> str:
    """Return ids as a list spells them: `r1-r14 r17`."""
    return " ".join(
        f"r{first}" if first == last else f"r{first}-r{last}" for first, last in _find_runs(ids)
    )


def digest_of_list(data: bytes) -> str:
    """Return the SHA-256 by which the act names its list, in hex."""
    return hashlib.sha256(data).hexdigest()


def act_file(key: str) -> str:
    """Return the path of an act of approval."""
    return record_file("approval", key) or ""


def write_act(key: str, act: Mapping[str, object], listed: bytes) -> dict[str, bytes]:
    """Return the files of an act: path -> bytes; its list, if there is one, is bound by digest."""
    bound = {name: value for name, value in act.items() if name not in ("entries", "exceptions")}
    files = {}
    if listed:
        bound["entries"] = digest_of_list(listed)
        files[record_file("approval-entries", key) or ""] = listed
    if "exceptions" in act:
        bound["exceptions"] = act["exceptions"]
    head = "# yaml-language-server: $schema=../../schema/approval.json\n"
    return {act_file(key): (head + write_file(bound)).encode(), **files}


def pin(salt: bytes | None, results: Iterable[Result]) -> str:
    """Return the pin of entries, in whatever order they come; the mark `void` counts too.

    It is of their fields by name without those that are absent, so that a field the program learns
    later changes no pin.
    """
    ordered = sorted(results, key=lambda result: _number(result.id or "r0"))
    lines = map(_ENCODER.encode, ordered)
    return hmac.new(salt or b"", b"\n".join(lines), hashlib.sha256).hexdigest()


def _read_line(number: int, raw: bytes) -> ApprovedLine:
    try:
        match = _LINE.fullmatch(raw.decode("ascii"))
    except UnicodeDecodeError:
        raise BadList(number, "не латинские буквы и цифры") from None
    if match is None or not is_student_id(match["student"]):
        raise BadList(number, "не номер дела, записи и контрольная сумма")
    ids = tuple(_expand(number, match["entries"].split()))
    if match["entries"][1:] != word_ids(ids):
        raise BadList(number, "записи названы не по порядку, дважды или не промежутком")
    return ApprovedLine(match["student"], ids, match["pin"])


def _expand(number: int, words: Iterable[str]) -> Iterator[str]:
    left = _MOST
    for word in words:
        first, _, last = word.partition("-")
        start, end = _number(first), _number(last or first)
        left -= max(end - start, 0) + 1
        if left < 0 or end < start:
            raise BadList(number, f"промежутка {word} не бывает")
        yield from (f"r{at}" for at in range(start, end + 1))


def _find_runs(ids: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield first and last number of each run of neighbours, in order."""
    first = last = 0
    for at in sorted({_number(id_) for id_ in ids}):
        if first and at != last + 1:
            yield first, last
        if not first or at != last + 1:
            first = at
        last = at
    if first:
        yield first, last


def _number(id_: str) -> int:
    return int(id_[1:])


def _in_order(student: str) -> tuple[int, int]:
    year, number = student.split("-")
    return int(year), int(number)
