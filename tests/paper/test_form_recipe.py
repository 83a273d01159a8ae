"""The recipe for a new printed form in docs/architecture.md, followed to the letter in a copy."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.frame.house import breaches
from tests.support.archives import PROJECT
from tests.support.school import Archive

HEAD = "s001"
_STEP = re.compile(r"^\d\. `([^`]+)`:.*?\n\n```\w+\n(.*?)^```$", re.DOTALL | re.MULTILINE)
COPIED = ("tools/papka", "docs/forms.md")


@pytest.fixture(scope="module")
def steps() -> dict[str, str]:
    """The files of the recipe: path -> what the page says to write there."""
    page = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
    section = page.partition("## A new printed form\n")[2].partition("\n## ")[0]
    return {found[1]: found[2] for found in _STEP.finditer(section)}


@pytest.fixture(scope="module")
def followed(steps: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the program after the recipe."""
    copy = tmp_path_factory.mktemp("recipe")
    for path in COPIED:
        source, target = PROJECT / path, copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    for path, text in steps.items():
        target = copy / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("a", encoding="utf-8") as file:
            file.write(text)
    return copy


def papka(copy: Path, *words: str | Path) -> str:
    """Run the program of the copy; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "papka", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(copy / "tools")},
        check=False, capture_output=True, encoding="utf-8",
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_form_is_at_most_three_files_none_of_them_there_before(steps: dict[str, str]) -> None:
    assert 0 < len(steps) <= 3
    assert [path for path in steps if (PROJECT / path).exists()] == ["docs/forms.md"]
    (module,) = (path for path in steps if path.endswith(".py"))
    assert breaches({module.removeprefix("tools/"): steps[module]}) == []


def test_a_form_of_the_recipe_is_listed_documented_and_printed(
    followed: Path, steps: dict[str, str], archive: Archive
) -> None:
    for path, text in steps.items():
        if path.startswith("templates/"):
            archive.write(path, text)
    assert archive.save(HEAD).commit is not None
    listed = papka(followed, "print", "-C", archive.root)
    names = re.findall(r"^([a-z][a-z-]+)  ", listed, re.MULTILINE)
    assert "roster" in names
    told = (followed / "docs" / "forms.md").read_text("utf-8")
    assert [name for name in names if f"| `{name}` |" not in told] == []
    papka(followed, "print", "roster", "Г-26-1", "-C", archive.root)
    text = subprocess.run(
        ["pdftotext", "-layout", archive.root / "print" / "roster-Г-26-1.pdf", "-"],
        check=True, capture_output=True, encoding="utf-8",
    ).stdout  # fmt: skip
    assert "Список группы Г-26-1" in text
    assert re.search(r"1\. [А-ЯЁ]\w+ [А-ЯЁ]\w+", text), text
    assert "Напечатано по состоянию электронного архива" in text
