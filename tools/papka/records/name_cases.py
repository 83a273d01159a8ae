"""The cases of names («выдана (кому) Ивушкиной Розе») and the genitive of posts («и. о.
директора»); names in a text.

What the record says wins. Else a form is given only where it is certain, or None, and the caller
asks for `name.dative` or words the sentence in the nominative. Two methods that know nothing of
each other must agree on every word: the rules of Petrovich (the library pytrovich, loaded with
the first name) and the endings below that the grammar settles. Of those the first row that fits the
whole word decides, and a row may say "unsure". Nothing is guessed that depends on the stress
(«Зульфия», «Дюма»), on a vowel that may fall out («Заяц», «Швец»), on the family's custom
(«Смородина», «Королева») or on knowing the person («Шмидт-Заря»).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from papka.core.cells import folded, tidy
from papka.records.student import FormerName, Name, Person

Part = Literal["surname", "given", "patronymic"]
Sex = Literal["женский", "мужской"]

_PARTS: tuple[Part, ...] = ("surname", "given", "patronymic")
_SIGNS: dict[Sex, tuple[str, ...]] = {"мужской": ("ич",), "женский": ("вна", "чна", "шна")}
_LETTERS = re.compile(r"[^\W\d_]+")
_LATIN = re.compile(r"[A-Za-zÀ-ɏ'’ .-]+")
_SHORT = 3


def dative(name: Name, sex: str | None) -> str | None:
    """Return the dative («Ивушкиной Розе Платоновне»); None where unsure."""
    return name.dative or _decline_name(name, sex, 1)


def genitive(name: Name, sex: str | None) -> str | None:
    """Return the genitive («Ивушкиной Розы Платоновны»); None where unsure."""
    return name.genitive or _decline_name(name, sex, 0)


def accusative(name: Name, sex: str | None) -> str | None:
    """Return the accusative («наградить Ивушкину Розу Платоновну»); None where unsure.

    A record does not hold it: where the forms it does hold are not ours, ours is not trusted.
    """
    for recorded, case in ((name.genitive, 0), (name.dative, 1)):
        if recorded and recorded != _decline_name(name, sex, case):
            return None
    return _decline_name(name, sex, 2)


def post_genitive(post: str) -> str | None:
    """Return the genitive of a post, in small letters («генерального директора»); None where
    unsure.

    Adjectives and the noun they belong to decline; what follows the noun stays as it is
    («директора школы»).
    """
    words = tidy(post).split()
    for at, word in enumerate(words):
        is_noun = False
        for row in (*_POST_ADJECTIVES, *_POST_NOUNS):
            if re.fullmatch(row.pattern, word.lower()):
                words[at] = word.lower()[: len(word) - row.drop] + row.genitive
                is_noun = row in _POST_NOUNS
                break
        else:
            return None
        if is_noun:
            return " ".join(words)
    return None


def find_names(words: str, people: Iterable[Person]) -> tuple[str, ...]:
    """Return the words that are somebody's surname or patronymic, in any case, as typed.

    For words that stay in history for ever, where a name could never be destroyed with the file
    (R-6.4). Each half of a double surname counts; a word of three letters or less counts only with
    a capital, for it may be «и» or «он». Given names, which half a school shares, do not count.
    """
    typed = [
        word
        for word in dict.fromkeys(_LETTERS.findall(tidy(words)))
        if len(word) > _SHORT or word[0].isupper()
    ]
    if not typed:
        return ()
    forms = {
        folded(form)
        for person in people
        for name, part, sex in _names_of(person)
        for form in _every_form(name, part, sex)
    }
    return tuple(word for word in typed if folded(word) in forms)


def _names_of(person: Person) -> Iterator[tuple[str, Part, str | None]]:
    """Yield surnames and patronymics, word by word; a single name stands for the surname."""
    names: list[tuple[Name | FormerName, str | None]] = [(person.name, person.sex)]
    names += [(former, person.sex) for former in person.former_names]
    for other in person.representatives:
        names += [(other, None), *((former, None) for former in other.former_names)]
    for name, sex in names:
        is_single = isinstance(name, Name) and not name.patronymic
        surname = name.surname or (name.given if is_single else None)
        parts: dict[Part, str | None] = {"surname": surname, "patronymic": name.patronymic}
        for part, text in parts.items():
            halves = _LETTERS.findall(tidy(text or ""))
            for half in halves:
                if len(half) >= _SHORT or len(halves) == 1:
                    yield half, part, sex


def _every_form(word: str, part: Part, sex: str | None) -> frozenset[str]:
    """Return each spelling under which either method knows the word, in any case.

    To find it in a text, never to print it.
    """
    found = {word}
    for each in (each for each in _SIGNS if sex in (each, None)):
        found.update(
            _decline_by_grammar(word, part, each) or (), _decline_by_rules(word, part, each)
        )
    return frozenset(found)


class Cases(NamedTuple):
    """The settled forms of one word."""

    genitive: str
    dative: str
    accusative: str


def _decline_name(name: Name, sex: str | None, case: int) -> str | None:
    if _LATIN.fullmatch(name.full):
        return name.full  # in a Russian text it stays as it is
    known = _find_sex(name, sex)
    if known is None:
        return None
    words = [(part, word) for part in _PARTS if (word := getattr(name, part)) is not None]
    cases = [_decline_certainly(word, part, known) for part, word in words]
    forms = [each[case] for each in cases if each]
    return " ".join(forms) if len(forms) == len(words) else None


def tell_sex(patronymic: str) -> Sex | None:
    """Return the sex that a patronymic tells; None for any other word."""
    return next((sex for sex, ends in _SIGNS.items() if patronymic.endswith(ends)), None)


def _find_sex(name: Name, sex: str | None) -> Sex | None:
    """Return the sex as recorded, else by the patronymic; None when they contradict each other."""
    told = tell_sex(name.patronymic or "")
    recorded = next((each for each in _SIGNS if each == sex), None)
    if told and recorded and told != recorded:
        return None
    return recorded or told


@lru_cache(maxsize=4096)
def _decline_certainly(word: str, part: Part, sex: Sex) -> Cases | None:
    cases = _decline_by_grammar(word, part, sex)
    if cases is None or (part == "surname" and re.fullmatch(_GERMAN, word.lower())):
        return cases
    return cases if _decline_by_rules(word, part, sex)[:3] == cases else None


def _decline_by_rules(word: str, part: Part, sex: Sex) -> tuple[str, ...]:
    """Decline a word by the rules of Petrovich: genitive, dative, accusative, then the others."""
    from pytrovich.enums import Case, Gender, NamePart  # only where a name declines
    from pytrovich.maker import PetrovichDeclinationMaker

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


def _decline_by_grammar(word: str, part: Part, sex: Sex) -> Cases | None:
    """Decline a word by the grammar, both halves of a double surname; None where unsure."""
    halves = word.split("-")
    if len(halves) == 1:
        return _decline_word(word, part, sex)
    first, last = halves[0], halves[-1]
    declines = _COMMON_FIRST_HALF.fullmatch(first.lower()) or (
        sex == "женский" and first[-1:] in _HARD
    )
    if part != "surname" or len(halves) > 2 or not declines:
        return None
    one, other = _decline_word(first, part, sex), _decline_word(last, part, sex)
    if one is None or other is None:
        return None
    return Cases(*("-".join(both) for both in zip(one, other, strict=True)))


def _decline_word(word: str, part: Part, sex: Sex) -> Cases | None:
    if not _WORD.fullmatch(word):
        return None
    for row in _TABLES[part][sex]:
        if isinstance(row, str):
            if re.fullmatch(row, word.lower()):
                return None
        elif re.fullmatch(row.pattern, word.lower()):
            stem = word[: len(word) - row.drop]
            return Cases(stem + row.genitive, stem + row.dative, stem + row.accusative)
    return None


_CONSONANT = "бвгджзйклмнпрстфхцчшщ"
_HARD = "бвгджзклмнпрстфхцчшщ"


class _Row(NamedTuple):
    """A settled declension: `drop` last letters go, an ending is added.

    A pattern is compiled when a name first comes to it: most commands decline none.
    """

    pattern: str
    drop: int
    genitive: str
    dative: str
    accusative: str


_Rows = tuple[_Row | str, ...]
"""A bare pattern is a row marked unsure."""


def _row(
    pattern: str, drop: int, genitive: str, dative: str, accusative: str | None = None
) -> _Row:
    """Make a row; of a man's name the accusative is the genitive, and need not be told."""
    told = genitive if accusative is None else accusative
    return _Row(pattern, drop, genitive, dative, told)


