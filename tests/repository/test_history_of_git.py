"""One small history asked in every way: what was saved, by whom, when, what each commit holds."""

from __future__ import annotations

import datetime as dt
import os
import zlib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from papka.copies.salvage import Lost, all_commits, present_commits, reach
from papka.core.errors import ChangedMeanwhile, GitFailed, NotFound, Refused
from papka.proof.clean_room import CleanRoom, clean_room
from papka.proof.history_reading import (
    check_after,
    count_surplus,
    files_before,
    files_near,
    read_new_commits,
    walk,
)
from papka.repository import (
    commit_snapshots,
    commit_writing,
    history,
    points,
    store,
    unfinished_work,
    worktree,
)
from papka.repository.commit_snapshots import CommitTree
from papka.repository.commit_writing import build_trees
from papka.repository.git_values import (
    EXECUTABLE,
    FILE,
    LINK,
    MAIN,
    TREE,
    FileChange,
    ObjectFault,
    TrackedFile,
    TreeEntry,
    compose_tree,
    object_id,
)
from papka.repository.objects import FEW, Objects
from papka.repository.store import STORE_ID, borrow_objects, give_id, locate, store_id
from tests.support.counting import git_started
from tests.support.histories import NOW, OTHER, RECORD, School, copy_school, git, salt_of

ONE, TWO = RECORD.rpartition("/")[0], OTHER.rpartition("/")[0]
CREDITS = f"{ONE}/credits.yaml"


@pytest.fixture(scope="module")
def told(honest_school: School, tmp_path_factory: pytest.TempPathFactory) -> School:
    """Six commits; the last three: a file comes, goes, and a program comes. Only read."""
    school = copy_school(honest_school, tmp_path_factory.mktemp("told"))
    school.save({CREDITS: b"c: 1\n"}, late=100)
    school.save({CREDITS: None, OTHER: b"id: 2025-0002\nsex: y\n"}, late=86_500)
    school.forge(
        {"tools/x.sh": b"#!\n", "tools/link": b"x.sh"}, sign=school.signer("s001").sign, by="s001",
        modes={"tools/x.sh": EXECUTABLE, "tools/link": LINK}, late=86_600,
    )  # fmt: skip
    return school


@pytest.fixture(scope="module")
def ids(told: School) -> list[str]:
    """All commits, the first one first."""
    return git(told.root, "rev-list", "--reverse", "HEAD").split()


# reading


def test_where_a_history_begins_and_ends(told: School, ids: list[str], tmp_path: Path) -> None:
    assert commit_snapshots.head(told.root) == commit_snapshots.head(told.root, "HEAD~0") == ids[-1]
    assert commit_snapshots.head(told.root, "refs/heads/none") is None
    assert commit_snapshots.first_commit(told.root, "HEAD") == ids[0]
    assert commit_snapshots.commits_back(told.root, ids[-1], 2) == (ids[-1], ids[-2])
    assert commit_snapshots.read_commit(told.root, "HEAD~1").id == ids[-2]
    assert history.commits_up_to(told.root, ids[2]) == tuple(ids[:3])
    assert history.commits_up_to(told.root, "9" * 40) == ()
    assert history.commits_between(told.root, ids[1], ids[4]) == tuple(ids[2:5])
    assert history.commits_between(told.root, ids[3], ids[3]) == ()
    assert history.commits_between(told.root, ids[4], ids[1]) is None
    assert history.commits_between(told.root, "9" * 40, ids[1]) is None
    noted = store.noted_heads(told.root / ".git")
    assert noted == tuple(reversed(ids[:-1]))  # a forger leaves no note
    assert store.noted_heads(tmp_path) == ()


def test_what_a_commit_holds(told: School, ids: list[str]) -> None:
    found = commit_snapshots.CommitSnapshot(told.root, "HEAD")
    assert found.paths() == (
        ".gitattributes", ".gitignore", "records/organization.yaml", salt_of(RECORD), RECORD,
        salt_of(OTHER), OTHER, "records/trust/allowed_signers", "tools/x.sh",
    )  # fmt: skip
    assert found.entries["tools/x.sh"] == TrackedFile(EXECUTABLE, object_id("blob", b"#!\n"))
    assert found.read(RECORD) == b"id: 2025-0001\nsex: x\n"
    asked = [OTHER, RECORD, OTHER]
    assert [path for path, _ in found.read_many(asked)] == asked
    assert dict(found.read_many(asked))[OTHER] == b"id: 2025-0002\nsex: y\n"
    for act in (lambda: found.read("none"), lambda: list(found.read_many(["none"]))):
        with pytest.raises(KeyError):
            act()
    below = dict(commit_snapshots.list_tracked(told.root, ids[-1], ["tools"]))
    assert {path: file.mode for path, file in below.items()} == {
        "tools/link": LINK, "tools/x.sh": EXECUTABLE,
    }  # fmt: skip


