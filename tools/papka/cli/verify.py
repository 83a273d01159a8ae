"""papka verify [ARCHIVE|MIRROR|DOCUMENT|CODE]: can this be trusted?"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from papka.cli.options import KEYS, as_report, in_archive
from papka.cli.report import exit_code, render
from papka.core.document_code import is_code
from papka.core.findings import in_order
from papka.core.plural import counted
from papka.gates.worktree import WorktreeSnapshot, find_root
from papka.tasks.check import snapshot_source
from papka.tasks.proof.verdict import Verified
from papka.tasks.proof.verify import verify


@click.command(
    "verify",
    options_metavar=KEYS,
    help="Проверить хранилище, историю и каждую подпись. Или один документ: его PDF, фотографию "
    "(JPEG, PNG) либо текст его QR-кода.",
)
@click.argument("what", metavar="[АРХИВ|ЗЕРКАЛО|ДОКУМЕНТ|КОД]", required=False)
@click.option(
    "--anchor",
    "anchors",
    multiple=True,
    metavar="SHA256:…",
    help="Отпечаток ключа руководителя с бумаги; можно дважды.",
)
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ФАЙЛ",
    help="Проверить документ без архива, по этому списку ключей (allowed_signers).",
)
@as_report
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    what: str | None,
    folder: Path,
    anchors: tuple[str, ...],
    trust: Path | None,
    style: str,
    fail_on: str,
) -> int:
    if what is not None and (is_code(what) or Path(what).is_file()):
        from papka.cli.verify_document import verify_one  # noqa: PLC0415 - imports what prints

        return verify_one(what, folder, trust, style, fail_on)
    if trust is not None:
        raise click.UsageError(
            "Ключ --trust — для одного документа: назовите его PDF, фотографию или текст кода"
        )
    place = _store(what) or find_root(folder)
    verified = verify(place, now=datetime.now().astimezone(), anchors=anchors)
    findings = in_order(verified.findings)
    summary = {
        "commits": verified.commits,
        "objects": verified.objects,
        "files": verified.files,
        "head": verified.head,
        "root_key": verified.root_key,
    }
    source = snapshot_source(WorktreeSnapshot(place))
    click.echo(render(style, findings, summary, source), nl=False)
    code = exit_code(findings, fail_on)
    if style == "text":
        click.echo(verdict(verified, bad=bool(code)))
    return code


def _store(what: str | None) -> Path | None:
    if what is None:
        return None
    kind = click.Path(exists=True, path_type=Path)
    return Path(kind.convert(what, None, click.get_current_context()))


def verdict(verified: Verified, *, bad: bool) -> str:
    """What was looked at, and whether it holds."""
    seen = ", ".join(
        (
            counted(verified.commits, "запись истории", "записи истории", "записей истории"),
            counted(verified.objects, "объект", "объекта", "объектов"),
            counted(verified.files, "файл", "файла", "файлов"),
        )
    )
    if bad:
        return f"{seen}: " + click.style("доверять нельзя, причины выше", fg="red", bold=True)
    return (
        f"{seen}: "
        + click.style("целостность и подписи подтверждены", fg="green")
        + f"\nВершина: {verified.head}\nКлюч первой записи: {verified.root_key}"
    )
