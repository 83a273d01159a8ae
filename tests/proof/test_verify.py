"""The verdict as a whole: mirrors are verified like archives, and nothing is left behind."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

from papka.core.findings import Severity
from papka.core.places import ALLOWED_SIGNERS
from papka.core.snapshot import DictSnapshot
from papka.proof.history_rules import judge_paths
from papka.proof.verification import verify
from papka.repository import handle
from tests.support.histories import NOW, RECORD, School, git


def test_mirror_is_verified_like_the_archive(school: School, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--mirror", str(school.root), "mirror.git")
    found = verify(
        tmp_path / "mirror.git", now=NOW + timedelta(hours=1), anchors=[school.fingerprint]
    )
    assert (found.findings, found.commits, found.head) == ((), 3, school.head)


def test_bit_rot_inside_a_mirror_with_equal_refs(school: School, tmp_path: Path) -> None:
    git(tmp_path, "clone", "-q", "--bare", "--no-local", str(school.root), "mirror.git")
    pack = next((tmp_path / "mirror.git" / "objects" / "pack").glob("*.pack"))
    pack.chmod(0o644)
    data = bytearray(pack.read_bytes())
    data[len(data) // 2] ^= 1
    pack.write_bytes(bytes(data))
    found = verify(
        tmp_path / "mirror.git", now=NOW + timedelta(hours=1), anchors=[school.fingerprint]
    )
    assert "PACK_DAMAGED" in {finding.code.name for finding in found.findings}
    assert found.head == school.head


def test_archive_without_a_commit(tmp_path: Path) -> None:
    handle.init(tmp_path)
    found = verify(tmp_path, now=NOW)
    assert [finding.code.name for finding in found.findings] == ["REF_DAMAGED"]


def test_nothing_is_written_and_nothing_left(
    school: School, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    (school.root / RECORD).write_text("x\n")

    def state() -> dict[Path, tuple[int, int]]:
        return {p: (p.stat().st_mtime_ns, p.stat().st_size) for p in school.root.rglob("*")}

    before = state()
    assert school.codes() == ["WORKTREE_DIFFERS"]
    assert state() == before
    assert list(scratch.iterdir()) == []


def test_every_finding_says_what_to_do(school: School) -> None:
    school.forge({"records/students/2025/a b": b"x"}, sign=school.signer("stranger").sign)
    git(school.root, "branch", "another")
    for finding in school.verify().findings:
        assert finding.hint
        assert finding.severity >= Severity.WARNING


def test_two_keys_from_paper_either_will_do(school: School) -> None:
    both = (school.signer("recovery").fingerprint, school.fingerprint)
    assert school.verify(*both).findings == ()


def test_recovery_key_alone_does_not_vouch_for_the_root(school: School) -> None:
    """Public keys are public: a forged root may list the true recovery key beside its own."""
    found = school.verify(school.signer("recovery").fingerprint)
    assert [finding.code.name for finding in found.findings] == ["ANCHOR_MISMATCH"]


@pytest.mark.parametrize(
    ("who", "key", "path", "codes"),
    [
        ("s001", "s001", "records/organization.yaml", []),
        ("s003", "s003", RECORD, []),
        ("s003", "s003", "records/organization.yaml", ["SIGNER_NOT_ALLOWED"]),
        ("s003", "s003", ALLOWED_SIGNERS, ["TRUST_NOT_AUTHORISED"]),
        ("s001", "s003", RECORD, ["AUTHOR_MISMATCH"]),
        ("s003", "stranger", RECORD, ["SIG_UNKNOWN_KEY"]),
    ],
)
def test_a_save_is_told_before_what_verify_would_say_after(
    who: str, key: str, path: str, codes: list[str], school: School
) -> None:
    trusted = (school.root / ALLOWED_SIGNERS).read_bytes()
    stranger = school.signer("stranger").public.line
    changed = trusted + f's004@papka.invalid namespaces="git" {stranger}\n'.encode()
    changes: dict[str, bytes | None] = {path: changed}
    before = DictSnapshot({ALLOWED_SIGNERS: trusted})
    found = judge_paths(who, school.signer(key).public, before, changes, day=NOW.date())
    assert [finding.code.name for finding in found] == codes
    school.forge(changes, sign=school.signer(key).sign, by=who)
    school.checkout()
    later = {f.code.name for f in school.verify().findings}
    assert later == set(codes)
