"""The screen on which whole screens of commands are compared, and an archive that is only shown."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.made import Told
    from tests.support.school import Archive


@pytest.fixture
def plain_screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A wide screen, colours off, one time zone, and somebody who always says no."""
    monkeypatch.setattr("sys.stdin", io.StringIO("нет\n" * 9))
    monkeypatch.setenv("COLUMNS", "110")
    monkeypatch.setenv("NO_COLOR", "1")
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "UTC")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def seen(built_archive: Archive, pytestconfig: pytest.Config) -> Told:
    """Of an archive in which nothing is done."""
    from tests.cli.made import Told

    return Told(built_archive.root, pytestconfig)


@pytest.fixture
def printing(built_archive: Archive, pytestconfig: pytest.Config, tmp_path: Path) -> Told:
    """Of a copy of it: what is printed lies in the archive."""
    from tests.cli.made import Told
    from tests.support.school import copied

    return Told(copied(built_archive, tmp_path / "school").root, pytestconfig)
