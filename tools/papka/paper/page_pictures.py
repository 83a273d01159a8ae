"""A page of an opened PDF as a picture, within limits of time and size.

Invariants: what is drawn is what a person sees, with remarks and filled fields; a page made to
draw for ever is left off; white paper under it. Absent on purpose: opening and closing documents.

A PDF's pages as a person and as a program see them: pictures, and the signs of the text layer.

Invariants: the file is hostile until drawn: pages, size, signs and seconds have limits; whatever
is wrong with it is Unseen with a reason. Absent on purpose: belief in the text layer (comparing it
with the picture is `redrawing`'s), metadata, attachments, scripts.

Does a page show what its text layer says? It is drawn again and the two pictures compared.

Invariants: the page is redrawn from its text layer alone with papka's own fonts, so that hidden
text, pictures of text, covered text and fonts whose shapes lie all leave a difference; only lines
longer than any stroke of a letter, and the places given, are taken as they are.
Absent on purpose: recognition of text in pictures.

Reads codes off pictures: the only module that knows zxing-cpp.

Invariants: only QR codes; a picture is hostile until decoded, its size has a limit; what is no
picture is NoPicture with a reason. Absent on purpose: what a code means.

A scan's bytes in, pictures of its pages out: a scan printed as sheets.

Invariants: a scan is hostile until drawn; its format is told by its first bytes; pages, picture
points and seconds have limits; what cannot be drawn is Unreadable with a reason, never a blank or
half a page; a picture carries no metadata of the scanner; same scan, same bytes.
Absent on purpose: files, text recognition, scripts and links inside a PDF.
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
from PIL import Image, ImageChops, ImageFile, ImageOps
from pypdfium2 import raw

SECONDS = 20.0
"""For one page: an ordinary one takes a twentieth of one."""


class NotDrawn(ValueError):
    """Why the page has no picture, in Russian."""


def drawn(page: pdfium.PdfPage, width: int, height: int, *, printing: bool) -> Image.Image:
    """RGB, so many points of the picture. `printing`: as on paper, else as on a screen; layers
    and remarks may differ. Raises NotDrawn."""
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
        raise NotDrawn(f"рисуется дольше {SECONDS:.0f} секунд" if slow else "не рисуется")
    if page.formenv:
        raw.FPDF_FFLDraw(page.formenv, bitmap, page, *place)
    image: Image.Image = bitmap.to_pil().convert("RGB")
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
        return -self.matrix[5] / 72 * READING_DOTS


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
        size = (round(width / 72 * READING_DOTS), round(height / 72 * READING_DOTS))
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
        HYPHEN if text in _END_HYPHENS else text,
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
"""Name in a PDF, without the six letters and the plus of a subset -> file in templates/fonts."""
_FAINT = 80
"""Of 255: a difference of darkness that nobody sees."""
_TILE = 8
_SEEN = [255 * (value > _FAINT) for value in range(256)]
_POINTS = 3
"""So many points of a tile must differ: edges of letters are never quite the same."""
_LONG, _THICK = 56, 5
"""Points of the picture: a line this long and no thicker is drawn with a ruler (7 mm, 0.6 mm)."""
_SHORTEST = b"\xff" * _LONG
_RUN = re.compile(rb"\xff{56,}")
_LIGATURES = {"ff": "ﬀ", "fi": "ﬁ", "fl": "ﬂ", "ffi": "ﬃ", "ffl": "ﬄ"}


def is_ours(sign: Sign) -> bool:
    """Whether the sign is of a font of papka's, so that its shape can be known."""
    return sign.font.rpartition("+")[2] in FONTS


def redrawn(page: Page, fonts: Mapping[str, bytes], as_they_are: Iterable[Box]) -> Image.Image:
    """The page as its text layer says; `fonts`: file name -> bytes of papka's fonts. Signs in other
    fonts are left out. The boxes are copied from the page's own picture."""
    document = pdfium.PdfDocument.new()
    try:
        sheet = document.new_page(page.width, page.height)
        loaded = {name: _font(document, fonts[file]) for name, file in FONTS.items()}
        for sign in _joined(page.signs):
            font = loaded.get(sign.font.rpartition("+")[2])
            if font is not None and not sign.text.isspace():
                _place(document, sheet, font, sign)
        raw.FPDFPage_GenerateContent(sheet)
        picture = drawn(sheet, *page.picture.size, printing=True)
    finally:
        document.close()
    for box in as_they_are:
        place = (int(box.left), int(box.top), round(box.right) + 1, round(box.bottom) + 1)
        picture.paste(page.picture.crop(place), place[:2])
    return picture


