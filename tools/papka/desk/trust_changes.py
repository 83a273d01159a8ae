"""Changes of trust: keys added, ended and replaced, lost head keys, accidents accepted.

Each is one commit (two where a key replaces itself), judged as any save. Invariants: lines of trust
are only ever added; a key never ends itself, for such a commit would stand after its own end. New
keys in place of both lost head keys: exactly one commit on the old head, signed by the new daily
key, with both new keys, the end of every head's key before, and a file; nobody believes it without
that file's digest on a signed paper. Only what is really found in the history is accepted, and only
where an acceptance has effect; a commit that the primary has and sync refuses is taken together
with its acceptance. Whether history bears the list of keys out is the question of `verify`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cached_property
from pathlib import Path

from papka.copies import mirrors
from papka.copies.new_commits import ReceivedChange, judge_brought
from papka.copies.syncing import Synced, Vouched, sync
from papka.core.errors import NotFound, Refused
from papka.core.findings import Finding
from papka.core.phrases import suggest
from papka.core.places import ALLOWED_SIGNERS, ORGANIZATION, TEXT, is_staff_id, seal_file
from papka.core.places import STAFF as STAFF_FILE
from papka.desk.edition import digest_of, require_current
from papka.desk.saving import Saved, require_head_commit, require_unchanged, save_changes
from papka.proof.anchors import last_seal
from papka.proof.chronicle import (
    ACCEPTABLE,
    Chronicle,
    HistoryStep,
    judge_commits,
    may_be_accepted,
    soften_accepted,
    standing_of,
)
from papka.proof.clean_room import clean_room
from papka.proof.examination import judge_contents
from papka.proof.history_reading import changes_of, trust_states
from papka.proof.history_rules import judge_history
from papka.proof.layers import read_line
from papka.proof.trusted_keys import (
    ACCEPTED,
    HEAD,
    NOTHING,
    REFOUNDINGS,
    REVOCATIONS,
    STAFF,
    TRUST_FOLDER,
    Ancestry,
    Revocation,
    Revocations,
    TrustEntry,
    TrustHistory,
    TrustState,
    read_trust_state,
)
from papka.records.archive import Archive, load
from papka.records.derived.leadership import list_heads
from papka.records.editing import write_file
from papka.records.schemas import SchemaSet
from papka.repository import commit_writing, unfinished_work, worktree
from papka.repository.commit_snapshots import CommitTree, NarrowSnapshot
from papka.repository.git_values import MAIN, P384, SK_ED25519, PublicKey
from papka.repository.handle import read_setting
from papka.repository.points import resolve
from papka.repository.rewritten_commits import rewritten_commits
from papka.repository.runner import SshAccess
from papka.repository.signing import KeySigner, SigningActor, key_setting, remember_actor
from papka.repository.store import locate, observe


@dataclass(frozen=True, slots=True)
class KnownKey:
    """A key of the list; one with a `revocation` signs no more."""

    entry: TrustEntry
    revocation: Revocation | None

    @property
    def fingerprint(self) -> str:
        return self.entry.key.fingerprint

    @property
    def is_token(self) -> bool:
        """Whether it is a hardware key that asks for a touch."""
        return self.entry.key.kind == SK_ED25519


@dataclass(frozen=True, slots=True)
class KnownTrust:
    """The trusted keys as of the commit `head`; `files`: the bytes of the folder of trust there."""

    head: str
    files: dict[str, bytes]
    state: TrustState
    keys: tuple[KnownKey, ...]

    @property
    def in_force(self) -> tuple[KnownKey, ...]:
        return tuple(key for key in self.keys if key.revocation is None)


def known_trust(root: Path) -> KnownTrust:
    """Read whom the last commit trusts; raises NotAnArchive."""
    head = require_head_commit(root)
    tree = CommitTree(root, head)
    files = dict(tree.read_many(tree.below(TRUST_FOLDER[:-1])))
    state = read_trust_state(files)
    keys = tuple(
        KnownKey(entry, state.revocations.of(entry.key.fingerprint)) for entry in state.file.entries
    )
    return KnownTrust(head, files, state, keys)


def find_keys(known: KnownTrust, named: str) -> tuple[KnownKey, ...]:
    """Find the keys in force of a staff id, or the one with this fingerprint; raises NotFound."""
    found = tuple(k for k in known.in_force if named in (k.entry.staff, k.fingerprint))
    if not found:
        ended = any(named in (k.entry.staff, k.fingerprint) for k in known.keys)
        words = [w for k in known.in_force for w in (k.entry.staff, k.fingerprint)]
        what = "действующего ключа уже нет" if ended else "ключа в списке доверенных нет"
        raise NotFound(
            f"«{named}»: {what}",
            f"Назовите номер сотрудника или отпечаток: papka trust show.{suggest(named, words)}",
        )
    return found


def find_key(known: KnownTrust, named: str) -> KnownKey:
    """Find the one key that is meant; raises NotFound, Refused when there are several."""
    found = find_keys(known, named)
    if len(found) > 1:
        raise Refused(
            f"У {named} действующих ключей {len(found)}: непонятно, какой из них",
            f"Назовите отпечаток: {', '.join(key.fingerprint for key in found)}",
        )
    return found[0]


def actor_by_key(known: KnownTrust, signer: KeySigner) -> SigningActor:
    """Return who signs with this very key; raises Refused when nobody does."""
    for key in known.in_force:
        if key.entry.key == signer.public:
            return SigningActor(key.entry.staff, signer)
    raise Refused(
        f"Ключ {signer.fingerprint} в этом архиве подписывать не вправе",
        "Посмотрите, чьи ключи действуют: papka trust show",
    )


def add(  # noqa: PLR0913 - who trusts whom with what
    root: Path, actor: SigningActor, staff: str, key: PublicKey, *, head: bool, now: datetime
) -> Saved:
    """Trust `staff` with `key`.

    Raises NotFound for an unknown person, Refused for a known key and for a head's key of one who
    neither heads the school nor acts for its head (`term_of_head_key`).
    """
    known = known_trust(root)
    _refuse_known_key(known, key)
    term = term_of_head_key(root, staff, now.date()) if head else None
    if not head:
        _require_staff(read_school(root, known.head), staff)
    entry = TrustEntry(staff, HEAD if head else STAFF, key, term)
    who = "сотрудника" if not head else "замещающего руководителя" if term else "руководителя"
    return save_trust(root, actor, known, [entry], [], f"Доверие: ключ {who} {staff}", now)


def revoke(  # noqa: PLR0913 - whose key ends where, and how
    root: Path,
    actor: SigningActor,
    keys: Collection[KnownKey],
    commit: str,
    *,
    compromised: bool,
    now: datetime,
) -> Saved:
    """End keys: all they signed up to `commit` (an id, or «root») stays good."""
    known = known_trust(root)
    if any(actor.signer.public == key.entry.key for key in keys):
        raise Refused(
            "Ключ не может вывести сам себя: это сохранение сделано уже после его конца",
            "Подпишите другим ключом руководителя (--key ФАЙЛ) или замените: papka trust rotate",
        )
    ends = [Revocation(key.fingerprint, commit, is_compromised=compromised) for key in keys]
    staff = ", ".join(sorted({key.entry.staff for key in keys}))
    what = "ключ в чужих руках" if compromised else "ключ выведен"
    return save_trust(root, actor, known, [], ends, f"Доверие: {what}, {staff}", now)


def rotate(
    root: Path, actor: SigningActor, old: KnownKey, new: KeySigner, *, now: datetime
) -> Saved:
    """Replace an old key by a new one.

    A key that replaces itself needs two commits: it adds the new key, which then ends it.
    """
    known = known_trust(root)
    _refuse_known_key(known, new.public)
    entry = replace(old.entry, key=new.public)
    subject = f"Доверие: ключ {entry.staff} заменён"
    own = actor.signer.public == old.entry.key
    ends = [] if own else [Revocation(old.fingerprint, known.head, is_compromised=False)]
    saved = save_trust(root, actor, known, [entry], ends, subject, now)
    if own and saved.commit is not None:
        known = known_trust(root)
        ends = [Revocation(old.fingerprint, known.head, is_compromised=False)]
        actor = SigningActor(actor.staff, new)
        saved = save_trust(root, actor, known, [], ends, subject, now)
    if saved.commit is not None:
        use_key(root, entry.staff, new)
    return saved


def use_key(root: Path, staff: str, signer: KeySigner) -> None:
    """Make this copy sign for `staff` with that key, if it signed for them before."""
    main = read_setting(root, "user.name") == staff
    if main or read_setting(root, key_setting(staff)) is not None:
        remember_actor(root, staff, signer.file.resolve(), main=main)


def term_of_head_key(root: Path, staff: str, today: date) -> tuple[date, date] | None:
    """Return the term of a head's key for `staff` as saved: None for a head of today or later.

    Who acts for the head gets the term that goes on or comes next. Raises NotFound for an unknown
    person, Refused for one who is neither.
    """
    archive = read_school(root, require_head_commit(root))
    _require_staff(archive, staff)
    heads = list_heads(archive.organization) if archive.organization else ()
    if any(head == staff and (until is None or until >= today) for head, _, until in heads):
        return None
    latest = date.max - timedelta(days=1)  # a line of trust names the day after
    terms = sorted((term.since, min(term.until, latest)) for term in archive.staff[staff].acting)
    term = next((each for each in terms if each[1] >= today), None)
    if term is None:
        raise Refused(
            f"{staff} — не руководитель и никого не замещает: ключ руководителя ему не нужен",
            f"Сменился руководитель — впишите нового в head, прежнего в former ({ORGANIZATION}); "
            f"замещает — впишите срок в acting ({STAFF_FILE}). Сохраните (papka save) и повторите",
        )
    return term


def read_school(root: Path, commit: str) -> Archive:
    """Load the school and its people as a commit names them."""
    snapshot = NarrowSnapshot(root, commit, ())
    wanted = (STAFF_FILE, ORGANIZATION)
    return load(snapshot, SchemaSet.load(snapshot), wanted=lambda path: path in wanted)


def _require_staff(archive: Archive, staff: str) -> None:
    if staff not in archive.staff:
        raise NotFound(
            f"Сотрудника {staff} в {STAFF_FILE} нет",
            f"Впишите его туда и сохраните: papka save.{suggest(staff, archive.staff)}",
        )


def _refuse_known_key(known: KnownTrust, key: PublicKey) -> None:
    for each in known.keys:
        if each.entry.key == key:
            end = "" if each.revocation is None else ", и он уже не действует"
            raise Refused(
                f"Этот ключ уже есть в списке: {each.entry.staff}{end}",
                "Создайте другой: ssh-keygen -t ed25519 -f ФАЙЛ",
            )


def save_trust(  # noqa: PLR0913 - who changes what, on what, with which words
    root: Path,
    actor: SigningActor,
    known: KnownTrust,
    entries: Iterable[TrustEntry],
    ends: Iterable[Revocation],
    subject: str,
    now: datetime,
) -> Saved:
    """Save the files of trust with lines added at their ends; raise Refused for a key that the
    archive's own kit and rules do not know yet."""
    entries = list(entries)
    _require_known_kind(root, known.head, [entry.key for entry in entries])
    added = {
        ALLOWED_SIGNERS: [entry.line for entry in entries],
        REVOCATIONS: [end.line for end in ends],
    }
    changes: dict[str, bytes | None] = {}
    for path, lines in added.items():
        if lines:
            data = known.files.get(path, b"")
            gap = b"\n" if data and not data.endswith(b"\n") else b""
            changes[path] = data + gap + "".join(f"{line}\n" for line in lines).encode()
    expected = {path: known.files.get(path) for path in changes}
    return save_changes(root, actor, changes, now=now, message=subject, expected=expected)