def test_what_differs_between_two_commits(told: School, ids: list[str]) -> None:
    changes = {c.path: (c.added, c.deleted, c.new_mode) for c in
               commit_snapshots.changed_paths(told.root, ids[3], ids[5])}  # fmt: skip
    assert changes == {
        CREDITS: (False, True, ""), OTHER: (False, False, FILE),
        "tools/link": (True, False, LINK), "tools/x.sh": (True, False, EXECUTABLE),
    }  # fmt: skip
    assert all(c.added for c in commit_snapshots.changed_paths(told.root, None, ids[0]))
    assert commit_snapshots.changed_paths(told.root, ids[2], ids[2]) == ()


def test_one_commit_folder_by_folder(told: School, ids: list[str]) -> None:
    tree = CommitTree(told.root, "HEAD")
    assert (tree.commit, tree.state.id, tree.commit_of(ids[0]).parents) == (ids[-1], ids[-1], ())
    assert tree.names("tools") == ("link", "x.sh")
    assert tree.below("tools") == ("tools/x.sh",)
    assert tree.below(ONE) == (salt_of(RECORD), RECORD)
    for nothing in ("none", "tools/x.sh", "tools/link", "tools/x.sh/y"):
        assert tree.names(nothing) == tree.below(nothing) == ()
    assert tree.id_of("tools/x.sh") == object_id("blob", b"#!\n")
    assert tree.id_of(ONE) == git(told.root, "rev-parse", f"HEAD:{ONE}").strip()
    assert tree.id_of("none") is None
    assert tree.read(RECORD) == b"id: 2025-0001\nsex: x\n"
    assert list(tree.read_many(["tools/x.sh"])) == [("tools/x.sh", b"#!\n")]
    for path in ("tools/link", "tools", "none"):
        with pytest.raises(KeyError):
            tree.read(path)


def test_a_commit_through_a_few_folders(told: School, ids: list[str]) -> None:
    seen = commit_snapshots.NarrowSnapshot(told.root, ids[3], [ONE])
    assert seen.paths() == (
        ".gitattributes", ".gitignore", "records/organization.yaml", salt_of(RECORD), CREDITS,
        RECORD, OTHER, "records/trust/allowed_signers",
    )  # fmt: skip
    assert seen.read(CREDITS) == b"c: 1\n"
    assert seen.read(OTHER) == b"id: 2025-0002\n"
    assert seen.read(salt_of(OTHER)) == bytes([1]) * 32
    assert [path for path, _ in seen.read_many([OTHER, RECORD])] == [OTHER, RECORD]
    for path in (f"{ONE}/none.yaml", "none", "a\nb", TWO):
        with pytest.raises(KeyError):
            seen.read(path)
    assert commit_snapshots.CommitTree(told.root, ids[3]).names(ONE) == (
        ".salt",
        "credits.yaml",
        "student.yaml",
    )
    assert (
        commit_snapshots.CommitTree(told.root, ids[3]).names(RECORD)
        == commit_snapshots.CommitTree(told.root, ids[3]).names("x")
        == ()
    )
    assert commit_snapshots.blob_at(told.root, ids[3], CREDITS) == b"c: 1\n"
    assert commit_snapshots.blob_at(told.root, ids[4], CREDITS) is None
    assert commit_snapshots.blob_at(told.root, ids[4], ONE) is None


