"""`records/trust/` of the invented school: both head keys were lost once and replaced by an act.
`records/seals/`: the second seal, which names the first."""

from __future__ import annotations

import hashlib

from papka.core.places import ALLOWED_SIGNERS, TEXT, seal_file
from papka.proof.trusted_keys import HEAD, REFOUNDINGS, REVOCATIONS, TrustEntry, compose_trust
from papka.repository.git_values import ED25519, PublicKey

HEAD_COMMIT = "89abcdef0123456789abcdef0123456789abcdef"
OLD = tuple(PublicKey(ED25519, hashlib.sha256(name).digest()) for name in (b"a", b"b"))
NEW = tuple(PublicKey(ED25519, hashlib.sha256(name).digest()) for name in (b"c", b"d"))
ACT = (
    "papka-refounding v1\n"
    f"head: sha1:{HEAD_COMMIT}\n"
    f"seal: sha256:{hashlib.sha256(b'seal').hexdigest()}\n"
    f"daily: {NEW[0].fingerprint}\n"
    f"recovery: {NEW[1].fingerprint}\n"
    "date: 2026-11-02\n"
).encode()
SEAL = (
    "papka-seal v1\n"
    "number: 0002\n"
    "period: 2026-2\n"
    "date: 2026-12-28\n"
    f"head: sha1:{HEAD_COMMIT}\n"
    "units: 1204\n"
    f"units-sha256: {hashlib.sha256(b'units').hexdigest()}\n"
    f"trust-sha256: {hashlib.sha256(b'trust').hexdigest()}\n"
    f"previous: sha256:{hashlib.sha256(b'seal').hexdigest()}\n"
).encode()
PROOF = {
    ALLOWED_SIGNERS: compose_trust(TrustEntry("s001", HEAD, key) for key in (*OLD, *NEW)),
    REVOCATIONS: "".join(f"retired {key.fingerprint} at {HEAD_COMMIT}\n" for key in OLD).encode(),
    f"{REFOUNDINGS}0001": ACT,
    seal_file(2, TEXT): SEAL,
}
