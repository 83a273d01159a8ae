"""Checks one ed25519 signature: the only place above the gates that knows the cryptography."""

from __future__ import annotations

from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def verifies(point: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the key (32 bytes) made this signature (64 bytes) of this message."""
    key = _key(point)
    if key is None:
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=256)
def _key(point: bytes) -> Ed25519PublicKey | None:
    try:
        return Ed25519PublicKey.from_public_bytes(point)
    except ValueError:
        return None