def test_the_history_of_one_path(told: School, ids: list[str]) -> None:
    found = [(each.commit.id, each.data) for each in history.versions(told.root, CREDITS)]
    assert found == [(ids[4], None), (ids[3], b"c: 1\n")]
    assert [e.commit.id for e in history.versions(told.root, OTHER, ids[3])] == [ids[1]]
    assert [e.data for e in history.versions(told.root, ONE)] == [None] * 4
    assert history.count_since(told.root, ids[1], ids[4]) == 3
    assert history.count_since(told.root, ids[2]) == 3
    assert history.count_since(told.root, ids[4], ids[1]) is None
    assert history.last_change(told.root, OTHER) == ids[4]
    assert history.last_change(told.root, OTHER, ids[3]) == ids[1]
    assert history.last_change(told.root, "none") is None
    assert history.newest_change(told.root, [RECORD, CREDITS], ids[3]) == ids[3]
    assert history.newest_change(told.root, ["none"], ids[3]) is None


def test_the_newest_change_of_many_papers_in_one_walk(told: School, ids: list[str]) -> None:
    newest = history.LastChanges(told.root, ids[-1])
    assert newest.change([RECORD]) == ids[2]
    assert newest.change([ONE]) == ids[4]
    assert newest.change([OTHER, RECORD]) == ids[4]
    assert newest.change(["none"]) is None
    assert newest.change(["records"]) == ids[4]
    assert newest.change(["tools/link", OTHER]) == ids[5]
    touched = history.touched_between(told.root, ids[2], ids[4])
    assert set(touched or ()) == {
        CREDITS, OTHER, ONE, TWO, "records/students/2025", "records/students", "records",
    }  # fmt: skip
    assert history.touched_between(told.root, ids[2], ids[2]) == frozenset()
    assert history.touched_between(told.root, ids[2], "9" * 40) is None


def test_the_days_of_a_history(told: School, ids: list[str]) -> None:
    day = NOW.date()
    assert history.day_of(told.root, ids[3]) == day
    assert history.day_of(told.root, "HEAD") == day + timedelta(days=1)
    assert history.first_day_after(told.root, None) == day
    assert history.first_day_after(told.root, ids[3]) == day + timedelta(days=1)
    assert history.first_day_after(told.root, ids[5]) is None
    moment = NOW.replace(tzinfo=None)
    assert history.commit_before(told.root, ids[-1], moment) == ids[0]
    assert history.commit_before(told.root, ids[-1], moment - timedelta(seconds=1)) is None
    assert history.commit_before(told.root, ids[-1], moment + timedelta(seconds=100)) == ids[3]
    assert history.commit_before(told.root, ids[-1], moment + dt.timedelta(days=9)) == ids[5]


@pytest.mark.parametrize("count", [1, FEW, FEW + 1])
def test_objects_few_and_many_come_in_the_order_asked(count: int, told: School) -> None:
    objects = Objects(told.root)
    blob = object_id("blob", b"#!\n")
    asked = [blob if at % 2 else "9" * 40 for at in range(count)]
    assert list(objects.find_many(asked)) == [
        ("blob", b"#!\n") if at % 2 else None for at in range(count)
    ]
    assert list(objects.read_many([blob] * count)) == [(blob, "blob", b"#!\n")] * count
    with pytest.raises(KeyError):
        list(objects.read_many([blob] * (count - 1) + ["9" * 40]))
    assert objects.read(blob) == ("blob", b"#!\n")
    with pytest.raises(KeyError):
        objects.read("9" * 40)


def test_points_that_name_nothing_say_so(told: School) -> None:
    with pytest.raises(NotFound) as missing:
        points.resolve(told.root, "луна")
    assert missing.value.message == "Сохранения «луна» в истории архива нет"
    assert missing.value.next_step == (
        "Назовите номер сохранения (git log --oneline), ветвь, HEAD~1 или номер пломбы (0002)"
    )
    with pytest.raises(NotFound) as missing:
        points.resolve(told.root, "0007~1")
    assert missing.value.message == "Пломбы № 0007 в архиве нет"
    zeros = {"0000": True, "0" * 40: True, "000": False, "0" * 41: False, "0001": False}
    assert {point: points.is_nothing(point) for point in zeros} == zeros


# what a push brings


