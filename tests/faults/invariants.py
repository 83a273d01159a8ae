"""What must hold after a fault, and after the same command was run again.

Each function yields sentences about what does not; nothing is raised, so that one cell tells all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from papka.repository import commit_snapshots
from papka.repository.worktree import UNFINISHED
from tests.faults.hurt_school import (
    HERE,
    NOTE,
    PRIMARY,
    SECOND,
    UNSAVED,
    World,
    blob_at,
    grave,
    is_after,
    main_of,
    paths_at,
    settings_of,
    unsound,
)
from tests.faults.injection import Ended
from tests.faults.job_table import Job

_TOLD = frozenset({0, 3, 4})
"""Done, cannot be done, a mirror is not there: never findings, never our bug."""

_WAITS = "отложен как черновик"


@dataclass(frozen=True, slots=True)
class Before:
    """The world when the job began: where each store stood, what lay in the folder, and how the
    archive was set up."""

    heads: Mapping[str, str | None]
    unsaved: Mapping[str, bytes | None]
    settings: frozenset[str]


@dataclass(frozen=True, slots=True)
class Done:
    """What the job comes to when nothing fails: paths at the head."""

    paths: frozenset[str]


def look(world: World) -> Before:
    root = world.archive.root
    files = {path: _bytes(root / path) for path, _ in commit_snapshots.worktree_changes(root)}
    heads = {name: main_of(store) for name, store in world.stores.items()}
    return Before(heads, files, settings_of(root))


def after_fault(
    world: World, job: Job, before: Before, ended: Ended | None, known: Collection[str] = ()
) -> Iterator[str]:
    """`ended` is None when the power went: then nobody was told anything. `known`: codes that
    verify may find."""
    if ended is not None:
        yield from _told(ended, known)
    yield from _stores(world, before, known)
    yield from _settings(world, before)
    yield from _whole(world, job)
    yield from _folder(world, job, before)
    if ended is not None and is_told_done(ended):
        yield from (f"сказано, что сделано, но {each}" for each in _missing(world, job))


def after_retry(  # noqa: PLR0913 - the world, what it was, and what it should be
    world: World,
    job: Job,
    before: Before,
    done: Done,
    ended: Ended,
    known: Collection[str] = (),
    *,
    settled: bool = False,
) -> Iterator[str]:
    """The same command again, and nothing in its way. `settled`: somebody was told that it is
    done, so that it may be refused as done."""
    refused = settled and bool(job.refusal) and job.refusal in ended.text
    if ended.code != 0 and not refused:
        yield f"повтор: код {ended.code}: {ended.text[-700:]}"
    yield from (f"после повтора {each}" for each in _missing(world, job))
    yield from _stores(world, before, known)
    yield from _settings(world, before)
    yield from _folder(world, job, before)
    root = world.archive.root
    head = main_of(root)
    assert head is not None
    odd = done.paths ^ set(paths_at(root, head))
    if odd and not known:  # a cure adds files, and numbers depend on the year
        yield f"после повтора в архиве не те файлы: {sorted(odd)[:4]}"
    left = [path for path, _ in commit_snapshots.worktree_changes(root)]
    if left != ([UNSAVED] if NOTE in world.archive.read(UNSAVED) else []):
        yield f"после повтора не сохранено: {left}"
    yield from job.proof(world)
    for path in root.rglob(f"*{UNFINISHED}*"):
        yield f"остался обрывок {path.relative_to(root)}"


def at_rest(world: World) -> Iterator[str]:
    """After the next exchange nothing of it is left."""
    heads = {main_of(store) for store in world.stores.values()}
    if len(heads) != 1:
        yield f"зеркала не равны: {heads}"
    yield from (f"в конце: {each}" for each in grave(world.archive.root, datetime.now(UTC)))
    for store in world.stores.values():
        for path in (store / ".git" if (store / ".git").is_dir() else store).rglob("*.lock"):
            yield f"остался замок {path.relative_to(world.root)}"


def is_told_done(ended: Ended) -> bool:
    """A request that waits for the primary is kept, and told not to be done."""
    return ended.code == 0 and _WAITS not in ended.text


def _told(ended: Ended, known: Collection[str]) -> Iterator[str]:
    found = ended.code == 1 and any(code in ended.text for code in known)
    if ended.code >= 0 and ended.code not in _TOLD and not found:
        yield f"код {ended.code}: {ended.text[-500:]}"
    if "Traceback" in ended.text:
        yield f"след программы: {ended.text[-500:]}"


def _stores(world: World, before: Before, known: Collection[str]) -> Iterator[str]:
    """Each is whole, its head is verified, and what it had it still has."""
    now = datetime.now(UTC)
    heads = {name: main_of(store) for name, store in world.stores.items()}
    for name, store in world.stores.items():
        if reason := unsound(store):
            yield f"{name}: {reason}"
        head, old = heads[name], before.heads[name]
        if head is None:
            yield f"{name}: нет main"
            continue
        # What stands where it stood was verified then; that its objects are there says fsck.
        if head != old and (found := set(grave(store, now)) - set(known)):
            yield f"{name}: verify: {found}"
        follows = name == HERE or old is None or is_after(store, head, old)
        if not follows:
            yield f"{name}: потеряно сохранение {old}"
    primary, second = heads[PRIMARY], heads[SECOND]
    if primary and second and not is_after(world.primary, primary, second):
        yield "второе зеркало ушло от основного"


def _settings(world: World, before: Before) -> Iterator[str]:
    """Keys, mirrors, the primary, whatever the archive was set to: nothing is lost."""
    lost = before.settings - settings_of(world.archive.root)
    if lost:
        yield f"потеряны настройки: {sorted(lost)[:4]}"


def _whole(world: World, job: Job) -> Iterator[str]:
    """All of the job at a head, or nothing of it."""
    for name, store in world.stores.items():
        head = main_of(store)
        there = [path for path, words in job.facts.items() if _has(store, head, path, words)]
        if there and len(there) < len(job.facts):
            yield f"{name}: на вершине половина: {there}"


def _missing(world: World, job: Job) -> Iterator[str]:
    for name, store in world.stores.items():
        if name not in job.stores:
            continue
        head = main_of(store)
        for path, words in job.facts.items():
            if not _has(store, head, path, words):
                yield f"{name}: нет {path} {words}"


def _folder(world: World, job: Job, before: Before) -> Iterator[str]:
    """No edit is lost: it lies there as it lay, or it is saved, perhaps with ids added."""
    root = world.archive.root
    for path, data in before.unsaved.items():
        lies = _bytes(root / path)
        if lies == data or (lies is not None and job.facts.get(path, "\0") in lies.decode()):
            continue
        yield f"правка потеряна: {path}: {lies!r:.200}"


def _has(store: Path, head: str | None, path: str, words: str) -> bool:
    text = blob_at(store, head, path) if head else None
    return text is not None and words in text


def _bytes(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
