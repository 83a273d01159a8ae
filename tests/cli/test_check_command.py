"""papka check as a person, a script and a forge see it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

from tests.support.command import papka
from tests.support.school import NOW, STUDENT, Archive

ENROLMENTS = f"{STUDENT}/enrolments.yaml"


def test_a_clean_archive_is_one_line(built_archive: Archive) -> None:
    ran = papka("check", "-C", built_archive.root)
    assert ran.code == 0
    assert ran.out.splitlines() == ["30\u00a0файлов, 1\u00a0личное дело: замечаний нет"]


def test_a_typo_is_shown_with_line_caret_code_and_the_likely_word(archive: Archive) -> None:
    archive.edit(ENROLMENTS, "program: guitar", "program: gitar")
    ran = papka("check", "-C", archive.root)
    assert ran.code == 1
    assert f"{ENROLMENTS}:4:14: ошибка REF_UNKNOWN_PROGRAM" in ran.out
    shown = ran.out.splitlines()
    line = shown.index("    4 |     program: gitar")
    assert shown[line + 1] == "      |              ^^^^^"
    assert "Может быть, «guitar»?" in ran.out
    assert "papka explain REF_UNKNOWN_PROGRAM" in ran.out


def test_every_fault_of_every_file_is_reported_in_one_run(archive: Archive) -> None:
    archive.edit(ENROLMENTS, "program: guitar", "program: gitar")
    archive.edit(f"{STUDENT}/student.yaml", "sex: женский", "sex: девочка\nsurprise: 1")
    archive.edit("records/staff.yaml", "post: Педагог", "post: NO\n    posts: Педагог")
    ran = papka("check", "-C", archive.root, "--format", "json")
    codes = {finding["code"] for finding in json.loads(ran.out)["findings"]}
    assert {
        "REF_UNKNOWN_PROGRAM",
        "SCHEMA_NOT_IN_ENUM",
        "SCHEMA_UNKNOWN_FIELD",
        "YAML_AMBIGUOUS_SCALAR",
    } <= codes


def test_json_keeps_cyrillic_and_counts(archive: Archive) -> None:
    archive.edit(ENROLMENTS, "group: Г-26-1", "group: Г-26-9")
    ran = papka("check", "-C", archive.root, "--format", "json")
    report = json.loads(ran.out)
    assert "Г-26-9" in ran.out
    assert report["summary"]["error"] == 1
    [finding] = report["findings"]
    assert (finding["path"], finding["line"], finding["column"]) == (ENROLMENTS, 6, 12)


def test_github_annotations_are_one_escaped_line_each(archive: Archive) -> None:
    archive.edit(ENROLMENTS, "group: Г-26-1", "group: Г-26-9")
    ran = papka("check", "-C", archive.root, "--format", "github")
    [line] = ran.out.splitlines()
    assert line.startswith(f"::error file={ENROLMENTS},title=REF_UNKNOWN_GROUP,line=6,col=12::")


def test_sarif_is_what_the_format_asks_for(archive: Archive) -> None:
    archive.edit(ENROLMENTS, "group: Г-26-1", "group: Г-26-9")
    log = json.loads(papka("check", "-C", archive.root, "--format", "sarif").out)
    [result] = log["runs"][0]["results"]
    [rule] = log["runs"][0]["tool"]["driver"]["rules"]
    assert log["version"] == "2.1.0"
    assert result["ruleId"] == rule["id"] == "REF_UNKNOWN_GROUP"
    region = result["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 6, "startColumn": 12}


def test_fail_on_moves_the_border_of_the_exit_code(archive: Archive) -> None:
    """A sign that no name has is a warning."""
    archive.edit(f"{STUDENT}/student.yaml", "given: ", "given: 1")
    assert papka("check", "-C", archive.root).code == 0
    assert papka("check", "-C", archive.root, "--fail-on", "warning").code == 1


def test_check_works_from_any_folder_inside(
    built_archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(built_archive.root / STUDENT / "results")
    assert papka("check").code == 0


def test_a_folder_that_is_no_archive_is_one_clear_sentence(tmp_path: Path) -> None:
    ran = papka("check", "-C", tmp_path)
    assert ran.code == 3
    assert ran.err.startswith("Не получилось: Здесь нет архива личных дел")
    assert "papka init" in ran.err
    assert "Traceback" not in ran.all


def test_an_unknown_edition_of_the_format_is_named(archive: Archive) -> None:
    archive.edit("records/organization.yaml", "format: 2", "format: 3")
    ran = papka("check", "-C", archive.root)
    assert ran.code == 3
    assert "формате 3" in ran.err


@pytest.mark.parametrize(
    "broken",
    ["{", '{"type": "wrong"}', '{"$ref": "nowhere.json"}', '{"format": "unknown-format"}'],
)
def test_a_broken_schema_is_named_with_the_way_back(archive: Archive, broken: str) -> None:
    archive.write("schema/student.json", broken)
    ran = papka("check", "-C", archive.root)
    assert ran.code == 3
    assert "schema/student.json" in ran.err
    assert "git checkout HEAD -- schema/student.json" in ran.err


def test_since_shows_only_what_changed(archive: Archive) -> None:
    archive.edit(ENROLMENTS, "group: Г-26-1", "group: Г-26-9")
    ran = papka("check", "-C", archive.root, "--since", "HEAD", "--format", "json")
    assert [finding["code"] for finding in json.loads(ran.out)["findings"]] == ["REF_UNKNOWN_GROUP"]


@pytest.mark.parametrize("since", [(), ("--since", "HEAD")])
def test_a_check_of_the_folder_sees_what_a_save_would(
    archive: Archive, since: tuple[str, ...]
) -> None:
    archive.edit(f"{STUDENT}/notices.yaml", "id: n1", "id: n2")
    ran = papka("check", "-C", archive.root, *since)
    assert ran.code == 1
    assert "ID_REMOVED" in ran.out
    assert "был n1, стал n2" in ran.out


def test_since_with_a_shared_change_checks_everybody(archive: Archive) -> None:
    archive.edit("records/organization.yaml", "group: Г-26-1", "group: Г-26-2")
    ran = papka("check", "-C", archive.root, "--since", "HEAD")
    assert "REF_UNKNOWN_GROUP" in ran.out


def test_rev_checks_a_commit_and_not_the_folder(archive: Archive) -> None:
    archive.edit(ENROLMENTS, "group: Г-26-1", "group: Г-26-9")
    assert papka("check", "-C", archive.root, "--rev", "HEAD").code == 0


def test_an_unknown_revision_is_a_clear_sentence(built_archive: Archive) -> None:
    ran = papka("check", "-C", built_archive.root, "--since", "--upload-pack=x")
    assert ran.code == 3
    assert "Сохранения «--upload-pack=x» в истории архива нет" in ran.err


def test_a_symbolic_link_is_found_and_not_followed(archive: Archive) -> None:
    (archive.root / STUDENT / "notices.yaml").unlink()
    (archive.root / STUDENT / "notices.yaml").symlink_to("/etc/passwd")
    ran = papka("check", "-C", archive.root)
    assert "PATH_SYMLINK" in ran.out
    assert "root:" not in ran.all


def test_a_day_ahead_of_its_save_stays_so_when_it_has_come(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    notices, day = f"{STUDENT}/notices.yaml", NOW.date() + timedelta(days=1)
    archive.write(notices, archive.read(notices).replace("2026-05-30", day.isoformat()))
    monkeypatch.setattr("papka.cli.context.read_clock", lambda: NOW)
    assert f"{notices}:4:11: предупреждение DATE_AHEAD" in papka("check", "-C", archive.root).out
    assert "DATE_AHEAD" in {each.code.name for each in archive.save().findings}
    monkeypatch.setattr("papka.cli.context.read_clock", lambda: NOW + timedelta(days=1))
    assert "замечаний нет" in papka("check", "-C", archive.root).out
    assert "DATE_AHEAD" in papka("check", "-C", archive.root, "--rev", "HEAD").out
