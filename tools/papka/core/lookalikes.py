"""Letters and signs that look alike: what was typed, what was meant, and how to say the difference.

A nearest word is sought only after look-alikes are folded, and a number is never taken for another
number: advice that names a wrong group or a wrong person is worse than none.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from difflib import get_close_matches

from papka.core.cells import caseless

_LATIN = "ABCEHKMOPTXYaceopxykmtiIsSjJh"
_CYRILLIC = "АВСЕНКМОРТХУасеорхукмтіІѕЅјЈһ"
TO_LATIN = str.maketrans(_CYRILLIC, _LATIN)
_TODAY = _CYRILLIC.index("і")
TO_CYRILLIC = str.maketrans(_LATIN[:_TODAY], _CYRILLIC[:_TODAY])

TO_DIGITS = str.maketrans("ОоOoЗзбlIІі", "00003361111")
"""Letters that a hand types for the digit of the same look."""

ODD_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
"""Spaces that are not the one of the keyboard, as the inside of a regular expression's brackets."""
ODD_DASHES = "\u2010-\u2015\u2212\ufe58\ufe63\uff0d\u00ad"
UNSEEN = "\u200b-\u200d\u2060\ufeff\u200e\u200f\u202a-\u202e\u2066-\u2069"
OPENING = "«“„‟”″＂‘‚‛"
CLOSING = "»”“„″＂’‘‛"

_SPACE = re.compile(f"[{ODD_SPACES}]")
_DASH = re.compile(f"[{ODD_DASHES}]")
_GONE = re.compile(f"[{UNSEEN}]")

_QWERTY = "`qwertyuiop[]asdfghjkl;'zxcvbnm,.~QWERTYUIOP{}ASDFGHJKL:\"ZXCVBNM<>@#$^&"
_JCUKEN = 'ёйцукенгшщзхъфывапролджэячсмитьбюЁЙЦУКЕНГШЩЗХЪФЫВАПРОЛДЖЭЯЧСМИТЬБЮ"№;:?'
_AS_LATIN_KEYS = str.maketrans(_JCUKEN, _QWERTY)
_AS_RUSSIAN_KEYS = str.maketrans(_QWERTY, _JCUKEN)


def clean(text: str) -> str:
    """Put what one keyboard types for what looks the same: spaces, dashes, joined letters."""
    text = _GONE.sub("", unicodedata.normalize("NFC", text))
    return _DASH.sub("-", _SPACE.sub(" ", text))


def fold_lookalikes(text: str) -> str:
    """Return the same text for all that look alike, letter case kept."""
    return clean(text).translate(TO_LATIN)


def _loose(text: str) -> str:
    return caseless(clean(text)).translate(TO_LATIN)


def _as_digits(text: str) -> str:
    """Fold what looks like a digit too, where there are digits."""
    return _loose(text.translate(TO_DIGITS)) if any(map(str.isdigit, text)) else _loose(text)


def retype(text: str) -> str:
    """Return what the same keys type in the other layout: «ьфкл» and «mark»."""
    russian = bool(re.search("[а-яёА-ЯЁ]", text))
    return text.translate(_AS_LATIN_KEYS if russian else _AS_RUSSIAN_KEYS)


def find_lookalike(word: str, known: Iterable[str]) -> str:
    """Return the only known word that this one looks like, letter case aside; "" without one."""
    words = list(dict.fromkeys(known))
    for fold in (fold_lookalikes, _loose, _as_digits):
        alike = [each for each in words if fold(each) == fold(word)]
        if alike:
            return alike[0] if len(alike) == 1 else ""
    return ""


