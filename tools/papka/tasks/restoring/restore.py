"""Restore: a new archive folder from mirrors, media or other copies, however broken each is.

Invariants: no copy is written to; the folder gets its name when what it holds is whole, verified
and on the disk; an older history without fault goes before a longer one with faults; of what is
newer than the newest whole record every sound piece is kept and the rest is named (R-6.3, R-6.7).
Absent on purpose: choosing between two different histories: people do.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from papka.core.errors import NotAnArchive, Refused
from papka.core.findings import Finding, Severity, worst
from papka.core.history import EXECUTABLE
from papka.core.store import MAIN
from papka.gates import dot_papka, private, worktree
from papka.gates.building_site import Site, building_site, sweep
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.fresh_store import build, refresh_stats
from papka.gates.git.gleaning import Pool
from papka.gates.git.reach import Lost
from papka.gates.git.refs import read_refs
from papka.gates.git.runner import SshAccess
from papka.gates.git.store import locate
from papka.gates.memory import Memory
from papka.integrity.anchors import Anchors
from papka.tasks.proof.gathering import Gathered
from papka.tasks.proof.verdict import Verified
from papka.tasks.proof.verify import verify
from papka.tasks.restoring.choosing import Candidate, candidates
from papka.tasks.restoring.gathering import gather
from papka.tasks.restoring.laying import lay_out_commit
from papka.tasks.restoring.newer import LEFT_OVER, keep_objects, saved_files
from papka.tasks.restoring.sources import Source

_ANOTHER = "Назовите ещё одну копию: --from КОПИЯ"
_WHY = "papka restore"
_MARK = ".papka/restored-from"


@dataclass(frozen=True, slots=True)
class Above:
    """What lies above the restored head: `tip`, the last commit that can be read; `commits`, how
    many of them can be; `lost`: what no copy has; `laid`: paths put into the folder as edits
    not saved yet; `gone`: paths whose newest bytes nobody has; `is_signed`: all are signed by
    trusted keys, else nothing was laid."""

    tip: str
    commits: int
    lost: tuple[Lost, ...]
    laid: tuple[str, ...]
    gone: tuple[str, ...]
    is_signed: bool


@dataclass(frozen=True, slots=True)
class Restored:
    """`verified`: what verification says of it, errors only when no copy is without; `passed_over`:
    heads of longer histories that have faults the chosen one has not, and those faults; `again`:
    the same command had restored it here before, and nobody has gone on from there."""

    folder: Path
    verified: Verified
    gathered: tuple[Gathered, ...]
    above: Above | None = None
    passed_over: Mapping[str, tuple[Finding, ...]] = field(default_factory=dict)
    again: bool = False

    @property
    def is_good(self) -> bool:
        grave = worst(self.verified.findings)
        return grave is None or grave < Severity.ERROR


def restore(  # noqa: PLR0913 - from what, to where, and all it may be compared with
    place: Path,
    sources: Sequence[Source],
    *,
    now: datetime,
    base: Path,
    access: SshAccess | None = None,
    settings: Mapping[str, str] | None = None,
    anchors: Anchors | Collection[str] = (),
    memory: Memory | None = None,
) -> Restored:
    """Makes the archive at `place`, a full path where nothing lies yet.

    `base`: the folder that relative addresses start from; `settings`: of another copy, to be
    carried over. Raises Refused when nothing whole is left, or copies hold different histories.
    """
    if _is_restored(place, sources):
        sweep(place)
        verified = verify(place, now=now, anchors=anchors, memory=memory)
        return Restored(place, verified, (), again=True)
    with building_site(place) as site:
        pool = Pool(site.room / "pool")

        def is_whole(found: Sequence[Gathered]) -> bool:
            seen = candidates(pool.folder, [each.head for each in found])
            return bool(seen) and seen[0].newer is None

        gathered = gather(pool, sources, base, access, is_whole)
        found = candidates(pool.folder, [each.head for each in gathered])
        if not found:
            raise _nothing(gathered)

        def make(candidate: Candidate) -> Verified:
            _build(site, pool, candidate, settings or {})
            return verify(site.built, now=now, anchors=anchors, memory=memory)

        chosen, verified, passed = _chosen(found, make)
        _refuse_fork(chosen, found, passed, gathered)
        above = _above(site, pool, chosen)
        worktree.write(site.built, _MARK, _mark(chosen.head, sources), synced=False)
        site.finish()
    return Restored(place, verified, gathered, above, passed)


def _is_restored(place: Path, sources: Sequence[Source]) -> bool:
    """Whether this very command was killed after its work was done."""
    try:
        store = locate(place)
    except (OSError, NotAnArchive):
        return False
    marked = dot_papka.read(place, _MARK)
    return marked == _mark(read_refs(store.own, store.common).ids.get(MAIN, ""), sources)


def _mark(head: str, sources: Sequence[Source]) -> bytes:
    return "\n".join((head, *(source.name for source in sources), "")).encode()


def _chosen(
    found: Sequence[Candidate], make: Callable[[Candidate], Verified]
) -> tuple[Candidate, Verified, dict[str, tuple[Finding, ...]]]:
    """The longest history without fault, built; the longest of all when none is."""
    faults: dict[str, tuple[Finding, ...]] = {}
    for candidate in found:
        verified = make(candidate)
        grave = tuple(each for each in verified.findings if each.severity >= Severity.ERROR)
        if not grave or len(found) == 1:
            return candidate, verified, faults
        faults[candidate.head] = grave
    return found[0], make(found[0]), {}


def _build(site: Site, pool: Pool, candidate: Candidate, settings: Mapping[str, str]) -> None:
    """The store, and the files beside it."""
    shutil.rmtree(site.built, ignore_errors=True)
    site.built.mkdir(mode=0o700)
    dot = site.built / ".git"
    refs = {MAIN: candidate.head}
    build(dot, pool.folder, refs, settings=settings, bare=False, why=_WHY)
    for path, entry in lay_out_commit(CleanRoom(dot), candidate.head, site.built).items():
        if entry.mode == EXECUTABLE:
            private.set_mode(site.built / path, private.PROGRAM)
    refresh_stats(site.built)


def _refuse_fork(
    chosen: Candidate,
    found: Sequence[Candidate],
    passed: Collection[str],
    gathered: Sequence[Gathered],
) -> None:
    """Two sound histories that copies name, of which neither continues the other."""
    line = frozenset(chosen.commits) | frozenset(chosen.newer.commits if chosen.newer else ())
    for other in found:
        if other.named and chosen.named and other.head not in passed and other.head not in line:
            names = {
                head: ", ".join(each.name for each in gathered if each.head == head) or head[:12]
                for head in (chosen.head, other.head)
            }
            raise Refused(
                f"Копии хранят разные истории: «{names[chosen.head]}» кончается записью "
                f"{chosen.head[:12]}, «{names[other.head]}» — записью {other.head[:12]}, и ни одна "
                "не продолжает другую",
                "Проверьте обе (papka verify КОПИЯ) и назовите одну: --from КОПИЯ; вторую "
                "восстановите в другую папку",
            )


def _above(site: Site, pool: Pool, chosen: Candidate) -> Above | None:
    """Keeps the objects, and lays the files over those of the head."""
    newer = chosen.newer
    if newer is None:
        return None
    keep_objects(pool.folder, chosen, site.built / LEFT_OVER)
    saved = saved_files(pool.folder, chosen)
    laid = saved.changes if saved.is_signed else {}
    for path, data in laid.items():
        if data is None:
            worktree.remove(site.built, path)
        else:
            worktree.write(site.built, path, data, synced=False)
    return Above(
        newer.tip, len(newer.commits), newer.lost, tuple(laid), saved.gone, saved.is_signed
    )


def _nothing(gathered: Sequence[Gathered]) -> Refused:
    lines = [
        f"«{each.name}»: {each.trouble or 'ни одной целой записи истории'}" for each in gathered
    ]
    return Refused("Восстановить не из чего:\n  " + "\n  ".join(lines), _ANOTHER)
