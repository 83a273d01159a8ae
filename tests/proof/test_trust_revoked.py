"""Keys that left or were stolen: what they signed before stays good, after it nothing does."""

from __future__ import annotations

import pytest

from papka.core.places import ALLOWED_SIGNERS
from papka.proof.trusted_keys import HEAD, REVOCATIONS, STAFF
from papka.repository.git_values import parse_commit
from tests.support.histories import OTHER, RECORD, School, trust

ROOT = "root"


def line(school: School, word: str, key: str, commit: str) -> bytes:
    join = "at" if word == "retired" else "after"
    return f"{word} {school.signer(key).fingerprint} {join} {commit}\n".encode()


def by_recovery(school: School, changes: dict[str, bytes | None], late: int) -> None:
    """The head with the key from the safe."""
    school.forge(changes, sign=school.signer("recovery").sign, by="s001", late=late)
    school.checkout()


def found(school: School) -> list[tuple[str, str]]:
    """Code and commit of everything verify finds."""
    return [(f.code.name, f.where.commit) for f in school.verify().findings]


def parent(school: School, commit: str) -> str:
    return parse_commit(commit, school.raw(commit)).parents[0]


@pytest.mark.parametrize("word", ["retired", "compromised"])
def test_clerk_whose_key_ended_at_the_last_commit(word: str, school: School) -> None:
    school.save({REVOCATIONS: line(school, word, "s003", school.head)}, "s001", late=180)
    assert school.codes() == []
    later = school.forge({RECORD: b"x: 1\n"}, sign=school.signer("s003").sign, late=240)
    school.checkout()
    assert found(school) == [("SIG_KEY_REVOKED", later)]


@pytest.mark.parametrize("word", ["retired", "compromised"])
def test_commits_made_before_the_word_but_after_its_end(word: str, school: School) -> None:
    """The theft is noticed late: what lies between is doubted."""
    late, early = school.head, parent(school, school.head)
    school.save({REVOCATIONS: line(school, word, "s003", early)}, "s001", late=180)
    assert found(school) == [("SIG_KEY_REVOKED", late)]


def test_key_compromised_from_the_first_commit_on(school: School) -> None:
    """The first commit itself is left to paper."""
    late, early = school.head, parent(school, school.head)
    school.save({REVOCATIONS: line(school, "compromised", "s003", ROOT)}, "s001", late=180)
    assert sorted(found(school)) == sorted([("SIG_KEY_REVOKED", c) for c in (early, late)])
    both = line(school, "compromised", "s003", ROOT) + line(school, "compromised", "s001", ROOT)
    by_recovery(school, {REVOCATIONS: both}, 200)
    assert parent(school, early) not in {commit for _, commit in found(school)}


def test_end_at_a_commit_that_is_not_here_ends_all(school: School) -> None:
    early, late = parent(school, school.head), school.head
    school.save({REVOCATIONS: line(school, "retired", "s003", "0" * 40)}, "s001", late=180)
    assert sorted(found(school)) == sorted([("SIG_KEY_REVOKED", c) for c in (early, late)])


def test_clerk_revokes_the_head(school: School) -> None:
    bad = line(school, "compromised", "s001", ROOT)
    school.forge({REVOCATIONS: bad}, sign=school.signer("s003").sign)
    school.checkout()
    assert school.codes() == ["TRUST_NOT_AUTHORISED"]


def test_revoked_head_revokes_nobody_any_more(school: School) -> None:
    """The thief of the daily key is late: the recovery key has spoken."""
    first = line(school, "compromised", "s001", school.head)
    by_recovery(school, {REVOCATIONS: first}, 180)
    own = line(school, "compromised", "recovery", ROOT)
    thief = school.forge({REVOCATIONS: first + own}, sign=school.signer("s001").sign, by="s001",
                         late=240)  # fmt: skip
    school.checkout()
    assert found(school) == [("SIG_KEY_REVOKED", thief), ("TRUST_NOT_AUTHORISED", thief)]
    by_recovery(school, {OTHER: b"x: 1\n"}, 300)
    assert [code for code, _ in found(school)] == ["SIG_KEY_REVOKED", "TRUST_NOT_AUTHORISED"]


