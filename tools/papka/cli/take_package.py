"""The part of `papka take` that reads another archive's package: proof, comparison, credit."""

from __future__ import annotations

from pathlib import Path

import click

from papka.cli.context import Context
from papka.cli.field_options import show_written
from papka.cli.report import exit_code, show_findings, table
from papka.core.phrases import printable, quoted
from papka.intake.package_taking import (
    Offer,
    ReadPackage,
    find_receiver,
    read_package,
    trusted_by,
    write_answers_form,
    write_credit,
)
from papka.repository.files import read_plain


def take_package(  # noqa: PLR0913 - one parameter an option
    here: Context,
    file: Path,
    *,
    enrolment: str | None,
    answers: Path | None,
    trust: Path | None,
    fingerprint: str | None,
    dry_run: bool,
) -> int:
    """Show what the package proves and offers; with answers save the credit."""
    root = here.root
    brought = read_package(root, file, trusted_by(trust, fingerprint))
    show_findings(brought.proof.findings)
    if brought.student is None:
        click.echo(click.style("Пакет не принят", fg="red") + ": причины выше, ничего не записано.")
        return exit_code(brought.proof.findings)
    click.echo("\n".join(_head_lines(brought)))
    if enrolment is None:
        again = f"papka take {quoted(file)} --enrolment НОМЕР#e1"
        click.echo(f"Что дальше: {again} — сопоставить с обучением")
        return 0
    to = find_receiver(root, enrolment, brought)
    columns = ("Предмет там", "Результат там", "Часов", "Дата", "Наша часть")
    rows = [_offer_row(offer) for offer in to.offers]
    click.echo("\n".join(["", *table(columns, rows, indent=2)]))
    if not any(offer.result for offer in to.offers):
        click.echo("Зачитывать нечего: результатов в пакете нет.")
        return 0
    if answers is None:
        click.echo(
            "\nРешает организация. Запишите решения в файл и повторите с ключом --answers:\n"
        )
        click.echo(write_answers_form(to.offers, here.now.date()), nl=False)
        return 0
    saving = here.actor
    data = read_plain(answers, follow=True)
    written = write_credit(
        root, brought, to, data, answers.name, now=here.now, saving=saving, dry_run=dry_run
    )
    return show_written(written, dry_run=dry_run)


def _head_lines(brought: ReadPackage) -> list[str]:
    student = brought.student
    assert student is not None
    person = student.person
    name = person.name.full if person else ""
    key = brought.proof.key
    proven = brought.proof.is_proven
    words = "подписан, ключ известен" if proven else "НЕ ДОКАЗАН, записывать по нему нельзя"
    return [
        f"Пакет: {click.style(words, fg='green' if proven else 'yellow', bold=True)}",
        f"Ключ: {key.fingerprint if key else 'нет'}",
        f"Организация: {printable(brought.organization)}",
        f"Личное дело там: {student.id}, {printable(name)}",
    ]


def _offer_row(offer: Offer) -> tuple[str, ...]:
    return (
        printable(offer.subject),
        printable(offer.result) or "нет результата",
        str(offer.hours),
        f"{offer.date:%d.%m.%Y}" if offer.date else "",
        f"{offer.ours.title} ({offer.ours.part})" if offer.ours else "—",
    )
