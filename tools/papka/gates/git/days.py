"""On which days commits of one's own archive were made, by the clock of who made them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from papka.core.store import MAIN
from papka.gates.git.points import resolve
from papka.gates.git.runner import run_git


def day_of(root: Path, commit: str) -> dt.date:
    """Raises NotFound."""
    ran = run_git("log", "-1", "--format=%cs", resolve(root, commit), folder=root)
    return dt.date.fromisoformat(ran.text.strip())


def first_day_after(root: Path, commit: str | None) -> dt.date | None:
    """The day of the first commit of main that `commit` has not (None: of the very first one); None
    when it has them all."""
    past = [f"^{resolve(root, commit)}"] if commit else []
    ran = run_git(
        "log", "--first-parent", "--format=%cs", MAIN, *past, folder=root, accepted=(0, 128)
    )
    days = ran.text.split() if ran.code == 0 else []
    return dt.date.fromisoformat(days[-1]) if days else None
