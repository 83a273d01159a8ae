"""Unquoted words: the few that are numbers, truth or nothing, and those readers disagree on.

Invariant: what `resolve` returns is what every YAML 1.1 and YAML 1.2 reader takes the word for
(dates apart, which stay text here). Whatever some reader takes for something else is refused.
"""

from __future__ import annotations

import re

MAX_DIGITS = 15

Plain = str | int | float | bool | None

_TRUTH = ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "True", "TRUE")
_FALSEHOOD = ("n", "N", "no", "No", "NO", "off", "Off", "OFF", "False", "FALSE")
_NOTHING = ("~", "Null", "NULL")
_KNOWN: dict[str, Plain] = {"true": True, "false": False, "null": None, "": None}

WORDS = frozenset((*_TRUTH, *_FALSEHOOD, *_NOTHING, *_KNOWN, "=", "<<"))
"""Words that are not plainly text."""
FIRST = frozenset(word[0] for word in WORDS if word) | frozenset("0123456789+-.")
"""First characters of everything that may not be plainly text; "" apart."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)\Z")
_DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)\.[0-9]+\Z")
_TIME = re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?\Z")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
    r"(?:\.[0-9]*)?(?:[ \t]*(?:Z|[-+][0-9]{1,2}(?::?[0-9]{2})?))?\Z"
)
_NUMBER = re.compile(
    r"[-+]?(?:"
    r"0b[01_]+|0o[0-7_]+|0x[0-9a-fA-F_]+"
    r"|[0-9][0-9_]*(?:\.[0-9_]*)?(?:[eE][-+]?[0-9]+)?"
    r"|\.[0-9_]+(?:[eE][-+]?[0-9]+)?"
    r"|\.(?:inf|Inf|INF|nan|NaN|NAN))\Z"
)


class AmbiguousScalar(ValueError):
    """Readers disagree; `readings` says in Russian what some take the word for."""

    def __init__(self, readings: str) -> None:
        super().__init__(readings)
        self.readings = readings


class NumberTooLong(ValueError):
    """A number of more than `MAX_DIGITS` digits."""


def resolve(text: str) -> Plain:
    """The value of an unquoted word; raises AmbiguousScalar or NumberTooLong."""
    if text in WORDS:
        return _word(text)
    if text[0] not in FIRST:
        return text
    if _INTEGER.match(text):
        return int(_short(text))
    if _DECIMAL.match(text):
        return float(_short(text))
    if _NUMBER.match(text):
        raise AmbiguousScalar("числом или текстом")
    if _TIME.match(text):
        raise AmbiguousScalar("временем, числом или текстом")
    if _MOMENT.match(text):
        raise AmbiguousScalar("датой со временем или текстом")
    return text


def _word(text: str) -> Plain:
    if text in _KNOWN:
        return _KNOWN[text]
    if text in _TRUTH:
        raise AmbiguousScalar("«да» (истина) или текстом")
    if text in _FALSEHOOD:
        raise AmbiguousScalar("«нет» (ложь) или текстом")
    if text in _NOTHING:
        raise AmbiguousScalar("пустотой или текстом")
    raise AmbiguousScalar("служебным знаком или текстом")


def _short(text: str) -> str:
    if len(text) > MAX_DIGITS and sum(map(str.isdigit, text)) > MAX_DIGITS:
        raise NumberTooLong
    return text
