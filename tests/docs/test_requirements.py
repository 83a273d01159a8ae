"""docs/requirements.md names every clause that demands something, and tests that exist."""

from __future__ import annotations

import re

from tests.support.archives import PROJECT

CLAUSES = (
    *("R-1.3", "R-1.4.1", "R-1.4.4", "R-1.5", "R-2.2.1", "R-2.2.3", "R-2.2.4", "R-2.2.5"),
    *("R-2.2.6", "R-2.2.7", "R-2.2.8", "R-2.2.9", "R-2.2.10", "R-2.2.11", "R-2.2.12"),
    *("R-3.1", "R-3.2", "R-3.3", "R-3.4", "R-3.5", "R-4.1", "R-4.2", "R-4.3", "R-4.4"),
    *("R-4.5", "R-4.6", "R-4.7", "R-4.8", "R-5.1", "R-5.2", "R-5.3", "R-5.4.1", "R-5.4.2"),
    *("R-5.4.3", "R-5.5", "R-5.6", "R-6.1", "R-6.2", "R-6.3", "R-6.4", "R-6.5", "R-6.6"),
    *("R-6.7", "R-7.1", "R-7.4"),
)
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (PROJECT / "docs" / "requirements.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("| R-")
]


def test_every_clause_has_its_row() -> None:
    named = {clause for row in ROWS for clause in re.findall(r"R-[\d.]+\d", row[0])}
    assert set(CLAUSES) <= named


def test_every_row_has_a_place_a_feature_and_real_tests() -> None:
    for row in ROWS:
        clause, records, feature, tests = row
        assert records, clause
        assert feature, clause
        named = re.findall(r"`(tests/[^`]+)::([^`]+)`", tests)
        assert named, clause
        for path, name in named:
            text = (PROJECT / path).read_text(encoding="utf-8")
            assert f"def {name}(" in text, f"{clause}: {path}::{name}"
