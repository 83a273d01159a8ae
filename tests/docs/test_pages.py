"""Every command of README.md and docs/ is run as it stands, in order, where the page says.

Of each page one command is also run with one word less, and that must be noticed; with `--soak`
every command with every word less. What a block may say of itself: tests/support/pages.py.
"""

from __future__ import annotations

import base64
import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from papka.copies import mirrors
from papka.core.phrases import grouped
from papka.core.places import seal_file
from papka.desk.sealing import make_seal
from papka.proof.document_code import compose_code as code_text
from papka.proof.document_code import facts_signed
from papka.proof.trusted_keys import HEAD, STAFF, TrustEntry, compose_trust
from papka.repository.signing import find_actor, generate_key, load_signer
from tests.paper.test_document_signatures import code_of
from tests.support.archives import PROJECT
from tests.support.command import papka
from tests.support.disks import Disk, copied_disk
from tests.support.documents import issue, packed, picture
from tests.support.histories import git
from tests.support.pages import PAGES, SHELL, Block, Desk, World, blocks_of, run_block, shorter
from tests.support.school import NOW, STUDENT, copied

Make = Callable[[pytest.FixtureRequest, Path], World]
TOMORROW = {"GIT_DEFAULT_HASH": "sha256", "GIT_DEFAULT_REF_FORMAT": "reftable"}
"""What git 3 takes for granted: no recipe may come to another verdict by it."""

_TEXTS = {str(page.relative_to(PROJECT)): page.read_text(encoding="utf-8") for page in PAGES}
_BLOCKS = {page: blocks_of(page, text) for page, text in _TEXTS.items()}
_RUN = {
    page: found
    for page, blocks in _BLOCKS.items()
    if (found := [each for each in blocks if each.fence in SHELL and each.told("run in")])
}


# Worlds: where a page is run.


def _demo(request: pytest.FixtureRequest, folder: Path) -> Desk:
    """In the archive of a copied demo; what the pages call a stick is a folder beside it."""
    made, ran = request.getfixturevalue("demo")
    shutil.copytree(made, folder / "demo", symlinks=True)
    for config in [*folder.glob("demo/*/.git/config"), *folder.glob("demo/*.git/config")]:
        text = config.read_text(encoding="utf-8")
        config.write_text(text.replace(f"{made}/", f"{folder}/demo/"), encoding="utf-8")
    (folder / "stick").mkdir()
    seal = re.search(r"--anchor \"((?:[0-9a-f]{8} ?){8})\"", ran.out)
    assert seal is not None
    return Desk(
        folder / "demo" / "archive", folder / "home", [folder],
        {"PAPKA": str(PROJECT), "SEAL": seal[1]}, {"/media/stick": str(folder / "stick")},
    )  # fmt: skip


def _demo_without_mirrors(request: pytest.FixtureRequest, folder: Path) -> Desk:
    """The demo before its mirrors were made, and places for new ones."""
    desk = _demo(request, folder)
    for name in ("server", "usb"):
        git(desk.folder, "remote", "remove", name)
        shutil.rmtree(folder / "demo" / f"{name}.git")
    git(desk.folder, "config", "--unset", "papka.primary")
    (folder / "drive").mkdir()
    places = {name: str(folder / name.lower()) for name in ("DRIVE", "STICK", "NEW")}
    values = {**desk.values, **places, "SERVER": str(folder / "server.git"), **TOMORROW}
    return Desk(desk.folder, desk.home, [folder], values)


@dataclass(frozen=True, slots=True)
class Seized:
    """An auditor beside a disk that is somebody else's and closed for writing."""

    disk: Disk
    values: Mapping[str, str]
    was: str

    @property
    def folders(self) -> Sequence[Path]:
        return [self.disk.home]

    def sh(self, line: str, answers: Sequence[str] | None = None) -> tuple[int, str]:
        assert answers is None
        ran = self.disk.sh(line, **self.values)
        return ran.returncode, ran.stdout + ran.stderr


