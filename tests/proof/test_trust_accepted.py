"""Honest accidents accepted by the head: what may be, by whom, and what never."""

from __future__ import annotations

from datetime import timedelta

import pytest

from papka.core.findings import Finding
from papka.core.places import ALLOWED_SIGNERS
from papka.proof.trusted_keys import ACCEPTED, HEAD
from papka.proof.verification import verify
from tests.support.histories import NOW, OTHER, RECORD, School, git, trust

FILE = f"{ACCEPTED}1.yaml"
YEAR = 365 * 24 * 3600


def acceptance(commit: str, code: str) -> bytes:
    return f"commit: {commit}\ncode: {code}\nreason: чужая программа\n".encode()


def unsigned(school: School, path: str = RECORD) -> str:
    commit = school.forge({path: b"x: 1\n"}, sign=None)
    school.checkout()
    return commit


def accept(school: School, commit: str, code: str, *, late: int = 180, file: str = FILE) -> None:
    school.forge({file: acceptance(commit, code)}, sign=school.signer("s001").sign, by="s001",
                 late=late)  # fmt: skip
    school.checkout()


def found(school: School) -> list[Finding]:
    return list(school.verify().findings)


def test_unsigned_commit_of_a_foreign_program(school: School) -> None:
    commit = unsigned(school)
    accept(school, commit, "SIG_MISSING")
    (only,) = found(school)
    assert (only.code.name, only.where.commit) == ("COMMIT_ACCEPTED", commit)
    assert FILE in only.message


def test_another_commit_or_another_code_is_not_accepted(school: School) -> None:
    commit = unsigned(school)
    accept(school, commit, "AUTHOR_MISMATCH")
    accept(school, school.head, "SIG_MISSING", late=200, file=f"{ACCEPTED}2.yaml")
    assert school.codes() == ["SIG_MISSING"]


def test_clerk_accepts(school: School) -> None:
    commit = unsigned(school)
    said = {FILE: acceptance(commit, "SIG_MISSING")}
    school.forge(said, sign=school.signer("s003").sign, late=180)
    school.checkout()
    assert school.codes() == ["SIG_MISSING", "TRUST_NOT_AUTHORISED"]


def test_unsigned_commit_that_changes_what_is_the_heads(school: School) -> None:
    commit = unsigned(school, "records/organization.yaml")
    accept(school, commit, "SIG_MISSING")
    assert school.codes() == ["SIG_MISSING"]


def test_unsigned_commit_that_changes_trust(school: School) -> None:
    commit = school.forge({ALLOWED_SIGNERS: trust(school.keys, stranger=HEAD)}, sign=None)
    accept(school, commit, "SIG_MISSING")
    accept(school, commit, "TRUST_NOT_AUTHORISED", late=200, file=f"{ACCEPTED}2.yaml")
    assert school.codes() == ["SIG_MISSING", "TRUST_NOT_AUTHORISED"]
    school.forge({RECORD: b"x: 2\n"}, sign=school.signer("stranger").sign, by="s004", late=240)
    school.checkout()
    assert "SIG_UNKNOWN_KEY" in school.codes()


@pytest.mark.parametrize("code", ["SIG_BAD", "SIG_MALLEABLE", "HEADER_UNEXPECTED"])
def test_forged_signature_accepted_by_name_stays_what_it_is(code: str, school: School) -> None:
    good = school.signer("s003").sign

    def bend(raw: bytes) -> bytes:
        if code == "HEADER_UNEXPECTED":
            return raw.replace(b"\ngpgsig ", b"\nnote x\ngpgsig ")
        if code == "SIG_MALLEABLE":
            return raw.replace(
                b" -----END SSH SIGNATURE-----\n", b" -----END SSH SIGNATURE-----\n x\n"
            )
        return raw.replace(b"\n\n", b"\n\n!", 1)

    commit = school.forge({RECORD: b"x: 1\n"}, sign=good, bend=bend)
    accept(school, commit, code)
    assert code in school.codes()
    assert "COMMIT_ACCEPTED" not in school.codes()


@pytest.mark.parametrize("by", ["s001", "s003"])
def test_acceptance_rewritten_for_another_commit(by: str, school: School) -> None:
    first = unsigned(school)
    accept(school, first, "SIG_MISSING")
    second = school.forge({OTHER: b"x: 1\n"}, sign=None, late=200)
    said = {FILE: acceptance(second, "SIG_MISSING")}
    school.forge(said, sign=school.signer(by).sign, by=by, late=240)
    school.checkout()
    assert "TRUST_NOT_AUTHORISED" in school.codes()


def test_acceptance_that_cannot_be_read(school: School) -> None:
    commit = unsigned(school)
    school.forge({FILE: f"commit: {commit}\n".encode()}, sign=school.signer("s001").sign,
                 by="s001", late=180)  # fmt: skip
    school.checkout()
    assert school.codes() == ["SIG_MISSING", "TRUST_FILE_INVALID"]


def test_clock_that_ran_a_year_ahead(school: School) -> None:
    """Accepted, it is nobody's time; not accepted, all that follows goes back."""
    commit = school.forge({RECORD: b"x: 1\n"}, sign=school.signer("s003").sign, late=YEAR)
    school.forge({OTHER: b"x: 1\n"}, sign=school.signer("s003").sign, late=180)
    school.checkout()
    assert school.codes() == ["TIME_BACKWARDS", "TIME_FUTURE"]
    accept(school, commit, "TIME_FUTURE", late=240)
    assert school.codes() == ["COMMIT_ACCEPTED"]


def test_clock_that_ran_ahead_is_remembered_when_its_time_has_come(school: School) -> None:
    commit = school.forge({RECORD: b"x: 1\n"}, sign=school.signer("s003").sign, late=YEAR)
    accept(school, commit, "TIME_FUTURE", late=180)
    later = NOW + timedelta(days=400)
    assert verify(school.root, now=later, anchors=[school.fingerprint]).findings == ()


def test_time_behind_what_was_before_the_wrong_clock(school: School) -> None:
    commit = school.forge({RECORD: b"x: 1\n"}, sign=school.signer("s003").sign, late=YEAR)
    accept(school, commit, "TIME_FUTURE", late=180)
    school.forge({OTHER: b"x: 1\n"}, sign=school.signer("s003").sign, late=-3600)
    school.checkout()
    assert school.codes() == ["COMMIT_ACCEPTED", "TIME_BACKWARDS"]


def test_merge_by_plain_git_pull(school: School) -> None:
    git(school.root, "checkout", "-q", "-b", "side", "HEAD~1")
    (school.root / OTHER).write_bytes(b"x: 1\n")
    git(school.root, "commit", "-q", "-am", "x")
    git(school.root, "checkout", "-q", "main")
    git(school.root, "merge", "-q", "--no-edit", "side")
    git(school.root, "branch", "-q", "-D", "side")
    merge, side = school.head, git(school.root, "rev-parse", "HEAD^2").strip()
    late = 9 * YEAR  # git took this machine's clock
    assert school.codes()
    for number, (commit, code) in enumerate(
        [(merge, "MERGE_COMMIT"), (merge, "SIG_MISSING"), (side, "SIG_MISSING")], 1
    ):
        accept(school, commit, code, late=late, file=f"{ACCEPTED}{number}.yaml")
    now = NOW + timedelta(seconds=late)
    codes = {
        f.code.name for f in verify(school.root, now=now, anchors=[school.fingerprint]).findings
    }
    assert codes == {"COMMIT_ACCEPTED"}
