"""Findings as text, JSON, GitHub annotations or SARIF; for a forge also the summary of its job."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import click

from papka.cli.report import as_github, as_json, as_sarif, as_text
from papka.core.findings import Finding, Severity, worst

Source = Callable[[str], bytes | None]
"""The bytes of a path the findings are about, or None when there are none."""


def render(
    style: str, findings: Sequence[Finding], summary: Mapping[str, object], source: Source
) -> str:
    """`summary` is what was looked at (counts); text shows it as the caller's last line."""
    if style == "json":
        text = as_json.render(findings, summary)
    elif style == "github":
        text = as_github.render(findings)
    elif style == "sarif":
        text = as_sarif.render(findings)
    else:
        text = as_text.render(findings, source)
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
            page.write(as_github.table(findings, title))


def exit_code(findings: Sequence[Finding], fail_on: str) -> int:
    """1 when anything is as bad as `fail_on`, else 0."""
    found = worst(findings)
    return int(found is not None and found >= Severity[fail_on.upper()])
