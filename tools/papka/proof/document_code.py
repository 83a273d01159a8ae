"""The QR code of an issued document: its facts, the bytes that are signed, and their text.

docs/qr.md describes the format. Invariants: the same facts are the same bytes, at most MESSAGE_MAX
of them whatever the texts are (long ones are cut, and a digest of the whole stands for the rest);
what cannot be seen on paper is never signed. One code has one text, in base45 (RFC 9285), and
`read_text` takes no other. The register's entry alone decides the facts, so that the code can be
made again when names, keys and programmes have changed; what happens after signing (handed over,
void) is no fact of it. Nothing is believed here: `paper` judges the signature.
"""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from hashlib import sha256
from typing import Any, Literal

from papka.records.acts import RegisterEntry
from papka.records.student import to_mapping
from papka.repository.git_values import P384, PublicKey

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {sign: value for value, sign in enumerate(_SIGNS)}


class NotBase45(ValueError):
    """The text is no base45; the message says why."""


def encode(data: bytes) -> str:
    """Write bytes in base45: three signs for two bytes, two for an odd last one, the least
    significant sign first."""
    signs = []
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        rest = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            rest, value = divmod(rest, 45)
            signs.append(_SIGNS[value])
    return "".join(signs)


def decode(text: str) -> bytes:
    """Read base45; raises NotBase45."""
    if len(text) % 3 == 1:
        raise NotBase45("текст обрывается")
    data = bytearray()
    for at in range(0, len(text), 3):
        group = text[at : at + 3]
        number = 0
        for sign in reversed(group):
            if sign not in _VALUES:
                raise NotBase45(f"посторонний знак «{sign}»")
            number = number * 45 + _VALUES[sign]
        if number >= 256 ** (len(group) - 1):
            raise NotBase45(f"невозможное сочетание знаков «{group}»")
        data += number.to_bytes(len(group) - 1, "big")
    return bytes(data)


VERSION = 1
PAYLOAD_MAX = 300
MESSAGE_MAX = PAYLOAD_MAX - 1 - 69
"""What is left beside the signature's tag and a hardware key's signature of ed25519."""
_CORE, _CORE_OF_P384 = 69, 96
KEY_HINT = 4
ENTRY_DIGEST = 16
CUT_DIGEST = 8
CYRILLIC = "cp1251"

IS_UTF8, IS_CUT = 0x80, 0x40
FactKind = Literal["text", "date", "digest", "hint"]


@dataclass(frozen=True, slots=True)
class FactsCut:
    """A text too long to be signed whole: how it starts, and 8 bytes of the whole's SHA-256."""

    start: str
    digest: bytes

    def __str__(self) -> str:
        return f"{self.start}…"

    def stands_for(self, text: str) -> bool:
        whole = normalise(text)
        return whole.startswith(self.start) and _digest(whole) == self.digest


Text = str | FactsCut


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """The facts a document's code carries. `organization` is the INN, else OGRN, else the short
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


TAGS: Mapping[int, tuple[str, FactKind]] = {
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
WIDTHS: Mapping[FactKind, int] = {"date": 4, "digest": ENTRY_DIGEST, "hint": KEY_HINT}
REQUIRED = frozenset(("form", "number", "date", "holder", "organization", "entry", "key"))


def message_room(key: PublicKey) -> int:
    """Return how many bytes of facts a key of this kind leaves room for beside its signature."""
    return _room_beside(_CORE_OF_P384 if key.kind == P384 else _CORE)


def _room_beside(core: int) -> int:
    return PAYLOAD_MAX - 1 - max(core, _CORE)


def compose_message(facts: DocumentFacts, room: int = MESSAGE_MAX) -> bytes:
    """Return the bytes that are signed: the version, then the facts by rising tag."""
    return encode_facts(fit_facts(facts, room))


def fit_facts(facts: DocumentFacts, room: int = MESSAGE_MAX) -> DocumentFacts:
    """Return the facts as they are signed: normal texts and, when they take more bytes than `room`,
    every text longer than the largest width that fits cut to that width."""
    whole = {name: value for name, value in _list_present(facts) if isinstance(value, str)}
    tidy = {name: normalise(value) for name, value in whole.items()}
    bare: dict[str, Text | None] = {
        name: value if value or name in REQUIRED else None for name, value in tidy.items()
    }
    found = replace(facts, **bare)  # type: ignore[arg-type]  # texts go to fields of text
    width = 256
    while len(encode_facts(found)) > room:
        width -= 1
        cuts = {
            name: _cut_text(value, width) for name, value in bare.items() if isinstance(value, str)
        }
        found = replace(found, **cuts)  # type: ignore[arg-type]  # as above
    return found


def encode_facts(facts: DocumentFacts) -> bytes:
    """Return the bytes of facts that fit already."""
    values = dict(_list_present(facts))
    parts = [bytes([VERSION])]
    for tag, (name, _) in TAGS.items():
        if name in values:
            parts.append(_encode_field(tag, values[name]))
    return b"".join(parts)


def normalise(text: str) -> str:
    """Normalise a text so that texts alike on paper are equal: NFC, single spaces, nothing
    invisible."""
    seen = (
        " " if sign.isspace() else sign
        for sign in unicodedata.normalize("NFC", text)
        if sign.isspace() or unicodedata.category(sign) not in ("Cc", "Cf", "Cs")
    )
    # Characters that stood apart may compose once what was between them is gone.
    return unicodedata.normalize("NFC", " ".join("".join(seen).split()))


def entry_digest(salt: bytes, entry: Mapping[str, object]) -> bytes:
    """Return 16 bytes of HMAC-SHA256, keyed by the entry's salt, of its JSON: keys sorted, dates as
    in the register, no spaces. Without the salt nobody can guess marks by trying."""
    spelled = json.dumps(entry, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(salt, spelled.encode(), "sha256")[:ENTRY_DIGEST]


def key_hint(blob: bytes) -> bytes:
    """Return the first bytes of a key's fingerprint; `blob` is the key as ssh sends it."""
    return sha256(blob).digest()[:KEY_HINT]


