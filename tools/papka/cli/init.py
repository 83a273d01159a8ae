"""papka init DIR: create a school's archive, or the restricted twin of one.

papka upgrade: bring an archive to the schemas and forms of this program.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path

import click

from papka.cli.context import Context, in_archive, read_clock, ssh_agent
from papka.cli.options import KEYS, acting, ask_yes, require_yes
from papka.cli.report import count_files, exit_code, show_findings
from papka.cli.russian_names import BilingualCommand
from papka.core.phrases import count_phrase, printable, quoted
from papka.desk.edition import Difference, School, name_parts, restricted_records
from papka.desk.new_archive import Created, init, keys_of
from papka.desk.upgrading import UpgradePlan, plan_upgrade, upgrade
from papka.proof.memory import memory, remember_new
from papka.records.given_names import is_swapped
from papka.records.student import Name
from papka.repository.worktree import find_root

_FORMS = {"ип": "Индивидуальный предприниматель", "организация": "Руководитель"}
"""What a school is -> the head's post, unless another is given."""
_OWNER = "индивидуальный предприниматель "
_PARTS = {"surname": "Фамилия", "given": "Имя", "patronymic": "Отчество"}
_SWAPPED = "Похоже, на месте фамилии стоит имя"
_LACKED = {"surname": "фамилии", "given": "имени", "patronymic": "отчества"}


class _MonthDay(click.ParamType[str]):
    """«01.09» or «09-01» as «09-01»."""

    name = "month-day"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        text = value.strip()
        day, dot, month = text.partition(".")
        if not dot:
            month, _, day = text.partition("-")
        if not (day.isdecimal() and month.isdecimal()):
            self.fail("День и месяц пишут так: 01.09", param, ctx)
        try:
            found = date(2024, int(month), int(day))  # a leap year
        except ValueError:
            self.fail(f"{text}: такого дня нет в календаре", param, ctx)
        if (found.month, found.day) == (2, 29):
            self.fail("29 февраля бывает не каждый год, выберите другой день", param, ctx)
        return f"{found:%m-%d}"


@click.command(
    "init",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Создать архив школы: правила, формы, ключи; без личных дел. С ключом --restricted — "
        "ограниченный архив для диагностики и особых потребностей (--of: чей)."
    ),
)
@click.argument("target", metavar="ПАПКА", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--organization",
    metavar="НАЗВАНИЕ",
    help="Как в документах, например: Индивидуальный предприниматель Ландышева Зоя Зиновьевна.",
)
@click.option("--short-name", metavar="НАЗВАНИЕ", help="Краткое название; нет — как полное.")
@click.option(
    "--legal-form",
    metavar="ВИД",
    type=click.Choice(list(_FORMS), case_sensitive=False),
    help="Кто школа: ип или организация; нет — по названию.",
)
@click.option("--head", metavar="ФИО", help="Кто подписывает документы: Фамилия Имя Отчество.")
@click.option("--head-surname", metavar="ФАМИЛИЯ", help="Фамилия, если по ФИО её не понять.")
@click.option("--head-given", metavar="ИМЯ", help="Имя, если по ФИО его не понять.")
@click.option("--head-patronymic", metavar="ОТЧЕСТВО", help="Отчество, если по ФИО не понять.")
@click.option(
    "--head-post",
    metavar="ДОЛЖНОСТЬ",
    help="Должность, как в подписи; нет — «Индивидуальный предприниматель» или «Руководитель».",
)
@click.option("--place", metavar="МЕСТО", help="Место составления документов: г. Москва.")
@click.option("--address", metavar="АДРЕС", help="Почтовый адрес.")
@click.option(
    "--year-starts",
    metavar="ДЕНЬ",
    type=_MonthDay(),
    help="Когда начинается учебный год: 01.09; по умолчанию 01.01.",
)
@click.option(
    "--keys",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="ПАПКА",
    help="Здесь лежат или будут созданы ключи head (ежедневный) и recovery (запасной).",
)
@click.option("--restricted", is_flag=True, help="Ограниченный архив: те же номера дел.")
@click.option(
    "--of",
    "main",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="ПАПКА",
    help="Основной архив, для которого ограниченный: из него реквизиты, сотрудники и ключи.",
)
def command(  # noqa: PLR0913 - one parameter a question
    target: Path,
    organization: str | None,
    short_name: str | None,
    legal_form: str | None,
    head: str | None,
    head_surname: str | None,
    head_given: str | None,
    head_patronymic: str | None,
    head_post: str | None,
    place: str | None,
    address: str | None,
    year_starts: str | None,
    keys: Path | None,
    main: Path | None,
    *,
    restricted: bool,
) -> None:
    now, agent = read_clock(), ssh_agent()
    if restricted or main is not None:
        if not restricted:
            raise click.UsageError(
                "Ключ --of называет основной архив для ограниченного: --restricted"
            )
        if main is None:
            raise click.UsageError(
                "Ограниченный архив делают к основному, назовите его: --of ПАПКА"
            )
        root = find_root(main)
        keys = keys or keys_of(root)
        records = restricted_records(root)
        created = init(target, None, keys=keys, now=now, agent=agent, records=records)
        _show_created(created, keys)
        there = quoted(created.root)
        click.echo(
            "\nЭто ограниченный архив: номера дел те же, что в основном, имён в нём нет.\n"
            "Что дальше:\n"
            f"  papka add -C {there} НОМЕР diagnostic    педагогическая диагностика\n"
            f"  papka add -C {there} НОМЕР need          особая потребность"
        )
        return
    given = {"surname": head_surname, "given": head_given, "patronymic": head_patronymic}
    names: Mapping[str, str] = {key: part for key, part in given.items() if part}
    is_asked = not (organization and (head or names) and place and address)
    organization = organization if organization is not None else _ask("Полное название организации")
    legal_form = legal_form or _find_form(organization, is_asked=is_asked)
    if not names:
        head, names = _find_head(head, organization, legal_form)
    if not head_post:
        head_post = _FORMS[legal_form]
        if legal_form != "ип" and is_asked:
            head_post = click.prompt("Должность руководителя, как в подписи", default=head_post)
    place = place if place is not None else _ask("Место составления документов (г. Москва)")
    address = address if address is not None else _ask("Адрес организации")
    if year_starts is None:
        year_starts = "01-01"
        if is_asked:
            year_starts = click.prompt(
                "С какого дня начинается учебный год (день.месяц)",
                default="01.01",
                type=_MonthDay(),
            )
    if keys is None:
        where = "Папка для ключей руководителя (вне архива, например на флешке)"
        keys = Path(click.prompt(where))
    school = School(
        organization,
        short_name or _short_name(organization, legal_form, names),
        place,
        address,
        head or "",
        head_post,
        names,
        year_starts,
    )
    created = init(target, school, keys=keys, now=now, agent=agent)
    _show_created(created, keys)
    click.echo(
        "\nЧто дальше: впишите реквизиты и сотрудников в records/organization.yaml и\n"
        "records/staff.yaml (образцы — там же, после знака #), затем\n"
        f"  papka save -C {quoted(created.root)}\n"
        "Кто ведёт ежедневные записи вместо руководителя, делает свой ключ:\n"
        f"  papka join -C {quoted(created.root)}"
    )


