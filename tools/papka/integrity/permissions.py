"""Who may write what: staff keep the records of study, everything else is the head's.

Changes of trust are `trust_changes`' and not repeated here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.core.keys import PublicKey
from papka.core.layout import ALLOWED_SIGNERS
from papka.core.snapshot import Snapshot
from papka.integrity.chronicle import Chronicle
from papka.integrity.trust import Entry, read_trust
from papka.integrity.trust_changes import TRUST_FOLDER, removed

FREE = ("records/students/", "records/imports/", "records/events/", "records/orders/")
KEPT = ("records/registers/", "records/media/")
"""Where staff may add and mark, but never remove a file."""


def within_rights(chronicle: Chronicle) -> Iterator[Finding]:
    for step in chronicle.steps:
        signer = step.verdict.signer
        if signer is None or signer.is_head:
            continue
        for change in step.changes:
            if what := _forbidden(change.path, deleted=change.deleted):
                yield codes.SIGNER_NOT_ALLOWED.at(
                    Location(change.path, commit=step.commit.id), signer=signer.staff, what=what
                )


def judge_paths(
    staff: str, key: PublicKey, before: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    """What `verify` would say of a commit of `changes` by this person: asked before it is made."""
    trusted = read_trust(_trust_file(before, {})).entries
    entry = next((entry for entry in trusted if entry.key == key), None)
    if entry is None:
        yield codes.SIG_UNKNOWN_KEY.at(Location(ALLOWED_SIGNERS), key=key.fingerprint)
        return
    if entry.staff != staff:
        yield codes.AUTHOR_MISMATCH.at(
            Location(ALLOWED_SIGNERS), signer=entry.staff, role="автор", named=staff
        )
    if not entry.is_head:
        yield from _staff_paths(entry, changes)
    if ALLOWED_SIGNERS in changes:
        after = read_trust(_trust_file(before, changes))
        yield from removed(set(trusted) - set(after.entries), "")
        for line, reason in after.faults:
            place = Location(ALLOWED_SIGNERS, line=line)
            yield codes.TRUST_LINE_INVALID.at(place, detail=reason)


def _staff_paths(entry: Entry, changes: Mapping[str, bytes | None]) -> Iterator[Finding]:
    for path, data in changes.items():
        if path.startswith(TRUST_FOLDER):
            what = f"{entry.staff} — не руководитель"
            yield codes.TRUST_NOT_AUTHORISED.at(Location(path), what=what)
        elif what := _forbidden(path, deleted=data is None):
            yield codes.SIGNER_NOT_ALLOWED.at(Location(path), signer=entry.staff, what=what)


def _trust_file(before: Snapshot, changes: Mapping[str, bytes | None]) -> bytes:
    if ALLOWED_SIGNERS in changes:
        return changes[ALLOWED_SIGNERS] or b""
    try:
        return before.read(ALLOWED_SIGNERS)
    except KeyError:
        return b""


def _forbidden(path: str, *, deleted: bool) -> str:
    if path.startswith((*FREE, TRUST_FOLDER)):
        return ""
    if path.startswith(KEPT):
        return "удалять запись журнала" if deleted else ""
    return "менять этот файл"
