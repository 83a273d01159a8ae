"""What strangers put beside the records, in `.papka/`, `.git/`, the environment, is not obeyed.

Hangs are looked for in processes of their own; the patience is for a program that does not end.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import pytest

from papka.core.errors import PapkaError
from papka.core.places import ALLOWED_SIGNERS, student_folder
from papka.paper.issued_contents import Request
from papka.paper.issuing import issue
from papka.paper.print_cache import KeptPrints, PrintedDocument, PrintedFile, PrintOptions
from papka.proof.trusted_keys import HEAD as HEAD_ROLE
from papka.proof.trusted_keys import TrustEntry, compose_trust, read_trust
from papka.repository import dot_papka, unfinished_work
from papka.repository.commit_snapshots import CommitTree
from papka.repository.handle import read_setting
from papka.repository.signing import find_actor, generate_key
from tests.conftest import PROJECT
from tests.support.clones import HEAD, Clone, Shared, share
from tests.support.command import Ran, papka
from tests.support.histories import git
from tests.support.issuing import ISSUED, ORDER, STUDY, graduate
from tests.support.school import NOW, STUDENT, Archive
from tests.support.terminal import at_terminal

CARD = f"{STUDENT}/student.yaml"
NEW = student_folder("2026-0000")
PERSON = (
    "id: 2026-0000\nname:\n  surname: Клёнова\n  given: Злата\nsex: женский\n"
    "birth_date: 2012-02-02\n"
)
_PATIENCE = 120.0


def planted(clone: Clone, files: Mapping[str, str | bytes], name: str = "1") -> None:
    for path, data in files.items():
        clone.write(f".papka/drafts/{name}/{path}", data)


def person() -> dict[str, str | bytes]:
    return {f"{NEW}/student.yaml": PERSON, f"{NEW}/.salt": bytes(range(32))}


def alone(
    *words: str | Path, folder: Path | None = None, **variables: str
) -> subprocess.CompletedProcess[str]:
    """papka as a process of its own, which has to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "papka", *map(str, words)],
        env={**os.environ, "PYTHONPATH": str(PROJECT / "tools"), **variables},
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False, text=True,
        encoding="utf-8", timeout=_PATIENCE,
    )  # fmt: skip


def unsigned(clone: Clone, shared: Shared, ran: Ran, before: str) -> None:
    assert (clone.head, git(shared.store, "rev-parse", "main").strip()) == (before, before)
    assert ran.code == 3, ran.all
    assert "Черновик 1 остался без номера" in ran.out


def test_line_of_trust_planted_in_a_draft_beside_an_order(shared: Shared, tmp_path: Path) -> None:
    clone = shared.clone(tmp_path / "heads", HEAD)
    thief = generate_key(tmp_path / "thief", "thief")
    trusted = read_trust(clone.path(ALLOWED_SIGNERS).read_bytes()).entries
    lines = compose_trust([*trusted, TrustEntry("s009", HEAD_ROLE, thief)])
    planted(clone, {"records/orders/2026/0000.yaml": ORDER, ALLOWED_SIGNERS: lines})
    before = clone.head
    ran = papka("sync", "-C", clone.root)
    unsigned(clone, shared, ran, before)
    assert ALLOWED_SIGNERS in ran.out


@pytest.mark.parametrize("path", [CARD, "records/organization.yaml", ".papka/x"])
def test_card_of_another_child_planted_in_a_draft(path: str, one: Clone, shared: Shared) -> None:
    planted(one, {**person(), path: "id: 2026-0001\n"})
    before = one.head
    ran = papka("sync", "-C", one.root)
    unsigned(one, shared, ran, before)


def test_draft_that_papka_did_not_make_is_shown_and_never_signed_unasked(
    one: Clone, shared: Shared
) -> None:
    planted(one, person())
    before = one.head
    ran = papka("sync", "-C", one.root)
    unsigned(one, shared, ran, before)
    assert "surname: Клёнова" in ran.out


@pytest.mark.parametrize(("answer", "count"), [("y", 1), ("n", 0)])
def test_draft_that_papka_did_not_make_is_asked_about_in_a_terminal(
    answer: str, count: int, one: Clone
) -> None:
    planted(one, person())
    ran = at_terminal(["sync"], [answer], folder=one.root, prompt="[нет]: ")
    assert "surname: Клёнова" in ran.out
    assert "Подписать его?" in ran.out
    assert len([*one.path("records/students/2026").glob("2026-0002")]) == count, ran.out


def test_draft_changed_after_it_was_made(one: Clone, shared: Shared) -> None:
    dot_papka.keep_draft(one.root, {path: _bytes(data) for path, data in person().items()})
    one.edit(f".papka/drafts/1/{NEW}/student.yaml", "Злата", "Чужая")
    before = one.head
    unsigned(one, shared, papka("sync", "-C", one.root), before)