def find_nearest(word: str, known: Iterable[str], cutoff: float = 0.7) -> str:
    """Return the known word that was probably meant; "" when none is near enough.

    Look-alikes come first, then the other keyboard layout, then a slip of typing. What holds digits
    is a code: its numbers must be the same and its letters nearly so.
    """
    words = list(dict.fromkeys(known))
    found = find_lookalike(word, words) or find_lookalike(retype(word), words)
    if found:
        return found
    folded = {_loose(each): each for each in reversed(words) if _may_stand_for(word, each)}
    near = get_close_matches(_loose(word), list(folded), n=1, cutoff=cutoff)
    return folded[near[0]] if near else ""


def _may_stand_for(word: str, other: str) -> bool:
    digits, letters = _split(word)
    others, other_letters = _split(other)
    if digits != others:
        return False
    return not digits or bool(get_close_matches(letters, [other_letters], cutoff=0.75))


def _split(word: str) -> tuple[list[str], str]:
    """Return the numbers in a word without zeros before them, and its letters."""
    text = _loose(word)
    numbers = [digits.lstrip("0") for digits in re.findall("[0-9]+", text)]
    return numbers, re.sub(r"[\W\d_]", "", text)


_KNOWN_SIGNS = {
    "\u00a0": "неразрывный пробел",
    "\u202f": "узкий неразрывный пробел",
    "\u2011": "неразрывный дефис",
    "\u2013": "среднее тире",
    "\u2014": "длинное тире",
    "\u2212": "знак минуса",
    "\u00ad": "мягкий перенос",
    "\u200b": "пробел нулевой ширины",
    "\ufeff": "метка порядка байтов",
}


def describe_difference(written: str, meant: str) -> str:
    """Say in Russian what the eye cannot tell: «буква «с» (1-я) русская, нужна латинская c».

    "" when the two do not merely look alike.
    """
    if (
        clean(written).casefold() == meant.casefold()
        and written.casefold() == clean(written).casefold()
    ):
        return ""
    if _loose(written) != _loose(meant) and not _differ_in_script(written, meant):
        return ""
    said: list[str] = []
    unseen = sorted({char for char in written if _GONE.match(char)} - set(meant))
    said += [f"в слове стоит невидимый знак: {_name(char)}" for char in unseen]
    joined = _GONE.sub("", unicodedata.normalize("NFC", written))
    if joined != _GONE.sub("", written):
        said.append("буква набрана двумя знаками (буква и значок над ней), нужна одним")
    if len(joined) == len(meant):
        for at, (had, due) in enumerate(zip(joined, meant, strict=True), 1):
            if had != due:
                said.append(_contrast(had, due, at))
    return "; ".join(dict.fromkeys(said))


_FEW = 2
"""More letters than this of another alphabet are another layout, not a slip."""


def _differ_in_script(written: str, meant: str) -> bool:
    """Tell whether a letter of the other alphabet stands wherever the two differ: «с003», s003."""
    pairs = [(had, due) for had, due in zip(written, meant, strict=False) if had != due]
    return (
        len(written) == len(meant)
        and all(had.translate(TO_DIGITS) == due for had, due in pairs if due.isdigit())
        and len([due for _, due in pairs if not due.isdigit()]) <= _FEW
        and all(
            had.isalpha() and due.isalpha() and _script(had) != _script(due)
            for had, due in pairs
            if not due.isdigit()
        )
    )


def _contrast(had: str, due: str, at: int) -> str:
    if _SPACE.match(had) or _DASH.match(had):
        return f"{at}-й знак — {_name(had)}, нужен обычный {'пробел' if due == ' ' else 'дефис'}"
    if due.isdigit():
        return f"{at}-й знак — буква «{had}», нужна цифра {due}"
    if caseless(had) == caseless(due):
        return f"{at}-я буква «{had}», нужна «{due}»"
    return f"{at}-я буква «{had}» {_script(had)}, нужна {_script(due)} «{due}»"


def _script(char: str) -> str:
    return "русская" if "\u0400" <= char <= "\u04ff" else "латинская"


def _name(char: str) -> str:
    return _KNOWN_SIGNS.get(char, f"U+{ord(char):04X}")
