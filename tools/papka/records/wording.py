"""Numbers, dates, marks, names and references as a Russian document words them.

What belongs together is joined by no-break spaces; U+202F, U+2010 and signs the bundled fonts lack
are not used. A mark is never converted between scales (R-2.2.3). A reference to nothing is printed
as it stands in the record, so that paper never hides what `papka check` reports.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from typing import Literal

from papka.core.phrases import agree, natural_key
from papka.records.acts import Approval
from papka.records.archive import Archive
from papka.records.derived.approvals import judge_period, late_entries
from papka.records.derived.headcount import count_destroyed
from papka.records.derived.in_force import representative_on
from papka.records.derived.result_facts import enrolment_of
from papka.records.school import Scale
from papka.records.student import (
    AddedLine,
    Consent,
    Document,
    Enrolment,
    FormerName,
    Mark,
    Name,
    Person,
    Representative,
    Student,
)

NBSP = "\u00a0"
NONE = "—"
OWN = "обучающийся"
_INNER_QUOTES = str.maketrans("«»", "„“")

Gender = Literal["м", "ж", "с"]
Case = Literal["и", "р", "п"]
"""Кто? кого? о ком? — a number stands in the case its sentence asks for."""
WordForms = tuple[str, str, str]
"""«лист», «листа», «листов»: with 1, with 2, with 5; in another case «листе», «листах»,
«листах»."""

SHEETS: WordForms = ("лист", "листа", "листов")
ON_SHEETS: WordForms = ("листе", "листах", "листах")
VOLUMES: WordForms = ("том", "тома", "томов")
DOCUMENTS: WordForms = ("документ", "документа", "документов")
HOURS: WordForms = ("час", "часа", "часов")
YEARS: WordForms = ("год", "года", "лет")
MARKS: WordForms = ("оценка", "оценки", "оценок")
ENTRIES: WordForms = ("запись", "записи", "записей")

# fmt: off
_BELOW_20 = (
    "ноль", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять",
    "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать",
    "семнадцать", "восемнадцать", "девятнадцать",
)
_TENS = (
    "", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят",
    "восемьдесят", "девяносто",
)
_HUNDREDS = (
    "", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот",
    "девятьсот",
)
# fmt: on
_ONE: dict[Case, dict[Gender, str]] = {
    "и": {"м": "один", "ж": "одна", "с": "одно"},
    "р": {"м": "одного", "ж": "одной", "с": "одного"},
    "п": {"м": "одном", "ж": "одной", "с": "одном"},
}
_TWO: dict[Gender, str] = {"м": "два", "ж": "две", "с": "два"}
_OBLIQUE = {
    "два": "двух",
    "три": "трёх",
    "четыре": "четырёх",
    "восемь": "восьми",
    "сорок": "сорока",
    "пятьдесят": "пятидесяти",
    "шестьдесят": "шестидесяти",
    "семьдесят": "семидесяти",
    "восемьдесят": "восьмидесяти",
    "девяносто": "девяноста",
    "сто": "ста",
}
_OBLIQUE_HUNDREDS: dict[Case, str] = {"р": "сот", "п": "стах"}
_GROUPS: tuple[tuple[int, Gender, dict[Case, WordForms]], ...] = (
    (10**6, "м", {
        "и": ("миллион", "миллиона", "миллионов"),
        "р": ("миллиона", "миллионов", "миллионов"),
        "п": ("миллионе", "миллионах", "миллионах"),
    }),
    (10**3, "ж", {
        "и": ("тысяча", "тысячи", "тысяч"),
        "р": ("тысячи", "тысяч", "тысяч"),
        "п": ("тысяче", "тысячах", "тысячах"),
    }),
)  # fmt: skip
MONTHS = (
    *("января", "февраля", "марта", "апреля", "мая", "июня"),
    *("июля", "августа", "сентября", "октября", "ноября", "декабря"),
)


def agreed(number: int, forms: WordForms) -> str:
    """Return the form of the noun that goes with the number."""
    return agree(abs(number), *forms)


_SHORT: Mapping[str, tuple[str, str]] = {
    "испорчен": ("испорчена", "испорчено"),
    "заменён": ("заменена", "заменено"),
    "аннулирован": ("аннулирована", "аннулировано"),
    "недействителен": ("недействительна", "недействительно"),
}
"""What a document may be, masculine -> feminine, neuter."""


def agreed_with(title: str, word: str) -> str:
    """Return a short form said of a document in the gender of its title: «Справка … испорчена».

    The first word decides, a noun or an adjective; what has no other forms stays as it is.
    """
    first = title.split(maxsplit=1)[0].casefold() if title.strip() else ""
    feminine, neuter = _SHORT.get(word, (word, word))
    if first.endswith(("а", "я", "ость", "ись")):
        return feminine
    return neuter if first.endswith(("о", "е")) else word


def agreements(word: str) -> tuple[str, ...]:
    """Return all the forms of such a word, the masculine first."""
    return (word, *_SHORT.get(word, ()))


def in_words(number: int, gender: Gender = "м", case: Case = "и") -> str:
    """Spell 0…999 999 999: «двадцать один», «двадцать одна», «(на) двадцати одном»."""
    if not 0 <= number < 10**9:
        raise ValueError(number)
    if number == 0:
        return {"и": "ноль", "р": "ноля", "п": "ноле"}[case]
    words, rest = list[str](), number
    for size, own, forms in _GROUPS:
        count, rest = divmod(rest, size)
        if count:
            words += [*_spell_below_1000(count, own, case), agreed(count, forms[case])]
    return " ".join(words + _spell_below_1000(rest, gender, case))


def _spell_below_1000(number: int, gender: Gender, case: Case) -> list[str]:
    hundreds, rest = divmod(number, 100)
    words = []
    if hundreds and (case == "и" or hundreds == 1):
        words.append(_inflect(_HUNDREDS[hundreds], case))
    elif hundreds:
        words.append(_inflect(_BELOW_20[hundreds], case) + _OBLIQUE_HUNDREDS[case])
    if rest >= 20:
        words.append(_inflect(_TENS[rest // 10], case))
        rest %= 10
    if rest == 1:
        words.append(_ONE[case][gender])
    elif rest == 2 and case == "и":
        words.append(_TWO[gender])
    elif rest:
        words.append(_inflect(_BELOW_20[rest], case))
    return words


def _inflect(word: str, case: Case) -> str:
    """Inflect a numeral; both oblique cases are alike: «пяти», «двадцати»."""
    return word if case == "и" else _OBLIQUE.get(word) or f"{word[:-1]}и"


def counted(number: int, forms: WordForms) -> str:
    """Word a count: «3 листа»."""
    return f"{number}{NBSP}{agreed(number, forms)}"


def spelled(number: int, forms: WordForms, gender: Gender = "м", case: Case = "и") -> str:
    """Word a count in figures and words: «3 (три) листа», «(на) 12 (двенадцати) листах»."""
    return f"{number}{NBSP}({in_words(number, gender, case)}) {agreed(number, forms)}"


def day(date: dt.date) -> str:
    """Write a date: «28.05.2026»."""
    return f"{date:%d.%m.%Y}"


def long_day(date: dt.date) -> str:
    """Write a date in words: «15 января 2026 г.», never broken."""
    return f"{date.day}{NBSP}{MONTHS[date.month - 1]}{NBSP}{date.year}{NBSP}г."


def number(text: str) -> str:
    """Write a number with its sign: «№ 17/26»."""
    return f"№{NBSP}{text}"


def quoted(title: str) -> str:
    """Quote a title: «Весенний концерт „Капель“», with lower marks inside."""
    return f"«{title.translate(_INNER_QUOTES)}»"


def short_name(name: Name) -> str:
    """Write a name in short: «А. П. Смирнова», never broken between its parts."""
    return name.short.replace(" ", NBSP)


def listed_name(name: Name) -> str:
    """Write a name for lists: «Смирнова А. П.», broken only after the surname."""
    if name.surname is None:
        return name.given
    initials = [f"{part[0]}." for part in (name.given, name.patronymic) if part]
    return f"{name.surname} {NBSP.join(initials)}"


def mark(value: Mark, scale: Scale | None) -> str:
    """Word a mark: «5 (пять)» on a scale to 12, «87 из 100» on a longer one, else as it is."""
    if isinstance(value, str):
        return value
    whole = int(value) if value == int(value) else None
    figure = str(whole) if whole is not None else f"{value:g}".replace(".", ",")
    if scale is None or scale.highest is None:
        return figure
    if scale.highest <= 12:
        words = whole is not None and whole >= 0
        return f"{figure}{NBSP}({in_words(int(value))})" if words else figure
    return f"{figure} из{NBSP}{scale.highest:g}"


def scale_rule(scale: Scale) -> str:
    """Describe a scale in a line: its range or words, and what passes (R-2.2.3)."""
    if scale.marks:
        passing = ", ".join(f"«{word}»" for word in scale.passing_marks)
        return f"{scale.title}: {', '.join(scale.marks)}; освоено — {passing or 'не определено'}"
    low, high = (f"{end:g}".replace(".", ",") for end in (scale.lowest or 0, scale.highest or 0))
    passing = "" if scale.pass_mark is None else f"; освоено — от{NBSP}{scale.pass_mark:g}"
    return f"{scale.title}: от{NBSP}{low} до{NBSP}{high}{passing.replace('.', ',')}"


def staff(archive: Archive, staff_id: str | None) -> str:
    """Name a member of staff: «А. П. Смирнова»."""
    if staff_id is None:
        return NONE
    member = archive.staff.get(staff_id)
    return short_name(member.name) if member else staff_id


def teacher(archive: Archive, staff_id: str | None) -> str:
    """Name a member of staff in a column of names: «Смирнова А. П.»."""
    if staff_id is None:
        return NONE
    member = archive.staff.get(staff_id)
    return listed_name(member.name) if member else staff_id


def order(archive: Archive, order_id: str | None) -> str:
    """Name an order: «приказ № 1-к от 14.01.2026»."""
    if order_id is None:
        return ""
    found = archive.orders.get(order_id)
    if found is None:
        gone = archive.destroyed.of_order(order_id)
        return f"приказ {order_id}" + (f" ({gone.words})" if gone else "")
    return f"приказ {number(found.number)} от{NBSP}{day(found.date)}"


def name_destroyed(path: str, entry: str | None = None) -> str:
    """Name a unit, or one document of it, by numbers alone: «личное дело 2020-0007»."""
    steps = path.split("/")[1:]
    if entry:
        return f"файл документа {entry}"
    if steps[0] == "students":
        return f"личное дело {steps[-1]}"
    if steps[0] == "orders":
        return f"приказ {'/'.join(steps[1:])}"
    if steps[0] == "registers":
        return f"запись книги {'/'.join(steps[1:])}"
    rows = "несопоставленные строки" if steps[-1] == "unmatched" else "подлинник"
    return f"{rows} выгрузки {'/'.join(steps[1:-1])}"


def note_destroyed(
    archive: Archive, periods: Container[str], write: Callable[[int], str] = str
) -> Iterator[str]:
    """Say how many of these periods are in no table of a report, for their files were destroyed."""
    for each in count_destroyed(archive, periods):
        found, period = archive.programs.get(each.program), archive.periods.get(each.period)
        ends = (
            ("завершили", each.completed),
            ("отчислены", each.expelled),
            ("переведены", each.moved),
        )
        parts = (
            quoted(found.title) if found else each.program,
            period.title if period else each.period,
            f"обучались{NBSP}— {write(each.students)}",
            *(f"{word}{NBSP}— {write(count)}" for word, count in ends if count),
        )
        yield f"Дела уничтожены по акту, в таблицах их нет: {', '.join(parts)}."


def event(archive: Archive, event_id: str | None) -> str:
    """Name an event and its level: «Весенний концерт» (муниципальный уровень)."""
    if event_id is None:
        return ""
    found = archive.events.get(event_id)
    if found is None:
        return event_id
    level = "уровень организации" if found.level == "организация" else f"{found.level} уровень"
    return quoted(found.title) + (f" ({level})" if found.level else "")


def program(archive: Archive, enrolment: Enrolment | None, enrolment_id: str = "") -> str:
    """Name a programme: «Гитара с нуля»."""
    if enrolment is None:
        return enrolment_id
    found = archive.programs.get(enrolment.program)
    return quoted(found.title) if found else enrolment.program


def document(student: Student, document_id: str | None) -> Document | None:
    """Find a line of the inventory by its id."""
    return next((d for d in student.documents if d.id == document_id), None)


def representative(person: Person, id_: str | None) -> Representative | None:
    """Find a representative by the id in the card."""
    return next((each for each in person.representatives if each.id == id_), None)


def paper(student: Student, document_id: str | None) -> str:
    """Name a paper: «№ 17/26 от 12.01.2026»; without number and date, by its title."""
    if document_id is None:
        return ""
    found = document(student, document_id)
    if found is None:
        return document_id
    parts = [number(found.number)] if found.number else []
    if found.date:
        parts.append(f"от{NBSP}{day(found.date)}")
    return " ".join(parts) or found.title


def signer(person: Person, signer_id: str, on: dt.date | None = None) -> str:
    """Name who signed or was told: a representative by the name of that day, or «обучающийся».

    Without a day by the name of today.
    """
    if signer_id == OWN:
        return OWN
    found = representative(person, signer_id)
    if found is None:
        return signer_id
    name = representative_on(found, on) if on else found
    return f"{short_name(name)} ({found.relation})"


def consent_term(archive: Archive, consent: Consent) -> str:
    """Say how long a consent holds: to its last day, else in the words signed; "" if neither is."""
    if consent.valid_until is not None:
        return f"до{NBSP}{day(consent.valid_until)}"
    purpose = archive.purposes.get(consent.purpose)
    edition = purpose.edition(consent.edition) if purpose else None
    return edition.term if edition else ""


def named(archive: Archive, student: Student, line: AddedLine) -> str:
    """Name what a field of an archive's own schema refers to; any other text stays as it is."""
    name = line.text
    for target in line.targets:
        said = _name_referred(archive, student, target, name)
        if said != name:
            return said
    return name


