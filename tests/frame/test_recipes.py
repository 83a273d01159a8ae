"""The recipes of docs/architecture.md are true: a copy of the repository that follows them works.

Whatever a recipe says to add or to change is read from the page and done to the copy; then one
process of the copy shows what came of it.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent, indent

import pytest

from tests.support.archives import PROJECT
from tests.support.school import STUDENT, Archive

PAGE = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
_STEP = re.compile(
    r"^ *(?P<how>Add|In|At the end of) `(?P<path>[^`]+)`"
    r"(?:, (?P<where>above|instead of) `(?P<anchor>[^`]+)`)?:\n\n"
    r"(?P<fence> *)```\w+\n(?P<text>.*?)^(?P=fence)```$",
    re.MULTILINE | re.DOTALL,
)
_COPIED = (
    "tools/papka",
    "schema",
    "templates",
    "proof",
    "records",
    "tests/archives/good",
    "tests/support",
)

# Prints [exit code, output] of every command of the copy's own program in an archive.
_SCRIPT = """
import json, sys
from pathlib import Path
from tests.support.command import papka

root = Path(sys.argv[1])
told = []
for words in json.loads(sys.argv[2]):
    ran = papka(words[0], "-C", root, *words[1:])
    told.append([ran.code, ran.all])
print(json.dumps(told))
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One file that a recipe adds, or one place that it changes."""

    how: str
    path: str
    where: str | None
    anchor: str | None
    text: str

    def follow(self, root: Path) -> None:
        file = root / self.path
        if self.how == "Add":
            assert not file.exists(), f"{self.path} is there already"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(self.text, encoding="utf-8")
            return
        old = file.read_text(encoding="utf-8")
        if self.anchor is None:
            file.write_text(f"{old}\n\n{self.text}", encoding="utf-8")
            return
        (line,) = (each for each in old.splitlines(keepends=True) if self.anchor in each)
        margin = line[: len(line) - len(line.lstrip())]
        kept = "" if self.where == "instead of" else line
        file.write_text(old.replace(line, indent(self.text, margin) + kept), encoding="utf-8")


def steps_of(heading: str) -> list[Step]:
    """What the section of this heading says to do."""
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    return [
        Step(each["how"], each["path"], each["where"], each["anchor"], dedent(each["text"]))
        for each in _STEP.finditer(section)
    ]


def follow(root: Path, heading: str) -> list[Step]:
    """Follow a recipe in a copy of the repository."""
    for part in _COPIED:
        shutil.copytree(PROJECT / part, root / part)
    shutil.copy(PROJECT / "tests/__init__.py", root / "tests")
    shutil.copy(PROJECT / "tests/checks/tried_archives.py", root / "tests")
    steps = steps_of(heading)
    for step in steps:
        step.follow(root)
    return steps


def ran(root: Path, script: str, *arguments: str) -> str:
    """What a script prints that runs by the copy's own modules."""
    return subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(root / "tools"), str(root)))},
        capture_output=True,
        check=True,
        text=True,
    ).stdout


def test_a_new_kind_of_record_is_told_everywhere_with_a_type_and_without(
    archive: Archive, tmp_path: Path
) -> None:
    root = tmp_path / "copy"
    schema, row, sample = follow(root, "A new kind of record")
    assert row.anchor is not None
    archive.write(schema.path, schema.text)
    archive.save()
    archive.write(f"{STUDENT}/clubs.yaml", sample.text)
    commands = [
        ["check"],
        ["add", "2026-0001", "club", "--date", "2026-03-01", "--name", "Хор", "--led-by", "s999"],
        ["add", "2026-0001", "club", "--date", "2026-03-01", "--name", "Хор", "--led-by", "s002"],
        ["save"],
        ["show", "2026-0001"],
        ["show", "2026-0001", "--on", "2026-02-15"],
        ["show", "2026-0001#q2"],
        ["print", "personal-file", "2026-0001", "--html"],
    ]
    told = json.loads(ran(root, _SCRIPT, str(archive.root), json.dumps(commands)))
    check, refused, _, saved, shown, earlier, entry, _ = told
    assert [code for code, _ in told] == [0, 1, 0, 0, 0, 0, 0, 0]
    page = archive.read("print/personal-file-2026-0001.html")
    assert "замечаний нет" in check[1]
    assert "REF_UNKNOWN_STAFF" in refused[1]
    assert "2026-0001: кружки" in saved[1]
    for text in (shown[1], page):
        for word in ("Кружки", "Первое занятие", "02.02.2026", "Театр теней", "Хор", "Кто ведёт"):
            assert word in text
    assert re.search(r"^ +q2 +01\.03\.2026 +Хор +\w+ \w\.\s\w\.$", shown[1], re.MULTILINE)
    assert "Театр теней" in earlier[1]
    assert "Хор" not in earlier[1]
    assert re.search(r"^ +Кто ведёт +s002$", entry[1], re.MULTILINE)
    provenance = page.partition("Лист происхождения сведений")[2]
    assert "Кружки" in provenance
    assert "внесено: q1, q2" in provenance
    for step in steps_of("A type for a kind of record"):
        step.follow(root)
    again = [commands[4], commands[5], commands[7]]
    typed = json.loads(ran(root, _SCRIPT, str(archive.root), json.dumps(again)))
    assert typed[:2] == [shown, earlier]
    assert archive.read("print/personal-file-2026-0001.html") == page


_FOUND = """
import sys
from pathlib import Path
from papka.checks import rules
from papka.records.archive import load
from papka.records.strict_yaml import add_lines
from papka.records.schemas import SchemaSet
from tests.support.archives import good, snapshot
from tests.tried_archives import states, written

_, after = states(Path(sys.argv[1]))
files = snapshot(after)
found = rules.run(load(files, SchemaSet.load(files)))
print(written(add_lines(found, after.get)), end="")
from papka.cli.main import run
sys.stdout.flush()
run(["explain", sys.argv[2]])
"""


def test_a_new_rule_finds_its_bad_archive(tmp_path: Path) -> None:
    root = tmp_path / "copy"
    steps = follow(root, "A new rule")
    assert len(steps) == 3
    expected = next(step for step in steps if step.path.endswith("expected.txt"))
    folder = (root / expected.path).parent
    found, _, explained = ran(root, _FOUND, str(folder), folder.name).partition(expected.text)
    assert found == ""
    assert folder.name in explained
    assert "Слова о результате набраны заглавными буквами" in explained


@pytest.mark.parametrize(
    "heading", ["A new kind of record", "A type for a kind of record", "A new rule"]
)
def test_every_block_of_a_recipe_is_followed(heading: str) -> None:
    section = PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    assert section.count("```") == 2 * len(steps_of(heading)) > 0
