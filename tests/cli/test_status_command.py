"""papka status: for a person in the morning and for a timer at night."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.support.command import papka
from tests.support.school import STUDENT, TEACHER, Archive

DAY = "2026-11-20"


def stands(root: Path, on: str = DAY) -> tuple[int, dict[str, Any]]:
    ran = papka("status", "-C", root, "--on", on, "--format", "json")
    report: dict[str, Any] = json.loads(ran.out)
    return ran.code, report


def test_a_quiet_day_is_exit_code_zero(built_archive: Archive) -> None:
    ran = papka("status", "-C", built_archive.root, "--on", DAY)
    assert ran.code == 0
    assert "Кто сохраняет: s001" in ran.out
    assert "Несохранённого нет" in ran.out
    assert "Сроков и задолженностей на 20.11.2026 нет" in ran.out
    assert "Зеркал нет" in ran.out


def test_unsaved_paths_are_named(archive: Archive) -> None:
    archive.edit(f"{STUDENT}/student.yaml", "sex: женский", "sex: мужской")
    archive.write("records/events/2027.yaml", "events: []\n")
    _, report = stands(archive.root)
    assert {item["path"]: item["state"] for item in report["unsaved"]} == {
        f"{STUDENT}/student.yaml": "changed",
        "records/events/2027.yaml": "added",
    }
    assert "papka save" in papka("status", "-C", archive.root, "--on", DAY).out


def test_a_deadline_may_hide_in_a_file_nobody_can_read(archive: Archive) -> None:
    archive.edit(f"{STUDENT}/results/2026-1.yaml", "mark: 2", "mark: [")
    ran = papka("status", "-C", archive.root, "--on", DAY)
    assert ran.code == 1
    assert f"Не читается: {STUDENT}/results/2026-1.yaml" in ran.out


def test_an_unsaved_edit_alone_is_not_overdue(archive: Archive) -> None:
    archive.edit(f"{STUDENT}/student.yaml", "sex: женский", "sex: мужской")
    assert stands(archive.root)[0] == 0


def test_a_debt_is_open_until_its_day_and_overdue_after_it(archive: Archive) -> None:
    results = f"{STUDENT}/results/2026-1.yaml"
    archive.write(results, archive.read(results).split("  - id: r3\n")[0])
    code, report = stands(archive.root, "2026-09-30")
    [debt] = report["deadlines"]
    assert (code, debt["address"], debt["overdue"]) == (0, "2026-0001#r1", False)
    code, report = stands(archive.root, "2026-10-01")
    assert (code, report["deadlines"][0]["overdue"]) == (1, True)
    text = papka("status", "-C", archive.root, "--on", "2026-10-01").out
    assert "просрочено 1" in text
    assert "Абрикосова" not in text


def test_a_lent_file_a_consent_and_an_unclosed_period_are_told_in_time(archive: Archive) -> None:
    archive.edit(f"{STUDENT}/student.yaml", "      returned: 2026-02-12", "      due: 2026-12-01")
    code, report = stands(archive.root)
    assert (code, [item["about"] for item in report["deadlines"]]) == (0, ["бумажное дело выдано"])
    code, report = stands(archive.root, "2026-12-02")
    assert code == 1
    _, report = stands(archive.root, "2027-12-05")
    about = {item["about"]: item["overdue"] for item in report["deadlines"]}
    assert about == {
        "бумажное дело выдано": True,
        "период не закрыт": True,
        "согласие истекает": False,
    }


def test_a_renewed_consent_does_not_expire(archive: Archive) -> None:
    consents = f"{STUDENT}/consents.yaml"
    again = archive.read(consents).split("consents:\n")[1].replace("c1", "c2")
    again = again.replace("2027-12-31", "2029-12-31")
    archive.write(consents, archive.read(consents) + again)
    _, report = stands(archive.root, "2027-12-05")
    assert [item["about"] for item in report["deadlines"]] == ["период не закрыт"]


def test_drafts_are_counted_by_period(archive: Archive) -> None:
    results = archive.read(f"{STUDENT}/results/2026-1.yaml").split("  - id: r2\n")[0]
    later = (
        results.replace("2026-1", "2026-2").replace("r1", "r4").replace("2026-05-28", "2026-11-02")
    )
    archive.write(f"{STUDENT}/results/2026-2.yaml", later.replace("    resit_by: 2026-09-30\n", ""))
    _, report = stands(archive.root)
    assert report["drafts"] == [{"period": "2026-2", "entries": 1, "people": 1, "closed": False}]
    text = papka("status", "-C", archive.root, "--on", DAY).out
    assert "2-е полугодие 2026 года: 1\u00a0запись, 1\u00a0дело" in text


def test_a_correction_after_closing_is_a_draft(archive: Archive) -> None:
    results = f"{STUDENT}/results/2026-1.yaml"
    again = archive.read(results).split("  - id: r3\n")[1].replace("mark: 4", "mark: 5")
    more = f"  - id: r4\n{again}    replaces: r3\n    reason: Описка\n"
    archive.write(results, archive.read(results) + more)
    for _ in ("unsaved", "saved"):
        _, report = stands(archive.root)
        assert report["drafts"] == [{"period": "2026-1", "entries": 1, "people": 1, "closed": True}]
        shown = papka("show", "2026-0001", "-C", archive.root)
        assert "черновик: r4." in shown.out
        archive.save(TEACHER)


def test_mirrors_are_told_from_memory(archive: Archive, tmp_path: Path) -> None:
    root = archive.root
    store = tmp_path / "store.git"
    papka("mirror", "add", "disk", store, "--country", "RU", "-C", root)
    assert "ещё ничего не подтверждало" in papka("status", "-C", root, "--on", DAY).out
    assert papka("mirror", "push", "-C", root).code == 0
    assert "disk (основное): всё отправлено" in papka("status", "-C", root, "--on", DAY).out
    archive.edit(f"{STUDENT}/student.yaml", "sex: женский", "sex: мужской")
    archive.save(TEACHER)
    store.rename(tmp_path / "unplugged.git")
    _, report = stands(root)
    assert report["mirrors"][0]["behind"] == 1


def test_whoever_has_no_key_here_is_told(archive: Archive) -> None:
    (archive.root / ".git" / "config").write_text(
        (archive.root / ".git" / "config").read_text().replace(str(archive.keys), "/nowhere")
    )
    assert "файла ключа нет" in papka("status", "-C", archive.root, "--on", DAY).out