def _name_referred(archive: Archive, student: Student, target: str, name: str) -> str:
    match target:
        case "staff":
            return teacher(archive, name)
        case "order":
            return order(archive, name)
        case "events":
            return event(archive, name)
        case "periods":
            return title_of(archive, name)
        case "documents":
            return paper(student, name)
        case "representatives" if student.person:
            return signer(student.person, name)
        case "enrolments":
            return program(archive, enrolment_of(student, name), name)
        case "program":
            return quoted(archive.programs[name].title) if name in archive.programs else name
        case "platform":
            return quoted(archive.platforms[name].title) if name in archive.platforms else name
        case _:
            return name


_COUNTRIES = {
    "AM": "Армения", "AZ": "Азербайджан", "BY": "Беларусь", "CN": "Китай", "DE": "Германия",
    "FI": "Финляндия", "GE": "Грузия", "IN": "Индия", "KG": "Киргизия", "KZ": "Казахстан",
    "MD": "Молдова", "MN": "Монголия", "NL": "Нидерланды", "RS": "Сербия", "RU": "Россия",
    "TJ": "Таджикистан", "TM": "Туркменистан", "TR": "Турция", "UZ": "Узбекистан",
}  # fmt: skip


def country(code: str) -> str:
    """Name the country of a code of two letters; one not known here is said to be a code."""
    return _COUNTRIES.get(code, f"страна с{NBSP}кодом {code}")


