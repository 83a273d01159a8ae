"""Characters that the fonts of an archive can draw, and what becomes of the others.

The only module that knows fontTools. A character that the fonts lack is printed as its number,
`[U+1F600]`; before a document gets a number it is refused instead.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from io import BytesIO

from fontTools.ttLib import TTFont  # type: ignore[import-untyped]  # the library has no types

_SPACES = {"\u202f": "\u00a0", "\u2009": "\u00a0", "\u2010": "-"}
_UNSEEN = frozenset("\n\t\u00ad")


class BadFont(ValueError):
    """The bytes under this name are no font."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def drawable(fonts: Mapping[str, bytes]) -> frozenset[str]:
    """Return the visible characters that every one of the fonts has. Raises BadFont."""
    tables = []
    for name, data in fonts.items():
        try:
            tables.append(frozenset(TTFont(BytesIO(data), lazy=True).getBestCmap()))
        except Exception as error:  # damaged bytes make fontTools fail in any way there is
            raise BadFont(name) from error
    shared = frozenset.intersection(*tables) if tables else frozenset()
    invisible = ("Cc", "Cf", "Co", "Cs")
    return frozenset(c for c in map(chr, shared) if unicodedata.category(c) not in invisible)


def replace_missing(text: str, characters: frozenset[str]) -> str:
    """Return the text in NFC with every character outside `characters` as its number."""
    composed = unicodedata.normalize("NFC", text)
    foreign = set(composed) - characters - _UNSEEN
    return composed.translate({ord(c): _SPACES.get(c, f"[U+{ord(c):04X}]") for c in foreign})


def list_missing(text: str, characters: frozenset[str]) -> tuple[str, ...]:
    """List what of the text would be printed as a number, each once, in the order it comes."""
    composed = unicodedata.normalize("NFC", text)
    known = characters | _UNSEEN | _SPACES.keys()
    return tuple(dict.fromkeys(c for c in composed if c not in known))
