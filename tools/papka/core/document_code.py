"""The text of a document's QR code: signed facts and the core of their signature.

Invariants: `read_text` takes exactly what `text` writes; anything else is refused with a reason;
nothing is believed here, the signature is judged by `integrity`.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from papka.core import base45
from papka.core.document_facts import (
    CUT_DIGEST,
    CYRILLIC,
    IS_CUT,
    IS_UTF8,
    PAYLOAD_MAX,
    REQUIRED,
    TAGS,
    VERSION,
    WIDTHS,
    Cut,
    DocumentFacts,
    encoded,
    message,
    normal,
)

PREFIX = "PAPKA1:"
_LOOKS = re.compile(r"\s*papka[0-9]+:", re.IGNORECASE)
CORES = {0x3E: 64, 0x3F: 69}
"""Tag of the signature -> its bytes: the 64 of ed25519, then a hardware key's flags and counter."""


class BadCode(ValueError):
    """Not the text of a document's code; the text says why, in Russian."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a code holds: the facts, the very bytes that were signed, the signature's core."""

    facts: DocumentFacts
    message: bytes
    core: bytes


def is_code(words: str) -> bool:
    """Whether it is meant for a code, of whatever version and however it was copied."""
    return _LOOKS.match(words) is not None


def text(facts: DocumentFacts, core: bytes) -> str:
    """The code of these facts; `core` is 64 bytes, or 69 from a hardware key."""
    return compose(message(facts), core)


def compose(signed: bytes, core: bytes) -> str:
    """The code of a message already made."""
    tag = next(tag for tag, length in CORES.items() if length == len(core))
    return PREFIX + base45.encode(signed + bytes([tag]) + core)


def read_text(code: str) -> Scanned:
    """Raises BadCode."""
    if not code.startswith(PREFIX):
        raise BadCode(f"это не код документа papka: он начинается с «{PREFIX}»")
    try:
        payload = base45.decode(code.removeprefix(PREFIX))
    except base45.NotBase45 as error:
        raise BadCode(f"код записан не в base45: {error}") from error
    if not payload:
        raise BadCode("код пуст")
    if payload[0] != VERSION:
        raise BadCode(f"код версии {payload[0]}, а эта программа знает только версию {VERSION}")
    if len(payload) > PAYLOAD_MAX:
        raise BadCode(f"код длиннее {PAYLOAD_MAX} байтов")
    return _read(payload)


class _Bytes:
    """Walks the payload; too short is BadCode."""

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


def _read(payload: bytes) -> Scanned:
    walk, values, last = _Bytes(payload), dict[str, object](), 0
    while (tag := walk.number()) not in CORES:
        bare = tag & ~(IS_UTF8 | IS_CUT)
        if bare not in TAGS:
            raise BadCode(f"неизвестное сведение (метка {tag:#04x})")
        if bare <= last:
            raise BadCode(f"сведения стоят не по порядку (метка {tag:#04x})")
        values[TAGS[bare][0]] = _value(walk, tag, bare)
        last = bare
    signed = payload[: walk.at - 1]
    core = walk.take(CORES[tag])
    if walk.at != len(payload):
        raise BadCode("после подписи есть лишние байты")
    if missing := REQUIRED - values.keys():
        raise BadCode(f"в коде нет обязательных сведений: {', '.join(sorted(missing))}")
    facts = DocumentFacts(**values)  # type: ignore[arg-type]  # TAGS names its fields and kinds
    if encoded(facts) != signed:
        raise BadCode("сведения записаны не в единственно допустимом виде")
    return Scanned(facts, signed, core)


def _value(walk: _Bytes, tag: int, bare: int) -> object:
    kind = TAGS[bare][1]
    if kind == "text":
        return _text(walk.take(walk.number()), tag)
    if tag != bare:
        raise BadCode(f"неизвестное сведение (метка {tag:#04x})")
    data = walk.take(WIDTHS[kind])
    if kind != "date":
        return data
    try:
        return dt.datetime.strptime(data.hex(), "%Y%m%d").date()  # noqa: DTZ007 - a day, no moment
    except ValueError as error:
        raise BadCode(f"такой даты нет: {data.hex()}") from error


def _text(data: bytes, tag: int) -> str | Cut:
    digest = data[:CUT_DIGEST] if tag & IS_CUT else b""
    if tag & IS_CUT and len(digest) != CUT_DIGEST:
        raise BadCode("код обрывается")
    try:
        found = data[len(digest) :].decode("utf-8" if tag & IS_UTF8 else CYRILLIC)
    except UnicodeDecodeError as error:
        raise BadCode("текст не прочесть") from error
    if normal(found) != found:
        raise BadCode("в тексте есть невидимые знаки или лишние пробелы")
    return Cut(found, digest) if digest else found
