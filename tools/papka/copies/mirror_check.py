"""Verify mirrors: are they whole, at the archive's last commit, with the same refs?

A mirror in a folder is read in a clean room of its own, with no git run inside it; one on a server
is fetched whole, borrowing nothing. One mirror's trouble hides no other's. Which commit comes
before which follows from the parents in the commits' own bytes, by whichever store holds them.

Mirrors read whole and found without error are remembered, with the day, for `status --due`; nothing
is remembered of an archive that this computer has not verified, and `verify` never asks for it.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from papka.copies.mirror_store import explain_unfit, find_weakened
from papka.copies.transport import remote_refs, whole_copy
from papka.core.errors import NotFound, PapkaError, RemoteUnreachable, cannot_access
from papka.core.findings import Finding, Location, Severity, has_errors
from papka.core.phrases import count_phrase
from papka.proof import verify_codes
from papka.proof.anchors import Receipt
from papka.proof.clean_room import clean_room
from papka.proof.layers import SignedLine, read_line
from papka.proof.memory import Memory, MemoryTrouble
from papka.proof.store_rules import judge_facts, judge_leftovers, judge_objects
from papka.proof.verification import verify
from papka.repository.git_values import MAIN, StoreFacts
from papka.repository.handle import Remote, folder_of, is_remote, last_confirmed, list_remotes
from papka.repository.runner import SshAccess, explain_talk
from papka.repository.store import Store, count_objects, find_borrowed, locate, observe

_COMPARED = ("refs/heads/", "refs/tags/")
"""Refs of an archive that a mirror ought to hold too; others are this computer's own notes."""
_OF_THE_STORE = ("OBJECT_", "PACK_", "REF_", "REPO_", "HEAD_", "HISTORY_UNREADABLE", "MEMORY_")


_AT_ONCE = 4
_TOLD_AS_UNFIT = ("REPO_ALTERNATES", "REPO_PARTIAL")
"""Codes of findings that `explain_unfit` has told of already."""


