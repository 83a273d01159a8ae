"""What stands over a paper of the organization."""

from __future__ import annotations

import datetime as dt

import pytest

from papka.paper.form import letterhead
from tests.support.archives import good, loaded

ORGANIZATION = "records/organization.yaml"


@pytest.mark.parametrize(
    ("ogrn", "named"),
    [("0" * 15, "ОГРНИП\u00a0000000000000000"), ("0" * 13, "ОГРН\u00a00000000000000")],
)
def test_number_of_an_entrepreneur_and_of_an_organization_are_named_apart(
    ogrn: str, named: str
) -> None:
    """15 digits are of an entrepreneur, 13 of an organization."""
    files = good()
    files[ORGANIZATION] += f'ogrn: "{ogrn}"\n'.encode()
    assert letterhead(loaded(files), dt.date(2026, 1, 1)).registration == named
