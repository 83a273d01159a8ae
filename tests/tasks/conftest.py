"""A school with three honest commits, fresh for every test."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.histories import School, copy_school, make_school


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> School:
    return make_school(tmp_path_factory.mktemp("school"))


@pytest.fixture
def school(_template: School, tmp_path: Path) -> School:
    return copy_school(_template, tmp_path)
