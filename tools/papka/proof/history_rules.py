"""Who may write what, judged of history (`judge_history`) and before a save is signed.

Staff keep the records of study, everything else is the head's; `records/trust/` changes only by a
head trusted before, and only grows. Nothing of that is ever taken back, so what `verify` would say
is asked before a commit is made (`judge_paths` of the signer, paths, trust and seals;
`judge_beforehand` of names, attributes, salts and persons named outside their folders): the same
rules, on the step that a save would make. What stood wrong before is not this save's.

To add a rule of history: a function `Chronicle -> Iterable[Finding]` with its code in
`verify_codes`, a line in RULES, and an attack in tests/proof.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from papka.core.findings import Finding, Location
from papka.core.places import ACTS, ALLOWED_SIGNERS
from papka.core.snapshot import Overlay, Snapshot, bytes_of
from papka.proof import commit_rules, seal_judging, verify_codes
from papka.proof.chronicle import (
    ACCEPTABLE,
    Chronicle,
    HistoryStep,
    Verdict,
    explain_forbidden,
    report_replaced,
)
from papka.proof.commit_rules import (
    explain_revocation,
    judge_admission,
    judge_attributes,
    judge_term,
)
from papka.proof.seal_judging import judge_seal_changes
from papka.proof.trusted_keys import (
    NOTHING,
    REFOUNDINGS,
    REVOCATIONS,
    TRUST_FOLDER,
    Revocation,
    TrustEntry,
    TrustHistory,
    TrustState,
    find_overstep,
    list_named_otherwise,
    list_removed,
    new_refounding,
    read_revocations,
    read_trust,
    read_trust_state,
)
from papka.proof.unit_rules import (
    OF_THE_SCHOOL,
    Persons,
    is_card,
    is_common,
    judge_messages,
    judge_places,
    judge_salts,
    judge_texts,
    salt_of,
)
from papka.repository.git_values import (
    FILE,
    Commit,
    FileChange,
    GitPerson,
    PublicKey,
    TrackedFile,
    object_id,
)


def only_by_heads(chronicle: Chronicle) -> Iterator[Finding]:
    """Report changes of trust that no head trusted before made, or that take something away."""
    for step in chronicle.steps:
        touched = [c.path for c in step.changes if c.path.startswith(TRUST_FOLDER)]
        if step.is_root or touched:
            yield from _judge_step(step, touched)


def is_understood(chronicle: Chronicle) -> Iterator[Finding]:
    """Report what stands in `records/trust/` in the end and cannot be read."""
    if chronicle.steps:
        yield from _report_unreadable(chronicle.steps[-1].after)


def _report_unreadable(state: TrustState) -> Iterator[Finding]:
    for line in state.revocations.faults:
        where = Location(REVOCATIONS, line=line)
        yield verify_codes.REVOCATION_INVALID.at(where, detail="не по образцу")
    for path in state.faults:
        yield verify_codes.TRUST_FILE_INVALID.at(Location(path))


def unmet_acts(steps: Iterable[HistoryStep], digests: Iterable[str]) -> Iterator[Finding]:
    """Report digests of paper acts by which nobody re-founded this archive."""
    met = {step.refounding.digest for step in steps if step.refounding is not None}
    for digest in sorted(set(digests) - met):
        yield verify_codes.REFOUNDING_UNKNOWN.at(Location(REFOUNDINGS), digest=digest[:8])


def _judge_step(step: HistoryStep, touched: list[str]) -> Iterator[Finding]:
    commit = step.commit.id
    if step.refounding is not None:
        where, digest = Location(step.refounding.path, commit=commit), step.refounding.digest
        yield verify_codes.REFOUNDING_ACCEPTED.at(where, digest=digest[:8])
    for path in touched or [ALLOWED_SIGNERS]:
        if not step.authorised:
            yield verify_codes.TRUST_NOT_AUTHORISED.at(
                Location(path, commit=commit), what=_explain_unauthorised(step)
            )
    if step.is_root or ALLOWED_SIGNERS in touched:
        for line, reason in step.after.file.faults:
            place = Location(ALLOWED_SIGNERS, line=line, commit=commit)
            yield verify_codes.TRUST_LINE_INVALID.at(place, detail=reason)
    gone = set(step.before.file.entries) - set(step.after.file.entries)
    yield from removed({e for e in gone if step.trust.get(e.key) == e}, commit)
    for path, what in list_removed(step.before, step.after):
        yield verify_codes.TRUST_NOT_AUTHORISED.at(Location(path, commit=commit), what=what)


def removed(entries: Iterable[TrustEntry], commit: str) -> Iterator[Finding]:
    """Report lines taken away: older commits would lose the key that proves them."""
    for entry in sorted(entries, key=lambda e: e.line):
        what = f"убрана строка {entry.staff} с ключом {entry.key.fingerprint}"
        yield verify_codes.TRUST_NOT_AUTHORISED.at(
            Location(ALLOWED_SIGNERS, commit=commit), what=what
        )


def _explain_unauthorised(step: HistoryStep) -> str:
    signer = step.verdict.signer
    if new_refounding(step.before, step.after) is not None:
        return "ключи заменены, а бумажного акта нет: papka verify --refounding ОТПЕЧАТОК-АКТА"
    if step.verdict.state == "good" and signer is not None and signer.is_head:
        if not signer.counts_on(step.commit.committer.moment.date()):
            return f"сохранение подписал {signer.staff} вне срока своего ключа"
        if overstep := find_overstep(signer, step.before, step.after):
            return overstep
        return f"сохранение подписал {signer.staff}, а его ключ к тому времени отозвали"
    if step.verdict.state == "good" and signer is not None:
        return f"сохранение подписал {signer.staff}, а он не руководитель"
    return "сохранение не подписано доверенным ключом"


def state_of(snapshot: Snapshot) -> TrustState:
    """Read `records/trust/` of a snapshot."""
    paths = [path for path in snapshot.paths() if path.startswith(TRUST_FOLDER)]
    return read_trust_state(dict(snapshot.read_many(paths)))


def judge_signer(key: PublicKey, before: Snapshot) -> Iterator[Finding]:
    """Report a key that was revoked: it signs nothing new, whatever commit it counts up to."""
    revoked = read_revocations(bytes_of(before, REVOCATIONS) or b"").of(key.fingerprint)
    if revoked is not None:
        yield _report_revoked(key, revoked)


def judge_trust(
    signer: TrustEntry, before: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    """Judge a head's change of trust."""
    if not any(path.startswith(TRUST_FOLDER) for path in changes):
        return
    old, new = state_of(before), state_of(Overlay(before, changes))
    if overstep := find_overstep(signer, old, new):
        yield verify_codes.TRUST_NOT_AUTHORISED.at(Location(ALLOWED_SIGNERS), what=overstep)
    yield from removed(set(old.file.entries) - set(new.file.entries), "")
    for path, what in list_removed(old, new):
        yield verify_codes.TRUST_NOT_AUTHORISED.at(Location(path), what=what)
    if new.refoundings != old.refoundings:
        what = "ключи по акту заменяет только papka trust refound"
        yield verify_codes.TRUST_NOT_AUTHORISED.at(Location(new.refoundings[-1].path), what=what)
    for line, reason in new.file.faults:
        yield verify_codes.TRUST_LINE_INVALID.at(
            Location(ALLOWED_SIGNERS, line=line), detail=reason
        )
    yield from _report_unreadable(new)
    for each in new.acceptances:
        if each not in old.acceptances and each.code not in ACCEPTABLE:
            known = ", ".join(sorted(ACCEPTABLE))
            yield verify_codes.ACCEPTANCE_VOID.at(Location(each.path), code=each.code, codes=known)
    yield from _judge_revocations(signer.key, old, new)


