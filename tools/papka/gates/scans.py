"""A scan's bytes in, pictures of its pages out: a scan printed as sheets.

Invariants: a scan is hostile until drawn; its format is told by its first bytes; pages, picture
points and seconds have limits; what cannot be drawn is Unreadable with a reason, never a blank or
half a page; a picture carries no metadata of the scanner; same scan, same bytes.
Absent on purpose: files, text recognition, scripts and links inside a PDF.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # the library has no types
from PIL import Image, ImageChops, ImageFile, ImageOps

from papka.gates.drawing import NotDrawn, drawn

DOTS = 150
"""Dots per inch on A4."""
_WIDTH, _HEIGHT = round(210 / 25.4 * DOTS), round(297 / 25.4 * DOTS)
_PAGES = 1_000
_BYTES = 64 * 1024 * 1024
_POINTS = 100_000_000
_TOO_LARGE = f"больше {_POINTS // 1_000_000} миллионов точек"
_QUALITY = 85
_LYING = 1.15
"""A page so much wider than high is turned, its head to the binding."""
_LOCKED, _NO_PASSWORD = "защищён паролем", "Incorrect password"


class Unreadable(ValueError):
    """Why a scan cannot be printed, in Russian."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page as a JPEG; width and height in points of the picture."""

    data: bytes
    width: int
    height: int


@lru_cache(maxsize=8)  # a file is worded and then printed: its scans are asked for twice
def pages(data: bytes) -> tuple[Picture, ...]:
    """Every page of a PDF, or the one picture of a PNG or JPEG. Raises Unreadable."""
    if len(data) > _BYTES:
        raise Unreadable(f"больше {_BYTES // 1024**2} МБ")
    if data.startswith(b"%PDF-"):
        return tuple(_drawn(data))
    return (_packed(_turned(_opened(data))),)


def portrait(data: bytes) -> Picture:
    """A photograph of a person, never turned. Raises Unreadable."""
    return _packed(_opened(data))


def _opened(data: bytes) -> Image.Image:
    if not data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        raise Unreadable("это не PDF, PNG и не JPEG")
    with warnings.catch_warnings(), _whole_pictures():
        warnings.simplefilter("ignore")  # of its size, which has its own limit here
        try:
            return _on_white(_loaded(data))
        except Unreadable:
            raise
        except Image.DecompressionBombError as error:
            raise Unreadable(_TOO_LARGE) from error
        except Exception as error:  # damaged bytes make Pillow fail in any way there is
            raise Unreadable("рисунок повреждён") from error


@contextmanager
def _whole_pictures() -> Iterator[None]:
    """WeasyPrint lets Pillow fill up half a picture; here half a picture is none."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _loaded(data: bytes) -> Image.Image:
    image: Image.Image = Image.open(BytesIO(data), formats=("PNG", "JPEG"))
    if image.width * image.height > _POINTS:
        raise Unreadable(_TOO_LARGE)
    image.draft("RGB", (2 * _WIDTH, 2 * _HEIGHT))
    image.load()
    return ImageOps.exif_transpose(image)


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == "L" else image.convert("RGB")


def _turned(image: Image.Image) -> Image.Image:
    if image.width > image.height * _LYING:
        return image.transpose(Image.Transpose.ROTATE_90)
    return image


def _packed(image: Image.Image) -> Picture:
    image.thumbnail((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS)
    if image.mode == "RGB":
        red, green, blue = image.split()
        if not any(ImageChops.difference(red, other).getbbox() for other in (green, blue)):
            image = red
    packed = BytesIO()
    image.save(packed, "JPEG", quality=_QUALITY, subsampling=0, dpi=(DOTS, DOTS), exif=b"")
    return Picture(packed.getvalue(), image.width, image.height)


def _drawn(data: bytes) -> Iterator[Picture]:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = _NO_PASSWORD in str(error)
        raise Unreadable(_LOCKED if locked else "PDF повреждён") from error
    try:
        count = len(document)
        if not 0 < count <= _PAGES:
            raise Unreadable(f"в PDF больше {_PAGES} страниц" if count else "в PDF нет страниц")
        document.init_forms()
        for index in range(count):
            yield _packed(_turned(_page(document, index)))
    finally:
        document.close()


def _page(document: pdfium.PdfDocument, index: int) -> Image.Image:
    try:
        page = document[index]
    except pdfium.PdfiumError as error:
        raise Unreadable(f"страница {index + 1} повреждена") from error
    try:
        width, height = page.get_size()
        if not (width >= 1 and height >= 1):
            raise Unreadable(f"страница {index + 1} без размера")
        scale = min(DOTS / 72, _HEIGHT / max(width, height))
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        return drawn(page, *size, printing=True)
    except NotDrawn as error:
        raise Unreadable(f"страница {index + 1} {error}") from error
    finally:
        page.close()
