"""Every derived fact of the sample school and of the small archives is what was read and kept in
`facts.txt` (`--update-snapshots` writes it anew; read it)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from papka.records.archive import Archive
from tests.checks.tried_archives import variants
from tests.records.derived.derived_facts import days_of, facts
from tests.support.archives import good, loaded, sample

KEPT = Path(__file__).parent / "facts.txt"


def archives() -> dict[str, tuple[Archive, list[dt.date]]]:
    """Each archive with the days it is asked about."""
    files = {"good": good(), "sample": sample(), **variants()}
    found = {}
    for name, each in files.items():
        archive = loaded(each)
        days = days_of(archive)
        found[name] = archive, days[:: len(days) // 4] if name == "sample" else days
    return found


def all_facts(known: dict[str, tuple[Archive, list[dt.date]]]) -> str:
    told = []
    for name, (archive, days) in known.items():
        told += [f"# {name}", *facts(archive, days), ""]
    return "\n".join(told)


def test_facts_are_as_kept(request: pytest.FixtureRequest) -> None:
    known = archives()
    assert [name for name, (archive, _) in known.items() if archive.findings] == []
    found = all_facts(known)
    if request.config.getoption("--update-snapshots"):
        KEPT.write_text(found, encoding="utf-8")
    assert KEPT.read_text(encoding="utf-8") == found
