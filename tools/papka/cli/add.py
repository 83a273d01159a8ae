"""papka add ID KIND: one more entry of a personal file; kinds and fields come from the schemas."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path

import click

from papka.cli.field_options import (
    FOLDER,
    FormCommand,
    complete,
    filling_of,
    show,
    tell_suggested,
    writing,
)
from papka.cli.options import KEYS, folder_named, in_archive
from papka.core.errors import PapkaError
from papka.core.phrases import may_be
from papka.core.places import STUDENTS, is_student_id
from papka.desk import entries
from papka.desk import writing as desk_writing
from papka.desk.entries import take_scan
from papka.desk.filling import Filling
from papka.desk.open_records import Desk, EntryKind
from papka.desk.writing import write
from papka.repository.signing import acting_staff, find_actor
from papka.repository.worktree import find_root

_KIND = "papka.kind"
_HELP = """Добавить запись в личное дело.

Виды записей и их поля заданы схемами архива: papka add НОМЕР ВИД --help покажет поля.
Чего не хватает, спросит терминал; в сценарии не хватающее названо в ошибке.

Поле внутри поля пишут через точку: --source.raw. Список — повторением ключа; поля записи списка
тоже повторяют: --items.part теория --items.hours 34 --items.part техника … Число, которое
должно остаться текстом, берут в кавычки: --mark '"5"'. Дату можно писать 28.05.2026.
"""


class _Add(FormCommand):
    def begin(
        self, ctx: click.Context, words: Sequence[str], folder: Path, staff: str | None
    ) -> Filling | None:
        if len(words) < 1 or not folder.is_dir():
            return None
        root = find_root(folder)
        student = words[0] if is_student_id(words[0]) else ""
        if len(words) < 2 and student:
            return None
        desk = Desk(root, "" if not student and len(words) == 1 else words[0])
        kinds = desk.kinds()
        word = words[1] if len(words) > 1 else words[0]
        if word not in kinds:
            if ctx.resilient_parsing:
                return None
            raise click.UsageError(
                f"Вида записи «{word}» нет.{may_be(word, kinds)} Есть: {', '.join(kinds)}.", ctx
            )
        ctx.meta[_KIND] = kind = kinds[word]
        today = datetime.now().astimezone().date()
        return entries.fill_entry(desk, kind, staff=acting_staff(root, staff), today=today)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if _KIND in ctx.meta:
            return
        try:
            kinds = Desk(find_root(ctx.meta.get(FOLDER) or folder_named(ctx))).kinds()
        except PapkaError:
            return
        with formatter.section("Виды записей этого архива"):
            formatter.write_dl([(word, kind.form.title) for word, kind in kinds.items()])

    def besides(self, ctx: click.Context) -> list[click.Parameter]:
        kind: EntryKind = ctx.meta[_KIND]
        found: list[click.Parameter] = []
        if kind.by_period:
            found.append(
                click.Option(
                    ["--period"],
                    metavar="ПЕРИОД",
                    help="Учебный период; по умолчанию открытый период, в который попадает дата.",
                )
            )
        if entries.takes_scan(kind):
            found.append(
                click.Option(
                    ["--file", "scan"],
                    type=click.Path(path_type=Path),
                    metavar="ПУТЬ",
                    help="Скан (PDF, PNG, JPEG): будет скопирован в attachments/.",
                )
            )
        return found


@click.command("add", cls=_Add, options_metavar=KEYS, help=_HELP)
@click.argument(
    "student", metavar="НОМЕР", shell_complete=lambda ctx, _, typed: _begun(ctx, typed, _students)
)
@click.argument(
    "kind", metavar="ВИД", shell_complete=lambda ctx, _, typed: _begun(ctx, typed, _kinds)
)
@writing
@in_archive
@click.pass_context
def command(  # noqa: PLR0913 - click passes each option by name
    ctx: click.Context,
    folder: Path,
    student: str,  # noqa: ARG001 - was read before the options were made
    kind: str,  # noqa: ARG001 - as above
    staff: str | None,
    *,
    save: bool,
    dry_run: bool,
    period: str | None = None,
    scan: Path | None = None,
) -> int:
    root = find_root(folder)
    filling, entry = filling_of(ctx), ctx.meta[_KIND]
    taken = take_scan(scan) if scan is not None else None
    if taken is not None:
        entries.attach(filling, taken)
    complete(filling)
    tell_suggested(filling)
    step = entries.added(filling, entry, period=period, scan=taken)
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK")) if save else None
    now = datetime.now().astimezone()
    code = show(write(root, step, now=now, saving=actor, dry_run=dry_run), dry_run=dry_run)
    desk_writing.answered(root, step.request)
    return code


def _begun(
    ctx: click.Context, incomplete: str, words: Callable[[Path], Iterable[str]]
) -> list[str]:
    """Words of the archive here that begin so; none where there is no archive."""
    try:
        root = find_root(folder_named(ctx))
        return sorted(word for word in words(root) if word.startswith(incomplete))
    except PapkaError:
        return []


def _students(root: Path) -> Iterable[str]:
    return (path.name for path in (root / STUDENTS).glob("*/*"))


def _kinds(root: Path) -> Iterable[str]:
    return Desk(root).kinds()