def test_key_that_a_stolen_key_brought_counts_as_little(school: School) -> None:
    before = school.head
    added = trust(school.keys, stranger=HEAD)
    school.forge({ALLOWED_SIGNERS: added}, sign=school.signer("s001").sign, by="s001")
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("stranger").sign, by="s004", late=180)
    school.checkout()
    assert school.codes() == []
    by_recovery(school, {REVOCATIONS: line(school, "compromised", "s001", before)}, 240)
    assert school.codes() == ["SIG_KEY_REVOKED"]
    assert len(found(school)) == 2


def test_key_brought_by_a_good_commit_of_a_key_stolen_later(school: School) -> None:
    school.save({ALLOWED_SIGNERS: trust(school.keys, stranger=STAFF)}, "s001", late=180)
    end = line(school, "compromised", "s001", school.head)
    by_recovery(school, {REVOCATIONS: end}, 200)
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("stranger").sign, by="s004", late=240)
    school.checkout()
    assert school.codes() == []


@pytest.mark.parametrize("by", ["s001", "s003"])
def test_word_of_revocation_taken_back(by: str, school: School) -> None:
    end = line(school, "retired", "s003", school.head)
    school.save({REVOCATIONS: end}, "s001", late=180)
    gone = school.forge({REVOCATIONS: b""}, sign=school.signer(by).sign, by=by, late=240)
    school.forge({RECORD: b"x: 1\n"}, sign=school.signer("s003").sign, late=300)
    school.checkout()
    codes = {code for code, _ in found(school)}
    assert codes == {"SIG_KEY_REVOKED", "TRUST_NOT_AUTHORISED"}
    assert ("TRUST_NOT_AUTHORISED", gone) in found(school)


def test_word_of_revocation_moved_to_a_later_commit(school: School) -> None:
    early = parent(school, school.head)
    school.save({REVOCATIONS: line(school, "retired", "s003", early)}, "s001", late=180)
    moved = line(school, "retired", "s003", school.head)
    school.forge({REVOCATIONS: moved}, sign=school.signer("s001").sign, by="s001", late=240)
    school.checkout()
    assert school.codes() == ["SIG_KEY_REVOKED", "TRUST_NOT_AUTHORISED"]


def test_line_of_revocations_not_understood_until_it_is_mended(school: School) -> None:
    school.save({REVOCATIONS: b"retired everybody\n"}, "s001", late=180)
    assert school.codes() == ["REVOCATION_INVALID"]
    school.save({REVOCATIONS: b"# nobody\n"}, "s001", late=240)
    assert school.codes() == []


def test_unknown_file_in_the_folder_of_trust(school: School) -> None:
    school.save({"records/trust/notes.txt": b"x\n"}, "s001", late=180)
    assert school.codes() == ["TRUST_FILE_INVALID"]


def test_merge_that_carries_a_commit_round_the_end_of_its_key(school: School) -> None:
    """A merge whose first parent is the side: order in a list is not order in history."""
    base, main = parent(school, school.head), school.head
    clerk, head = school.signer("s003").sign, school.signer("s001").sign
    school.save({REVOCATIONS: line(school, "retired", "s003", main)}, "s001", late=180)
    ended = school.head
    side = school.forge({OTHER: b"x: 1\n"}, sign=clerk, parents=(base,), late=180)
    both = {REVOCATIONS: line(school, "retired", "s003", main), RECORD: b"id: 2025-0001\nsex: x\n"}
    school.forge(both, sign=head, by="s001", parents=(side, ended), late=240)
    school.checkout()
    assert ("SIG_KEY_REVOKED", side) in found(school)
