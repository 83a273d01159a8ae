"""`records/trust/`: who may sign, who may no more, what is accepted; read strictly.

`allowed_signers`: one literal principal (a staff id) a line, explicit literal namespaces, one key,
no key twice, no comment after the key (comments carry names); another line gives trust to nobody.
Heads sign commits, seals and documents; staff sign commits. The one other option is the term of a
key of somebody who acts for the head, `valid-after` and `valid-before` (the day after the last):
such a key signs nothing on another day, and lets in or ends no key of a head.

`revocations`: keys that sign no more, one a line, never removed. `retired SHA256:… at <commit>`:
its owner left. `compromised SHA256:… after <commit>` (or `after root`): others may hold it. Either
way what was signed up to that commit stays good.

`refoundings/<nnnn>`: both head keys were lost, a paper act names the new ones. Six lines, LF:
    papka-refounding v1
    head: sha1:<40>          the last commit before it, this one's only parent
    seal: sha256:<64>|none   the newest seal at that head
    daily: SHA256:<43>       the new keys
    recovery: SHA256:<43>
    date: 2026-01-20
Its SHA-256 stands on the act that the head signs by hand. The commit adds exactly this file, both
keys, and `retired` lines at that head for every head key before; without the digest from paper it
is an intruder's commit like any other.

Invariants: all of it only grows; what cannot be read says nothing and is in `faults`. A change
takes effect in the commit that makes it, if a head signed that whose key had not been taken away
(`chronicle`), and is never undone (`TrustHistory`). A key taken away counts up to one commit; what
it trusted after that counts as little as itself. The order of commits judges; a date only narrows:
a key with a term counts on days of the term, and a claimed day is bound by the commits around it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from papka.core.places import ALLOWED_SIGNERS
from papka.records.strict_yaml import read
from papka.repository.git_values import ID, BadKey, Commit, FileChange, PublicKey, is_id, naming_of

GIT, SEAL, DOCUMENT = "git", "papka-seal", "papka-document"
HEAD = (GIT, SEAL, DOCUMENT)
STAFF = (GIT,)
_DAY = dt.timedelta(days=1)
_LINE = re.compile(
    r"(?P<staff>[a-z][a-z0-9-]*)@papka\.invalid "
    r'namespaces="(?P<namespaces>[a-z,-]+)"'
    r'(?:,valid-after="(?P<since>\d{8})",valid-before="(?P<before>\d{8})")? (?P<key>\S+ \S+)',
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class TrustEntry:
    """One line: a staff id, what the key may sign, the key; `term`: the first and the last day on
    which it counts, None for a key without end."""

    staff: str
    namespaces: tuple[str, ...]
    key: PublicKey
    term: tuple[dt.date, dt.date] | None = None

    @property
    def is_head(self) -> bool:
        return self.namespaces == HEAD

    def counts_on(self, day: dt.date) -> bool:
        return self.term is None or self.term[0] <= day <= self.term[1]

    @property
    def line(self) -> str:
        """The line of the file, without its end."""
        term = ""
        if self.term is not None:
            since, before = self.term[0], self.term[1] + _DAY
            term = f',valid-after="{since:%Y%m%d}",valid-before="{before:%Y%m%d}"'
        return (
            f'{self.staff}@papka.invalid namespaces="{",".join(self.namespaces)}"{term} '
            f"{self.key.line}"
        )


@dataclass(frozen=True, slots=True)
class TrustFile:
    """The file as read. `faults`: lines not accepted, as (line from 1, why)."""

    entries: tuple[TrustEntry, ...] = ()
    faults: tuple[tuple[int, str], ...] = ()


Trust = Mapping[PublicKey, TrustEntry]
"""Who is trusted at one point of history."""


def read_trust(data: bytes) -> TrustFile:
    """Read `allowed_signers`."""
    entries: dict[PublicKey, TrustEntry] = {}
    faults: list[tuple[int, str]] = []
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        try:
            entry = _read_entry(line)
        except BadKey as error:
            faults.append((number, str(error)))
            continue
        if entry.key in entries:
            faults.append((number, "этот ключ уже есть в списке"))
        else:
            entries[entry.key] = entry
    return TrustFile(tuple(entries.values()), tuple(faults))


def compose_trust(entries: Iterable[TrustEntry]) -> bytes:
    """Compose `allowed_signers`."""
    return "".join(f"{entry.line}\n" for entry in entries).encode()


def _read_entry(line: str) -> TrustEntry:
    match = _LINE.fullmatch(line)
    if match is None:
        raise BadKey("не по образцу")
    namespaces = tuple(match["namespaces"].split(","))
    if namespaces not in (HEAD, STAFF):
        raise BadKey(f"назначения могут быть только «{','.join(HEAD)}» или «{','.join(STAFF)}»")
    term = _read_term(match) if match["since"] else None
    if term and namespaces != HEAD:
        raise BadKey("срок бывает только у ключа того, кто замещает руководителя")
    return TrustEntry(match["staff"], namespaces, PublicKey.from_line(match["key"]), term)


def _read_term(match: re.Match[str]) -> tuple[dt.date, dt.date]:
    try:
        since, before = (dt.date.fromisoformat(match[name]) for name in ("since", "before"))
        until = before - _DAY
    except (ValueError, OverflowError):
        raise BadKey("в сроке ключа такого дня нет") from None
    if until < since:
        raise BadKey("срок ключа кончается раньше, чем начинается")
    return since, until


def say_key_term(term: tuple[dt.date, dt.date]) -> str:
    """«с 01.09.2026 по 30.09.2026»."""
    since, until = term
    return f"с {since:%d.%m.%Y} по {until:%d.%m.%Y}"


def find_overstep(signer: TrustEntry, before: TrustState, after: TrustState) -> str:
    """Name what a key with a term may not do to trust; empty when it did nothing of it.

    Else the one who acts for a head would stay one after the term.
    """
    if signer.term is None:
        return ""
    heads = {entry.key.fingerprint for entry in before.file.entries if entry.is_head}
    if any(entry.is_head and entry not in before.file.entries for entry in after.file.entries):
        return f"ключ {signer.staff} дан на срок и принять ключ руководителя не вправе"
    ends = [each for each in after.revocations.entries if each not in before.revocations.entries]
    if any(each.key in heads for each in ends):
        return f"ключ {signer.staff} дан на срок и вывести ключ руководителя не вправе"
    return ""


_REVOCATION_LINE = re.compile(
    r"(?P<word>retired|compromised) (?P<key>SHA256:[A-Za-z0-9+/]{43}) (?P<join>at|after) "
    rf"(?P<commit>root|{ID})"
)
_JOINS = {"retired": "at", "compromised": "after"}
ROOT = "root"


@dataclass(frozen=True, slots=True, order=True)
class Revocation:
    """The end of a key. `commit`: the last one it counts at; "root": none but the first, about
    which paper decides."""

    key: str
    commit: str
    is_compromised: bool

    @property
    def line(self) -> str:
        """The line of the file, without its end."""
        word = "compromised" if self.is_compromised else "retired"
        return f"{word} {self.key} {_JOINS[word]} {self.commit}"


@dataclass(frozen=True, slots=True)
class Revocations:
    """The file as read. `faults`: lines not understood, from 1; they were meant to revoke a key."""

    entries: tuple[Revocation, ...] = ()
    faults: tuple[int, ...] = ()

    def all_of(self, key: str) -> list[Revocation]:
        """Return the entries of the key with this fingerprint, the worst first."""
        found = [entry for entry in self.entries if entry.key == key]
        return sorted(found, key=lambda entry: not entry.is_compromised)

    def of(self, key: str) -> Revocation | None:
        """Return the worst entry of the key."""
        return next(iter(self.all_of(key)), None)


def read_revocations(data: bytes) -> Revocations:
    """Read `revocations`."""
    entries: list[Revocation] = []
    faults: list[int] = []
    for number, line in enumerate(data.decode("utf-8", "replace").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        match = _REVOCATION_LINE.fullmatch(line)
        if match is None or match["join"] != _JOINS[match["word"]]:
            faults.append(number)
        else:
            is_compromised = match["word"] == "compromised"
            entries.append(Revocation(match["key"], match["commit"], is_compromised))
    return Revocations(tuple(entries), tuple(faults))


_TEXT = re.compile(
    r"papka-refounding v1\n"
    r"head: sha1:(?P<head>[0-9a-f]{40})\n"
    r"seal: (?:none|sha256:(?P<seal>[0-9a-f]{64}))\n"
    r"daily: (?P<daily>SHA256:[A-Za-z0-9+/]{43})\n"
    r"recovery: (?P<recovery>SHA256:[A-Za-z0-9+/]{43})\n"
    r"date: (?P<date>\d{4}-\d{2}-\d{2})\n",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Refounding:
    """A re-founding as read. `digest`: SHA-256 of the file in hex, as paper has it; `seal`: "" when
    there was none."""

    path: str
    digest: str
    head: str
    seal: str
    daily: str
    recovery: str
    date: str


def read_refounding(path: str, data: bytes) -> Refounding | None:
    """Read a re-founding; None unless it is spelled exactly as due."""
    match = _TEXT.fullmatch(data.decode("utf-8", "replace"))
    if match is None:
        return None
    return Refounding(
        path,
        hashlib.sha256(data).hexdigest(),
        match["head"],
        match["seal"] or "",
        match["daily"],
        match["recovery"],
        match["date"],
    )


TRUST_FOLDER = ALLOWED_SIGNERS.rpartition("/")[0] + "/"
REVOCATIONS = f"{TRUST_FOLDER}revocations"
ACCEPTED = f"{TRUST_FOLDER}accepted/"
REFOUNDINGS = f"{TRUST_FOLDER}refoundings/"
_ACCEPTED = re.compile(rf"{ACCEPTED}[1-9]\d*\.yaml")
_REFOUNDING = re.compile(rf"{REFOUNDINGS}\d{{4}}")
_KEYS = frozenset(("commit", "code", "reason"))


@dataclass(frozen=True, slots=True)
class PaperAcceptance:
    """A head's acceptance of one commit in spite of one code; `path`: its file."""

    path: str
    commit: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class TrustState:
    """All of `records/trust/` in one commit. `faults`: files not understood."""

    file: TrustFile = field(default_factory=TrustFile)
    revocations: Revocations = field(default_factory=Revocations)
    acceptances: tuple[PaperAcceptance, ...] = ()
    refoundings: tuple[Refounding, ...] = ()
    faults: tuple[str, ...] = ()


