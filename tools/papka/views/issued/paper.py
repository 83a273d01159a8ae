"""What every issued document has on paper, from its entry alone: it outlives the personal file.

Invariants: the same entry looks the same for ever; a document that counts no more says so on every
sheet; without a signature in the entry there is no code. Absent on purpose: the records of people.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from dataclasses import dataclass
from typing import Literal

from papka.core.document_code import text
from papka.integrity.documents.entry import facts_signed
from papka.model.acts import Issuer, PrintedRow, RegisterEntry
from papka.model.archive import Archive
from papka.views.issued.request import entry_of
from papka.views.letterhead import Letterhead, letterhead, registration
from papka.views.qr_code import QrCode, qr_code
from papka.views.signature import Signature, of_head
from papka.views.state import Page, State
from papka.views.wording import HOURS, NBSP, NONE, counted, day, number, quoted

VOID = "НЕДЕЙСТВИТЕЛЕН"
DUPLICATE = "ДУБЛИКАТ"
_TIED = re.compile(r"(?<![^ («])(№|от|с|по|из|до|п\.|г\.|ул\.|д\.) (?=\S)|(?<=\d) (?=\(|час|балл)")
_LONG, _VERY_LONG = 48, 110
Size = Literal["", "long", "very-long"]


@dataclass(frozen=True, slots=True)
class Paper:
    """`duplicate` is a word and `original` a sentence, both empty on an original; `code` is None
    on a document signed by hand alone."""

    page: Page
    letterhead: Letterhead
    signature: Signature
    number: str
    date: str
    place: str
    duplicate: str
    original: str
    basis: str
    notes: tuple[str, ...]
    code: QrCode | None
    checking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table in words; «—» where there is nothing to say."""

    title: str
    hours: str
    control: str
    result: str
    scale: str
    date: str
    note: str


def paper(state: State, address: str, title: str) -> tuple[Paper, RegisterEntry]:
    """Raises NotFound when no document has that number."""
    _, entry = entry_of(state.archive, address)
    issuer = entry.issuer
    return (
        Paper(
            page=_page(state, entry, title),
            letterhead=_letterhead(issuer) if issuer else letterhead(state.archive),
            signature=(
                Signature(tied(issuer.post), tied(issuer.head))
                if issuer
                else of_head(state.archive)
            ),
            number=number(entry.number),
            date=day(entry.date),
            place=tied(issuer.place or "") if issuer else letterhead(state.archive).place,
            duplicate=DUPLICATE if entry.duplicate_of else "",
            original=_original(entry),
            basis=_basis(state, entry),
            notes=tuple(_notes(entry)),
            code=qr_code(_code(entry)) if entry.signature else None,
            checking=_checking(entry),
        ),
        entry,
    )


def numbers(form: str, archive: Archive) -> tuple[str, ...]:
    """Numbers of all documents of a form, as the books have them."""
    return tuple(
        entry.number
        for _, entry in sorted(archive.registers.items())
        if entry.form.partition("@")[0] == form
    )


def fact(entry: RegisterEntry, name: str) -> str:
    """A fact in words, empty when the entry has none."""
    value = entry.facts.get(name, "")
    return tied(str(value)) if isinstance(value, (str, int)) else f"{value:g}".replace(".", ",")


def day_of(entry: RegisterEntry, name: str) -> str:
    """A fact that is a day; one that is none stands as it is written."""
    words = fact(entry, name)
    try:
        return day(dt.date.fromisoformat(words))
    except ValueError:
        return words


def lines(rows: tuple[PrintedRow, ...]) -> tuple[Line, ...]:
    return tuple(
        Line(
            tied(row.title),
            NONE if row.hours is None else str(row.hours),
            row.control or NONE,
            tied(row.result or NONE),
            row.scale or "",
            day(row.date) if row.date else NONE,
            row.note or "",
        )
        for row in rows
    )


