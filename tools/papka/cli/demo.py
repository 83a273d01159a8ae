"""papka demo [DIR]: the trial archive."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import click

from papka.cli.options import KEYS
from papka.cli.state import memory
from papka.gates.git.reading import first_commit
from papka.tasks.demo import SHOWN, demo
from papka.tasks.proof.memory import remember_new


@click.command(
    "demo",
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
def command(target: Path, students: int) -> None:
    started = time.monotonic()
    click.echo(f"Пробный архив: {target.resolve()}\n")
    for step in demo(target, students=students, now=datetime.now().astimezone()):
        click.echo(click.style(f"$ {step.command}", bold=True))
        click.echo("".join(f"  {line}\n" for line in step.outcome.splitlines()))
    archive = target / "archive"
    # Another trial may have lain here before: the new one is not its history rewritten.
    remember_new(memory(), archive, first_commit(archive, "main"), ())
    card = f"records/students/{SHOWN[:4]}/{SHOWN}/student.yaml"
    click.echo(
        f"{click.style('Готово', fg='green')} за {time.monotonic() - started:.0f} с. "
        "Попробуйте сами:\n"
        f"  откройте {target / 'print'} — личное дело и сертификат в PDF;\n"
        f"  проверьте сертификат без сети: papka verify {target / 'print'}/certificate-*.pdf "
        f"-C {archive}\n"
        f"  испортите что-нибудь в {archive / card} и скажите: papka check -C {archive}\n"
        f"  верните и сохраните правку: papka save -C {archive}\n"
        f"  сравните зеркала: papka mirror status -C {archive}\n"
        f"  спросите о любом коде: papka explain SIG_MISSING"
    )
