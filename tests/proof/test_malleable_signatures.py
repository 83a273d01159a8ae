"""Signatures bent without the key: git and ssh-keygen let them pass, verify does not."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.proof.ssh_signatures import Altered, Signature, UnreadableSignature, read
from papka.repository.git_values import parse_commit, wire_string
from papka.repository.signing import generate_key, load_signer
from tests.support.histories import RECORD, School

_ORDER = 2**252 + 27742317777372353535851937790883648493


def blob(armored: str) -> bytes:
    return base64.b64decode("".join(armored.splitlines()[1:-1]))


def armor(data: bytes, width: int = 70) -> str:
    text = base64.b64encode(data).decode()
    lines = [text[at : at + width] for at in range(0, len(text), width)]
    return "\n".join(["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""])


def more_s(armored: str) -> str:
    """S + L in place of S."""
    data = blob(armored)
    s = int.from_bytes(data[-32:], "little") + _ORDER
    return armor(data[:-32] + s.to_bytes(32, "little"))


def filled_reserved(armored: str) -> str:
    data = blob(armored)
    mark = wire_string(b"git") + wire_string(b"")
    return armor(data.replace(mark, wire_string(b"git") + wire_string(b"hidden text")))


def _longer_inner(data: bytes) -> bytes:
    inner = data[-83:]
    assert inner.startswith(wire_string(b"ssh-ed25519"))
    return data[:-87] + wire_string(inner + b"hidden")


def _loose_bits(armored: str) -> str:
    """Base64 whose last sextet carries bits that no byte uses."""
    lines = armored.splitlines()
    body = "".join(lines[1:-1])
    if not body.endswith("="):
        return f"{armored}x\n"
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bare = body.rstrip("=")
    odd = bare[:-1] + letters[letters.index(bare[-1]) + 1] + body[len(bare) :]
    parts = [odd[at : at + 70] for at in range(0, len(odd), 70)]
    return "\n".join([lines[0], *parts, lines[-1], ""])


BENT: dict[str, Callable[[str], str]] = {
    "S + L": more_s,
    "text after the end": lambda a: f"{a}hidden\n",
    "empty line after the end": lambda a: f"{a}\n",
    "second armor": lambda a: a + a,
    "filled reserved field": filled_reserved,
    "bytes after the blob": lambda a: armor(blob(a) + b"hidden"),
    "bytes inside the signature": lambda a: armor(_longer_inner(blob(a))),
    "other line width": lambda a: armor(blob(a), 64),
    "loose bits of base64": _loose_bits,
    "empty line inside": lambda a: a.replace("\n", "\n\n", 1),
}


@pytest.mark.parametrize("how", BENT)
def test_signature_of_a_commit_bent(how: str, school: School) -> None:
    clerk = school.signer("s003").sign
    school.forge({RECORD: b"x: 1\n"},
                 sign=lambda data: BENT[how](clerk(data)))  # fmt: skip
    school.checkout()
    assert school.codes() == ["SIG_MALLEABLE"]


@pytest.mark.parametrize(
    "header",
    [
        b"gpgsig-sha256 hidden\n",
        b"encoding UTF-8\n",
        b"mergetag object 0\n",
        b"HG:extra hidden\n",
        b"gpgsig hidden\n",
    ],
)
@pytest.mark.parametrize("place", ["before", "after"])
def test_header_beside_the_signature(header: bytes, place: str, school: School) -> None:
    """`gpgsig-sha256` is no part of what git checks: text in it is signed by nobody."""

    def bend(raw: bytes) -> bytes:
        if place == "before":
            return raw.replace(b"gpgsig -", header + b"gpgsig -", 1)
        head, _, text = raw.partition(b"\n\n")
        return head + b"\n" + header.rstrip(b"\n") + b"\n\n" + text

    school.forge({}, sign=school.signer("s003").sign, bend=bend)
    assert "HEADER_UNEXPECTED" in school.codes()


@pytest.mark.parametrize(
    "bend",
    [
        lambda raw: raw.replace(b"papka.invalid> 1", b"papka.invalid> 01"),
        lambda raw: raw.rstrip(b"\n") + b"\0hidden\n",
    ],
    ids=["zero before the time", "zero byte in the message"],
)
def test_text_spelled_oddly_and_signed(bend: Callable[[bytes], bytes], school: School) -> None:
    """Even the signer may not hide anything."""
    sign = school.signer("s003").sign
    raw = bend(parse_commit("", school.raw(school.head)).signed_payload)
    head, _, text = raw.partition(b"\n\n")
    signature = sign(raw).rstrip("\n").replace("\n", "\n ").encode()
    school.plant(head + b"\ngpgsig " + signature + b"\n\n" + text)
    assert "HEADER_UNEXPECTED" in school.codes()


def test_signature_of_another_purpose(school: School) -> None:
    signer = school.signer("s001")
    school.forge({}, sign=lambda data: signer.sign(data, "papka-seal"), by="s001")
    assert school.codes() == ["SIG_BAD"]


def test_signature_of_a_kind_nobody_trusts(school: School) -> None:
    pgp = "-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n"
    school.forge({}, sign=lambda _: pgp)
    assert school.codes() == ["SIG_BAD"]


def test_rsa_key(school: School, tmp_path: Path) -> None:
    key = tmp_path / "rsa"
    make = ["ssh-keygen", "-q", "-t", "rsa", "-b", "2048", "-N", "", "-f", str(key)]
    subprocess.run(make, check=True)

    def sign(data: bytes) -> str:
        (tmp_path / "data").write_bytes(data)
        command = [
            "ssh-keygen",
            "-q",
            "-Y",
            "sign",
            "-n",
            "git",
            "-f",
            str(key),
            str(tmp_path / "data"),
        ]
        subprocess.run(command, check=True, capture_output=True)
        return (tmp_path / "data.sig").read_text()

    school.forge({}, sign=sign)
    assert school.codes() == ["SIG_BAD"]


@pytest.mark.parametrize("how", ["S + L", "text after the end", "filled reserved field"])
def test_ssh_keygen_accepts_what_we_refuse(how: str, tmp_path: Path) -> None:
    """The reason for strictness; when this fails ssh-keygen has become strict too."""
    generate_key(tmp_path / "k", "")
    signer = load_signer(tmp_path / "k")
    bent = BENT[how](signer.sign(b"text"))
    with pytest.raises(Altered):
        read(bent)
    (tmp_path / "sig").write_text(bent)
    (tmp_path / "signers").write_text(f"a@b {signer.public.line}\n")
    ran = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", tmp_path / "signers", "-I", "a@b", "-n", "git",
         "-s", tmp_path / "sig"],
        input=b"text", check=False, capture_output=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr


def _hardware(flags: int) -> Signature:
    """A hardware key's signature, made as the token makes it."""
    import hashlib

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    secret = Ed25519PrivateKey.generate()
    kind = b"sk-ssh-ed25519@openssh.com"
    public = wire_string(kind) + wire_string(secret.public_key().public_bytes_raw())
    public += wire_string(b"ssh:")
    middle = wire_string(b"git") + wire_string(b"") + wire_string(b"sha512")
    message = b"SSHSIG" + middle + wire_string(hashlib.sha512(b"text").digest())
    tail = bytes([flags]) + (7).to_bytes(4, "big")
    signed = hashlib.sha256(b"ssh:").digest() + tail + hashlib.sha256(message).digest()
    inner = wire_string(kind) + wire_string(secret.sign(signed)) + tail
    whole = b"SSHSIG" + (1).to_bytes(4, "big") + wire_string(public) + middle + wire_string(inner)
    return read(armor(whole))


