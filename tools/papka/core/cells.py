"""Read what people and platforms write in a cell: words, days, numbers, phones, names, orders.

A cell is forgiven, a record is strict: whatever is surely meant becomes the one form that records
keep, anything else is None and the caller tells the cell. Nothing is guessed: 03/04/2026 has two
readings and so none of its own, «1,234» may be a thousand, a year has four digits.

`folded` is the one notion of "the same word" in the whole program: for headings, words of a layout,
marks of a scale, names in a file and in the archive, and what is looked for.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache

_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_APOSTROPHES = dict.fromkeys(map(ord, "’‘ʼʹ′`´＇"), "'")
_QUOTES = dict.fromkeys(map(ord, "«»„“”‟"), '"')
_ALIKE = str.maketrans("abcehkmoptxy", "авсенкмортху")
"""Latin letters, and the Cyrillic ones that look like them or like their capitals."""
_SIGNS: dict[int, str | None] = {**_INVISIBLE, **_DASHES, **_APOSTROPHES, **_QUOTES}
_MIXED = re.compile(r"[a-z][\u0430-\u045f]|[\u0430-\u045f][a-z]")
_LETTERS = re.compile(r"[a-z\u0430-\u045f]+")


@lru_cache(maxsize=1 << 14)  # titles, given names and words of study stand in every row
def folded(text: str) -> str:
    """Fold a text so that two spellings of one word are one.

    Letter case, ё and е, letters made of two signs, the kind of dash, quotation mark, apostrophe
    and space, and what cannot be seen make no difference; nor does a Latin letter in a Russian
    word.
    """
    if text.isascii():
        return " ".join(_put_plain(text, _APOSTROPHES).split()).casefold()
    whole = _put_plain(unicodedata.normalize("NFC", text), _SIGNS)
    plain = caseless(" ".join(whole.split()))
    return _LETTERS.sub(_in_one_script, plain) if _MIXED.search(plain) else plain


def _put_plain(text: str, signs: Mapping[int, str | None]) -> str:
    """Replace signs as `str.translate` does, which would look up each letter of a long text."""
    for code, plain in signs.items():
        sign = chr(code)
        if sign in text:
            text = text.replace(sign, plain or "")
    return text


def caseless(text: str) -> str:
    """Return a text without letter case and the dots of ё, all else as it is."""
    return text.casefold().replace("ё", "е")


def _in_one_script(letters: re.Match[str]) -> str:
    """Return a word of both alphabets in the Russian one."""
    word = letters[0]
    return word.translate(_ALIKE) if _MIXED.search(word) else word


def tidy(text: str) -> str:
    """Return the text as a record keeps it: whole letters, one kind of space, none at the ends."""
    whole = unicodedata.normalize("NFC", text)
    return " ".join(whole.translate(_INVISIBLE).split())


_NOTHING = re.compile(r"[-_.*/\s]+")
_NOTHING_WORDS = frozenset(
    (
        *("нет", "н/д", "нет данных", "отсутствует", "не указано", "не указан", "не указана"),
        *("без отчества", "не имеет", "не имеется", "n/a", "null", "none"),
        *(
            "нет телефона",
            "нет почты",
            "нет отчества",
            "б/н",
            "без номера",
            "неизвестно",
            "неизвестен",
            "неизвестна",
        ),
    )
)


def is_dash(text: str) -> bool:
    """Whether the cell holds a dash and nothing more."""
    return bool(text) and folded(text).strip("- ") == "" and "-" in folded(text)


def is_nothing(text: str) -> bool:
    """Whether the cell says that there is nothing to say: empty, a dash, «нет», «н/д»."""
    word = folded(text)
    return not word or word in _NOTHING_WORDS or _NOTHING.fullmatch(word) is not None


_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:([.,])([0-9]{1,30}))?(?:[eE][+-]?[0-9]{1,2})?")
_IN_THOUSANDS = re.compile(
    r"[+-]?[0-9]{1,3}(?:(?:[ '][0-9]{3})+[.,][0-9]+|(?:[ '][0-9]{3}){2,}"
    r"|(?:,[0-9]{3})+\.[0-9]+|(?:\.[0-9]{3})+,[0-9]+|(?:,[0-9]{3}){2,}|(?:\.[0-9]{3}){2,})",
    re.ASCII,
)
"""Thousands set apart by a sign that cannot be the one before a fraction."""
_THOUSAND = 3
"""Digits after a comma that may be the rest of a thousand."""
_TYPED = 15
"""Digits after a point, of which nobody types more."""


def number(text: str, decimal: str = ".") -> Decimal | None:
    """Read a number whose fraction stands after `decimal`, or surely after the other sign."""
    plain = " ".join(_put_plain(text, _SIGNS).split())
    if _IN_THOUSANDS.fullmatch(plain):
        plain = _without_thousands(plain)
    found = _NUMBER.fullmatch(plain)
    if found is None:
        return None
    sign, digits = found[1], found[2]
    if sign is not None and sign != decimal and len(digits) == _THOUSAND:
        return None
    read = Decimal(found[0].replace(",", "."))
    # what computes in binary writes 0.9 as 0.8999999999999999
    return round(read, _TYPED - 2) if len(digits or "") > _TYPED else read


def small_number(text: str) -> Decimal | None:
    """Read a number that cannot be thousands, so that «8.750» and «8,750» have one reading."""
    read = (number(text, sign) for sign in ",.")
    return next((value for value in read if value is not None), None)


def _without_thousands(number: str) -> str:
    """Return the number without the signs that set its thousands apart."""
    *thousands, last = re.split(r"(?<=[ ',.])", number)
    sign = thousands[-1][-1]
    is_fraction = sign in ",." and number.count(sign) == 1
    whole = "".join(thousands[:-1] if is_fraction else thousands)
    plain = re.sub(r"[ ',.]", "", whole)
    return f"{plain}{thousands[-1]}{last}" if is_fraction else f"{plain}{last}"


_RATIO = re.compile(r"([0-9]+(?:[.,][0-9]+)?) ?(?:/|из|out of|of) ?([0-9]+(?:[.,][0-9]+)?)")


def ratio(text: str) -> tuple[Decimal, Decimal] | None:
    """Read «18 / 20» and «18 из 20»: the points and out of how many."""
    found = _RATIO.fullmatch(folded(text))
    if found is None:
        return None
    got, most = (number(part) for part in found.groups())
    return None if got is None or most is None else (got, most)


_TIME = (
    r"(?:[ ,t]*(?:в |at )?(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    # a zone: «Z», «+03:00», «GMT+3», «(МСК)», «EEST», «Europe/Moscow»
    r" ?(?P<half>[ap]\.?m\.?)?(?: ?\(?(?:z|utc|ms[kd]|мск|[a-z]{2,4}t|[+-]\d|[a-z]+/[a-z_]+).*)?)?"
)
_YEAR = r"(?P<year>\d{4})(?: ?(?:г\.?|года?))?"
_WEEKDAY = r"(?:[а-яa-z]{2,12}\.?,? )?"
_FORMS = {
    name: source + _TIME
    for name, source in {
        "ГГГГ-ММ-ДД": r"(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})",
        "ГГГГ/ММ/ДД": r"(?P<year>\d{4})[/.](?P<month>\d{1,2})[/.](?P<day>\d{1,2})",
        "ДД.ММ.ГГГГ": rf"(?P<day>\d{{1,2}})\.(?P<month>\d{{1,2}})\.{_YEAR}",
        "ДД-ММ-ГГГГ": rf"(?P<day>\d{{1,2}})-(?P<month>\d{{1,2}})-{_YEAR}",
        "ДД/ММ/ГГГГ": r"(?P<day>\d{1,2})/(?P<month>\d{1,2})/(?P<year>\d{4})",
        "ММ/ДД/ГГГГ": r"(?P<month>\d{1,2})/(?P<day>\d{1,2})/(?P<year>\d{4})",
        "Д месяц ГГГГ": rf'{_WEEKDAY}"?(?P<day>\d{{1,2}})(?:st|nd|rd|th|-?го|-?е)?"? '
        rf"(?P<word>[а-яa-z]{{3,}})\.?,? {_YEAR}",
        "Month D, YYYY": rf"{_WEEKDAY}(?P<word>[a-z]{{3,}})\.? "
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? {_YEAR}",
    }.items()
}
_TWO_READINGS = frozenset({"ДД/ММ/ГГГГ", "ММ/ДД/ГГГГ"})
"""Forms read only where they are declared."""
_MONTHS = (
    *("январь января january", "февраль февраля february", "март марта march"),
    *("апрель апреля april", "май мая may", "июнь июня june", "июль июля july"),
    *("август августа august", "сентябрь сентября september", "октябрь октября october"),
    *("ноябрь ноября november", "декабрь декабря december"),
)
_SERIAL = re.compile(r"[1-7][0-9]{4}(?:[.,][0-9]+)?", re.ASCII)
SERIAL_ZERO = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - a spreadsheet's days have no zone
"""The day that spreadsheets count days from."""


def moment(text: str, form: str = "") -> dt.datetime | None:
    """Read a day with the time behind it, midnight without one; zones are left aside.

    `form` is one of the names above that a layout declares; other forms are read too where they
    have one reading. A bare number of five digits is a day as spreadsheets count them.
    """
    word = folded(text)
    if _SERIAL.fullmatch(word):
        return SERIAL_ZERO + dt.timedelta(days=round(float(word.replace(",", ".")), 5))
    return _moment_of(word, form) or _moment_of(_loosened(word), form)


def _moment_of(word: str, form: str) -> dt.datetime | None:
    for name, pattern in _FORMS.items():
        if name in _TWO_READINGS and name != form:
            continue
        found = re.fullmatch(pattern, word, re.ASCII)
        if found is not None:
            return _make_moment(found.groupdict())
    return None


def _loosened(word: str) -> str:
    """Return a date without spaces beside its signs, a remark in brackets, and letters О among
    its digits."""
    plain = _REMARK.sub("", _LETTER_O.sub("0", word))
    plain = _COMMAS.sub(r"\1.\2.\3", plain)
    return _BESIDE_WORD.sub(" ", _LOOSE.sub(lambda found: found[1] or ".", plain))


def day(text: str, form: str = "") -> dt.date | None:
    """Read a day as `moment` does, without its time."""
    found = moment(text, form)
    return found.date() if found else None


_DAY_FIRST = re.compile(r"(\d{1,2})([-./])(\d{1,2})\2(\d{4}|\d{2})", re.ASCII)
_LOOSE = re.compile(r"(?<=\d) ?([-./]) ?(?=\d)|(?<=\d) (?=\d+(?: \d|\Z))", re.ASCII)
_BESIDE_WORD = re.compile(r"(?<=\d)[ .-]+(?=[а-яa-z]{3})|(?<=[а-яa-z]{3})[ .-]+(?=\d{4}\Z)")
_REMARK = re.compile(r" ?\([^()]*\)\Z")
_LETTER_O = re.compile(r"(?<=\d)[оo](?=[\d.]|\Z)|(?<=\.)[оo](?=\d)")
_COMMAS = re.compile(r"\A(\d{1,2}),(\d{1,2}),(\d{4})\b")
_YEAR_WORD = re.compile(r" ?(?:г|год|года)?\.?\Z")
_WITHOUT_YEAR = re.compile(r"\d{1,2}\S* [а-я]{3,8}")


def days_meant(text: str, year: int | None = None) -> tuple[dt.date, ...] | None:
    """List the days a text can mean, the likeliest first; None when it is no date.

    `year` is meant where none is written. With dots the day comes first, with other signs it may
    be the month; of two digits of a year the century is not known.
    """
    plain = _LOOSE.sub(lambda found: found[1] or ".", _YEAR_WORD.sub("", folded(text)))
    word = _BESIDE_WORD.sub(" ", plain)
    if year and _WITHOUT_YEAR.fullmatch(word):
        word = f"{word} {year}"
    if found := _DAY_FIRST.fullmatch(word):
        written = list(_orders(*found.groups()))
    else:
        matched = (re.fullmatch(form, word, re.ASCII) for form in _FORMS.values())
        written = [each.groupdict() for each in matched if each is not None]
        if not any(said.get("month") or _month_of(said["word"] or "") for said in written):
            return None
    days = [made.date() for said in written if (made := _make_moment(said))]
    return tuple(dict.fromkeys(days))


def _orders(first: str, sign: str, second: str, year: str) -> Iterator[dict[str, str | None]]:
    """Yield year, month and day as three numbers can be meant."""
    ways = [(first, second)]
    if sign != "." and first != second and (int(second) > 12 or sign == "/"):
        ways.append((second, first))
    for day_, month in ways:
        for whole in [year] if len(year) == 4 else [f"20{year}", f"19{year}"]:
            yield {"year": whole, "month": month, "day": day_, **_MIDNIGHT}


_MIDNIGHT: dict[str, str | None] = dict.fromkeys(("hour", "minute", "second", "half"))


def _make_moment(said: dict[str, str | None]) -> dt.datetime | None:
    month = said.get("month") or _month_of(said.get("word") or "")
    hour = int(said["hour"] or 0)
    half = (said["half"] or "")[:1]
    if half == "p" and hour < 12:
        hour += 12
    elif half == "a" and hour == 12:
        hour = 0
    year, days, minute, second = (
        int(said[name] or 0) for name in ("year", "day", "minute", "second")
    )
    try:
        # zones are left aside
        return dt.datetime(year, int(month or 0), days, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None


def _month_of(word: str) -> str | None:
    """Return the number of a month named whole or shortened to three letters or more."""
    for month, names in enumerate(_MONTHS, 1):
        if any(name.startswith(word) for name in names.split()):
            return str(month)
    return None


_PHONE_SIGNS = re.compile(r"[\s().\-]+")
_PHONE_WORD = re.compile(r"\A'|\A(?:тел|моб|т|м|phone|tel)[a-zа-я]*\.?:? *")
_PHONE_OF_SHEET = re.compile(r"([1-9])[.,](\d{9,11})e\+?(\d{2})")
_PHONE = re.compile(r"\+?[0-9]{10,17}", re.ASCII)


def phone(text: str, *, can_ask: bool = False) -> str | None:
    """Return a phone as «+» and digits; a number of Russia may lack +7 or have 8 for it.

    +8 in a cell means +7; who can be asked is asked (`can_ask`).
    """
    plain = _PHONE_WORD.sub("", folded(text)).removesuffix(".0")
    shown = _PHONE_OF_SHEET.fullmatch(plain)  # a number as a sheet shows it, no digit lost
    if shown and int(shown[3]) == len(shown[2]):
        plain = shown[1] + shown[2]
    digits = _PHONE_SIGNS.sub("", plain)
    if _PHONE.fullmatch(digits) is None:
        return None
    if digits.startswith("+"):
        number = digits[1:]
    elif digits.startswith(("810", "00")):
        number = digits.removeprefix("810") if digits.startswith("810") else digits[2:]
    elif len(digits) == 10 and digits[0] in "349":
        number = f"7{digits}"
    elif len(digits) == 11 and digits[0] in "78":
        number = digits
    else:
        return None
    if len(number) == 11 and number.startswith("8"):
        if can_ask and digits.startswith("+"):
            return None
        number = f"7{number[1:]}"
    return f"+{number}" if 10 <= len(number) <= 15 else None


def snils(text: str) -> str | None:
    """Return «112-233-445 95» from any spacing of its eleven digits."""
    digits = re.sub(r"\A(?:снилс|№)[: ]*|[\s.\-]", "", folded(text))
    if not re.fullmatch(r"[0-9]{11}", digits, re.ASCII):
        return None
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:9]} {digits[9:]}"


_SEXES = {
    **dict.fromkeys(
        ("м", "муж", "мужской", "мужской пол", "мужчина", "мальчик", "юноша", "m", "male"),
        "мужской",
    ),
    **dict.fromkeys(
        ("ж", "жен", "женский", "женский пол", "женщина", "девочка", "девушка", "f", "female"),
        "женский",
    ),
}


def sex(text: str) -> str | None:
    """Return «мужской» or «женский»."""
    return _SEXES.get(folded(text).rstrip("."))


_NAME_SIGNS: dict[int, str | None] = {
    **_INVISIBLE,
    **_DASHES,
    **dict.fromkeys((*_APOSTROPHES, ord("'")), "’"),
}
_BESIDE_DASH = re.compile(r" *- *")
_WORDS = re.compile(r"[^\s’-]+")
_LITTLE = frozenset({"оглы", "оглу", "кызы", "угли", "улы"})


def name(text: str) -> str:
    """Return a part of a name as papers write it; "" where the cell says there is none.

    A name all in capitals, or without any, gets one at each of its words.
    """
    if is_nothing(text):
        return ""
    whole = unicodedata.normalize("NFC", text).translate(_NAME_SIGNS)
    plain = _BESIDE_DASH.sub("-", " ".join(whole.split()))
    if plain.islower() or (plain.isupper() and sum(map(str.isalpha, plain)) > 1):
        return _WORDS.sub(_capitalised, plain)
    return plain


def _capitalised(word: re.Match[str]) -> str:
    small = word[0].lower()
    return small if small in _LITTLE and word.start() else small[:1].upper() + small[1:]


def is_son_or_daughter(word: str) -> bool:
    """Whether the word ends a patronymic of two words: «Гасан оглы»."""
    return word.lower() in _LITTLE


def is_name(text: str) -> bool:
    """Whether a name, as `name` returns it, has letters and no other signs than names have."""
    plain = unicodedata.normalize("NFC", text)
    return any(map(str.isalpha, plain)) and all(
        sign.isalpha() or sign in " -’" or unicodedata.combining(sign) for sign in plain
    )


_NAME_WORD = re.compile(r"[^\W\d_]+(?:[-'][^\W\d_]+)*")


def name_words(text: str) -> tuple[str, ...]:
    """Return the words of a name in one order: platforms write «Имя Фамилия» and back."""
    return tuple(sorted(_NAME_WORD.findall(folded(text))))


_ORDER = re.compile(
    r"(?:приказ[а-я]* *)?(?:(?:№|n|no|номер)\.? *)?(?P<number>[^\s,]+(?: ?[-/] ?[^\s,]+)*)"
    r"(?:,? (?:от )?(?P<day>.*\d.*))?"
)


def order(text: str) -> tuple[str, dt.date | None] | None:
    """Read «Приказ № 2-К от 01.09.2026»: the number, folded, and the day where it is told."""
    found = _ORDER.fullmatch(folded(text))
    if found is None:
        return None
    told = day(found["day"]) if found["day"] else None
    if found["day"] and told is None:
        return None
    return re.sub(r" ?([-/]) ?", r"\1", found["number"]), told
