"""One copy beside the archive: its last commit, its refs, and what its own check says.

Invariants: which commit comes before which is told from the parents in the commits' own bytes, by
whichever store still holds them. Absent on purpose: reading either store.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from papka.core.codes import mirrors as codes
from papka.core.findings import Finding, Location, Severity
from papka.core.plural import counted
from papka.core.store import MAIN

_COMPARED = ("refs/heads/", "refs/tags/")
"""Refs of an archive that a mirror ought to hold too; others are this computer's own notes."""
_OF_THE_STORE = ("OBJECT_", "PACK_", "REF_", "REPO_", "HEAD_", "HISTORY_UNREADABLE", "MEMORY_")


@dataclass(frozen=True, slots=True)
class Copy:
    """`ours`, `theirs`: the last commits, "" for none; `known`: the one it last confirmed.

    `parents`: commit -> its parents, of all commits that either store holds.
    """

    mirror: str
    ours: str
    theirs: str
    known: str
    parents: Mapping[str, tuple[str, ...]]

    def line(self, tip: str) -> set[str]:
        """A commit and all it descends from, as far as it can be read."""
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


def judge_heads(copy: Copy) -> Iterator[Finding]:
    """How the copy's last commit stands to ours."""
    nowhere = Location()
    if not copy.theirs:
        yield codes.MIRROR_REF_MISSING.at(nowhere, mirror=copy.mirror, ref=MAIN)
        return
    here, there = copy.line(copy.ours), copy.line(copy.theirs)
    lost = sorted(here - copy.parents.keys())
    was_further = bool(copy.known) and copy.known not in there and copy.known in here
    if was_further and (lost or copy.theirs in here):
        at, known, head = Location(commit=copy.known), copy.known[:12], copy.theirs[:12]
        yield codes.MIRROR_ROLLED_BACK.at(at, mirror=copy.mirror, known=known, head=head)
    elif copy.ours and copy.theirs not in here and copy.ours not in there:
        common, more = len(here & there), _commits(len(there - here))
        detail = f"на нём {more}, которых здесь нет, а здесь есть свои; общих — {common}"
        if lost:
            detail = f"до конца их не сравнить, здесь не читается запись {lost[0]}"
        at = Location(commit=copy.theirs)
        yield codes.MIRROR_DIVERGED.at(at, mirror=copy.mirror, detail=detail)
    elif here - there:
        count = _commits(len(here - there))
        yield codes.MIRROR_BEHIND.at(Location(commit=copy.theirs), mirror=copy.mirror, count=count)


def judge_newer(copy: Copy, found: Iterable[Finding]) -> Iterator[Finding]:
    """A copy that is ahead: `found` is what verifying it as an archive says."""
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
        yield codes.MIRROR_NOT_TRUSTED.at(where, mirror=copy.mirror, detail=finding.message)
    if not grave:
        count = _commits(len(copy.line(copy.theirs) - here))
        yield codes.MIRROR_AHEAD.at(Location(commit=copy.theirs), mirror=copy.mirror, count=count)


def judge_refs(
    mirror: str, ours: Mapping[str, str], theirs: Mapping[str, str]
) -> Iterator[Finding]:
    """Ref by ref; main, which moves, is judged by `judge_heads`."""
    nowhere = Location()
    for ref in sorted(ref for ref in ours if ref != MAIN and ref.startswith(_COMPARED)):
        if ref not in theirs:
            yield codes.MIRROR_REF_MISSING.at(nowhere, mirror=mirror, ref=_shown(ref))
        elif theirs[ref] != ours[ref]:
            detail = f"ссылка {_shown(ref)} указывает на нём на другую запись"
            yield codes.MIRROR_DIVERGED.at(
                Location(commit=theirs[ref]), mirror=mirror, detail=detail
            )
    for ref in sorted(theirs.keys() - ours.keys() - {MAIN}):
        yield codes.MIRROR_REF_EXTRA.at(nowhere, mirror=mirror, ref=_shown(ref))


def judge_damage(mirror: str, details: Iterable[str]) -> Iterator[Finding]:
    """Each thing that is wrong with the copy as a store."""
    for detail in details:
        yield codes.MIRROR_DAMAGED.at(Location(), mirror=mirror, detail=detail)


def _commits(count: int) -> str:
    return counted(count, "запись", "записи", "записей")


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)
