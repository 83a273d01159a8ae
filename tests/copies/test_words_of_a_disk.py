"""What stands on a disk is read as data: no word of it becomes an option of a program we start."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from papka.copies.backup_plan import plan_backup
from papka.copies.backup_run import backup
from papka.copies.medium_format import BUNDLE, LABEL, MANIFEST
from papka.copies.mirrors import add, push
from papka.desk.sealing import make_seal
from papka.repository.git_values import MAIN
from papka.repository.handle import list_remotes
from papka.repository.signing import find_actor
from tests.support.archives import PROJECT
from tests.support.command import papka
from tests.support.school import NOW, Archive

HEAD = "s001"
SCRIPT = PROJECT / "proof" / "check-seal.sh"
KEPT = "что проверяющий писал весь день\n"


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """A file of the reader's own, which nothing may touch."""
    file = tmp_path / "notes.txt"
    file.write_text(KEPT, encoding="utf-8")
    return file


def sealed(archive: Archive) -> Archive:
    make_seal(archive.root, find_actor(archive.root, HEAD), now=NOW, period="2026")
    return archive


def check_seal(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    words = ["sh", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(words, check=False, capture_output=True, text=True, timeout=60)


def _loose(store: Path, word: str) -> None:
    (store / MAIN).write_text(f"{word}\n", encoding="utf-8")


def _loose_and_more(store: Path, word: str) -> None:
    (store / MAIN).write_text(f"{(store / MAIN).read_text().strip()}\n{word}\n", encoding="utf-8")


def _gone(store: Path, word: str) -> None:
    (store / MAIN).unlink()
    (store / "packed-refs").write_text(f"{word} {MAIN}\n", encoding="utf-8")


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH is not installed")
@pytest.mark.parametrize("plant", [_loose, _loose_and_more, _gone])
def test_a_branch_that_is_an_option_empties_no_file_of_the_auditor(
    archive: Archive, victim: Path, plant: Callable[[Path, str], None]
) -> None:
    sealed(archive)
    plant(archive.root / ".git", f"--output={victim}")
    ran = check_seal(archive.root)
    assert victim.read_text(encoding="utf-8") == KEPT
    assert (ran.returncode, "не на сохранение" in ran.stderr) == (1, True), ran.stderr


@pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="OpenSSH is not installed")
@pytest.mark.parametrize("number", ["-0001", "0001 --output=x", "../../../0001", "0", "0000"])
def test_a_number_that_is_no_number_is_not_looked_for(archive: Archive, number: str) -> None:
    ran = check_seal(sealed(archive).root, number)
    assert (ran.returncode, "четыре цифры" in ran.stderr) == (1, True), ran.stderr


def _head_elsewhere(store: Path, word: str) -> None:
    (store / "HEAD").write_text(f"ref: refs/heads/{word}\n", encoding="utf-8")


def _odd_names(store: Path, word: str) -> None:
    commit = (store / MAIN).read_text(encoding="ascii").strip()
    lines = [f"{commit} refs/heads/{word}", f"{commit} {word}", f"{commit} refs/tags/{word}"]
    (store / "packed-refs").write_text("\n".join([*lines, ""]), encoding="utf-8")


@pytest.mark.parametrize("plant", [_loose, _loose_and_more, _gone, _head_elsewhere, _odd_names])
def test_words_of_a_mirror_are_told_and_given_to_no_program(
    archive: Archive, tmp_path: Path, victim: Path, plant: Callable[[Path, str], None]
) -> None:
    mirror = tmp_path / "mirror.git"
    add(archive.root, "usb", str(mirror), "Россия", allowed=("Россия",))
    assert push(archive.root).is_good
    plant(mirror, f"--output={victim}")
    place = tmp_path / "restored"
    for words in (
        ("verify", mirror, "--no-memory"),
        ("verify", "--mirrors", "--no-memory", "-C", archive.root),
        ("mirror", "status", "-C", archive.root),
        ("mirror", "push", "-C", archive.root),
        ("sync", "--as", HEAD, "-C", archive.root),
        ("restore", place, "--from", mirror),
    ):
        ran = papka(*words)
        assert ran.code in {0, 1, 3, 4}, ran.all
        assert victim.read_text(encoding="utf-8") == KEPT, words


@pytest.mark.parametrize("name", ["../../../stolen", "a/../../../../stolen", "-x", ".."])
def test_a_remote_whose_name_leads_away_is_no_mirror(archive: Archive, name: str) -> None:
    """Its name becomes part of the path in which a store's answer is noted."""
    config = archive.root / ".git" / "config"
    with config.open("a", encoding="utf-8") as file:
        file.write(f'[remote "{name}"]\n\turl = /nowhere\n[remote "origin"]\n\turl = /somewhere\n')
    assert [remote.name for remote in list_remotes(archive.root)] == ["origin"]


def test_words_of_a_medium_are_told_and_given_to_no_program(
    archive: Archive, tmp_path: Path, victim: Path
) -> None:
    medium = tmp_path / "stick"
    medium.mkdir()
    actor = find_actor(archive.root, HEAD)
    planned = plan_backup(archive.root, medium, now=NOW, medium="Н-1", kind="флеш-накопитель")
    copy = backup(archive.root, actor, planned, now=NOW).copy
    bundle, manifest = copy / BUNDLE, copy / MANIFEST
    whole = {file: file.read_bytes() for file in (bundle, manifest, medium / LABEL)}
    head = planned.head.encode()
    option = f"--output={victim}".encode()
    for file, data in whole.items():
        file.write_bytes(data.replace(head, option).replace("Н-1".encode(), option))
        for words in (
            ("restore", tmp_path / "restored", "--from", medium),
            ("restore", "--drill", medium, "-C", archive.root),
            ("backup", "--to", medium, "-n", "-C", archive.root),
        ):
            ran = papka(*words)
            assert ran.code in {0, 1, 2, 3, 4}, ran.all
            assert victim.read_text(encoding="utf-8") == KEPT, words
        file.write_bytes(data)
