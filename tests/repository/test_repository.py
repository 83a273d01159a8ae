"""Making repositories and their settings, past whatever the user's own git is set to."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from papka.core.errors import GitFailed, NotAnArchive
from papka.repository.handle import (
    SAFE_ARCHIVE,
    SAFE_STORE,
    Remote,
    add_remote,
    init,
    list_remotes,
    read_setting,
    write_settings,
)
from tests.support.histories import School, git


def test_new_repository_takes_no_template_hook_or_branch_of_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooks = tmp_path / "template" / "hooks"
    hooks.mkdir(parents=True)
    (hooks / "pre-commit").write_text("#!/bin/sh\n")
    config = tmp_path / "gitconfig"
    config.write_text(f"[init]\n\ttemplateDir = {hooks.parent}\n\tdefaultBranch = other\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(config))
    monkeypatch.setenv("GIT_TEMPLATE_DIR", str(hooks.parent))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    init(tmp_path / "archive")
    assert (tmp_path / "archive" / ".git" / "HEAD").read_text() == "ref: refs/heads/main\n"
    assert not (tmp_path / "archive" / ".git" / "hooks").exists()
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("settings", [SAFE_ARCHIVE, SAFE_STORE])
def test_git_reads_the_settings_written(settings: dict[str, str], tmp_path: Path) -> None:
    init(tmp_path)
    write_settings(tmp_path, settings)
    for name, value in settings.items():
        assert git(tmp_path, "config", "--local", name).strip() == value
        assert read_setting(tmp_path, name) == value


@pytest.mark.parametrize("value", ["a b", 'a "quoted" b', "C:\\keys\\k", "папка # 1; x", "-x"])
def test_setting_of_any_text_comes_back(value: str, tmp_path: Path) -> None:
    init(tmp_path)
    write_settings(tmp_path, {"user.signingKey": value})
    assert read_setting(tmp_path, "user.signingKey") == value
    assert git(tmp_path, "config", "--local", "user.signingKey").removesuffix("\n") == value


def test_setting_that_is_not_there(tmp_path: Path) -> None:
    init(tmp_path)
    assert read_setting(tmp_path, "papka.primary") is None


def test_remotes_with_the_primary_first(school: School) -> None:
    usb = Remote("usb", "/media/usb.git", "Россия", primary=False)
    hub = Remote("hub", "x", "Россия", primary=True)
    add_remote(school.root, usb)
    add_remote(school.root, hub)
    assert list_remotes(school.root) == (hub, usb)
    assert git(school.root, "remote", "get-url", "usb").strip() == "/media/usb.git"


def test_folder_inside_a_repository_is_no_repository(school: School) -> None:
    with pytest.raises(NotAnArchive):
        read_setting(school.root / "records", "user.name")


def test_settings_keep_comments_and_what_else_is_there(tmp_path: Path) -> None:
    init(tmp_path)
    config = tmp_path / ".git" / "config"
    own = '# школьный ноутбук\n[alias]\n\tst = "status;" # коротко\n'
    config.write_text(config.read_text() + own)
    config.chmod(0o600)
    write_settings(tmp_path, {"user.name": "s001"})
    assert own in config.read_text()
    assert config.stat().st_mode & 0o777 == 0o600


def test_lock_of_a_killed_command_does_not_stop_the_next(tmp_path: Path) -> None:
    init(tmp_path)
    lock = tmp_path / ".git" / "config.lock"
    lock.touch()
    os.utime(lock, (0, 0))
    write_settings(tmp_path, {"user.name": "s001"})
    assert read_setting(tmp_path, "user.name") == "s001"
    assert not lock.exists()


def test_settings_that_git_refuses_change_nothing(tmp_path: Path) -> None:
    init(tmp_path)
    config = tmp_path / ".git" / "config"
    before = config.read_bytes()
    with pytest.raises(GitFailed):
        write_settings(tmp_path, {"user.name": "s001", "1.1": "x"})
    assert config.read_bytes() == before
    assert sorted(tmp_path.rglob("*.lock")) == []
