"""papka status: for a person in the morning and for a timer at night."""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from papka.copies import mirrors
from papka.desk.sealing import make_seal
from papka.repository import commit_snapshots
from papka.repository.signing import find_actor
from tests.support.command import Ran, papka
from tests.support.counting import git_started
from tests.support.made_once import MadeOnce
from tests.support.school import NOW, STUDENT, TEACHER, Archive, add_correction

DAY = "2026-11-20"


@pytest.fixture
def archive(archive: Archive, made_once: MadeOnce, tmp_path: Path) -> Archive:
    """With a seal on the period that is closed: nothing is owed."""

    def seal() -> None:
        make_seal(archive.root, find_actor(archive.root, "s001"), now=NOW, period="2026-1")

    made_once.make("sealed", tmp_path, ("archive",), seal)
    return archive


def stands(root: Path, on: str = DAY) -> tuple[int, dict[str, Any]]:
    ran = papka("status", "-C", root, "--on", on, "--format", "json")
    report: dict[str, Any] = json.loads(ran.out)
    return ran.code, report


def test_a_quiet_day_is_exit_code_zero(archive: Archive) -> None:
    ran = papka("status", "-C", archive.root, "--on", DAY)
    assert ran.code == 0
    assert "Кто сохраняет: s001" in ran.out
    assert "Несохранённого нет" in ran.out
    assert "Сроков и задолженностей на 20.11.2026 нет" in ran.out
    assert "Зеркал нет" in ran.out


def test_at_most_four_processes_of_git_are_started(archive: Archive) -> None:
    mirrors.add(archive.root, "m", str(archive.root.parent / "m.git"), "RU", allowed=("RU",))
    mirrors.push(archive.root)
    archive.edit(f"{STUDENT}/student.yaml", "sex: женский", "sex: мужской")
    stands(archive.root)  # remembers what it read of the history
    with git_started() as started:
        stands(archive.root)
    assert len(started) <= 4, started


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
    archive.edit(results, "resit_by: 2026-09-30", "resit_by: 2026-11-30")
    code, report = stands(archive.root, "2026-11-30")
    [debt] = report["deadlines"]
    assert (code, debt["address"], debt["overdue"]) == (0, "2026-0001#r1", False)
    code, report = stands(archive.root, "2026-12-01")
    assert (code, report["deadlines"][0]["overdue"]) == (1, True)
    text = papka("status", "-C", archive.root, "--on", "2026-12-01").out
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
        "копии за год": True,
        "нет пломбы": True,
        "согласие истекает": False,
        "лист для сейфа": False,
    }


def test_a_renewed_consent_does_not_expire(archive: Archive) -> None:
    consents = f"{STUDENT}/consents.yaml"
    again = archive.read(consents).split("consents:\n")[1].replace("c1", "c2")
    again = again.replace("2027-12-31", "2029-12-31")
    archive.write(consents, archive.read(consents) + again)
    _, report = stands(archive.root, "2027-12-05")
    assert "согласие истекает" not in {item["about"] for item in report["deadlines"]}


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
    add_correction(archive)
    for _ in ("unsaved", "saved"):
        _, report = stands(archive.root)
        assert report["drafts"] == [{"period": "2026-1", "entries": 1, "people": 1, "closed": True}]
        shown = papka("show", "2026-0001", "-C", archive.root)
        assert "Не утверждены: r4." in shown.out
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


def demanded(root: Path, *more: str, on: str = DAY) -> Ran:
    return papka("status", "--due", "-C", root, "--on", on, *more)


def test_a_quiet_night_says_one_line_or_nothing(archive: Archive) -> None:
    ran = demanded(archive.root)
    assert (ran.code, ran.out) == (0, "На 20.11.2026: календарь ничего не требует\n")
    for style in ("text", "json", "github", "sarif"):
        ran = demanded(archive.root, "--quiet", "--format", style)
        assert (ran.code, ran.all) == (0, "")


