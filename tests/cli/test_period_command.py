"""papka period: what is missing, and the head's act that closes."""

from __future__ import annotations

import datetime as dt
import io
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from papka.records.approved_entries import read_list
from papka.repository import commit_snapshots
from tests.support.command import papka
from tests.support.school import STUDENT, TEACHER, Archive

ACT = "records/approvals/2026-2.yaml"
LIST = "records/approvals/2026-2.entries"
LACKS = ["2026-0001#e1/ансамбль", "2026-0001#e1/техника"]
ROW = "2026-2/1/1"


def state(root: Path, period: str = "2026-2") -> dict[str, Any]:
    ran = papka("period", "status", period, "-C", root, "--format", "json")
    assert ran.code == 0, ran.all
    report: dict[str, Any] = json.loads(ran.out)
    return report


def accepted(*names: str) -> list[str]:
    return [part for name in names for part in ("--accept", f"{name}=болезнь, решение 3 от 20.12")]


def marked(archive: Archive, part: str = "техника", mark: str = "4") -> None:
    archive.write(
        f"{STUDENT}/results/2026-2.yaml",
        "# yaml-language-server: $schema=../../../../../schema/results.json\n"
        "period: 2026-2\nresults:\n  - enrolment: e1\n    kind: учебный\n"
        f"    origin: текущий контроль\n    part: {part}\n    control: за период\n"
        f"    date: 2026-11-18\n    mark: {mark}\n    assessed_by: s002\n",
    )
    archive.save(TEACHER)


def test_all_periods_stand_in_one_table(built_archive: Archive) -> None:
    ran = papka("period", "status", "-C", built_archive.root)
    assert ran.code == 0
    assert "закрыт 15.06.2026, s001" in ran.out
    assert "не утверждён" in ran.out


def test_what_is_missing_is_listed_by_enrolment_and_part(built_archive: Archive) -> None:
    lacks = [f"{each['enrolment']}/{each['part']}" for each in state(built_archive.root)["lacks"]]
    assert lacks == LACKS
    text = papka("period", "status", "2026-2", "-C", built_archive.root).out
    for name in LACKS:
        assert name in text


def test_a_mark_or_not_attested_fills_a_part(archive: Archive) -> None:
    marked(archive, mark="не аттестован")
    report = state(archive.root)
    assert [each["part"] for each in report["lacks"]] == ["ансамбль"]
    assert report["debts"] == ["2026-0001#r4"]


def test_it_does_not_close_while_a_part_has_no_mark(archive: Archive) -> None:
    before = commit_snapshots.head(archive.root)
    ran = papka("period", "close", "2026-2", "--yes", "-C", archive.root)
    assert ran.code == 1
    assert "Закрыть нельзя" in ran.out
    assert f"--accept '{LACKS[0]}=причина'" in ran.out
    assert commit_snapshots.head(archive.root) == before
    assert not (archive.root / ACT).exists()


def test_the_head_closes_with_exceptions_in_one_signed_act(archive: Archive) -> None:
    marked(archive)
    today = f"{dt.datetime.now().astimezone():%Y-%m-%d}"
    ran = papka("period", "close", "2026-2", "--yes", *accepted(LACKS[0], ROW), "-C", archive.root)
    assert ran.code == 0, ran.all
    assert "Период закрыт" in ran.out
    listed = (archive.root / LIST).read_bytes()
    assert [line.student for line in read_list(listed)] == ["2026-0001"]
    assert archive.read(ACT) == (
        "# yaml-language-server: $schema=../../schema/approval.json\n"
        "period: 2026-2\n"
        f"closed: {today}\n"
        "signed_by: s001\n"
        f"entries: {sha256(listed).hexdigest()}\n"
        "exceptions:\n"
        "  - kind: нет отметки\n"
        "    student: 2026-0001#e1\n"
        "    part: ансамбль\n"
        "    reason: болезнь, решение 3 от 20.12\n"
        "  - kind: несопоставленная строка\n"
        "    import: 2026-2/1\n"
        "    row: 1\n"
        "    reason: болезнь, решение 3 от 20.12\n"
    )
    commit = commit_snapshots.read_commit(archive.root, "HEAD")
    assert (commit.author.name, bool(commit.signature)) == ("s001", True)
    report = state(archive.root)
    assert (report["closed"], report["signed_by"]) == (today, "s001")
    assert papka("check", "-C", archive.root).code == 0
    assert "болезнь" in papka("period", "status", "2026-2", "-C", archive.root).out


