"""What a head takes away or vouches for, and those who would do it in his place."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest

from papka.core.places import ALLOWED_SIGNERS
from papka.core.snapshot import DictSnapshot
from papka.proof.history_rules import judge_paths
from papka.proof.trusted_keys import HEAD, TrustEntry, compose_trust
from papka.proof.verification import verify
from papka.repository.signing import generate_key
from tests.support.histories import NOW, OTHER, RECORD, School, trust

REVOKED = "records/trust/revocations"
FIRST = "records/trust/accepted/1.yaml"


def retired(school: School, name: str, commit: str) -> bytes:
    return f"retired {school.signer(name).fingerprint} at {commit}\n".encode()


def accepted(commit: str, code: str) -> bytes:
    return f"commit: {commit}\ncode: {code}\nreason: Честная ошибка.\n".encode()


def test_backdated_commit_of_a_retired_key(school: School) -> None:
    """Dated before the retirement, made after it: the order of commits judges."""
    last = school.head
    school.save({REVOKED: retired(school, "s003", last)}, "s001", late=180)
    assert school.codes() == []
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("s003").sign, late=61)
    school.checkout()
    assert "SIG_KEY_REVOKED" in school.codes()


def test_history_continued_below_a_retirement(school: School) -> None:
    """The forger hangs his commit below the retirement and the head's commit is laid on top."""
    last = school.head
    forged = school.forge({OTHER: b"x: 1\n"}, sign=school.signer("s003").sign, late=61)
    school.save({REVOKED: retired(school, "s003", last)}, "s001", late=180)
    school.checkout()
    found = [(f.code.name, f.where.commit) for f in school.verify().findings]
    assert found == [("SIG_KEY_REVOKED", forged)]


def test_clerk_who_takes_the_heads_key_out_of_force(school: School) -> None:
    school.forge({REVOKED: retired(school, "s001", school.head)}, sign=school.signer("s003").sign)
    school.save({"records/organization.yaml": b"format: 1\n# x\n"}, "s001", late=180)
    school.checkout()
    assert {"TRUST_NOT_AUTHORISED"} <= set(school.codes())
    assert "SIG_KEY_REVOKED" not in school.codes()


def test_accident_that_the_head_accepts(school: School) -> None:
    torn = school.forge({RECORD: b"x: 1\n"}, sign=None)
    school.save({FIRST: accepted(torn, "SIG_MISSING")}, "s001", late=180)
    school.checkout()
    assert [(f.code.name, f.where.commit) for f in school.verify().findings] == [
        ("COMMIT_ACCEPTED", torn)
    ]


def test_acceptance_written_by_a_clerk_accepts_nothing(school: School) -> None:
    torn = school.forge({RECORD: b"x: 1\n"}, sign=None)
    clerk = school.signer("s003").sign
    school.forge({FIRST: accepted(torn, "SIG_MISSING")}, sign=clerk, late=180)
    school.checkout()
    assert {"SIG_MISSING", "TRUST_NOT_AUTHORISED"} <= set(school.codes())
    assert "COMMIT_ACCEPTED" not in school.codes()


@pytest.mark.parametrize("code", ["SIG_BAD", "HEADER_UNEXPECTED", "TRUST_NOT_AUTHORISED"])
def test_what_no_head_can_accept(code: str, school: School) -> None:
    torn = school.forge({RECORD: b"x: 1\n"}, sign=lambda _: school.signer("s003").sign(b"x"))
    school.save({FIRST: accepted(torn, code)}, "s001", late=180)
    school.checkout()
    assert "SIG_BAD" in school.codes()
    assert "COMMIT_ACCEPTED" not in school.codes()


@pytest.mark.parametrize(
    "path", ["records/trust/notes.txt", "records/trust/accepted/x.yaml", "records/trust/a/b"]
)
def test_file_that_means_nothing_among_those_of_trust(path: str, school: School) -> None:
    school.forge({path: b"x: 1\n"}, sign=school.signer("s001").sign, by="s001", late=180)
    school.checkout()
    assert "TRUST_FILE_INVALID" in school.codes()


