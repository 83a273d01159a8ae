"""The code of a document: every fact comes back, nothing else is taken (docs/qr.md)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.paper.form import MILLIMETRES, MODULE, SIDE, qr_code
from papka.proof import document_code
from papka.proof.document_code import (
    MESSAGE_MAX,
    PAYLOAD_MAX,
    PREFIX,
    BadCode,
    DocumentFacts,
    FactsCut,
    compose_code,
    compose_message,
    fit_facts,
    normalise,
    read_text,
)

FACTS = DocumentFacts(
    form="certificate@1",
    number="С-2026-0001",
    date=dt.date(2026, 11, 20),
    holder="Абрикосова-Лунная Аглая Тихоновна",
    organization="000000000000",
    entry=bytes(range(16)),
    key=b"\xaa\xbb\xcc\xdd",
    birth_date=dt.date(2011, 5, 14),
    programme="Гитара с нуля",
    hours="144",
    started=dt.date(2026, 1, 15),
    ended=dt.date(2026, 11, 10),
    result="Программа освоена полностью",
    order="приказ № 4-к от 09.11.2026",
)
CORE = bytes(64)
_WORDS = st.text(max_size=300) | st.sampled_from(
    ["Ñandú Ōsaka", "Ō" * 200, "Ж" * 255, "Ж" * 256, "«Юный» " * 40, "\ud800", "a\u0301", ""]
)
_DAYS = st.none() | st.dates()
ANY = st.builds(
    DocumentFacts,
    form=_WORDS, number=_WORDS, date=st.dates(), holder=_WORDS, organization=_WORDS,
    entry=st.binary(min_size=16, max_size=16), key=st.binary(min_size=4, max_size=4),
    birth_date=_DAYS, programme=st.none() | _WORDS, hours=st.none() | _WORDS, started=_DAYS,
    ended=_DAYS, result=st.none() | _WORDS, order=st.none() | _WORDS,
    duplicate_of=st.none() | _WORDS,
)  # fmt: skip


@given(ANY, st.sampled_from([64, 69]))
def test_whatever_the_facts_they_fit_and_come_back(facts: DocumentFacts, length: int) -> None:
    core = bytes(range(length))
    code = compose_code(facts, core)
    assert len(document_code.decode(code.removeprefix(PREFIX))) <= PAYLOAD_MAX
    found = read_text(code)
    assert (found.facts, found.message, found.core) == (
        fit_facts(facts),
        compose_message(facts),
        core,
    )
    assert compose_message(found.facts) == found.message


@given(_WORDS, _WORDS)
def test_a_cut_text_stands_for_itself_alone(whole: str, other: str) -> None:
    long = whole + " и ещё много слов" * 20
    cut = fit_facts(replace(FACTS, programme=long)).programme
    assert isinstance(cut, FactsCut)
    assert cut.stands_for(long)
    assert cut.stands_for(other) == (normalise(other) == normalise(long))


def test_ordinary_facts_are_signed_whole() -> None:
    assert len(compose_message(FACTS)) <= MESSAGE_MAX
    assert fit_facts(FACTS) == FACTS


EXAMPLE = (
    "01 01 0d 63 65 72 74 69 66 69 63 61 74 65 40 31 02 0b d1 2d 32 30 32 36 2d 30 30 30 31 "
    "03 20 26 06 11 04 04 c7 e0 f0 ff 07 02 37 32 0d 0a 30 31 32 33 34 35 36 37 38 39 "
    "0e 00 01 02 03 04 05 06 07 08 09 0a 0b 0c 0d 0e 0f 0f aa bb cc dd"
)


def test_bytes_of_the_description() -> None:
    """The example that docs/qr.md works by hand."""
    facts = DocumentFacts(
        form="certificate@1", number="С-2026-0001", date=dt.date(2026, 6, 11), holder="Заря",
        organization="0123456789", entry=bytes(range(16)), key=b"\xaa\xbb\xcc\xdd", hours="72",
    )  # fmt: skip
    assert compose_message(facts).hex(" ") == EXAMPLE


def _coded(payload: bytes) -> str:
    return PREFIX + document_code.encode(payload)


_SIGNED = compose_message(FACTS) + b"\x3e" + CORE
_AFTER_FORM = 1 + 2 + len("certificate@1")
BENT: dict[str, tuple[str, str]] = {
    "nothing": ("", "начинается с"),
    "another word": ("HELLO", "начинается с"),
    "no payload": (PREFIX, "код пуст"),
    "small letters": (compose_code(FACTS, CORE).lower(), "начинается с"),
    "a foreign sign": (compose_code(FACTS, CORE)[:-1] + "я", "посторонний знак"),
    "a sign lost": (compose_code(FACTS, CORE)[:-1], "обрывается"),
    "an impossible group": (PREFIX + ":::", "невозможное сочетание"),
    "another version": (_coded(b"\x02" + _SIGNED[1:]), "код версии 2"),
    "cut short": (_coded(_SIGNED[:-1]), "обрывается"),
    "cut inside a text": (_coded(_SIGNED[:8]), "обрывается"),
    "bytes after": (_coded(_SIGNED + b"\0"), "лишние байты"),
    "too long": (_coded(_SIGNED + bytes(300)), "длиннее"),
    "unknown tag": (_coded(b"\x01\x30" + _SIGNED[1:]), "неизвестное сведение (метка 0x30)"),
    "a date with a flag": (_coded(_SIGNED.replace(b"\x03\x20", b"\x43\x20", 1)), "неизвестное"),
    "a fact twice": (_coded(_SIGNED[:_AFTER_FORM] + _SIGNED[1:]), "не по порядку"),
    "no such day": (_coded(_SIGNED.replace(b"\x20\x26\x11\x20", b"\x20\x26\x02\x30")), "даты нет"),
    "no holder": (_coded(_SIGNED[:1] + b"\x3e" + CORE), "нет обязательных"),
    "utf-8 for plain cyrillic": (
        _coded(_SIGNED.replace(b"\x07\x03144", b"\x87\x03144")), "допустимом виде",
    ),
    "broken utf-8": (_coded(_SIGNED.replace(b"\x07\x03144", b"\x87\x03\xff44")), "не прочесть"),
    "two spaces": (_coded(_SIGNED.replace(b"\x07\x03144", b"\x07\x04 144")), "лишние пробелы"),
    "a control sign": (_coded(_SIGNED.replace(b"\x07\x03144", b"\x07\x03\x1b44")), "невидимые"),
    "a short digest": (_coded(_SIGNED.replace(b"\x07\x03144", b"\x47\x03144")), "обрывается"),
}  # fmt: skip


@pytest.mark.parametrize("how", BENT)
def test_one_spelling_alone_is_read(how: str) -> None:
    code, reason = BENT[how]
    with pytest.raises(BadCode, match=reason.replace("(", r"\(").replace(")", r"\)")):
        read_text(code)


@given(st.text(max_size=200) | st.binary(max_size=310).map(_coded))
def test_anything_else_is_refused_quietly(code: str) -> None:
    try:
        found = read_text(code)
    except BadCode:
        return
    assert compose_code(found.facts, found.core) == code


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"AB", "BB8"), (b"Hello!!", "%69 VD92EX0"), (b"base-45", "UJCLQE7W581"), (b"", "")],
)
def test_base45_as_its_rfc_shows(data: bytes, said: str) -> None:
    assert document_code.encode(data) == said
    assert document_code.decode(said) == data


def test_the_place_on_paper_is_the_same_for_every_document() -> None:
    short, long = (
        qr_code(compose_code(FACTS, CORE)),
        qr_code(PREFIX + document_code.encode(bytes(300))),
    )
    assert short.side == long.side == SIDE
    assert pytest.approx(SIDE * MODULE) == MILLIMETRES
    assert 28 <= MILLIMETRES <= 31
    assert qr_code(compose_code(FACTS, CORE)) == short
