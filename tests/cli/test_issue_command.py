"""papka issue: a numbered document in the register and on paper (R-2.2.11, R-5.4.1, R-5.4.3)."""

from __future__ import annotations

import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from papka.repository.runner import run_git
from tests.support.command import Ran, papka
from tests.support.issuing import ENROLMENTS, ISSUED, STUDY, graduate
from tests.support.school import STUDENT, Archive

DAY = ("--date", "2026-11-20")


@pytest.fixture
def school(archive: Archive) -> Archive:
    graduate(archive)
    return archive


def issue(archive: Archive, *words: str) -> Ran:
    return papka("issue", "-C", archive.root, *words, *DAY)


def save(archive: Archive) -> str | None:
    """By the head, at the moment the commands see too."""
    return archive.save("s001", now=datetime.now(UTC)).commit


def fail_again(archive: Archive) -> None:
    """A failed mark in the period that is not approved yet."""
    archive.write(
        f"{STUDENT}/results/2026-2.yaml",
        archive.read(f"{STUDENT}/results/2026-1.yaml").split("  - id: r2")[0]
        .replace("2026-1", "2026-2").replace("id: r1", "id: r9")
        .replace("2026-05-28", "2026-10-28").replace("2026-09-30", "2026-12-20"),
    )  # fmt: skip
    assert save(archive)


def text_of(file: Path) -> str:
    done = subprocess.run(["pdftotext", "-raw", file, "-"], check=True, capture_output=True)
    return re.sub(r"\s+", " ", done.stdout.decode())


def printed(archive: Archive, number: str, form: str = "certificate") -> Path:
    return archive.root / "print" / f"{form}-{number}.pdf"


def commits(archive: Archive) -> int:
    log = ["git", "-C", str(archive.root), "rev-list", "--count", "main"]
    return int(subprocess.run(log, check=True, capture_output=True).stdout)


def test_number_entry_and_paper_in_one_save(school: Archive) -> None:
    before = commits(school)
    ran = issue(school, "certificate", STUDY)
    assert ran.code == 0, ran.all
    assert "Сертификат № С-2026-0001" in ran.out
    assert commits(school) == before + 1
    entry = school.read(f"{ISSUED}/certificates-0001.yaml")
    assert "number: С-2026-0001\n" in entry
    assert "holder: Абрикосова Аглая Тихоновна\n" in entry
    assert "result: 4 (четыре)\n" in entry
    assert "head: В. Г. Ландышева\n" in entry
    assert re.search(r"^signature: [A-Za-z0-9+/]{86}==$", entry, re.MULTILINE)
    said = text_of(printed(school, "С-2026-0001"))
    for words in ("№ С-2026-0001", "Абрикосова Аглая Тихоновна", "«Гитара с нуля»", "114 часов",
                  "с 15.01.2026 по 10.11.2026", "приказ № 4-к от 09.11.2026", "4 (четыре)",
                  "Индивидуальный учебный план освоен полностью",
                  "г. Нижние Облака, 20.11.2026"):  # fmt: skip
        assert words in said
    assert papka("check", "-C", school.root).code == 0
    assert papka("verify", school.root).code == 0


def test_a_reprint_needs_no_key_and_is_the_same_bytes(school: Archive, tmp_path: Path) -> None:
    assert issue(school, "certificate", STUDY).code == 0
    first = printed(school, "С-2026-0001").read_bytes()
    school.edit(f"{STUDENT}/student.yaml", "surname: Абрикосова", "surname: Вишнёвая")
    assert save(school)
    again = tmp_path / "again.pdf"
    words = ("certificate", "С-2026-0001", "--out", again, "--no-cache")
    ran = papka("print", "-C", school.root, *words)
    assert ran.code == 0, ran.all
    assert again.read_bytes() == first


