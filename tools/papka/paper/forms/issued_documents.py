"""The three issued documents: certificate, справка об успеваемости, справка об обучении.

Each is printed from its entry in the register alone, which outlives the personal file. The same
entry looks the same for ever; what became of the document since (`print_state`) is said on every
sheet. Without a signature in the entry there is no code, and none on what counts no more.
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
    Letterhead,
    Page,
    PrintedForm,
    QrCode,
    SignatureLine,
    State,
    letterhead,
    of_head,
    qr_code,
    registration,
)
from papka.paper.issued_contents import GOES_ON, MASTERED, PLAN_MASTERED, entry_of
from papka.paper.print_state import print_state
from papka.proof.document_code import compose_code, facts_signed
from papka.records.acts import Issuer, PrintedRow, RegisterEntry
from papka.records.archive import Archive
from papka.records.name_cases import tell_sex
from papka.records.wording import HOURS, NBSP, NONE, counted, day, number, quoted

_TIED = re.compile(r"(?<![^ («])(№|от|с|по|из|до|п\.|г\.|ул\.|д\.) (?=\S)|(?<=\d) (?=\(|час|балл)")
_SIGNED = "Сведения подписаны ключом организации{acting}, отпечаток {key}."
_CHECKING = (
    "Проверка: papka verify ФАЙЛ.pdf",
    "или по тексту QR-кода.",
)
Size = Literal["", "long", "very-long"]


@dataclass(frozen=True, slots=True)
class IssuedPaper:
    """The parts that every issued document has.

    `duplicate` (a word) and `original` (a sentence) are empty on an original; `fate`: what became
    of the document since, `certified` the place for «Верно» on a copy; `code` is None on a document
    signed by hand alone, and on a void one.
    """

    page: Page
    letterhead: Letterhead
    signature: SignatureLine
    number: str
    date: str
    place: str
    duplicate: str
    original: str
    basis: str
    notes: tuple[str, ...]
    fate: tuple[str, ...]
    certified: SignatureLine | None
    code: QrCode | None
    checking: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class IssuedLine:
    """A row of a table in words; «—» where there is nothing to say."""

    title: str
    hours: str
    control: str
    result: str
    scale: str
    date: str
    note: str


def paper(state: State, address: str, title: str) -> tuple[IssuedPaper, RegisterEntry]:
    """Return the common parts and the entry. Raises NotFound when no document has that number."""
    _, entry = entry_of(state.archive, address)
    issuer, now = entry.issuer, print_state(state.archive, entry, title)
    signature = None if entry.void else entry.signature
    return (
        IssuedPaper(
            page=Page(
                f"{title} {number(entry.number)}",
                f"{entry.date.isoformat()}T00:00:00Z",  # so that a reprint is the same bytes
                now.stamp or state.stamp,
                "",
            ),
            letterhead=_letterhead(issuer) if issuer else letterhead(state.archive, entry.date),
            signature=(
                SignatureLine(tied(issuer.post), tied(issuer.head))
                if issuer
                else of_head(state.archive, entry.date)
            ),
            number=number(entry.number),
            date=day(entry.date),
            place=tied(issuer.place or "")
            if issuer
            else letterhead(state.archive, entry.date).place,
            duplicate="ДУБЛИКАТ" if entry.duplicate_of else "",
            original=_name_original(entry),
            basis=_name_basis(state, entry),
            notes=tuple(_notes(entry)),
            fate=tuple(tied(words) for words in now.fate),
            certified=now.certified,
            code=(
                qr_code(compose_code(facts_signed(entry), base64.b64decode(signature)))
                if signature
                else None
            ),
            checking=(_name_key(entry), *_CHECKING) if signature is not None else (),
        ),
        entry,
    )


def numbers(form: str, archive: Archive) -> tuple[str, ...]:
    """Return the numbers of all documents of a form, in the order of the registers."""
    return tuple(
        entry.number
        for _, entry in sorted(archive.registers.items())
        if entry.form.partition("@")[0] == form
    )


def fact(entry: RegisterEntry, name: str) -> str:
    """Return a fact in words, empty when the entry has none."""
    value = entry.facts.get(name, "")
    return tied(str(value)) if isinstance(value, (str, int)) else f"{value:g}".replace(".", ",")


def day_of(entry: RegisterEntry, name: str) -> str:
    """Return a fact that is a day; one that is no day stays as it is written."""
    words = fact(entry, name)
    try:
        return day(dt.date.fromisoformat(words))
    except ValueError:
        return words


def lines(rows: tuple[PrintedRow, ...]) -> tuple[IssuedLine, ...]:
    return tuple(
        IssuedLine(
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
    """Choose the form for a man, for a woman, or for where neither entry nor patronymic say."""
    patronymic = " ".join(entry.holder.split()[2:])
    sex = entry.facts.get("sex") or tell_sex(patronymic)
    return forms[{"мужской": 0, "женский": 1}.get(str(sex), 2)]


def given(entry: RegisterEntry) -> str:
    """Return «Дана Ивушкиной Розе, 07.07.2012 года рождения, в том, что она».

    In the nominative where the dative is not certain.
    """
    about = [f"({words})"] if (words := fact(entry, "former")) else []
    birth = f", {day(entry.birth_date)} года рождения," if entry.birth_date else ""
    if name := fact(entry, "dative"):
        who = " ".join([name, *about])
        comma = birth or ","
        return f"Дана {who}{comma} в{NBSP}том, что {by_sex(entry, ('он', 'она', 'он(а)'))}"
    return f"Справка подтверждает, что {' '.join([entry.holder, *about])}{birth}"


def program(entry: RegisterEntry) -> str:
    """Return «по дополнительной … программе «…» (72 часа; форма обучения: очная)»."""
    hours, form = entry.facts.get("hours"), fact(entry, "study_form")
    about = [counted(hours, HOURS)] if isinstance(hours, int) else []
    about += [plan] if (plan := fact(entry, "plan")) else []
    about += [f"форма обучения: {form}"] if form else []
    about += [words] if (words := fact(entry, "distance")) else []
    words = f"по{NBSP}дополнительной общеобразовательной программе {quoted(fact(entry, 'program'))}"
    return f"{words} ({'; '.join(about)})" if about else words


def sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else ""


def size_of(text: str) -> Size:
    """Return how much room a display line takes; the style sheet has a class for each."""
    return "very-long" if len(text) > 110 else "long" if len(text) > 48 else ""


def tied(text: str) -> str:
    """Put in the no-break spaces of a paper: «№ 14», «от 25.12.2025», «5 (пять)»."""
    return _TIED.sub(lambda match: f"{match[1] or ''}{NBSP}", text)


def _letterhead(issuer: Issuer) -> Letterhead:
    return Letterhead(
        organization=issuer.name,
        short_name=issuer.short_name or issuer.name,
        registration=registration(issuer.inn, issuer.ogrn),
        contacts=tied(issuer.contacts or ""),
        licence=f"Лицензия {number(tied(issuer.licence))}" if issuer.licence else "",
        place=tied(issuer.place or ""),
    )


def _name_key(entry: RegisterEntry) -> str:
    """Name the key that signed, and the ground of one who signed for the head.

    A key is not called a person's signature: that needs an agreement (63-ФЗ ст. 6 ч. 2).
    """
    acting = entry.issuer.acting if entry.issuer else None
    return _SIGNED.format(
        acting=f" за{NBSP}руководителя ({tied(acting)})" if acting else "",
        key=entry.key or NONE,
    )


def _name_original(entry: RegisterEntry) -> str:
    if entry.duplicate_of is None:
        return ""
    when = day_of(entry, "original")
    is_certificate = entry.form.partition("@")[0] == "certificate"
    said = "Выдан взамен утраченного" if is_certificate else "Выдана взамен утраченной"
    return f"{said} {number(entry.duplicate_of)}" + (f" от{NBSP}{when}" if when else "")


def _name_basis(state: State, entry: RegisterEntry) -> str:
    """Return «приказ № 14-к от 25.12.2025; протокол № 3 от 24.12.2025»."""
    words = fact(entry, "order")
    if not words and entry.order:
        found = state.archive.orders.get(entry.order)
        words = f"приказ {number(found.number)} от{NBSP}{day(found.date)}" if found else ""
    return "; ".join(part for part in (words, tied(entry.protocol or "")) if part)


def _notes(entry: RegisterEntry) -> Iterator[str]:
    if entry.blank:
        yield f"Бланк {number(entry.blank)}."
    if regulation := fact(entry, "regulation"):
        yield f"Локальный акт: {regulation}."


@dataclass(frozen=True, slots=True)
class CertificateView:
    """Certificate of a mastered programme with its insert (273-ФЗ ст. 60 ч. 15; R-2.2.11).

    The organization's own sample, no state document.
    """

    page: Page
    letterhead: Letterhead
    signature: SignatureLine
    paper: IssuedPaper
    holder: str
    holder_size: Size
    holder_notes: tuple[str, ...]
    mastered: str
    program: str
    program_size: Size
    details: tuple[str, ...]
    rows: tuple[IssuedLine, ...]
    total: str
    result: str
    events: tuple[IssuedLine, ...]
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
        mastered=_say_mastered(entry),
        program=program,
        program_size=size_of(program),
        details=tuple(_details(said, entry)),
        rows=lines(entry.rows),
        total=_hours(entry),
        result=" ".join(
            words for name in ("result", "credited") if (words := sentence(fact(entry, name)))
        ),
        events=lines(entry.events),
        sample="Документ об обучении установленного организацией образца "
        "(ч. 15 ст. 60 Федерального закона от 29.12.2012 № 273-ФЗ).",
        is_tight=bool(said.duplicate or said.fate or size_of(entry.holder) or size_of(program)),
    )


def _say_mastered(entry: RegisterEntry) -> str:
    """Say «в полном объёме» only where the entry says that the whole programme is mastered."""
    scope = {MASTERED: " в полном объёме", PLAN_MASTERED: " по индивидуальному учебному плану"}
    result = MASTERED if _is_first(entry) else str(entry.facts.get("result"))
    return (
        by_sex(entry, ("освоил", "освоила", "освоил(а)"))
        + scope.get(result, "")
        + " дополнительную общеобразовательную программу"
    )


def _is_first(entry: RegisterEntry) -> bool:
    """Return whether the document was worded by the first edition, which had no such facts.

    A copy repeats what was signed and handed over.
    """
    return entry.form.endswith("@1")


def _standing(entry: RegisterEntry) -> str:
    """Return «обучение продолжается», empty where the entry does not say so."""
    if fact(entry, "ended"):
        return ""
    return GOES_ON if _is_first(entry) else fact(entry, "standing")


def _details(said: IssuedPaper, entry: RegisterEntry) -> Iterator[str]:
    direction, form = fact(entry, "direction"), fact(entry, "study_form")
    about = [f"{direction} направленность"] if direction else []
    about += [f"объём {hours}"] if (hours := _hours(entry)) else []
    about += [f"форма обучения: {form}"] if form else []
    about += [words] if (words := fact(entry, "distance")) else []
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


CERTIFICATE = PrintedForm(
    name="certificate",
    title="Сертификат о дополнительном образовании",
    target="номер документа",
    view=view_certificate,
    targets=partial(numbers, "certificate"),
)


_PURPOSE = "Справка дана для предъявления по месту требования."


@dataclass(frozen=True, slots=True)
class ProgressView:
    """Справка об успеваемости: current results of one period (R-5.4.2).

    `draft` is empty when the head has approved the period (R-5.6).
    """

    page: Page
    letterhead: Letterhead
    signature: SignatureLine
    paper: IssuedPaper
    paragraphs: tuple[str, ...]
    period: str
    draft: str
    rows: tuple[IssuedLine, ...]
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
        debts=sentence(
            fact(entry, "result") or (f"Академические задолженности: {debts}" if debts else "")
        ),
        purpose=_PURPOSE,
    )


def _paragraphs(said: IssuedPaper, entry: RegisterEntry) -> Iterator[str]:
    yield f"{given(entry)} {_studies(entry)} {program(entry)}."
    if said.basis:
        yield f"Основание: {said.basis}."


PROGRESS = PrintedForm(
    name="progress",
    title="Справка об успеваемости",
    target="номер документа",
    view=view_progress,
    targets=partial(numbers, "progress"),
)


_ENDINGS = {
    "завершение": ("Обучение завершено", "Обучение завершено", "Обучение завершено"),
    "отчисление": ("Отчислен", "Отчислена", "Отчислен(а)"),
    "перевод": ("Переведён", "Переведена", "Переведён(а)"),
}


@dataclass(frozen=True, slots=True)
class TranscriptView:
    """Справка об обучении или о периоде обучения (273-ФЗ ст. 60 ч. 12; R-2.2.8)."""

    page: Page
    letterhead: Letterhead
    signature: SignatureLine
    paper: IssuedPaper
    heading: str
    paragraphs: tuple[str, ...]
    draft: str
    rows: tuple[IssuedLine, ...]
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
        draft=sentence(fact(entry, "state")),
        rows=lines(entry.rows),
        result=" ".join(
            words
            for said_of in (
                fact(entry, "result") or fact(entry, "mastered"),
                fact(entry, "credited"),
            )
            if (words := sentence(said_of))
        ),
        purpose=_PURPOSE,
    )


def _study_paragraphs(said: IssuedPaper, entry: RegisterEntry) -> Iterator[str]:
    ended = day_of(entry, "ended")
    yield f"{given(entry)} {_studies(entry)} {program(entry)}."
    if ended:
        forms = _ENDINGS.get(fact(entry, "ending"), ("Обучение окончено",) * 3)
        basis = f": {said.basis}" if said.basis else ""
        yield f"{by_sex(entry, forms)} {ended}{basis}."
        return
    if standing := _standing(entry):
        yield f"На{NBSP}{said.date} {standing}."
    if said.basis:
        yield f"Основание: {said.basis}."


def _studies(entry: RegisterEntry) -> str:
    """Return «с 15.01.2026 обучается», in the past tense unless the entry says that it goes on."""
    started, ended = day_of(entry, "started"), day_of(entry, "ended")
    words = [f"с{NBSP}{started}"] if started else []
    words += [f"по{NBSP}{ended}"] if ended else []
    studied = by_sex(entry, ("обучался", "обучалась", "обучался (обучалась)"))
    return " ".join((*words, "обучается" if _standing(entry) else studied))


TRANSCRIPT = PrintedForm(
    name="transcript",
    title="Справка об обучении (о периоде обучения)",
    target="номер документа",
    view=view_transcript,
    targets=partial(numbers, "transcript"),
)