NOTHING = TrustState()


def read_trust_state(files: Mapping[str, bytes]) -> TrustState:
    """Read everything below `records/trust/`; files elsewhere are passed over."""
    acceptances, refoundings, faults = [], [], []
    for path, data in sorted(files.items()):
        found = _read_record(path, data)
        if isinstance(found, PaperAcceptance):
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


def read_acceptance(path: str, data: bytes) -> PaperAcceptance | None:
    """Read an acceptance; None when the file is not exactly one."""
    value = read(data, path).value
    if _ACCEPTED.fullmatch(path) is None or not isinstance(value, dict) or value.keys() != _KEYS:
        return None
    commit, code, reason = (value[key] for key in ("commit", "code", "reason"))
    if not (_is_text(commit) and _is_text(code) and _is_text(reason)):
        return None
    return PaperAcceptance(path, commit, code, reason) if is_id(commit) else None


def _read_record(path: str, data: bytes) -> PaperAcceptance | Refounding | None:
    if _ACCEPTED.fullmatch(path):
        return read_acceptance(path, data)
    return read_refounding(path, data) if _REFOUNDING.fullmatch(path) else None


def _is_text(value: Any) -> bool:  # noqa: ANN401 - whatever the YAML holds
    return isinstance(value, str) and bool(value.strip())


