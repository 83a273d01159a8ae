"""What happens to keys in a school's life: old proof stays valid, honest people find a way on."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from papka.core.places import ALLOWED_SIGNERS
from papka.repository import commit_writing
from papka.repository.signing import generate_key, load_signer, remember_actor
from tests.support.clones import CLERK, HEAD, TEACHER, Clone, Shared
from tests.support.command import ok, papka
from tests.support.histories import git
from tests.support.school import STUDENT

CARD = f"{STUDENT}/student.yaml"
NOTICES = f"{STUDENT}/notices.yaml"
NOTICE = "  - date: 2026-06-01\n    about: успеваемость\n    channel: телефон\n    told: p1\n"
PHONE = "+70000000001"


@pytest.fixture
def head(shared: Shared, tmp_path: Path) -> Clone:
    """The head's own computer."""
    return shared.clone(tmp_path / "head", HEAD)


@pytest.fixture
def paper(shared: Shared) -> str:
    """The fingerprint of the daily key, as written down on the first day."""
    return shared.fingerprint


def found(clone: Clone, paper: str, *more: str) -> list[str]:
    """Names of what verify finds, as a stranger with only paper sees it."""
    ran = papka("verify", "-C", clone.root, "--no-memory", "--anchor", paper, *more,
                "--format", "json")  # fmt: skip
    return sorted({each["code"] for each in json.loads(ran.out)["findings"]})


def told(clone: Clone) -> str:
    """One more notice, saved through papka."""
    clone.write(NOTICES, clone.read(NOTICES) + NOTICE)
    ok("save", "-C", clone.root)
    return clone.head


def tip(shared: Shared) -> str:
    return git(shared.store, "rev-parse", "main").strip()


def plain_push(shared: Shared, clone: Clone) -> str:
    """What plain git sends, whatever it is."""
    git(clone.root, "push", "-q", str(shared.store), "main")
    return tip(shared)


def test_a_teacher_leaves_in_september(
    one: Clone, two: Clone, head: Clone, shared: Shared, paper: str
) -> None:
    told(one)
    ok("sync", "-C", one.root)
    ok("sync", "-C", head.root)
    ok("trust", "retire", TEACHER, "-C", head.root)
    ok("sync", "-C", head.root)
    assert found(head, paper) == []
    assert "не действует: выведен" in ok("trust", "show", "-C", head.root).out

    # The teacher's old computer saves no more once it has heard of it, and says why.
    ok("sync", "-C", one.root)
    one.edit(CARD, PHONE, "+70000000002")
    refused = papka("save", "-C", one.root)
    assert refused.code == 1
    assert "он выведен после сохранения" in refused.out

    # Past papka, with plain git: nobody takes it.
    one.edit(CARD, "+70000000002", PHONE)
    made = commit_writing.commit(
        one.root, {NOTICES: one.read(NOTICES).replace("телефон", "почта").encode()}, "x",
        author=TEACHER, now=datetime.now(UTC), sign=load_signer(shared.keys / "staff").sign,
        expected_parent=one.head,
    )  # fmt: skip
    assert plain_push(shared, one) == made
    before = two.head
    stopped = papka("sync", "-C", two.root)
    assert stopped.code == 1
    assert "SIG_KEY_REVOKED" in stopped.out
    assert two.head == before


def test_a_laptop_is_stolen(  # noqa: PLR0913 - everybody it concerns
    one: Clone, two: Clone, head: Clone, shared: Shared, paper: str, tmp_path: Path
) -> None:
    sure = told(one)
    honest = told(one)
    one.edit(CARD, PHONE, "+79990000000")  # the thief's
    ok("save", "-C", one.root)
    forged = one.head
    ok("sync", "-C", one.root)
    ok("sync", "-C", head.root)
    assert found(head, paper) == []

    ran = ok("trust", "compromise", TEACHER, "--after", sure, "--yes", "-C", head.root)
    assert honest[:12] in ran.out
    assert forged[:12] in ran.out
    assert found(head, paper) == ["SIG_KEY_REVOKED"]
    ok("trust", "accept", honest, "--code", "SIG_KEY_REVOKED", "--reason", "её запись",
       "-C", head.root)  # fmt: skip
    head.edit(CARD, "+79990000000", PHONE)
    ok("save", "-C", head.root)
    ok("trust", "accept", forged, "--code", "SIG_KEY_REVOKED", "--reason",
       "подделка, содержание возвращено", "-C", head.root)  # fmt: skip
    assert found(head, paper) == ["COMMIT_ACCEPTED"]
    generate_key(tmp_path / "fresh", "")
    ok("trust", "add", TEACHER, tmp_path / "fresh.pub", "-C", head.root)
    ok("sync", "-C", head.root)

    ok("sync", "-C", two.root)
    assert two.head == head.head
    new = shared.clone(tmp_path / "new laptop", TEACHER)
    remember_actor(new.root, TEACHER, tmp_path / "fresh", main=True)
    told(new)
    ok("sync", "-C", new.root)
    assert found(new, paper) == ["COMMIT_ACCEPTED"]


