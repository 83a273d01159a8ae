"""One history examined, whole or from a commit on: objects, signatures, trust, seals, steps.

Invariants: what is examined from a commit on is judged by the same rules as the whole, and the
first commit is always looked at. A start (`--since`) is proved by memory, as verified here, or by
paper, through a seal whose digest was given; the chain of parents is walked whole all the same, so
a start is always one of this very history. Seals are judged by the bytes of the commit they were
put on, each tree and blob read and digested once. One part's refusal throws away the findings of no
other (`attempt`, `collect`). Memory, the folder and the store's own state are `verification`'s.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TypeVar

from papka.core.errors import PapkaError, Refused, cannot_access
from papka.core.findings import Finding, Location
from papka.core.places import SEALS, TEXT, place, read_seal_file, seal_file
from papka.proof import verify_codes
from papka.proof.act_rules import (
    brings_act,
    judge_act_numbers,
    judge_acts,
    judge_remains,
    read_destroyed,
)
from papka.proof.anchors import (
    ANCHOR_MISMATCH,
    ANCHOR_NOT_GIVEN,
    Anchors,
    BadSeal,
    KnownVerdict,
    Seal,
    SealText,
    read_seal,
)
from papka.proof.chronicle import (
    Chronicle,
    HistoryStep,
    judge_commits,
    soften_accepted,
    standing_of,
    summarise_sealed_warnings,
)
from papka.proof.clean_room import CleanRoom, read_index
from papka.proof.history_reading import (
    changes_of,
    check_after,
    judge_attribute_files,
    read_blob,
    read_found,
    trust_states,
)
from papka.proof.history_rules import judge_history, unmet_acts
from papka.proof.layers import SignedLine
from papka.proof.memory import Recalled
from papka.proof.record_history import judge_steps, judge_units, touched_files
from papka.proof.seal_judging import (
    Digests,
    Given,
    PlacedSeal,
    judge_anchors,
    judge_numbers,
    judge_places,
    judge_seal,
    met_anchors,
    placed_seals,
)
from papka.proof.sealed_history import judge_sealed_history
from papka.proof.store_rules import judge_leftovers, judge_objects
from papka.proof.trusted_keys import REVOCATIONS, Accepted, TrustHistory
from papka.proof.verify_codes import CHECK_STOPPED
from papka.repository.git_values import (
    MAIN,
    NAMED_IN_RECORDS,
    SUBMODULE,
    TREE,
    Commit,
    FileChange,
    Malformed,
    StoreFacts,
    TrackedFile,
    TreeEntry,
    naming_of,
    parse_tree,
)
from papka.repository.objects import Objects
from papka.repository.store import Store, count_objects, noted_heads

_SEAL = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Start:
    """Where judging begins. `commit`: all after it is judged; `seal`: the seal that names it, if
    paper names that; `verified`: commits judged here before, some of them perhaps after it."""

    commit: str
    seal: Seal | None = None
    verified: frozenset[str] = frozenset()
    findings: tuple[Finding, ...] = ()

    def has_its_seal_in(self, commit: Commit) -> bool:
        """Whether a seal in `commit` may be the one that names the start, by paper or, which is
        reported, by nobody's word."""
        return commit.parents == (self.commit,) and bool(self.seal or self.findings)

    def after(self, commits: Sequence[Commit]) -> tuple[Commit, ...]:
        """Return the later ones; `commits` stand parents first."""
        at = next(at for at, commit in enumerate(commits) if commit.id == self.commit)
        return tuple(commits[at + 1 :])


def find_start(
    since: str, resolve: Callable[[], str], case: Examination, recalled: Recalled
) -> Start:
    """Find the start of judging and its proof; raises Refused for a commit not in this history.

    `since`: as typed, a seal's number proves more than its commit; `resolve`: finds the commit it
    names.
    """
    seal = _find_seal(since, case.room, case.files) if _SEAL.fullmatch(since) else None
    start = seal.head if seal else resolve()
    if start not in {commit.id for commit in case.line.commits}:
        raise Refused(
            f"Сохранения «{since}» в истории этого архива нет",
            "Назовите номер пломбы (0002) или номер сохранения, 7 знаков и больше: git log "
            "--oneline",
        )
    if seal is not None and seal.digest in case.anchors.seals:
        return Start(start, seal)
    if start in recalled.verified:
        return Start(start, verified=recalled.verified)
    untold = verify_codes.SINCE_NOT_PROVED.at(Location(commit=start), start=start[:12])
    return Start(start, findings=(untold,))


