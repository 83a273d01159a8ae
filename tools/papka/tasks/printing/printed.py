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