def test_the_head_loses_the_daily_key(
    one: Clone, head: Clone, shared: Shared, paper: str, tmp_path: Path
) -> None:
    old = shared.keys / "head"
    old.rename(shared.keys / "found later")
    missing = papka("trust", "add", TEACHER, shared.keys / "staff.pub", "-C", head.root)
    assert missing.code == 3
    assert "Ключ подписи не найден" in missing.err
    generate_key(tmp_path / "daily", "")
    ok("trust", "rotate", paper, tmp_path / "daily", "--key", shared.keys / "recovery",
       "-C", head.root)  # fmt: skip
    assert found(head, paper) == []
    told(head)
    ok("sync", "-C", head.root)
    ok("sync", "-C", one.root)
    told(one)
    ok("sync", "-C", one.root)
    assert found(one, paper) == []
    refused = papka("trust", "add", TEACHER, tmp_path / "daily.pub", "--head",
                    "--key", shared.keys / "found later", "-C", one.root)  # fmt: skip
    assert refused.code == 3
    assert "подписывать не вправе" in refused.err


def test_both_keys_of_the_head_are_lost(
    one: Clone, head: Clone, paper: str, tmp_path: Path
) -> None:
    for name in ("daily", "safe"):
        generate_key(tmp_path / name, "")
    ran = ok("trust", "refound", "--daily", tmp_path / "daily", "--recovery",
             tmp_path / "safe.pub", "--yes", "-C", head.root)  # fmt: skip
    act = ran.out.rpartition('--refounding "')[2].partition('"')[0]
    assert len(act.split()) == 8
    assert found(head, paper) == ["SIG_UNKNOWN_KEY", "TRUST_NOT_AUTHORISED"]
    assert found(head, paper, "--refounding", act) == ["REFOUNDING_ACCEPTED"]
    told(head)
    ok("sync", "-C", head.root)

    stopped = papka("sync", "-C", one.root)
    assert stopped.code == 1
    assert "--refounding" in stopped.out
    ok("sync", "-C", one.root, "--refounding", act)
    told(one)
    ok("sync", "-C", one.root)
    assert found(one, paper, "--refounding", act) == ["REFOUNDING_ACCEPTED"]


def test_a_foreign_program_made_an_unsigned_commit(
    one: Clone, two: Clone, head: Clone, shared: Shared, paper: str
) -> None:
    one.edit(CARD, PHONE, "+70000000002")
    git(one.root, "commit", "-q", "-am", "из чужой программы")
    commit = plain_push(shared, one)
    for clone in (two, head):
        stopped = papka("sync", "-C", clone.root)
        assert stopped.code == 1
        assert "SIG_MISSING" in stopped.out
    missing = papka("trust", "accept", commit, "--code", "SIG_BAD", "--reason", "x",
                    "-C", head.root)  # fmt: skip
    assert missing.code == 3
    ran = ok("trust", "accept", commit, "--code", "SIG_MISSING", "--reason",
             "сохранено не той программой, правка проверена", "-C", head.root)  # fmt: skip
    assert "Получено с «primary»" in ran.out
    ok("sync", "-C", head.root)
    ok("sync", "-C", two.root)
    told(two)
    ok("sync", "-C", two.root)
    assert "+70000000002" in two.read(CARD)
    assert found(two, paper) == ["COMMIT_ACCEPTED"]


def test_a_clock_ran_a_year_ahead(
    one: Clone, two: Clone, head: Clone, shared: Shared, paper: str
) -> None:
    wrong = datetime.now(UTC) + timedelta(days=365)
    one.edit(CARD, PHONE, "+70000000002")
    one.save(now=wrong)
    assert one.sync(now=wrong).kind == "ahead"
    commit = tip(shared)
    refused = papka("save", "-C", one.root)
    assert refused.code == 0  # nothing to save
    one.write(NOTICES, one.read(NOTICES) + NOTICE)
    refused = papka("save", "-C", one.root)
    assert refused.code == 3
    assert "papka trust accept HEAD --code TIME_FUTURE" in refused.err
    stopped = papka("sync", "-C", two.root)
    assert stopped.code == 1
    assert "TIME_FUTURE" in stopped.out

    ok("trust", "accept", commit, "--code", "TIME_FUTURE", "--reason", "часы ушли на год",
       "-C", head.root)  # fmt: skip
    ok("sync", "-C", head.root)
    ok("sync", "-C", one.root)
    ok("save", "-C", one.root)
    ok("sync", "-C", one.root)
    ok("sync", "-C", two.root)
    assert found(two, paper) == ["COMMIT_ACCEPTED"]
    times = git(two.root, "log", "--format=%ct", "main").split()
    assert int(times[0]) <= datetime.now(UTC).timestamp() + 60


def test_a_clerk_may_do_none_of_it(two: Clone, tmp_path: Path) -> None:
    generate_key(tmp_path / "own", "")
    for command in (
        ("add", TEACHER, tmp_path / "own.pub"),
        ("add", HEAD, tmp_path / "own.pub", "--head"),
        ("retire", HEAD, "--yes"),
        ("rotate", CLERK, tmp_path / "own"),
    ):
        before = two.read(ALLOWED_SIGNERS)
        ran = papka("trust", *command, "-C", two.root)
        assert ran.code == 1, ran.all
        assert "TRUST_NOT_AUTHORISED" in ran.out
        assert two.read(ALLOWED_SIGNERS) == before
