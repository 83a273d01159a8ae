"""Every branch of a rule is noticed, and the state just beside it is not (see tried_archives).

A rule with several branches names them in `<RULE>_BRANCHES`, from the table it works by; each
must have its row in `tests/archives/branches/<rule>.yaml`. What a row finds stands in the `.txt`
beside (`--update-snapshots` writes it anew; read it).
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import pytest

from papka import checks
from papka.checks import rules, transitions
from papka.core.findings import Finding, sort_findings
from papka.core.kinds import SCHEMA_OF
from papka.records.archive import TYPES, Archive
from papka.records.schemas import shipped
from tests.checks.tried_archives import BRANCHES, Branch, branches, in_part, written
from tests.support.archives import loaded

DECLARED = "_BRANCHES"
ROWS = tuple(branches())
MODULES = sorted({row.module for row in ROWS})


def found_in(old: Archive, new: Archive) -> list[Finding]:
    return sort_findings([*rules.run(new), *transitions.compare(old, new)])


def found_by(module: str, old: Archive, new: Archive) -> Iterator[Finding]:
    for check in rules.CHECKS:
        if check.__name__ == f"check_{module}":
            yield from check(new)
    for compare in transitions.TRANSITIONS:
        if compare.__name__ == f"compare_{module}":
            yield from compare(old, new)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_state_beside_is_good(row: Branch) -> None:
    assert (written(rules.run(loaded(row.before, day=row.day))) == "") != row.mends


@pytest.mark.parametrize("module", MODULES)
def test_each_row_finds_exactly_this(module: str, request: pytest.FixtureRequest) -> None:
    rows = [row for row in ROWS if row.module == module]
    told, wrong = "", []
    for row in rows:
        step = loaded(row.before, day=row.day), loaded(row.after, day=row.day)
        findings, narrow = found_in(*step), in_part(row)
        invented = [each for each in found_in(*narrow) if each not in findings] if narrow else []
        told += f"## {row.name}\n{written(findings)}\n"
        if row.quiet == any(found_by(module, *step)):
            wrong.append(f"{row.name}: by another rule")
        if invented:
            wrong.append(f"{row.name}: {written(invented)} only when read in part")
    file = BRANCHES / f"{module}.txt"
    if request.config.getoption("--update-snapshots"):
        file.write_text(told, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == told
    assert wrong == []
    assert len({row.name for row in rows}) == len(rows), "two rows have one name"


def declared_references() -> Iterator[str]:
    """The fields of typed records that our schemas say to name others, but those of a document's
    receiver, whose personal file only the entry around names."""
    schemas = shipped()
    for kind, name in SCHEMA_OF.items():
        for way in schemas.references(name) if TYPES[kind] is not None else ():
            if (kind, *way) != ("register", "handed", "to"):
                yield f"{kind}: {'/'.join(way[2:] if way[0] == kind else way)}"


def test_every_declared_branch_has_its_row() -> None:
    proved = {(row.module, row.name) for row in ROWS}
    owed = {
        (name.removesuffix(DECLARED).lower(), branch)
        for each in pkgutil.iter_modules(checks.__path__)
        for name, listed in vars(importlib.import_module(f"papka.checks.{each.name}")).items()
        if name.endswith(DECLARED)
        for branch in listed
    }
    assert len({rule for rule, _ in owed}) > 1
    owed |= {("references", name) for name in declared_references()}
    assert sorted(owed - proved) == []
