"""Are the copies what the archive is: whole, at the same commit, with the same refs?

Invariants: a mirror in a folder is read in a clean room of its own, with no git run inside it; one
on a server is fetched whole, borrowing nothing; one mirror's trouble hides no other's.
Absent on purpose: sending, fetching into the archive, repair.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from papka.core.codes import mirrors as codes
from papka.core.errors import NotFound, PapkaError, RemoteUnreachable, cannot_access
from papka.core.findings import Finding, Location, Severity
from papka.core.store import MAIN, StoreFacts
from papka.gates.git.addresses import folder_of, is_elsewhere
from papka.gates.git.cleanroom import clean_room
from papka.gates.git.far import objection
from papka.gates.git.mirror_folder import weakened
from papka.gates.git.repository import Remote, remotes
from papka.gates.git.runner import SshAccess
from papka.gates.git.store import Store, borrowed, count_objects, locate, observe
from papka.gates.git.transport import last_confirmed, remote_refs
from papka.gates.git.troubles import explain_talk
from papka.gates.git.walk import walk
from papka.gates.git.whole_copy import whole_copy
from papka.integrity.mirrors import Copy, judge_damage, judge_heads, judge_newer, judge_refs
from papka.integrity.store import judge_facts, judge_leftovers, judge_objects
from papka.tasks.proof.verify import verify

_AT_ONCE = 4
_TOLD_OTHERWISE = ("REPO_ALTERNATES", "REPO_PARTIAL")
"""The objection to the store says it already."""


@dataclass(frozen=True, slots=True)
class MirrorVerified:
    """What was found in one mirror. `head`: its main, "" when it has none or was not reached;
    `objects`: how many it holds and were hashed."""

    remote: Remote
    findings: tuple[Finding, ...]
    head: str = ""
    objects: int = 0


@dataclass(frozen=True, slots=True)
class _Ours:
    """The archive's own side of every comparison."""

    root: Path
    refs: Mapping[str, str]
    parents: Mapping[str, tuple[str, ...]]

    @property
    def head(self) -> str:
        return self.refs.get(MAIN, "")


def verify_mirrors(
    root: Path,
    *,
    now: datetime,
    access: SshAccess | None = None,
    names: Collection[str] | None = None,
) -> tuple[MirrorVerified, ...]:
    """Every mirror written down (or those of `names`), the primary first; () when there is none.

    Raises NotFound for a name that no mirror has, NotAnArchive.
    """
    present = remotes(root)
    unknown = sorted(set(names or ()) - {remote.name for remote in present})
    if unknown:
        raise NotFound(
            f"Зеркала «{unknown[0]}» у архива нет", "Посмотрите, какие есть: papka mirror status"
        )
    wanted = [remote for remote in present if names is None or remote.name in names]
    if not wanted:
        return ()
    store = locate(root)
    refs = observe(store).refs
    # Of a store that borrows its objects nothing is believed; each mirror is read all the same.
    known = {} if borrowed(store) else _parents(store, refs.get(MAIN, ""))
    ours = _Ours(root, refs, known)
    with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(wanted))) as pool:
        return tuple(pool.map(lambda remote: _verified(ours, remote, now, access), wanted))


def _verified(
    ours: _Ours, remote: Remote, now: datetime, access: SshAccess | None
) -> MirrorVerified:
    try:
        if is_elsewhere(remote.url):
            return _on_a_server(ours, remote, now, access)
        return _in_a_folder(ours, remote, now)
    except RemoteUnreachable as error:
        return _not_reached(remote, error)
    except PapkaError as error:
        return MirrorVerified(remote, tuple(judge_damage(remote.name, [error.message])))
    except OSError as error:
        return _not_reached(remote, cannot_access(error))


def _not_reached(remote: Remote, error: PapkaError) -> MirrorVerified:
    finding = codes.MIRROR_UNREACHABLE.at(
        Location(), mirror=remote.name, detail=error.message.rpartition("недоступно: ")[2],
        step=error.next_step.rstrip("."),
    )  # fmt: skip
    return MirrorVerified(remote, (finding,))


