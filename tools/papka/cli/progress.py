"""Show how far a push, a fetch or a reading is: one line of the terminal, taken away at the end.

Nothing is shown where nobody watches: in a pipe, a file or a CI, for JSON, on a terminal that
cannot draw over a line. The words are ours and the rest are numbers, so nothing that a server says
gets to the terminal this way. Several mirrors share the line; whoever prints meanwhile does so
`aside`.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import RLock
from typing import TYPE_CHECKING

from papka.core.phrases import printable

if TYPE_CHECKING:
    from papka.repository.runner import Carried, Watch

_STAGES = {
    "counting": "подсчёт",
    "compressing": "сжатие",
    "sending": "отправка",
    "receiving": "получение",
    "resolving": "сборка",
    "reading": "чтение, МБ",
    "writing": "запись",
}
_EVERY = 0.1
"""Seconds between two drawings of a stage."""
_MANY, _SOON = 500, 1.0
"""A talk of fewer objects is not worth a line before it has lasted so many seconds."""
_BAR = 24
"""Signs in a bar; a terminal without room for it gets the numbers alone."""
_NAME = 24
_USER = re.compile(r"(?:(?<=//)|^)[^/@\s]*@")
"""Who logs in at an address: that may be a secret."""


class ProgressLine:
    """The line of the terminal that is drawn over, from whatever thread."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._length = 0
        self._next = 0.0
        self._stages: dict[str, tuple[float, str]] = {}

    def show(self, carried: Carried) -> None:
        """Draw how far a talk is; take the line away when it is over."""
        now = time.monotonic()
        with self._lock:
            if not carried.stage:
                self._stages.pop(carried.name, None)
                self._erase()
                return
            begun, stage = self._stages.get(carried.name, (now, ""))
            self._stages[carried.name] = begun, carried.stage
            is_long = carried.total >= _MANY or now >= begun + _SOON
            is_turn = stage != carried.stage or carried.done == carried.total
            if is_long and (is_turn or now >= self._next):
                self._next = now + _EVERY
                self._write(compose_line(carried, shutil.get_terminal_size().columns - 1))

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the line away and keep it so while something else is printed."""
        with self._lock:
            self._erase()
            yield
            sys.stdout.flush()

    def _erase(self) -> None:
        if self._length:
            self._write("")

    def _write(self, text: str) -> None:
        rest = " " * (self._length - len(text))
        end = "" if text else "\r"
        with suppress(OSError, ValueError):  # the terminal has gone: the talk goes on
            sys.stderr.write(f"\r{text}{rest}{end}")
            sys.stderr.flush()
        self._length = len(text)


LINE = ProgressLine()
"""The one line of this program's terminal."""


def watcher(style: str = "text") -> Watch | None:
    """Return who is told how far a talk is; None where nobody watches."""
    watched = sys.stderr.isatty() and sys.stdout.isatty() and style == "text"
    able = os.environ.get("TERM", "") != "dumb" and not os.environ.get("CI")
    return LINE.show if watched and able else None


def compose_line(carried: Carried, width: int) -> str:
    """Return the line of at most `width` signs: whose, what, a bar, and numbers when known."""
    name = printable(_USER.sub("", carried.name))
    name = name if len(name) <= _NAME else f"…{name[1 - _NAME :]}"
    head = f"{name}: {_STAGES[carried.stage]}"
    if not carried.total:
        return f"{head} {carried.done}"[:width]
    share = min(carried.done, carried.total) / carried.total
    numbers = f"{share:4.0%}  {carried.done} из {carried.total}".replace("%", " %")
    full = round(share * _BAR)
    line = f"{head}  [{'#' * full}{'-' * (_BAR - full)}] {numbers}"
    return line if len(line) <= width else f"{head} {numbers}"[:width]
