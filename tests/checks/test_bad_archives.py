"""Each folder in tests/archives/bad is a good archive with one fault, named by its code.

`records/` (and `schema/`) hold the files that differ, `removed.txt` paths that are gone,
`expected.txt` one line a finding: code, path, line, column.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from papka import checks
from papka.core.codes import CATALOGUE, records, schema, yaml
from papka.core.findings import Code, in_order
from papka.model.reading import load
from papka.text.positions import pinned
from papka.text.schemas import SchemaSet
from tests.support.archives import BAD, files_below, good, snapshot

FOLDERS = sorted(path for path in BAD.iterdir() if path.is_dir())


def found_in(folder: Path) -> list[str]:
    before = good()
    after = before | files_below(folder / "records", "records/")
    after |= files_below(folder / "schema", "schema/")
    removed = folder / "removed.txt"
    for path in removed.read_text().split() if removed.exists() else ():
        del after[path]
    old = load(snapshot(before), SchemaSet.load(snapshot(before)))
    new = load(snapshot(after), SchemaSet.load(snapshot(after)))
    findings = checks.run(new) + checks.compare(old, new)
    return [
        f"{finding.code.name} {finding.where.path}:{finding.where.line}:{finding.where.column}"
        for finding in in_order(pinned(findings, after.get))
    ]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_bad_archive_yields_exactly_its_finding(folder: Path) -> None:
    expected = (folder / "expected.txt").read_text().splitlines()
    assert found_in(folder) == expected
    assert {line.split()[0] for line in expected} == {folder.name.partition("--")[0]}


def test_the_good_archive_has_no_finding() -> None:
    files = good()
    archive = load(snapshot(files), SchemaSet.load(snapshot(files)))
    assert checks.run(archive) == []


def test_every_code_about_records_has_a_bad_archive() -> None:
    named = {folder.name.partition("--")[0] for folder in FOLDERS}
    owed = {
        code.name
        for module in (yaml, schema, records)
        for code in vars(module).values()
        if isinstance(code, Code)
    }
    assert owed - named == set()
    assert named <= CATALOGUE.keys()
