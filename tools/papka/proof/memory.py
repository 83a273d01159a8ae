"""What this computer remembers of archives: asked before a verdict, written after a good one.

It lies below a folder of the user's own, outside every archive: `<first commit>/memory.json` for
each archive, `stores.json` for all stores. Beside them `<first commit>/verdict.json` says up to
which commit `verify` has judged the archive with nothing to say; it rests on nothing in the
archive, is signed with this person's own key (`dot_papka`), and what is wrong about it only costs
time. Invariants: a file is written whole or not at all, for
the user alone; what cannot be understood is reported and left as it is. Nothing is learnt from an
archive with an error in it, and memory in trouble never stops a command. A store is known by its id
and by its place as well, so that taking the id away, or putting another there, hides nothing.
`anchors.judge_known` does the judging.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from papka.core.errors import LockHeld, PapkaError, cannot_access
from papka.core.findings import Code, Finding, Location
from papka.proof import verify_codes
from papka.proof.anchors import (
    Anchors,
    KnownSeal,
    KnownSeals,
    KnownStore,
    KnownVerdict,
    Receipt,
    Seal,
    UnsentSeals,
)
from papka.repository.commit_snapshots import CommitTree, first_commit
from papka.repository.dot_papka import authenticate, file_lock, is_authentic, state_folder
from papka.repository.files import LARGE, NotPlain, read_plain
from papka.repository.git_values import Commit, is_id
from papka.repository.handle import Remote, folder_of, is_remote
from papka.repository.history import commits_between, commits_up_to, walk_back
from papka.repository.objects import Objects
from papka.repository.rewritten_commits import list_act_numbers
from papka.repository.store import Store, give_id, locate, store_id

T = TypeVar("T")
_FORMAT = 1
_SECONDS = 10.0
_VERDICT = "verdict of a verification"
"""What the code of a verdict is made for."""


class MemoryTrouble(Exception):
    """A file of memory cannot be read or written; `path` and `reason` are for the reader."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Memory:
    """The memory below `folder`, which is made when something is kept."""

    folder: Path

    def known(self, root: str) -> KnownSeals | None:
        """Recall the archive that begins with this commit; raises MemoryTrouble."""
        return _load(self._file(root), _read_known, None)

    def stores(self) -> tuple[KnownStore, ...]:
        """Recall all stores seen here; raises MemoryTrouble."""
        return _load(self._stores, _read_stores, ())

    def keep(self, known: KnownSeals, stores: Sequence[KnownStore]) -> None:
        """Write an archive and all stores; call it inside `held`. Raises MemoryTrouble."""
        # The archive first: a store behind what is known is a copy, one ahead would be a riddle.
        _write(self._file(known.root), asdict(known))
        _write(self._stores, {"stores": [asdict(store) for store in stores]})

    def verdict(self, root: str, terms: str) -> KnownVerdict | None:
        """Recall the verdict kept by this person's own papka on these terms."""
        try:
            found = _load(self._verdict(root), partial(_read_verdict, root), None)
        except MemoryTrouble:
            return None
        return found if found is not None and found.terms == terms else None

    def keep_verdict(self, root: str, verdict: KnownVerdict) -> None:
        """Write a verdict down; without a key or room for it all is judged the next time too."""
        value = json.loads(json.dumps(asdict(verdict), default=str))
        code = authenticate(_VERDICT, [root.encode(), _bind(value)])
        with suppress(MemoryTrouble):
            _write(self._verdict(root), {**value, "code": code})

    @contextmanager
    def held(self) -> Iterator[None]:
        """Lock the memory while it is read and kept, so that no other command's words are lost."""
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
        assert is_id(root)
        return self.folder / root / "memory.json"

    def _verdict(self, root: str) -> Path:
        return self._file(root).with_name("verdict.json")

    @property
    def _stores(self) -> Path:
        return self.folder / "stores.json"


