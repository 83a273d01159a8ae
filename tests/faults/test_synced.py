"""What is told to be done lies on the disk: contents before their name, the name before it counts.

Judged by what the command and every git below it asked of the disk, in their order.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path

import pytest

from tests.faults.cells import sample
from tests.faults.hurt_school import World
from tests.faults.injection import Act
from tests.faults.job_table import JOBS, ready
from tests.faults.trials import unhurt
from tests.support.histories import git

_JOBS = {job.name: job for job in JOBS}
_OBJECT = re.compile(r".*/objects/([0-9a-f]{2}/[0-9a-f]{38}|pack/pack-[0-9a-f]+\.(pack|idx))")
_BRANCH = "/refs/heads/main"


def named(acts: Sequence[Act], store: Path) -> Iterator[tuple[int, Act, Path]]:
    """Each object and branch of a store that got its name: when, how, and the name."""
    for at, act in enumerate(acts):
        name = os.path.normpath(act.other)
        is_ours = name.startswith(f"{store}/") and "tmp_objdir" not in name
        is_named = _OBJECT.fullmatch(name) is not None or name.endswith(_BRANCH)
        if act.word in ("link", "rename") and is_ours and is_named:
            yield at, act, Path(name)


def folder_synced(acts: Sequence[Act], folder: Path, since: int) -> int:
    """When a folder was first synced after an act; -1 when it never was."""
    for at, act in enumerate(acts[since:], since):
        if act.word == "syncall":
            return at
        if act.word == "syncdir" and os.path.normpath(act.path) == str(folder):
            return at
    return -1


def unsynced(acts: Sequence[Act], store: Path) -> Iterator[str]:
    """What a power cut after the command could still take."""
    synced: dict[int, int] = {}
    for at, act in enumerate(acts):
        if act.word == "sync":
            synced.setdefault(act.inode, at)
    for at, act, name in named(acts, store):
        if synced.get(act.inode, len(acts)) > at:
            yield f"contents of {name}"
        if folder_synced(acts, name.parent, at) < 0:
            yield f"name of {name}"
    made = (act for act in acts if act.word == "mkdir" and "tmp_objdir" not in act.path)
    for act in made:
        folder = Path(os.path.normpath(act.path))
        if folder.parent == store / "objects" and folder_synced(acts, folder.parent, 0) < 0:
            yield f"name of the folder {folder}"


@pytest.mark.parametrize(
    ("job", "stores"),
    [
        ("save", lambda world: {world.archive.root / ".git"}),
        ("push", lambda world: {world.primary, world.second}),
    ],
)
def test_objects_and_branch_are_on_the_disk_when_it_is_told(
    job: str, stores: Callable[[World], Collection[Path]], kept_world: World
) -> None:
    """Also where a setting of the store says that nothing need be synced."""
    ready(kept_world, _JOBS[job])
    for store in stores(kept_world):
        git(store, "config", "core.fsync", "none")
    ended = kept_world.injector.run(_JOBS[job].words(kept_world))
    assert ended.code == 0, ended.text
    acts = ended.acts
    for store in stores(kept_world):
        names = [name for _, _, name in named(acts, store)]
        assert any(_OBJECT.fullmatch(str(name)) for name in names)
        assert any(str(name).endswith(_BRANCH) for name in names)
        assert [*unsynced(acts, store)] == []


def test_a_save_brings_objects_to_the_disk_before_the_branch_names_them(kept_world: World) -> None:
    acts, store = unhurt(kept_world, _JOBS["save"])[1], kept_world.archive.root / ".git"
    every = [*named(acts, store)]
    (moved,) = (at for at, _, name in every if str(name).endswith(_BRANCH))
    late = [
        name
        for at, _, name in every
        if at < moved and not 0 <= folder_synced(acts, name.parent, at) < moved
    ]
    assert (late, 0 <= folder_synced(acts, store / "objects", 0) < moved) == ([], True)


def test_the_sample_cuts_the_power_of_a_save_an_issue_and_a_push() -> None:
    cut = {cell.job.name for cell in sample() if cell.kind.disk is not None}
    assert cut >= {"save", "issue", "push"}
