"""The clean room: a suspect's objects looked at from an empty repository of our own.

Invariants: git never runs inside the suspect, so none of its configuration, hooks, attributes or
replacements is obeyed, and it may belong to anybody; a suspect that borrows objects elsewhere is
refused before it is opened; commits are walked from their own bytes.
Absent on purpose: any writing to the suspect.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import GitFailed, Refused
from papka.core.history import Change
from papka.core.store import ObjectFault, StoreFacts, TrackedFile
from papka.gates.git.borrowing import borrow
from papka.gates.git.fsck import count_unreachable, plain, read_fsck
from papka.gates.git.objects import Objects
from papka.gates.git.points import resolve
from papka.gates.git.reading import listed, parse_raw_diff
from papka.gates.git.runner import feed, open_git, run_git
from papka.gates.git.store import Store, borrowed

HELPERS = {
    "info/commit-graph": "commit-graph",
    "info/commit-graphs/commit-graph-chain": "commit-graph",
    "pack/multi-pack-index": "multi-pack-index",
}
"""Files beside the objects that repeat what these say, and the command that compares."""
_PLAIN_REF = re.compile(r"refs(?:/(?![.-])[A-Za-z0-9._-]+)+", re.ASCII)
_PLAIN_HEAD = re.compile(rf"ref: {_PLAIN_REF.pattern}|[0-9a-f]{{40}}", re.ASCII)


@dataclass(frozen=True, slots=True)
class CleanRoom:
    """An open clean room; `folder` is our own bare repository, `suspect` whose objects it sees."""

    folder: Path
    suspect: Path | None = None

    def objects(self) -> Objects:
        return Objects(self.folder)

    def likely_commits(self, tips: Sequence[str]) -> list[str]:
        """Ids git believes to be the history, newest first: a hint what to read in bulk."""
        try:
            ran = run_git("rev-list", *tips, folder=self.folder, accepted=(0, 1, 128))
        except GitFailed:
            return []
        return ran.text.split()

    def files(self, commit: str, below: Sequence[str] = ()) -> dict[str, TrackedFile]:
        """Every path below a commit, or below these files and folders of it, links and submodules
        included; raises GitFailed."""
        return dict(listed(self.folder, commit, below))

    def names(self, commit: str, folder: str) -> list[str]:
        """What lies directly in a folder (with a slash, or the top) of a commit."""
        ran = run_git(
            "ls-tree", "-z", "--name-only", "--full-tree", commit, *([folder] if folder else []),
            folder=self.folder,
        )  # fmt: skip
        paths = ran.output.decode("utf-8", "surrogateescape").split("\0")[:-1]
        return [path.removeprefix(folder) for path in paths]

    def sizes(self, ids: Collection[str]) -> dict[str, int]:
        """How large the objects are that are there; their bytes are not read."""
        given = "".join(f"{id_}\n" for id_ in ids).encode()
        if not given:
            return {}
        ran = run_git("cat-file", "--batch-check", "--buffer", folder=self.folder, given=given)
        lines = (line.split(" ") for line in ran.text.splitlines())
        return {words[0]: int(words[2]) for words in lines if len(words) == 3}

    def changes(self, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[Change, ...] | None]:
        """For each pair of trees (before, after) what differs, None where a tree is lost; one
        process for all, and one more after each loss."""
        at = 0
        while at < len(pairs):
            found, is_whole = self._changes(pairs[at:])
            if is_whole:
                yield from found
                return
            sure = max((n + 1 for n, each in enumerate(found) if each), default=0)
            yield from found[:sure]
            at += sure
            while at < len(pairs):  # those that git passes over in silence, and the lost one
                [one], is_whole = self._changes(pairs[at : at + 1])
                yield one if is_whole else None
                at += 1
                if not is_whole:
                    break

    def _changes(
        self, pairs: Sequence[tuple[str, str]]
    ) -> tuple[list[tuple[Change, ...] | None], bool]:
        """What git tells of the pairs, and whether it came to the end of them. A pair whose own
        tree is lost it passes over in silence, as equal ones: it dies of folders in them alone."""
        options = ("diff-tree", "--stdin", "-r", "--raw", "-z", "--no-abbrev", "--no-renames")
        with open_git(*options, folder=self.folder) as process:
            assert process.stdin is not None
            assert process.stdout is not None
            feeding = feed(process.stdin, (f"{a} {b}\n".encode() for a, b in pairs))
            output = process.stdout.read()
            feeding.join()
            is_whole = process.wait() == 0
        told = zip(_split(output, pairs), pairs, strict=True)
        return [each if each or a == b else None for each, (a, b) in told], is_whole

    def ignored(self, paths: Sequence[str], rules: Mapping[str, bytes]) -> set[str]:
        """Those of `paths` that these `.gitignore` files (path -> bytes) leave out, none other."""
        if not paths or not any(rules.values()):
            return set()
        tree = Path(tempfile.mkdtemp(prefix="papka-tree-", dir=self.folder))
        for path, data in rules.items():
            place = tree / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(data)
        ran = run_git(
            "check-ignore", "-z", "--stdin", "--no-index", folder=tree, accepted=(0, 1),
            given=b"".join(path.encode("utf-8", "surrogateescape") + b"\0" for path in paths),
            variables={
                "GIT_DIR": str(self.folder),
                "GIT_WORK_TREE": str(tree),
                "GIT_LITERAL_PATHSPECS": "0",  # check-ignore refuses to run with it
            },
        )  # fmt: skip
        return {p.decode("utf-8", "surrogateescape") for p in ran.output.split(b"\0")[:-1]}

    def check(self, tips: Collection[str]) -> list[ObjectFault]:
        """What `git fsck` says of every object and of all that the tips need."""
        return self.check_all(tips)[0]

    def check_all(self, tips: Collection[str]) -> tuple[list[ObjectFault], int]:
        """The same, and how many objects there are that no tip leads to; of a damaged store 0, for
        there what is lost leads nowhere."""
        faults, left = self._fsck(tips)
        if faults:  # read once more: a cable or a sleepy disk must not cry wolf
            faults, left = self._fsck(tips)
        return [*faults, *self._check_helpers()], 0 if faults else left

    def _check_helpers(self) -> Iterator[ObjectFault]:
        """Files that only speed git up, which no other command of ours believes."""
        if self.suspect is None:
            return
        place = f"--object-dir={self.suspect.resolve()}"
        for file, command in HELPERS.items():
            if not os.path.lexists(self.suspect / file):
                continue
            ran = run_git(
                command, "verify", place, "--no-progress", folder=self.folder,
                config=("core.multiPackIndex=true",), accepted=range(-64, 256),
            )  # fmt: skip
            if ran.code:
                yield ObjectFault("graph", f"objects/{file}", plain(ran.trouble))

    def _fsck(self, tips: Collection[str]) -> tuple[list[ObjectFault], int]:
        ran = run_git(
            "fsck", "--full", "--strict", "--unreachable", "--no-progress", "--no-reflogs",
            *sorted(tips), folder=self.folder, accepted=range(-64, 256),
            # Other programs read a mode that git shows as 100644 in their own ways.
            config=("fsck.badFilemode=error",),
        )  # fmt: skip
        lines = [*ran.text.splitlines(), *ran.trouble.splitlines()]
        return read_fsck(ran.code, lines), count_unreachable(lines)


@contextmanager
def clean_room(store: Store) -> Iterator[CleanRoom]:
    """Opens the room for a store; raises Refused when the store borrows objects elsewhere."""
    if borrowed(store):
        raise Refused("Хранилище берёт объекты из другого хранилища, проверять его нельзя")
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        folder = Path(name)
        borrow(folder, store.objects)
        yield CleanRoom(folder, store.objects)


def point_in(store: Store, facts: StoreFacts, point: str, tip: str = "HEAD") -> str:
    """The commit that a point (`points`) names in a store; raises NotFound.

    Its refs are asked for by their plain names in a room of their own: in the room where objects
    are checked there are none.
    """
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        folder = Path(name)
        borrow(folder, store.objects)
        refs = sorted((ref, id_) for ref, id_ in facts.refs.items() if _PLAIN_REF.fullmatch(ref))
        packed = "".join(f"{id_} {ref}\n" for ref, id_ in refs)
        (folder / "packed-refs").write_text(packed, encoding="ascii")
        if _PLAIN_HEAD.fullmatch(facts.head):
            (folder / "HEAD").write_text(facts.head + "\n", encoding="ascii")
        return resolve(folder, point, tip)


def _split(output: bytes, pairs: Sequence[tuple[str, str]]) -> Iterator[tuple[Change, ...]]:
    """Cuts diff-tree's answer where each pair is repeated; equal trees are passed over."""
    parts = output.split(b"\0")
    at = 0
    for before, after in pairs:
        heading = f"{before} {after}\n".encode()
        mine: list[bytes] = []
        if at < len(parts) and parts[at].startswith(heading):
            parts[at] = parts[at][len(heading) :]
            while at + 1 < len(parts) and parts[at].startswith(b":"):
                mine += parts[at : at + 2]
                at += 2
        yield tuple(parse_raw_diff(mine))
