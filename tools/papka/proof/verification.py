"""Verify: is this archive what the people trusted with it signed, whole and unaltered?

Invariants: git never runs inside the archive, only in a clean room beside it. Everything wrong is
listed, not only the first. Every byte is hashed: no date is believed, and the index is asked only
whether git would notice the differences found without it. What this computer remembers is always
asked, and learnt only from an archive without an error. What this very program judged here up to a
commit, with nothing to say, is not judged again; its bytes are hashed all the same. Nothing is
repaired.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from papka.core.errors import GitFailed, PapkaError
from papka.core.findings import Finding, Location, has_errors
from papka.core.installation import program_digest
from papka.core.places import ARCHIVE_FOLDERS, SEALS
from papka.proof import verify_codes
from papka.proof.anchors import (
    Anchors,
    KnownVerdict,
    Present,
    judge_known,
    read_anchors,
    read_paper,
)
from papka.proof.clean_room import CleanRoom, clean_room, read_index, resolve_in, stamp
from papka.proof.examination import (
    Examination,
    Examined,
    Verified,
    attempt,
    collect,
    digests_of_seals,
    examine,
    examine_after,
    examine_recalled,
    find_start,
    say_nothing,
)
from papka.proof.history_reading import Walked, read_blob, readable_files, walk
from papka.proof.layers import SignedLine, peel, plain_line
from papka.proof.memory import Memory, Recalled, gather_learnt, recall, remember
from papka.proof.store_rules import (
    EXCLUDED,
    find_concealed,
    find_differing,
    judge_facts,
    judge_folder,
    judge_gate,
)
from papka.repository.git_values import MAIN, Naming, TrackedFile, is_id, object_id
from papka.repository.points import is_nothing
from papka.repository.store import (
    Store,
    count_objects,
    find_running_program,
    locate,
    observe,
    read_bytes,
)
from papka.repository.worktree import WorktreeSnapshot, is_program

_IGNORE = ".gitignore"


def judge_work_tree(
    room: CleanRoom, store: Store, files: Mapping[str, TrackedFile], lost: tuple[str, ...] = ()
) -> Iterator[Finding]:
    """Compare the folder's files with the last commit, but for those in its `lost` folders, which
    cannot be read."""
    assert store.tree is not None
    snapshot = WorktreeSnapshot(store.tree)
    hashed = _hash_files(snapshot, room.naming)
    present = {path: id_ for path, id_ in hashed.items() if not path.startswith(lost)}
    rules = read_blob(room.objects(), files[_IGNORE].id) if _IGNORE in files else b""
    for path in room.ignored(sorted(present.keys() - files.keys()), {_IGNORE: rules}):
        del present[path]
    index = read_index(store.own, room)
    if index.fault:
        yield verify_codes.INDEX_DAMAGED.at(Location(), detail=index.fault)
    stamps = {path: stamp(store.tree, path) for path in find_differing(files, present)}
    hidden = find_concealed(files, stamps, index)
    untracked = sorted(present.keys() - files.keys())
    hidden |= dict.fromkeys(_list_excluded(room, store, snapshot, untracked), EXCLUDED)
    programs = [path for path in untracked if is_program(store.tree, path)]
    yield from judge_folder(files, present, hidden, programs)


def _list_excluded(
    room: CleanRoom, store: Store, snapshot: WorktreeSnapshot, untracked: list[str]
) -> set[str]:
    """Return the untracked files in the archive's own folders that ignore lists outside of history
    hide. A file elsewhere is somebody's own: that a person hides it is no secret."""
    rules = {
        path: snapshot.read(path)
        for path in untracked
        if path.rpartition("/")[2] == _IGNORE and path not in snapshot.links
    }
    rules[_IGNORE] = read_bytes(store.common / "info" / "exclude") + b"\n" + rules.get(_IGNORE, b"")
    ours = [path for path in untracked if path.partition("/")[0] in ARCHIVE_FOLDERS]
    return room.ignored(ours, rules)


def _hash_files(snapshot: WorktreeSnapshot, naming: Naming) -> dict[str, str | None]:
    """Return path -> blob id of the bytes that lie there; None for a link or an unreadable file."""
    left = snapshot.paths()
    found: dict[str, str | None] = dict.fromkeys((*snapshot.links, *snapshot.specials))
    while left:
        done = 0
        try:
            for path, data in snapshot.read_many(left):
                found[path] = object_id("blob", data, naming)
                done += 1
        except (KeyError, OSError):
            found[left[done]] = None
            done += 1
        left = left[done:]
    return found


_SHORTEST = 7
"""At least so many signs of a commit's id name it."""
_REMOTES = "refs/remotes/"
_Files = tuple[Mapping[str, TrackedFile], tuple[str, ...]]
_MIRROR = re.compile(r"remote\..+\.url", re.DOTALL)