def list_removed(before: TrustState, after: TrustState) -> Iterator[tuple[str, str]]:
    """List what a commit removed or altered, as (path, words): trust only grows."""
    for line in sorted(set(before.revocations.entries) - set(after.revocations.entries)):
        yield REVOCATIONS, f"убрана строка о ключе {line.key}"
    for acceptance in before.acceptances:
        if acceptance not in after.acceptances:
            yield acceptance.path, "убрано или изменено принятое"
    for refounding in before.refoundings:
        if refounding not in after.refoundings:
            yield refounding.path, "убрано или изменено переучреждение"


def is_named_otherwise(commit: str, here: str) -> bool:
    """Whether a commit is named as in a store of another kind than the one that `here` lies in."""
    return commit != ROOT and naming_of(commit) != naming_of(here)


def list_named_otherwise(trust: TrustState, here: str) -> Iterator[tuple[str, str]]:
    """List what speaks of commits as a store of the other kind names them, as (path, words)."""
    if any(is_named_otherwise(each.commit, here) for each in trust.revocations.entries):
        yield REVOCATIONS, "запись о выводе ключа"
    for acceptance in trust.acceptances:
        if is_named_otherwise(acceptance.commit, here):
            yield acceptance.path, "запись о принятом сохранении"
    for refounding in trust.refoundings:
        if is_named_otherwise(refounding.head, here):
            yield refounding.path, "акт о замене утраченных ключей"