@dataclass(frozen=True, slots=True)
class MirrorVerified:
    """The findings of one mirror. `head`: its main, "" when it has none or was not reached;
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
    line: SignedLine

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
    """Verify all mirrors of the archive, or those of `names`, the primary first; () without any.

    Raises NotFound for a name that no mirror has, NotAnArchive.
    """
    present = list_remotes(root)
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
    known = _NO_LINE if find_borrowed(store) else _read_line(store, refs.get(MAIN, ""))
    ours = _Ours(root, refs, known)
    with ThreadPoolExecutor(max_workers=min(_AT_ONCE, len(wanted))) as pool:
        return tuple(pool.map(lambda remote: _verify_mirror(ours, remote, now, access), wanted))


def _verify_mirror(
    ours: _Ours, remote: Remote, now: datetime, access: SshAccess | None
) -> MirrorVerified:
    try:
        if is_remote(remote.url):
            return _verify_server(ours, remote, now, access)
        return _verify_folder(ours, remote, now)
    except RemoteUnreachable as error:
        return _report_unreachable(remote, error)
    except PapkaError as error:
        return MirrorVerified(remote, tuple(judge_damage(remote.name, [error.message])))
    except OSError as error:
        return _report_unreachable(remote, cannot_access(error))


def _report_unreachable(remote: Remote, error: PapkaError) -> MirrorVerified:
    finding = verify_codes.MIRROR_UNREACHABLE.at(
        Location(), mirror=remote.name, detail=error.message.rpartition("недоступно: ")[2],
        step=error.next_step.rstrip("."),
    )  # fmt: skip
    return MirrorVerified(remote, (finding,))


def _verify_folder(ours: _Ours, remote: Remote, now: datetime) -> MirrorVerified:
    place = folder_of(ours.root, remote.url)
    if not place.is_dir() or not any(place.iterdir()):
        trouble = explain_talk("does not exist")
        raise RemoteUnreachable(remote.name, trouble.words, trouble.step)
    store = locate(place)
    facts = observe(store)
    found = [*_judge_owner(remote, place), *judge_damage(remote.name, _find_troubles(place, facts))]
    if facts.alternates:
        return MirrorVerified(remote, tuple(found), facts.refs.get(MAIN, ""))
    if weak := find_weakened(store):
        settings = ", ".join(weak)
        found.append(
            verify_codes.MIRROR_WEAKENED.at(Location(), mirror=remote.name, settings=settings)
        )
    has_acts = bool(ours.line.layers)
    _collect(remote, found, _judge_objects(remote, store, facts.refs, has_acts=has_acts))
    _collect(remote, found, _compare_history(ours, remote, place, facts.refs, now))
    return MirrorVerified(remote, tuple(found), facts.refs.get(MAIN, ""), count_objects(store))


def _verify_server(
    ours: _Ours, remote: Remote, now: datetime, access: SshAccess | None
) -> MirrorVerified:
    refs = remote_refs(ours.root, remote, access)
    if MAIN not in refs:
        copy = _describe_copy(ours, remote, "", _NO_LINE)
        bare = (*judge_heads(copy), *judge_refs(remote.name, ours.refs, refs))
        return MirrorVerified(remote, bare)
    with whole_copy(ours.root, remote, access) as (folder, ran):
        if ran.code:
            trouble = explain_talk(ran.trouble)
            raise PapkaError(f"оно не отдаёт своих сохранений: {trouble.words}")
        got = observe(locate(folder)).refs.get(MAIN, "")
        listed = {**refs, MAIN: got}  # it may have moved since it was listed
        found: list[Finding] = []
        # What a server holds besides it does not give; it verifies itself.
        _collect(remote, found, _judge_objects(remote, locate(folder), listed, has_acts=False))
        _collect(remote, found, _compare_history(ours, remote, folder, listed, now))
        return MirrorVerified(remote, tuple(found), got, count_objects(locate(folder)))


def _collect(remote: Remote, found: list[Finding], more: Iterator[Finding]) -> None:
    """Add findings; trouble that ends them is reported too, and hides none found before."""
    try:
        for finding in more:
            found.append(finding)  # noqa: PERF402 - what was found before the trouble stays
    except PapkaError as error:
        found += judge_damage(remote.name, [error.message])
    except OSError as error:
        if not any(each.code is verify_codes.MIRROR_UNREACHABLE for each in found):
            found += _report_unreachable(remote, cannot_access(error)).findings


def _judge_objects(
    remote: Remote, store: Store, refs: Mapping[str, str], *, has_acts: bool
) -> Iterator[Finding]:
    """Judge the objects of a bare store."""
    with clean_room(store) as room:
        held = count_objects(store)
        faults, left = room.check_all(set(refs.values())) if held or refs else ([], 0)
    found = judge_objects(faults)
    leftovers, named = observe(store).leftovers, f"на зеркале «{remote.name}»"
    yield from judge_leftovers(leftovers, left, named, has_acts=has_acts)
    grave = [finding.message for finding in found if finding.severity > Severity.WARNING]
    yield from judge_damage(remote.name, grave)


def _compare_history(
    ours: _Ours, remote: Remote, place: Path, refs: Mapping[str, str], now: datetime
) -> Iterator[Finding]:
    """Compare the last commit and the refs of a bare store with ours."""
    store, theirs = locate(place), refs.get(MAIN, "")
    line = _read_line(store, theirs)
    copy = _describe_copy(ours, remote, theirs, line)
    yield from judge_heads(copy)
    yield from judge_acts_of(copy, ours.line)
    if copy.is_ahead:
        yield from judge_newer(copy, verify(place, now=now).findings)
    yield from judge_refs(remote.name, ours.refs, refs)


def _describe_copy(ours: _Ours, remote: Remote, theirs: str, line: SignedLine) -> MirrorHistory:
    known = ours.line.signed(last_confirmed(ours.root, remote) or "")
    parents = {commit.id: commit.parents for commit in (*line.commits, *ours.line.commits)}
    return MirrorHistory(remote.name, ours.head, theirs, known, parents)


_NO_LINE = SignedLine((), {})


def _read_line(store: Store, tip: str) -> SignedLine:
    """Read every readable commit under a tip, as it was signed: an act parts no copies."""
    if not tip:
        return _NO_LINE
    with clean_room(store) as room:
        return read_line(room, tip)[0]


def _judge_owner(remote: Remote, place: Path) -> Iterator[Finding]:
    """Report a folder of another user, in which git would refuse to work."""
    if hasattr(os, "geteuid") and place.stat().st_uid != os.geteuid():
        yield verify_codes.MIRROR_DUBIOUS_OWNER.at(Location(), mirror=remote.name, folder=place)


def _find_troubles(place: Path, facts: StoreFacts) -> Iterator[str]:
    """Find why the store is no independent, whole copy, before any object is read."""
    reason = explain_unfit(place)
    if reason:
        yield reason
    is_empty = MAIN not in facts.refs and MAIN not in dict(facts.broken_refs)
    seen = replace(facts, refs={**facts.refs, MAIN: ""}) if is_empty else facts
    for finding in judge_facts(seen):
        if finding.severity > Severity.WARNING and finding.code.name not in _TOLD_AS_UNFIT:
            yield finding.message


def remember_verified(
    memory: Memory, root: str, found: Sequence[MirrorVerified], now: datetime
) -> tuple[Finding, ...]:
    """Remember the mirrors found sound; return why that could not be done.

    `root`: the archive's first commit.
    """
    new = [
        Receipt(each.remote.url, each.head, int(now.timestamp()))
        for each in found
        if each.head and not has_errors(each.findings)
    ]
    if not new or not root:
        return ()
    try:
        with memory.held():
            known = memory.known(root)
            if known is not None:
                urls = {each.store for each in new}
                kept = [each for each in known.looked if each.store not in urls]
                memory.keep(replace(known, looked=(*kept, *new)), memory.stores())
    except MemoryTrouble as error:
        return (verify_codes.MEMORY_NOT_KEPT.at(Location(), path=error.path, reason=error.reason),)
    return ()


@dataclass(frozen=True, slots=True)
class MirrorHistory:
    """A mirror beside the archive. `ours`, `theirs`: the last commits, "" for none; `known`: the
    one the mirror last confirmed; `parents`: of every commit that either store holds."""

    mirror: str
    ours: str
    theirs: str
    known: str
    parents: Mapping[str, tuple[str, ...]]

    def line(self, tip: str) -> set[str]:
        """Return a commit and all its ancestors that can be read."""
        found: set[str] = set()
        left = [tip] if tip else []
        while left:
            at = left.pop()
            if at not in found:
                found.add(at)
                left += self.parents.get(at, ())
        return found

    @property
    def is_ahead(self) -> bool:
        return self.theirs != self.ours and self.ours in self.line(self.theirs)


def judge_heads(copy: MirrorHistory) -> Iterator[Finding]:
    """Judge how the mirror's last commit stands to ours."""
    nowhere = Location()
    if not copy.theirs:
        yield verify_codes.MIRROR_REF_MISSING.at(nowhere, mirror=copy.mirror, ref=MAIN)
        return
    here, there = copy.line(copy.ours), copy.line(copy.theirs)
    lost = sorted(here - copy.parents.keys())
    was_further = bool(copy.known) and copy.known not in there and copy.known in here
    if was_further and (lost or copy.theirs in here):
        at, known, head = Location(commit=copy.known), copy.known[:12], copy.theirs[:12]
        yield verify_codes.MIRROR_ROLLED_BACK.at(at, mirror=copy.mirror, known=known, head=head)
    elif copy.ours and copy.theirs not in here and copy.ours not in there:
        common, more = len(here & there), _count_commits(len(there - here))
        detail = f"на нём {more}, которых здесь нет, а здесь есть свои; общих — {common}"
        if lost:
            detail = f"до конца их не сравнить, здесь не читается сохранение {lost[0]}"
        at = Location(commit=copy.theirs)
        yield verify_codes.MIRROR_DIVERGED.at(at, mirror=copy.mirror, detail=detail)
    elif here - there:
        count = _count_commits(len(here - there))
        yield verify_codes.MIRROR_BEHIND.at(
            Location(commit=copy.theirs), mirror=copy.mirror, count=count
        )


