"""`--since`: from which commit on the history is judged, and whether that may be believed.

Invariants: a start is proved by memory (it was verified here) or by paper (a seal names it, and the
seal's digest was given); the chain of parents is walked whole all the same, so a start is always
one of this very history. Absent on purpose: doing less for what only the whole can judge
(`examined`).

The seals of an archive, and what was given from paper, against its history.

Invariants: each tree and blob is read and digested once however many seals there are; the commit a
seal was put on is judged by its own bytes, never by a work tree. Absent on purpose: any code that
makes seals.

What a verification says: findings, and what was looked at; a part that could not be done too.

Invariant: one part's refusal throws away the findings of no other.

One history examined, whole or from a commit on: objects, signatures, trust, seals, steps.

Invariants: what is examined from a commit on is judged by the same rules as the whole; its first
commit is always looked at. Absent on purpose: memory, the folder, and the store's own state.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeVar

from papka.core.errors import GitFailed, PapkaError, Refused, cannot_access
from papka.core.findings import Finding, Location
from papka.core.places import SEALS, TEXT, read_seal_file, seal_file
from papka.proof import verify_codes
from papka.proof.anchors import Anchors, BadSeal, Seal, read_seal
from papka.proof.chronicle import Chronicle, Step, accept, judge, standing_of, told_since_seal
from papka.proof.clean_room import CleanRoom
from papka.proof.history_reading import (
    Walked,
    changes_of,
    check_after,
    judge_attribute_files,
    read_blob,
    trust_states,
)
from papka.proof.memory import Recalled
from papka.proof.permissions import judge_history, unmet_acts
from papka.proof.seal_judging import (
    Digests,
    Given,
    Placed,
    judge_anchors,
    judge_numbers,
    judge_places,
    judge_seal,
    met_anchors,
    placed_seals,
)
from papka.proof.steps import judge_steps, judge_units
from papka.proof.store_rules import judge_leftovers, judge_objects
from papka.proof.trusted_keys import REVOCATIONS, Accepted, Standing
from papka.proof.verify_codes import CHECK_STOPPED
from papka.repository.git_values import (
    MAIN,
    SUBMODULE,
    TREE,
    Change,
    Commit,
    Malformed,
    StoreFacts,
    TrackedFile,
    TreeEntry,
    parse_tree,
)
from papka.repository.objects import Objects
from papka.repository.store import Store, count_objects

_SEAL = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Start:
    """`commit`: all after it is judged; `seal`: the one that names it, if paper names that;
    `verified`: commits that were judged here before, some of them perhaps after it."""

    commit: str
    seal: Seal | None = None
    verified: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()

    def has_its_seal_in(self, commit: Commit) -> bool:
        """Whether a seal there can be the one that names the start, by paper or, which is told, by
        nobody's word."""
        return commit.parents == (self.commit,) and bool(self.seal or self.findings)

    def after(self, commits: Sequence[Commit]) -> tuple[Commit, ...]:
        """Those that come later; `commits` stand parents first."""
        at = next(at for at, commit in enumerate(commits) if commit.id == self.commit)
        return tuple(commits[at + 1 :])


def find_start(  # noqa: PLR0913 - a start is looked for in, and proved by, exactly these
    since: str,
    point: str,
    room: CleanRoom,
    commits: Sequence[Commit],
    files: Mapping[str, TrackedFile],
    anchors: Anchors,
    recalled: Recalled,
) -> Start:
    """`since`: as typed, a seal's number proves more than its commit; `point`: the commit it names.

    Raises Refused.
    """
    seal = _sealed(since, room, files) if _SEAL.fullmatch(since) else None
    start = seal.head if seal else point
    if start not in {commit.id for commit in commits}:
        raise Refused(
            f"Записи «{since}» в истории этого архива нет",
            "Назовите номер печати (0002) или номер записи, 7 знаков и больше: git log --oneline",
        )
    if seal is not None and seal.digest in anchors.seals:
        return Start(start, seal)
    if start in recalled.verified:
        return Start(start, verified=recalled.verified)
    untold = verify_codes.SINCE_NOT_PROVED.at(Location(commit=start), start=start[:12])
    return Start(start, findings=(untold,))


def digests_of_seals(room: CleanRoom, files: Mapping[str, TrackedFile]) -> dict[int, str]:
    """SHA-256 of every seal among the files, by number."""
    objects = room.objects()
    named = ((read_seal_file(path), file) for path, file in files.items())
    return {
        name[0]: hashlib.sha256(read_blob(objects, file.id)).hexdigest()
        for name, file in named
        if name is not None and name[1] == TEXT
    }


