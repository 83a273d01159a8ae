"""Facts of an issued document and the bytes that are signed: the format docs/qr.md describes.

Invariants: the same facts are the same bytes; at most MESSAGE_MAX of them, whatever the texts
are: long ones are cut and a digest of the whole stands for the rest; what cannot be seen on paper
is never signed. Absent on purpose: signatures, and how an entry of the register becomes facts.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import Literal

VERSION = 1
PAYLOAD_MAX = 300
MESSAGE_MAX = PAYLOAD_MAX - 1 - 69
"""What is left beside the signature's tag and the longest signature, a hardware key's."""
KEY_HINT = 4
ENTRY_DIGEST = 16
CUT_DIGEST = 8
CYRILLIC = "cp1251"

IS_UTF8, IS_CUT = 0x80, 0x40
Kind = Literal["text", "date", "digest", "hint"]


@dataclass(frozen=True, slots=True)
class Cut:
    """A text too long to be signed whole: how it starts, and 8 bytes of the whole's SHA-256."""

    start: str
    digest: bytes

    def __str__(self) -> str:
        return f"{self.start}…"

    def stands_for(self, text: str) -> bool:
        whole = normal(text)
        return whole.startswith(self.start) and _digest(whole) == self.digest


Text = str | Cut


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """In the order in which they are signed. `organization` is the INN, else OGRN, else the short
    name; `entry` binds all the register holds of the document (`entry_digest`); `key` is the start
    of the SHA-256 of the signer's key (`key_hint`)."""

    form: Text
    number: Text
    date: dt.date
    holder: Text
    organization: Text
    entry: bytes
    key: bytes
    birth_date: dt.date | None = None
    programme: Text | None = None
    hours: Text | None = None
    started: dt.date | None = None
    ended: dt.date | None = None
    result: Text | None = None
    order: Text | None = None
    duplicate_of: Text | None = None


TAGS: Mapping[int, tuple[str, Kind]] = {
    1: ("form", "text"),
    2: ("number", "text"),
    3: ("date", "date"),
    4: ("holder", "text"),
    5: ("birth_date", "date"),
    6: ("programme", "text"),
    7: ("hours", "text"),
    8: ("started", "date"),
    9: ("ended", "date"),
    10: ("result", "text"),
    11: ("order", "text"),
    12: ("duplicate_of", "text"),
    13: ("organization", "text"),
    14: ("entry", "digest"),
    15: ("key", "hint"),
}
"""Tag -> field and how its value is written; a tag is never given another meaning."""
WIDTHS: Mapping[Kind, int] = {"date": 4, "digest": ENTRY_DIGEST, "hint": KEY_HINT}
REQUIRED = frozenset(("form", "number", "date", "holder", "organization", "entry", "key"))
_TEXTS = tuple(name for name, kind in TAGS.values() if kind == "text")


def message(facts: DocumentFacts) -> bytes:
    """What is signed: the version, then the facts by rising tag."""
    return encoded(fitted(facts))


def fitted(facts: DocumentFacts) -> DocumentFacts:
    """The facts as they are signed: normal texts, and when they are too many bytes, every text
    longer than the largest width that fits cut to that width."""
    whole = {name: value for name, value in _present(facts) if isinstance(value, str)}
    tidy = {name: normal(value) for name, value in whole.items()}
    bare: dict[str, Text | None] = {
        name: value if value or name in REQUIRED else None for name, value in tidy.items()
    }
    found = replace(facts, **bare)  # type: ignore[arg-type]  # texts go to fields of text
    width = 256
    while len(encoded(found)) > MESSAGE_MAX:
        width -= 1
        cuts = {name: _cut(value, width) for name, value in bare.items() if isinstance(value, str)}
        found = replace(found, **cuts)  # type: ignore[arg-type]  # as above
    return found


def encoded(facts: DocumentFacts) -> bytes:
    """The bytes of facts that fit already."""
    values = dict(_present(facts))
    parts = [bytes([VERSION])]
    for tag, (name, _) in TAGS.items():
        if name in values:
            parts.append(_field(tag, values[name]))
    return b"".join(parts)


def normal(text: str) -> str:
    """Equal for texts that look equal on paper: NFC, single spaces, nothing invisible."""
    seen = (
        " " if sign.isspace() else sign
        for sign in unicodedata.normalize("NFC", text)
        if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf", "Cs")
    )
    # Characters that stood apart may compose once what was between them is gone.
    return unicodedata.normalize("NFC", " ".join("".join(seen).split()))


def entry_digest(salt: bytes, entry: Mapping[str, object]) -> bytes:
    """16 bytes of HMAC-SHA256, keyed by the entry's salt, of its JSON: keys sorted, dates as in
    the register, no spaces. Without the salt nobody can guess marks by trying."""
    spelled = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(salt, spelled.encode(), "sha256")[:ENTRY_DIGEST]


def key_hint(blob: bytes) -> bytes:
    """The first bytes of a key's fingerprint; `blob` is the key as ssh sends it."""
    return sha256(blob).digest()[:KEY_HINT]


def _present(facts: DocumentFacts) -> Iterator[tuple[str, object]]:
    for field in fields(facts):
        value = getattr(facts, field.name)
        if value is not None:
            yield field.name, value


def _field(tag: int, value: object) -> bytes:
    if isinstance(value, dt.date):
        # Digits that read as the date in hexadecimal: 20 26 06 11.
        return bytes([tag]) + bytes.fromhex(f"{value.year:04}{value.month:02}{value.day:02}")
    if isinstance(value, bytes):
        return bytes([tag]) + value
    digest = b""
    if isinstance(value, Cut):
        tag, digest, value = tag | IS_CUT, value.digest, value.start
    assert isinstance(value, str)
    flag, data = _spelled(value)
    # A text of 256 bytes and more never fits; its length only has to be counted.
    return bytes([tag | flag, min(len(digest + data), 255)]) + digest + data


def _spelled(text: str) -> tuple[int, bytes]:
    try:
        return 0, text.encode(CYRILLIC)
    except UnicodeEncodeError:
        return IS_UTF8, text.encode()


def _cut(text: str, width: int) -> Text:
    """The text itself when it takes no more than `width` bytes."""
    if len(_spelled(text)[1]) <= width:
        return text
    room = width - CUT_DIGEST
    start = text[:room]
    if _spelled(start)[0]:
        start = start.encode()[:room].decode("utf-8", "ignore")
    return Cut(start.rstrip(), _digest(text))


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()[:CUT_DIGEST]