def verify(  # noqa: PLR0913 - what is verified, and each thing it may be compared with
    root: Path,
    *,
    now: datetime,
    anchors: Anchors | Collection[str] = (),
    refounding: Collection[str] = (),
    memory: Memory | None = None,
    judged: Memory | None = None,
    since: str | None = None,
    tell: Callable[[str], None] = say_nothing,
) -> Verified:
    """Verify an archive or a bare mirror.

    `anchors`: what stands on paper, as read or as typed; `refounding`: digests of paper acts;
    `memory`: None to ask and learn nothing; `judged`: knows up to where this computer has judged
    the history, None to judge all of it; `since`: a point in history, to judge only what came
    after; `tell` hears which part of `PARTS` is begun. Raises NotAnArchive; Refused for what is
    typed wrong.
    """
    given = anchors if isinstance(anchors, Anchors) else read_anchors(anchors)
    store = locate(root)
    facts = observe(store)
    findings = [*judge_facts(facts), *judge_gate(facts, find_running_program())]
    head = facts.refs.get(MAIN)
    if facts.alternates or head is None:
        return Verified(tuple(findings), objects=count_objects(store))
    with clean_room(store) as own:
        tell("история")
        walked = attempt("история", findings, lambda: walk(own, head), Walked((), ()))
        findings += unread(walked)
        plain: tuple[SignedLine, list[Finding]] = plain_line(walked), []
        line, astray = attempt("акты", findings, lambda: peel(own, walked), plain)
        findings += astray
        room = replace(own, stored=line.moved)
        first, recalled = _recall_first(memory, store, _list_beginnings(line))
        acts = _read_acts(refounding, recalled)
        terms = _digest_terms(acts) if judged is not None and first and since is None else ""
        known = judged.verdict(first, terms) if judged is not None and terms else None
        if known is not None and known.time > now.timestamp():
            known = None  # judged by a clock that was ahead
        is_same = known is not None and store.tree is None and line.commits[-1].id == known.commit
        nothing: _Files = ({}, ())
        below = (SEALS,) if is_same else ()  # nothing else is asked for
        files, lost = attempt("файлы", findings, lambda: _list_files(room, line, below), nothing)
        case = Examination(
            room, store, facts, line, files, int(now.timestamp()),
            given | _recall_anchors(recalled, line), acts, tell=tell,
        )  # fmt: skip
        done, start = _examine_case(case, since, recalled, known)
        findings += done.findings
        if store.tree is not None and files:
            tell("папка")
            collect("папка", findings, lambda: judge_work_tree(room, store, files, lost))
        unsealed: dict[int, str] = {}
        seals = attempt("пломбы", findings, lambda: digests_of_seals(room, files), unsealed)
    if memory is not None and first:
        collect(
            "память", findings, lambda: _compare_with_memory(case, done, recalled, seals, first)
        )
        if not recalled.trouble and _is_sound(findings):
            sound = case.now if not start else 0
            collect("память", findings, lambda: _keep(memory, case, done, seals, first, sound))
    count = known.files if known is not None and is_same else len(case.files)
    if judged is not None and terms and done.is_spotless and not has_errors(findings):
        verdict = _compose_verdict(case, done, terms, count)
        if known is None or known.commit != verdict.commit:
            judged.keep_verdict(first, verdict)
    commits = line.commits if done.is_recalled else tuple(step.commit for step in done.steps)
    return Verified(
        tuple(findings),
        commits=len(commits),
        objects=done.objects,
        files=count,
        head=head,
        root=first,
        root_key=done.root_key,
        seals=done.seals,
        anchors_met=done.met,
        since=start,
        transitions=sum(bool(commit.parents) for commit in commits),
        recalled=known.commit if known is not None and done.is_recalled else "",
        remembered=not recalled.is_empty,
        acts=tuple((layer.number, layer.act.count) for layer in reversed(line.layers)),
    )


def _digest_terms(acts: frozenset[str]) -> str:
    """Return a digest of all that a verdict depends on beside the bytes of the archive."""
    return hashlib.sha256(
        b"\0".join([program_digest(), *map(str.encode, sorted(acts))])
    ).hexdigest()


def _compose_verdict(case: Examination, done: Examined, terms: str, files: int) -> KnownVerdict:
    seals = tuple(replace(seal, is_anchored=False) for seal in done.seals)
    return KnownVerdict(case.line.commits[-1].id, terms, case.now, done.root_key, files, seals)


