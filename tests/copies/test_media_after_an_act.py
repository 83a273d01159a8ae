"""A medium that was away when something was destroyed: told until it is replaced, then clean."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from papka.copies.backup_plan import BackupPlan, plan_backup
from papka.copies.backup_run import BackupMade, backup
from papka.copies.drill import drill
from papka.copies.restoring import find_sources
from papka.desk.status_report import report_due
from papka.repository import unfinished_work
from papka.repository.byte_search import needle_object, needle_text, search
from papka.repository.signing import find_actor
from tests.support.clones import HEAD, TEACHER, Clone
from tests.support.histories import git
from tests.support.lawful_act import GONE, NAME, begin_the_doomed, destroy
from tests.support.school import NOW, Archive


@pytest.fixture
def head(archive: Archive) -> Clone:
    clone = Clone(archive.root, HEAD)
    begin_the_doomed(clone)
    return clone


def copied(head: Clone, to: Path, staff: str, minutes: int) -> tuple[BackupPlan, BackupMade]:
    now = NOW + timedelta(minutes=minutes)
    to.mkdir(exist_ok=True)
    plan = plan_backup(head.root, to, now=now, medium=to.name, kind="диск", place="Сейф")
    return plan, backup(head.root, find_actor(head.root, staff), plan, now=now)


def due(head: Clone, *, days: int) -> list[tuple[str, str]]:
    """What `status --due` says of media so many days after the act."""
    found = report_due(head.root, on=NOW.date() + timedelta(days=days)).findings
    return [(each.code.name, each.message) for each in found if "PURGE" in each.code.name]


def test_medium_is_told_until_a_new_copy_replaces_the_old(head: Clone, tmp_path: Path) -> None:
    fact = git(head.root, "rev-parse", f"HEAD:{GONE}/student.yaml").strip()
    wanted = (*needle_text("имя", NAME), *needle_object(fact))
    one, two = tmp_path / "Н-1", tmp_path / "Н-2"
    for place in (one, two):
        copied(head, place, HEAD, 1)
    assert len(search([one, two], wanted)) > 4
    destroy(head, [GONE], media=("Н-1", "Н-2"), now=NOW + timedelta(minutes=2))
    with unfinished_work.hold_archive(head.root):
        unfinished_work.begin_purging(head.root, 1)
        unfinished_work.settle_purging(head.root)

    told = due(head, days=1)
    assert [code for code, _ in told] == ["PURGE_DUE", "PURGE_DUE"]
    assert [name in message for name, (_, message) in zip(("Н-1", "Н-2"), told, strict=True)]
    assert "срок 20.05.2027" in told[0][1]
    assert "152-ФЗ" in told[0][1]
    assert {code for code, _ in due(head, days=182)} == {"PURGE_OVERDUE"}

    [drilled] = drill(head.root, find_sources([str(one)], (), tmp_path), now=NOW, clock=lambda: 0)
    assert drilled.is_good, "an old copy is a good copy still, of an older state"
    plan, done = copied(head, one, HEAD, 3)
    assert plan.outdated == done.dropped != ()
    assert (done.purged, done.to_note) == ((1,), ())
    assert search([one, head.root], wanted) == ()
    purged = head.read("records/acts/1/purged.yaml")
    assert "medium: Н-1" in purged
    assert [message for _, message in due(head, days=1)] == [told[1][1]]

    plan, done = copied(head, two, TEACHER, 4)  # who may not write down what acts wait for
    assert (done.purged, done.to_note) == ((), (1,))
    assert done.dropped == plan.outdated != ()
    assert search([two], wanted) == ()
    plan, done = copied(head, two, HEAD, 5)
    assert (plan.outdated, done.dropped, done.purged) == ((), (), (1,))
    assert head.read("records/acts/1/purged.yaml").startswith(purged)
    assert due(head, days=1) == []
    assert head.grave(NOW + timedelta(hours=1)) == []
