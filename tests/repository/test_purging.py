"""What was destroyed by law is in no corner of the folder afterwards, and nothing else has gone."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from papka.repository import dot_papka, unfinished_work
from papka.repository.byte_search import find_in, needle_object, needle_text, search
from papka.repository.derived_store import DerivedStore
from papka.repository.purging import (
    Destroyed,
    PurgeIncomplete,
    find_strays,
    find_unreachable,
    purge_own,
    purge_store,
    read_destroyed,
)
from papka.repository.runner import Ran, run_git
from papka.repository.store import locate
from tests.support.destroying import put_act
from tests.support.histories import OTHER, RECORD, School, git
from tests.support.made_once import MadeOnce

GONE, STAYS = RECORD.rpartition("/")[0], OTHER.rpartition("/")[0]
PHOTO = f"{STAYS}/attachments/photo.jpg"
FACT = needle_text("факт", "Пропадалкин")
ACT = "records/acts/1/act.yaml"


def destroy(school: School) -> str:
    """An act over one personal file and one photo; main has it, nothing is purged yet.

    Return the last commit before it.
    """
    school.save({RECORD: "name: Пропадалкин\n".encode()}, late=61)
    school.save({PHOTO: "снимок: Пропадалкин\n".encode()}, late=62)
    old = school.head
    put_act(school, [GONE, PHOTO])
    return old


def litter(root: Path, old: str) -> None:
    """What work leaves in all corners of an archive."""
    git(root, "update-ref", "refs/remotes/hub/main", old)
    git(root, "tag", "old", f"{old}~1")
    git(root, "branch", "aside", old)
    git(root, "tag", "first", "main~5")
    git(root, "update-ref", "ORIG_HEAD", old)
    git(root, "pack-refs", "--all")
    git(root, "repack", "-adq")
    (pack,) = (root / ".git/objects/pack").glob("*.pack")
    pack.with_suffix(".keep").touch()
    secret = "Пропадалкин 2025-0001".encode()
    for name in ("COMMIT_EDITMSG", "MERGE_MSG", "rr-cache/a/preimage", "gitk.cache"):
        put(root / ".git" / name, secret)
    for name in ("objects/tmp_objdir-incoming-x/ab/cd", "objects/pack/tmp_pack_x"):
        put(root / ".git" / name, secret)
    for name in ("print/dossier/a", "damaged/2026/objects/a", "restored/tip.txt", "unseen"):
        put(root / ".papka" / name, secret)
    put(root / ".papka/drafts/1/records/students/2025/2025-0001/exit.yaml", b"a: 1\n")
    put(root / ".papka/drafts/2/records/orders/2026/1-l.yaml", b"a: 1\n")
    dot_papka.write(root, ".papka/begun/aa", secret)
    dot_papka.write(root, ".papka/begun/bb", b"2025-0002")
    unfinished_work.keep_note(root, b"destroy", secret)
    put(root / GONE / ".student.yaml.swp", secret)
    put(root / GONE / "notes" / "мои.txt", secret)
    put(root / f"{STAYS}/attachments/photo.jpg~", secret)
    put(root / "print/2025-0001.pdf", b"x")
    put(root / "print/sheet.csv", secret)
    put(root / "print/other.pdf", b"x")
    put(root / "print/personal-file-2025-0002.pdf", b"x")  # the photo may be on it


def put(file: Path, data: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)


def files(root: Path) -> set[str]:
    """Every file of the folder but git's objects."""
    found = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    return {path for path in found if not path.startswith((".git/objects", ".git/index"))}


@pytest.fixture
def destroyed(school: School, made_once: MadeOnce, tmp_path: Path) -> School:
    def work() -> None:
        litter(school.root, destroy(school))
        (school.root / OTHER).write_bytes(b"id: 2025-0002\nmine: unsaved\n")
        put(school.root / f"{STAYS}/attachments/scan.jpg", b"unsaved too")

    made_once.make("littered", tmp_path, ("archive",), work)
    return school


