"""The archive's lock, and locks a killed git left behind."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from papka.core.errors import LockHeld
from papka.repository.dot_papka import archive_lock, clear_stale
from tests.support.histories import School

_HOLD = """
import sys, pathlib
sys.path.insert(0, sys.argv[2])
from papka.repository.dot_papka import archive_lock
with archive_lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""
_TOOLS = str(Path(__file__).resolve().parents[2] / "tools")


def test_second_command_waits_no_longer_than_told(school: School) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(school.root), _TOOLS],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    ) as other:  # fmt: skip
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()
        with pytest.raises(LockHeld), archive_lock(school.root, seconds=0.1):
            pass
        other.kill()
        other.wait()
        # The system has taken the dead command's lock back.
        with archive_lock(school.root, seconds=5):
            pass


def test_lock_is_free_afterwards(school: School) -> None:
    held = 0
    for _ in range(2):
        with archive_lock(school.root, seconds=0.1):
            held += 1
    assert held == 2


def test_locks_of_a_killed_git_are_removed_and_told(school: School) -> None:
    left = (".git/index.lock", ".git/refs/heads/main.lock")
    for path in left:
        (school.root / path).touch()
    with archive_lock(school.root):
        assert clear_stale(school.root) == left
    assert not any((school.root / path).exists() for path in left)


def test_locks_of_a_working_git_stay(school: School) -> None:
    (school.root / ".git" / "index.lock").touch()
    # Through a shell, for it must not be this process's own.
    command = ["sh", "-c", "git -c safe.directory=* cat-file --batch; :"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=school.root, stdin=pipe, stdout=pipe) as git:
        assert git.stdin is not None
        assert git.stdout is not None
        git.stdin.write(b"HEAD\n")
        git.stdin.flush()
        git.stdout.readline()  # an answer: the process bears git's name by now
        with archive_lock(school.root):
            assert clear_stale(school.root) == ()
        git.stdin.close()
    assert (school.root / ".git" / "index.lock").exists()


def test_nothing_left_behind(school: School) -> None:
    with archive_lock(school.root):
        assert clear_stale(school.root) == ()
