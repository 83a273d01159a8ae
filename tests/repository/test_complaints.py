"""Every complaint of git and ssh that is known, with what a person is told and what to do next.

`complaints.txt` holds the answers (`--update-snapshots` writes it anew; read it).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.proof.clean_room import count_unreachable, first_line, read_fsck
from papka.repository.runner import Trouble, explain, explain_talk

HELD = Path(__file__).with_name("complaints.txt")
AT_HOME = """\
fatal: detected dubious ownership in repository at '/x'
fatal: unsafe repository ('/x' is owned by someone else)
fatal: write error: No space left on device
error: unable to write file: Disk quota exceeded
fatal: could not open '.git/index.lock': Read-only file system
fatal: Unable to create '/x/.git/index.lock': File exists.
error: open("a"): Permission denied
error: insufficient permission for adding an object to repository database
error: loose object 1234 is corrupt
fatal: bad object HEAD
error: unable to read sha1 file of a
error: could not stat '/x/objects': Not a directory
error: cannot lock ref 'refs/heads/main'
fatal: not a git repository: '/x'
fatal: path 'x' does not exist in 'HEAD'
error: the moon is blue
remote: the moon is blue
the moon is blue
нет ответа за 60 с
error: файл «луна» синий
"""
IN_A_TALK = """\
remote: fatal: pack exceeds maximum allowed size (4.00 GiB)
@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @
Host key verification failed.
s003@h.example: Permission denied (publickey).
fatal: could not read Username for 'https://h.example': terminal prompts disabled
fatal: could not read Password for 'https://s003@h.example': terminal prompts disabled
fatal: unable to access: terminal prompts disabled
fatal: Authentication failed for 'https://h.example/x'
fatal: unable to access 'https://h.example/x/': The requested URL returned error: 401
fatal: unable to access 'https://h.example/x/': The requested URL returned error: 403
error: RPC failed; HTTP 413 curl 22 The requested URL returned error: 413
error: RPC failed; HTTP 413
fatal: unable to access 'https://h.example/x/': The requested URL returned error: 502
fatal: https://h.example/x/info/refs not valid: is this a git repository?
error: Cannot access URL https://h.example/x/, return code 22
fatal: error setting certificate verify locations: CAfile: /x CRLfile: none
fatal: Problem with the SSL CA cert (path? access rights?)
SSL: certificate subject name (a) does not match target host name 'b'
SSL: no alternative certificate subject name matches 'b'
server certificate verification failed. CAfile: x CRLfile: none
ssh: Could not resolve hostname h.example: Name or service not known
ssh: connect to host h.example port 22: Connection refused
fatal: unable to access 'https://h.example/': Couldn't connect to server
ssh: connect to host h.example port 22: Connection timed out
gnutls_handshake() failed: The TLS connection was non-properly terminated.
Connection closed by 192.0.2.1 port 22
Connection reset by 192.0.2.1 port 22
ssh: connect to host h.example port 22: No route to host
ssh: connect to host h.example port 22: Network is unreachable
fatal: detected dubious ownership in repository at '/x'
error: unable to write: Permission denied
fatal: '/x' does not appear to be a git repository
fatal: not a git repository: '/x'
fatal: repository '/x' does not exist
ERROR: Repository not found.
fatal: repository 'https://h.example/x/' not found
[rejected] (stale info)
[rejected] (fetch first)
[rejected] (non-fast-forward)
[remote rejected] (protected branch hook declined)
[remote rejected] (pre-receive hook declined)
[remote rejected] (failed to update ref)
[remote rejected] (unpacker error)
error: remote unpack failed: index-pack abnormal exit
error: unable to migrate objects to permanent storage
[remote rejected] (branch is currently checked out)
fatal: the moon is blue
"""


def _told(complaint: str, trouble: Trouble) -> str:
    return f"{complaint}\n    {trouble.words}\n    {trouble.step or '—'}\n"


def test_every_known_complaint_is_told_in_words(request: pytest.FixtureRequest) -> None:
    found = "В своём архиве\n\n" + "".join(
        _told(each, explain(each)) for each in AT_HOME.splitlines()
    )
    found += "\nВ разговоре с другим хранилищем\n\n"
    found += "".join(_told(each, explain_talk(each)) for each in IN_A_TALK.splitlines())
    if request.config.getoption("--update-snapshots"):
        HELD.write_text(found, encoding="utf-8")
    assert found == HELD.read_text(encoding="utf-8")


def test_the_first_line_that_says_anything_is_passed_on() -> None:
    assert explain(" \n\n  fatal: the moon\n error: more").words == (
        "git завершился с ошибкой [the moon]"
    )
    silent = "git завершился с ошибкой и не сказал почему"
    assert explain(" \n ") == explain("") == Trouble(silent)


# what fsck prints


ONE, TWO, PACK = "1" * 40, "2" * 40, f"pack-{'3' * 40}"


def faults(*lines: str, code: int = 1) -> list[tuple[str, str, str]]:
    return [(each.kind, each.id, each.detail) for each in read_fsck(code, lines)]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        (f"error: {ONE}: object corrupt or missing: /x/objects/11/1", ("corrupt", "не читается")),
        (f"{ONE}: object could not be parsed: x", ("corrupt", "не складывается в объект git")),
        (f"error in tree {ONE}: badFilemode: contains bad file modes",
         ("corrupt", "badFilemode: contains bad file modes")),
        (f"missing blob {ONE}", ("missing", "это содержимое файла")),
        (f"missing tree {ONE}", ("missing", "это папка")),
        (f"missing commit {ONE}", ("missing", "это сохранение")),
        (f"missing tag {ONE}", ("missing", "это метка")),
        (f"error: {ONE}: object missing", ("missing", "на него указывает ссылка")),
        (f"error: {ONE}: invalid sha1 pointer {TWO}", ("missing", f"invalid sha1 pointer {TWO}")),
        (f"error: Could not read {ONE}", ("missing", "не читается")),
        (f"error: hash-path mismatch, found at: /x/.git/objects/11/{'1' * 38}",
         ("corrupt", "содержимое другого объекта")),
    ],
)  # fmt: skip
def test_a_line_of_fsck_is_one_fault(line: str, found: tuple[str, str]) -> None:
    assert faults(line) == [(found[0], ONE, found[1])]


def test_a_pack_and_its_objects_are_told_apart() -> None:
    lines = [
        f"error: .git/objects/pack/{PACK}.pack SHA1 checksum mismatch",
        f"error: packed {ONE} from /x/.git/objects/pack/{PACK}.pack is corrupt",
        f"error: cannot unpack {TWO} from /x/.git/objects/pack/{PACK}.pack at offset 12",
        f"missing blob {ONE}",
        f"missing blob {'4' * 40}",
    ]
    assert faults(*lines) == [
        ("pack", PACK, "контрольная сумма не сходится"),
        ("corrupt", ONE, "содержимое не то"),
        ("corrupt", TWO, "не распаковывается"),
        ("missing", "4" * 40, "это содержимое файла"),
    ]
    other = f"error: /home/x/.git/objects/pack/{PACK}.idx: index CRC is wrong"
    assert faults(other) == [("pack", PACK, f"error: objects/pack/{PACK}.idx: index CRC is wrong")]
    assert faults(f"{PACK}: hash mismatch", other) == [
        ("pack", PACK, "контрольная сумма не сходится")
    ]


def test_what_fsck_says_in_passing_is_no_fault() -> None:
    calm = ["dangling blob 1", "unreachable tree 2", "notice: HEAD points to nothing", "",
            f"warning in commit {ONE}: x", "Checking object directories", "Verifying x",
            "  "]  # fmt: skip
    assert faults(*calm, code=0) == []
    assert faults(*calm, "a moon", code=0) == []
    assert faults(*calm, code=2) == [("corrupt", "", "git fsck: код 2")]
    assert faults("a moon\nx", "b /home/me/.git/objects/x", code=2) == [
        ("corrupt", "", "a moon; b objects/x")
    ]
    assert faults("a moon", f"missing blob {ONE}", code=2) == [
        ("missing", ONE, "это содержимое файла")
    ]
    assert count_unreachable([*calm, "unreachable blob 3", "x unreachable y"]) == 2
    assert first_line("") == ""
