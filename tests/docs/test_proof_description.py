"""docs/proof.md says what a seal is: its words are tried on a real one."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from papka.core.codes import seals as codes
from papka.core.findings import Code
from papka.core.seals import TEXT, seal_file
from papka.tasks.actor import find_actor
from papka.tasks.sealing.seal import Sealed, make_seal
from tests.support.archives import PROJECT
from tests.support.school import NOW, STUDENT, Archive

PAGE = (PROJECT / "docs" / "proof.md").read_text("utf-8")


@pytest.fixture
def made(archive: Archive) -> Sealed:
    return make_seal(archive.root, find_actor(archive.root, "s001"), now=NOW, period="2025")


pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("sh", "sha256sum", "ssh-keygen"))),
    reason="the tools of the independent check are not installed",
)


def blocks() -> list[str]:
    return re.findall(r"```\n(.*?)```", PAGE, re.DOTALL)


def test_a_seal_has_the_lines_described(archive: Archive, made: Sealed) -> None:
    sample = next(block for block in blocks() if block.startswith("papka-seal"))
    described = [line.partition(": ")[0] for line in sample.splitlines()]
    text = archive.read(seal_file(made.number, TEXT))
    assert [line.partition(": ")[0] for line in text.splitlines()] == described


def test_the_line_of_shell_digests_a_folder_as_the_list_does(
    archive: Archive, made: Sealed
) -> None:
    command = next(block for block in blocks() if block.startswith("find"))
    ran = subprocess.run(
        ["sh", "-c", command], cwd=archive.root / STUDENT, check=True, capture_output=True
    )
    listed = archive.read(seal_file(made.number, ".units"))
    assert f"{ran.stdout.decode().split()[0]}  {STUDENT}\n" in listed


@pytest.mark.parametrize("at", [0, 1])
def test_the_commands_of_the_independent_check_run(archive: Archive, made: Sealed, at: int) -> None:
    lines = next(block for block in blocks() if "check-seal" in block).splitlines()
    digest = " ".join(made.digest[start : start + 8] for start in range(0, 64, 8))
    command = lines[at].replace("АРХИВ", f"'{archive.root}'").replace("0002", "0001")
    ran = subprocess.run(
        ["sh", "-c", command.replace("e7d2dd6e …", digest)],
        cwd=PROJECT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert (ran.returncode, digest in ran.stdout) == (0, True), ran.stderr


def test_every_code_of_seals_is_named() -> None:
    named = {code.name for code in vars(codes).values() if isinstance(code, Code)}
    assert [name for name in sorted(named) if f"`{name}`" not in PAGE] == []
