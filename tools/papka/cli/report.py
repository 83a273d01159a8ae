"""Findings as text, JSON, SARIF 2.1.0 or a forge's annotations; tables; the log of our own bugs.

Text shows path:line:column, the line with a caret, what is wrong and what to do. A forge also gets
the Markdown page of its job's summary. What a record or a path says cannot steer a terminal, end
an annotation or end a cell.
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
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import zip_longest
from pathlib import Path
from urllib.parse import quote

import click

from papka import __version__
from papka.core.findings import Finding, Location, Severity, worst
from papka.core.litter import copy_in, litter_in
from papka.core.phrases import count_phrase, enumerated, printable


def write_log(error: Exception) -> Path:
    """Write the traceback, with versions, to a new temporary file; return its path.

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


def as_json(value: object) -> str:
    """Return indented JSON with readable Cyrillic."""
    return json.dumps(value, ensure_ascii=False, indent=2)


def warning(text: str) -> str:
    """Return the line of a warning."""
    return click.style("Внимание", fg="yellow") + f": {text}"


def count_files(number: int) -> str:
    """«1 файл», «2 файла», «5 файлов»."""
    return count_phrase(number, "файл", "файла", "файлов")


def count_bytes(number: int) -> str:
    """«1 байт», «2 байта», «5 байт»."""
    return count_phrase(number, "байт", "байта", "байт")


def count_commits(number: int) -> str:
    """«1 сохранение», «2 сохранения», «5 сохранений»."""
    return count_phrase(number, "сохранение", "сохранения", "сохранений")


def shortened(lines: Sequence[str], limit: int, indent: str = "  ") -> list[str]:
    """Return the first `limit` lines and how many more there are."""
    left = len(lines) - limit
    return [*lines[:limit], *([f"{indent}… и ещё {left}"] if left > 0 else [])]


def left_out_lines(paths: Iterable[str]) -> list[str]:
    """Tell the changed files that are no part of an archive: litter of systems in one line."""
    litter: dict[str, None] = {}
    copies: dict[str, None] = {}
    others: list[str] = []
    for path in paths:
        if copy := copy_in(path):
            told = f"Копия, не сохраняется: {printable(copy.path)}"
            copies[f"{told} (архив читает {printable(copy.original)})"] = None
        elif left := litter_in(path):
            litter[printable(left)] = None
        else:
            others.append(f"Не из архива, не сохраняется: {printable(path)}")
    lines = [*copies, *others]
    if litter:
        names = enumerated([*litter], 3)
        lines.append(f"Служебные файлы системы и программ не сохраняются: {names}")
    return lines


_GAP = 2
_NARROWEST = 10


def table(
    columns: Sequence[str], rows: Sequence[Sequence[str]], *, indent: int = 0, width: int = 0
) -> list[str]:
    """Return the lines of a table with a bold head.

    A cell may have several lines. The last column is not padded: nothing trails. With a `width`
    the widest columns are wrapped until the table fits; 0 wraps nothing.
    """
    if not rows:
        return []
    everything = [columns, *rows]
    sizes = [
        max(len(line) for row in everything for line in (row[at].splitlines() or [""]))
        for at in range(len(columns))
    ]
    if width:
        _shrink(sizes, width - indent - _GAP * (len(sizes) - 1))
    lines = [click.style(line, bold=True) for line in _row_lines(columns, sizes, indent)]
    for row in rows:
        lines += _row_lines(row, sizes, indent)
    return lines


def first_rows(
    columns: Sequence[str], rows: Sequence[Sequence[str]], limit: int, *, indent: int
) -> list[str]:
    """Return a table of the first `limit` rows and how many more there are."""
    left = len(rows) - limit
    more = [f"{' ' * indent}… и ещё {left}"] if left > 0 else []
    return [*table(columns, rows[:limit], indent=indent), *more]


def _shrink(sizes: list[int], room: int) -> None:
    while sum(sizes) > room:
        widest = max(range(len(sizes)), key=sizes.__getitem__)
        if sizes[widest] <= _NARROWEST:
            return
        sizes[widest] -= 1


def _row_lines(row: Sequence[str], sizes: Sequence[int], indent: int) -> list[str]:
    cells = [_wrap_cell(cell, size) for cell, size in zip(row, sizes, strict=True)]
    return [
        (" " * indent + (" " * _GAP).join(map(str.ljust, parts, sizes))).rstrip()
        for parts in zip_longest(*cells, fillvalue="")
    ]


