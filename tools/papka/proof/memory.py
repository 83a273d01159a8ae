"""Memory in files below a folder of the user's own, outside every archive.

`<folder>/<first commit>/memory.json` for each archive, `<folder>/stores.json` for all stores.
Invariants: written whole or not at all, readable by the user alone; what cannot be understood is
told and left as it is. Absent on purpose: finding the folder (`own_key.state_folder`).

Where this user's programs keep what they remember, outside every archive.

Absent on purpose: making the folder; nothing is made before something is kept.

What this computer remembers, asked before a verdict and written after a good one.

Invariants: nothing is learnt from an archive with an error in it; memory in trouble never stops a
command, it is told; a store is known by its id, and by its place as well, so that taking the id
away, or putting another there, hides nothing. Absent on purpose: judging (`known_heads`).

Paper acts of re-founding that this computer was shown, for jobs that are no verification.

Absent on purpose: trouble. A memory that cannot be read vouches for nothing; `verify` tells it.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from papka.core.errors import LockHeld, PapkaError, cannot_access
from papka.core.findings import Code, Finding, Location
from papka.proof import verify_codes
from papka.proof.anchors import Anchors, Known, KnownSeal, KnownStore, Receipt, Unsent
from papka.repository.commit_snapshots import first_commit
from papka.repository.dot_papka import file_lock, state_folder
from papka.repository.files import LARGE, NotPlain, read_plain
from papka.repository.git_values import Commit
from papka.repository.handle import Remote, folder_of, is_elsewhere
from papka.repository.history import line_after, line_to
from papka.repository.store import Store, give_id, locate, store_id

T = TypeVar("T")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_FORMAT = 1
_SECONDS = 10.0


class MemoryTrouble(Exception):
    """A file of memory cannot be read or written; `path` and `reason` are for the reader."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Memory:
    """What is remembered below `folder`, which is made when something is kept."""

    folder: Path

    def known(self, root: str) -> Known | None:
        """The archive that begins with this commit; raises MemoryTrouble."""
        return _understood(self._file(root), _known, None)

    def stores(self) -> tuple[KnownStore, ...]:
        """All stores seen here; raises MemoryTrouble."""
        return _understood(self._stores, _read_stores, ())

    def keep(self, known: Known, stores: Sequence[KnownStore]) -> None:
        """Writes an archive down, and all stores; call it holding `held`. Raises MemoryTrouble."""
        # The archive first: a store behind what is known is a copy, one ahead would be a riddle.
        _write(self._file(known.root), asdict(known))
        _write(self._stores, {"stores": [asdict(store) for store in stores]})

    @contextmanager
    def held(self) -> Iterator[None]:
        """For reading and then keeping: commands at one time lose nothing of each other's."""
        lock = self.folder / "lock"
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock.touch(mode=0o600)
        except OSError as error:
            raise MemoryTrouble(self.folder, cannot_access(error).message) from error
        try:
            with file_lock(lock, str(lock), _SECONDS):
                yield
        except LockHeld as error:
            raise MemoryTrouble(lock, error.message) from error

    def _file(self, root: str) -> Path:
        assert _COMMIT.fullmatch(root)
        return self.folder / root / "memory.json"

    @property
    def _stores(self) -> Path:
        return self.folder / "stores.json"


def _understood(file: Path, read: Callable[[Mapping[str, Any]], T], nothing: T) -> T:
    try:
        value = json.loads(read_plain(file, most=LARGE, follow=True))
        if value["format"] != _FORMAT:
            raise MemoryTrouble(file, "его писала другая версия papka")
        return read(value)
    except (FileNotFoundError, NotADirectoryError):
        return nothing
    except OSError as error:
        raise MemoryTrouble(file, cannot_access(error).message) from error
    except NotPlain as error:
        raise MemoryTrouble(file, error.reason) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise MemoryTrouble(file, "файл повреждён") from error


def _write(file: Path, value: Mapping[str, Any]) -> None:
    data = json.dumps({"format": _FORMAT, **value}, ensure_ascii=False, indent=0).encode()
    try:
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=".papka-", dir=file.parent)  # for the user alone
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            Path(name).replace(file)
        except BaseException:
            with suppress(OSError):
                Path(name).unlink()
            raise
    except OSError as error:
        raise MemoryTrouble(file, cannot_access(error).message) from error


def _known(value: Mapping[str, Any]) -> Known:
    seal = value["seal"]
    return Known(
        root=_commit(value["root"]),
        bound=tuple(map(_commit, value["bound"])),
        verified=int(value["verified"]),
        seal=None if seal is None else KnownSeal(int(seal["number"]), _text(seal["digest"])),
        receipts=_receipts(value["receipts"]),
        looked=_receipts(value.get("looked", ())),  # not remembered at first
        keys=tuple(map(_text, value["keys"])),
        anchored=tuple(map(_text, value["anchored"])),
        refoundings=tuple(map(_text, value["refoundings"])),
    )


def _receipts(value: Iterable[Mapping[str, Any]]) -> tuple[Receipt, ...]:
    return tuple(
        Receipt(_text(each["store"]), _commit(each["commit"]), int(each["time"])) for each in value
    )


def _read_stores(value: Mapping[str, Any]) -> tuple[KnownStore, ...]:
    return tuple(
        KnownStore(
            _text(each["id"]),
            _text(each["path"]),
            _commit(each["root"]),
            _commit(each["head"]),
            _text(each["base"]),
            tuple(
                Unsent(_commit(one["id"]), _text(one["author"]), int(one["time"]))
                for one in each["unsent"]
            ),
        )
        for each in value["stores"]
    )


def _commit(value: object) -> str:
    if not isinstance(value, str) or _COMMIT.fullmatch(value) is None:
        raise ValueError(value)
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def memory() -> Memory:
    """What papka remembers for this user."""
    return Memory(state_folder())


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
        return Recalled(trouble=(_told(verify_codes.MEMORY_UNREADABLE, error),))


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
        return (_told(verify_codes.MEMORY_NOT_KEPT, error),)
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


def known_acts(memory: Memory, root: Path) -> frozenset[str]:
    """Digests given from paper and found right before, of the archive at `root`."""
    try:
        known = recall(memory, locate(root), first_commit(root, "HEAD")).known
    except PapkaError:
        return frozenset()  # what is wrong there is told by the job itself
    return frozenset(known.refoundings) if known else frozenset()
