"""Our own bug: the traceback goes to a file with versions, never to the screen.

Aligned columns for the screen and for pipes. Pure: rows in, lines out.

Invariants: a cell may have several lines; the last column is never padded, so that nothing trails;
with a width given, the widest columns are wrapped until the table fits.

For a person: path:line:column, the line with a caret, what is wrong, what to do.

For programs: one object with findings and a summary; Cyrillic stays readable.

SARIF 2.1.0, the exchange format of static analysis. A commit is a logical location.

For a forge: annotations (`::error file=…,line=…::…`) and the table of a job's summary.

Invariant: what a record or a path says cannot end an annotation or a cell.

Findings as text, JSON, GitHub annotations or SARIF; for a forge also the summary of its job.
"""

from __future__ import annotations

import json
import os
import platform
import re
import sys
import tempfile
import textwrap
import traceback
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import click

from papka import __version__
from papka.core.findings import Code, Finding, Location, Severity, worst


def write_log(error: Exception) -> Path:
    """Write the traceback to a new file in the temporary folder; returns its path.

    Arguments of the command are left out: they may hold personal data.
    """
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    path = Path(tempfile.mkdtemp(prefix="papka-")) / f"error-{stamp}.log"
    lines = [
        f"papka {__version__}, Python {platform.python_version()}, {platform.platform()}\n",
        f"command: {sys.argv[1] if len(sys.argv) > 1 else ''}\n",
        *traceback.format_exception(error),
    ]
    path.write_text("".join(lines), encoding="utf-8")
    return path


_GAP = 2
_NARROWEST = 10


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, indent: int = 0, width: int = 0
) -> list[str]:
    """Lines of a table with a bold head; `width` 0 wraps nothing."""
    if not rows:
        return []
    everything = [columns, *rows]
    sizes = [
        max(len(line) for row in everything for line in (row[at].splitlines() or [""]))
        for at in range(len(columns))
    ]
    if width:
        _shrink(sizes, width - indent - _GAP * (len(sizes) - 1))
    lines = [click.style(line, bold=True) for line in _lines(columns, sizes, indent)]
    for row in rows:
        lines += _lines(row, sizes, indent)
    return lines


def _shrink(sizes: list[int], room: int) -> None:
    while sum(sizes) > room:
        widest = max(range(len(sizes)), key=sizes.__getitem__)
        if sizes[widest] <= _NARROWEST:
            return
        sizes[widest] -= 1


def _lines(row: Sequence[str], sizes: Sequence[int], indent: int) -> list[str]:
    cells = [_wrapped(cell, size) for cell, size in zip(row, sizes, strict=True)]
    height = max(len(cell) for cell in cells)
    lines = []
    for at in range(height):
        parts = [cell[at] if at < len(cell) else "" for cell in cells]
        padded = (part.ljust(size) for part, size in zip(parts, sizes, strict=True))
        lines.append((" " * indent + (" " * _GAP).join(padded)).rstrip())
    return lines


def _wrapped(cell: str, size: int) -> list[str]:
    lines: list[str] = []
    for line in cell.splitlines() or [""]:
        lines += textwrap.wrap(line, size) or [""] if len(line) > size else [line]
    return lines


WORDS = {
    Severity.INFO: ("сведение", "blue"),
    Severity.WARNING: ("предупреждение", "yellow"),
    Severity.ERROR: ("ошибка", "red"),
    Severity.FATAL: ("нарушение", "bright_red"),
}
_NO_BREAK = "\u00a0"
_WIDEST = 160


def render_text(findings: Sequence[Finding], source: Callable[[str], bytes | None]) -> str:
    lines: dict[str, list[str]] = {}
    blocks = [_block(finding, source, lines) for finding in findings]
    return "\n\n".join(blocks) + ("\n" if blocks else "")


def place(where: Location) -> str:
    """`path:line:column`, or the commit, as far as known."""
    if not where.path:
        return where.commit[:12] or "архив"
    parts = [printable(where.path), *(str(part) for part in (where.line, where.column) if part)]
    text = ":".join(parts)
    return f"{text} (запись {where.commit[:12]})" if where.commit else text


def printable(text: str) -> str:
    """Without what would command a terminal or break the line."""
    return "".join(char if char.isprintable() or char == _NO_BREAK else "·" for char in text)


def _block(
    finding: Finding, source: Callable[[str], bytes | None], lines: dict[str, list[str]]
) -> str:
    word, color = WORDS[finding.severity]
    head = click.style(place(finding.where), bold=True)
    parts = [f"{head}: {click.style(word, fg=color, bold=True)} {finding.code.name}"]
    parts += _excerpt(finding.where, source, lines)
    parts.append(f"  {printable(finding.message)}")
    if finding.hint:
        parts.append(f"  → {printable(finding.hint)}")
    parts += [f"  см. {place(other)}" for other in finding.related]
    return "\n".join(parts)


def _excerpt(
    where: Location, source: Callable[[str], bytes | None], lines: dict[str, list[str]]
) -> list[str]:
    """The source line and a caret under the place; nothing where the line is not known."""
    if not where.line or where.commit:
        return []
    if where.path not in lines:
        data = source(where.path)
        lines[where.path] = (data or b"").decode("utf-8", "replace").splitlines()
    if where.line > len(lines[where.path]):
        return []
    raw = lines[where.path][where.line - 1]
    text = printable(raw)[:_WIDEST]
    column = min(max(where.column, 1), len(text) + 1)
    number = f"{where.line:>5}"
    mark = "^" * max(1, _length(text[column - 1 :]))
    caret = " " * (column - 1) + click.style(mark, fg="red", bold=True)
    return [f"{number} | {text}", f"{' ' * len(number)} | {caret}"]