def _require_known_kind(root: Path, head: str, keys: Iterable[PublicKey]) -> None:
    """Raise Refused where an archive of an earlier edition would not know a key's type."""
    if any(key.kind == P384 for key in keys):
        require_current(root, head, "Принять ключ второго вида", "proof", "schema")


@dataclass(frozen=True, slots=True)
class Refounded:
    """A re-founding by the act `number`; `digest`: SHA-256 of its file in hex, as on paper."""

    commit: str
    number: str
    digest: str


def refound(
    root: Path, staff: str, daily: KeySigner, recovery: PublicKey, *, now: datetime
) -> Refounded:
    """Put `staff` with two new keys in the place of all heads before; raises Refused."""
    with unfinished_work.hold_archive(root):
        known = known_trust(root)
        _require_two_new_keys(known, staff, daily.public, recovery)
        _require_known_kind(root, known.head, (daily.public, recovery))
        number = f"{len(known.state.refoundings) + 1:04}"
        act = _compose_act(root, known.head, daily.public, recovery, now)
        changes = _replace_heads(known, staff, daily.public, recovery)
        changes[f"{REFOUNDINGS}{number}"] = act
        require_unchanged(root, {path: known.files.get(path) for path in changes})
        made = commit_writing.store_commit(
            root, changes, f"Ключи руководителя заменены по акту {number}",
            author=staff, now=now, sign=daily.sign, parent=known.head,
        )  # fmt: skip
        for path, data in changes.items():
            worktree.write(root, path, data)
        commit_writing.publish_commit(root, made, known.head)
        use_key(root, staff, daily)
    return Refounded(made.id, number, digest_of(act))


