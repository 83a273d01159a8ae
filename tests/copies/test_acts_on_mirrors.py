"""An act of destruction reaches every mirror: what it destroyed is nowhere there afterwards."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from papka.copies import mirrors
from papka.copies.mirror_check import verify_mirrors
from papka.copies.mirror_purging import carry_out, list_acts
from papka.copies.mirrors import push, recreate, status
from papka.core.errors import NotFound, Refused
from papka.repository import unfinished_work
from papka.repository.byte_search import Needle, needle_object, needle_text, search
from papka.repository.store import read_refs
from tests.support.destroying import put_act
from tests.support.histories import NOW, OTHER, RECORD, School, git, main_of
from tests.support.made_once import MadeOnce

GONE = RECORD.rpartition("/")[0]
KEPT = OTHER.rpartition("/")[0]
SNAP = f"{KEPT}/attachments/0123456789ab.jpg"
FACT = "Пропадалкина"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def sent(school: School, made_once: MadeOnce, tmp_path: Path) -> School:
    """A school with two mirrors in folders that have all it saved."""

    def work() -> None:
        school.save({RECORD: f"id: 2025-0001\nname: {FACT}\n".encode()}, late=61)
        school.save({SNAP: f"снимок {FACT}".encode()}, late=62)
        school.save({OTHER: b"id: 2025-0002\nsex: z\n"}, late=63)
        for name in ("hub", "usb"):
            mirrors.add(school.root, name, str(tmp_path / f"{name}.git"), "RU", allowed=("RU",))
        assert push(school.root).is_good

    made_once.make("two mirrors", tmp_path, ("archive", "hub.git", "usb.git"), work)
    return school


def needles(school: School) -> tuple[Needle, ...]:
    """What must be nowhere after the act: the fact, and the ids of all that held it."""
    ids = [git(school.root, "rev-parse", f"HEAD:{path}").strip() for path in (RECORD, SNAP)]
    return (*needle_text("имя", FACT), *(each for id_ in ids for each in needle_object(id_)))


def traces(places: list[Path], wanted: tuple[Needle, ...]) -> list[str]:
    """Where something is left; a photo's id stays in evidence in its folder, and dies with it."""
    own = f"{KEPT}/destroyed/1."
    return [each.where for each in search(places, wanted) if not each.path.startswith(own)]


def purge(school: School) -> None:
    with unfinished_work.hold_archive(school.root):
        unfinished_work.begin_purging(school.root, 1)
        assert unfinished_work.settle_purging(school.root) is not None


def said(school: School) -> dict[str, tuple[str, str]]:
    return {each.remote.name: (each.state, each.reason) for each in status(school.root)}


@pytest.mark.parametrize("own_first", ["own store first", "mirrors first"])
def test_act_reaches_every_mirror(sent: School, tmp_path: Path, own_first: str) -> None:
    wanted = needles(sent)
    places = [sent.root, tmp_path / "hub.git", tmp_path / "usb.git"]
    put_act(sent, [GONE, SNAP])
    if own_first == "own store first":
        purge(sent)
    behind = ("behind", "на нём ещё лежит уничтоженное по акту № 1")
    assert said(sent) == {"hub": behind, "usb": behind}
    assert {trace.place for trace in search(places[1:], wanted)} == {*places[1:]}
    pushed = push(sent.root)
    assert pushed.is_good, pushed.outcomes[0].reason
    if own_first == "mirrors first":
        purge(sent)
    assert traces(places, wanted) == []
    for place in places[1:]:
        assert main_of(place) == sent.head
        assert list(read_refs(place, place).ids) == ["refs/heads/main"]
        assert git(place, "fsck", "--full", "--strict", "--unreachable", "--no-reflogs") == ""
    assert said(sent) == {"hub": ("equal", ""), "usb": ("equal", "")}
    sent.save({OTHER: b"id: 2025-0002\nsex: y\n"}, late=300)
    assert push(sent.root).is_good  # work goes on
    put_act(sent, [KEPT])
    assert push(sent.root).is_good  # and so does the next act
    assert {main_of(place) for place in places[1:]} == {sent.head}


