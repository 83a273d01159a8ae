"""Endings of Russian names whose genitive and dative are settled, written down from the grammar.

Invariants: the first row that fits the whole word decides; a word that fits none, or fits a row
marked unsure, has no form here. Absent on purpose: a guess for what depends on the stress
(«Зульфия», «Дюма»), on a vowel that may fall out («Заяц», «Швец»), on the family's custom
(«Смородина», «Королева») or on knowing the person («Шмидт-Заря»).

The cases of a name: «выдана (кому) Ивушкиной Розе Платоновне».

Two methods that know nothing of each other must agree on every word: the rules of Petrovich (the
library `pytrovich`) and the endings in `declension` that are settled by the grammar.
Invariants: what the record says wins; a form is given only where it is certain, else None, and
the caller asks for `name.dative` or words the sentence in the nominative. The library is loaded
with the first name.

Whom free words name: surnames and patronymics of certain people, in whatever case they stand.

For words that stay in history for ever, where a name could never be destroyed with the file
(R-6.4). Invariants: ё is е, capitals do not matter, each half of a double surname counts; a word
of three letters or less counts only with a capital, for it may be «и» or «он».
Absent on purpose: given names, which half a school shares; names of anybody else.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from papka.records.student import FormerName, Name, Person

Part = Literal["surname", "given", "patronymic"]
Sex = Literal["женский", "мужской"]

_CONSONANT = "бвгджзйклмнпрстфхцчшщ"
_HARD = "бвгджзклмнпрстфхцчшщ"


class Cases(NamedTuple):
    """The settled forms of one word."""

    genitive: str
    dative: str


class _Row(NamedTuple):
    """`drop` last letters go, an ending is added."""

    pattern: re.Pattern[str]
    drop: int
    genitive: str
    dative: str


_Rows = tuple[_Row | re.Pattern[str], ...]


def _same(pattern: str) -> _Row:
    """Words that stay as they are."""
    return _row(pattern, 0, "", "")


def _row(pattern: str, drop: int, genitive: str, dative: str) -> _Row:
    return _Row(re.compile(pattern), drop, genitive, dative)


def _unsure(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


# Women's surnames in -ина that are no noun besides: «Малина» would be «Малине» or «Малиной».
_INA = (
    "аксютина бурмистрина веденина гаврилина голицына данилина дёмина демина дунина ерошина ершина"
    " ерёмина еремина жилина зимина илюшина ильюшина игошина казарина калинина карамзина князькина"
    " кокорина копылина костина кузьмина куприна лапина ларина левашина лукина макарина митрошина"
    " михина мишина гришина мокшина никитина никулина паршина полунина пронина репнина рогозина"
    " рябинина рощина саввина селина сёмина семина сенина силина солдатина спицына степашина сурина"
    " тимина тимошина топилина тришина трошина тюрина ульянина федина филина фирсина фомина фролина"
    " чаплина шубина шукшина юдина юшина якунина яшина воронина мальвинина осинина соснина"
    " кручинина овчинина калитина вершинина былинина дубинина малинина сиротина тропинина истомина"
).replace(" ", "|")

_NOUNS = _row(  # the first declension where nothing else is possible
    r".{2,}[аое]ка|.+[бвгджзлмнпртфхчшщ]ка|.+[ую]ха|.+[иыуюя]га", 1, "и", "е"
)
_BIRDS = _row(r".+[иы]ца", 1, "ы", "е")  # «Синица»
_IYA = _row(rf".{{2,}}[{_HARD}]ия", 1, "и", "и")  # «Данелия»

SURNAMES: dict[Sex, _Rows] = {
    "мужской": (
        _unsure(r"лев|.*(ова|ева|ёва|ина|ына|ая|яя)"),  # a woman's form, or a noun
        _row(r".{2,}(ов|ев|ёв|ин|ын)", 0, "а", "у"),
        _row(r".{2,}[сц]к[ио]й|.+овой|.{2,}ый|.+[бвлдзпрстнжш]кий", 2, "ого", "ому"),
        _row(r".+[днтжш]ний|.{2,}[жчшщ]ий", 2, "его", "ему"),
        _unsure(r".*[иоеы]й"),
        _row(r".{2,}[ауя]й", 1, "я", "ю"),
        _same(r".{3,}ых|.+([гк]|[нст]ш|ч|тн|шн)их"),
        _unsure(r".*[иы]х"),
        _same(r".*[оеэиыую]"),
        _row(r".{3,}[нлдгм]ер|.{3,}[сз]он", 0, "а", "у"),
        _unsure(rf".*[еёо][{_CONSONANT}]|.*ц|.*ёк"),  # a vowel that may fall out
        _row(rf".+[{_HARD}]", 0, "а", "у"),
        _row(r".+(аль|арь|ырь)", 1, "я", "ю"),
        _unsure(r".*([сц]ка|люка|кка)"),
        *(_NOUNS, _BIRDS, _IYA),
    ),
    "женский": (
        _unsure(r".*(ов|ев|ёв|ин|ын|ский|цкий|ый|[^аоеуюя]ий)"),  # a man's form
        _unsure(r"(с|вд|г[оа]л|кор|подк|пол|сл|обн|дубр|осн|окл|зас)ова|(корол|д|с|кош|пл|син)ева"),
        _row(r".{2,}(ов|ев|ёв)а", 1, "ой", "ой"),
        _unsure(r"мякина|махина|трихина|георгина|ангина"),
        _row(rf".{{2,}}[кгх]ина|.+цына|.+ьина|{_INA}", 1, "ой", "ой"),
        _row(r".{2,}[бвгдзклмнпрстх]ая", 2, "ой", "ой"),
        _row(r".+няя", 2, "ей", "ей"),
        _same(rf".+[{_CONSONANT}ьоеэиыую]"),
        _unsure(r".*([сц]ка|люка|кка)"),
        *(_NOUNS, _BIRDS, _IYA),
    ),
}

_FIRST = (
    _row(r".*[гкхжчшщ]а", 1, "и", "е"),
    _row(rf".*[{_CONSONANT}]а", 1, "ы", "е"),
    _row(rf".*[{_HARD}йь]я", 1, "и", "е"),
)
GIVEN: dict[Sex, _Rows] = {
    "мужской": (
        _row(r"лев", 2, "ьва", "ьву"),
        _row(r"павел", 2, "ла", "лу"),
        _row(r"п[её]тр", 3, "етра", "етру"),
        _unsure(r".*(ок|ёк|ек|ец|ел|ёл|ол|[^ксл]ер|ёр|[её]в|яц|[^к]ов|лоб|рот|сон|ров|лён|пёс)"),
        _row(rf".+[{_HARD}]", 0, "а", "у"),
        _unsure(r".*([вб]ей|[жкхчшщ]ий|[днт]ний|ый|ой)(?<!матвей)"),
        _row(r".{2,}[аеиуя]й", 1, "я", "ю"),
        _row(r".+([аяо]рь|[аэиыу]ль)", 1, "я", "ю"),
        _same(r".+[иуюыэе]"),
        _row(r"(азар|анан|захар|иерем|ил|иса|малах|сераф)ия", 1, "и", "и"),
        _unsure(r".*ия|шота|люка|тома|.*[кн]ка"),
        *_FIRST,
    ),
    "женский": (
        _row(r"любовь|юдифь|эсфирь|руфь|рахиль|агарь", 1, "и", "и"),
        _unsure(r".*ь"),
        _same(rf".+[{_CONSONANT}иуюыэео]"),
        _row(
            r"(мар|юл|лил|лид|ксен|евген|виктор|натал|анастас|настас|соф|валер|таис|клавд|амал"
            r"|ангелин|аврел|вален|гликер|евдок|евдокс|евлал|евпракс|емил|зинов|капитол|лукер|мелан"
            r"|милен|олимп|поликсен|рафаил|сильв|стефан|февр|фелиц|флор|цецил|эмил|юст|антон"
            r"|патриц|аркад)ия",
            1, "и", "и",
        ),
        _unsure(r".*ия"),
        _row(r"аглая|рая|тая|мая|.*[ое]я", 1, "и", "е"),
        *_FIRST,
    ),
}  # fmt: skip

PATRONYMICS: dict[Sex, _Rows] = {
    "мужской": (_row(r".{2,}ич", 0, "а", "у"),),
    "женский": (_row(r".{2,}(вна|чна|шна)", 1, "ы", "е"),),
}

_TABLES = {"surname": SURNAMES, "given": GIVEN, "patronymic": PATRONYMICS}
_WORD = re.compile(r"[А-ЯЁ][а-яё]+")
_COMMON_FIRST_HALF = re.compile(r".+(ов|ев|ёв|ин|ын|ова|ева|ёва|ина|ына|[сц]кий|ый|ая|ко|[иы]х)")
"""Of a double surname: a first half of another shape may stay unchanged (Бонч-Бруевич)."""


def settled(word: str, part: Part, sex: Sex) -> Cases | None:
    """The genitive and dative of a word, both halves of a double surname; None where unsure."""
    halves = word.split("-")
    if len(halves) == 1:
        return _one(word, part, sex)
    first, last = halves[0], halves[-1]
    declines = _COMMON_FIRST_HALF.fullmatch(first.lower()) or (
        sex == "женский" and first[-1:] in _HARD
    )
    if part != "surname" or len(halves) > 2 or not declines:
        return None
    both = _one(first, part, sex), _one(last, part, sex)
    if both[0] is None or both[1] is None:
        return None
    return Cases(f"{both[0].genitive}-{both[1].genitive}", f"{both[0].dative}-{both[1].dative}")


def _one(word: str, part: Part, sex: Sex) -> Cases | None:
    if not _WORD.fullmatch(word):
        return None
    row = next((r for r in _TABLES[part][sex] if _pattern(r).fullmatch(word.lower())), None)
    if not isinstance(row, _Row):
        return None
    stem = word[: len(word) - row.drop]
    return Cases(stem + row.genitive, stem + row.dative)


def _pattern(row: _Row | re.Pattern[str]) -> re.Pattern[str]:
    return row.pattern if isinstance(row, _Row) else row


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


_LETTERS = re.compile(r"[^\W\d_]+")
_SHORT = 3


def named_in(words: str, people: Iterable[Person]) -> tuple[str, ...]:
    """The words that are somebody's name, as they were typed, in their order."""
    typed = [word for word in dict.fromkeys(_LETTERS.findall(words)) if _counts(word)]
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
            halves = _LETTERS.findall(text or "")
            for half in halves:
                if len(half) >= _SHORT or len(halves) == 1:
                    yield half, part, sex


def _counts(word: str) -> bool:
    return len(word) > _SHORT or word[0].isupper()


def _plain(word: str) -> str:
    return word.casefold().replace("ё", "е")
