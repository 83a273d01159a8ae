"""The act of re-founding: both head keys were lost, and this paper names the new ones (R-6.1).

Invariants: the digest on it is that of the file as it is saved, so the paper and the archive can
only agree; everything it names stands in that file. Absent on purpose: why the keys were lost,
which a person writes by hand.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from papka.core.errors import NotFound
from papka.core.suggestion import may_be
from papka.integrity.refounding import Refounding
from papka.integrity.trust_state import REFOUNDINGS
from papka.model.archive import Archive
from papka.views.form import Form
from papka.views.forms.keys import trust_of
from papka.views.grouped import grouped
from papka.views.letterhead import Letterhead, letterhead
from papka.views.signature import Signature, of_head
from papka.views.state import Page, State, page
from papka.views.typed import Typed, typed
from papka.views.wording import long_day


@dataclass(frozen=True, slots=True)
class Act:
    """`seal` is empty when there was none."""

    page: Page
    letterhead: Letterhead
    date: str
    number: str
    head: str
    seal: str
    daily: str
    recovery: str
    digest: Typed
    signature: Signature
    witnesses: tuple[Signature, ...]


def view(state: State, address: str) -> Act:
    acts = _acts(state.archive)
    if address not in acts:
        raise NotFound(
            f"Записи о замене ключей «{address}» в архиве нет",
            f"Они лежат в {REFOUNDINGS}; делает их papka trust refound.{may_be(address, acts)}",
        )
    act = acts[address]
    return Act(
        page=page(state, "Акт о замене ключей"),
        letterhead=letterhead(state.archive),
        date=_date(act.date),
        number=address,
        head=" ".join(grouped(act.head)),
        seal=" ".join(grouped(act.seal)),
        daily=act.daily,
        recovery=act.recovery,
        digest=typed(act.digest),
        signature=of_head(state.archive),
        witnesses=(Signature(heading="Присутствовали:"), Signature()),
    )


def _date(text: str) -> str:
    """A day that is none stays as it is written: the paper must show what is in the file."""
    try:
        return long_day(dt.date.fromisoformat(text))
    except ValueError:
        return text


def _acts(archive: Archive) -> dict[str, Refounding]:
    return {act.path.removeprefix(REFOUNDINGS): act for act in trust_of(archive).refoundings}


def _targets(archive: Archive) -> Iterable[str]:
    return _acts(archive)


FORM = Form(
    name="refounding",
    title="Акт о замене утраченных ключей",
    target="замена ключей",
    view=view,
    targets=_targets,
    is_of_proof=True,
)
