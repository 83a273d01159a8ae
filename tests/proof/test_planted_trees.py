"""Whatever trees a stranger plants below `.papka/`, no command signs, leaves the archive, executes
what lies there, hangs or breaks because of them.

Without `--soak` a few trees, always the same.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import pytest

from papka.cli.main import SECTIONS
from papka.core.places import student_folder
from tests.support.clones import HEAD, Clone, Shared
from tests.support.command import papka
from tests.support.histories import git
from tests.support.issuing import ORDER

_SECONDS = 120
_FEW, _MANY = 2, 25
_NEW = student_folder("2026-0000")
PLACES = (
    *("writing", "lock", "backup.lock", "restored-from", "papka-piece", ".papka-piece"),
    *("begun", f"begun/{32 * '0'}", "drafts", "drafts/1", "drafts/new-1", "drafts/2/issue.json"),
    *(f"drafts/3/{_NEW}/student.yaml", "drafts/4/records/orders/2026/0000.yaml"),
    *("drafts/4/records/trust/allowed_signers", f"drafts/3/{_NEW}/attachments"),
    *("print", "print/keys", "print/personal-file", "print/personal-file/2026-0001"),
    *("healing", "healing/papka-healing", "healing/HEAD", "healing/config", "healing-pool"),
    *("healing-pool/config", "damaged", "damaged/2026-11-20-120000/config", "restored/tip.txt"),
    *("hooks/pre-commit", "config", "new/and/unknown"),
)
COMMANDS: dict[str, tuple[tuple[str, ...], ...]] = {
    "open": (("open", "--idle", "0", "--no-browser"),),
    "status": (("status",),),
    "new": (("new", "order", "--number", "9-к", "--date", "2026-11-19", "--kind", "иное",
             "--heading", "О днях", "--items.text", "Назначить", "--signed_by", "s001", "-n"),),
    "add": (("add", "2026-0001", "notice", "--date", "2026-06-01", "--about", "успеваемость",
             "--channel", "лично", "--told", "p1", "-n"),),
    "fix": (("fix", "2026-0001#n1", "channel=лично", "-n"),),
    "end": (("end", "2026-0001#e1", "--reason", "завершение", "--order", "2026/0002", "-n"),),
    "find": (("find",),),
    "show": (("show", "2026-0001"),),
    "check": (("check",),),
    "save": (("save",),),
    "undo": (("undo", "-n"),),
    "discard": (("discard", "-n"),),
    "edit": (("edit", "2026-0001"),),
    "sync": (("sync",), ("sync", "-n")),
    "issue": (("issue", "transcript", "2026-0001#e1", "-n"),),
    "print": (("print", "keys", "--html"), ("print", "personal-file", "2026-0001", "--html")),
    "bind": (("bind", "2026-0001", "-n"),),
    "take": (("take", "records/staff.yaml", "--period", "2026-1", "--platform", "kurs", "-n"),),
    "give": (("give", "results", "2026-1"), ("give", "checker")),
    "period": (("period", "status"),),
    "verify": (("verify",), ("verify", "--mirrors")),
    "mirror": (("mirror", "status"), ("mirror", "push")),
    "trust": (("trust", "show"),),
    "join": (("join", "../primary.git", "../joined", "--as", "s002", "--anchor", "0" * 40),),
    "backup": (("backup", "--to", "../medium", "--medium", "Н-1", "-n"),),
    "restore": (("restore", "--heal"), ("restore", "../again", "--from", "../primary.git")),
    "destroy": (
        ("destroy", "--due"),
        ("destroy", "2026-0001", "--order", "2026/0001", "-n"),
        ("destroy", "--resume"),
        ("destroy", "--abandon"),
    ),
    "upgrade": (("upgrade", "-n"),),
}  # fmt: skip
"""Every command, with words that make it sign nothing of its own."""
ELSEWHERE = {"init", "demo", "explain", "fleet"}
"""They work in no archive that is there already."""


class Hangs(BaseException):
    """Not an Exception: nothing in papka may take it for a trouble of its own."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        count = _MANY if metafunc.config.getoption("--soak") else _FEW
        metafunc.parametrize("seed", range(count))


def test_every_command_is_tried() -> None:
    names = {name for _, commands in SECTIONS for name, _ in commands}
    assert names - ELSEWHERE == COMMANDS.keys()


