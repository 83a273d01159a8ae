"""Whom the last commit trusts, told key by key.

Absent on purpose: whether the history bears it out (`verify`).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotFound, Refused
from papka.core.keys import ED25519
from papka.core.suggestion import may_be
from papka.gates.git.commit_tree import CommitTree
from papka.gates.signing import Signer
from papka.integrity.revocations import Revocation
from papka.integrity.trust import Entry
from papka.integrity.trust_state import TRUST_FOLDER, TrustState, read_trust_state
from papka.tasks.actor import Actor
from papka.tasks.save import head_of


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key of the list; `revocation` says that it signs no more."""

    entry: Entry
    revocation: Revocation | None

    @property
    def fingerprint(self) -> str:
        return self.entry.key.fingerprint

    @property
    def is_token(self) -> bool:
        """Whether it lives in hardware and asks for a touch."""
        return self.entry.key.kind != ED25519


@dataclass(frozen=True, slots=True)
class Known:
    """`head`: the commit asked; `files`: the folder's bytes there."""

    head: str
    files: dict[str, bytes]
    state: TrustState
    keys: tuple[KnownKey, ...]

    @property
    def in_force(self) -> tuple[KnownKey, ...]:
        return tuple(key for key in self.keys if key.revocation is None)


def known_trust(root: Path) -> Known:
    """Raises NotAnArchive."""
    head = head_of(root)
    tree = CommitTree(root, head)
    files = dict(tree.read_many(tree.below(TRUST_FOLDER[:-1])))
    state = read_trust_state(files)
    keys = tuple(
        KnownKey(entry, state.revocations.of(entry.key.fingerprint)) for entry in state.file.entries
    )
    return Known(head, files, state, keys)


def find_keys(known: Known, named: str) -> tuple[KnownKey, ...]:
    """Keys in force of a staff id, or the one with this fingerprint; raises NotFound."""
    found = tuple(k for k in known.in_force if named in (k.entry.staff, k.fingerprint))
    if not found:
        ended = any(named in (k.entry.staff, k.fingerprint) for k in known.keys)
        words = [w for k in known.in_force for w in (k.entry.staff, k.fingerprint)]
        what = "действующего ключа уже нет" if ended else "ключа в списке доверенных нет"
        raise NotFound(
            f"«{named}»: {what}",
            f"Назовите номер сотрудника или отпечаток: papka trust show.{may_be(named, words)}",
        )
    return found


def find_key(known: Known, named: str) -> KnownKey:
    """The one key that is meant; raises NotFound, Refused when there are several."""
    found = find_keys(known, named)
    if len(found) > 1:
        raise Refused(
            f"У {named} действующих ключей {len(found)}: непонятно, какой из них",
            f"Назовите отпечаток: {', '.join(key.fingerprint for key in found)}",
        )
    return found[0]


def actor_by_key(known: Known, signer: Signer) -> Actor:
    """Who signs with this very key; raises Refused when nobody does."""
    for key in known.in_force:
        if key.entry.key == signer.public:
            return Actor(key.entry.staff, signer)
    raise Refused(
        f"Ключ {signer.fingerprint} в этом архиве подписывать не вправе",
        "Посмотрите, чьи ключи действуют: papka trust show",
    )
