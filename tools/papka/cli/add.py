"""papka add ID KIND, papka add KIND --group G: add an entry to one personal file, or to many.

Kinds and fields come from the schemas.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from papka.cli.context import Context, in_archive
from papka.cli.field_options import (
    FOLDER,
    FormCommand,
    filling_of,
    show_written,
    write_step,
    writing,
)
from papka.cli.many import Many, act_on_many, many_options
from papka.cli.options import KEYS, folder_named
from papka.cli.questions import complete, finish
from papka.cli.russian_names import name_in_english
from papka.core.errors import PapkaError
from papka.core.phrases import hyphenated, suggest
from papka.core.places import STUDENTS, is_student_id
from papka.desk import command_end as desk_writing
from papka.desk import entries, for_many
from papka.desk.entries import take_scan
from papka.desk.filling import Filling
from papka.desk.open_records import Desk, EntryKind
from papka.repository.worktree import find_root

_KIND = "papka.kind"
_HELP = """Добавить запись в личное дело или одну и ту же — многим: papka add award --group Г-26-1.

Группе или списку людей (--list ФАЙЛ: номера дел или ФИО) запись вносится сразу с приказом, который
называет всех, и сохраняется; приказ печатается. Кто подписал согласие, кого уведомили, какой
договор, программа берёт из дела каждого.

Виды записей и их поля заданы схемами архива: papka add НОМЕР ВИД --help покажет поля.
Чего не хватает, спросит терминал; в сценарии не хватающее названо в ошибке.

Поле внутри поля пишут через точку: --source.raw. Список — повторением ключа; поля записи списка
тоже повторяют: --items.part теория --items.hours 34 --items.part техника … Число, которое
должно остаться текстом, берут в кавычки: --mark '"5"'. Дату можно писать 28.05.2026.
"""


class _Add(FormCommand):
    def begin(self, ctx: click.Context, words: Sequence[str], here: Context) -> Filling | None:
        root = here.root
        if len(words) > 1:
            student, word = words[0], words[1]
        elif is_student_id(words[0]):
            return None
        else:
            student, word = "", words[0]
        desk = Desk(root, student)
        kinds = desk.kinds()
        word = name_in_english(word, _name_kinds(kinds))
        if word not in kinds:
            if ctx.resilient_parsing:
                return None
            raise click.UsageError(
                f"Вида записи «{word}» нет.{suggest(word, kinds, are_told=True)} "
                f"Есть: {', '.join(kinds)}.",
                ctx,
            )
        ctx.meta[_KIND] = kind = kinds[word]
        filling = entries.fill_entry(desk, kind, staff=here.acting_staff, today=here.now.date())
        if not student:
            filling.of_each = for_many.OF_EACH.get(word, frozenset({"document"}))
        return filling

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if _KIND in ctx.meta:
            return
        try:
            kinds = Desk(find_root(ctx.meta.get(FOLDER) or folder_named(ctx))).kinds()
        except PapkaError:
            return
        with formatter.section("Виды записей этого архива"):
            formatter.write_dl([*_name_kinds(kinds).items()])

    def besides(self, ctx: click.Context) -> list[click.Parameter]:
        kind: EntryKind = ctx.meta[_KIND]
        found: list[click.Parameter] = []
        if filling_of(ctx).of_each:
            found += many_options(besides=kind.form.field("group") is None)
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


def _name_kinds(kinds: Mapping[str, EntryKind]) -> dict[str, str]:
    """Return word of a kind -> its Russian name, made of its title."""
    return {word: hyphenated(kind.form.title) for word, kind in kinds.items()}


@click.command("add", cls=_Add, options_metavar=KEYS, help=_HELP)
@click.argument(
    "student",
    metavar="НОМЕР",
    shell_complete=lambda ctx, _, typed: _complete_word(
        ctx, typed, lambda root: (path.name for path in (root / STUDENTS).glob("*/*"))
    ),
)
@click.argument(
    "kind",
    metavar="ВИД",
    required=False,
    shell_complete=lambda ctx, _, typed: _complete_word(
        ctx,
        typed,
        lambda root: (name for names in _name_kinds(Desk(root).kinds()).items() for name in names),
    ),
)
@writing
@in_archive
@click.pass_context
def command(  # noqa: PLR0913 - click passes each option by name
    ctx: click.Context,
    /,
    here: Context,
    student: str,
    kind: str | None,
    *,
    save: bool,
    dry_run: bool,
    period: str | None = None,
    scan: Path | None = None,
    **many: Any,  # noqa: ANN401 - the options of many
) -> int:
    if _KIND not in ctx.meta:
        raise click.UsageError(f"Не сказано, какую запись внести: papka add {student} ВИД.")
    filling, entry = filling_of(ctx), ctx.meta[_KIND]
    if kind is None:
        if scan is not None:
            raise click.UsageError(
                "Скан вносят в дело каждого: papka add НОМЕР document --file ПУТЬ."
            )
        return act_on_many(
            here, filling, Many(**many), lambda act: act.add(filling, entry, period=period),
            said=f"papka add {student}", dry_run=dry_run,
        )  # fmt: skip
    taken = take_scan(scan) if scan is not None else None
    if taken is not None:
        entries.attach(filling, taken)
    complete(filling)
    step = entries.add_entry(filling, entry, period=period, scan=taken)
    code = show_written(write_step(here, step, save=save, dry_run=dry_run), dry_run=dry_run)
    desk_writing.answered(here.root, step.request)
    return finish(filling, code, dry_run=dry_run)


def _complete_word(
    ctx: click.Context, incomplete: str, words: Callable[[Path], Iterable[str]]
) -> list[str]:
    """Return the words of the archive that begin so; none where there is no archive."""
    try:
        root = find_root(folder_named(ctx))
        return sorted(word for word in words(root) if word.startswith(incomplete))
    except PapkaError:
        return []
