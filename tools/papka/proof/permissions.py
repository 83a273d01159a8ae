"""What `records/trust/` says changes only by a head trusted before, and only grows.

What `verify` would say of a change of trust, asked before it is signed: afterwards is too late,
for nothing here is ever taken back.

Who may write what: staff keep the records of study, everything else is the head's.

Changes of trust are `trust_changes`' and not repeated here.

The rules of history, all of one shape, in the order a person wants to read them.

To add one: a module with one function `Chronicle -> Iterable[Finding]`, its codes in
`core/codes/history.py`, a line here, and an attack in tests/integrity.

What `verify` will say of a commit's content, asked before there is one: names, attributes, salts
and the persons named outside their folders.

Invariants: the same rules as of history, on the step that a save would make; what stood wrong
before is not this save's; cards are read only when words could name somebody. Absent on purpose:
signer, rights, trust and seals (`permissions.judge_paths`), and what a save cannot make: merges,
links, odd times and headers.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from papka.core.findings import Finding, Location
from papka.core.places import ALLOWED_SIGNERS
from papka.core.snapshot import Overlay, Snapshot, bytes_of
from papka.proof import chronicle as proof_chronicle
from papka.proof import commit_rules, seal_judging, verify_codes
from papka.proof.chronicle import ACCEPTABLE, Chronicle, Step, Verdict, forbidden
from papka.proof.commit_rules import judge_admission, judge_attributes, told
from papka.proof.seal_judging import judge_seal_changes
from papka.proof.trusted_keys import (
    NOTHING,
    REFOUNDINGS,
    REVOCATIONS,
    TRUST_FOLDER,
    Entry,
    Revocation,
    Standing,
    TrustState,
    lost,
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
    Change,
    Commit,
    Person,
    PublicKey,
    TrackedFile,
    object_id,
)


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
        yield verify_codes.REVOCATION_INVALID.at(Location(REVOCATIONS, line=line), detail=detail)
    for path in state.faults:
        yield verify_codes.TRUST_FILE_INVALID.at(Location(path))


def unmet_acts(steps: Iterable[Step], digests: Iterable[str]) -> Iterator[Finding]:
    """Digests of paper acts by which nobody re-founded this archive."""
    met = {step.refounding.digest for step in steps if step.refounding is not None}
    for digest in sorted(set(digests) - met):
        yield verify_codes.REFOUNDING_UNKNOWN.at(Location(REFOUNDINGS), digest=digest[:8])


def _judge(step: Step, touched: list[str]) -> Iterator[Finding]:
    commit = step.commit.id
    if step.refounding is not None:
        where, digest = Location(step.refounding.path, commit=commit), step.refounding.digest
        yield verify_codes.REFOUNDING_ACCEPTED.at(where, digest=digest[:8])
    for path in touched or [ALLOWED_SIGNERS]:
        if not step.authorised:
            yield verify_codes.TRUST_NOT_AUTHORISED.at(
                Location(path, commit=commit), what=_what(step)
            )
    if step.is_root or ALLOWED_SIGNERS in touched:
        for line, reason in step.after.file.faults:
            place = Location(ALLOWED_SIGNERS, line=line, commit=commit)
            yield verify_codes.TRUST_LINE_INVALID.at(place, detail=reason)
    gone = set(step.before.file.entries) - set(step.after.file.entries)
    yield from removed({e for e in gone if step.trust.get(e.key) == e}, commit)
    for path, what in lost(step.before, step.after):
        yield verify_codes.TRUST_NOT_AUTHORISED.at(Location(path, commit=commit), what=what)


def removed(entries: Iterable[Entry], commit: str) -> Iterator[Finding]:
    """Lines taken away: older commits would lose the key that proves them."""
    for entry in sorted(entries, key=lambda e: e.line):
        what = f"убрана строка {entry.staff} с ключом {entry.key.fingerprint}"
        yield verify_codes.TRUST_NOT_AUTHORISED.at(
            Location(ALLOWED_SIGNERS, commit=commit), what=what
        )


def _what(step: Step) -> str:
    signer = step.verdict.signer
    if new_refounding(step.before, step.after) is not None:
        return "ключи заменены, а бумажного акта нет: papka verify --refounding ОТПЕЧАТОК-АКТА"
    if step.verdict.state == "good" and signer is not None and signer.is_head:
        return f"запись подписал {signer.staff}, а его ключ к тому времени отозвали"
    if step.verdict.state == "good" and signer is not None:
        return f"запись подписал {signer.staff}, а он не руководитель"
    return "запись не подписана доверенным ключом"


def state_of(snapshot: Snapshot) -> TrustState:
    """What `records/trust/` says there."""
    paths = [path for path in snapshot.paths() if path.startswith(TRUST_FOLDER)]
    return read_trust_state(dict(snapshot.read_many(paths)))


def judge_signer(key: PublicKey, before: Snapshot) -> Iterator[Finding]:
    """Whether the key still signs: a revoked one never does again, wherever it was cut."""
    try:
        revoked = read_revocations(before.read(REVOCATIONS)).of(key.fingerprint)
    except KeyError:
        return
    if revoked is not None:
        yield _revoked(key, revoked)


def judge_trust(
    key: PublicKey, before: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    """What is wrong with a head's change of trust."""
    if not any(path.startswith(TRUST_FOLDER) for path in changes):
        return
    old, new = state_of(before), state_of(Overlay(before, changes))
    yield from removed(set(old.file.entries) - set(new.file.entries), "")
    for path, what in lost(old, new):
        yield verify_codes.TRUST_NOT_AUTHORISED.at(Location(path), what=what)
    if new.refoundings != old.refoundings:
        what = "ключи по акту заменяет только papka trust refound"
        yield verify_codes.TRUST_NOT_AUTHORISED.at(Location(new.refoundings[-1].path), what=what)
    for line, reason in new.file.faults:
        yield verify_codes.TRUST_LINE_INVALID.at(
            Location(ALLOWED_SIGNERS, line=line), detail=reason
        )
    for line in new.revocations.faults:
        where = Location(REVOCATIONS, line=line)
        yield verify_codes.REVOCATION_INVALID.at(where, detail="не по образцу")
    for path in new.faults:
        yield verify_codes.TRUST_FILE_INVALID.at(Location(path))
    for each in new.acceptances:
        if each not in old.acceptances and each.code not in ACCEPTABLE:
            known = ", ".join(sorted(ACCEPTABLE))
            yield verify_codes.ACCEPTANCE_VOID.at(Location(each.path), code=each.code, codes=known)
    yield from _revocations(key, old, new)


