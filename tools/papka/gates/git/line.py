"""The commits of a linear history in order, as an archive of one's own tells them.

Absent on purpose: doubting what git says; `walk` reads a suspect's commits from their own bytes.
"""

from __future__ import annotations

from pathlib import Path

from papka.gates.git.runner import run_git

_ASK = ("rev-list", "--first-parent", "--reverse")


def line_to(root: Path, commit: str) -> tuple[str, ...]:
    """All commits up to this one, the first one first; nothing when they cannot be read."""
    ran = run_git(*_ASK, commit, folder=root, accepted=(0, 128))
    return tuple(ran.text.split()) if ran.code == 0 else ()


def line_after(root: Path, after: str, commit: str) -> tuple[str, ...] | None:
    """Those between the two and the last; None when `after` does not come before `commit`."""
    ran = run_git(*_ASK, "--parents", commit, f"^{after}", folder=root, accepted=(0, 128))
    rows = [line.split() for line in ran.text.splitlines()]
    goes_on = rows[0][1:2] == [after] if rows else commit == after
    return tuple(row[0] for row in rows) if ran.code == 0 and goes_on else None