def _require_two_new_keys(
    known: KnownTrust, staff: str, daily: PublicKey, recovery: PublicKey
) -> None:
    if not is_staff_id(staff):
        raise Refused(f"«{staff}» — не номер сотрудника", "Номер пишут так: s001")
    if daily == recovery:
        raise Refused("Ежедневный и запасной ключ — один и тот же", "Создайте два разных")
    for key in (daily, recovery):
        if any(each.entry.key == key for each in known.keys):
            raise Refused(
                f"Ключ {key.fingerprint} уже был в списке доверенных", "Создайте новый ключ"
            )


def _replace_heads(
    known: KnownTrust, staff: str, daily: PublicKey, recovery: PublicKey
) -> dict[str, bytes]:
    signers = [TrustEntry(staff, HEAD, key).line for key in (daily, recovery)]
    heads = [entry.key.fingerprint for entry in known.state.file.entries if entry.is_head]
    ends = [f"retired {key} at {known.head}" for key in heads]
    return {
        path: known.files.get(path, b"") + "".join(f"{line}\n" for line in lines).encode()
        for path, lines in ((ALLOWED_SIGNERS, signers), (REVOCATIONS, ends))
    }


def _compose_act(
    root: Path, head: str, daily: PublicKey, recovery: PublicKey, now: datetime
) -> bytes:
    tree = CommitTree(root, head)
    number = last_seal(tree)
    seal = f"sha256:{digest_of(tree.read(seal_file(number, TEXT)))}" if number else "none"
    return (
        "papka-refounding v1\n"
        f"head: sha1:{head}\n"
        f"seal: {seal}\n"
        f"daily: {daily.fingerprint}\n"
        f"recovery: {recovery.fingerprint}\n"
        f"date: {now:%Y-%m-%d}\n"
    ).encode()