def _judge_revocations(key: PublicKey, old: TrustState, new: TrustState) -> Iterator[Finding]:
    known = {entry.key.fingerprint for entry in new.file.entries}
    fresh = [each for each in new.revocations.entries if each not in old.revocations.entries]
    for each in fresh:
        if each.key not in known:
            detail = f"ключа {each.key} в списке доверенных нет"
            yield verify_codes.REVOCATION_INVALID.at(Location(REVOCATIONS), detail=detail)
        if each.key == key.fingerprint:
            yield _report_revoked(key, each)
    lasting = (entry for entry in new.file.entries if entry.is_head and entry.term is None)
    heads = {entry.key.fingerprint for entry in lasting}
    if fresh and not heads - {each.key for each in new.revocations.entries}:
        yield verify_codes.NO_HEAD_LEFT.at(Location(REVOCATIONS))


def _report_revoked(key: PublicKey, revocation: Revocation) -> Finding:
    how = explain_revocation(revocation, key.fingerprint)
    return verify_codes.SIG_KEY_REVOKED.at(Location(REVOCATIONS), key=key.fingerprint, how=how)


def within_rights(chronicle: Chronicle) -> Iterator[Finding]:
    """Report what staff did to paths that are the head's."""
    for step in chronicle.steps:
        signer = step.verdict.signer
        if signer is None or signer.is_head:
            continue
        for change in step.changes:
            if what := explain_forbidden(
                change.path, deleted=change.deleted, replaced=not change.added
            ):
                yield verify_codes.SIGNER_NOT_ALLOWED.at(
                    Location(change.path, commit=step.commit.id), signer=signer.staff, what=what
                )


