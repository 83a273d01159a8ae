"""papka demo leaves a whole small school to explore."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from papka.core.errors import Refused
from papka.desk.edition import School
from papka.desk.new_archive import init
from papka.paper.print_cache import PrintedDocument, PrintedFile
from papka.repository import commit_snapshots
from tests.support.archives import PROJECT
from tests.support.command import Ran, papka

Demo = tuple[Path, Ran]
NOW = datetime(2026, 11, 20, tzinfo=UTC)


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode().strip()


def test_everything_promised_is_there(demo: Demo) -> None:
    folder, ran = demo
    assert ran.code == 0, ran.all
    for name in ("head", "recovery", "staff", "staff2"):
        assert (folder / "keys" / name).is_file()
        assert (folder / "keys" / f"{name}.pub").is_file()
    printed = sorted(path.name for path in (folder / "print").iterdir())
    papers = ["personal-file-2025-0001.pdf", "seal-0001.pdf"]
    assert printed == ["certificate-С-2026-0007.pdf", *papers]
    assert (folder / "archive" / "records" / "organization.yaml").is_file()


def test_every_step_is_told_as_it_is_done(demo: Demo, pytestconfig: pytest.Config) -> None:
    """The whole screen; what each run makes anew or the sample decides alone is masked."""
    told = demo[1].out.replace(str(demo[0]), "ПРОБА").replace("\u00a0", " ")
    told = re.sub(r"SHA256:[\w+/]{43}", "SHA256:…", told)
    told = re.sub(r"\b([0-9a-f]{8} ){7}[0-9a-f]{8}\b", "<контрольная сумма>", told)
    count = r"\d+ (файл|личн|страниц|запис|объект)\w*( дел\w*| истории)?"
    told = re.sub(count, r"… \1…\2", told)
    told = re.sub(r"(?m)(?<=^  … файл…: ).*|(?<= за )\d+(?= с\.)", "…", told)
    path = Path(__file__).parent / "screen.txt"
    if pytestconfig.getoption("--update-snapshots"):
        path.write_text(told, "utf-8")
    assert told == path.read_text("utf-8")


def test_what_lies_in_the_way_is_told_with_what_to_do(demo: Demo, tmp_path: Path) -> None:
    own, mixed = tmp_path / "own", tmp_path / "mixed"
    for folder in (own, mixed):
        (folder / "archive").mkdir(parents=True)
    ran = papka("demo", own)
    assert ran.err == (
        f"Не получилось: Папка {own} не пуста, и это не проба\n"
        "Что делать: Укажите другую: papka demo ПАПКА\n"
    )
    shutil.copy(demo[0] / "ПРОЧТИ.txt", mixed)
    assert (mixed / "ПРОЧТИ.txt").read_text("utf-8") == (
        "Это проба программы papka: все люди выдуманы, папку можно удалить целиком.\n"
        "Она построена до конца.\n"
    )
    (mixed / "б").touch()
    (mixed / "а").touch()
    ran = papka("demo", mixed, "--again")
    assert ran.err == (
        f"Не получилось: В папке {mixed} лежит и то, чего проба не делает: а, б\n"
        "Что делать: Уберите это оттуда или укажите другую папку: papka demo ПАПКА\n"
    )


def test_a_whole_trial_is_not_built_again_unasked(
    demo: Demo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(demo[0].parent)
    monkeypatch.setenv("PAPKA_CALLED", "папка")
    assert papka("demo").out.splitlines()[:2] == [
        f"Пробный архив уже построен: {demo[0]}",
        "Построить заново, без того, что в нём меняли: папка demo --again",
    ]
    ran = papka("demo", "--students", "200001")
    assert (ran.code, "200001" in ran.err) == (2, True)


def test_the_sample_enters_as_it_would_in_life(demo: Demo) -> None:
    """Acts, then people by the clerk, open results by the teacher, books, the rest by the head."""
    log = git(
        demo[0] / "archive", "log", "--reverse", "--format=%an", "--name-only", "--no-renames"
    )
    batches = [each.split("\n") for each in re.split(r"\n+(?=s00\d\n)", log)]
    told = [(author, {path for path in paths if path}) for author, *paths in batches]
    assert [author for author, _ in told][:6] == ["s001", "s001", "s003", "s002", "s003", "s001"]
    rules, lives, results, books = (paths for _, paths in told[1:5])
    assert all(
        path.startswith(("records/regulations/", "records/platforms/", "records/programs/",
                         "records/orders/")) for path in rules
    )  # fmt: skip
    assert {path.split("/")[1] for path in lives} == {"students", "orders", "events"}
    assert not any(path.endswith("/results/2026-2.yaml") for path in lives)
    assert all(path.endswith("/results/2026-2.yaml") for path in results)
    assert {path.split("/")[1] for path in books} == {"registers"}


def test_the_demo_archive_is_clean(demo: Demo) -> None:
    folder, ran = demo
    assert papka("check", "-C", folder / "archive", "--fail-on", "info").code == 0
    verify = next(line for line in ran.out.splitlines() if " verify --anchor " in line)
    given = shlex.split(verify.partition(" verify ")[2])
    verified = papka("verify", folder / "archive", *given, "--no-memory", "--fail-on", "info")
    assert verified.code == 0, verified.out


def test_both_mirrors_equal_the_archive_and_verify_alone(demo: Demo) -> None:
    folder, ran = demo
    fingerprint = next(word for word in ran.out.split() if word.startswith("SHA256:"))
    head = commit_snapshots.head(folder / "archive")
    for name in ("usb.git", "server.git"):
        assert git(folder / name, "rev-parse", "main") == head
        verified = papka("verify", folder / name, "--anchor", fingerprint)
        assert verified.code == 0, verified.out
    assert papka("mirror", "status", "-C", folder / "archive").code == 0


def test_plain_git_and_ssh_keygen_agree_with_every_signature(demo: Demo) -> None:
    folder, _ = demo
    settings = ("-c", "gpg.format=ssh", "-c")
    signers = f"gpg.ssh.allowedSignersFile={folder}/archive/records/trust/allowed_signers"
    said = git(folder / "archive", *settings, signers, "log", "--format=%G? %GS %ae")
    for line in said.splitlines():
        verdict, signer, author = line.split()
        assert (verdict, signer) == ("G", author)


def test_the_restricted_twin_is_an_archive_of_its_own(demo: Demo) -> None:
    root = demo[0] / "restricted"
    assert papka("check", "-C", root).code == 0
    kinds = {path.name for path in (root / "records/students").rglob("*.yaml")}
    assert kinds == {"diagnostics.yaml", "needs.yaml"}


def test_several_people_signed(demo: Demo) -> None:
    folder, _ = demo
    authors = git(folder / "archive", "log", "--format=%an").splitlines()
    assert set(authors) == {"s001", "s002", "s003"}


def test_one_field_of_nonsense_is_pointed_at(demo: Demo, tmp_path: Path) -> None:
    folder, _ = demo
    root = tmp_path / "archive"
    shutil.copytree(folder / "archive", root)
    card = root / "records/students/2025/2025-0001/student.yaml"
    card.write_text(card.read_text().replace("sex: женский", "sex: чепуха"))
    ran = papka("check", "-C", root)
    assert ran.code == 1
    line = card.read_text().splitlines().index("sex: чепуха") + 1
    assert f"2025-0001/student.yaml:{line}:6: ошибка SCHEMA_NOT_IN_ENUM" in ran.out


def test_a_second_demo_leaves_the_first_and_says_how_to_build_it_anew(demo: Demo) -> None:
    folder, first = demo
    before = commit_snapshots.head(folder / "archive")
    ran = papka("demo", folder)
    assert ran.code == 0, ran.all
    assert f"papka demo --again {folder}" in ran.out
    assert commit_snapshots.head(folder / "archive") == before
    tried = first.out.partition("Попробуйте сами")[2].replace(" demo/", f" {folder}/")
    assert ran.out.partition("Попробуйте сами")[2] == tried


def test_every_command_that_the_demo_suggests_can_be_pasted(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From a folder with a blank in its name; the shell's own splitting, the real command line."""
    folder = tmp_path / "моя школа"
    folder.mkdir()
    shutil.copytree(demo[0], folder / "моя проба")
    monkeypatch.chdir(folder)
    said = papka("demo", "моя проба").out
    commands = [line.strip() for line in said.splitlines() if line.startswith("    papka ")]
    assert len(commands) == 6
    launcher = tmp_path / "papka"
    launcher.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m papka "$@"\n')
    launcher.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(PROJECT / "tools"))
    for command in commands:
        # a person looks at the pages as long as they like
        ends = " --idle 0 --no-browser" if command.endswith(" open") else ""
        typed = command + ends
        done = subprocess.run(typed, shell=True, capture_output=True, text=True, check=False)
        assert done.returncode == 0, command + done.stdout + done.stderr