def _disk(request: pytest.FixtureRequest, folder: Path) -> Seized:
    """A disk with a sealed archive and its mirror, an issued document, numbers from paper."""
    issued = issue(copied(request.getfixturevalue("built_archive"), folder))
    root = issued.archive.root
    sealed = papka("period", "seal", "2026", "--as", "s001", "-C", root)
    assert sealed.code == 0, sealed.all
    seal = re.search(r"Контрольная сумма пломбы: ([0-9a-f ]+)", sealed.out)
    assert seal is not None
    disk = copied_disk(root, folder)
    (disk.home / "документ.pdf").write_bytes(issued.data)
    disk.seize()
    key = find_actor(root, "s001").signer.fingerprint
    values = {
        "DISK": str(disk.archive), "MIRROR": str(disk.mirror), "SEAL": seal[1].strip(),
        "KEY": key, "PAPKA": str(PROJECT), **TOMORROW,
    }  # fmt: skip
    return Seized(disk, values, disk.state())


def _sealed(request: pytest.FixtureRequest, folder: Path) -> Desk:
    """Beside an archive with a seal, called АРХИВ."""
    archive = copied(request.getfixturevalue("built_archive"), folder)
    made = make_seal(archive.root, find_actor(archive.root, "s001"), now=NOW, period="2025")
    archive.root.rename(folder / "АРХИВ")
    key = load_signer(archive.keys / "head").fingerprint
    seal = " ".join(grouped(made.digest))
    values = {"PAPKA": str(PROJECT), "SEAL": seal, "KEY": key, **TOMORROW}
    return Desk(folder, folder / "home", [folder], values)


def _sealed_folder(request: pytest.FixtureRequest, folder: Path) -> Desk:
    """In a personal folder of that archive, whose digest stands in the seal's list."""
    desk = _sealed(request, folder)
    units = (folder / "АРХИВ" / seal_file(1, ".units")).read_text(encoding="utf-8")
    (line,) = (line for line in units.splitlines() if line.endswith(f"  {STUDENT}"))
    values = {"DIGEST": line.split()[0], **TOMORROW}
    return Desk(folder / "АРХИВ" / STUDENT, desk.home, [folder], values)


def _issued(request: pytest.FixtureRequest, folder: Path) -> Desk:
    """An issued document, its picture and its code, beside the archive and its list of keys."""
    issued = issue(copied(request.getfixturevalue("built_archive"), folder))
    (folder / "справка.pdf").write_bytes(issued.data)
    (folder / "фото.jpg").write_bytes(packed(picture(issued.data, 200)))
    shutil.copy(issued.trust, folder / "allowed_signers")
    issued.archive.root.rename(folder / "АРХИВ")
    signature = base64.b64decode(issued.entry.signature or "")
    values = {"CODE": code_text(facts_signed(issued.entry), signature), **TOMORROW}
    return Desk(folder, folder / "home", [folder], values)


def _code(_request: pytest.FixtureRequest, folder: Path) -> Desk:
    """A code's text and a list of keys, where another's key comes first."""
    keys = {name: folder / f"{name}.private" for name in ("head", "other")}
    for key in keys.values():
        generate_key(key, "")
    head, other = load_signer(keys["head"]), load_signer(keys["other"])
    (folder / "code.txt").write_text(code_of(head), encoding="utf-8")
    trusted = [TrustEntry("s003", STAFF, other.public), TrustEntry("s001", HEAD, head.public)]
    (folder / "allowed_signers").write_bytes(compose_trust(trusted))
    return Desk(folder, folder / "home", [folder], TOMORROW)


def _two_computers(request: pytest.FixtureRequest, folder: Path) -> Desk:
    """A person before they join, beside a mirror; the head's computer is the folder «школа»."""
    archive = copied(request.getfixturevalue("built_archive"), folder)
    store = folder / "server.git"
    mirrors.add(archive.root, "server", str(store), "RU", allowed=("RU",))
    assert mirrors.push(archive.root).is_good
    archive.root.rename(folder / "школа")
    values = {
        "SERVER": str(store), "KEY": load_signer(archive.keys / "head").fingerprint,
        "LOST": load_signer(archive.keys / "staff").fingerprint,
        "LAST": git(store, "rev-parse", "main").strip(),
    }  # fmt: skip
    places = {
        **{f"papka {word}": f"papka -C школа {word}" for word in ("trust", "sync", "verify")},
        "papka save": "papka -C архив save",
        " request-s002.txt": " архив/print/request-s002.txt",
    }
    return Desk(folder, folder / "home", [folder], values, places)


