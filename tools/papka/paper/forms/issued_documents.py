"""What every issued document has on paper, from its entry alone: it outlives the personal file.

Invariants: the same entry looks the same for ever; a document that counts no more says so on every
sheet; without a signature in the entry there is no code. Absent on purpose: the records of people.

Certificate of a mastered programme with its insert: own sample, no state document
(273-ФЗ ст. 60 ч. 15; R-2.2.11).

Справка об успеваемости: current results of one period (R-5.4.2); what the head has not
approved is visibly a draft (R-5.6).

Справка об обучении or о периоде обучения: for who left early or studies on (273-ФЗ ст. 60
ч. 12; R-2.2.8).
"""

from __future__ import annotations

import base64
import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from papka.paper.form import (
    Form,
    Letterhead,
    Page,
    QrCode,
    Signature,
    State,
    letterhead,
    of_head,
    qr_code,
    registration,
)
from papka.paper.issued_contents import entry_of
from papka.proof.document_code import facts_signed, text
from papka.records.acts import Issuer, PrintedRow, RegisterEntry
from papka.records.archive import Archive
from papka.records.wording import HOURS, NBSP, NONE, counted, day, number, quoted

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


SAMPLE = (
    "Документ об обучении установленного организацией образца "
    "(ч. 15 ст. 60 Федерального закона от 29.12.2012 № 273-ФЗ)."
)


@dataclass(frozen=True, slots=True)
class CertificateView:
    """`holder_size` and `program_size` say how much room the display lines take."""

    page: Page
    letterhead: Letterhead
    signature: Signature
    paper: Paper
    holder: str
    holder_size: Size
    holder_notes: tuple[str, ...]
    mastered: str
    program: str
    program_size: Size
    details: tuple[str, ...]
    rows: tuple[Line, ...]
    total: str
    result: str
    events: tuple[Line, ...]
    sample: str
    is_tight: bool


def view_certificate(state: State, address: str) -> CertificateView:
    said, entry = paper(state, address, "Сертификат")
    program = quoted(fact(entry, "program"))
    birth = f"{day(entry.birth_date)} года рождения" if entry.birth_date else ""
    former = f"({fact(entry, 'former')})" if fact(entry, "former") else ""
    return CertificateView(
        page=said.page,
        letterhead=said.letterhead,
        signature=said.signature,
        paper=said,
        holder=entry.holder,
        holder_size=size_of(entry.holder),
        holder_notes=tuple(part for part in (former, birth) if part),
        mastered=by_sex(entry, ("освоил", "освоила", "освоил(а)"))
        + " в полном объёме дополнительную общеобразовательную программу",
        program=program,
        program_size=size_of(program),
        details=tuple(_details(said, entry)),
        rows=lines(entry.rows),
        total=_hours(entry),
        result=sentence(fact(entry, "result")),
        events=lines(entry.events),
        sample=SAMPLE,
        is_tight=bool(said.duplicate or size_of(entry.holder) or size_of(program)),
    )


def _details(said: Paper, entry: RegisterEntry) -> Iterator[str]:
    direction, form = fact(entry, "direction"), fact(entry, "study_form")
    about = [f"{direction} направленность"] if direction else []
    about += [f"объём {hours}"] if (hours := _hours(entry)) else []
    about += [f"форма обучения: {form}"] if form else []
    if about:
        yield "; ".join(about)
    started, ended = day_of(entry, "started"), day_of(entry, "ended")
    if started and ended:
        yield f"Период обучения: с{NBSP}{started} по{NBSP}{ended}"
    if said.basis:
        yield f"Основание: {said.basis}"


def _hours(entry: RegisterEntry) -> str:
    hours = entry.facts.get("hours")
    return counted(hours, HOURS) if isinstance(hours, int) else fact(entry, "hours")


CERTIFICATE = Form(
    name="certificate",
    title="Сертификат о дополнительном образовании",
    target="номер документа",
    view=view_certificate,
    targets=partial(numbers, "certificate"),
)