def test_planted_tree_is_never_obeyed(
    seed: int, shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = shared.clone(tmp_path / "heads", HEAD)
    monkeypatch.chdir(clone.root)
    outside = tmp_path / "outside"
    (outside / "folder" / "empty").mkdir(parents=True)
    (outside / "file").write_text("somebody's\n")
    (tmp_path / "medium").mkdir()
    before, seen = clone.head, _seen(outside)
    for name, runs in COMMANDS.items():
        for words in runs:
            _plant(clone, outside, random.Random(f"{seed} {name}"))
            with _no_longer_than(_SECONDS, f"{words} with tree {seed}"):
                ran = papka(*words)
            assert ran.code in (0, 1, 2, 3, 4), (words, ran.all)
            stands = (clone.head, git(shared.store, "rev-parse", "main").strip())
            assert stands == (before, before), (words, ran.all)
            assert _seen(outside) == seen, (words, ran.all)
            assert git(clone.root, "status", "--porcelain", "--", "records") == "", words
    assert not (outside / "executed").exists()


def _plant(clone: Clone, outside: Path, chance: random.Random) -> None:
    """Another tree in place of the one before."""
    folder = clone.path(".papka")
    if folder.is_symlink():
        folder.unlink()
    shutil.rmtree(folder, ignore_errors=True)
    if chance.random() < 0.05:
        folder.symlink_to(outside / "folder")
        return
    folder.mkdir()
    for place in chance.sample(PLACES, chance.randrange(4, 14)):
        target = folder / place
        way = [each for each in (target, *target.parents) if each.is_relative_to(folder)]
        if any(each.is_symlink() for each in way):
            continue  # the one who plants must not write outside either
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            _put(target, clone, outside, chance)
        except (FileExistsError, NotADirectoryError, IsADirectoryError):
            continue  # something else lies there already


def _put(target: Path, clone: Clone, outside: Path, chance: random.Random) -> None:
    kind = chance.choice(("pipe", "folder", "link", "huge", "bytes", "near", "near", "near"))
    if kind == "pipe":
        os.mkfifo(target)
    elif kind == "folder":
        (target / "1" / "x").mkdir(parents=True)
    elif kind == "link":
        aims = (outside / "file", outside / "folder", "/dev/zero", target, "../../records", "gone")
        target.symlink_to(chance.choice(aims))
    elif kind == "huge":
        with target.open("xb") as file:
            file.truncate(1 << 33)
    else:
        data = chance.randbytes(chance.randrange(300)) if kind == "bytes" else _near(clone, chance)
        target.write_bytes(data.replace(b"OUTSIDE", os.fsencode(outside)))
        target.chmod(0o755)


def _near(clone: Clone, chance: random.Random) -> bytes:
    """What papka itself could have written, almost."""
    head, card = clone.head, "records/students/2026/2026-0001/student.yaml"
    request = {"form": "transcript", "address": "2026-0001#e1", "date": "2026-11-20"}
    about = {"form": "keys", "address": "", "options": "", "versions": "v", "files": [["../x", 1]]}
    return chance.choice(
        (
            b"#!/bin/sh\n: > OUTSIDE/executed\n",
            f"{head}\x00{head}\x00{card}\x00../outside/folder/empty/x\x00../outside/x".encode(),
            f"--output=OUTSIDE/file\x00{head}\x00{card}".encode(),
            f"{head}\nprimary\n".encode(),
            b"verified",
            b"building",
            b"[core]\n\thooksPath = ../.papka/hooks\n\tfsmonitor = OUTSIDE/run\n",
            json.dumps(request).encode(),
            json.dumps({"issue": 7}).encode(),
            b"papka-print 2 " + b"0" * 64 + f" {head} ".encode() + json.dumps(about).encode(),
            b"papka-print 1 x --output=OUTSIDE/file\n{}\n",
            ORDER.encode(),
            b"id: 2026-0000\nname:\n  surname: \xd0\x96\n",
            b's009@papka.invalid namespaces="git,papka-seal,papka-document" ssh-ed25519 AAAA\n',
        )
    )


def _seen(folder: Path) -> list[tuple[str, bytes]]:
    return sorted(
        (str(path.relative_to(folder)), path.read_bytes() if path.is_file() else b"")
        for path in folder.rglob("*")
    )


@contextmanager
def _no_longer_than(seconds: int, what: str) -> Iterator[None]:
    """Nothing here takes as long, were the machine ever so slow."""

    def ring(_: int, __: FrameType | None) -> None:
        raise Hangs(what)

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
