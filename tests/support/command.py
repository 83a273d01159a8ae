"""Commands as a person types them."""

from __future__ import annotations

import io
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

from papka.cli.main import run


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        return self.out + self.err


def papka(*arguments: str | Path) -> Ran:
    """One invocation in this process: exit code and what was printed."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run([str(argument) for argument in arguments])
    return Ran(code, out.getvalue(), err.getvalue())


def ok(*arguments: str | Path) -> Ran:
    """One invocation that must succeed."""
    ran = papka(*arguments)
    assert ran.code == 0, ran.all
    return ran
