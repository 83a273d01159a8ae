"""Справка об успеваемости: current results of one period (R-5.4.2); what the head has not
approved is visibly a draft (R-5.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from papka.model.acts import RegisterEntry
from papka.views.form import Form
from papka.views.issued.paper import (
    Line,
    Paper,
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


def view(state: State, address: str) -> ProgressView:
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


FORM = Form(
    name="progress",
    title="Справка об успеваемости",
    target="номер документа",
    view=view,
    targets=partial(numbers, "progress"),
)