def differences(one: Image.Image, other: Image.Image, *, rules: bool = True) -> tuple[Box, ...]:
    """Tiles where one page shows what the other does not; a shift of one point is no difference.
    `rules`: whether lines drawn with a ruler count that only the first page has."""
    if one.size != other.size:
        return (Box(0, 0, *one.size),)
    first, second = _darkness(one), _darkness(other)
    if ImageChops.difference(first, second).getbbox() is None:
        return ()
    more = ImageChops.subtract(first, _spread(second)).point(_SEEN)
    less = ImageChops.subtract(second, _spread(first)).point(_SEEN)
    if not rules:
        more = _without_rules(more)
    return tuple(_tiles(ImageChops.lighter(more, less)))


def _tiles(seen: Image.Image) -> Iterator[Box]:
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
    """Every point as dark as the darkest beside it."""
    for side in ((1, 0), (0, 1)):
        before = ImageChops.offset(picture, *side)
        after = ImageChops.offset(picture, -side[0], -side[1])
        picture = ImageChops.lighter(picture, ImageChops.lighter(before, after))
    return picture


def _darkness(picture: Image.Image) -> Image.Image:
    """Of the darkest colour, so that yellow is seen as well as grey."""
    red, green, blue = picture.split()
    return ImageChops.invert(ImageChops.darker(ImageChops.darker(red, green), blue))


def _without_rules(seen: Image.Image) -> Image.Image:
    """Lines of tables, of signatures and below the letterhead are no text."""
    turn = Image.Transpose.TRANSPOSE
    flat, upright = _rules(seen), _rules(seen.transpose(turn)).transpose(turn)
    return ImageChops.subtract(ImageChops.subtract(seen, flat), upright)


