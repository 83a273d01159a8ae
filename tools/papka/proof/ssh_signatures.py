"""Reads ssh signatures (SSHSIG) strictly and checks them: a signature has one acceptable spelling.

Stricter than ssh-keygen 9.2, which accepts: S + L in place of S; text after the armor's end;
a second armor; a filled reserved field; sha256; other line widths; a hardware key's signature
without touch; of P-384, the twin n - S of S. What is accepted here, ssh-keygen accepts. The one
module in `proof` that knows the cryptography.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384

from papka.repository.git_values import (
    P384,
    SK_APPLICATION,
    SK_ED25519,
    BadKey,
    Commit,
    PublicKey,
    wire_string,
)


def verifies(point: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the key made this signature of this message: 32 and 64 bytes, of P-384 97 and 96."""
    key = _load_key(point)
    if key is None:
        return False
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        else:
            r, s = _split_pair(signature)
            key.verify(encode_dss_signature(r, s), message, ec.ECDSA(SHA384()))
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=256)
def _load_key(point: bytes) -> Ed25519PublicKey | ec.EllipticCurvePublicKey | None:
    try:
        if len(point) == _ED25519_BYTES:
            return Ed25519PublicKey.from_public_bytes(point)
        return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP384R1(), point)
    except ValueError:
        return None


def _split_pair(signature: bytes) -> tuple[int, int]:
    return (
        int.from_bytes(signature[:_P384_BYTES], "big"),
        int.from_bytes(signature[_P384_BYTES:], "big"),
    )


_ED25519_BYTES, _P384_BYTES = 32, 48


BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"
_WIDTH = 70
_ORDER = 2**252 + 27742317777372353535851937790883648493
"""L, the order of ed25519's group: S and S + L verify alike."""
_P384_ORDER = int(
    "ffffffffffffffffffffffffffffffffffffffffffffffff"
    "c7634d81f4372ddf581a0db248b0a77aecec196accc52973",
    16,
)
"""n, the order of P-384's group: S and n - S verify alike, and the lesser is the acceptable one."""
_TOUCHED = 1
_ARMOR = re.compile(rf"{BEGIN}\n(?P<body>[A-Za-z0-9+/=\n]+?)\n{END}\n", re.ASCII)


class UnreadableSignature(ValueError):
    """The text is no ssh signature of a kind papka knows."""


class Altered(ValueError):
    """The text is a signature, but not in its one acceptable spelling."""


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature as read. `point`: 64 bytes, of P-384 R and S in 48 each; `tail`: a hardware key's
    flags and counter, signed with the message."""

    key: PublicKey
    namespace: bytes
    point: bytes
    tail: bytes = b""

    @property
    def core(self) -> bytes:
        """The part that cannot be computed: 64 bytes, from a hardware key 69, of P-384 96; see
        `rebuild`."""
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
    if fault := _explain_scalars(signature):
        raise Altered(fault)
    if armored != _armor(blob):
        raise Altered("до, после или внутри подписи есть посторонний текст")
    return signature


def _explain_scalars(signature: Signature) -> str:
    """Say why another would verify as well as S does; empty when S is the only one."""
    if signature.key.kind == P384:
        r, s = _split_pair(signature.point)
        if not 0 < r < _P384_ORDER or not s:
            return "числа R и S не из группы"
        return "число S больше половины порядка группы" if s > _P384_ORDER // 2 else ""
    s = int.from_bytes(signature.point[_ED25519_BYTES:], "little")
    return "число S больше порядка группы" if s >= _ORDER else ""


def rebuild(key: PublicKey, namespace: str, core: bytes) -> str:
    """Make the armored signature that `core` was taken from, byte for byte; it is not judged."""
    if key.kind == P384:
        proper = wire_string(b"".join(_compose_number(each) for each in _split_pair(core)))
    else:
        proper = wire_string(core[:64]) + core[64:]
    inner = wire_string(key.kind.encode()) + proper
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
    """Read the signature proper: its kind, 64 bytes, and for a hardware key flags and counter; of
    P-384 two numbers."""
    fields = _Fields(inner)
    if fields.text() != key.kind.encode():
        raise UnreadableSignature("вид подписи не совпадает с видом ключа")
    point = fields.text()
    if key.kind == P384:
        point = _read_pair(point)
    elif len(point) != 64:
        raise UnreadableSignature("длина подписи не 64 байта")
    tail = fields.take(5) if key.kind == SK_ED25519 else b""
    if fields.rest():
        raise Altered("в подписи есть лишние байты")
    if tail and not tail[0] & _TOUCHED:
        raise Altered("ключ-токен подписал без прикосновения")
    return Signature(key, namespace, point, tail)


def _read_pair(data: bytes) -> bytes:
    """Read R and S as ssh writes numbers, each in the one spelling it has; return 48 bytes each."""
    fields, pair = _Fields(data), b""
    for _ in range(2):
        spelled = fields.text()
        number = int.from_bytes(spelled, "big")
        if wire_string(spelled) != _compose_number(number) or number >= _P384_ORDER:
            raise Altered("число в подписи записано не в единственном виде")
        pair += number.to_bytes(_P384_BYTES, "big")
    if fields.rest():
        raise Altered("в подписи есть лишние байты")
    return pair


def _compose_number(number: int) -> bytes:
    """Compose ssh's mpint of a number above zero: no more bytes than it and its sign bit take."""
    return wire_string(number.to_bytes(number.bit_length() // 8 + 1, "big"))


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
