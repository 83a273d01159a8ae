"""papka demo [DIR]: build the trial archive and suggest what to try in it."""

from __future__ import annotations

import time
from pathlib import Path

import click

from papka.cli.context import read_clock
from papka.cli.options import KEYS, program_name
from papka.cli.russian_names import BilingualCommand
from papka.core.phrases import quoted
from papka.desk.demo_archive import SHOWN, demo, is_whole
from papka.proof.memory import memory, remember_new
from papka.repository.commit_snapshots import first_commit


@click.command(
    "demo",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help="Построить пробный архив с выдуманными людьми и показать всё в деле.",
)
@click.argument(
    "target",
    metavar="[ПАПКА]",
    default=Path("demo"),
    type=click.Path(file_okay=False, path_type=Path),
)
@click.option(
    "--students",
    type=click.IntRange(0, 200_000),
    default=0,
    metavar="N",
    help="Размножить образец до N дел.",
)
@click.option(
    "--again",
    is_flag=True,
    help="Построить заново на месте прежней пробы; что в ней меняли, пропадёт.",
)
def command(target: Path, students: int, *, again: bool) -> None:
    if is_whole(target) and not again:
        click.echo(f"Пробный архив уже построен: {target.resolve()}")
        rest = "" if target == Path("demo") else f" {quoted(target)}"
        click.echo(
            f"Построить заново, без того, что в нём меняли: {program_name()} demo --again{rest}\n"
        )
    else:
        _build(target, students)
    _suggest(target)


def _build(target: Path, students: int) -> None:
    started = time.monotonic()
    click.echo(f"Пробный архив: {target.resolve()}\n")
    for step in demo(target, students=students, now=read_clock()):
        click.echo(click.style(f"$ {program_name()} {step.command}", bold=True))
        click.echo("".join(f"  {line}\n" for line in step.outcome.splitlines()))
    archive = target / "archive"
    # Another trial may have lain here before: the new one is not its history rewritten.
    remember_new(memory(), archive, first_commit(archive, "main"), ())
    click.echo(f"{click.style('Готово', fg='green')} за {time.monotonic() - started:.0f} с.")


def _suggest(target: Path) -> None:
    """Print what to try; each command can be pasted from where the person stands."""
    archive = target / "archive"
    card = archive / "records" / "students" / SHOWN[:4] / SHOWN / "student.yaml"
    papka, at = program_name(), f"-C {quoted(archive)}"
    click.echo(
        "Попробуйте сами:\n"
        "  посмотрите архив в браузере:\n"
        f"    {papka} {at} open\n"
        f"  откройте {target / 'print'} — личное дело и сертификат в PDF;\n"
        "  проверьте сертификат без сети:\n"
        f"    {papka} {at} verify {quoted(target / 'print')}/certificate-*.pdf\n"
        f"  испортите что-нибудь в {card} и спросите:\n"
        f"    {papka} {at} check\n"
        "  верните и сохраните правку:\n"
        f"    {papka} {at} save\n"
        "  сравните зеркала:\n"
        f"    {papka} {at} mirror status\n"
        "  спросите о любом коде:\n"
        f"    {papka} explain SIG_MISSING"
    )
