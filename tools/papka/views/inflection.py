"""The cases of a name: «выдана (кому) Ивушкиной Розе Платоновне».

Two methods that know nothing of each other must agree on every word: the rules of Petrovich (the
library `pytrovich`) and the endings in `declension` that are settled by the grammar.
Invariants: what the record says wins; a form is given only where it is certain, else None, and
the caller asks for `name.dative` or words the sentence in the nominative. The library is loaded
with the first name.
"""

from __future__ import annotations

from functools import lru_cache

from papka.model.person import Name
from papka.views.declension import Cases, Part, Sex, settled

_PARTS: tuple[Part, ...] = ("surname", "given", "patronymic")
_SIGNS: dict[Sex, tuple[str, ...]] = {"мужской": ("ич",), "женский": ("вна", "чна", "шна")}


def dative(name: Name, sex: str | None) -> str | None:
    """«Ивушкиной Розе Платоновне»: to whom; None where unsure."""
    return name.dative or _whole(name, sex, 1)


def genitive(name: Name, sex: str | None) -> str | None:
    """«Ивушкиной Розы Платоновны»: of whom; None where unsure."""
    return name.genitive or _whole(name, sex, 0)


def _whole(name: Name, sex: str | None, case: int) -> str | None:
    known = _sex(name, sex)
    if known is None:
        return None
    words = [(part, word) for part in _PARTS if (word := getattr(name, part)) is not None]
    cases = [_agreed(word, part, known) for part, word in words]
    forms = [each[case] for each in cases if each]
    return " ".join(forms) if len(forms) == len(words) else None


def _sex(name: Name, sex: str | None) -> Sex | None:
    """As recorded, else as the patronymic tells; None when they contradict each other."""
    told = next(
        (each for each, ends in _SIGNS.items() if (name.patronymic or "").endswith(ends)), None
    )
    recorded = next((each for each in _SIGNS if each == sex), None)
    if told and recorded and told != recorded:
        return None
    return recorded or told


def every_form(word: str, part: Part, sex: str | None) -> frozenset[str]:
    """Each spelling under which either method knows the word, in any case; to find it in a text,
    never to print it."""
    known = [each for each in _SIGNS if sex in (each, None)]
    found = {word}
    for each in known:
        found.update(settled(word, part, each) or (), _all_by_rules(word, part, each))
    return frozenset(found)


@lru_cache(maxsize=4096)
def _agreed(word: str, part: Part, sex: Sex) -> Cases | None:
    cases = settled(word, part, sex)
    return cases if cases and _by_rules(word, part, sex) == cases else None


def _by_rules(word: str, part: Part, sex: Sex) -> tuple[str, ...]:
    return _all_by_rules(word, part, sex)[:2]


def _all_by_rules(word: str, part: Part, sex: Sex) -> tuple[str, ...]:
    """Genitive and dative first, then the other cases."""
    from pytrovich.enums import Case, Gender, NamePart  # noqa: PLC0415 - only where a name declines
    from pytrovich.maker import PetrovichDeclinationMaker  # noqa: PLC0415 - the same

    parts = {
        "surname": NamePart.LASTNAME,
        "given": NamePart.FIRSTNAME,
        "patronymic": NamePart.MIDDLENAME,
    }
    gender = Gender.MALE if sex == "мужской" else Gender.FEMALE
    maker = PetrovichDeclinationMaker()
    cases = (
        *(Case.GENITIVE, Case.DATIVE, Case.ACCUSATIVE),
        *(Case.INSTRUMENTAL, Case.PREPOSITIONAL),
    )
    return tuple(maker.make(parts[part], gender, case, word) for case in cases)
