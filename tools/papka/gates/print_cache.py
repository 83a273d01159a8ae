"""Printed files kept in `.papka/print`, each with what it rests on; none is trusted unread.

Invariants: an entry is used only when this person's papka made it, whole (a code of authenticity
says so every time, its key lies outside the archive), and only for the same versions of what
prints; anything else about it that is wrong makes it as if it were not there; it names no file; the
folder has a size it does not outgrow. Absent on purpose: judging whether the archive is still as
the entry says, which is for who knows the archive.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from papka.core.errors import Refused
from papka.gates import dot_papka
from papka.gates.own_key import authenticate, is_authentic
from papka.gates.plain_file import LARGE

FOLDER = ".papka/print"
SIZE = 4 << 30
"""Bytes after which what was used longest ago goes."""
_EDITION = b"papka-print 2"
_BODY, _TIP = "papka print", "papka print tip"
"""What the two codes of an entry are for: its bytes, and up to which commit it holds."""
_HEAD = len(_EDITION) + len(f" {64 * 'c'} {40 * 't'} {64 * 'c'}")
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
        self._versions = versions

    def find(self, key: Key) -> Kept | None:
        data = dot_papka.read(self._root, _path(key), most=LARGE)
        try:
            return None if data is None else self._parsed(key, data)
        except (ValueError, KeyError, TypeError):
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
            "files": [(file.pages, len(file.data)) for file in kept.files],
        }
        line = json.dumps(about, ensure_ascii=True, sort_keys=True).encode() + b"\n"
        body = b"".join([line, *(file.data for file in kept.files)])
        code = authenticate(_BODY, [body])
        if code is None:
            return
        head = b" ".join([_EDITION, code.encode(), _tip(code, kept.tip)])
        try:
            dot_papka.write(self._root, _path(key), head + b"\n" + body, synced=False)
        except (OSError, Refused):
            return

    def move_tip(self, key: Key, tip: str) -> None:
        """Says that the entry was found to hold up to this later commit."""

        def moved(head: bytes) -> bytes:
            code = head[len(_EDITION) + 1 :].partition(b" ")[0]
            return b" ".join([_EDITION, code, _tip(code.decode("ascii", "replace"), tip)])

        dot_papka.rewrite_start(self._root, _path(key), _HEAD, moved)

    def clean(self, form: str, addresses: Collection[str]) -> None:
        """Takes away what was kept of a form for any other address."""
        known = {Key(form, address).name for address in addresses}
        folder = f"{FOLDER}/{_safe(form)}"
        for entry in dot_papka.entries(self._root, folder):
            name, _, _ = entry.name.partition("%20")
            if name not in known and entry.name not in known:
                dot_papka.remove(self._root, f"{folder}/{entry.name}")

    def trim(self, size: int = SIZE) -> None:
        """Takes away the oldest until the rest is not above `size` bytes."""
        found = []
        for folder in dot_papka.entries(self._root, FOLDER):
            for entry in dot_papka.entries(self._root, f"{FOLDER}/{folder.name}"):
                about = entry.stat(follow_symlinks=False)
                path = f"{FOLDER}/{folder.name}/{entry.name}"
                found.append((about.st_mtime_ns, about.st_size, path))
        total = sum(length for _, length, _ in found)
        for _, length, path in sorted(found):
            if total <= size:
                return
            dot_papka.remove(self._root, path)
            total -= length

    def _parsed(self, key: Key, data: bytes) -> Kept | None:
        start = data.index(b"\n")
        edition, code, tip, code_of_tip = data[:start].rsplit(b" ", 3)
        body = memoryview(data)[start + 1 :]
        if edition != _EDITION or not is_authentic(code.decode(), _BODY, [body]):
            return None
        if _tip(code.decode(), tip.decode()) != tip + b" " + code_of_tip:
            return None
        end = data.index(b"\n", start + 1)
        about = json.loads(data[start + 1 : end])
        asked = (key.form, key.address, key.options, self._versions)
        if tuple(about[name] for name in ("form", "address", "options", "versions")) != asked:
            return None
        files, at = [], end + 1
        for pages, size in about["files"]:
            files.append(File(pages, data[at : at + size]))
            at += size
        return Kept(about["rests_on"], about["commit"], tip.decode(), tuple(files))


def _path(key: Key) -> str:
    return f"{FOLDER}/{key.path}"


def _tip(code: str, tip: str) -> bytes:
    """The commit with its own code, so that it moves without the bytes being read again."""
    return f"{tip} {authenticate(_TIP, [code.encode(), tip.encode()])}".encode()


def _safe(text: str) -> str:
    """As the name of a file on any system."""
    name = quote(text, safe="").replace(".", "%2E")
    digest = sha256(name.encode()).hexdigest()
    return name if len(name) <= _LONGEST else f"{name[:20]}-{digest[:40]}"
