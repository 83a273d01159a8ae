"""What holds personal data is readable by its owner alone, whatever the umask."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import papka
from tests.support.school import Archive

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows keeps no such modes")
HEAD = "s001"


@pytest.fixture(params=[0o022, 0o000], ids=["022", "000"])
def loose(request: pytest.FixtureRequest) -> Iterator[None]:
    """A computer where others may read what one makes."""
    before = os.umask(request.param)
    yield
    os.umask(before)


def open_to_others(*places: Path) -> list[str]:
    """Everything there that another user of the computer could read or enter."""
    everything = [each for place in places for each in (place, *place.rglob("*"))]
    assert len(everything) > len(places)
    return [str(each) for each in everything if each.lstat().st_mode & 0o077]


def run(archive: Archive, *words: str | Path) -> None:
    ran = papka(*words, "-C", archive.root)
    assert ran.code == 0, ran.all


@pytest.mark.usefixtures("loose")
def test_another_user_of_the_computer_reads_no_mirror_medium_or_paper(
    archive: Archive, tmp_path: Path
) -> None:
    mirror, medium, out = tmp_path / "usb.git", tmp_path / "stick", tmp_path / "out"
    medium.mkdir()
    run(archive, "mirror", "add", "usb", mirror, "--country", "RU")
    run(archive, "mirror", "push")
    words = ("--medium", "Н-1", "--kind", "диск", "--as", HEAD)
    run(archive, "backup", "--to", medium, *words)
    run(archive, "mirror", "push")
    run(archive, "give", "results", "--names")
    run(archive, "give", "package", "2026-0001", "--out", out, "--as", HEAD)
    (copy,) = (each for each in medium.iterdir() if each.is_dir())
    assert open_to_others(mirror, copy, archive.root / "print", out) == []
    assert open_to_others(archive.root / ".papka") == []


@pytest.mark.usefixtures("loose")
def test_what_an_earlier_version_left_open_is_closed_when_it_is_used(
    archive: Archive, tmp_path: Path
) -> None:
    mirror, medium, paper = tmp_path / "usb.git", tmp_path / "stick", archive.root / "print"
    medium.mkdir()
    run(archive, "mirror", "add", "usb", mirror, "--country", "RU")
    run(archive, "mirror", "push")
    run(archive, "backup", "--to", medium, "--medium", "Н-1", "--kind", "диск", "--as", HEAD)
    (copy,) = (each for each in medium.iterdir() if each.is_dir())
    outside = tmp_path / "outside"
    outside.write_text("чужой файл", encoding="utf-8")
    outside.chmod(0o644)
    (mirror / "link").symlink_to(outside)
    for place in (mirror, copy, paper):
        for each in (place, *place.rglob("*")):
            if not each.is_symlink():
                each.chmod(0o755 if each.is_dir() else 0o644)
    archive.edit("records/students/2026/2026-0001/student.yaml", "id: ", "# правка\nid: ")
    run(archive, "save", "--push", "--as", "s002")
    run(archive, "backup", "--to", medium, "--as", HEAD)
    (mirror / "link").unlink()
    assert open_to_others(mirror, copy, paper) == []
    assert outside.stat().st_mode & 0o777 == 0o644