def _load(file: Path, read: Callable[[Mapping[str, Any]], T], nothing: T) -> T:
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


def _read_known(value: Mapping[str, Any]) -> KnownSeals:
    seal = value["seal"]
    return KnownSeals(
        root=_check_commit(value["root"]),
        bound=tuple(map(_check_commit, value["bound"])),
        verified=int(value["verified"]),
        seal=None if seal is None else KnownSeal(int(seal["number"]), _check_text(seal["digest"])),
        receipts=_read_receipts(value["receipts"]),
        looked=_read_receipts(value.get("looked", ())),  # not remembered at first
        keys=tuple(map(_check_text, value["keys"])),
        anchored=tuple(map(_check_text, value["anchored"])),
        refoundings=tuple(map(_check_text, value["refoundings"])),
        destructions=int(value.get("destructions", 0)),  # not remembered at first
        sound=int(value.get("sound", 0)),  # as above
    )


def _read_verdict(root: str, value: Mapping[str, Any]) -> KnownVerdict | None:
    told = {key: each for key, each in value.items() if key not in ("format", "code")}
    if not is_authentic(_check_text(value["code"]), _VERDICT, [root.encode(), _bind(told)]):
        return None
    seals = [{**each, "date": dt.date.fromisoformat(each["date"])} for each in told["seals"]]
    return KnownVerdict(**{**told, "seals": tuple(Seal(**each) for each in seals)})


def _bind(value: Mapping[str, Any]) -> bytes:
    """Return the one spelling of a verdict that is signed."""
    return json.dumps(value, sort_keys=True).encode()


def _read_receipts(value: Iterable[Mapping[str, Any]]) -> tuple[Receipt, ...]:
    return tuple(
        Receipt(_check_text(each["store"]), _check_commit(each["commit"]), int(each["time"]))
        for each in value
    )


def _read_stores(value: Mapping[str, Any]) -> tuple[KnownStore, ...]:
    return tuple(
        KnownStore(
            _check_text(each["id"]),
            _check_text(each["path"]),
            _check_commit(each["root"]),
            _check_commit(each["head"]),
            _check_text(each["base"]),
            tuple(
                UnsentSeals(_check_commit(one["id"]), _check_text(one["author"]), int(one["time"]))
                for one in each["unsent"]
            ),
        )
        for each in value["stores"]
    )


def _check_commit(value: object) -> str:
    if not isinstance(value, str) or not is_id(value):
        raise ValueError(value)
    return value


def _check_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def memory() -> Memory:
    """Return this user's memory."""
    return Memory(state_folder())


@dataclass(frozen=True, slots=True)
class Recalled:
    """The archive and this very store as they were. `trouble`: the memory cannot be read, so
    nothing may be written either."""

    known: KnownSeals | None = None
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
    """Recall an archive and its store; `root`: its first commit, "" when that cannot be read."""
    try:
        found = _recognise(memory.stores(), store)
        first = root or (found.root if found else "")
        return Recalled(memory.known(first) if first else None, found)
    except MemoryTrouble as error:
        return Recalled(trouble=(_report(verify_codes.MEMORY_UNREADABLE, error),))


