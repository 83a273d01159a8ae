"""A command at a terminal: a pseudo-terminal, a person who answers each question."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tests.support.archives import PROJECT
from tests.support.command import Ran

_PATIENCE = 300.0
_OFFER = "достаточно): ".encode()


def at_terminal(
    arguments: Sequence[str], answers: Sequence[str], *, folder: Path, prompt: str = "> "
) -> Ran:
    """Runs `papka …` in a folder; each prompt gets the next answer. Posix only."""
    import pty

    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        environment = os.environ | {"PYTHONPATH": str(PROJECT / "tools"), "NO_COLOR": "1"}
        os.execve(sys.executable, [sys.executable, "-m", "papka", *arguments], environment)
    said = b""
    left = list(answers)
    answered = 0
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if not select.select([terminal], [], [], 0.1)[0]:
            if left and said[answered:].endswith((prompt.encode(), _OFFER)):
                answered = len(said)
                os.write(terminal, f"{left.pop(0)}\n".encode())
            continue
        try:
            more = os.read(terminal, 65536)
        except OSError:  # how Linux says that the other end has closed
            break
        if not more:
            break
        said += more
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    text = said.decode("utf-8", "replace").replace("\r\n", "\n")
    return Ran(os.waitstatus_to_exitcode(status), text, "")
