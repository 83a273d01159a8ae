"""Both head keys are lost: new ones only on the word of paper, and of nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta

import pytest

from papka.core.places import ALLOWED_SIGNERS
from papka.proof.trusted_keys import HEAD, REFOUNDINGS, REVOCATIONS, STAFF, TrustEntry
from papka.proof.verification import verify
from papka.repository.signing import KeySigner, generate_key
from tests.support.histories import NOW, RECORD, School, git, trust

ACT = f"{REFOUNDINGS}0001"
Changes = dict[str, bytes | None]


@pytest.fixture
def lost(school: School) -> School:
    """The school with two new keys, which nobody trusts yet."""
    for name in ("new", "safe"):
        generate_key(school.keys / name, "")
    return school


def due(school: School) -> Changes:
    """All that a re-founding commits."""
    daily, recovery = school.signer("new"), school.signer("safe")
    added = "".join(f"{TrustEntry('s001', HEAD, key.public).line}\n" for key in (daily, recovery))
    ended = "".join(
        f"retired {school.signer(old).fingerprint} at {school.head}\n"
        for old in ("s001", "recovery")
    )
    act = (
        f"papka-refounding v1\nhead: sha1:{school.head}\nseal: none\ndaily: {daily.fingerprint}\n"
        f"recovery: {recovery.fingerprint}\ndate: 2026-03-02\n"
    )
    return {
        ALLOWED_SIGNERS: trust(school.keys) + added.encode(),
        REVOCATIONS: ended.encode(),
        ACT: act.encode(),
    }


def refound(school: School, changes: Changes, by: str = "new") -> str:
    """The digest of the act."""
    school.forge(changes, sign=school.signer(by).sign, by="s001", late=180)
    school.checkout()
    return hashlib.sha256(changes[ACT] or b"").hexdigest()


def codes(school: School, *digests: str) -> list[str]:
    found = verify(
        school.root, now=NOW + timedelta(hours=1), anchors=[school.fingerprint], refounding=digests
    )
    return sorted({finding.code.name for finding in found.findings})


def test_with_the_paper_the_archive_goes_on(lost: School) -> None:
    digest = refound(lost, due(lost))
    lost.forge({"records/organization.yaml": b"a: 1\n"}, sign=lost.signer("new").sign, by="s001",
               late=240)  # fmt: skip
    lost.forge({RECORD: b"x: 1\n"}, sign=lost.signer("s003").sign, late=300)
    lost.checkout()
    assert codes(lost, digest) == ["REFOUNDING_ACCEPTED"]
    typed = " ".join(digest[at : at + 8] for at in range(0, 64, 8)).upper()
    assert codes(lost, typed) == ["REFOUNDING_ACCEPTED"]


def test_without_the_paper_it_is_an_intruder(lost: School) -> None:
    refound(lost, due(lost))
    assert codes(lost) == ["SIG_UNKNOWN_KEY", "TRUST_NOT_AUTHORISED"]
    (said, *_) = [f for f in lost.verify().findings if f.code.name == "TRUST_NOT_AUTHORISED"]
    assert "--refounding" in said.message


def test_with_another_paper(lost: School) -> None:
    refound(lost, due(lost))
    assert codes(lost, "0" * 64) == [
        "REFOUNDING_UNKNOWN", "SIG_UNKNOWN_KEY", "TRUST_NOT_AUTHORISED"
    ]  # fmt: skip


def test_paper_for_an_archive_that_was_never_refounded(school: School) -> None:
    assert codes(school, "0" * 64) == ["REFOUNDING_UNKNOWN"]


def test_old_head_key_found_again_signs_no_more(lost: School) -> None:
    digest = refound(lost, due(lost))
    lost.forge({RECORD: b"x: 1\n"}, sign=lost.signer("s001").sign, by="s001", late=240)
    lost.checkout()
    assert codes(lost, digest) == ["REFOUNDING_ACCEPTED", "SIG_KEY_REVOKED"]


def _third_key(school: School, changes: Changes) -> None:
    line = f"{TrustEntry('s004', HEAD, school.signer('stranger').public).line}\n"
    changes[ALLOWED_SIGNERS] = (changes[ALLOWED_SIGNERS] or b"") + line.encode()


def _staff_key(school: School, changes: Changes) -> None:
    line = f"{TrustEntry('s004', STAFF, school.signer('stranger').public).line}\n"
    changes[ALLOWED_SIGNERS] = (changes[ALLOWED_SIGNERS] or b"") + line.encode()


def _old_keys_stay(_: School, changes: Changes) -> None:
    del changes[REVOCATIONS]


def _one_old_key_stays(_: School, changes: Changes) -> None:
    changes[REVOCATIONS] = (changes[REVOCATIONS] or b"").splitlines(keepends=True)[0]


def _staff_ended_too(school: School, changes: Changes) -> None:
    line = f"retired {school.signer('s003').fingerprint} at {school.head}\n"
    changes[REVOCATIONS] = (changes[REVOCATIONS] or b"") + line.encode()


def _old_line_removed(_: School, changes: Changes) -> None:
    changes[ALLOWED_SIGNERS] = (changes[ALLOWED_SIGNERS] or b"").partition(b"\n")[2]


def _another_head(school: School, changes: Changes) -> None:
    changes[ACT] = (changes[ACT] or b"").replace(school.head.encode(), b"0" * 40)


def _other_keys(school: School, changes: Changes) -> None:
    old = school.signer("safe").fingerprint.encode()
    changes[ACT] = (changes[ACT] or b"").replace(
        old, school.signer("stranger").fingerprint.encode()
    )


@pytest.mark.parametrize(
    "bend",
    [_third_key, _staff_key, _old_keys_stay, _one_old_key_stays, _staff_ended_too,
     _old_line_removed, _another_head, _other_keys],
)  # fmt: skip
def test_commit_that_does_more_or_less_than_the_act(
    bend: Callable[[School, Changes], None], lost: School
) -> None:
    """Even with its digest given: the form of the commit is not the forger's choice."""
    changes = due(lost)
    bend(lost, changes)
    assert "TRUST_NOT_AUTHORISED" in codes(lost, refound(lost, changes))


def test_commit_that_brings_other_files_along(lost: School) -> None:
    changes = due(lost) | {"records/organization.yaml": b"smuggled: 1\n"}
    assert "TRUST_NOT_AUTHORISED" in codes(lost, refound(lost, changes))


@pytest.mark.parametrize("by", ["safe", "stranger", "s003"])
def test_signed_by_another_key_than_the_new_daily(by: str, lost: School) -> None:
    assert "TRUST_NOT_AUTHORISED" in codes(lost, refound(lost, due(lost), by))


def test_act_spelled_otherwise(lost: School) -> None:
    changes = due(lost)
    changes[ACT] = (changes[ACT] or b"") + b"\n"
    found = codes(lost, refound(lost, changes))
    assert "TRUST_NOT_AUTHORISED" in found
    assert "TRUST_FILE_INVALID" in found


def test_act_taken_away_again(lost: School) -> None:
    digest = refound(lost, due(lost))
    signer: KeySigner = lost.signer("new")
    lost.forge({ACT: None}, sign=signer.sign, by="s001", late=240)
    lost.checkout()
    assert codes(lost, digest) == ["REFOUNDING_ACCEPTED", "TRUST_NOT_AUTHORISED"]
    assert git(lost.root, "ls-files", REFOUNDINGS) == ""
