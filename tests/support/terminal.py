"""A command at a terminal: a pseudo-terminal of 80 columns, a person who answers each question."""

from __future__ import annotations

import io
import os
import re
import select
import struct
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tests.support.archives import PROJECT
from tests.support.command import Ran
from tests.support.processes import Running, loaded

_PATIENCE = 300.0
_SIZE = struct.pack("HHHH", 24, 80, 0, 0)
_PROMPTS = (b"> ", b": ")
_OFFER = "достаточно): ".encode()
Exchange = tuple[str, str]
"""How a question begins, and its answer."""


class Terminal(io.StringIO):
    """In place of stdin: somebody at a terminal whose answers are known beforehand."""

    def isatty(self) -> bool:
        return True


def at_terminal(
    arguments: Sequence[str],
    answers: Sequence[str],
    *,
    folder: Path,
    prompt: str = "> ",
    environment: Mapping[str, str] | None = None,
) -> Ran:
    """Runs `papka …` in a folder; each prompt gets the next answer. Posix only.

    With an `environment` of its own the arguments are a whole command.
    """
    left = list(answers)

    def answer(said: bytes, *, is_silent: bool) -> str | None:
        asked = is_silent and said.endswith((prompt.encode(), _OFFER))
        if asked and not left:
            raise _Unanswered
        return left.pop(0) if asked else None

    return _talk(arguments, answer, folder, environment)


def in_dialogue(arguments: Sequence[str], exchanges: Sequence[Exchange], *, folder: Path) -> Ran:
    """Runs `papka …` in a folder; each question begins as expected and gets its answer, and none
    is left over. Posix only."""
    left = list(exchanges)

    def answer(said: bytes, *, is_silent: bool) -> str | None:  # noqa: ARG001 - the words tell
        if not left or not said.endswith(_PROMPTS):
            return None
        asked = re.search(rf"(?m)^{re.escape(left[0][0])}", said.decode("utf-8", "replace"))
        return left.pop(0)[1] if asked else None

    ran = _talk(arguments, answer, folder)
    assert not left, f"never asked: {left[0][0]}\n{ran.out}"
    return ran


class _Unanswered(Exception):
    """A question for which there is no answer left."""


def _talk(
    arguments: Sequence[str],
    answer: Callable[..., str | None],
    folder: Path,
    environment: Mapping[str, str] | None = None,
) -> Ran:
    terminal, wait = _start(arguments, folder, environment)
    said = b""
    answered = 0
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        is_silent = not select.select([terminal], [], [], 0.1)[0]
        if not is_silent:
            try:
                more = os.read(terminal, 65536)
            except OSError:  # how Linux says that the other end has closed
                break
            if not more:
                break
            said += more
        try:
            words = answer(said[answered:], is_silent=is_silent)
        except _Unanswered:
            break
        if words is not None:
            answered = len(said)
            os.write(terminal, f"{words}\n".encode())
    os.close(terminal)
    text = said.decode("utf-8", "replace").replace("\r\n", "\n")
    return Ran(wait(), text, "")


def _start(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str] | None
) -> tuple[int, Callable[[], int]]:
    """Its terminal, and what waits for its exit code."""
    import fcntl
    import pty
    import termios

    if environment is None:
        terminal, its = pty.openpty()
        fcntl.ioctl(its, termios.TIOCSWINSZ, _SIZE)
        own = os.environ | {"PYTHONPATH": str(PROJECT / "tools"), "NO_COLOR": "1"}
        answers = loaded().ask(arguments, own, (its, its, its), folder=folder)
        os.close(its)
        return terminal, Running(answers).wait
    child, terminal = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, _SIZE)
        os.chdir(folder)
        os.execvpe(arguments[0], list(arguments), {**environment, "NO_COLOR": "1"})
    return terminal, lambda: os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