def test_only_the_folders_that_a_change_touches_are_listed(told: School, ids: list[str]) -> None:
    changes = commit_snapshots.changed_paths(told.root, ids[2], ids[3])
    with clean_room(locate(told.root)) as room:
        near = files_near(room, ids[3], changes)
        whole = room.files(ids[3])
        assert set(whole) - set(near) == {salt_of(OTHER)}
        assert near[OTHER] == TrackedFile(FILE, "")
        assert near[CREDITS] == whole[CREDITS]
        common = commit_snapshots.changed_paths(told.root, ids[4], ids[5])
        assert files_near(room, ids[5], common) == room.files(ids[5])
        salted = FileChange(salt_of(RECORD), "", FILE, "", "1" * 40)
        assert files_near(room, ids[3], [salted]) == whole
        gone = FileChange(salt_of(RECORD), FILE, "", "1" * 40, "")
        assert files_near(room, ids[3], [gone]) == near
        assert files_before(whole, changes) == room.files(ids[2])
        later = commit_snapshots.changed_paths(told.root, ids[3], ids[4])
        assert files_before(room.files(ids[4]), later) == whole
        assert [each.id for each in read_new_commits(room, ids[2], ids[5]) or ()] == ids[2:]
        assert [each.id for each in read_new_commits(room, ids[2], ids[2]) or ()] == [ids[2]]
        assert read_new_commits(room, ids[5], ids[2]) is None
        assert read_new_commits(room, ids[2], "9" * 40) is None
        assert room.sizes([object_id("blob", b"#!\n"), "9" * 40]) == {object_id("blob", b"#!\n"): 3}
        assert room.sizes([]) == {}
        assert sorted(room.names(ids[3], "")) == [".gitattributes", ".gitignore", "records"]
        assert room.names(ids[3], f"{ONE}/") == [".salt", "credits.yaml", "student.yaml"]
        assert room.likely_commits([ids[3]]) == ids[3::-1]
        assert room.likely_commits(["9" * 40]) == []


def test_trees_compared_pair_by_pair_and_around_a_lost_one(school: School) -> None:
    made = git(school.root, "rev-list", "--reverse", "HEAD").split()
    trees = [school.tree(each) for each in made]
    pairs = [(trees[0], trees[1]), (trees[1], trees[1]), (trees[1], trees[2]), (trees[2], trees[1])]
    with clean_room(locate(school.root)) as room:
        whole = [sorted(c.path for c in each or ()) for each in room.changes(pairs)]
        assert whole == [
            sorted((RECORD, OTHER, salt_of(RECORD), salt_of(OTHER))),
            [],
            [RECORD],
            [RECORD],
        ]
        lost = [*pairs[:2], (trees[1], "9" * 40), *pairs[1:]]
        found = [
            None if each is None else sorted(c.path for c in each) for each in room.changes(lost)
        ]
        assert found == [whole[0], [], None, [], [RECORD], [RECORD]]
        assert list(room.changes([])) == []
        assert list(room.changes([("9" * 40, trees[0])])) == [None]


def test_a_room_sees_the_objects_of_a_folder_with_any_name(tmp_path: Path) -> None:
    odd = tmp_path / 'a "b"\n\\c é~\x7f'
    borrow_objects(tmp_path / "room", odd, tmp_path)
    lines = (tmp_path / "room/objects/info/alternates").read_bytes().splitlines()
    base = str(tmp_path.resolve()).encode()
    assert lines == [
        b'"' + base + rb"/a \"b\"\012\\c \303\251~\177" + b'"', b'"' + base + b'"',
    ]  # fmt: skip
    assert (tmp_path / "room/HEAD").read_text() == f"ref: {MAIN}\n"
    assert git(tmp_path / "room", "rev-parse", "--is-bare-repository").strip() == "true"
    assert (tmp_path / "room/refs/heads").is_dir()


def test_ignored_paths_by_the_archives_own_rules(told: School) -> None:
    with clean_room(locate(told.root)) as room:
        rules = {".gitignore": b"*.tmp\n/x/\n", "a/.gitignore": b"!keep.tmp\n"}
        asked = ["a.tmp", "a/b.tmp", "a/keep.tmp", "x/y", "z/x/y", "я.tmp"]
        assert room.ignored(asked, rules) == {"a.tmp", "a/b.tmp", "x/y", "я.tmp"}
        assert room.ignored(asked, {".gitignore": b""}) == room.ignored([], rules) == set()


# what is new since a commit, hashed