def _same(pattern: str) -> _Row:
    """Words that stay as they are."""
    return _row(pattern, 0, "", "")


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

_GERMAN = r".+[бвдзлмпрт]их"
"""«Эрлих»: no adjective has -их after these. Petrovich takes it for one, and is not asked."""

_ADJECTIVES = (
    "бел|стар|добр|мудр|хмур|щедр|бодр|пёстр|хитр|смел|кругл|мил|весёл|цел|чёрн|черн|лун|умн|ясн|красн"
    "|толст|молод|сед|крут|золот|крив|жив|лих|глух|кос|бос|сух|ряб|хром|нем|слеп|пуст|свят|холост"
    "|удал|прям|дик|лёгк|легк|долг|широк|высок|глубок|мягк|крепк|строг|тих|лесн|родн"
)
"""Stems of adjectives that are surnames: «Цулая» is no woman of the family «Цулой»."""

_NOUNS = _row(  # the first declension where nothing else is possible
    r".{2,}[аое]ка|.+[бвгджзлмнпртфхчшщ]ка|.+[ую]ха|.+[иыуюя]га", 1, "и", "е", "у"
)
_BIRDS = _row(r".+[иы]ца", 1, "ы", "е", "у")  # «Синица»
_IYA = _row(rf".{{2,}}[{_HARD}]ия", 1, "и", "и", "ю")  # «Данелия»

