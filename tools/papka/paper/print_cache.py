"""Finished forms, and the cache that saves printing them again.

`KeptPrints` decides whether a print of the cache is still valid; asking reads no record and imports
nothing that prints. The folder has a size it does not outgrow, and entries name no files: names are
given anew.
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
from typing import Any, NamedTuple
from urllib.parse import quote

from papka.core.errors import Refused
from papka.core.places import REGISTERS, STUDENTS, is_student_id, student_named
from papka.repository import dot_papka
from papka.repository.commit_snapshots import CommitTree
from papka.repository.dot_papka import authenticate, is_authentic
from papka.repository.files import LARGE
from papka.repository.history import touched_between


class BoundSheets(NamedTuple):
    """What a printed volume binds: titles and sheets of its inventory, as words.

    `sheets`: None where a paper was not counted.
    """

    volume: int
    sheets: int | None
    papers: tuple[tuple[str, str], ...]


class PrintedFile(NamedTuple):
    """A finished file; `pages`: 0 for HTML, which only a browser divides.

    `bound`: of a volume of a personal file.
    """

    name: str
    data: bytes
    pages: int
    bound: BoundSheets | None = None

    @property
    def kind(self) -> str:
        """The ending of the name: pdf or html."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class PrintedDocument:
    """One form for one address, printed: volumes of a personal file, else one file.

    `commit`: the latest that changed what the paper rests on; `rests_on`: path of a file or folder
    -> id of its content, None where there was nothing; `unsaved`: changed paths that the paper
    rests on and does not show.
    """

    files: tuple[PrintedFile, ...]
    commit: str
    rests_on: Mapping[str, str | None]
    from_cache: bool = False
    unsaved: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PrintOptions:
    """How to print.

    `on`: as valid on that day; `duplex`: on both sides; `new_sheets`: only what came after the
    last bound volume; `rebind`: all of a file that is bound; `html`: for a browser; `turn`: the
    last day up to today from which another signs for the school, or its name, address or licence
    is another.
    """

    on: dt.date | None = None
    duplex: bool = False
    new_sheets: bool = False
    html: bool = False
    turn: dt.date | None = None
    rebind: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether such prints are kept: they rest on one state and need a layout."""
        return not self.html and not self.new_sheets

    def __str__(self) -> str:
        """Return what differs on paper, as a part of the key of the cache."""
        words = (
            self.on,
            "duplex" if self.duplex else "",
            "rebind" if self.rebind else "",
            self.turn and f"since {self.turn}",
        )
        return " ".join(str(word) for word in words if word)


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
_KEY = ("form", "address", "options")
_HEAD = len(_EDITION) + len(f" {64 * 'c'} {40 * 't'} {64 * 'c'}")


Key = tuple[str, str, str]
"""Form, address and options (`str` of PrintOptions) of a kept print."""


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

    def find(self, key: Key) -> tuple[PrintedDocument, str] | None:
        """Return the print, and the commit as seen from which it holds."""
        data = dot_papka.read(self._root, _path_of(key), most=LARGE)
        try:
            return None if data is None else self._parse(key, data)
        except (ValueError, KeyError, TypeError):
            return None  # damaged, cut short or of another edition: it is made anew

    def keep(self, key: Key, printed: PrintedDocument, tip: str) -> None:
        """Keep a print that holds at the commit `tip`; a failure, as of a full disk, is ignored."""
        about = {
            **dict(zip(_KEY, key, strict=True)),
            "versions": self._versions,
            "commit": printed.commit,
            "rests_on": dict(printed.rests_on),
            "files": [(file.pages, len(file.data), file.bound) for file in printed.files],
        }
        line = json.dumps(about, ensure_ascii=True, sort_keys=True).encode() + b"\n"
        body = b"".join([line, *(file.data for file in printed.files)])
        code = authenticate(_BODY, [body])
        if code is None:
            return
        head = b" ".join([_EDITION, code.encode(), _sign_tip(code, tip)])
        try:
            dot_papka.write(self._root, _path_of(key), head + b"\n" + body, synced=False)
        except (OSError, Refused):
            return

    def move_tip(self, key: Key, tip: str) -> None:
        """Record that the entry still holds at this later commit."""

        def rewrite(head: bytes) -> bytes:
            code = head[len(_EDITION) + 1 :].partition(b" ")[0]
            return b" ".join([_EDITION, code, _sign_tip(code.decode("ascii", "replace"), tip)])

        dot_papka.rewrite_start(self._root, _path_of(key), _HEAD, rewrite)

    def clean(self, form: str, addresses: Collection[str]) -> None:
        """Remove what was kept of a form for any other address."""
        known = {_name_of((form, address, "")) for address in addresses}
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

    def _parse(self, key: Key, data: bytes) -> tuple[PrintedDocument, str] | None:
        start = data.index(b"\n")
        edition, code, tip, code_of_tip = data[:start].rsplit(b" ", 3)
        body = memoryview(data)[start + 1 :]
        if edition != _EDITION or not is_authentic(code.decode(), _BODY, [body]):
            return None
        if _sign_tip(code.decode(), tip.decode()) != tip + b" " + code_of_tip:
            return None
        end = data.index(b"\n", start + 1)
        about = json.loads(data[start + 1 : end])
        if tuple(about[name] for name in (*_KEY, "versions")) != (*key, self._versions):
            return None
        files, at = [], end + 1
        for volume, (pages, size, bound) in enumerate(about["files"], 1):
            name = f"{file_name(key[0], key[1], volume, len(about['files']))}.pdf"
            files.append(PrintedFile(name, data[at : at + size], pages, _as_bound(bound)))
            at += size
        found = PrintedDocument(tuple(files), about["commit"], about["rests_on"], from_cache=True)
        return found, tip.decode()


def _as_bound(said: list[Any] | None) -> BoundSheets | None:
    if said is None:
        return None
    volume, sheets, papers = said
    return BoundSheets(volume, sheets, tuple((title, labels) for title, labels in papers))


def _sign_tip(code: str, tip: str) -> bytes:
    """Return the commit with a code of its own, so that it moves without reading the bytes."""
    return f"{tip} {authenticate(_TIP, [code.encode(), tip.encode()])}".encode()


def _path_of(key: Key) -> str:
    """Return the path of the entry; whatever a person types, it stays below the cache."""
    return f"{FOLDER}/{_safe_name(key[0])}/{_name_of(key)}"


def _name_of(key: Key) -> str:
    _, address, options = key
    return _safe_name(f"{address} {options}".rstrip())


def _safe_name(text: str) -> str:
    """Return a name that a file may have on any system."""
    name = quote(text, safe="").replace(".", "%2E")
    digest = sha256(name.encode()).hexdigest()
    return name if len(name) <= 120 else f"{name[:20]}-{digest[:40]}"


class KeptPrints:
    """What was printed before and would come out the same now, seen from one commit.

    A print is used only when every file and folder it rests on has the content it had, and no
    commit between touched any of them. With `cache` False nothing is found or kept, with `keep`
    False nothing is kept.
    """

    def __init__(
        self,
        root: Path,
        tree: CommitTree,
        options: PrintOptions,
        *,
        cache: bool = True,
        keep: bool = True,
    ) -> None:
        self._root = root
        self._tree = tree
        self._options = str(options)
        self._cache = PrintCache(root, versions()) if cache and options.is_kept else None
        self._keep = keep
        self._touched: dict[str, frozenset[str] | None] = {}
        self._ids: dict[str, str | None] = {}
        """Of what most papers rest on: what is not below a student's folder."""

    def find(self, form: str, address: str) -> PrintedDocument | None:
        if self._cache is None:
            return None
        key = form, address, self._options
        found, tip = self._cache.find(key) or (None, "")
        if found is None or not self._still_holds(found.rests_on, tip, address):
            return None
        if self._keep and tip != self._tree.commit:
            self._cache.move_tip(key, self._tree.commit)
        return found

    def keep(self, form: str, address: str, printed: PrintedDocument) -> None:
        if self._cache is not None and self._keep:
            self._cache.keep((form, address, self._options), printed, self._tree.commit)

    def clean(self, form: str, addresses: Collection[str]) -> None:
        """Forget what was kept for any other address, and what is beyond the cache's size."""
        if self._cache is not None:
            self._cache.clean(form, addresses)
            self._cache.trim()

    def _still_holds(self, rests_on: Mapping[str, str | None], tip: str, address: str) -> bool:
        if any(self._id_of(path) != id_ for path, id_ in rests_on.items()):
            return False
        if tip == self._tree.commit:
            return True
        if tip not in self._touched:
            self._touched[tip] = touched_between(self._root, tip, self._tree.commit)
        touched = self._touched[tip]
        # A change that was taken back leaves the content as it was, and another latest commit.
        if touched is None or not touched.isdisjoint(rests_on):
            return False
        return not is_student_id(address) or not self._is_issued(address, touched)

    def _id_of(self, path: str) -> str | None:
        if path.startswith(f"{STUDENTS}/"):
            return self._tree.id_of(path)
        if path not in self._ids:
            self._ids[path] = self._tree.id_of(path)
        return self._ids[path]

    def _is_issued(self, student: str, touched: frozenset[str]) -> bool:
        """Whether one of these entries of the books, new ones among them, is about the student."""
        entries = [
            path
            for path in touched
            if path.startswith(f"{REGISTERS}/")
            and path.endswith(".yaml")
            and self._tree.id_of(path)
        ]
        return any(student_named(data) == student for _, data in self._tree.read_many(entries))
