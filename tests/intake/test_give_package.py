"""`papka give package`: a leaver's own file, whole, signed, and nobody else's (R-2.2.8)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from papka.core.errors import NotFound, Refused
from papka.core.places import ORGANIZATION, STAFF
from papka.desk.new_archive import init
from papka.intake.giving import give_results
from papka.intake.package_file import LIST, READ_ME, SIGNATURE, SIGNERS
from papka.intake.package_giving import make_package
from papka.repository.signing import find_actor
from tests.support.archives import restricted
from tests.support.packages import FOLDER, NUMBER, Given
from tests.support.school import NOW, TEACHER, Archive, copied


def unpacked(given: Given, folder: Path) -> Path:
    for path, data in given.files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return folder


def test_the_whole_file_is_in_it_as_it_stands_in_the_archive(given: Given) -> None:
    own = given.archive.root / FOLDER
    for path in own.rglob("*"):
        if path.is_file() and path.name != ".salt":
            inside = path.relative_to(given.archive.root).as_posix()
            assert given.files[inside] == path.read_bytes()
    assert given.files[f"personal-file-{NUMBER}.pdf"].startswith(b"%PDF-")
    assert given.files["issued/2026/certificates-0001.pdf"].startswith(b"%PDF-")
    assert "records/registers/issued/2026/certificates-0001.yaml" in given.files
    assert "records/programs/guitar.yaml" in given.files
    assert "schema/results.json" in given.files


def test_nothing_secret_and_nothing_about_others_is_in_it(given: Given) -> None:
    """R-4.2; orders name other students, staff.yaml and the keys of others are not the student's"""
    assert not [path for path in given.files if ".salt" in path]
    salt = (given.archive.root / FOLDER / ".salt").read_bytes()
    assert not [path for path, data in given.files.items() if salt in data]
    own = ("records/students/2026/2026-0001/", "records/registers/", "records/programs/",
           "records/organization.yaml", "records/imports/")  # fmt: skip
    assert not [p for p in given.files if p.startswith("records/") and not p.startswith(own)]
    assert not [p for p in given.files if p.startswith("records/imports/")
                and not p.endswith("/header.part")]  # fmt: skip
    kinds = {path for path in given.files if path.startswith("schema/")}
    assert not kinds & {"schema/diagnostics.json", "schema/needs.json"}


def test_it_is_proven_without_this_program(given: Given, tmp_path: Path) -> None:
    folder = unpacked(given, tmp_path)
    subprocess.run(["sha256sum", "--strict", "-c", LIST], cwd=folder, check=True,
                   capture_output=True)  # fmt: skip
    listed = {line.split("  ", 1)[1] for line in (folder / LIST).read_text().splitlines()}
    assert listed == given.files.keys() - {LIST, SIGNATURE}
    verify = ["ssh-keygen", "-Y", "verify", "-f", SIGNERS, "-I", "s001@papka.invalid",
              "-n", "papka-document", "-s", SIGNATURE]  # fmt: skip
    ran = subprocess.run(verify, cwd=folder, input=given.files[LIST], capture_output=True,
                         check=False)  # fmt: skip
    assert ran.returncode == 0, ran
    altered = given.files[LIST].replace(b"0", b"1", 1)
    ran = subprocess.run(verify, cwd=folder, input=altered, capture_output=True, check=False)
    assert ran.returncode != 0
    assert given.key in given.files[READ_ME].decode()


def test_the_same_state_gives_the_same_bytes(given: Given) -> None:
    root = given.archive.root
    again = make_package(root, NUMBER, find_actor(root, "s001"), today=NOW.date())
    assert again.data == given.package.data


def test_only_the_head_signs_and_only_who_is_there_gets_one(built_archive: Archive) -> None:
    root = built_archive.root
    with pytest.raises(Refused, match="подписывает руководитель"):
        make_package(root, NUMBER, find_actor(root, TEACHER), today=NOW.date())
    with pytest.raises(NotFound, match="2026-0999"):
        make_package(root, "2026-0999", find_actor(root, "s001"), today=NOW.date())


def test_unsaved_edits_are_left_out_and_named(given: Given, tmp_path: Path) -> None:
    archive = copied(given.archive, tmp_path)
    archive.edit(f"{FOLDER}/student.yaml", '"+70000000001"', '"+70000000002"')
    made = make_package(archive.root, NUMBER, find_actor(archive.root, "s001"), today=NOW.date())
    assert made.unsaved == (f"{FOLDER}/student.yaml",)
    assert b"+70000000002" not in made.data
    assert made.data == given.package.data


def test_a_restricted_archive_gives_nothing(tmp_path: Path) -> None:
    """R-4.2: diagnostics and special needs leave the school in no package and no table."""
    keys = tmp_path / "keys"
    keys.mkdir()
    first = {path: data for path, data in restricted().items() if path in (ORGANIZATION, STAFF)}
    root = tmp_path / "archive"
    init(root, None, keys=keys, now=NOW, records=first)
    with pytest.raises(Refused, match="ограниченного архива"):
        make_package(root, NUMBER, find_actor(root), today=NOW.date())
    with pytest.raises(Refused, match="ограниченного архива"):
        give_results(root, (), "csv")
