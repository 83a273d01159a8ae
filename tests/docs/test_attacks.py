"""docs/attacks.md names every attack known, its code and real tests, and every code of proof."""

from __future__ import annotations

import re

import pytest

from papka.cli.explain import CATALOGUE
from papka.core.findings import Code
from papka.proof import anchors, verify_codes
from papka.records import reading_codes
from tests.proof.test_stricter_than_ssh import AFTER, BEFORE, SIGNATURES
from tests.support.archives import PROJECT

TEXT = (PROJECT / "docs" / "attacks.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if line.startswith("| ") and line.count("|") == 5 and not line.startswith("| attack |")
]
PROOF = {reading_codes.PATH_SYMLINK.name} | {
    code.name
    for module in (verify_codes, anchors)
    for code in vars(module).values()
    if isinstance(code, Code)
}
ATTACKS = (
    *("bit flip in a loose object", "loose object swapped", "bit flip in a pack", "old blob"),
    *("index flipped", "same time and size", "assume-unchanged, skip-worktree", "info/exclude"),
    *("bit rot inside a mirror", "keys in one store", "in all stores", "rolled back or frozen"),
    *("whole new root", "mirror behind", "tag deleted or moved", "ref too many", "who may not"),
    *("unsigned commit in the middle", "revoked key", "backdated commit, commit from the future"),
    *("author is not the signer", "adds itself", "allowedSignersFile", "gpg.ssh.program"),
    *("merge that smuggles", "replace refs", "grafts", "shallow", "alternates", "partial clone"),
    *("commit-graph", "filter, ident, eol", "symlink, submodule, x-bit", "case, NFC and NFD"),
    *("homoglyphs, control characters", "--upload-pack", "fsmonitor, textconv", "hooks"),
    *("include.path", "sshCommand", "GIT_CONFIG_COUNT", "S + L", "hidden in a commit's headers"),
)
"""What stock git does not notice, tried: none of it may lose its row."""


def codes(row: list[str]) -> list[str]:
    return re.findall(r"`([A-Z_]+)`", row[2])


def shown_by(row: list[str]) -> list[tuple[str, str]]:
    return re.findall(r"`(tests/[^`]+)::([^`]+)`", row[3])


@pytest.mark.parametrize("attack", ATTACKS)
def test_attack_has_its_row(attack: str) -> None:
    assert [row[0] for row in ROWS if attack in row[0]]


def test_every_code_of_proof_has_a_row() -> None:
    named = {code for row in ROWS for code in codes(row)}
    assert sorted(PROOF - named) == []
    assert named <= CATALOGUE.keys()


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_row_names_real_tests_that_speak_of_its_codes(row: list[str]) -> None:
    assert shown_by(row)
    read = []
    for path, name in shown_by(row):
        text = (PROJECT / path).read_text(encoding="utf-8")
        assert f"def {name}(" in text, f"{path}::{name}"
        read.append(text)
    # Codes of the rules a save has too come from the bad archives, by their folders' names.
    told = {code for code in codes(row) if code in PROOF}
    assert [code for code in told if not any(f'"{code}"' in text for text in read)] == []
    assert codes(row) or row[2] == "—"


def test_each_case_where_we_are_stricter_is_listed() -> None:
    listed = TEXT.partition("| case | why |\n|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split("|")[1].strip() for line in listed] == [*SIGNATURES, *BEFORE, *AFTER]
