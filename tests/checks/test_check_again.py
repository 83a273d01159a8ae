"""A check of a folder with what is kept of it says what one without says, and reads less."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from papka.checks.checking import Checked, Step, check
from papka.core.findings import Finding
from papka.core.snapshot import Snapshot
from papka.records.archive import Archive, load
from papka.records.schemas import SchemaSet
from papka.records.student import iterate_texts
from papka.repository.derived_store import DerivedStore
from papka.repository.pruning import prune_leftovers
from papka.repository.worktree import WorktreeSnapshot
from tests.support.archives import lay_sample
from tests.support.command import papka
from tests.support.histories import git

DAY = dt.date(2027, 6, 30)
COMPARED = {"2025-0007", "2025-0008"}
"""Whose names and days of birth are alike: they are read whenever anything is."""
CARD = "records/students/2026/2026-0001/student.yaml"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample school, saved and checked once; what is kept of it lies beside."""
    root = lay_sample(tmp_path_factory.mktemp("school"))
    git(root, "init", "-q", "-b", "main")
    (root / ".gitignore").write_text(f".papka/\n{CARD.replace('student', 'extra')}\n")
    keep_all(root)
    with pytest.MonkeyPatch.context() as patch:
        keep_beside(root, patch)
        check(root, DAY, DerivedStore(root))
    return root


def keep_beside(root: Path, patch: pytest.MonkeyPatch) -> None:
    for name in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        patch.setenv(name, str(root.parent / name))


