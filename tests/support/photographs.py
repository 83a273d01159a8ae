"""Photographs of a sheet with a code, as telephones and scanners make them: turned, dim, vast."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from papka.paper.form import qr_code

PIXEL = 4
LEFT, TOP = 900, 700
"""Where the code stands on the sheet, and how many points a module has: 254 dots an inch."""


def sheet_with(code: str) -> Image.Image:
    """A sheet with lines of text and a code at its foot."""
    sheet = Image.new("L", (1600, 1200), "white")
    drawn = ImageDraw.Draw(sheet)
    for top in range(60, 640, 34):
        drawn.text((80, top), f"{top}. Ensemble, 36 h, 0O8B: excellent. " * 4, fill=30)
    sheet.paste(picture_of_code(code), (LEFT, TOP))
    return sheet


def picture_of_code(code: str, pixel: int = PIXEL) -> Image.Image:
    """The code alone with its quiet zone, so many points a module."""
    made = qr_code(code)
    picture = Image.new("L", (made.side * pixel, made.side * pixel), "white")
    for run in (run.split("z")[0] for run in made.path.split("M")[1:]):
        place, _, length = run.partition("h")
        left, top = (int(part) * pixel for part in place.split())
        wide = int(length.partition("v")[0]) * pixel
        picture.paste(0, (left, top, left + wide, top + pixel))
    return picture


def with_a_stain(sheet: Image.Image) -> Image.Image:
    """The code is there, with more of it gone than its correction makes good."""
    stained = sheet.copy()
    stained.paste(90, (LEFT + 40, TOP + 130, LEFT + 270, TOP + 180))
    return stained


def _turn(sheet: Image.Image, degrees: float) -> Image.Image:
    smooth = Image.Resampling.BICUBIC
    return sheet.rotate(degrees, expand=True, fillcolor=200, resample=smooth)


def _lean(sheet: Image.Image, *corners: int) -> Image.Image:
    return sheet.transform(sheet.size, Image.Transform.QUAD, corners, fillcolor=235)


def _blur(sheet: Image.Image, points: float) -> Image.Image:
    return sheet.filter(ImageFilter.GaussianBlur(points))


def _grain(sheet: Image.Image, strength: int) -> Image.Image:
    """The same grain every time: a tile of it, repeated."""
    chance = Random(strength)
    tile = Image.new("L", (256, 256))
    tile.putdata([min(255, max(0, round(chance.gauss(128, strength)))) for _ in range(1 << 16)])
    grain = Image.new("L", sheet.size)
    for top in range(0, sheet.height, 256):
        for left in range(0, sheet.width, 256):
            grain.paste(tile, (left, top))
    return ImageChops.add(sheet, grain, 1, -128)


def _light(sheet: Image.Image, least: int) -> Image.Image:
    """Bright below, `least` of 255 above."""
    lamp = Image.linear_gradient("L").resize(sheet.size)
    return ImageChops.multiply(sheet, lamp.point(lambda v: least + v * (255 - least) // 255))


def _shade(sheet: Image.Image) -> Image.Image:
    """The shadow of a hand across the middle of the code."""
    shadow = Image.new("L", sheet.size, 255)
    ImageDraw.Draw(shadow).polygon([(950, 1200), (1100, 600), (1600, 500), (1600, 1200)], fill=110)
    return ImageChops.multiply(sheet, shadow.filter(ImageFilter.GaussianBlur(9)))


def _lay(sheet: Image.Image, width: int, height: int, scale: float = 1) -> Image.Image:
    """The sheet on a desk, all of it in the picture."""
    laid = sheet.resize((round(sheet.width * scale), round(sheet.height * scale)), reducing_gap=2)
    desk = Image.new("L", (width, height), 150)
    desk.paste(laid, (width // 7, height // 5))
    return desk


PHOTOGRAPHS: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "as it is": lambda sheet: sheet,
    "turned a quarter": lambda sheet: sheet.transpose(Image.Transpose.ROTATE_90),
    "upside down": lambda sheet: sheet.transpose(Image.Transpose.ROTATE_180),
    "held askew": lambda sheet: sheet.rotate(11, expand=True, fillcolor=200),
    "turned by 45 degrees": lambda sheet: _turn(sheet, 45),
    "turned by 200 degrees": lambda sheet: _turn(sheet, 200),
    "smaller": lambda sheet: sheet.resize((sheet.width * 6 // 10, sheet.height * 6 // 10)),
    "half as large": lambda sheet: sheet.reduce(2),
    "larger": lambda sheet: sheet.resize((sheet.width * 2, sheet.height * 2)),
    "a little blurred": lambda sheet: _blur(sheet, 1.6),
    "grey paper": lambda sheet: sheet.point(lambda value: 60 + value // 2),
    "pale print": lambda sheet: sheet.point(lambda value: 170 + value // 4),
    "seen from the side": lambda sheet: _lean(sheet, 0, 0, 40, 1200, 1560, 1150, 1600, 30),
    "seen from below": lambda sheet: _lean(sheet, -200, -100, 0, 1200, 1600, 1200, 1800, -300),
    "grainy": lambda sheet: _grain(sheet, 25),
    "a lamp at one end": lambda sheet: _light(sheet, 70),
    "a shadow across": _shade,
    "dim, askew and blurred": lambda sheet: _grain(_light(_blur(_turn(sheet, 17), 1.1), 110), 10),
    "out of focus": lambda sheet: _blur(sheet, 2),
    "48 million points": lambda sheet: _lay(sheet, 8000, 6000, 3),
    "small in 48 million points": lambda sheet: _lay(_turn(sheet, 25), 8000, 6000, 0.75),
    "small in 12 million points": lambda sheet: _lay(_turn(sheet, 5), 4000, 3000, 0.75),
}
