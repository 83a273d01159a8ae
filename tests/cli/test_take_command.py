"""papka take: what is asked, what is shown, exit codes."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from papka.repository import commit_snapshots
from tests.support.command import papka
from tests.support.school import TEACHER, Archive, copied
from tests.support.taking import PERIOD, aglaya, emil, gradebook, row, take
from tests.support.terminal import at_terminal

KIM = row("k1", "Листов Ким", born="11.10.2012")


@pytest.fixture
def school(archive_with_class: Archive, tmp_path: Path) -> Archive:
    return copied(archive_with_class, tmp_path)


def test_a_table_says_how_it_was_read_and_what_is_new(school: Archive) -> None:
    ran = take(school, gradebook(aglaya(), emil()))
    assert ran.code == 0, ran.all
    assert ran.out.startswith(
        "grades.csv: CSV, windows-1251, разделитель — точка с запятой, 2\xa0обучающихся\n"
        "  Описание: «grades», редакция 1 — Журнал оценок\n"
        "  Что    Сколько\n"
        "  новые  6\n"
    )
    assert "2026-0001#e1  теория «Тест 1»  5" in ran.out
    assert "Принято: 2026-2/2, сохранение " in ran.out


@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le"),
     ("windows-1251", "windows-1251")],
)  # fmt: skip
def test_the_encoding_found_is_told(school: Archive, encoding: str, told: str) -> None:
    ran = take(school, gradebook(emil(), encoding=encoding), "--format", "json", "--dry-run")
    (file,) = json.loads(ran.out)["summary"]["files"]
    assert (file["encoding"], file["delimiter"], file["counts"]["new"]) == (told, ";", 3)


def test_json_names_every_line_and_every_open_row(school: Archive) -> None:
    ran = take(school, gradebook(emil(), KIM), "--format", "json")
    assert ran.code == 1
    report = json.loads(ran.out)
    (file,) = report["summary"]["files"]
    assert report["summary"]["commit"] is None
    assert file["ambiguous"] == [
        {
            "rows": [3],
            "key": "k1",
            "reason": "одинаковые имя и день рождения у нескольких",
            "candidates": ["2026-0003", "2026-0004"],
        }
    ]
    assert file["learnt"] == {"2026-0002": ["u2"]}
    assert {finding["code"] for finding in report["findings"]} == {"EXPORT_ROW_AMBIGUOUS"}


def test_findings_do_not_name_people(school: Archive) -> None:
    ran = take(school, gradebook(row("x9", "Незнакомцев Ян")), "--format", "json")
    assert "Незнакомцев" not in json.dumps(json.loads(ran.out)["findings"], ensure_ascii=False)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (("--platform", "krus"), "Может быть, «kurs»"),
        (("--period", "2026-3"), "Есть: «2026-1», «2026-2»"),
        (("--export", "grads"), "EXPORT_LAYOUT_UNKNOWN"),
        (("--encoding", "koi-77"), "koi-77"),
    ],
)
def test_a_slip_of_the_pen_is_told(school: Archive, more: tuple[str, str], told: str) -> None:
    ran = take(school, gradebook(emil()), *more)
    assert ran.code != 0
    assert told in ran.all


def test_a_platform_must_be_named(school: Archive) -> None:
    path = school.root.parent / "grades.csv"
    path.write_bytes(gradebook(emil()))
    ran = papka("take", path, "--period", PERIOD, "--as", TEACHER, "-C", school.root)
    assert (ran.code, "--platform" in ran.err) == (3, True)


def test_a_platform_out_of_use_is_refused(school: Archive) -> None:
    path = "records/platforms/kurs.yaml"
    school.edit(path, "since: 2024-01-09\n", "since: 2024-01-09\nuntil: 2026-06-30\n")
    assert school.save("s001").commit is not None
    ran = take(school, gradebook(emil()))
    assert (ran.code, "не используется" in ran.err) == (3, True)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_at_a_terminal_it_asks_whose_row_it_is(school: Archive) -> None:
    path = school.root.parent / "grades.csv"
    path.write_bytes(gradebook(KIM))
    ran = at_terminal(
        ["take", str(path), "--period", PERIOD, "--platform", "kurs", "--as", TEACHER,
         "--date", "2026-11-20", "--learn"],
        ["7", "2"],
        folder=school.root,
    )  # fmt: skip
    assert ran.code == 0, ran.out
    assert "1. 2026-0003 — Листов Ким" in ran.out
    assert "«7» здесь нет" in ran.out
    card = school.read("records/students/2026/2026-0004/student.yaml")
    assert "accounts:\n  - platform: kurs\n    key: k1\n" in card
    assert not commit_snapshots.worktree_changes(school.root)
