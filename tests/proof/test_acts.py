"""Acts of destruction taken off a history: what was signed comes back, to the id."""

from __future__ import annotations

import pytest

from papka.core.findings import Finding
from papka.proof.clean_room import clean_room
from papka.proof.layers import SignedLine, read_line
from papka.repository.objects import Objects
from papka.repository.store import locate
from tests.support.destroying import PHOTO, commits_of, purge, put_act
from tests.support.histories import OTHER, RECORD, School, make_school
from tests.support.sealing import put_seal

FIRST = "records/students/2025/2025-0001"


def line_of(school: School) -> tuple[SignedLine, list[Finding]]:
    with clean_room(locate(school.root)) as room:
        return read_line(room, school.head)


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> School:
    """A school whose first student's photo is gone, and then the student."""
    made = make_school(tmp_path_factory.mktemp("acts"))
    made.save({PHOTO: b"photo"})
    put_seal(made)
    made.save({RECORD: b"id: 2025-0001\nsex: z\n"})
    return made


def test_two_acts_and_the_signed_line_is_as_before(school: School) -> None:
    before = commits_of(school)
    photo = put_act(school, [PHOTO])
    purge(school)
    line, found = line_of(school)
    assert found == []
    assert [commit.id for commit in line.commits[:-1]] == list(before)
    assert line.destroyed == {PHOTO}

    school.save({OTHER: b"id: 2025-0002\nsex: z\n"})
    put_act(school, [FIRST])
    purge(school)
    line, found = line_of(school)
    assert found == []
    assert [commit.id for commit in line.commits[: len(before)]] == list(before)
    assert [(layer.number, layer.rewritten) for layer in line.layers] == [
        (2, len(before) + 1), (1, len(photo.commits)),
    ]  # fmt: skip
    assert line.destroyed == {FIRST}
    objects = Objects(school.root)
    assert [id_ for id_ in line.destroyed_ids if objects.find(id_)] == []
