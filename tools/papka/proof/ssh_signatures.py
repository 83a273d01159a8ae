"""Reads ssh signatures (SSHSIG) strictly and checks them: a signature has one acceptable spelling.

Stricter than ssh-keygen 9.2, which accepts: S + L in place of S; text after the armor's end;
a second armor; a filled reserved field; sha256; other line widths; a hardware key's signature
without touch. What is accepted here, ssh-keygen accepts. The one module in `proof` that knows the
cryptography.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from papka.repository.git_values import (
    ED25519,
    SK_APPLICATION,
    BadKey,
    Commit,
    PublicKey,
    wire_string,
)


def verifies(point: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the key (32 bytes) made this signature (64 bytes) of this message."""
    key = _load_key(point)
    if key is None:
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=256)
def _load_key(point: bytes) -> Ed25519PublicKey | None:
    try:
        return Ed25519PublicKey.from_public_bytes(point)
    except ValueError:
        return None


BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"
_WIDTH = 70
_ORDER = 2**252 + 27742317777372353535851937790883648493
"""L, the order of ed25519's group: S and S + L verify alike."""
_TOUCHED = 1
_ARMOR = re.compile(rf"{BEGIN}\n(?P<body>[A-Za-z0-9+/=\n]+?)\n{END}\n", re.ASCII)


class UnreadableSignature(ValueError):
    """The text is no ssh signature of a kind papka knows."""


class Altered(ValueError):
    """The text is a signature, but not in its one acceptable spelling."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as read. `point`: 64 bytes; `tail`: a hardware key's flags and counter, signed
    with the message."""

    key: PublicKey
    namespace: bytes
    point: bytes
    tail: bytes = b""

    @property
    def core(self) -> bytes:
        """The part that cannot be computed: 64 bytes, from a hardware key 69; see `rebuild`."""
        return self.point + self.tail

    def covers(self, data: bytes) -> bool:
        """Whether the key signed exactly these bytes in this namespace."""
        message = (
            _MAGIC
            + wire_string(self.namespace)
            + wire_string(b"")
            + wire_string(b"sha512")
            + wire_string(hashlib.sha512(data).digest())
        )
        if self.tail:
            application = hashlib.sha256(SK_APPLICATION).digest()
            message = application + self.tail + hashlib.sha256(message).digest()
        return verifies(self.key.point, self.point, message)


def read(armored: str) -> Signature:
    """Read an armored signature; raises Unreadable or Altered."""
    match = _ARMOR.match(armored)
    if match is None:
        raise UnreadableSignature("это не подпись ssh")
    try:
        blob = base64.b64decode(match["body"].replace("\n", ""), validate=True)
    except binascii.Error as error:
        raise UnreadableSignature("подпись записана не в base64") from error
    found = _Fields(blob)
    if found.take(6) != _MAGIC or found.number() != 1:
        raise UnreadableSignature("это не подпись ssh первой версии")
    try:
        key = PublicKey.from_blob(found.text())
    except BadKey as error:
        raise UnreadableSignature(str(error)) from error
    namespace, reserved, digest, inner = found.text(), found.text(), found.text(), found.text()
    signature = _read_inner(key, namespace, inner)
    if found.rest() or reserved:
        raise Altered("в подписи есть лишние байты")
    if digest != b"sha512":
        raise Altered("другая контрольная сумма вместо sha512")
    if int.from_bytes(signature.point[32:], "little") >= _ORDER:
        raise Altered("число S больше порядка группы")
    if armored != _armor(blob):
        raise Altered("до, после или внутри подписи есть посторонний текст")
    return signature


def rebuild(key: PublicKey, namespace: str, core: bytes) -> str:
    """Make the armored signature that `core` was taken from, byte for byte; it is not judged."""
    inner = wire_string(key.kind.encode()) + wire_string(core[:64]) + core[64:]
    return _armor(
        _MAGIC
        + (1).to_bytes(4, "big")
        + wire_string(key.blob)
        + wire_string(namespace.encode())
        + wire_string(b"")
        + wire_string(b"sha512")
        + wire_string(inner)
    )


class _Fields:
    """A cursor over ssh's binary fields; raises Unreadable where they are too short."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, count: int) -> bytes:
        found = self._data[self._at : self._at + count]
        if len(found) != count:
            raise UnreadableSignature("подпись обрывается")
        self._at += count
        return found

    def number(self) -> int:
        return int.from_bytes(self.take(4), "big")

    def text(self) -> bytes:
        return self.take(self.number())

    def rest(self) -> bytes:
        return self._data[self._at :]


def _read_inner(key: PublicKey, namespace: bytes, inner: bytes) -> Signature:
    """Read the signature proper: its kind, 64 bytes, and for a hardware key flags and counter."""
    fields = _Fields(inner)
    if fields.text() != key.kind.encode():
        raise UnreadableSignature("вид подписи не совпадает с видом ключа")
    point = fields.text()
    if len(point) != 64:
        raise UnreadableSignature("длина подписи не 64 байта")
    tail = b"" if key.kind == ED25519 else fields.take(5)
    if fields.rest():
        raise Altered("в подписи есть лишние байты")
    if tail and not tail[0] & _TOUCHED:
        raise Altered("ключ-токен подписал без прикосновения")
    return Signature(key, namespace, point, tail)


def _armor(blob: bytes) -> str:
    encoded = base64.b64encode(blob).decode()
    lines = [encoded[at : at + _WIDTH] for at in range(0, len(encoded), _WIDTH)]
    return "\n".join([BEGIN, *lines, END, ""])


def signing_key(commit: Commit) -> str:
    """Return the fingerprint of the key that signed, as the commit claims it; "" when it has no
    readable signature. Nothing is verified."""
    try:
        return read(commit.signature or "").key.fingerprint
    except (UnreadableSignature, Altered):
        return ""
