"""A printed file looked at: its pages within limits, and why one cannot be looked at."""

from __future__ import annotations

import io

import pypdf
import pypdfium2 as pdfium  # type: ignore[import-untyped]  # the library has no types
import pytest

from papka.paper import page_pictures
from papka.paper.page_pictures import Box, Unseen, look


def pdf(*sizes: tuple[float, float]) -> bytes:
    """Empty pages of these sizes in 1/72 inch."""
    document, made = pdfium.PdfDocument.new(), io.BytesIO()
    for width, height in sizes:
        document.new_page(width, height)
    document.save(made)
    document.close()
    return made.getvalue()


def why(data: bytes) -> str:
    with pytest.raises(Unseen) as unseen:
        look(data)
    return str(unseen.value)


def test_every_page_is_seen_at_its_size() -> None:
    found = look(pdf((595, 842), (842, 595)))
    assert [(page.width, page.height, page.picture.size) for page in found] == [
        (595, 842, (1653, 2339)),
        (842, 595, (2339, 1653)),
    ]
    assert [(page.is_same_on_screen, page.signs) for page in found] == [(True, ())] * 2


@pytest.mark.parametrize("size", [(1300.0, 1.0), (1.0, 1300.0)])
def test_a_page_just_of_a_sheets_size_is_seen(size: tuple[float, float]) -> None:
    assert len(look(pdf(size))) == 1


@pytest.mark.parametrize("size", [(1301.0, 10.0), (10.0, 1301.0), (0.5, 10.0), (10.0, 0.5)])
def test_a_page_of_no_sheets_size_is_told(size: tuple[float, float]) -> None:
    assert why(pdf((595, 842), size)) == "страница 2 не размера листа"


def test_what_is_no_pdf_is_told() -> None:
    assert why(b"%PDF-1.7\n") == "это не PDF или он повреждён"
    assert why(b"") == "это не PDF или он повреждён"
    assert why(pdf()) == "это не PDF или он повреждён"
    writer, made = pypdf.PdfWriter(), io.BytesIO()
    writer.append(io.BytesIO(pdf((595, 842))))
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(made)
    assert why(made.getvalue()) == "PDF защищён паролем"


def test_limits_let_pass_what_just_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    data = pdf((10, 10), (10, 10))
    monkeypatch.setattr(page_pictures, "_PAGES", 2)
    monkeypatch.setattr(page_pictures, "_BYTES", len(data))
    assert len(look(data)) == 2
    monkeypatch.setattr(page_pictures, "_PAGES", 1)
    assert why(data) == "в PDF больше 1 страниц"
    monkeypatch.setattr(page_pictures, "_BYTES", 2 * 1024**2)
    assert why(bytes(2 * 1024**2 + 1)) == "файл больше 2 МБ"


@pytest.mark.parametrize(
    ("other", "meets"),
    [
        (Box(5, 5, 15, 15), True),
        (Box(2, 2, 3, 3), True),
        (Box(-5, -5, 20, 20), True),
        (Box(10, 0, 20, 10), False),
        (Box(-10, 0, 0, 10), False),
        (Box(0, 10, 10, 20), False),
        (Box(0, -10, 10, 0), False),
        (Box(9, 9, 20, 20), True),
    ],
)
def test_boxes_that_only_touch_do_not_meet(other: Box, *, meets: bool) -> None:
    box = Box(0, 0, 10, 10)
    assert box.meets(other) is meets
    assert other.meets(box) is meets