@pytest.mark.parametrize("left", ["half", "whole"])
def test_a_trial_is_built_anew_in_the_place_of_an_earlier_one(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: str
) -> None:
    """What a stopped run left is no obstacle; what a person tried is, until they say --again."""
    folder = tmp_path / "demo"
    (folder / "archive").mkdir(parents=True)
    (folder / "archive" / "left").touch()
    shutil.copy(demo[0] / "ПРОЧТИ.txt", folder)
    if left == "half":
        half = (demo[0] / "ПРОЧТИ.txt").read_text().splitlines(keepends=True)[0]
        (folder / "ПРОЧТИ.txt").write_text(half)
    monkeypatch.setattr("papka.desk.demo_archive._check", _stopped)
    ran = papka("demo", folder, *(["--again"] if left == "whole" else []))
    assert ran.code == 3, ran.all
    assert "Дальше не пошло" in ran.err
    assert not (folder / "archive" / "left").exists()
    assert (folder / "archive" / "records" / "organization.yaml").is_file()


def _stopped(_: Path) -> None:
    raise Refused("Дальше не пошло")


@pytest.mark.parametrize("words", [(), ("--again",)])
def test_a_demo_takes_nothing_away_that_is_not_its_own(
    demo: Demo, tmp_path: Path, words: tuple[str, ...]
) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (own / "archive").mkdir()
    ran = papka("demo", own, *words)
    assert (ran.code, "не пуста, и это не проба" in ran.err) == (3, True)
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    shutil.copy(demo[0] / "ПРОЧТИ.txt", mixed)
    (mixed / "диплом.docx").touch()
    ran = papka("demo", mixed, "--again")
    assert (ran.code, "диплом.docx" in ran.err) == (3, True)
    assert (mixed / "диплом.docx").exists()


