"""The sheet of keys: what an archive's authenticity is compared with, kept on paper (R-6.1).

Invariants: only head keys in force stand on it, each fingerprint whole; which is the daily one is
said only when the records know it, else the line is left for a pen. Absent on purpose: keys of the
staff, which the head's signature vouches for, and anything secret.

The act of re-founding: both head keys were lost, and this paper names the new ones (R-6.1).

Invariants: the digest on it is that of the file as it is saved, so the paper and the archive can
only agree; everything it names stands in that file. Absent on purpose: why the keys were lost,
which a person writes by hand.

The sheet of a seal: the number that holds the whole archive, on paper, signed by hand (R-6.5).

Invariants: the digest on it is that of the seal's file as it is saved, so the paper and the archive
can only agree; everything else on it stands in that file or in the records of trust.
Absent on purpose: a statement that the archive is sound. `papka verify` says so, not paper.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

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
from papka.records.wording import long_day, title_of

_ROLES = ("ежедневный", "запасной")


@dataclass(frozen=True, slots=True)
class HeadKey:
    """`role` is empty where the records do not tell."""

    role: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Keys:
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
        raise Refused("Архив ещё не сохранён: первой записи нет", "Сохраните его: papka save")
    keys = head_keys(trust_of(state.archive))
    if not keys:
        raise Refused(
            "В records/trust нет ни одного действующего ключа руководителя",
            "Узнайте, что с доверием: papka trust show и papka verify",
        )
    return Keys(
        page=page(state, "Лист ключей электронного архива"),
        letterhead=letterhead(state.archive),
        keys=keys,
        root=as_digits_to_type(state.root),
        signature=of_head(state.archive),
    )


def trust_of(archive: Archive) -> TrustState:
    """`records/trust/` as the archive has it."""
    paths = [path for path in archive.proof if path.startswith(TRUST_FOLDER)]
    return read_trust_state({path: archive.proof[path] for path in paths})


def head_keys(trust: TrustState) -> tuple[HeadKey, ...]:
    """Those in force, in the order of the file. The first two of an archive, and the two of an act
    of re-founding, are the daily one and the one for the safe, in this order."""
    every = [entry.key.fingerprint for entry in trust.file.entries if entry.is_head]
    known = dict(zip(every[: len(_ROLES)], _ROLES, strict=False))
    for act in trust.refoundings:
        known |= dict(zip((act.daily, act.recovery), _ROLES, strict=True))
    in_force = [key for key in every if trust.revocations.of(key) is None]
    return tuple(HeadKey(known.get(key, ""), key) for key in in_force)


def _targets(archive: Archive) -> tuple[str, ...]:
    return ("",) if archive.organization else ()


KEYS = PrintedForm(
    name="keys",
    title="Лист ключей",
    target="архив",
    view=view_keys,
    targets=_targets,
    is_of_proof=True,
)


@dataclass(frozen=True, slots=True)
class TrustAct:
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
    signature: SignatureLine
    witnesses: tuple[SignatureLine, ...]


def view_refounding(state: State, address: str) -> TrustAct:
    acts = _acts(state.archive)
    if address not in acts:
        raise NotFound(
            f"Записи о замене ключей «{address}» в архиве нет",
            f"Они лежат в {REFOUNDINGS}; делает их papka trust refound.{suggest(address, acts)}",
        )
    act = acts[address]
    return TrustAct(
        page=page(state, "Акт о замене ключей"),
        letterhead=letterhead(state.archive),
        date=_date(act.date),
        number=address,
        head=" ".join(grouped(act.head)),
        seal=" ".join(grouped(act.seal)),
        daily=act.daily,
        recovery=act.recovery,
        digest=as_digits_to_type(act.digest),
        signature=of_head(state.archive),
        witnesses=(SignatureLine(heading="Присутствовали:"), SignatureLine()),
    )


def _date(text: str) -> str:
    """A day that is none stays as it is written: the paper must show what is in the file."""
    try:
        return long_day(dt.date.fromisoformat(text))
    except ValueError:
        return text


def _acts(archive: Archive) -> dict[str, Refounding]:
    return {act.path.removeprefix(REFOUNDINGS): act for act in trust_of(archive).refoundings}


def _refounding_targets(archive: Archive) -> Iterable[str]:
    return _acts(archive)


REFOUNDING = PrintedForm(
    name="refounding",
    title="Акт о замене утраченных ключей",
    target="замена ключей",
    view=view_refounding,
    targets=_refounding_targets,
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
    known = tuple(_numbers(archive))
    if address not in known:
        raise NotFound(
            f"Печати № {address} в архиве нет",
            "Её ставит руководитель: papka period seal; при закрытии периода она ставится сама."
            f"{suggest(address, known)}",
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
    return TrustSheet(
        page=page(state, f"Печать электронного архива № {address}"),
        letterhead=letterhead(archive),
        number=address,
        period=_period(archive, said),
        date=long_day(said.date),
        digest=as_digits_to_type(hashlib.sha256(data).hexdigest()),
        units=count_phrase(said.units, "строка", "строки", "строк"),
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


SEAL = PrintedForm(
    name="seal",
    title="Лист печати архива",
    target="печать",
    view=view_seal,
    targets=_numbers,
    is_of_proof=True,
)