def _doomed(request: pytest.FixtureRequest, folder: Path) -> Desk:
    """In an archive with something to destroy."""
    archive = copied(request.getfixturevalue("built_doomed"), folder)
    return Desk(archive.root, folder / "home", [folder])


WORLDS: dict[str, Make] = {
    "two computers": _two_computers,
    "lost laptop": _two_computers,
    "demo": _demo,
    "demo without mirrors": _demo_without_mirrors,
    "disk": _disk,
    "sealed": _sealed,
    "sealed folder": _sealed_folder,
    "issued": _issued,
    "code": _code,
    "doomed": _doomed,
}


# What a page promises besides its commands.


def _auditor(world: World) -> None:
    assert isinstance(world, Seized)
    named = next(block for block in _BLOCKS["docs/auditor.md"] if block.told("not run"))
    assert {
        line.partition("=")[0] for line in named.text.splitlines()
    } == world.values.keys() - TOMORROW.keys()
    code, said = world.sh('git -C "$DISK" log')
    assert (code, "dubious ownership" in said) == (128, True)
    assert "`dubious ownership`" in _TEXTS["docs/auditor.md"]
    assert world.disk.state() == world.was, "something on the disk was touched"
    told = json.loads((world.disk.home / "проверка.json").read_text("utf-8"))
    assert [row for row in told["findings"] if row["severity"] in ("error", "fatal")] == []
    assert "ROOT_UNANCHORED" not in {row["code"] for row in told["findings"]}
    protocol = subprocess.run(
        ["pdftotext", "-raw", world.disk.home / "протокол.pdf", "-"],
        check=True, capture_output=True, encoding="utf-8",
    ).stdout  # fmt: skip
    assert "АРХИВ ЦЕЛ И ПОДЛИНЕН" in protocol
    assert "Контрольная сумма пломбы № 0001" in protocol.replace("\u00a0", " ")
    assert protocol.count("совпало\n") >= 2


def _copies(world: World) -> None:
    assert papka("check", "-C", world.values["NEW"]).code == 0


PROMISES: dict[str, Callable[[World], None]] = {
    "docs/auditor.md": _auditor,
    "docs/copies.md": _copies,
}


