"""papka mirror host: what it makes, mends, refuses and says to whoever runs the server."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from papka.cli.mirror import FORCED
from papka.repository.git_values import MAIN
from papka.repository.handle import SAFE_STORE
from papka.repository.packing import MANY
from papka.repository.signing import load_signer
from tests.hosting.conftest import Founded
from tests.support.command import Ran, papka
from tests.support.histories import (
    School,
    add_litter,
    git,
    list_litter,
    list_packed,
    list_reached,
    make_school,
)
from tests.support.hosting import Hub, state
from tests.support.school import Archive
from tests.support.small_disks import small_disk


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "archive.git"


def host(place: Path, *words: str) -> Ran:
    return papka("mirror", "host", place, *words)


def push(archive: Path, place: Path) -> subprocess.CompletedProcess[str]:
    """Plain git into the folder: its receive-pack runs the hook as a server's does."""
    return subprocess.run(
        ["git", "push", "--no-verify", str(place), "main"],
        cwd=archive, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_new_store(place: Path) -> None:
    ran = host(place)
    assert ran.code == 0, ran.all
    for name, value in SAFE_STORE.items():
        assert git(place, "config", name).strip() == value
    assert place.stat().st_mode & 0o777 == 0o700
    assert os.access(place / "hooks" / "pre-receive", os.X_OK)
    assert "restrict ssh-ed25519" in ran.out
    assert FORCED in ran.out
    assert "git http-backend" in ran.out
    assert f"@АДРЕС-СЕРВЕРА{place} --country RU" in ran.out
    assert "Первым будет принят любой архив" in ran.out


def test_run_again_changes_nothing(place: Path) -> None:
    host(place, "--anchor", "SHA256:" + "A" * 43)
    before = state(place)
    ran = host(place)
    assert ran.code == 0
    assert state(place) == before
    assert "любой архив" not in ran.out, "the paper given the first time still holds"


def test_run_again_mends(place: Path) -> None:
    host(place)
    whole = state(place)
    git(place, "config", "core.hooksPath", "/tmp")
    git(place, "config", "receive.denyDeletes", "false")
    (place / "hooks" / "pre-receive").chmod(0o644)
    assert host(place).code == 0
    assert git(place, "config", "--file", "config", "core.hooksPath").strip() == "hooks"
    assert os.access(place / "hooks" / "pre-receive", os.X_OK)
    assert state(place).keys() == whole.keys()


def test_hook_of_somebody_else_is_put_aside(place: Path, archive: Archive) -> None:
    git(place.parent, "init", "-q", "--bare", "--initial-branch=main", str(place))
    hook = place / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\nexit 0\n")
    hook.chmod(0o755)
    ran = host(place)
    assert ran.code == 0, ran.all
    assert "hooks/pre-receive.before-papka" in ran.out
    assert (place / "hooks" / "pre-receive.before-papka").read_text() == "#!/bin/sh\nexit 0\n"
    assert push(archive.root, place).returncode == 0


def test_hook_keeps_the_store_small(place: Path, archive: Archive) -> None:
    """What main leads to is packed as the next push is let in; what nothing leads to is not."""
    host(place)
    assert push(archive.root, place).returncode == 0
    first, litter = list_reached(place), list_litter(MANY)
    assert saved_and_pushed(archive, place) == 0
    assert list_packed(place) == first, "a whole archive comes as a pack, a save as files"
    before = list_reached(place)
    add_litter(place / "objects", litter)
    assert saved_and_pushed(archive, place) == 0
    assert list_packed(place) == before
    assert list_reached(place) == list_reached(archive.root)
    git(place, "fsck", "--full", "--strict", "--no-dangling")


def saved_and_pushed(archive: Archive, place: Path) -> int:
    """The exit code of a push of something new."""
    archive.write("README.md", archive.read("README.md") + "\n")
    assert archive.save("s001", now=datetime.now(UTC)).commit is not None
    return push(archive.root, place).returncode


def test_git_killed_while_it_made_the_store(place: Path) -> None:
    for name in ("objects/info", "refs/heads"):
        (place / name).mkdir(parents=True)
    (place / "config.lock").touch()
    assert host(place).code == 0
    assert git(place, "fsck") == ""


@pytest.mark.parametrize("kind", ["files", "archive", "inside", "borrowing"])
def test_folder_that_cannot_be_one(kind: str, place: Path, archive: Archive) -> None:
    if kind == "files":
        place.mkdir()
        (place / "letter.txt").write_text("x")
    elif kind == "archive":
        place = archive.root
    elif kind == "inside":
        place = archive.root / "store.git"
    else:
        git(place.parent, "clone", "-q", "--bare", "--shared", str(archive.root), str(place))
    before = state(place)
    ran = host(place)
    assert ran.code == 3
    assert "Что делать: " in ran.err
    assert state(place) == before


def test_setting_that_runs_a_program_is_told(place: Path) -> None:
    host(place)
    git(place, "config", "core.alternateRefsCommand", "/tmp/evil")
    ran = host(place)
    assert ran.code == 1
    assert "REPO_CONFIG_UNSAFE" in ran.out


def test_setting_that_wins_over_ours(place: Path) -> None:
    """A second file of settings, which git reads last."""
    host(place)
    git(place, "config", "extensions.worktreeConfig", "true")
    (place / "config.worktree").write_text("[core]\n\thooksPath = /tmp\n")
    ran = host(place)
    assert ran.code == 3
    assert "core.hooksPath" in ran.err


def test_disk_that_runs_no_programs(tmp_path: Path) -> None:
    """git would pass the hook over in silence and let everything in."""
    with small_disk(tmp_path / "disk", 2) as disk:
        remount = ["mount", "-o", "remount,noexec", str(disk)]
        if subprocess.run(remount, capture_output=True, check=False).returncode:
            pytest.skip("a disk cannot be mounted anew here")
        ran = host(disk / "archive.git")
    assert ran.code == 3
    assert "noexec" in ran.err


def test_what_lies_there_already_is_verified(place: Path, school: School) -> None:
    git(place.parent, "clone", "-q", "--bare", str(school.root), str(place))
    git(place, "remote", "remove", "origin")
    assert host(place).code == 0
    school.forge({"records/organization.yaml": b"format: 1\n# x\n"}, sign=None)
    shutil.rmtree(place)
    git(place.parent, "clone", "-q", "--bare", str(school.root), str(place))
    git(place, "remote", "remove", "origin")
    ran = host(place)
    assert ran.code == 1
    assert "SIG_MISSING" in ran.out


def test_hosted_store_is_verified_without_a_word_about_its_own_gate(
    server: Hub, founded: Founded
) -> None:
    """On the server, by the papka that its gate names; another one says whose check that is."""
    ran = server.papka("verify", founded.store, "--no-memory")
    assert ran.returncode == 0, ran.stdout
    assert re.findall(r"предупреждение (\w+)", ran.stdout) == ["ROOT_UNANCHORED"]
    other = papka("verify", founded.store, "--no-memory")
    assert other.code == 0, other.all
    assert ("GATE_ELSEWHERE" in other.out) == (server.python != sys.executable)


def test_empty_store_takes_only_the_archive_that_paper_names(
    place: Path, archive: Archive, tmp_path: Path
) -> None:
    """The first push is judged whole, and by the anchor."""
    school = make_school(tmp_path / "other")
    key = load_signer(archive.keys / "head").fingerprint
    assert host(place, "--anchor", key).code == 0
    refused = push(school.root, place)
    assert refused.returncode != 0
    assert "ANCHOR_MISMATCH" in refused.stderr
    assert git(place, "for-each-ref") == ""
    assert not list(place.glob("objects/*incoming*"))
    assert push(archive.root, place).returncode == 0
    assert git(place, "rev-parse", MAIN) == git(archive.root, "rev-parse", MAIN)


def test_empty_store_looks_at_every_commit(place: Path, archive: Archive) -> None:
    """An unsigned commit in the middle of the first push."""
    host(place)
    git(archive.root, "commit", "-q", "--allow-empty", "-m", "x")
    archive.write("README.md", archive.read("README.md") + "\n")
    assert archive.save("s001", now=datetime.now(UTC)).commit is not None
    refused = push(archive.root, place)
    assert refused.returncode != 0
    assert "SIG_MISSING" in refused.stderr


@pytest.mark.parametrize("words", [("--anchor", "x"), ("--refounding", "SHA256:" + "A" * 43)])
def test_typing_error_makes_nothing(words: tuple[str, str], place: Path) -> None:
    ran = host(place, *words)
    assert ran.code == 3
    assert not place.exists()


def test_check_is_not_for_people(place: Path) -> None:
    """The hidden command answers whoever types it, and lets nothing in."""
    assert "admit" not in papka("mirror", "--help").out
    host(place)
    done = subprocess.run(
        [sys.executable, "-I", "-m", "papka", "mirror", "admit"], cwd=place, check=False,
        input=f"{'0' * 40} {'1' * 40} {MAIN}\n", capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 3
    assert "Эту команду запускает git" in done.stderr
