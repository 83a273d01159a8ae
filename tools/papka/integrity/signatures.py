"""Each commit carries one good signature, in its one spelling, of a key trusted before it, and not
taken away from it since."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import history as codes
from papka.core.codes import trust
from papka.core.findings import Finding, Location
from papka.integrity.chronicle import Chronicle, Step
from papka.integrity.revocations import ROOT, Revocation
from papka.integrity.standing import Standing


def each_is_good(chronicle: Chronicle) -> Iterator[Finding]:
    standing = chronicle.standing
    for step in chronicle.steps:
        where, verdict = Location(commit=step.commit.id), step.verdict
        if verdict.state == "missing":
            yield codes.SIG_MISSING.at(where, commit=step.commit.id)
        elif verdict.state == "altered":
            yield codes.SIG_MALLEABLE.at(where, detail=verdict.detail)
        elif verdict.state == "bad":
            yield codes.SIG_BAD.at(where, detail=verdict.detail)
        elif verdict.state == "unknown":
            yield codes.SIG_UNKNOWN_KEY.at(where, key=verdict.key)
        elif revocation := _revoked(step, standing):
            how = told(revocation, verdict.key)
            yield trust.SIG_KEY_REVOKED.at(where, key=verdict.key, how=how)


def told(revocation: Revocation, key: str) -> str:
    """Why a key counts no more."""
    since = "первой" if revocation.commit == ROOT else revocation.commit[:12]
    how = (
        f"с записи {since} им могут владеть посторонние"
        if revocation.is_compromised
        else f"он выведен после записи {since}"
    )
    return how if revocation.key == key else f"его вписал ключ {revocation.key}, а {how}"


def _revoked(step: Step, standing: Standing) -> Revocation | None:
    signer = step.verdict.signer
    return standing.revoked(signer.key, step.commit.id) if signer else None
