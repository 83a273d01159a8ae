"""papka add: one more entry, from options or answers, whatever kinds the schemas know."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from papka.core.errors import ChangedMeanwhile
from papka.desk import entries as desk_entries
from papka.desk.command_end import WriteStep, write
from papka.desk.open_records import Desk
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from papka.repository.signing import find_actor
from tests.support.archives import PROJECT
from tests.support.command import Ran, papka
from tests.support.school import NOW, STUDENT, TEACHER, Archive
from tests.support.terminal import at_terminal

ID = "2026-0001"
NEXT = f"{STUDENT}/results/2026-2.yaml"
NOTICES = f"{STUDENT}/notices.yaml"
MARK = (
    *("--kind", "учебный", "--origin", "текущий контроль", "--control", "текущий"),
    *("--part", "техника", "--mark", "5", "--date", "2026-10-01"),
)
NOTICE = ("--date", "2026-06-01", "--about", "успеваемость", "--channel", "лично", "--told", "p1")


def added(archive: Archive, *arguments: str | Path) -> Ran:
    return papka("add", "-C", archive.root, ID, *arguments)


def entries(archive: Archive, path: str) -> list[dict[str, object]]:
    """The first list of a file."""
    value = read(archive.read(path).encode(), path).value
    return next(item for item in value.values() if isinstance(item, list))


def test_a_result_gets_the_next_number_and_its_file_a_modeline(archive: Archive) -> None:
    ran = added(archive, "result", *MARK, "--as", TEACHER)
    assert ran.code == 0, ran.all
    assert f"{ID}#r4" in ran.out
    assert archive.read(NEXT) == (
        "# yaml-language-server: $schema=../../../../../schema/results.json\n"
        "period: 2026-2\n"
        "results:\n"
        "  - id: r4\n"
        "    enrolment: e1\n"
        "    kind: учебный\n"
        "    origin: текущий контроль\n"
        "    part: техника\n"
        "    control: текущий\n"
        "    date: 2026-10-01\n"
        "    mark: 5\n"
        "    assessed_by: s002\n"
    )
    assert "Подставлено: Зачисление e1, Кто оценил s002" in ran.out
    assert "Что дальше" in ran.out


def test_an_entry_is_appended_and_every_other_byte_stays(archive: Archive) -> None:
    before = archive.read(NOTICES) + "# рукой секретаря\n"
    archive.write(NOTICES, before)
    assert added(archive, "notice", *NOTICE).code == 0
    assert archive.read(NOTICES) == before.replace(
        "# рукой",
        "  - id: n2\n    date: 2026-06-01\n    about: успеваемость\n"
        "    channel: лично\n    told: p1\n# рукой",
    )


def test_save_makes_one_signed_commit_and_leaves_other_edits_alone(archive: Archive) -> None:
    card = f"{STUDENT}/student.yaml"
    archive.edit(card, "Шкаф 1", "Шкаф 2")
    ran = added(archive, "notice", *NOTICE, "--save", "--as", TEACHER)
    assert ran.code == 0, ran.all
    commit = commit_snapshots.read_commit(archive.root, "HEAD")
    assert commit.author.email == "s002@papka.invalid"
    assert commit.message.splitlines()[2] == "2026-0001: уведомления (+n2)"
    assert [path for path, _ in commit_snapshots.worktree_changes(archive.root)] == [card]


def test_dry_run_shows_the_difference_and_writes_nothing(archive: Archive) -> None:
    before = archive.read(NOTICES)
    ran = added(archive, "notice", *NOTICE, "-n")
    assert ran.code == 0
    assert "+  - id: n2\n" in ran.out
    assert f"Было бы записано: {ID}#n2" in ran.out
    assert archive.read(NOTICES) == before


def test_what_a_check_refuses_is_not_written(archive: Archive) -> None:
    before = archive.read(NOTICES)
    for saving in ([], ["--save"]):
        ran = added(archive, "notice", *NOTICE[:-1], "p9", *saving)
        assert ran.code == 1
        assert "REF_UNKNOWN_ENTRY" in ran.out
        assert "Не записано" in ran.out
    assert archive.read(NOTICES) == before


def test_one_error_names_every_missing_option(archive: Archive) -> None:
    ran = added(archive, "notice", "--date", "2026-06-01")
    assert ran.code == 2
    last = ran.err.splitlines()[-1]
    for word in ("--about (О чём)", "--channel (Как сообщили)", "--told (Кому)"):
        assert word in last


def test_what_is_due_depends_on_what_was_said(archive: Archive) -> None:
    ran = added(archive, "result", "--kind", "личностный", *MARK[2:4], "--date", "2026-10-01")
    assert ran.code == 2
    assert "--text (Текст)" in ran.err
    assert "--mark" not in ran.err


@pytest.mark.parametrize(
    ("option", "text", "said"),
    [
        ("--about", "успеваемосте", "Может быть, «успеваемость»?"),
        ("--date", "2026-02-30", "такого дня нет"),
        ("--date", "февраль", "Дату пишут как год-месяц-день"),
        ("--told", "мама", "номер представителя"),
    ],
)
def test_a_bad_value_names_its_option_and_a_good_one(
    archive: Archive, option: str, text: str, said: str
) -> None:
    ran = added(archive, "notice", option, text)
    assert ran.code == 2
    assert option in ran.err
    assert said in " ".join(ran.err.split())


@pytest.mark.parametrize(
    ("text", "value"), [("5", 5), ("4,5", 4.5), ("4.5", 4.5), ("2,00", 2), ('"5"', "5")]
)
def test_a_mark_keeps_the_type_it_is_written_in(archive: Archive, text: str, value: object) -> None:
    desk = Desk(archive.root, ID)
    filling = desk_entries.fill_entry(
        desk, desk.kinds()["result"], staff="", today=date(2026, 10, 1)
    )
    mark = next(trail for trail in filling.fields() if trail[-1].name == "mark")
    filling.answer(mark, text)
    assert filling.record == {"mark": value}


def test_dates_may_be_written_the_russian_way(archive: Archive) -> None:
    assert added(archive, "notice", "--date", "1.06.2026", *NOTICE[2:]).code == 0
    assert entries(archive, NOTICES)[-1]["date"] == "2026-06-01"


def test_the_day_is_today_and_the_teacher_is_who_acts(archive: Archive) -> None:
    desk = Desk(archive.root, ID)
    filling = desk_entries.fill_entry(
        desk, desk.kinds()["result"], staff=TEACHER, today=date(2026, 10, 1)
    )
    filling.suggest()
    assert filling.record == {"enrolment": "e1", "date": "2026-10-01", "assessed_by": TEACHER}


def test_self_assessment_has_no_teacher(archive: Archive) -> None:
    ran = added(
        archive, "result", "--kind", "личностный", "--origin", "текущий контроль",
        "--author", "обучающийся", "--text", "Мне стало легче.", "--date", "2026-10-01",
        "--as", TEACHER,
    )  # fmt: skip
    assert ran.code == 0, ran.all
    assert "assessed_by" not in entries(archive, NEXT)[0]


def test_a_resit_stands_beside_what_it_resits(archive: Archive) -> None:
    ran = added(archive, "result", "--resits", "r3", "--mark", "5", "--date", "2026-10-01")
    assert ran.code == 0, ran.all
    assert entries(archive, f"{STUDENT}/results/2026-1.yaml")[-1] == {
        "id": "r4", "enrolment": "e1", "kind": "учебный", "origin": "текущий контроль",
        "part": "техника", "control": "за период", "date": "2026-10-01", "mark": 5,
        "resits": "r3",
    }  # fmt: skip


def test_a_day_in_no_open_period_asks_for_one(archive: Archive) -> None:
    ran = added(archive, "result", *MARK[:-1], "2026-05-05")
    assert ran.code == 3
    assert "--period" in ran.err
    assert "2026-2" in ran.err
    assert added(archive, "result", *MARK, "--period", "2026-3").code == 3


def test_nested_fields_and_lists_of_records(archive: Archive) -> None:
    ran = added(
        archive, "credit", "--applied", "2026-01-20", "--organisation", "Школа «Ручеёк»",
        "--document", "d3",
        "--items.their_subject", "Слух", "--items.their-result", "5",
        "--items.decision", "отказать", "--items.reason", "Содержание не совпадает",
        "--items.their_subject", "Ритм", "--items.their_result", "зачёт",
        "--items.part", "ансамбль", "--items.decision", "зачесть", "--items.reason", "Совпадает",
    )  # fmt: skip
    assert ran.code == 0, ran.all
    items = entries(archive, f"{STUDENT}/credits.yaml")[-1]["items"]
    assert isinstance(items, list)
    assert [item["their_subject"] for item in items] == ["Слух", "Ритм"]
    assert items[0]["their_result"] == "5"
    assert "part" not in items[0]


def test_a_list_of_words_is_a_repeated_option(archive: Archive) -> None:
    ran = added(
        archive, "enrolment", "--program", "guitar", "--start", "2026-09-01",
        "--individual-parts", "техника", "--individual-parts", "теория", "-n",
    )  # fmt: skip
    assert "+    individual_parts:\n+      - техника\n+      - теория\n" in ran.out
    assert "+    edition: 2\n" in ran.out


def test_the_paper_file_is_lent(archive: Archive) -> None:
    ran = added(archive, "lending", "--date", "2026-11-01", "--taken-by", "Б. Б. Чайкин, инспектор")
    assert ran.code == 0, ran.all
    assert archive.read(f"{STUDENT}/student.yaml").endswith(
        "    - id: l2\n      date: 2026-11-01\n      taken_by: Б. Б. Чайкин, инспектор\n"
    )


def document(archive: Archive, scan: Path, *more: str) -> Ran:
    about = ("--kind", "справка", "--title", "Справка", "--medium", "только файл")
    return added(archive, "document", *about, "--file", scan, *more)


def test_a_scan_is_copied_under_the_name_of_its_digest(archive: Archive, tmp_path: Path) -> None:
    scan = tmp_path / "скан справки (2).JPG"
    scan.write_bytes(b"%PDF-1.7\nplain\n%%EOF\n")
    digest = hashlib.sha256(scan.read_bytes()).hexdigest()
    ran = document(archive, scan, "--save")
    assert ran.code == 0, ran.all
    assert entries(archive, f"{STUDENT}/documents.yaml")[-1] == {
        "id": "d4", "kind": "справка", "title": "Справка", "medium": "только файл",
        "file": f"{digest[:12]}.pdf", "sha256": digest,
    }  # fmt: skip
    kept = archive.root / STUDENT / "attachments" / f"{digest[:12]}.pdf"
    assert kept.read_bytes() == scan.read_bytes()


@pytest.mark.parametrize("data", [b"MZ\x90", b"", b"<html>", b"PK\x03\x04"])
def test_what_is_no_scan_is_refused_whatever_it_is_called(
    archive: Archive, tmp_path: Path, data: bytes
) -> None:
    scan = tmp_path / "scan.pdf"
    scan.write_bytes(data)
    ran = document(archive, scan)
    assert ran.code == 3
    assert "не PDF, PNG или JPEG" in ran.err


def test_a_scan_too_large_for_history_is_refused(archive: Archive, tmp_path: Path) -> None:
    scan = tmp_path / "scan.pdf"
    with scan.open("wb") as file:
        file.write(b"%PDF-1.7\n")
        file.truncate(26 * 1024 * 1024)
    ran = document(archive, scan)
    assert ran.code == 3
    assert "слишком большой" in ran.err


def test_help_is_made_from_the_schema(archive: Archive) -> None:
    ran = added(archive, "notice", "--help")
    assert ran.code == 0
    assert "--channel" in ran.out
    assert "Электронная почта, лично под подпись" in " ".join(ran.out.split())
    assert "задолженности, отсутствие задолженностей, успеваемость" in " ".join(ran.out.split())


def test_an_unknown_kind_gets_the_likely_one(archive: Archive) -> None:
    ran = added(archive, "notise")
    assert ran.code == 2
    assert "Может быть, «notice»?" in ran.err
    assert papka("add", "-C", archive.root, "2026-0009", "notice").code == 3


def test_a_field_new_in_the_schema_is_an_option_at_once(archive: Archive) -> None:
    path = archive.root / "schema/notices.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["$defs"]["notice"]["properties"]["answer"] = {
        "title": "Ответ", "type": "string", "enum": ["согласен", "возражает"],
    }  # fmt: skip
    path.write_text(json.dumps(schema, ensure_ascii=False), encoding="utf-8")
    assert "--answer" in added(archive, "notice", "--help").out
    assert added(archive, "notice", *NOTICE, "--answer", "согласен").code == 0
    assert entries(archive, NOTICES)[-1]["answer"] == "согласен"


def test_a_kind_new_in_the_schema_needs_no_new_command(archive: Archive) -> None:
    path = archive.root / "schema/student.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    schema["$defs"]["hobby"] = {
        "type": "object",
        "required": ["title"],
        "properties": {
            "id": {"type": "string", "pattern": "^b[1-9][0-9]*$"},
            "title": {"title": "Увлечение", "type": "string"},
        },
        "additionalProperties": False,
    }
    schema["properties"]["hobbies"] = {"type": "array", "items": {"$ref": "#/$defs/hobby"}}
    path.write_text(json.dumps(schema, ensure_ascii=False), encoding="utf-8")
    ran = added(archive, "hobby", "--title", "шахматы")
    assert ran.code == 0, ran.all
    assert archive.read(f"{STUDENT}/student.yaml").endswith(
        "hobbies:\n  - id: b1\n    title: шахматы\n"
    )


def test_a_terminal_asks_for_what_was_left_out(archive: Archive) -> None:
    ran = at_terminal(
        ["add", ID, "notice", "--date", "2026-06-01", "--told", "p1"],
        ["", "успеваемасть!", "3", "лично", "period", "2026-1", ""],
        folder=archive.root,
    )
    assert ran.code == 0, ran.out
    for word in ("О чём (--about)", "задолженностей нет", "Ошибка", "Период (period)"):
        assert word in ran.out
    assert entries(archive, NOTICES)[-1] == {
        "id": "n2", "date": "2026-06-01", "period": "2026-1", "about": "успеваемость",
        "channel": "лично", "told": "p1",
    }  # fmt: skip


def test_a_file_changed_meanwhile_is_not_overwritten(archive: Archive) -> None:
    before = archive.read(NOTICES).encode()
    step = WriteStep({NOTICES: before}, {NOTICES: before + b"# mine\n"}, (ID,))
    archive.write(NOTICES, before + b"# somebody else's\n")
    for saving in (None, find_actor(archive.root, TEACHER)):
        with pytest.raises(ChangedMeanwhile):
            write(archive.root, step, now=NOW, saving=saving)
    assert archive.read(NOTICES).endswith("# somebody else's\n")


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (["add", "2026"], "2026-0001"),
        (["add", ID, "not"], "notice"),
        (["add", ID, "notice", "--ab"], "--about"),
        (["add", ID, "notice", "--about", "усп"], "успеваемость"),
        (["add", ID, "result", "--enrolment", "e1", "--part", "те"], "техника"),
    ],
)
def test_the_shell_completes_numbers_kinds_fields_and_words(
    archive: Archive, typed: list[str], offered: str
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from papka.cli.main import main; main()"],
        cwd=archive.root,
        env=os.environ
        | {
            "PYTHONPATH": str(PROJECT / "tools"),
            "_PAPKA_COMPLETE": "bash_complete",
            "COMP_WORDS": " ".join(["papka", *typed]),
            "COMP_CWORD": str(len(typed)),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert f"plain,{offered}\n" in done.stdout, done.stderr