_SURNAMES: dict[Sex, _Rows] = {
    "мужской": (
        r"лев|.*(ова|ева|ёва|ина|ына|ая|яя)",  # a woman's form, or a noun
        _row(r".{2,}(ов|ев|ёв|ин|ын)", 0, "а", "у"),
        _row(
            r".{2,}[сц]к[ио]й|.+овой|.{2,}ый|.+[бвлдзпрстнжш]кий|.+[дчь]ной"
            rf"|({_ADJECTIVES})ой",
            2,
            "ого",
            "ому",
        ),
        _row(r".+[днтжш]ний|.{2,}[жчшщ]ий", 2, "его", "ему"),
        r".*[иоеы]й",
        _row(r".{2,}[ауя]й", 1, "я", "ю"),
        _same(r".{3,}ых|.+([гк]|[нст]ш|ч|тн|шн)их"),
        _row(_GERMAN, 0, "а", "у"),
        r".*[иы]х",
        _same(r".*[оеэиыую]"),
        _row(r".{3,}[нлдгм]ер|.{3,}[сз]он", 0, "а", "у"),
        rf".*[еёо][{_CONSONANT}]|.*ц|.*ёк",  # a vowel that may fall out
        _row(rf".+[{_HARD}]", 0, "а", "у"),
        _row(r".+(аль|арь|ырь)", 1, "я", "ю"),
        r".*([сц]ка|люка|кка)",
        *(_NOUNS, _BIRDS, _IYA),
    ),
    "женский": (
        r".*(ов|ев|ёв|ин|ын|ский|цкий|ый|[^аоеуюя]ий)",  # a man's form
        r"(с|вд|г[оа]л|кор|подк|пол|сл|обн|дубр|осн|окл|зас)ова|(корол|д|с|кош|пл|син)ева",
        _row(r".{2,}(ов|ев|ёв)а", 1, "ой", "ой", "у"),
        r"мякина|махина|трихина|георгина|ангина",
        _row(rf".{{2,}}[кгх]ина|.+цына|.+ьина|.+уллина|{_INA}", 1, "ой", "ой", "у"),
        _row(rf".{{2,}}([сц]к|[ео]в|[бдзжнрстчшь]н)ая|({_ADJECTIVES})ая", 2, "ой", "ой", "ую"),
        _row(r".+няя", 2, "ей", "ей", "юю"),
        _same(rf".+[{_CONSONANT}ьоеэиыую]"),
        r".*([сц]ка|люка|кка)",
        *(_NOUNS, _BIRDS, _IYA),
    ),
}