def _rules(grid: Image.Image) -> Image.Image:
    """Long thin flat runs of the grid, and nothing else of it."""
    found = Image.new("L", grid.size)
    for top, left, right in _runs(grid):
        probes = (left + _LONG // 3, (left + right) // 2, right - _LONG // 3)
        thick = min(
            grid.crop((at, top - _THICK, at + 1, top + _THICK)).histogram()[255] for at in probes
        )
        if thick <= _THICK:
            # A point around it: where lines cross, their edges are darker.
            found.paste(255, (left - 1, top - 1, right + 1, top + 2))
    return found


def _runs(grid: Image.Image) -> Iterator[tuple[int, int, int]]:
    """Row, left and right of every long run of points."""
    data = grid.tobytes()
    for top in range(grid.height):
        row = data[top * grid.width : (top + 1) * grid.width]
        if _SHORTEST not in row:
            continue
        for run in _RUN.finditer(row):
            yield top, run.start(), run.end()


def _font(document: pdfium.PdfDocument, data: bytes) -> raw.FPDF_FONT:
    held = (ctypes.c_ubyte * len(data)).from_buffer_copy(data)
    return raw.FPDFText_LoadFont(document, held, len(data), raw.FPDF_FONT_TRUETYPE, 1)


def _joined(signs: Iterable[Sign]) -> Iterator[Sign]:
    """Letters that share one shape as the ligature they are drawn with."""
    held: list[Sign] = []
    for sign in (*signs, None):
        if held and (sign is None or sign.box != held[0].box or sign.text.isspace()):
            letters = "".join(each.text for each in held)
            together = _LIGATURES.get(letters)
            yield from [held[0]._replace(text=together)] if together else held
            held = []
        if sign is not None:
            held.append(sign)


def _place(
    document: pdfium.PdfDocument, sheet: pdfium.PdfPage, font: raw.FPDF_FONT, sign: Sign
) -> None:
    """One sign where the text layer says it stands."""
    made = raw.FPDFPageObj_CreateTextObj(document, font, 1.0)
    words = (sign.text.replace(HYPHEN, "-") + "\0").encode("utf-16-le")
    held = (ctypes.c_ushort * (len(words) // 2)).from_buffer_copy(words)
    raw.FPDFText_SetText(made, held)
    raw.FPDFPageObj_Transform(made, *sign.matrix)
    raw.FPDFPage_InsertObject(sheet, made)


PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""How PNG and JPEG begin."""
_PICTURE_POINTS = 100_000_000
_TOO_LARGE = f"больше {_PICTURE_POINTS // 1_000_000} миллионов точек"
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_PICTURE_SIDE = 3200
"""Points: enough for a sheet at 270 dots an inch; a larger photograph only costs time."""


class NoPicture(ValueError):
    """Why the file is no picture, in Russian."""


class Found(NamedTuple):
    """The text of a code, and the place of its modules in the picture."""

    text: str
    box: Box


def codes_on(picture: Image.Image) -> tuple[Found, ...]:
    """Every QR code that can be read, from top to bottom."""
    read = zxingcpp.read_barcodes(picture, formats=_QR)
    found = [Found(each.text, _box(each.position)) for each in read]
    return tuple(sorted(found, key=lambda each: (each.box.top, each.box.left)))


def picture_of(data: bytes) -> Image.Image:
    """A photograph or scan. Raises NoPicture."""
    if not data.startswith(PICTURES) or len(data) > _BYTES:
        raise NoPicture("это не PNG и не JPEG" if len(data) <= _BYTES else "файл больше 32 МБ")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of its size, which has its own limit here
        try:
            image = _opened(data)
        except Image.DecompressionBombError as error:
            raise NoPicture(_TOO_LARGE) from error
        except Exception as error:  # damaged bytes make Pillow fail in any way there is
            raise NoPicture("рисунок повреждён") from error
    if image is None:
        raise NoPicture(_TOO_LARGE)
    image.thumbnail((_PICTURE_SIDE, _PICTURE_SIDE))
    return image


def _opened(data: bytes) -> Image.Image | None:
    """Grey and upright; None when it is too large."""
    image: Image.Image = Image.open(BytesIO(data), formats=("PNG", "JPEG"))
    if image.width * image.height > _PICTURE_POINTS:
        return None
    image.draft("L", (_PICTURE_SIDE, _PICTURE_SIDE))
    return ImageOps.exif_transpose(image).convert("L")


def _box(position: zxingcpp.Position) -> Box:
    corners = (
        position.top_left, position.top_right, position.bottom_left, position.bottom_right
    )  # fmt: skip
    across, down = [corner.x for corner in corners], [corner.y for corner in corners]
    return Box(min(across), min(down), max(across), max(down))


SCAN_DOTS = 150
"""Dots per inch on A4."""
_WIDTH, _HEIGHT = round(210 / 25.4 * SCAN_DOTS), round(297 / 25.4 * SCAN_DOTS)
_SCAN_PAGES = 1_000
_SCAN_BYTES = 64 * 1024 * 1024
_SCAN_POINTS = 100_000_000
_SCANS_TOO_LARGE = f"больше {_SCAN_POINTS // 1_000_000} миллионов точек"
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
    if len(data) > _SCAN_BYTES:
        raise Unreadable(f"больше {_SCAN_BYTES // 1024**2} МБ")
    if data.startswith(b"%PDF-"):
        return tuple(_drawn(data))
    return (_packed(_turned(_open_picture(data))),)


def portrait(data: bytes) -> Picture:
    """A photograph of a person, never turned. Raises Unreadable."""
    return _packed(_open_picture(data))


def _open_picture(data: bytes) -> Image.Image:
    if not data.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")):
        raise Unreadable("это не PDF, PNG и не JPEG")
    with warnings.catch_warnings(), _whole_pictures():
        warnings.simplefilter("ignore")  # of its size, which has its own limit here
        try:
            return _on_white(_loaded(data))
        except Unreadable:
            raise
        except Image.DecompressionBombError as error:
            raise Unreadable(_SCANS_TOO_LARGE) from error
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
    if image.width * image.height > _SCAN_POINTS:
        raise Unreadable(_SCANS_TOO_LARGE)
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
    image.save(
        packed, "JPEG", quality=_QUALITY, subsampling=0, dpi=(SCAN_DOTS, SCAN_DOTS), exif=b""
    )
    return Picture(packed.getvalue(), image.width, image.height)


def _drawn(data: bytes) -> Iterator[Picture]:
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        locked = _NO_PASSWORD in str(error)
        raise Unreadable(_LOCKED if locked else "PDF повреждён") from error
    try:
        count = len(document)
        if not 0 < count <= _SCAN_PAGES:
            raise Unreadable(
                f"в PDF больше {_SCAN_PAGES} страниц" if count else "в PDF нет страниц"
            )
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
        scale = min(SCAN_DOTS / 72, _HEIGHT / max(width, height))
        size = max(round(width * scale), 1), max(round(height * scale), 1)
        return drawn(page, *size, printing=True)
    except NotDrawn as error:
        raise Unreadable(f"страница {index + 1} {error}") from error
    finally:
        page.close()
