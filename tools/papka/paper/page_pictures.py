"""Pages of hostile files as pictures: looked at, compared with their text layer, printed as scans.

Three jobs share one drawing. `look` returns the pages of a PDF as pictures and signs of the text
layer; `redraw_from_text` and `differences` tell whether a page shows what its text layer says, so
that hidden or covered text, pictures of text and lying fonts all leave a difference; `codes_on`
reads QR codes; `scan_pages` and `portrait` turn a scan into sheets to be printed.

Invariants: every file is hostile until drawn: its format is told by its first bytes, and bytes,
pages, points, signs and seconds have limits. What cannot be drawn whole is an error with a reason
in Russian, never a blank or half a page. Same scan, same bytes, without the scanner's metadata.
"""

from __future__ import annotations

import ctypes
import re
import time
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from typing import NamedTuple

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # the library has no types
import zxingcpp
from PIL import Image, ImageChops, ImageFile, ImageFilter, ImageOps
from pypdfium2 import raw

SECONDS = 20.0
"""Limit for drawing one page; an ordinary page takes a twentieth of a second."""


class _NotDrawn(ValueError):
    """Why the page has no picture, in Russian."""


def _draw(page: pdfium.PdfPage, width: int, height: int, *, printing: bool) -> Image.Image:
    """Return the page on white as RGB, `width` by `height` points, with remarks and form fields.

    `printing`: as on paper, else as on a screen; layers and remarks may differ. Raises _NotDrawn.
    """
    deadline = time.monotonic() + SECONDS
    late = raw.IFSDK_PAUSE._fields_[1][1](lambda _pause: time.monotonic() > deadline)
    pause = raw.IFSDK_PAUSE(version=1, NeedToPauseNow=late, user=None)
    bitmap = pdfium.PdfBitmap.new_native(width, height, raw.FPDFBitmap_BGR)
    bitmap.fill_rect((255, 255, 255, 255), 0, 0, width, height)
    flags = raw.FPDF_ANNOT | (raw.FPDF_PRINTING if printing else 0)
    place = (0, 0, width, height, 0, flags)
    try:
        state = raw.FPDF_RenderPageBitmap_Start(bitmap, page, *place, ctypes.byref(pause))
        while state == raw.FPDF_RENDER_TOBECONTINUED and time.monotonic() <= deadline:
            state = raw.FPDF_RenderPage_Continue(page, ctypes.byref(pause))
    finally:
        raw.FPDF_RenderPage_Close(page)
    if state != raw.FPDF_RENDER_DONE:
        slow = state == raw.FPDF_RENDER_TOBECONTINUED
        raise _NotDrawn(f"рисуется дольше {SECONDS:.0f} секунд" if slow else "не рисуется")
    if page.formenv:
        raw.FPDF_FFLDraw(page.formenv, bitmap, page, *place)
    image: Image.Image = bitmap.to_pil()  # of BGR: RGB in memory of its own
    return image


READING_DOTS = 200
"""Dots per inch of the pictures."""
_PAGES = 60
_BYTES = 32 * 1024 * 1024
_SIDE = 1300
"""PDF units of 1/72 inch: A3."""
_SIGNS = 100_000
_NAME = 128
HYPHEN = "\u00ad"
"""A hyphen at the end of a line: it may belong to the word or to the break."""


class Unseen(ValueError):
    """Why the file cannot be looked at, in Russian."""


class Box(NamedTuple):
    """A rectangle in points of the picture, from its left and top."""

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
    """One sign of the text layer, where the layer claims it stands.

    `font`: its name; `size`: in 1/72 inch, 0 when turned; `matrix`: puts its outline on the page.
    """

    text: str
    box: Box
    font: str
    size: float
    matrix: tuple[float, float, float, float, float, float]

    @property
    def origin_down(self) -> float:
        """The base line, in points of the picture, growing downwards."""
        return -self.matrix[5] / 72 * READING_DOTS


