"""Commits, trees and what changed: our bytes are git's bytes, and a race loses nothing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.core.errors import ChangedMeanwhile, NotFound, Refused
from papka.core.places import SALT_BYTES, TEXT, seal_file
from papka.proof.clean_room import resolve_in
from papka.repository import commit_snapshots, commit_writing, handle, points
from papka.repository.commit_writing import build_trees
from papka.repository.git_values import (
    EMPTY_TREE,
    FILE,
    TREE,
    GitPerson,
    Malformed,
    TreeEntry,
    compose_commit,
    compose_tree,
    object_id,
    parse_commit,
    parse_tree,
)
from papka.repository.store import locate, observe
from tests.support.counting import git_started
from tests.support.histories import NOW, OTHER, RECORD, School, git, salt_of

WHO = GitPerson("s001", "s001@papka.invalid", 1_700_000_000, "+0300")
IDS = st.binary(min_size=20, max_size=20).map(bytes.hex)
SALTS = salt_of(RECORD), salt_of(OTHER)
NAMES = st.text(st.characters(exclude_characters="\0/", codec="utf-8"), min_size=1, max_size=6)


@given(
    tree=IDS,
    parents=st.lists(IDS, max_size=2),
    message=st.text(),
    signature=st.none() | st.just("-----BEGIN\n\na\n-----END\n"),
)
def test_composed_commit_parses_back(
    tree: str, parents: list[str], message: str, signature: str | None
) -> None:
    raw = compose_commit(tree, parents, WHO, WHO, message, signature)
    found = parse_commit("x", raw)
    assert (found.tree, found.parents, found.message) == (tree, tuple(parents), message)
    assert (found.author, found.signature, found.unexpected) == (WHO, signature, ())
    assert found.signed_payload == compose_commit(tree, parents, WHO, WHO, message)


_SOUND = compose_commit("1" * 40, ["2" * 40], WHO, WHO, "Правка\n", "-----BEGIN\n\na\n-----END\n")


@given(at=st.integers(0, len(_SOUND)), cut=st.integers(0, 60), put=st.binary(max_size=60))
def test_any_bytes_are_a_commit_or_malformed(at: int, cut: int, put: bytes) -> None:
    """What was signed is all of it but the signature, or a forger adds what nobody signed."""
    raw = _SOUND[:at] + put + _SOUND[at + cut :]
    try:
        found = parse_commit("x", raw)
    except Malformed:
        return
    if found.signature is None:
        assert found.signed_payload == raw
    assert found.signed_payload.endswith(raw.partition(b"\n\n")[2])


@given(st.lists(st.tuples(NAMES, IDS), max_size=3), st.binary(max_size=30))
def test_any_bytes_are_a_tree_or_malformed(entries: list[tuple[str, str]], more: bytes) -> None:
    """No byte of it is passed over."""
    sound = compose_tree(TreeEntry(FILE, name, id_) for name, id_ in entries)
    for raw in (sound, sound + more):
        try:
            found = parse_tree(raw)
        except Malformed:
            assert raw != sound
            continue
        lines = (f"{each.mode} {each.name}\0".encode("utf-8", "surrogateescape") for each in found)
        ids = (bytes.fromhex(each.id) for each in found)
        assert b"".join(b"".join(pair) for pair in zip(lines, ids, strict=True)) == raw


@given(st.dictionaries(NAMES, st.tuples(st.sampled_from([FILE, TREE]), IDS), max_size=8))
def test_composed_tree_parses_back(entries: dict[str, tuple[str, str]]) -> None:
    given_ = [TreeEntry(mode, name, id_) for name, (mode, id_) in entries.items()]
    raw = compose_tree(given_)
    assert sorted(parse_tree(raw), key=lambda e: e.name) == sorted(given_, key=lambda e: e.name)
    assert compose_tree(parse_tree(raw)) == raw


def test_trees_are_the_ones_git_makes(school: School) -> None:
    """Names that sort differently as files and as folders."""
    files = {"a.b": b"1", "a/x": b"2", "a-b/y": b"3", "a0": b"4", "б/я": b"5"}
    ids = {path: (FILE, object_id("blob", data)) for path, data in files.items()}
    tree, made = build_trees(school.root, None, ids)
    objects = [("blob", data) for data in files.values()] + [("tree", raw) for raw in made]
    commit_writing.write_objects(school.root, objects)
    git(school.root, "read-tree", "--empty")
    for path, (_, id_) in ids.items():
        git(school.root, "update-index", "--add", "--cacheinfo", f"100644,{id_},{path}")
    assert git(school.root, "write-tree").strip() == tree


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ({RECORD: None}, {*SALTS, OTHER}),
        ({RECORD: None, OTHER: None, **dict.fromkeys(SALTS)}, set()),
        ({"records/students/2025/2025-0001": b"now a file"}, {OTHER, SALTS[1]}),
        ({f"{OTHER}/deeper": b"now a folder", OTHER: None}, {*SALTS, RECORD, f"{OTHER}/deeper"}),
        ({"records/students/2025/none.yaml": None}, {*SALTS, RECORD, OTHER}),
    ],
)
def test_folders_appear_and_vanish(
    changes: Mapping[str, bytes | None], left: set[str], school: School
) -> None:
    start = commit_snapshots.CommitSnapshot(school.root, "HEAD").paths()
    school.forge({**changes, "new.txt": b"x"}, sign=None)
    now = commit_snapshots.CommitSnapshot(school.root, "HEAD").paths()
    kept = {path for path in start if not path.startswith("records/students/")}
    added = {path for path, data in changes.items() if data is not None}
    assert set(now) == kept | left | added | {"new.txt"}
    assert git(school.root, "fsck", "--strict", "--no-dangling") == ""


def test_everything_taken_away_leaves_the_empty_tree(school: School) -> None:
    paths = commit_snapshots.CommitSnapshot(school.root, "HEAD").paths()
    base = git(school.root, "rev-parse", "HEAD^{tree}").strip()
    assert build_trees(school.root, base, dict.fromkeys(paths)) == (EMPTY_TREE, [b""])


@pytest.mark.parametrize(
    "path", ["../x", "/x", "a//b", "a/./b", ".git/config", "a/.GIT/x", "", "a\0b"]
)
def test_path_out_of_the_archive(path: str, school: School) -> None:
    with pytest.raises(Refused):
        build_trees(school.root, None, {path: (FILE, "0" * 40)})


def test_file_and_folder_of_one_name(school: School) -> None:
    blob = (FILE, object_id("blob", b""))
    with pytest.raises(Refused):
        build_trees(school.root, None, {"a": blob, "a/b": blob})


def test_commit_moves_only_from_what_was_seen(school: School) -> None:
    seen = school.head
    school.save({RECORD: b"first\n"}, late=70)
    before = school.head
    with pytest.raises(ChangedMeanwhile):
        commit_writing.commit(
            school.root, {OTHER: b"second\n"}, "Правка", author="s003", now=NOW,
            sign=school.signer("s003").sign, expected_parent=seen,
        )  # fmt: skip
    assert school.head == before


def test_first_commit_does_not_replace_a_history(school: School) -> None:
    before = school.head
    with pytest.raises(ChangedMeanwhile):
        commit_writing.commit(
            school.root, {OTHER: b"second\n"}, "Начало", author="s003", now=NOW,
            sign=school.signer("s003").sign, expected_parent=None,
        )  # fmt: skip
    assert school.head == before


def test_nothing_to_commit(school: School) -> None:
    data = commit_snapshots.CommitSnapshot(school.root, "HEAD").read(RECORD)
    with pytest.raises(Refused):
        school.save({RECORD: data})


def test_time_never_goes_back(school: School) -> None:
    school.save({RECORD: b"x: 1\n"}, late=500)
    school.save({RECORD: b"x: 2\n"}, late=0)
    made = commit_snapshots.read_commit(school.root, "HEAD")
    assert made.committer.time == int((NOW + timedelta(seconds=500)).timestamp())
    assert made.committer.offset == "+0300"


def test_clock_far_behind_is_refused(school: School) -> None:
    school.save({RECORD: b"x: 1\n"}, late=700)
    before = school.head
    with pytest.raises(Refused, match="часы"):
        school.save({RECORD: b"x: 2\n"}, late=60)
    assert school.head == before


def test_broken_index_does_not_undo_a_commit(school: School) -> None:
    (school.root / ".git" / "index").write_bytes(b"garbage")
    made = school.save({RECORD: b"x: 1\n"}, late=70)
    assert school.head == made
    assert school.codes() == []


def test_lost_index_is_made_anew(school: School) -> None:
    (school.root / ".git" / "index").unlink()
    school.save({RECORD: b"x: 1\n"}, late=70)
    assert commit_snapshots.worktree_changes(school.root) == ()


def test_many_files_are_one_pack(school: School) -> None:
    files = {
        f"records/students/2025/2025-{n:04}/student.yaml": b"%d\n" % n for n in range(9000, 9300)
    }
    files |= {salt_of(path): data.rjust(SALT_BYTES) for path, data in files.items()}
    school.save(files, late=70)
    assert len(list((school.root / ".git" / "objects" / "pack").glob("*.pack"))) == 1
    assert git(school.root, "status", "--short") == ""
    assert school.codes() == []


def test_worktree_changes_tell_new_changed_and_deleted(school: School) -> None:
    (school.root / RECORD).write_text("x\n")
    (school.root / OTHER).unlink()
    (school.root / "records" / "ё.yaml").write_text("x\n")
    (school.root / "records" / "x.tmp").write_text("ignored")
    assert commit_snapshots.worktree_changes(school.root) == (
        (RECORD, "changed"),
        (OTHER, "deleted"),
        ("records/ё.yaml", "added"),
    )


def test_worktree_changes_of_an_archive_named_from_where_one_stands(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(school.root.parent)
    (school.root / ".gitignore").write_text("*.tmp\n")
    (school.root / "records" / "ё.yaml").write_text("x\n")
    found = commit_snapshots.worktree_changes(Path(school.root.name))
    assert ("records/ё.yaml", "added") in found


def test_folder_is_walked_by_two_processes_of_git(school: School) -> None:
    (school.root / RECORD).write_text("x\n")
    with git_started() as started:
        assert commit_snapshots.worktree_changes(school.root) == ((RECORD, "changed"),)
    assert [words.split()[0] for words in started] == ["ls-files", "diff-index"]


@pytest.mark.parametrize("hidden", ["--intent-to-add", "--assume-unchanged", "--skip-worktree"])
def test_new_file_that_the_index_half_knows_is_told(school: School, hidden: str) -> None:
    path = "records/ё.yaml"
    (school.root / path).write_text("x\n")
    git(school.root, "add", *([hidden, path] if hidden == "--intent-to-add" else [path]))
    if hidden != "--intent-to-add":
        git(school.root, "update-index", hidden, path)
    assert commit_snapshots.worktree_changes(school.root) == ((path, "added"),)


def test_file_in_the_middle_of_a_merge_is_compared_with_the_last_commit(school: School) -> None:
    ours = git(school.root, "rev-parse", f"HEAD:{RECORD}").strip()
    theirs = git(school.root, "rev-parse", f"HEAD:{OTHER}").strip()
    given = "".join(f"100644 {id_} {at}\t{RECORD}\n" for at, id_ in ((2, ours), (3, theirs)))
    git(school.root, "update-index", "--force-remove", RECORD)
    git(school.root, "update-index", "--index-info", given=given)
    assert commit_snapshots.worktree_changes(school.root) == ()
    (school.root / RECORD).write_text("<<<<<<<\n")
    assert commit_snapshots.worktree_changes(school.root) == ((RECORD, "changed"),)


def test_everything_is_new_before_the_first_commit(tmp_path: Path) -> None:
    handle.init(tmp_path)
    (tmp_path / "a").write_text("x")
    (tmp_path / "b").write_text("x")
    git(tmp_path, "add", "b")
    assert commit_snapshots.worktree_changes(tmp_path) == (("a", "added"), ("b", "added"))


def test_copied_folder_is_compared_once_and_then_known(
    school: School, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commit_snapshots, "_STALE", 1)
    for path in (RECORD, OTHER):
        os.utime(school.root / path, (1, 1))
    assert commit_snapshots.worktree_changes(school.root) == ()
    monkeypatch.setattr(commit_snapshots, "_compare", None)
    assert commit_snapshots.worktree_changes(school.root) == ()


def test_index_that_knows_nothing_is_no_change(school: School) -> None:
    git(school.root, "read-tree", "--empty")
    assert commit_snapshots.worktree_changes(school.root) == ()


def test_staged_and_then_reverted_is_no_change(school: School) -> None:
    data = (school.root / RECORD).read_bytes()
    (school.root / RECORD).write_text("x\n")
    git(school.root, "add", RECORD)
    (school.root / RECORD).write_bytes(data)
    assert commit_snapshots.worktree_changes(school.root) == ()


def test_filter_in_the_configuration_is_not_run(school: School, tmp_path: Path) -> None:
    mark, program = tmp_path / "executed", tmp_path / "evil"
    program.write_text(f"#!/bin/sh\ntouch {mark}\ncat\n")
    program.chmod(0o755)
    for key in ("filter.a=b.clean", "filter.x.process", "core.fsmonitor"):
        with (school.root / ".git" / "config").open("a") as config:
            section, _, name = key.rpartition(".")
            group, _, sub = section.partition(".")
            config.write(f'[{group} "{sub}"]\n' if sub else f"[{group}]\n")
            config.write(f"\t{name} = {program}\n")
    (school.root / ".git" / "info").mkdir(exist_ok=True)
    (school.root / ".git" / "info" / "attributes").write_text("*.yaml filter=x\n*.md filter=a=b\n")
    os.utime(school.root / RECORD, (1, 1))
    (school.root / OTHER).write_text("id: 2025-0003\n")
    assert commit_snapshots.worktree_changes(school.root) == ((OTHER, "changed"),)
    assert not mark.exists()


def test_changed_paths_between_commits(school: School) -> None:
    first = git(school.root, "rev-parse", "HEAD~2").strip()
    found = commit_snapshots.changed_paths(school.root, first, "HEAD")
    assert [(c.path, c.added, c.deleted) for c in found] == [
        (path, True, False) for path in sorted((RECORD, OTHER, *SALTS))
    ]
    whole = commit_snapshots.changed_paths(school.root, None, "HEAD")
    assert (
        tuple(c.path for c in whole) == commit_snapshots.CommitSnapshot(school.root, "HEAD").paths()
    )


@pytest.mark.parametrize(
    "rev",
    ["--help", "--output=x", "", "HEAD~99", "nothing", "HEAD:records", "HEAD..main", "a b",
     "HEAD^{/x}", ":/x", "@{u}", "HEAD\n", "-"],
)  # fmt: skip
def test_revision_that_names_nothing(rev: str, school: School) -> None:
    with pytest.raises(NotFound):
        commit_snapshots.CommitSnapshot(school.root, rev)


@pytest.mark.parametrize("rev", ["HEAD", "main", "HEAD~1", "HEAD^", "main~2", "refs/heads/main"])
def test_revision_that_names_a_commit(rev: str, school: School) -> None:
    assert points.resolve(school.root, rev) == git(school.root, "rev-parse", rev).strip()


def test_point_in_history_is_named_alike_in_an_archive_and_in_a_suspect_store(
    school: School,
) -> None:
    """A branch, a mirror's branch, a seal's number, each with steps back; zeros are no commit."""
    first = school.head
    seal = f"papka-seal v1\nhead: sha1:{first}\n".encode()
    last = school.save({seal_file(1, TEXT): seal}, "s001", late=90)
    git(school.root, "update-ref", "refs/remotes/origin/main", "HEAD~1")
    git(school.root, "branch", "aside", "HEAD~2")
    store = locate(school.root)
    for point, steps in {
        "HEAD": 0, "main": 0, last[:7]: 0, "HEAD~1": 1, "HEAD^": 1, "origin/main": 1, "0001": 1,
        first[:12]: 1, "aside": 2, "0001~1": 2, f"{last}~2": 2,
    }.items():  # fmt: skip
        expected = git(school.root, "rev-parse", f"HEAD~{steps}").strip()
        assert points.resolve(school.root, point) == expected, point
        assert resolve_in(store, observe(store), point) == expected, point
    for point in ("0000", "0" * 40, "0002", "elsewhere", "-h", "@{u}"):
        with pytest.raises(NotFound):
            points.resolve(school.root, point)
        with pytest.raises(NotFound):
            resolve_in(store, observe(store), point)


def test_revision_by_short_id(school: School) -> None:
    assert points.resolve(school.root, school.head[:12]) == school.head
