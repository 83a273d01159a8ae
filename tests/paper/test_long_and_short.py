"""Files of every length: how many pages they take, and the words of the shortest."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.core.snapshot import Snapshot
from papka.paper.personal_file_layout import print_personal_file
from papka.paper.print_cache import PrintedFile
from tests.conftest import PROJECT
from tests.paper.conftest import COMMIT, MOMENT
from tests.paper.sheet_counting import counted, squeezed, tool
from tests.paper.test_facts import school

SNAPSHOTS = Path(__file__).parent / "snapshots"
LENGTHS = {
    "2022-0001": "1 result",
    "2025-0013": "400 results",
    "2025-0011": "60 documents",
    "2025-0012": "more than 250 sheets",
}


def made(student: str, templates: Snapshot) -> tuple[PrintedFile, ...]:
    snapshot, archive = school(PROJECT)
    return print_personal_file(
        archive, snapshot, student, templates=templates, as_of=MOMENT, commit=COMMIT
    )


def compared(name: str, found: str, config: pytest.Config) -> None:
    path = SNAPSHOTS / name
    if config.getoption("--update-snapshots"):
        path.write_text(found, "utf-8")
    assert squeezed(found) == squeezed(path.read_text("utf-8"))


def test_pages_of_short_and_long_files_are_those_looked_at(
    templates: Snapshot, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    lines = []
    for student, length in LENGTHS.items():
        for done in made(student, templates):
            path = tmp_path / done.name
            path.write_bytes(done.data)
            tool("qpdf", "--check", path)
            found = counted(path)
            assert found.said[1] == len(found.numbers)
            lines.append(f"{done.name} ({length}): {done.pages} pages, {found.said[0]} sheets\n")
    compared("personal-file-pages.txt", "".join(lines), pytestconfig)


def test_words_of_the_shortest_file_are_those_reviewed(
    templates: Snapshot, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    (done,) = made("2022-0001", templates)
    path = tmp_path / done.name
    path.write_bytes(done.data)
    compared("personal-file-short.txt", tool("pdftotext", "-raw", path, "-"), pytestconfig)