@dataclass(frozen=True)
class JudgedHistory:
    """A judged history; `findings`: what is wrong with its commits and not accepted yet."""

    steps: tuple[HistoryStep, ...]
    findings: tuple[Finding, ...]

    @property
    def standing(self) -> TrustHistory:
        return standing_of(self.steps)

    @cached_property
    def by_id(self) -> dict[str, HistoryStep]:
        return {step.commit.id: step for step in self.steps}

    def codes_of(self, commit: str) -> set[str]:
        """Return the codes of all findings about one commit."""
        return {each.code.name for each in self.findings if each.where.commit == commit}

    def can_accept(self, commit: str, code: str) -> bool:
        """Return whether a head's acceptance of this would have effect."""
        return may_be_accepted(self.by_id[commit], code, self.standing)


def read_past(root: Path, *, now: datetime) -> JudgedHistory:
    """Judge the whole history of an archive, except the bytes of its store.

    Its own acts of re-founding are taken as they stand, so this is no proof for others.
    """
    store = locate(root)
    head = observe(store).refs.get(MAIN)
    if head is None:
        raise NotFound("В архиве ещё нет ни одного сохранения", "Сохранить: papka save")
    with clean_room(store) as own:
        line, astray = read_line(own, head)
        commits, room = line.commits, replace(own, stored=line.moved)
        changes = changes_of(room, commits)
        states = trust_states(room, commits, changes)
        acts = {act.digest for act in states[head].refoundings}
        steps = judge_commits(commits, changes, states, acts)
        files = room.files(head)
        found = [
            *astray,
            *judge_history(Chronicle(steps, int(now.timestamp()), files)),
            *judge_contents(room, files, steps),
            *judge_brought(ReceivedChange(room, store, "", head), steps),
        ]
    return JudgedHistory(steps, tuple(soften_accepted(found, standing_of(steps), steps)))


def list_affected(
    past: JudgedHistory, revocations: list[Revocation]
) -> tuple[tuple[HistoryStep, bool], ...]:
    """Return the commits that would stop being good, oldest first, and whether a head may accept
    them."""
    line = Ancestry([step.commit for step in past.steps])
    said = replace(NOTHING, revocations=Revocations(tuple(revocations)))
    after = past.standing.grown(said, None, line.until)
    hit = []
    for step in past.steps:
        signer = step.verdict.signer
        if signer is None or past.standing.revoked(signer.key, step.commit.id):
            continue
        if after.revoked(signer.key, step.commit.id):
            hit.append((step, may_be_accepted(step, "SIG_KEY_REVOKED", after)))
    return tuple(hit)


