"""A delta of a pack applied to its base: pieces of the base and bytes of its own.

Invariants: a delta that does not fit its base is None, never a wrong object of the right size by
accident of ours. Absent on purpose: making deltas.
"""

from __future__ import annotations


def applied(delta: bytes, base: bytes) -> bytes | None:
    """The object a delta makes of its base; None when they do not fit."""
    try:
        (expected, at), made = _length(delta, 0), bytearray()
        if expected != len(base):
            return None
        size, at = _length(delta, at)
        while at < len(delta):
            order = delta[at]
            at += 1
            if order & 128:
                numbers = []
                for bits in ((1, 2, 4, 8), (16, 32, 64)):
                    number = 0
                    for place, bit in enumerate(bits):
                        if order & bit:
                            number |= delta[at] << 8 * place
                            at += 1
                    numbers.append(number)
                start, count = numbers[0], numbers[1] or 1 << 16
                made += base[start : start + count]
            else:
                made += delta[at : at + order]
                at += order
    except IndexError:
        return None
    return bytes(made) if len(made) == size else None


def _length(delta: bytes, at: int) -> tuple[int, int]:
    number, shift = 0, 0
    while True:
        byte = delta[at]
        at += 1
        number |= (byte & 127) << shift
        shift += 7
        if not byte & 128:
            return number, at