def remember(
    memory: Memory,
    store: Store,
    commits: Sequence[Commit],
    *,
    confirmed: frozenset[str] | None,
    learnt: KnownSeals,
) -> tuple[Finding, ...]:
    """Write down what was verified without an error; the findings say why that failed.

    `confirmed`: commits that mirrors were seen to have, None when there is no mirror at all;
    `learnt`: the archive's root, and the seal and the anchors found right this time.
    """
    give_id(store)
    try:
        with memory.held():
            known, stores = memory.known(learnt.root) or KnownSeals(learnt.root), memory.stores()
            bound, verified = _extend_bound(known, commits, confirmed)
            past = set(bound)
            unsent = tuple(
                UnsentSeals(c.id, c.author.name, c.author.time) for c in commits if c.id not in past
            )
            known = replace(
                known,
                bound=bound,
                verified=verified,
                seal=max(known.seal, learnt.seal, key=lambda seal: seal.number if seal else 0),
                keys=_merge(known.keys, learnt.keys),
                anchored=_merge(known.anchored, learnt.anchored),
                refoundings=_merge(known.refoundings, learnt.refoundings),
                destructions=max(known.destructions, learnt.destructions),
                sound=max(known.sound, learnt.sound),
            )
            base = next((c.id for c in reversed(commits) if c.id in past), "")
            now = KnownStore(*_identify(store), learnt.root, commits[-1].id, base, unsent)
            memory.keep(known, _put_store(stores, now, _recognise(stores, store)))
    except MemoryTrouble as error:
        return (_report(verify_codes.MEMORY_NOT_KEPT, error),)
    return ()


def remember_new(memory: Memory, root: Path, commit: str, keys: Sequence[str]) -> str:
    """Write down an archive made here just now and its head's `keys`; return what went wrong."""
    store = locate(root)
    give_id(store)
    try:
        with memory.held():
            stores = memory.stores()
            new = KnownStore(*_identify(store), commit, commit)
            known = KnownSeals(commit, (commit,), verified=1, keys=tuple(keys))
            memory.keep(known, _put_store(stores, new, _recognise(stores, store)))
    except MemoryTrouble as error:
        return error.reason
    return ""


@dataclass(frozen=True, slots=True)
class Witness:
    """Writes down the receipts of mirrors as they come."""

    memory: Memory
    now: datetime

    def confirmed(self, root: Path, remote: Remote, commit: str) -> str:
        """Remember that the mirror has `commit`; return why that failed."""
        try:
            with self.memory.held():
                self._write_receipt(root, remote, commit)
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
        """Forget the saves after `base`: they are signed anew, or were done by others too.

        `seals`: the last one of those saves, which is forgotten too, and the last one of `base`.
        Trouble is passed over here and reported when the mirrors confirm.
        """
        with suppress(MemoryTrouble, PapkaError), self.memory.held():
            stores = self.memory.stores()
            mine = _recognise(stores, locate(root))
            if mine is not None and mine.head in unsent and (known := self.memory.known(mine.root)):
                new = replace(mine, head=base, base="", unsent=())
                known = replace(known, seal=seals[1]) if known.seal == seals[0] else known
                self.memory.keep(known, _put_store(stores, new, mine))

    def _write_receipt(self, root: Path, remote: Remote, commit: str) -> None:
        store, stores = locate(root), self.memory.stores()
        mine = _recognise(stores, store)
        known = self.memory.known(mine.root) if mine else None
        bound = _list_bound(root, known, commit)
        if not bound:
            return
        known = known or self.memory.known(bound[0]) or KnownSeals(bound[0])
        if commit not in bound or known.bound[-1:] != bound[: len(known.bound)][-1:]:
            return  # another history than the one known here: verify will tell
        receipt = Receipt(remote.url, commit, int(self.now.timestamp()))
        others = tuple(each for each in known.receipts if each.store != remote.url)
        if mine is None or mine.root != known.root:
            give_id(store)
            stores = _put_store(stores, KnownStore(*_identify(store), known.root, commit), mine)
        elif mine.head in bound:
            head = max(mine.head, commit, key=bound.index)
            stores = _put_store(stores, replace(mine, head=head, base="", unsent=()), mine)
        if not is_remote(remote.url):
            place = folder_of(root, remote.url).resolve()
            theirs = KnownStore(store_id(place), str(place), known.root, commit)
            stores = _put_store(stores, theirs, None)
        self.memory.keep(replace(known, bound=bound, receipts=(*others, receipt)), stores)


