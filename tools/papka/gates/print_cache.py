"""Printed files kept in `.papka/print`, each with what it rests on; none is trusted unread.

Invariants: an entry is used only whole (its digest is checked every time) and only for the same
versions of what prints; anything else about it that is wrong makes it as if it were not there; the
folder has a size it does not outgrow. Absent on purpose: judging whether the archive is still as
the entry says, which is for who knows the archive.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from papka.gates.worktree import write

FOLDER = ".papka/print"
SIZE = 4 << 30
"""Bytes after which what was used longest ago goes."""
_EDITION = b"papka-print 1"
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Key:
    """What was printed: a form, for an address, in a way."""

    form: str
    address: str
    options: str = ""

    @property
    def path(self) -> str:
        """Where it is kept, below the cache; whatever a person types, it stays there."""
        return f"{_safe(self.form)}/{self.name}"

    @property
    def name(self) -> str:
        return _safe(f"{self.address} {self.options}".rstrip())


@dataclass(frozen=True, slots=True)
class File:
    name: str
    pages: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """`rests_on`: path of a file or folder -> its id, None where there was none; `commit`: the
    latest that changed any of them, as seen from `tip`."""

    rests_on: Mapping[str, str | None]
    commit: str
    tip: str
    files: tuple[File, ...]


class PrintCache:
    """The kept prints of one archive."""

    def __init__(self, root: Path, versions: str) -> None:
        self._root = root
        self._folder = root / FOLDER
        self._versions = versions

    def find(self, key: Key) -> Kept | None:
        try:
            data = self._path(key).read_bytes()
            return self._parsed(key, data)
        except (OSError, ValueError, KeyError, TypeError):
            return None  # damaged, cut short or of another edition: it is made anew

    def keep(self, key: Key, kept: Kept) -> None:
        """A failure to keep is not a failure to print: a full disk only makes it slower."""
        about = {
            "form": key.form,
            "address": key.address,
            "options": key.options,
            "versions": self._versions,
            "commit": kept.commit,
            "rests_on": dict(kept.rests_on),
            "files": [(file.name, file.pages, len(file.data)) for file in kept.files],
        }
        line = json.dumps(about, ensure_ascii=True, sort_keys=True).encode() + b"\n"
        body = b"".join([line, *(file.data for file in kept.files)])
        head = b" ".join([_EDITION, sha256(body).hexdigest().encode(), kept.tip.encode()])
        path = f"{FOLDER}/{key.path}"
        try:
            write(self._root, path, head + b"\n" + body, synced=False)
        except OSError:
            return

    def move_tip(self, key: Key, tip: str) -> None:
        """Says that the entry was found to hold up to this later commit."""
        try:
            with self._path(key).open("r+b") as file:
                file.seek(len(_EDITION) + 66)
                file.write(tip.encode())
        except OSError:
            return

    def clean(self, form: str, addresses: Collection[str]) -> None:
        """Takes away what was kept of a form for any other address."""
        known = {Key(form, address).name for address in addresses}
        for entry in _entries(self._folder / form):
            name, _, _ = entry.name.partition("%20")
            if name not in known and entry.name not in known:
                Path(entry.path).unlink(missing_ok=True)

    def trim(self, size: int = SIZE) -> None:
        """Takes away the oldest until the rest is not above `size` bytes."""
        found = [
            (about.st_mtime_ns, about.st_size, entry.path)
            for folder in _entries(self._folder)
            for entry in _entries(Path(folder.path))
            if (about := entry.stat())
        ]
        total = sum(length for _, length, _ in found)
        for _, length, path in sorted(found):
            if total <= size:
                return
            Path(path).unlink(missing_ok=True)
            total -= length

    def _path(self, key: Key) -> Path:
        return self._folder / key.path

    def _parsed(self, key: Key, data: bytes) -> Kept | None:
        start = data.index(b"\n")
        edition, digest, tip = data[:start].rsplit(b" ", 2)
        body = memoryview(data)[start + 1 :]
        if edition != _EDITION or sha256(body).hexdigest().encode() != digest:
            return None
        end = data.index(b"\n", start + 1)
        about = json.loads(data[start + 1 : end])
        asked = (key.form, key.address, key.options, self._versions)
        if tuple(about[name] for name in ("form", "address", "options", "versions")) != asked:
            return None
        files, at = [], end + 1
        for name, pages, size in about["files"]:
            files.append(File(name, pages, data[at : at + size]))
            at += size
        return Kept(about["rests_on"], about["commit"], tip.decode(), tuple(files))


def _safe(text: str) -> str:
    """As the name of a file on any system."""
    name = quote(text, safe="").replace(".", "%2E")
    digest = sha256(name.encode()).hexdigest()
    return name if len(name) <= _LONGEST else f"{name[:20]}-{digest[:40]}"


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except (FileNotFoundError, NotADirectoryError):
        return []