def former_names(person: Person | Representative) -> tuple[str, ...]:
    """Write former names, the latest last: «Абрикосова (по 01.03.2026)»."""
    return tuple(
        former_name(past) for past in sorted(person.former_names, key=lambda past: past.until)
    )


def former_name(past: FormerName) -> str:
    """Write a former name and its last day: only the parts that were different."""
    return f"{past.words} (по{NBSP}{day(past.until)})"


def span(start: dt.date | None, end: dt.date | None) -> str:
    """Write a span of days: «с 15.01.2026 по 25.12.2026»."""
    parts = [f"с{NBSP}{day(start)}"] if start else []
    if end:
        parts.append(f"по{NBSP}{day(end)}")
    return " ".join(parts)


def title_of(archive: Archive, period: str) -> str:
    """Return a period's declared title: «2025/26 учебный год, 1 полугодие»."""
    found = archive.periods.get(period)
    return found.title if found else period


def in_order(archive: Archive, periods: Iterable[str]) -> list[str]:
    """Sort periods by the day they start; one that is not declared comes last, by name."""

    def start(period: str) -> tuple[dt.date, str]:
        found = archive.periods.get(period)
        return (found.start if found else dt.date.max), period

    return sorted(periods, key=start)


def is_closed(archive: Archive, period: str) -> bool:
    """Whether the head closed a period; which of its entries are approved, `approvals` tells."""
    return period in archive.approvals