def accept_commits(  # noqa: PLR0913 - what is accepted, by whom, and how the primary is reached
    root: Path,
    actor: SigningActor,
    named: Sequence[str],
    codes: Sequence[str],
    reason: str,
    *,
    now: datetime,
    access: SshAccess | None = None,
    told: Callable[[Synced], None] = lambda _: None,
) -> Saved:
    """Accept, of each commit, those of `codes` that are found of it; raises Refused.

    `named` are ids, whole ones for commits that only the primary has; `told` is called with the
    sync that brought those.
    """
    never = sorted(set(codes) - ACCEPTABLE)
    if never:
        raise Refused(
            f"Признать {', '.join(never)} нельзя: за этим может стоять подлог или порча",
            f"Признают: {', '.join(sorted(ACCEPTABLE))}",
        )
    if not reason.strip():
        raise Refused("Причина пуста", 'Напишите её: --reason "…", без имён и адресов')
    commits = _bring_commits(root, actor, named, codes, now, access, told)
    past, said = read_past(root, now=now), list[tuple[str, str]]()
    for commit in commits:
        if commit not in past.by_id:
            raise NotFound(f"В истории архива нет сохранения {commit}", "Посмотрите: papka verify")
        has = [code for code in dict.fromkeys(codes) if code in past.codes_of(commit)]
        if not has:
            found = ", ".join(sorted(past.codes_of(commit))) or "ничего"
            raise Refused(
                f"У сохранения {commit[:12]} замечания {', '.join(codes)} нет, признавать нечего",
                f"Найдено у неё: {found}. Подробнее: papka verify",
            )
        if not all(past.can_accept(commit, code) for code in has):
            raise Refused(
                f"Сохранение {commit[:12]} меняет то, что вправе менять только руководитель, "
                "а его подписи под ней нет: признать её нельзя",
                "Восстановите архив с зеркала, где этого сохранения ещё нет",
            )
        said += [(commit, code) for code in has]
    known = known_trust(root)
    changes = _make_acceptances(known, said, reason)
    subject = f"Признано: {', '.join(dict.fromkeys(codes))}, сохранений {len(commits)}"
    expected = dict.fromkeys(changes)
    return save_changes(root, actor, changes, now=now, message=subject, expected=expected)


_FULL = 40
"""Digits of a whole id."""


def _bring_commits(  # noqa: PLR0913 - as accept_commits
    root: Path,
    actor: SigningActor,
    named: Sequence[str],
    codes: Sequence[str],
    now: datetime,
    access: SshAccess | None,
    told: Callable[[Synced], None],
) -> list[str]:
    """Return full ids, after taking from the primary what only it has."""
    strange = frozenset(name for name in named if len(name) == _FULL and not _is_here(root, name))
    if strange:
        mirrors.require_mirrors(root)
        vouched = Vouched(accepted=frozenset((name, code) for name in strange for code in codes))
        synced = sync(root, [actor], now=now, access=access, vouched=vouched)
        told(synced)
        if synced.is_stopped:
            raise Refused(
                "Сохранения с зеркала не получены, признание не записано",
                "Устраните причины выше и повторите; все замечания сохранения признают разом, "
                "каждое своим --code",
            )
    return list(dict.fromkeys(find_signed(root, name) for name in named))


def find_signed(root: Path, point: str) -> str:
    """Return the id, as it was signed, of the commit that a point names; raise NotFound."""
    return rewritten_commits(root, resolve(root, MAIN)).signed_id(resolve(root, point))


def _is_here(root: Path, commit: str) -> bool:
    try:
        resolve(root, commit)
    except NotFound:
        return False
    return True


def _make_acceptances(
    known: KnownTrust, said: Sequence[tuple[str, str]], reason: str
) -> dict[str, bytes | None]:
    names = (path.removeprefix(ACCEPTED) for path in known.files if path.startswith(ACCEPTED))
    numbers = (int(stem) for name in names if (stem := name.removesuffix(".yaml")).isdigit())
    last = max(numbers, default=0)
    return {
        f"{ACCEPTED}{number}.yaml": (
            "# yaml-language-server: $schema=../../../schema/acceptance.json\n"
            + write_file({"commit": commit, "code": code, "reason": reason.strip()})
        ).encode()
        for number, (commit, code) in enumerate(said, last + 1)
    }
