"""What tests of this folder share: an issued certificate, and a computer that remembers."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.proof.memory import Memory
from tests.support.documents import Issued, issue
from tests.support.histories import School
from tests.support.remembering import look
from tests.support.school import Archive, copied


@pytest.fixture(scope="session")
def issued(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Issued:
    """Tests read it only."""
    return issue(copied(built_archive, tmp_path_factory.mktemp("issued")))


@pytest.fixture
def memory(tmp_path: Path) -> Memory:
    return Memory(tmp_path / "state" / "papka")


@pytest.fixture
def known(school: School, memory: Memory) -> School:
    """Verified once on this computer."""
    assert look(school, memory).findings == ()
    return school
