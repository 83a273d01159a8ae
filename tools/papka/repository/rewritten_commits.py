"""Commits of one's own archive that acts of destruction rewrote: which stands for which.

Paper, seals, memory and words of trust name a commit by the id it was signed with. An act that
rewrote it since keeps the signed one as evidence. Here evidence is believed, as all of one's own
archive is; `proof/layers` proves it. Nothing is read while no act is there, or none is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from papka.core.errors import GitFailed
from papka.core.places import ACTS
from papka.repository.git_values import (
    TREE,
    Commit,
    Malformed,
    links_of,
    naming_of,
    parse_commit,
    parse_tree,
)
from papka.repository.objects import Objects
from papka.repository.pack_format import BadPack, PackReader
from papka.repository.runner import run_git

ACT, EVIDENCE, PURGED = "act.yaml", "evidence.pack", "purged.yaml"
"""Files of the folder of an act; to the last one entries are added later."""
_NUMBER = re.compile(r"[1-9][0-9]{0,5}", re.ASCII)
_OLD_HEAD = re.compile(rb"""(?m)^old_head: ["']?([0-9a-f]{40})""")
SHORTEST = 7
"""At least so many signs of a commit's id name it."""


def act_file(number: int, name: str) -> str:
    """Return a file of an act: `records/acts/3/act.yaml`."""
    return f"{ACTS}{number}/{name}"


INNER = "destroyed"
"""The folder inside a unit with what was destroyed of it: `<act>.pack` and `<act>.files`."""


def inner_file(folder: str, number: int, ending: str) -> str:
    """Return a file inside a unit about what an act destroyed of it: `…/destroyed/3.pack`."""
    return f"{folder}/{INNER}/{number}.{ending}"


def list_act_numbers(objects: Objects, commit: str) -> list[int]:
    """List the numbers of the acts in a commit or tree."""
    try:
        kind, raw = objects.read(f"{commit}:{ACTS[:-1]}")
        entries = parse_tree(raw, naming_of(commit)) if kind == "tree" else []
    except (KeyError, GitFailed, Malformed):
        return []
    return sorted(int(e.name) for e in entries if e.mode == TREE and _NUMBER.fullmatch(e.name))


def find_act(objects: Objects, commits: Sequence[str], number: int) -> int:
    """Return the place of the first of these commits or trees, in history's order, that holds the
    act; acts are never taken away."""
    low, high = 0, len(commits) - 1
    while low < high:
        middle = (low + high) // 2
        try:
            objects.read(f"{commits[middle]}:{act_file(number, ACT)}")
            high = middle
        except (KeyError, GitFailed):
            low = middle + 1
    return low


class Unpaired(ValueError):
    """The history in the store does not go with the signed one; the text says in Russian why."""


Parents = Callable[[str], tuple[str, ...]]


def pair_commits(
    tip: str, parents: Parents, old_heads: Mapping[str, str], evidence: Mapping[str, PackReader]
) -> dict[str, str]:
    """Return the id in the store of each rewritten commit -> the id it was signed with, by walking
    both histories back from `tip` to where they are one; raise Unpaired.

    `parents`: of a commit in the store; raises KeyError; `old_heads`: the store's id of each act's
    commit -> the last signed commit before it; `evidence`: signed commit -> what holds it.
    """
    signed: dict[str, str] = {}
    left, acts = [(tip, tip)], len(old_heads)
    while left:
        mine, theirs = left.pop()
        if mine in signed:
            if signed[mine] != theirs:
                raise Unpaired(_PARTED)
            continue
        signed[mine] = theirs
        try:
            now = parents(mine)
        except KeyError as error:
            raise Unpaired(_PARTED) from error
        then = now
        if mine != theirs:
            then = _read_parents(theirs, parents, evidence)
        if mine in old_heads:
            acts -= 1
            then = (old_heads[mine],)
        elif mine == theirs and not acts:
            continue  # all before it is the same too
        if len(now) != len(then):
            raise Unpaired(_PARTED)
        left += zip(now, then, strict=True)
    return {mine: theirs for mine, theirs in signed.items() if mine != theirs}


_PARTED = "переписанная история расходится с прежней: сохранения выброшены или добавлены"


def _read_parents(
    id_: str, parents: Parents, evidence: Mapping[str, PackReader]
) -> tuple[str, ...]:
    pack = evidence.get(id_)
    if pack is None or pack.kind(id_) != "commit":
        try:
            parents(id_)
        except KeyError:
            words = f"прежнего сохранения {id_[:12]} нет ни в истории, ни в доказательстве"
            raise Unpaired(words) from None
        raise Unpaired(_PARTED)
    try:
        return links_of(pack.read(id_))[1]
    except Malformed as error:
        raise Unpaired(f"прежнее сохранение не прочесть: {error}") from error


@dataclass(frozen=True, slots=True)
class RewrittenCommits:
    """Commits that acts rewrote. `signed`: id in the store -> the commit as it was signed."""

    signed: Mapping[str, Commit] = field(default_factory=dict)

    def signed_id(self, stored: str) -> str:
        """Return the id a commit was signed with."""
        return self.signed[stored].id if stored in self.signed else stored

    def find_stored(self, beginning: str) -> str | None:
        """Return the id in the store of the one commit whose signed id begins so."""
        found = [
            stored for stored, commit in self.signed.items() if commit.id.startswith(beginning)
        ]
        return found[0] if len(found) == 1 and len(beginning) >= SHORTEST else None


@lru_cache(maxsize=4)
def rewritten_commits(root: Path, tip: str) -> RewrittenCommits:
    """Read which commits up to `tip` (a full id) acts rewrote; none where that cannot be read."""
    objects = Objects(root)
    numbers = list_act_numbers(objects, tip)
    if not numbers:
        return RewrittenCommits()
    commits = run_git("rev-list", "--first-parent", "--reverse", tip, folder=root).text.split()
    heads: dict[str, str] = {}
    evidence: dict[str, PackReader] = {}
    try:
        for number in numbers:
            found = _OLD_HEAD.search(objects.read(f"{tip}:{act_file(number, ACT)}")[1])
            own = commits[find_act(objects, commits, number)]
            heads[own] = found[1].decode() if found else ""
            pack = PackReader(objects.read(f"{tip}:{act_file(number, EVIDENCE)}")[1])
            evidence |= dict.fromkeys(pack.ids, pack)
        moved = pair_commits(tip, lambda id_: links_of(objects.read(id_)[1])[1], heads, evidence)
        return RewrittenCommits(
            {mine: parse_commit(old, evidence[old].read(old)) for mine, old in moved.items()}
        )
    except (KeyError, GitFailed, Malformed, BadPack, Unpaired):
        return RewrittenCommits()  # `papka verify` reports what is wrong with an act


def as_signed(root: Path, tip: str, commit: Commit) -> Commit:
    """Return a commit up to `tip` as it was signed; itself unless an act rewrote it."""
    if commit.signature is not None:
        return commit
    return rewritten_commits(root, tip).signed.get(commit.id, commit)
