"""Both head keys are lost: new ones in their place, on the word of a paper act.

Invariants: exactly one commit on the old head, signed by the new daily key: both new keys, the end
of every head's key before, and the file whose digest stands on paper. Nobody believes it without
that digest. Absent on purpose: asking who one is. That is what the hand on the paper is for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.core.errors import ChangedMeanwhile, Refused
from papka.core.keys import PublicKey
from papka.core.layout import ALLOWED_SIGNERS, is_staff_id
from papka.core.seals import TEXT, seal_file
from papka.core.snapshot import bytes_of
from papka.gates import unfinished, worktree
from papka.gates.git import writing
from papka.gates.git.commit_tree import CommitTree
from papka.gates.lock import archive_lock, clear_stale
from papka.gates.signing import Signer
from papka.integrity.trust import HEAD, Entry
from papka.integrity.trust_state import REFOUNDINGS, REVOCATIONS
from papka.tasks.sealing.seal import digest_of, last_seal
from papka.tasks.trust.changing import use_key
from papka.tasks.trust.known import Known, known_trust


@dataclass(frozen=True, slots=True)
class Refounded:
    """`digest`: SHA-256 of the file in hex, what the act shows; `number`: as the act is printed."""

    commit: str
    number: str
    digest: str


def refound(
    root: Path, staff: str, daily: Signer, recovery: PublicKey, *, now: datetime
) -> Refounded:
    """Puts `staff` with two new keys in the place of all heads before; raises Refused."""
    with archive_lock(root):
        clear_stale(root)
        unfinished.settle(root)
        known = known_trust(root)
        _require_sound(known, staff, daily.public, recovery)
        number = f"{len(known.state.refoundings) + 1:04}"
        act = _text(root, known.head, daily.public, recovery, now)
        changes = _changes(known, staff, daily.public, recovery)
        changes[f"{REFOUNDINGS}{number}"] = act
        lying = worktree.WorktreeSnapshot(root)
        for path in changes:
            if bytes_of(lying, path) != known.files.get(path):
                raise ChangedMeanwhile(path)
        made = writing.make(
            root, changes, f"Ключи руководителя заменены по акту {number}",
            author=staff, now=now, sign=daily.sign, parent=known.head,
        )  # fmt: skip
        for path, data in changes.items():
            worktree.write(root, path, data)
        writing.show(root, made, known.head)
        use_key(root, staff, daily)
    return Refounded(made.id, number, hashlib.sha256(act).hexdigest())


def _require_sound(known: Known, staff: str, daily: PublicKey, recovery: PublicKey) -> None:
    if not is_staff_id(staff):
        raise Refused(f"«{staff}» — не номер сотрудника", "Номер пишут так: s001")
    if daily == recovery:
        raise Refused("Ежедневный и запасной ключ — один и тот же", "Создайте два разных")
    for key in (daily, recovery):
        if any(each.entry.key == key for each in known.keys):
            raise Refused(
                f"Ключ {key.fingerprint} уже был в списке доверенных", "Создайте новый ключ"
            )


def _changes(known: Known, staff: str, daily: PublicKey, recovery: PublicKey) -> dict[str, bytes]:
    signers = [Entry(staff, HEAD, key).line for key in (daily, recovery)]
    heads = [entry.key.fingerprint for entry in known.state.file.entries if entry.is_head]
    ends = [f"retired {key} at {known.head}" for key in heads]
    return {
        path: known.files.get(path, b"") + "".join(f"{line}\n" for line in lines).encode()
        for path, lines in ((ALLOWED_SIGNERS, signers), (REVOCATIONS, ends))
    }


def _text(root: Path, head: str, daily: PublicKey, recovery: PublicKey, now: datetime) -> bytes:
    tree = CommitTree(root, head)
    number = last_seal(tree)
    seal = f"sha256:{digest_of(tree.read(seal_file(number, TEXT)))}" if number else "none"
    return (
        "papka-refounding v1\n"
        f"head: sha1:{head}\n"
        f"seal: {seal}\n"
        f"daily: {daily.fingerprint}\n"
        f"recovery: {recovery.fingerprint}\n"
        f"date: {now:%Y-%m-%d}\n"
    ).encode()
