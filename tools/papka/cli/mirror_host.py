"""papka mirror host, and the hidden command its hook runs: the store on the school's own server."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from papka.cli.options import KEYS
from papka.cli.report import exit_code, render
from papka.core.plural import counted
from papka.gates.programs import given
from papka.tasks.hosting.host import Hosted

FORCED = 'restrict,command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\""'
"""How a line of authorized_keys begins where the user's shell is another than git-shell."""
_REFUSED = 1


@click.command(
    "host",
    options_metavar=KEYS,
    short_help="Сделать хранилище на сервере школы (выполняют на сервере).",
    help="На сервере школы: сделать или исправить хранилище, которое само проверяет всё, что в "
    "него отправляют. Подробно: docs/server.md.",
)
@click.argument("place", metavar="ПАПКА", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="С-БУМАГИ",
    help="Чей архив принять первым: отпечаток ключа руководителя (SHA256:…), свёртка печати или "
    "номер первой записи; можно несколько.",
)
@click.option(
    "--refounding",
    multiple=True,
    metavar="СВЁРТКА",
    help="Свёртка с бумажного акта о замене обоих утраченных ключей.",
)
def host(place: Path, anchors: tuple[str, ...], refounding: tuple[str, ...]) -> int:
    from papka.tasks.hosting.host import host as make  # noqa: PLC0415 - `mirror push` stays light

    hosted = make(place, now=datetime.now().astimezone(), anchors=anchors, refounding=refounding)
    click.echo(f"Хранилище готово: {hosted.place}")
    click.echo("Настройки безопасны, проверка на входе поставлена: hooks/pre-receive")
    if hosted.aside:
        click.echo(f"  прежняя программа на её месте убрана и не работает: hooks/{hosted.aside}")
    if hosted.commits or hosted.findings:
        lying = counted(hosted.commits, "запись", "записи", "записей")
        click.echo(f"В нём уже лежит {lying}; проверено целиком:")
        click.echo(render("text", hosted.findings, {}, lambda _: None), nl=False)
    if not hosted.is_anchored and not hosted.commits:
        click.secho(
            "  Первым будет принят любой архив: чтобы только ваш, повторите с --anchor "
            '"SHA256:…" (отпечаток ключа руководителя с бумаги)',
            fg="yellow",
        )
    click.echo("Что дальше (подробно: docs/server.md):")
    for line in _steps(hosted):
        click.echo(f"  {line}")
    return exit_code(hosted.findings, "error")


def _steps(hosted: Hosted) -> Iterator[str]:
    owner = hosted.owner if hosted.owner not in ("", "root") else "git"
    if hosted.owner == "root":
        yield f"0. Папкой владеет root: отдайте её пользователю git: chown -R git: {hosted.place}"
    yield f"1. Под пользователем {owner} (хозяин папки) пусть работают и вход по ssh, и веб-сервер"
    yield "2. Вход по ssh: каждому сотруднику строка в .ssh/authorized_keys этого пользователя:"
    yield "     restrict ssh-ed25519 AAAA…ключ-сотрудника… s003"
    yield f"   а оболочкой ему сделайте git-shell: usermod -s /usr/bin/git-shell {owner}"
    yield "   если оболочку менять нельзя, начните каждую строку так:"
    yield f"     {FORCED} ssh-ed25519 AAAA…ключ-сотрудника… s003"
    yield "3. Или вход по https: веб-сервер с паролями перед git http-backend"
    yield "4. На компьютерах сотрудников:"
    yield f"     papka mirror add server ssh://{owner}@АДРЕС-СЕРВЕРА{hosted.place} --country RU"
    yield f"     papka mirror add server https://АДРЕС-СЕРВЕРА/{hosted.place.name} --country RU"


@click.command("admit", hidden=True, options_metavar=KEYS, help="Проверка, которую запускает git.")
def admit() -> int:
    """Run by the hook: git names the store and the quarantine in the environment."""
    from papka.tasks.hosting.admit import admit as ask  # noqa: PLC0415 - as above

    held_back = given("GIT_QUARANTINE_PATH")
    pushed = sys.stdin.buffer.read().decode("utf-8", "replace")
    lines = ask(
        Path(), Path(held_back) if held_back else None, pushed, now=datetime.now().astimezone()
    )
    for line in lines:
        click.echo(line, err=True)
    return _REFUSED if lines else 0