def _revocations(key: PublicKey, old: TrustState, new: TrustState) -> Iterator[Finding]:
    known = {entry.key.fingerprint for entry in new.file.entries}
    fresh = [each for each in new.revocations.entries if each not in old.revocations.entries]
    for each in fresh:
        if each.key not in known:
            detail = f"ключа {each.key} в списке доверенных нет"
            yield verify_codes.REVOCATION_INVALID.at(Location(REVOCATIONS), detail=detail)
        if each.key == key.fingerprint:
            yield _revoked(key, each)
    heads = {entry.key.fingerprint for entry in new.file.entries if entry.is_head}
    if fresh and not heads - {each.key for each in new.revocations.entries}:
        yield verify_codes.NO_HEAD_LEFT.at(Location(REVOCATIONS))


def _revoked(key: PublicKey, revocation: Revocation) -> Finding:
    how = told(revocation, key.fingerprint)
    return verify_codes.SIG_KEY_REVOKED.at(Location(REVOCATIONS), key=key.fingerprint, how=how)


def within_rights(chronicle: Chronicle) -> Iterator[Finding]:
    for step in chronicle.steps:
        signer = step.verdict.signer
        if signer is None or signer.is_head:
            continue
        for change in step.changes:
            if what := forbidden(change.path, deleted=change.deleted, replaced=not change.added):
                yield verify_codes.SIGNER_NOT_ALLOWED.at(
                    Location(change.path, commit=step.commit.id), signer=signer.staff, what=what
                )


