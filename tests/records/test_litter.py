"""What systems, editors and cloud disks leave is no record; a copy of a record is named as one."""

from __future__ import annotations

import pytest

from papka.core.litter import copy_in, is_litter
from papka.core.places import place
from papka.core.snapshot import Overlay
from papka.records.archive import load
from papka.records.schemas import SchemaSet
from tests.support.archives import good, snapshot

FOLDER = "records/students/2026/2026-0007/"


@pytest.mark.parametrize(
    "name",
    [
        *(".DS_Store", "attachments/.DS_Store", "Thumbs.db", "desktop.ini", "Desktop.ini"),
        *("~$оценки.xlsx", ".~lock.оценки.ods#", ".enrolments.yaml.swp", "#student.yaml#"),
        *(".enrolments.yaml.kate-swp", "student.yaml~", "student.yaml.bak", "._student.yaml"),
        *("__MACOSX/student.yaml", ".Trash-1000/files/student.yaml", ".vscode/settings.json"),
        *("NTUSER.DAT", ".picasa.ini", "@eaDir/student.yaml", ".AppleDouble/student.yaml"),
        *(".student.yaml.icloud", "student.yaml.old", "~WRL0001.tmp", "скан.pdf.download"),
        *(".syncthing.student.yaml.tmp", ".nextcloudsync.log", ".sync_a1b2.db", ".DS_Store?"),
        *(".goutputstream-A1B2C3", "скан.pdf.crdownload", "results/.2026-1.yaml.swo"),
        *(".sync.ffs_lock", "student.yaml.ffs_tmp", ".csync_journal.db-wal", "student.yaml.gstmp"),
        *("скан.pdf.part", "student.yaml.tmp123", "4913", "Новый текстовый документ.txt"),
        *("New Text Document (2).txt", "Thumbs (2).db", "desktop (1).ini", ".DS_Store (1)"),
        *(".849C9593-D756-4E56-8D6E-42412F2A707B", ".YandexDisk/state", ".trash/student.yaml"),
        *(".tresorit/x", ".gitkeep", "attachments/.hidden", "__pycache__/x.pyc"),
    ],
)
def test_litter_has_no_place_among_records(name: str) -> None:
    assert is_litter(FOLDER + name)
    assert place(FOLDER + name) is None
    assert copy_in(FOLDER + name) is None


@pytest.mark.parametrize(
    ("copied", "original"),
    [
        ("enrolments (1).yaml", "enrolments.yaml"),
        ("enrolments(2).yaml", "enrolments.yaml"),
        ("enrolments - копия.yaml", "enrolments.yaml"),
        ("enrolments — копия (2).yaml", "enrolments.yaml"),
        ("Копия enrolments.yaml", "enrolments.yaml"),
        ("Copy of enrolments.yaml", "enrolments.yaml"),
        ("enrolments copy 2.yaml", "enrolments.yaml"),
        ("enrolments - Copy (2).yaml", "enrolments.yaml"),
        ("enrolments_copy.yaml", "enrolments.yaml"),
        ("enrolments-копия.yaml", "enrolments.yaml"),
        ("enrolments (Case Conflict).yaml", "enrolments.yaml"),
        ("enrolments (конфликтующая копия, Нилова 2026-09-01).yaml", "enrolments.yaml"),
        ("enrolments (conflicted copy 2026-09-01 120000).yaml", "enrolments.yaml"),
        ("enrolments.sync-conflict-20260901-120000-ABCDEF.yaml", "enrolments.yaml"),
        ("enrolments_conflict-20260901-120000.yaml", "enrolments.yaml"),
        ("enrolments 2.yaml", "enrolments.yaml"),
        ("results/2026-1 2.yaml", "results/2026-1.yaml"),
        ("enrolments_REMOTE_1234.yaml", "enrolments.yaml"),
        ("enrolments.yaml.LOCAL.1234.yaml", "enrolments.yaml"),
        ("results/2026-1 (1).yaml", "results/2026-1.yaml"),
    ],
)
def test_a_copy_is_named_with_its_original(copied: str, original: str) -> None:
    found = copy_in(FOLDER + copied)
    assert found is not None
    assert (found.path, found.original) == (FOLDER + copied, FOLDER + original)
    assert is_litter(FOLDER + copied)
    assert place(FOLDER + copied) is None


@pytest.mark.parametrize("copy", [" - копия", " (1)", " 2", " copy"])
@pytest.mark.parametrize("name", ["student.yaml", ".salt", "attachments/3f9a1c20b7d4.pdf"])
def test_all_of_a_copied_folder_is_one_copy(name: str, copy: str) -> None:
    copied = FOLDER.replace("-0007/", f"-0007{copy}/")
    found = copy_in(copied + name)
    assert found is not None
    assert (found.path, found.original) == (copied, FOLDER)
    assert is_litter(copied + name)


@pytest.mark.parametrize(
    "path",
    [
        *(FOLDER + name for name in ("student.yaml", ".salt", "raw/2026-1-1.part")),
        "records/orders/2026/0001 2.pdf",
        *("records/orders/2026/0001.yaml", "records/orders/2026/0001 (скан, копия).pdf"),
        *("records/programs/hard-copy.yaml", "records/platforms/conflict.yaml"),
        *("records/programs/copywriting.yaml", "records/programs/копирайтинг.yaml"),
        *("records/trust/allowed_signers", "records/imports/2026-1/1/original/aggregate.part"),
    ],
)
def test_a_record_is_no_litter(path: str) -> None:
    assert not is_litter(path)
    assert copy_in(path) is None
    assert place(path) is not None


@pytest.mark.parametrize("name", [".git", ".gitattributes", ".gitignore", ".gitmodules", ".salt"])
@pytest.mark.parametrize("folder", ["records/", FOLDER, "schema/", "templates/"])
def test_what_git_obeys_is_never_passed_over(folder: str, name: str) -> None:
    assert not is_litter(folder + name)


@pytest.mark.parametrize(
    "path", [".gitignore", ".vscode/settings.json", ".github/x.yml", "tools/.x"]
)
def test_what_an_archive_hides_beside_its_records_is_no_litter(path: str) -> None:
    assert not is_litter(path)


@pytest.mark.parametrize(
    "path",
    [
        "mine/student.yaml",
        "student.yaml/student.yaml",
        "records/student.yaml",
        "x/y/z/student.yaml",
    ],
)
def test_a_card_elsewhere_than_in_a_personal_folder_is_nobodys(path: str) -> None:
    there = snapshot(good())
    archive = load(Overlay(there, {path: b"id: 2026-0001\n"}), SchemaSet.load(there))
    assert archive.folders == load(there, SchemaSet.load(there)).folders