def digests_of_seals(room: CleanRoom, files: Mapping[str, TrackedFile]) -> dict[int, str]:
    """Return the SHA-256 in hex of every seal among the files, by number."""
    objects = room.objects()
    named = ((read_seal_file(path), file) for path, file in files.items())
    return {
        name[0]: hashlib.sha256(read_blob(objects, file.id)).hexdigest()
        for name, file in named
        if name is not None and name[1] == TEXT
    }


def _find_seal(number: str, room: CleanRoom, files: Mapping[str, TrackedFile]) -> Seal:
    """Read the seal of this number in the last commit; raises Refused."""
    file = files.get(seal_file(int(number), TEXT))
    data = read_blob(room.objects(), file.id) if file else b""
    try:
        text = read_seal(data)
    except BadSeal as error:
        raise Refused(
            f"Пломбы № {number} в архиве нет или она не читается",
            "Проверьте архив целиком: papka verify",
        ) from error
    digest = hashlib.sha256(data).hexdigest()
    return Seal(text.number, text.period, text.date, digest, text.head, "", is_anchored=True)


def judge_sealed(
    room: CleanRoom, line: SignedLine, steps: Sequence[HistoryStep], anchors: Anchors
) -> tuple[tuple[Finding, ...], tuple[Seal, ...]]:
    """Judge seals and anchors; return the findings, and the seals that are there, oldest first."""
    findings, seals = _judge_seals(room, line, steps)
    findings += judge_numbers(steps)
    bad = {each.where.commit for each in judge_places(steps)}  # a rule of history reports it
    sound = (replace(seal, is_sound=seal.is_sound and seal.commit not in bad) for seal in seals)
    seals = [replace(s, is_anchored=s.is_sound and s.digest in anchors.seals) for s in sound]
    findings += judge_anchors(steps, seals, anchors)
    return tuple(findings), tuple(seals)


def _judge_seals(
    room: CleanRoom, line: SignedLine, steps: Sequence[HistoryStep]
) -> tuple[list[Finding], list[Seal]]:
    placed = placed_seals(steps)
    if not placed:
        return [], []
    objects = room.objects()
    data = dict(read_found(objects, {id_ for each in placed for id_ in each.files.values()}))
    trees = {step.commit.id: step.commit.tree for step in steps} | dict(line.signed_trees)
    on = [trees.get(_find_sealed_commit(each, data), "") for each in placed]
    digests = _digest_trees(objects, line, [tree for tree in on if tree], data)
    findings: list[Finding] = []
    seals: list[Seal] = []
    told: list[tuple[Given, SealText]] = []
    before = (0, "")
    for each, tree in zip(placed, on, strict=True):
        files = {ending: data[id_] for ending, id_ in each.files.items() if id_ in data}
        given = Given(each, files, digests.content(tree), before)
        text, found = judge_seal(given, trees)
        findings += found
        digest = hashlib.sha256(files.get(TEXT, b"")).hexdigest()
        before = (each.number, digest)
        if text is not None:
            told.append((given, text))
            commit = each.step.commit.id
            seals.append(
                Seal(each.number, text.period, text.date, digest, text.head, commit, not found)
            )
    histories = list(judge_sealed_history(room, line, told))
    bad = {each.where.commit for each in histories}
    seals = [replace(seal, is_sound=seal.is_sound and seal.commit not in bad) for seal in seals]
    return [*findings, *histories], seals


def _find_sealed_commit(placed: PlacedSeal, data: Mapping[str, bytes]) -> str:
    """Return the commit a seal was put on: the one it names, or else the one before its own."""
    before = next(iter(placed.step.commit.parents), "")
    try:
        named = read_seal(data.get(placed.files[TEXT], b"")).head
    except BadSeal:
        return before
    return named if naming_of(named) == naming_of(placed.step.commit.id) else before


def _digest_trees(
    objects: Objects, line: SignedLine, tops: Sequence[str], known: Mapping[str, bytes]
) -> Digests:
    """Digest everything below these trees, level by level, as they were signed.

    `known`: blobs read already. Of what acts destroyed whole there is nothing to digest.
    """
    trees: dict[str, tuple[TreeEntry, ...]] = {}
    files: set[str] = set()
    level = set(tops)
    while level:
        below: set[str] = set()
        for id_, raw in _read_trees(objects, line, level):
            try:
                trees[id_] = tuple(parse_tree(raw, naming_of(id_)))
            except Malformed:
                continue  # the store's check reports it
            below |= {entry.id for entry in trees[id_] if entry.mode == TREE}
            files |= {entry.id for entry in trees[id_] if entry.mode not in (TREE, SUBMODULE)}
        level = below - trees.keys()
    found = chain(known.items(), read_found(objects, files - known.keys()))
    blobs = {id_: hashlib.sha256(data).hexdigest() for id_, data in found}
    return Digests(trees, {**line.digests, **blobs}, line.destroyed)


