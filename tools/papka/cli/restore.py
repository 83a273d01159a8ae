"""papka restore: rebuild an archive from its copies, rehearse that, or heal a damaged store.

It tells what each copy gave, what was made of it and what is in no copy.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from papka.cli.backup import print_act
from papka.cli.context import Context, in_archive, mirror_access, read_clock
from papka.cli.options import KEYS, acting, no_memory_option
from papka.cli.progress import watcher
from papka.cli.report import (
    count_commits,
    count_files,
    exit_code,
    shortened,
    show_findings,
    warning,
)
from papka.cli.russian_names import BilingualCommand
from papka.copies.drill import Drilled, Recorded, drill, record, require_journal
from papka.copies.gathering import Gathered, read_kept_settings
from papka.copies.healing import Healed, heal
from papka.copies.restoring import (
    LEFT_OVER,
    NewerThanWhole,
    Restored,
    RestoreSource,
    find_sources,
    restore,
)
from papka.copies.salvage import Lost
from papka.core.errors import MediumFailed, NotAnArchive
from papka.core.phrases import count_phrase, printable, quoted
from papka.proof.anchors import read_anchors
from papka.proof.memory import memory
from papka.records.strict_yaml import snapshot_source
from papka.repository.handle import Remote, list_remotes, normalize_address
from papka.repository.store import locate
from papka.repository.worktree import WorktreeSnapshot

_SHOWN = 20


def _gathered_lines(gathered: Sequence[Gathered]) -> Iterator[str]:
    for each in gathered:
        name = printable(each.name)
        if each.trouble:
            yield f"{name}: взять ничего не удалось, {each.trouble}"
        elif each.broken:
            pieces = count_phrase(
                len(each.broken), "повреждённый кусок", "повреждённых куска", "повреждённых кусков"
            )
            yield f"{name}: прочитано, {pieces}"
        else:
            yield f"{name}: прочитано целиком"


def _healed_lines(healed: Healed) -> Iterator[str]:
    if healed.purged:
        yield "Убрано то, что уничтожено по акту и ещё лежало в хранилище и в .papka"
    if healed.finished:
        yield "Прерванное лечение закончено: новое хранилище на месте"
    if healed.kept is None:
        yield "Хранилище цело, лечить нечего"
        return
    yield from _gathered_lines(healed.gathered)
    for ref in healed.dropped:
        yield f"Ссылка {ref} не сохранена: её истории целиком нет нигде"
    yield click.style("Хранилище вылечено", fg="green") + f": последнее сохранение {healed.head}"
    if healed.is_moved:
        yield f"Раньше последней называлась {healed.before or 'нечитаемая'}"
    if not healed.purged:
        yield f"Повреждённое хранилище лежит в {healed.kept}; удалите его, когда всё проверите"
    yield "Что дальше: проверьте архив целиком: papka verify"


def _restored_lines(restored: Restored, *, has_settings: bool) -> Iterator[str]:
    """`has_settings`: mirrors and keys were taken over from the archive the person stands in."""
    if restored.again:
        yield "Эта же команда здесь уже всё восстановила; архив проверен ещё раз"
    yield from _gathered_lines(restored.gathered)
    for head, faults in restored.passed_over.items():
        yield warning(
            f"история до сохранения {head[:12]} длиннее, но проверки не прошла и не взята: "
            f"{faults[0].code.name}, {faults[0].message}"
        )
    verified = restored.verified
    size = f"{count_commits(verified.commits)}, {count_files(verified.files)}"
    head = (verified.head or "")[:12]
    if restored.is_good:
        outcome = click.style("Архив восстановлен и проверен", fg="green")
    else:
        outcome = click.style("Архив собран, но доверять ему нельзя, причины выше", fg="red")
    yield f"{outcome}: {restored.folder}, {size}, последнее сохранение {head}"
    if restored.above is not None:
        yield from _above_lines(restored.above)
    place = quoted(printable(str(restored.folder)))
    if not restored.is_good:
        yield f"Что дальше: papka verify {place}; дайте ещё одну копию: --from КОПИЯ"
    elif has_settings:
        yield f"Что дальше: cd {place}, papka mirror status, papka sync"
    else:
        yield (
            f"Что дальше: cd {place}; назовите себя и свой ключ (git config user.name s001; "
            "git config user.signingKey ПУТЬ-К-КЛЮЧУ); запишите зеркала: "
            "papka mirror add ИМЯ АДРЕС --country RU"
        )


def _above_lines(above: NewerThanWhole) -> Iterator[str]:
    """Tell of newer saves that no copy holds whole, and what survives of them."""
    yield warning(
        "есть сохранения новее восстановленного, но целиком их нет ни в одной копии: прочитать "
        f"можно {above.commits}, последняя из них {above.tip[:12]}"
    )
    yield f"Нет ни в одной копии ({len(above.lost)}):"
    yield from shortened([_lost_line(each) for each in above.lost], _SHOWN)
    if above.laid:
        yield (
            f"Уцелевшие изменения положены в папку как несохранённые: "
            f"{count_files(len(above.laid))}. Просмотрите (papka status) и сохраните: "
            "papka save"
        )
    elif not above.is_signed:
        yield "Изменения из этих сохранений в папку не положены: не все они подписаны как должно"
    if above.gone:
        yield "Нового содержания нет нигде, в папке прежнее:"
        gone = [f"  {printable(path) or 'все файлы'}" for path in above.gone]
        yield from shortened(gone, _SHOWN)
    yield f"Всё уцелевшее из этих сохранений и полный список утраченного: {LEFT_OVER}"


def _lost_line(lost: Lost) -> str:
    commit = f"сохранение {lost.commit[:12]}"
    if lost.kind == "commit":
        return f"  {commit}"
    kind = {"tree": "папка", "blob": "файл"}[lost.kind]
    return f"  {f'{kind} {printable(lost.path)}'.rstrip()} ({commit})"


def _drilled_lines(done: Drilled) -> Iterator[str]:
    """Tell what came of restoring one copy on trial."""
    name = printable(done.source.name)
    if not done.is_good:
        why = "недоступна" if done.is_away else "не восстанавливается"
        yield f"{name}: " + click.style(why, fg="red")
        yield from (f"  {fault}" for fault in done.faults)
        renew = (
            "сделайте новую копию, эту не стирайте: papka verify, papka mirror push, papka backup"
        )
        yield f"  → {'подключите её и повторите' if done.is_away else renew}"
        return
    seconds = f"{max(done.seconds, 0.1):.1f}".replace(".", ",")
    yield (
        f"{name}: "
        + click.style("восстанавливается", fg="green")
        + f": {count_commits(done.commits)}, "
        f"{count_phrase(done.objects, 'объект', 'объекта', 'объектов')}, "
        f"{count_files(done.files)} за {seconds} с"
        + (", файлы разложены и перечитаны" if done.laid else "")
    )
    if done.behind:
        lacking = count_phrase(
            done.behind, "последнего сохранения", "последних сохранений", "последних сохранений"
        )
        yield f"  в ней нет {lacking} архива"
    for fault in done.own_faults:
        yield warning(f"копия верна, но в самом архиве есть замечание: {fault}")


def _recorded_lines(recorded: Recorded) -> Iterator[str]:
    for name in recorded.unknown:
        yield warning(
            f"копии {printable(name)} в журнале нет, отметить восстановление негде; "
            "новая попадёт в журнал сама: papka backup"
        )
    if recorded.saved.commit is None:
        yield click.style("В журнал не внесено", fg="red") + ": исправьте замечания и повторите"
        return
    files = ", ".join(path for path, _ in recorded.saved.paths)
    yield f"В журнал внесено: {files}, сохранение {recorded.saved.commit[:12]}"
    yield "Что дальше: подпишите акт; отправьте сохранение в зеркала: papka sync"


@click.command(
    "restore",
    cls=BilingualCommand,
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
    help="С --heal: если последних сохранений целиком нет нигде, вернуться к последнему целому.",
)
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="С-БУМАГИ",
    help="Что записано на бумаге: контрольная сумма пломбы, отпечаток ключа (SHA256:…), первое "
    "сохранение.",
)
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ФАЙЛ",
    help="Сертификат центра самой школы, если им заверен сервер, названный адресом https://…",
)
@no_memory_option
@acting
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    here: Context,
    place: Path | None,
    copies: tuple[str, ...],
    anchors: tuple[str, ...],
    ca: Path | None,
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
        return _heal(here, copies, drop_unsent=drop_unsent)
    if drills:
        if not no_record:
            require_journal(here.root)
        sources = find_sources(copies, list_remotes(here.root), Path.cwd(), ca)
        return _drill(here, sources, files=files, recorded=not no_record)
    assert place is not None
    near = _archive_around(here)
    sources = find_sources(copies, list_remotes(near) if near else (), Path.cwd(), ca)
    return _restore(near, place, sources, anchors, no_memory=no_memory)


def _heal(here: Context, copies: tuple[str, ...], *, drop_unsent: bool) -> int:
    healed = heal(
        here.root,
        now=here.now,
        access=mirror_access(watcher()),
        copies=[_remote_of(each) for each in copies] or None,
        drop_unsent=drop_unsent,
        memory=memory(),
    )
    click.echo("\n".join(_healed_lines(healed)))
    return 0


def _restore(
    root: Path | None,
    place: Path,
    sources: Sequence[RestoreSource],
    anchors: tuple[str, ...],
    *,
    no_memory: bool,
) -> int:
    """`root`: the archive the person stands in, if any; its settings are taken over."""
    restored = restore(
        place.resolve(),
        sources,
        now=read_clock(),
        base=root or Path.cwd(),
        access=mirror_access(watcher()),
        settings=read_kept_settings(locate(root).common) if root else {},
        anchors=read_anchors(anchors),
        memory=None if no_memory else memory(),
    )
    source = snapshot_source(WorktreeSnapshot(restored.folder))
    show_findings(restored.verified.findings, source)
    click.echo("\n".join(_restored_lines(restored, has_settings=root is not None)))
    return 0 if restored.is_good and restored.above is None else 1


def _archive_around(here: Context) -> Path | None:
    """Return the archive the person stands in; most often there is none.

    The plain files of a copy on a medium look like an archive and have no store.
    """
    try:
        locate(here.root)
    except NotAnArchive:
        return None
    return here.root


def _drill(here: Context, sources: Sequence[RestoreSource], *, files: bool, recorded: bool) -> int:
    root, now = here.root, here.now
    actor = here.actor if recorded else None
    access = mirror_access(watcher())
    done: list[Drilled] = []
    for each in drill(root, sources, now=now, clock=time.monotonic, access=access, files=files):
        click.echo("\n".join(_drilled_lines(each)))
        done.append(each)
    tried = [each for each in done if not each.is_away]
    code = 0 if all(each.is_good and not each.own_faults for each in done) else 1
    if len(tried) < len(done):
        code = max(code, MediumFailed.exit_code)
    if actor is None or not tried:
        return code
    entered = record(root, actor, tried, now=now)
    show_findings(entered.saved.findings, entered.saved.source)
    click.echo("\n".join(_recorded_lines(entered)))
    if entered.saved.commit is None:
        return max(code, exit_code(entered.saved.findings))
    for year in entered.years:
        print_act(root, year)
    return code


def _remote_of(written: str) -> Remote:
    """Return the copy at a place; a bare word names a mirror, which `heal` looks up."""
    is_name = written.isascii() and written.isalnum() and not Path(written).exists()
    return Remote(
        written, "" if is_name else normalize_address(written, Path.cwd()), "", primary=False
    )
