"""What a repository's files say about it before git is asked: refs, and signs of tampering.

Invariants: these are observations, gathered by a gate and judged by `integrity`; nothing here was
obtained by running git inside the repository. Absent on purpose: judgement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MAIN = "refs/heads/main"


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """Observations of one store.

    `refs`: full name -> commit id, HEAD not among them; `head`: what HEAD holds, `ref: …` or an id.
    `broken_refs`: refs that hold no id, as (name, what is wrong); each hides the packed ref of that
    name. `misplaced`: a commondir where none belongs. The rest name the files that make git see
    something else than what is stored.
    """

    refs: Mapping[str, str]
    head: str
    broken_refs: tuple[tuple[str, str], ...] = ()
    grafts: bool = False
    shallow: bool = False
    alternates: tuple[str, ...] = ()
    partial: tuple[str, ...] = ()
    misplaced: bool = False
    bare: bool = False


@dataclass(frozen=True, slots=True)
class ObjectFault:
    """A fault of the object store. `kind`: corrupt, missing, pack, index or other."""

    kind: str
    id: str
    detail: str


@dataclass(frozen=True, slots=True)
class TrackedFile:
    """A file of the last commit: its mode and blob id."""

    mode: str
    id: str
