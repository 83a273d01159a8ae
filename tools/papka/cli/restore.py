"""What `papka restore` says: what each copy gave, what was made of it, what is nowhere.

papka restore: an archive made again from its copies, its rehearsal, the cure of a store.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path

import click

from papka.checks.checking import snapshot_source
from papka.cli.backup import print_act
from papka.cli.context import mirror_access as access
from papka.cli.options import KEYS, acting, in_archive
from papka.cli.report import exit_code, printable, render
from papka.copies.drill import Drilled, Recorded, drill, record, require_journal
from papka.copies.gathering import Gathered, kept_settings
from papka.copies.healing import Healed, heal
from papka.copies.restoring import LEFT_OVER, Above, Restored, Source, find_sources, restore
from papka.copies.salvage import Lost
from papka.core.errors import MediumFailed, NotAnArchive
from papka.core.phrases import counted
from papka.proof.anchors import read_anchors
from papka.proof.memory import memory
from papka.repository.handle import Remote, accept, remotes
from papka.repository.signing import find_actor
from papka.repository.store import locate
from papka.repository.worktree import WorktreeSnapshot, find_root

_COMMITS = ("запись", "записи", "записей")
_FILES = ("файл", "файла", "файлов")
_OBJECTS = ("объект", "объекта", "объектов")
_SHOWN = 20
_WORDS = {"commit": "запись истории", "tree": "папка", "blob": "файл"}


def gathered_lines(gathered: Sequence[Gathered]) -> Iterator[str]:
    """A line a copy that was read."""
    for each in gathered:
        name = printable(each.name)
        if each.trouble:
            yield f"{name}: взять ничего не удалось, {each.trouble}"
        elif each.broken:
            pieces = counted(
                len(each.broken), "повреждённый кусок", "повреждённых куска", "повреждённых кусков"
            )
            yield f"{name}: прочитано, {pieces}"
        else:
            yield f"{name}: прочитано целиком"


def healed_lines(healed: Healed) -> Iterator[str]:
    if healed.finished:
        yield "Прерванное лечение закончено: новое хранилище на месте"
    if healed.kept is None:
        yield "Хранилище цело, лечить нечего"
        return
    yield from gathered_lines(healed.gathered)
    for ref in healed.dropped:
        yield f"Ссылка {ref} не сохранена: её истории целиком нет нигде"
    yield click.style("Хранилище вылечено", fg="green") + f": последняя запись {healed.head}"
    if healed.is_moved:
        yield f"Раньше последней называлась {healed.before or 'нечитаемая'}"
    yield f"Повреждённое хранилище лежит в {healed.kept}; удалите его, когда всё проверите"
    yield "Что дальше: проверьте архив целиком: papka verify"


def restored_lines(restored: Restored, *, has_settings: bool) -> Iterator[str]:
    """`has_settings`: mirrors and keys were taken over from the archive one stands in."""
    if restored.again:
        yield "Эта же команда здесь уже всё восстановила; архив проверен ещё раз"
    yield from gathered_lines(restored.gathered)
    for head, faults in restored.passed_over.items():
        yield _warning(
            f"история до записи {head[:12]} длиннее, но проверки не прошла и не взята: "
            f"{faults[0].code.name}, {faults[0].message}"
        )
    verified = restored.verified
    size = f"{counted(verified.commits, *_COMMITS)}, {counted(verified.files, *_FILES)}"
    head = (verified.head or "")[:12]
    if restored.is_good:
        told = click.style("Архив восстановлен и проверен", fg="green")
    else:
        told = click.style("Архив собран, но доверять ему нельзя, причины выше", fg="red")
    yield f"{told}: {restored.folder}, {size}, последняя запись {head}"
    if restored.above is not None:
        yield from _above_lines(restored.above)
    yield from _next(restored, has_settings=has_settings)


def _above_lines(above: Above) -> Iterator[str]:
    yield _warning(
        f"есть записи новее восстановленной, но целиком их нет ни в одной копии: прочитать можно "
        f"{above.commits}, последняя из них {above.tip[:12]}"
    )
    yield f"Нет ни в одной копии ({len(above.lost)}):"
    yield from _lost_lines(above.lost)
    if above.laid:
        yield (
            f"Уцелевшие изменения положены в папку как несохранённые: "
            f"{counted(len(above.laid), *_FILES)}. Просмотрите (papka status) и сохраните: "
            "papka save"
        )
    elif not above.is_signed:
        yield "Изменения из этих записей в папку не положены: не все они подписаны как должно"
    if above.gone:
        yield "Нового содержания нет нигде, в папке прежнее:"
        yield from (f"  {printable(path) or 'все файлы'}" for path in above.gone[:_SHOWN])
        if len(above.gone) > _SHOWN:
            yield f"  … и ещё {len(above.gone) - _SHOWN}"
    yield f"Всё уцелевшее из этих записей и полный список утраченного: {LEFT_OVER}"


def _lost_lines(lost: Sequence[Lost]) -> Iterator[str]:
    for each in lost[:_SHOWN]:
        at = f"запись {each.commit[:12]}"
        what = f"{_WORDS[each.kind]} {printable(each.path)}".rstrip()
        yield f"  {at}" if each.kind == "commit" else f"  {what} ({at})"
    if len(lost) > _SHOWN:
        yield f"  … и ещё {len(lost) - _SHOWN}"


def _next(restored: Restored, *, has_settings: bool) -> Iterator[str]:
    place = printable(str(restored.folder))
    if not restored.is_good:
        yield f"Что дальше: papka verify {place}; дайте ещё одну копию: --from КОПИЯ"
        return
    if has_settings:
        yield f"Что дальше: cd {place}, papka mirror status, papka sync"
        return
    yield (
        f"Что дальше: cd {place}; назовите себя и свой ключ (git config user.name s001; "
        "git config user.signingKey ПУТЬ-К-КЛЮЧУ); запишите зеркала: papka mirror add"
    )


def drilled_line(done: Drilled) -> Iterator[str]:
    """What a drill of one copy came to."""
    name = printable(done.source.name)
    if not done.is_good:
        why = "недоступна" if done.is_away else "не восстанавливается"
        yield f"{name}: " + click.style(why, fg="red")
        yield from (f"  {fault}" for fault in done.faults)
        step = (
            "подключите её и повторите"
            if done.is_away
            else "сделайте новую копию, эту не стирайте: papka verify, papka mirror push, "
            "papka backup"
        )
        yield f"  → {step}"
        return
    seconds = f"{max(done.seconds, 0.1):.1f}".replace(".", ",")
    told = (
        f"{counted(done.commits, *_COMMITS)}, {counted(done.objects, *_OBJECTS)}, "
        f"{counted(done.files, *_FILES)} за {seconds} с"
    )
    yield (
        f"{name}: "
        + click.style("восстанавливается", fg="green")
        + f": {told}"
        + (", файлы разложены и перечитаны" if done.laid else "")
    )
    if done.behind:
        lacking = counted(done.behind, "последней записи", "последних записей", "последних записей")
        yield f"  в ней нет {lacking} архива"
    for fault in done.own_faults:
        yield _warning(f"копия верна, но в самом архиве есть замечание: {fault}")


def recorded_lines(told: Recorded) -> Iterator[str]:
    for name in told.unknown:
        yield _warning(
            f"копии {printable(name)} в журнале нет, отметить восстановление негде; "
            "новая попадёт в журнал сама: papka backup"
        )
    if told.saved.commit is None:
        yield click.style("В журнал не внесено", fg="red") + ": исправьте замечания и повторите"
        return
    files = ", ".join(path for path, _ in told.saved.paths)
    yield f"В журнал внесено: {files}, запись {told.saved.commit[:12]}"
    yield "Что дальше: подпишите акт; отправьте запись в зеркала: papka sync"


def _warning(text: str) -> str:
    return click.style("Внимание", fg="yellow") + f": {text}"


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
