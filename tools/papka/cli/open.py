"""papka open: show the archive in the browser, from this computer alone."""

from __future__ import annotations

import secrets
import signal
from pathlib import Path

import click

from papka.cli.context import Context, in_archive, mirror_access, read_clock
from papka.cli.options import ADDRESS, KEYS
from papka.cli.report import write_log
from papka.cli.russian_names import BilingualCommand

_MINUTE = 60.0


@click.command(
    "open",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help="Показать архив в браузере: люди, дела, сроки, копии. Страницы видны только на этом "
    "компьютере и только вам. Закончить: Ctrl-C.",
)
@click.option(
    "--as",
    "staff",
    type=ADDRESS,
    metavar="СОТРУДНИК",
    help="Номер сотрудника (s003), который на страницах и вносит; без него только смотрят.",
)
@click.option(
    "--idle",
    type=click.IntRange(0),
    default=60,
    metavar="МИНУТ",
    help="Закончить, когда столько минут никто ничего не открывал; обычно 60.",
)
@click.option("--no-browser", is_flag=True, help="Не открывать браузер, только показать адрес.")
@in_archive
def command(here: Context, idle: int, *, no_browser: bool) -> None:
    from papka.web.face import Face
    from papka.web.serving import serve, start_browser
    from papka.web.site import make_site

    face = Face(
        here.root,
        read_clock,
        write_log,
        secrets.token_urlsafe(16),
        actor=here.actor if here.staff else None,
        access=mirror_access(),
    )

    def opened(file: Path, address: str) -> None:
        click.echo(f"Архив открыт в браузере: {address}")
        click.echo("Адрес — только для вас. Закончить: Ctrl-C")
        if not no_browser and not start_browser(file):
            click.echo("Браузер не нашёлся: скопируйте адрес в него сами")

    # a terminal window that is closed ends the face as Ctrl-C does, and leaves nothing lying
    known = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {end: signal.getsignal(end) for end in known}
    for end, handler in before.items():
        if handler != signal.SIG_IGN:  # as under nohup
            signal.signal(end, signal.default_int_handler)
    try:
        serve(make_site(face), opened=opened, idle=idle * _MINUTE)
    except KeyboardInterrupt:
        click.echo("Закрыто.")
    else:
        click.echo(f"Закрыто: {idle} мин никто ничего не открывал.")
    finally:
        for end, handler in before.items():
            signal.signal(end, handler)
