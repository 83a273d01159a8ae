"""A key of somebody who acts for the head: good in its term alone, and no way to stay beyond it."""

from __future__ import annotations

import datetime as dt
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from papka.core.places import ALLOWED_SIGNERS
from papka.core.snapshot import DictSnapshot
from papka.proof.history_rules import judge_paths
from papka.proof.trusted_keys import (
    HEAD,
    TrustEntry,
    compose_trust,
    read_trust,
)
from tests.proof.values import CHIEF, CLERK, SPARE, key
from tests.support.histories import NOW, RECORD, School, trust

TODAY = NOW.date()
TERM = (TODAY - dt.timedelta(days=3), TODAY + dt.timedelta(days=3))
ACTING = TrustEntry("s003", HEAD, key(7), TERM)
REVOCATIONS = "records/trust/revocations"
ORGANIZATION = "records/organization.yaml"


def acting(school: School, term: tuple[dt.date, dt.date] = TERM) -> str:
    return TrustEntry("s003", HEAD, school.signer("stranger").public, term).line


def let_in(school: School, term: tuple[dt.date, dt.date] = TERM) -> None:
    """The head trusts the clerk's other key for a term."""
    school.save(
        {ALLOWED_SIGNERS: trust(school.keys) + f"{acting(school, term)}\n".encode()},
        "s001",
        late=60,
    )


def test_such_a_line_is_read_as_ssh_keygen_reads_it() -> None:
    line = ACTING.line
    assert ',valid-after="' in line
    assert read_trust(compose_trust([CHIEF, ACTING])).entries == (CHIEF, ACTING)
    days = [TERM[0] - dt.timedelta(1), TERM[0], TERM[1], TERM[1] + dt.timedelta(1)]
    assert [ACTING.counts_on(day) for day in days] == [False, True, True, False]
    assert CHIEF.counts_on(dt.date.min)
    before = f"{TERM[1] + dt.timedelta(1):%Y%m%d}"
    for bent, why in (
        (line.replace(before, "20269999"), "в сроке ключа такого дня нет"),
        (line.replace(before, "00010101"), "в сроке ключа такого дня нет"),
        (line.replace(before, f"{TERM[0]:%Y%m%d}"), "срок ключа кончается раньше, чем начинается"),
        (line.replace(f',valid-before="{before}"', ""), "не по образцу"),
        (line.replace('valid-after="', 'valid-after="Z'), "не по образцу"),
        (
            replace(CLERK, term=TERM).line,
            "срок бывает только у ключа того, кто замещает руководителя",
        ),
    ):
        assert read_trust(f"{bent}\n".encode()).faults == ((1, why),)


@pytest.mark.parametrize(("hours", "good"), [(-1, False), (1, True), (47, True), (49, False)])
def test_ssh_keygen_ends_the_key_on_the_same_days(
    school: School,
    tmp_path: Path,
    hours: int,
    good: bool,  # noqa: FBT001 - of a table
) -> None:
    since = dt.date(2026, 7, 1)
    (tmp_path / "signers").write_text(acting(school, (since, since + dt.timedelta(1))) + "\n")
    (tmp_path / "sig").write_text(school.signer("stranger").sign(b"x"))
    moment = dt.datetime(2026, 7, 1) + dt.timedelta(hours=hours)  # noqa: DTZ001 - as ssh-keygen counts: by the clock here
    ran = subprocess.run(
        ["ssh-keygen", "-Y", "verify", "-f", tmp_path / "signers", "-I", "s003@papka.invalid",
         "-n", "git", "-s", tmp_path / "sig", f"-Overify-time={moment:%Y%m%d%H%M}"],
        input=b"x", capture_output=True, check=False,
    )  # fmt: skip
    assert (ran.returncode == 0) is good, ran.stderr


