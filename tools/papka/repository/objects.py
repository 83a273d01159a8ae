"""Read objects through `git cat-file`.

One process reads any number of objects; their bytes come as stored, unhashed (fsck hashes).
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO

from papka.core.errors import GitFailed
from papka.repository.runner import (
    end_process,
    feed,
    open_git,
    start_git,
)

FEW = 64
"""Up to so many are asked one by one of the kept process: faster than starting another."""


class Objects:
    """Objects of a repository, one by one (a kept process) or in bulk (a process a bulk)."""

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._variables = dict(variables or {})
        self._talk: tuple[IO[bytes], IO[bytes]] | None = None

    def read(self, id_: str) -> tuple[str, bytes]:
        """Return kind and bytes of an object; raise KeyError, or GitFailed when it is damaged."""
        asked, answered = self._open_talk()
        try:
            asked.write(f"{id_}\n".encode())
            asked.flush()
            found = _read_answer(answered)
        except (GitFailed, OSError) as error:
            self._talk = None  # git dies of a damaged object; the next one gets a new process
            raise GitFailed("cat-file", f"объект {id_} повреждён") from error
        if found is None:
            raise KeyError(id_)
        return found

    def find(self, id_: str) -> tuple[str, bytes] | None:
        """Return kind and bytes of an object; None when it is missing."""
        try:
            return self.read(id_)
        except KeyError:
            return None

    def read_many(self, ids: Iterable[str]) -> Iterator[tuple[str, str, bytes]]:
        """Yield id, kind and bytes in the order asked; raise KeyError at one that is missing."""
        wanted = list(ids)
        for id_, found in zip(wanted, self.find_many(wanted), strict=True):
            if found is None:
                raise KeyError(id_)
            yield id_, *found

    def find_many(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes] | None]:
        """Yield kind and bytes in the order asked, None for an object that is missing."""
        wanted = list(ids)
        if len(wanted) <= FEW:
            yield from map(self.find, wanted)
            return
        options = ("cat-file", "--batch", "--buffer")
        with open_git(*options, folder=self._folder, variables=self._variables) as process:
            asked, answered = process.stdin, process.stdout
            assert asked is not None
            assert answered is not None
            feeding = feed(asked, (f"{id_}\n".encode() for id_ in wanted))
            for _ in wanted:
                yield _read_answer(answered)
            feeding.join()

    def _open_talk(self) -> tuple[IO[bytes], IO[bytes]]:
        if self._talk is None:
            options = ("cat-file", "--batch")
            process = start_git(*options, folder=self._folder, variables=self._variables)
            weakref.finalize(self, end_process, process)
            assert process.stdin is not None
            assert process.stdout is not None
            self._talk = (process.stdin, process.stdout)
        return self._talk


def _read_answer(answered: IO[bytes]) -> tuple[str, bytes] | None:
    """Read the next answer of cat-file: `<id> <kind> <size>`, the bytes, an end of line."""
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
