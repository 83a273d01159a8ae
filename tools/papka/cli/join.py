"""papka join: a person's own copy of the archive, their key, and the request to accept it.

Without an address it is the second person's key at a computer where the archive is already.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path

import click

from papka.cli.context import Context, in_archive, mirror_access, read_clock
from papka.cli.options import ADDRESS, KEYS, ask_yes, refounding_option
from papka.cli.progress import watcher
from papka.cli.report import show_findings
from papka.cli.russian_names import BilingualCommand
from papka.copies.joining import (
    JoinRequest,
    ReceivedCopy,
    begin_or_go_on,
    choose_key,
    compose_request,
    find_joined,
    find_mirror,
    list_staff,
    receive_copy,
    refuse_head_here,
    request_of,
    require_accepted,
    require_person,
)
from papka.core.errors import KeyWaits, Refused
from papka.core.findings import Finding, Severity, has_errors
from papka.core.phrases import printable, quoted, suggest
from papka.core.places import read_address
from papka.proof.anchors import Anchors, read_anchor, read_anchors
from papka.proof.memory import memory
from papka.records.school import StaffMember
from papka.records.strict_yaml import snapshot_source
from papka.repository.git_values import PublicKey
from papka.repository.handle import list_remotes, read_setting
from papka.repository.signing import (
    is_guarded,
    kept_key,
    load_signer,
    request_file,
    waiting_person,
)
from papka.repository.worktree import WorktreeSnapshot, write

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command(
    "join",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Подключиться к архиву школы с нового компьютера: получить его с зеркала, сверить с "
        "бумагой, сделать свой ключ и заявку руководителю. Без адреса, в папке архива, — свой "
        "ключ второго человека за этим же компьютером."
    ),
)
@click.argument("address", metavar="[АДРЕС-ЗЕРКАЛА]", required=False)
@click.argument(
    "place", metavar="[ПАПКА]", required=False, type=click.Path(file_okay=False, path_type=Path)
)
@click.option(
    "--as",
    "staff",
    type=ADDRESS,
    metavar="СОТРУДНИК",
    help="Кто вы: ваш номер в списке сотрудников (s002); нет — команда спросит.",
)
@click.option(
    "--key",
    type=_FILE,
    metavar="ФАЙЛ",
    help="Где лежит или будет создан ваш ключ подписи; нет — папка .ssh вашего пользователя.",
)
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="С-БУМАГИ",
    help="Что записано на листе ключей: отпечаток ключа руководителя (SHA256:…) или номер первого "
    "сохранения; нет — команда спросит.",
)
@refounding_option
@click.option(
    "--country",
    metavar="RU",
    help="Страна, где стоит зеркало; нет — единственная, разрешённая в архиве.",
)
@click.option(
    "--ca",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ФАЙЛ",
    help="Сертификат центра самой школы, если им заверен сервер https://…",
)
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    here: Context,
    address: str | None,
    place: Path | None,
    key: Path | None,
    anchors: tuple[str, ...],
    refounding: tuple[str, ...],
    country: str | None,
    ca: Path | None,
) -> int:
    if here.staff is None and not sys.stdin.isatty():
        raise click.UsageError("Скажите, кто вы: --as s002 (ваш номер в списке сотрудников)")
    if address is None:
        if anchors or refounding or country or ca:
            raise click.UsageError("Назовите адрес зеркала: papka join АДРЕС [ПАПКА]")
        return _join_here(here, key)
    mirror = find_mirror(address, Path.cwd(), ca)
    place = (place or Path(_name_of(address))).resolve()
    if find_joined(place, mirror):
        return _tell_again(here, place)
    if not anchors and not sys.stdin.isatty():
        raise click.UsageError(
            'Нужно то, что на бумаге: --anchor "SHA256:…" (отпечаток ключа руководителя с листа '
            "ключей)"
        )
    found = read_anchors(anchors) if anchors else _ask_anchor()
    click.echo(f"Получаю архив: {printable(mirror.url)}")
    with receive_copy(place, mirror, mirror_access(watcher())) as copy:
        if not _is_vouched(copy, found, refounding, read_clock()):
            return 1
        person = _choose_person(copy.staff(), here.staff)
        file = key or _usual_key(person.id)
        public = _prepare_key(copy.site.built, place, person.id, file)
        copy.settle(person.id, file.resolve(), _choose_country(copy, country))
    click.echo(click.style("Архив получен и проверен", fg="green") + f": {place}")
    return _tell_outcome(place, person.id, public)


def _name_of(address: str) -> str:
    """Return the folder's name that an address suggests."""
    words = re.split(r"[/\\:]", address.rstrip("/\\"))
    return words[-1].removesuffix(".git")