def gather_learnt(  # noqa: PLR0913 - each is one thing that is learnt
    root: str,
    root_key: str,
    seals: Mapping[int, str],
    met: Anchors,
    acts: Collection[str],
    destructions: int = 0,
    sound: int = 0,
) -> KnownSeals:
    """Gather what a verification found right: the highest seal, what paper vouched for, the newest
    act of destruction, and when the whole was found sound."""
    highest = max(seals, default=0)
    return KnownSeals(
        root,
        seal=KnownSeal(highest, seals[highest]) if highest else None,
        keys=(root_key,) if met and root_key else (),
        anchored=tuple(sorted(met.seals)),
        refoundings=tuple(sorted(acts)),
        destructions=destructions,
        sound=sound,
    )


def _extend_bound(
    known: KnownSeals, commits: Sequence[Commit], confirmed: frozenset[str] | None
) -> tuple[tuple[str, ...], int]:
    """Return the commits bound now and how many of them are verified; a bound one stays bound."""
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


def _list_bound(root: Path, known: KnownSeals | None, commit: str) -> tuple[str, ...]:
    """List the commits bound once a mirror has `commit`, reading only the new ones if possible."""
    tip = known.bound[-1] if known and known.bound else ""
    new = commits_between(root, tip, commit) if tip else None
    if known is not None and new is not None:
        return (*known.bound, *new)
    if known is not None and commit in known.bound:
        return known.bound
    return _list_signed(root, commit)


def _list_signed(root: Path, commit: str) -> tuple[str, ...]:
    """List the commits up to this one as they were signed: acts of destruction rewrote some."""
    from papka.proof.clean_room import clean_room  # a push seldom needs them
    from papka.proof.layers import read_line

    if not list_act_numbers(Objects(root), commit):
        return commits_up_to(root, commit)
    with clean_room(locate(root)) as room:
        return tuple(each.id for each in read_line(room, commit)[0].commits)


def _recognise(stores: Sequence[KnownStore], store: Store) -> KnownStore | None:
    """Find this store as it was: the same id at the same place, else whatever lay at this place,
    else the same id at a place where it is no more (it was moved; otherwise this is a copy)."""
    id_, path = _identify(store)
    here = [each for each in stores if each.path == path]
    exact = [each for each in here if each.id == id_]
    moved = [
        each
        for each in stores
        if id_ and each.id == id_ and each.path != path and store_id(Path(each.path)) != id_
    ]
    return next(iter((*exact, *here, *moved)), None)


def _put_store(
    stores: Sequence[KnownStore], new: KnownStore, was: KnownStore | None
) -> tuple[KnownStore, ...]:
    """Put `new` in place of `was`; another medium that lay at the same place stays known."""
    same = (new.id, new.path)
    left = [
        each
        for each in stores
        if (each.id, each.path) != same
        and not (each == was and (each.id == new.id or not each.id or each.root != new.root))
    ]
    return (*left, new)


def _identify(store: Store) -> tuple[str, str]:
    return store_id(store.common), str(store.common.resolve())


def _merge(one: Sequence[str], other: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*one, *other)))


def _report(code: Code, error: MemoryTrouble) -> Finding:
    return code.at(Location(), path=error.path, reason=error.reason)


def _find_first(memory: Memory, root: Path) -> str:
    """Return the archive's first commit, known without a walk where a late one is remembered."""
    known = recall(memory, locate(root), "").known
    bound = frozenset(known.bound if known else ())
    tip = CommitTree(root, "HEAD")
    if known and any(commit.id in bound for commit in walk_back(tip)):
        return known.root
    return first_commit(root, tip.commit)


def known_acts(memory: Memory, root: Path) -> frozenset[str]:
    """Return the digests of acts given from paper and found right before for this archive.

    A memory that cannot be read vouches for nothing.
    """
    try:
        known = recall(memory, locate(root), _find_first(memory, root)).known
    except PapkaError:
        return frozenset()  # the job itself reports what is wrong there
    return frozenset(known.refoundings) if known else frozenset()