def _in_a_folder(ours: _Ours, remote: Remote, now: datetime) -> MirrorVerified:
    place = folder_of(ours.root, remote.url)
    if not place.is_dir() or not any(place.iterdir()):
        trouble = explain_talk("does not exist")
        raise RemoteUnreachable(remote.name, trouble.words, trouble.step)
    store = locate(place)
    facts = observe(store)
    found = [*_owner(remote, place), *judge_damage(remote.name, _troubles(place, facts))]
    if facts.alternates:
        return MirrorVerified(remote, tuple(found), facts.refs.get(MAIN, ""))
    if weak := weakened(store):
        settings = ", ".join(weak)
        found.append(codes.MIRROR_WEAKENED.at(Location(), mirror=remote.name, settings=settings))
    _gather(remote, found, _damaged(remote, store, facts.refs))
    _gather(remote, found, _compared(ours, remote, place, facts.refs, now))
    return MirrorVerified(remote, tuple(found), facts.refs.get(MAIN, ""), count_objects(store))


def _on_a_server(
    ours: _Ours, remote: Remote, now: datetime, access: SshAccess | None
) -> MirrorVerified:
    refs = remote_refs(ours.root, remote, access)
    if MAIN not in refs:
        copy = _copy(ours, remote, "", {})
        bare = (*judge_heads(copy), *judge_refs(remote.name, ours.refs, refs))
        return MirrorVerified(remote, bare)
    with whole_copy(ours.root, remote, access) as (folder, ran):
        if ran.code:
            trouble = explain_talk(ran.trouble)
            raise PapkaError(f"оно не отдаёт своих записей: {trouble.words}")
        got = observe(locate(folder)).refs.get(MAIN, "")
        listed = {**refs, MAIN: got}  # it may have moved since it was listed
        found: list[Finding] = []
        _gather(remote, found, _damaged(remote, locate(folder), listed))
        _gather(remote, found, _compared(ours, remote, folder, listed, now))
        return MirrorVerified(remote, tuple(found), got, count_objects(locate(folder)))


def _gather(remote: Remote, found: list[Finding], more: Iterator[Finding]) -> None:
    """Adds what is found, also when it ends in trouble, which is told as well."""
    try:
        for finding in more:
            found.append(finding)  # noqa: PERF402 - what was found before the trouble stays
    except PapkaError as error:
        found += judge_damage(remote.name, [error.message])
    except OSError as error:
        if not any(each.code is codes.MIRROR_UNREACHABLE for each in found):
            found += _not_reached(remote, cannot_access(error)).findings


def _damaged(remote: Remote, store: Store, refs: Mapping[str, str]) -> Iterator[Finding]:
    """The objects of a bare store."""
    with clean_room(store) as room:
        held = count_objects(store)
        faults, left = room.check_all(set(refs.values())) if held or refs else ([], 0)
    found = judge_objects(faults)
    yield from judge_leftovers(observe(store).leftovers, left, f"на зеркале «{remote.name}»")
    said = [finding.message for finding in found if finding.severity > Severity.WARNING]
    yield from judge_damage(remote.name, said)


def _compared(
    ours: _Ours, remote: Remote, place: Path, refs: Mapping[str, str], now: datetime
) -> Iterator[Finding]:
    """The last commit of a bare store, and its refs."""
    store, theirs = locate(place), refs.get(MAIN, "")
    copy = _copy(ours, remote, theirs, _parents(store, theirs))
    yield from judge_heads(copy)
    if copy.is_ahead:
        yield from judge_newer(copy, verify(place, now=now).findings)
    yield from judge_refs(remote.name, ours.refs, refs)


def _copy(ours: _Ours, remote: Remote, theirs: str, parents: Mapping[str, tuple[str, ...]]) -> Copy:
    known = last_confirmed(ours.root, remote) or ""
    return Copy(remote.name, ours.head, theirs, known, {**parents, **ours.parents})


def _parents(store: Store, tip: str) -> dict[str, tuple[str, ...]]:
    """Parents of every commit under a tip that can be read."""
    if not tip:
        return {}
    with clean_room(store) as room:
        return {commit.id: commit.parents for commit in walk(room, tip).commits}


def _owner(remote: Remote, place: Path) -> Iterator[Finding]:
    """A folder that git would refuse to work in."""
    if hasattr(os, "geteuid") and place.stat().st_uid != os.geteuid():
        yield codes.MIRROR_DUBIOUS_OWNER.at(Location(), mirror=remote.name, folder=place)


def _troubles(place: Path, facts: StoreFacts) -> Iterator[str]:
    """What makes the store no independent, whole copy, before any object is read."""
    reason = objection(place)
    if reason:
        yield reason
    is_empty = MAIN not in facts.refs and MAIN not in dict(facts.broken_refs)
    seen = replace(facts, refs={**facts.refs, MAIN: ""}) if is_empty else facts
    for finding in judge_facts(seen):
        if finding.severity > Severity.WARNING and finding.code.name not in _TOLD_OTHERWISE:
            yield finding.message
