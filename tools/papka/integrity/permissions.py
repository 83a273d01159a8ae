"""Who may write what: staff keep the records of study, everything else is the head's.

Changes of trust are `trust_changes`' and not repeated here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.core.keys import PublicKey
from papka.core.layout import ALLOWED_SIGNERS
from papka.core.snapshot import Snapshot
from papka.integrity.chronicle import Chronicle
from papka.integrity.rights import forbidden
from papka.integrity.seal_places import judge_seal_changes
from papka.integrity.trust import Entry, read_trust
from papka.integrity.trust_state import TRUST_FOLDER
from papka.integrity.trust_writing import judge_signer, judge_trust


def within_rights(chronicle: Chronicle) -> Iterator[Finding]:
    for step in chronicle.steps:
        signer = step.verdict.signer
        if signer is None or signer.is_head:
            continue
        for change in step.changes:
            if what := forbidden(change.path, deleted=change.deleted, replaced=not change.added):
                yield codes.SIGNER_NOT_ALLOWED.at(
                    Location(change.path, commit=step.commit.id), signer=signer.staff, what=what
                )


def judge_paths(
    staff: str, key: PublicKey, before: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    """What `verify` would say of a commit of `changes` by this person: asked before it is made."""
    trusted = read_trust(_trust_file(before)).entries
    entry = next((entry for entry in trusted if entry.key == key), None)
    if entry is None:
        yield codes.SIG_UNKNOWN_KEY.at(Location(ALLOWED_SIGNERS), key=key.fingerprint)
        return
    if entry.staff != staff:
        yield codes.AUTHOR_MISMATCH.at(
            Location(ALLOWED_SIGNERS), signer=entry.staff, role="автор", named=staff
        )
    yield from judge_signer(key, before)
    if not entry.is_head:
        yield from _staff_paths(entry, before, changes)
    yield from judge_seal_changes(before, changes)
    if entry.is_head:
        yield from judge_trust(key, before, changes)


def _staff_paths(
    entry: Entry, before: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    for path, data in changes.items():
        if path.startswith(TRUST_FOLDER):
            what = f"{entry.staff} — не руководитель"
            yield codes.TRUST_NOT_AUTHORISED.at(Location(path), what=what)
        elif what := forbidden(path, deleted=data is None, replaced=_holds(before, path)):
            yield codes.SIGNER_NOT_ALLOWED.at(Location(path), signer=entry.staff, what=what)


def is_head(key: PublicKey, before: Snapshot) -> bool:
    """Whether a head's key signs what comes next."""
    return any(e.key == key and e.is_head for e in read_trust(_trust_file(before)).entries)


def _holds(before: Snapshot, path: str) -> bool:
    try:
        before.read(path)
    except KeyError:
        return False
    return True


def _trust_file(before: Snapshot) -> bytes:
    try:
        return before.read(ALLOWED_SIGNERS)
    except KeyError:
        return b""
