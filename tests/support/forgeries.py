"""PDFs bent without the key: text hidden or laid over, fonts that lie, pages changed."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Sequence
from io import BytesIO

import pypdf
import pypdfium2 as pdfium  # type: ignore[import-untyped]  # the library has no types
from PIL import Image
from pypdf.annotations import FreeText
from pypdf.generic import NameObject, NumberObject
from pypdfium2 import raw

from papka.core.installation import ShippedSnapshot

Place = tuple[float, float, float, float]
"""Left, bottom, width and height in 1/72 inch."""


def with_picture(data: bytes, image: Image.Image, place: Place) -> bytes:
    """The image over the first page."""

    def draw(document: pdfium.PdfDocument, page: pdfium.PdfPage) -> None:
        made = pdfium.PdfImage.new(document)
        made.set_bitmap(pdfium.PdfBitmap.from_pil(image))
        left, bottom, width, height = place
        made.set_matrix(pdfium.PdfMatrix().scale(width, height).translate(left, bottom))
        page.insert_obj(made)

    return _drawn(data, draw)


def with_text(  # noqa: PLR0913 - how text is hidden
    data: bytes,
    pieces: Sequence[tuple[str, float, float]],
    *,
    size: float = 12,
    colour: tuple[int, int, int, int] = (0, 0, 0, 255),
    mode: int = raw.FPDF_TEXTRENDERMODE_FILL,
    first: bool = False,
) -> bytes:
    """Pieces of text at (x, y) of the first page in papka's own serif; `first`: below all else."""
    font = ShippedSnapshot("templates").read("templates/fonts/PTF55F.ttf")

    def draw(document: pdfium.PdfDocument, page: pdfium.PdfPage) -> None:
        held = (ctypes.c_ubyte * len(font)).from_buffer_copy(font)
        loaded = raw.FPDFText_LoadFont(document, held, len(font), raw.FPDF_FONT_TRUETYPE, 1)
        for text, x, y in pieces:
            made = raw.FPDFPageObj_CreateTextObj(document, loaded, size)
            words = (text + "\0").encode("utf-16-le")
            raw.FPDFText_SetText(
                made, (ctypes.c_ushort * (len(words) // 2)).from_buffer_copy(words)
            )
            raw.FPDFPageObj_SetFillColor(made, *colour)
            raw.FPDFTextObj_SetTextRenderMode(made, mode)
            raw.FPDFPageObj_Transform(made, 1, 0, 0, 1, x, y)
            if first:
                raw.FPDFPage_InsertObjectAtIndex(page, made, 0)
            else:
                raw.FPDFPage_InsertObject(page, made)

    return _drawn(data, draw)


def with_note(data: bytes, text: str, flags: int) -> bytes:
    """A remark over the first page; `flags` say whether it is printed and shown."""
    writer = pypdf.PdfWriter(clone_from=BytesIO(data))
    note = FreeText(text=text, rect=(300, 300, 500, 340), font_size="20pt")
    note[NameObject("/F")] = NumberObject(flags)
    writer.add_annotation(0, note)
    return _written(writer)


def with_lying_font(data: bytes, sign: str, read_as: str) -> bytes:
    """Shapes of one sign that the text layer reads as another."""
    writer = pypdf.PdfWriter(clone_from=BytesIO(data))
    old, new = (f"{ord(each):04x}" for each in (sign, read_as))
    for item in writer.pages[0]["/Resources"]["/Font"].values():  # type: ignore[index]  # a page has fonts
        stream = item.get_object()["/ToUnicode"].get_object()
        lines = stream.get_data().decode().splitlines()
        said = [
            f"{line.split()[0]} <{new}>" if line.endswith(f"> <{old}>") else line for line in lines
        ]
        stream.set_data("\n".join(said).encode())
    return _written(writer)


def of_pages(*pages: tuple[bytes, int]) -> bytes:
    """A PDF of pages (from 0) of others."""
    writer = pypdf.PdfWriter()
    for data, number in pages:
        writer.add_page(pypdf.PdfReader(BytesIO(data)).pages[number])
    return _written(writer)


def locked(data: bytes) -> bytes:
    writer = pypdf.PdfWriter(clone_from=BytesIO(data))
    writer.encrypt("secret", algorithm="RC4-128")
    return _written(writer)


def _drawn(data: bytes, draw: Callable[[pdfium.PdfDocument, pdfium.PdfPage], None]) -> bytes:
    document = pdfium.PdfDocument(data)
    page = document[0]
    draw(document, page)
    page.gen_content()
    stream = BytesIO()
    document.save(stream)
    page.close()
    document.close()
    return stream.getvalue()


def _written(writer: pypdf.PdfWriter) -> bytes:
    stream = BytesIO()
    writer.write(stream)
    return stream.getvalue()
