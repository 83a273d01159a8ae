"""One history examined, whole or from a commit on: objects, signatures, trust, seals, steps.

Invariants: what is examined from a commit on is judged by the same rules as the whole; its first
commit is always looked at. Absent on purpose: memory, the folder, and the store's own state.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from papka.core.findings import Finding
from papka.core.history import Change, Commit
from papka.core.seals import SEALS
from papka.core.store import MAIN, StoreFacts, TrackedFile
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.rehash import check_after
from papka.gates.git.store import Store, count_objects
from papka.gates.git.walk import Walked
from papka.integrity.acceptances import accept
from papka.integrity.anchoring import judge_anchors, met_anchors
from papka.integrity.anchors import Anchors
from papka.integrity.chronicle import Chronicle, Step, judge, standing_of
from papka.integrity.evidence import told_since_seal
from papka.integrity.rules import judge_history
from papka.integrity.seals import Seal
from papka.integrity.standing import Accepted, Standing
from papka.integrity.store import judge_leftovers, judge_objects
from papka.integrity.trust_changes import unmet_acts
from papka.integrity.trust_state import REVOCATIONS
from papka.tasks.proof.attributes import judge_attribute_files
from papka.tasks.proof.history import changes_of, trust_states
from papka.tasks.proof.sealed import judge_sealed
from papka.tasks.proof.since import Start, digests_of_seals
from papka.tasks.proof.steps import judge_steps
from papka.tasks.proof.units import judge_units
from papka.tasks.proof.verdict import attempt, collect


@dataclass(frozen=True, slots=True)
class Case:
    """What is examined, and by what. `now`: seconds since 1970; `refounding`: digests of acts by
    which an archive without its keys may go on; `looked_into`: the files whose units and words are
    read, None for all; `accepted`: (commit, code) that the caller vouches for."""

    room: CleanRoom
    store: Store
    facts: StoreFacts
    walked: Walked
    files: Mapping[str, TrackedFile]
    now: int
    anchors: Anchors
    refounding: frozenset[str]
    looked_into: Mapping[str, TrackedFile] | None = None
    accepted: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Examined:
    """`objects`: how many were hashed; `steps`: those judged; `met`: anchors that were answered."""

    findings: tuple[Finding, ...]
    objects: int
    steps: tuple[Step, ...]
    root_key: str = ""
    seals: tuple[Seal, ...] = ()
    met: Anchors = field(default_factory=Anchors)


def examine(case: Case) -> Examined:
    """Everything the store holds."""
    # git reads every object on one core while the rules think on another.
    with ThreadPoolExecutor(max_workers=1) as beside:
        checking = beside.submit(case.room.check_all, set(case.facts.refs.values()))

        def of_store() -> Iterator[Finding]:
            faults, unreachable = checking.result()
            yield from judge_objects(faults)
            if case.facts.bare:  # a folder's own store keeps what its log of branches leads to
                yield from judge_leftovers(case.facts.leftovers, unreachable, "в хранилище")

        return _examined(case, of_store)


def _examined(case: Case, of_store: Callable[[], Iterable[Finding]]) -> Examined:
    room, told = case.room, list[Finding]()
    unsigned: tuple[Step, ...] = ()
    steps = attempt("подписи", told, lambda: _judged(case), unsigned)
    collect("история", told, lambda: judge_history(_chronicle(case, steps)))
    told += unmet_acts(steps, case.refounding)
    nothing: tuple[tuple[Finding, ...], tuple[Seal, ...]] = ((), ())
    sealed, seals = attempt(
        "печати", told, lambda: judge_sealed(room, steps, case.anchors), nothing
    )
    told += sealed
    collect("записи", told, lambda: _of_records(case, steps))
    stored: list[Finding] = []
    collect("объекты", stored, of_store)  # last, for git has been reading them meanwhile
    findings = accept([*stored, *told], word_on(steps, case.accepted), steps)
    findings = told_since_seal(findings, steps)
    met = met_anchors(steps, seals, case.anchors)
    return Examined(tuple(findings), count_objects(case.store), steps, _root_key(steps), seals, met)


def _judged(case: Case) -> tuple[Step, ...]:
    room, commits = case.room, case.walked.commits
    changes = changes_of(room, commits)
    return judge(commits, changes, trust_states(room, commits, changes), case.refounding)


def examine_after(case: Case, start: Start) -> Examined | None:
    """What came after `start`; None when only the whole can judge it: it is no line from there on,
    has a seal in it, or takes away a key, whose commits may lie before."""
    room, commits = case.room, case.walked.commits
    new = start.after(commits)
    if not _is_line(start.commit, new):
        return None
    late = {commit.id for commit in new}
    # The start lends its trust, the first commit its key; what they did is not judged again.
    looked = [c for c in commits if c.id in late or c.id == start.commit or not c.parents]
    changes = changes_of(room, looked)
    if any(_asks_for_all(start, commit, changes.get(commit.id, ())) for commit in new):
        return None
    steps = judge(looked, changes, trust_states(room, looked, changes), case.refounding)
    later = tuple(step for step in steps if step.commit.id in late)
    hashed, faults = check_after(room, start.commit, case.facts.refs[MAIN])
    findings = [*start.findings, *judge_objects(faults)]
    rules = judge_history(_chronicle(case, steps))
    findings += [each for each in rules if not each.where.commit or each.where.commit in late]
    findings += _of_records(case, later)
    known = digests_of_seals(room, case.files).values()
    seals = (start.seal,) if start.seal else ()
    named = {seal.digest for seal in seals}
    # An older seal that paper names too is there, and lies before what is judged.
    anchors = replace(case.anchors, seals=case.anchors.seals - (set(known) - named))
    findings += judge_anchors(steps, seals, anchors)
    findings = accept(findings, word_on(steps, case.accepted), steps)
    met = met_anchors(steps, seals, anchors)
    return Examined(tuple(findings), hashed, later, _root_key(steps), met=met)


def word_on(steps: Sequence[Step], accepted: Collection[tuple[str, str]]) -> Standing:
    """The word on trust after the last step, with what the caller vouches for."""
    found = standing_of(steps)
    vouched = dict.fromkeys(accepted, (Accepted(""),))
    return replace(found, accepted={**found.accepted, **vouched})


def _root_key(steps: Sequence[Step]) -> str:
    return next((step.verdict.key for step in steps if step.is_root), "")


def _chronicle(case: Case, steps: tuple[Step, ...]) -> Chronicle:
    return Chronicle(steps, case.now, files=case.files)


def _of_records(case: Case, steps: tuple[Step, ...]) -> Iterator[Finding]:
    files = case.files if case.looked_into is None else case.looked_into
    yield from judge_contents(case.room, files, steps)


def judge_contents(
    room: CleanRoom, files: Mapping[str, TrackedFile], steps: tuple[Step, ...]
) -> Iterator[Finding]:
    """What stands in the files of commits; `files`: those of the last whose units are read."""
    yield from judge_attribute_files(room, steps)
    yield from judge_steps(room, steps)
    yield from judge_units(room, files, steps)


def _is_line(start: str, commits: Sequence[Commit]) -> bool:
    """Whether each has the one before it as its only parent, the first one the start."""
    ids = [start, *(commit.id for commit in commits)]
    return all(c.parents == (parent,) for parent, c in zip(ids, commits, strict=False))


def _asks_for_all(start: Start, commit: Commit, changes: Sequence[Change]) -> bool:
    if commit.id in start.verified:
        return False
    paths = [change.path for change in changes]
    has_seal = any(path.startswith(f"{SEALS}/") for path in paths)
    return REVOCATIONS in paths or (has_seal and not start.has_its_seal_in(commit))
