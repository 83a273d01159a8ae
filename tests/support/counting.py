"""Counts of what costs time at scale: a blob read twice in a clean room, a git started."""

from __future__ import annotations

import subprocess
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import ClassVar
from unittest.mock import patch

from papka.proof.clean_room import CleanRoom
from papka.repository.objects import Objects


class Counting(Objects):
    """Reads as any, and notes what it is asked for."""

    asked: ClassVar[Counter[str]] = Counter()

    def find_many(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes] | None]:
        wanted = list(ids)
        self.asked.update(wanted)
        yield from super().find_many(wanted)


class CountingRoom(CleanRoom):
    def objects(self) -> Objects:
        return Counting(self.folder)


@contextmanager
def git_started() -> Iterator[list[str]]:
    """Give a list that at the end holds the words of every git started, its settings left out."""
    started: list[str] = []
    with patch.object(subprocess, "Popen", wraps=subprocess.Popen) as start:
        yield started
    for call in start.call_args_list:
        program, *words = call.args[0]
        if program.endswith("git"):
            rest = iter(words)
            started.append(" ".join(word for word in rest if word != "-c" or not next(rest)))