def judge_paths(
    staff: str,
    key: PublicKey,
    before: Snapshot,
    changes: Mapping[str, bytes | None],
    *,
    day: dt.date,
) -> Iterator[Finding]:
    """Judge who would sign a commit of `changes` on `before` on a day, and whether they may."""
    trusted = read_trust(bytes_of(before, ALLOWED_SIGNERS) or b"").entries
    entry = next((entry for entry in trusted if entry.key == key), None)
    if entry is None:
        yield verify_codes.SIG_UNKNOWN_KEY.at(Location(ALLOWED_SIGNERS), key=key.fingerprint)
        return
    if entry.staff != staff:
        yield verify_codes.AUTHOR_MISMATCH.at(
            Location(ALLOWED_SIGNERS), signer=entry.staff, role="автор", named=staff
        )
    yield from judge_signer(key, before)
    yield from judge_term(entry, day, Location(ALLOWED_SIGNERS))
    if not entry.is_head:
        yield from _judge_staff_paths(entry, before, changes)
    yield from judge_seal_changes(before, changes)
    if any(path.startswith(ACTS) or "/destroyed/" in path for path in changes):
        from papka.proof.act_rules import judge_act_changes  # a save seldom touches them

        yield from judge_act_changes(before, changes)
    if entry.is_head:
        yield from judge_trust(entry, before, changes)


