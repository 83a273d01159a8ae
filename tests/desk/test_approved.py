"""Which results of a closed period no act covers: none, one, several, by how they came."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from papka.desk.approval import list_late_entries
from papka.desk.open_records import open_file, overview
from papka.records.derived.approvals import approval_states
from papka.repository.worktree import WorktreeSnapshot
from tests.support.histories import git
from tests.support.school import STUDENT, TEACHER, Archive, add_correction, autumn_results

RESULTS, OPEN = f"{STUDENT}/results/2026-1.yaml", f"{STUDENT}/results/2026-2.yaml"


def late(archive: Archive, unsaved: Iterable[str] = ()) -> dict[str, tuple[str, ...]]:
    found = list_late_entries(archive.root, overview(WorktreeSnapshot(archive.root)), unsaved)
    return {period: tuple(each.address for each in entries) for period, entries in found.items()}


def states(archive: Archive, rev: str | None = None) -> dict[str, dict[str, str]]:
    found = open_file(archive.root, "2026-0001", rev=rev)
    told = approval_states(found.archive, found.student)
    return {period: dict(entries) for period, entries in told.items()}


def test_all_is_approved_as_it_stood_with_the_act(archive: Archive) -> None:
    assert late(archive) == {}
    assert set(states(archive)["2026-1"].values()) == {"утверждено"}
    archive.write(RESULTS, archive.read(RESULTS) + "# тут\n")
    assert late(archive, [RESULTS]) == {}, "a comment is no change of an entry"


@pytest.mark.parametrize("saved", [True, False])
def test_a_correction_waits_for_the_next_act(archive: Archive, *, saved: bool) -> None:
    add_correction(archive)
    if saved:
        assert archive.save(TEACHER).commit
    unsaved = () if saved else (RESULTS,)
    assert late(archive, unsaved) == {"2026-1": ("2026-0001#r4",)}
    told = states(archive)["2026-1"]
    assert (told["r4"], told["r3"]) == ("не утверждено", "утверждено")
    archive.edit(RESULTS, "mark: 4", "mark: 3")
    assert late(archive, [RESULTS]) == {"2026-1": ("2026-0001#r3", "2026-0001#r4")}


def test_what_is_gone_or_of_an_open_period_is_none_of_them(archive: Archive) -> None:
    archive.write(OPEN, autumn_results("r4", "2026-11-18", 5))
    archive.write(f"{STUDENT}/notices.yaml", archive.read(f"{STUDENT}/notices.yaml") + "# x\n")
    assert late(archive, [OPEN, f"{STUDENT}/notices.yaml", "README.md"]) == {}
    (archive.root / RESULTS).unlink()
    assert late(archive, [RESULTS]) == {}


def test_without_an_act_all_is_draft(archive: Archive) -> None:
    before = git(
        archive.root, "log", "-1", "--format=%H", "--", "records/approvals"
    ).strip()  # fmt: skip
    assert set(states(archive, before)["2026-1"].values()) == {"утверждено"}
    first = git(archive.root, "rev-list", "--max-parents=0", "main").strip()
    git(archive.root, "reset", "-q", "--soft", first)
    git(archive.root, "commit", "-qm", "x", "--", STUDENT)
    assert late(archive, [RESULTS]) == {}
    assert set(states(archive)["2026-1"].values()) == {"не утверждено"}