def test_draft_that_has_its_number_already_planted_again(one: Clone, tmp_path: Path) -> None:
    dot_papka.keep_draft(one.root, {path: _bytes(data) for path, data in person().items()})
    shutil.copytree(one.path(".papka/drafts/1"), tmp_path / "copy")
    assert papka("sync", "-C", one.root).code == 0
    assert one.path(student_folder("2026-0002")).is_dir()
    shutil.copytree(tmp_path / "copy", one.path(".papka/drafts/1"))
    assert papka("sync", "-C", one.root).code == 3
    assert not one.path(student_folder("2026-0003")).exists()


def test_document_asked_for_by_a_planted_draft(archive: Archive, tmp_path: Path) -> None:
    graduate(archive)
    clone = share(archive, tmp_path).clone(tmp_path / "heads", HEAD)
    words = {
        "form": "certificate", "address": STUDY, "date": "2026-11-20", "period": None,
        "order": None, "protocol": None, "blank": None, "duplicate": None, "replace": None,
        "reason": None, "spoiled": False, "is_dated": True,
    }  # fmt: skip
    planted(clone, {"issue.json": json.dumps(words, ensure_ascii=False, indent=1)})
    before = clone.head
    ran = papka("sync", "-C", clone.root)
    assert ran.code == 3, ran.all
    assert clone.head == before
    assert not [*clone.path(ISSUED).glob("certificates-*")]


