"""docs/qr.md and the kit's formats are what the program does; the recipe refuses what it should.

Its commands are run by tests/docs/test_pages.py.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from papka.paper.form import VERSION
from papka.proof.document_code import (
    CORES,
    MESSAGE_MAX,
    PAYLOAD_MAX,
    TAGS,
    WIDTHS,
    compose,
    read_text,
)
from papka.proof.trusted_keys import HEAD, TrustEntry, compose_trust
from papka.repository.git_values import P384
from papka.repository.signing import KeySigner, generate_key, load_signer
from tests.paper.test_document_signatures import code_of
from tests.proof.test_document_code import EXAMPLE
from tests.support.archives import PROJECT
from tests.support.bent_signatures import P384_ORDER
from tests.support.token_agent import Token, agent_with

PAGE = (PROJECT / "docs" / "qr.md").read_text(encoding="utf-8")
KIT = PROJECT / "proof"
FORMATS = (KIT / "formats.md").read_text(encoding="utf-8")


@pytest.fixture
def signer(tmp_path: Path) -> KeySigner:
    generate_key(tmp_path / "key.private", "")
    return load_signer(tmp_path / "key.private")


def _checked(folder: Path, code: str, *trust: TrustEntry) -> subprocess.CompletedProcess[str]:
    """The page's script, with settings that git and shells of tomorrow may bring."""
    found = re.search(r"```sh\n(set -eu\n.*?)```", PAGE, re.DOTALL)
    assert found is not None
    (folder / "code.txt").write_text(code, encoding="utf-8")
    (folder / "allowed_signers").write_bytes(compose_trust(trust))
    return subprocess.run(
        [shutil.which("sh") or "sh", "-c", found[1]], cwd=folder,
        env={**os.environ, "GIT_DEFAULT_HASH": "sha256"},
        check=False, capture_output=True, encoding="utf-8", errors="replace",
    )  # fmt: skip


def _checked_by_kit(folder: Path, code: str, *paper: str) -> subprocess.CompletedProcess[str]:
    """`check-code.py` on the keys of the last `_checked`."""
    return subprocess.run(
        [sys.executable, "-P", KIT / "check-code.py", code, folder, *paper],
        check=False, capture_output=True, encoding="utf-8",
    )  # fmt: skip


def test_its_recipe_refuses_a_stranger(signer: KeySigner, tmp_path: Path) -> None:
    generate_key(tmp_path / "other.private", "")
    other = TrustEntry("s001", HEAD, load_signer(tmp_path / "other.private").public)
    ran = _checked(tmp_path, code_of(signer), other)
    assert ran.returncode == 1
    assert "Ни один ключ" in ran.stdout
    assert _checked_by_kit(tmp_path, code_of(signer)).returncode == 1


DAY = dt.date(2026, 11, 20)
"""Of the document."""
_TERM = (DAY - dt.timedelta(days=2), DAY)
_LATE = (DAY + dt.timedelta(days=1), DAY + dt.timedelta(days=2))


@pytest.mark.parametrize(
    "story",
    [
        ("", None, 0, ""),
        ("retired {} at " + "a" * 40, None, 3, "НЕ УСТАНОВЛЕНО"),
        ("compromised {} after " + "a" * 40, None, 1, "НЕ ВЕРИТЬ"),
        ("retired {} at " + "a" * 40 + "\ncompromised {} after root", None, 1, "НЕ ВЕРИТЬ"),
        ("", _TERM, 0, ""),
        ("", _LATE, 1, ""),
    ],
    ids=["good", "retired", "compromised", "both", "in its term", "before its term"],
)
def test_a_key_that_counts_no_more_is_told_by_page_and_kit(
    story: tuple[str, tuple[dt.date, dt.date] | None, int, str], signer: KeySigner, tmp_path: Path
) -> None:
    said, term, code, words = story
    text = code_of(signer)
    if said:
        lines = said.replace("{}", signer.fingerprint)
        (tmp_path / "revocations").write_text(f"{lines}\n", encoding="ascii")
    ran = _checked(tmp_path, text, TrustEntry("s001", HEAD, signer.public, term))
    assert ran.returncode == code, ran.stdout + ran.stderr
    assert words in ran.stdout
    by_kit = _checked_by_kit(tmp_path, text, signer.fingerprint)
    assert by_kit.returncode == code, by_kit.stderr
    assert words in by_kit.stdout + by_kit.stderr


