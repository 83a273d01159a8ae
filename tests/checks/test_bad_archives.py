"""Each folder in tests/archives/bad is a good archive with one fault, named by its code.

`records/` (and `schema/`) hold the files that differ, `removed.txt` paths that are gone,
`expected.txt` one line a finding: code, path, line, column. Where the code is about a step, the
step to it from the good archive is judged as well; `before/` holds what that earlier state has
otherwise.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from papka import checks
from papka.core.codes import CATALOGUE, consistency, imports, records, schema, steps, yaml
from papka.core.findings import Code, in_order
from papka.model.reading import load
from papka.tasks.check import judge_step
from papka.text.positions import pinned
from papka.text.schemas import SchemaSet
from tests.support.archives import BAD, files_below, good, snapshot

STEPS = {name for name, code in vars(steps).items() if isinstance(code, Code)}
FOLDERS = sorted(path for path in BAD.iterdir() if path.is_dir())


def states(folder: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """The files before and after the fault."""
    before = good() | files_below(folder / "before")
    after = before | files_below(folder / "records", "records/")
    after |= files_below(folder / "schema", "schema/")
    removed = folder / "removed.txt"
    for path in removed.read_text().split() if removed.exists() else ():
        del after[path]
    return before, after


def found_in(folder: Path) -> list[str]:
    before, after = states(folder)
    new = load(snapshot(after), SchemaSet.load(snapshot(after)))
    findings = checks.run(new)
    if folder.name.partition("--")[0] in STEPS:
        old = load(snapshot(before), SchemaSet.load(snapshot(before)))
        assert checks.run(old) == []
        findings += checks.compare(old, new)
    return [
        f"{finding.code.name} {finding.where.path}:{finding.where.line}:{finding.where.column}"
        for finding in in_order(pinned(findings, after.get))
    ]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_bad_archive_yields_exactly_its_finding(folder: Path) -> None:
    expected = (folder / "expected.txt").read_text().splitlines()
    assert found_in(folder) == expected
    assert {line.split()[0] for line in expected} == {folder.name.partition("--")[0]}


@pytest.mark.parametrize(
    "folder",
    [folder for folder in FOLDERS if folder.name.partition("--")[0] in STEPS],
    ids=lambda folder: folder.name,
)
def test_a_step_read_in_part_is_judged_as_when_read_whole(folder: Path) -> None:
    before, after = states(folder)
    changed = [path for path in before | after if before.get(path) != after.get(path)]
    _, found = judge_step(snapshot(before), snapshot(after), changed)
    assert [finding.code.name for finding in found] == [
        line.split()[0] for line in found_in(folder)
    ]


def test_the_good_archive_has_no_finding() -> None:
    files = good()
    archive = load(snapshot(files), SchemaSet.load(snapshot(files)))
    assert checks.run(archive) == []


def test_every_code_about_records_has_a_bad_archive() -> None:
    named = {folder.name.partition("--")[0] for folder in FOLDERS}
    owed = {
        code.name
        for module in (yaml, schema, records, consistency, imports, steps)
        for code in vars(module).values()
        if isinstance(code, Code)
    }
    # These two are found only when a real folder is saved: tests/cli/test_save_command.py.
    assert owed - named == {"PATH_NOT_FILE", "TEMPLATE_BROKEN"}
    assert named <= CATALOGUE.keys()