def judge_acts_of(copy: MirrorHistory, ours: SignedLine) -> Iterator[Finding]:
    """Report the acts of destruction that our history has and the mirror's lacks."""
    there = copy.line(copy.theirs)
    if not there:
        return
    for layer in reversed(ours.layers):
        if layer.commit not in there:
            yield verify_codes.MIRROR_KEEPS_DESTROYED.at(
                Location(commit=copy.theirs), mirror=copy.mirror, number=layer.number
            )


def judge_newer(copy: MirrorHistory, found: Iterable[Finding]) -> Iterator[Finding]:
    """Judge a mirror that is ahead; `found`: the findings of verifying it as an archive."""
    here = copy.line(copy.ours)
    grave = [
        finding
        for finding in found
        if finding.severity >= Severity.ERROR
        and finding.where.commit not in here
        and not finding.code.name.startswith(_OF_THE_STORE)
    ]
    for finding in grave:
        where = finding.where
        yield verify_codes.MIRROR_NOT_TRUSTED.at(where, mirror=copy.mirror, detail=finding.message)
    if not grave:
        count = _count_commits(len(copy.line(copy.theirs) - here))
        yield verify_codes.MIRROR_AHEAD.at(
            Location(commit=copy.theirs), mirror=copy.mirror, count=count
        )


def judge_refs(
    mirror: str, ours: Mapping[str, str], theirs: Mapping[str, str]
) -> Iterator[Finding]:
    """Compare refs; main is left to `judge_heads`."""
    nowhere = Location()
    for ref in sorted(ref for ref in ours if ref != MAIN and ref.startswith(_COMPARED)):
        if ref not in theirs:
            yield verify_codes.MIRROR_REF_MISSING.at(nowhere, mirror=mirror, ref=_printable(ref))
        elif theirs[ref] != ours[ref]:
            detail = f"ссылка {_printable(ref)} указывает на нём на другое сохранение"
            yield verify_codes.MIRROR_DIVERGED.at(
                Location(commit=theirs[ref]), mirror=mirror, detail=detail
            )
    for ref in sorted(theirs.keys() - ours.keys() - {MAIN}):
        yield verify_codes.MIRROR_REF_EXTRA.at(nowhere, mirror=mirror, ref=_printable(ref))


def judge_damage(mirror: str, details: Iterable[str]) -> Iterator[Finding]:
    """Turn what is wrong with the mirror as a store into findings."""
    for detail in details:
        yield verify_codes.MIRROR_DAMAGED.at(Location(), mirror=mirror, detail=detail)


def _count_commits(count: int) -> str:
    return count_phrase(count, "сохранение", "сохранения", "сохранений")


def _printable(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