def bent(school: School, entries: list[TreeEntry], raw: bytes | None = None) -> list[ObjectFault]:
    start = school.head
    tree = compose_tree(entries) if raw is None else raw
    top = [TreeEntry(TREE, "t", object_id("tree", tree))]
    data = compose_tree(top)
    made = school.raw(start).replace(school.tree(start).encode(), object_id("tree", data).encode())
    made = made.replace(b"\nauthor", f"\nparent {start}\nauthor".encode(), 1)
    commit_writing.write_objects(school.root, [("tree", data), ("commit", made), ("blob", b"b")])
    place = school.root / ".git/objects" / object_id("tree", tree)[:2]
    place.mkdir(exist_ok=True)
    (place / object_id("tree", tree)[2:]).write_bytes(
        zlib.compress(b"tree %d\0" % len(tree) + tree)
    )
    with clean_room(locate(school.root)) as room:
        return [
            each for each in check_after(room, start, object_id("commit", made))[1]
            if each.id == object_id("tree", tree)
        ]  # fmt: skip


def test_a_tree_that_two_programs_read_differently(school: School) -> None:
    blob = object_id("blob", b"b")
    bad = "дерево записано не так, как пишет git"

    def raw(*lines: tuple[str, str]) -> bytes:
        return b"".join(f"{mode} {name}\0".encode() + bytes.fromhex(blob) for mode, name in lines)

    assert bent(school, [TreeEntry(FILE, "a", blob), TreeEntry(EXECUTABLE, "b", blob)]) == []
    for lines in (
        [("100664", "a")], [(FILE, "b"), (FILE, "a")], [(FILE, "a"), (FILE, "a")],
        [(FILE, ".")], [(FILE, "..")], [("0100644", "a")],
    ):  # fmt: skip
        [fault] = bent(school, [], raw(*lines))
        assert (fault.kind, fault.detail) == ("corrupt", bad), lines


def test_what_is_new_is_counted_and_hashed(school: School) -> None:
    start = school.head
    made = school.save({RECORD: b"x: 1\n"}, late=100)
    with clean_room(locate(school.root)) as room:
        count, faults = check_after(room, start, made)
        assert (count, faults) == (1 + 5 + 1, [])
        assert check_after(room, made, made) == (0, [])
    blob = object_id("blob", b"x: 1\n")
    (school.root / ".git/objects" / blob[:2] / blob[2:]).unlink()
    with clean_room(locate(school.root)) as room:
        assert check_after(room, start, made)[1] == [
            ObjectFault("missing", blob, "его нет или он повреждён")
        ]
        lost = reach(room.folder, made).lost
        assert lost == (Lost(blob, "blob", made, RECORD),)
        assert present_commits(room.folder, [made, start, blob, "9" * 40]) == {made, start}
        walked = walk(room, made)
        assert [each.id for each in walked.commits][-1] == made


def test_every_commit_of_a_store_with_its_parents(told: School, ids: list[str]) -> None:
    found = all_commits(told.root)
    assert {id_: found[id_] for id_ in ids} == {
        id_: (ids[at - 1],) if at else () for at, id_ in enumerate(ids)
    }


def test_objects_that_nobody_needs_are_surplus(school: School, tmp_path: Path) -> None:
    start = school.head
    made = school.save({RECORD: b"x: 1\n"}, late=100)
    held = tmp_path / "held.git"
    git(tmp_path, "init", "-q", "--bare", str(held))
    ids_ = git(school.root, "rev-list", "--objects", "--no-object-names", made, f"^{start}").split()
    for each in ids_:
        file = school.root / ".git/objects" / each[:2] / each[2:]
        (held / "objects" / each[:2]).mkdir(exist_ok=True)
        file.rename(held / "objects" / each[:2] / each[2:])
    store = locate(school.root)
    (tmp_path / "room").mkdir()
    borrow_objects(tmp_path / "room", held / "objects", store.objects)
    room = CleanRoom(tmp_path / "room")
    assert count_surplus(room, store, held / "objects", start, made) == 0
    commit_writing.write_objects(held, [("blob", b"more"), ("blob", b"id: 2025-0002\n")])
    assert count_surplus(room, store, held / "objects", start, made) == 1


def test_a_store_has_one_name_of_its_own(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "--bare", "a.git")
    store = locate(tmp_path / "a.git")
    assert store_id(store.common) == ""
    made = give_id(store)
    assert len(made) == 32
    assert give_id(store) == store_id(store.common) == made
    (store.common / STORE_ID).write_text("x" * 32)
    assert store_id(store.common) == ""


