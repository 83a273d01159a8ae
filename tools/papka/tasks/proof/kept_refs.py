"""Which refs of a damaged store go into the new one.

Invariants: main is the head chosen; another ref is kept when all it leads to is whole; one whose
name is a bit away from a ref every archive has, and whose commits main has anyway, is no ref but
damage. Absent on purpose: judging what a branch of one's own is for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from papka.core.store import MAIN
from papka.gates.git.gleaning import Pool
from papka.gates.git.line import line_to
from papka.gates.git.reach import reach
from papka.gates.git.refs import read_refs
from papka.gates.git.repository import Remote, remotes
from papka.integrity.store import is_extra
from papka.tasks.proof.whole_head import WholeHead

_SAFE_REF = re.compile(r"refs/(?:heads|tags|remotes)(?:/(?![-.])[A-Za-z0-9._-]+)+", re.ASCII)


def kept_refs(
    pool: Pool, own: Mapping[str, str], wanted: WholeHead, mirrors: Iterable[Remote]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Main and what else can be kept; the names of what cannot."""
    refs, dropped = {MAIN: wanted.head}, []
    twisted = frozenset(_twisted(own, _known(mirrors)))
    for ref, id_ in own.items():
        if ref == MAIN or (ref in twisted and id_ in wanted.commits):
            continue
        if _SAFE_REF.fullmatch(ref) and (id_ in wanted.commits or not reach(pool.folder, id_).lost):
            refs[ref] = id_
        else:
            dropped.append(ref)
    return refs, tuple(dropped)


def misspelt(root: Path, dot: Path) -> tuple[str, ...]:
    """Refs of an otherwise sound store that a flipped bit has made."""
    refs = read_refs(dot, dot).ids
    found = [*_twisted(refs, _known(remotes(root)))]
    line = frozenset(line_to(root, refs[MAIN])) if found and MAIN in refs else frozenset()
    return tuple(ref for ref in found if refs[ref] in line)


def _twisted(refs: Iterable[str], known: Sequence[str]) -> Iterator[str]:
    """Extra refs whose names are one bit away from a known one."""
    for ref in refs:
        if is_extra(ref) and any(_is_a_bit_away(ref, each) for each in known):
            yield ref


def _known(mirrors: Iterable[Remote]) -> tuple[str, ...]:
    """Refs that every archive with these mirrors has."""
    return (MAIN, *(f"refs/remotes/{each.name}/main" for each in mirrors))


def _is_a_bit_away(one: str, other: str) -> bool:
    if len(one) != len(other):
        return False
    odd = [ord(a) ^ ord(b) for a, b in zip(one, other, strict=True) if a != b]
    return len(odd) == 1 and odd[0].bit_count() == 1
