"""papka restore: an archive made again from its copies, its rehearsal, the cure of a store."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from papka.cli.backup import print_act
from papka.cli.mirror import access
from papka.cli.options import KEYS, acting, in_archive
from papka.cli.report import exit_code, render
from papka.cli.restore_lines import (
    drilled_line,
    healed_lines,
    recorded_lines,
    restored_lines,
)
from papka.cli.state import memory
from papka.core.errors import MediumFailed, NotAnArchive
from papka.gates.git.addresses import accept
from papka.gates.git.kept_settings import kept_settings
from papka.gates.git.repository import Remote, remotes
from papka.gates.git.store import locate
from papka.gates.worktree import WorktreeSnapshot, find_root
from papka.integrity.anchors import read_anchors
from papka.tasks.actor import find_actor
from papka.tasks.check import snapshot_source
from papka.tasks.proof.heal import heal
from papka.tasks.restoring.drill import Drilled, drill
from papka.tasks.restoring.recording import record, require_journal
from papka.tasks.restoring.restore import restore
from papka.tasks.restoring.sources import Source, find_sources


@click.command(
    "restore",
    options_metavar=KEYS,
    help=(
        "Восстановить архив из копий в новую папку: papka restore ПАПКА --from КОПИЯ. "
        "--drill — пробное восстановление с записью в журнал (п. 6.3 Порядка); "
        "--heal — вылечить хранилище этого архива."
    ),
)
@click.argument("place", metavar="[ПАПКА]", required=False, type=click.Path(path_type=Path))
@click.option(
    "--from",
    "copies",
    multiple=True,
    metavar="КОПИЯ",
    help="Имя зеркала, папка с копией или на носителе, адрес; можно несколько раз. "
    "В папке архива без этого ключа — все его зеркала.",
)
@click.option(
    "--drill",
    "drills",
    is_flag=True,
    help="Восстановить каждую копию во временную папку, проверить, сравнить с архивом, записать.",
)
@click.option("--files", is_flag=True, help="С --drill: разложить и перечитать и файлы.")
@click.option("--no-record", is_flag=True, help="С --drill: в журнал не вносить.")
@click.option(
    "--heal",
    "heals",
    is_flag=True,
    help="Собрать целое хранилище рядом и поставить на место повреждённого.",
)
@click.option(
    "--drop-unsent",
    is_flag=True,
    help="С --heal: если последних записей целиком нет нигде, вернуться к последней целой.",
)
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="С-БУМАГИ",
    help="Что записано на бумаге: свёртка печати, отпечаток ключа (SHA256:…), первая запись.",
)
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ФАЙЛ",
    help="Сертификат центра самой школы, если им заверен сервер, названный адресом https://…",
)
@click.option(
    "--no-memory",
    is_flag=True,
    help="Не сравнивать с тем, что этот компьютер проверял раньше, и не запоминать.",
)
@acting
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    place: Path | None,
    copies: tuple[str, ...],
    anchors: tuple[str, ...],
    ca: Path | None,
    staff: str | None,
    *,
    drills: bool,
    files: bool,
    no_record: bool,
    heals: bool,
    drop_unsent: bool,
    no_memory: bool,
) -> int:
    if [place is not None, drills, heals].count(True) != 1:
        raise click.UsageError(
            "Скажите, что сделать: papka restore НОВАЯ-ПАПКА --from КОПИЯ, "
            "papka restore --drill или papka restore --heal"
        )
    if (files or no_record) and not drills:
        raise click.UsageError("Ключи --files и --no-record — для papka restore --drill")
    if drop_unsent and not heals:
        raise click.UsageError("Ключ --drop-unsent — для papka restore --heal")
    if (anchors or no_memory) and place is None:
        raise click.UsageError("Ключи --anchor и --no-memory — для papka restore НОВАЯ-ПАПКА")
    if ca is not None and (heals or not copies):
        raise click.UsageError("Ключ --ca — для копии, названной адресом: --from https://…")
    if heals:
        return _heal(find_root(folder), copies, drop_unsent=drop_unsent)
    if drills:
        root = find_root(folder)
        if not no_record:
            require_journal(root)
        sources = find_sources(copies, remotes(root), Path.cwd(), ca)
        return _drill(root, sources, staff, files=files, recorded=not no_record)
    assert place is not None
    near = _near(folder)
    sources = find_sources(copies, remotes(near) if near else (), Path.cwd(), ca)
    return _restore(near, place, sources, anchors, no_memory=no_memory)


def _heal(root: Path, copies: tuple[str, ...], *, drop_unsent: bool) -> int:
    healed = heal(
        root,
        now=datetime.now().astimezone(),
        access=access(),
        copies=[_copy(each) for each in copies] or None,
        drop_unsent=drop_unsent,
        memory=memory(),
    )
    click.echo("\n".join(healed_lines(healed)))
    return 0


def _restore(
    root: Path | None,
    place: Path,
    sources: Sequence[Source],
    anchors: tuple[str, ...],
    *,
    no_memory: bool,
) -> int:
    """`root`: the archive one stands in, if any: its mirrors and settings are used."""
    restored = restore(
        place.resolve(),
        sources,
        now=datetime.now().astimezone(),
        base=root or Path.cwd(),
        access=access(),
        settings=kept_settings(locate(root).common) if root else {},
        anchors=read_anchors(anchors),
        memory=None if no_memory else memory(),
    )
    source = snapshot_source(WorktreeSnapshot(restored.folder))
    click.echo(render("text", restored.verified.findings, {}, source), nl=False)
    click.echo("\n".join(restored_lines(restored, has_settings=root is not None)))
    return 0 if restored.is_good and restored.above is None else 1


def _near(folder: Path) -> Path | None:
    """The archive one stands in, whose mirrors and settings are to be used; most often none.

    The plain files of a copy on a medium look like an archive and have no store.
    """
    try:
        root = find_root(folder)
        locate(root)
    except NotAnArchive:
        return None
    return root


def _drill(
    root: Path, sources: Sequence[Source], staff: str | None, *, files: bool, recorded: bool
) -> int:
    now = datetime.now().astimezone()
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK")) if recorded else None
    done: list[Drilled] = []
    for each in drill(root, sources, now=now, clock=time.monotonic, access=access(), files=files):
        click.echo("\n".join(drilled_line(each)))
        done.append(each)
    tried = [each for each in done if not each.is_away]
    code = 0 if all(each.is_good and not each.own_faults for each in done) else 1
    if len(tried) < len(done):
        code = max(code, MediumFailed.exit_code)
    if actor is None or not tried:
        return code
    told = record(root, actor, tried, now=now)
    click.echo(render("text", told.saved.findings, {}, told.saved.source), nl=False)
    click.echo("\n".join(recorded_lines(told)))
    if told.saved.commit is None:
        return max(code, exit_code(told.saved.findings, "error"))
    for year in told.years:
        print_act(root, year)
    return code


def _copy(written: str) -> Remote:
    """A copy named by its place; a bare word is looked up among the mirrors by the task."""
    is_name = written.isascii() and written.isalnum() and not Path(written).exists()
    return Remote(written, "" if is_name else accept(written, Path.cwd()), "", primary=False)