def test_mirror_that_missed_the_act_is_found(sent: School, tmp_path: Path) -> None:
    """Away when the act was carried out; told until it comes back and is purged in its turn."""
    put_act(sent, [GONE, SNAP])
    purge(sent)
    (tmp_path / "usb.git").rename(tmp_path / "away")
    assert push(sent.root).is_unreachable
    (tmp_path / "away").rename(tmp_path / "usb.git")

    def found() -> dict[str, list[str]]:
        checked = verify_mirrors(sent.root, now=LATER)
        return {each.remote.name: [f.code.name for f in each.findings] for each in checked}

    assert found() == {"hub": [], "usb": ["MIRROR_BEHIND", "MIRROR_KEEPS_DESTROYED"]}
    assert push(sent.root).is_good
    assert found() == {"hub": [], "usb": []}


def test_mirror_is_begun_anew(sent: School, tmp_path: Path) -> None:
    """What plain git has left in a mirror's folder goes when the mirror is begun anew in place."""
    wanted, hub = needles(sent), tmp_path / "hub.git"
    old = sent.head
    put_act(sent, [GONE, SNAP])
    assert push(sent.root).is_good
    git(sent.root, "push", "-q", str(hub), f"{old}:refs/heads/aside")
    assert traces([hub], wanted)
    git(hub, "update-ref", "-d", "refs/heads/aside")
    assert [f.code.name for f in verify_mirrors(sent.root, now=LATER)[0].findings] == [
        "OBJECT_AFTER_ACT"
    ]
    assert recreate(sent.root, "hub").is_good
    assert traces([hub], wanted) == []
    assert main_of(hub) == sent.head
    moved = recreate(sent.root, "usb", str(tmp_path / "hub.git/../usb.git"))
    assert (moved.sent, moved.remote.url) == ("already", str(tmp_path / "usb.git"))
    with pytest.raises(Refused, match="уже стоит зеркало «hub»"):
        recreate(sent.root, "usb", str(hub))
    with pytest.raises(NotFound):
        recreate(sent.root, "server")


def test_cut_off_act_is_ended_by_the_next_push(sent: School, tmp_path: Path) -> None:
    """Killed when the branch was sent, when main had moved, and when all but the end was done."""
    wanted, hub = needles(sent), tmp_path / "hub.git"
    put_act(sent, [GONE, SNAP])
    git(sent.root, "push", "-q", str(hub), "main:refs/heads/papka-act-1.1")
    assert push(sent.root).is_good
    assert traces([hub], wanted) == []
    for moved in (False, True):
        git(hub, "update-ref", "refs/heads/papka-act-1.7", "main")
        if moved:
            (hub / "objects" / "pack" / "tmp_pack_x").write_text(FACT)
        assert push(sent.root).is_good
        assert list(read_refs(hub, hub).ids) == ["refs/heads/main"]
        assert traces([hub], wanted) == []
    assert carry_out(hub) == ()


def test_copy_without_the_act_is_told_to_get_it(sent: School, tmp_path: Path) -> None:
    """A stale copy cannot push its history back, and learns from the mirror what has happened."""
    stale = tmp_path / "stale"
    git(tmp_path, "clone", "-q", str(tmp_path / "hub.git"), str(stale))
    git(stale, "remote", "remove", "origin")
    mirrors.add(stale, "hub", str(tmp_path / "hub.git"), "RU", allowed=("RU",))
    put_act(sent, [GONE])
    assert push(sent.root).is_good
    before = main_of(tmp_path / "hub.git")
    refused = push(stale).outcomes[0]
    assert refused.sent == "refused"
    assert (
        refused.reason
        == "акт об уничтожении № 1 исполнен на зеркале, а здесь уничтоженное ещё лежит"
    )
    assert refused.next_step.startswith("papka sync")
    (standing,) = status(stale)
    assert (standing.state, standing.reason) == ("ahead", refused.reason)
    assert main_of(tmp_path / "hub.git") == before


def test_act_does_not_overwrite_what_came_meanwhile(sent: School, tmp_path: Path) -> None:
    hub = tmp_path / "hub.git"
    other = School(tmp_path / "other", sent.keys)
    git(tmp_path, "clone", "-q", str(hub), str(other.root))
    other.save({OTHER: b"id: 2025-0002\nsex: w\n"}, late=70)
    put_act(sent, [GONE])
    git(sent.root, "push", "-q", str(hub), "main:refs/heads/papka-act-1.1")
    git(other.root, "push", "-q", str(hub), "main")
    (told,) = carry_out(hub)
    assert "пришло новое сохранение" in told
    assert main_of(hub) == other.head
    assert list_acts(read_refs(hub, hub).ids) == ()
    refused = push(sent.root).outcomes[0]
    assert refused.sent == "refused"
    assert main_of(hub) == other.head
