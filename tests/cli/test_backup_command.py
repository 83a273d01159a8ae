"""papka backup as a person types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.copies.medium_format import LABEL
from papka.repository.signing import load_signer
from tests.paper.sheet_counting import tool
from tests.support.command import papka
from tests.support.histories import git
from tests.support.school import STUDENT, Archive

NAMED = ("--medium", "Н-1", "--kind", "флеш-накопитель")


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    folder = tmp_path / "usb"
    folder.mkdir()
    return folder


def test_a_copy_is_made_recorded_and_its_act_printed(archive: Archive, usb: Path) -> None:
    ran = papka("backup", "--to", usb, *NAMED, "--place", "Сейф", "-C", archive.root)
    assert ran.code == 0, ran.all
    for said in ("Копия годна", "В журнал внесено", "papka restore --drill", "backup-act"):
        assert said in ran.out
    (act,) = (archive.root / "print").glob("backup-act-*.pdf")
    text = " ".join(tool("pdftotext", "-layout", act, "-").split())
    for printed in ("Носитель Н-1", "флеш-накопитель", "Сейф", "не выполнено", "подпись"):
        assert printed in text
    year = act.stem.rpartition("-")[2]
    again = papka("print", "backup-act", year, "-C", archive.root)
    assert (again.code, "backup-act" in again.out) == (0, True)


def test_the_sheet_for_the_safe_is_printed_and_noted(archive: Archive) -> None:
    assert papka("backup", "--safe-sheet", "--to", "x", "-C", archive.root).code == 2
    ran = papka("backup", "--safe-sheet", "--as", "s001", "-C", archive.root)
    assert (ran.code, "В журнал внесено" in ran.out) == (0, True), ran.all
    text = tool("pdftotext", "-raw", archive.root / "print" / "safe-sheet.pdf", "-")
    assert load_signer(archive.keys / "head").fingerprint in text
    assert "Пломбы на этом архиве ещё нет" in text.replace("\n", " ")
    (journal,) = (archive.root / "records/media").glob("*.yaml")
    printed_from = git(archive.root, "rev-parse", "HEAD~1").strip()
    assert f"    head: {printed_from}\n" in journal.read_text(encoding="utf-8")
    assert "store: лист для сейфа" in journal.read_text(encoding="utf-8")


def test_the_medium_remembers_what_it_is_called(archive: Archive, usb: Path) -> None:
    ran = papka("backup", "--to", usb, "-C", archive.root)
    assert (ran.code, "--medium Н-1 --kind" in ran.err) == (3, True)
    assert papka("backup", "--to", usb, *NAMED, "-C", archive.root).code == 0
    ran = papka("backup", "--to", usb, "-C", archive.root)
    assert ran.code == 0, ran.all
    assert "Прежние копии на нём" in ran.out
    ran = papka("backup", "--to", usb, "--drop-older", "-C", archive.root)
    assert ran.out.count("Убраны прежние копии") == 1
    assert len(list(usb.iterdir())) == 2


def test_a_dry_run_says_what_would_be_and_writes_nothing(archive: Archive, usb: Path) -> None:
    archive.edit(f"{STUDENT}/student.yaml", "id: ", "# правка\nid: ")
    before = git(archive.root, "rev-parse", "HEAD")
    ran = papka("backup", "--to", usb, *NAMED, "--dry-run", "-C", archive.root)
    assert ran.code == 0, ran.all
    for said in ("Было бы записано", "метка будет поставлена", "на том же диске", "1 файл"):
        assert said in ran.out.replace("\u00a0", " ")
    assert list(usb.iterdir()) == []
    assert git(archive.root, "rev-parse", "HEAD") == before


def test_without_a_place_it_says_how_the_copies_stand(archive: Archive, usb: Path) -> None:
    ran = papka("backup", "-C", archive.root)
    assert (ran.code, "копий нет" in ran.out) == (0, True)
    assert papka("backup", "--to", usb, *NAMED, "-C", archive.root).code == 0
    ran = papka("backup", "-C", archive.root)
    assert ran.code == 0
    assert "Н-1" in ran.out
    assert "целиком держат: 0" in ran.out
    assert papka("backup", *NAMED, "-C", archive.root).code == 2
    ran = papka("backup", "--year", "1999", "-C", archive.root)
    assert (ran.code, "Учебного года «1999» нет" in ran.err) == (3, True)


def test_a_disk_that_is_not_there_or_closed_is_named(archive: Archive, usb: Path) -> None:
    ran = papka("backup", "--to", usb / "gone", *NAMED, "-C", archive.root)
    assert (ran.code, "Подключите носитель" in ran.err) == (3, True)
    (usb / LABEL).mkdir()
    ran = papka("backup", "--to", usb, *NAMED, "-C", archive.root)
    assert (ran.code, "Носитель «Н-1»" in ran.err) == (4, True)
    assert "Traceback" not in ran.all


def test_two_copies_on_one_medium_are_no_two(archive: Archive, usb: Path) -> None:
    for _ in range(2):
        assert papka("backup", "--to", usb, *NAMED, "-C", archive.root).code == 0
    ran = papka("check", "-C", archive.root)
    assert (ran.code, "COPIES_ON_ONE_MEDIUM" in ran.out) == (0, True)


def test_an_archive_with_faults_is_copied_and_the_command_says_so(
    archive: Archive, usb: Path
) -> None:
    git(archive.root, "-c", "user.name=x", "-c", "user.email=x@x", "commit", "-q", "--allow-empty",
        "--no-gpg-sign", "--no-verify", "-m", "x")  # fmt: skip
    ran = papka("backup", "--to", usb, *NAMED, "-C", archive.root)
    assert (ran.code, "в самом архиве есть замечания" in ran.out) == (1, True), ran.all
    assert "В журнал внесено" in ran.out


def test_saves_that_are_not_sent_yet_are_told_before_they_are_copied(
    archive: Archive, usb: Path, tmp_path: Path
) -> None:
    place = tmp_path / "hub.git"
    assert papka("mirror", "add", "hub", place, "--country", "RU", "-C", archive.root).code == 0
    dry = papka("backup", "--to", usb, *NAMED, "-n", "-C", archive.root)
    assert "ещё нет на основном зеркале" in dry.out
    assert papka("mirror", "push", "-C", archive.root).code == 0
    dry = papka("backup", "--to", usb, *NAMED, "-n", "-C", archive.root)
    assert (dry.code, "основном зеркале" in dry.out) == (0, False)
