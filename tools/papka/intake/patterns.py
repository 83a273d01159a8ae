"""Words of a file compared with words of a layout: case and spaces do not matter, `*` is any text.

Invariant: a pattern is no regular expression: nothing but `*` and `{maximum}` has a meaning.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200e\u200f\u2060\ufeff"))
_MAXIMUM = "{maximum}"
_TOKENS = re.compile(r"(\*|\{maximum\})")


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Without letter case, invisible signs and extra spaces, a no-break one being a space."""
    return " ".join(text.translate(_INVISIBLE).split()).casefold()


@dataclass(frozen=True, slots=True)
class Pattern:
    """`text` is the whole of what matches, unless `regex` says how."""

    text: str
    regex: re.Pattern[str] | None

    @property
    def is_exact(self) -> bool:
        return self.regex is None

    def matches(self, text: str) -> bool:
        found = plain(text)
        return found == self.text if self.regex is None else bool(self.regex.fullmatch(found))

    def maximum(self, text: str) -> Decimal | None:
        """The number where the pattern has `{maximum}`."""
        found = self.regex.fullmatch(plain(text)) if self.regex else None
        number = found.groupdict().get("maximum") if found else None
        return Decimal(number.replace(",", ".")) if number else None


@lru_cache(maxsize=4096)
def pattern(text: str) -> Pattern:
    """The pattern a layout writes as `Тест:* (из {maximum})`."""
    words = plain(text)
    pieces = _TOKENS.split(words)
    if len(pieces) == 1:
        return Pattern(words, None)
    named, unnamed = (rf"({name}[0-9]+(?:[.,][0-9]+)?)" for name in ("?P<maximum>", "?:"))
    source = ""
    for piece in pieces:
        number = unnamed if named in source else named
        source += {"*": ".*?", _MAXIMUM: number}.get(piece) or re.escape(piece)
    return Pattern(words, re.compile(source))