def test_only_the_head_issues(school: Archive) -> None:
    ran = issue(school, "certificate", STUDY, "--as", "s002")
    assert ran.code == 3
    assert "Документы подписывает руководитель" in ran.err
    assert "--as s001" in ran.err
    assert not (school.root / "print").exists()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("reason: завершение", "reason: отчисление", "справку об обучении (transcript)"),
        ("- теория", "- теория\n      - ансамбль", "нет отметки: Игра в ансамбле"),
    ],
)
def test_what_a_certificate_lacks_is_named(school: Archive, old: str, new: str, said: str) -> None:
    school.edit(ENROLMENTS, old, new)
    assert save(school)
    ran = issue(school, "certificate", STUDY)
    assert ran.code == 3
    assert said in ran.err


def test_an_open_debt_forbids_the_certificate(school: Archive) -> None:
    fail_again(school)
    ran = issue(school, "certificate", STUDY)
    assert ran.code == 3
    assert "не погашены задолженности: Техника игры" in ran.err


def test_a_duplicate_outlives_the_personal_file(school: Archive) -> None:
    """R-5.4.3: the entry holds what was printed."""
    assert issue(school, "certificate", STUDY).code == 0
    ran = issue(school, "--duplicate", "С-2026-0001", "--blank", "АБ 000017")
    assert ran.code == 0, ran.all
    entry = school.read(f"{ISSUED}/certificates-0002.yaml")
    assert "duplicate_of: С-2026-0001\n" in entry
    said = text_of(printed(school, "С-2026-0002"))
    assert said.count("ДУБЛИКАТ") == 2
    assert "Выдан взамен утраченного № С-2026-0001 от 20.11.2026" in said
    assert "Бланк № АБ 000017." in said
    assert "void" not in school.read(f"{ISSUED}/certificates-0001.yaml")


def test_printing_again_writes_nothing_and_after_handing_it_is_a_copy(school: Archive) -> None:
    assert issue(school, "certificate", STUDY).code == 0
    original, before = printed(school, "С-2026-0001").read_bytes(), commits(school)
    printed(school, "С-2026-0001").unlink()
    for words in (("certificate", "С-2026-0001"), ("certificate", "--all", "--no-cache")):
        assert papka("print", "-C", school.root, *words).code == 0
        assert printed(school, "С-2026-0001").read_bytes() == original
    assert commits(school) == before
    assert issue(school, "--handed", "С-2026-0001").code == 0
    for words in (("certificate", "С-2026-0001"), ("certificate", "--all", "--no-cache")):
        printed(school, "С-2026-0001").unlink()
        assert papka("print", "-C", school.root, *words).code == 0
        said = text_of(printed(school, "С-2026-0001"))
        assert (said.count("КОПИЯ"), said.count("Верно")) == (2, 2)
    assert commits(school) == before + 1, "the handing over alone was saved"
    assert not run_git("status", "--porcelain", folder=school.root).text


def test_a_replaced_document_is_void_in_the_same_save(school: Archive) -> None:
    assert issue(school, "certificate", STUDY).code == 0
    school.edit(f"{STUDENT}/student.yaml", "given: Аглая", "given: Аглаида")
    assert save(school)
    before = commits(school)
    assert issue(school, "--replace", "С-2026-0001").code == 3
    ran = issue(school, "--replace", "С-2026-0001", "--reason", "ошибка в имени")
    assert ran.code == 0, ran.all
    assert commits(school) == before + 1
    old = school.read(f"{ISSUED}/certificates-0001.yaml")
    assert "kind: заменён" in old
    assert "replaced_by: С-2026-0002" in old
    assert "Абрикосова Аглаида Тихоновна" in text_of(printed(school, "С-2026-0002"))
    papka("print", "-C", school.root, "certificate", "С-2026-0001")
    assert "НЕДЕЙСТВИТЕЛЕН" in text_of(printed(school, "С-2026-0001"))
    for words in (("--replace", "С-2026-0001", "--reason", "ещё"), ("--duplicate", "С-2026-0001")):
        assert "недействителен" in issue(school, *words).err


