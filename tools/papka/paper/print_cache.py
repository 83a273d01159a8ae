"""Finished forms, and the cache that saves printing them again.

`Printed` is a file ready to be written, `Pressed` all files of one print. `KeptPrints` decides
whether a print of the cache is still valid; asking reads no record and imports nothing that prints.
The folder has a size it does not outgrow, and entries name no files: names are given anew.
"""

from __future__ import annotations

import ctypes
import datetime as dt
import json
import os
import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Literal
from urllib.parse import quote

from papka.core.errors import Refused
from papka.repository import dot_papka
from papka.repository.commit_snapshots import CommitTree
from papka.repository.dot_papka import authenticate, is_authentic
from papka.repository.files import LARGE
from papka.repository.history import touched_between


@dataclass(frozen=True, slots=True)
class Printed:
    """A finished form; `name`: of the file; `pages`: 0 for HTML, which only a browser divides."""

    name: str
    data: bytes
    pages: int
    kind: Literal["pdf", "html"] = "pdf"


def file_name(form: str, address: str, volume: int = 1, of: int = 1) -> str:
    """Return «certificate-С-2026-0001», «keys», «personal-file-2026-0001-tom-2», without an ending.

    Signs that a file name may not hold become hyphens.
    """
    safe = "".join(sign if sign.isalnum() else "-" for sign in address)
    return (f"{form}-{safe}" if safe else form) + (f"-tom-{volume}" if of > 1 else "")


_PACKAGES = ("weasyprint", "pydyf", "tinycss2", "fonttools", "jinja2", "pypdfium2", "pillow")
_LIBRARIES = (
    (
        "pango_version",
        ("libpango-1.0.so.0", "libpango-1.0.dylib", "libpango-1.0-0.dll", "libpango-1.0-0"),
    ),
    (
        "FcGetVersion",
        ("libfontconfig.so.1", "libfontconfig.1.dylib", "libfontconfig-1.dll"),
    ),
)


@cache
def versions() -> str:
    """Return one word for all that decides how a page looks besides the archive, this program too.

    Asking is cheap and imports nothing that prints; the program counts by sizes and times of its
    files.
    """
    total = sha256()
    for name in sorted(_installed()):
        total.update(f"{name}\n".encode())
    for function, names in _LIBRARIES:
        total.update(f"{function} {_ask_version(function, names)}\n".encode())
    home = Path(__file__).resolve().parents[1]
    for path in sorted(_find_sources(str(home))):
        about = os.stat(path)  # noqa: PTH116 - hundreds of files before every print
        total.update(f"{path} {about.st_size} {about.st_mtime_ns}\n".encode())
    return total.hexdigest()[:32]


def _installed() -> list[str]:
    """Return names with versions of `_PACKAGES`; importlib.metadata takes ten times as long."""
    found = []
    for place in sys.path:
        try:
            names = os.listdir(place or ".")  # noqa: PTH208 - names alone, of every library
        except OSError:
            continue
        found += [
            name
            for name in names
            if name.endswith(".dist-info") and name.partition("-")[0].lower() in _PACKAGES
        ]
    return found


def _ask_version(function: str, names: tuple[str, ...]) -> int:
    """Return the version that the first of these libraries found here reports; 0 for none."""
    for name in names:
        try:
            return int(getattr(ctypes.CDLL(name), function)())
        except (OSError, AttributeError):
            continue
    return 0


def _find_sources(folder: str) -> list[str]:
    found = []
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.endswith(".py"):
                found.append(entry.path)
            elif entry.is_dir(follow_symlinks=False) and entry.name != "__pycache__":
                found += _find_sources(entry.path)
    return found


FOLDER = ".papka/print"
SIZE = 4 << 30
"""Bytes of the folder above which the oldest entries go."""
_EDITION = b"papka-print 2"
_BODY, _TIP = "papka print", "papka print tip"
"""Purposes of the two codes of an entry: its bytes, and up to which commit it holds."""
_HEAD = len(_EDITION) + len(f" {64 * 'c'} {40 * 't'} {64 * 'c'}")


@dataclass(frozen=True, slots=True)
class Key:
    """What was printed: a form, for an address, with options."""

    form: str
    address: str
    options: str = ""

    @property
    def path(self) -> str:
        """The path of the entry; whatever a person types, it stays below the cache."""
        return f"{FOLDER}/{_safe_name(self.form)}/{self.name}"

    @property
    def name(self) -> str:
        return _safe_name(f"{self.address} {self.options}".rstrip())


@dataclass(frozen=True, slots=True)
class File:
    pages: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """The kept print of a key.

    `rests_on`: path of a file or folder -> its id, None where there was none; `commit`: the latest
    that changed any of them, as seen from `tip`.
    """

    rests_on: Mapping[str, str | None]
    commit: str
    tip: str
    files: tuple[File, ...]


