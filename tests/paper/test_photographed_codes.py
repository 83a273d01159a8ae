"""The code of a printed page is read from what a telephone or a scanner makes of it."""

from __future__ import annotations

import pytest
from PIL import Image, ImageFilter

from papka.paper.form import QUIET, SIDE, qr_code
from papka.paper.page_pictures import NoPicture, codes_on, picture_of
from papka.proof.document_code import PAYLOAD_MAX, PREFIX
from tests.support.documents import packed

_CODE = PREFIX + "A1B" * (PAYLOAD_MAX // 2)
_PIXEL = 4


@pytest.fixture(scope="module")
def page() -> Image.Image:
    """A sheet with a full code at its foot, at 254 dots an inch: four points a module."""
    sheet = Image.new("L", (1600, 1200), "white")
    rows = [run.split("z")[0] for run in qr_code(_CODE).path.split("M")[1:]]
    for run in rows:
        place, _, length = run.partition("h")
        x, y = (int(part) for part in place.split())
        wide = int(length.partition("v")[0])
        left, top = 900 + x * _PIXEL, 700 + y * _PIXEL
        sheet.paste(0, (left, top, left + wide * _PIXEL, top + _PIXEL))
    return sheet


PHOTOGRAPHS = {
    "as it is": lambda page: page,
    "turned a quarter": lambda page: page.transpose(Image.Transpose.ROTATE_90),
    "upside down": lambda page: page.transpose(Image.Transpose.ROTATE_180),
    "held askew": lambda page: page.rotate(11, expand=True, fillcolor=200),
    "smaller": lambda page: page.resize((page.width * 6 // 10, page.height * 6 // 10)),
    "larger": lambda page: page.resize((page.width * 2, page.height * 2)),
    "a little blurred": lambda page: page.filter(ImageFilter.GaussianBlur(1.6)),
    "grey paper": lambda page: page.point(lambda value: 60 + value // 2),
    "seen from the side": lambda page: page.transform(
        page.size, Image.Transform.QUAD, (0, 0, 40, 1200, 1560, 1150, 1600, 30), fillcolor=255
    ),
}


@pytest.mark.parametrize("how", PHOTOGRAPHS)
def test_a_photograph(how: str, page: Image.Image) -> None:
    seen = picture_of(packed(PHOTOGRAPHS[how](page), quality=55))
    assert [found.text for found in codes_on(seen)] == [_CODE]


def test_nothing_else_is_read(page: Image.Image) -> None:
    assert codes_on(page.crop((0, 0, 800, 600))) == ()
    half = page.copy()
    half.paste(255, (900, 700, 900 + SIDE * _PIXEL // 2, 700 + (SIDE - QUIET) * _PIXEL))
    assert codes_on(half) == ()


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"\xff\xd8\xff\xe0broken", b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(NoPicture):
        picture_of(data)
