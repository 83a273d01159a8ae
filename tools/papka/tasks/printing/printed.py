"""A finished form, ready to be written to a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Printed:
    """`name` is a file's name; `pages` is 0 for HTML, whose pages only the browser knows."""

    name: str
    data: bytes
    pages: int
    kind: Literal["pdf", "html"] = "pdf"


def file_name(form: str, address: str, volume: int = 1, of: int = 1) -> str:
    """«certificate-С-2026-0001», «keys», «personal-file-2026-0001-tom-2», without an ending: signs
    that a file name may not hold become hyphens."""
    safe = "".join(sign if sign.isalnum() else "-" for sign in address)
    return (f"{form}-{safe}" if safe else form) + (f"-tom-{volume}" if of > 1 else "")
