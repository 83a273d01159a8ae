"""Trust between copies: what a head's word lets through at sync, and what it does not."""

from __future__ import annotations

from pathlib import Path

from papka.copies.syncing import Vouched, sync
from papka.desk.trust_changes import refound
from papka.repository.signing import find_actor, generate_key, load_signer
from tests.support.clones import HEAD, Clone, Shared
from tests.support.histories import git
from tests.support.school import NOW, STUDENT

CARD = f"{STUDENT}/student.yaml"


def pushed(clone: Clone, shared: Shared, text: str) -> str:
    """An unsigned commit that plain git sends."""
    clone.write(CARD, text)
    git(clone.root, "commit", "-q", "-am", "x")
    git(clone.root, "push", "-q", str(shared.store), "main")
    return clone.head


def codes(clone: Clone, vouched: Vouched) -> list[str]:
    """What stops a sync on the clone owner's word."""
    synced = sync(clone.root, [find_actor(clone.root)], now=NOW, vouched=vouched)
    return sorted({finding.code.name for finding in synced.findings if finding.severity > 1})


def test_accepted_signature_does_not_let_broken_records_in(
    one: Clone, two: Clone, shared: Shared
) -> None:
    commit = pushed(one, shared, "id: [\n")
    before = two.head
    found = codes(two, Vouched(accepted=frozenset({(commit, "SIG_MISSING")})))
    assert found
    assert "SIG_MISSING" not in found
    assert two.head == before


def test_word_for_one_commit_is_none_for_the_next(one: Clone, two: Clone, shared: Shared) -> None:
    text = one.read(CARD)
    first = pushed(one, shared, f"{text}# 1\n")
    pushed(one, shared, f"{text}# 2\n")
    found = codes(two, Vouched(accepted=frozenset({(first, "SIG_MISSING")})))
    assert "SIG_MISSING" in found


def test_act_of_another_refounding_lets_nobody_in(
    one: Clone, shared: Shared, tmp_path: Path
) -> None:
    for name in ("daily", "safe"):
        generate_key(tmp_path / name, "")
    head = shared.clone(tmp_path / "head", HEAD)
    safe = load_signer(tmp_path / "safe").public
    done = refound(head.root, HEAD, load_signer(tmp_path / "daily"), safe, now=NOW)
    assert head.sync().kind == "ahead"
    found = codes(one, Vouched(refoundings=frozenset({"0" * 64})))
    assert "TRUST_NOT_AUTHORISED" in found
    assert codes(one, Vouched(refoundings=frozenset({done.digest}))) == []
    assert one.head == head.head
