"""What this computer remembers, asked before a verdict and written after a good one.

Invariants: nothing is learnt from an archive with an error in it; memory in trouble never stops a
command, it is told; a store is known by its id, and by its place as well, so that taking the id
away, or putting another there, hides nothing. Absent on purpose: judging (`known_heads`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from papka.core.codes import memory as codes
from papka.core.errors import PapkaError
from papka.core.findings import Code, Finding, Location
from papka.core.history import Commit
from papka.core.memory import Known, KnownSeal, KnownStore, Receipt, Unsent
from papka.gates.git.addresses import folder_of, is_elsewhere
from papka.gates.git.identity import give_id, store_id
from papka.gates.git.line import line_after, line_to
from papka.gates.git.repository import Remote
from papka.gates.git.store import Store, locate
from papka.gates.memory import Memory, MemoryTrouble
from papka.integrity.anchors import Anchors


@dataclass(frozen=True, slots=True)
class Recalled:
    """`known`: the archive, `store`: this very store, as they were; `trouble`: memory is there and
    cannot be read, so nothing may be written either."""

    known: Known | None = None
    store: KnownStore | None = None
    trouble: tuple[Finding, ...] = ()

    @property
    def is_empty(self) -> bool:
        return self.known is None and self.store is None

    @property
    def verified(self) -> frozenset[str]:
        """Commits that were verified here."""
        bound = self.known.bound[: self.known.verified] if self.known else ()
        unsent = (each.id for each in self.store.unsent) if self.store else ()
        return frozenset((*bound, *unsent))


def recall(memory: Memory, store: Store, root: str) -> Recalled:
    """`root`: the first commit of what lies in the store, empty when it cannot be read."""
    try:
        found = _recognised(memory.stores(), store)
        first = root or (found.root if found else "")
        return Recalled(memory.known(first) if first else None, found)
    except MemoryTrouble as error:
        return Recalled(trouble=(_told(codes.MEMORY_UNREADABLE, error),))


def remember(
    memory: Memory,
    store: Store,
    commits: Sequence[Commit],
    *,
    confirmed: frozenset[str] | None,
    learnt: Known,
) -> tuple[Finding, ...]:
    """Writes down what was verified without an error; says why when that could not be done.

    `confirmed`: commits that mirrors were seen to have, None when there is no mirror at all;
    `learnt`: the archive's root, and the seal and the anchors found right this time.
    """
    give_id(store)
    try:
        with memory.held():
            known, stores = memory.known(learnt.root) or Known(learnt.root), memory.stores()
            bound, verified = _grown(known, commits, confirmed)
            past = set(bound)
            unsent = tuple(
                Unsent(c.id, c.author.name, c.author.time) for c in commits if c.id not in past
            )
            known = replace(
                known,
                bound=bound,
                verified=verified,
                seal=max(known.seal, learnt.seal, key=_height),
                keys=_joined(known.keys, learnt.keys),
                anchored=_joined(known.anchored, learnt.anchored),
                refoundings=_joined(known.refoundings, learnt.refoundings),
            )
            base = next((c.id for c in reversed(commits) if c.id in past), "")
            now = KnownStore(*_identity(store), learnt.root, commits[-1].id, base, unsent)
            memory.keep(known, _put(stores, now, _recognised(stores, store)))
    except MemoryTrouble as error:
        return (_told(codes.MEMORY_NOT_KEPT, error),)
    return ()


def remember_new(memory: Memory, root: Path, commit: str, keys: Sequence[str]) -> str:
    """An archive made here just now, with the fingerprint of its head; says what went wrong."""
    store = locate(root)
    give_id(store)
    try:
        with memory.held():
            stores = memory.stores()
            new = KnownStore(*_identity(store), commit, commit)
            known = Known(commit, (commit,), verified=1, keys=tuple(keys))
            memory.keep(known, _put(stores, new, _recognised(stores, store)))
    except MemoryTrouble as error:
        return error.reason
    return ""


@dataclass(frozen=True, slots=True)
class Witness:
    """Writes receipts of mirrors as they come."""

    memory: Memory
    now: datetime

    def confirmed(self, root: Path, remote: Remote, commit: str) -> str:
        """The mirror said it has `commit`; says why that could not be remembered."""
        try:
            with self.memory.held():
                self._confirmed(root, remote, commit)
        except MemoryTrouble as error:
            return f"{error.path}: {error.reason}"
        except PapkaError as error:
            return error.message
        return ""

    def replaced(
        self,
        root: Path,
        unsent: Collection[str],
        base: str,
        seals: tuple[KnownSeal | None, KnownSeal | None],
    ) -> None:
        """The saves after `base` are signed anew, or were done by others too: none of them is
        missed from here on, nor the first of `seals`, the last one of the saves; the other is the
        last one of `base`. Trouble is told when the mirrors confirm."""
        with suppress(MemoryTrouble, PapkaError), self.memory.held():
            stores = self.memory.stores()
            mine = _recognised(stores, locate(root))
            if mine is not None and mine.head in unsent and (known := self.memory.known(mine.root)):
                new = replace(mine, head=base, base="", unsent=())
                known = replace(known, seal=seals[1]) if known.seal == seals[0] else known
                self.memory.keep(known, _put(stores, new, mine))

    def _confirmed(self, root: Path, remote: Remote, commit: str) -> None:
        store, stores = locate(root), self.memory.stores()
        mine = _recognised(stores, store)
        known = self.memory.known(mine.root) if mine else None
        bound = _bound_with(root, known, commit)
        if not bound:
            return
        known = known or self.memory.known(bound[0]) or Known(bound[0])
        if commit not in bound or known.bound[-1:] != bound[: len(known.bound)][-1:]:
            return  # another history than the one known here: verify will tell
        receipt = Receipt(remote.url, commit, int(self.now.timestamp()))
        others = tuple(each for each in known.receipts if each.store != remote.url)
        if mine is None or mine.root != known.root:
            give_id(store)
            stores = _put(stores, KnownStore(*_identity(store), known.root, commit), mine)
        elif mine.head in bound:
            head = max(mine.head, commit, key=bound.index)
            stores = _put(stores, replace(mine, head=head, base="", unsent=()), mine)
        if not is_elsewhere(remote.url):
            place = folder_of(root, remote.url).resolve()
            theirs = KnownStore(store_id(place), str(place), known.root, commit)
            stores = _put(stores, theirs, None)
        self.memory.keep(replace(known, bound=bound, receipts=(*others, receipt)), stores)


def learnt(
    root: str, root_key: str, seals: Mapping[int, str], met: Anchors, acts: Collection[str]
) -> Known:
    """What a verification found right: the highest seal, and what paper vouched for."""
    highest = max(seals, default=0)
    return Known(
        root,
        seal=KnownSeal(highest, seals[highest]) if highest else None,
        keys=(root_key,) if met and root_key else (),
        anchored=tuple(sorted(met.seals)),
        refoundings=tuple(sorted(acts)),
    )


def _grown(
    known: Known, commits: Sequence[Commit], confirmed: frozenset[str] | None
) -> tuple[tuple[str, ...], int]:
    """What is bound now, and how many of it are verified; what was bound stays so."""
    line = tuple(commit.id for commit in commits)
    old = known.bound
    if old and old[-1] not in line:  # a copy of a date, or one with unsent commits of its own
        common = len(set(line).intersection(old))
        return old, max(known.verified, common)
    sent = len(line)
    if confirmed is not None:
        # Of a joining that was accepted, what was bound may lie beside the line that goes on.
        kept = {*confirmed, *old[-1:]}
        sent = max((at + 1 for at, id_ in enumerate(line) if id_ in kept), default=1)
    return line[:sent], sent


def _bound_with(root: Path, known: Known | None, commit: str) -> tuple[str, ...]:
    """All that is bound once a mirror has `commit`, asking only for what is new where that goes."""
    tip = known.bound[-1] if known and known.bound else ""
    new = line_after(root, tip, commit) if tip else None
    if known is not None and new is not None:
        return (*known.bound, *new)
    if known is not None and commit in known.bound:
        return known.bound
    return line_to(root, commit)


def _recognised(stores: Sequence[KnownStore], store: Store) -> KnownStore | None:
    """This store as it was: the same id at the same place, else whatever lay at this place, else
    the same id at a place where it is no more (it was moved; otherwise this is a copy)."""
    id_, path = _identity(store)
    here = [each for each in stores if each.path == path]
    exact = [each for each in here if each.id == id_]
    moved = [
        each
        for each in stores
        if id_ and each.id == id_ and each.path != path and store_id(Path(each.path)) != id_
    ]
    return next(iter((*exact, *here, *moved)), None)


def _put(
    stores: Sequence[KnownStore], new: KnownStore, was: KnownStore | None
) -> tuple[KnownStore, ...]:
    """`new` in place of what it was; another medium that lay at the same place stays known."""
    same = (new.id, new.path)
    left = [
        each
        for each in stores
        if (each.id, each.path) != same
        and not (each == was and (each.id == new.id or not each.id or each.root != new.root))
    ]
    return (*left, new)


def _identity(store: Store) -> tuple[str, str]:
    return store_id(store.common), str(store.common.resolve())


def _height(seal: KnownSeal | None) -> int:
    return seal.number if seal else 0


def _joined(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _told(code: Code, error: MemoryTrouble) -> Finding:
    return code.at(Location(), path=error.path, reason=error.reason)