@pytest.mark.parametrize("line", ["retired {key}", "retired {key} after root", "ушёл {key}"])
def test_revocation_that_revokes_nothing_is_told(line: str, school: School) -> None:
    text = line.format(key=school.signer("s003").fingerprint) + "\n"
    school.forge({REVOKED: text.encode()}, sign=school.signer("s001").sign, by="s001", late=180)
    school.checkout()
    assert school.codes() == ["REVOCATION_INVALID"]


def test_paper_act_of_another_archive(school: School) -> None:
    found = verify(
        school.root, now=NOW + timedelta(hours=1), anchors=[school.fingerprint],
        refounding=["ab" * 32],
    )  # fmt: skip
    assert [finding.code.name for finding in found.findings] == ["REFOUNDING_UNKNOWN"]


def refused(school: School, path: str, data: bytes) -> list[str]:
    """What a head is told before the change is signed."""
    before = DictSnapshot({ALLOWED_SIGNERS: trust(school.keys)})
    key = school.signer("s001").public
    found = judge_paths("s001", key, before, {path: data}, day=NOW.date())
    return sorted({each.code.name for each in found})


def test_acceptance_without_effect_is_refused_beforehand(school: School) -> None:
    assert refused(school, FIRST, accepted(school.head, "SIG_BAD")) == ["ACCEPTANCE_VOID"]
    assert refused(school, FIRST, accepted(school.head, "SIG_MISSING")) == []


def test_last_key_of_a_head_is_not_taken_out_of_force(school: School) -> None:
    both = retired(school, "s001", school.head) + retired(school, "recovery", school.head)
    assert "NO_HEAD_LEFT" in refused(school, REVOKED, both)
    assert refused(school, REVOKED, retired(school, "recovery", school.head)) == []


def test_keys_replaced_by_a_paper_act(school: School) -> None:
    """Both keys of the head are lost: without the act's digest it is an intruder's commit."""
    old = school.head
    for name in ("new", "spare"):
        generate_key(school.keys / name, "")
    new = [TrustEntry("s001", HEAD, school.signer(name).public) for name in ("new", "spare")]
    daily, recovery = (entry.key.fingerprint for entry in new)
    act = f"papka-refounding v1\nhead: sha1:{old}\nseal: none\ndaily: {daily}\n"
    act += f"recovery: {recovery}\ndate: 2026-03-02\n"
    changes = {
        ALLOWED_SIGNERS: trust(school.keys) + compose_trust(new),
        REVOKED: retired(school, "s001", old) + retired(school, "recovery", old),
        "records/trust/refoundings/0001": act.encode(),
    }
    school.forge(changes, sign=school.signer("new").sign, by="s001", late=180)
    school.checkout()
    assert {"SIG_UNKNOWN_KEY", "TRUST_NOT_AUTHORISED"} <= set(school.codes())
    digest = hashlib.sha256(act.encode()).hexdigest()
    found = verify(
        school.root, now=NOW + timedelta(hours=1), anchors=[school.fingerprint],
        refounding=[digest],
    )  # fmt: skip
    assert [finding.code.name for finding in found.findings] == ["REFOUNDING_ACCEPTED"]


def test_acceptance_of_a_stolen_head_key_goes_with_the_key(school: School) -> None:
    """A thief vouches for his own commit; once his key is cut before that, his word is gone too."""
    last, thief, true = school.head, school.signer("s001").sign, school.signer("recovery").sign
    torn = school.forge({RECORD: b"x: 1\n"}, sign=None)
    vouched = school.forge({FIRST: accepted(torn, "SIG_MISSING")}, sign=thief, by="s001", late=180)
    cut = f"compromised {school.fingerprint} after {last}\n".encode()
    school.forge({REVOKED: cut}, sign=true, by="s001", late=240)
    school.checkout()
    found = {(f.code.name, f.where.commit) for f in school.verify().findings}
    assert found == {("SIG_MISSING", torn), ("SIG_KEY_REVOKED", vouched)}
    again = FIRST.replace("1.yaml", "2.yaml")
    anew = accepted(torn, "SIG_MISSING")
    school.forge({again: anew}, sign=true, by="s001", late=300)
    school.checkout()
    found = {(f.code.name, f.where.commit) for f in school.verify().findings}
    assert found == {("COMMIT_ACCEPTED", torn), ("SIG_KEY_REVOKED", vouched)}