def test_a_trial_may_lie_among_the_programs_sources_and_not_in_an_archive(
    demo: Demo, tmp_path: Path
) -> None:
    """The sources hold the sample's records, and are no archive for that."""
    for path in ("records/organization.yaml", "tools/papka/__init__.py"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROJECT / path, tmp_path / path)
    school = School("ИП Ландышева", "ИП", "г. Москва", "Москва", "Ландышева Зоя", "Руководитель")
    made = init(tmp_path / "demo", school, keys=tmp_path / "keys", now=NOW)
    assert made.commit
    assert papka("check", "-C", tmp_path / "demo").code == 0
    none = papka("check", "-C", tmp_path / "tools")
    assert (none.code, "Здесь нет архива" in none.err) == (3, True)
    for inside in (demo[0] / "archive" / "new", tmp_path / "demo" / "new"):
        with pytest.raises(Refused, match="внутри другого архива"):
            init(inside, school, keys=tmp_path / "keys", now=NOW)


def test_an_archive_that_lost_its_trust_is_still_an_archive(demo: Demo, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    shutil.copytree(demo[0] / "archive", root)
    (root / "records/trust/allowed_signers").unlink()
    ran = papka("verify", "-C", root, "--no-memory")
    assert "allowed_signers: предупреждение WORKTREE_DIFFERS" in ran.all


def test_a_multiplied_demo_has_that_many_students_and_is_clean(
    demo: Demo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its papers are those of any trial: they are not laid out again."""
    paper = (demo[0] / "print" / "seal-0001.pdf").read_bytes()
    printed = PrintedDocument((PrintedFile("x.pdf", paper, 1),), "0" * 40, {})
    monkeypatch.setattr("papka.desk.demo_archive.print_saved", lambda *_: printed)
    ran = papka("demo", tmp_path / "many", "--students", "40")
    assert ran.code == 0, ran.all
    assert "40\u00a0личных дел: замечаний нет" in ran.out
