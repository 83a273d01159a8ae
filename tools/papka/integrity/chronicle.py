"""The history as judged values: each commit with its changes, its signature and the trust then.

Invariants: a commit is judged by the trust in force at its parent, the root by its own; trust
grows only through commits of heads trusted before, so a line smuggled in gives nobody anything;
nothing is judged by claimed time. Absent on purpose: findings. The rules word what stands here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from papka.core.history import Change, Commit
from papka.core.store import TrackedFile
from papka.integrity.sshsig import Altered, Unreadable, read
from papka.integrity.trust import GIT, Entry, Trust, TrustFile

State = Literal["good", "missing", "altered", "bad", "unknown"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the signature is worth. `signer`: who is trusted with the key that made it."""

    state: State
    signer: Entry | None = None
    key: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One commit judged. `trust` is what judged it; `before` and `after` are the trust file's
    entries around it, when it changed them."""

    commit: Commit
    changes: tuple[Change, ...]
    trust: Trust
    verdict: Verdict
    before: TrustFile
    after: TrustFile

    @property
    def is_root(self) -> bool:
        return not self.commit.parents

    @property
    def authorised(self) -> bool:
        """Whether a head signed it: only then its trust file counts."""
        return (
            self.verdict.state == "good"
            and self.verdict.signer is not None
            and self.verdict.signer.is_head
        )


@dataclass(frozen=True, slots=True)
class Chronicle:
    """All steps, the root first, and what they are to be compared with.

    `now`: seconds since 1970; `anchors`: key fingerprints known from outside the archive;
    `files`: what the last commit holds.
    """

    steps: tuple[Step, ...]
    now: int
    anchors: frozenset[str] = frozenset()
    files: Mapping[str, TrackedFile] = field(default_factory=dict)

    @property
    def by_id(self) -> dict[str, Step]:
        return {step.commit.id: step for step in self.steps}


def judge(
    commits: Sequence[Commit],
    changes: Mapping[str, tuple[Change, ...]],
    trust_files: Mapping[str, TrustFile],
) -> tuple[Step, ...]:
    """Steps of `commits`, which stand parents first.

    `changes` and `trust_files` (the file as it is in that commit) are by commit id.
    """
    steps: list[Step] = []
    after: dict[str, Trust] = {}
    nothing = TrustFile()
    for commit in commits:
        own = trust_files.get(commit.id, nothing)
        parent = commit.parents[0] if commit.parents else None
        # A parent that cannot be read is a fatal finding of its own; the rest is still judged.
        inherited = after[parent] if parent in after else _by_key(own.entries)
        verdict = _verdict(commit, inherited)
        before = trust_files.get(parent, own) if parent else nothing
        step = Step(commit, changes.get(commit.id, ()), inherited, verdict, before, own)
        after[commit.id] = trust_after(step) if own is not before else inherited
        steps.append(step)
    return tuple(steps)


def _by_key(entries: Iterable[Entry]) -> Trust:
    return {entry.key: entry for entry in entries}


def trust_after(step: Step) -> Trust:
    """Trust after a commit: what it added, if a head signed it; nothing is ever taken away here."""
    if not step.authorised:
        return step.trust
    added = set(step.after.entries) - set(step.before.entries)
    new = {e.key: e for e in step.after.entries if e in added and e.key not in step.trust}
    return {**step.trust, **new} if new else step.trust


def _verdict(commit: Commit, trust: Trust) -> Verdict:
    if commit.signature is None:
        return Verdict("missing")
    try:
        signature = read(commit.signature)
    except Altered as error:
        return Verdict("altered", detail=str(error))
    except Unreadable as error:
        return Verdict("bad", detail=str(error))
    key = signature.key.fingerprint
    if signature.namespace != GIT.encode():
        return Verdict("bad", key=key, detail="она сделана не для записи архива")
    if not signature.covers(commit.signed_payload):
        return Verdict("bad", key=key, detail="она не подходит к содержимому записи")
    signer = trust.get(signature.key)
    return Verdict("good" if signer else "unknown", signer, key)
