"""What the person who pushed is told: at most three lines, for that many reach the other side.

Invariants: the gravest first; a line names a code, a commit and a path, never what a record says;
nothing in it but printable signs, for paths come from whoever pushes.
Absent on purpose: warnings, which refuse nothing and are seen at home.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from papka.core.findings import Finding, Severity
from papka.core.plural import counted

_LINES = 3
_LONG = 300
_ACT = "--refounding"
_ACT_IS_TYPED = (
    "если это замена утраченных ключей, пусть тот, кто ведёт сервер, введёт отпечаток акта: "
    "papka mirror host ПАПКА --refounding …"
)


def answer(findings: Iterable[Finding]) -> tuple[str, ...]:
    """Why it is refused; () when nothing speaks against it."""
    grave = [finding for finding in findings if finding.severity >= Severity.ERROR]
    told = [_ACT_IS_TYPED] if any(_ACT in finding.message for finding in grave) else []
    told += dict.fromkeys(_line(each) for each in sorted(grave, key=_worst_first))
    if len(told) <= _LINES:
        return tuple(told)
    left = len(told) - _LINES + 1
    more = counted(left, "замечание", "замечания", "замечаний")
    return (*told[: _LINES - 1], f"и ещё {more}: все покажет papka verify и papka check")


def refusal(words: Sequence[str]) -> tuple[str, ...]:
    """Lines of our own, made fit to be sent."""
    return tuple(_printable(line) for line in words)


def _line(finding: Finding) -> str:
    where = finding.where
    place = [f"запись {where.commit[:12]}"] if where.commit else []
    place += [where.path + (f":{where.line}" if where.line else "")] if where.path else []
    told = f"{finding.code.name}: " + "".join(f"{each}: " for each in place) + finding.message
    return _printable(told)


def _printable(text: str) -> str:
    plain = "".join(c if c.isprintable() else "?" for c in text.replace("\n", " "))
    return plain if len(plain) <= _LONG else plain[:_LONG] + "…"


def _worst_first(finding: Finding) -> int:
    return -finding.severity
