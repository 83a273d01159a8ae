"""Verifying 1,000 signed commits beside `git log --format=%G?`, and 100,000 files beside fsck.

Of commits their own cost is asked: taken off is fsck, and what one commit costs (start and
imports). What the records' steps cost (each commit judged as a save is) is shown by itself. Of
files the whole run is asked, start included, on a packed store as a mirror is: with nothing known
of it, and again, when this computer has judged the history before.

python tests/bench/verify.py [COMMITS [FILES]]
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from papka.core.places import ALLOWED_SIGNERS
from papka.proof.trusted_keys import HEAD, TrustEntry, compose_trust
from papka.repository import commit_writing, handle
from papka.repository.git_values import (
    FILE,
    TREE,
    GitPerson,
    TreeEntry,
    compose_commit,
    compose_tree,
    object_id,
)
from papka.repository.signing import generate_key, load_signer
from tests.bench.corpus import corpus
from tests.support.histories import NOW
from tests.support.measure import Side, cpu, side_by_side

_GIT = ["git", "-c", "safe.directory=*"]
FILES = 1_000
LIMIT = 0.027
"""0.25 s of ours by 9.3 s of git for 1,000 commits, as measured when the goal was set."""
STORE_LIMIT, AGAIN_LIMIT = 1.2, 1.5
_VERIFY = """
import sys
from datetime import datetime, timezone
from pathlib import Path
from papka.proof import examination
from papka.proof.memory import Memory
from papka.proof.verification import verify
if sys.argv[4:] == ["without steps"]:
    examination.judge_steps = lambda *_: ()
place, known = Path(sys.argv[1]), None
if sys.argv[4:] == ["again"]:
    known = Memory(place.parent / "memory")
found = verify(place, now=datetime.now(timezone.utc), anchors=[sys.argv[2]], judged=known)
sys.exit(len(found.findings) or found.commits != int(sys.argv[3]))
"""


def build(folder: Path, commits: int, files: int = FILES) -> str:
    """A bare, packed archive with so many signed commits; returns the key's fingerprint.

    The first brings personal files, each of the others changes a record of one student.
    """
    handle.init(folder, bare=True)
    generate_key(folder.parent / "key", "")
    signer = load_signer(folder.parent / "key")
    trust = compose_trust([TrustEntry("s001", HEAD, signer.public)])
    records = {path: _own(path, data) for path, data in corpus(files).items()}
    records[ALLOWED_SIGNERS] = trust
    edited = sorted(path for path in records if path.endswith(("student.yaml", "enrolments.yaml")))
    writer = TreeWriter(records)
    head: list[str] = []
    for number in range(commits):
        if number:
            path = edited[number % len(edited)]
            writer.write(path, records[path] + f"# {number}\n".encode())
        top = writer.tree()
        time = int((NOW - timedelta(minutes=commits - number)).timestamp())
        who = GitPerson("s001", "s001@papka.invalid", time, "+0300")
        unsigned = compose_commit(top, head, who, who, "Правка\n")
        raw = compose_commit(top, head, who, who, "Правка\n", signer.sign(unsigned))
        head = [writer.store("commit", raw)]
    commit_writing.write_objects(folder, writer.objects)
    (folder / "refs" / "heads" / "main").write_text(f"{head[0]}\n")
    (folder / "signers").write_bytes(trust)
    subprocess.run(["git", "repack", "-adq"], cwd=folder, check=True)
    return signer.fingerprint


def _own(path: str, data: bytes) -> bytes:
    """No two files alike, as in life: git keeps equal ones once."""
    return data + f"# {path}\n".encode() if path.endswith(".yaml") else data


class TreeWriter:
    """Trees of changing files, each folder composed anew only when something in it changed."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.objects: list[tuple[str, bytes]] = []
        self._folders: dict[str, dict[str, tuple[str, str]]] = {"": {}}
        self._stale = {""}
        for path, data in files.items():
            self.write(path, data)

    def store(self, kind: str, data: bytes) -> str:
        self.objects.append((kind, data))
        return object_id(kind, data)

    def write(self, path: str, data: bytes) -> str:
        id_ = self.store("blob", data)
        self.place(path, FILE, id_)
        return id_

    def place(self, path: str, mode: str, id_: str) -> None:
        """Put a file there that is stored already."""
        folder, _, name = path.rpartition("/")
        self._folder(folder)[name] = (mode, id_)
        while folder:
            self._stale.add(folder)
            folder = folder.rpartition("/")[0]
        self._stale.add("")

    def tree(self) -> str:
        made = ""
        for folder in sorted(self._stale, key=lambda each: (-each.count("/"), not each)):
            entries = self._folders[folder]
            raw = compose_tree(TreeEntry(mode, name, id_) for name, (mode, id_) in entries.items())
            made = self.store("tree", raw)
            if folder:
                above, _, name = folder.rpartition("/")
                self._folder(above)[name] = (TREE, made)
        self._stale = set()
        return made

    def _folder(self, folder: str) -> dict[str, tuple[str, str]]:
        return self._folders.setdefault(folder, {})


class _Case(NamedTuple):
    """An archive, the command that verifies it, and the one that only checks its store."""

    folder: Path
    command: list[str]

    @classmethod
    def build(cls, place: Path, commits: int, files: int = FILES) -> _Case:
        place.mkdir()
        folder = place / "archive.git"
        fingerprint = build(folder, commits, files)
        command = [sys.executable, "-c", _VERIFY, str(folder), fingerprint, str(commits)]
        return cls(folder, command)

    def whole(self, *how: str) -> float:
        return cpu([*self.command, *how])

    def fsck(self) -> float:
        return cpu([*_GIT, "fsck", "--full", "--strict", "--no-dangling"], cwd=self.folder)


def commits_beside_git(place: Path, commits: int) -> int:
    many, one = (_Case.build(place / str(number), number) for number in (commits, 1))
    checked, start = (min(each.fsck() for _ in range(3)) for each in (many, one))
    start = min(one.whole() for _ in range(3)) - start
    whole, without = many.whole(), many.whole("without steps")
    print(f"whole run: {whole:.3f} s CPU, of it fsck {checked:.3f}, start {start:.3f}")
    print(f"  steps of the records, {commits} commits: {whole - without:.3f} s CPU")
    folder = many.folder
    log = [*_GIT, "-c", f"gpg.ssh.allowedSignersFile={folder}/signers", "log", "--format=%G?"]
    return side_by_side(
        f"verify {commits} commits, fsck, start and steps of the records taken off",
        Side("papka verify", lambda: many.whole("without steps") - checked - start),
        Side("git log --format=%G?", lambda: cpu(log, cwd=folder)),
        rounds=3,
        limit=LIMIT,
    )


def store_beside_fsck(place: Path, files: int) -> int:
    case = _Case.build(place / "store", 1, files)
    return side_by_side(
        f"verify a packed store of {files} files, start included",
        Side("papka verify", case.whole),
        Side("git fsck --full --strict", case.fsck),
        rounds=3,
        limit=STORE_LIMIT,
    ) | again_beside_fsck(case, files)


def again_beside_fsck(case: _Case, files: int) -> int:
    case.whole("again")
    return side_by_side(
        f"verify it again, start included: {files} files judged before, every byte hashed",
        Side("papka verify", lambda: case.whole("again")),
        Side("git fsck --full --strict", case.fsck),
        rounds=3,
        limit=AGAIN_LIMIT,
    )


def main(commits: int, files: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        missed = commits_beside_git(Path(name), commits)
        return store_beside_fsck(Path(name), files) or missed


if __name__ == "__main__":
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    given = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*given, *(1_000, 100_000)[len(given) :]))
