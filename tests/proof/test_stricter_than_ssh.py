"""Each way in which verify is stricter than ssh-keygen 9.2 and git 2.39.

When a case fails because a peer refuses it too, the peer has become strict: take the case out here
and in docs/attacks.md.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from papka.repository.git_values import GitPerson, compose_commit
from tests.proof.test_signature_fuzz import (
    BENDS,
    DATA,
    WHO,
    Peers,
    accepted,
    commit_accepted,
)
from tests.support.bent_signatures import P384, TEXTS, TOKEN, Parts, armor, text, unarmor

_PLAIN = Parts(key=1)
_ANY = Random(1)


def _unsigned_text(data: bytes) -> str:
    """The reserved field is no part of what is signed."""
    empty, filled = (text(b"git") + text(reserved) for reserved in (b"", b"hidden text"))
    return armor(_PLAIN.blob(data).replace(empty, filled))


def _as_text(how: str) -> Callable[[bytes], str]:
    return lambda data: TEXTS[how](_ANY, _PLAIN.armored(data))


SIGNATURES: dict[str, Callable[[bytes], str]] = {
    "S + L in place of S": Parts(key=1, more_s=1).armored,
    "sha256 in place of sha512": Parts(key=1, digest=b"sha256").armored,
    "version 0": Parts(key=1, version=0).armored,
    "kind of the signature with a zero byte": Parts(key=1, inner_kind=b"ssh-ed25519\0").armored,
    "filled reserved field": _unsigned_text,
    "the twin of S, of P-384": Parts(key=5, kind=P384, more_s=1).armored,
    "token without touch": Parts(key=3, kind=TOKEN, flags=0).armored,
    "text after the end": lambda data: _PLAIN.armored(data) + "hidden\n",
    "second signature after the first": _as_text("twice"),
    "another line width": lambda data: armor(unarmor(_PLAIN.armored(data)), 64),
    "empty lines": _as_text("empty lines"),
    "no end of line": _as_text("no end of line"),
}
BEFORE: dict[str, str] = {
    "header `encoding`": "encoding",
    "header `mergetag`": "mergetag",
    "unknown header": "unknown header",
    "second author": "second author",
    "line that continues a header": "continued line",
    "zero before the time": "zero before the time",
    "time before 1970": "negative time",
    "zone that no clock has": "zone of no clock",
    "zero byte in the text": "zero byte",
}
"""Commits bent before they were signed: the signer himself hides something."""
AFTER: dict[str, str] = {
    "header `gpgsig-sha256`": "sha256 signature",
    "second `gpgsig`": "second signature",
    "line after the signature's end": "continued line",
}
"""Commits bent by anybody: git leaves these lines out of what is signed."""


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Peers:
    return Peers.settle(tmp_path_factory.mktemp("peers"))


def _signed(raw: bytes) -> bytes:
    signature = _PLAIN.armored(raw).removesuffix("\n").replace("\n", "\n ").encode()
    return raw.replace(b"\n\n", b"\ngpgsig " + signature + b"\n\n", 1)


def _commit() -> bytes:
    person = GitPerson("s001", WHO, 1_790_000_000, "+0300")
    return compose_commit("cd" * 20, ["ab" * 20], person, person, "Правка\n")


def test_honest_ones_are_accepted_by_all(peers: Peers) -> None:
    assert accepted(_PLAIN.armored(DATA), DATA)
    assert peers.keygen(_PLAIN.armored(DATA), DATA)
    assert commit_accepted(_signed(_commit()))
    assert peers.git(_signed(_commit()))


@pytest.mark.parametrize("case", SIGNATURES)
def test_signature_that_ssh_keygen_accepts(case: str, peers: Peers) -> None:
    armored = SIGNATURES[case](DATA)
    assert peers.keygen(armored, DATA)
    assert not accepted(armored, DATA)


@pytest.mark.parametrize("case", BEFORE)
def test_commit_signed_with_something_hidden(case: str, peers: Peers) -> None:
    raw = _signed(BENDS[BEFORE[case]](_commit(), _ANY))
    assert peers.git(raw)
    assert not commit_accepted(raw)


@pytest.mark.parametrize("case", AFTER)
def test_commit_changed_after_it_was_signed(case: str, peers: Peers) -> None:
    raw = BENDS[AFTER[case]](_signed(_commit()), _ANY)
    assert peers.git(raw)
    assert not commit_accepted(raw)
