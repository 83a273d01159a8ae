"""Commands that help a person who edits records: check --fix, undo FILE, edit, check --watch."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from papka.cli.check import watch_folder
from papka.cli.context import Context
from papka.repository.runner import run_git
from tests.support.command import papka
from tests.support.school import STUDENT, Archive

ENROLMENTS = f"{STUDENT}/enrolments.yaml"
NOTICES = f"{STUDENT}/notices.yaml"


def status(archive: Archive) -> list[str]:
    """What git says of the folder, a line a file."""
    return run_git("status", "--porcelain", folder=archive.root).text.splitlines()


def test_fix_shows_asks_and_mends_only_what_has_one_meaning(archive: Archive) -> None:
    archive.edit(ENROLMENTS, "program: guitar", "program:\tguitаr")
    archive.edit(NOTICES, "date: 2026-05-30", "date: 05/06/2026")
    card = archive.root / STUDENT / "student.yaml"
    card.write_bytes(card.read_text(encoding="utf-8").encode("cp1251"))
    (archive.root / STUDENT / "consents.yaml").rename(archive.root / STUDENT / "согласия.yml")
    shown = papka("check", "-C", archive.root, "--fix")
    assert "-    program:·guitаr" in shown.out
    assert "+    program: guitar" in shown.out
    assert "согласия.yml → " in shown.out
    assert "program:\tguitаr" in (archive.root / ENROLMENTS).read_text(encoding="utf-8")
    done = papka("check", "-C", archive.root, "--fix", "--yes")
    assert "Исправлено" in done.out
    changed = status(archive)
    assert changed == [f" M {NOTICES}"]  # of two dates a person chooses
    assert "Должно быть:\n      |     date: 2026-06-05" in done.out


def test_a_day_of_the_month_first_is_mended(archive: Archive) -> None:
    archive.edit(NOTICES, "date: 2026-05-30", "date: 30.05.2026")
    assert papka("check", "-C", archive.root, "--fix", "--yes").code == 0
    assert status(archive) == []


def test_undo_gives_files_back_and_leaves_the_others(archive: Archive) -> None:
    archive.edit(ENROLMENTS, "program: guitar", "program: gitar")
    archive.edit(NOTICES, "date: 2026-05-30", "date: 2026-05-31")
    (archive.root / STUDENT / "student.yaml").unlink()
    ran = papka("undo", "-C", archive.root, ENROLMENTS, f"{STUDENT}/student.yaml", "--yes")
    assert ran.code == 0, ran.all
    assert "+    program: guitar" in ran.out
    assert status(archive) == [f" M {NOTICES}"]
    assert papka("undo", "-C", archive.root, ENROLMENTS).code == 3
    never = papka("undo", "-C", archive.root, f"{STUDENT}/новый.yaml")
    assert "ни разу не сохраняли" in never.err


def test_an_archive_without_its_first_file_says_so_and_gives_it_back(archive: Archive) -> None:
    path = "records/organization.yaml"
    (archive.root / path).rename(archive.root / "records/org.yaml")
    ran = papka("check", "-C", archive.root)
    assert f"Файла {path} нет" in ran.err
    assert f"papka undo {path}" in ran.err
    assert papka("undo", "-C", archive.root, path, "--yes").code == 0
    (archive.root / "records/org.yaml").unlink()
    assert papka("check", "-C", archive.root).code == 0


def test_a_file_that_breaks_off_is_told_once_by_check_and_by_save(archive: Archive) -> None:
    text = (archive.root / "records/staff.yaml").read_bytes()
    (archive.root / "records/staff.yaml").write_bytes(text[:-3])
    ran = papka("check", "-C", archive.root)
    assert ran.code == 1
    assert ran.out.count("ошибка FILE_CUT") == 1
    assert papka("save", "-C", archive.root).code == 1


EDITOR = """#!/bin/sh
for file; do :; done
printf '%s\\n' "$@" > "{log}"
cat "$file" >> "{log}"
{change}
"""


def _editor(folder: Path, monkeypatch: pytest.MonkeyPatch, change: str = "") -> Path:
    script, log = folder / "editor", folder / "log"
    script.write_text(EDITOR.format(log=log, change=change), encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.setenv("EDITOR", os.fspath(script))
    monkeypatch.delenv("VISUAL", raising=False)
    return log


def test_edit_offers_a_new_entry_and_takes_back_what_is_left(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = _editor(tmp_path, monkeypatch)
    before = (archive.root / NOTICES).read_bytes()
    ran = papka("edit", "-C", archive.root, "2026-0001", "notice")
    assert ran.code == 0, ran.all
    line, file, *text = log.read_text(encoding="utf-8").splitlines()
    assert line == f"+{len(before.splitlines()) + 2}"
    assert file.endswith(NOTICES)
    assert any(each.startswith("  # - date: 2026-01-15  # ") for each in text)
    assert (archive.root / NOTICES).read_bytes() == before


def test_edit_checks_what_was_written(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _editor(tmp_path, monkeypatch, change='sed -i "s/program: guitar/program: gitar/" "$file"')
    ran = papka("edit", "-C", archive.root, "2026-0001#e1")
    assert ran.code == 1
    assert "REF_UNKNOWN_PROGRAM" in ran.out


def test_watch_checks_again_when_a_file_changed(
    archive: Archive, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter(range(3))

    def wait(_: float) -> None:
        if next(seconds) == 2:
            raise KeyboardInterrupt
        archive.edit(ENROLMENTS, "program: g", "program: gg")

    assert watch_folder(Context(archive.root), None, wait) == 1
    told = capsys.readouterr().out
    assert told.count("файлов, ") == 3
    assert told.count("замечаний нет") == 1


def test_a_check_and_a_save_keep_the_names_that_an_editor_offers(archive: Archive) -> None:
    kept = archive.root / ".papka" / "names.json"

    def offered(kind: str) -> list[str]:
        found: list[str] = json.loads(kept.read_text(encoding="utf-8"))["$defs"][kind]["enum"]
        return found

    papka("check", "-C", archive.root)
    assert offered("groups") == ["Г-26-1"]
    assert offered("enrolments") == ["e1"]
    second = "group: Г-26-1\n    program: guitar\n  - group: Г-26-2\n"
    archive.edit("records/organization.yaml", "group: Г-26-1\n", second)
    assert papka("save", "-C", archive.root).code == 0
    assert offered("groups") == ["Г-26-1", "Г-26-2"]
    assert offered("enrolments") == ["e1"]
    assert status(archive) == []