@pytest.mark.parametrize("page", _RUN)
def test_page_is_true_as_it_stands(
    page: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    lesser = [(block, each) for block in _RUN[page] for each in shorter(block)]
    if not request.config.getoption("--soak"):
        lesser = [random.Random(page).choice(lesser)]
    worlds: dict[str, World] = {}
    unnoticed = []
    for block in _RUN[page]:
        name = block.told("run in")[-1]
        if name not in worlds:
            folder = tmp_path / str(len(worlds))
            folder.mkdir()
            worlds[name] = WORLDS[name](request, folder)
        world = worlds[name]
        for whole, mutant in lesser:
            if whole is block:
                with _as_it_was(world):
                    if not list(run_block(mutant, world)):
                        unnoticed.append(f"{block}\n{mutant.text}")
        for trouble in run_block(block, world):
            pytest.fail(str(trouble))
    assert unnoticed == [], "a word less changes nothing that the page tells: add `says` or `then`"
    if page in PROMISES:
        PROMISES[page](world)


@contextmanager
def _as_it_was(world: World) -> Iterator[None]:
    """What is done inside is done to a copy, in the same place."""
    kept = [(folder, folder.with_name(f"{folder.name}-kept")) for folder in world.folders]
    for folder, aside in kept:
        folder.rename(aside)
        shutil.copytree(aside, folder, symlinks=True)
    yield
    for folder, aside in kept:
        shutil.rmtree(folder)
        aside.rename(folder)


@pytest.mark.parametrize("page", _TEXTS)
def test_every_block_is_run_or_says_why_not(page: str) -> None:
    for block in _BLOCKS[page]:
        ways = [kind for kind in ("run in", "run by", "not run") if block.told(kind)]
        assert block.fence, f"{block}: name what it is: ```sh for commands, ```text for a screen"
        if block.fence not in SHELL:
            assert not re.search(r"^\s*(?:papka|sh|python3) ", block.text), f"{block}: a command"
            continue
        assert len(ways) == 1, f"{block}: {ways or 'neither run nor told why not'}"
        for world in block.told("run in"):
            assert world in WORLDS, f"{block}: {world}"
        for test in block.told("run by"):
            assert (PROJECT / test).is_file(), f"{block}: {test}"
        assert all(block.told("not run") or [True]), f"{block}: not run, and no reason"


def test_codes_of_the_auditor_are_those_of_the_program() -> None:
    for code in re.findall(r"^\| (\d) \|", _TEXTS["docs/auditor.md"], re.MULTILINE):
        assert f"| {code} |" in _TEXTS["docs/commands.md"]
    for path in re.findall(r"\$PAPKA/([\w./-]+)", _TEXTS["docs/auditor.md"]):
        assert (PROJECT / path).is_file()


def test_copies_are_told_in_the_words_of_status() -> None:
    for word in ("отстаёт", "пусто", "ушло вперёд", "разошлось", "недоступно", "негодно"):
        assert word in _TEXTS["docs/copies.md"]


def test_a_mark_of_nothing_is_refused() -> None:
    page = "<!-- run in: demo -->\n\n<!-- says: да -->\n\nСлова.\n\n```sh\npapka check\n```\n"
    with pytest.raises(ValueError, match="says: да"):
        blocks_of("page.md", page)


def test_a_block_is_read_with_what_the_page_says_of_it() -> None:
    page = (
        "<!-- run in: demo -->\n\n# Страница\n\n<!-- says: чисто -->\n```sh\npapka check\n```\n"
        "<!-- not run: нужен root -->\n```sh\nreboot\n```\n- список\n  ```text\nэкран\n  ```\n"
    )
    first, second, third = blocks_of("page.md", page)
    assert (first.told("run in"), first.told("says"), first.line) == (["demo"], ["чисто"], 6)
    assert (second.told("run in"), second.told("not run")) == ([], ["нужен root"])
    assert (third.fence, third.told("run in")) == ("text", ["demo"])


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, tmp_path / "home", [tmp_path], {"WORD": "слово"})


@pytest.mark.parametrize(
    ("text", "marks", "why"),
    [
        ("true\nfalse", [], "exit code 1"),
        ("false # код возврата 2", [], "exit code 1"),
        ("echo да", [("says", "нет")], "does not say «нет»"),
        ("echo $WORD", [("says", "$WORD")], ""),
        ("true", [("then", "test -e нет")], "exit code 1"),
        ("read -r name; test $name = Заря", [("typed", "Заря")], ""),
        ("set -e\nfalse\ntrue", [], "exit code 1"),
        ("papka explain SIG_MISSING", [("says", "SIG_MISSING")], ""),
        ("false # код возврата 1", [("before", "touch x"), ("then", "test -e x")], ""),
    ],
)
def test_a_runner_notices(text: str, marks: list[tuple[str, str]], why: str, desk: Desk) -> None:
    if text.startswith("read"):
        text = f"printf '> '; {text}"
    found = [each.why for each in run_block(Block("page", 1, "sh", text, tuple(marks)), desk)]
    assert (found or [""])[0].startswith(why)
    assert len(found) == bool(why)


def test_a_shorter_block_lacks_one_word_and_nothing_else() -> None:
    block = Block("page", 1, "sh", 'papka save  -m "два слова"   # зачем\n')
    assert [each.text for each in shorter(block)] == [
        'save  -m "два слова"   # зачем\n', 'papka -m "два слова"   # зачем\n',
        'papka save  "два слова"   # зачем\n', "papka save  -m # зачем\n",
    ]  # fmt: skip
