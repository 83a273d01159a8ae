"""What `records/trust/` says changes only by a head trusted before, and only grows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from papka.core.codes import history as codes
from papka.core.codes import trust
from papka.core.findings import Finding, Location
from papka.core.layout import ALLOWED_SIGNERS
from papka.integrity.chronicle import Chronicle, Step
from papka.integrity.refounded import new_refounding
from papka.integrity.trust import Entry
from papka.integrity.trust_state import REFOUNDINGS, REVOCATIONS, TRUST_FOLDER, lost


def only_by_heads(chronicle: Chronicle) -> Iterator[Finding]:
    for step in chronicle.steps:
        touched = [c.path for c in step.changes if c.path.startswith(TRUST_FOLDER)]
        if step.is_root or touched:
            yield from _judge(step, touched)


def is_understood(chronicle: Chronicle) -> Iterator[Finding]:
    """What stands there in the end and says nothing: it can still be taken away."""
    state = chronicle.steps[-1].after if chronicle.steps else None
    if state is None:
        return
    for line in state.revocations.faults:
        detail = "не по образцу"
        yield trust.REVOCATION_INVALID.at(Location(REVOCATIONS, line=line), detail=detail)
    for path in state.faults:
        yield trust.TRUST_FILE_INVALID.at(Location(path))


def unmet_acts(steps: Iterable[Step], digests: Iterable[str]) -> Iterator[Finding]:
    """Digests of paper acts by which nobody re-founded this archive."""
    met = {step.refounding.digest for step in steps if step.refounding is not None}
    for digest in sorted(set(digests) - met):
        yield trust.REFOUNDING_UNKNOWN.at(Location(REFOUNDINGS), digest=digest[:8])


def _judge(step: Step, touched: list[str]) -> Iterator[Finding]:
    commit = step.commit.id
    if step.refounding is not None:
        where, digest = Location(step.refounding.path, commit=commit), step.refounding.digest
        yield trust.REFOUNDING_ACCEPTED.at(where, digest=digest[:8])
    for path in touched or [ALLOWED_SIGNERS]:
        if not step.authorised:
            yield codes.TRUST_NOT_AUTHORISED.at(Location(path, commit=commit), what=_what(step))
    if step.is_root or ALLOWED_SIGNERS in touched:
        for line, reason in step.after.file.faults:
            place = Location(ALLOWED_SIGNERS, line=line, commit=commit)
            yield codes.TRUST_LINE_INVALID.at(place, detail=reason)
    gone = set(step.before.file.entries) - set(step.after.file.entries)
    yield from removed({e for e in gone if step.trust.get(e.key) == e}, commit)
    for path, what in lost(step.before, step.after):
        yield codes.TRUST_NOT_AUTHORISED.at(Location(path, commit=commit), what=what)


def removed(entries: Iterable[Entry], commit: str) -> Iterator[Finding]:
    """Lines taken away: older commits would lose the key that proves them."""
    for entry in sorted(entries, key=lambda e: e.line):
        what = f"убрана строка {entry.staff} с ключом {entry.key.fingerprint}"
        yield codes.TRUST_NOT_AUTHORISED.at(Location(ALLOWED_SIGNERS, commit=commit), what=what)


def _what(step: Step) -> str:
    signer = step.verdict.signer
    if new_refounding(step.before, step.after) is not None:
        return "ключи заменены, а бумажного акта нет: papka verify --refounding ОТПЕЧАТОК-АКТА"
    if step.verdict.state == "good" and signer is not None and signer.is_head:
        return f"запись подписал {signer.staff}, а его ключ к тому времени отозвали"
    if step.verdict.state == "good" and signer is not None:
        return f"запись подписал {signer.staff}, а он не руководитель"
    return "запись не подписана доверенным ключом"