def test_the_key_signs_what_is_the_heads_in_its_term_and_nothing_after_it(school: School) -> None:
    let_in(school)
    sign = school.signer("stranger").sign
    school.forge({ORGANIZATION: b"format: 1\n# x\n"}, sign=sign, by="s003", late=120)
    school.checkout()
    assert school.codes() == []


def test_the_key_signs_a_day_after_its_term(school: School) -> None:
    """The clerk's own paths too: outside the term the key is nobody's."""
    let_in(school, (TODAY - dt.timedelta(days=9), TODAY - dt.timedelta(days=1)))
    school.forge(
        {RECORD: b"id: 2025-0001\nsex: y\n"},
        sign=school.signer("stranger").sign, by="s003", late=120,
    )  # fmt: skip
    school.checkout()
    (found,) = school.verify().findings
    assert found.code.name == "SIG_OUTSIDE_TERM"
    last = f"{TODAY - dt.timedelta(days=1):%d.%m.%Y}"
    assert f"по {last}, а подписано им {TODAY:%d.%m.%Y}" in found.message


@pytest.mark.parametrize("what", ["lets a key in", "ends a key"])
def test_who_acts_cannot_stay_head_beyond_the_term(school: School, what: str) -> None:
    let_in(school)
    lines = (school.root / ALLOWED_SIGNERS).read_bytes()
    own = TrustEntry("s003", HEAD, key(9))
    heads = school.signer("s001").fingerprint
    changes = {
        "lets a key in": {ALLOWED_SIGNERS: lines + f"{own.line}\n".encode()},
        "ends a key": {REVOCATIONS: f"retired {heads} at {school.head}\n".encode()},
    }[what]
    school.forge(changes, sign=school.signer("stranger").sign, by="s003", late=120)
    school.checkout()
    school.save({ORGANIZATION: b"format: 1\n# y\n"}, "s001", late=180)
    found = school.verify().findings
    assert {each.code.name for each in found} == {
        "TRUST_NOT_AUTHORISED"
    }  # the head's key counts on
    assert "дан на срок" in found[0].message


def refused(entry: TrustEntry, changes: dict[str, bytes | None], day: dt.date) -> list[str]:
    before = DictSnapshot({ALLOWED_SIGNERS: compose_trust([CHIEF, SPARE, CLERK, ACTING])})
    found = judge_paths(entry.staff, entry.key, before, changes, day=day)
    return [each.code.name for each in found]


def test_all_of_it_is_refused_before_there_is_a_commit() -> None:
    trusted = compose_trust([CHIEF, SPARE, CLERK, ACTING])
    head_of_own: dict[str, bytes | None] = {
        ALLOWED_SIGNERS: trusted + f"{TrustEntry('s003', HEAD, key(9)).line}\n".encode()
    }
    ended: dict[str, bytes | None] = {
        REVOCATIONS: f"retired {SPARE.key.fingerprint} at {'1' * 40}\n".encode()
    }
    clerk: dict[str, bytes | None] = {
        ALLOWED_SIGNERS: trusted + f"{replace(CLERK, key=key(9)).line}\n".encode()
    }
    assert refused(ACTING, {ORGANIZATION: b"x"}, TODAY) == []
    assert refused(ACTING, clerk, TODAY) == []
    assert refused(ACTING, head_of_own, TODAY) == ["TRUST_NOT_AUTHORISED"]
    assert refused(ACTING, ended, TODAY) == ["TRUST_NOT_AUTHORISED"]
    for day in (TERM[0] - dt.timedelta(days=1), TERM[1] + dt.timedelta(days=1)):
        assert refused(ACTING, {RECORD: b"x"}, day) == ["SIG_OUTSIDE_TERM"]
    both = {
        REVOCATIONS: "".join(
            f"retired {each.key.fingerprint} at {'1' * 40}\n" for each in (CHIEF, SPARE)
        ).encode()
    }
    found = refused(CHIEF, {**both}, TODAY)
    assert "NO_HEAD_LEFT" in found  # a key with a term is no head left