@dataclass(frozen=True, slots=True)
class SeenPage:
    """One page: `picture` as printed, size in 1/72 inch, whether a screen shows the same."""

    picture: Image.Image
    is_same_on_screen: bool
    signs: tuple[Sign, ...]
    width: float
    height: float


def look(data: bytes) -> tuple[SeenPage, ...]:
    """Return every page as a picture and as the signs of its text layer. Raises Unseen."""
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
        return tuple(_look_at_page(document, index) for index in range(count))
    finally:
        document.close()


def _look_at_page(document: pdfium.PdfDocument, index: int) -> SeenPage:
    where = f"страница {index + 1}"
    try:
        page = document[index]
    except pdfium.PdfiumError as error:
        raise Unseen(f"{where} повреждена") from error
    try:
        width, height = page.get_size()
        if not (1 <= width <= _SIDE and 1 <= height <= _SIDE):
            raise Unseen(f"{where} не размера листа")
        size = (round(width / 72 * READING_DOTS), round(height / 72 * READING_DOTS))
        on_paper = _draw(page, *size, printing=True)
        on_screen = _draw(page, *size, printing=False)
        same = ImageChops.difference(on_paper, on_screen).getbbox() is None
        return SeenPage(on_paper, same, tuple(_read_signs(page, size[1])), width, height)
    except _NotDrawn as error:
        raise Unseen(f"{where} {error}") from error
    finally:
        page.close()


def _read_signs(page: pdfium.PdfPage, height: int) -> Iterator[Sign]:
    layer = page.get_textpage()
    try:
        count = layer.count_chars()
        if count > _SIGNS:
            raise Unseen(f"на странице больше {_SIGNS} знаков")
        for index in range(count):
            sign = _read_sign(layer, index, height)
            # pdfium makes up spaces and ends of lines; a letter that it made up is not the page's.
            if sign.text.isspace() or not raw.FPDFText_IsGenerated(layer, index):
                yield sign
    finally:
        layer.close()


def _read_sign(layer: pdfium.PdfTextPage, index: int, height: int) -> Sign:
    scale = READING_DOTS / 72
    left, bottom, right, top = layer.get_charbox(index)
    name, flags = ctypes.create_string_buffer(_NAME), ctypes.c_int()
    raw.FPDFText_GetFontInfo(layer, index, name, _NAME, flags)
    x, y, matrix = ctypes.c_double(), ctypes.c_double(), raw.FS_MATRIX()
    raw.FPDFText_GetCharOrigin(layer, index, x, y)
    raw.FPDFText_GetMatrix(layer, index, matrix)
    size = raw.FPDFText_GetFontSize(layer, index)
    text = chr(raw.FPDFText_GetUnicode(layer, index))
    return Sign(
        HYPHEN if text in "\x02\ufffe" else text,  # as pdfium names a hyphen that ends a line
        Box(left * scale, height - top * scale, right * scale, height - bottom * scale),
        name.value.decode("utf-8", "replace"),
        size * min(abs(matrix.a), abs(matrix.d)),
        (
            *(size * part for part in (matrix.a, matrix.b, matrix.c, matrix.d)),
            *(x.value, y.value),
        ),
    )


FONTS = {
    "Papka-PT-Serif": "PTF55F.ttf",
    "Papka-PT-Serif-Italic": "PTF56F.ttf",
    "Papka-PT-Serif-Bold": "PTF75F.ttf",
    "Papka-PT-Serif-Bold-Italic": "PTF76F.ttf",
    "Papka-PT-Sans": "PTS55F.ttf",
    "Papka-PT-Sans-Bold": "PTS75F.ttf",
}
"""Font name in a PDF, without the prefix of a subset ("ABCDEF+") -> file in templates/fonts."""
_FAINT = 80
"""The largest difference of darkness, of 255, that counts as none."""
_SEEN = [255 * (value > _FAINT) for value in range(256)]
_TILE = 8
"""Side of the squares in which pictures are compared, in points."""
_POINTS = 3
"""Points of a tile that must differ: edges of letters are never quite the same."""
_LONG, _THICK = 56, 5
"""A line at least this long and no thicker is a ruled one: 7 mm and 0.6 mm in points."""
_RUN = re.compile(rb"\xff{%d,}" % _LONG)
_LIGATURES = {"ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ", "ffi": "ﬃ", "ffl": "ﬄ"}