# writing


def commit(school: School, changes: Mapping[str, bytes | None], **more: object) -> str:
    settings = {
        "author": "s003", "now": NOW + timedelta(seconds=100), "message": "Правка",
        "sign": school.signer("s003").sign, "expected_parent": school.head, **more,
    }  # fmt: skip
    message = settings.pop("message")
    return commit_writing.commit(school.root, changes, message, **settings)  # type: ignore[arg-type] # as each test says


def test_a_commit_says_who_when_and_why_and_so_does_the_log(school: School) -> None:
    made = commit(school, {RECORD: b"x: 1\n"}, message="Первая\n\nвторая")
    found = commit_snapshots.read_commit(school.root, made)
    assert found.message == "Первая\n\nвторая\n"
    assert str(found.author) == str(found.committer)
    assert str(found.author) == f"s003 <s003@papka.invalid> {int(NOW.timestamp()) + 100} +0300"
    shown = git(school.root, "log", "-g", "-1", "--format=%H %gn %ge %gs", "--date=raw", "main")
    assert shown.strip() == f"{made} s003 s003@papka.invalid Первая"
    again = commit(school, {RECORD: b"x: 2\n"}, message="Точка\n")
    assert commit_snapshots.read_commit(school.root, again).message == "Точка\n"
    assert git(school.root, "status", "--porcelain", "--untracked-files=no").split() == [
        "M",
        RECORD,
    ]


def test_a_replayed_commit_keeps_its_authors_time(school: School) -> None:
    start = school.head
    first = commit_snapshots.read_commit(school.root, "HEAD").author
    later = commit(school, {OTHER: b"y: 1\n"}, now=NOW + timedelta(seconds=400))
    made = commit_writing.store_commit(
        school.root, {RECORD: b"x: 1\n"}, "x", author="s003", now=NOW + timedelta(seconds=100),
        sign=school.signer("s003").sign, parent=start, written=first, after=later,
        modes={RECORD: EXECUTABLE},
    )  # fmt: skip
    found = commit_snapshots.read_commit(school.root, made.id)
    assert (found.author, found.parents) == (first, (start,))
    assert found.committer.time == int(NOW.timestamp()) + 400
    assert (made.committer, made.subject) == (found.committer, "x")
    assert made.entries == {RECORD: (EXECUTABLE, object_id("blob", b"x: 1\n"))}
    assert commit_snapshots.head(school.root) == later
    with pytest.raises(ChangedMeanwhile) as changed:
        commit_writing.publish_commit(school.root, made, start)
    assert (
        changed.value.message == "Пока шла работа, архив изменил кто-то другой; ничего не записано"
    )
    commit_writing.publish_commit(school.root, made, None, ref="refs/heads/aside")
    assert git(school.root, "rev-parse", "refs/heads/aside").strip() == made.id


@pytest.mark.parametrize(("behind", "refused"), [(600, False), (601, True)])
def test_how_far_a_clock_may_be_behind(school: School, *, behind: int, refused: bool) -> None:
    last = commit_snapshots.read_commit(school.root, "HEAD")
    now = datetime.fromtimestamp(last.committer.time - behind, NOW.tzinfo)
    if not refused:
        assert commit_writing.person_now("s003", now, last).time == last.committer.time
        return
    with pytest.raises(Refused) as caught:
        commit_writing.person_now("s003", now, last)
    assert caught.value.message.startswith("Последнее сохранение архива сделано «в будущем»")
    assert caught.value.next_step.endswith("papka trust accept HEAD --code TIME_FUTURE")
    with pytest.raises(ValueError, match=r"^now has no time zone$"):
        commit_writing.person_now("s003", now.replace(tzinfo=None), last)
    odd = now.replace(tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=30, seconds=7)))
    assert commit_writing.person_now("s003", odd, None).offset == "+0530"


def test_nothing_to_save_says_so(school: School) -> None:
    with pytest.raises(
        Refused, match=r"^Сохранять нечего: файлы такие же, как в последнем сохранении$"
    ):
        commit(school, {"none": None})


