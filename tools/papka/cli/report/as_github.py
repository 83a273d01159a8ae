"""For a forge: annotations (`::error file=…,line=…::…`) and the table of a job's summary.

Invariant: what a record or a path says cannot end an annotation or a cell.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from papka.cli.report.as_text import WORDS, place, printable
from papka.core.findings import Finding, Severity

_LEVEL = {
    Severity.INFO: "notice",
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
    Severity.FATAL: "error",
}


_MARKS = re.compile(r"[\\`*_{}\[\]<>()#|!~&@]")
_HEADING = "| строгость | где | код | что не так | что делать |\n|---|---|---|---|---|\n"
_ROWS = 500
"""A summary may be a megabyte long, and nobody reads so many rows."""


def render(findings: Sequence[Finding]) -> str:
    """The worst first, for a forge shows ten of them; the log holds all."""
    return "".join(_line(finding) + "\n" for finding in _worst_first(findings))


def trouble(message: str, next_step: str) -> str:
    """The annotation of a job that could not be done."""
    return f"::error title=papka::{_escape(' '.join(filter(None, (message, next_step))))}\n"


def table(findings: Sequence[Finding], title: str) -> str:
    """A page of Markdown: what was looked at, and everything found."""
    if not findings:
        return f"### {_cell(title)}: замечаний нет\n"
    rows = [_row(finding) for finding in _worst_first(findings)[:_ROWS]]
    left = len(findings) - len(rows)
    more = f"\nИ ещё {left}: они в журнале задания.\n" if left else ""
    return f"### {_cell(title)}\n\n{_HEADING}{''.join(rows)}{more}"


def _row(finding: Finding) -> str:
    cells = (
        WORDS[finding.severity][0],
        place(finding.where),
        finding.code.name,
        finding.message,
        finding.hint,
    )
    return f"| {' | '.join(_cell(each) for each in cells)} |\n"


def _cell(text: str) -> str:
    """Shown as it is: neither the end of a cell nor a mark of Markdown or HTML."""
    return _MARKS.sub(lambda found: f"&#{ord(found[0])};", printable(text.replace("\u00a0", " ")))


def _worst_first(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: -finding.severity)


def _line(finding: Finding) -> str:
    where = finding.where
    properties = {"title": finding.code.name}
    if where.path:
        properties = {"file": where.path, **properties}
    if where.line:
        properties |= {"line": str(where.line), "col": str(where.column)}
    listed = ",".join(f"{key}={_escape(value, ':,')}" for key, value in properties.items())
    commit = f"запись {where.commit[:12]}:" if where.commit else ""
    text = " ".join(part for part in (commit, finding.message, finding.hint) if part)
    return f"::{_LEVEL[finding.severity]} {listed}::{_escape(text)}"


def _escape(text: str, more: str = "") -> str:
    for char in "%\r\n" + more:
        text = text.replace(char, f"%{ord(char):02X}")
    return text
