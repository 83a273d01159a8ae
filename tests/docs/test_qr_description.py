"""docs/qr.md is what the program does; its recipe refuses what it should.

Its commands are run by tests/docs/test_pages.py.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from papka.paper.form import VERSION
from papka.proof.document_code import CORES, MESSAGE_MAX, PAYLOAD_MAX, TAGS, WIDTHS
from papka.proof.trusted_keys import HEAD, TrustEntry, compose_trust
from papka.repository.signing import KeySigner, generate_key, load_signer
from tests.paper.test_document_signatures import code_of
from tests.proof.test_document_code import EXAMPLE
from tests.support.archives import PROJECT

PAGE = (PROJECT / "docs" / "qr.md").read_text(encoding="utf-8")


@pytest.fixture
def signer(tmp_path: Path) -> KeySigner:
    generate_key(tmp_path / "key.private", "")
    return load_signer(tmp_path / "key.private")


def _checked(folder: Path, code: str, *trust: TrustEntry) -> subprocess.CompletedProcess[str]:
    found = re.search(r"```sh\n(set -eu\n.*?)```", PAGE, re.DOTALL)
    assert found is not None
    (folder / "code.txt").write_text(code, encoding="utf-8")
    (folder / "allowed_signers").write_bytes(compose_trust(trust))
    return subprocess.run(
        [shutil.which("sh") or "sh", "-c", found[1]],
        cwd=folder, check=False, capture_output=True, encoding="utf-8", errors="replace",
    )  # fmt: skip


def test_its_recipe_refuses_a_stranger(signer: KeySigner, tmp_path: Path) -> None:
    generate_key(tmp_path / "other.private", "")
    other = TrustEntry("s001", HEAD, load_signer(tmp_path / "other.private").public)
    ran = _checked(tmp_path, code_of(signer), other)
    assert ran.returncode == 1
    assert "Ни один ключ" in ran.stdout


def test_its_tables_are_those_of_the_program() -> None:
    rows = dict(re.findall(r"^\| ([0-9A-F]{2}) \| .* \| (.*) \|$", PAGE, re.MULTILINE))
    assert set(rows) == {f"{tag:02X}" for tag in (*TAGS, *CORES)}
    for tag, (_, kind) in TAGS.items():
        said = {"text": "текст", "date": "день"}.get(kind, f"{WIDTHS.get(kind)} байт")
        assert rows[f"{tag:02X}"].startswith(said)
    for words in (
        f"не больше {PAYLOAD_MAX} байтов",
        f"больше {MESSAGE_MAX} байтов",
        f"версия {VERSION}",
    ):
        assert words in PAGE


def test_its_example_is_what_the_program_signs() -> None:
    assert EXAMPLE in PAGE