def test_no_corner_keeps_it_and_nothing_else_goes(destroyed: School) -> None:
    root = destroyed.root
    fact = git(root, "rev-parse", f"aside:{RECORD}").strip()
    assert read_destroyed(root) == Destroyed(frozenset({1}), (GONE, PHOTO))
    told = find_strays(root)
    assert [line.split()[3] for line in told] == [
        "refs/heads/aside,",
        "refs/tags/old,",
    ]
    before = files(root)
    main = destroyed.head
    store = DerivedStore(root)
    store.keep("sort", {"2026-0001": b""})
    with unfinished_work.hold_archive(root):
        unfinished_work.begin_purging(root, 1, {"refs/tags/old": f"{main}"}, (b"destroy",))
        purged = unfinished_work.settle_purging(root)
    assert purged is not None
    assert store.recall("sort") == {}
    kept_note = unfinished_work.find_note(root, b"destroy")
    assert kept_note is not None
    unfinished_work.drop_note(root, b"destroy")
    hits = search([root], [*FACT, *needle_object(fact)])
    assert hits == ()
    assert destroyed.head == main
    refs = dict(line.split()[::-1] for line in git(root, "show-ref").splitlines())
    assert refs.keys() == {"refs/heads/main", "refs/tags/first", "refs/tags/old"}
    assert refs["refs/tags/old"] == main
    stays = {
        OTHER, f"{STAYS}/attachments/scan.jpg", "print/other.pdf", ".papka/begun/bb",
        ".papka/drafts/2/records/orders/2026/1-l.yaml", ACT, ".git/config", f"{STAYS}/.salt",
    }  # fmt: skip
    after = files(root)
    assert stays <= after
    assert after <= before | {".git/packed-refs", ".git/refs/tags/old", ".papka/lock"}
    assert not (root / GONE).exists()
    assert set(purged.files) >= {".papka/print", "print/2025-0001.pdf", "print/sheet.csv"}
    assert (root / OTHER).read_bytes() == b"id: 2025-0002\nmine: unsaved\n"
    status = git(root, "status", "--porcelain", "-uall").split("\n")
    assert status == [f" M {OTHER}", "?? print/other.pdf", f"?? {STAYS}/attachments/scan.jpg", ""]
    assert find_strays(root) == ()
    with unfinished_work.hold_archive(root):
        purge_own(root)  # once more: nothing is left to do, nothing is lost
    assert files(root) == after - {".papka/names.json"}


def test_papers_and_notes_about_what_is_gone() -> None:
    """A paper goes with its person, a note about other work on the same folder stays."""
    gone = Destroyed(
        frozenset({1}),
        ("records/orders/2026/0009", "records/students/2020/2020-0007", PHOTO),
    )
    papers = ("2026/0009", "2020-0007", "2025-0002")
    notes = ("2026/0009", "2020-0007", PHOTO)
    assert [find_in(word.encode(), gone.in_papers) for word in papers] == [{"упоминание"}] * 3
    assert [find_in(word.encode(), gone.in_notes) for word in notes] == [{"упоминание"}] * 3
    assert not find_in(b"2025-0002 2026/0008 2020-0008", gone.in_notes)
    taken = (
        "records/orders/2026/0009.yaml", "records/orders/2026/0009.pdf", f"{PHOTO}~",
        "records/students/2020/2020-0007/results/2019-1.yaml", PHOTO,
    )  # fmt: skip
    assert all(gone.takes(path) for path in taken)
    kept = ("records/orders/2026/00091.yaml", OTHER, "records/students/2020/2020-00071/a.yaml")
    assert not any(gone.takes(path) for path in kept)


def test_killed_purge_is_ended_by_the_next_command(destroyed: School) -> None:
    """Even one killed before main moved, whose note then is nothing to act on."""
    root = destroyed.root
    unfinished_work.begin_purging(root, 2)  # an act that main never got
    with unfinished_work.hold_archive(root):
        assert search([root], FACT)
    unfinished_work.begin_purging(root, 1)
    shutil.rmtree(root / ".git/logs")  # what it was doing when it was killed
    (root / ".git/index").unlink()
    with unfinished_work.hold_archive(root):
        assert not search([root], FACT)
        assert unfinished_work.settle_purging(root) is None


def test_object_that_stays_is_told(destroyed: School, monkeypatch: pytest.MonkeyPatch) -> None:
    """A purge never says it is done while anything is left."""
    root = destroyed.root

    def without_pruning(*words: str, **more: object) -> Ran:
        asked = ("version",) if words[0] == "prune" else words
        return run_git(*asked, **more)  # type: ignore[arg-type]  # handed on

    (root / "loose").write_bytes("Пропадалкин ещё раз".encode())
    git(root, "hash-object", "-w", "loose")
    monkeypatch.setattr("papka.repository.purging.run_git", without_pruning)
    with pytest.raises(PurgeIncomplete, match=r"осталось лишнее: 1\sобъект"):
        purge_store(locate(root))
    monkeypatch.undo()
    purge_store(locate(root))
    assert find_unreachable(locate(root)) == frozenset()


def test_stash_and_second_folder_are_told_beforehand(school: School, tmp_path: Path) -> None:
    (school.root / OTHER).write_bytes(b"id: 2025-0002\nmine: 1\n")
    git(school.root, "stash", "-q")
    git(school.root, "worktree", "add", "-q", str(tmp_path / "second"), "HEAD~1")
    told = find_strays(school.root)
    assert len(told) == 2
    assert "git stash" in told[0]
    assert str(tmp_path / "second") in told[1]
