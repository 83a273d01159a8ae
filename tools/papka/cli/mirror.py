"""papka mirror add|push|status: keep copies of the archive in other places.

papka mirror host makes the store on the school's own server; its hook runs the hidden `admit`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click

from papka.cli.context import Context, in_archive, mirror_access, read_clock
from papka.cli.options import KEYS, refounding_option
from papka.cli.progress import LINE, watcher
from papka.cli.report import count_commits, exit_code, show_findings
from papka.cli.russian_names import BilingualCommand, BilingualGroup
from papka.copies import mirrors
from papka.copies.mirror_store import weakened_mirror
from papka.copies.mirrors import SendOutcome, accept_authority, is_known, keep_authority
from papka.copies.server import Hosted
from papka.core.errors import RemoteUnreachable
from papka.core.installation import given
from papka.core.phrases import count_phrase, quoted
from papka.core.places import ORGANIZATION
from papka.proof.memory import Witness, memory
from papka.records import wording
from papka.records.archive import load
from papka.records.schemas import SchemaSet
from papka.repository.handle import is_remote
from papka.repository.worktree import WorktreeSnapshot, write

FORCED = 'restrict,command="git-shell -c \\"$SSH_ORIGINAL_COMMAND\\""'
"""How a line of authorized_keys begins where the user's shell is another than git-shell."""
_LINE = "restrict ssh-ed25519 AAAA…ключ-сотрудника… s003"


@click.command(
    "host",
    cls=BilingualCommand,
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
    help="Чей архив принять первым: отпечаток ключа руководителя (SHA256:…), контрольная сумма "
    "пломбы или номер первого сохранения; можно несколько.",
)
@refounding_option
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
        return _write_plan(place, plan, site, port, anchors)
    from papka.copies.server import host as make  # `mirror push` stays light

    hosted = make(place, now=read_clock(), anchors=anchors, refounding=refounding)
    click.echo(f"Хранилище готово: {hosted.place}")
    click.echo("Настройки безопасны, проверка на входе поставлена: hooks/pre-receive")
    for name in hosted.aside:
        click.echo(f"  прежняя программа на её месте убрана и не работает: hooks/{name}")
    if hosted.commits or hosted.findings:
        commits = count_commits(hosted.commits)
        click.echo(f"В нём уже лежит {commits}; проверено целиком:")
        show_findings(hosted.findings)
    if not hosted.is_anchored and not hosted.commits:
        click.secho(
            "  Первым будет принят любой архив: чтобы только ваш, повторите с --anchor "
            '"SHA256:…" (отпечаток ключа руководителя с бумаги)',
            fg="yellow",
        )
    click.echo("Что дальше (подробно: docs/server.md):")
    for line in _next_steps(hosted):
        click.echo(f"  {line}")
    return exit_code(hosted.findings)


def _write_plan(place: Path, folder: Path, site: str, port: int, anchors: tuple[str, ...]) -> int:
    from papka.copies.server import make_plan, plan_files
    from papka.repository.store import find_running_program

    made = make_plan(Path.cwd() / place, site, port, anchors, find_running_program())
    for name, text in plan_files(made).items():
        write(folder, name, text.encode())
        click.echo(f"Написано: {folder / name}")
    if not anchors:
        click.secho('  Без --anchor "SHA256:…" хранилище примет первым любой архив', fg="yellow")
    click.echo("Что дальше (подробно: docs/server.md): прочтите их и выполните от root:")
    install = quoted(folder / "install.sh")
    click.echo(f"  1. sh {install} — пользователь {made.user}, хранилище, вход по ssh")
    click.echo(f"  2. если нужен вход по https: sh {quoted(folder / 'install-web.sh')}")
    click.echo(f"  3. каждому сотруднику строка в {made.lists}/authorized_keys:")
    click.echo(f"     {_LINE}")
    click.echo("  4. на компьютерах сотрудников:")
    click.echo(f"     papka mirror add server {made.by_ssh} --country RU")
    click.echo(f"     papka mirror add server {made.by_https} --country RU --ca ca.pem")
    return 0


def _next_steps(hosted: Hosted) -> Iterator[str]:
    from papka.copies.server import LISTS

    name = hosted.place.name.removesuffix(".git")
    if hosted.owner == f"papka-{name}":
        yield f"люди входят по строкам в {LISTS}/{name}: authorized_keys и (по https) people"
        return
    owner = hosted.owner if hosted.owner not in ("", "root") else "git"
    if hosted.owner == "root":
        place = quoted(hosted.place)
        yield f"0. Папкой владеет root: отдайте её пользователю git: chown -R git: {place}"
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


@click.command(
    "admit",
    cls=BilingualCommand,
    hidden=True,
    options_metavar=KEYS,
    help="Проверка, которую запускает git.",
)
def admit() -> int:
    """Answer the hook: git names the store and the quarantine in the environment."""
    from papka.copies.server import admit as ask
    from papka.repository.packing import tidy_copy

    quarantine = given("GIT_QUARANTINE_PATH")
    pushed = sys.stdin.buffer.read().decode("utf-8", "replace")
    refusals = ask(Path(), Path(quarantine) if quarantine else None, pushed, now=read_clock())
    for line in refusals:
        click.echo(line, err=True)
    if not refusals:
        tidy_copy(Path())
    return 1 if refusals else 0


