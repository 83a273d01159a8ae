"""Running text that breaks where a Russian typesetter would let it.

Invariants: only spaces change, each to one no-break space, so the words and their number stay; a
second pass changes nothing; no more than `LONGEST` signs are tied together, for a line must break
somewhere. Absent on purpose: hyphenation, quotation marks and dashes as they were typed.
"""

from __future__ import annotations

import re
from itertools import pairwise

from papka.views.wording import NBSP

LONGEST = 40
_SHORT = re.compile(
    r"[«(„]?(?:а|без|во?|да|до|для|за|и|из|или|ко?|на|над|не|ни|но|об?|обо|от|по|под|при|про|со?|то|у)",
    re.IGNORECASE,
)
_BEFORE_A_NUMBER = re.compile(
    r"\(?(?:№|§|п|пп|подп|ст|ч|гл|абз|прил|разд|д|кв|каб|стр|л|т|корп|оф)\.?", re.IGNORECASE
)
_BEFORE_A_NAME = re.compile(r"(?:г|ул|пр|пер|пл|пос|с|дер|обл|р-н|им)\.", re.IGNORECASE)
_BEFORE = re.compile(r"(?:гг?|р|руб|коп|мин|экз|шт|кл|%|—|–)[.,;:)]?\.?[,;:)]?", re.IGNORECASE)
_NUMBER = re.compile(r"[«(]?\d[\d.,/–-]*")
_YEAR = re.compile(r"\d{4}\D{0,2}")
_WORD = re.compile(r"[а-яё]")
_INITIAL = re.compile(r"[«(]?[А-ЯЁA-Z]\.")
_CAPITAL = re.compile(r"[«А-ЯЁA-Z]")
_MONTH = re.compile(r"(?:янв|февр|апр|июн|июл|сент|окт|но|дек|мар|август|ма)\w{0,4}[яа]")


def unbroken(text: str) -> str:
    """The text with no-break spaces where a line should not end."""
    words = text.split(" ")
    parts = [words[0]]
    run = len(words[0])
    for left, right in pairwise(words):
        tied = bool(left and right) and _is_tied(_last(left), _first(right))
        if tied and run + 1 + len(right) <= LONGEST:
            parts.append(NBSP)
            run += 1 + len(right)
        else:
            parts.append(" ")
            run = len(right)
        parts.append(right)
    return "".join(parts)


def _last(word: str) -> str:
    return re.split(rf"[{NBSP}\n]", word)[-1]


def _first(word: str) -> str:
    return re.split(rf"[{NBSP}\n]", word)[0]


def _is_tied(left: str, right: str) -> bool:
    if _SHORT.fullmatch(left):
        return True
    if _BEFORE.fullmatch(right) or (_INITIAL.fullmatch(left) and _CAPITAL.match(right)):
        return True
    if _NUMBER.match(right) and _BEFORE_A_NUMBER.fullmatch(left):
        return True
    if _BEFORE_A_NAME.fullmatch(left) and _CAPITAL.match(right):
        return True
    if _NUMBER.fullmatch(left) and _WORD.match(right):
        follows = _SHORT.fullmatch(right) or _BEFORE_A_NUMBER.fullmatch(right)
        return not follows and left[-1] not in ",."
    return _MONTH.fullmatch(left) is not None and _YEAR.match(right) is not None