def _show_created(created: Created, keys: Path) -> None:
    trouble = remember_new(memory(), created.root, created.commit, [created.head_fingerprint])
    click.echo(click.style("Архив создан", fg="green") + f": {created.root}")
    if trouble:
        click.echo(f"Запомнить его на этом компьютере не вышло: {trouble}")
    for path in created.made_keys:
        click.echo(f"Создан ключ: {path}")
    click.echo(
        f"\nНапечатайте лист ключей: papka print keys -C {quoted(created.root)}\n"
        "Подпишите его и храните с документами школы. На нём:\n"
        f"  ключ руководителя  {created.head_fingerprint}\n"
        f"  запасной ключ      {created.recovery_fingerprint}\n"
        f"  первое сохранение  {created.commit}"
    )
    if (keys / "recovery").exists():  # in the same folder as the daily one
        click.echo(
            f"Ключ recovery уберите в сейф: перенесите {keys / 'recovery'} на отдельную флешку."
        )


def _ask(question: str) -> str:
    answer: str = click.prompt(question)
    return answer


def _find_form(organization: str, *, is_asked: bool) -> str:
    """Return what the school is: asked, or guessed from its name."""
    name = organization.strip().casefold()
    guess = "ип" if name.startswith((_OWNER, "ип ")) else "организация"
    if not is_asked:
        return guess
    answer: str = click.prompt(
        "Это ИП или организация",
        default=guess,
        type=click.Choice(list(_FORMS), case_sensitive=False),
        show_choices=False,
    )
    return answer


def _find_head(
    head: str | None, organization: str, legal_form: str
) -> tuple[str, Mapping[str, str]]:
    """Return the head's name and its parts, confirmed by the person who typed it."""
    if head is not None:
        names = name_parts(head)
        if is_swapped(Name(**names)):
            click.echo(
                f"Внимание: {_SWAPPED[0].lower()}{_SWAPPED[1:]}: {names['surname']}. Если так, "
                "исправьте в records/staff.yaml",
                err=True,
            )
        return head, names
    name = organization.strip()
    own = name[len(_OWNER) :] if name.casefold().startswith(_OWNER) else None
    question = "Руководитель (Фамилия Имя Отчество)"
    head = click.prompt(question, default=own if legal_form == "ип" else None)
    assert head is not None
    names = name_parts(head)
    shown = ", ".join(
        f"{title.lower()} {names[key]}" if key in names else f"без {_LACKED[key]}"
        for key, title in _PARTS.items()
    )
    swapped = is_swapped(Name(**names))
    if swapped:
        click.echo(_SWAPPED)
    if ask_yes(f"Записать так: {shown}?", default=not swapped):
        return head, names
    asked = {
        key: click.prompt(
            f"{title} (пусто — нет)" if key != "given" else title,
            default=None if key == "given" else "",
            show_default=False,
        ).strip()
        for key, title in _PARTS.items()
    }
    names = {key: part for key, part in asked.items() if part}
    return " ".join(names.values()), names


