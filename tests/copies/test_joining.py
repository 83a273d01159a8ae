"""Joining from a mirror in a folder: what may lie in the way, who may lie, and who waits."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from papka.copies import joining
from papka.copies.joining import JoinRequest, compose_request, read_request
from papka.core.errors import Refused
from papka.core.places import ALLOWED_SIGNERS
from papka.proof.trusted_keys import read_trust
from papka.repository.git_values import ED25519, PublicKey
from papka.repository.handle import read_setting
from papka.repository.signing import generate_key, load_public, load_signer
from tests.support.clones import HEAD, TEACHER, Clone, Shared
from tests.support.command import Ran, ok, papka
from tests.support.histories import git
from tests.support.school import STUDENT

CARD = f"{STUDENT}/student.yaml"
KEY, OTHER = (PublicKey(ED25519, bytes([number]) * 32) for number in (1, 2))
REQUEST = JoinRequest("s002", KEY, "0123456789" * 4, "ssh://git@archive.school.example/srv/a.git")
TEXT = compose_request(REQUEST)


@pytest.mark.parametrize(
    "text",
    [
        TEXT,
        TEXT.replace("\n", "\r\n"),
        "> " + TEXT.replace("\n", "\n> "),
        TEXT.replace(REQUEST.line, f"{REQUEST.line[:76]}\n{REQUEST.line[76:]}"),
        f"Добрый день!\n{TEXT}\n-- \nС уважением",
    ],
    ids=["file", "windows", "quoted", "broken line", "in a letter"],
)
def test_a_request_survives_a_letter(text: str) -> None:
    assert read_request(text) == REQUEST


def test_a_pasted_line_is_a_request() -> None:
    found = read_request(f" {REQUEST.line}\n")
    assert (found.staff, found.key, found.root, found.mirror) == ("s002", KEY, REQUEST.root, "")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "не заявка"),
        (TEXT[:200], "не заявка"),
        (TEXT.replace(KEY.fingerprint, OTHER.fingerprint), "не от её ключа"),
        (REQUEST.line.replace("s002", "s003"), "контрольные знаки"),
        (REQUEST.line.replace("AAAAC3", "AAAAD3"), "контрольные знаки"),
        (REQUEST.line.replace("s002", "s002\x1b[2J"), "не заявка"),
        (REQUEST.line.replace(":s002", ":../x"), "не заявка"),
        (f"{REQUEST.line}\n{JoinRequest('s003', OTHER, REQUEST.root).line}", "несколько"),
    ],
    ids=["empty", "cut", "forged fingerprint", "another person", "another key", "escape", "path",
         "two"],
)  # fmt: skip
def test_a_bent_request_is_refused(text: str, words: str) -> None:
    with pytest.raises(Refused, match=words):
        read_request(text)


def test_words_of_an_address_that_is_none_are_not_told() -> None:
    assert read_request(TEXT.replace("ssh://git@", "ssh://-oProxyCommand=")).mirror == ""


def home() -> Path:
    return Path(os.environ["HOME"])


def join(shared: Shared, place: Path, *words: str | Path, staff: str = TEACHER) -> Ran:
    return papka("join", shared.store, place, "--as", staff, "--anchor", shared.fingerprint, *words)


def test_until_the_key_is_accepted_nothing_is_committed(shared: Shared, tmp_path: Path) -> None:
    new = Clone(tmp_path / "new", TEACHER)
    assert join(shared, new.root).code == 0
    before = new.head
    new.write(CARD, new.read(CARD) + "# с нового компьютера\n")
    born = ("--surname", "Грушева", "--given", "Глаша", "--birth-date", "14.05.2012")
    for words in (
        ("save",),
        ("save", "--as", TEACHER),
        ("undo", "--yes"),
        ("sync", "--as", TEACHER),
        ("new", "student", *born),
    ):
        ran = papka(*words, "-C", new.root)
        assert (ran.code, "s002 ждёт принятия ключа" in ran.err) == (3, True), ran.all
    for identity in ((), ("-c", "user.name=s002", "-c", "user.email=s002@school.example")):
        typed = ["git", *identity, "commit", "-q", "--no-verify", "-am", "из редактора"]
        assert subprocess.run(typed, cwd=new.root, capture_output=True, check=False).returncode
    assert "ждёт принятия ключа" in papka("status", "-C", new.root).out
    shared.store.rename(tmp_path / "away")
    ran = papka("save", "-C", new.root)
    assert (ran.code, "ждёт принятия" in ran.err, "недоступно" in ran.err) == (3, True, True)
    (tmp_path / "away").rename(shared.store)
    assert "ждёт принятия" in ok("sync", "-C", new.root).out
    assert (new.head, git(shared.store, "rev-parse", "main").strip()) == (before, before)

    head = shared.clone(tmp_path / "head", HEAD)
    line = read_request(new.read(f"print/request-{TEACHER}.txt")).line
    ran = ok("trust", "add", line, "-C", head.root)
    assert "второй компьютер" in ran.out
    entry = read_trust((head.root / ALLOWED_SIGNERS).read_bytes()).entries[-1]
    assert (entry.staff, entry.is_head) == (TEACHER, False)
    assert "уже принят" in ok("trust", "add", line, "-C", head.root).out
    assert head.head == git(shared.store, "rev-parse", "main").strip()

    assert "принят: можно сохранять" in ok("sync", "-C", new.root).out
    ok("save", "--push", "-C", new.root)
    assert git(shared.store, "rev-parse", "main").strip() == new.head
    assert shared.authors[:2] == [TEACHER, HEAD]
    assert "уже подключён" in join(shared, new.root).out
    again = join(shared, tmp_path / "again")
    assert "уже принят" in again.out
    assert read_setting(tmp_path / "again", "user.name") == TEACHER


def test_what_lies_in_the_way_is_left_as_it_was(
    shared: Shared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing half made stays where the copy would have been."""
    full = tmp_path / "full"
    full.mkdir()
    (full / "мой.txt").touch()
    empty = tmp_path / "empty.git"
    git(tmp_path, "init", "-q", "--bare", str(empty))
    head = shared.clone(tmp_path / "head", HEAD)
    for words, code, said in (
        ((shared.store, full), 3, "уже что-то лежит"),
        ((shared.store, head.root / "inside"), 3, "внутри другого архива"),
        ((shared.store, shared.store / "inside"), 3, "одно в другом"),
        ((shared.store, tmp_path / "new", "--key", tmp_path / "new" / "key"), 3, "в самом архиве"),
        ((shared.store, tmp_path / "new", "--key", shared.keys / "head"), 3, "принадлежит s001"),
        ((shared.store, tmp_path / "new", "--country", "US"), 3, "152-ФЗ"),
        ((empty, tmp_path / "new"), 3, "пусто"),
        ((head.root, tmp_path / "new"), 3, "не зеркало"),
        ((tmp_path / "нет.git", tmp_path / "new"), 3, "нет"),
        (("ssh://127.0.0.1:1/srv/archive.git", tmp_path / "new"), 4, "недоступно"),
        (("ssh://-oProxyCommand=x/y", tmp_path / "new"), 3, "не годится"),
    ):
        ran = papka("join", *words, "--as", TEACHER, "--anchor", shared.fingerprint)
        assert (ran.code, said in ran.all) == (code, True), ran.all
    assert "нет" in join(shared, tmp_path / "new", staff="s009").err
    for ran in (papka("join", shared.store), papka("join", shared.store, "--as", TEACHER)):
        assert ran.code == 2, ran.all
    assert [path.name for path in full.iterdir()] == ["мой.txt"]
    left = {path.name for path in tmp_path.iterdir()}
    assert not any("new" in name or name.startswith(".") for name in left), left

    with monkeypatch.context() as patch:
        patch.setattr(joining.ReceivedCopy, "settle", _killed)
        with pytest.raises(SystemExit):
            join(shared, tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert "Взят ваш ключ, который уже был" in join(shared, tmp_path / "new").out
    ran = join(shared, tmp_path / "new", staff=HEAD)
    assert (ran.code, "уже подключается s002" in ran.err) == (3, True), ran.all


def _killed(*_: object) -> None:
    raise SystemExit


def test_another_archive_behind_the_address_is_not_taken(shared: Shared, tmp_path: Path) -> None:
    ran = papka("join", shared.store, tmp_path / "new", "--as", TEACHER, "--anchor",
                OTHER.fingerprint)  # fmt: skip
    assert (ran.code, "ANCHOR_MISMATCH" in ran.out, "не принят" in ran.out) == (1, True, True)
    assert not (tmp_path / "new").exists()
    assert list(home().iterdir()) == []


def test_a_request_to_another_archive_and_of_a_stranger(shared: Shared, tmp_path: Path) -> None:
    head = shared.clone(tmp_path / "head", HEAD)
    before = head.head
    root = git(head.root, "rev-list", "--max-parents=0", "HEAD").strip()
    for request, said in (
        (JoinRequest(TEACHER, KEY, "0" * 40), "другому архиву"),
        (JoinRequest("s009", KEY, root), "s009 в архиве нет"),
        (
            JoinRequest("s002", load_public(shared.keys / "head.pub"), root),
            "уже есть в списке: s001",
        ),
    ):
        ran = papka("trust", "add", request.line, "-C", head.root)
        assert (ran.code, said in ran.err) == (3, True), ran.all
    ran = papka("trust", "add", JoinRequest(TEACHER, KEY, root).line, "--head", "-C", head.root)
    assert ran.code == 2
    for words in (("нет.txt",), (head.root,)):
        assert papka("trust", "add", *words, "-C", head.root).code == 3
    assert head.head == before
    ran = ok("trust", "add", JoinRequest(HEAD, KEY, root).line, "-C", head.root)
    assert "Под этим номером подписывает руководитель" in ran.out
    trusted = read_trust((head.root / ALLOWED_SIGNERS).read_bytes()).entries
    assert [each.is_head for each in trusted if each.key == KEY] == [False]


def test_two_people_at_one_computer_sign_each_with_their_own_key(
    shared: Shared, tmp_path: Path
) -> None:
    head = shared.clone(tmp_path / "head", HEAD)
    assert papka("join", "-C", head.root, "--as", HEAD).code == 3
    ran = ok("join", "-C", head.root, "--as", TEACHER, "--key", tmp_path / "teacher")
    assert "papka trust add print/request-s002.txt --as s001" in ran.out
    head.write(CARD, head.read(CARD) + "# кто сохраняет\n")
    assert papka("save", "-C", head.root).code == 3
    ok("trust", "add", head.path(f"print/request-{TEACHER}.txt"), "--as", HEAD, "-C", head.root)
    assert "ждёт принятия ключа" not in papka("status", "-C", head.root).out
    ok("save", "-C", head.root)
    assert git(head.root, "log", "-2", "--format=%an").split() == [TEACHER, HEAD]
    head.write(CARD, head.read(CARD) + "# руководитель\n")
    ok("save", "--as", HEAD, "-C", head.root)
    assert git(head.root, "log", "-1", "--format=%an").strip() == HEAD


def test_a_passphrase_needs_the_program_that_knows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generate_key(tmp_path / "key", "papka s002", "длинный пароль")
    assert load_signer(tmp_path / "key").public == load_public(tmp_path / "key.pub")
    assert b"ENCRYPTED" not in (tmp_path / "key").read_bytes()
    with pytest.raises(Refused, match="уже есть"):
        generate_key(tmp_path / "key", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Exception, match="ssh-keygen"):
        generate_key(tmp_path / "another", "", "длинный пароль")
    assert not (tmp_path / "another").exists()
    generate_key(tmp_path / "another", "")
    assert shutil.which("ssh-keygen") is None
