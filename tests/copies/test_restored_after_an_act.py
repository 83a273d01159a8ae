"""Restoring and healing bring back nothing that an act of destruction has taken away."""

from __future__ import annotations

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from papka.copies import mirrors
from papka.copies.healing import heal
from papka.copies.mirrors import push
from papka.copies.restoring import Restored, find_sources, restore
from papka.core.errors import Refused
from papka.proof.memory import Memory
from papka.proof.verification import verify
from papka.repository import unfinished_work
from papka.repository.byte_search import Needle, needle_object, needle_text, search
from papka.repository.handle import list_remotes, note_confirmed
from papka.repository.store import read_refs
from tests.support.destroying import put_act
from tests.support.histories import NOW, OTHER, RECORD, School, git, main_of
from tests.support.made_once import MadeOnce

GONE = RECORD.rpartition("/")[0]
FACT = "Пропадалкина"
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def copies(school: School, made_once: MadeOnce, tmp_path: Path) -> School:
    """An archive with an act, a mirror that has it too, and one in `old` from before the act."""

    def work() -> None:
        school.save({RECORD: f"name: {FACT}\n".encode()}, late=61)
        mirrors.add(school.root, "hub", str(tmp_path / "hub"), "RU", allowed=("RU",))
        assert push(school.root).is_good
        shutil.copytree(tmp_path / "hub", tmp_path / "old")
        put_act(school, [GONE])
        school.save({OTHER: b"id: 2025-0002\nsex: z\n"}, late=200)
        assert push(school.root).is_good
        with unfinished_work.hold_archive(school.root):
            unfinished_work.begin_purging(school.root, 1)
            unfinished_work.settle_purging(school.root)

    made_once.make("copies of an act", tmp_path, ("archive", "hub", "old"), work)
    return school


def needles(old: Path) -> tuple[Needle, ...]:
    fact = git(old, "rev-parse", f"main:{RECORD}").strip()
    return (*needle_text("имя", FACT), *needle_object(fact))


def restored(tmp_path: Path, *names: str, memory: Memory | None = None) -> Restored:
    place = tmp_path / "new"
    shutil.rmtree(place, ignore_errors=True)
    sources = find_sources(names, (), tmp_path)
    return restore(place, sources, now=LATER, base=tmp_path, memory=memory)


def lose(store: Path, name: str) -> None:
    """One object of a copy is gone."""
    packs = [*(store / "objects/pack").glob("pack-*.pack")]
    for pack in packs:
        moved = pack.rename(store / "moved.pack")
        with moved.open("rb") as given:
            subprocess.run(["git", "unpack-objects", "-q"], cwd=store, stdin=given, check=True)
        moved.unlink()
    for each in (store / "objects/pack").glob("*"):
        each.unlink()
    id_ = git(store, "rev-parse", name).strip()
    (store / "objects" / id_[:2] / id_[2:]).unlink()


def test_older_copy_is_no_other_history(copies: School, tmp_path: Path) -> None:
    wanted = needles(tmp_path / "old")
    done = restored(tmp_path, "hub", "old")
    assert (done.verified.head, done.passed_over, done.above) == (copies.head, {}, None)
    assert search([tmp_path / "new"], wanted) == ()
    # What the newer copy lost the older one gives, and still nothing else of it comes in.
    lose(tmp_path / "hub", "main:.gitignore")
    done = restored(tmp_path, "old", "hub")
    assert (done.verified.head, done.above) == (copies.head, None)
    assert search([tmp_path / "new"], wanted) == ()
    # A damaged older copy is not kept beside the archive either.
    lose(tmp_path / "old", f"main~1:{RECORD}")
    lose(tmp_path / "hub", f"main:{OTHER}")
    done = restored(tmp_path, "old", "hub")
    assert done.above is not None
    assert search([tmp_path / "new"], wanted) == ()


@pytest.mark.usefixtures("copies")
def test_no_copy_after_the_act_is_whole(tmp_path: Path) -> None:
    """Better nothing than what was destroyed: the person is told which copy is needed."""
    wanted = needles(tmp_path / "old")
    lose(tmp_path / "hub", "main~3")
    lose(tmp_path / "hub", f"main~2:{OTHER.partition('/')[0]}")
    done = restored(tmp_path, "hub", "old")  # what was rewritten can be rewritten again
    assert (done.verified.head, done.above) == (main_of(tmp_path / "hub"), None)
    assert search([tmp_path / "new"], wanted) == ()
    shutil.rmtree(tmp_path / "new")
    lose(tmp_path / "hub", f"main:{OTHER}")
    lose(tmp_path / "hub", "main~1:records/acts/1/evidence.pack")
    with pytest.raises(Refused, match="до акта об уничтожении № 1"):
        restored(tmp_path, "hub", "old")
    assert not (tmp_path / "new").exists()
    assert restored(tmp_path, "old").verified.head == main_of(tmp_path / "old")


def test_the_only_copy_is_from_before_an_act_that_this_computer_knows(
    copies: School, tmp_path: Path
) -> None:
    memory = Memory(tmp_path / "memory")
    verify(copies.root, now=LATER, anchors=[copies.fingerprint], memory=memory)
    done = restored(tmp_path, "old", memory=memory)
    told = {each.code.name for each in done.verified.findings}
    assert (done.is_good, told >= {"COPY_OF_A_DATE", "COPY_BEFORE_ACT"}) == (False, True)


def test_healing_takes_nothing_destroyed_from_an_old_mirror(copies: School, tmp_path: Path) -> None:
    root, wanted = copies.root, needles(tmp_path / "old")
    mirrors.add(root, "usb", str(tmp_path / "old"), "RU", allowed=("RU",))
    (usb,) = (each for each in list_remotes(root) if each.name == "usb")
    note_confirmed(root, usb, main_of(tmp_path / "old"))
    lose(root / ".git", f"main:{OTHER}")
    healed = heal(root, now=LATER)
    assert (healed.head, healed.dropped) == (copies.head, ())
    refs = read_refs(root / ".git", root / ".git").ids
    assert refs["refs/remotes/usb/main"] == git(root, "rev-parse", "main~2").strip()
    assert search([root], wanted) == ()

    git(root, "fetch", "-q", str(tmp_path / "old"), "main")  # plain git, by a careless hand
    assert search([root], wanted)
    assert "DESTROYED_PRESENT" in copies.codes()
    assert heal(root, now=LATER).purged
    assert search([root], wanted) == ()
    assert not heal(root, now=LATER).purged
