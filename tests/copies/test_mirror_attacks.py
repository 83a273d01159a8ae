"""Mirrors and configurations that lead a push astray or have programs of their own run."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from papka.copies.mirrors import add, push, status
from papka.core.errors import Refused
from tests.support.histories import RECORD, School, git, main_of
from tests.support.made_once import MadeOnce, mirror_once

RUSSIA = ("Россия",)
HOOKS = (
    "pre-receive", "update", "post-receive", "post-update", "reference-transaction",
    "proc-receive", "push-to-checkout", "pre-auto-gc",
)  # fmt: skip


@pytest.fixture
def mirrored(school: School, made_once: MadeOnce, tmp_path: Path) -> School:
    """Two mirrors, the server primary, both sent everything; and one commit more since."""
    mirror_once(made_once, school, tmp_path / "server.git", tmp_path / "usb.git")
    school.save({RECORD: b"x: 1\n"}, late=70)
    return school


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program that leaves the file `executed` beside itself."""
    path = tmp_path / "evil"
    path.write_text(f"#!/bin/sh\ntouch {tmp_path}/executed\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def usb(tmp_path: Path) -> Path:
    return tmp_path / "usb.git"


def configure(store: Path, text: str) -> None:
    with (store / "config").open("a") as config:
        config.write(text)


def sent(school: School) -> list[str]:
    return [outcome.sent for outcome in push(school.root).outcomes]


def test_hooks_of_a_folder_mirror_are_told_and_not_run(
    mirrored: School, usb: Path, program: Path
) -> None:
    (usb / "hooks").mkdir(exist_ok=True)
    for name in HOOKS:
        shutil.copy(program, usb / "hooks" / name)
    assert sent(mirrored) == ["sent", "sent"]
    assert status(mirrored.root)[1].hooks == tuple(sorted(HOOKS))
    assert not program.with_name("executed").exists()


def test_hooks_path_in_the_configuration_of_a_mirror(
    mirrored: School, usb: Path, program: Path, tmp_path: Path
) -> None:
    (tmp_path / "hooks").mkdir()
    for name in HOOKS:
        shutil.copy(program, tmp_path / "hooks" / name)
    configure(usb, f"[core]\n\thooksPath = {tmp_path}/hooks\n\tfsmonitor = {program}\n")
    assert sent(mirrored) == ["sent", "sent"]
    assert not program.with_name("executed").exists()


def test_alternate_refs_command_of_a_mirror(
    mirrored: School, usb: Path, program: Path, tmp_path: Path
) -> None:
    git(tmp_path, "init", "-q", "--bare", "other.git")
    configure(usb, f"[core]\n\talternateRefsCommand = {program}\n")
    (usb / "objects" / "info").mkdir(exist_ok=True)
    (usb / "objects" / "info" / "alternates").write_text(f"{tmp_path}/other.git/objects\n")
    assert sent(mirrored) == ["sent", "refused"]
    assert not program.with_name("executed").exists()
    found = status(mirrored.root)[1]
    assert (found.state, "не хранит объекты само" in found.reason) == ("unfit", True)


def test_alternate_refs_command_without_alternates(
    mirrored: School, usb: Path, program: Path
) -> None:
    """git takes the folder a push is received into for an alternate, too."""
    configure(usb, f"[core]\n\talternateRefsCommand = {program}\n")
    assert sent(mirrored) == ["sent", "sent"]
    assert not program.with_name("executed").exists()


def test_mirror_that_fetches_what_it_lacks(mirrored: School, usb: Path, program: Path) -> None:
    configure(
        usb,
        "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = x\n"
        f'[remote "x"]\n\tpromisor = true\n\turl = {usb}\n\tuploadpack = {program}\n',
    )
    for path in (usb / "objects").rglob("*"):
        if path.is_file() and path.parent.name != "info":
            path.unlink()
    assert sent(mirrored) == ["sent", "refused"]
    assert not program.with_name("executed").exists()


@pytest.mark.parametrize(
    "text",
    [
        "[include]\n\tpath = ../other\n",
        '[includeIf "gitdir:/"] path = ../other\n',
        '[hook "x"]\n\tevent = pre-receive\n\tcommand = evil\n',
        "[core] worktree = ../x\n",
    ],
)
def test_configuration_of_a_mirror_that_leads_elsewhere(
    text: str, mirrored: School, usb: Path
) -> None:
    configure(usb, text)
    before = main_of(usb) if "worktree" not in text else None
    assert sent(mirrored) == ["sent", "refused"]
    assert status(mirrored.root)[1].state == "unfit"
    assert before is None or main_of(usb) == before


def test_mirror_made_over_the_objects_of_the_archive(school: School, usb: Path) -> None:
    git(usb.parent, "clone", "-q", "--bare", "--shared", str(school.root), str(usb))
    with pytest.raises(Refused, match="не хранит объекты само"):
        add(school.root, "usb", str(usb), "Россия", allowed=RUSSIA)


def test_mirror_whose_objects_are_a_link_to_the_archive(school: School, usb: Path) -> None:
    git(usb.parent, "clone", "-q", "--bare", str(school.root), str(usb))
    shutil.rmtree(usb / "objects")
    (usb / "objects").symlink_to(school.root / ".git" / "objects")
    with pytest.raises(Refused, match="не хранит объекты само"):
        add(school.root, "usb", str(usb), "Россия", allowed=RUSSIA)


@pytest.mark.parametrize("key", ["insteadOf", "pushInsteadOf"])
def test_push_redirected_by_instead_of(key: str, mirrored: School, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(tmp_path / "server.git"), "evil.git")
    before = main_of(tmp_path / "evil.git")
    git(mirrored.root, "config", f"url.{tmp_path}/evil.git.{key}", str(tmp_path / "server.git"))
    assert [each.state for each in status(mirrored.root)] == ["behind", "behind"]
    assert sent(mirrored) == ["sent", "sent"]
    assert main_of(tmp_path / "evil.git") == before
    assert main_of(tmp_path / "server.git") == mirrored.head


def test_status_redirected_by_instead_of(mirrored: School, tmp_path: Path) -> None:
    """A mirror that is gone is not to be taken for another that is equal."""
    assert sent(mirrored) == ["sent", "sent"]
    (tmp_path / "server.git").rename(tmp_path / "evil.git")
    git(mirrored.root, "config", f"url.{tmp_path}/evil.git.insteadOf", f"{tmp_path}/server.git")
    assert [each.state for each in status(mirrored.root)] == ["unreachable", "equal"]
    assert sent(mirrored) == ["unreachable", "already"]


def test_push_redirected_by_pushurl(mirrored: School, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", str(tmp_path / "server.git"), "evil.git")
    before = main_of(tmp_path / "evil.git")
    git(mirrored.root, "config", "remote.server.pushurl", str(tmp_path / "evil.git"))
    git(mirrored.root, "config", f"remote.{tmp_path}/server.git.pushurl", f"{tmp_path}/evil.git")
    assert sent(mirrored)[:2] == ["sent", "sent"]
    assert main_of(tmp_path / "evil.git") == before
    assert main_of(tmp_path / "server.git") == mirrored.head


def test_mirror_put_in_place_of_a_missing_one(mirrored: School, tmp_path: Path) -> None:
    """git itself tries `usb.git` where `usb` is missing."""
    git(mirrored.root, "config", "remote.usb.url", str(tmp_path / "usb"))
    assert status(mirrored.root)[1].state == "unreachable"
    assert sent(mirrored) == ["sent", "unreachable"]


def test_stale_lock_on_what_was_confirmed_stops_nothing(mirrored: School) -> None:
    lock = mirrored.root / ".git" / "refs" / "remotes" / "server" / "main.lock"
    lock.touch()
    assert sent(mirrored) == ["sent", "sent"]
    assert not lock.exists()


def test_archive_that_cannot_note_what_was_confirmed(mirrored: School) -> None:
    noted = mirrored.root / ".git" / "refs" / "remotes" / "server"
    shutil.rmtree(noted)
    noted.touch()
    done = push(mirrored.root)
    assert [outcome.sent for outcome in done.outcomes] == ["sent", "sent"]
    assert "запомнить это здесь не вышло" in done.outcomes[0].reason
    assert done.is_good


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_usb_of_another_owner(mirrored: School, usb: Path) -> None:
    for path in [usb, *usb.rglob("*")]:
        os.chown(path, 12345, 12345, follow_symlinks=False)
    done = push(mirrored.root)
    assert [outcome.sent for outcome in done.outcomes] == ["sent", "unreachable"]
    assert "принадлежит другому пользователю" in done.outcomes[1].reason
    assert "связь" not in done.outcomes[1].next_step


def test_mirror_that_cannot_store_what_it_got(mirrored: School, usb: Path) -> None:
    for name in (f"{number:02x}" for number in range(256)):
        if not (usb / "objects" / name).exists():
            (usb / "objects" / name).touch()
    done = push(mirrored.root)
    assert done.outcomes[1].sent == "refused"
    assert "не смогло записать полученное" in done.outcomes[1].reason


def test_damaged_mirror_does_not_hide_the_others(mirrored: School, usb: Path) -> None:
    for path in (usb / "objects").rglob("*"):
        if path.is_file():
            path.chmod(0o644)
            path.write_bytes(b"x")
    (usb / "refs" / "heads" / "main").write_text("ab" * 20 + "\n")
    found = status(mirrored.root)
    assert [each.remote.name for each in found] == ["server", "usb"]
    assert found[1].state in ("unfit", "unreachable")
