"""papka mirror add|push|status|host: copies of the archive in other places."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from papka.cli.mirror_host import admit, host
from papka.cli.options import KEYS, in_archive
from papka.cli.state import memory
from papka.core.errors import RemoteUnreachable
from papka.core.layout import ORGANIZATION
from papka.core.plural import counted
from papka.gates.git.addresses import is_elsewhere
from papka.gates.git.mirror_folder import weakened_mirror
from papka.gates.git.runner import SshAccess
from papka.gates.programs import given
from papka.gates.worktree import WorktreeSnapshot, find_root
from papka.model.reading import load
from papka.tasks import mirror
from papka.tasks.hosting.authority import accept_authority, is_known, keep_authority
from papka.tasks.mirror_outcomes import Outcome
from papka.tasks.proof.memory import Witness
from papka.text.schemas import SchemaSet

_SENT = {
    "sent": ("принято и перечитано", "green"),
    "already": ("уже всё есть", "green"),
    "refused": ("отказано", "red"),
    "unreachable": ("недоступно", "red"),
    "waiting": ("не отправлялось", "yellow"),
}
_STATE = {
    "equal": ("равно архиву", "green"),
    "behind": ("отстаёт", "yellow"),
    "ahead": ("ушло вперёд", "red"),
    "diverged": ("разошлось", "red"),
    "empty": ("пусто", "yellow"),
    "unreachable": ("недоступно", "red"),
    "unfit": ("негодно", "red"),
}


@click.group(
    "mirror",
    options_metavar=KEYS,
    subcommand_metavar="ДЕЙСТВИЕ",
    help="Зеркала: добавить, отправить, сравнить.",
)
def command() -> None:
    """What is done with a mirror is a subcommand."""


command.add_command(host)
command.add_command(admit)


@command.command("add", options_metavar=KEYS, help="Записать зеркало; первое становится основным.")
@click.argument("name", metavar="ИМЯ")
@click.argument("url", metavar="АДРЕС")
@click.option("--country", required=True, metavar="RU", help="Страна, где стоит зеркало.")
@click.option("--primary", is_flag=True, help="Сделать основным.")
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ФАЙЛ",
    help="Сертификат центра самой школы, если им заверен сервер https; у записанного зеркала с тем "
    "же адресом меняется только он.",
)
@click.option(
    "--medium",
    default="",
    metavar="НОМЕР",
    help="Номер с наклейки диска, на котором лежит папка: другой диск в том же гнезде за него не "
    "примут.",
)
@in_archive
def add(  # noqa: PLR0913 - one parameter an option
    folder: Path,
    name: str,
    url: str,
    country: str,
    ca: Path | None,
    medium: str,
    *,
    primary: bool,
) -> None:
    root = find_root(folder)
    authority = accept_authority(url, ca) if ca else None
    if authority and is_known(root, name, url):
        keep_authority(root, name, authority)
        click.echo(f"Сертификат зеркала «{name}» записан: {authority}")
        return
    remote = mirror.add(
        root, name, url, country,
        allowed=_countries(root), primary=primary, base=Path.cwd(), medium=medium,
    )  # fmt: skip
    if authority:
        keep_authority(root, remote.name, authority)
    kind = "Основное зеркало" if remote.primary else "Зеркало"
    click.echo(f"{kind} «{remote.name}» записано: {remote.url}")
    if is_elsewhere(remote.url):
        click.echo(
            "За безопасные настройки и проверку на входе отвечает сам сервер: на своём выполните "
            "papka mirror host ПАПКА (docs/server.md)"
        )
    click.echo("Что дальше: отправьте архив: papka mirror push")


@command.command(
    "push",
    options_metavar=KEYS,
    help="Отправить сохранённое: сначала в основное, затем в остальные.",
)
@in_archive
def push(folder: Path) -> int:
    return send(find_root(folder))


def send(root: Path) -> int:
    """Sends to every mirror, a line each; the exit code."""
    now = datetime.now().astimezone()
    pushed = mirror.push(
        root, now=now, access=access(), progress=show_outcome, witness=Witness(memory(), now)
    )
    if pushed.is_good:
        click.echo(f"Все зеркала равны архиву: запись {pushed.head[:12]}")
        return 0
    click.echo("Архив цел, но скопирован не везде: исправьте и повторите papka mirror push")
    return RemoteUnreachable.exit_code if pushed.is_unreachable else 3


@command.command("status", options_metavar=KEYS, help="Сравнить зеркала с архивом.")
@in_archive
def status(folder: Path) -> int:
    worst = 0
    root = find_root(folder)
    for standing in mirror.status(root, access=access()):
        remote = standing.remote
        word, color = _STATE[standing.state]
        role = "основное, " if remote.primary else ""
        disk = f", носитель {remote.medium}" if remote.medium else ""
        click.echo(f"{remote.name} ({role}{remote.country}{disk}): {click.style(word, fg=color)}")
        if standing.reason:
            click.echo(f"  {standing.reason}\n  → {standing.next_step}")
        if standing.extra:
            refs = counted(len(standing.extra), "лишняя ссылка", "лишние ссылки", "лишних ссылок")
            click.echo(f"  на зеркале {refs}: {', '.join(standing.extra)}")
        weak = weakened_mirror(root, remote)
        if weak:
            click.echo(
                f"  настройки хранилища ослаблены ({', '.join(weak)}); papka вернёт их при "
                "следующей отправке: papka mirror push"
            )
        if standing.hooks:
            click.echo(
                f"  в нём лежат программы ({', '.join(standing.hooks)}), papka их не запускает"
            )
        if standing.state == "unreachable":
            worst = max(worst, RemoteUnreachable.exit_code)
        elif standing.state != "equal":
            worst = max(worst, 1)
    return worst


def show_outcome(outcome: Outcome) -> None:
    word, color = _SENT[outcome.sent]
    click.echo(f"{outcome.remote.name}: {click.style(word, fg=color)}")
    if outcome.reason:
        click.echo(f"  {outcome.reason}")
    if not outcome.is_good:
        click.echo(f"  → {outcome.next_step}")


def _countries(root: Path) -> tuple[str, ...] | None:
    """Where the organization keeps data; None when its own record is not to be believed."""
    snapshot = WorktreeSnapshot(root)
    archive = load(snapshot, SchemaSet.load(snapshot), wanted=lambda path: path == ORGANIZATION)
    if archive.organization is None or any(f.where.path == ORGANIZATION for f in archive.findings):
        return None
    return archive.organization.mirrors.countries


def access() -> SshAccess:
    return SshAccess(
        agent=os.environ.get("SSH_AUTH_SOCK"),
        home=str(Path.home()),
        command=given("GIT_SSH_COMMAND"),
        authority=given("GIT_SSL_CAINFO"),
    )
