"""The history as judged values: each commit with its changes, its signature and the trust then.

Invariants: a commit is judged by the trust in force at its parent, the root by its own; trust
grows only through commits of heads trusted before, so a line smuggled in gives nobody anything;
what takes trust away is judged by the newest word (`standing`); nothing is judged by claimed time.
Absent on purpose: findings. The rules word what stands here.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from papka.core.history import Change, Commit
from papka.core.store import TrackedFile
from papka.integrity.ancestry import Ancestry
from papka.integrity.refounded import by_paper
from papka.integrity.refounding import Refounding
from papka.integrity.revocations import Revocations
from papka.integrity.sshsig import Altered, Unreadable, read
from papka.integrity.standing import Standing
from papka.integrity.trust import GIT, Entry, Trust, TrustFile
from papka.integrity.trust_state import NOTHING, TrustState

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
    """One commit judged. `trust` is what judged it; `before` and `after` are what `records/trust/`
    says around it; `standing` is the word on trust after it.

    `authorised`: a head signed it whose key had not been taken away by then, or paper vouches for
    it: only then what it says of trust counts.
    """

    commit: Commit
    changes: tuple[Change, ...]
    trust: Trust
    verdict: Verdict
    before: TrustState
    after: TrustState
    authorised: bool
    standing: Standing
    refounding: Refounding | None = None

    @property
    def is_root(self) -> bool:
        return not self.commit.parents


@dataclass(frozen=True, slots=True)
class Chronicle:
    """All steps, the root first, and what they are to be compared with.

    `now`: seconds since 1970; `files`: what the last commit holds.
    """

    steps: tuple[Step, ...]
    now: int
    files: Mapping[str, TrackedFile] = field(default_factory=dict)

    @property
    def by_id(self) -> dict[str, Step]:
        return {step.commit.id: step for step in self.steps}

    @property
    def standing(self) -> Standing:
        """The newest authorised word."""
        return standing_of(self.steps)


def standing_of(steps: Sequence[Step]) -> Standing:
    """The word on trust after the last of them."""
    return steps[-1].standing if steps else Standing()


def judge(
    commits: Sequence[Commit],
    changes: Mapping[str, tuple[Change, ...]],
    states: Mapping[str, TrustState],
    refoundings: Collection[str] = (),
) -> tuple[Step, ...]:
    """Steps of `commits`, which stand parents first.

    `changes` and `states` (`records/trust/` as it is in that commit) are by commit id;
    `refoundings`: digests of paper acts, given or remembered.
    """
    steps: list[Step] = []
    word: dict[str, Standing] = {}
    line = Ancestry(commits)
    for commit in commits:
        own = states.get(commit.id, NOTHING)
        parent = commit.parents[0] if commit.parents else None
        # A parent that cannot be read is a fatal finding of its own; the rest is still judged.
        known = word.get(parent) if parent else None
        inherited = known or Standing().grown(own, None, line.until)
        before = states.get(parent, own) if parent else NOTHING
        done = changes.get(commit.id, ())
        verdict = verdict_on(commit, inherited.trust)
        act = None
        if known and verdict.state == "unknown":
            act = by_paper(commit, done, before, own, refoundings, verdict.key)
        if act is not None:
            signer = next(e for e in own.file.entries if e.key.fingerprint == act.daily)
            verdict = Verdict("good", signer, act.daily)
        authorised = _is_authorised(verdict, commit.id, inherited)
        if authorised and known and own is not before and verdict.signer is not None:
            by = None if act else (commit.id, verdict.signer.key)
            word[commit.id] = inherited.grown(_said(before, own), by, line.until)
        after = word.setdefault(commit.id, inherited)
        steps.append(
            Step(commit, done, inherited.trust, verdict, before, own, authorised, after,
                 act)
        )  # fmt: skip
    return tuple(steps)


def _is_authorised(verdict: Verdict, commit: str, standing: Standing) -> bool:
    signer = verdict.signer
    return signer is not None and signer.is_head and standing.revoked(signer.key, commit) is None


def _said(before: TrustState, after: TrustState) -> TrustState:
    """What one commit says anew: only that counts as its word."""
    old = set(before.file.entries)
    return replace(
        after,
        file=TrustFile(tuple(entry for entry in after.file.entries if entry not in old)),
        acceptances=tuple(each for each in after.acceptances if each not in before.acceptances),
        revocations=Revocations(
            tuple(e for e in after.revocations.entries if e not in before.revocations.entries)
        ),
    )


def verdict_on(commit: Commit, trust: Trust) -> Verdict:
    """What a commit's signature is worth to who trusts these keys."""
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
