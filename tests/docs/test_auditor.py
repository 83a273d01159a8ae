"""docs/auditor.md walks from a disk and a sheet of paper to a verdict, and every step is true."""

from __future__ import annotations

import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from papka.tasks.actor import find_actor
from tests.support.archives import PROJECT
from tests.support.command import papka
from tests.support.disks import Disk, copied_disk
from tests.support.documents import issue
from tests.support.school import Archive, copied

PAGE = (PROJECT / "docs" / "auditor.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
NAMED = dict(line.split("=", 1) for line in BLOCKS[0].splitlines())
COMMANDS = [line for block in BLOCKS[1:] for line in block.splitlines()]
EXPECTED = re.compile(r"\s+# код возврата (\d+)$")


@dataclass(frozen=True, slots=True)
class Walk:
    """Each command of the page with what it printed, in the page's order."""

    disk: Disk
    ran: dict[str, subprocess.CompletedProcess[str]]
    was: str

    def of(self, *parts: str) -> subprocess.CompletedProcess[str]:
        """The one command that holds all these words."""
        (found,) = [ran for line, ran in self.ran.items() if all(part in line for part in parts)]
        return found


@pytest.fixture(scope="module")
def walk(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    """The page walked once from top to bottom, as an auditor would type it."""
    folder = tmp_path_factory.mktemp("audit")
    issued = issue(copied(built_archive, folder))
    root = issued.archive.root
    sealed = papka("period", "seal", "2026", "--as", "s001", "-C", root)
    assert sealed.code == 0, sealed.all
    seal = re.search(r"Свёртка печати: ([0-9a-f ]+)", sealed.out)
    assert seal is not None
    disk = copied_disk(root, folder)
    (disk.home / "документ.pdf").write_bytes(issued.data)
    disk.seize()
    key = find_actor(root, "s001").signer.fingerprint
    words: dict[str, str | Path] = {
        "DISK": disk.archive,
        "MIRROR": disk.mirror,
        "SEAL": seal[1],
        "KEY": key,
        "PAPKA": PROJECT,
    }
    assert words.keys() == NAMED.keys()
    was = disk.state()
    return Walk(disk, {line: disk.sh(line, **words) for line in COMMANDS}, was)


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_ends_as_the_page_says(line: str, walk: Walk) -> None:
    expected = EXPECTED.search(line)
    ran = walk.ran[line]
    assert ran.returncode == (int(expected[1]) if expected else 0), ran.stdout + ran.stderr


def test_nothing_on_the_disk_is_touched(walk: Walk) -> None:
    assert walk.disk.state() == walk.was


def test_plain_git_refuses_for_the_reason_the_page_names(walk: Walk) -> None:
    refused = walk.disk.sh('git -C "$DISK" log', DISK=walk.disk.archive)
    assert (refused.returncode, "dubious ownership" in refused.stderr) == (128, True)
    assert "`dubious ownership`" in PAGE


def test_the_seal_from_paper_makes_the_verdict(walk: Walk) -> None:
    told = json.loads((walk.disk.home / "проверка.json").read_text("utf-8"))
    assert [row for row in told["findings"] if row["severity"] in ("error", "fatal")] == []
    assert "ROOT_UNANCHORED" not in {row["code"] for row in told["findings"]}


def test_the_screen_names_what_agreed_with_paper(walk: Walk) -> None:
    (first,) = [ran for line, ran in walk.ran.items() if line.endswith('"$SEAL" --anchor "$KEY"')]
    assert re.search(r"Сошлось с бумагой: печать № 0001 от [\d.]+, ключ руководителя", first.stdout)


def test_without_paper_it_is_not_called_authentic(walk: Walk) -> None:
    assert "ROOT_UNANCHORED" in walk.of("--fail-on warning").stdout


def test_another_number_is_told(walk: Walk) -> None:
    assert "ANCHOR_MISMATCH" in walk.of("00000000").stdout


def test_git_and_ssh_keygen_come_to_the_same(walk: Walk) -> None:
    seal = walk.of("check-seal.sh").stdout
    assert "Файлы, ключи, подпись и цепочка печатей сходятся" in seal


def test_the_protocol_says_what_the_screen_said(walk: Walk) -> None:
    protocol = walk.disk.home / "протокол.pdf"
    text = subprocess.run(
        ["pdftotext", "-raw", protocol, "-"], check=True, capture_output=True, encoding="utf-8"
    ).stdout
    assert "АРХИВ ЦЕЛ И ПОДЛИНЕН" in text
    assert "Свёртка печати № 0001" in text.replace("\u00a0", " ")
    assert text.count("совпало\n") >= 2


def test_the_codes_of_the_page_are_those_of_the_program(walk: Walk) -> None:
    assert walk.of("papka explain").stdout.startswith("ANCHOR_MISMATCH")
    commands = (PROJECT / "docs" / "commands.md").read_text("utf-8")
    for code in re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE):
        assert f"| {code} |" in commands


def test_every_path_of_the_page_is_there() -> None:
    for path in re.findall(r"\$PAPKA/([\w./-]+)", PAGE):
        assert (PROJECT / path).is_file()
    assert Path(PROJECT / "docs" / "auditor.md").is_file()
