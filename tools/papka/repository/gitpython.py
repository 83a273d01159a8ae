"""Make and open repositories with GitPython, and carry commits to other stores and back with it.

Import this module late, in the function that needs it: it takes 0.1 s, which `check`, `status`,
`save` and `print` never pay. GitPython runs a git while it is imported and obeys GIT_ variables
then and whenever it opens a repository, so they are put away; each of its git commands is started
by `runner`, with the runner's environment and settings, and a repository is asked for what could
hang a reader before it is opened.

What GitPython loses or executes is banned by a test of the house (`tests/frame/house.py`): its
writer of settings empties the file first, its commits are not synced and move a branch without
comparing, its status misses hidden edits.

`talk` pushes and fetches. How far it is is told to `SshAccess.watch` as numbers; no word of the
other side is among them. All else that git says is returned as `run_git` would return it.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any

from papka.core.errors import GitFailed, NotAnArchive
from papka.core.installation import without_git_variables
from papka.repository.git_values import Naming
from papka.repository.runner import (
    LOOK,
    Ran,
    SshAccess,
    Stage,
    Tell,
    git_program,
    refuse_obstacles,
    refuse_obstacles_among_files,
    run_git,
    start_git,
    start_talk,
    watched,
    without_answer,
)

with without_git_variables():
    # It tries a git while it is imported: the one that we found, not the one it would look for.
    os.environ["GIT_PYTHON_GIT_EXECUTABLE"] = git_program()
    try:
        from git import Git, Repo
        from git.cmd import handle_process_output
        from git.exc import GitCommandError, InvalidGitRepositoryError, NoSuchPathError
        from git.util import RemoteProgress
    finally:
        del os.environ["GIT_PYTHON_GIT_EXECUTABLE"]

# It would complain on the screen of what is told there in our own words.
logging.getLogger("git").addHandler(logging.NullHandler())


class CleanGit(Git):
    """Git commands of GitPython's, each started by the runner.

    `variables` and `config` are what a talk with another store is granted.
    """

    variables: Mapping[str, str] = {}
    config: Sequence[str] = ()

    def execute(  # type: ignore[override] # of its many ways only those in use
        self,
        command: Sequence[str],
        istream: object = None,  # noqa: ARG002 - every process has a pipe to write to
        *,
        as_process: bool = False,
        universal_newlines: bool = False,
        **options: object,
    ) -> Any:  # noqa: ANN401 - a process or its output, as the caller asks
        """Start a command, or run it and return its output."""
        assert not options, f"a process of GitPython's own: {options}"
        folder, words = Path(self.working_dir or ""), command[1:]
        if not as_process:
            return run_git(*words, folder=folder).text
        start = start_talk if universal_newlines else start_git
        started = start(*words, folder=folder, variables=self.variables, config=self.config)
        return self.AutoInterrupt(started, command)


class CleanRepo(Repo):
    """A repository of GitPython's whose every git is the runner's."""

    GitCommandWrapperType = CleanGit


def make_repository(root: Path, *, bare: bool, naming: Naming = "sha1") -> None:
    """Make an empty repository with the branch main and no template, so no foreign hook.

    Its objects are named as `naming` says, whatever git would take for granted.
    """
    with without_git_variables():
        made = CleanRepo.init(
            root, expand_vars=False, allow_unsafe_options=True,  # an empty template is what is safe
            quiet=True, bare=bare, template="", initial_branch="main", object_format=naming,
        )  # fmt: skip
        made.close()


@contextmanager
def open_repository(root: Path) -> Iterator[CleanRepo]:
    """Open one's own archive for reading; end its processes on the way out. Raise NotAnArchive.

    A commit that outlives the block keeps them: take values out of it.
    """
    refuse_obstacles(root, {})
    with without_git_variables():
        try:
            opened = CleanRepo(root, expand_vars=False)
        except (InvalidGitRepositoryError, NoSuchPathError) as error:
            raise NotAnArchive(str(root)) from error
    try:
        yield opened
    finally:
        opened.close()


def walk_path(root: Path, tip: str, path: str) -> Iterator[tuple[str, bytes, bytes | None]]:
    """Yield the commits up to `tip` that changed a file, the latest first, by first parents.

    Each is its id, its own bytes, and the file's bytes as it left them: None where it took the file
    away, or a folder lies there. Raises GitFailed when git stops before the end.
    """
    with open_repository(root) as archive:
        try:
            for commit in archive.iter_commits(tip, path, first_parent=True):
                raw = archive.git.get_object_data(commit.hexsha)[3]
                yield commit.hexsha, raw, _read_file(archive.git, commit.hexsha, path)
        except (GitCommandError, ValueError, OSError) as error:
            raise GitFailed("log", "история не прочиталась до конца") from error


def _read_file(git: Git, commit: str, path: str) -> bytes | None:
    # Resolved by git itself: GitPython's reader of folders refuses names that git takes.
    try:
        _, kind, _, data = git.get_object_data(f"{commit}:{path}")
    except ValueError:
        # Git says the same of a file that is not in the commit and of one whose bytes are lost.
        if " blob " in git.ls_tree("-z", commit, "--", path):
            raise
        return None
    return data if os.fsdecode(kind) == "blob" else None


def talk(
    *words: str,
    folder: Path,
    name: str,
    access: SshAccess,
    seconds: float,
    config: Iterable[str] = (),
) -> Ran:
    """Run a push or a fetch in a repository of our own; any exit code is returned.

    `name`: of the other store, for whoever watches; 124 is the code of a talk that took longer than
    `seconds`.
    """
    git = CleanGit(folder)
    git.variables, git.config = access.variables(), tuple(config)
    output: list[str] = []
    said: list[str] = []
    if access.watch is None:
        code = _listen(git, words, output.append, said.append, seconds)
    else:
        words = (words[0], "--progress", *(word for word in words[1:] if word != "-q"))
        with watched(access.watch, name) as tell:
            meter = Meter(tell)
            code = _listen(git, words, output.append, meter.new_message_handler(), seconds)
        said = [line for line in meter.said if _CHATTER.match(line) is None]
    if code is None:
        return without_answer(seconds)
    return Ran(code, "".join(output).encode(), "".join(said).encode())


def _listen(
    git: CleanGit,
    words: Sequence[str],
    take_output: Callable[[str], None],
    take_error: Callable[[str], None],
    seconds: float,
) -> int | None:
    """Hear a git to its end; return its exit code, None when that took too long."""
    process = git.execute(["git", *words], as_process=True, universal_newlines=True)
    started = process.proc
    listening = Thread(
        target=handle_process_output,
        args=(process, take_output, take_error),
        kwargs={"decode_streams": False},
        daemon=True,
    )
    listening.start()
    try:
        listening.join(min(seconds, LOOK))
        if listening.is_alive() and seconds > LOOK:
            refuse_obstacles_among_files(Path(git.working_dir or ""))
            listening.join(seconds - LOOK)
        return None if listening.is_alive() else int(started.wait())
    finally:
        # Its pipes stay open: the thread may still read what git's own children hold.
        started.kill()
        started.wait()


_LONGEST = 1000
"""Characters of a line in which numbers are looked for: a server may send any number of digits."""
_MOST = 1e9
"""More objects than a store has."""
_CHATTER = re.compile(
    r"(?:remote: )?(?:Enumerating|Unpacking|Indexing|Checking|Filtering|Updating)[a-z ]*: +\d"
    r"|(?:remote: )?Total \d+ \(delta |Delta compression using |From |To | [*+=] \[?\S"
)
"""What git says of a talk under `--progress` that is neither a number to show nor a complaint."""
_STAGES: Mapping[int, Stage] = {
    RemoteProgress.COUNTING: "counting",
    RemoteProgress.COMPRESSING: "compressing",
    RemoteProgress.WRITING: "sending",
    RemoteProgress.RECEIVING: "receiving",
    RemoteProgress.RESOLVING: "resolving",
}


class Meter(RemoteProgress):
    """Tells how far a talk is; `said` are the lines in which git says anything else."""

    def __init__(self, tell: Tell) -> None:
        super().__init__()
        self.said: list[str] = []
        self._tell = tell
        self._is_number = False

    def new_message_handler(self) -> Callable[[str], None]:
        """Return what takes a line of git's errors."""
        parse = super().new_message_handler()

        def take(line: str) -> None:
            self._is_number = False
            parse(line[:_LONGEST])
            if not self._is_number:
                self.said.append(line)

        return take

    def update(
        self,
        op_code: int,
        cur_count: str | float,
        max_count: str | float | None = None,
        message: str = "",  # noqa: ARG002 - how many bytes, and how fast
    ) -> None:
        """Tell the numbers of a line that holds some."""
        self._is_number = True
        stage = _STAGES.get(op_code & self.OP_MASK)
        done, total = float(cur_count), float(max_count or 0)
        if stage and done <= _MOST and total <= _MOST:
            self._tell(stage, int(done), int(total))
