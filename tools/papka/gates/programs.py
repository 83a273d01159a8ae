"""Which programs papka starts, and what of the caller's environment reaches anything it starts.

Invariants: a program is found by its full path in the absolute entries of PATH, never in the
current folder, where the archive may lie; no GIT_ variable is left for a library to obey, those
that papka itself takes are asked for by name. Absent on purpose: starting anything.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

_GIT = "GIT_"
_ENDINGS = (".exe",) if sys.platform == "win32" else ("",)
_put_away: dict[str, str] = {}


def search_path() -> str:
    """PATH without the entries that mean another folder wherever one stands."""
    written = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in written if Path(entry).is_absolute())


def find_program(name: str) -> str | None:
    """The full path of a program; None when it is not installed."""
    return _found(name, search_path())


@cache
def _found(name: str, folders: str) -> str | None:
    for folder in filter(None, folders.split(os.pathsep)):
        for ending in _ENDINGS:
            file = os.path.join(folder, name + ending)  # noqa: PTH118 - as isfile
            # A folder that is closed to us holds nothing for us: Path.is_file would raise.
            if os.path.isfile(file) and os.access(file, os.X_OK):  # noqa: PTH113 - as above
                return file
    return None


def given(name: str) -> str | None:
    """A GIT_ variable that papka takes from its caller."""
    return _put_away.get(name, os.environ.get(name))


@contextmanager
def without_git_variables() -> Iterator[None]:
    """Puts away every GIT_ variable: GitPython runs and obeys them, as it is imported and later."""
    taken = {name: os.environ.pop(name) for name in [*os.environ] if name.upper().startswith(_GIT)}
    before = dict(_put_away)
    _put_away.update(taken)
    try:
        yield
    finally:
        os.environ.update(taken)
        _put_away.clear()
        _put_away.update(before)


@contextmanager
def without_compilers() -> Iterator[None]:
    """On Linux a library is loaded by its plain name, or is not there.

    WeasyPrint tries the names of other systems first, and for each of them cffi would start the
    `gcc` and `ld` of the PATH: programs papka knows nothing of, and half as long again.
    """
    import ctypes.util  # noqa: PLC0415 - start-up

    def nowhere(name: str) -> str | None:  # noqa: ARG001 - its interface
        return None

    search = ctypes.util.find_library
    if sys.platform == "linux":
        ctypes.util.find_library = nowhere
    try:
        yield
    finally:
        ctypes.util.find_library = search
