"""papka restore --heal: a whole store in the place of a damaged one."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from papka.cli.mirror import access
from papka.cli.options import KEYS, in_archive
from papka.core.plural import counted
from papka.gates.git.addresses import accept
from papka.gates.git.repository import Remote
from papka.gates.worktree import find_root
from papka.tasks.proof.heal import Healed, heal

_NEXT = "Что дальше: проверьте архив целиком: papka verify"


@click.command(
    "restore",
    options_metavar=KEYS,
    help="Вылечить хранилище архива: повреждённое взять из целых копий, проверить и заменить.",
)
@click.option(
    "--heal",
    "heals",
    is_flag=True,
    help="Собрать целое хранилище рядом и поставить на место повреждённого.",
)
@click.option(
    "--from",
    "copies",
    multiple=True,
    metavar="ЗЕРКАЛО",
    help="Где искать недостающее: имя зеркала, папка или адрес; можно несколько раз. "
    "Без ключа — во всех записанных зеркалах.",
)
@click.option(
    "--drop-unsent",
    is_flag=True,
    help="Если последних записей целиком нет нигде, вернуться к последней целой.",
)
@in_archive
def command(folder: Path, copies: tuple[str, ...], *, heals: bool, drop_unsent: bool) -> int:
    if not heals:
        raise click.UsageError("Скажите, что сделать: papka restore --heal")
    healed = heal(
        find_root(folder),
        now=datetime.now().astimezone(),
        access=access(),
        copies=[_copy(each) for each in copies] or None,
        drop_unsent=drop_unsent,
    )
    _show(healed)
    return 0


def _copy(written: str) -> Remote:
    """A copy named by its place; a bare word is looked up among the mirrors by the task."""
    is_name = written.isascii() and written.isalnum() and not Path(written).exists()
    return Remote(written, "" if is_name else accept(written, Path.cwd()), "", primary=False)


def _show(healed: Healed) -> None:
    if healed.finished:
        click.echo("Прерванное лечение закончено: новое хранилище на месте")
    if healed.kept is None:
        click.echo("Хранилище цело, лечить нечего")
        return
    for each in healed.gathered:
        if each.trouble:
            click.echo(f"{each.name}: взять ничего не удалось, {each.trouble}")
        elif each.broken:
            pieces = counted(len(each.broken), "повреждённый кусок", "повреждённых куска",
                             "повреждённых кусков")  # fmt: skip
            click.echo(f"{each.name}: прочитано, {pieces}")
        else:
            click.echo(f"{each.name}: прочитано целиком")
    for ref in healed.dropped:
        click.echo(f"Ссылка {ref} не сохранена: её истории целиком нет нигде")
    click.echo(click.style("Хранилище вылечено", fg="green") + f": последняя запись {healed.head}")
    if healed.is_moved:
        click.echo(f"Раньше последней называлась {healed.before or 'нечитаемая'}")
    click.echo(f"Повреждённое хранилище лежит в {healed.kept}; удалите его, когда всё проверите")
    click.echo(_NEXT)
