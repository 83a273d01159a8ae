"""Signatures made field by field, truly signed by a key of ours, and bent on the way.

A mutant is drawn from one `Random`, so that a soak is the same on every machine. Absent on purpose:
any code of papka's that reads or writes signatures.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA384
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

ORDER = 2**252 + 27742317777372353535851937790883648493
"""L of ed25519."""
P384_ORDER = int(
    "39402006196394479212279040100143613805079739270465446667946905279627"
    "659399113263569398956308152294913554433653942643"
)
"""n of P-384."""
PLAIN, TOKEN = b"ssh-ed25519", b"sk-ssh-ed25519@openssh.com"
P384 = b"ecdsa-sha2-nistp384"
BEGIN, END = "-----BEGIN SSH SIGNATURE-----", "-----END SSH SIGNATURE-----"
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_DIGESTS: Mapping[bytes, Callable[[bytes], bytes]] = {
    b"sha512": lambda data: hashlib.sha512(data).digest(),
    b"sha256": lambda data: hashlib.sha256(data).digest(),
}


def secret(number: int) -> Ed25519PrivateKey:
    """The same key for the same number, on every machine."""
    return Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)


def secret_p384(number: int) -> ec.EllipticCurvePrivateKey:
    """The same of P-384."""
    return ec.derive_private_key(number * 2**300 + 7, ec.SECP384R1())


def text(data: bytes) -> bytes:
    """ssh's string."""
    return len(data).to_bytes(4, "big") + data


