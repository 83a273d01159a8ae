"""Bytes as the 45 signs a QR code stores cheapest (RFC 9285).

Invariant: one text for one sequence of bytes, and the reader takes no other.
"""

from __future__ import annotations

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {sign: value for value, sign in enumerate(_SIGNS)}


class NotBase45(ValueError):
    """No base45; the text says why."""


def encode(data: bytes) -> str:
    """Three signs for two bytes, two for an odd last one; the least significant sign first."""
    signs = []
    for at in range(0, len(data), 2):
        pair = data[at : at + 2]
        rest = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            rest, value = divmod(rest, 45)
            signs.append(_SIGNS[value])
    return "".join(signs)


def decode(text: str) -> bytes:
    """The bytes; raises NotBase45."""
    if len(text) % 3 == 1:
        raise NotBase45("текст обрывается")
    data = bytearray()
    for at in range(0, len(text), 3):
        group = text[at : at + 3]
        number = 0
        for sign in reversed(group):
            if sign not in _VALUES:
                raise NotBase45(f"посторонний знак «{sign}»")
            number = number * 45 + _VALUES[sign]
        if number >= 256 ** (len(group) - 1):
            raise NotBase45(f"невозможное сочетание знаков «{group}»")
        data += number.to_bytes(len(group) - 1, "big")
    return bytes(data)