def test_note_of_a_begun_issue_that_names_anothers_document(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    graduate(archive)
    actor = find_actor(archive.root, HEAD)
    day = NOW.date()
    certificate = issue(archive.root, actor, Request("certificate", STUDY, day), now=NOW)
    salt = certificate.entry.salt
    monkeypatch.setattr(unfinished_work, "find_note", lambda *_: salt.encode())
    transcript = issue(archive.root, actor, Request("transcript", STUDY, day), now=NOW)
    assert transcript.entry.form.startswith("transcript")
    assert transcript.number != certificate.number


def test_print_that_somebody_else_put_into_the_cache(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Made by papka itself, by another person: only a key outside the archive tells them apart."""
    tree = CommitTree(archive.root, "HEAD")
    paper = PrintedDocument((PrintedFile("keys-x.pdf", b"%PDF-forged", 1),), tree.commit, {})
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "thief"))
    KeptPrints(archive.root, tree, PrintOptions()).keep("keys", "x", paper)
    assert KeptPrints(archive.root, tree, PrintOptions()).find("keys", "x")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "own"))
    assert KeptPrints(archive.root, tree, PrintOptions()).find("keys", "x") is None


def test_file_name_planted_in_the_cache_of_prints(archive: Archive) -> None:
    tree = CommitTree(archive.root, "HEAD")
    paper = PrintedDocument((PrintedFile("../../planted.txt", b"%PDF", 1),), tree.commit, {})
    KeptPrints(archive.root, tree, PrintOptions()).keep("keys", "x", paper)
    again = KeptPrints(archive.root, tree, PrintOptions()).find("keys", "x")
    assert again is not None
    assert [file.name for file in again.files] == ["keys-x.pdf"]


PIPES = {
    "note of what is being written": (".papka/writing", ("save",)),
    "settings": (".git/config", ("status",)),
    "index": (".git/index", ("status",)),
    "list of branches": (".git/packed-refs", ("status",)),
    "log of the branch": (".git/logs/refs/heads/main", ("save",)),
    "object": (".git/objects/{}/{}", ("status",)),
    "mirror's list of branches": ("../primary.git/packed-refs", ("mirror", "status")),
    "mirror's settings": ("../primary.git/config", ("mirror", "push")),
    "attributes": (".gitattributes", ("status",)),
    "export": ("export.csv", ("take", "export.csv", "--period", "2026-1")),
}  # fmt: skip


@pytest.mark.parametrize(("place", "words"), PIPES.values(), ids=PIPES.keys())
def test_pipe_in_place_of_a_file(place: str, words: tuple[str, ...], one: Clone) -> None:
    if "{}" in place:
        one.edit(CARD, "+70000000001", "+70000000002")
        one.save()  # its objects lie loose
    pipe = one.root / place.format(one.head[:2], one.head[2:])
    if pipe.is_file():
        pipe.unlink()
    pipe.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(pipe)
    if words[0] == "save":
        one.write(CARD, one.read(CARD) + "# сверено\n")
    ran = alone(*words, folder=one.root)
    assert ran.returncode in (0, 1, 3), ran.stdout + ran.stderr


@pytest.mark.parametrize("name", [".gitattributes", ".gitignore"])
def test_pipe_among_the_records_by_a_name_that_git_reads(name: str, archive: Archive) -> None:
    """Nobody opens it, nothing hangs, and the check names it."""
    os.mkfifo(archive.root / STUDENT / name)
    assert alone("status", folder=archive.root).returncode == 1
    assert alone("save", folder=archive.root).returncode == 0
    ran = papka("check", "-C", archive.root)
    assert (ran.code, "PATH_NOT_FILE" in ran.out, name in ran.out) == (1, True, True), ran.all


def test_pipe_that_the_settings_include(archive: Archive, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with (archive.root / ".git" / "config").open("a") as config:
        config.write(f"[include]\n\tpath = {tmp_path / 'pipe'}\n")
    assert alone("status", folder=archive.root).returncode == 3


def test_device_without_end_in_place_of_an_export(archive: Archive) -> None:
    ran = alone("take", "/dev/zero", "--period", "2026-1", folder=archive.root)
    assert ran.returncode == 3
    assert "устройство" in ran.stderr


@pytest.mark.parametrize("name", ["print", "drafts", ""])
def test_link_in_place_of_a_folder_of_papka(name: str, archive: Archive, tmp_path: Path) -> None:
    """Nothing is read there, written there or taken away there."""
    outside = tmp_path / "outside"
    (outside / "keys").mkdir(parents=True)
    (outside / "keys" / "somebody's").write_text("{}")
    shutil.rmtree(archive.root / ".papka", ignore_errors=True)
    link = archive.root / ".papka" / name
    if name:
        link.parent.mkdir()
    link.symlink_to(outside)
    before = sorted(outside.rglob("*"))
    archive.write(CARD, archive.read(CARD) + "# сверено\n")
    for words in (("save",), ("sync",), ("restore", "--heal")):
        papka(*words, "-C", archive.root)
    tree = CommitTree(archive.root, "HEAD")
    prints = KeptPrints(archive.root, tree, PrintOptions())
    file = PrintedFile("keys-x.pdf", b"%PDF", 1)
    prints.keep("keys", "x", PrintedDocument((file,), tree.commit, {}))
    prints.clean("keys", ())
    with suppress(PapkaError):
        dot_papka.keep_draft(archive.root, {"a": b""})
    assert sorted(outside.rglob("*")) == before


def test_note_of_unfinished_writing_that_names_places_outside(
    archive: Archive, tmp_path: Path
) -> None:
    empty = tmp_path / "empty" / "folder"
    empty.mkdir(parents=True)
    piece = tmp_path / ".papka-piece"
    piece.write_text("somebody's")
    head = git(archive.root, "rev-parse", "main").strip()
    for paths in (["../empty/folder/x", "../x"], ["records/a\nHEAD"], [".git/config", "/etc/x"]):
        archive.write(".papka/writing", "\0".join([head, head, *paths]))
        assert unfinished_work.settle_writing(archive.root) == 0
        archive.write(".papka/writing", "\0".join(["--output=x", head, *paths]))
        assert unfinished_work.settle_writing(archive.root) == 0
    assert empty.is_dir()
    assert piece.exists()


def test_note_of_unfinished_writing_that_names_an_older_state(archive: Archive) -> None:
    """A file that lies as it is saved is not put back to what it was before."""
    archive.edit(CARD, "+70000000001", "+70000000002")
    archive.save()
    first, second = (git(archive.root, "rev-parse", rev).strip() for rev in ("main~1", "main"))
    archive.edit("records/orders/2026/0002.yaml", "Договоры об", "Договоры на")
    assert archive.save().commit
    for note in (f"{second}\0{first}\0{CARD}", f"{first}\0{second}\0{CARD}", f"x\0y\0{CARD}"):
        archive.write(".papka/writing", note)
        unfinished_work.settle_writing(archive.root)
        assert git(archive.root, "status", "--porcelain") == ""
        assert not unfinished_work.is_writing_left(archive.root)


def program(folder: Path, name: str, mark: Path) -> Path:
    """A program that tells that it was run."""
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text(f'#!/bin/sh\n: > "{mark}"\nexec /usr/bin/{name} "$@"\n')
    file.chmod(0o755)
    return file


def test_program_named_to_gitpython_by_the_environment(archive: Archive, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    planted = str(program(tmp_path / "bin", "git", mark))
    ran = alone(
        "mirror", "add", "usb", tmp_path / "usb.git", "--country", "RU", "-C", archive.root,
        GIT_PYTHON_GIT_EXECUTABLE=planted, GIT_PYTHON_REFRESH="quiet",
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert not mark.exists()


def test_settings_sent_to_another_repository_by_the_environment(
    archive: Archive, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    git(tmp_path, "init", "-q", str(other))
    before = (other / ".git" / "config").read_bytes()
    ran = alone(
        "mirror", "add", "usb", tmp_path / "usb.git", "--country", "RU", "-C", archive.root,
        GIT_COMMON_DIR=str(other / ".git"), GIT_DIR=str(other / ".git"),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert (other / ".git" / "config").read_bytes() == before
    assert read_setting(archive.root, "papka.primary") == "usb"


@pytest.mark.parametrize("entry", [".", "", "bin"])
def test_program_in_the_folder_one_stands_in(entry: str, archive: Archive, tmp_path: Path) -> None:
    mark = tmp_path / "executed"
    for name in ("git", "ssh-keygen", "ssh"):
        program(archive.root, name, mark)
        program(archive.root / "bin", name, mark)
    path = f"{entry}{os.pathsep}{os.environ['PATH']}"
    for words in (("status",), ("save",), ("mirror", "add", "usb", "ssh://x@127.0.0.1:9/a",
                                           "--country", "RU"), ("sync",)):  # fmt: skip
        alone(*words, folder=archive.root, PATH=path)
    assert not mark.exists()


def _bytes(data: str | bytes) -> bytes:
    return data if isinstance(data, bytes) else data.encode()