def _read_trees(
    objects: Objects, line: SignedLine, ids: Collection[str]
) -> Iterator[tuple[str, bytes]]:
    signed = {id_: raw for id_ in ids if (raw := line.read_tree(id_)) is not None}
    yield from signed.items()
    yield from read_found(objects, set(ids) - signed.keys())


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Verified:
    """The verdict of a verification.

    `head`: the commit verified; `root`: the first one; `root_key`: the fingerprint of the key that
    signed it; all are empty when there was nothing to read. `anchors_met`: the anchors given or
    remembered that this history answers to. `since`: the commit after which it was judged, empty
    when all of it was; `objects` then counts what came after it, and `seals` is empty.
    `transitions`: steps whose records were compared with those before. `remembered`: whether this
    computer knew the archive. `acts`: number of each act of destruction taken off, and how much it
    destroyed, the oldest first.
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
    acts: tuple[tuple[int, int], ...] = ()
    recalled: str = ""
    """The commit up to which this computer judged the history before, "" when all was judged."""


def attempt(part: str, findings: list[Finding], work: Callable[[], T], otherwise: T) -> T:
    """Return what `work` gives; if it cannot be done, report that and return `otherwise`."""
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
    """Add the findings of `work`, also when it stops in the middle."""

    def one_by_one() -> None:
        for finding in work():
            findings.append(finding)  # noqa: PERF402 - what was found before it stops stays

    attempt(part, findings, one_by_one, None)


PARTS = ("история", "подписи", "пломбы", "записи", "объекты", "папка")
"""Parts of a verification, in the order in which they are begun."""


def say_nothing(part: str) -> None:
    """Hear which part is begun where nobody watches."""


@dataclass(frozen=True, slots=True)
class Examination:
    """A history to be examined. `line`: its commits as they were signed; `now`: seconds since 1970;
    `refounding`: digests of acts by which an archive without its keys may go on; `looked_into`: the
    files whose units and words are read, None for all; `accepted`: (commit, code) that the caller
    vouches for; `tell` hears which part is begun."""

    room: CleanRoom
    store: Store
    facts: StoreFacts
    line: SignedLine
    files: Mapping[str, TrackedFile]
    now: int
    anchors: Anchors
    refounding: frozenset[str]
    looked_into: Mapping[str, TrackedFile] | None = None
    accepted: frozenset[tuple[str, str]] = frozenset()
    tell: Callable[[str], None] = say_nothing


@dataclass(frozen=True, slots=True)
class Examined:
    """The outcome. `objects`: how many were hashed; `steps`: those judged; `met`: the anchors that
    this history answers to."""

    findings: tuple[Finding, ...]
    objects: int
    steps: tuple[HistoryStep, ...]
    root_key: str = ""
    seals: tuple[Seal, ...] = ()
    met: Anchors = field(default_factory=Anchors)
    is_spotless: bool = False
    """Nothing is to be said of the history itself but what depends on paper."""
    is_recalled: bool = False
    """The commits before `steps` were judged here earlier, and nothing was to be said of them."""


def _is_spotless(found: Collection[Finding]) -> bool:
    of_paper = (ANCHOR_MISMATCH, ANCHOR_NOT_GIVEN, verify_codes.ROOT_UNANCHORED)
    return all(finding.code in of_paper for finding in found)


def examine(case: Examination) -> Examined:
    """Examine the whole history and every object in the store."""
    with _checking_store(case) as judge_store:
        return _examine_beside(case, judge_store)


@contextmanager
def _checking_store(case: Examination) -> Iterator[Callable[[], Iterator[Finding]]]:
    """Let git read all objects on one core while the history is judged on another; give what waits
    for it and judges what it found."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        checking = beside.submit(
            case.room.check_all, set(case.facts.refs.values()), _list_kept(case)
        )

        def judge_store() -> Iterator[Finding]:
            faults, unreachable = checking.result()
            yield from judge_objects(faults)
            has_acts = bool(case.line.layers)
            if case.facts.bare or has_acts:  # else it keeps what its log of branches leads to
                yield from judge_leftovers(
                    case.facts.leftovers, unreachable, "в хранилище", has_acts=has_acts
                )

        yield judge_store


