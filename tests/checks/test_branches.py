"""Every branch of a rule is noticed, and the state just beside it is not (tests/checks/archives).

A rule with several branches names them in `BRANCHES`, from the table it works by; each must have
its row in `tests/archives/branches/<module>.yaml`. What a row finds stands in the `.txt` beside
(`--update-snapshots` writes it anew; read it).
"""

from __future__ import annotations

import importlib
import pkgutil

import pytest

from papka import checks
from papka.core.findings import Finding, in_order
from papka.model.archive import Archive
from papka.model.reading import load
from papka.text.schemas import SchemaSet
from tests.checks.archives import BRANCHES, Branch, Files, branches, written
from tests.support.archives import snapshot

ROWS = tuple(branches())
MODULES = sorted({row.module for row in ROWS})


def loaded(files: Files) -> Archive:
    return load(snapshot(files), SchemaSet.load(snapshot(files)))


def found_in(row: Branch) -> list[Finding]:
    old, new = loaded(row.before), loaded(row.after)
    return in_order([*checks.run(new), *checks.compare(old, new)])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_state_beside_is_good(row: Branch) -> None:
    assert written(checks.run(loaded(row.before))) == ""


@pytest.mark.parametrize("module", MODULES)
def test_each_row_finds_exactly_this(module: str, request: pytest.FixtureRequest) -> None:
    rows = [row for row in ROWS if row.module == module]
    found = {row.name: found_in(row) for row in rows}
    assert [name for name, findings in found.items() if not findings] == []
    told = "".join(f"## {name}\n{written(findings)}\n" for name, findings in found.items())
    file = BRANCHES / f"{module}.txt"
    if request.config.getoption("--update-snapshots"):
        file.write_text(told, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == told
    assert len(found) == len(rows), "two rows have one name"


def test_every_declared_branch_has_its_row() -> None:
    proved = {(row.module, row.name) for row in ROWS}
    owed = {
        (each.name, branch)
        for each in pkgutil.iter_modules(checks.__path__)
        for branch in getattr(importlib.import_module(f"papka.checks.{each.name}"), "BRANCHES", ())
    }
    assert sorted(owed - proved) == []
