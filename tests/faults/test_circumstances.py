"""Every job on a full disk, with a wrong clock, and with a signing key that counts no more.

In every cell: no saved fact lost, no half state, and the same command succeeds once the trouble
is over.
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from papka.copies import mirrors
from papka.copies.syncing import sync
from papka.desk import trust_changes
from papka.desk.trust_changes import accept_commits, known_trust
from papka.repository.signing import find_actor, generate_key, remember_actor
from tests.faults.hurt_school import World, commits_of_future, main_of, recovery
from tests.faults.injection import Ended, Fault
from tests.faults.invariants import at_rest
from tests.faults.job_table import JOBS, Job, in_year, ready
from tests.faults.trials import fail, rest, unhurt
from tests.support.small_disks import fill, small_disk

_YEAR = 365 * 24 * 3600
_FREE = (0, 12, 48, 160)
"""KiB left on the full disk."""
_MEGABYTES = 24
_FUTURE = "TIME_FUTURE"
_FEW = ("save", "sync")

Note = Callable[[str, object], None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    soak = metafunc.config.getoption("--soak")
    jobs = [job for job in JOBS if soak or job.name in _FEW]
    if metafunc.function is test_the_signing_key_counts_no_more:
        jobs = [job for job in jobs if job.staff is not None]
    metafunc.parametrize("job", jobs, ids=[job.name for job in jobs])
    if "free" in metafunc.fixturenames:
        metafunc.parametrize("free", _FREE if soak else _FREE[1:2])


def test_the_disk_is_full(job: Job, free: int, kept_world: World, record_property: Note) -> None:
    record_property("fault", json.dumps([job.name, "диск полон (tmpfs)"]))
    world = kept_world
    place, beside = world.archive.root, world.base / "beside"
    unhurt(world, job)
    ready(world, job)
    shutil.rmtree(beside, ignore_errors=True)
    place.rename(beside)
    with small_disk(place, _MEGABYTES):
        subprocess.run(["cp", "-a", f"{beside}/.", place], check=True)

        def hurt() -> Ended:
            stuffing = fill(place / ".papka", free * 1024)
            try:
                return world.injector.run(job.words(world))
            finally:
                stuffing.unlink()

        wrong, told = fail(world, job, hurt, lambda: world.injector.run(job.words(world)))
        rest(world, wrong, told)


def test_the_clock_is_a_year_behind(job: Job, kept_world: World, record_property: Note) -> None:
    """What is signed would lie about its day, so nothing is; what needs no day is done."""
    record_property("fault", json.dumps([job.name, "часы −1 год"]))
    world = kept_world
    unhurt(world, job)
    ready(world, job)

    def hurt() -> Ended:
        ended = world.injector.run(job.words(world), Fault(clock=-_YEAR))
        done = ended.code == 0 or (job.name == "restore" and _FUTURE in ended.text)
        assert done == (job.staff is None), ended.text
        return ended

    again = fail(world, job, hurt, lambda: world.injector.run(job.words(world)), known={_FUTURE})
    rest(world, *again)


def test_the_clock_is_a_year_ahead(job: Job, kept_world: World, record_property: Note) -> None:
    """Nobody can know it, so it is done; verify tells, and the head accepts what is true."""
    record_property("fault", json.dumps([job.name, "часы +1 год"]))
    world = kept_world
    unhurt(world, job)
    ready(world, job)
    job = in_year(job, datetime.now(UTC).year + 1)
    wrong, told = fail(
        world, job,
        lambda: world.injector.run(job.words(world), Fault(clock=_YEAR)),
        lambda: world.injector.run(job.words(world)),
        known={_FUTURE},
    )  # fmt: skip
    assert not wrong, "\n".join([*wrong, told])
    root, now = world.archive.root, datetime.now(UTC)
    if future := commits_of_future(root, now):
        head = find_actor(root, "s001")
        saved = accept_commits(root, head, future, [_FUTURE], "часы спешили на год", now=now)
        assert saved.commit is not None, saved.findings
    assert mirrors.push(root).is_good
    assert [*at_rest(world)] == []


def test_the_signing_key_counts_no_more(job: Job, kept_world: World, record_property: Note) -> None:
    """Refused before anything is written; with a new key the same command does it."""
    record_property("fault", json.dumps([job.name, "ключ отозван"]))
    world = kept_world
    unhurt(world, job)
    ready(world, job)
    assert job.staff is not None
    root, staff, by = world.archive.root, job.staff, recovery(world)
    # A sync brings what the head did elsewhere; who does anything else knows it already.
    elsewhere = world.other.root if job.name == "sync" else root
    now = datetime.now(UTC)

    def told() -> None:
        if elsewhere != root:
            assert not sync(elsewhere, [by], now=now).is_stopped

    key = find_actor(root, staff).signer.public
    old = [known for known in known_trust(root).keys if known.entry.key == key]
    told()
    last = main_of(elsewhere)
    assert last is not None
    assert (
        trust_changes.revoke(elsewhere, by, old, last, compromised=False, now=now).commit
        is not None
    )
    told()

    def hurt() -> Ended:
        before = main_of(root)
        ended = world.injector.run(job.words(world))
        assert ended.code != 0, ended.text
        assert main_of(root) == before
        return ended

    def again() -> Ended:
        file = world.root / "new-key"
        public = generate_key(file, "papka new")
        head = old[0].entry.is_head
        assert (
            trust_changes.add(elsewhere, by, staff, public, head=head, now=now).commit is not None
        )
        told()
        remember_actor(root, staff, file, main=staff == "s001")
        return world.injector.run(job.words(world))

    rest(world, *fail(world, job, hurt, again, known={"SIG_KEY_REVOKED"}))
