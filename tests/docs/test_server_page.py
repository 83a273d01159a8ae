"""docs/server.md sets a server up, and every step is true.

Its certificates, passwords and web server's configuration are what tests/hosting runs
(`tests/support/webserver.py` reads them off the page), and so are the lines of authorized_keys.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from papka.cli.mirror_host import FORCED
from tests.support.archives import PROJECT
from tests.support.command import papka
from tests.support.webserver import PAGE, block

COMMANDS = re.findall(r"papka (mirror [a-z]+|[a-z]+)\b([^`\n]*)", PAGE)


def test_lines_of_authorized_keys_are_those_the_command_prints(tmp_path: Path) -> None:
    printed = papka("mirror", "host", tmp_path / "archive.git").out
    lines = [line for line in PAGE.splitlines() if line.startswith("restrict")]
    assert len(lines) == 2
    assert all(line in printed for line in lines)
    assert lines[1].startswith(FORCED)


def test_shell_of_the_git_user_is_where_the_page_says() -> None:
    shell = re.search(r"--shell (\S+)", block("sh", "adduser"))
    assert shell is not None
    assert shutil.which("git-shell") == shell[1]
    assert Path("/usr/lib/git-core/git-http-backend").is_file()


@pytest.mark.parametrize(("name", "rest"), sorted(set(COMMANDS)))
def test_commands_and_their_options_exist(name: str, rest: str) -> None:
    ran = papka(*name.split(), "--help")
    assert ran.code == 0, ran.err
    for option in re.findall(r"--[a-z-]+", rest):
        assert option in ran.out


def test_the_page_is_linked_from_the_commands() -> None:
    assert "(server.md)" in (PROJECT / "docs" / "commands.md").read_text(encoding="utf-8")


def test_where_the_page_says_the_program_lies() -> None:
    """`start.py run` makes the environment that the page's commands name."""
    assert "python3 /opt/papka/tools/start.py run --version" in PAGE
    assert (PROJECT / "tools" / "start.py").is_file()
    assert set(re.findall(r"\S+/bin/papka", PAGE)) == {"/opt/papka/.venv/bin/papka"}
