"""papka mirror: what the person who types it is told."""

from __future__ import annotations

from pathlib import Path

import pytest

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
