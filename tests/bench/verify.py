"""Verifying 1,000 signed commits: papka beside `git log --format=%G?`.

The cost of a commit is asked: taken off is fsck, and what one commit costs (start and imports).

python tests/bench/verify.py [COMMITS]
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

from papka.core.history import (
    FILE,
    TREE,
    Person,
    TreeEntry,
    compose_commit,
    compose_tree,
    object_id,
)
from papka.core.layout import ALLOWED_SIGNERS
from papka.gates.git import repository, writing
from papka.gates.signing import generate_key, load_signer
from papka.integrity.trust import HEAD, Entry, compose_trust
from tests.support.histories import NOW
from tests.support.measure import Side, cpu, side_by_side

_GIT = ["git", "-c", "safe.directory=*"]
STUDENTS = 300
LIMIT = 0.027
"""0.25 s of ours by 9.3 s of git for 1,000 commits, as measured when the goal was set."""
_VERIFY = """
import sys
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple
from papka.tasks.proof.verify import verify
found = verify(Path(sys.argv[1]), now=datetime.now(timezone.utc), anchors=[sys.argv[2]])
sys.exit(len(found.findings) or found.commits != int(sys.argv[3]))
"""


def build(folder: Path, commits: int) -> str:
    """A bare, packed archive with so many signed commits; returns the key's fingerprint."""
    repository.init(folder, bare=True)
    generate_key(folder.parent / "key", "")
    signer = load_signer(folder.parent / "key")
    trust = compose_trust([Entry("s001", HEAD, signer.public)])
    objects: list[tuple[str, bytes]] = [("blob", trust)]

    def store(kind: str, data: bytes) -> str:
        objects.append((kind, data))
        return object_id(kind, data)

    def tree(entries: dict[str, tuple[str, str]]) -> str:
        return store("tree", compose_tree(TreeEntry(m, n, i) for n, (m, i) in entries.items()))

    trusted = tree({ALLOWED_SIGNERS.rpartition("/")[2]: (FILE, store("blob", trust))})
    year: dict[str, tuple[str, str]] = {}
    head: list[str] = []
    for number in range(commits):
        ids = range(STUDENTS) if number == 0 else [number % STUDENTS]
        for student in ids:
            text = f"id: 2025-{student:04}\nedit: {number}\n".encode()
            folder_id = tree({"student.yaml": (FILE, store("blob", text))})
            year[f"2025-{student:04}"] = (TREE, folder_id)
        students = tree({"2025": (TREE, tree(year))})
        top = tree(
            {"records": (TREE, tree({"students": (TREE, students), "trust": (TREE, trusted)}))}
        )
        time = int((NOW - timedelta(minutes=commits - number)).timestamp())
        who = Person("s001", "s001@papka.invalid", time, "+0300")
        unsigned = compose_commit(top, head, who, who, "Правка\n")
        raw = compose_commit(top, head, who, who, "Правка\n", signer.sign(unsigned))
        head = [store("commit", raw)]
    writing.write_objects(folder, objects)
    (folder / "refs" / "heads" / "main").write_text(f"{head[0]}\n")
    (folder / "signers").write_bytes(trust)
    subprocess.run(["git", "repack", "-adq"], cwd=folder, check=True)
    return signer.fingerprint


class _Case(NamedTuple):
    """An archive, the command that verifies it, and what fsck alone costs there."""

    folder: Path
    command: list[str]
    checked: float

    @classmethod
    def build(cls, place: Path, commits: int) -> _Case:
        place.mkdir()
        folder = place / "archive.git"
        fingerprint = build(folder, commits)
        command = [sys.executable, "-c", _VERIFY, str(folder), fingerprint, str(commits)]
        fsck = [*_GIT, "fsck", "--full", "--strict", "--no-dangling"]
        return cls(folder, command, min(cpu(fsck, cwd=folder) for _ in range(3)))

    def whole(self) -> float:
        return cpu(self.command)


def main(commits: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        many, one = (_Case.build(Path(name) / str(number), number) for number in (commits, 1))
        print(f"whole run: {many.whole():.3f} s CPU, of it fsck {many.checked:.3f}")
        print(f"one commit: {one.whole():.3f} s CPU, of it fsck {one.checked:.3f}")
        start = min(one.whole() for _ in range(3)) - one.checked
        folder = many.folder
        log = [*_GIT, "-c", f"gpg.ssh.allowedSignersFile={folder}/signers", "log", "--format=%G?"]
        return side_by_side(
            f"verify {commits} commits, fsck and start taken off",
            Side("papka verify", lambda: many.whole() - many.checked - start),
            Side("git log --format=%G?", lambda: cpu(log, cwd=folder)),
            rounds=3,
            limit=LIMIT,
        )


if __name__ == "__main__":
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
