"""A local act is a draft until its protocol is written in; until then nothing rests on it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from papka.checks import transitions
from papka.desk.deadlines import deadlines
from papka.records.archive import Archive
from tests.support.archives import good, loaded

ACT = "records/regulations/awards/regulation.yaml"
ADOPTED = "protocol: Протокол Педагогического совета № 1 от 09.01.2024"
DRAFT = "protocol: не подтверждено"


def archive(protocol: str, since: str = "2024-01-10") -> Archive:
    text = good()[ACT].decode()
    assert ADOPTED in text
    text = text.replace(ADOPTED, protocol).replace("since: 2024-01-10", f"since: {since}")
    files = good() | {ACT: text.encode()}
    return loaded(files)


def codes(before: Archive, after: Archive) -> list[str]:
    return [finding.code.name for finding in transitions.compare(before, after)]


def test_a_draft_is_changed_and_adopted_without_a_new_edition() -> None:
    assert codes(archive(DRAFT), archive(DRAFT, "2026-01-01")) == []
    assert codes(archive(DRAFT), archive(ADOPTED, "2026-01-01")) == []


def test_an_adopted_edition_is_no_draft_again() -> None:
    assert codes(archive(ADOPTED), archive(DRAFT)) == ["REGULATION_CHANGED"]


def test_status_names_drafts_and_demands_nothing() -> None:
    on = dt.date(2026, 11, 20)

    def told(found: Archive) -> list[tuple[str, str]]:
        alone = replace(found, periods={}, students={})
        return [(each.about, each.address) for each in deadlines(alone, on) if not each.demand()]

    assert told(archive(DRAFT)) == [("акт не принят", "awards")]
    assert told(archive(ADOPTED)) == []
