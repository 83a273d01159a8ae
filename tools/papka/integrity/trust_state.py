"""`records/trust/` of one commit, read strictly: who may sign, who may no more, what is accepted.

Invariants: what cannot be read says nothing and is in `faults`; all of it only grows, so every
part is a set that a later commit must hold whole. Absent on purpose: whether it counts
(`chronicle`: only what a head wrote does).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from papka.core.layout import ALLOWED_SIGNERS
from papka.integrity.refounding import Refounding, read_refounding
from papka.integrity.revocations import Revocations, read_revocations
from papka.integrity.trust import TrustFile, read_trust
from papka.text.document import read

TRUST_FOLDER = ALLOWED_SIGNERS.rpartition("/")[0] + "/"
REVOCATIONS = f"{TRUST_FOLDER}revocations"
ACCEPTED = f"{TRUST_FOLDER}accepted/"
REFOUNDINGS = f"{TRUST_FOLDER}refoundings/"
_ACCEPTED = re.compile(rf"{ACCEPTED}[1-9]\d*\.yaml")
_REFOUNDING = re.compile(rf"{REFOUNDINGS}\d{{4}}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_KEYS = frozenset(("commit", "code", "reason"))


@dataclass(frozen=True, slots=True)
class Acceptance:
    """The head vouches for one commit in spite of one code. `path`: the file that says so."""

    path: str
    commit: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class TrustState:
    """Everything `records/trust/` says. `faults`: files not understood."""

    file: TrustFile = field(default_factory=TrustFile)
    revocations: Revocations = field(default_factory=Revocations)
    acceptances: tuple[Acceptance, ...] = ()
    refoundings: tuple[Refounding, ...] = ()
    faults: tuple[str, ...] = ()


NOTHING = TrustState()


def read_trust_state(files: Mapping[str, bytes]) -> TrustState:
    """`files`: everything below `records/trust/` by path; what lies elsewhere is passed over."""
    acceptances, refoundings, faults = [], [], []
    for path, data in sorted(files.items()):
        found = _record(path, data)
        if isinstance(found, Acceptance):
            acceptances.append(found)
        elif isinstance(found, Refounding):
            refoundings.append(found)
        elif path.startswith(TRUST_FOLDER) and path not in (ALLOWED_SIGNERS, REVOCATIONS):
            faults.append(path)
    return TrustState(
        read_trust(files.get(ALLOWED_SIGNERS, b"")),
        read_revocations(files.get(REVOCATIONS, b"")),
        tuple(acceptances),
        tuple(refoundings),
        tuple(faults),
    )


def read_acceptance(path: str, data: bytes) -> Acceptance | None:
    """What the file accepts; None when it is not exactly one acceptance."""
    value = read(data, path).value
    if _ACCEPTED.fullmatch(path) is None or not isinstance(value, dict) or value.keys() != _KEYS:
        return None
    commit, code, reason = (value[key] for key in ("commit", "code", "reason"))
    if not (_is_text(commit) and _is_text(code) and _is_text(reason)):
        return None
    return Acceptance(path, commit, code, reason) if _COMMIT.fullmatch(commit) else None


def _record(path: str, data: bytes) -> Acceptance | Refounding | None:
    if _ACCEPTED.fullmatch(path):
        return read_acceptance(path, data)
    return read_refounding(path, data) if _REFOUNDING.fullmatch(path) else None


def _is_text(value: Any) -> bool:  # noqa: ANN401 - whatever the YAML holds
    return isinstance(value, str) and bool(value.strip())


def lost(before: TrustState, after: TrustState) -> Iterator[tuple[str, str]]:
    """What a commit took away, as (path, what): nothing of trust is ever removed or altered."""
    for line in sorted(set(before.revocations.entries) - set(after.revocations.entries)):
        yield REVOCATIONS, f"убрана строка о ключе {line.key}"
    for acceptance in before.acceptances:
        if acceptance not in after.acceptances:
            yield acceptance.path, "убрано или изменено принятое"
    for refounding in before.refoundings:
        if refounding not in after.refoundings:
            yield refounding.path, "убрано или изменено переучреждение"
