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
from papka.gates.worktree import write
from papka.tasks.hosting.host import Hosted

FORCED = 'restrict,command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\""'
"""How a line of authorized_keys begins where the user's shell is another than git-shell."""
_LINE = "restrict ssh-ed25519 AAAA…ключ-сотрудника… s003"
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
@click.option(
    "--plan",
    "plan",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="ПАПКА",
    help="Хранилища не делать, а написать в эту папку всё для входа по ssh и https, проверки по "
    "расписанию и журналов: один пользователь сервера на архив. Прочтите и выполните сами.",
)
@click.option("--site", metavar="ИМЯ", help="С --plan: как компьютеры школы называют сервер.")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=443,
    show_default=True,
    help="С --plan: порт входа по https; у каждого архива свой.",
)
def host(  # noqa: PLR0913 - one parameter an option
    place: Path,
    anchors: tuple[str, ...],
    refounding: tuple[str, ...],
    plan: Path | None,
    site: str | None,
    port: int,
) -> int:
    if (plan is None) != (site is None) or (plan and refounding):
        raise click.UsageError("--plan ПАПКА дают вместе с --site ИМЯ-СЕРВЕРА и без --refounding")
    if plan is not None and site is not None:
        return _plan(place, plan, site, port, anchors)
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


def _plan(place: Path, folder: Path, site: str, port: int, anchors: tuple[str, ...]) -> int:
    from papka.gates.git.installed import installed  # noqa: PLC0415 - as above
    from papka.tasks.hosting.plan import make_plan, plan_files  # noqa: PLC0415 - as above

    made = make_plan(Path.cwd() / place, site, port, anchors, installed())
    for name, text in plan_files(made).items():
        write(folder, name, text.encode())
        click.echo(f"Написано: {folder / name}")
    if not anchors:
        click.secho(
            '  Без --anchor "SHA256:…" хранилище примет первым любой архив',
            fg="yellow",
        )
    click.echo("Что дальше (подробно: docs/server.md): прочтите их и выполните от root:")
    click.echo(f"  1. sh {folder}/install.sh — пользователь {made.user}, хранилище, вход по ssh")
    click.echo(f"  2. если нужен вход по https: sh {folder}/install-web.sh")
    click.echo(f"  3. каждому сотруднику строка в {made.lists}/authorized_keys:")
    click.echo(f"     {_LINE}")
    click.echo("  4. на компьютерах сотрудников:")
    click.echo(f"     papka mirror add server {made.by_ssh} --country RU")
    click.echo(f"     papka mirror add server {made.by_https} --country RU --ca ca.pem")
    return 0


def _steps(hosted: Hosted) -> Iterator[str]:
    from papka.tasks.hosting.plan import LISTS  # noqa: PLC0415 - as above

    name = hosted.place.name.removesuffix(".git")
    if hosted.owner == f"papka-{name}":
        yield f"люди входят по строкам в {LISTS}/{name}: authorized_keys и (по https) people"
        return
    owner = hosted.owner if hosted.owner not in ("", "root") else "git"
    if hosted.owner == "root":
        yield f"0. Папкой владеет root: отдайте её пользователю git: chown -R git: {hosted.place}"
    yield "1. Всё остальное на сервере Debian напишет эта же команда с ключом --plan. Иначе:"
    yield f"2. Под пользователем {owner} (хозяин папки) пусть работают и вход по ssh, и веб-сервер"
    yield "   и пусть у него не будет другого хранилища: кто вошёл в одно, открыл бы и второе"
    yield "3. Вход по ssh: каждому сотруднику строка в .ssh/authorized_keys этого пользователя:"
    yield f"     {_LINE}"
    yield f"   а оболочкой ему сделайте git-shell: usermod -s /usr/bin/git-shell {owner}"
    yield "   если оболочку менять нельзя, начните каждую строку так:"
    yield f"     {FORCED} {_LINE.removeprefix('restrict ')}"
    yield "4. Или вход по https: веб-сервер с паролями перед git http-backend"
    yield "5. На компьютерах сотрудников:"
    yield f"     papka mirror add server ssh://{owner}@АДРЕС-СЕРВЕРА{hosted.place} --country RU"


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
