"""Whom free words name: surnames and patronymics of certain people, in whatever case they stand.

For words that stay in history for ever, where a name could never be destroyed with the file
(R-6.4). Invariants: ё is е, capitals do not matter, each half of a double surname counts; a word
of three letters or less counts only with a capital, for it may be «и» or «он».
Absent on purpose: given names, which half a school shares; names of anybody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from papka.model.person import FormerName, Name, Person
from papka.views.declension import Part
from papka.views.inflection import every_form

_WORD = re.compile(r"[^\W\d_]+")
_SHORT = 3


def named_in(words: str, people: Iterable[Person]) -> tuple[str, ...]:
    """The words that are somebody's name, as they were typed, in their order."""
    typed = [word for word in dict.fromkeys(_WORD.findall(words)) if _counts(word)]
    if not typed:
        return ()
    forms = {
        _plain(form)
        for person in people
        for name, part, sex in _names(person)
        for form in every_form(name, part, sex)
    }
    return tuple(word for word in typed if _plain(word) in forms)


def _names(person: Person) -> Iterator[tuple[str, Part, str | None]]:
    """Surnames and patronymics, word by word; a single name stands for the surname."""
    names: list[tuple[Name | FormerName, str | None]] = [(person.name, person.sex)]
    names += [(former, person.sex) for former in person.former_names]
    names += [(other, None) for other in person.representatives]
    for name, sex in names:
        is_single = isinstance(name, Name) and not name.patronymic
        surname = name.surname or (name.given if is_single else None)
        parts: dict[Part, str | None] = {"surname": surname, "patronymic": name.patronymic}
        for part, text in parts.items():
            halves = _WORD.findall(text or "")
            for half in halves:
                if len(half) >= _SHORT or len(halves) == 1:
                    yield half, part, sex


def _counts(word: str) -> bool:
    return len(word) > _SHORT or word[0].isupper()


def _plain(word: str) -> str:
    return word.casefold().replace("ё", "е")
