"""Changes of trust that papka does not sign: afterwards it would be too late."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from papka.core.places import ALLOWED_SIGNERS
from papka.desk.saving import save
from papka.proof.trusted_keys import ACCEPTED, REFOUNDINGS, REVOCATIONS
from papka.repository.signing import SigningActor, find_actor, load_signer
from tests.support.histories import git
from tests.support.school import Archive

HEAD = "s001"


def end(archive: Archive, *keys: str) -> bytes:
    at = git(archive.root, "rev-parse", "HEAD").strip()
    fingerprints = (load_signer(archive.keys / key).fingerprint for key in keys)
    return "".join(f"retired {each} at {at}\n" for each in fingerprints).encode()


def refused(archive: Archive, path: str, data: bytes, key: str = "head") -> list[str]:
    """Codes with which the head's change is refused."""
    archive.write(path, data)
    before = git(archive.root, "rev-parse", "HEAD")
    actor = SigningActor(HEAD, load_signer(archive.keys / key))
    saved = save(archive.root, actor, now=datetime.now(UTC))
    assert saved.commit is None
    assert git(archive.root, "rev-parse", "HEAD") == before
    return sorted({finding.code.name for finding in saved.findings if finding.severity > 1})


def test_key_that_ends_itself(archive: Archive) -> None:
    assert refused(archive, REVOCATIONS, end(archive, "head")) == ["SIG_KEY_REVOKED"]


def test_both_keys_of_the_head_ended(archive: Archive) -> None:
    found = refused(archive, REVOCATIONS, end(archive, "head", "recovery"))
    assert found == ["NO_HEAD_LEFT", "SIG_KEY_REVOKED"]


def test_key_that_nobody_has(archive: Archive) -> None:
    line = f"retired SHA256:{'A' * 43} at {'0' * 40}\n".encode()
    assert refused(archive, REVOCATIONS, line) == ["REVOCATION_INVALID"]


def test_line_of_revocations_misspelled(archive: Archive) -> None:
    line = end(archive, "staff").replace(b"retired", b"fired")
    assert refused(archive, REVOCATIONS, line) == ["REVOCATION_INVALID"]


def test_revocation_taken_back(archive: Archive) -> None:
    archive.write(REVOCATIONS, end(archive, "staff"))
    assert archive.save(HEAD).commit is not None
    assert refused(archive, REVOCATIONS, b"") == ["TRUST_NOT_AUTHORISED"]


def test_line_of_a_key_removed_or_spoilt(archive: Archive) -> None:
    lines = archive.read(ALLOWED_SIGNERS).splitlines(keepends=True)
    assert refused(archive, ALLOWED_SIGNERS, "".join(lines[:2]).encode()) == [
        "TRUST_NOT_AUTHORISED"
    ]
    spoilt = "".join(lines) + "s009@papka.invalid ssh-rsa AAAA\n"
    assert refused(archive, ALLOWED_SIGNERS, spoilt.encode()) == ["TRUST_LINE_INVALID"]


@pytest.mark.parametrize(
    "code", ["OBJECT_CORRUPT", "HISTORY_REWRITTEN", "SEAL_MISSING", "TRUST_NOT_AUTHORISED",
             "SIG_BAD"]
)  # fmt: skip
def test_acceptance_of_what_is_never_accepted(code: str, archive: Archive) -> None:
    text = f"commit: {'a' * 40}\ncode: {code}\nreason: так вышло\n".encode()
    assert refused(archive, f"{ACCEPTED}1.yaml", text) == ["ACCEPTANCE_VOID"]


def test_refounding_slipped_into_a_save(archive: Archive) -> None:
    at = git(archive.root, "rev-parse", "HEAD").strip()
    new = f"SHA256:{'A' * 43}"
    act = (
        f"papka-refounding v1\nhead: sha1:{at}\nseal: none\ndaily: {new}\nrecovery: {new}\n"
        "date: 2026-03-02\n"
    )
    found = refused(archive, f"{REFOUNDINGS}0001", act.encode())
    assert found == ["TRUST_NOT_AUTHORISED"]


def test_unknown_file_in_the_folder_of_trust(archive: Archive) -> None:
    assert refused(archive, "records/trust/notes", b"x\n") == ["TRUST_FILE_INVALID"]


def test_whoever_was_ended_saves_nothing(archive: Archive) -> None:
    archive.write(REVOCATIONS, end(archive, "staff"))
    assert archive.save(HEAD).commit is not None
    archive.edit("records/students/2026/2026-0001/student.yaml", "+70000000001", "+70000000002")
    saved = save(archive.root, find_actor(archive.root, "s002"), now=datetime.now(UTC))
    assert saved.commit is None
    assert [f.code.name for f in saved.findings if f.severity > 1] == ["SIG_KEY_REVOKED"]