def _wrap_cell(cell: str, size: int) -> list[str]:
    lines: list[str] = []
    for line in cell.splitlines() or [""]:
        lines += textwrap.wrap(line, size) or [""] if len(line) > size else [line]
    return lines


Source = Callable[[str], bytes | None]
"""The bytes of a path the findings are about, or None when there are none."""


def render(
    style: str, findings: Sequence[Finding], summary: Mapping[str, object], source: Source
) -> str:
    """Return findings in a format of `--format`.

    `summary` counts what was looked at, for JSON; in text the caller says it in a last line.
    """
    if style == "json":
        text = _render_json(findings, summary)
    elif style == "github":
        # a forge shows ten annotations: the worst come first, the log holds all
        text = "".join(_annotation(finding) + "\n" for finding in _worst_first(findings))
    elif style == "sarif":
        text = _render_sarif(findings)
    else:
        lines: dict[str, list[str]] = {}
        text = "\n\n".join(_block(finding, source, lines) for finding in findings)
        text += "\n" if findings else ""
    # A path of a hostile history need not be UTF-8, and what is printed must be.
    return text.encode("utf-8", "backslashreplace").decode()


def show_findings(findings: Sequence[Finding], source: Source = lambda _: None) -> None:
    """Print findings for a person."""
    click.echo(render("text", findings, {}, source), nl=False)


def show_difference(lines: Iterable[str]) -> None:
    """Print the lines of a unified diff: what comes in green, what goes in red."""
    for line in lines:
        color = {"+": "green", "-": "red"}.get(line[:1]) if line[:3] not in ("+++", "---") else None
        click.echo(click.style(printable(line), fg=color))


def report(
    style: str,
    findings: Sequence[Finding],
    summary: Mapping[str, object],
    source: Source,
    *,
    title: str,
) -> None:
    """Print findings in a format of `--format`; the summary of a forge's job gets them as a page.

    `title` says there what was looked at.
    """
    click.echo(render(style, findings, summary, source), nl=False)
    file = os.environ.get("GITHUB_STEP_SUMMARY") if style == "github" else None
    if file:
        with Path(file).open("a", encoding="utf-8", errors="backslashreplace") as page:
            page.write(summary_table(findings, title))


def exit_code(findings: Sequence[Finding], fail_on: str = "error") -> int:
    """Return 1 when anything is as bad as `fail_on`, else 0."""
    found = worst(findings)
    return int(found is not None and found >= Severity[fail_on.upper()])


_COLORS = {
    Severity.INFO: "blue",
    Severity.WARNING: "yellow",
    Severity.ERROR: "red",
    Severity.FATAL: "bright_red",
}
_WIDEST = 160


def place(where: Location) -> str:
    """Return `path:line:column`, or the commit, as far as known."""
    if not where.path:
        return where.commit[:12] or "архив"
    parts = [printable(where.path), *(str(part) for part in (where.line, where.column) if part)]
    text = ":".join(parts)
    return f"{text} (сохранение {where.commit[:12]})" if where.commit else text


def _block(finding: Finding, source: Source, lines: dict[str, list[str]]) -> str:
    word, color = finding.severity.word, _COLORS[finding.severity]
    head = click.style(place(finding.where), bold=True)
    parts = [f"{head}: {click.style(word, fg=color, bold=True)} {finding.code.name}"]
    parts += _excerpt(finding.where, source, lines)
    parts.append(f"  {printable(finding.message)}")
    if finding.hint:
        parts.append(f"  → {printable(finding.hint)}")
    if finding.instead:
        parts.append("  Должно быть:")
        parts += [f"      | {printable(line)}" for line in finding.instead.split("\n")]
    parts += [f"  см. {place(other)}" for other in finding.related]
    return "\n".join(parts)


def _excerpt(where: Location, source: Source, lines: dict[str, list[str]]) -> list[str]:
    """Return the source line and a caret under the place; nothing where the line is not known."""
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
    mark = "^" * max(1, _marked_length(text[column - 1 :]))
    caret = " " * (column - 1) + click.style(mark, fg="red", bold=True)
    return [f"{number} | {text}", f"{' ' * len(number)} | {caret}"]


