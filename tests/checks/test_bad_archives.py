"""Each folder in tests/archives/bad is a good archive with one fault, named by its code.

`records/` (and `schema/`) hold the files that differ, `removed.txt` paths that are gone, `of.txt`
the name of another good archive than that, `expected.txt` every finding: code, path, line, column,
then the sentence and the next step (`--update-snapshots` writes it anew; read it), `day.txt` the
day of the save. Where the code is about a step, the step to it from the good archive is judged as
well; `before/` holds what that earlier state has otherwise.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.checks import rules, transitions, unchanged_records
from papka.checks.checking import judge_step
from papka.cli.explain import CATALOGUE
from papka.core.findings import Code, Finding, sort_findings
from papka.records import reading_codes
from papka.records.strict_yaml import add_lines
from tests.checks.tried_archives import FOLDERS, saved_on, states, written
from tests.support.archives import good, loaded, snapshot

STEPS = {name for name, code in vars(unchanged_records).items() if isinstance(code, Code)}


def found_in(folder: Path) -> list[Finding]:
    before, after = states(folder)
    new = loaded(after, day=saved_on(folder))
    findings = rules.run(new)
    if folder.name.partition("--")[0] in STEPS:
        old = loaded(before)
        assert rules.run(old) == []
        findings += transitions.compare(old, new)
    return sort_findings(add_lines(findings, after.get))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_bad_archive_yields_exactly_its_finding(
    folder: Path, request: pytest.FixtureRequest
) -> None:
    file, found = folder / "expected.txt", found_in(folder)
    if request.config.getoption("--update-snapshots"):
        file.write_text(written(found), encoding="utf-8")
    assert file.read_text(encoding="utf-8") == written(found)
    assert {finding.code.name for finding in found} == {folder.name.partition("--")[0]}


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
        finding.code.name for finding in found_in(folder)
    ]


def test_the_good_archive_has_no_finding() -> None:
    files = good()
    archive = loaded(files)
    assert rules.run(archive) == []


def test_every_code_about_records_has_a_bad_archive() -> None:
    named = {folder.name.partition("--")[0] for folder in FOLDERS}
    owed = {
        code.name
        for module in (reading_codes, *rules.SUBJECTS)
        for code in vars(module).values()
        if isinstance(code, Code)
    }
    # These are found only when a real folder is looked at: tests/cli.
    assert owed - named == {"PATH_COPY", "PATH_NOT_FILE", "PATH_SYMLINK"}
    assert named <= CATALOGUE.keys()
