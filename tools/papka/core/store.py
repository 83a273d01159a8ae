"""What a repository's files say about it before git is asked: refs, and signs of tampering.

Invariants: these are observations, gathered by a gate and judged by `integrity`; nothing here was
obtained by running git inside the repository. Absent on purpose: judgement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

MAIN = "refs/heads/main"
HOOKS = "tools/hooks"
"""Where an archive keeps the programs git runs: signed files like all others."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting of a store: `key` with section and name in small letters, `value` None where
    the file has no `=`, which git takes for yes."""

    file: str
    key: str
    value: str | None


@dataclass(frozen=True, slots=True)
class StoreFacts:
    """Observations of one store.

    `refs`: full name -> commit id, HEAD not among them; `head`: what HEAD holds, `ref: …` or an id.
    `broken_refs`: refs that hold no id, as (name, what is wrong); each hides the packed ref of that
    name. `misplaced`: a commondir where none belongs. The rest name the files that make git see
    something else than what is stored; `unread_settings`: files git stops at; `attributes`: what
    stands in info/attributes; `locks`: files of a git that is no longer running; `gate`: the
    program that git runs before it takes a push, None when it would run none; `leftovers`: folders
    in which an interrupted push left what it sent.
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
    settings: tuple[Setting, ...] = ()
    unread_settings: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    locks: tuple[str, ...] = ()
    attributes: bytes = b""
    gate: bytes | None = None
    leftovers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ObjectFault:
    """A fault of the object store. `kind`: corrupt, missing, pack, or graph: a file beside the
    objects that only helps to find them."""

    kind: str
    id: str
    detail: str


class TrackedFile(NamedTuple):
    """A file of the last commit: its mode and blob id."""

    mode: str
    id: str


@dataclass(frozen=True, slots=True)
class Stamp:
    """What tells git that a file is the one it knows: time of change in nanoseconds, and size."""

    time: int
    size: int


@dataclass(frozen=True, slots=True)
class IndexEntry:
    """A path as the index has it. `unwatched`: marked for git not to look at the file."""

    id: str
    stamp: Stamp
    unwatched: str = ""


@dataclass(frozen=True, slots=True)
class Index:
    """The index of a work tree; `written`: when, in nanoseconds; `fault`: why it cannot be read."""

    entries: Mapping[str, IndexEntry]
    written: int = 0
    fault: str = ""
