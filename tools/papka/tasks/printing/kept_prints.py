"""What was printed before and would come out the same now.

Invariants: a kept print is used only when every file and folder it rests on has the content it had,
and no commit between touched any of them; its file is named here, as at the first time; asking
reads no record and imports nothing that prints.
Absent on purpose: printing (`press`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from papka.gates.engine import versions
from papka.gates.git.commit_tree import CommitTree
from papka.gates.git.tracing import touched_between
from papka.gates.print_cache import File, Kept, Key, PrintCache
from papka.tasks.printing.printed import Printed, file_name


@dataclass(frozen=True, slots=True)
class Way:
    """How to print: `on` as valid on that day, `duplex` for both sides of a sheet, `new_sheets`
    only what came after the last bound volume, `html` for a browser."""

    on: dt.date | None = None
    duplex: bool = False
    new_sheets: bool = False
    html: bool = False

    @property
    def is_kept(self) -> bool:
        """Whether such prints are kept: those that rest on one state and need a layout."""
        return not self.html and not self.new_sheets

    @property
    def options(self) -> str:
        """The same in words, for the key of the cache."""
        return f"{self.on or ''} {'duplex' if self.duplex else ''}".strip()


@dataclass(frozen=True, slots=True)
class Pressed:
    """`files` are volumes of a personal file, else one; `commit` is the latest that changed what
    the paper rests on; `rests_on` is path -> id of content, None where there was nothing."""

    files: tuple[Printed, ...]
    commit: str
    rests_on: Mapping[str, str | None]
    from_cache: bool = False


class KeptPrints:
    """Those of one archive, seen from one commit; `cache` False finds and keeps nothing."""

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
        if found is None or not self._holds(found):
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

    def _holds(self, kept: Kept) -> bool:
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