def _sealed(number: str, room: CleanRoom, files: Mapping[str, TrackedFile]) -> Seal:
    """The seal of this number as the last commit has it; raises Refused."""
    file = files.get(seal_file(int(number), TEXT))
    data = read_blob(room.objects(), file.id) if file else b""
    try:
        said = read_seal(data)
    except BadSeal as error:
        raise Refused(
            f"Печати № {number} в архиве нет или она не читается",
            "Проверьте архив целиком: papka verify",
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    return Seal(said.number, said.period, said.date, digest, said.head, "", is_anchored=True)


def judge_sealed(
    room: CleanRoom, steps: Sequence[Step], anchors: Anchors
) -> tuple[tuple[Finding, ...], tuple[Seal, ...]]:
    """What is wrong with seals and anchors, and the seals there are, oldest first."""
    findings, seals = _judged(room, steps)
    findings += judge_numbers(steps)
    bad = {finding.where.commit for finding in judge_places(steps)}  # a rule of history tells it
    sound = (replace(seal, is_sound=seal.is_sound and seal.commit not in bad) for seal in seals)
    seals = [replace(s, is_anchored=s.is_sound and s.digest in anchors.seals) for s in sound]
    findings += judge_anchors(steps, seals, anchors)
    return tuple(findings), tuple(seals)


def _judged(room: CleanRoom, steps: Sequence[Step]) -> tuple[list[Finding], list[Seal]]:
    placed = placed_seals(steps)
    if not placed:
        return [], []
    objects = room.objects()
    data = dict(_bytes(objects, {id_ for each in placed for id_ in each.files.values()}))
    trees = {step.commit.id: step.commit.tree for step in steps}
    on = [trees.get(_sealed_commit(each, data), "") for each in placed]
    digests = _digests(objects, [tree for tree in on if tree], data)
    findings: list[Finding] = []
    seals: list[Seal] = []
    before = (0, "")
    for each, tree in zip(placed, on, strict=True):
        files = {ending: data[id_] for ending, id_ in each.files.items() if id_ in data}
        given = Given(each, files, digests.content(tree), before)
        said, found = judge_seal(given, trees)
        findings += found
        digest = hashlib.sha256(files.get(TEXT, b"")).hexdigest()
        before = (each.number, digest)
        if said is not None:
            commit = each.step.commit.id
            seals.append(
                Seal(each.number, said.period, said.date, digest, said.head, commit, not found)
            )
    return findings, seals


def _sealed_commit(placed: Placed, data: Mapping[str, bytes]) -> str:
    """The commit a seal was put on: what it says, or else the one before its own."""
    try:
        return read_seal(data.get(placed.files[TEXT], b"")).head
    except BadSeal:
        return next(iter(placed.step.commit.parents), "")


def _digests(objects: Objects, tops: Sequence[str], known: Mapping[str, bytes]) -> Digests:
    """Of everything below these trees, read level by level; `known` are blobs read already."""
    trees: dict[str, tuple[TreeEntry, ...]] = {}
    files: set[str] = set()
    level = set(tops)
    while level:
        below: set[str] = set()
        for id_, raw in _bytes(objects, level):
            try:
                trees[id_] = tuple(parse_tree(raw))
            except Malformed:
                continue  # the store's check has told of it
            below |= {entry.id for entry in trees[id_] if entry.mode == TREE}
            files |= {entry.id for entry in trees[id_] if entry.mode not in (TREE, SUBMODULE)}
        level = below - trees.keys()
    found = chain(known.items(), _bytes(objects, files - known.keys()))
    blobs = {id_: hashlib.sha256(data).hexdigest() for id_, data in found}
    return Digests(trees, blobs)


def _bytes(objects: Objects, wanted: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Id and bytes of those that can be read; what is lost, the store's check has told."""
    left = sorted(wanted)
    done = 0
    try:
        for id_, found in zip(left, objects.find_many(left), strict=True):
            done += 1
            if found is not None:
                yield id_, found[1]
    except GitFailed:  # damaged somewhere: the rest one by one
        for id_ in left[done:]:
            try:
                yield id_, objects.read(id_)[1]
            except (KeyError, GitFailed):
                continue


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verified:
    """The verdict. `head` is the commit verified, `root` the first one and `root_key` the
    fingerprint of the key that signed it; all are empty when there was nothing to read.

    `anchors_met`: what was given from outside or remembered from paper, and answered to here.
    `since`: the commit after which the history was judged, empty when all of it was; `objects` then
    counts what came after it, and `seals` is empty. `transitions`: steps whose records were
    compared with those before. `remembered`: whether this computer knew the archive.
    """

    findings: tuple[Finding, ...]
    commits: int = 0
    objects: int = 0
    files: int = 0
    head: str = ""
    root: str = ""
    root_key: str = ""
    seals: tuple[Seal, ...] = ()
    anchors_met: Anchors = field(default_factory=Anchors)
    since: str = ""
    transitions: int = 0
    remembered: bool = False


def attempt(part: str, findings: list[Finding], work: Callable[[], T], otherwise: T) -> T:
    """What `work` gives; `otherwise` when it cannot be done, which is told among the findings."""
    try:
        return work()
    except PapkaError as error:
        trouble = error
    except OSError as error:
        trouble = cannot_access(error)
    step = trouble.next_step.rstrip(".") or "papka verify"
    findings.append(
        CHECK_STOPPED.at(Location(), part=part, reason=trouble.message.rstrip("."), step=step)
    )
    return otherwise


def collect(part: str, findings: list[Finding], work: Callable[[], Iterable[Finding]]) -> None:
    """Adds what `work` finds, also when it stops in the middle."""

    def one_by_one() -> None:
        for finding in work():
            findings.append(finding)  # noqa: PERF402 - what was found before it stops stays

    attempt(part, findings, one_by_one, None)


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
    steps = attempt("подписи", told, lambda: _judge_case(case), unsigned)
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


def _judge_case(case: Case) -> tuple[Step, ...]:
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
