"""The tours of docs/architecture.md pass through the files and the names that they tell."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bench.entered import TOOLS, usual
from tests.support.archives import PROJECT
from tests.support.school import Archive, copied

_TEXT = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
TOURS = {
    words.split()[1]: tour
    for tour in re.findall(r"^## A tour: .*?(?=^## |\Z)", _TEXT, re.MULTILINE | re.DOTALL)
    for words in re.findall(r"^`(papka .*?)`", tour, re.MULTILINE)
}
"""Command -> the text of its tour."""
_CODE = re.compile(r"`([^`]+)`")


def steps(tour: str) -> list[list[str]]:
    """What each numbered step has in backticks."""
    return [_CODE.findall(line) for line in tour.splitlines() if re.match(r"\d+\. ", line)]


def files(tour: str) -> set[str]:
    return {word for step in steps(tour) for word in step if word.endswith(".py")}


def test_there_is_a_tour_of_a_print_of_a_save_and_of_a_verdict() -> None:
    assert list(TOURS) == ["print", "save", "verify"]


@pytest.mark.parametrize("command", TOURS)
def test_the_files_it_names_are_there_and_hold_the_names_it_gives(command: str) -> None:
    for number, step in enumerate(steps(TOURS[command]), 1):
        named = [word for word in step if word.endswith(".py")]
        text = "".join((TOOLS / "papka" / word).read_text("utf-8") for word in named)
        told = {word.removesuffix("()") for word in step if word.endswith("()")}
        known = set(re.findall(r"(?:def|class) (\w+)", text))
        assert told - known == set(), f"{command}, step {number}"


def test_the_command_runs_through_every_file_of_its_tour(
    archive_with_class: Archive, tmp_path: Path
) -> None:
    for command, met in usual(copied(archive_with_class, tmp_path), list(TOURS)):
        assert files(TOURS[command]) - set(met.ran) == set(), command
