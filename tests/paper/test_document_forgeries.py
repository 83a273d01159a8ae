"""A forger at work: whatever is changed on a certificate, `verify` names it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace as changed
from PIL import Image, ImageDraw, ImageFont

from papka.paper.document_origin import from_archive
from papka.paper.document_verification import DocumentProof
from papka.paper.form import State
from papka.paper.forms.issued_documents import CERTIFICATE
from papka.paper.page_pictures import READING_DOTS, codes_on, look
from papka.paper.press import print_form
from papka.records.acts import Handed, RegisterEntry
from tests.support.documents import NOW, Issued, names, packed, picture, said
from tests.support.forgeries import (
    locked,
    of_pages,
    with_lying_font,
    with_note,
    with_picture,
    with_text,
)
from tests.support.school import Archive

_TRUE = "Абрикосова Аглая Тихоновна"
_FALSE = "Подменова Аглая Тихоновна"
_FONT = "templates/fonts/PTF55F.ttf"

Change = Callable[[Issued], RegisterEntry]
FACTS: dict[str, tuple[Change, str, str]] = {
    "ФИО": (lambda made: changed(made.entry, holder=_FALSE), _FALSE, _TRUE),
    "Номер": (
        lambda made: changed(made.entry, number="С-2026-0009"), "С-2026-0009", "С-2026-0001",
    ),
    "Дата": (
        lambda made: changed(made.entry, date=dt.date(2026, 11, 21)), "21.11.2026", "20.11.2026",
    ),
    "Дата рождения": (
        lambda made: changed(made.entry, birth_date=dt.date(2010, 5, 14)),
        "14.05.2010", "14.05.2011",
    ),
    "Программа": (lambda made: made.with_facts(program="Гитара с нюля"), "нюля", "Гитара с нуля"),
    "Часы": (lambda made: made.with_facts(hours=214), "214", "114"),
    "Начало обучения": (
        lambda made: made.with_facts(started="2025-01-15"), "15.01.2025", "15.01.2026",
    ),
    "Окончание обучения": (
        lambda made: made.with_facts(ended="2026-11-12"), "12.11.2026", "10.11.2026",
    ),
    "Основание": (
        lambda made: made.with_facts(order="приказ № 5-к от 09.11.2026"), "5-к", "№ 4-к",
    ),
}  # fmt: skip

_ALSO_BY_PRINT = ("ФИО", "Дата", "Часы")
"""Printing again takes its time; `test_every_fact_at_once` sees to the rest."""


def differing(proof: DocumentProof) -> set[str]:
    """Fields named as not what was signed."""
    return {
        finding.message.partition(":")[0]
        for finding in proof.findings
        if finding.code.name == "DOC_FIELD_DIFFERS"
    }


def test_an_honest_paper(issued: Issued, tmp_path: Path) -> None:
    proof = issued.verify(issued.data, tmp_path)
    assert (proof.findings, proof.against) == ((), "напечатанное по реестру, байт в байт")
    alone = issued.verify_alone(issued.data, tmp_path)
    assert [finding.code.name for finding in alone.findings] == ["DOC_BY_EYE"]


def test_an_honest_paper_written_anew_by_another_program(issued: Issued, tmp_path: Path) -> None:
    again = of_pages(*((issued.data, page) for page in range(len(look(issued.data)))))
    proof = issued.verify(again, tmp_path)
    assert (proof.findings, proof.against) == ((), "напечатанное по реестру")


def test_an_honest_copy_and_the_paper_that_was_handed_over(issued: Issued, tmp_path: Path) -> None:
    """What became of a document later changes nothing about the paper somebody holds."""
    assert issued.origin.archive is not None
    handed = changed(issued.entry, handed=Handed(date=dt.date(2026, 11, 23), to="обучающийся"))
    twin = changed(issued.entry, number="С-2026-0002", duplicate_of=issued.entry.number)
    registers = {"one": handed, "two": twin}
    archive = replace(issued.origin.archive, registers=registers)
    late = replace(
        issued, entry=handed, origin=replace(issued.origin, archive=archive, entry=handed)
    )
    state = State(archive, NOW, NOW.date(), "0" * 40)
    copy = print_form(CERTIFICATE, state, handed.number, templates=issued.origin.templates[0])
    for data in (issued.data, copy.data):
        proof = late.verify(data, tmp_path)
        assert [found.code.name for found in proof.findings] == ["DOC_HAS_DUPLICATE"]
        assert proof.against.startswith("напечатанное по реестру")


def test_a_fact_altered_under_the_old_code(
    issued: Issued, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """Each fact by itself with `--soak`, else a few of them; all at once below."""
    is_whole = pytestconfig.getoption("--soak")
    for field in FACTS if is_whole else sorted({*_ALSO_BY_PRINT, *[*FACTS][::5]}):
        change, seen, signed = FACTS[field]
        data = issued.forged(change(issued))
        proofs = [issued.verify_alone(data, tmp_path)]
        if field in _ALSO_BY_PRINT:
            proofs.append(issued.verify(data, tmp_path))
        for proof in proofs:
            assert differing(proof) == {field}
            told = [f.message for f in proof.findings if f.code.name == "DOC_FIELD_DIFFERS"]
            assert all(seen in each.partition("подписано")[0] for each in told), told
            assert all(signed in each.partition("подписано")[2] for each in told), told


def test_every_fact_at_once(issued: Issued, tmp_path: Path) -> None:
    entry = issued.entry
    for change, _, _ in FACTS.values():
        other = change(issued)
        fields = ("holder", "number", "date", "birth_date", "facts")
        new = {
            f: getattr(other, f) for f in fields if getattr(other, f) != getattr(issued.entry, f)
        }
        if "facts" in new:
            new["facts"] = {
                **entry.facts,
                **{k: v for k, v in other.facts.items() if v != issued.entry.facts[k]},
            }
        entry = changed(entry, **new)
    assert differing(issued.verify(issued.forged(entry), tmp_path)) >= set(FACTS)


def test_a_mark_altered_in_the_insert(issued: Issued, tmp_path: Path) -> None:
    rows = tuple(changed(row, result="5 (пять)") for row in issued.entry.rows[:1])
    data = issued.forged(changed(issued.entry, rows=rows + issued.entry.rows[1:]))
    proof = issued.verify(data, tmp_path)
    assert names(proof) == ["DOC_PAGE_DIFFERS"]
    assert "лист 2: напечатано «5 (пять)», должно быть «4 (четыре)»" in said(proof)
    alone = issued.verify_alone(data, tmp_path)
    assert names(alone) == []
    assert "Строки приложения" in said(alone)  # left to a person, and told


def test_code_taken_from_another_certificate(issued: Issued, tmp_path: Path) -> None:
    other = changed(
        issued.with_facts(program="Рисунок", hours=36), holder="Ивушкина Роза", number="С-2026-0002"
    )
    data = issued.forged(other)
    for proof in (issued.verify(data, tmp_path), issued.verify_alone(data, tmp_path)):
        assert differing(proof) >= {"ФИО", "Программа", "Часы", "Номер"}


def test_insert_of_another_certificate(issued: Issued, tmp_path: Path) -> None:
    swapped = of_pages((issued.data, 0), (_forged_name(issued), 1))
    proof = issued.verify(swapped, tmp_path)
    assert differing(proof) == {"ФИО"}


def test_insert_lost(issued: Issued, tmp_path: Path) -> None:
    proof = issued.verify(of_pages((issued.data, 0)), tmp_path)
    assert names(proof) == ["DOC_PAGE_DIFFERS"]
    assert "в документе страниц 1, должно быть 2" in said(proof)


def _place(issued: Issued, word: str) -> tuple[float, float, float, float]:
    """Where the first page says it, in 1/72 inch from its left and bottom."""
    page = look(issued.data)[0]
    text = "".join(sign.text for sign in page.signs)
    at = text.index(word)
    boxes = [sign.box for sign in page.signs[at : at + len(word)]]
    scale = 72 / READING_DOTS
    left, right = min(b.left for b in boxes) * scale, max(b.right for b in boxes) * scale
    top, bottom = min(b.top for b in boxes) * scale, max(b.bottom for b in boxes) * scale
    return left - 1, page.height - bottom - 1, right - left + 2, bottom - top + 2


def _drawn(text: str, size: tuple[float, float]) -> Image.Image:
    """The text as a picture, white behind it."""
    from papka.core.installation import shipped_root

    image = Image.new("RGB", (round(size[0] * 4), round(size[1] * 4)), "white")
    font = ImageFont.truetype(str(shipped_root() / _FONT), round(size[1] * 3))
    ImageDraw.Draw(image).text((4, 0), text, fill="black", font=font)
    return image


def test_picture_of_another_name_over_the_true_one(issued: Issued, tmp_path: Path) -> None:
    """The text layer stays true, people read the picture."""
    place = _place(issued, _TRUE)
    data = with_picture(issued.data, _drawn(_FALSE, place[2:]), place)
    for proof in (issued.verify(data, tmp_path), issued.verify_alone(data, tmp_path)):
        assert differing(proof) == {"ФИО"}


def test_one_digit_painted_over(issued: Issued, tmp_path: Path) -> None:
    left, bottom, width, height = _place(issued, "114")
    third = (left + 1, bottom, (width - 2) / 3, height)
    data = with_picture(issued.data, Image.new("RGB", (8, 8), "white"), third)
    for proof in (issued.verify(data, tmp_path), issued.verify_alone(data, tmp_path)):
        assert differing(proof) == {"Часы"}


def _strewn(issued: Issued) -> bytes:
    """Every letter of the true name far from the last."""
    pieces = [(letter, 60.0 + 29 * at, 60.0) for at, letter in enumerate(_TRUE.replace(" ", ""))]
    return with_text(_forged_name(issued), pieces[:24])


@cache
def _forged_name(issued: Issued) -> bytes:
    return issued.forged(changed(issued.entry, holder=_FALSE))


HIDDEN: dict[str, Callable[[Issued], bytes]] = {
    "white": lambda made: with_text(
        _forged_name(made), [(_TRUE, 100, 100)], colour=(255, 255, 255, 255)
    ),
    "transparent": lambda made: with_text(
        _forged_name(made), [(_TRUE, 100, 100)], colour=(0, 0, 0, 0)
    ),
    "not drawn": lambda made: with_text(_forged_name(made), [(_TRUE, 100, 100)], mode=3),
    "beside the page": lambda made: with_text(_forged_name(made), [(_TRUE, -400, 100)]),
    "tiny": lambda made: with_text(_forged_name(made), [(_TRUE, 100, 100)], size=1),
    "of no size": lambda made: with_text(_forged_name(made), [(_TRUE, 100, 100)], size=0.01),
    "under a picture": lambda made: with_picture(
        with_text(_forged_name(made), [(_TRUE, 100, 60)]),
        Image.new("RGB", (8, 8), "white"), (95, 55, 300, 20),
    ),
    "strewn": _strewn,
}  # fmt: skip


@pytest.mark.parametrize("how", HIDDEN)
def test_hidden_text_stands_in_for_nothing(how: str, issued: Issued, tmp_path: Path) -> None:
    data = HIDDEN[how](issued)
    assert "ФИО" in differing(issued.verify_alone(data, tmp_path))


def test_hidden_text_beside_a_print_of_the_register(issued: Issued, tmp_path: Path) -> None:
    proof = issued.verify(HIDDEN["not drawn"](issued), tmp_path)
    assert "ФИО" in differing(proof)


def test_font_whose_shapes_lie(issued: Issued, tmp_path: Path) -> None:
    """The paper shows 115 hours, the text layer says 114."""
    data = with_lying_font(issued.forged(issued.with_facts(hours=115)), "5", "4")
    text = "".join(sign.text for sign in look(data)[0].signs)
    assert "114" in text
    assert "Часы" in differing(issued.verify_alone(data, tmp_path))
    assert names(issued.verify(data, tmp_path))


@pytest.mark.parametrize("flags", [4, 0], ids=["on paper too", "on a screen alone"])
def test_remark_over_the_page(flags: int, issued: Issued, tmp_path: Path) -> None:
    data = with_note(issued.data, "С ОТЛИЧИЕМ", flags)
    for proof in (issued.verify(data, tmp_path), issued.verify_alone(data, tmp_path)):
        assert {"DOC_PAGE_DIFFERS", "DOC_FIELD_DIFFERS"}.intersection(names(proof))


def test_words_added_to_the_page(issued: Issued, tmp_path: Path) -> None:
    data = with_text(issued.data, [("с отличием", 300, 80)])
    proof = issued.verify(data, tmp_path)
    assert names(proof) == ["DOC_PAGE_DIFFERS"]
    assert "с отличием" in said(proof)


def test_two_codes(issued: Issued, tmp_path: Path) -> None:
    other = replace(issued.scanned.facts, hours="145")
    from papka.paper.form import qr_code
    from papka.proof.document_code import compose_code

    def bend(view):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202 - of the form's own type
        code = qr_code(compose_code(other, issued.scanned.core))
        return replace(view, paper=replace(view.paper, code=code))

    code = picture(issued.forged(bend=bend), 300)
    (found,) = codes_on(code)
    part = code.crop(tuple(round(side) for side in found.box))  # type: ignore[arg-type]  # four numbers
    data = with_picture(issued.data, part, (60, 60, 78, 78))
    assert names(issued.verify(data, tmp_path)) == ["DOC_QR_SEVERAL"]


def test_no_code(issued: Issued, tmp_path: Path) -> None:
    data = issued.forged(bend=lambda view: replace(view, paper=replace(view.paper, code=None)))
    assert names(issued.verify(data, tmp_path)) == ["DOC_NO_QR"]


@pytest.mark.parametrize("how", ["garbage", "broken pdf", "locked", "broken picture"])
def test_what_cannot_be_looked_at(how: str, issued: Issued, tmp_path: Path) -> None:
    data = {
        "garbage": b"hello",
        "broken pdf": issued.data[:2000],
        "locked": locked(issued.data),
        "broken picture": packed(picture(issued.data, 20))[:300],
    }[how]
    assert names(issued.verify(data, tmp_path)) == ["DOC_FILE_UNREADABLE"]


def test_number_that_the_register_does_not_know(issued: Issued, built_archive: Archive) -> None:
    older = from_archive(built_archive.root, "С-2026-0001", "", now=NOW)
    alone = replace(issued.origin, archive=older.archive, entry=older.entry)
    assert names(replace(issued, origin=alone).verify_code(issued.code)) == ["DOC_NOT_IN_REGISTER"]


def test_entry_changed_after_signing(issued: Issued) -> None:
    proof = replace(issued, origin=replace(issued.origin, entry=issued.with_facts(hours=145)))
    found = proof.verify_code(issued.code)
    assert names(found) == ["DOC_ENTRY_DIFFERS"]
    assert "Часы: в реестре «145», подписано «114»" in said(found)
    rows = changed(issued.entry, rows=issued.entry.rows[1:])
    found = replace(issued, origin=replace(issued.origin, entry=rows)).verify_code(issued.code)
    assert "Строки приложения и прочее" in said(found)


def test_qr_is_of_the_size_the_standard_asks(issued: Issued) -> None:
    """Its 69 modules on the rendered page, at 0.4 mm each; with the quiet zone 30.8 mm."""
    (found,) = codes_on(picture(issued.data, 300))
    width = (found.box.right - found.box.left) / 300 * 25.4
    assert width == pytest.approx(69 * 0.4, abs=0.3)
