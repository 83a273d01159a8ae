"""Public keys as values: one line of text, its wire bytes, its fingerprint.

Invariants: only key types papka trusts exist here (`ssh-ed25519`, and its hardware twin
`sk-ssh-ed25519@openssh.com` with the application `ssh:`); a key has exactly one spelling, so two
texts of one key are equal. Absent on purpose: private keys and every computation with them.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

ED25519 = "ssh-ed25519"
SK_ED25519 = "sk-ssh-ed25519@openssh.com"
SK_APPLICATION = b"ssh:"


class BadKey(ValueError):
    """Not a public key papka knows; the text says why."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """`blob` is the key as ssh sends it, `point` its 32 bytes on the curve."""

    kind: str
    point: bytes

    @property
    def blob(self) -> bytes:
        tail = wire_string(SK_APPLICATION) if self.kind == SK_ED25519 else b""
        return wire_string(self.kind.encode()) + wire_string(self.point) + tail

    @property
    def line(self) -> str:
        """`ssh-ed25519 AAAA…`, without a comment: comments carry names."""
        return f"{self.kind} {base64.b64encode(self.blob).decode()}"

    @property
    def fingerprint(self) -> str:
        """`SHA256:…` as `ssh-keygen -l` prints it."""
        digest = hashlib.sha256(self.blob).digest()
        return "SHA256:" + base64.b64encode(digest).decode().rstrip("=")

    @classmethod
    def from_blob(cls, blob: bytes) -> PublicKey:
        """Raises BadKey unless the bytes are exactly one known key."""
        for kind, tail in ((ED25519, b""), (SK_ED25519, wire_string(SK_APPLICATION))):
            start = wire_string(kind.encode()) + (32).to_bytes(4, "big")
            point = blob[len(start) : len(start) + 32]
            if len(point) == 32 and blob == start + point + tail:
                return cls(kind, point)
        raise BadKey("ключ не ssh-ed25519 и не sk-ssh-ed25519 с приложением «ssh:»")

    @classmethod
    def from_line(cls, line: str) -> PublicKey:
        """The key of a `.pub` file's line; a comment after it is ignored. Raises BadKey."""
        kind, _, rest = line.strip().partition(" ")
        encoded = rest.partition(" ")[0]
        try:
            key = cls.from_blob(base64.b64decode(encoded, validate=True))
        except ValueError as error:
            raise BadKey("ключ записан не в base64") from error
        if key.line != f"{kind} {encoded}":
            raise BadKey(f"вид ключа «{kind}» не совпадает с самим ключом")
        return key


def wire_string(data: bytes) -> bytes:
    """ssh's string: four bytes of length, then the bytes."""
    return len(data).to_bytes(4, "big") + data
