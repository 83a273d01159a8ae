"""papka undo: show what taking back the last save changes, then take it back.

papka discard: show what is not saved, then throw it away.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from papka.cli.context import Context, in_archive, read_clock
from papka.cli.options import KEYS, acting, require_yes, yes_option
from papka.cli.report import count_files, exit_code, show_difference, show_findings
from papka.cli.russian_names import BilingualCommand
from papka.core.phrases import enumerated, printable
from papka.desk.discarding import discard, plan_discard
from papka.desk.file_mends import plan_return, write_changes
from papka.desk.undoing import UndoPlan, drop_note, find_unreported_undo, plan_undo, undo

_STATES = {"added": "вернётся", "changed": "станет прежним", "deleted": "уйдёт"}
_SHOWN = 20


@click.command(
    "undo",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Отменить последнее сохранение, показав сначала, что вернётся. Своё сохранение, которое "
        "ещё никуда не отправлено, уходит из истории совсем. Отправленное (в зеркало, на носитель, "
        "в пакет) и то, что уже подтвердила проверка, отменяет обратное подписанное сохранение; "
        "его тоже можно отменить. С именами файлов: вернуть эти файлы такими, какими они были "
        "сохранены."
    ),
)
@click.argument("files", nargs=-1, metavar="[ФАЙЛ]…")
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что изменится.")
@yes_option
@click.option("--any", "anyones", is_flag=True, help="Отменить и чужое сохранение.")
@acting
@in_archive
def command(
    here: Context, files: tuple[str, ...], *, dry_run: bool, yes: bool, anyones: bool
) -> int:
    if files:
        return _return_files(here.root, files, dry_run=dry_run, yes=yes)
    root, actor = here.root, here.actor
    before = find_unreported_undo(root)
    if before is not None and not dry_run:
        _show_undone(before.id, before.subject, is_pruned=before.is_pruned)
        drop_note(root)
        return 0
    plan = plan_undo(root, actor, now=here.now, anyones=anyones)
    click.echo("\n".join(_preview_lines(plan, actor.staff)))
    if plan.is_refused:
        return _show_refusal(plan)
    if dry_run:
        click.echo(f"Было бы отменено: {plan.commit.subject}")
        return 0
    if not yes:
        require_yes(
            "Убрать это сохранение совсем?" if plan.is_pruned else "Отменить это сохранение?"
        )
    done = undo(root, actor, plan, now=read_clock())  # the question may have taken its time
    if done.commit is None:
        show_findings(done.findings, done.source)
        return exit_code(done.findings)
    _show_undone(done.commit, done.subject, is_pruned=plan.is_pruned)
    drop_note(root)
    return 0


def _return_files(root: Path, files: tuple[str, ...], *, dry_run: bool, yes: bool) -> int:
    """Bring files back as they were last saved; what was not saved in them is lost."""
    changes = plan_return(root, [_inside(root, name) for name in files])
    show_difference(changes.show())
    if dry_run:
        return 0
    if not yes:
        require_yes("Вернуть как было сохранено? Несохранённые правки в этих файлах пропадут")
    write_changes(root, changes)
    click.echo(click.style("Возвращено", fg="green") + f": {count_files(len(changes.after))}")
    return 0


def _inside(root: Path, name: str) -> str:
    """Return a path below the archive: as it is named from here, or from the archive."""
    here = Path(name).absolute()
    if here.is_relative_to(root.absolute()) and not (root / name).exists():
        return here.relative_to(root.absolute()).as_posix()
    return Path(name).as_posix()


def _show_undone(commit: str, subject: str, *, is_pruned: bool) -> None:
    if is_pruned:
        click.echo(
            click.style("Отменено", fg="green") + f": {subject}\n"
            "Этого сохранения больше нет: его никто не видел, и из истории оно ушло"
        )
        return
    click.echo(
        click.style("Отменено", fg="green") + f": сохранение {commit[:12]} — {subject}\n"
        "Что дальше: передумали — papka undo ещё раз; отправить в зеркала — papka sync"
    )


def _preview_lines(plan: UndoPlan, staff: str) -> list[str]:
    commit = plan.commit
    moment = datetime.fromtimestamp(commit.committer.time).astimezone()
    foreign = f" (это не вы, вы — {staff})" if commit.author.name != staff else ""
    who = f"{commit.author.name}{foreign}"
    when = f"{commit.id[:12]}, {moment:%d.%m.%Y %H:%M}"
    lines = [f"Последнее сохранение: {when}, {who} — {plan.commit.subject}"]
    lines += [
        f"  {_STATES[each.state]:<15} {each.path}  +{each.plus} −{each.minus}"
        for each in plan.files[:_SHOWN]
    ]
    if len(plan.files) > _SHOWN:
        files = count_files(len(plan.files) - _SHOWN)
        lines.append(f"  … и ещё {files}")
    for title, entries in (("Станут прежними", plan.altered), ("Исчезнут", plan.gone)):
        if entries:
            lines.append(f"{title}: {enumerated(entries, _SHOWN)}")
    if plan.is_pruned:
        lines.append(
            "Оно ещё никуда не отправлено и уйдёт из истории совсем, вместе с тем, что в нём "
            "записано; вернуть его будет нельзя."
        )
    return lines


def _show_refusal(plan: UndoPlan) -> int:
    show_findings(plan.judged.findings, plan.judged.source)
    click.echo(
        click.style("Отменить нельзя", fg="red")
        + ": что однажды записано, не исчезает. Ничего не изменено."
    )
    for act in plan.instead:
        click.echo(f"  вместо этого {act}")
    return 1


@click.command(
    "discard",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Сбросить всё, что не сохранено: показать это и вернуть папку такой, какой она была "
        "сохранена. Сброшенное не вернуть. Файлы, которые не относятся к архиву, остаются."
    ),
)
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что пропадёт.")
@yes_option
@in_archive
def discard_command(here: Context, *, dry_run: bool, yes: bool) -> int:
    plan = plan_discard(here.root)
    if not plan.edited:
        click.echo("Сбрасывать нечего: всё сохранено.")
        return 0
    for line in plan.lines():
        color = {"+": "red", "-": "green"}.get(line.strip()[:1]) if line[0] == " " else None
        click.echo(click.style(printable(line), fg=color))
    files = count_files(len(plan.edited))
    if dry_run:
        click.echo(f"Было бы сброшено: {files}")
        return 0
    if not yes:
        require_yes("Сбросить эти правки? Вернуть их будет нельзя.")
    discard(here.root, plan)
    click.echo(click.style("Сброшено", fg="green") + f": {files}, всё как в последнем сохранении")
    return 0