def test_a_token_is_good_by_page_and_kit_when_it_was_touched(tmp_path: Path) -> None:
    token = Token()
    entry = TrustEntry("s001", HEAD, token.public)
    with agent_with(token, tmp_path / "agent") as agent:
        by_token = load_signer(token.write_public(tmp_path / "token.pub"), agent=agent)
        code = code_of(by_token)
        ran = _checked(tmp_path, code, entry)
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert f"Ключ {by_token.fingerprint}" in ran.stdout
        assert _checked_by_kit(tmp_path, code, by_token.fingerprint).returncode == 0
        assert _checked_by_kit(tmp_path, code, f"SHA256:{'A' * 43}").returncode == 1


def test_the_second_type_of_key_is_good_by_page_and_kit(tmp_path: Path) -> None:
    """Also when ssh writes a number of it with a byte for its sign, as of every second R."""
    for number in range(3):
        generate_key(tmp_path / f"{number}.private", "", kind=P384)
        signer = load_signer(tmp_path / f"{number}.private")
        code = code_of(signer)
        ran = _checked(tmp_path, code, TrustEntry("s001", HEAD, signer.public))
        assert ran.returncode == 0, ran.stdout + ran.stderr
        assert f"Ключ {signer.fingerprint}" in ran.stdout
    assert _checked_by_kit(tmp_path, code, signer.fingerprint).returncode == 0
    scanned = read_text(code)
    r, s = scanned.core[:48], int.from_bytes(scanned.core[48:], "big")
    twin = r + (P384_ORDER - s).to_bytes(48, "big")
    for core in (twin, bytes(48) + scanned.core[48:], r + bytes(48), scanned.core[:64]):
        ran = _checked_by_kit(tmp_path, compose(scanned.message, core))
        assert (ran.returncode, ran.stdout) == (1, ""), ran.stderr


@pytest.mark.parametrize(
    "bend",
    [
        lambda signed, core: (signed.replace(b"\x20\x26\x11\x20", b"\x20\x26\x12\x20"), core),
        lambda signed, core: (signed, core[:32] + _raised(core[32:])),
        lambda signed, core: (signed + b"\x0f", core),
        lambda signed, core: (signed, core[:-1] + bytes([core[-1] ^ 1])),
    ],
    ids=["the day", "S and the order", "a fact more", "signature"],
)
def test_an_altered_code_is_refused_by_page_and_kit(
    bend: Callable[[bytes, bytes], tuple[bytes, bytes]],
    request: pytest.FixtureRequest,
    signer: KeySigner,
    tmp_path: Path,
) -> None:
    scanned = read_text(code_of(signer))
    code = compose(*bend(scanned.message, scanned.core))
    assert code != code_of(signer)
    by_page = _checked(tmp_path, code, TrustEntry("s001", HEAD, signer.public))
    if "S and the order" not in request.node.name:  # what ssh-keygen makes of it is its own
        assert by_page.returncode == 1, by_page.stdout
    assert _checked_by_kit(tmp_path, code_of(signer)).returncode == 0
    ran = _checked_by_kit(tmp_path, code)
    assert (ran.returncode, ran.stdout) == (1, ""), ran.stderr


def _raised(half: bytes) -> bytes:
    """S + L, which proves as much as S to a reader that is not strict."""
    order = 2**252 + 27742317777372353535851937790883648493
    return (int.from_bytes(half, "little") + order).to_bytes(32, "little")


def test_its_tables_are_those_of_the_program() -> None:
    rows = dict(re.findall(r"^\| ([0-9A-F]{2}) \| .* \| (.*) \|$", FORMATS, re.MULTILINE))
    assert set(rows) == {f"{tag:02X}" for tag in (*TAGS, *CORES)}
    for tag, (_, kind) in TAGS.items():
        said = {"text": "текст", "date": "день"}.get(kind, f"{WIDTHS.get(kind)} байт")
        assert rows[f"{tag:02X}"].startswith(said)
    for words in (
        f"не больше {PAYLOAD_MAX} байтов",
        f"больше {MESSAGE_MAX} байтов, с подписью 3D — больше {PAYLOAD_MAX - 1 - CORES[0x3D]}",
        f"версия {VERSION}",
    ):
        assert words in FORMATS


def test_its_example_is_what_the_program_signs() -> None:
    assert EXAMPLE in FORMATS
