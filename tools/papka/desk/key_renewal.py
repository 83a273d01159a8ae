"""Renewal of the head's keys: two keys of another type, let in by the old ones, which end then.

Invariants: who renews is the head, by a key without a term. First one commit, signed by an old key,
lets in both new keys and ends every other old one at the commit before; then one commit, signed by
the new daily key, ends the old key at the first. So no key ends itself, and there is never a moment
without two keys. What a killed command left is taken up where it stopped. A key of the type that
the old ones have renews nothing: `rotate` replaces those.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.core.errors import Refused
from papka.desk.saving import Saved
from papka.desk.trust_changes import KnownKey, KnownTrust, known_trust, save_trust, use_key
from papka.proof.trusted_keys import HEAD, Revocation, TrustEntry
from papka.repository.git_values import P384, PublicKey
from papka.repository.signing import KeySigner, SigningActor

_SUBJECT = "Доверие: ключи руководителя обновлены"
_MAKE = "Создайте ключ другого вида: ssh-keygen -t ecdsa -b 384 -f ФАЙЛ"


@dataclass(frozen=True, slots=True)
class Renewed:
    """The end of a renewal. `saved`: the last commit or why there is none, None when nothing was to
    be done; `until`: the commit up to which the last of the old keys counts."""

    saved: Saved | None
    until: str


def old_head_keys(known: KnownTrust, staff: str, new: Collection[PublicKey]) -> list[KnownKey]:
    """Return the head's keys without a term that are in force, and are not among the new ones."""
    return [
        key for key in known.in_force
        if key.entry.staff == staff and key.entry.is_head and key.entry.term is None
        and key.entry.key not in new
    ]  # fmt: skip


def require_renewal(known: KnownTrust, staff: str, daily: PublicKey, recovery: PublicKey) -> None:
    """Raise Refused unless these two keys may follow those that the head has."""
    if daily == recovery:
        raise Refused("Ежедневный и запасной ключ — один и тот же", "Создайте два разных")
    for new in (daily, recovery):
        for key in known.keys:
            is_own = key.entry == TrustEntry(staff, HEAD, new) and key.revocation is None
            if key.entry.key == new and not is_own:
                raise Refused(
                    f"Ключ {new.fingerprint} уже был в списке доверенных, у {key.entry.staff}",
                    _MAKE,
                )
    for old in old_head_keys(known, staff, (daily, recovery)):
        for new in (daily, recovery):
            if (new.kind == P384) == (old.entry.key.kind == P384):
                raise Refused(
                    f"Новый ключ {new.fingerprint} того же вида, что и прежний {old.fingerprint}: "
                    "слабость одного была бы слабостью и другого",
                    f"{_MAKE}. Сменить ключ на такой же: papka trust rotate",
                )


def renew(
    root: Path, actor: SigningActor, daily: KeySigner, recovery: PublicKey, *, now: datetime
) -> Renewed:
    """Put two new keys in the place of the head's; raise Refused, KeyMissing.

    `actor` signs by an old key, or by the new daily one where only the end is missing.
    """
    known, new = known_trust(root), (daily.public, recovery)
    require_renewal(known, actor.staff, *new)
    there = {key.entry.key for key in known.in_force}
    entries = [TrustEntry(actor.staff, HEAD, key) for key in new if key not in there]
    if entries:
        old = old_head_keys(known, actor.staff, new)
        own = actor.signer.public
        if own not in [key.entry.key for key in old]:
            raise Refused(
                f"Ключи руководителя обновляет сам руководитель своим ключом, а не {actor.staff}",
                "Попросите руководителя; со своим ключом в этой копии он добавит --as s001",
            )
        ends = [_end(key, known.head) for key in old if key.entry.key != own]
        saved = save_trust(root, actor, known, entries, ends, _SUBJECT, now)
        if saved.commit is None:
            return Renewed(saved, "")
        known = known_trust(root)
    left = old_head_keys(known, actor.staff, new)
    last = None
    if left:
        ends = [_end(key, known.head) for key in left]
        by_new = SigningActor(actor.staff, daily)
        last = save_trust(root, by_new, known, [], ends, _SUBJECT, now)
        if last.commit is None:
            return Renewed(last, "")
    use_key(root, actor.staff, daily)
    return Renewed(last, known_trust(root).state.revocations.entries[-1].commit)


def _end(key: KnownKey, commit: str) -> Revocation:
    return Revocation(key.fingerprint, commit, is_compromised=False)
