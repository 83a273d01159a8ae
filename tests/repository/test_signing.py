"""Keys and signatures: byte for byte what ssh-keygen makes, and plain words when a key fails."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from papka.core.errors import KeyMissing, Refused
from papka.proof.ssh_signatures import read
from papka.repository.git_values import P384
from papka.repository.signing import complete_key, generate_key, load_public, load_signer


@pytest.fixture
def key(tmp_path: Path) -> Path:
    generate_key(tmp_path / "ключ", "papka s003")
    return tmp_path / "ключ"


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[str]:
    socket = str(tmp_path / "agent")
    process = subprocess.Popen(["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL)
    while not Path(socket).exists():
        assert process.poll() is None
    yield socket
    process.terminate()
    process.wait()


def keygen(*arguments: str, given: bytes = b"") -> bytes:
    command = ["ssh-keygen", *arguments]
    return subprocess.run(command, input=given, check=True, capture_output=True).stdout


@pytest.mark.parametrize("data", [b"", b"x", b"tree\n" * 1000, bytes(range(256))])
@pytest.mark.parametrize("namespace", ["git", "papka-seal"])
def test_signature_equals_that_of_ssh_keygen(data: bytes, namespace: str, key: Path) -> None:
    theirs = keygen("-q", "-Y", "sign", "-n", namespace, "-f", str(key), given=data).decode()
    assert load_signer(key).sign(data, namespace) == theirs


def test_ssh_keygen_verifies_it(key: Path, tmp_path: Path) -> None:
    signer = load_signer(key)
    (tmp_path / "sig").write_text(signer.sign(b"text"))
    (tmp_path / "signers").write_text(f'a@b namespaces="git" {signer.public.line}\n')
    shown = keygen("-Y", "verify", "-f", str(tmp_path / "signers"), "-I", "a@b", "-n", "git",
                   "-s", str(tmp_path / "sig"), given=b"text")  # fmt: skip
    assert signer.fingerprint in shown.decode()


def test_generated_key_is_private_and_openssh(key: Path) -> None:
    assert key.stat().st_mode & 0o777 == 0o600
    assert keygen("-y", "-P", "", "-f", str(key)).decode().split()[:2] == (
        load_public(key.with_name("ключ.pub")).line.split()
    )
    assert (key.with_name("ключ.pub")).read_text().endswith(" papka s003\n")
    assert load_signer(key).fingerprint in keygen("-l", "-f", str(key)).decode()


def test_a_key_is_never_overwritten(key: Path) -> None:
    before = key.read_bytes()
    with pytest.raises(Refused):
        generate_key(key, "")
    assert key.read_bytes() == before
    key.unlink()
    with pytest.raises(Refused):
        generate_key(key, "")
    assert not key.exists()


def test_passphrase_without_agent_says_what_to_do(tmp_path: Path) -> None:
    keygen("-q", "-t", "ed25519", "-N", "пароль-12345", "-f", str(tmp_path / "k"))
    signer = load_signer(tmp_path / "k")
    with pytest.raises(KeyMissing) as caught:
        signer.sign(b"text")
    assert f"ssh-add {tmp_path / 'k'}" in caught.value.next_step


def test_passphrase_through_the_agent(tmp_path: Path, agent: str) -> None:
    key = tmp_path / "k"
    keygen("-q", "-t", "ed25519", "-N", "", "-f", str(key))
    subprocess.run(["ssh-add", "-q", str(key)], check=True, env={"SSH_AUTH_SOCK": agent})
    plain = load_signer(key).sign(b"text")
    keygen("-q", "-p", "-P", "", "-N", "пароль-12345", "-f", str(key))
    assert load_signer(key, agent=agent).sign(b"text") == plain


def test_key_only_in_the_agent(tmp_path: Path, agent: str) -> None:
    key = tmp_path / "k"
    keygen("-q", "-t", "ed25519", "-N", "", "-f", str(key))
    subprocess.run(["ssh-add", "-q", str(key)], check=True, env={"SSH_AUTH_SOCK": agent})
    plain = load_signer(key).sign(b"text")
    key.unlink()
    assert load_signer(tmp_path / "k.pub", agent=agent).sign(b"text") == plain


@pytest.mark.parametrize(
    "content", [None, b"", b"garbage\n", b"-----BEGIN OPENSSH PRIVATE KEY-----\n"]
)
def test_what_is_no_key(content: bytes | None, tmp_path: Path) -> None:
    if content is not None:
        (tmp_path / "k").write_bytes(content)
    with pytest.raises(KeyMissing) as caught:
        load_signer(tmp_path / "k")
    assert caught.value.next_step


def test_key_of_another_kind(tmp_path: Path) -> None:
    keygen("-q", "-t", "ecdsa", "-b", "256", "-N", "", "-f", str(tmp_path / "k"))
    with pytest.raises(KeyMissing, match="ed25519"):
        load_signer(tmp_path / "k")
    with pytest.raises(KeyMissing):
        load_public(tmp_path / "k.pub")


def test_what_is_wrong_with_a_key_and_what_to_do(tmp_path: Path) -> None:
    """Each in whole sentences, with the command that helps."""

    def said(act: Callable[[], object]) -> tuple[str, str]:
        with pytest.raises(KeyMissing) as caught:
            act()
        return caught.value.message, caught.value.next_step

    file, public = tmp_path / "k", tmp_path / "k.pub"
    make = "ssh-keygen -t ed25519 -f ФАЙЛ"
    assert said(lambda: load_signer(file)) == (
        f"Ключ подписи не найден: {file}", f"Укажите свой ключ или создайте его: {make}",
    )  # fmt: skip
    assert said(lambda: load_public(public)) == (
        f"Нет файла открытого ключа {public}",
        f"Получите его из закрытого: ssh-keygen -y -f {file} > {public}",
    )
    file.write_bytes(b"x")
    assert said(lambda: load_signer(file)) == (
        f"Файл {file} — не закрытый ключ OpenSSH", "Укажите закрытый ключ (файл без «.pub»)",
    )  # fmt: skip
    for text in (b"ssh-rsa AAAA", b"\xff"):
        public.write_bytes(text)
        message, step = said(lambda: load_public(public))
        assert message.startswith(f"Файл {public} — не открытый ключ, который знает papka: ")
        assert step == f"Нужен ключ ssh-ed25519: {make}"
    file.unlink()
    public.unlink()
    keygen("-q", "-t", "ecdsa", "-b", "256", "-N", "", "-f", str(file))
    assert said(lambda: load_signer(file)) == (
        f"Ключ {file} не ed25519 и не ecdsa на 384 бита, такими papka не подписывает",
        f"Создайте ключ: {make}",
    )  # fmt: skip
    closed = tmp_path / "closed"
    keygen("-q", "-t", "ed25519", "-N", "пароль-12345", "-f", str(closed))
    assert said(lambda: load_signer(closed).sign(b"x")) == (
        f"Ключ {closed} защищён паролем или живёт на токене, а агент ключей его не дал",
        f"Добавьте ключ в агент и повторите: ssh-add {closed}",
    )


def test_a_key_whose_public_half_a_killed_command_did_not_write(key: Path) -> None:
    public = key.with_name("ключ.pub")
    whole = public.read_text()
    complete_key(key, "another")
    assert public.read_text() == whole
    public.unlink()
    public.with_name(".ключ.pub.papka-new").write_text("half")
    complete_key(key, "papka s003")
    assert public.read_text() == whole
    assert sorted(each.name for each in key.parent.iterdir()) == ["ключ", "ключ.pub"]
    if os.name != "nt":
        assert public.stat().st_mode & 0o777 == 0o644
    with pytest.raises(Refused) as refused:
        generate_key(key, "")
    assert refused.value.message == f"Ключ {key} уже есть, papka не пишет поверх ключей"
    assert refused.value.next_step == "Выберите другое имя файла"
    key.unlink()
    with pytest.raises(Refused, match="papka не пишет поверх"):
        generate_key(key, "")


@pytest.mark.parametrize("passphrase", ["", "пароль-12345"])
def test_a_key_of_the_second_type_is_what_ssh_keygen_reads(passphrase: str, tmp_path: Path) -> None:
    file = tmp_path / "k"
    public = generate_key(file, "papka s001", passphrase, kind=P384)
    assert public.kind == P384
    assert load_public(file.with_name("k.pub")) == public
    said = keygen("-l", "-f", str(file.with_name("k.pub")))
    assert public.fingerprint.encode() in said
    assert b"384" in said


def test_a_signature_of_the_second_type_by_ssh_keygen_is_made_the_lesser_of_its_twins(
    tmp_path: Path,
) -> None:
    """Of two S that prove the same ssh-keygen writes either; papka accepts one."""
    generate_key(tmp_path / "k", "", kind=P384)
    in_process, by_keygen = load_signer(tmp_path / "k"), load_signer(tmp_path / "k.pub")
    for number in range(8):
        data = bytes([number])
        for signer in (in_process, by_keygen):
            found = read(signer.sign(data))
            assert found.key == in_process.public
            assert found.covers(data)
            assert not found.covers(data + b"x")
