"""A long hexadecimal number on paper: groups of eight to type, a QR code to scan."""

from __future__ import annotations

from dataclasses import dataclass

from papka.views.grouped import grouped
from papka.views.qr_code import QrCode, qr_code


@dataclass(frozen=True, slots=True)
class Typed:
    groups: tuple[str, ...]
    code: QrCode


def typed(digits: str) -> Typed:
    """The code holds the same digits in capitals, which take half the place."""
    return Typed(grouped(digits), qr_code(digits.upper()))