def _ask_anchor() -> Anchors:
    """Ask for what stands on the sheet of keys; nothing when it will be compared by eye."""
    click.echo(
        "Возьмите лист ключей архива: он напечатан и подписан руководителем. Снимок с экрана и "
        "письмо не годятся, их можно подменить."
    )

    def read(text: str) -> Anchors:
        try:
            return read_anchor(text) if text.strip() else Anchors()
        except Refused as error:
            raise click.BadParameter(f"{error.message}. {error.next_step}") from error

    answer: Anchors = click.prompt(
        "Отпечаток ключа руководителя или номер первого сохранения (пусто — сличить на экране)",
        default="", show_default=False, value_proc=read,
    )  # fmt: skip
    return answer


def _is_vouched(copy: ReceivedCopy, anchors: Anchors, acts: tuple[str, ...], now: datetime) -> bool:
    """Tell whether the copy is sound, and the one that paper speaks of."""
    is_good = bool(anchors or (anchors := _compare_by_eye(copy, acts, now)))
    if is_good:
        verified = copy.judge(now, anchors, acts, memory())
        is_good = not has_errors(verified.findings)
        _show(copy, verified.findings)
    if not is_good:
        click.echo(
            click.style("Архив не принят", fg="red") + ": здесь от него ничего не осталось.\n"
            "Что делать: проверьте адрес и лист ключей; если они верны, сообщите руководителю"
        )
    return is_good


def _compare_by_eye(copy: ReceivedCopy, acts: tuple[str, ...], now: datetime) -> Anchors:
    """Return what the person says stands on paper too; nothing when it does not."""
    seen = copy.judge(now, Anchors(), acts, None)
    if has_errors(seen.findings):
        _show(copy, seen.findings)
        return Anchors()
    click.echo(f"Ключ руководителя  {seen.root_key}\nПервое сохранение  {copy.root}")
    if not ask_yes("Сличите с листом каждый знак. Всё совпадает?"):
        return Anchors()
    return Anchors(keys=frozenset({seen.root_key}), roots=frozenset({copy.root}))


def _show(copy: ReceivedCopy, findings: tuple[Finding, ...]) -> None:
    """Show what is wrong; what is only odd, when nothing is wrong."""
    least = Severity.ERROR if has_errors(findings) else Severity.WARNING
    findings = tuple(each for each in findings if each.severity >= least)
    show_findings(findings, snapshot_source(WorktreeSnapshot(copy.site.built)))


def _choose_person(people: Mapping[str, StaffMember], staff: str | None) -> StaffMember:
    """Return who joins: named by `--as`, else chosen from the list. Raises NotFound."""
    if staff is not None:
        return require_person(people, staff)
    listed = list(people.values())
    click.echo("Сотрудники школы:")
    for number, each in enumerate(listed, 1):
        click.echo(f"  {number}. {each.id}  {printable(each.name.full)}, {printable(each.post)}")

    def read(text: str) -> StaffMember:
        word = read_address(text.strip())
        if word.isdecimal() and 0 < int(word) <= len(listed):
            return listed[int(word) - 1]
        if word not in people:
            raise click.BadParameter(f"такого номера в списке нет.{suggest(word, people)}")
        return people[word]

    click.echo("Если вас здесь нет, прервите (Ctrl-C) и попросите руководителя: papka new staff")
    chosen: StaffMember = click.prompt("Кто вы, номер", value_proc=read)
    return chosen


def _choose_country(copy: ReceivedCopy, country: str | None) -> str:
    allowed = copy.countries()
    if country is not None:
        return country
    if len(allowed) == 1:
        return allowed[0]
    if not sys.stdin.isatty():
        raise click.UsageError(f"Скажите, где стоит зеркало: --country {'|'.join(allowed)}")
    answer: str = click.prompt("Страна, где стоит зеркало", type=click.Choice(allowed))
    return answer


