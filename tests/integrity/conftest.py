"""A certificate issued once for all tests of this folder."""

from __future__ import annotations

import pytest

from tests.support.documents import Issued, issue
from tests.support.school import Archive, copied


@pytest.fixture(scope="session")
def issued(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """Tests read it only."""
    return issue(copied(built_archive, tmp_path_factory.mktemp("issued")))
