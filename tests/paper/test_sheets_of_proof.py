"""The sheet of keys and the act of re-founding: what a person compares, sign by sign."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest

from papka.core.errors import NotFound, Refused
from papka.core.places import ALLOWED_SIGNERS
from papka.paper.forms import trust_sheets
from papka.proof.trusted_keys import HEAD, REVOCATIONS, STAFF, TrustEntry, compose_trust
from tests.paper.forms_school import short
from tests.paper.proof_files import ACT, HEAD_COMMIT, NEW, OLD, PROOF
from tests.paper.test_forms import state


def shown(files: dict[str, bytes]) -> list[tuple[str, str]]:
    view = trust_sheets.view_keys(state(replace(short(), proof=files)), "")
    return [(key.role, key.fingerprint) for key in view.keys]


def test_the_first_two_head_keys_are_the_daily_one_and_the_one_in_the_safe() -> None:
    entries = [TrustEntry("s001", HEAD, key) for key in OLD] + [TrustEntry("s002", STAFF, NEW[0])]
    assert shown({ALLOWED_SIGNERS: compose_trust(entries)}) == [
        ("ежедневный", OLD[0].fingerprint),
        ("запасной", OLD[1].fingerprint),
    ]


def test_a_retired_key_is_off_the_sheet_and_the_new_one_is_named_by_a_pen() -> None:
    found = shown(
        {
            ALLOWED_SIGNERS: compose_trust(TrustEntry("s001", HEAD, key) for key in (*OLD, NEW[0])),
            REVOCATIONS: f"retired {OLD[0].fingerprint} at {HEAD_COMMIT}\n".encode(),
        }
    )
    assert found == [("запасной", OLD[1].fingerprint), ("", NEW[0].fingerprint)]


def test_a_stolen_key_is_off_the_sheet() -> None:
    found = shown(
        {
            ALLOWED_SIGNERS: compose_trust(TrustEntry("s001", HEAD, key) for key in OLD),
            REVOCATIONS: f"compromised {OLD[1].fingerprint} after root\n".encode(),
        }
    )
    assert found == [("ежедневный", OLD[0].fingerprint)]


def test_keys_of_an_act_are_named_by_it() -> None:
    assert shown(PROOF) == [
        ("ежедневный", NEW[0].fingerprint),
        ("запасной", NEW[1].fingerprint),
    ]


def test_a_sheet_without_keys_is_not_printed() -> None:
    with pytest.raises(Refused, match="нет ни одного действующего ключа"):
        shown({ALLOWED_SIGNERS: b"nobody\n"})


def test_a_sheet_of_keys_has_no_number() -> None:
    with pytest.raises(NotFound, match="один на весь архив"):
        trust_sheets.view_keys(state(short()), "5")


def test_an_act_shows_the_digest_of_its_file() -> None:
    view = trust_sheets.view_refounding(state(short()), "0001")
    assert "".join(view.digest.groups) == hashlib.sha256(ACT).hexdigest()
    assert view.head.replace(" ", "") == HEAD_COMMIT
    assert (view.daily, view.recovery) == tuple(key.fingerprint for key in NEW)


def test_an_act_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound) as refused:
        trust_sheets.view_refounding(state(short()), "0002")
    assert "0001" in refused.value.next_step
