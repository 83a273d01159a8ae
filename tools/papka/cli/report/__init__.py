"""Findings as text, JSON, GitHub annotations or SARIF. Pure: findings in, text out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

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


def exit_code(findings: Sequence[Finding], fail_on: str) -> int:
    """1 when anything is as bad as `fail_on`, else 0."""
    found = worst(findings)
    return int(found is not None and found >= Severity[fail_on.upper()])
