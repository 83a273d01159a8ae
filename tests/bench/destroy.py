"""Destroying many students in one act beside `git filter-repo`, and verifying before and after.

Both rewrite the same packed store and leave nothing of the students in it. Ours also keeps the
evidence and signs the act. Then verifying is measured: before, after one act, and after as many
acts as `ACTS` says, one student each. Needs `.venv-bench` (start.py bench makes it).

python tests/bench/destroy.py [COMMITS [FILES [STUDENTS [ACTS]]]]
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from papka.core.places import ALLOWED_SIGNERS, place, student_folder
from papka.proof.rewriting import rewrite
from papka.proof.trusted_keys import HEAD, TrustEntry, compose_trust
from papka.repository import commit_writing, handle
from papka.repository.git_values import MAIN, GitPerson, compose_commit
from papka.repository.objects import Objects
from papka.repository.purging import purge_store
from papka.repository.rewritten_commits import ACT, EVIDENCE, act_file
from papka.repository.signing import generate_key, load_signer
from papka.repository.store import locate
from tests.bench.corpus import corpus
from tests.bench.verify import TreeWriter
from tests.support.destroying import act_text
from tests.support.histories import NOW
from tests.support.measure import PROJECT, cpu

PEER = PROJECT / ".venv-bench" / "bin" / "git-filter-repo"
LIMIT, AFTER_ONE, AFTER_MANY = 3.0, 1.2, 2.0
ROUNDS = 2
_DESTROY = """
import sys
from pathlib import Path
from tests.bench.destroy import destroy
destroy(Path(sys.argv[1]), Path(sys.argv[2]).read_text().split(), int(sys.argv[3]))
"""
_VERIFY = """
import sys
from datetime import datetime, timezone
from pathlib import Path
from papka.proof.verification import verify
found = verify(Path(sys.argv[1]), now=datetime.now(timezone.utc), anchors=[sys.argv[2]])
for each in found.findings:
    print(each.code.name, each.message)
sys.exit(len(found.findings) or found.commits != int(sys.argv[3]))
"""


def build(place: Path, commits: int, records: Mapping[str, bytes]) -> Path:
    """A bare, packed archive: keys first, then all files, then a change of one student each."""
    folder = place / "archive.git"
    handle.init(folder, bare=True)
    generate_key(place / "key", "")
    signer = load_signer(place / "key")
    trust = compose_trust([TrustEntry("s001", HEAD, signer.public)])
    edited = sorted(path for path in records if path.endswith(("student.yaml", "enrolments.yaml")))
    writer = TreeWriter({ALLOWED_SIGNERS: trust})
    head: list[str] = []
    for number in range(commits):
        if number == 1:
            for path, data in records.items():
                writer.write(path, data)
        elif number:
            path = edited[number * 7919 % len(edited)]
            writer.write(path, records[path] + f"# {number}\n".encode())
        time = int((NOW - timedelta(minutes=commits - number)).timestamp())
        who = GitPerson("s001", "s001@papka.invalid", time, "+0300")
        top = writer.tree()
        unsigned = compose_commit(top, head, who, who, "Правка\n")
        raw = compose_commit(top, head, who, who, "Правка\n", signer.sign(unsigned))
        head = [writer.store("commit", raw)]
    commit_writing.write_objects(folder, writer.objects)
    (folder / "refs" / "heads" / "main").write_text(f"{head[0]}\n")
    subprocess.run(["git", "repack", "-adq"], cwd=folder, check=True)
    return folder


def destroy(folder: Path, gone: list[str], number: int) -> None:
    """Rewrite without these units, save the act, move main and purge."""
    ids = _git(folder, "rev-list", "--reverse", MAIN).split()
    made = rewrite(Objects(folder), ids, gone, number)
    commit_writing.store_pack(folder, made.pack)
    signer = load_signer(folder.parent / "key")
    files = {
        act_file(number, ACT): act_text(made, gone, number).encode(),
        act_file(number, EVIDENCE): made.evidence,
    }
    act = commit_writing.store_commit(
        folder, files, "Акт", author="s001", now=NOW + timedelta(seconds=number),
        sign=signer.sign, parent=made.head,
    )  # fmt: skip
    _git(folder, "update-ref", MAIN, act.id)
    purge_store(locate(folder))


def _git(folder: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-c", "safe.directory=*", *words], cwd=folder, check=True, capture_output=True,
        text=True,
    ).stdout  # fmt: skip


def _list_students(records: Mapping[str, bytes]) -> list[str]:
    found = {at.student for path in records if (at := place(path)) is not None and at.student}
    return [student_folder(student) for student in sorted(found)]


def _copy(folder: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(folder.parent, to)
    return to / folder.name


def main(commits: int, files: int, students: int, acts: int) -> int:
    if not PEER.exists():
        raise SystemExit("git-filter-repo is not installed; run python3 tools/start.py bench")
    with tempfile.TemporaryDirectory() as name:
        area = Path(name)
        (area / "built").mkdir()
        records = {path: _own(path, data) for path, data in corpus(files).items()}
        folder = build(area / "built", commits, records)
        folders = _list_students(records)
        # The oldest first: what an archive destroys has been there longest.
        gone = folders[:students]
        (area / "gone").write_text("\n".join(gone))
        size = f"{commits} commits, {len(records)} files"
        print(f"{size}, {len(gone)} of {len(folders)} students in one act")

        def ours() -> float:
            copy = _copy(folder, area / "ours")
            words = [sys.executable, "-c", _DESTROY, str(copy), str(area / "gone"), "1"]
            return cpu(words)

        def theirs() -> float:
            copy = _copy(folder, area / "theirs")
            words = [str(PEER), "--force", "--quiet", "--invert-paths", "--paths-from-file"]
            return cpu([*words, str(area / "gone")], cwd=copy)

        mine, others = (min(each() for _ in range(ROUNDS)) for each in (ours, theirs))
        ratio = mine / others
        print(f"  papka {mine:.2f} s, git filter-repo {others:.2f} s: {ratio:.2f} (≤ {LIMIT})")
        acted = area / "ours" / folder.name
        evidence = _git(acted, "cat-file", "-s", f"{MAIN}:{act_file(1, EVIDENCE)}")
        print(f"  evidence: {int(evidence) / commits / 1000:.2f} KB a commit")

        def verified(copy: Path, count: int) -> float:
            words = [sys.executable, "-c", _VERIFY, str(copy), _fingerprint(copy), str(count)]
            return min(cpu(words) for _ in range(ROUNDS))

        before, after = verified(folder, commits), verified(acted, commits + 1)
        print(f"  verify: {before:.2f} s")
        print(f"  after the act: {after:.2f} s: {after / before:.2f} (≤ {AFTER_ONE})")
        many = _copy(folder, area / "many")
        for number, each in enumerate(folders[:acts], 1):
            destroy(many, [each], number)
        last = verified(many, commits + acts)
        print(f"  after {acts} acts: {last:.2f} s: {last / before:.2f} (≤ {AFTER_MANY})")
        return int(ratio > LIMIT or after / before > AFTER_ONE or last / before > AFTER_MANY)


def _own(path: str, data: bytes) -> bytes:
    """No two files alike, as in life: git keeps equal ones once."""
    return data + f"# {path}\n".encode() if path.endswith(".yaml") else data


def _fingerprint(folder: Path) -> str:
    return load_signer(folder.parent / "key").fingerprint


if __name__ == "__main__":
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    given = [int(word) for word in sys.argv[1:5]]
    sys.exit(main(*given, *(10_000, 100_000, 500, 50)[len(given) :]))
