"""A page of an opened PDF as a picture, within limits of time and size.

Invariants: what is drawn is what a person sees, with remarks and filled fields; a page made to
draw for ever is left off; white paper under it. Absent on purpose: opening and closing documents.
"""

from __future__ import annotations

import ctypes
import time

import pypdfium2 as pdfium  # type: ignore[import-untyped]  # the library has no types
from PIL import Image
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
