"""Sheets that prove an archive, kept apart from it: keys, re-founding, seals (R-6.1, R-6.5).

- The sheet of keys holds whole fingerprints of the head keys in force. Which of them is the daily
  one is said only where the records know it; else a line is left for a pen. Keys of the staff are
  not on it: the head's signature vouches for them.
- The act of re-founding names the new head keys after both were lost. Why they were lost a person
  writes by hand.
- The sheet of a seal holds the number that fixes the whole archive. That the archive is sound is
  for `papka verify` to say, not for paper.

A digest on a sheet is that of the file as it is saved, so that paper and archive can only agree.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from papka.core.errors import NotFound, Refused
from papka.core.phrases import count_phrase, grouped, suggest
from papka.core.places import TEXT, read_seal_file, seal_file
from papka.paper.form import (
    Letterhead,
    Page,
    PrintedForm,
    SignatureLine,
    State,
    Typed,
    as_digits_to_type,
    letterhead,
    of_head,
    page,
)
from papka.proof.anchors import BadSeal, SealText, read_seal
from papka.proof.trusted_keys import (
    REFOUNDINGS,
    TRUST_FOLDER,
    Refounding,
    TrustState,
    read_trust_state,
)
from papka.records.archive import Archive
from papka.records.derived.in_force import name_year
from papka.records.wording import NBSP, day, long_day, title_of

_ROLES = ("ежедневный", "запасной")


class HeadKey(NamedTuple):
    """`role` is empty where the records do not tell."""

    role: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Keys:
    """What the template of the sheet of keys reads as `form`."""

    page: Page
    letterhead: Letterhead
    keys: tuple[HeadKey, ...]
    root: Typed
    signature: SignatureLine


def view_keys(state: State, address: str) -> Keys:
    if address:
        raise NotFound(
            f"Лист ключей один на весь архив, номера «{address}» у него нет",
            "Напечатайте его без номера: papka print keys",
        )
    if state.root is None:
        raise Refused("Архив ещё не сохранён: первого сохранения нет", "Сохраните его: papka save")
    keys = head_keys(trust_of(state.archive))
    if not keys:
        raise Refused(
            "В records/trust нет ни одного действующего ключа руководителя",
            "Узнайте, что с доверием: papka trust show и papka verify",
        )
    return Keys(
        page=page(state, "Лист ключей электронного архива"),
        letterhead=letterhead(state.archive, state.signed_on),
        keys=keys,
        root=as_digits_to_type(state.root),
        signature=of_head(state.archive, state.signed_on),
    )


def trust_of(archive: Archive) -> TrustState:
    """Return who is trusted, as the files of `records/trust/` say."""
    paths = [path for path in archive.proof if path.startswith(TRUST_FOLDER)]
    return read_trust_state({path: archive.proof[path] for path in paths})


def head_keys(trust: TrustState) -> tuple[HeadKey, ...]:
    """Return the head keys in force, in the order of the file.

    The first two of an archive, and the two of an act of re-founding, are the daily one and the one
    for the safe, in this order.
    """
    every = [entry.key.fingerprint for entry in trust.file.entries if entry.is_head]
    known = dict(zip(every[: len(_ROLES)], _ROLES, strict=False))
    for act in trust.refoundings:
        known |= dict(zip((act.daily, act.recovery), _ROLES, strict=True))
    for entry in trust.file.entries:
        if entry.term is not None:
            since, until = (day(each) for each in entry.term)
            known[entry.key.fingerprint] = f"на срок с{NBSP}{since} по{NBSP}{until}"
    in_force = [key for key in every if trust.revocations.of(key) is None]
    return tuple(HeadKey(known.get(key, ""), key) for key in in_force)


def _list_sheets(archive: Archive) -> tuple[str, ...]:
    return ("",) if archive.organization else ()


KEYS = PrintedForm(
    name="keys",
    title="Лист ключей",
    target="архив",
    view=view_keys,
    targets=_list_sheets,
    is_of_proof=True,
)


@dataclass(frozen=True, slots=True)
class TrustAct:
    """`seal` is empty when there was none; `is_in_force`: neither new key is revoked since."""

    page: Page
    letterhead: Letterhead
    date: str
    number: str
    head: str
    seal: str
    daily: str
    recovery: str
    is_in_force: bool
    digest: Typed
    signature: SignatureLine
    witnesses: tuple[SignatureLine, ...]


def view_refounding(state: State, address: str) -> TrustAct:
    acts = _read_acts(state.archive)
    if address not in acts:
        raise NotFound(
            f"Записи о замене ключей «{address}» в архиве нет",
            f"Они лежат в {REFOUNDINGS}; делает их papka trust refound.{suggest(address, acts)}",
        )
    act = acts[address]
    revoked = trust_of(state.archive).revocations
    signed_on = _read_date(act.date) or state.signed_on
    return TrustAct(
        page=page(state, "Акт о замене ключей"),
        letterhead=letterhead(state.archive, signed_on),
        date=_write_date(act.date),
        number=address,
        head=" ".join(grouped(act.head)),
        seal=" ".join(grouped(act.seal)),
        daily=act.daily,
        recovery=act.recovery,
        is_in_force=all(revoked.of(key) is None for key in (act.daily, act.recovery)),
        digest=as_digits_to_type(act.digest),
        signature=of_head(state.archive, signed_on),
        witnesses=(SignatureLine(heading="Присутствовали:"), SignatureLine()),
    )


def _write_date(text: str) -> str:
    """Write a day in words; what is no day stays as the file has it."""
    date = _read_date(text)
    return long_day(date) if date else text


def _read_date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _read_acts(archive: Archive) -> dict[str, Refounding]:
    return {act.path.removeprefix(REFOUNDINGS): act for act in trust_of(archive).refoundings}


def _list_acts(archive: Archive) -> Iterable[str]:
    return _read_acts(archive)


REFOUNDING = PrintedForm(
    name="refounding",
    title="Акт о замене утраченных ключей",
    target="замена ключей",
    view=view_refounding,
    targets=_list_acts,
    is_of_proof=True,
)


_YEAR_SIGNS = 4


@dataclass(frozen=True, slots=True)
class TrustSheet:
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
    signature: SignatureLine


def view_seal(state: State, address: str) -> TrustSheet:
    archive = state.archive
    known = tuple(_list_numbers(archive))
    if address not in known:
        raise NotFound(
            f"Пломбы № {address} в архиве нет",
            "Её ставит руководитель: papka period seal; при закрытии периода она ставится сама."
            f"{suggest(address, known)}",
        )
    if state.root is None:
        raise Refused("Архив ещё не сохранён: первого сохранения нет", "Сохраните его: papka save")
    data = archive.proof[seal_file(int(address), TEXT)]
    try:
        said = read_seal(data)
    except BadSeal as error:
        raise Refused(
            f"Пломба № {address} не прочесть: {error}", "Проверьте архив: papka verify"
        ) from error
    return TrustSheet(
        page=page(state, f"Пломба электронного архива № {address}"),
        letterhead=letterhead(archive, said.date),
        number=address,
        period=name_period(archive, said),
        date=long_day(said.date),
        digest=as_digits_to_type(hashlib.sha256(data).hexdigest()),
        units=count_phrase(said.units, "строка", "строки", "строк"),
        head=" ".join(grouped(said.head)),
        root=" ".join(grouped(state.root)),
        previous=" ".join(grouped(said.previous)),
        keys=head_keys(trust_of(archive)),
        signature=of_head(archive, said.date),
    )


def name_period(archive: Archive, said: SealText) -> str:
    """Return what the seal was put for, as the organization calls it."""
    if said.period in archive.periods:
        return title_of(archive, said.period)
    if said.period.isdecimal() and len(said.period) == _YEAR_SIGNS:
        return name_year(archive, int(said.period))
    return said.period


def _list_numbers(archive: Archive) -> Iterable[str]:
    found = (read_seal_file(path) for path in archive.proof)
    return sorted(f"{file[0]:04}" for file in found if file and file[1] == TEXT)


SEAL = PrintedForm(
    name="seal",
    title="Лист пломбы архива",
    target="пломба",
    view=view_seal,
    targets=_list_numbers,
    is_of_proof=True,
)
