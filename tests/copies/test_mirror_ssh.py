"""A mirror behind a real sshd on this computer, with keys and a known host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from papka.copies.mirrors import add, push, status
from papka.repository.handle import SAFE_STORE, init, write_settings
from tests.support.histories import RECORD, School, git
from tests.support.sshd import Server, free_port, running


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path / "sshd") as server:
        (server.folder / "nobody").touch()
        yield server


@pytest.fixture
def store(tmp_path: Path) -> Path:
    init(tmp_path / "hub.git", bare=True)
    write_settings(tmp_path / "hub.git", SAFE_STORE)
    return tmp_path / "hub.git"


def test_push_over_ssh(school: School, server: Server, store: Path) -> None:
    add(school.root, "hub", server.url(store), "Россия", allowed=["Россия"])
    access = server.access()
    assert status(school.root, access=access)[0].state == "empty"
    assert push(school.root, access=access).is_good
    school.save({RECORD: b"x: 1\n"}, late=70)
    assert status(school.root, access=access)[0].state == "behind"
    assert push(school.root, access=access).is_good
    assert git(store, "rev-parse", "main").strip() == school.head
    assert status(school.root, access=access)[0].state == "equal"


@pytest.mark.parametrize(
    ("key", "known", "words"),
    [("stranger", "known", "не принял ключ"), ("login", "nobody", "ключ сервера неизвестен")],
)
def test_server_that_does_not_let_in(  # noqa: PLR0913 - three fixtures and a case
    key: str, known: str, words: str, school: School, server: Server, store: Path
) -> None:
    add(school.root, "hub", server.url(store), "Россия", allowed=["Россия"])
    done = push(school.root, access=server.access(key, known))
    assert done.is_unreachable
    assert words in done.outcomes[0].reason
    assert words in status(school.root, access=server.access(key, known))[0].reason


def test_check_of_the_server_speaks_to_the_reader(
    school: School, server: Server, store: Path
) -> None:
    """A server's own hook is run, unlike that of a folder, and its words reach the sender."""
    add(school.root, "hub", server.url(store), "Россия", allowed=["Россия"])
    hook = store / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'сохранение не подписано' >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    outcome = push(school.root, access=server.access()).outcomes[0]
    assert outcome.sent == "refused"
    assert "сохранение не подписано" in outcome.reason
    assert "hook" not in outcome.reason


def test_server_that_is_off(school: School, store: Path, tmp_path: Path) -> None:
    off = Server(free_port(), tmp_path)
    add(school.root, "hub", off.url(store), "Россия", allowed=["Россия"])
    done = push(school.root, access=off.access())
    assert done.is_unreachable
    assert "не отвечает" in done.outcomes[0].reason
