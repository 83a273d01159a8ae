"""Reads from history where the facts of personal files come from (requirements, R-6.1).

Invariants: for many files history is walked once; a version of a record is read by its blob, never
from the work tree; a later commit that touched neither the folder nor what it cites changes
nothing. Absent on purpose: judging signatures. What a broken signature says of its key is nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from pathlib import Path

from papka.core.history import Change
from papka.core.seals import LIST, SEALS, TEXT, read_seal_file, seal_file
from papka.core.snapshot import Part, Tree
from papka.gates.git.folder_history import Histories, Touched
from papka.gates.git.objects import Objects
from papka.integrity.folder_digest import folder_digest
from papka.integrity.seals import BadSeal, read_seal
from papka.model.archive import Archive
from papka.model.student import Student
from papka.tasks.signed import signing_key
from papka.text.document import read
from papka.text.entries import Value
from papka.text.schemas import SchemaSet
from papka.views.deeds import Deed
from papka.views.provenance import Provenance, cited, provenance
from papka.views.wording import NBSP, day

_VERSIONS_KEPT = 256


class Provenances:
    """The provenance of personal files as of the commit `tip` (a full id), which `tree` shows."""

    def __init__(
        self, root: Path, tip: str, tree: Tree, schemas: SchemaSet, *, many: bool = False
    ) -> None:
        """`many`: history is walked once for all, not searched for each."""
        self._root = root
        self._tip = tip
        self._tree = tree
        self._schemas = schemas
        self._all = Histories(root, tip) if many else None
        self._objects = Objects(root)
        self._version = lru_cache(_VERSIONS_KEPT)(self._read_version)
        self._facts = lru_cache(1)(self._read_facts)  # a paper is composed, then laid out

    def of(
        self, archive: Archive, student: Student, commit: str, consulted: set[str] | None = None
    ) -> Provenance:
        """`commit` is the state the paper names; what it rests on is added to `consulted`."""
        units = (student.folder, *cited(student))
        if consulted is not None:
            consulted.update(units, (SEALS,))
        deeds, digest = self._facts(units)
        title, seal = self._schemas.title, self._seal(student.folder, digest)
        return provenance(archive, student, deeds, title, commit=commit, digest=digest, seal=seal)

    def _read_facts(self, units: tuple[str, ...]) -> tuple[tuple[Deed, ...], str]:
        """The history of a folder (the first of the units) and what it cites; its digest."""
        histories = self._all or Histories(self._root, self._tip, units)
        return tuple(self._deeds(histories.of(units))), folder_digest(self._files(units[0]))

    def _files(self, folder: str) -> Iterator[tuple[str, bytes]]:
        part = Part(self._tree, folder)
        for path, data in part.read_many(part.paths()):
            yield path.removeprefix(f"{folder}/"), data

    def _seal(self, folder: str, digest: str) -> str | None:
        """The last seal, and whether it is on the folder as it is now."""
        if self._sealed is None:
            return None
        number, date, lines = self._sealed
        is_same = f"{digest}  {folder}" in lines
        how = "свёртка этой папки есть в её списке" if is_same else "с тех пор папка изменилась"
        return f"№{NBSP}{number:04} от {day(date)}; {how}"

    @cached_property
    def _sealed(self) -> tuple[int, dt.date, frozenset[str]] | None:
        files = (read_seal_file(f"{SEALS}/{name}") for name in self._tree.names(SEALS))
        number = max((file[0] for file in files if file), default=0)
        if not number:
            return None
        try:
            said = read_seal(self._tree.read(seal_file(number, TEXT)))
            lines = self._tree.read(seal_file(number, LIST)).decode("ascii", "replace")
        except (KeyError, BadSeal):
            return None  # what is wrong with a seal, `papka verify` tells
        return number, said.date, frozenset(lines.splitlines())

    def _deeds(self, touched: Sequence[Touched]) -> Iterator[Deed]:
        """Oldest first."""
        for each in reversed(touched):
            key, time = signing_key(each.commit), each.commit.committer.moment
            for change in each.changes:
                yield Deed(
                    each.commit.id,
                    time,
                    each.commit.author.name,
                    key,
                    change.path,
                    is_new=change.added,
                    is_gone=change.deleted,
                    before=self._record(change, change.old_id),
                    after=self._record(change, change.new_id),
                )

    def _record(self, change: Change, id_: str) -> Value:
        return self._version(id_, change.path) if id_ and change.path.endswith(".yaml") else None

    def _read_version(self, id_: str, path: str) -> Value:
        return read(self._objects.read(id_)[1], path).value
