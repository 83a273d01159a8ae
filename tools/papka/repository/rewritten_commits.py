"""Commits of one's own archive that acts of destruction rewrote: which stands for which.

Paper, seals, memory and words of trust name a commit by the id it was signed with. An act that
rewrote it since keeps the signed one as evidence. Here evidence is believed, as all of one's own
archive is; `proof/layers` proves it. Nothing is read while no act is there, or none is asked about.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
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


def list_act_numbers(objects: Objects, commit: str) -> list[int]:
    """List the numbers of the acts in a commit or tree."""
    try:
        kind, raw = objects.read(f"{commit}:{ACTS[:-1]}")
        entries = parse_tree(raw) if kind == "tree" else []
    except (KeyError, GitFailed, Malformed):
        return []
    return sorted(int(e.name) for e in entries if e.mode == TREE and _NUMBER.fullmatch(e.name))


class Unpaired(ValueError):
    """A rewritten history does not go with the one before; the text says in Russian why."""


Parents = Callable[[str], tuple[str, ...]]


def pair_commits(heads: tuple[str, str], new: Parents, old: PackReader) -> dict[str, str]:
    """Return each rewritten commit -> the one it was made of, by walking both from their heads (new
    and old) back to where they are one; raise Unpaired.

    `new`: the parents of a commit of the rewritten history; raises KeyError; `old`: the evidence.
    """
    pairs: dict[str, str] = {}
    left = [heads]
    while left:
        mine, theirs = left.pop()
        if mine == theirs or pairs.get(mine) == theirs:
            continue
        if theirs not in old or old.kind(theirs) != "commit":
            raise Unpaired(
                f"прежнего сохранения {theirs[:12]} нет ни в истории, ни в доказательстве"
            )
        try:
            now, then = new(mine), links_of(old.read(theirs))[1]
        except Malformed as error:
            raise Unpaired(f"прежнее сохранение не прочесть: {error}") from error
        except KeyError:
            now, then = (), ("",)
        if mine in pairs or len(now) != len(then):
            how = "короче" if len(now) < len(then) else "длиннее"
            raise Unpaired(
                f"переписанная история {how} прежней: сохранения выброшены или добавлены"
            )
        pairs[mine] = theirs
        left += zip(now, then, strict=True)
    return pairs


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
    """Read which commits up to `tip` (a full id) acts rewrote; what cannot be read is left out."""
    objects = Objects(root)
    to_old: dict[str, str] = {}
    raws: dict[str, bytes] = {}

    def parents(id_: str) -> tuple[str, ...]:
        return links_of(raws[id_] if id_ in raws else objects.read(id_)[1])[1]

    for number in reversed(list_act_numbers(objects, tip)):
        try:
            stored = _find_commit_of(root, tip, number)
            act = to_old.get(stored, stored)
            found = _OLD_HEAD.search(objects.read(f"{tip}:{act_file(number, ACT)}")[1])
            evidence = PackReader(objects.read(f"{tip}:{act_file(number, EVIDENCE)}")[1])
            heads = (parents(act)[0], found[1].decode() if found else "")
            pairs = pair_commits(heads, parents, evidence)
        except (KeyError, IndexError, GitFailed, Malformed, BadPack, Unpaired):
            break  # `papka verify` reports what is wrong with an act
        raws |= {old: evidence.read(old) for old in pairs.values()}
        passed = {stored: pairs.pop(old) for stored, old in to_old.items() if old in pairs}
        to_old |= {**pairs, **passed}
    return RewrittenCommits({new: parse_commit(old, raws[old]) for new, old in to_old.items()})


def _find_commit_of(root: Path, tip: str, number: int) -> str:
    """Return the commit in the store that saved an act, whose file never changes after."""
    path = act_file(number, ACT)
    return run_git("rev-list", "-1", "--first-parent", tip, "--", path, folder=root).text.strip()


def as_signed(root: Path, tip: str, commit: Commit) -> Commit:
    """Return a commit up to `tip` as it was signed; itself unless an act rewrote it."""
    if commit.signature is not None:
        return commit
    return rewritten_commits(root, tip).signed.get(commit.id, commit)
