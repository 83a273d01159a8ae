"""Reads codes off pictures: the only module that knows zxing-cpp.

Invariants: only QR codes; a picture is hostile until decoded, its size has a limit; what is no
picture is NoPicture with a reason. Absent on purpose: what a code means.
"""

from __future__ import annotations

import warnings
from io import BytesIO
from typing import NamedTuple

import zxingcpp
from PIL import Image, ImageOps

from papka.gates.pages import Box

PICTURES = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
"""How PNG and JPEG begin."""
_BYTES = 32 * 1024 * 1024
_POINTS = 100_000_000
_TOO_LARGE = f"больше {_POINTS // 1_000_000} миллионов точек"
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_SIDE = 3200
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
    image.thumbnail((_SIDE, _SIDE))
    return image


def _opened(data: bytes) -> Image.Image | None:
    """Grey and upright; None when it is too large."""
    image: Image.Image = Image.open(BytesIO(data), formats=("PNG", "JPEG"))
    if image.width * image.height > _POINTS:
        return None
    image.draft("L", (_SIDE, _SIDE))
    return ImageOps.exif_transpose(image).convert("L")


def _box(position: zxingcpp.Position) -> Box:
    corners = (
        position.top_left, position.top_right, position.bottom_left, position.bottom_right
    )  # fmt: skip
    across, down = [corner.x for corner in corners], [corner.y for corner in corners]
    return Box(min(across), min(down), max(across), max(down))
