"""The newest word on trust: whom the archive ever trusted, what was taken away, what is accepted.

Invariants: a word counts from the commit that says it, and only if a head said it whose key no
earlier word had taken away; it is never unsaid. A key taken away counts up to one commit; what it
trusted after that commit counts as little as itself. Absent on purpose: dates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from papka.core.keys import PublicKey
from papka.integrity.revocations import ROOT, Revocation
from papka.integrity.trust import Trust
from papka.integrity.trust_state import Acceptance, TrustState

Until = Callable[[str], frozenset[str]]
"""A commit and all that lies under it; of one that is not in the history nothing."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A revocation that counts: of the key's commits only those in `until` stay good."""

    revocation: Revocation
    until: frozenset[str]


@dataclass(frozen=True, slots=True)
class Accepted:
    """`file` vouches for a commit. `by`: the commit that brought it and who signed that; None when
    it is taken as it is found."""

    file: str
    by: tuple[str, PublicKey] | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """`trust`: everybody ever trusted; `origins`: the commit that trusted a key and who signed it;
    `cuts`: by fingerprint; `accepted`: (commit, code) -> who vouches for it."""

    trust: Trust = field(default_factory=dict)
    origins: Mapping[PublicKey, tuple[str, PublicKey]] = field(default_factory=dict)
    cuts: Mapping[str, tuple[Cut, ...]] = field(default_factory=dict)
    accepted: Mapping[tuple[str, str], tuple[Accepted, ...]] = field(default_factory=dict)

    def revoked(self, key: PublicKey, commit: str) -> Revocation | None:
        """The word by which this key does not count in this commit; None when it does."""
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
        """The file that accepts it with effect: not one of a key that counted no more by then."""
        for each in self.accepted.get((commit, code), ()):
            if each.by is None or self.revoked(each.by[1], each.by[0]) is None:
                return each.file
        return None

    def grown(self, said: TrustState, by: tuple[str, PublicKey] | None, until: Until) -> Standing:
        """With all that a state says. `by`: the commit that says it and its key; None for a state
        that is taken as it is found."""
        new = {e.key: e for e in said.file.entries if e.key not in self.trust}
        known = {cut.revocation for cuts in self.cuts.values() for cut in cuts}
        fresh = [each for each in said.revocations.entries if each not in known]
        return replace(
            self,
            trust={**self.trust, **new} if new else self.trust,
            origins={**self.origins, **dict.fromkeys(new, by)} if by and new else self.origins,
            cuts=_cut(self.cuts, fresh, until) if fresh else self.cuts,
            accepted=_vouched(self.accepted, said.acceptances, by),
        )


def _cut(
    cuts: Mapping[str, tuple[Cut, ...]], fresh: Iterable[Revocation], until: Until
) -> Mapping[str, tuple[Cut, ...]]:
    found = dict(cuts)
    for each in fresh:
        # Of the first commit paper decides; «root» says that it alone stays.
        cut = Cut(each, until(ROOT) | until(each.commit))
        found[each.key] = (*found.get(each.key, ()), cut)
    return found


def _vouched(
    known: Mapping[tuple[str, str], tuple[Accepted, ...]],
    acceptances: Iterable[Acceptance],
    by: tuple[str, PublicKey] | None,
) -> Mapping[tuple[str, str], tuple[Accepted, ...]]:
    found = dict(known)
    for each in acceptances:
        at = (each.commit, each.code)
        found[at] = (*found.get(at, ()), Accepted(each.path, by))
    return found
