"""What this computer knows of an archive from before: heads seen, receipts, seals, paper.

Invariants: an archive is known by its first commit, a store by an id of its own, never by where it
lies alone; what is bound may never be missing again, what is unsent may be replayed by `sync`.
Absent on purpose: anything of a person's data.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unsent:
    """A commit that no mirror was known to have; who made it and when stay when it is replayed."""

    id: str
    author: str
    time: int


@dataclass(frozen=True, slots=True)
class KnownStore:
    """A store as it was last verified, or was known to take a push.

    `id`: the random id it carries, empty when it had none; `path`: where it lay; `root`: the first
    commit of the archive in it; `head`: its main; `unsent`: its commits after `base`, the last that
    a mirror was known to have.
    """

    id: str
    path: str
    root: str
    head: str
    base: str = ""
    unsent: tuple[Unsent, ...] = ()


@dataclass(frozen=True, slots=True)
class Receipt:
    """A mirror's word that it has a commit. `store`: its address; `time`: seconds since 1970."""

    store: str
    commit: str
    time: int


@dataclass(frozen=True, slots=True)
class KnownSeal:
    """The highest seal seen; `digest`: SHA-256 of its file in hex."""

    number: int
    digest: str


@dataclass(frozen=True, slots=True)
class Known:
    """One archive. `bound`: its commits, the first one first; `verified`: how many of them were
    verified here, the rest a mirror confirmed.

    `looked`: mirrors that were read whole and found sound, and when.
    `keys`: fingerprints of the root's key as paper vouched for it; `anchored`: digests of seals and
    `refoundings`: of acts, given from paper and found right.
    """

    root: str
    bound: tuple[str, ...] = ()
    verified: int = 0
    seal: KnownSeal | None = None
    receipts: tuple[Receipt, ...] = ()
    looked: tuple[Receipt, ...] = ()
    keys: tuple[str, ...] = ()
    anchored: tuple[str, ...] = ()
    refoundings: tuple[str, ...] = ()