class PrintCache:
    """Printed files kept in `.papka/print`, none trusted unread.

    An entry is used only when this person's papka made it, whole (a code says so every time; its
    key lies outside the archive), for the same versions of what prints. Anything wrong about it
    makes it as if it were not there. Whether the archive is still as the entry says is judged by
    `KeptPrints`.
    """

    def __init__(self, root: Path, versions: str) -> None:
        self._root = root
        self._versions = versions

    def find(self, key: Key) -> Kept | None:
        data = dot_papka.read(self._root, key.path, most=LARGE)
        try:
            return None if data is None else self._parse(key, data)
        except (ValueError, KeyError, TypeError):
            return None  # damaged, cut short or of another edition: it is made anew

    def keep(self, key: Key, kept: Kept) -> None:
        """Keep a print; a failure, such as a full disk, is ignored."""
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
        head = b" ".join([_EDITION, code.encode(), _sign_tip(code, kept.tip)])
        try:
            dot_papka.write(self._root, key.path, head + b"\n" + body, synced=False)
        except (OSError, Refused):
            return

    def move_tip(self, key: Key, tip: str) -> None:
        """Record that the entry still holds at this later commit."""

        def rewrite(head: bytes) -> bytes:
            code = head[len(_EDITION) + 1 :].partition(b" ")[0]
            return b" ".join([_EDITION, code, _sign_tip(code.decode("ascii", "replace"), tip)])

        dot_papka.rewrite_start(self._root, key.path, _HEAD, rewrite)

    def clean(self, form: str, addresses: Collection[str]) -> None:
        """Remove what was kept of a form for any other address."""
        known = {Key(form, address).name for address in addresses}
        folder = f"{FOLDER}/{_safe_name(form)}"
        for entry in dot_papka.entries(self._root, folder):
            name, _, _ = entry.name.partition("%20")
            if name not in known and entry.name not in known:
                dot_papka.remove(self._root, f"{folder}/{entry.name}")

    def trim(self, size: int = SIZE) -> None:
        """Remove the oldest entries until the rest is not above `size` bytes."""
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

    def _parse(self, key: Key, data: bytes) -> Kept | None:
        start = data.index(b"\n")
        edition, code, tip, code_of_tip = data[:start].rsplit(b" ", 3)
        body = memoryview(data)[start + 1 :]
        if edition != _EDITION or not is_authentic(code.decode(), _BODY, [body]):
            return None
        if _sign_tip(code.decode(), tip.decode()) != tip + b" " + code_of_tip:
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


def _sign_tip(code: str, tip: str) -> bytes:
    """Return the commit with a code of its own, so that it moves without reading the bytes."""
    return f"{tip} {authenticate(_TIP, [code.encode(), tip.encode()])}".encode()


def _safe_name(text: str) -> str:
    """Return a name that a file may have on any system."""
    name = quote(text, safe="").replace(".", "%2E")
    digest = sha256(name.encode()).hexdigest()
    return name if len(name) <= 120 else f"{name[:20]}-{digest[:40]}"


@dataclass(frozen=True, slots=True)
class Way:
    """How to print.

    `on`: as valid on that day; `duplex`: on both sides; `new_sheets`: only what came after the
    last bound volume; `html`: for a browser.
    """

    on: dt.date | None = None
    duplex: bool = False
    new_sheets: bool = False
    html: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether such prints are kept: they rest on one state and need a layout."""
        return not self.html and not self.new_sheets

    @property
    def options(self) -> str:
        """The same in words, for the key of the cache."""
        return f"{self.on or ''} {'duplex' if self.duplex else ''}".strip()


@dataclass(frozen=True, slots=True)
class Pressed:
    """The finished files of one form and address: volumes of a personal file, else one.

    `commit`: the latest that changed what the paper rests on; `rests_on`: path -> id of content,
    None where there was nothing.
    """

    files: tuple[Printed, ...]
    commit: str
    rests_on: Mapping[str, str | None]
    from_cache: bool = False


class KeptPrints:
    """What was printed before and would come out the same now, seen from one commit.

    A print is used only when every file and folder it rests on has the content it had, and no
    commit between touched any of them. With `cache` False nothing is found or kept.
    """

    def __init__(self, root: Path, tree: CommitTree, way: Way, *, cache: bool = True) -> None:
        self._root = root
        self._tree = tree
        self._options = way.options
        self._cache = PrintCache(root, versions()) if cache and way.is_kept else None
        self._touched: dict[str, frozenset[str] | None] = {}

    def find(self, form: str, address: str) -> Pressed | None:
        if self._cache is None:
            return None
        key = Key(form, address, self._options)
        found = self._cache.find(key)
        if found is None or not self._still_holds(found):
            return None
        if found.tip != self._tree.commit:
            self._cache.move_tip(key, self._tree.commit)
        of = len(found.files)
        files = tuple(
            Printed(f"{file_name(form, address, volume, of)}.pdf", file.data, file.pages)
            for volume, file in enumerate(found.files, 1)
        )
        return Pressed(files, found.commit, found.rests_on, from_cache=True)

    def keep(self, form: str, address: str, pressed: Pressed) -> None:
        if self._cache is None:
            return
        files = tuple(File(file.pages, file.data) for file in pressed.files)
        kept = Kept(pressed.rests_on, pressed.commit, self._tree.commit, files)
        self._cache.keep(Key(form, address, self._options), kept)

    def clean(self, form: str, addresses: Collection[str]) -> None:
        """Forget what was kept for any other address, and what is beyond the cache's size."""
        if self._cache is not None:
            self._cache.clean(form, addresses)
            self._cache.trim()

    def _still_holds(self, kept: Kept) -> bool:
        if any(self._tree.id_of(path) != id_ for path, id_ in kept.rests_on.items()):
            return False
        if kept.tip == self._tree.commit:
            return True
        if kept.tip not in self._touched:
            between = touched_between(self._root, kept.tip, self._tree.commit)
            self._touched[kept.tip] = between
        touched = self._touched[kept.tip]
        # A change that was taken back leaves the content as it was, and another latest commit.
        return touched is not None and touched.isdisjoint(kept.rests_on)
