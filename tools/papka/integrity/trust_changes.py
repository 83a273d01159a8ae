"""The list of trusted keys changes only by a head trusted before, and only grows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.core.layout import ALLOWED_SIGNERS
from papka.integrity.chronicle import Chronicle, Step
from papka.integrity.trust import Entry

TRUST_FOLDER = ALLOWED_SIGNERS.rpartition("/")[0] + "/"


def only_by_heads(chronicle: Chronicle) -> Iterator[Finding]:
    for step in chronicle.steps:
        touched = [c.path for c in step.changes if c.path.startswith(TRUST_FOLDER)]
        if step.is_root or touched:
            yield from _judge(step, touched)


def _judge(step: Step, touched: list[str]) -> Iterator[Finding]:
    for path in touched or [ALLOWED_SIGNERS]:
        if not step.authorised:
            yield codes.TRUST_NOT_AUTHORISED.at(
                Location(path, commit=step.commit.id), what=_what(step)
            )
    if step.is_root or ALLOWED_SIGNERS in touched:
        for line, reason in step.after.faults:
            place = Location(ALLOWED_SIGNERS, line=line, commit=step.commit.id)
            yield codes.TRUST_LINE_INVALID.at(place, detail=reason)
    gone = set(step.before.entries) - set(step.after.entries)
    yield from removed({e for e in gone if step.trust.get(e.key) == e}, step.commit.id)


def removed(entries: Iterable[Entry], commit: str) -> Iterator[Finding]:
    """Lines taken away: older commits would lose the key that proves them."""
    for entry in sorted(entries, key=lambda e: e.line):
        what = f"убрана строка {entry.staff} с ключом {entry.key.fingerprint}"
        yield codes.TRUST_NOT_AUTHORISED.at(Location(ALLOWED_SIGNERS, commit=commit), what=what)


def _what(step: Step) -> str:
    signer = step.verdict.signer
    if step.verdict.state == "good" and signer is not None:
        return f"запись подписал {signer.staff}, а он не руководитель"
    return "запись не подписана доверенным ключом"
