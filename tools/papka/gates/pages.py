"""A PDF's pages as a person and as a program see them: pictures, and the signs of the text layer.

Invariants: the file is hostile until drawn: pages, size, signs and seconds have limits; whatever
is wrong with it is Unseen with a reason. Absent on purpose: belief in the text layer (comparing it
with the picture is `redrawing`'s), metadata, attachments, scripts.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # the library has no types
from PIL import Image, ImageChops
from pypdfium2 import raw

from papka.gates.drawing import NotDrawn, drawn

DOTS = 200
"""Dots per inch of the pictures."""
_PAGES = 60
_BYTES = 32 * 1024 * 1024
_SIDE = 1300
"""PDF units of 1/72 inch: A3."""
_SIGNS = 100_000
_NAME = 128
HYPHEN = "\u00ad"
"""A hyphen that ends a line, whether of the word or of the break nobody knows."""
_END_HYPHENS = "\x02\ufffe"
"""How pdfium names it."""


class Unseen(ValueError):
    """Why the file cannot be looked at, in Russian."""


class Box(NamedTuple):
    """In points of the picture, from its left and top."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        return (
            self.left < other.right
            and other.left < self.right
            and self.top < other.bottom
            and other.top < self.bottom
        )


class Sign(NamedTuple):
    """One sign of the text layer: where it says it is, its font's name, `size` in 1/72 inch (0
    when turned), and the matrix that puts its outline on the page."""

    text: str
    box: Box
    font: str
    size: float
    matrix: tuple[float, float, float, float, float, float]

    @property
    def origin_down(self) -> float:
        """Where its line stands, in points of the picture, growing downwards."""
        return -self.matrix[5] / 72 * DOTS


@dataclass(frozen=True, slots=True)
class Page:
    """`picture` as printed; `is_same_on_screen`: whether a screen shows it alike; `width` and
    `height` in 1/72 inch."""

    picture: Image.Image
    is_same_on_screen: bool
    signs: tuple[Sign, ...]
    width: float
    height: float


def look(data: bytes) -> tuple[Page, ...]:
    """Every page. Raises Unseen."""
    if len(data) > _BYTES:
        raise Unseen(f"файл больше {_BYTES // 1024**2} МБ")
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = "password" in str(error)
        raise Unseen("PDF защищён паролем" if locked else "это не PDF или он повреждён") from error
    try:
        count = len(document)
        if not 0 < count <= _PAGES:
            raise Unseen(f"в PDF больше {_PAGES} страниц" if count else "в PDF нет страниц")
        document.init_forms()
        return tuple(_looked(document, index) for index in range(count))
    finally:
        document.close()


def _looked(document: pdfium.PdfDocument, index: int) -> Page:
    where = f"страница {index + 1}"
    try:
        page = document[index]
    except pdfium.PdfiumError as error:
        raise Unseen(f"{where} повреждена") from error
    try:
        width, height = page.get_size()
        if not (1 <= width <= _SIDE and 1 <= height <= _SIDE):
            raise Unseen(f"{where} не размера листа")
        size = (round(width / 72 * DOTS), round(height / 72 * DOTS))
        on_paper = drawn(page, *size, printing=True)
        on_screen = drawn(page, *size, printing=False)
        same = ImageChops.difference(on_paper, on_screen).getbbox() is None
        return Page(on_paper, same, tuple(_signs(page, size[1])), width, height)
    except NotDrawn as error:
        raise Unseen(f"{where} {error}") from error
    finally:
        page.close()


def _signs(page: pdfium.PdfPage, height: int) -> Iterator[Sign]:
    layer = page.get_textpage()
    try:
        count = layer.count_chars()
        if count > _SIGNS:
            raise Unseen(f"на странице больше {_SIGNS} знаков")
        for index in range(count):
            sign = _sign(layer, index, height)
            # Ends of lines are made up by the reader; a made-up letter is nobody's.
            if sign.text.isspace() or not raw.FPDFText_IsGenerated(layer, index):
                yield sign
    finally:
        layer.close()


def _sign(layer: pdfium.PdfTextPage, index: int, height: int) -> Sign:
    scale = DOTS / 72
    left, bottom, right, top = layer.get_charbox(index)
    name, flags = ctypes.create_string_buffer(_NAME), ctypes.c_int()
    raw.FPDFText_GetFontInfo(layer, index, name, _NAME, flags)
    x, y, matrix = ctypes.c_double(), ctypes.c_double(), raw.FS_MATRIX()
    raw.FPDFText_GetCharOrigin(layer, index, x, y)
    raw.FPDFText_GetMatrix(layer, index, matrix)
    size = raw.FPDFText_GetFontSize(layer, index)
    text = chr(raw.FPDFText_GetUnicode(layer, index))
    return Sign(
        HYPHEN if text in _END_HYPHENS else text,
        Box(left * scale, height - top * scale, right * scale, height - bottom * scale),
        name.value.decode("utf-8", "replace"),
        size * min(abs(matrix.a), abs(matrix.d)),
        (
            *(size * part for part in (matrix.a, matrix.b, matrix.c, matrix.d)),
            *(x.value, y.value),
        ),
    )
