"""Judge whose signature a printed document bears: by an archive's whole history, or a trust file.

The signature is rebuilt from the code and a trusted key and judged by the same strict reader as
every other; a key that is unknown, not a head's, or revoked is refused with the reason. An archive
is trusted as `verify` trusts it, by its history from the first commit on. Whether a revoked key
still counts is judged by the order of commits, never by dates; a trust file alone knows no order
and no register. The document's own text is compared elsewhere (`document_verification`).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from papka.core.errors import NotFound, PapkaError, Refused, cannot_access
from papka.core.findings import Finding, Location, has_errors
from papka.core.places import RECORDS, STUDENTS
from papka.core.snapshot import DictSnapshot, Snapshot
from papka.paper import document_codes
from papka.paper.issued_contents import entry_of
from papka.proof.chronicle import (
    Chronicle,
    HistoryStep,
    judge_commits,
    soften_accepted,
    standing_of,
)
from papka.proof.clean_room import CleanRoom, clean_room
from papka.proof.document_code import Scanned, key_hint
from papka.proof.history_reading import changes_of, read_blob, trust_states
from papka.proof.history_rules import judge_history
from papka.proof.layers import read_line
from papka.proof.ssh_signatures import Altered, UnreadableSignature, read, rebuild
from papka.proof.trusted_keys import (
    DOCUMENT,
    REVOCATIONS,
    ROOT,
    Revocation,
    Revocations,
    TrustEntry,
    read_revocations,
    read_trust,
)
from papka.records.acts import RegisterEntry
from papka.records.archive import Archive, load
from papka.records.schemas import SchemaSet
from papka.repository.commit_snapshots import NarrowSnapshot
from papka.repository.files import SMALL, read_plain
from papka.repository.git_values import MAIN
from papka.repository.store import Store, locate, observe

Stands = Callable[[Revocation], bool | None]
"""Whether what the code proves was recorded while the key still counted; None: cannot be known."""


class JudgedIssue(NamedTuple):
    """`signer` is who made the signature; None when nobody known did. It may still be refused."""

    signer: TrustEntry | None
    findings: tuple[Finding, ...]


def judge_signature(
    scanned: Scanned, trust: Iterable[TrustEntry], revoked: Revocations, stands: Stands
) -> JudgedIssue:
    """Judge the signature of a code; `trust`: everybody ever trusted, `revoked`: keys since."""
    hint = scanned.facts.key
    named = [entry for entry in trust if key_hint(entry.key.blob) == hint]
    if not named:
        return JudgedIssue(None, (document_codes.DOC_KEY_UNKNOWN.at(Location(), hint=hint.hex()),))
    reasons = {entry: _find_fault(scanned, entry) for entry in named}
    signer = next((entry for entry, fault in reasons.items() if not fault), None)
    if signer is None:
        detail = next(iter(reasons.values()))
        return JudgedIssue(None, (document_codes.DOC_SIG_BAD.at(Location(), detail=detail),))
    if DOCUMENT not in signer.namespaces:
        found = document_codes.DOC_KEY_NOT_ALLOWED.at(Location(), staff=signer.staff)
        return JudgedIssue(signer, (found,))
    if signer.term is not None and not signer.counts_on(scanned.facts.date):
        since, until, date = (f"{day:%d.%m.%Y}" for day in (*signer.term, scanned.facts.date))
        found = document_codes.DOC_KEY_OUTSIDE_TERM.at(
            Location(), staff=signer.staff, since=since, until=until, date=date
        )
        return JudgedIssue(signer, (found,))
    for revocation in revoked.all_of(signer.key.fingerprint):
        if faults := _judge_revocation(revocation, stands):
            return JudgedIssue(signer, faults)
    return JudgedIssue(signer, ())


def _find_fault(scanned: Scanned, entry: TrustEntry) -> str:
    """Say why this key did not sign this; return "" when it did."""
    try:
        signature = read(rebuild(entry.key, DOCUMENT, scanned.core))
    except (Altered, UnreadableSignature) as error:
        return str(error)
    is_whole = signature.core == scanned.core  # of bytes that a key of another kind would leave
    if is_whole and signature.covers(scanned.message):
        return ""
    return "она не подходит к сведениям кода"


def _judge_revocation(revocation: Revocation, stands: Stands) -> tuple[Finding, ...]:
    stood = stands(revocation)
    if stood:
        return ()
    if stood is None and not revocation.is_compromised:
        return (document_codes.DOC_KEY_RETIRED.at(Location(), key=revocation.key),)
    reason = "им могут владеть посторонние" if revocation.is_compromised else "выведен раньше"
    return (document_codes.DOC_KEY_REVOKED.at(Location(), key=revocation.key, reason=reason),)


@dataclass(frozen=True, slots=True)
class Origin:
    """What a printed document is held against.

    `entry`: the document's in the register; `positions`: commit -> its place in history;
    `recorded`: the place of the commit that brought the document's signature, None when none did;
    `templates`: the forms to print it again with, of today and of the day it was issued.
    """

    trust: tuple[TrustEntry, ...]
    revoked: Revocations
    findings: tuple[Finding, ...] = ()
    archive: Archive | None = None
    entry: RegisterEntry | None = None
    positions: Mapping[str, int] = field(default_factory=dict)
    recorded: int | None = None
    templates: tuple[Snapshot, ...] = ()

    def stands(self, revocation: Revocation) -> bool | None:
        """Tell whether the document was recorded while the key counted; None without an archive."""
        if self.archive is None:
            return None
        last = -1 if revocation.commit == ROOT else self.positions.get(revocation.commit, -1)
        return self.recorded is not None and self.recorded <= last


def from_trust_file(file: Path) -> Origin:
    """Read the keys of the file, and `revocations` beside it when there is one."""
    try:
        trust = read_trust(read_plain(file, most=SMALL, follow=True))
        beside = file.with_name("revocations")
        revoked = read_revocations(
            read_plain(beside, most=SMALL, follow=True) if beside.is_file() else b""
        )
    except OSError as error:
        raise cannot_access(error) from error
    if not trust.entries:
        raise PapkaError(
            f"В файле {file} нет ни одного доверенного ключа",
            'Нужны строки вида: s001@papka.invalid namespaces="git,papka-seal,papka-document" '
            "ssh-ed25519 AAAA…",
        )
    return Origin(trust.entries, revoked, _report_faults(revoked))


def from_archive(
    root: Path, number: str, core: str, *, now: datetime, refoundings: Collection[str] = ()
) -> Origin:
    """Judge the archive, and find the document in its register.

    `number` and `core` (base64) are the document's, `refoundings` digests of paper acts. Raise
    NotAnArchive, Refused.
    """
    store, head = _find_main(root)
    with clean_room(store) as room:
        history = _judge_history(room, head, now, refoundings)
        steps = history.steps
        snapshot = NarrowSnapshot(root, head, ())
        archive = load(
            snapshot,
            SchemaSet.load(snapshot),
            wanted=lambda path: not path.startswith(STUDENTS + "/"),
        )
        path, entry = _find_entry(archive, number)
        recorded = _find_recording(room, steps, path, core) if path else None
    findings = [*_report_faults(history.revoked)]
    if history.is_doubtful:
        findings.append(document_codes.DOC_ARCHIVE_DOUBTFUL.at(Location()))
    templates = [_read_templates(snapshot)]
    if recorded is not None:
        commit = history.stored[steps[recorded].commit.id]
        then = _read_templates(NarrowSnapshot(root, commit, ()))
        templates += [then] if then != templates[0] else []
    return Origin(
        trust=history.trust,
        revoked=history.revoked,
        findings=tuple(findings),
        archive=archive,
        entry=entry,
        positions={step.commit.id: at for at, step in enumerate(steps)},
        recorded=recorded,
        templates=tuple(DictSnapshot(files) for files in templates),
    )


def from_keys(root: Path, *, now: datetime, refoundings: Collection[str] = ()) -> Origin:
    """Judge the archive and return its keys alone, as a list of keys would give them.

    Raise NotAnArchive, and Refused when the history or the list of ended keys cannot be relied on:
    the keys are to be published.
    """
    store, head = _find_main(root)
    with clean_room(store) as room:
        history = _judge_history(room, head, now, refoundings)
    if history.is_doubtful or history.revoked.faults:
        raise Refused(
            "Архив не проходит проверку, поэтому его ключи раздавать нельзя",
            "Узнайте причину и устраните её: papka verify",
        )
    return Origin(history.trust, history.revoked)


@dataclass(frozen=True, slots=True)
class _JudgedHistory:
    """`steps` as they were signed; `stored`: id of each commit -> its id in the store; `trust`:
    everybody ever trusted; `is_doubtful`: nothing in the archive can be relied on."""

    steps: tuple[HistoryStep, ...]
    stored: Mapping[str, str]
    trust: tuple[TrustEntry, ...]
    revoked: Revocations
    is_doubtful: bool


def _find_main(root: Path) -> tuple[Store, str]:
    store = locate(root)
    facts = observe(store)
    head = facts.refs.get(MAIN)
    if head is None or facts.alternates:
        raise PapkaError("Архив не прочесть", "Узнайте причину: papka verify")
    return store, head


def _judge_history(
    room: CleanRoom, head: str, now: datetime, refoundings: Collection[str]
) -> _JudgedHistory:
    line, astray = read_line(room, head)
    changes = changes_of(room, line.commits)
    steps = judge_commits(
        line.commits, changes, trust_states(room, line.commits, changes), refoundings
    )
    rules = judge_history(Chronicle(steps, int(now.timestamp())))
    standing = standing_of(steps)
    found = soften_accepted(rules, standing, steps)
    return _JudgedHistory(
        steps,
        line.stored,
        tuple(standing.trust.values()),
        read_revocations(read_blob(room.objects(), f"{head}:{REVOCATIONS}")),
        bool(line.unreadable) or has_errors([*astray, *found]),
    )


def _find_entry(archive: Archive, number: str) -> tuple[str, RegisterEntry | None]:
    try:
        key, entry = entry_of(archive, number)
    except NotFound:
        return "", None
    return f"{RECORDS}/registers/{key}.yaml", entry


def _find_recording(
    room: CleanRoom, steps: tuple[HistoryStep, ...], path: str, core: str
) -> int | None:
    """Return the place of the first commit whose entry holds this signature."""
    for at, step in enumerate(steps):
        if any(
            change.path == path
            and not change.deleted
            and core.encode() in read_blob(room.objects(), change.new_id)
            for change in step.changes
        ):
            return at
    return None


def _read_templates(snapshot: NarrowSnapshot) -> dict[str, bytes]:
    """Read the forms now: the archive may move on."""
    paths = [path for path in snapshot.paths() if path.startswith("templates/")]
    return dict(snapshot.read_many(paths))


def _report_faults(revoked: Revocations) -> tuple[Finding, ...]:
    return tuple(
        document_codes.DOC_TRUST_UNREADABLE.at(Location(REVOCATIONS, line=line), line=line)
        for line in revoked.faults
    )
