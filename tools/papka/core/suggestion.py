"""What a person may type next: the nearest known word, and words as a shell takes them."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import PurePath, PureWindowsPath

_PLAIN = re.compile(r"[\w@%+=:,./#-]+")


def may_be(word: object, known: Iterable[object]) -> str:
    """A Russian sentence naming the nearest known word, or the known words when they are few,
    or nothing. Starts with a space, so that it joins a hint."""
    words = sorted({str(item) for item in known})
    folded = {item.casefold(): item for item in words}
    near = get_close_matches(str(word).casefold(), folded, n=1, cutoff=0.6)
    if near:
        return f" Может быть, «{folded[near[0]]}»?"
    if 0 < len(words) <= 8:
        return " Есть: " + ", ".join(f"«{item}»" for item in words) + "."
    return ""


def quoted(word: str | PurePath) -> str:
    """A word of a command line that a person may paste into a shell."""
    text = str(word)
    if isinstance(word, PureWindowsPath):
        return f'"{text}"' if " " in text else text
    return text if _PLAIN.fullmatch(text) else shlex.quote(text)
