"""Made-up outcomes of jobs, given to a command in place of the work, and the screen they make."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from papka.core.findings import Code, Finding, Location, Severity
from papka.desk.saving import Saved
from tests.cli.test_screens import Screens

T = TypeVar("T")
A, B, C = "a" * 40, "b" * 40, "c" * 40


class Told(Screens):
    """Screens in which nothing but the folder differs from run to run."""

    def _masked(self, text: str) -> str:
        return text.replace(str(self.root), "АРХИВ").replace(str(self.root.parent), "РЯДОМ")


def found(severity: Severity, message: str, hint: str = "Сделайте так", **where: str) -> Finding:
    code = Code("SOME_CODE", severity, "", "", "")
    return Finding(code, message, Location(**where), hint)  # type: ignore[arg-type] # its fields


WARNED = found(Severity.WARNING, "кое-что не так", path="records/staff.yaml")
BAD = found(Severity.ERROR, "всё не так", commit=B)


def saved(commit: str | None = C, *findings: Finding, paths: int = 1) -> Saved:
    """A save of so many files, or one that was refused."""
    states = ("added", "changed", "deleted")
    changed = tuple((f"records/media/20{10 + n}.yaml", states[n % 3]) for n in range(paths))
    return Saved(commit, "Запись", changed, findings, lambda _: None)


def answering(*answers: T) -> Callable[..., T]:
    """A job that gives these answers, one a call."""
    left = iter(answers)
    return lambda *_, **__: next(left)
