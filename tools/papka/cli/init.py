"""papka init DIR: a school's own archive."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import click

from papka.cli.options import KEYS
from papka.cli.state import memory
from papka.core.suggestion import quoted
from papka.tasks.init import School, init
from papka.tasks.proof.memory import remember_new


@click.command(
    "init", options_metavar=KEYS, help="Создать архив школы: правила, формы, ключи; без личных дел."
)
@click.argument("target", metavar="ПАПКА", type=click.Path(file_okay=False, path_type=Path))
@click.option(
    "--organization",
    prompt="Полное название организации",
    metavar="НАЗВАНИЕ",
    help="Как в документах, например: Индивидуальный предприниматель Ландышева Зоя Зиновьевна.",
)
@click.option("--short-name", metavar="НАЗВАНИЕ", help="Краткое название; нет — как полное.")
@click.option(
    "--head",
    prompt="Руководитель (Фамилия Имя Отчество)",
    metavar="ФИО",
    help="Кто подписывает документы.",
)
@click.option(
    "--head-post", metavar="ДОЛЖНОСТЬ", default="Руководитель", show_default=True, help="Должность."
)
@click.option(
    "--place", prompt="Место составления документов", metavar="МЕСТО", help="Например: г. Москва."
)
@click.option("--address", prompt="Адрес организации", metavar="АДРЕС", help="Почтовый адрес.")
@click.option(
    "--keys",
    type=click.Path(file_okay=False, path_type=Path),
    prompt="Папка для ключей руководителя (вне архива, например на флешке)",
    metavar="ПАПКА",
    help="Здесь лежат или будут созданы ключи head (ежедневный) и recovery (запасной).",
)
def command(  # noqa: PLR0913 - one parameter a question
    target: Path,
    organization: str,
    short_name: str | None,
    head: str,
    head_post: str,
    place: str,
    address: str,
    keys: Path,
) -> None:
    school = School(organization, short_name or organization, place, address, head, head_post)
    created = init(
        target,
        school,
        keys=keys,
        now=datetime.now().astimezone(),
        agent=os.environ.get("SSH_AUTH_SOCK"),
    )
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
        f"  первая запись      {created.commit}\n"
        f"Ключ recovery уберите в сейф: перенесите {keys / 'recovery'} на отдельную флешку."
    )
    click.echo(
        "\nЧто дальше: заполните records/organization.yaml и records/staff.yaml, затем\n"
        f"  papka save -C {quoted(created.root)}"
    )
