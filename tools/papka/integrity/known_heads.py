"""The history found now against what was known before: rewritten, rolled back, or just older.

Invariants: what is bound (verified and known to a mirror, or verified where there is none) may
never be missing from a store that holds more; unsent commits may give way only to the same
people's saves of the same seconds, as `sync` replays them; a store is compared with itself first.
Absent on purpose: claimed times as proof of anything, and where a store lies (`tasks`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from papka.core.codes import memory as codes
from papka.core.codes.seals import SEAL_MISSING
from papka.core.findings import Finding, Location
from papka.core.history import Commit
from papka.core.memory import Known, KnownStore


@dataclass(frozen=True, slots=True)
class Present:
    """What a store holds now. `commits`: parents first; `seals`: number -> digest of each;
    `is_vouched`: paper names its first commit or a seal in it."""

    root: str
    commits: tuple[Commit, ...]
    seals: Mapping[int, str]
    is_vouched: bool = False
    ids: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ids", frozenset(commit.id for commit in self.commits))

    @property
    def head(self) -> str:
        return self.commits[-1].id


def judge_known(
    present: Present, known: Known | None, store: KnownStore | None
) -> Iterator[Finding]:
    """`known`: the archive of this first commit; `store`: what this very store held before."""
    if store is not None and store.root != present.root:
        if known is None and not present.is_vouched:
            yield _rewritten(present, f"прежде здесь был архив {store.root[:12]}", ())
        store = None
    if known is None:
        return
    found = _against_itself(present, known, store) if store is not None else None
    found = found or _against_known(present, known, store)
    if found is not None:
        yield found
    if found is None or found.code is codes.HISTORY_REWRITTEN:
        yield from _seal(present, known)


def _against_itself(present: Present, known: Known, store: KnownStore) -> Finding | None:
    if store.head in present.ids or _is_replayed(present, known, store):
        return None
    line = _line(known, store)
    if present.head in line:
        missing = len(line) - line.index(present.head) - 1
        where = Location(commit=present.head)
        return codes.HEAD_BEHIND_KNOWN.at(where, count=missing, known=store.head)
    return _rewritten(present, f"в этом хранилище уже была запись {store.head[:12]}", line)


def _against_known(present: Present, known: Known, store: KnownStore | None) -> Finding | None:
    bound = known.bound
    if not bound or bound[-1] in present.ids:
        return None
    goes_on = store is not None and store.head in present.ids
    if present.head in bound or goes_on:
        missing = sum(id_ not in present.ids for id_ in bound)
        return codes.COPY_OF_A_DATE.at(Location(commit=present.head), count=missing)
    return _rewritten(present, f"в архиве уже была запись {bound[-1][:12]}", bound)


def _is_replayed(present: Present, known: Known, store: KnownStore) -> bool:
    """Whether every unsent commit that is gone stands anew, after all that is bound."""
    gone = [each for each in store.unsent if each.id not in present.ids]
    if not gone or gone[-1].id != store.head or not present.ids.issuperset(known.bound[-1:]):
        return False
    ids = [commit.id for commit in present.commits]
    since = present.commits[ids.index(store.base) + 1 :] if store.base in present.ids else ()
    made = {(commit.author.name, commit.author.time) for commit in since}
    return all((each.author, each.time) in made for each in gone)


def _line(known: Known, store: KnownStore) -> tuple[str, ...]:
    """The store's commits as they were, as far as they are remembered."""
    if store.head in known.bound:
        return known.bound[: known.bound.index(store.head) + 1]
    return (*known.bound, *(each.id for each in store.unsent))


def _rewritten(present: Present, what: str, line: Collection[str]) -> Finding:
    common = [id_ for id_ in line if id_ in present.ids]
    where = Location(commit=present.head)
    return codes.HISTORY_REWRITTEN.at(where, what=what, common=common[-1] if common else "нет")


def _seal(present: Present, known: Known) -> Iterator[Finding]:
    """The highest seal seen is still there; an older state was made before it."""
    seal = known.seal
    if seal is None or present.seals.get(seal.number) == seal.digest:
        return
    what = f"той, что видел этот компьютер ({seal.digest[:8]}…)"
    yield SEAL_MISSING.at(Location(commit=present.head), number=f"{seal.number:04}", what=what)
