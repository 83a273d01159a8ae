"""A store whose files lead git elsewhere than to the commit that verify looks at."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from papka.proof.verification import verify
from tests.support.histories import NOW, RECORD, School, git

EVIL = b"id: 2025-0001\nsex: forged\n"


@pytest.fixture
def evil(school: School) -> str:
    """An unsigned child of main that changes a record; main is left where it was."""
    good = school.head
    made = school.forge({RECORD: EVIL}, sign=None)
    git(school.root, "update-ref", "refs/heads/main", good)
    assert school.codes() == []
    return made


def main_as_git_sees_it(school: School) -> str:
    return git(school.root, "rev-parse", "refs/heads/main").strip()


@pytest.mark.parametrize("head", ["{evil}", "ref: refs/heads/evil", "ref: refs/heads/main2", ""])
def test_head_that_is_not_on_main(head: str, school: School, evil: str) -> None:
    (school.root / ".git" / "HEAD").write_text(head.format(evil=evil) + "\n")
    found = school.verify().findings
    assert [f.code.name for f in found] == ["HEAD_ELSEWHERE"]
    assert "git checkout main" in found[0].hint


def test_head_that_is_a_link(school: School, evil: str) -> None:
    (school.root / ".git" / "refs" / "heads" / "x").write_text(f"{evil}\n")
    (school.root / ".git" / "HEAD").unlink()
    (school.root / ".git" / "HEAD").symlink_to("refs/heads/x")
    assert "HEAD_ELSEWHERE" in school.codes()


def test_symbolic_ref_shadows_the_packed_main(school: School, evil: str) -> None:
    git(school.root, "pack-refs", "--all")
    git(school.root, "update-ref", "refs/remotes/server/old", evil)
    main = school.root / ".git" / "refs" / "heads" / "main"
    main.write_text("ref: refs/remotes/server/old\n")
    assert main_as_git_sees_it(school) == evil
    assert school.codes() == ["REF_DAMAGED"]


def test_link_shadows_the_packed_main(school: School, evil: str) -> None:
    git(school.root, "pack-refs", "--all")
    git(school.root, "update-ref", "refs/remotes/server/old", evil)
    main = school.root / ".git" / "refs" / "heads" / "main"
    main.symlink_to("refs/remotes/server/old")
    assert main_as_git_sees_it(school) == evil
    assert school.codes() == ["REF_DAMAGED"]


def test_folder_of_refs_behind_a_link(school: School, evil: str, tmp_path: Path) -> None:
    git(school.root, "pack-refs", "--all")
    heads = school.root / ".git" / "refs" / "heads"
    heads.rename(tmp_path / "heads")
    heads.symlink_to(tmp_path / "heads")
    (tmp_path / "heads" / "main").write_text(f"{evil}\n")
    assert main_as_git_sees_it(school) == evil
    assert school.codes() == ["REF_DAMAGED"]


def test_main_twice_among_the_packed_refs(school: School, evil: str) -> None:
    git(school.root, "pack-refs", "--all")
    with (school.root / ".git" / "packed-refs").open("a") as packed:
        packed.write(f"{evil} refs/heads/main\n")
    assert school.codes() == ["REF_DAMAGED"]


def test_packed_ref_parted_by_a_tab(school: School, evil: str) -> None:
    git(school.root, "pack-refs", "--all")
    packed = school.root / ".git" / "packed-refs"
    packed.write_text(f"{evil}\trefs/heads/main\n")
    assert main_as_git_sees_it(school) == evil
    assert school.codes() == ["REF_DAMAGED"]


def test_refs_kept_in_another_store_by_configuration(school: School) -> None:
    with (school.root / ".git" / "config").open("a") as config:
        config.write("[extensions] refStorage = reftable\n")
    assert school.codes() == ["REF_DAMAGED"]


def test_head_of_a_remote_may_be_symbolic(school: School) -> None:
    git(school.root, "update-ref", "refs/remotes/hub/main", school.head)
    git(school.root, "symbolic-ref", "refs/remotes/hub/HEAD", "refs/remotes/hub/main")
    assert school.codes() == []


def test_commondir_that_leads_to_other_refs(school: School, evil: str) -> None:
    own = school.root / ".git"
    (own / "evil" / "refs" / "heads").mkdir(parents=True)
    (own / "evil" / "refs" / "heads" / "main").write_text(f"{evil}\n")
    shutil.copytree(own / "objects", own / "evil" / "objects")
    shutil.copy(own / "config", own / "evil" / "config")
    (own / "commondir").write_text("evil\n")
    assert main_as_git_sees_it(school) == evil
    found = school.verify()
    assert found.head == evil
    assert {"REPO_COMMONDIR", "SIG_MISSING"} <= {f.code.name for f in found.findings}


def test_linked_work_tree_is_honest(school: School, tmp_path: Path) -> None:
    """There commondir is where it belongs; a main among its own refs means nothing to git."""
    git(school.root, "checkout", "-q", "--detach")
    git(school.root, "worktree", "add", "-q", str(tmp_path / "second"), "main")
    own = school.root / ".git" / "worktrees" / "second"
    (own / "refs" / "heads").mkdir(parents=True)
    (own / "refs" / "heads" / "main").write_text("ab" * 20 + "\n")
    found = verify(tmp_path / "second", now=NOW, anchors=[school.fingerprint])
    assert [f.code.name for f in found.findings if f.severity > 1] == []
    assert found.head == school.head


@pytest.mark.parametrize("part", ["pack", "info", "fan-out", "loose", "each"])
def test_objects_borrowed_through_links_inside(part: str, school: School, tmp_path: Path) -> None:
    objects = school.root / ".git" / "objects"
    (objects / "info").mkdir(exist_ok=True)
    fan_out = next(folder for folder in sorted(objects.iterdir()) if len(folder.name) == 2)
    moved = {
        "pack": [objects / "pack"],
        "info": [objects / "info"],
        "fan-out": [fan_out],
        "loose": [next(fan_out.iterdir())],
        "each": list(objects.iterdir()),
    }[part]
    for at, path in enumerate(moved):
        path.rename(tmp_path / f"elsewhere{at}")
        path.symlink_to(tmp_path / f"elsewhere{at}")
    assert git(school.root, "fsck", "--full").strip() == ""
    assert school.codes() == ["REPO_ALTERNATES"]


def test_pack_borrowed_through_a_link(school: School, tmp_path: Path) -> None:
    git(school.root, "gc", "-q", "--prune=now")
    for path in sorted((school.root / ".git" / "objects" / "pack").iterdir()):
        path.rename(tmp_path / path.name)
        path.symlink_to(tmp_path / path.name)
    assert school.codes() == ["REPO_ALTERNATES"]


def test_partial_clone_told_on_one_line(school: School) -> None:
    with (school.root / ".git" / "config").open("a") as config:
        config.write('[remote "x"] promisor = true\n')
    assert school.codes() == ["REPO_PARTIAL"]


def test_folder_of_all_refs_behind_a_link(school: School, tmp_path: Path) -> None:
    refs = school.root / ".git" / "refs"
    refs.rename(tmp_path / "refs")
    refs.symlink_to(tmp_path / "refs")
    assert main_as_git_sees_it(school) == school.head
    assert school.codes() == ["REF_DAMAGED"]


@pytest.mark.parametrize("kind", ["pipe", "link"])
def test_packed_refs_that_are_no_file(kind: str, school: School, tmp_path: Path) -> None:
    """git waits for a pipe for ever, and reads through a link what lies elsewhere."""
    packed = school.root / ".git" / "packed-refs"
    (tmp_path / "elsewhere").write_text(f"{school.head} refs/tags/x\n")
    if kind == "pipe":
        os.mkfifo(packed)
    else:
        packed.symlink_to(tmp_path / "elsewhere")
    assert "REF_DAMAGED" in school.codes()


@pytest.mark.parametrize(
    "name",
    ["loose", "pack", "idx", "info/commit-graph", "info/commit-graphs/commit-graph-chain",
     "pack/multi-pack-index"],
)  # fmt: skip
def test_pipe_among_the_objects_stops_nothing(name: str, school: School) -> None:
    """Whoever opens it waits for ever: it is told before git is asked."""
    objects = school.root / ".git" / "objects"
    if name in ("pack", "idx"):
        git(school.root, "gc", "-q", "--prune=now")
        file = next((objects / "pack").glob(f"*.{name}"))
    elif name == "loose":
        file = min(path for path in objects.glob("??/*") if path.is_file())
    else:
        file = objects / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    found = school.verify().findings
    assert [f.code.name for f in found] == ["REPO_ALTERNATES"]
    assert file.relative_to(objects.parent).as_posix() in found[0].message
