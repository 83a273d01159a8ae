"""What tests of taking begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.school import Archive, copied


@pytest.fixture
def school(archive_with_class: Archive, tmp_path: Path) -> Archive:
    """A school whose class is on a platform, a fresh copy for every test."""
    return copied(archive_with_class, tmp_path)