@click.command(
    "carry-out",
    cls=BilingualCommand,
    hidden=True,
    options_metavar=KEYS,
    help="Исполнение акта об уничтожении, которое запускает git.",
)
def carry_out() -> int:
    """Answer the hook that runs when a push was taken: git starts it in the store."""
    from papka.copies.mirror_purging import carry_out as ask

    for line in ask(Path()):
        click.echo(line, err=True)
    return 0


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
    cls=BilingualGroup,
    options_metavar=KEYS,
    subcommand_metavar="ДЕЙСТВИЕ",
    help="Зеркала: добавить, отправить, сравнить.",
)
def command() -> None:
    """Hold a subcommand for each thing done with a mirror."""


command.add_command(host)
command.add_command(admit)
command.add_command(carry_out)


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
    here: Context, name: str, url: str, country: str, ca: Path | None, medium: str, *, primary: bool
) -> None:
    root = here.root
    authority = accept_authority(url, ca) if ca else None
    if authority and is_known(root, name, url):
        keep_authority(root, name, authority)
        click.echo(f"Сертификат зеркала «{name}» записан: {authority}")
        return
    remote = mirrors.add(
        root, name, url, country,
        allowed=_countries(root), primary=primary, base=Path.cwd(), medium=medium,
    )  # fmt: skip
    if authority:
        keep_authority(root, remote.name, authority)
    kind = "Основное зеркало" if remote.primary else "Зеркало"
    click.echo(f"{kind} «{remote.name}» записано: {remote.url}")
    if is_remote(remote.url):
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
def push(here: Context) -> int:
    return push_to_mirrors(here.root)


def push_to_mirrors(root: Path) -> int:
    """Send what is saved to every mirror, a line each; return the exit code."""
    now = read_clock()
    witness = Witness(memory(), now)
    pushed = mirrors.push(
        root, now=now, access=mirror_access(watcher()), progress=outcome_printer(), witness=witness
    )
    if pushed.is_good:
        click.echo(f"Все зеркала равны архиву: сохранение {pushed.head[:12]}")
        return 0
    click.echo("Архив цел, но скопирован не везде: исправьте и повторите papka mirror push")
    return RemoteUnreachable.exit_code if pushed.is_unreachable else 3


@command.command("status", options_metavar=KEYS, help="Сравнить зеркала с архивом.")
@in_archive
def status(here: Context) -> int:
    worst = 0
    for standing in mirrors.status(here.root, access=mirror_access(watcher())):
        remote = standing.remote
        word, color = _STATE[standing.state]
        role = "основное, " if remote.primary else ""
        disk = f", носитель {remote.medium}" if remote.medium else ""
        about = f"{role}{wording.country(remote.country)}{disk}"
        click.echo(f"{remote.name} ({about}): {click.style(word, fg=color)}")
        if standing.reason:
            click.echo(f"  {standing.reason}\n  → {standing.next_step}")
        if standing.extra:
            refs = count_phrase(
                len(standing.extra), "лишняя ссылка", "лишние ссылки", "лишних ссылок"
            )
            click.echo(f"  на зеркале {refs}: {', '.join(standing.extra)}")
        weak = weakened_mirror(here.root, remote)
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


@command.command(
    "recreate",
    options_metavar=KEYS,
    help="Начать зеркало заново: когда на нём осталось уничтоженное, а само оно его не убирает.",
)
@click.argument("name", metavar="ИМЯ")
@click.argument("url", metavar="[НОВЫЙ-АДРЕС]", required=False)
@in_archive
def recreate(here: Context, name: str, url: str | None) -> int:
    outcome = mirrors.recreate(
        here.root, name, url,
        base=Path.cwd(), now=here.now, access=mirror_access(watcher()),
        witness=Witness(memory(), here.now),
    )  # fmt: skip
    outcome_printer()(outcome)
    if outcome.is_good:
        click.echo(f"Зеркало «{name}» начато заново: на нём только то, что есть в архиве")
        return 0
    return RemoteUnreachable.exit_code if outcome.sent == "unreachable" else 3


def outcome_printer() -> Callable[[SendOutcome], None]:
    """Return what prints, from whatever thread, what came of sending to one mirror.

    What the next try ends in as well is not told again.
    """
    context = click.get_current_context()  # it says whether there are colours
    told: list[SendOutcome] = []

    def show(outcome: SendOutcome) -> None:
        if outcome in told:
            return
        told.append(outcome)
        word, color = _SENT[outcome.sent]
        with LINE.aside(), context.scope(cleanup=False):  # another mirror may be on the way
            click.echo(f"{outcome.remote.name}: {click.style(word, fg=color)}")
            if outcome.reason:
                click.echo(f"  {outcome.reason}")
            if not outcome.is_good:
                click.echo(f"  → {outcome.next_step}")

    return show


def _countries(root: Path) -> tuple[str, ...] | None:
    """Return where the organization keeps data; None when its record cannot be trusted."""
    snapshot = WorktreeSnapshot(root)
    archive = load(snapshot, SchemaSet.load(snapshot), wanted=lambda path: path == ORGANIZATION)
    if archive.organization is None or any(f.where.path == ORGANIZATION for f in archive.findings):
        return None
    return archive.organization.mirrors.countries
