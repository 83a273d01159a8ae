"""Reads objects through `git cat-file`: one process for any number of them.

Invariants: an object asked and not there is KeyError; bytes come as stored, unhashed (fsck hashes).
Absent on purpose: a process per object.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from papka.core.errors import GitFailed
from papka.gates.git.runner import end, feed, open_git, start_git

FEW = 64
"""So many are asked one by one of the kept process: sooner than starting another."""


class Objects:
    """Objects of a repository, one by one (a kept process) or in bulk (a process a bulk)."""

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._variables = dict(variables or {})
        self._talk: tuple[IO[bytes], IO[bytes]] | None = None

    def read(self, id_: str) -> tuple[str, bytes]:
        """Kind and bytes of one object; raises KeyError, or GitFailed when it is damaged."""
        asked, answered = self._talking()
        try:
            asked.write(f"{id_}\n".encode())
            asked.flush()
            found = _next(answered)
        except (GitFailed, OSError) as error:
            self._talk = None  # git dies of a damaged object; the next one gets a new process
            raise GitFailed("cat-file", f"объект {id_} повреждён") from error
        if found is None:
            raise KeyError(id_)
        return found

    def read_many(self, ids: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
        """Id, kind and bytes in the order asked; raises KeyError at one that is not there."""
        wanted = list(ids)
        for id_, found in zip(wanted, self.find_many(wanted), strict=True):
            if found is None:
                raise KeyError(id_)
            yield id_, *found

    def find_many(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes] | None]:
        """As read_many, with None in place of what is not there."""
        wanted = list(ids)
        if len(wanted) <= FEW:
            for id_ in wanted:
                try:
                    found: tuple[str, bytes] | None = self.read(id_)
                except KeyError:
                    found = None
                yield found
            return
        options = ("cat-file", "--batch", "--buffer")
        with open_git(*options, folder=self._folder, variables=self._variables) as process:
            asked, answered = process.stdin, process.stdout
            assert asked is not None
            assert answered is not None
            feeding = feed(asked, (f"{id_}\n".encode() for id_ in wanted))
            for _ in wanted:
                yield _next(answered)
            feeding.join()

    def _talking(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._talk is None:
            process = start_git(
                "cat-file", "--batch", folder=self._folder, variables=self._variables
            )
            weakref.finalize(self, end, process)
            assert process.stdin is not None
            assert process.stdout is not None
            self._talk = (process.stdin, process.stdout)
        return self._talk


def _next(answered: IO[bytes]) -> tuple[str, bytes] | None:
    """The next answer of cat-file: `<id> <kind> <size>`, the bytes, an end of line."""
    line = answered.readline()
    if line.endswith((b" missing\n", b" ambiguous\n")):
        return None
    words = line.split()
    if len(words) != 3:
        raise GitFailed("cat-file", "объект повреждён")
    size = int(words[2])
    data = answered.read(size)
    if len(data) != size or answered.read(1) != b"\n":
        raise GitFailed("cat-file", "объект обрывается")
    return words[1].decode(), data
