"""Does a page show what its text layer says? It is drawn again and the two pictures compared.

Invariants: the page is redrawn from its text layer alone with papka's own fonts, so that hidden
text, pictures of text, covered text and fonts whose shapes lie all leave a difference; only lines
longer than any stroke of a letter, and the places given, are taken as they are.
Absent on purpose: recognition of text in pictures.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Iterable, Iterator, Mapping

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # the library has no types
from PIL import Image, ImageChops
from pypdfium2 import raw

from papka.gates.drawing import drawn
from papka.gates.pages import HYPHEN, Box, Page, Sign

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
