"""Commits that acts rewrote are found by the names they were signed with, and shown so."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.core.errors import NotFound
from papka.desk.trust_changes import find_signed
from papka.proof.ssh_signatures import signing_key
from papka.repository.commit_snapshots import read_commit
from papka.repository.points import resolve
from papka.repository.rewritten_commits import as_signed, rewritten_commits
from tests.support.destroying import PHOTO, commits_of, purge, put_act
from tests.support.histories import OTHER, RECORD, School, copy_school, make_school
from tests.support.sealing import put_seal


@pytest.fixture(scope="module")
def acted(tmp_path_factory: pytest.TempPathFactory) -> tuple[School, tuple[str, ...]]:
    """A school after two acts, and its commits as they were signed."""
    school = make_school(tmp_path_factory.mktemp("rewritten"))
    school.save({PHOTO: b"photo"})
    put_seal(school)
    before = commits_of(school)
    put_act(school, [PHOTO])
    first = school.head
    school.save({OTHER: b"id: 2025-0002\nsex: z\n"}, late=200)
    second = school.head
    put_act(school, [RECORD.rpartition("/")[0]])
    purge(school)
    return school, (*before, first, second)


def test_each_commit_is_shown_as_it_was_signed(acted: tuple[School, tuple[str, ...]]) -> None:
    school, before = acted
    root, tip = school.root, school.head
    stored = commits_of(school)[:-1]
    commits = [as_signed(root, tip, read_commit(root, id_)) for id_ in stored]
    assert tuple(commit.id for commit in commits) == before
    keys = {school.signer("s001").fingerprint, school.signer("s003").fingerprint}
    assert {signing_key(commit) for commit in commits} == keys
    assert rewritten_commits(root, tip).signed.keys() == set(stored) - set(before)
    assert as_signed(root, tip, read_commit(root, tip)).id == tip


def test_old_names_lead_to_what_lies_in_their_place(acted: tuple[School, tuple[str, ...]]) -> None:
    school, before = acted
    stored = commits_of(school)
    for old, now in zip(before, stored, strict=False):
        assert resolve(school.root, old) == resolve(school.root, old[:12]) == now
        assert find_signed(school.root, now) == find_signed(school.root, old) == old
    assert resolve(school.root, f"{before[4]}~2") == stored[2]
    assert resolve(school.root, "0001") == stored[before.index(before[-3]) - 1]
    with pytest.raises(NotFound):
        resolve(school.root, "0123456789ab")


def test_nothing_is_read_where_no_act_is(school: School, tmp_path: Path) -> None:
    other = copy_school(school, tmp_path / "other")
    assert rewritten_commits(other.root, other.head).signed == {}