def _list_present(facts: DocumentFacts) -> Iterator[tuple[str, object]]:
    for field in fields(facts):
        value = getattr(facts, field.name)
        if value is not None:
            yield field.name, value


def _encode_field(tag: int, value: object) -> bytes:
    if isinstance(value, dt.date):
        # Digits that read as the date in hexadecimal: 20 26 06 11.
        return bytes([tag]) + bytes.fromhex(f"{value.year:04}{value.month:02}{value.day:02}")
    if isinstance(value, bytes):
        return bytes([tag]) + value
    digest = b""
    if isinstance(value, FactsCut):
        tag, digest, value = tag | IS_CUT, value.digest, value.start
    assert isinstance(value, str)
    flag, data = _encode_text(value)
    # A text of 256 bytes and more never fits; its length only has to be counted.
    return bytes([tag | flag, min(len(digest + data), 255)]) + digest + data


def _encode_text(text: str) -> tuple[int, bytes]:
    try:
        return 0, text.encode(CYRILLIC)
    except UnicodeEncodeError:
        return IS_UTF8, text.encode()


def _cut_text(text: str, width: int) -> Text:
    """Cut a text to `width` bytes, digest included; a shorter one stays as it is."""
    if len(_encode_text(text)[1]) <= width:
        return text
    room = width - CUT_DIGEST
    start = text[:room]
    if _encode_text(start)[0]:
        start = start.encode()[:room].decode("utf-8", "ignore")
    return FactsCut(start.rstrip(), _digest(text))


def _digest(text: str) -> bytes:
    return sha256(text.encode()).digest()[:CUT_DIGEST]


PREFIX = "PAPKA1:"
_LOOKS = re.compile(r"\s*papka[0-9]+:", re.IGNORECASE)
CORES = {0x3D: 96, 0x3E: 64, 0x3F: 69}
"""Tag of the signature -> its bytes: R and S of P-384; the 64 of ed25519; a hardware key's, with
its flags and counter."""


class BadCode(ValueError):
    """The text is no document's code; the message says why, in Russian."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A code as read: the facts, the very bytes that were signed, the signature's core."""

    facts: DocumentFacts
    message: bytes
    core: bytes


def is_code(words: str) -> bool:
    """Whether the text is meant for a code, of whatever version and however it was copied."""
    return _LOOKS.match(words) is not None


def compose_code(facts: DocumentFacts, core: bytes) -> str:
    """Return the code of these facts; `core` is 64 bytes, 69 from a hardware key, 96 of P-384."""
    return compose(compose_message(facts, _room_beside(len(core))), core)


def compose(signed: bytes, core: bytes) -> str:
    """Return the code of a message already made."""
    tag = next(tag for tag, length in CORES.items() if length == len(core))
    return PREFIX + encode(signed + bytes([tag]) + core)


def read_text(code: str) -> Scanned:
    """Read a code; raises BadCode."""
    if not code.startswith(PREFIX):
        raise BadCode(f"это не код документа papka: он начинается с «{PREFIX}»")
    try:
        payload = decode(code.removeprefix(PREFIX))
    except NotBase45 as error:
        raise BadCode(f"код записан не в base45: {error}") from error
    if not payload:
        raise BadCode("код пуст")
    if payload[0] != VERSION:
        raise BadCode(f"код версии {payload[0]}, а эта программа знает только версию {VERSION}")
    if len(payload) > PAYLOAD_MAX:
        raise BadCode(f"код длиннее {PAYLOAD_MAX} байтов")
    return _read_payload(payload)