def test_hardware_key_with_touch() -> None:
    assert _hardware(1).covers(b"text")
    assert not _hardware(1).covers(b"another text")


def test_hardware_key_without_touch() -> None:
    with pytest.raises(Altered, match="прикосновения"):
        _hardware(0)


@given(st.data())
def test_no_bent_byte_is_accepted(data: st.DataObject) -> None:
    """Whatever one byte of the armor becomes, it is refused or does not verify."""
    at = data.draw(st.integers(0, len(_GOOD) - 1))
    new = data.draw(st.characters(codec="ascii"))
    bent = _GOOD[:at] + new + _GOOD[at + 1 :]
    if bent == _GOOD:
        return
    try:
        found = read(bent)
    except (Altered, UnreadableSignature):
        return
    # Another key or namespace may verify on its own terms, never as ours.
    ours = read(_GOOD)
    assert (found.key, found.namespace) != (ours.key, ours.namespace) or not found.covers(b"text")


@given(st.binary(max_size=400))
def test_any_bytes_are_refused_quietly(data: bytes) -> None:
    with pytest.raises((Altered, UnreadableSignature)):
        read(armor(data))


_GOOD = (
    "-----BEGIN SSH SIGNATURE-----\n"
    "U1NIU0lHAAAAAQAAADMAAAALc3NoLWVkMjU1MTkAAAAgA6EHv/POEL4dcN0Y50vAmWfk1j\n"
    "CbpQ1fHdyGZBJVMbgAAAADZ2l0AAAAAAAAAAZzaGE1MTIAAABTAAAAC3NzaC1lZDI1NTE5\n"
    "AAAAQJgBpHXDYCERA24ezCKXsl6Nz+Zb8ae152VrBfJJmLSvAmNeweYEyhFbJdSv9EsEzd\n"
    "Q4HrjlxdTOCpFwGn0XpAg=\n"
    "-----END SSH SIGNATURE-----\n"
)
"""Of b"text", by the key whose private bytes are 0, 1, 2 … 31."""