def test_january_warns_and_the_26th_fails(archive: Archive) -> None:
    archive.write(
        "records/approvals/2026-2.yaml", "period: 2026-2\nclosed: 2026-11-20\nsigned_by: s001\n"
    )
    archive.save("s001")
    make_seal(archive.root, find_actor(archive.root, "s001"), now=NOW, period="2026")
    assert demanded(archive.root, on="2026-12-31").code == 0
    for day, code in (("2027-01-01", 0), ("2027-01-25", 0), ("2027-01-26", 1)):
        assert demanded(archive.root, on=day).code == code, day
        assert demanded(archive.root, "--fail-on", "warning", on=day).code == 1, day
    ran = demanded(archive.root, "--quiet", on="2027-01-25")
    assert "предупреждение COPIES_DUE" in ran.out
    assert "papka backup --to" in ran.out
    assert "требований 1, просрочено 0" in ran.out
    ran = demanded(archive.root, "--format", "github", on="2027-01-26")
    assert ran.out.startswith("::error file=records/media/2026.yaml,title=COPIES_OVERDUE::")
    report = json.loads(demanded(archive.root, "--format", "json", on="2027-01-26").out)
    assert report["summary"]["on"] == "2027-01-26"
    assert [(f["code"], f["severity"]) for f in report["findings"]] == [("COPIES_OVERDUE", "error")]
    status = papka("status", "-C", archive.root, "--on", "2027-01-26")
    assert (status.code, "Что дальше: papka backup" in status.out) == (1, True)
    assert papka("check", "-C", archive.root).code == 0, "a check knows no calendar"


def test_every_demand_names_its_place_and_no_person(archive: Archive) -> None:
    results = f"{STUDENT}/results/2026-1.yaml"
    archive.write(results, archive.read(results).split("  - id: r3\n")[0])
    archive.edit(f"{STUDENT}/student.yaml", "      returned: 2026-02-12", "      due: 2026-12-01")
    report = json.loads(demanded(archive.root, "--format", "json", on="2027-12-05").out)
    found = {f["code"]: (f["path"], f["line"] > 0) for f in report["findings"]}
    assert found == {
        "DEBT_OVERDUE": (results, True),
        "FILE_NOT_RETURNED": (f"{STUDENT}/student.yaml", True),
        "PERIOD_NOT_CLOSED": ("records/organization.yaml", True),
        "COPIES_OVERDUE": ("records/media/2026.yaml", False),
        "SEAL_OVERDUE": ("records/seals", False),
        "SAFE_SHEET_DUE": ("records/media", False),
        "CONSENT_ENDS": (f"{STUDENT}/consents.yaml", True),
    }
    severities = [f["severity"] for f in report["findings"]]
    assert severities == sorted(severities), "errors before warnings"
    for style in ("text", "github", "sarif"):
        assert "Абрикосова" not in demanded(archive.root, "--format", style, on="2027-12-05").out


def test_a_term_of_keeping_that_is_over_asks_for_a_decision(archive: Archive) -> None:
    ended = "    ended:\n      date: 2026-11-20\n      reason: завершение\n"
    enrolments = archive.read(f"{STUDENT}/enrolments.yaml")
    assert "ended:" not in enrolments, enrolments
    archive.write(f"{STUDENT}/enrolments.yaml", enrolments.rstrip("\n") + "\n" + ended)
    report = json.loads(demanded(archive.root, "--format", "json", on="2030-02-01").out)
    [kept] = [f for f in report["findings"] if f["code"] == "RETENTION_ENDED"]
    assert (kept["severity"], "2026-0001" in kept["message"]) == ("warning", True)


def test_a_report_for_a_forge_is_only_of_what_is_due(archive: Archive) -> None:
    ran = papka("status", "-C", archive.root, "--format", "github")
    assert (ran.code, "papka status --due" in ran.err) == (2, True)
    ran = papka("status", "-C", archive.root, "--quiet")
    assert (ran.code, "papka status --due --quiet" in ran.err) == (2, True)


def test_how_bad_is_bad_enough_is_the_callers_choice(archive: Archive) -> None:
    root = archive.root
    on = ("status", "-C", root, "--on", "2026-12-20")
    archive.edit(f"{STUDENT}/consents.yaml", "2027-12-31", "2026-12-31")
    assert papka(*on).code == 0
    assert papka(*on, "--fail-on", "warning").code == 1