@pytest.fixture
def root(school: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The school; put back afterwards."""
    keep_beside(school, monkeypatch)
    start = git(school, "rev-parse", "HEAD").strip()
    yield school
    git(school, "update-index", "--no-assume-unchanged", CARD)
    git(school, "reset", "-q", "--hard", start)
    git(school, "clean", "-qfdx", "records")


def keep_all(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "x")


def edit(root: Path, path: str, old: str, new: str) -> None:
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new, 1))


def said(checked: Checked) -> tuple[object, ...]:
    explained = checked.explained.findings if checked.explained else ()
    return checked.findings, checked.files, checked.students, bool(explained) and explained


def check_both(root: Path, day: dt.date = DAY) -> Checked:
    """Check twice with what is kept and once without: all say the same."""
    store = DerivedStore(root)
    ways = [check(root, day, store), check(root, day, store), check(root, day)]
    assert said(ways[0])[:3] == said(ways[1])[:3] == said(ways[2])[:3]
    return ways[0]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The personal folders of which a file was read."""
    found: set[str] = set()
    read_one, read_many = WorktreeSnapshot.read, WorktreeSnapshot.read_many

    def note(path: str) -> str:
        if path.startswith("records/students/"):
            found.add(path.split("/")[3])
        return path

    monkeypatch.setattr(WorktreeSnapshot, "read", lambda self, path: read_one(self, note(path)))
    monkeypatch.setattr(
        WorktreeSnapshot, "read_many", lambda self, paths: read_many(self, map(note, paths))
    )
    return found


def test_only_what_changed_is_read_again(root: Path, read: set[str]) -> None:
    store = DerivedStore(root)
    assert check(root, DAY, store).findings == ()
    assert read == set()
    edit(root, CARD, "sex: мужской", "# x\nsex: мужской")
    assert check(root, DAY, store).findings == ()
    assert read == {"2026-0001", *COMPARED}
    read.clear()
    keep_all(root)
    assert check(root, DAY, store).findings == ()
    assert read == {"2026-0001", *COMPARED}
    read.clear()
    (root / ".papka/names.json").unlink()
    assert check(root, DAY, store).findings == ()
    assert (root / ".papka/names.json").exists()
    assert read == COMPARED


def test_a_new_order_has_those_read_whom_it_names(root: Path, read: set[str]) -> None:
    order = root / "records/orders/2026/0012.yaml"
    text = order.read_text().replace("number: 11-к", "number: 99-к")
    order.with_name("0099.yaml").write_text(text.replace("2026-0001#e1", "2026-0001#e77"))
    found = check(root, DAY, DerivedStore(root))
    assert "REF_UNKNOWN_STUDENT" in {one.code.name for one in found.findings}
    assert "2026-0001" in read
    assert "2022-0001" not in read
    check_both(root)
    keep_all(root)
    assert "REF_UNKNOWN_STUDENT" in {one.code.name for one in check_both(root).findings}


@pytest.mark.parametrize("is_saved", [False, True])
def test_a_fault_is_found_each_time(root: Path, *, is_saved: bool) -> None:
    edit(root, CARD, "birth_date: 20", "birth_date: 18")
    if is_saved:
        keep_all(root)
    assert {one.code.name for one in check_both(root).findings} >= {"BIRTH_UNLIKELY"}


def test_what_git_was_told_not_to_see_is_seen(root: Path) -> None:
    extra = root / CARD.replace("student.yaml", "extra.yaml")
    extra.write_text("a: 1\n")
    assert [one.code.name for one in check_both(root).findings] == ["PATH_UNKNOWN"]
    extra.unlink()
    git(root, "update-index", "--assume-unchanged", CARD)
    edit(root, CARD, "birth_date: 20", "birth_date: 18")
    assert "BIRTH_UNLIKELY" in {one.code.name for one in check_both(root).findings}


def test_a_file_edited_while_it_is_judged_is_judged_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit(root, CARD, "sex: мужской", "# x\nsex: мужской")

    def judge(step: Step, after: Snapshot) -> tuple[Archive, list[Finding]]:
        judged = was(step, after)
        edit(root, CARD, "birth_date: 20", "birth_date: 18")
        return judged

    was = Step.judge
    with monkeypatch.context() as patch:
        patch.setattr(Step, "judge", judge)
        assert check(root, DAY, DerivedStore(root)).findings == ()
    assert "BIRTH_UNLIKELY" in {one.code.name for one in check_both(root).findings}


def test_a_file_among_the_folders_of_people_is_told_each_time(root: Path) -> None:
    (root / "records/students/2026/stray.txt").write_text("a: 1\n")
    keep_all(root)
    assert [one.code.name for one in check_both(root).findings] == ["PATH_UNKNOWN"]


def test_what_is_no_file_is_told_each_time(root: Path) -> None:
    (root / CARD).with_name("link.yaml").symlink_to("student.yaml")
    (root / CARD).with_name("student (2).yaml").write_text("a: 1\n")
    found = {one.code.name for one in check_both(root).findings}
    assert found >= {"PATH_SYMLINK", "PATH_COPY"}


def test_a_day_before_the_one_of_the_verdict_is_judged_anew(root: Path) -> None:
    assert check_both(root, DAY + dt.timedelta(days=400)).findings == ()
    early = check_both(root, dt.date(2020, 1, 1))
    assert "DATE_AHEAD" in {one.code.name for one in early.findings}


def test_nothing_kept_tells_of_a_person(root: Path) -> None:
    files = WorktreeSnapshot(root)
    archive = load(files, SchemaSet.load(files))
    store = DerivedStore(root)
    check(root, DAY, store)
    assert store.file is not None
    kept = store.file.read_bytes()
    texts = {
        text
        for student in archive.students.values()
        for _, record in student.records()
        if record is student.person
        for _, text in iterate_texts(record)
        if len(text) > 3 and text not in archive.students
    }
    births = {f"{each.person.birth_date}" for each in archive.students.values() if each.person}
    assert len(texts) > 100
    told = [each for each in texts | births if each.encode() in kept]
    assert told == []
    salts = {each.salt for each in archive.students.values() if each.salt}
    scans = {digest for each in archive.students.values() for digest in each.attachments.values()}
    assert not any(each in kept for each in salts)
    assert not any(each.encode() in kept or bytes.fromhex(each) in kept for each in scans)


def test_without_cache_nobody_is_asked(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def recall(_: DerivedStore, sort: str) -> dict[str, bytes]:
        asked.append(sort)
        return {}

    monkeypatch.setattr(DerivedStore, "recall", recall)
    monkeypatch.setattr(DerivedStore, "keep", lambda _, sort, *__, **___: asked.append(sort))
    for keys in (("--no-cache",), ("--rev", "main"), ("--since", "main")):
        assert papka("check", *keys, "-C", root).code == 0
    assert asked == []
    papka("check", "-C", root)
    assert asked


def test_pruning_an_unseen_save_leaves_nothing_kept(root: Path) -> None:
    store = DerivedStore(root)
    check(root, DAY, store)
    assert store.file is not None
    assert store.file.exists()
    prune_leftovers(root)
    assert not store.file.exists()
    check_both(root)
