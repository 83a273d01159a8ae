"""Scans as sheets: every format a document may have, and every way a file can be hostile."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import pypdf
import pytest
from msgspec.structs import replace as with_fields
from PIL import Image

from papka.core.snapshot import Snapshot
from papka.paper import page_pictures
from papka.paper.page_pictures import UnreadablePicture, scan_pages
from papka.paper.personal_file_layout import ScanNotPrinted
from papka.records.student import Student
from tests.paper.conftest import volumes
from tests.paper.invented_school import AGLAYA
from tests.paper.pictures import page, pdf_of, saved
from tests.paper.sheet_counting import archival_faults, tool


def opened(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data))


def with_copy(file: str) -> Student:
    paper = with_fields(AGLAYA.documents[3], file=file, sheets=1)
    return replace(AGLAYA, documents=(paper,))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_png_of_every_kind_is_drawn_on_white(mode: str) -> None:
    plain = page(mode="RGB" if mode == "I;16" else "L" if mode == "1" else "RGB")
    image = plain.convert("I").point(lambda v: v * 257).convert("I;16") if mode == "I;16" else None
    (drawn,) = scan_pages(saved(image or plain.convert(mode), "PNG"))
    shown = opened(drawn.data).convert("L")
    assert shown.getpixel((2, 2)) > 250  # type: ignore[operator]  # a grey point is a number
    assert shown.getextrema()[0] < 60  # type: ignore[operator]  # as above


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_jpeg_of_every_kind_is_drawn(mode: str) -> None:
    (drawn,) = scan_pages(saved(page().convert("RGB").convert(mode), "JPEG"))
    shown = opened(drawn.data).convert("L")
    assert shown.getpixel((2, 2)) > 250  # type: ignore[operator]  # as above


def test_a_photographed_page_stands_upright_and_tells_nothing_of_the_camera() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Camera"
    lying = page(size=(438, 310)).convert("RGB")
    (drawn,) = scan_pages(saved(lying, "JPEG", exif=exif))
    assert (drawn.width, drawn.height) == (310, 438)
    assert b"Camera" not in drawn.data
    assert b"Exif" not in drawn.data


def test_a_lying_page_is_turned_with_its_head_to_the_binding() -> None:
    lying = Image.new("L", (438, 310), 255)
    lying.paste(0, (0, 0, 438, 40))
    (drawn,) = scan_pages(saved(lying, "PNG"))
    shown = opened(drawn.data)
    assert (drawn.width, drawn.height) == (310, 438)
    assert shown.getpixel((5, 200)) < 30  # type: ignore[operator]  # as above
    assert shown.getpixel((300, 200)) > 220  # type: ignore[operator]  # as above


def test_a_large_picture_is_no_larger_than_its_sheet() -> None:
    (drawn,) = scan_pages(saved(page(size=(3100, 4380)), "PNG"))
    assert drawn.height <= 1754
    assert scan_pages(saved(page(size=(3100, 4380)), "PNG"))[0].data == drawn.data


def test_every_page_of_a_pdf_becomes_a_sheet() -> None:
    assert len(scan_pages(pdf_of(3))) == 3


def locked() -> bytes:
    writer, made = pypdf.PdfWriter(), BytesIO()
    writer.append(BytesIO(pdf_of(1)))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(made)
    return made.getvalue()


def without_pages() -> bytes:
    writer, made = pypdf.PdfWriter(), BytesIO()
    writer.write(made)
    return made.getvalue()


def many_pages() -> bytes:
    writer, made = pypdf.PdfWriter(), BytesIO()
    for _ in range(1_001):
        writer.add_blank_page(595, 842)
    writer.write(made)
    return made.getvalue()


def bomb() -> bytes:
    return saved(Image.new("1", (20_000, 20_000)), "PNG")


@pytest.mark.parametrize(
    ("made", "reason"),
    [
        (locked, "защищён паролем"),
        (lambda: b"%PDF-1.7\nnothing", "PDF повреждён"),
        (lambda: pdf_of(1)[:300], "PDF повреждён"),
        (without_pages, "нет страниц|PDF повреждён"),
        (many_pages, "больше 1000 страниц"),
        (bomb, "больше 100 миллионов точек"),
        (lambda: saved(page(), "PNG")[:200], "рисунок повреждён"),
        (lambda: saved(page(), "JPEG")[:400], "рисунок повреждён"),
        (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "это не PDF, PNG и не JPEG"),
        (lambda: b"", "это не PDF, PNG и не JPEG"),
    ],
    ids=lambda value: "" if callable(value) else str(value),
)
def test_a_hostile_scan_is_refused_with_its_reason(made: Callable[[], bytes], reason: str) -> None:
    data = made()
    with pytest.raises(UnreadablePicture, match=reason):
        scan_pages(data)


def test_half_a_picture_is_refused_also_after_a_page_was_laid_out() -> None:
    """The library that lays out tells Pillow to fill up what is missing."""
    importlib.import_module("papka.paper.pdf")
    with pytest.raises(UnreadablePicture, match="рисунок повреждён"):
        scan_pages(saved(page("half"), "JPEG")[:400])


def test_a_page_made_to_draw_for_ever_is_left_off(monkeypatch: pytest.MonkeyPatch) -> None:
    from papka.paper import page_pictures

    monkeypatch.setattr(page_pictures, "SECONDS", 0.3)
    writer, made = pypdf.PdfWriter(), BytesIO()
    blank = writer.add_blank_page(595, 842)
    content: Any = pypdf.generic.StreamObject()
    content.set_data(b"0 0 m 595 842 l 9 700 5 600 0 0 c 90 w S\n" * 400_000)
    blank[pypdf.generic.NameObject("/Contents")] = writer._add_object(content)  # noqa: SLF001 - pypdf has no other
    writer.write(made)
    with pytest.raises(UnreadablePicture, match="страница 1 рисуется дольше"):
        scan_pages(made.getvalue())


def test_a_page_of_no_ordinary_size_fits_its_sheet() -> None:
    writer, made = pypdf.PdfWriter(), BytesIO()
    writer.add_blank_page(14_400, 200)
    writer.write(made)
    (drawn,) = scan_pages(made.getvalue())
    assert max(drawn.width, drawn.height) <= 1754


def test_the_document_and_the_file_that_cannot_be_printed_are_named(templates: Snapshot) -> None:
    with pytest.raises(ScanNotPrinted) as caught:
        volumes(with_copy("b.pdf"), templates, scans={"b.pdf": locked()})
    assert "защищён паролем" in caught.value.message
    assert "d4 «Грамота за исполнение этюда»" in caught.value.message
    assert "2026-0007/attachments/b.pdf" in caught.value.message
    with pytest.raises(ScanNotPrinted, match="такого файла нет"):
        volumes(with_copy("b.pdf"), templates)


def test_scans_are_pictures_with_words_for_a_screen_reader(
    templates: Snapshot, tmp_path: Path
) -> None:
    (done,) = volumes(with_copy("b.pdf"), templates, scans={"b.pdf": pdf_of(2)})
    path = tmp_path / done.name
    path.write_bytes(done.data)
    tool("qpdf", "--check", path)
    assert len(tool("pdfimages", "-list", path).splitlines()) == 4
    assert archival_faults(path) == []
    reader: Any = pypdf.PdfReader(path)
    texts = [
        item["/Alt"]
        for number in range(1, len(reader.xref_objStm) + 1)
        if isinstance(item := reader.get_object(number), dict) and item.get("/S") == "/Figure"
    ]
    assert [text for text in texts if text.startswith("Скан")] == [
        "Скан: Грамота за исполнение этюда, страница 1 из 2",
        "Скан: Грамота за исполнение этюда, страница 2 из 2",
    ]
    assert volumes(with_copy("b.pdf"), templates, scans={"b.pdf": pdf_of(2)})[0].data == done.data


def test_a_browser_gets_the_scans_in_its_page(templates: Snapshot) -> None:
    (done,) = volumes(with_copy("b.pdf"), templates, scans={"b.pdf": pdf_of(2)}, html=True)
    text = done.data.decode()
    assert text.count("data:image/jpeg;base64,") == 2
    assert "papka:" not in text


@pytest.mark.parametrize("given", [True, False])
def test_the_photo_is_shown_only_while_a_consent_holds(templates: Snapshot, *, given: bool) -> None:
    """R-3.1: revoked on 2 November; the state shown is that of a day before or after."""
    assert AGLAYA.person
    person = with_fields(AGLAYA.person, photo="d3")
    (consent,) = AGLAYA.consents
    consents = (with_fields(consent, revoked=None),) if given else AGLAYA.consents
    student = replace(AGLAYA, person=person, consents=consents)
    (done,) = volumes(
        student, templates, scans={"a.jpg": saved(page("", (90, 120)), "JPEG")}, html=True
    )
    text = done.data.decode()
    assert (text.count("data:image/jpeg") == 1) is given
    assert ("нет действующего согласия" in text) is not given


def test_scans_are_told_by_their_first_bytes() -> None:
    assert len(page_pictures.scan_pages(saved(page(), "PNG"))) == 1
