"""The code of a printed page is read from what a telephone or a scanner makes of it."""

from __future__ import annotations

import pytest
from PIL import Image

from papka.paper.form import QUIET, SIDE
from papka.paper.page_pictures import (
    NoPicture,
    ReadPhotograph,
    codes_on,
    picture_of,
    read_photograph,
)
from papka.proof.document_code import PAYLOAD_MAX, PREFIX
from tests.support.documents import packed
from tests.support.photographs import (
    LEFT,
    PHOTOGRAPHS,
    PIXEL,
    TOP,
    picture_of_code,
    sheet_with,
    with_a_stain,
)

_CODE = PREFIX + "A1B" * (PAYLOAD_MAX // 2)


@pytest.fixture(scope="module")
def page() -> Image.Image:
    return sheet_with(_CODE)


@pytest.mark.parametrize("how", PHOTOGRAPHS)
def test_a_photograph(how: str, page: Image.Image) -> None:
    seen = picture_of(packed(PHOTOGRAPHS[how](page), quality=55))
    assert read_photograph(seen, PREFIX).texts == {_CODE}


def test_what_is_seen_and_not_read_is_no_missing_code(page: Image.Image) -> None:
    assert read_photograph(with_a_stain(page), PREFIX) == ReadPhotograph(frozenset(), is_seen=True)
    other = page.copy()
    other.paste(picture_of_code("HTTPS://PAPKA.INVALID"), (LEFT, TOP))
    for without in (other, page.crop((0, 0, 800, 600))):
        assert read_photograph(without, PREFIX) == ReadPhotograph(frozenset(), is_seen=False)


def test_nothing_else_is_read(page: Image.Image) -> None:
    assert codes_on(page.crop((0, 0, 800, 600))) == ()
    half = page.copy()
    half.paste(255, (LEFT, TOP, LEFT + SIDE * PIXEL // 2, TOP + (SIDE - QUIET) * PIXEL))
    assert codes_on(half) == ()


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.7", b"\xff\xd8\xff\xe0broken", b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_no_picture(data: bytes) -> None:
    with pytest.raises(NoPicture):
        picture_of(data)