def _examine_case(
    case: Examination, since: str | None, recalled: Recalled, known: KnownVerdict | None
) -> tuple[Examined, str]:
    """Examine the case; also return the commit after which, "" for the whole history.

    The whole is examined also when a later part cannot be judged alone.
    """
    if known is not None:
        with suppress(PapkaError):  # what is wrong there is reported with the whole
            if (found := examine_recalled(case, known)) is not None:
                return found, ""
    if since is not None and not is_nothing(since):
        start = find_start(since, lambda: _resolve(case, since), case, recalled)
        done = examine_after(case, start)
        if done is not None:
            return done, start.commit
    return examine(case), ""


def _resolve(case: Examination, point: str) -> str:
    """Return the id, as it was signed, of the commit that a point of history names.

    Paper and memory name a commit that an act has rewritten since by its old id.
    """
    if is_id(point) and point in case.line.stored:
        return point
    found = [id_ for id_ in case.line.moved if len(point) >= _SHORTEST and id_.startswith(point)]
    if len(found) == 1:
        return found[0]
    return case.line.signed(resolve_in(case.store, case.facts, point, case.facts.refs[MAIN]))


def unread(walked: Walked) -> list[Finding]:
    """Report each commit that could not be read."""
    return [
        verify_codes.HISTORY_UNREADABLE.at(Location(commit=id_), detail=detail)
        for id_, detail in walked.unreadable
    ]


def _list_beginnings(line: SignedLine) -> list[str]:
    """List the commits the history begins with, that of the first parents before others."""
    by_id = {commit.id: commit for commit in line.commits}
    at = line.commits[-1] if line.commits else None
    while at is not None and at.parents:
        at = by_id.get(at.parents[0])
    roots = [commit.id for commit in line.commits if not commit.parents]
    return sorted(roots, key=lambda id_: at is None or id_ != at.id)


def _recall_first(memory: Memory | None, store: Store, roots: list[str]) -> tuple[str, Recalled]:
    """Return the first commit and what is known of it. A known beginning goes before others, so
    that joining an unknown one to it takes nothing from memory."""
    found = [
        (root, recall(memory, store, root) if memory else Recalled()) for root in roots or [""]
    ]
    return next((each for each in found if each[1].known is not None), found[0])


def _list_files(room: CleanRoom, line: SignedLine, below: Sequence[str] = ()) -> _Files:
    """List the files of the last commit, those `below` some folders if any are named, and its
    folders that are lost."""
    if not line.commits:
        return {}, ()
    head = line.commits[-1]
    try:
        return room.files(head.id, below), ()
    except GitFailed:
        return readable_files(room.objects(), head)


def _recall_anchors(recalled: Recalled, line: SignedLine) -> Anchors:
    """Return the anchors given here before; without seals where this is an older state."""
    known = recalled.known
    if known is None:
        return Anchors()
    is_older = known.bound[-1:] and known.bound[-1] not in {c.id for c in line.commits}
    return Anchors(frozenset(known.keys), frozenset(() if is_older else known.anchored))


def _read_acts(typed: Collection[str], recalled: Recalled) -> frozenset[str]:
    """Read the digests of acts of re-founding, typed like a seal's, and add those found right
    before."""
    known = recalled.known.refoundings if recalled.known else ()
    return read_paper((), typed).acts.union(known)


def _compare_with_memory(
    case: Examination, done: Examined, recalled: Recalled, seals: Mapping[int, str], first: str
) -> tuple[Finding, ...]:
    if recalled.trouble:
        return recalled.trouble
    if recalled.is_empty and not done.met:
        return (verify_codes.MEMORY_EMPTY.at(Location()),)
    is_vouched = bool(done.met.roots or done.met.seals)
    present = Present(
        first, case.line.commits, seals, is_vouched=is_vouched, destructions=_newest_act(case)
    )
    return tuple(judge_known(present, recalled.known, recalled.store))


def _newest_act(case: Examination) -> int:
    return max((layer.number for layer in case.line.layers), default=0)


def _is_sound(findings: Collection[Finding]) -> bool:
    is_proved = all(finding.code is not verify_codes.SINCE_NOT_PROVED for finding in findings)
    return is_proved and not has_errors(findings)


def _keep(  # noqa: PLR0913 - what was found, and where it is kept
    memory: Memory,
    case: Examination,
    done: Examined,
    seals: Mapping[int, str],
    first: str,
    sound: int,
) -> tuple[Finding, ...]:
    refs = case.facts.refs.items()
    confirmed = frozenset(case.line.signed(id_) for ref, id_ in refs if ref.startswith(_REMOTES))
    has_mirror = confirmed or any(_MIRROR.fullmatch(each.key) for each in case.facts.settings)
    act = _newest_act(case)
    new = gather_learnt(first, done.root_key, seals, done.met, case.refounding, act, sound)
    commits = case.line.commits
    # Nobody saves into a bare store: all it has came from elsewhere.
    sent = confirmed if has_mirror and not case.facts.bare else None
    return remember(memory, case.store, commits, confirmed=sent, learnt=new)
