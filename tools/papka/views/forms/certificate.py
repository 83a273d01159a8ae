"""Certificate of a mastered programme with its insert: own sample, no state document
(273-ФЗ ст. 60 ч. 15; R-2.2.11)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from papka.model.acts import RegisterEntry
from papka.views.form import Form
from papka.views.issued.paper import (
    Line,
    Paper,
    Size,
    by_sex,
    day_of,
    fact,
    lines,
    numbers,
    paper,
    sentence,
    size_of,
)
from papka.views.letterhead import Letterhead
from papka.views.signature import Signature
from papka.views.state import Page, State
from papka.views.wording import HOURS, NBSP, counted, day, quoted

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


def view(state: State, address: str) -> CertificateView:
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


FORM = Form(
    name="certificate",
    title="Сертификат о дополнительном образовании",
    target="номер документа",
    view=view,
    targets=partial(numbers, "certificate"),
)
