"""Values and names of fields that a person understands and the schema does not: what was meant.

A candidate counts only when the schema of that very field accepts it, and when the name it gives is
declared. One candidate is the line to type; of several a person chooses; a number is never made
another number.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from papka.core import cells
from papka.core.lookalikes import (
    CLOSING,
    OPENING,
    TO_CYRILLIC,
    TO_DIGITS,
    TO_LATIN,
    clean,
    describe_difference,
    find_lookalike,
    find_nearest,
    retype,
)
from papka.records.fields import Field, FieldForm

Value = Any
"""A value read from YAML."""
Declared = Mapping[str, str]
"""Names that a field may hold -> what people call it: the title, the surname."""

_DAYS_OF_EXCEL = range(20_000, 60_000)
_YES = {"yes": "да", "y": "да", "true": "да", "on": "да", "no": "нет", "n": "нет", "false": "нет",
        "off": "нет"}  # fmt: skip
_SEXES = dict.fromkeys(("f", "female", "w", "девочка", "девушка"), "женский") | dict.fromkeys(
    ("m", "male", "мальчик", "юноша"), "мужской"
)
_NUMERALS = {
    word: number
    for number, words in enumerate(
        ("ноль", "один единица кол", "два двойка", "три тройка", "четыре четверка", "пять пятерка",
         "шесть", "семь", "восемь", "девять", "десять")
    )
    for word in words.split()
}  # fmt: skip
_MARKS = {
    "зачет": "зачтено",
    "зач": "зачтено",
    "незачет": "не зачтено",
    "не зачет": "не зачтено",
    "незач": "не зачтено",
    "н/а": "не аттестован",
    "на": "не аттестован",
    "неаттестован": "не аттестован",
    "не аттестована": "не аттестован",
}
_SYNONYMS = {
    "оценка": "отметка",
    "балл": "отметка",
    "баллы": "отметка",
    "отм": "отметка",
    "комментарий": "текст",
    "примечание": "текст",
    "описание": "текст",
    "замечание": "текст",
    "педагог": "кто оценил",
    "учитель": "кто оценил",
    "преподаватель": "кто оценил",
    "тип": "вид",
    "почта": "электронная почта",
    "email": "электронная почта",
    "тел": "телефон",
}


class Meaning(NamedTuple):
    """What a value may have meant; `how` says what was wrong with its form."""

    value: Value
    how: str
    sure: bool = True


_Accepts = Callable[[Value], bool]


def meanings(
    raw: str, field: Field, accepts: _Accepts, declared: Declared, year: int | None = None
) -> list[Meaning]:
    """List what a value can have meant, each accepted and declared, the likeliest first.

    `raw` is its text as written, without quotes; `declared` is empty where names are free; `year`
    stands for one that a date leaves out.
    """
    found: dict[tuple[type, Value], Meaning] = {}
    is_text = field.types == ("string",) and not (declared or field.choices or field.is_date)
    if is_text and accepts(raw):
        return [Meaning(raw, "такое значение пишут в кавычках, иначе оно читается по-разному")]
    for meaning in _candidates(raw, field, declared, year):
        key = (type(meaning.value), meaning.value)
        if key in found or not accepts(meaning.value):
            continue
        if declared and meaning.value not in declared:
            continue
        found[key] = meaning
    sure = [each for each in found.values() if each.sure]
    numbers = [each for each in sure if not isinstance(each.value, str)]
    return numbers or sure or list(found.values())


def _candidates(raw: str, field: Field, declared: Declared, year: int | None) -> Iterator[Meaning]:
    text = clean(raw).strip().lstrip(OPENING).rstrip(CLOSING).strip("'\"` ")
    yield from _read_day(text, field, year)
    yield from _read_number(text, field)
    yield from _read_words(text, field)
    yield from _read_names(text, declared)
    yield from _read_codes(text, field)
    yield from _read_digits(text, field)
    yield from _read_letters(text, raw)
    if "string" in field.types and not declared:
        yield Meaning(raw, "номер пишут в кавычках, чтобы не потерять нули")


def _read_day(text: str, field: Field, year: int | None) -> Iterator[Meaning]:
    if not field.is_date:
        return
    text = _BESIDE_DAY.sub("", text)
    text = _ROMAN.sub(lambda found: f".{_MONTHS.index(found[1].upper()) + 1}.", text)
    text = re.sub(r"(?<=\d),(?=\d)", ".", text)
    digits = text.translate(TO_DIGITS)
    for form in dict.fromkeys((text, digits)):
        for number, day in enumerate(cells.days_meant(form, year) or ()):
            is_told = cells.days_meant(form) is not None
            if number and not 1920 <= day.year <= 1999:
                yield Meaning(day.isoformat(), _DATE)
            elif not number or field.name in ("birth_date", "since"):
                yield Meaning(day.isoformat(), _DATE, sure=is_told)
    if text.isdecimal() and int(text) in _DAYS_OF_EXCEL:
        day = cells.SERIAL_ZERO.date() + dt.timedelta(days=int(text))
        yield Meaning(day.isoformat(), "дата записана числом, как её хранит Excel")
    if re.fullmatch(r"(?:19|20)\d{6}", text):
        yield Meaning(f"{text[:4]}-{text[4:6]}-{text[6:]}", _DATE)


_BESIDE_DAY = re.compile(
    r"\A(?:с|со|от|до|по|на)\s+(?=[\d«\"])|\s*(?:г\.?\s?р\.?|года рождения)\Z", re.IGNORECASE
)
_MONTHS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_ROMAN = re.compile(r"(?<=\d)[. ](X?I{1,3}|I?X|I?V|VI{1,3}|X)[. ](?=\d)", re.IGNORECASE)
_DATE = "дата записана не по порядку год-месяц-день через дефис"


def _read_number(text: str, field: Field) -> Iterator[Meaning]:
    if not {"integer", "number"} & set(field.types):
        return
    plain = text.replace(" ", "").replace(",", ".").lstrip("+").rstrip(".")
    if re.fullmatch(r"-?\d{1,15}(?:\.\d{1,10})?", plain):
        number = float(plain)
        how = (
            "дробную часть отделяют точкой, а у целого её не пишут"
            if "." in plain
            else "число записано с лишними знаками или в кавычках"
        )
        yield Meaning(int(number) if number.is_integer() else number, how)
    word = cells.caseless(text)
    if word in _NUMERALS:
        yield Meaning(_NUMERALS[word], "число пишут цифрами")
    if found := _BESIDE_NUMBER.fullmatch(text.casefold()):
        yield Meaning(int(found[1]), "рядом с числом ничего не пишут", sure=False)


_BESIDE_NUMBER = re.compile(
    r"(?:ред\.?|редакция|№)?\s*(\d{1,6})\s*"
    r"(?:[-+]|-?(?:я|й|ая|ый|ой)|балл\w*|б\.?|\(.*\)|(?:ак\.?\s?)?ч(?:\.|ас\w*)?"
    r"|лет|год\w*|г\.?|л\.?|лист\w*|шт\.?|экз\.?|стр\.?|дн\w*|раз\w*)?"
)
"""A number and what people write beside it; what would multiply it is not among that."""


def _read_words(text: str, field: Field) -> Iterator[Meaning]:
    if not field.choices:
        return
    word = cells.caseless(text).rstrip(".")
    begun = [each for each in field.choices if word and cells.caseless(each).startswith(word)]
    found = find_lookalike(text, field.choices) or _YES.get(text.casefold(), "")
    if not found and len(begun) == 1:
        found = begun[0]
    found = found or _SEXES.get(word, "")
    if found in field.choices:
        yield Meaning(found, f"здесь пишут одно из слов: {', '.join(field.choices)}")
    elif near := find_nearest(text, field.choices):
        yield Meaning(near, "самое похожее слово перечня — в строке ниже", sure=False)


def _read_names(text: str, declared: Declared) -> Iterator[Meaning]:
    word = cells.caseless(text)
    found = find_lookalike(text, declared) or _MARKS.get(word, "")
    if found in declared:
        yield Meaning(found, "здесь пишут одно из объявленных слов")
        return
    told = [
        name
        for name, said in declared.items()
        if word and word in map(cells.caseless, said.split("|"))
    ]
    if len(told) == 1:
        yield Meaning(told[0], "здесь пишут код, а не название")
    else:
        for name in told:
            yield Meaning(name, "здесь пишут код, а не название", sure=False)
    if not told and (near := find_nearest(text, declared)):
        yield Meaning(near, "самое похожее имя — в строке ниже", sure=False)


def _read_codes(text: str, field: Field) -> Iterator[Meaning]:
    if found := re.fullmatch(r"№?\s*(20\d\d)\s*[-/.\\ ]\s*(\d{1,4})", text):
        for width in (4, 2):
            yield Meaning(f"{found[1]}/{int(found[2]):0{width}}", "номер записан по-другому")
    shown = re.search(r"например ([a-z])\d", field.complaint)
    letter = field.letter or (shown[1] if shown else "")
    # another Latin letter is an entry of another kind, not a slip
    if letter and (found := re.fullmatch(rf"[^\da-z]{{0,2}}{letter}? ?0*([1-9]\d*)", text.lower())):
        yield Meaning(f"{letter}{found[1]}", "номер записи — буква и число")
    if found := re.fullmatch(r"[sSсС]\s*-?0*(\d{1,3})", text):
        yield Meaning(f"s{int(found[1]):03}", "номер сотрудника — s и три цифры")
    phone = cells.phone(text, can_ask=True)
    if phone is not None and phone != text:
        yield Meaning(phone, "телефон пишут слитно, с +7")


def _read_digits(text: str, field: Field) -> Iterator[Meaning]:
    if any(map(str.isdigit, text)):
        for first in (text[:1], text[:1].translate(TO_DIGITS)):
            if (form := first + text[1:].translate(TO_DIGITS)) != text:
                yield Meaning(form, "вместо цифры стоит похожая на неё буква")
    if "Месяц и день" in field.complaint:
        how = "месяц и день пишут двумя парами цифр"
        for day in cells.days_meant(text, 2024) or ():
            yield Meaning(f"{day:%m-%d}", how)
        if found := re.fullmatch(r"(\d{1,2})[./](\d{1,2})", text):
            yield Meaning(f"{found[2]:0>2}-{found[1]:0>2}", how)


def _read_letters(text: str, raw: str) -> Iterator[Meaning]:
    if (once := re.sub(r"\s+", " ", text)) != text:
        yield Meaning(once, "между словами ставят один пробел")
        return
    forms = (text, text.translate(TO_LATIN), text.translate(TO_CYRILLIC))
    how = "значение записано другими знаками"
    for form in dict.fromkeys(forms):
        if form != raw and (form == text or not _is_mixed(form)):
            yield Meaning(form, how)
    if ": " in text:
        return
    joined = re.sub(r"[\s_]+", "-", text)
    for form in dict.fromkeys((*forms, joined)):
        yield Meaning(form.lower(), how)
        yield Meaning(form.upper(), how)
    yield Meaning(joined, "слова соединяют дефисом")
    yield Meaning(text.rstrip(".,;"), "в конце стоит лишний знак")


def _is_mixed(text: str) -> bool:
    """Tell whether a word has letters of both alphabets."""
    return any(
        re.search("[a-z]", word, re.IGNORECASE) and re.search("[а-яё]", word, re.IGNORECASE)
        for word in re.split(r"[\W\d_]+", text)
    )


def field_meant(key: str, form: FieldForm, taken: Mapping[str, Value]) -> tuple[Field, bool] | None:
    """Return the field that an unknown name means, and whether surely; None when none is near."""
    free = [field for field in form.fields if field.name not in taken]
    names = [field.name for field in free]
    word = cells.caseless(clean(key).strip())
    told = [field for field in free if cells.caseless(field.title) == word]
    told = told or [field for field in free if field.title.casefold().startswith(f"{word} ")]
    told = told or [field for field in free if word in cells.caseless(field.title).split()]
    if len(told) == 1:
        return told[0], True
    seen = find_lookalike(key, names) or find_lookalike(retype(key), names)
    if seen:
        return next(field for field in free if field.name == seen), True
    meant = _SYNONYMS.get(word)
    for field in free:
        if meant and field.title.casefold() == meant:
            return field, meant == "отметка"
    near = find_nearest(key, names) or find_nearest(
        word, [field.title.casefold() for field in free], 0.8
    )
    if not near and len(key) <= 4:
        near = find_nearest(key, names, 0.6)
    owed = [field for field in free if field.name in form.required]
    for field in free:
        if near and near in (field.name, field.title.casefold()):
            return field, False
    return (owed[0], False) if len(owed) == 1 else None


def said_of(raw: str, meaning: Meaning) -> str:
    """Say what of a value the eye cannot see; "" when its form is wrong in plain sight."""
    return describe_difference(raw, str(meaning.value)) if isinstance(meaning.value, str) else ""