def _length(rest: str) -> int:
    """How much to underline: the word at the place, or the value up to a comment."""
    if rest[:1] in ('"', "'"):
        end = rest.find(rest[0], 1)
        return end + 1 if end > 0 else len(rest)
    value = rest.split(" #", maxsplit=1)[0].rstrip()
    key, colon, tail = value.partition(":")
    return len(key) if colon and (not tail or tail.startswith(" ")) else len(value)


def render_json(findings: Sequence[Finding], summary: Mapping[str, object]) -> str:
    found = Counter(finding.severity.name.lower() for finding in findings)
    counts = {severity.name.lower(): found[severity.name.lower()] for severity in Severity}
    report = {
        "findings": [row(finding) for finding in findings],
        "summary": {**summary, **counts},
    }
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"


def row(finding: Finding) -> dict[str, object]:
    where = finding.where
    return {
        "code": finding.code.name,
        "severity": finding.severity.name.lower(),
        "path": where.path,
        "line": where.line,
        "column": where.column,
        "pointer": where.pointer,
        "commit": where.commit,
        "message": finding.message,
        "hint": finding.hint,
    }


_LEVEL = {
    Severity.INFO: "note",
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
    Severity.FATAL: "error",
}


def render_sarif(findings: Sequence[Finding]) -> str:
    codes = {finding.code.name: finding.code for finding in findings}
    log = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [
            {
                "tool": {
                    "driver": {
                        "name": "papka",
                        "version": __version__,
                        "rules": [_rule(codes[name]) for name in sorted(codes)],
                    }
                },
                "results": [_result(finding) for finding in findings],
            }
        ],
    }
    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _rule(code: Code) -> dict[str, object]:
    return {
        "id": code.name,
        "fullDescription": {"text": code.why},
        "defaultConfiguration": {"level": _LEVEL[code.severity]},
    }


def _result(finding: Finding) -> dict[str, object]:
    where = finding.where
    result: dict[str, object] = {
        "ruleId": finding.code.name,
        "level": _LEVEL[finding.severity],
        "message": {"text": " ".join(filter(None, (finding.message, finding.hint)))},
    }
    location: dict[str, object] = {}
    if where.path:
        place: dict[str, object] = {
            "artifactLocation": {"uri": quote(where.path, errors="surrogateescape")}
        }
        if where.line:
            place["region"] = {"startLine": where.line, "startColumn": max(where.column, 1)}
        location["physicalLocation"] = place
    if where.commit:
        location["logicalLocations"] = [{"fullyQualifiedName": where.commit, "kind": "commit"}]
    if location:
        result["locations"] = [location]
    return result


_GITHUB_LEVEL = {
    Severity.INFO: "notice",
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
    Severity.FATAL: "error",
}


_MARKS = re.compile(r"[\\`*_{}\[\]<>()#|!~&@]")
_HEADING = "| строгость | где | код | что не так | что делать |\n|---|---|---|---|---|\n"
_ROWS = 500
"""A summary may be a megabyte long, and nobody reads so many rows."""


def render_github(findings: Sequence[Finding]) -> str:
    """The worst first, for a forge shows ten of them; the log holds all."""
    return "".join(_line(finding) + "\n" for finding in _worst_first(findings))


def trouble(message: str, next_step: str) -> str:
    """The annotation of a job that could not be done."""
    return f"::error title=papka::{_escape(' '.join(filter(None, (message, next_step))))}\n"


def summary_table(findings: Sequence[Finding], title: str) -> str:
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
    return f"::{_GITHUB_LEVEL[finding.severity]} {listed}::{_escape(text)}"


def _escape(text: str, more: str = "") -> str:
    for char in "%\r\n" + more:
        text = text.replace(char, f"%{ord(char):02X}")
    return text


Source = Callable[[str], bytes | None]
"""The bytes of a path the findings are about, or None when there are none."""


def render(
    style: str, findings: Sequence[Finding], summary: Mapping[str, object], source: Source
) -> str:
    """`summary` is what was looked at (counts); text shows it as the caller's last line."""
    if style == "json":
        text = render_json(findings, summary)
    elif style == "github":
        text = render_github(findings)
    elif style == "sarif":
        text = render_sarif(findings)
    else:
        text = render_text(findings, source)
    # A path of a hostile history need not be UTF-8, and what is printed must be.
    return text.encode("utf-8", "backslashreplace").decode()


def report(
    style: str,
    findings: Sequence[Finding],
    summary: Mapping[str, object],
    source: Source,
    *,
    title: str,
) -> None:
    """Prints the findings; a forge that asks for annotations gets a table of them too, under a
    `title` that says what was looked at."""
    click.echo(render(style, findings, summary, source), nl=False)
    file = os.environ.get("GITHUB_STEP_SUMMARY") if style == "github" else None
    if file:
        with Path(file).open("a", encoding="utf-8", errors="backslashreplace") as page:
            page.write(summary_table(findings, title))


def exit_code(findings: Sequence[Finding], fail_on: str) -> int:
    """1 when anything is as bad as `fail_on`, else 0."""
    found = worst(findings)
    return int(found is not None and found >= Severity[fail_on.upper()])
