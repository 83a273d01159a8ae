"""Which characters the bundled fonts can draw; the only module that knows fontTools.

Invariant: a character they lack is printed as its number, `[U+1F600]`. A glyph of some font of the
machine, an empty box or an invisible mark that turns a line round would be worse on paper that a
head signs. Absent on purpose: fall-back fonts.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from io import BytesIO

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # the library has no types

_SPACES = {"\u202f": "\u00a0", "\u2009": "\u00a0", "\u2010": "-"}
_INVISIBLE = frozenset({"Cc", "Cf", "Co", "Cs"})
_LAYOUT = frozenset("\n\t\u00ad")
_ENDLESS = re.compile(r"[^\s<>&]{100,}(?=[^<>]*<)")
"""A word of a page's text, not of a tag, longer than any line."""
_PIECE = 30


class BadFont(ValueError):
    """The bytes under this name are no font."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def drawable(fonts: Mapping[str, bytes]) -> frozenset[str]:
    """Visible characters that every one of the fonts has. Raises BadFont."""
    tables = [_characters(name, data) for name, data in fonts.items()]
    shared = frozenset.intersection(*tables) if tables else frozenset()
    return frozenset(c for c in map(chr, shared) if unicodedata.category(c) not in _INVISIBLE)


def _characters(name: str, data: bytes) -> frozenset[int]:
    try:
        return frozenset(TTFont(BytesIO(data), lazy=True).getBestCmap())
    except Exception as error:  # damaged bytes make fontTools fail in any way there is
        raise BadFont(name) from error


def printable(text: str, characters: frozenset[str]) -> str:
    """The text, composed (NFC), with every character outside `characters` as its number."""
    composed = unicodedata.normalize("NFC", text)
    foreign = set(composed) - characters - _LAYOUT
    return composed.translate({ord(c): _SPACES.get(c, f"[U+{ord(c):04X}]") for c in foreign})


def breakable(html: str) -> str:
    """With places to break inside words without end, whose lines would each cost the whole word."""

    def broken(found: re.Match[str]) -> str:
        word = found[0]
        return "<wbr>".join(word[at : at + _PIECE] for at in range(0, len(word), _PIECE))

    return _ENDLESS.sub(broken, html)
