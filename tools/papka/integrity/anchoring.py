"""Whose archive this is: what was kept outside it against its first commit and its seals.

Invariants: each thing given must meet something here, or it is told, unless the history has lost
its beginning, which is told as what it is; a sound seal that paper names
vouches for the whole history before it, and so for the first commit; a head's later key vouches for
nothing by itself, for public keys are public and a forger may list them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from papka.core.codes import history
from papka.core.codes import seals as codes
from papka.core.findings import Finding, Location
from papka.core.seals import TEXT, seal_file
from papka.integrity.anchors import Anchors
from papka.integrity.chronicle import Step
from papka.integrity.seals import Seal

_SHAPE = "…… 8 групп по 8 знаков ……"


def judge_anchors(
    steps: Sequence[Step], seals: Sequence[Seal], anchors: Anchors
) -> Iterator[Finding]:
    """`seals` as judged, with `is_anchored` set."""
    roots = [step for step in steps if step.is_root]
    met = met_anchors(steps, seals, anchors)
    for what, given, known in (
        ("отпечаток ключа", anchors.keys, met.keys),
        ("свёртка печати", anchors.seals, met.seals),
        ("номер первой записи", anchors.roots, met.roots),
    ):
        for each in sorted(given - known) if roots else ():
            where = Location(commit=roots[0].commit.id)
            yield codes.ANCHOR_MISMATCH.at(where, what=what, given=each)
    is_ours = met.keys or met.roots or any(seal.is_anchored for seal in seals)
    if not is_ours and met == anchors:  # else what does not fit is told already
        for step in roots:
            key = step.verdict.key or "неизвестный"
            yield history.ROOT_UNANCHORED.at(Location(commit=step.commit.id), key=key)
    if seals and not anchors.seals:
        last = seals[-1]
        yield codes.ANCHOR_NOT_GIVEN.at(
            Location(seal_file(last.number, TEXT)),
            number=last.name,
            date=f"{last.date:%d.%m.%Y}",
            shape=_SHAPE,
        )


def met_anchors(steps: Sequence[Step], seals: Sequence[Seal], anchors: Anchors) -> Anchors:
    """Those of `anchors` that this history answers to."""
    roots = [step for step in steps if step.is_root]
    first = anchors.keys & {step.verdict.key for step in roots}
    ids = anchors.roots & {step.commit.id for step in roots}
    digests = anchors.seals & {seal.digest for seal in seals}
    is_ours = bool(first or ids or any(seal.is_anchored for seal in seals))
    return Anchors(first | (anchors.keys & _heads(steps) if is_ours else set()), digests, ids)


def _heads(steps: Sequence[Step]) -> set[str]:
    """Fingerprints of all keys that were ever a head's."""
    trusts = {id(step.trust): step.trust for step in steps}
    return {e.key.fingerprint for trust in trusts.values() for e in trust.values() if e.is_head}
