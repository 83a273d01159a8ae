"""papka give and the package side of papka take, as a person types them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from papka.core.places import ALLOWED_SIGNERS
from papka.intake.export_files import open_export
from papka.intake.take_plan import TakeRequest
from papka.intake.taking import take
from papka.proof.trusted_keys import read_trust
from papka.repository.signing import find_actor
from tests.support.command import Ran, papka
from tests.support.histories import git
from tests.support.packages import Given
from tests.support.school import TEACHER, Archive

GROUP = "Г-26-1"
EXPORT = "Номер дела;Обучение;Техника игры [guitar/техника];Дата\r\n2026-0001;e1;5;01.12.2026\r\n"
NOW = datetime(2026, 12, 2, 12, tzinfo=UTC)


def run(archive: Archive, *words: str | Path) -> Ran:
    return papka("give", *words, "-C", archive.root)


def test_a_sheet_lies_where_it_was_asked_for(built_archive: Archive, tmp_path: Path) -> None:
    target = tmp_path / "sheet.xlsx"
    ran = run(built_archive, "sheet", GROUP, "--period", "2026-2", "--out", target)
    assert ran.code == 0, ran.all
    assert "Период 2026-2: 1\u00a0строка, частей программы: 2" in ran.out
    assert "papka take ФАЙЛ --period 2026-2" in ran.out
    [page] = open_export(target.read_bytes(), target.name).tables
    assert "Номер дела" in page.rows[0].cells


def test_a_page_for_the_site_holds_the_heads_keys_alone(
    built_archive: Archive, tmp_path: Path
) -> None:
    ran = run(built_archive, "checker", "--out", tmp_path)
    assert ran.code == 0, ran.all
    assert "положите её на сайт" in ran.out
    page = (tmp_path / "checker.html").read_text("utf-8")
    school = json.loads(page.partition('id="school">')[2].partition("</script>")[0])
    trusted = read_trust((built_archive.root / ALLOWED_SIGNERS).read_bytes()).entries
    heads = [entry.key.fingerprint for entry in trusted if entry.is_head]
    assert [key["fingerprint"] for key in school["keys"]] == heads
    assert len(heads) < len(trusted)
    assert {key["ended"] for key in school["keys"]} == {""}


def test_no_page_is_made_of_keys_that_the_history_does_not_vouch_for(
    archive: Archive, tmp_path: Path
) -> None:
    git(archive.root, "commit", "-q", "--allow-empty", "-m", "x")
    ran = run(archive, "checker", "--out", tmp_path)
    assert ran.code == 3, ran.all
    assert "ключи раздавать нельзя" in ran.err
    assert list(tmp_path.glob("checker*")) == []


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_how_many_study_by_each_programme_is_a_table_too(
    built_archive: Archive, tmp_path: Path, form: str
) -> None:
    ran = run(built_archive, "counts", "--format", form, "--out", tmp_path)
    assert ran.code == 0, ran.all
    assert "1\u00a0программа" in ran.out
    (made,) = tmp_path.glob(f"student-counts-*.{form}")
    page, *about = open_export(made.read_bytes(), made.name).tables
    assert [[str(cell) for cell in row.cells] for row in page.rows] == [
        ["Направленность", "Программа", "Обучающихся", "Из них по договорам"],
        ["—", "Гитара с нуля", "1", "1"],
    ]
    assert len(about) == (form == "xlsx")


def test_results_say_whether_anybody_is_named(built_archive: Archive, tmp_path: Path) -> None:
    ran = run(built_archive, "results", "2026-1", "--out", tmp_path)
    assert ran.code == 0, ran.all
    assert "3\u00a0результата, без имён" in ran.out
    assert "Абрикосова" not in (tmp_path / "results-2026-1.csv").read_text("utf-8-sig")
    ran = run(built_archive, "results", "--names", "--format", "json", "--out", tmp_path)
    assert "персональные данные" in ran.out
    assert "Абрикосова" in (tmp_path / "results.json").read_text("utf-8")


def test_an_original_comes_back_byte_for_byte(archive: Archive, tmp_path: Path) -> None:
    data = EXPORT.encode("windows-1251")
    wish = TakeRequest((("ведомость.csv", data),), "2026-2", "", TEACHER, NOW.date())
    taken = take(archive.root, find_actor(archive.root, TEACHER), wish, now=NOW)
    assert taken.commit is not None, taken.findings
    ran = run(archive, "original", taken.files[0].key, "--out", tmp_path / "out")
    assert ran.code == 0, ran.all
    assert (tmp_path / "out" / "ведомость.csv").read_bytes() == data
    assert run(archive, "original", "2026-2/99").code == 3


def test_a_rows_printout_is_certified_by_the_head(archive: Archive) -> None:
    """R-5.3"""
    wish = TakeRequest((("sheet.csv", EXPORT.encode()),), "2026-2", "", TEACHER, NOW.date())
    assert take(archive.root, find_actor(archive.root, TEACHER), wish, now=NOW).commit
    ran = papka("print", "platform-printout", "2026-0001", "--html", "-C", archive.root)
    assert ran.code == 0, ran.all
    page = (archive.root / "print" / "platform-printout-2026-0001.html").read_text("utf-8")
    assert "Верно" in page
    assert "01.12.2026" in page
    assert "Техника игры [guitar/техника]" in page


def test_a_package_is_given_and_its_key_said(given: Given, tmp_path: Path) -> None:
    ran = run(given.archive, "package", "2026-0001", "--as", "s001", "--out", tmp_path)
    assert ran.code == 0, ran.all
    assert f"подписано ключом {given.key}" in ran.out
    assert (tmp_path / "package-2026-0001.zip").read_bytes() == given.package.data
    assert run(given.archive, "package", "2026-0001", "--as", TEACHER).code == 3


def test_a_package_is_shown_then_credited_by_answers(
    archive: Archive, given: Given, tmp_path: Path
) -> None:
    file = tmp_path / "package.zip"
    file.write_bytes(given.package.data)

    def taken(*words: str | Path) -> Ran:
        return papka("take", file, "--as", "s001", "-C", archive.root, *words)

    ran = taken()
    assert ran.code == 0, ran.all
    assert "PACKAGE_KEY_UNKNOWN" in ran.out
    assert "НЕ ДОКАЗАН" in ran.out
    ran = taken("--enrolment", "2026-0001#e1")
    assert "4 (четыре); шкала: Пятибалльная" in ran.out
    form = ran.out[ran.out.index("# День заявления") :]
    for old, new in (
        ("# decision: решение", "decision: зачесть частично"),
        ("# hours: 80", "hours: 40"),
        ("# reason: почему решено так", "reason: Остальное изучит у нас"),
    ):
        assert old in form
        form = form.replace(old, new)
    answers = tmp_path / "answers.yaml"
    answers.write_text(form, "utf-8")
    ran = taken("--enrolment", "2026-0001#e1", "--answers", answers)
    assert ran.code == 3
    assert "не доказана" in ran.err
    ran = taken("--enrolment", "2026-0001#e1", "--answers", answers, "--trust", given.trust)
    assert ran.code == 0, ran.all
    assert "подписан, ключ известен" in ran.out
    assert "Сохранено: 2026-0001#k2, 2026-0001#d4" in ran.out


def test_a_broken_package_is_refused_with_a_code(
    archive: Archive, given: Given, tmp_path: Path
) -> None:
    file = given.bent(tmp_path, {"README.md": b"other"})
    ran = papka("take", file, "--fingerprint", given.key, "-C", archive.root)
    assert ran.code == 1
    assert "PACKAGE_FILE_ALTERED" in ran.out
    assert "Пакет не принят" in ran.out
    assert papka("take", file, file, "-C", archive.root).code == 2


def test_the_tables_of_a_period_come_as_a_workbook_without_a_name(
    built_archive: Archive, tmp_path: Path
) -> None:
    """R-2.2.12: the counts of the paper, as numbers."""
    target = tmp_path / "m.xlsx"
    ran = run(built_archive, "management", "2026-1", "--out", target)
    assert ran.code == 0, ran.all
    assert "листов; как в сохранении" in ran.out
    pages = {page.name: page.rows for page in open_export(target.read_bytes(), target.name).tables}
    counts = pages["1 Контингент"]
    assert counts[0].cells[:3] == ("Программа", "Группа", "Обучающихся")
    assert counts[1].cells[2] == "1"
    assert any("Освоение рядом" in name for name in pages)
    assert "Абрикосова" not in repr(pages)
    wrong = run(built_archive, "management", "2031")
    assert (wrong.code, "период не объявлен" in wrong.err) == (3, True), wrong.all
