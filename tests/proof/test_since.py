"""What `--since` must not overlook: cheaper than the whole, and never more trusting."""

from __future__ import annotations

import pytest

from papka.core.places import ALLOWED_SIGNERS
from papka.proof.memory import Memory
from papka.proof.trusted_keys import HEAD
from papka.repository.git_values import EXECUTABLE, GitPerson, compose_commit, object_id
from papka.repository.objects import Objects
from tests.support.histories import NOW, RECORD, School, git, trust
from tests.support.remembering import look, names
from tests.support.sealing import bent_files

ACCEPTED = "records/trust/accepted/1.yaml"
REVOKED = "records/trust/revocations"


def test_line_that_leaves_history_below_the_start(known: School, memory: Memory) -> None:
    """A stranger trusts himself beside the start, joins the two lines and accepts the joining."""
    start, stranger = known.head, known.signer("stranger").sign
    below = git(known.root, "rev-parse", "HEAD~1").strip()
    trusted = {ALLOWED_SIGNERS: trust(known.keys, stranger=HEAD)}
    beside = known.forge(trusted, sign=stranger, by="s004", parents=(below,), late=200)
    joined = known.forge({RECORD: b"x: 1\n"}, sign=stranger, by="s004", parents=(beside, start),
                         late=300)  # fmt: skip
    said = f"commit: {joined}\ncode: MERGE_COMMIT\nreason: x\n".encode()
    known.forge({ACCEPTED: said}, sign=stranger, by="s004", late=400)
    known.checkout()
    found = look(known, memory, since=start)
    assert found.since == ""
    assert {"MERGE_COMMIT", "SIG_UNKNOWN_KEY", "TRUST_NOT_AUTHORISED"} <= set(names(found))


def test_key_taken_away_for_what_lies_before_the_start(known: School, memory: Memory) -> None:
    start, clerk = known.head, known.signer("s003").fingerprint
    known.save({REVOKED: f"compromised {clerk} after root\n".encode()}, "s001", late=90)
    found = look(known, memory, since=start)
    assert (names(found), found.since) == (["SIG_KEY_REVOKED"], "")


def test_seal_that_lies_right_after_the_start(known: School, memory: Memory) -> None:
    """Memory vouches for the start, nobody for the seal."""
    start = known.head
    lies = bent_files(known, units=lambda text: text.replace("a", "b", 1))
    known.save(lies, "s001", late=60)
    found = look(known, memory, since=start)
    assert (names(found), found.since) == (["ANCHOR_NOT_GIVEN", "SEAL_DIGEST_MISMATCH"], "")


@pytest.mark.parametrize(
    "more",
    [
        b"100644 .gitattributes\0",
        b"100644 a/b\0",
        b"100664 zzz\0",
        b"0100644 zzz\0",
        b"100644 zzz",
        b"100644 !\0",
    ],
    ids=["a name twice", "a path", "odd mode", "zero before the mode", "torn", "out of order"],
)
def test_tree_that_programs_read_differently(more: bytes, known: School, memory: Memory) -> None:
    """Signed by one who may: git shows the one or the other of it."""
    start, blob = known.head, b"x: 1\n"
    held = Objects(known.root).read(known.tree(start))[1]
    tree = held + more + bytes.fromhex(object_id("blob", blob))
    who = GitPerson("s001", "s001@papka.invalid", int(NOW.timestamp()) + 90, "+0300")
    parts = (object_id("tree", tree), (start,), who, who, "Правка\n")
    signature = known.signer("s001").sign(compose_commit(*parts))
    raw = compose_commit(*parts, signature)
    known.plant(raw, [("blob", blob), ("tree", tree)])
    assert "OBJECT_CORRUPT" in known.codes()
    assert "OBJECT_CORRUPT" in names(look(known, memory, since=start))


def test_programs_and_folders_are_no_odd_trees(known: School, memory: Memory) -> None:
    start = known.head
    path = "tools/hooks/pre-commit"
    made = known.forge({path: b"#!/bin/sh\n", "tools/hooks-a": b"", "tools/hooks.a": b""},
                       sign=known.signer("s001").sign, by="s001", modes={path: EXECUTABLE},
                       late=90)  # fmt: skip
    known.checkout()
    found = look(known, memory, since=start)
    assert (names(found), found.since, found.head) == ([], start, made)
