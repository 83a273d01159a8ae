"""What `verify` would say of a change of trust, asked before it is signed: afterwards is too late,
for nothing here is ever taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from papka.core.codes import history as codes
from papka.core.codes import trust
from papka.core.findings import Finding, Location
from papka.core.keys import PublicKey
from papka.core.layout import ALLOWED_SIGNERS
from papka.core.snapshot import Overlay, Snapshot
from papka.integrity.acceptances import ACCEPTABLE
from papka.integrity.revocations import Revocation, read_revocations
from papka.integrity.signatures import told
from papka.integrity.trust_changes import removed
from papka.integrity.trust_state import (
    REVOCATIONS,
    TRUST_FOLDER,
    TrustState,
    lost,
    read_trust_state,
)


def state_of(snapshot: Snapshot) -> TrustState:
    """What `records/trust/` says there."""
    paths = [path for path in snapshot.paths() if path.startswith(TRUST_FOLDER)]
    return read_trust_state(dict(snapshot.read_many(paths)))


def judge_signer(key: PublicKey, before: Snapshot) -> Iterator[Finding]:
    """Whether the key still signs: a revoked one never does again, wherever it was cut."""
    try:
        revoked = read_revocations(before.read(REVOCATIONS)).of(key.fingerprint)
    except KeyError:
        return
    if revoked is not None:
        yield _revoked(key, revoked)


def judge_trust(
    key: PublicKey, before: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    """What is wrong with a head's change of trust."""
    if not any(path.startswith(TRUST_FOLDER) for path in changes):
        return
    old, new = state_of(before), state_of(Overlay(before, changes))
    yield from removed(set(old.file.entries) - set(new.file.entries), "")
    for path, what in lost(old, new):
        yield codes.TRUST_NOT_AUTHORISED.at(Location(path), what=what)
    if new.refoundings != old.refoundings:
        what = "ключи по акту заменяет только papka trust refound"
        yield codes.TRUST_NOT_AUTHORISED.at(Location(new.refoundings[-1].path), what=what)
    for line, reason in new.file.faults:
        yield codes.TRUST_LINE_INVALID.at(Location(ALLOWED_SIGNERS, line=line), detail=reason)
    for line in new.revocations.faults:
        where = Location(REVOCATIONS, line=line)
        yield trust.REVOCATION_INVALID.at(where, detail="не по образцу")
    for path in new.faults:
        yield trust.TRUST_FILE_INVALID.at(Location(path))
    for each in new.acceptances:
        if each not in old.acceptances and each.code not in ACCEPTABLE:
            known = ", ".join(sorted(ACCEPTABLE))
            yield trust.ACCEPTANCE_VOID.at(Location(each.path), code=each.code, codes=known)
    yield from _revocations(key, old, new)


def _revocations(key: PublicKey, old: TrustState, new: TrustState) -> Iterator[Finding]:
    known = {entry.key.fingerprint for entry in new.file.entries}
    fresh = [each for each in new.revocations.entries if each not in old.revocations.entries]
    for each in fresh:
        if each.key not in known:
            detail = f"ключа {each.key} в списке доверенных нет"
            yield trust.REVOCATION_INVALID.at(Location(REVOCATIONS), detail=detail)
        if each.key == key.fingerprint:
            yield _revoked(key, each)
    heads = {entry.key.fingerprint for entry in new.file.entries if entry.is_head}
    if fresh and not heads - {each.key for each in new.revocations.entries}:
        yield trust.NO_HEAD_LEFT.at(Location(REVOCATIONS))


def _revoked(key: PublicKey, revocation: Revocation) -> Finding:
    how = told(revocation, key.fingerprint)
    return trust.SIG_KEY_REVOKED.at(Location(REVOCATIONS), key=key.fingerprint, how=how)