def _examine_beside(case: Examination, judge_store: Callable[[], Iterable[Finding]]) -> Examined:
    room, found = case.room, list[Finding]()
    unsigned: tuple[HistoryStep, ...] = ()
    case.tell("подписи")
    steps = attempt("подписи", found, lambda: _judge_commits(case), unsigned)
    collect("история", found, lambda: judge_history(Chronicle(steps, case.now, case.files)))
    found += unmet_acts(steps, case.refounding)
    collect("акты", found, lambda: _judge_acts(case, steps))
    collect("уничтоженное", found, lambda: _judge_remains(case, steps))
    nothing: tuple[tuple[Finding, ...], tuple[Seal, ...]] = ((), ())
    case.tell("пломбы")
    sealed, seals = attempt(
        "пломбы", found, lambda: judge_sealed(room, case.line, steps, case.anchors), nothing
    )
    found += sealed
    case.tell("записи")
    collect("записи", found, lambda: _judge_records(case, steps))
    stored: list[Finding] = []
    case.tell("объекты")
    collect("объекты", stored, judge_store)  # last, for git has been reading them meanwhile
    findings = soften_accepted([*stored, *found], trust_after(steps, case.accepted), steps)
    findings = summarise_sealed_warnings(findings, steps)
    met = met_anchors(steps, seals, case.anchors)
    return Examined(
        tuple(findings), count_objects(case.store), steps, _root_key(steps), seals, met,
        _is_spotless(found),
    )  # fmt: skip


def _judge_commits(case: Examination) -> tuple[HistoryStep, ...]:
    room, commits = case.room, case.line.commits
    changes = changes_of(room, commits)
    return judge_commits(commits, changes, trust_states(room, commits, changes), case.refounding)


def examine_after(case: Examination, start: Start) -> Examined | None:
    """Examine the commits after `start`; None when only the whole history can be judged: it is no
    line from there on, has a seal in it, or takes away a key, whose commits may lie before."""
    room, commits = case.room, case.line.commits
    new = start.after(commits)
    ids = [start.commit, *(commit.id for commit in new)]
    if any(commit.parents != (parent,) for parent, commit in zip(ids, new, strict=False)):
        return None
    late = {commit.id for commit in new}
    # The start lends its trust, the first commit its key; what they did is not judged again.
    looked = [c for c in commits if c.id in late or c.id == start.commit or not c.parents]
    changes = changes_of(room, looked)
    if any(_needs_whole(start, commit, changes.get(commit.id, ())) for commit in new):
        return None
    steps = judge_commits(looked, changes, trust_states(room, looked, changes), case.refounding)
    later = tuple(step for step in steps if step.commit.id in late)
    hashed, faults = check_after(
        room, case.line.stored.get(start.commit, start.commit), case.facts.refs[MAIN]
    )
    findings = [*start.findings, *judge_objects(faults)]
    rules = judge_history(Chronicle(steps, case.now, case.files))
    findings += [each for each in rules if not each.where.commit or each.where.commit in late]
    findings += [*_judge_acts(case, later), *_judge_records(case, later)]
    known = digests_of_seals(room, case.files).values()
    seals = (start.seal,) if start.seal else ()
    named = {seal.digest for seal in seals}
    # An older seal that paper names too is there, and lies before what is judged.
    anchors = replace(case.anchors, seals=case.anchors.seals - (set(known) - named))
    findings += judge_anchors(steps, seals, anchors)
    findings = soften_accepted(findings, trust_after(steps, case.accepted), steps)
    met = met_anchors(steps, seals, anchors)
    return Examined(tuple(findings), hashed, later, _root_key(steps), met=met)


