"""Endings of Russian names whose genitive and dative are settled, written down from the grammar.

Invariants: the first row that fits the whole word decides; a word that fits none, or fits a row
marked unsure, has no form here. Absent on purpose: a guess for what depends on the stress
(«Зульфия», «Дюма»), on a vowel that may fall out («Заяц», «Швец»), on the family's custom
(«Смородина», «Королева») or on knowing the person («Шмидт-Заря»).
"""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

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
