"""Справка об обучении or о периоде обучения: for who left early or studies on (273-ФЗ ст. 60
ч. 12; R-2.2.8)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from papka.model.acts import RegisterEntry
from papka.views.form import Form
from papka.views.issued.paper import (
    Line,
    Paper,
    by_sex,
    day_of,
    fact,
    given,
    lines,
    numbers,
    paper,
    program,
    sentence,
)
from papka.views.letterhead import Letterhead
from papka.views.signature import Signature
from papka.views.state import Page, State
from papka.views.wording import NBSP

_STUDIED = ("обучался", "обучалась", "обучался (обучалась)")
_ENDINGS = {
    "завершение": ("Обучение завершено", "Обучение завершено", "Обучение завершено"),
    "отчисление": ("Отчислен", "Отчислена", "Отчислен(а)"),
    "перевод": ("Переведён", "Переведена", "Переведён(а)"),
}
_PURPOSE = "Справка дана для предъявления по месту требования."


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


def view(state: State, address: str) -> TranscriptView:
    said, entry = paper(state, address, "Справка об обучении")
    is_over = bool(fact(entry, "ended"))
    return TranscriptView(
        page=said.page,
        letterhead=said.letterhead,
        signature=said.signature,
        paper=said,
        heading="об обучении" if is_over else "о периоде обучения",
        paragraphs=tuple(_paragraphs(said, entry)),
        rows=lines(entry.rows),
        result=sentence(fact(entry, "result") or fact(entry, "mastered")),
        purpose=_PURPOSE,
    )


def _paragraphs(said: Paper, entry: RegisterEntry) -> Iterator[str]:
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


FORM = Form(
    name="transcript",
    title="Справка об обучении (о периоде обучения)",
    target="номер документа",
    view=view,
    targets=partial(numbers, "transcript"),
)
