"""git as tests of its gate meet it: a program that answers as it is told to."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from papka.repository import runner


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """A shell script in place of git, from when it is written."""
    if sys.platform == "win32":
        pytest.skip("no shell")
    place = tmp_path / "git-of-ours"

    def write(text: str) -> None:
        place.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        place.chmod(0o755)
        monkeypatch.setattr(runner, "find_program", lambda _: str(place))

    return write