def _short_name(organization: str, legal_form: str, names: Mapping[str, str]) -> str:
    """«ИП Ландышева З. З.» for its owner; else the full name."""
    if legal_form != "ип" or "surname" not in names:
        return organization
    initials = " ".join(f"{names[key][0]}." for key in ("given", "patronymic") if key in names)
    return f"ИП {names['surname']} {initials}"


@click.command(
    "upgrade",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Обновить правила и формы архива до редакции этой программы: одним сохранением, "
        "подписанным руководителем. Что школа меняла сама, остаётся, пока руководитель не решит."
    ),
)
@click.option(
    "--take",
    "taken",
    multiple=True,
    metavar="ФАЙЛ",
    help="Изменённый в школе файл заменить новой редакцией; можно несколько раз.",
)
@click.option(
    "--keep",
    "kept",
    multiple=True,
    metavar="ФАЙЛ",
    help="Изменённый в школе файл оставить и больше о нём не спрашивать; можно несколько раз.",
)
@click.option("--yes", is_flag=True, help="Не спрашивать; нерешённое остаётся нерешённым.")
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что изменилось бы.")
@acting
@in_archive
def upgrade_command(
    here: Context, taken: tuple[str, ...], kept: tuple[str, ...], *, yes: bool, dry_run: bool
) -> int:
    root, actor, now = here.root, here.actor, here.now
    plan = plan_upgrade(root, actor, today=now.date())
    if not plan.found.is_behind and not (taken or kept):
        click.echo("Архив уже в редакции этой программы.")
        return 0
    for line in _plan_lines(plan):
        click.echo(line)
    if not yes and not dry_run:
        taken, kept = _decide_changed(plan, taken, kept)
        require_yes("Обновить архив?")
    saved = upgrade(root, actor, plan, take=taken, keep=kept, now=now, dry_run=dry_run)
    show_findings(saved.findings, saved.source)
    waiting = [each.path for each in plan.asked if each.path not in {*taken, *kept}]
    if waiting:
        files = count_files(len(waiting))
        click.echo(
            f"\nНе решено: {files}. Пока оставлено как есть. Решить: papka upgrade --take "
            f"{printable(waiting[0])} или --keep {printable(waiting[0])}"
        )
    if not saved.paths and exit_code(saved.findings) == 0:
        click.echo("Больше менять нечего.")
        return 0
    if saved.commit is None:
        if dry_run and exit_code(saved.findings) == 0:
            click.echo("Было бы обновлено одним сохранением. Ничего не изменено.")
            return 0
        click.echo(click.style("Архив не обновлён", fg="red") + ": причины выше, файлы не тронуты.")
        return exit_code(saved.findings)
    click.echo(
        click.style("Архив обновлён", fg="green") + f": сохранение {saved.commit[:12]}\n"
        "Что дальше: отправьте остальным: papka sync"
    )
    return 0


def _plan_lines(plan: UpgradePlan) -> Iterator[str]:
    titles = (("новый", "Новое"), ("обновить", "Заменить новой редакцией"), ("убрать", "Убрать"))
    for state, title in titles:
        found = plan.of(state)
        if found:
            yield f"{title}: {len(found)}"
            yield from (f"  {each.path}" for each in found)
    if plan.declarations:
        yield "Записи:"
        yield from (f"  {what}" for what in plan.declarations)
    if plan.asked:
        yield click.style(f"Изменено в школе: {len(plan.asked)}", fg="yellow")
        for each in plan.asked:
            yield f"\n{each.path}: строки с «-» — ваши, с «+» — новой редакции"
            yield from _diff_lines(each)


def _diff_lines(each: Difference) -> Iterator[str]:
    limit = 60
    if each.ours is None:
        yield "  в архиве этот файл убран, в новой редакции он изменён"
        return
    ours, theirs = (
        (data or b"").decode("utf-8", "replace").splitlines() for data in (each.ours, each.theirs)
    )
    lines = list(difflib.unified_diff(ours, theirs, "в архиве", "в программе", lineterm="", n=1))
    yield from (f"  {printable(line)}" for line in lines[2 : 2 + limit])
    if len(lines) > limit + 2:
        yield f"  … и ещё {count_phrase(len(lines) - 2 - limit, 'строка', 'строки', 'строк')}"


def _decide_changed(
    plan: UpgradePlan, taken: tuple[str, ...], kept: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the files to take and to keep, the head asked about each that no option names."""
    for each in plan.asked:
        if each.path in {*taken, *kept}:
            continue
        if ask_yes(f"{each.path}: взять новую редакцию вместо вашей?"):
            taken += (each.path,)
        else:
            kept += (each.path,)
    return taken, kept