def test_a_closed_period_says_so(built_archive: Archive) -> None:
    ran = papka("period", "close", "2026-1", "--yes", "-C", built_archive.root)
    assert ran.code == 0
    assert "Период 2026-1 уже закрыт 15.06.2026, подписал s001." in ran.out


def test_only_a_heads_key_closes(archive: Archive) -> None:
    ran = papka(
        "period", "close", "2026-2", "--yes", "--as", TEACHER, *accepted(*LACKS), "-C", archive.root
    )
    assert ran.code == 3
    assert "только руководитель" in ran.err
    assert not (archive.root / ACT).exists()


def test_an_exception_that_nothing_needs_is_refused(archive: Archive) -> None:
    name = "2026-0001#e1/техинка"
    ran = papka("period", "close", "2026-2", "--yes", *accepted(name), "-C", archive.root)
    assert ran.code == 3
    assert "Может быть, «2026-0001#e1/техника»?" in ran.err
    ran = papka("period", "close", "2026-2", "--accept", "без причины", "-C", archive.root)
    assert ran.code == 2


def test_unsaved_results_are_not_approved(archive: Archive) -> None:
    marked(archive)
    archive.edit(f"{STUDENT}/results/2026-2.yaml", "mark: 4", "mark: 5")
    ran = papka("period", "close", "2026-2", "--yes", *accepted(LACKS[0], ROW), "-C", archive.root)
    assert ran.code == 3
    assert "papka save" in ran.err


def test_an_act_is_not_dated_ahead(archive: Archive) -> None:
    more = ("--date", "2199-01-01", *accepted(*LACKS, ROW))
    ran = papka("period", "close", "2026-2", "--yes", *more, "-C", archive.root)
    assert ran.code == 3
    assert "ещё не настал" in ran.err


def test_an_unknown_period_gets_those_there_are(built_archive: Archive) -> None:
    ran = papka("period", "status", "2026-3", "-C", built_archive.root)
    assert ran.code == 3
    assert "Есть: «2026-1», «2026-2»." in ran.err


def test_it_asks_before_closing(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))
    ran = papka("period", "close", "2026-2", *accepted(*LACKS, ROW), "-C", archive.root)
    assert ran.code == 130
    assert "Период ещё не окончен" in ran.out
    assert not (archive.root / ACT).exists()


def test_every_platform_in_use_is_taken_in_or_accepted_with_a_reason(archive: Archive) -> None:
    platform = archive.read("records/platforms/kurs.yaml")
    for code in ("proba", "davno"):
        archive.write(f"records/platforms/{code}.yaml", platform.replace("id: kurs", f"id: {code}"))
    archive.edit(
        "records/platforms/davno.yaml", "since: 2024-01-09", "since: 2024-01-09\nuntil: 2025-12-31"
    )
    archive.edit(
        f"{STUDENT}/student.yaml",
        "accounts:\n",
        'accounts:\n  - platform: proba\n    key: "7"\n  - platform: davno\n    key: "8"\n',
    )
    archive.save("s001")
    report = state(archive.root)
    assert (report["untaken"], report["unmatched"]) == (["proba"], [ROW])
    assert [each["platform"] for each in report["imports"]] == ["kurs"]
    ran = papka("period", "close", "2026-2", "--yes", *accepted(*LACKS, ROW), "-C", archive.root)
    assert ran.code == 1
    assert "Выгрузки нет: proba" in ran.out
    more = accepted(*LACKS, "2026-2/1", "proba")
    ran = papka("period", "close", "2026-2", "--yes", *more, "-C", archive.root)
    assert ran.code == 0, ran.all
    assert 'reason: "Выгрузки платформы proba нет: болезнь, решение 3 от 20.12"' in archive.read(
        ACT
    )
    assert "row: 1" in archive.read(ACT)