def is_ours(sign: Sign) -> bool:
    """Return whether the sign is in one of papka's fonts, whose shapes are known."""
    return sign.font.rpartition("+")[2] in FONTS


def redraw_from_text(
    page: SeenPage, fonts: Mapping[str, bytes], as_they_are: Iterable[Box]
) -> Image.Image:
    """Return the page drawn from its text layer alone, in papka's own fonts.

    `fonts`: file name -> bytes. Signs in other fonts are left out. The boxes `as_they_are` are
    copied from the page's own picture.
    """
    document = pdfium.PdfDocument.new()
    try:
        sheet = document.new_page(page.width, page.height)
        loaded = {name: _load_font(document, fonts[file]) for name, file in FONTS.items()}
        for sign in _join_ligatures(page.signs):
            font = loaded.get(sign.font.rpartition("+")[2])
            if font is not None and not sign.text.isspace():
                _put_sign(document, sheet, font, sign)
        raw.FPDFPage_GenerateContent(sheet)
        picture = _draw(sheet, *page.picture.size, printing=True)
    finally:
        document.close()
    for box in as_they_are:
        place = (int(box.left), int(box.top), round(box.right) + 1, round(box.bottom) + 1)
        picture.paste(page.picture.crop(place), place[:2])
    return picture


def differences(one: Image.Image, other: Image.Image, *, rules: bool = True) -> tuple[Box, ...]:
    """Return the tiles where the pages differ; a shift of one point is no difference.

    `rules`: whether ruled lines that only the first page has count.
    """
    if one.size != other.size:
        return (Box(0, 0, *one.size),)
    first, second = _darkness(one), _darkness(other)
    if ImageChops.difference(first, second).getbbox() is None:
        return ()
    more = ImageChops.subtract(first, _spread(second)).point(_SEEN)
    less = ImageChops.subtract(second, _spread(first)).point(_SEEN)
    if not rules:  # lines of tables, of signatures and below the letterhead are no text
        turn = Image.Transpose.TRANSPOSE
        flat, upright = _find_rules(more), _find_rules(more.transpose(turn)).transpose(turn)
        more = ImageChops.subtract(ImageChops.subtract(more, flat), upright)
    return tuple(_lit_tiles(ImageChops.lighter(more, less)))


def _lit_tiles(seen: Image.Image) -> Iterator[Box]:
    if seen.getbbox() is None:
        return
    width, height = seen.size
    for top in range(0, height, _TILE):
        strip = seen.crop((0, top, width, min(top + _TILE, height)))
        if strip.getbbox() is None:
            continue
        for left in range(0, width, _TILE):
            tile = strip.crop((left, 0, min(left + _TILE, width), strip.height))
            if sum(tile.histogram()[255:]) >= _POINTS:
                yield Box(left, top, left + _TILE, top + _TILE)


def _spread(picture: Image.Image) -> Image.Image:
    """Make every point as dark as the darkest beside it."""
    for side in ((1, 0), (0, 1)):
        before = ImageChops.offset(picture, *side)
        after = ImageChops.offset(picture, -side[0], -side[1])
        picture = ImageChops.lighter(picture, ImageChops.lighter(before, after))
    return picture


def _darkness(picture: Image.Image) -> Image.Image:
    """Return the darkness of the darkest colour, so that yellow is seen as well as grey."""
    red, green, blue = picture.split()
    return ImageChops.invert(ImageChops.darker(ImageChops.darker(red, green), blue))


