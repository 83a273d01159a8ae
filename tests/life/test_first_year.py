"""The contract: in an archive fresh from `papka init` a school lives its first year by commands,
and what comes out of the printer says what happened."""

from __future__ import annotations

from pathlib import Path

from tests.support.command import papka
from tests.support.year import assert_printed, live_a_year


def test_a_fresh_archive_is_a_working_school(tmp_path: Path) -> None:
    school, keys = tmp_path / "school", tmp_path / "keys"
    made = papka(
        *("init", school, "--keys", keys),
        *("--organization", "Индивидуальный предприниматель Ландышева Зоя Зиновьевна"),
        *("--head", "Ландышева Зоя Зиновьевна"),
        *("--place", "г. Верхние Тучки"),
        *("--address", "000000, г. Верхние Тучки, ул. Тихая, д. 2"),
    )
    assert made.code == 0, made.all
    lived = live_a_year(school, keys, tmp_path / "beside")
    assert_printed(lived)
    assert "Индивидуальный предприниматель З. З. Ландышева" in lived.printed("certificate-")