def _judge_staff_paths(
    entry: TrustEntry, before: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    for path, data in changes.items():
        if path.startswith(TRUST_FOLDER):
            what = f"{entry.staff} — не руководитель"
            yield verify_codes.TRUST_NOT_AUTHORISED.at(Location(path), what=what)
            continue
        is_there = bytes_of(before, path) is not None
        if what := explain_forbidden(path, deleted=data is None, replaced=is_there):
            yield verify_codes.SIGNER_NOT_ALLOWED.at(Location(path), signer=entry.staff, what=what)


def is_head(key: PublicKey, before: Snapshot) -> bool:
    """Whether the key is trusted as a head's."""
    trusted = read_trust(bytes_of(before, ALLOWED_SIGNERS) or b"").entries
    return any(entry.key == key and entry.is_head for entry in trusted)


Rule = Callable[[Chronicle], Iterable[Finding]]


def names_are_of_this_store(chronicle: Chronicle) -> Iterator[Finding]:
    """Report what the last commit's trust says of commits that no name here can be compared with.

    A name of the other kind makes no key good or bad; whoever reads the answer must know that.
    """
    for step in chronicle.steps[-1:]:
        for path, what in list_named_otherwise(step.after, step.commit.id):
            yield verify_codes.NAMED_OTHERWISE.at(Location(path), what=what)


# In the order a person wants to read the findings.
RULES: tuple[Rule, ...] = (
    commit_rules.no_merges,
    commit_rules.times_in_order,
    commit_rules.nothing_hidden,
    commit_rules.signatures_are_good,
    commit_rules.is_the_signer,
    only_by_heads,
    is_understood,
    within_rights,
    seal_judging.only_added,
    commit_rules.paths_are_safe,
    commit_rules.plain_files,
    report_replaced,
    names_are_of_this_store,
    commit_rules.no_twins,
)


def judge_history(chronicle: Chronicle) -> list[Finding]:
    """Apply all rules of history."""
    return [finding for rule in RULES for finding in rule(chronicle)]


_NOBODY = GitPerson("", "", 0, "+0000")


def judge_beforehand(
    before: Snapshot, after: Snapshot, changes: Mapping[str, bytes | None], message: str
) -> Iterator[Finding]:
    """Judge the content of a commit before it is made: names, attributes, sizes, salts, persons.

    `message`: what a person wrote of the change, "" for the program's own words. Merges, links,
    odd times and headers are left out: a save cannot make them.
    """
    there = frozenset(before.paths())
    step = _make_step(there, changes, message)
    added = [change.path for change in step.changes if change.added]
    yield from commit_rules.paths_are_safe(_make_chronicle(step, ()))
    yield from _find_twins(step, there, after) if added else ()
    yield from report_replaced(_make_chronicle(step, ()))
    written = [(c.new_id, changes[c.path] or b"") for c in step.changes if not c.deleted]
    yield from judge_attributes((step,), dict(written))
    yield from judge_admission((step,), {id_: len(data) for id_, data in written})
    yield from judge_places(added)
    yield from _judge_changed_salts(before, after, changes)
    yield from _judge_persons(after, changes, step)


def _make_step(
    there: Collection[str], changes: Mapping[str, bytes | None], message: str
) -> HistoryStep:
    made = tuple(
        FileChange(
            path,
            FILE if path in there else "",
            "" if data is None else FILE,
            "-" if path in there else "",
            "" if data is None else object_id("blob", data),
        )
        for path, data in changes.items()
    )
    commit = Commit("", "", ("",), _NOBODY, _NOBODY, None, message, (), b"")
    return HistoryStep(
        commit, made, {}, Verdict("missing"), NOTHING, NOTHING,
        authorised=False, standing=TrustHistory(),
    )  # fmt: skip


def _make_chronicle(step: HistoryStep, files: Collection[str]) -> Chronicle:
    return Chronicle((step,), 0, dict.fromkeys(files, TrackedFile(FILE, "")))


def _find_twins(step: HistoryStep, there: Collection[str], after: Snapshot) -> Iterator[Finding]:
    """Report names that only now come to be one with another."""
    found = list(commit_rules.no_twins(_make_chronicle(step, after.paths())))
    known = set(commit_rules.no_twins(_make_chronicle(step, sorted(there)))) if found else set()
    yield from (finding for finding in found if finding not in known)


def _judge_changed_salts(
    before: Snapshot, after: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    """Judge the salts of the units touched: each has one, and a new one is nobody's yet."""
    due = {salt for path, data in changes.items() if data is not None and (salt := salt_of(path))}
    files = {path: TrackedFile(FILE, "") for path in after.paths() if salt_of(path) in due}
    files |= {path: TrackedFile(FILE, "") for path in due if bytes_of(after, path) is not None}
    brought = {path for path in due if changes.get(path) is not None}
    others = {salt for path in before.paths() if (salt := salt_of(path))} if brought else set()
    known = {path: data for path in others | due if (data := bytes_of(after, path)) is not None}
    taken = judge_salts(dict(sorted(files.items())), (), known)
    mine = {path.rpartition("/")[0] for path in due}
    yield from (each for each in taken if each.where.path.rpartition("/")[0] in mine)


def _judge_persons(
    after: Snapshot, changes: Mapping[str, bytes | None], step: HistoryStep
) -> Iterator[Finding]:
    """Report persons named in the message or in a changed common file, and persons of a changed
    card named in any common file. Cards are read only when words could name somebody."""
    left = [path for path, data in changes.items() if data is not None]
    texts = [path for path in left if is_common(path)]
    new = [path for path in left if is_card(path)]
    if not (texts or new or step.commit.message):
        return
    staff = _read_persons(
        after, [path for path in OF_THE_SCHOOL if bytes_of(after, path) is not None]
    )
    if texts or step.commit.message:
        everybody = _read_persons(after, [path for path in after.paths() if is_card(path)]).without(
            staff
        )
        yield from judge_messages((step,), everybody)
        yield from judge_texts(_read_texts(after, texts), everybody)
    if new:
        others = [path for path in after.paths() if is_common(path) and path not in texts]
        yield from judge_texts(_read_texts(after, others), _read_persons(after, new).without(staff))


def _read_persons(files: Snapshot, cards: Collection[str]) -> Persons:
    return Persons.of(text for _, text in _read_texts(files, cards))


def _read_texts(files: Snapshot, wanted: Collection[str]) -> Iterator[tuple[str, str]]:
    for path, data in files.read_many(wanted):
        yield path, data.decode("utf-8", "replace")