class Ancestry:
    """The ancestors of commits, merges and all; computed for the few that revocations name."""

    def __init__(self, commits: Sequence[Commit]) -> None:
        self._parents = {commit.id: commit.parents for commit in commits}
        self._found: dict[str, frozenset[str]] = {}

    def until(self, commit: str) -> frozenset[str]:
        """Return the commit and its ancestors; the first ones for "root", none for an unknown.

        All for one that is named as in a store of the other kind: nothing follows from it here.
        """
        if commit == ROOT:
            return frozenset(id_ for id_, parents in self._parents.items() if not parents)
        if any(is_named_otherwise(commit, id_) for id_ in islice(self._parents, 1)):
            return frozenset(self._parents)
        if commit not in self._found:
            seen: set[str] = set()
            left = [commit]
            while left:
                at = left.pop()
                if at not in seen and at in self._parents:
                    seen.add(at)
                    left += self._parents[at]
            self._found[commit] = frozenset(seen)
        return self._found[commit]


Until = Callable[[str], frozenset[str]]
"""Returns a commit and its ancestors; nothing for one that is not in the history."""


@dataclass(frozen=True, slots=True)
class TrustCut:
    """A revocation in effect: of the key's commits only those in `until` stay good."""

    revocation: Revocation
    until: frozenset[str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """An acceptance in effect. `by`: the commit that brought `file`, and the key that signed it;
    None when it is taken as it is found."""

    file: str
    by: tuple[str, PublicKey] | None = None


@dataclass(frozen=True, slots=True)
class TrustHistory:
    """The newest state of trust: all that authorised commits ever said.

    `trust`: everybody ever trusted; `origins`: the commit that trusted a key and who signed it;
    `cuts`: by fingerprint; `accepted`: (commit, code) -> who vouches for it.
    """

    trust: Trust = field(default_factory=dict)
    origins: Mapping[PublicKey, tuple[str, PublicKey]] = field(default_factory=dict)
    cuts: Mapping[str, tuple[TrustCut, ...]] = field(default_factory=dict)
    accepted: Mapping[tuple[str, str], tuple[Accepted, ...]] = field(default_factory=dict)

    def revoked(self, key: PublicKey, commit: str) -> Revocation | None:
        """Return the revocation by which the key does not count in this commit, if any."""
        if not self.cuts:
            return None
        at: PublicKey | None = key
        while at is not None:
            for cut in self.cuts.get(at.fingerprint, ()):
                if commit not in cut.until:
                    return cut.revocation
            commit, at = self.origins.get(at, ("", None))
        return None

    def accepted_in(self, commit: str, code: str) -> str | None:
        """Return the file that accepts the code with effect: its key counted when it was signed."""
        for each in self.accepted.get((commit, code), ()):
            if each.by is None or self.revoked(each.by[1], each.by[0]) is None:
                return each.file
        return None

    def grown(
        self, said: TrustState, by: tuple[str, PublicKey] | None, until: Until
    ) -> TrustHistory:
        """Return this with all of `said` added. `by`: the commit that says it and its key; None for
        a state that is taken as it is found."""
        new = {e.key: e for e in said.file.entries if e.key not in self.trust}
        known = {cut.revocation for cuts in self.cuts.values() for cut in cuts}
        fresh = [each for each in said.revocations.entries if each not in known]
        return replace(
            self,
            trust={**self.trust, **new} if new else self.trust,
            origins={**self.origins, **dict.fromkeys(new, by)} if by and new else self.origins,
            cuts=_add_cuts(self.cuts, fresh, until) if fresh else self.cuts,
            accepted=_add_acceptances(self.accepted, said.acceptances, by),
        )


def _add_cuts(
    cuts: Mapping[str, tuple[TrustCut, ...]], fresh: Iterable[Revocation], until: Until
) -> Mapping[str, tuple[TrustCut, ...]]:
    found = dict(cuts)
    for each in fresh:
        # Of the first commit paper decides; «root» says that it alone stays.
        cut = TrustCut(each, until(ROOT) | until(each.commit))
        found[each.key] = (*found.get(each.key, ()), cut)
    return found


def _add_acceptances(
    known: Mapping[tuple[str, str], tuple[Accepted, ...]],
    acceptances: Iterable[PaperAcceptance],
    by: tuple[str, PublicKey] | None,
) -> Mapping[tuple[str, str], tuple[Accepted, ...]]:
    found = dict(known)
    for each in acceptances:
        at = (each.commit, each.code)
        found[at] = (*found.get(at, ()), Accepted(each.path, by))
    return found


def new_refounding(before: TrustState, after: TrustState) -> Refounding | None:
    """Return the one re-founding a commit brings."""
    new = [each for each in after.refoundings if each not in before.refoundings]
    return new[0] if len(new) == 1 else None


def find_paper_act(  # noqa: PLR0913 - a commit, what it did, and what paper says
    commit: Commit,
    changes: Collection[FileChange],
    before: TrustState,
    after: TrustState,
    digests: Collection[str],
    key: str,
) -> Refounding | None:
    """Return the act a commit carries out: exactly what it says, with a digest among `digests`.

    `key`: fingerprint of the key that signed the commit, which must be the new daily one.
    """
    act = new_refounding(before, after) if after is not before else None
    if act is None or act.digest not in digests or commit.parents != (act.head,):
        return None
    paths = {change.path for change in changes}
    is_alone = paths == {ALLOWED_SIGNERS, REVOCATIONS, act.path}
    return act if act.daily == key and is_alone and _is_exact(act, before, after) else None


def _is_exact(act: Refounding, before: TrustState, after: TrustState) -> bool:
    """Whether the commit adds the two keys, ends every head's key before, and does no more."""
    old, new = before.file.entries, after.file.entries
    heads = {entry.key.fingerprint for entry in old if entry.is_head}
    added = new[len(old) :]
    ends_before, ends = before.revocations.entries, after.revocations.entries
    return (
        new[: len(old)] == old
        and all(entry.is_head for entry in added)
        and [entry.key.fingerprint for entry in added] == [act.daily, act.recovery]
        and ends[: len(ends_before)] == ends_before
        and set(ends[len(ends_before) :])
        == {Revocation(key, act.head, is_compromised=False) for key in heads}
        and not (after.faults or after.file.faults or after.revocations.faults)
        and not any(True for _ in list_removed(before, after))
    )
