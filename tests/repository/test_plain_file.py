"""What is no plain file is told and never waited for; nobody gets more bytes than asked for."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from papka.repository.files import NotPlain, may_block, open_plain, read_plain


def told(file: Path, *, most: int = 1 << 30, follow: bool = False) -> str:
    with pytest.raises(NotPlain) as refused:
        read_plain(file, most=most, follow=follow)
    assert refused.value.message == f"{file}: {refused.value.reason}"
    assert refused.value.next_step == "Уберите его или назовите обычный файл"
    return refused.value.reason


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"12345")
    return path


def test_a_file_is_read_up_to_its_limit(file: Path) -> None:
    assert read_plain(file) == b"12345"
    assert read_plain(file, most=5) == b"12345"
    assert told(file, most=4) == "он больше, чем бывает такой файл (0 МБ)"
    with file.open("wb") as opened:
        opened.truncate((3 << 20) + 1)
    assert told(file, most=3 << 20) == "он больше, чем бывает такой файл (3 МБ)"
    handle = open_plain(file)
    os.close(handle)
    assert handle > 0


def test_a_link_is_followed_only_when_a_person_named_it(file: Path) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    assert told(link) == "это ссылка на другое место"
    assert read_plain(link, follow=True) == b"12345"
    with pytest.raises(FileNotFoundError):
        read_plain(file.with_name("none"))


def test_what_would_be_waited_for_is_told(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = file.with_name("pipe")
    os.mkfifo(pipe)
    monkeypatch.chdir(file.parent)
    with socket.socket(socket.AF_UNIX) as made:
        made.bind("socket")
        assert told(Path("socket")) == "это сокет, а не файл"
        assert may_block("socket")
    assert told(pipe) == "это канал, а не файл: прочитанное из него не кончится"
    assert told(pipe, follow=True) == "это канал, а не файл: прочитанное из него не кончится"
    assert told(file.parent) == "это папка, а не файл"
    assert told(Path(os.devnull)) == "это устройство, а не файл"
    assert may_block(pipe)
    assert may_block(os.devnull)
    assert not may_block(file)
    assert not may_block(file.parent)
    assert not may_block(file.with_name("none"))


def test_a_file_that_became_a_link_meanwhile_is_told(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = file.with_name("link")
    link.symlink_to(file)
    first = os.stat(file)  # noqa: PTH116 - as the gate asks
    monkeypatch.setattr(os, "stat", lambda *_, **__: first)
    assert told(link) == "это ссылка на другое место"


def test_a_file_that_grows_while_it_is_read_is_told(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = os.stat(file)  # noqa: PTH116 - as the gate asks
    file.write_bytes(b"123456")
    monkeypatch.setattr(os, "fstat", lambda _: before)
    assert told(file, most=5) == "он растёт, пока его читают"
