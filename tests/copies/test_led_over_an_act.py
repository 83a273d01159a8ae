"""A copy that lacks an act of destruction is led over it and loses only what is destroyed."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.copies import mirrors
from papka.core.errors import Refused
from papka.repository import unfinished_work
from papka.repository.byte_search import Needle, needle_object, needle_text, search
from tests.support.clones import CLERK, HEAD, TEACHER, Clone, Shared, share, shared_in
from tests.support.histories import git, main_of
from tests.support.lawful_act import GONE, NAME, begin_the_doomed, destroy
from tests.support.made_once import MadeOnce
from tests.support.school import STUDENT, Archive

CARD = f"{STUDENT}/student.yaml"


@pytest.fixture
def shared(archive: Archive, made_once: MadeOnce, tmp_path: Path) -> Shared:
    """A primary, and the head's copy in `head`: one more student and the order to destroy that
    file, all sent."""

    def work() -> None:
        clone = share(archive, tmp_path).clone(tmp_path / "head", HEAD)
        begin_the_doomed(clone)
        assert mirrors.push(clone.root).is_good

    made_once.make("doomed", tmp_path, ("archive", "keys", "primary.git", "head"), work)
    return shared_in(tmp_path)


@pytest.fixture
def head(shared: Shared, tmp_path: Path) -> Clone:
    assert shared.store.is_dir()
    return Clone(tmp_path / "head", HEAD)


def needles(clone: Clone) -> tuple[Needle, ...]:
    id_ = git(clone.root, "rev-parse", f"HEAD:{GONE}/student.yaml").strip()
    return (*needle_text("имя", NAME), *needle_object(id_))


def purge(clone: Clone, act: int = 1) -> None:
    with unfinished_work.hold_archive(clone.root):
        unfinished_work.begin_purging(clone.root, act)
        assert unfinished_work.settle_purging(clone.root) is not None


def test_stale_copy_follows_and_keeps_its_own_work(
    head: Clone, shared: Shared, tmp_path: Path
) -> None:
    wanted = needles(head)
    stale, edited = (shared.clone(tmp_path / name, who) for name, who in
                     (("stale", TEACHER), ("edited", CLERK)))  # fmt: skip
    stale.write(CARD, stale.read(CARD) + "# неотправленное\n")
    stale.save()
    stale.write(f"{STUDENT}/consents.yaml", stale.read(f"{STUDENT}/consents.yaml") + "# правка\n")
    edited.write(f"{GONE}/student.yaml", edited.read(f"{GONE}/student.yaml") + "# ещё правка\n")
    destroy(head, [GONE])
    assert head.grave() == ["DESTROYED_PRESENT"]
    assert mirrors.push(head.root).is_good
    purge(head)
    assert head.grave() == []
    assert search([head.root, shared.store], wanted) == ()

    refused = mirrors.push(stale.root).outcomes[0]
    assert "акт об уничтожении № 1 исполнен на зеркале" in refused.reason
    done = stale.sync()
    assert not done.is_stopped, done
    assert (done.kind, done.act, done.unsent, done.replayed) == ("diverged", 1, 1, 1)
    assert stale.head == main_of(shared.store)
    assert "# неотправленное" in stale.read(CARD)
    assert "# правка" in stale.read(f"{STUDENT}/consents.yaml")
    assert [path for path, _ in stale.unsaved()] == [f"{STUDENT}/consents.yaml"]
    assert not stale.path(GONE).exists()
    assert search([stale.root, shared.store], wanted) == ()
    assert stale.grave() == []

    stopped = edited.sync()
    assert [each.path for each in stopped.conflicts] == [f"{GONE}/student.yaml"]
    assert stopped.conflicts[0].theirs == "уничтожено по акту"
    assert edited.head != head.head
    git(edited.root, "checkout", "-q", "--", GONE)
    assert edited.sync().act == 1
    assert search([edited.root], wanted) == ()
    assert head.sync().kind == "behind"
    assert head.grave() == []


def test_witness_of_what_an_act_left_out(head: Clone, shared: Shared, tmp_path: Path) -> None:
    """The head drops another's commit and puts an act on what is left: a stale copy refuses."""
    other = shared.clone(tmp_path / "other", TEACHER)
    other.write(CARD, other.read(CARD) + "# неудобное\n")
    other.save()
    assert mirrors.push(other.root).is_good
    destroy(head, [GONE])  # on a history that never had it
    git(head.root, "push", "-q", str(shared.store), "main:aside")
    git(shared.store, "update-ref", "refs/heads/main", head.head)
    assert main_of(shared.store) == head.head
    before = other.head
    with pytest.raises(Refused, match="историю переписали"):
        other.sync()
    late = shared.clone(tmp_path / "late", CLERK)
    git(late.root, "fetch", "-q", str(other.root), "main")
    git(late.root, "reset", "-q", "--hard", "FETCH_HEAD")  # it has what was dropped, and no note
    assert [who for _, who in late.sync().foreign] == [TEACHER]
    assert (other.head, late.head) == (before, before)


def test_act_made_while_others_saved(head: Clone, shared: Shared, tmp_path: Path) -> None:
    """Neither the act nor what came meanwhile is lost: the head is told to begin again."""
    other = shared.clone(tmp_path / "other", TEACHER)
    other.write(CARD, other.read(CARD) + "# пока исполняли акт\n")
    other.save()
    destroy(head, [GONE])
    made = head.head
    assert mirrors.push(other.root).is_good
    refused = mirrors.push(head.root).outcomes[0]
    assert refused.sent == "refused"
    with pytest.raises(Refused, match="исполняли акт об уничтожении № 1"):
        head.sync()
    assert (head.head, main_of(shared.store)) == (made, other.head)


def test_killed_between_main_and_purge(head: Clone, shared: Shared, tmp_path: Path,
                                       monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    """The next command of a copy that was led over ends the purge, whatever it is."""
    wanted = needles(head)
    stale = shared.clone(tmp_path / "stale", TEACHER)
    destroy(head, [GONE])
    assert mirrors.push(head.root).is_good

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("papka.repository.purging.purge_own", killed)
    with pytest.raises(KeyboardInterrupt):
        stale.sync()
    monkeypatch.undo()
    assert stale.head == head.head
    assert search([stale.root], wanted)
    stale.write(CARD, stale.read(CARD) + "# дальше\n")
    stale.save()
    assert search([stale.root], wanted) == ()
