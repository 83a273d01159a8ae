"""Whose signature a code bears, and whether that person might sign documents.

Invariants: the signature is rebuilt from the code and a trusted key and judged by the same strict
reader as every other (`sshsig`); a key that is unknown, not a head's, or revoked is refused with
the reason. Absent on purpose: the archive; what the order of its commits says is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from papka.core.codes import documents as codes
from papka.core.document_code import Scanned
from papka.core.document_facts import key_hint
from papka.core.findings import Finding, Location
from papka.integrity.revocations import Revocation, Revocations
from papka.integrity.sshsig import Altered, Unreadable, read, rebuild
from papka.integrity.trust import DOCUMENT, Entry

Stands = Callable[[Revocation], bool | None]
"""Whether what the code proves was recorded while the key still counted; None: cannot be known."""


@dataclass(frozen=True, slots=True)
class Judged:
    """`signer` is who made the signature; None when nobody known did. It may still be refused."""

    signer: Entry | None
    findings: tuple[Finding, ...]


def judge_signature(
    scanned: Scanned, trust: Iterable[Entry], revoked: Revocations, stands: Stands
) -> Judged:
    """`trust` is everybody ever trusted, `revoked` the newest word on their keys."""
    hint = scanned.facts.key
    named = [entry for entry in trust if key_hint(entry.key.blob) == hint]
    if not named:
        return Judged(None, (codes.DOC_KEY_UNKNOWN.at(Location(), hint=hint.hex()),))
    reasons = {entry: _fault(scanned, entry) for entry in named}
    signer = next((entry for entry, fault in reasons.items() if not fault), None)
    if signer is None:
        detail = next(iter(reasons.values()))
        return Judged(None, (codes.DOC_SIG_BAD.at(Location(), detail=detail),))
    if DOCUMENT not in signer.namespaces:
        found = codes.DOC_KEY_NOT_ALLOWED.at(Location(), staff=signer.staff)
        return Judged(signer, (found,))
    for revocation in revoked.all_of(signer.key.fingerprint):
        if faults := _revoked(revocation, stands):
            return Judged(signer, faults)
    return Judged(signer, ())


def _fault(scanned: Scanned, entry: Entry) -> str:
    """Why this key did not sign this; empty when it did."""
    try:
        signature = read(rebuild(entry.key, DOCUMENT, scanned.core))
    except (Altered, Unreadable) as error:
        return str(error)
    return "" if signature.covers(scanned.message) else "она не подходит к сведениям кода"


def _revoked(revocation: Revocation, stands: Stands) -> tuple[Finding, ...]:
    stood = stands(revocation)
    if stood:
        return ()
    if stood is None and not revocation.is_compromised:
        return (codes.DOC_KEY_RETIRED.at(Location(), key=revocation.key),)
    reason = "им могут владеть посторонние" if revocation.is_compromised else "выведен раньше"
    return (codes.DOC_KEY_REVOKED.at(Location(), key=revocation.key, reason=reason),)
