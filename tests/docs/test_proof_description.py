"""Pages say what a seal is: their words are held against a real one.

Its commands are run by tests/docs/test_pages.py.
"""

from __future__ import annotations

import re

import pytest

from papka.core.findings import Code
from papka.core.places import TEXT, seal_file
from papka.desk.sealing import Sealed, make_seal
from papka.proof import anchors
from papka.repository.signing import find_actor
from tests.support.archives import PROJECT
from tests.support.school import NOW, Archive

PAGE = (PROJECT / "docs" / "proof.md").read_text("utf-8")
FORMATS = (PROJECT / "proof" / "formats.md").read_text("utf-8")


@pytest.fixture
def made(archive: Archive) -> Sealed:
    return make_seal(archive.root, find_actor(archive.root, "s001"), now=NOW, period="2025")


def blocks() -> list[str]:
    return re.findall(r"```text\n(.*?)```", FORMATS, re.DOTALL)


def test_a_seal_has_the_lines_described(archive: Archive, made: Sealed) -> None:
    sample = next(block for block in blocks() if block.startswith("papka-seal"))
    described = [line.partition(": ")[0] for line in sample.splitlines()]
    text = archive.read(seal_file(made.number, TEXT))
    assert [line.partition(": ")[0] for line in text.splitlines()] == described


def test_every_code_of_seals_is_named() -> None:
    named = {code.name for code in vars(anchors).values() if isinstance(code, Code)}
    assert [name for name in sorted(named) if f"`{name}`" not in PAGE] == []
