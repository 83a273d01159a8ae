"""GitPython, whose git is the runner's: its environment, its safe settings, its full path.

Invariants: GitPython is imported only here, late, and with every GIT_ variable put away, for it
runs and obeys them as it is imported and whenever it opens a repository. Absent on purpose: its
writer of settings, which empties the file first (`settings_file` writes them).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from papka.gates.git.runner import git_program, run_git
from papka.gates.programs import without_git_variables

if TYPE_CHECKING:
    from git import Repo


def make(root: Path, *, bare: bool) -> None:
    """Makes an empty repository with the branch main and no template, so no foreign hook."""
    with without_git_variables():
        made = _clean_repo().init(
            root, expand_vars=False, allow_unsafe_options=True,  # an empty template is what is safe
            quiet=True, bare=bare, template="", initial_branch="main", object_format="sha1",
        )  # fmt: skip
        made.close()


@cache
def _clean_repo() -> type[Repo]:
    # It tries a git while it is imported: the one that we found, not the one it would look for.
    os.environ["GIT_PYTHON_GIT_EXECUTABLE"] = git_program()
    try:
        from git import Git, Repo  # noqa: PLC0415  # 0.1 s of import, where one is made
    finally:
        del os.environ["GIT_PYTHON_GIT_EXECUTABLE"]

    class CleanGit(Git):
        """A command of GitPython's becomes one of the runner's."""

        def execute(self, command: Sequence[str], **options: object) -> str:  # type: ignore[override] # of its seven ways only one
            """The output, as text."""
            assert not options, "a process of GitPython's own"
            return run_git(*command[1:], folder=Path(self.working_dir or "")).text

    class CleanRepo(Repo):
        """A repository whose commands are clean."""

        GitCommandWrapperType = CleanGit

    return CleanRepo
