"""papka demo leaves a whole small school to explore."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from pathlib import Path

from papka.gates.git import reading
from tests.support.command import Ran, papka

Demo = tuple[Path, Ran]


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


def test_the_demo_archive_is_clean(demo: Demo) -> None:
    folder, ran = demo
    assert papka("check", "-C", folder / "archive", "--fail-on", "info").code == 0
    verify = next(line for line in ran.out.splitlines() if "papka verify --anchor" in line)
    given = shlex.split(verify.partition("verify")[2])
    verified = papka("verify", folder / "archive", *given, "--no-memory", "--fail-on", "info")
    assert verified.code == 0, verified.out


def test_both_mirrors_equal_the_archive_and_verify_alone(demo: Demo) -> None:
    folder, ran = demo
    fingerprint = next(word for word in ran.out.split() if word.startswith("SHA256:"))
    head = reading.head(folder / "archive")
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


def test_a_second_demo_does_not_write_over_the_first(demo: Demo) -> None:
    ran = papka("demo", demo[0])
    assert ran.code == 3
    assert "не пуста" in ran.err


def test_a_multiplied_demo_has_that_many_students_and_is_clean(tmp_path: Path) -> None:
    ran = papka("demo", tmp_path / "many", "--students", "40")
    assert ran.code == 0, ran.all
    assert "40\u00a0личных дел: замечаний нет" in ran.out
