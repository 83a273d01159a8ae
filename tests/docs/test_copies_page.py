"""docs/copies.md is true: every command in it is run, in its order, on a copy of the demo."""

from __future__ import annotations

import re
import shlex
import shutil
from pathlib import Path
from string import Template

import pytest

from tests.support.archives import PROJECT
from tests.support.command import Ran, papka
from tests.support.histories import git

_PAGE = (PROJECT / "docs" / "copies.md").read_text(encoding="utf-8")
_BLOCKS = re.findall(r"(?ms)^```sh\n(.*?)^```", _PAGE)


def test_every_command_of_the_page_does_what_it_says(
    demo: tuple[Path, Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(demo[0], tmp_path / "demo", symlinks=True)
    archive = tmp_path / "demo" / "archive"
    for name in ("server", "usb"):
        git(archive, "remote", "remove", name)
        shutil.rmtree(tmp_path / "demo" / f"{name}.git")
    for setting in ("papka.primary", "user.signingKey"):
        git(archive, "config", "--unset", setting)
    git(archive, "config", "user.signingKey", str(tmp_path / "demo" / "keys" / "head"))
    for name in ("drive", "stick"):
        (tmp_path / name).mkdir()
    seal = re.search(r"--anchor \"((?:[0-9a-f]{8} ?){8})\"", demo[1].out)
    assert seal is not None
    words = {
        "SERVER": tmp_path / "server.git",
        "DRIVE": tmp_path / "drive",
        "STICK": tmp_path / "stick",
        "NEW": tmp_path / "new",
        "SEAL": seal[1],
    }
    monkeypatch.chdir(archive)
    lines = [line for block in _BLOCKS for line in block.splitlines()]
    assert len(lines) >= 12
    for line in lines:
        ran = papka(*shlex.split(Template(line).substitute(words))[1:])
        assert ran.code == 0, f"{line}\n{ran.all}"
    assert papka("check", "-C", tmp_path / "new").code == 0


def test_the_page_names_the_words_that_status_says() -> None:
    for word in ("отстаёт", "пусто", "ушло вперёд", "разошлось", "недоступно", "негодно"):
        assert f"{word}" in _PAGE
