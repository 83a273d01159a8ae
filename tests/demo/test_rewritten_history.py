"""History rewritten with ordinary tools: `papka verify` must not be content."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from papka.repository.git_values import parse_commit
from tests.support.command import Ran, papka

Demo = tuple[Path, Ran]
CARD = "records/students/2025/2025-0002/student.yaml"


@pytest.fixture
def suspect(demo: Demo, tmp_path: Path) -> Path:
    root = tmp_path / "archive"
    shutil.copytree(demo[0] / "archive", root)
    return root


def git(root: Path, *arguments: str, given: bytes = b"") -> bytes:
    done = subprocess.run(
        ["git", "-c", "commit.gpgSign=false", *arguments],
        cwd=root,
        input=given,
        capture_output=True,
        check=True,
    )
    return done.stdout.strip()


def rewrite(root: Path, change: Callable[[str, bytes], bytes]) -> None:
    """Every commit made anew, oldest first, each through `change` (commit id, raw bytes)."""
    new: dict[str, str] = {}
    for line in git(root, "rev-list", "--reverse", "main").decode().split():
        raw = git(root, "cat-file", "commit", line) + b"\n"
        for old, made in new.items():
            raw = raw.replace(f"parent {old}".encode(), f"parent {made}".encode())
        raw = change(line, raw)
        new[line] = git(root, "hash-object", "-t", "commit", "-w", "--stdin", given=raw).decode()
    git(root, "update-ref", "refs/heads/main", new[line])


def test_one_byte_of_a_record_changed_through_all_history(suspect: Path) -> None:
    def altered(_: str, raw: bytes) -> bytes:
        tree = parse_commit("", raw).tree
        git(suspect, "read-tree", tree)
        listed = git(suspect, "ls-files", "-s", CARD).decode().split()
        if listed:
            text = git(suspect, "cat-file", "blob", listed[1]) + b"\n"
            blob = git(
                suspect, "hash-object", "-w", "--stdin", given=text.replace(b'"+70', b'"+71', 1)
            )
            git(suspect, "update-index", "--cacheinfo", f"100644,{blob.decode()},{CARD}")
        made = git(suspect, "write-tree")
        return raw.replace(f"tree {tree}".encode(), b"tree " + made, 1)

    rewrite(suspect, altered)
    git(suspect, "reset", "--hard", "main")
    assert papka("check", "-C", suspect).code == 0
    ran = papka("verify", suspect)
    assert ran.code == 1
    assert "SIG_BAD" in ran.out
    assert "доверять нельзя" in ran.out


def test_one_signature_removed(suspect: Path) -> None:
    middle = git(suspect, "rev-parse", "main~2").decode()

    def unsigned(id_: str, raw: bytes) -> bytes:
        return parse_commit(id_, raw).signed_payload if id_ == middle else raw

    rewrite(suspect, unsigned)
    ran = papka("verify", suspect)
    assert ran.code == 1
    assert "SIG_MISSING" in ran.out


def test_one_record_changed_in_one_new_unsigned_commit(suspect: Path) -> None:
    card = suspect / CARD
    card.write_text(card.read_text() + "# приписка\n")
    git(suspect, "-c", "core.hooksPath=/dev/null", "commit", "-qam", "тихая правка")
    ran = papka("verify", suspect)
    assert ran.code == 1
    assert "SIG_MISSING" in ran.out


def test_a_byte_flipped_on_the_disk(suspect: Path) -> None:
    store = suspect / ".git" / "objects"
    victim = max(store.rglob("*"), key=lambda path: path.stat().st_size if path.is_file() else 0)
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.chmod(0o644)
    victim.write_bytes(data)
    ran = papka("verify", suspect)
    assert ran.code == 1
    assert "Traceback" not in ran.all
