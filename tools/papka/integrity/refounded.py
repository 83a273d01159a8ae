"""Whether a commit is the re-founding that a paper act describes, nothing less and nothing more."""

from __future__ import annotations

from collections.abc import Collection

from papka.core.history import Change, Commit
from papka.core.layout import ALLOWED_SIGNERS
from papka.integrity.refounding import Refounding
from papka.integrity.revocations import Revocation
from papka.integrity.trust_state import REVOCATIONS, TrustState, lost


def new_refounding(before: TrustState, after: TrustState) -> Refounding | None:
    """The one re-founding a commit brings."""
    new = [each for each in after.refoundings if each not in before.refoundings]
    return new[0] if len(new) == 1 else None


def by_paper(  # noqa: PLR0913 - a commit, what it did, and what paper says
    commit: Commit,
    changes: Collection[Change],
    before: TrustState,
    after: TrustState,
    digests: Collection[str],
    key: str,
) -> Refounding | None:
    """The act, when one of `digests` is its own and the commit does exactly what it says.

    `key`: fingerprint of the key that signed the commit, which must be the new daily one.
    """
    act = new_refounding(before, after) if after is not before else None
    if act is None or act.digest not in digests or commit.parents != (act.head,):
        return None
    paths = {change.path for change in changes}
    is_alone = paths == {ALLOWED_SIGNERS, REVOCATIONS, act.path}
    return act if act.daily == key and is_alone and _is_exact(act, before, after) else None


def _is_exact(act: Refounding, before: TrustState, after: TrustState) -> bool:
    """Whether it adds the two keys, and the end of every head's key, and nothing besides."""
    old, new = before.file.entries, after.file.entries
    heads = {entry.key.fingerprint for entry in old if entry.is_head}
    added = new[len(old) :]
    said, told = before.revocations.entries, after.revocations.entries
    return (
        new[: len(old)] == old
        and all(entry.is_head for entry in added)
        and [entry.key.fingerprint for entry in added] == [act.daily, act.recovery]
        and told[: len(said)] == said
        and set(told[len(said) :])
        == {Revocation(key, act.head, is_compromised=False) for key in heads}
        and not (after.faults or after.file.faults or after.revocations.faults)
        and not any(True for _ in lost(before, after))
    )