def test_what_is_not_the_archives_is_told_as_save_tells_it(archive: Archive) -> None:
    archive.write("печать/лист.pdf", b"%PDF-1.4")
    ran = papka("status", "-C", archive.root, "--on", DAY)
    assert "Несохранённого нет" in ran.out
    assert "Не из архива, не сохраняется: печать/лист.pdf" in ran.out
    assert "papka save" not in ran.out
    assert "Не из архива, не сохраняется: печать/лист.pdf" in papka("save", "-C", archive.root).out
    _, report = stands(archive.root)
    assert (report["unsaved"], report["foreign"]) == ([], ["печать/лист.pdf"])


def test_a_folder_off_the_branch_is_told_in_one_way_by_every_command(archive: Archive) -> None:
    subprocess.run(["git", "checkout", "-q", "--detach"], cwd=archive.root, check=True)
    refused = papka("save", "-C", archive.root).err.splitlines()
    words = refused[0].removeprefix("Не получилось: ")
    step = refused[1].removeprefix("Что делать: ")
    assert "HEAD не на main" in words
    for command in (("status",), ("check",), ("find",), ("show", "2026-0001")):
        assert papka(*command, "-C", archive.root).err == f"Внимание: {words}. {step}\n"
    assert papka("check", "-C", archive.root, "--format", "json").err == ""
    subprocess.run(["git", "checkout", "-q", "main"], cwd=archive.root, check=True)
    assert papka("find", "-C", archive.root).err == ""


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root gives a folder away"
)
def test_a_folder_of_another_user_is_told_by_every_command_alike(archive: Archive) -> None:
    for folder in (archive.root, archive.root / ".git"):
        os.chown(folder, 12345, 12345)
    words = "Хранилище принадлежит другому пользователю этого компьютера"
    step = "Сделайте папку хранилища своей (Linux, macOS: sudo chown -R ВАШЕ-ИМЯ ПАПКА) и повторите"
    refused, warned = (
        f"Не получилось: {words}\nЧто делать: {step}\n",
        f"Внимание: {words}. {step}\n",
    )
    commands = ("save", "status", "check", "find", "show 2026-0001", "period status")
    told = {each: papka(*each.split(), "-C", archive.root) for each in commands}
    assert {each: ran.err for each, ran in told.items()} == {
        each: warned if ran.code == 0 else refused for each, ran in told.items()
    }
    assert told["save"].code != 0
    assert told["find"].code == 0


def test_a_clock_that_is_behind_is_told_in_the_words_of_a_save(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    last = commit_snapshots.read_commit(archive.root, "HEAD").committer.time
    early = datetime.fromtimestamp(last, UTC) - timedelta(days=2)
    monkeypatch.setattr("papka.cli.context.read_clock", lambda: early)
    notice = "  - date: 2026-06-01\n    about: успеваемость\n    channel: телефон\n    told: p1\n"
    archive.write(f"{STUDENT}/notices.yaml", archive.read(f"{STUDENT}/notices.yaml") + notice)
    told = papka("status", "-C", archive.root).err
    assert told.startswith("Внимание: Последнее сохранение архива сделано «в будущем»")
    for command in (("check",), ("find",), ("show", "2026-0001"), ("period", "status")):
        assert papka(*command, "-C", archive.root).err == told
    assert papka("find", "-C", archive.root, "--format", "json").err == ""
    refused = papka("save", "-C", archive.root).err
    assert told.removeprefix("Внимание: ").split(". ")[0] in refused


def test_a_clock_that_is_years_ahead_is_told_in_the_same_words_and_before_a_save(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = datetime(2099, 1, 3, tzinfo=UTC)
    monkeypatch.setattr("papka.cli.context.read_clock", lambda: late)
    told = papka("find", "-C", archive.root).err
    assert told.startswith("Внимание: Последнее сохранение архива сделано больше пяти лет назад")
    assert "на часах этого компьютера 03.01.2099" in told
    for command in (("check",), ("status",), ("show", "2026-0001"), ("period", "status")):
        assert papka(*command, "-C", archive.root).err == told
    assert papka("find", "-C", archive.root, "--format", "json").err == ""
    notice = "  - date: 2026-06-01\n    about: успеваемость\n    channel: телефон\n    told: p1\n"
    archive.write(f"{STUDENT}/notices.yaml", archive.read(f"{STUDENT}/notices.yaml") + notice)
    assert told in papka("save", "-C", archive.root).err