_PURPOSE = "Справка дана для предъявления по месту требования."


@dataclass(frozen=True, slots=True)
class ProgressView:
    """`draft` is empty for an approved period."""

    page: Page
    letterhead: Letterhead
    signature: Signature
    paper: Paper
    paragraphs: tuple[str, ...]
    period: str
    draft: str
    rows: tuple[Line, ...]
    debts: str
    purpose: str


def view_progress(state: State, address: str) -> ProgressView:
    said, entry = paper(state, address, "Справка об успеваемости")
    debts, draft = fact(entry, "debts"), fact(entry, "state")
    return ProgressView(
        page=said.page,
        letterhead=said.letterhead,
        signature=said.signature,
        paper=said,
        paragraphs=tuple(_paragraphs(said, entry)),
        period=fact(entry, "period"),
        draft=sentence(draft),
        rows=lines(entry.rows),
        debts=sentence(fact(entry, "result") or f"Академические задолженности: {debts}"),
        purpose=_PURPOSE,
    )


def _paragraphs(said: Paper, entry: RegisterEntry) -> Iterator[str]:
    started = day_of(entry, "started")
    since = f"с{NBSP}{started} " if started else ""
    yield f"{given(entry)} {since}обучается {program(entry)}."
    if said.basis:
        yield f"Основание: {said.basis}."


PROGRESS = Form(
    name="progress",
    title="Справка об успеваемости",
    target="номер документа",
    view=view_progress,
    targets=partial(numbers, "progress"),
)


_STUDIED = ("обучался", "обучалась", "обучался (обучалась)")
_ENDINGS = {
    "завершение": ("Обучение завершено", "Обучение завершено", "Обучение завершено"),
    "отчисление": ("Отчислен", "Отчислена", "Отчислен(а)"),
    "перевод": ("Переведён", "Переведена", "Переведён(а)"),
}


@dataclass(frozen=True, slots=True)
class TranscriptView:
    page: Page
    letterhead: Letterhead
    signature: Signature
    paper: Paper
    heading: str
    paragraphs: tuple[str, ...]
    rows: tuple[Line, ...]
    result: str
    purpose: str


def view_transcript(state: State, address: str) -> TranscriptView:
    said, entry = paper(state, address, "Справка об обучении")
    is_over = bool(fact(entry, "ended"))
    return TranscriptView(
        page=said.page,
        letterhead=said.letterhead,
        signature=said.signature,
        paper=said,
        heading="об обучении" if is_over else "о периоде обучения",
        paragraphs=tuple(_study_paragraphs(said, entry)),
        rows=lines(entry.rows),
        result=sentence(fact(entry, "result") or fact(entry, "mastered")),
        purpose=_PURPOSE,
    )


def _study_paragraphs(said: Paper, entry: RegisterEntry) -> Iterator[str]:
    started, ended = day_of(entry, "started"), day_of(entry, "ended")
    since = f"с{NBSP}{started}" if started else ""
    if ended:
        studied = f"{since} по{NBSP}{ended} {by_sex(entry, _STUDIED)}"
    elif started:
        studied = f"{since} обучается"
    else:
        studied = by_sex(entry, _STUDIED)
    yield f"{given(entry)} {studied.strip()} {program(entry)}."
    if ended:
        forms = _ENDINGS.get(fact(entry, "ending"), ("Обучение окончено",) * 3)
        basis = f": {said.basis}" if said.basis else ""
        yield f"{by_sex(entry, forms)} {ended}{basis}."
    else:
        basis = f" Основание: {said.basis}." if said.basis else ""
        yield f"На{NBSP}{said.date} обучение продолжается.{basis}"


TRANSCRIPT = Form(
    name="transcript",
    title="Справка об обучении (о периоде обучения)",
    target="номер документа",
    view=view_transcript,
    targets=partial(numbers, "transcript"),
)