def _usual_key(staff: str) -> Path:
    """Return where a person's key lies unless they say otherwise."""
    return Path.home() / ".ssh" / f"papka-{staff}"


def _prepare_key(root: Path, place: Path, staff: str, file: Path) -> PublicKey:
    """Return the person's key, made if need be, and say how it is guarded."""
    public, is_new = choose_key(root, place, staff, file, _ask_passphrase)
    click.echo(f"{'Создан ваш ключ' if is_new else 'Взят ваш ключ, который уже был'}: {file}")
    if is_guarded(file):
        click.echo(
            "  Без пароля им не подписать. После каждого входа в систему один раз: "
            f"ssh-add {quoted(file)}"
        )
    else:
        click.echo(
            "  Он без пароля: кто скопирует этот файл, сможет подписывать за вас. Никому его не "
            "давайте, уходя, блокируйте экран, диск держите зашифрованным."
        )
    return public


def _ask_passphrase() -> str:
    if not sys.stdin.isatty():
        return ""
    while True:
        first: str = click.prompt(
            "Пароль на ключ (пусто — без пароля; на экране не виден)",
            default="", show_default=False, hide_input=True,
        )  # fmt: skip
        if not first:
            return ""
        if first == click.prompt("Тот же пароль ещё раз", hide_input=True):
            return first
        click.echo("Пароли не совпали, попробуйте снова")


def _join_here(here: Context, key: Path | None) -> int:
    """Make the key of a second person, whose this copy is from now on."""
    root = here.root
    before = read_setting(root, "user.name") or ""
    person = _choose_person(list_staff(root), here.staff)
    refuse_head_here(root, person.id)
    file = key or _usual_key(person.id)
    public = _prepare_key(root, root, person.id, file)
    begin_or_go_on(root, person.id, file.resolve())
    return _tell_outcome(root, person.id, public, before)


def _tell_again(here: Context, place: Path) -> int:
    """Answer the same command given again: it may have been killed before its answer."""
    staff = waiting_person(place)
    if staff and here.staff not in (None, staff):
        raise Refused(
            f"В папке {place} уже подключается {staff}",
            f"Ключ второго человека делают в самой папке: papka join --as {here.staff}",
        )
    try:
        require_accepted(place, now=read_clock(), access=mirror_access(watcher()))
    except KeyWaits:
        file = kept_key(place, staff) or _usual_key(staff)
        return _tell_outcome(place, staff, load_signer(file).public)
    click.echo(f"Этот архив уже подключён: {place}\nЧто дальше: cd {quoted(place)}, papka sync")
    return 0


def _tell_outcome(root: Path, staff: str, public: PublicKey, before: str = "") -> int:
    """Say whether the person may work now; else write the request and say what becomes of it.

    `before`: who has worked in this very copy until now.
    """
    if not waiting_person(root):
        click.echo(
            click.style("Ваш ключ уже принят", fg="green")
            + f": работайте.\nЧто дальше: cd {quoted(root)}, papka status"
        )
        return 0
    request = request_of(root, staff, public)
    write(root, request_file(staff), compose_request(request).encode())
    accepting = f"papka trust add request-{staff}.txt"
    if before not in ("", staff):
        accepting = f"papka trust add {request_file(staff)} --as {before}"
    click.echo("\n".join(_request_lines(root, request, accepting)))
    return 0


def _request_lines(root: Path, request: JoinRequest, accepting: str) -> Iterator[str]:
    staff = request.staff
    yield f"\nЗаявка руководителю: {root / request_file(staff)}"
    yield "Отправьте ему этот файл или строку:"
    yield f"  {request.line}"
    yield "и назовите голосом отпечаток вашего ключа:"
    yield f"  {request.key.fingerprint}"
    yield (
        f"Руководитель примет её командой: {accepting}\n"
        f"До этого {staff} ждёт принятия ключа: смотреть и печатать можно, записывать нельзя."
    )
    mirror = next((each.url for each in list_remotes(root) if each.primary), "")
    if mirror:
        yield f"Основное зеркало здесь {printable(mirror)}: у всех сотрудников оно одно и то же."
    yield f"Что дальше: cd {quoted(root)}; когда ключ примут: papka sync"
