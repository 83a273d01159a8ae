"""git's complaints reach people in their language."""

from __future__ import annotations

import pytest

from papka.copies import transport
from papka.core.errors import RemoteDeclined
from papka.repository.git_values import MAIN
from papka.repository.handle import Remote
from papka.repository.runner import Ran, explain, explain_failure, explain_talk, is_anothers
from tests.support.histories import School


@pytest.mark.parametrize(
    ("complaint", "words"),
    [
        ("fatal: detected dubious ownership in repository at '/x'", "другому пользователю"),
        ("fatal: could not read Username for 'https://h.example': terminal", "имя и пароль"),
        ("s003@h.example: Permission denied (publickey).", "не принял ключ"),
        ("error: unable to write: Permission denied", "нет прав"),
        ("[remote rejected] (unpacker error)", "не смогло записать"),
        ("ssh: Could not resolve hostname h.example: x", "не находится"),
        ("@@@ REMOTE HOST IDENTIFICATION HAS CHANGED! @@@\nHost key verification failed.", "чужой"),
        ("write error: No space left on device", "место"),
        # Debian 12, then Debian 13
        ("SSL: certificate subject name (a) does not match target host name 'b'", "другое имя"),
        ("SSL: certificate subject name (a) does not match target hostname 'b'", "другое имя"),
        ("server certificate verification failed. CAfile: x CRLfile: none", "неизвестный центр"),
        ("server verification failed: certificate signer not trusted.", "неизвестный центр"),
    ],
)
def test_known_complaint(complaint: str, words: str) -> None:
    found = explain_talk(complaint)
    assert words in found.words
    assert "[" not in found.words


def test_stale_lock_of_the_archive() -> None:
    found = explain(
        "fatal: update_ref failed for ref 'refs/heads/main': cannot lock ref 'refs/heads/main': "
        "Unable to create '/x/.git/refs/heads/main.lock': File exists."
    )
    assert "занято" in found.words
    assert ".lock" in found.step


def test_unknown_complaint_is_kept_in_brackets() -> None:
    found = explain("fatal: the moon is \x1b[31mblue\nand more")
    assert found.words == "git завершился с ошибкой [the moon is [31mblue]"


def test_missing_path_at_home_is_no_missing_store() -> None:
    words = explain("fatal: path 'x' does not exist in 'HEAD'").words
    assert "хранилища нет" not in words


def test_silence() -> None:
    assert explain("").words


def test_a_server_that_refuses_commands_no_terminal(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own words are passed on, but for the signs that nobody sees."""
    said = "remote: \x1b[31mсертификат\x1b[0m \x07не\u202e подписан\x9b2J\nremote: второе\n"
    answer = f"!\t{MAIN}:{MAIN}\t[remote rejected] (pre-receive hook declined)\n"
    ran = Ran(1, answer.encode(), said.encode())
    monkeypatch.setattr(transport, "ask", lambda *_, **__: ran)
    remote = Remote("hub", "ssh://h.example/x", "RU", primary=True)
    with pytest.raises(RemoteDeclined) as refused:
        transport.push_forward(school.root, remote, school.head)
    told = refused.value.message
    assert "[31mсертификат[0m не подписан2J; второе" in told
    assert told.isprintable()


def test_a_folder_of_another_user_is_told_without_the_command_that_met_it() -> None:
    complaint = b"fatal: detected dubious ownership in repository at '/x'"
    told = {str(explain_failure(name, Ran(128, b"", complaint))) for name in ("status", "log")}
    assert told == {"Хранилище принадлежит другому пользователю этого компьютера"}
    assert is_anothers(Ran(128, b"", complaint))
    assert not is_anothers(Ran(128, b"", b"fatal: Needed a single revision"))
    assert not is_anothers(Ran(1, b"", b""))
