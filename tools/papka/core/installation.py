"""Find programs, keep the caller's environment from them, and find what is shipped with papka.

A program is found by its full path in the absolute entries of PATH, never in the current folder,
where the archive may lie. No GIT_ variable is left for a library to obey; those that papka itself
takes are asked for by name (`given`).

Shipped are `schema/`, `templates/`, `proof/`, the sample `records/` and its restricted twin. A
checkout and an installed wheel give the same paths and bytes; nothing here is ever written.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

_put_away: dict[str, str] = {}


def search_path() -> str:
    """Return PATH without its relative entries, which mean another folder wherever one stands."""
    written = os.environ.get("PATH", os.defpath).split(os.pathsep)
    return os.pathsep.join(entry for entry in written if Path(entry).is_absolute())


def find_program(name: str) -> str | None:
    """Return the full path of a program; None when it is not installed."""
    return _find_in(search_path(), f"{name}.exe" if sys.platform == "win32" else name)


@cache
def _find_in(folders: str, name: str) -> str | None:
    for folder in filter(None, folders.split(os.pathsep)):
        file = os.path.join(folder, name)  # noqa: PTH118 - as isfile
        # A folder that is closed to us holds nothing for us: Path.is_file would raise.
        if os.path.isfile(file) and os.access(file, os.X_OK):  # noqa: PTH113 - as above
            return file
    return None


def given(name: str) -> str | None:
    """Return a GIT_ variable that papka takes from its caller, put away or not."""
    return _put_away.get(name, os.environ.get(name))


@contextmanager
def without_git_variables() -> Iterator[None]:
    """Put away every GIT_ variable: GitPython runs and obeys them, as it is imported and later."""
    names = [name for name in os.environ if name.upper().startswith("GIT_")]
    taken = {name: os.environ.pop(name) for name in names}
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
    """Let Linux load a library by its plain name only, and never search for it.

    WeasyPrint tries the names of other systems first, and for each of them cffi would start the
    `gcc` and `ld` of the PATH: programs papka knows nothing of, and half as long again.
    """
    import ctypes.util

    def nowhere(name: str) -> str | None:  # noqa: ARG001 - its interface
        return None

    search = ctypes.util.find_library
    if sys.platform == "linux":
        ctypes.util.find_library = nowhere
    try:
        yield
    finally:
        ctypes.util.find_library = search


Shelf = Literal["schema", "templates", "proof", "records", "restricted"]


def shipped_root() -> Path:
    """Return the folder that holds the shelves: `papka/_shipped` of a wheel, else the checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "_shipped"
    return installed if installed.is_dir() else package.parents[1]


def program_digest() -> bytes:
    """Return a digest of this very program: its modules, the schemas that come with it and the
    editions of its libraries, by size and time. Another one may judge otherwise."""
    package = Path(__file__).resolve().parents[1]
    total = hashlib.blake2b(sys.version.encode(), digest_size=20)
    for top in (package, shipped_root() / "schema"):
        for folder, _, files in sorted(os.walk(top)):
            for name in sorted(files):
                if name.endswith((".py", ".txt", ".json")):
                    about = os.stat(f"{folder}/{name}")  # noqa: PTH116 - hundreds of files
                    said = f"{folder}/{name}\0{about.st_size}\0{about.st_mtime_ns}\0"
                    total.update(said.encode("utf-8", "surrogateescape"))
    libraries = (Path(each) for each in sys.path if each.endswith("-packages"))
    names = (each for folder in libraries if folder.is_dir() for each in os.listdir(folder))  # noqa: PTH208 - names
    editions = sorted(name for name in names if name.endswith(".dist-info"))
    total.update("\0".join(editions).encode("utf-8", "surrogateescape"))
    return total.digest()


def known_digests() -> dict[str, frozenset[str]]:
    """Return {path in an archive: SHA-256 of every text an edition of papka ever laid there}."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for line in Path(__file__).with_name("editions.txt").read_text("ascii").splitlines():
        digest, _, path = line.partition("  ")
        found[path].add(digest)
    return {path: frozenset(digests) for path, digests in found.items()}


def read_beside(path: str) -> str:
    """Return a text that lies among papka's own modules: `paper/checker/page.html`."""
    return (Path(__file__).resolve().parents[1] / path).read_text("utf-8")


class ShippedSnapshot:
    """One shelf as a Snapshot; its paths begin with the shelf's name: `schema/student.json`.

    Those of the restricted twin are the paths of its archive: `records/organization.yaml`.
    """

    def __init__(self, shelf: Shelf) -> None:
        root = shipped_root()
        self._folder = root / shelf
        self._prefix = "records" if shelf == "restricted" else shelf
        if shelf == "restricted" and not self._folder.is_dir():
            self._folder = root / "tests/archives/restricted/records"

    def paths(self) -> tuple[str, ...]:
        return tuple(self._files)

    def read(self, path: str) -> bytes:
        return self._files[path].read_bytes()

    def read_many(self, paths: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        return ((path, self.read(path)) for path in paths)

    @cached_property
    def _files(self) -> dict[str, Path]:
        files = {
            f"{self._prefix}/{file.relative_to(self._folder).as_posix()}": file
            for file in self._folder.rglob("*")
            if file.is_file() and file.parent.name != "__pycache__"  # what an installer leaves
        }
        return dict(sorted(files.items()))
