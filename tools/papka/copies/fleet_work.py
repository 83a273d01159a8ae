"""What is done with one archive of a fleet, wherever there is time for it, and then left behind.

The archive is fetched from its mirror into a temporary folder of its own, judged there and removed,
whatever becomes of the job. Nothing of this computer is believed or told: no memory, no cache, no
key. What is raised comes back as a value, so that one archive never takes the others with it.
"""

from __future__ import annotations

import os
import platform
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

from papka.copies.fleet_list import FleetCounts, FleetOutcome, FleetTask, explain_stop
from papka.copies.mirror_check import judge_damage
from papka.copies.restoring import build_archive
from papka.copies.transport import fetch_whole, remote_refs
from papka.core.errors import PapkaError, Refused, RemoteUnreachable, cannot_access
from papka.core.findings import Finding, Location, has_errors
from papka.core.places import place
from papka.repository.derived_store import nothing_kept
from papka.repository.git_values import MAIN
from papka.repository.runner import SshAccess, explain_talk
from papka.repository.store import read_refs, refuse_unwritten
from papka.repository.unfinished_work import building_site

_BUG = 70
_COUNTED = ("student", "enrolments", "program")
"""Kinds of record that counts rest on."""
_KNOWN_FOLDER = re.compile(r"records/(?:students/(?:[0-9]{4}/(?:[0-9]{4}-[0-9]{4}/)?)?)?")
_OF_THE_PROGRAM = ("schema/", "templates/", "tools/", ".git")
"""Folders of what no school names."""


def carry_out(task: FleetTask, access: SshAccess | None = None) -> FleetOutcome:
    """Do the job and return what it came to; never raises."""
    by = own_name()
    try:
        with nothing_kept(), _fetched(task, access) as archive:
            return _do(task, archive, by)
    except RemoteUnreachable as error:
        error.next_step = "Проверьте адрес в списке и связь и повторите"
        return explain_stop(task, error, by)
    except _DamagedMirror as error:
        found = tuple(judge_damage(task.member.title, [error.message]))
        return FleetOutcome(task.number, task.member.title, int(has_errors(found)), found, by=by)
    except PapkaError as error:
        return explain_stop(task, error, by)
    except OSError as error:
        return explain_stop(task, cannot_access(error), by)
    except Exception as error:  # noqa: BLE001 - one archive must not take the others with it
        words = f"Ошибка программы ({type(error).__name__})"
        step = "Проверьте этот архив один: papka restore и papka verify; сообщите разработчикам"
        return FleetOutcome(task.number, task.member.title, _BUG, (), words, step, by=by)


class _DamagedMirror(PapkaError):
    """The mirror answers and does not give what it holds."""


def own_name() -> str:
    """Return the host and process that this runs in."""
    return f"{platform.node()}, процесс {os.getpid()}"


@contextmanager
def _fetched(task: FleetTask, access: SshAccess | None) -> Iterator[Path]:
    """Fetch an archive with its files into a temporary folder.

    Raise RemoteUnreachable, _DamagedMirror, Refused for an empty mirror.
    """
    remote = task.member.remote
    with (
        tempfile.TemporaryDirectory(prefix="papka-fleet-") as name,
        building_site(Path(name) / "archive") as site,
    ):
        pool = site.room / "pool"
        ran = fetch_whole(site.room, remote, pool, access)
        if ran.code and "couldn't find remote ref" not in ran.trouble:
            remote_refs(pool, remote, access)  # raises RemoteUnreachable when nobody answers
            words = explain_talk(ran.trouble).words
            raise _DamagedMirror(f"оно не отдаёт своих сохранений: {words}")
        head = read_refs(pool, pool).ids.get(MAIN)
        if head is None:
            raise Refused("Зеркало пусто: архив в него ещё не отправляли", "papka mirror push")
        build_archive(site, pool, head, {}, "papka fleet")
        yield site.built


def _do(task: FleetTask, archive: Path, by: str) -> FleetOutcome:
    number, title = task.number, task.member.title
    if task.job in ("due", "print"):
        refuse_unwritten(archive)  # seals name commits otherwise there: none would be found
    if task.job == "report":
        return FleetOutcome(number, title, 0, counts=_count(archive, task.day), by=by)
    if task.job == "print":
        return FleetOutcome(number, title, 0, papers=tuple(_print(task, archive)), by=by)
    found = tuple(map(hide_names, _find(task, archive)))
    return FleetOutcome(number, title, int(has_errors(found)), found, by=by)


def hide_names(finding: Finding) -> Finding:
    """Return a finding without what may name a person: the line as it should stand, and names of
    files that the archive did not give."""
    where = _hide_name(finding.where)
    message, hint = finding.message, finding.hint
    if where != finding.where:
        message, hint = (each.replace(finding.where.path, where.path) for each in (message, hint))
    related = tuple(map(_hide_name, finding.related))
    return replace(finding, where=where, related=related, message=message, hint=hint, instead="")


def _hide_name(where: Location) -> Location:
    path = where.path
    if not path or place(path) or path.startswith(_OF_THE_PROGRAM):
        return where
    known = _KNOWN_FOLDER.match(path)
    return replace(where, path=f"{known[0] if known else ''}…")


def _find(task: FleetTask, archive: Path) -> tuple[Finding, ...]:
    if task.job == "check":
        from papka.checks.checking import check_commit

        return check_commit(archive, since=None, rev=MAIN).findings
    if task.job == "due":
        from papka.desk.status_report import report_due

        return report_due(archive, on=task.day).findings
    from papka.proof.anchors import read_anchors
    from papka.proof.verification import verify

    return verify(
        archive, now=task.now, anchors=read_anchors(task.member.anchors), memory=None
    ).findings


def _count(archive: Path, on: date) -> FleetCounts:
    from papka.paper.forms.self_examination import divided, published
    from papka.records.archive import load
    from papka.records.derived.headcount import (
        AGES,
        UNKNOWN_AGE,
        StudySpan,
        by_age,
        by_program,
        find_enrolled,
        people,
        place_of,
    )
    from papka.records.schemas import SchemaSet
    from papka.repository.commit_snapshots import CommitSnapshot

    snapshot = CommitSnapshot(archive, MAIN)
    records = load(snapshot, SchemaSet.load(snapshot))
    for path in sorted(records.unreadable):
        lost = place(path)
        if lost is not None and lost.kind in _COUNTED:
            raise Refused(
                f"Численность неполна: файл {path} не читается",
                "Пусть в школе узнают, что в нём не так: papka check; исправят и сохранят",
            )
    found = list(find_enrolled(records, StudySpan(on, on)))
    known = people(found)
    ages = by_age(known.values(), on)
    titles = [*(title for title, _, _ in AGES), UNKNOWN_AGE]
    shown = divided(len(known), [ages[title] for title in titles])
    directions: dict[str, set[str]] = {}
    for code, enrolled in by_program(records, found).items():
        name = place_of(records, code)[0] or "направленность не записана"
        directions.setdefault(name, set()).update(people(enrolled))
    sizes = divided(len(known), [len(ids) for ids in directions.values()])
    return FleetCounts(
        published(len(known)),
        dict(zip(titles, shown, strict=True)),
        dict(zip(directions, sizes, strict=True)),
    )


def _print(task: FleetTask, archive: Path) -> Iterator[tuple[str, bytes]]:
    from papka.paper.print_cache import PrintOptions
    from papka.paper.print_saved import print_saved

    options = PrintOptions(on=task.on)
    printed = print_saved(archive, task.form, task.address, options, cache=False)
    for file in printed.files:
        yield file.name, file.data