def test_annulling_needs_reason_and_order_and_frees_no_number(school: Archive) -> None:
    assert issue(school, "certificate", STUDY).code == 0
    assert "приказом" in issue(school, "--annul", "С-2026-0001", "--reason", "ошибка").err
    assert "причину" in issue(school, "--annul", "С-2026-0001", "--order", "2026/0004").err
    words = ("--annul", "С-2026-0001", "--reason", "выдан по ошибке", "--order", "2026/0004")
    assert issue(school, *words, "--dry-run").code == 0
    ran = issue(school, *words)
    assert ran.code == 0, ran.all
    assert "kind: аннулирован" in school.read(f"{ISSUED}/certificates-0001.yaml")
    assert issue(school, *words).out == ran.out, "asked again, it is answered again"
    assert "С-2026-0002" in issue(school, "certificate", STUDY).out


def test_a_spoiled_blank_keeps_its_number(school: Archive) -> None:
    assert issue(school, "certificate", STUDY).code == 0
    words = ("--replace", "С-2026-0001", "--spoiled", "--reason", "залит чаем")
    assert issue(school, *words).code == 0
    assert "kind: испорчен" in school.read(f"{ISSUED}/certificates-0001.yaml")


def test_a_transcript_of_who_left_early_says_how_it_ended(archive: Archive) -> None:
    graduate(archive, "отчисление")
    ran = issue(archive, "transcript", "2026-0001")
    assert ran.code == 0, ran.all
    said = text_of(printed(archive, "О-2026-0001", "transcript"))
    assert "СПРАВКА об обучении" in said
    assert "Дана Абрикосовой Аглае Тихоновне, 14.05.2011 года рождения, в том, что она" in said
    assert "Отчислена 10.11.2026: приказ № 4-к от 09.11.2026." in said
    assert "Освоено 114 часов из 114" in said


def test_a_transcript_during_study_is_of_the_period(archive: Archive) -> None:
    graduate(archive)
    ran = papka("issue", "-C", archive.root, "transcript", STUDY, "--date", "2026-10-01")
    assert ran.code == 0, ran.all
    said = text_of(printed(archive, "О-2026-0001", "transcript"))
    assert "о периоде обучения" in said
    assert "На 01.10.2026 обучение продолжается." in said
    assert "Техника игры" in said
    assert "Освоено 34 часа из 114." in said, "a mark of a period does not end a part"


def test_a_study_has_one_certificate_that_counts(school: Archive) -> None:
    assert issue(school, "certificate", STUDY).code == 0
    again = issue(school, "certificate", STUDY)
    assert again.code == 3
    assert "уже выдан: № С-2026-0001 от 20.11.2026" in again.err
    assert "papka print certificate С-2026-0001" in again.err
    assert not (school.root / f"{ISSUED}/certificates-0002.yaml").exists()
    words = ("--annul", "С-2026-0001", "--reason", "выдан по ошибке", "--order", "2026/0004")
    assert issue(school, *words).code == 0
    assert issue(school, "certificate", STUDY).code == 0


def test_a_study_named_in_place_of_a_document_is_answered_with_its_numbers(
    school: Archive,
) -> None:
    asked = ("print", "-C", school.root, "certificate", STUDY)
    assert f"новый: papka issue ФОРМА {STUDY}" in papka(*asked).err
    assert issue(school, "certificate", STUDY).code == 0
    ran = papka(*asked)
    assert ran.code == 3
    assert "Выданы: С-2026-0001, У-2026-0001" in ran.err


def test_when_there_is_a_duplicate_only_it_counts(school: Archive) -> None:
    assert issue(school, "certificate", STUDY).code == 0
    assert issue(school, "--duplicate", "С-2026-0001").code == 0
    for words in (
        ("--duplicate", "С-2026-0001"),
        ("--replace", "С-2026-0001", "--reason", "ошибка в имени"),
        ("--annul", "С-2026-0001", "--reason", "ошибка", "--order", "2026/0004"),
    ):
        ran = issue(school, *words)
        assert ran.code == 3
        assert "уже выдан дубликат № С-2026-0002" in ran.err
    assert "№ С-2026-0002" in issue(school, "certificate", STUDY).err
    ran = issue(school, "--replace", "С-2026-0002", "--reason", "ошибка в имени")
    assert ran.code == 0, ran.all
    papka("print", "-C", school.root, "register", "certificates/2026")
    book = text_of(school.root / "print" / "register-certificates-2026.pdf")
    assert "дубликат взамен № С-2026-0001" in book