_FIRST = (
    _row(r".*[гкхжчшщ]а", 1, "и", "е", "у"),
    _row(rf".*[{_CONSONANT}]а", 1, "ы", "е", "у"),
    _row(rf".*[{_HARD}йь]я", 1, "и", "е", "ю"),
)
_GIVEN: dict[Sex, _Rows] = {
    "мужской": (
        _row(r"лев", 2, "ьва", "ьву"),
        _row(r"павел", 2, "ла", "лу"),
        _row(r"п[её]тр", 3, "етра", "етру"),
        r".*(ок|ёк|ек|ец|ел|ёл|ол|[^ксл]ер|ёр|[её]в|яц|[^к]ов|лоб|рот|сон|ров|лён|пёс)",
        _row(rf".+[{_HARD}]", 0, "а", "у"),
        r".*([вб]ей|[жкхчшщ]ий|[днт]ний|ый|ой)(?<!матвей)",
        _row(r".{2,}[аеиуя]й", 1, "я", "ю"),
        _row(r".+([аяо]рь|[аэиыу]ль)", 1, "я", "ю"),
        _same(r".+[иуюыэе]"),
        _row(r"(азар|анан|захар|иерем|ил|иса|малах|сераф)ия", 1, "и", "и", "ю"),
        r".*ия|шота|люка|тома|.*[кн]ка",
        *_FIRST,
    ),
    "женский": (
        _row(r"любовь|юдифь|эсфирь|руфь|рахиль|агарь", 1, "и", "и", "ь"),
        r".*ь",
        _same(rf".+[{_CONSONANT}иуюыэео]"),
        _row(
            r"(мар|юл|лил|лид|ксен|евген|виктор|натал|анастас|настас|соф|валер|таис|клавд|амал"
            r"|ангелин|аврел|вален|гликер|евдок|евдокс|евлал|евпракс|емил|зинов|капитол|лукер|мелан"
            r"|милен|олимп|поликсен|рафаил|сильв|стефан|февр|фелиц|флор|цецил|эмил|юст|антон"
            r"|патриц|аркад|агн|есен|амел|азал|амал|аврел|аполлинар|аурел|глафир|евфим|евфросин"
            r"|ефросин|камел|калер|корнел|лив|мелис|неонил|олив|офел|пелаг|розал|синклит|устин"
            r"|фотин|харит|юн|юлиан|гортенз|виргин|летиц|клавд|виталь|валенсь|анис|евлог)ия",
            1, "и", "и", "ю",
        ),
        r".*ия",
        _row(r"аглая|рая|тая|мая|.*[ое]я", 1, "и", "е", "ю"),
        *_FIRST,
    ),
}  # fmt: skip

_PATRONYMICS: dict[Sex, _Rows] = {
    "мужской": (_row(r".{2,}ич", 0, "а", "у"),),
    "женский": (_row(r".{2,}(вна|чна|шна)", 1, "ы", "е", "у"),),
}

_POST_ADJECTIVES = (
    _row(r"[а-яё]+([нтв]ый|ский)", 2, "ого", ""),
    _row(r"[а-яё]+[шн]ий", 2, "его", ""),
    _row(r"[а-яё]+([нтв]|ск)ая", 2, "ой", ""),
    _row(r"[а-яё]+[шн]яя", 2, "ей", ""),
)
_POST_NOUNS = (
    _row(r"[а-яё]+[ую]щий", 2, "его", ""),  # «заведующий»
    _row(r"[а-яё]+[ую]щая", 2, "ей", ""),
    _row(
        r"директор|ректор|президент|начальник|инспектор|декан|педагог|методист|мастер|регент"
        r"|администратор|координатор|менеджер|дирижёр|хормейстер|наставник",
        0, "а", "",
    ),
    _row(r"(заместител|руководител|председател|учител|воспитател|попечител|учредител)ь",
         1, "я", ""),
    _row(r"начальница|директриса|руководительница|наставница", 1, "ы", ""),
)  # fmt: skip
"""What a head's post is known to be: adjectives, then the noun, which ends what declines."""

_TABLES = {"surname": _SURNAMES, "given": _GIVEN, "patronymic": _PATRONYMICS}
_WORD = re.compile(r"[А-ЯЁ][а-яё]+")
_COMMON_FIRST_HALF = re.compile(r".+(ов|ев|ёв|ин|ын|ова|ева|ёва|ина|ына|[сц]кий|ый|ая|ко|[иы]х)")
"""Of a double surname: a first half of another shape may stay unchanged (Бонч-Бруевич)."""
