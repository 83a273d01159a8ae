"""Annotations for a forge's checks: `::error file=…,line=…::…`, newlines and commas escaped."""

from __future__ import annotations

from collections.abc import Sequence

from papka.core.findings import Finding, Severity

_LEVEL = {
    Severity.INFO: "notice",
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
    Severity.FATAL: "error",
}


def render(findings: Sequence[Finding]) -> str:
    return "".join(_line(finding) + "\n" for finding in findings)


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