def _marked_length(rest: str) -> int:
    """Return how much to underline: the word at the place, or the value up to a comment."""
    if rest[:1] in ('"', "'"):
        end = rest.find(rest[0], 1)
        return end + 1 if end > 0 else len(rest)
    value = rest.split(" #", maxsplit=1)[0].rstrip()
    key, colon, tail = value.partition(":")
    return len(key) if colon and (not tail or tail.startswith(" ")) else len(value)


def _render_json(findings: Sequence[Finding], summary: Mapping[str, object]) -> str:
    found = Counter(finding.severity for finding in findings)
    counts = {each.name.lower(): found[each] for each in Severity}
    everything: dict[str, object] = {**summary, **counts}
    rows = [finding_values(finding) for finding in findings]
    return as_json({"findings": rows, "summary": everything}) + "\n"


def finding_values(finding: Finding) -> dict[str, object]:
    """Return a finding as it stands in JSON."""
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
        "instead": finding.instead,
    }


_SARIF_LEVEL = {
    Severity.INFO: "note",
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
    Severity.FATAL: "error",
}
_GITHUB_LEVEL = _SARIF_LEVEL | {Severity.INFO: "notice"}


def _render_sarif(findings: Sequence[Finding]) -> str:
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
                        "rules": [
                            {
                                "id": code.name,
                                "fullDescription": {"text": code.why},
                                "defaultConfiguration": {"level": _SARIF_LEVEL[code.severity]},
                            }
                            for _, code in sorted(codes.items())
                        ],
                    }
                },
                "results": [_sarif_result(finding) for finding in findings],
            }
        ],
    }
    return as_json(log) + "\n"


def _sarif_result(finding: Finding) -> dict[str, object]:
    """Return a result of SARIF; a commit is a logical location there."""
    where = finding.where
    result: dict[str, object] = {
        "ruleId": finding.code.name,
        "level": _SARIF_LEVEL[finding.severity],
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


_MARKS = re.compile(r"[\\`*_{}\[\]<>()#|!~&@]")
_HEADING = "| строгость | где | код | что не так | что делать |\n|---|---|---|---|---|\n"
_ROWS = 500
"""A summary may be a megabyte long, and nobody reads so many rows."""


def error_annotation(message: str, next_step: str) -> str:
    """Return the annotation of a job that could not be done."""
    return f"::error title=papka::{_escape(' '.join(filter(None, (message, next_step))))}\n"


def summary_table(findings: Sequence[Finding], title: str) -> str:
    """Return a page of Markdown: what was looked at, and what was found, the worst first."""
    if not findings:
        return f"### {_cell(title)}: замечаний нет\n"
    rows = [
        (each.severity.word, place(each.where), each.code.name, each.message, each.hint)
        for each in _worst_first(findings)[:_ROWS]
    ]
    lines = "".join(f"| {' | '.join(map(_cell, cells))} |\n" for cells in rows)
    left = len(findings) - len(rows)
    more = f"\nИ ещё {left}: они в журнале задания.\n" if left else ""
    return f"### {_cell(title)}\n\n{_HEADING}{lines}{more}"


def _cell(text: str) -> str:
    """Return the text so that it neither ends a cell nor marks up Markdown or HTML."""
    return _MARKS.sub(lambda found: f"&#{ord(found[0])};", printable(text.replace("\u00a0", " ")))


def _worst_first(findings: Sequence[Finding]) -> list[Finding]:
    return sorted(findings, key=lambda finding: -finding.severity)


def _annotation(finding: Finding) -> str:
    where = finding.where
    properties = {"title": finding.code.name}
    if where.path:
        properties = {"file": where.path, **properties}
    if where.line:
        properties |= {"line": str(where.line), "col": str(where.column)}
    listed = ",".join(f"{key}={_escape(value, ':,')}" for key, value in properties.items())
    commit = f"сохранение {where.commit[:12]}:" if where.commit else ""
    text = " ".join(part for part in (commit, finding.message, finding.hint) if part)
    return f"::{_GITHUB_LEVEL[finding.severity]} {listed}::{_escape(text)}"


def _escape(text: str, more: str = "") -> str:
    for char in "%\r\n" + more:
        text = text.replace(char, f"%{ord(char):02X}")
    return text
