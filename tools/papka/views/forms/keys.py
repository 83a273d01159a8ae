"""The sheet of keys: what an archive's authenticity is compared with, kept on paper (R-6.1).

Invariants: only head keys in force stand on it, each fingerprint whole; which is the daily one is
said only when the records know it, else the line is left for a pen. Absent on purpose: keys of the
staff, which the head's signature vouches for, and anything secret.
"""

from __future__ import annotations

from dataclasses import dataclass

from papka.core.errors import NotFound, Refused
from papka.integrity.trust_state import TRUST_FOLDER, TrustState, read_trust_state
from papka.model.archive import Archive
from papka.views.form import Form
from papka.views.letterhead import Letterhead, letterhead
from papka.views.signature import Signature, of_head
from papka.views.state import Page, State, page
from papka.views.typed import Typed, typed

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
    signature: Signature


def view(state: State, address: str) -> Keys:
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
        root=typed(state.root),
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


FORM = Form(
    name="keys",
    title="Лист ключей",
    target="архив",
    view=view,
    targets=_targets,
    is_of_proof=True,
)
