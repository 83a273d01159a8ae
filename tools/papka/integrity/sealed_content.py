"""What a commit holds, digested as a seal lists it: from trees and blobs, each counted once.

Invariants: a digest follows from content alone, so equal folders of two seals are digested once
however many seals there are; what cannot be sealed (an odd name, a link, a lost file) has no digest
and so equals nothing. Absent on purpose: reading. Trees and digests of blobs are given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from papka.core.history import TREE, TreeEntry
from papka.core.seals import TRUST, is_plain, is_plain_mode, unit_folder

_DEEPEST = 64
"""Folders in folders; an archive has eight. Deeper ones are made to exhaust who reads them."""

Trees = Mapping[str, Sequence[TreeEntry]]
"""Entries of every tree by its id."""


@dataclass(frozen=True, slots=True)
class Content:
    """`lines`: what each line of the list must say, path -> digest in hex, empty where there can
    be none; `trust`: the digest of the folder of trust."""

    lines: Mapping[str, str]
    trust: str


class Digests:
    """Of many commits of one archive."""

    def __init__(self, trees: Trees, blobs: Mapping[str, str]) -> None:
        """`blobs`: SHA-256 in hex by blob id. A tree or blob that is not there is lost."""
        self._trees = trees
        self._blobs = blobs
        self._folders: dict[str, str] = {}

    def content(self, tree: str) -> Content:
        """Of the commit whose tree this is."""
        lines = dict(self._lines(tree, ""))
        at: str | None = tree
        for name in TRUST.split("/"):
            entries = self._trees.get(at, ()) if at else ()
            at = next((e.id for e in entries if e.name == name and e.mode == TREE), None)
        return Content(lines, self._folder(at) if at else "")

    def _lines(self, tree: str, prefix: str) -> Iterator[tuple[str, str]]:
        if tree not in self._trees or prefix.count("/") > _DEEPEST:
            yield prefix.removesuffix("/"), ""
            return
        for entry in self._trees[tree]:
            path = prefix + entry.name
            if entry.mode == TREE and unit_folder(path) == path:
                yield path, self._folder(entry.id) if is_plain(path) else ""
            elif entry.mode == TREE:
                yield from self._lines(entry.id, f"{path}/")
            else:
                yield path, self._file(path, entry)

    def _folder(self, tree: str) -> str:
        """As coreutils digest the folder (`folder_digest`); "" when something in it has none."""
        if tree not in self._folders:
            files = sorted(self._files(tree, "./"))
            self._folders[tree] = ""
            if all(digest for _, digest in files):
                text = "".join(f"{digest}  {path}\n" for path, digest in files)
                self._folders[tree] = hashlib.sha256(text.encode()).hexdigest()
        return self._folders[tree]

    def _files(self, tree: str, prefix: str) -> Iterator[tuple[str, str]]:
        if tree not in self._trees or prefix.count("/") > _DEEPEST:
            yield prefix, ""
            return
        for entry in self._trees[tree]:
            path = prefix + entry.name
            if entry.mode == TREE:
                yield from self._files(entry.id, f"{path}/")
            else:
                yield path, self._file(path, entry)

    def _file(self, path: str, entry: TreeEntry) -> str:
        if not is_plain(path) or not is_plain_mode(path, entry.mode):
            return ""
        return self._blobs.get(entry.id, "")