def judge_paths(
    staff: str, key: PublicKey, before: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    """What `verify` would say of a commit of `changes` by this person: asked before it is made."""
    trusted = read_trust(_trust_file(before)).entries
    entry = next((entry for entry in trusted if entry.key == key), None)
    if entry is None:
        yield verify_codes.SIG_UNKNOWN_KEY.at(Location(ALLOWED_SIGNERS), key=key.fingerprint)
        return
    if entry.staff != staff:
        yield verify_codes.AUTHOR_MISMATCH.at(
            Location(ALLOWED_SIGNERS), signer=entry.staff, role="автор", named=staff
        )
    yield from judge_signer(key, before)
    if not entry.is_head:
        yield from _staff_paths(entry, before, changes)
    yield from judge_seal_changes(before, changes)
    if entry.is_head:
        yield from judge_trust(key, before, changes)


def _staff_paths(
    entry: Entry, before: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    for path, data in changes.items():
        if path.startswith(TRUST_FOLDER):
            what = f"{entry.staff} — не руководитель"
            yield verify_codes.TRUST_NOT_AUTHORISED.at(Location(path), what=what)
        elif what := forbidden(path, deleted=data is None, replaced=_holds(before, path)):
            yield verify_codes.SIGNER_NOT_ALLOWED.at(Location(path), signer=entry.staff, what=what)


def is_head(key: PublicKey, before: Snapshot) -> bool:
    """Whether a head's key signs what comes next."""
    return any(e.key == key and e.is_head for e in read_trust(_trust_file(before)).entries)


def _holds(before: Snapshot, path: str) -> bool:
    try:
        before.read(path)
    except KeyError:
        return False
    return True


def _trust_file(before: Snapshot) -> bytes:
    try:
        return before.read(ALLOWED_SIGNERS)
    except KeyError:
        return b""


Rule = Callable[[Chronicle], Iterable[Finding]]

RULES: tuple[Rule, ...] = (
    commit_rules.no_merges,
    commit_rules.in_order,
    commit_rules.nothing_hidden,
    commit_rules.each_is_good,
    commit_rules.is_the_signer,
    only_by_heads,
    is_understood,
    within_rights,
    seal_judging.only_added,
    commit_rules.safe,
    commit_rules.plain_files,
    proof_chronicle.replaced,
    commit_rules.no_twins,
)


def judge_history(chronicle: Chronicle) -> list[Finding]:
    """Everything all rules find."""
    return [finding for rule in RULES for finding in rule(chronicle)]


_NOBODY = Person("", "", 0, "+0000")


def judge_beforehand(
    before: Snapshot, after: Snapshot, changes: Mapping[str, bytes | None], message: str
) -> Iterator[Finding]:
    """`message`: what a person wrote of the change, empty for the program's own words."""
    there = frozenset(before.paths())
    step = _step(there, changes, message)
    added = [change.path for change in step.changes if change.added]
    yield from commit_rules.safe(_chronicle(step, ()))
    yield from _twins(step, there, after) if added else ()
    yield from proof_chronicle.replaced(_chronicle(step, ()))
    written = [(c.new_id, changes[c.path] or b"") for c in step.changes if not c.deleted]
    yield from judge_attributes((step,), dict(written))
    yield from judge_admission((step,), {id_: len(data) for id_, data in written})
    yield from judge_places(added)
    yield from _salts(before, after, changes)
    yield from _persons(after, changes, step)


def _step(there: Collection[str], changes: Mapping[str, bytes | None], message: str) -> Step:
    told = tuple(
        Change(
            path,
            FILE if path in there else "",
            "" if data is None else FILE,
            "-" if path in there else "",
            "" if data is None else object_id("blob", data),
        )
        for path, data in changes.items()
    )
    commit = Commit("", "", ("",), _NOBODY, _NOBODY, None, message, (), b"")
    return Step(
        commit, told, {}, Verdict("missing"), NOTHING, NOTHING,
        authorised=False, standing=Standing(),
    )  # fmt: skip


def _chronicle(step: Step, files: Collection[str]) -> Chronicle:
    return Chronicle((step,), 0, dict.fromkeys(files, TrackedFile(FILE, "")))


def _twins(step: Step, there: Collection[str], after: Snapshot) -> Iterator[Finding]:
    """Names that come to be one with another."""
    found = list(commit_rules.no_twins(_chronicle(step, after.paths())))
    known = set(commit_rules.no_twins(_chronicle(step, sorted(there)))) if found else set()
    yield from (finding for finding in found if finding not in known)


def _salts(
    before: Snapshot, after: Snapshot, changes: Mapping[str, bytes | None]
) -> Iterator[Finding]:
    """Units that the change touches have one, and a salt it brings is nobody's yet."""
    due = {salt for path, data in changes.items() if data is not None and (salt := salt_of(path))}
    files = {path: TrackedFile(FILE, "") for path in after.paths() if salt_of(path) in due}
    files |= {path: TrackedFile(FILE, "") for path in due if bytes_of(after, path) is not None}
    brought = {path for path in due if changes.get(path) is not None}
    others = {salt for path in before.paths() if (salt := salt_of(path))} if brought else set()
    known = {path: data for path in others | due if (data := bytes_of(after, path)) is not None}
    taken = judge_salts(dict(sorted(files.items())), (), known)
    mine = {path.rpartition("/")[0] for path in due}
    yield from (each for each in taken if each.where.path.rpartition("/")[0] in mine)


def _persons(after: Snapshot, changes: Mapping[str, bytes | None], step: Step) -> Iterator[Finding]:
    """Whoever is named in the words of the save, in a common file it changes, or, on a card it
    changes, in any common file."""
    left = [path for path, data in changes.items() if data is not None]
    texts = [path for path in left if is_common(path)]
    new = [path for path in left if is_card(path)]
    if not (texts or new or step.commit.message):
        return
    staff = _noted(after, [path for path in OF_THE_SCHOOL if bytes_of(after, path) is not None])
    if texts or step.commit.message:
        everybody = _noted(after, [path for path in after.paths() if is_card(path)]).without(staff)
        yield from judge_messages((step,), everybody)
        yield from judge_texts(_words(after, texts), everybody)
    if new:
        others = [path for path in after.paths() if is_common(path) and path not in texts]
        yield from judge_texts(_words(after, others), _noted(after, new).without(staff))


def _noted(files: Snapshot, cards: Collection[str]) -> Persons:
    return Persons.of(text for _, text in _words(files, cards))


def _words(files: Snapshot, wanted: Collection[str]) -> Iterator[tuple[str, str]]:
    for path, data in files.read_many(wanted):
        yield path, data.decode("utf-8", "replace")