class _Bytes:
    """A cursor over the payload; raises BadCode where it is too short."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 1

    def take(self, count: int) -> bytes:
        found = self._data[self.at : self.at + count]
        if len(found) != count:
            raise BadCode("код обрывается")
        self.at += count
        return found

    def number(self) -> int:
        return self.take(1)[0]


def _read_payload(payload: bytes) -> Scanned:
    walk, values, last = _Bytes(payload), dict[str, object](), 0
    while (tag := walk.number()) not in CORES:
        bare = tag & ~(IS_UTF8 | IS_CUT)
        if bare not in TAGS:
            raise BadCode(f"неизвестное сведение (метка {tag:#04x})")
        if bare <= last:
            raise BadCode(f"сведения стоят не по порядку (метка {tag:#04x})")
        values[TAGS[bare][0]] = _read_value(walk, tag, bare)
        last = bare
    signed = payload[: walk.at - 1]
    core = walk.take(CORES[tag])
    if walk.at != len(payload):
        raise BadCode("после подписи есть лишние байты")
    if missing := REQUIRED - values.keys():
        raise BadCode(f"в коде нет обязательных сведений: {', '.join(sorted(missing))}")
    facts = DocumentFacts(**values)  # type: ignore[arg-type]  # TAGS names its fields and kinds
    if encode_facts(facts) != signed:
        raise BadCode("сведения записаны не в единственно допустимом виде")
    return Scanned(facts, signed, core)


def _read_value(walk: _Bytes, tag: int, bare: int) -> object:
    kind = TAGS[bare][1]
    if kind == "text":
        return _read_text_value(walk.take(walk.number()), tag)
    if tag != bare:
        raise BadCode(f"неизвестное сведение (метка {tag:#04x})")
    data = walk.take(WIDTHS[kind])
    if kind != "date":
        return data
    try:
        return dt.datetime.strptime(data.hex(), "%Y%m%d").date()  # noqa: DTZ007 - a day, no moment
    except ValueError as error:
        raise BadCode(f"такой даты нет: {data.hex()}") from error


def _read_text_value(data: bytes, tag: int) -> str | FactsCut:
    digest = data[:CUT_DIGEST] if tag & IS_CUT else b""
    if tag & IS_CUT and len(digest) != CUT_DIGEST:
        raise BadCode("код обрывается")
    try:
        found = data[len(digest) :].decode("utf-8" if tag & IS_UTF8 else CYRILLIC)
    except UnicodeDecodeError as error:
        raise BadCode("текст не прочесть") from error
    if normalise(found) != found:
        raise BadCode("в тексте есть невидимые знаки или лишние пробелы")
    return FactsCut(found, digest) if digest else found


_NOT_SIGNED = frozenset(("salt", "signature", "key", "handed", "void"))


def facts_of(entry: RegisterEntry, key: PublicKey) -> DocumentFacts:
    """Return the facts of an entry that the holder of `key` signs."""
    return _compose_facts(entry, key_hint(key.blob))


def facts_signed(entry: RegisterEntry) -> DocumentFacts:
    """Return the facts of an entry that is signed: printing it again needs no key."""
    digest = base64.b64decode((entry.key or "").removeprefix("SHA256:") + "=")
    return _compose_facts(entry, digest[:KEY_HINT])


def _compose_facts(entry: RegisterEntry, hint: bytes) -> DocumentFacts:
    facts, issuer = entry.facts, entry.issuer
    school = (issuer.inn or issuer.ogrn or issuer.short_name or issuer.name) if issuer else ""
    return DocumentFacts(
        form=entry.form,
        number=entry.number,
        date=entry.date,
        holder=entry.holder,
        organization=school,
        entry=entry_digest(bytes.fromhex(entry.salt), signed_part(entry)),
        key=hint,
        birth_date=entry.birth_date,
        programme=_spell(facts.get("program")),
        hours=_spell(facts.get("hours")),
        started=_read_day(facts.get("started")),
        ended=_read_day(facts.get("ended")),
        result=_spell(facts.get("result")),
        order=_spell(facts.get("order", entry.order)),
        duplicate_of=entry.duplicate_of,
    )


def signed_part(entry: RegisterEntry) -> dict[str, Any]:
    """Return all of the entry that its document shows."""
    kept = {key: value for key, value in to_mapping(entry).items() if key not in _NOT_SIGNED}
    return _drop_absent(kept)


def _drop_absent(values: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is absent, so that keys the model gets later change nothing."""
    found: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, list):
            found[key] = [_drop_absent(item) if isinstance(item, dict) else item for item in value]
        else:
            found[key] = _drop_absent(value) if isinstance(value, dict) else value
    return {key: value for key, value in found.items() if value not in (None, [], {})}


def _spell(value: str | float | None) -> str | None:
    """Write a number as a Russian reads it: 108; 17,5."""
    if isinstance(value, str) or value is None:
        return value
    return f"{value:.10g}".replace(".", ",")


def _read_day(value: str | float | None) -> dt.date | None:
    """Read a day; None also for what is no date: the entry's digest still binds it."""
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return None