def act_words(key: str, act: Approval) -> str:
    """Name an act of approval by its key: «дополнительный акт № 2 руководителя от 20.11.2026»."""
    number = key.removeprefix(act.period).lstrip("-")
    name = f"дополнительный акт № {number}" if number else "акт"
    if number and act.is_early:
        name = f"акт № {number} (до закрытия периода)"
    return f"{name} руководителя от {day(act.date)}"


def is_approved_early(archive: Archive, period: str, people: Iterable[Student]) -> bool:
    """Whether an act before the closing of a period holds an entry of these people."""
    return not is_closed(archive, period) and any(
        judge_period(archive, each, period).held for each in people
    )


def name_drafts(
    archive: Archive, periods: Iterable[str], people: Iterable[Student]
) -> tuple[str, ...]:
    """Say which periods the head has not approved, and how many entries of those that are.

    Empty when everything of these people in these periods is approved (R-5.6).
    """
    ordered, known = in_order(archive, periods), tuple(people)
    drafts = [
        each
        for each in ordered
        if not (is_closed(archive, each) or is_approved_early(archive, each, known))
    ]
    titles = "; ".join(title_of(archive, each) for each in drafts)
    found = [f"Не утверждены руководителем: {titles}."] if titles else []
    for period in ordered:
        if period in drafts:
            continue
        late = sum(len(judge_period(archive, each, period).unapproved) for each in known)
        which = "записей, внесённых после закрытия," if is_closed(archive, period) else "записей"
        if late:
            found.append(
                f"Не утверждено руководителем, {title_of(archive, period)}: {which} — {late}."
            )
    return tuple(found)


def list_results(ids: Iterable[str]) -> str:
    """Write the numbers of results by their ids: «5, 7»."""
    return ", ".join(sorted((id_.lstrip("r") for id_ in ids), key=natural_key))


def if_approved(archive: Archive, student: Student) -> str:
    """Word what an absence of debts hangs on: «, если руководитель утвердит записи 5, 7»; empty
    when nothing came after an act."""
    late = [each.id for each in late_entries(archive, student)]
    words = "записи" if len(late) > 1 else "запись"
    return f", если руководитель утвердит {words}{NBSP}{list_results(late)}" if late else ""


def status_of(archive: Archive, period: str, *, is_early: bool) -> str:
    """Say whether the head approved a period (R-5.6), for beside its title; `is_early`: what is
    told of it was approved before the closing, some of it at least."""
    approval = archive.approvals.get(period)
    if approval is None:
        return "утверждено до закрытия периода" if is_early else "руководителем не утверждено"
    return f"утверждено {day(approval.date)}"
