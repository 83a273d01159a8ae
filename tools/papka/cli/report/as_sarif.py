"""SARIF 2.1.0, the exchange format of static analysis. A commit is a logical location."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import quote

from papka import __version__
from papka.core.findings import Code, Finding, Severity

_LEVEL = {
    Severity.INFO: "note",
    Severity.WARNING: "warning",
    Severity.ERROR: "error",
    Severity.FATAL: "error",
}


def render(findings: Sequence[Finding]) -> str:
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
