"""Keys that live in a token: they sign through the agent, and only when touched."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from papka.core.errors import KeyMissing
from papka.core.places import ALLOWED_SIGNERS
from papka.proof.trusted_keys import HEAD, STAFF, TrustEntry
from papka.repository.signing import load_signer
from tests.support.clones import TEACHER
from tests.support.command import papka
from tests.support.histories import RECORD, School, trust
from tests.support.school import STUDENT, Archive
from tests.support.token_agent import Token, agent_with


@pytest.fixture
def token() -> Token:
    return Token()


@pytest.fixture
def agent(token: Token, tmp_path: Path) -> Iterator[str]:
    with agent_with(token, tmp_path / "agent") as name:
        yield name


@pytest.fixture
def public(token: Token, tmp_path: Path) -> Path:
    return token.write_public(tmp_path / "token.pub")


def trusted(school: School, token: Token, namespaces: tuple[str, ...]) -> None:
    line = f"{TrustEntry('s004', namespaces, token.public).line}\n"
    school.save({ALLOWED_SIGNERS: trust(school.keys) + line.encode()}, "s001", late=180)


@pytest.mark.parametrize("namespaces", [HEAD, STAFF])
def test_commits_of_a_token_are_good_to_us_and_to_git(
    namespaces: tuple[str, ...], school: School, token: Token, agent: str, public: Path
) -> None:
    trusted(school, token, namespaces)
    school.forge({RECORD: b"x: 1\n"}, sign=load_signer(public, agent=agent).sign, by="s004",
                 late=240)  # fmt: skip
    school.checkout()
    assert school.codes() == []
    assert token.count == 1
    shown = subprocess.run(
        ["git", "-c", f"gpg.ssh.allowedSignersFile={school.root / ALLOWED_SIGNERS}",
         "-c", "safe.directory=*", "log", "-1", "--format=%G? %GS"],
        cwd=school.root, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert shown == "G s004@papka.invalid\n"


def test_token_that_was_not_touched(school: School, token: Token, agent: str, public: Path) -> None:
    """ssh-keygen takes such a signature; papka neither makes one nor believes it."""
    trusted(school, token, STAFF)
    touched = load_signer(public, agent=agent).sign
    token.touched = False
    with pytest.raises(KeyMissing, match="без прикосновения"):
        touched(b"x")
    made = subprocess.run(
        ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", public],
        input=b"x", check=True, capture_output=True, env={"SSH_AUTH_SOCK": agent},
    ).stdout.decode()  # fmt: skip
    assert "BEGIN SSH SIGNATURE" in made

    def sign(data: bytes) -> str:
        return subprocess.run(
            ["ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", public],
            input=data, check=True, capture_output=True, env={"SSH_AUTH_SOCK": agent},
        ).stdout.decode()  # fmt: skip

    school.forge({RECORD: b"x: 1\n"}, sign=sign, by="s004", late=240)
    school.checkout()
    assert school.codes() == ["SIG_MALLEABLE"]


def test_token_in_daily_use(
    archive: Archive, agent: str, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Given out by the head, then used by the teacher; not plugged in, it is asked for."""
    monkeypatch.setenv("SSH_AUTH_SOCK", agent)
    assert papka("trust", "rotate", TEACHER, public, "-C", archive.root).code == 0
    assert "токен" in papka("trust", "show", "-C", archive.root).out
    archive.edit(f"{STUDENT}/student.yaml", "+70000000001", "+70000000002")
    monkeypatch.delenv("SSH_AUTH_SOCK")
    ran = papka("save", "--as", TEACHER, "-C", archive.root)
    assert ran.code == 3
    assert "ssh-add" in ran.err
    monkeypatch.setenv("SSH_AUTH_SOCK", agent)
    ran = papka("save", "--as", TEACHER, "-C", archive.root)
    assert ran.code == 0, ran.all
    assert papka("verify", "--no-memory", "-C", archive.root).code == 0
