"""The sheet of a seal: the number that holds the whole archive, on paper, signed by hand (R-6.5).

Invariants: the digest on it is that of the seal's file as it is saved, so the paper and the archive
can only agree; everything else on it stands in that file or in the records of trust.
Absent on purpose: a statement that the archive is sound. `papka verify` says so, not paper.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from papka.core.errors import NotFound, Refused
from papka.core.plural import counted
from papka.core.seals import TEXT, read_seal_file, seal_file
from papka.core.suggestion import may_be
from papka.integrity.seals import BadSeal, SealText, read_seal
from papka.model.archive import Archive
from papka.views.form import Form
from papka.views.forms.keys import HeadKey, head_keys, trust_of
from papka.views.grouped import grouped
from papka.views.letterhead import Letterhead, letterhead
from papka.views.periods import title_of
from papka.views.signature import Signature, of_head
from papka.views.state import Page, State, page
from papka.views.typed import Typed, typed
from papka.views.wording import long_day

_YEAR_SIGNS = 4


@dataclass(frozen=True, slots=True)
class Sheet:
    """`head` and `root` are the sealed and the first commit; `previous` is empty in the first."""

    page: Page
    letterhead: Letterhead
    number: str
    period: str
    date: str
    digest: Typed
    units: str
    head: str
    root: str
    previous: str
    keys: tuple[HeadKey, ...]
    signature: Signature


def view(state: State, address: str) -> Sheet:
    archive = state.archive
    known = tuple(_numbers(archive))
    if address not in known:
        raise NotFound(
            f"Печати № {address} в архиве нет",
            "Её ставит руководитель: papka period seal; при закрытии периода она ставится сама."
            f"{may_be(address, known)}",
        )
    if state.root is None:
        raise Refused("Архив ещё не сохранён: первой записи нет", "Сохраните его: papka save")
    data = archive.proof[seal_file(int(address), TEXT)]
    try:
        said = read_seal(data)
    except BadSeal as error:
        raise Refused(
            f"Печать № {address} не прочесть: {error}", "Проверьте архив: papka verify"
        ) from error
    return Sheet(
        page=page(state, f"Печать электронного архива № {address}"),
        letterhead=letterhead(archive),
        number=address,
        period=_period(archive, said),
        date=long_day(said.date),
        digest=typed(hashlib.sha256(data).hexdigest()),
        units=counted(said.units, "строка", "строки", "строк"),
        head=" ".join(grouped(said.head)),
        root=" ".join(grouped(state.root)),
        previous=" ".join(grouped(said.previous)),
        keys=head_keys(trust_of(archive)),
        signature=of_head(archive),
    )


def _period(archive: Archive, said: SealText) -> str:
    """What the seal was put for, as the organization calls it."""
    if said.period in archive.periods:
        return title_of(archive, said.period)
    if said.period.isdecimal() and len(said.period) == _YEAR_SIGNS:
        return f"{said.period}/{(int(said.period) + 1) % 100:02} учебный год"
    return said.period


def _numbers(archive: Archive) -> Iterable[str]:
    found = (read_seal_file(path) for path in archive.proof)
    return sorted(f"{file[0]:04}" for file in found if file and file[1] == TEXT)


FORM = Form(
    name="seal",
    title="Лист печати архива",
    target="печать",
    view=view,
    targets=_numbers,
    is_of_proof=True,
)
