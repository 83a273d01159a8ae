"""What is left of the records above the newest whole commit, kept for people to go on with.

Invariants: objects that are there are kept as a pack beside the archive, so nothing sound is
lost; files get into the folder, as edits nobody saved yet, only when every commit above is signed
by a key the whole history trusts; a file is laid out only when its own bytes are there. Absent on
purpose: saving them, which a person does with a signature of their own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import GitFailed
from papka.core.history import TREE, Commit, Malformed, parse_commit, parse_tree
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.fresh_store import pack_of
from papka.gates.git.objects import Objects
from papka.gates.git.walk import walk
from papka.integrity.chronicle import judge, standing_of, verdict_on
from papka.integrity.standing import Standing
from papka.tasks.proof.history import changes_of, trust_states
from papka.tasks.restoring.choosing import Candidate
from papka.tasks.restoring.laying import is_inside

LEFT_OVER = ".papka/restored"
"""Below it, in the archive's folder, lie the objects of records that are not whole."""


@dataclass(frozen=True, slots=True)
class Saved:
    """`changes`: path -> the newest bytes that are left, None for a file that was taken away;
    `gone`: paths (folders too, "" for all) whose newest state nobody has; `is_signed`: every
    commit above is."""

    changes: Mapping[str, bytes | None]
    gone: tuple[str, ...]
    is_signed: bool


def saved_files(folder: Path, chosen: Candidate) -> Saved:
    """How what is left differs from the whole history's last state, file by file."""
    assert chosen.newer is not None
    objects = Objects(folder)
    old = _listing(objects, _commit(objects, chosen.head).tree)
    line = sorted(
        (_commit(objects, id_) for id_ in chosen.newer.commits),
        key=lambda commit: commit.committer.time,
    )
    newest_first = [_listing(objects, commit.tree) for commit in reversed(line)]
    changes: dict[str, bytes | None] = {}
    for path in sorted(old.files.keys() | {p for each in newest_first for p in each.files}):
        found = _state(objects, path, newest_first) if is_inside(path) else None
        if found is not None and found.id != old.files.get(path):
            changes[path] = found.data
    gone = [*newest_first[0].unread] if newest_first else []
    if newest_first:
        gone += [p for p, id_ in newest_first[0].files.items() if _blob(objects, id_) is None]
    return Saved(changes, tuple(sorted(gone)), _is_signed(folder, chosen))


@dataclass(frozen=True, slots=True)
class _State:
    """A file as some commit has it; no id and no bytes: it has none."""

    id: str | None
    data: bytes | None


def _state(objects: Objects, path: str, newest_first: Sequence[_Listing]) -> _State | None:
    """The newest state of a file that can be read; None when none above can."""
    for each in newest_first:
        if any(not lost or path.startswith(f"{lost}/") for lost in each.unread):
            continue
        id_ = each.files.get(path)
        if id_ is None:
            return _State(None, None)
        data = _blob(objects, id_)
        if data is not None:
            return _State(id_, data)
    return None


def keep_objects(folder: Path, chosen: Candidate, place: Path) -> None:
    """Keeps what the whole history has not: a pack, and a list of what nobody has."""
    assert chosen.newer is not None
    pack_of(folder, sorted(chosen.newer.present), place)
    lines = [f"{each.kind} {each.id} {each.commit} {each.path}\n" for each in chosen.newer.lost]
    (place / "lost.txt").write_text("".join(lines), encoding="utf-8")
    (place / "tip.txt").write_text(f"{chosen.newer.tip}\n", encoding="ascii")


@dataclass(frozen=True, slots=True)
class _Listing:
    """`files`: path -> blob; `unread`: folders whose tree is lost."""

    files: dict[str, str]
    unread: tuple[str, ...]


def _listing(objects: Objects, tree: str) -> _Listing:
    files: dict[str, str] = {}
    unread: list[str] = []

    def enter(id_: str, prefix: str) -> None:
        try:
            entries = parse_tree(objects.read(id_)[1])
        except (KeyError, GitFailed, Malformed):
            unread.append(prefix.rstrip("/"))
            return
        for entry in entries:
            if entry.mode == TREE:
                enter(entry.id, f"{prefix}{entry.name}/")
            elif entry.mode.startswith("100"):
                files[prefix + entry.name] = entry.id

    enter(tree, "")
    return _Listing(files, tuple(unread))


def _commit(objects: Objects, id_: str) -> Commit:
    return parse_commit(id_, objects.read(id_)[1])


def _blob(objects: Objects, id_: str) -> bytes | None:
    try:
        return objects.read(id_)[1]
    except (KeyError, GitFailed):
        return None


def _is_signed(folder: Path, chosen: Candidate) -> bool:
    """By whom the whole history trusts last; what the newer ones say of trust is not asked."""
    assert chosen.newer is not None
    room = CleanRoom(folder)
    whole = walk(room, chosen.head).commits
    changes = changes_of(room, whole)
    standing = standing_of(judge(whole, changes, trust_states(room, whole, changes)))
    late = room.objects().read_many(chosen.newer.commits)
    commits = [parse_commit(id_, raw) for id_, _, raw in late]
    return bool(commits) and all(_counts(commit, standing) for commit in commits)


def _counts(commit: Commit, standing: Standing) -> bool:
    verdict = verdict_on(commit, standing.trust)
    signer = verdict.signer
    return (
        verdict.state == "good"
        and signer is not None
        and standing.revoked(signer.key, commit.id) is None
    )