def by_sex(entry: RegisterEntry, forms: tuple[str, str, str]) -> str:
    """For a man, for a woman, and where the record does not say."""
    return forms[{"мужской": 0, "женский": 1}.get(str(entry.facts.get("sex")), 2)]


def given(entry: RegisterEntry) -> str:
    """«Дана Ивушкиной Розе, 07.07.2012 года рождения, в том, что она»; in the nominative where
    the case is not certain."""
    about = [f"({words})"] if (words := fact(entry, "former")) else []
    birth = f", {day(entry.birth_date)} года рождения," if entry.birth_date else ""
    if name := fact(entry, "dative"):
        who = " ".join([name, *about])
        comma = birth or ","
        return f"Дана {who}{comma} в{NBSP}том, что {by_sex(entry, ('он', 'она', 'он(а)'))}"
    return f"Справка подтверждает, что {' '.join([entry.holder, *about])}{birth}"


def program(entry: RegisterEntry) -> str:
    """«по дополнительной общеобразовательной программе «…» (72 часа; форма обучения: очная)»."""
    hours, form = entry.facts.get("hours"), fact(entry, "study_form")
    about = [counted(hours, HOURS)] if isinstance(hours, int) else []
    about += [f"форма обучения: {form}"] if form else []
    words = f"по{NBSP}дополнительной общеобразовательной программе {quoted(fact(entry, 'program'))}"
    return f"{words} ({'; '.join(about)})" if about else words


def sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else ""


def size_of(text: str) -> Size:
    """How much room a display line takes; its style sheet has a class for each."""
    return "very-long" if len(text) > _VERY_LONG else "long" if len(text) > _LONG else ""


def tied(text: str) -> str:
    """With the no-break spaces of a paper: «№ 14», «от 25.12.2025», «5 (пять)»."""
    return _TIED.sub(lambda match: f"{match[1] or ''}{NBSP}", text)


def _page(state: State, entry: RegisterEntry, title: str) -> Page:
    """Dated by the document, so that a reprint is the same bytes."""
    stamp = VOID if entry.void is not None else state.stamp
    return Page(f"{title} {number(entry.number)}", f"{entry.date.isoformat()}T00:00:00Z", stamp, "")


def _letterhead(issuer: Issuer) -> Letterhead:
    return Letterhead(
        organization=issuer.name,
        short_name=issuer.short_name or issuer.name,
        registration=registration(issuer.inn, issuer.ogrn),
        contacts=tied(issuer.contacts or ""),
        licence=f"Лицензия {number(tied(issuer.licence))}" if issuer.licence else "",
        place=tied(issuer.place or ""),
    )


def _original(entry: RegisterEntry) -> str:
    if entry.duplicate_of is None:
        return ""
    when = day_of(entry, "original")
    return f"Выдан взамен утраченного {number(entry.duplicate_of)}" + (
        f" от{NBSP}{when}" if when else ""
    )


def _basis(state: State, entry: RegisterEntry) -> str:
    """«приказ № 14-к от 25.12.2025; протокол № 3 от 24.12.2025»."""
    words = fact(entry, "order")
    if not words and entry.order:
        found = state.archive.orders.get(entry.order)
        words = f"приказ {number(found.number)} от{NBSP}{day(found.date)}" if found else ""
    return "; ".join(part for part in (words, tied(entry.protocol or "")) if part)


def _notes(entry: RegisterEntry) -> list[str]:
    notes = [f"Бланк {number(entry.blank)}."] if entry.blank else []
    regulation = fact(entry, "regulation")
    return [*notes, *([f"Локальный акт: {regulation}."] if regulation else [])]


def _code(entry: RegisterEntry) -> str:
    return text(facts_signed(entry), base64.b64decode(entry.signature or ""))


def _checking(entry: RegisterEntry) -> tuple[str, ...]:
    if entry.signature is None:
        return ()
    return (
        "Сведения подписаны электронной подписью руководителя.",
        "Проверка: papka verify ФАЙЛ.pdf",
        "или по тексту QR-кода.",
    )
