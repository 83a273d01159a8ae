"""«Может быть, …?»: the nearest known word to an unknown one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


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
