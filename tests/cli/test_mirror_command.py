"""papka mirror: what the person who types it is told."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from papka.copies.medium_format import LABEL, Label, compose_label
from tests.support.command import papka
from tests.support.school import Archive


def test_organization_that_cannot_be_read_is_named_and_no_country_blamed(
    archive: Archive, tmp_path: Path
) -> None:
    archive.write("records/organization.yaml", archive.read("records/organization.yaml") + "x: [\n")
    place = tmp_path / "usb.git"
    ran = papka("mirror", "add", "usb", place, "--country", "RU", "-C", archive.root)
    assert ran.code == 3
    assert "organization.yaml не читается" in ran.all
    assert "papka check" in ran.all
    assert "152-ФЗ" not in ran.all
    assert not place.exists()


def test_relative_path_starts_in_the_current_folder(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "media").mkdir()
    monkeypatch.chdir(tmp_path / "media")
    ran = papka("mirror", "add", "usb", "usb.git", "--country", "RU", "-C", archive.root)
    assert ran.code == 0
    assert (tmp_path / "media" / "usb.git" / "HEAD").is_file()
    assert not (archive.root / "usb.git").exists()


def test_programs_in_a_folder_mirror_are_told(archive: Archive, tmp_path: Path) -> None:
    papka("mirror", "add", "usb", tmp_path / "usb.git", "--country", "RU", "-C", archive.root)
    assert papka("mirror", "push", "-C", archive.root).code == 0
    hook = tmp_path / "usb.git" / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    ran = papka("mirror", "status", "-C", archive.root)
    assert ran.code == 0
    assert "pre-receive" in ran.out


def test_a_mirror_on_a_disk_is_known_by_its_sticker(archive: Archive, tmp_path: Path) -> None:
    drive, other = tmp_path / "drive", tmp_path / "other"
    drive.mkdir()
    words = ("--country", "RU", "--medium", "Н-1", "-C", archive.root)
    assert papka("mirror", "add", "usb", drive / "usb.git", *words).code == 0
    assert papka("mirror", "push", "-C", archive.root).code == 0
    assert "носитель Н-1" in papka("mirror", "status", "-C", archive.root).out
    # Another disk comes into the same drive: with a mirror of its own, or with nothing.
    drive.rename(other)
    drive.mkdir()
    there = papka("backup", "--to", drive, "--medium", "Н-2", "--kind", "диск", "-C", archive.root)
    assert there.code == 0, there.all
    shutil.copytree(other / "usb.git", drive / "usb.git")
    ran = papka("mirror", "push", "-C", archive.root)
    assert ran.code == 4
    assert "подключён носитель с меткой Н-2, а нужен Н-1" in ran.out
    shutil.rmtree(drive)
    other.rename(drive)
    assert papka("mirror", "push", "-C", archive.root).code == 0


@pytest.mark.parametrize(
    ("place", "medium", "told"),
    [("ssh://git@example.org/x.git", "Н-1", "адрес сервера"), ("drive/usb.git", " Н", "не годится"),
     ("labelled/usb.git", "Н-1", "помечен как Н-2")],
)  # fmt: skip
def test_a_number_that_does_not_fit_the_disk(  # noqa: PLR0913 - three of them are the case
    place: str, medium: str, told: str, archive: Archive, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    for name in ("drive", "labelled"):
        (tmp_path / name).mkdir()
    label = compose_label(Label("Н-2", "диск", "0" * 32))
    (tmp_path / "labelled" / LABEL).write_bytes(label)
    words = ("--country", "RU", "--medium", medium, "-C", archive.root)
    ran = papka("mirror", "add", "usb", place, *words)
    assert ran.code == 3
    assert told in ran.err
    assert [*tmp_path.rglob("usb.git")] == []


def test_one_mirror_is_verified_by_its_name(archive: Archive, tmp_path: Path) -> None:
    for name in ("hub", "usb"):
        place = tmp_path / f"{name}.git"
        papka("mirror", "add", name, place, "--country", "RU", "-C", archive.root)
    assert papka("mirror", "push", "-C", archive.root).code == 0
    ran = papka("verify", "usb", "-C", archive.root)
    assert ran.code == 0, ran.all
    assert "Зеркало usb: цело, равно архиву" in ran.out
    pack = next((tmp_path / "usb.git" / "objects" / "pack").glob("*.pack"))
    pack.chmod(0o644)
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 1
    pack.write_bytes(bytes(data))
    ran = papka("verify", "usb", "-C", archive.root)
    assert ran.code == 1
    assert "MIRROR_DAMAGED" in ran.out
    assert papka("verify", "hub", "-C", archive.root).code == 0
    assert "нет такого зеркала" in papka("verify", "hup", "-C", archive.root).err