def _find_rules(grid: Image.Image) -> Image.Image:
    """Return the long, thin, horizontal lines of the grid and nothing else of it."""
    found = Image.new("L", grid.size)
    for top, left, right in _long_runs(grid):
        probes = (left + _LONG // 3, (left + right) // 2, right - _LONG // 3)
        thick = min(
            grid.crop((at, top - _THICK, at + 1, top + _THICK)).histogram()[255] for at in probes
        )
        if thick <= _THICK:
            # A point around it: where lines cross, their edges are darker.
            found.paste(255, (left - 1, top - 1, right + 1, top + 2))
    return found


def _long_runs(grid: Image.Image) -> Iterator[tuple[int, int, int]]:
    """Return row, left and right of every long run of points."""
    data, shortest = grid.tobytes(), b"\xff" * _LONG
    for top in range(grid.height):
        row = data[top * grid.width : (top + 1) * grid.width]
        if shortest not in row:  # many times faster than the pattern
            continue
        for run in _RUN.finditer(row):
            yield top, run.start(), run.end()


def _load_font(document: pdfium.PdfDocument, data: bytes) -> raw.FPDF_FONT:
    held = (ctypes.c_ubyte * len(data)).from_buffer_copy(data)
    return raw.FPDFText_LoadFont(document, held, len(data), raw.FPDF_FONT_TRUETYPE, 1)


def _join_ligatures(signs: Iterable[Sign]) -> Iterator[Sign]:
    """Replace letters that share one shape by the ligature they are drawn with."""
    held: list[Sign] = []
    for sign in (*signs, None):
        if held and (sign is None or sign.box != held[0].box or sign.text.isspace()):
            letters = "".join(each.text for each in held)
            together = _LIGATURES.get(letters)
            yield from [held[0]._replace(text=together)] if together else held
            held = []
        if sign is not None:
            held.append(sign)


def _put_sign(
    document: pdfium.PdfDocument, sheet: pdfium.PdfPage, font: raw.FPDF_FONT, sign: Sign
) -> None:
    made = raw.FPDFPageObj_CreateTextObj(document, font, 1.0)
    words = (sign.text.replace(HYPHEN, "-") + "\0").encode("utf-16-le")
    held = (ctypes.c_ushort * (len(words) // 2)).from_buffer_copy(words)
    raw.FPDFText_SetText(made, held)
    raw.FPDFPageObj_Transform(made, *sign.matrix)
    raw.FPDFPage_InsertObject(sheet, made)


_BEGINNINGS = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""How PNG and JPEG begin."""
_PICTURE_POINTS = 100_000_000
_TOO_LARGE = f"больше {_PICTURE_POINTS // 1_000_000} миллионов точек"
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_LOOK = 3200
"""Points of the first look at a photograph: a sheet at 270 dots an inch, nearly always enough."""
_PIECE, _OVERLAP = 2400, 800
"""Points of a piece in which a large photograph is looked through as sharp as it is, and how much
of it the next one shows again: a code lies whole in one of them, unless the first look shows it."""


class NoPicture(ValueError):
    """Why the file is no picture, in Russian."""


class FoundCodes(NamedTuple):
    """The text of a code and its place in the picture."""

    text: str
    box: Box


def codes_on(picture: Image.Image) -> tuple[FoundCodes, ...]:
    """Return every QR code that can be read, from top to bottom."""
    read = zxingcpp.read_barcodes(picture, formats=_QR)
    found = [FoundCodes(each.text, _box(each.position)) for each in read]
    return tuple(sorted(found, key=lambda each: (each.box.top, each.box.left)))


@dataclass(frozen=True, slots=True)
class ReadPhotograph:
    """What was read on a photograph. `is_seen`: there is a code, read or not."""

    texts: frozenset[str]
    is_seen: bool


def read_photograph(picture: Image.Image, prefix: str) -> ReadPhotograph:
    """Read the codes that begin with `prefix`: whole, then in pieces, then coarser and cleaner.

    Memory: the picture, and one look at it at a time.
    """
    is_seen = False
    for look_at in _looks(picture):
        read = zxingcpp.read_barcodes(look_at, formats=_QR, return_errors=True)
        texts = frozenset(each.text for each in read if each.valid and each.text.startswith(prefix))
        if texts:
            return ReadPhotograph(texts, is_seen=True)
        is_seen = is_seen or any(not each.valid for each in read)
    return ReadPhotograph(frozenset(), is_seen)


def _looks(picture: Image.Image) -> Iterator[Image.Image]:
    first = _shrink(picture, _LOOK)
    yield first
    if first.size != picture.size:
        step = _PIECE - _OVERLAP
        for top in range(0, max(picture.height - _OVERLAP, 1), step):
            for left in range(0, max(picture.width - _OVERLAP, 1), step):
                right, below = min(left + _PIECE, picture.width), min(top + _PIECE, picture.height)
                yield picture.crop((left, top, right, below))
    for side in (1600, 1000):
        if max(picture.size) > side:
            yield _shrink(picture, side)
    yield first.filter(ImageFilter.BoxBlur(1))  # grain
    yield first.filter(ImageFilter.UnsharpMask(3, 300, 0))  # out of focus


def _shrink(picture: Image.Image, side: int) -> Image.Image:
    smaller = picture.copy()
    smaller.thumbnail((side, side))
    return smaller


def picture_of(data: bytes) -> Image.Image:
    """Return a photograph or scan, grey, upright and as large as it is. Raises NoPicture."""
    if not data.startswith(_BEGINNINGS) or len(data) > _BYTES:
        raise NoPicture("это не PNG и не JPEG" if len(data) <= _BYTES else "файл больше 32 МБ")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its size, which has its own limit here
        try:
            return _decode(data, "L").convert("L")
        except Image.DecompressionBombError as error:
            raise NoPicture(_TOO_LARGE) from error
        except Exception as error:  # damaged bytes make Pillow fail in any way there is
            raise NoPicture("рисунок повреждён") from error


def _decode(data: bytes, mode: str, size: tuple[int, int] | None = None) -> Image.Image:
    """Return the picture upright; a JPEG may be read at once as `mode`, scaled down to `size`.

    Raises DecompressionBombError when it is too large; damaged bytes raise anything.
    """
    image: Image.Image = Image.open(BytesIO(data), formats=("PNG", "JPEG"))
    if image.width * image.height > _PICTURE_POINTS:
        raise Image.DecompressionBombError
    image.draft(mode, size or image.size)
    image.load()
    return ImageOps.exif_transpose(image)


def _box(position: zxingcpp.Position) -> Box:
    top, bottom = (
        (position.top_left, position.top_right),
        (position.bottom_left, position.bottom_right),
    )
    across, down = [corner.x for corner in top + bottom], [corner.y for corner in top + bottom]
    return Box(min(across), min(down), max(across), max(down))


_SCAN_DOTS = 150
"""Dots per inch on A4."""
_WIDTH, _HEIGHT = round(210 / 25.4 * _SCAN_DOTS), round(297 / 25.4 * _SCAN_DOTS)
_SCAN_PAGES = 1_000
_SCAN_BYTES = 64 * 1024 * 1024
_WIDE = 1.15
"""A page so much wider than high is turned, its head to the binding."""


class UnreadablePicture(ValueError):
    """Why a scan cannot be printed, in Russian."""


class Picture(NamedTuple):
    """A page as a JPEG without metadata; width and height in points."""

    data: bytes
    width: int
    height: int


@lru_cache(maxsize=8)  # a file is composed and then printed: its scans are asked for twice
def scan_pages(data: bytes) -> tuple[Picture, ...]:
    """Return every page of a PDF, or the one picture of a PNG or JPEG, as sheets to be printed.

    A wide page is turned upright. Raises Unreadable.
    """
    if len(data) > _SCAN_BYTES:
        raise UnreadablePicture(f"больше {_SCAN_BYTES // 1024**2} МБ")
    if data.startswith(b"%PDF-"):
        return tuple(_draw_scan(data))
    return (_pack(_turn_upright(_open_picture(data))),)


def portrait(data: bytes) -> Picture:
    """Return a photograph of a person, never turned. Raises Unreadable."""
    return _pack(_open_picture(data))


def _open_picture(data: bytes) -> Image.Image:
    if not data.startswith(_BEGINNINGS):
        raise UnreadablePicture("это не PDF, PNG и не JPEG")
    with warnings.catch_warnings(), _whole_pictures():
        warnings.simplefilter("ignore")  # of its size, which has its own limit here
        try:
            return _put_on_white(_decode(data, "RGB", (2 * _WIDTH, 2 * _HEIGHT)))
        except Image.DecompressionBombError as error:
            raise UnreadablePicture(_TOO_LARGE) from error
        except Exception as error:  # damaged bytes make Pillow fail in any way there is
            raise UnreadablePicture("рисунок повреждён") from error


@contextmanager
def _whole_pictures() -> Iterator[None]:
    """Refuse a truncated picture, which WeasyPrint lets Pillow fill up for the whole process."""
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        yield
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before


def _put_on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image if image.mode == "L" else image.convert("RGB")


def _turn_upright(image: Image.Image) -> Image.Image:
    is_wide = image.width > image.height * _WIDE
    return image.transpose(Image.Transpose.ROTATE_90) if is_wide else image


def _pack(image: Image.Image) -> Picture:
    image.thumbnail((_WIDTH, _HEIGHT), Image.Resampling.LANCZOS)
    if image.mode == "RGB":  # grey in three colours is kept as one
        red, green, blue = image.split()
        if not any(ImageChops.difference(red, other).getbbox() for other in (green, blue)):
            image = red
    packed = BytesIO()
    image.save(packed, "JPEG", quality=85, subsampling=0, dpi=(_SCAN_DOTS, _SCAN_DOTS), exif=b"")
    return Picture(packed.getvalue(), image.width, image.height)


def scan_page(data: bytes, index: int) -> tuple[Picture, int]:
    """Return one page of a scan as it lies, for a screen, and how many there are.

    Raises UnreadablePicture, IndexError.
    """
    if len(data) > _SCAN_BYTES:
        raise UnreadablePicture(f"больше {_SCAN_BYTES // 1024**2} МБ")
    if not data.startswith(b"%PDF-"):
        if index:
            raise IndexError(index)
        return _pack(_open_picture(data)), 1
    with _open_scan(data) as document:
        count = len(document)
        if not 0 <= index < count:
            raise IndexError(index)
        return _pack(_draw_scanned_page(document, index)), count


def _draw_scan(data: bytes) -> Iterator[Picture]:
    with _open_scan(data) as document:
        for index in range(len(document)):
            yield _pack(_turn_upright(_draw_scanned_page(document, index)))


@contextmanager
def _open_scan(data: bytes) -> Iterator[pdfium.PdfDocument]:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = "Incorrect password" in str(error)
        raise UnreadablePicture("защищён паролем" if locked else "PDF повреждён") from error
    try:
        count = len(document)
        if not 0 < count <= _SCAN_PAGES:
            reason = f"в PDF больше {_SCAN_PAGES} страниц" if count else "в PDF нет страниц"
            raise UnreadablePicture(reason)
        document.init_forms()
        yield document
    finally:
        document.close()


def _draw_scanned_page(document: pdfium.PdfDocument, index: int) -> Image.Image:
    try:
        page = document[index]
    except pdfium.PdfiumError as error:
        raise UnreadablePicture(f"страница {index + 1} повреждена") from error
    try:
        width, height = page.get_size()
        if not (width >= 1 and height >= 1):
            raise UnreadablePicture(f"страница {index + 1} без размера")
        scale = min(_SCAN_DOTS / 72, _HEIGHT / max(width, height))
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        return _draw(page, *size, printing=True)
    except _NotDrawn as error:
        raise UnreadablePicture(f"страница {index + 1} {error}") from error
    finally:
        page.close()
