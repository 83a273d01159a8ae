"""Tell two cards of one person from two people: a name and a birth date that are a slip apart.

One slip is forgiven, no more: the order of the words, ё and е, one letter lost, added, changed or
moved, a patronymic left out, or one digit of the birth date, or its day and month. Two common given
names are of two people: twins share all else. The cost grows with the number of people, for only
those are compared who share all that a slip leaves alone.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from papka.core.cells import caseless
from papka.records.given_names import is_given
from papka.records.student import Name


class Appearance(NamedTuple):
    """What is compared of a person: the words of the name in one order, and the birth date."""

    words: tuple[str, ...]
    patronymic: str
    born: dt.date


def appearance_of(name: Name, born: dt.date) -> Appearance:
    """Return what is compared of a name and a birth date."""
    return Appearance(tuple(sorted(_spell(name.full).split())), _spell(name.patronymic or ""), born)


def _spell(text: str) -> str:
    return caseless(text).replace("-", " ")


_COMMON = 2
"""A name of so few words is borne by many, on days that are like one another."""
_SHORT = 3
"""Words of so few letters are one slip from many others."""


def are_alike(one: Appearance, other: Appearance) -> bool:
    """Whether both are hardly two people."""
    if one.born != other.born:
        is_told = one.words == other.words and len(one.words) > _COMMON
        return is_told and _is_slip_of_day(one.born, other.born)
    lost, more = list(one.words), list(other.words)
    for word in one.words:
        if word in more:
            lost.remove(word)
            more.remove(word)
    if len(lost) == len(more) == 1:
        return _is_slip(lost[0], more[0])
    if not lost or not more:
        return not (lost or more) or _lacks_patronymic(lost or more, one, other)
    return False


def _lacks_patronymic(left: list[str], one: Appearance, other: Appearance) -> bool:
    """Whether all that one of two names has more is its patronymic, and the other has none."""
    known = one.patronymic or other.patronymic
    return not (one.patronymic and other.patronymic) and sorted(left) == sorted(known.split())


def _is_slip(one: str, other: str) -> bool:
    """Whether one word is another with a letter lost, added, changed or moved."""
    if is_given(one) and is_given(other):
        return False
    return not _shorter(one).isdisjoint(_shorter(other))


def _shorter(word: str) -> set[str]:
    """Return the word and what is left of it without one letter: two slips share one of these."""
    less = {word[:at] + word[at + 1 :] for at in range(len(word))} if len(word) > _SHORT else set()
    return {word, *less}


def _is_slip_of_day(one: dt.date, other: dt.date) -> bool:
    first, second = f"{one:%Y%m%d}", f"{other:%Y%m%d}"
    if sum(a != b for a, b in zip(first, second, strict=True)) == 1:
        return True
    return (one.year, one.month, one.day) == (other.year, other.day, other.month)


@dataclass(slots=True)
class AlikePeople:
    """People known so far, by what those who are alike must share."""

    _by: defaultdict[int, list[tuple[str, Appearance]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """By its hash: thirty of tens of thousands of people are much to keep."""

    def add(self, person: str, seen: Appearance) -> None:
        """Add a person, called by a word of the caller's."""
        known = (person, seen)
        for each in set(map(hash, list_likenesses(seen))):
            self._by[each].append(known)

    def find(self, seen: Appearance) -> list[str]:
        """Return whom these looks may be of, in order."""
        shared = set(map(hash, list_likenesses(seen)))
        known = {each for one in shared for each in self._by.get(one, ())}
        return sorted({person for person, other in known if are_alike(seen, other)})


def list_likenesses(seen: Appearance) -> Iterator[tuple[object, ...]]:
    """Yield what somebody shares with all who are alike, and with hardly anybody else: the whole
    name, the name without a patronymic, and for each word the others with a slip of it."""
    words, born = seen.words, seen.born
    if len(words) > _COMMON:
        yield words
    rest = list(words)
    for word in seen.patronymic.split():
        rest.remove(word)
    yield (born, "", *rest)
    for at, word in enumerate(words):
        others = (*words[:at], *words[at + 1 :])
        for left in _shorter(word):
            yield (born, left, *others)