def examine_recalled(case: Examination, known: KnownVerdict) -> Examined | None:
    """Examine a history of which this computer has judged all up to a commit, with this very
    program: every object is hashed, the later commits are judged.

    None when only the whole can be judged: as for `examine_after`, or when something that an act
    destroyed lies in the store.
    """
    room, commits = case.room, case.line.commits
    if all(commit.id != known.commit for commit in commits) or room.sizes(case.line.destroyed_ids):
        return None
    start = Start(known.commit)
    new = start.after(commits)
    line = [known.commit, *(commit.id for commit in new)]
    if any(commit.parents != (parent,) for parent, commit in zip(line, new, strict=False)):
        return None
    late = {commit.id for commit in new}
    # The start lends its trust, the first commit its key; what they did is not even listed.
    changes = changes_of(room, [c for c in commits if c.id in late or c.id == known.commit])
    changes = {id_: done for id_, done in changes.items() if id_ in late}
    if any(_needs_whole(start, commit, changes.get(commit.id, ())) for commit in new):
        return None
    looked = [c for c in commits if c.id in late or c.id == known.commit or not c.parents]
    steps = judge_commits(looked, changes, trust_states(room, looked, changes), case.refounding)
    later = tuple(step for step in steps if step.commit.id in late)
    seals = [
        replace(s, is_anchored=s.is_sound and s.digest in case.anchors.seals) for s in known.seals
    ]
    with _checking_store(case) as judge_store:
        found: list[Finding] = []
        if later:
            rules = judge_history(Chronicle(steps, case.now, case.files))
            found += [f for f in rules if not f.where.commit or f.where.commit in late]
            collect("акты", found, lambda: _judge_acts(case, later))
            looked_into = _narrow(case.files, later)
            narrow = replace(case, looked_into=looked_into)
            collect("записи", found, lambda: _judge_records(narrow, later))
        found += judge_anchors(steps, seals, case.anchors)
        stored: list[Finding] = []
        collect("объекты", stored, judge_store)
    findings = soften_accepted([*stored, *found], trust_after(steps, case.accepted), steps)
    met = met_anchors(steps, seals, case.anchors)
    return Examined(
        tuple(findings), count_objects(case.store), later, known.root_key, tuple(seals), met,
        _is_spotless(found), is_recalled=True,
    )  # fmt: skip


def _narrow(
    files: Mapping[str, TrackedFile], steps: Sequence[HistoryStep]
) -> Mapping[str, TrackedFile]:
    """Select the files to be looked into after these steps; all when they bring a salt, which must
    be like no other."""
    changes = [change for step in steps for change in step.changes]
    brings_salt = any(change.new_id and _may_hold_salt(change.path) for change in changes)
    return files if brings_salt else touched_files(files, changes)


def _may_hold_salt(path: str) -> bool:
    found = place(path)
    return path.endswith("/.salt") or (found is not None and found.kind in ("register", "order"))


def trust_after(
    steps: Sequence[HistoryStep], accepted: Collection[tuple[str, str]]
) -> TrustHistory:
    """Return the state of trust after the last step, with what the caller vouches for."""
    found = standing_of(steps)
    vouched = dict.fromkeys(accepted, (Accepted(""),))
    return replace(found, accepted={**found.accepted, **vouched})


def _judge_acts(case: Examination, steps: Sequence[HistoryStep]) -> Iterator[Finding]:
    if not steps or case.room.naming != NAMED_IN_RECORDS:
        return
    objects = case.room.objects()
    destroyed = read_destroyed(objects, case.line.commits[-1].tree)
    if any(step.is_root for step in steps):
        yield from judge_act_numbers(steps)
    yield from judge_acts(objects, steps, destroyed)


def _judge_remains(case: Examination, steps: Sequence[HistoryStep]) -> Iterator[Finding]:
    if case.line.layers:
        yield from judge_remains(case.room, case.line, steps, bare=case.facts.bare)


def _list_kept(case: Examination) -> set[str]:
    """List what git keeps in an archive's own store besides its refs, once there is an act: what
    the logs of branches and the index lead to."""
    if case.facts.bare or not case.line.layers:
        return set()
    index = read_index(case.store.own, case.room)
    return {
        *noted_heads(case.store.common),
        *(entry.id for entry in index.entries.values() if entry.id),
    }


def _root_key(steps: Sequence[HistoryStep]) -> str:
    return next((step.verdict.key for step in steps if step.is_root), "")


def _judge_records(case: Examination, steps: tuple[HistoryStep, ...]) -> Iterator[Finding]:
    files = case.files if case.looked_into is None else case.looked_into
    yield from judge_contents(case.room, files, steps)


def judge_contents(
    room: CleanRoom, files: Mapping[str, TrackedFile], steps: tuple[HistoryStep, ...]
) -> Iterator[Finding]:
    """Judge the content of files; `files`: those of the last commit whose units are read."""
    yield from judge_attribute_files(room, steps)
    yield from judge_steps(room, steps)
    yield from judge_units(room, files, steps)


def _needs_whole(start: Start, commit: Commit, changes: Sequence[FileChange]) -> bool:
    if commit.id in start.verified:
        return False
    paths = [change.path for change in changes]
    has_seal = any(path.startswith(f"{SEALS}/") for path in paths)
    return (
        brings_act(changes)
        or REVOCATIONS in paths
        or (has_seal and not start.has_its_seal_in(commit))
    )