def test_the_book_names_the_duplicate_beside_the_original(school: Archive) -> None:
    assert issue(school, "certificate", STUDY).code == 0
    assert issue(school, "--duplicate", "С-2026-0001").code == 0
    papka("print", "-C", school.root, "register", "certificates/2026")
    book = text_of(school.root / "print" / "register-certificates-2026.pdf")
    assert "выдан дубликат № С-2026-0002" in book


def test_current_results_of_an_open_period_are_visibly_a_draft(archive: Archive) -> None:
    """R-5.4.2, R-5.6"""
    assert issue(archive, "progress", STUDY).code == 0
    closed = text_of(printed(archive, "У-2026-0002", "progress"))
    assert "черновик" not in closed
    assert "Академические задолженности: нет." in closed
    assert "пересдача" not in closed
    assert closed.count("Техника игры") == 1
    empty = issue(archive, "progress", STUDY, "--period", "2026-2")
    assert "нет ни одной отметки" in empty.err
    fail_again(archive)
    assert issue(archive, "progress", STUDY).code == 0
    draft = text_of(printed(archive, "У-2026-0003", "progress"))
    assert "Период не утверждён руководителем" in draft
    assert "Академические задолженности: Техника игры." in draft


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("certificate", "2026-0099#e1"), "Дела 2026-0099"),
        (("certificate", "2026-0001#e9"), "Зачисления 2026-0001#e9"),
        (("--duplicate", "С-2026-0099"), "в книге регистрации нет"),
        (("--annul", "С-2026-0099", "--reason", "ошибка"), "в книге регистрации нет"),
        (("certificate", STUDY, "--order", "2026/0099"), "Приказа 2026/0099"),
        (("certificate",), "Назовите форму и обучение"),
        (("--duplicate", "1", "--annul", "2"), "что-то одно"),
        (("certificate", STUDY, "--reason", "очень надо"), "для --replace и --annul"),
    ],
)
def test_what_cannot_be_issued_is_told_with_the_next_step(
    school: Archive, words: tuple[str, ...], said: str
) -> None:
    ran = issue(school, *words)
    assert ran.code in (2, 3)
    assert said in ran.err


def test_a_dry_run_takes_no_number(school: Archive) -> None:
    before = commits(school)
    ran = issue(school, "certificate", STUDY, "-n")
    assert ran.code == 0, ran.all
    assert "Кому: Абрикосова Аглая Тихоновна" in ran.out
    assert "salt" not in ran.out
    assert commits(school) == before
    assert not (school.root / "print").exists()


def test_a_broken_form_takes_no_number(school: Archive) -> None:
    form = "templates/certificate/certificate.html.j2"
    school.edit(form, "{{ form.holder }}", "{{ form.holder }}{{ form.dream }}")
    assert save(school)
    before = commits(school)
    ran = issue(school, "certificate", STUDY)
    assert ran.code == 3
    assert "templates/certificate/certificate.html.j2" in ran.err
    assert "dream" in ran.err
    assert commits(school) == before


def test_a_document_that_could_not_be_written_is_printed_again_not_issued_again(
    school: Archive, tmp_path: Path
) -> None:
    taken = tmp_path / "taken"
    taken.write_text("")
    ran = issue(school, "certificate", STUDY, "--out", str(taken / "x.pdf"))
    assert ran.code == 3
    assert "№ С-2026-0001" in ran.out
    assert "Второй раз не выдавайте: papka print certificate С-2026-0001" in ran.out
    assert papka("print", "-C", school.root, "certificate", "С-2026-0001").code == 0


def test_no_document_is_of_a_day_to_come(school: Archive) -> None:
    ran = papka("issue", "-C", school.root, "certificate", STUDY, "--date", "2999-01-01")
    assert ran.code == 3
    assert "ещё не наступил" in ran.err