def mpint(value: int, zeros: int = 0) -> bytes:
    """ssh's number; `zeros`: so many bytes more before it than it takes."""
    bare = value.to_bytes((value.bit_length() + 7) // 8, "big")
    sign = b"\0" if bare[:1] >= b"\x80" else b""
    return text(bytes(zeros) + sign + bare)


@dataclass(frozen=True)
class Parts:
    """Everything a signature is made of; what is signed is what the parts say."""

    key: int = 1
    kind: bytes = PLAIN
    inner_kind: bytes = b""
    """Empty: the key's own."""
    application: bytes = b"ssh:"
    magic: bytes = b"SSHSIG"
    version: int = 1
    namespace: bytes = b"git"
    reserved: bytes = b""
    digest: bytes = b"sha512"
    flags: int = 1
    counter: int = 7
    more_s: int = 0
    """Orders of the group added to S; of P-384, an odd one makes the twin n - S."""
    zeros: int = 0
    """Of P-384: zero bytes before R."""
    after_key: bytes = b""
    after_point: bytes = b""
    after_all: bytes = b""

    @property
    def public(self) -> bytes:
        """The key as ssh sends it."""
        if self.kind == P384:
            spelled = (
                secret_p384(self.key)
                .public_key()
                .public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
            )
            return text(self.kind) + text(b"nistp384") + text(spelled)
        point = secret(self.key).public_key().public_bytes_raw()
        tail = text(self.application) if self.kind == TOKEN else b""
        return text(self.kind) + text(point) + tail

    @property
    def line(self) -> str:
        return f"{self.kind.decode()} {base64.b64encode(self.public).decode()}"

    def blob(self, data: bytes) -> bytes:
        """The signature of `data`."""
        middle = text(self.namespace) + text(self.reserved) + text(self.digest)
        made = _DIGESTS.get(self.digest, _DIGESTS[b"sha512"])(data)
        message = b"SSHSIG" + middle + text(made)
        tail = b""
        if self.kind == TOKEN:
            tail = bytes([self.flags]) + self.counter.to_bytes(4, "big")
            application = hashlib.sha256(self.application).digest()
            message = application + tail + hashlib.sha256(message).digest()
        point = self._sign(message) + self.after_point
        inner = text(self.inner_kind or self.kind) + text(point) + tail
        public = text(self.public + self.after_key)
        start = self.magic + self.version.to_bytes(4, "big")
        return start + public + middle + text(inner) + self.after_all

    def _sign(self, message: bytes) -> bytes:
        if self.kind == P384:
            how = ec.ECDSA(SHA384(), deterministic_signing=True)
            r, s = decode_dss_signature(secret_p384(self.key).sign(message, how))
            low = min(s, P384_ORDER - s)
            s = P384_ORDER - low if self.more_s % 2 else low + self.more_s // 2 * P384_ORDER
            return mpint(r, self.zeros) + mpint(s)
        point = secret(self.key).sign(message)
        s = int.from_bytes(point[32:], "little") + self.more_s * ORDER
        return point[:32] + s.to_bytes(32, "little")

    def armored(self, data: bytes) -> str:
        return armor(self.blob(data))


def armor(blob: bytes, width: int = 70) -> str:
    encoded = base64.b64encode(blob).decode()
    lines = [encoded[at : at + width] for at in range(0, len(encoded), width)]
    return "\n".join([BEGIN, *lines, END, ""])


def unarmor(armored: str) -> bytes:
    return base64.b64decode("".join(armored.splitlines()[1:-1]))


def loose_bits(armored: str) -> str:
    """Base64 whose last sextet carries bits that no byte uses."""
    body = base64.b64encode(unarmor(armored)).decode()
    bare = body.rstrip("=")
    if bare == body:
        return armored
    odd = bare[:-1] + _LETTERS[_LETTERS.index(bare[-1]) + 1] + body[len(bare) :]
    return "\n".join([BEGIN, *(odd[at : at + 70] for at in range(0, len(odd), 70)), END, ""])


def honest(random: Random) -> Parts:
    """What papka itself would make: one of six keys, two on tokens and two of P-384."""
    key = random.randrange(1, 7)
    kind = (PLAIN, TOKEN, P384)[(key - 1) // 2]
    return Parts(key=key, kind=kind, counter=random.randrange(2**32), flags=random.choice((1, 5)))


def _pick(field: str, *values: object) -> Callable[[Random, Parts], Parts]:
    return lambda random, parts: replace(parts, **{field: random.choice(values)})  # type: ignore[arg-type] # any field


PARTS: Mapping[str, Callable[[Random, Parts], Parts]] = {
    "nothing": lambda _, parts: parts,
    "key": _pick("key", 1, 2, 3, 4, 9),
    "kind": _pick("kind", PLAIN, TOKEN, P384, b"ssh-rsa", b"ssh-ed25519-cert-v01@openssh.com"),
    "inner kind": _pick("inner_kind", PLAIN, TOKEN, P384, b"ssh-ed25519\0", b"ssh-dss"),
    "application": _pick("application", b"ssh:school", b"", b"ssh", b"https:x"),
    "magic": _pick("magic", b"SSHSIG", b"sshsig", b"SSHSI", b"SSHSIG\0"),
    "version": _pick("version", 0, 1, 2, 2**32 - 1),
    "namespace": _pick("namespace", b"git", b"file", b"papka-seal", b"", b"git\0", b"Git", b"*"),
    "reserved": _pick("reserved", b"x", b"\0", b"hidden text"),
    "digest": _pick("digest", b"sha512", b"sha256", b"sha1", b"SHA512", b""),
    "flags": _pick("flags", 0, 1, 4, 5, 0x81, 0xFE),
    "counter": _pick("counter", 0, 1, 2**32 - 1),
    "S + n L": _pick("more_s", 1, 2, 7),
    "zeros before R": _pick("zeros", 1, 2),
    "after the key": _pick("after_key", b"\0", b"x"),
    "after the point": _pick("after_point", b"\0", b"hidden"),
    "after all": _pick("after_all", b"\0", b"hidden"),
}


def _flip(random: Random, armored: str) -> str:
    blob = bytearray(unarmor(armored))
    blob[random.randrange(len(blob))] ^= 1 << random.randrange(8)
    return armor(bytes(blob))


def _splice(random: Random, armored: str) -> str:
    at, size = random.randrange(len(armored)), random.randrange(3)
    new = random.choice(("", "A", "=", "\n", "\r", " ", "\t", "-", "\0", "AAAA", "я"))
    return armored[:at] + new + armored[at + size :]


TEXTS: Mapping[str, Callable[[Random, str], str]] = {
    "nothing": lambda _, armored: armored,
    "a bit": _flip,
    "a splice": _splice,
    "width": lambda random, a: armor(unarmor(a), random.choice((1, 64, 69, 71, 76, 9999))),
    "CRLF": lambda _, a: a.replace("\n", "\r\n"),
    "text before": lambda random, a: random.choice(("\n", "x\n", " ", "\ufeff")) + a,
    "text after": lambda random, a: a + random.choice(("\n", "hidden\n", " ", "\0")),
    "no end of line": lambda _, a: a.removesuffix("\n"),
    "twice": lambda _, a: a + a,
    "spaces at ends": lambda _, a: a.replace("\n", " \n"),
    "empty lines": lambda _, a: a.replace("\n", "\n\n", 1),
    "loose bits": lambda _, a: loose_bits(a),
    "no padding": lambda _, a: a.replace("=", ""),
    "small letters": lambda _, a: a.replace("BEGIN", "begin"),
    "pgp": lambda _, a: a.replace("SSH", "PGP"),
}


def draw(random: Random, data: bytes) -> tuple[str, str]:
    """A signature of `data`, bent in none to three ways, and which."""
    parts, how = honest(random), []
    for _ in range(random.choice((0, 1, 1, 1, 2))):
        name = random.choice(sorted(PARTS))
        parts = PARTS[name](random, parts)
        how.append(name)
    name = random.choice(("nothing", "nothing", *sorted(TEXTS)))
    return TEXTS[name](random, parts.armored(data)), "; ".join([*how, name])
