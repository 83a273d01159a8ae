"""For programs: one object with findings and a summary; Cyrillic stays readable."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence

from papka.core.findings import Finding, Severity


def render(findings: Sequence[Finding], summary: Mapping[str, object]) -> str:
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
