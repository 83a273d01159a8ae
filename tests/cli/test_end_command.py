"""papka end: what was true until a day stays readable and says until when."""

from __future__ import annotations

from pathlib import Path

from tests.support.command import Ran, papka
from tests.support.school import STUDENT, TEACHER, Archive

ID = "2026-0001"


def end(archive: Archive, entry: str, *arguments: str | Path) -> Ran:
    return papka("end", "-C", archive.root, f"{ID}#{entry}", *arguments)


def test_an_enrolment_ends_with_day_reason_and_order(archive: Archive) -> None:
    path = f"{STUDENT}/enrolments.yaml"
    before = archive.read(path)
    ran = end(archive, "e1", "--date", "25.11.2026", "--reason", "завершение")
    assert ran.code == 0, ran.all
    assert archive.read(path) == before + (
        "    ended:\n      date: 2026-11-25\n      reason: завершение\n"
    )
    assert f"papka add {ID} enrolment" in ran.out


def test_a_consent_is_revoked_and_saved(archive: Archive) -> None:
    ran = end(archive, "c1", "--date", "2026-11-02", "--save", "--as", TEACHER)
    assert ran.code == 0, ran.all
    assert archive.read(f"{STUDENT}/consents.yaml").endswith(
        "    revoked:\n      date: 2026-11-02\n"
    )


def test_the_paper_file_comes_back(archive: Archive) -> None:
    card = f"{STUDENT}/student.yaml"
    archive.edit(card, "      returned: 2026-02-12\n", "")
    assert end(archive, "l1", "--date", "2026-02-12").code == 0
    assert archive.read(card).endswith("      returned: 2026-02-12\n")


def test_a_missing_reason_is_named(archive: Archive) -> None:
    ran = end(archive, "e1", "--date", "2026-11-25")
    assert ran.code == 2
    assert "--reason (Причина)" in ran.err


def test_what_has_ended_is_not_ended_again(archive: Archive) -> None:
    ran = end(archive, "l1", "--date", "2026-03-01")
    assert ran.code == 3
    assert "2026-02-12" in ran.err
    assert f"papka fix {ID}#l1 returned=" in ran.err


def test_what_has_no_end_says_what_has(archive: Archive) -> None:
    ran = end(archive, "r1", "--date", "2026-03-01")
    assert ran.code == 3
    assert "papka fix" in ran.err


def test_the_whole_file_has_no_end(archive: Archive) -> None:
    ran = papka("end", "-C", archive.root, ID)
    assert ran.code == 2
    assert f"{ID}#e1" in ran.err


def test_an_end_before_the_start_is_refused(archive: Archive) -> None:
    path = f"{STUDENT}/enrolments.yaml"
    before = archive.read(path)
    ran = end(archive, "e1", "--date", "2025-01-01", "--reason", "отчисление")
    assert ran.code == 1
    assert archive.read(path) == before


def test_dry_run_and_help(archive: Archive) -> None:
    ran = end(archive, "e1", "--date", "2026-11-25", "--reason", "перевод", "-n")
    assert "+      reason: перевод" in ran.out
    assert "--reason" in end(archive, "e1", "--help").out
    assert papka("end", "--help").code == 0
