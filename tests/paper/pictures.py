"""Scans made for tests: nobody's documents."""

from __future__ import annotations

from io import BytesIO

from PIL import Image, ImageDraw


def page(text: str = "ОБРАЗЕЦ", size: tuple[int, int] = (310, 438), mode: str = "L") -> Image.Image:
    image = Image.new("RGB", size, "white")
    drawing = ImageDraw.Draw(image)
    drawing.rectangle((10, 10, size[0] - 10, size[1] // 2), outline="black", width=3)
    drawing.rectangle((30, 30, 80, 60), fill=(180, 40, 40))
    drawing.text((30, size[1] // 2 + 20), text.encode("ascii", "replace").decode(), fill="black")
    return image.convert(mode)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    made = BytesIO()
    image.save(made, kind, **options)
    return made.getvalue()


def pdf_of(pages: int) -> bytes:
    first, *rest = (page(f"{number}") for number in range(1, pages + 1))
    made = BytesIO()
    first.save(made, "PDF", save_all=True, append_images=rest, resolution=37.5)
    return made.getvalue()
