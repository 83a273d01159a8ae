"""Read objects through `git cat-file`.

One process reads any number of objects, and in `shared_reading` one serves all readers of a store;
their bytes come as stored, unhashed (fsck hashes).
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from papka.core.errors import GitFailed
from papka.repository.runner import end_process, feed, open_git, start_git

_AT_ONCE = 4
"""So many stores have a kept process: rooms come and go."""
FEW = 64
"""Up to so many are asked one by one of the kept process: faster than starting another."""


class Objects:
    """Objects of a repository, one by one (a kept process) or in bulk (a process a bulk)."""

    def __init__(self, folder: Path, variables: Mapping[str, str] | None = None) -> None:
        self._folder = folder
        self._variables = dict(variables or {})
        self._talk: _Talk | None = None

    def read(self, id_: str) -> tuple[str, bytes]:
        """Return kind and bytes of an object; raise KeyError, or GitFailed when it is damaged."""
        found = self.look_up(id_)
        if found is None:
            raise KeyError(id_)
        return found[1:]

    def look_up(self, id_: str) -> tuple[str, str, bytes] | None:
        """Return id, kind and bytes of an object by any name git has for it; None when missing.

        Raise GitFailed when it is damaged.
        """
        talk = self._open_talk()
        try:
            talk.asked.write(_compose_line(id_))
            talk.asked.flush()
            found = _read_answer(talk.answered)
        except BaseException as error:
            # git dies of a damaged object, and the rest of an answer is not the next one
            talk.is_over = True
            if isinstance(error, GitFailed | OSError):
                raise GitFailed("cat-file", f"объект {id_} повреждён") from error
            raise
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
            feeding = feed(asked, map(_compose_line, wanted))
            for _ in wanted:
                found = _read_answer(answered)
                yield found and found[1:]
            feeding.join()

    def _open_talk(self) -> _Talk:
        talks = _talks.get()
        if talks is not None and talks.process == os.getpid() and not self._variables:
            packs = _mark_packs(self._folder)
            if packs is not None:
                return talks.open(self._folder, packs)
        if self._talk is None or self._talk.is_over:
            self._talk = _start_talk(self._folder, self._variables)
            weakref.finalize(self, self._talk.end)
        return self._talk


@dataclass(slots=True)
class _Talk:
    """A kept `git cat-file`, killed by `end`; `is_over`: it is not to be asked. `packs` marks the
    packs it knows."""

    end: Callable[[], None]
    asked: IO[bytes]
    answered: IO[bytes]
    packs: tuple[int, ...] = ()
    is_over: bool = False


def _start_talk(folder: Path, variables: Mapping[str, str], packs: tuple[int, ...] = ()) -> _Talk:
    process = start_git("cat-file", "--batch", folder=folder, variables=variables)
    assert process.stdin is not None
    assert process.stdout is not None
    return _Talk(partial(end_process, process), process.stdin, process.stdout, packs)


@dataclass(slots=True)
class _Talks:
    """The talks of one command, by folder, the last used last; a forked process has none."""

    process: int
    by_folder: dict[Path, _Talk] = field(default_factory=dict)

    def open(self, folder: Path, packs: tuple[int, ...]) -> _Talk:
        talk = self.by_folder.pop(folder, None)
        if talk is not None and (talk.is_over or talk.packs != packs):
            talk.end()
            talk = None
        self.by_folder[folder] = talk = talk or _start_talk(folder, {}, packs)
        while len(self.by_folder) > _AT_ONCE:
            self.by_folder.pop(next(iter(self.by_folder))).end()
        return talk


def _mark_packs(folder: Path) -> tuple[int, ...] | None:
    """Mark the packs of a store, as git would read on in one that is gone; None: they are not
    where they could be looked at."""
    for name in (".git/objects/pack", "objects/pack"):
        with suppress(OSError):
            found = os.stat(folder / name)  # noqa: PTH116 - before every object
            return found.st_dev, found.st_ino, found.st_mtime_ns
    return None


_talks: ContextVar[_Talks | None] = ContextVar("talks", default=None)


@contextmanager
def shared_reading() -> Iterator[None]:
    """Let all readers of one store share a process until the end; another thread has its own."""
    if _talks.get() is not None:
        yield
        return
    talks = _Talks(os.getpid())
    token = _talks.set(talks)
    try:
        yield
    finally:
        _talks.reset(token)
        for talk in talks.by_folder.values() if talks.process == os.getpid() else ():
            talk.end()


def shared_reader(folder: Path) -> Objects | None:
    """Return a reader that costs no process of its own; None outside `shared_reading`."""
    return None if _talks.get() is None else Objects(folder)


def _compose_line(name: str) -> bytes:
    """Return the line that asks for an object; by a name that no line holds there is none."""
    asked = "?" if "\n" in name or "\0" in name else name
    return f"{asked}\n".encode("utf-8", "surrogateescape")


def _read_answer(answered: IO[bytes]) -> tuple[str, str, bytes] | None:
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
    return words[0].decode(), words[1].decode(), data