@pytest.mark.parametrize(("count", "packs"), [(100, 0), (101, 1)])
def test_few_objects_lie_loose_and_many_in_a_pack(count: int, packs: int, school: School) -> None:
    commit_writing.write_objects(school.root, [("blob", b"%d" % at) for at in range(count)] * 2)
    folder = school.root / ".git/objects/pack"
    assert len(list(folder.glob("*.pack"))) == packs
    commit_writing.write_objects(school.root, [])
    stored = git(school.root, "cat-file", "blob", object_id("blob", b"%d" % (count - 1)))
    assert stored == str(count - 1)


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="names of handles")
def test_objects_reach_the_disk_before_the_branch_and_both_with_their_names(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    root = (school.root / ".git").resolve()

    def synced(handle: int) -> None:
        place = Path(f"/proc/self/fd/{handle}").readlink()
        name = place.relative_to(root).as_posix() if place.is_relative_to(root) else place.name
        told.append(f"{name} {commit_snapshots.head(school.root) == seen}")

    seen = school.head
    monkeypatch.setattr(os, "fsync", synced)
    commit(school, {RECORD: b"x: 1\n"})
    assert told[-1] == "refs/heads False"
    assert told[-2] == "objects True"
    assert all(each.startswith("objects/") and each.endswith("True") for each in told[:-2])
    assert len(told) > 3


def test_what_is_remembered_of_history_is_what_walking_it_tells(school: School) -> None:
    folder, other = RECORD.rpartition("/")[0], f"{RECORD.rpartition('/')[0]}/consents.yaml"

    def recalled() -> tuple[str, dict[str, str]]:
        past = history.RememberedHistory(school.root, CommitTree(school.root, "HEAD"))
        return past.first, past.last_changes_in(folder)

    def walked() -> tuple[str, dict[str, str]]:
        found = history.last_changes_in(school.root, folder, school.head)
        first = commit_snapshots.first_commit(school.root, "HEAD")
        return first, {path: id_ for path, id_ in found.items() if path.startswith(f"{folder}/")}

    assert recalled() == walked()
    school.save({RECORD: b"x: 1\n", other: b"x: 1\n"}, late=70)
    school.save({OTHER: b"x: 1\n"}, late=80)
    with git_started() as started:
        found = recalled()
    assert found == walked()
    assert [words.split()[0] for words in started if "cat-file" not in words] == []
    school.save({RECORD: b"x: 2\n", other: None}, late=90)
    assert recalled() == walked()
    git(school.root, "reset", "-q", "--hard", "HEAD~1")
    assert recalled() == walked()
    school.save({RECORD: b"x: 3\n"}, late=95)
    assert recalled() == walked()


def test_a_branch_that_git_will_not_move_is_no_race(school: School) -> None:
    head = school.head
    who = commit_writing.person_now("s003", NOW, None)
    with pytest.raises(GitFailed, match=r"^git update-ref: "):
        commit_writing.move_branch(school.root, MAIN, "9" * 40, head, who, "x")
    with pytest.raises(ChangedMeanwhile):
        commit_writing.move_branch(school.root, MAIN, head, "8" * 40, who, "x")
    assert school.head == head


def test_paths_that_no_archive_holds_are_named(school: School) -> None:
    blob = (FILE, "1" * 40)
    for path in ("a/../b", "/a", "a//b", ".GIT", "a/.git/b", "a\0b", ""):
        with pytest.raises(Refused) as refused:
            build_trees(school.root, None, {path: blob})
        assert refused.value.message == f"Недопустимый путь: {path!r}"
        assert refused.value.next_step == "Переименуйте файл или папку"
    with pytest.raises(Refused) as refused:
        build_trees(school.root, None, {"x/a": blob, "x/a/b/c": blob})
    assert refused.value.message == "«a» — и файл, и папка сразу"
    assert refused.value.next_step == "Переименуйте одно из двух"
    tree, _ = build_trees(school.root, None, {"x/a": blob, "x/a/b/c": None})
    assert build_trees(school.root, None, {"x/a": blob})[0] == tree


def test_a_folder_that_stands_elsewhere_is_not_saved(school: School) -> None:
    commit_snapshots.require_main(school.root)
    for name in ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"):
        (school.root / ".git" / name).touch()
        with pytest.raises(Refused) as refused:
            commit_snapshots.require_main(school.root)
        assert refused.value.message == f"В архиве не закончено действие git ({name})"
        assert "git rebase --abort" in refused.value.next_step
        (school.root / ".git" / name).unlink()
    git(school.root, "checkout", "-q", "--detach")
    with pytest.raises(Refused) as refused:
        commit_snapshots.require_main(school.root)
    assert refused.value.message == (
        "Папка показывает не последнее сохранение архива, а что-то другое (HEAD не на main)"
    )
    assert refused.value.next_step == (
        "Отложите несохранённые правки в сторону и вернитесь: git checkout main"
    )


def test_files_that_differ_from_the_last_commit(school: School) -> None:
    root = school.root
    (root / RECORD).write_bytes(b"other\n")
    (root / OTHER).unlink()
    worktree.write(root, "records/new.yaml", b"x")
    worktree.write(root, "records/x.tmp", b"x")
    worktree.write(root, "note.txt", b"x")
    (root / ".git/info").mkdir(exist_ok=True)
    (root / ".git/info/exclude").write_text("new.yaml\nnote.txt\n")
    git(root, "add", "-f", "note.txt")
    due = (
        ("note.txt", "added"), ("records/new.yaml", "added"), (RECORD, "changed"),
        (OTHER, "deleted"),
    )  # fmt: skip
    assert commit_snapshots.worktree_changes(root) == due
    git(root, "update-index", "--assume-unchanged", RECORD)
    assert commit_snapshots.worktree_changes(root) == due
    git(root, "rm", "-q", "--cached", RECORD)
    assert commit_snapshots.worktree_changes(root) == due
    git(root, "config", "filter.x.clean", "evil")
    git(root, "config", "filter.x.required", "true")
    git(root, "config", "core.filter", "x")
    assert commit_snapshots.without_filters(root) == {
        "GIT_CONFIG_COUNT": "2", "GIT_CONFIG_KEY_0": "filter.x.clean", "GIT_CONFIG_VALUE_0": "",
        "GIT_CONFIG_KEY_1": "filter.x.required", "GIT_CONFIG_VALUE_1": "false",
    }  # fmt: skip
    assert commit_snapshots.worktree_changes(root) == due


# a note of what is being written


def note(root: Path, *parts: str) -> None:
    worktree.write(root, ".papka/writing", "\0".join(parts).encode())


def test_a_note_that_is_none_of_ours_changes_nothing(school: School) -> None:
    seen = school.head
    made = commit_writing.store_commit(
        school.root, {RECORD: b"x: 1\n"}, "x", author="s003", now=NOW + timedelta(seconds=100),
        sign=school.signer("s003").sign, parent=seen,
    ).id  # fmt: skip
    (school.root / RECORD).write_bytes(b"x: 1\n")
    worktree.write(school.root, ".papka/.papka-left", b"x")
    aside = school.forge({OTHER: b"x"}, sign=None, parents=())
    (school.root / ".git/refs/heads/main").write_text(f"{seen}\n")
    bad = [
        (made[:-1], seen, RECORD), (made, seen[:-1], RECORD), (made,), (made, seen, ".git/config"),
        (made, seen, RECORD, "../x"), (made, seen, "a/.PAPKA/x"), (made, seen, "a\nb"),
        (made, seen, RECORD, ""), (made, made, RECORD), ("9" * 40, seen, RECORD),
        (aside, seen, RECORD),
    ]  # fmt: skip
    for parts in bad:
        note(school.root, *parts)
        assert unfinished_work.is_writing_left(school.root)
        assert unfinished_work.settle_writing(school.root) == 0, parts
        assert not unfinished_work.is_writing_left(school.root)
        assert (school.root / RECORD).read_bytes() == b"x: 1\n"
    assert not (school.root / ".papka/.papka-left").exists()
    unfinished_work.begin_writing(school.root, made, seen, [RECORD, OTHER])
    assert unfinished_work.settle_writing(school.root) == 1
    assert (school.root / RECORD).read_bytes() == b"id: 2025-0001\nsex: x\n"
    assert unfinished_work.settle_writing(school.root) == 0


def test_only_what_lies_as_it_was_saved_may_be_written_over(school: School) -> None:
    (school.root / OTHER).write_bytes(b"edited")
    asked = [RECORD, OTHER, "records/none.yaml", salt_of(RECORD)]
    (school.root / salt_of(RECORD)).unlink()
    assert unfinished_work.list_unchanged_since(school.root, school.head, asked) == [
        RECORD,
        "records/none.yaml",
    ]
