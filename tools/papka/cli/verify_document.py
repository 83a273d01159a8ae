"""The part of `papka verify` that judges one document: its facts as a table, and the verdict."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from papka.cli.context import Context
from papka.cli.report import exit_code, render, table
from papka.core.errors import NotAnArchive, Refused
from papka.core.findings import sort_findings
from papka.paper.document_origin import Origin, from_archive, from_trust_file
from papka.paper.document_text import LABELS, fact_as_text, list_facts
from papka.paper.document_verification import DocumentProof, FindOrigin, verify_file, verify_text
from papka.paper.forms.issued_documents import IssuedLine
from papka.paper.issued_contents import plain_spaces
from papka.proof.anchors import read_anchors
from papka.proof.document_code import is_code
from papka.proof.memory import Memory, known_acts
from papka.records.wording import NONE


def verify_one(
    here: Context, what: str, trust: Path | None, refounding: Sequence[str], memory: Memory | None
) -> int:
    """Verify a file or the text of its code, and report; the exit code is as for an archive.

    `trust`: the list of keys to go by instead of the archive. `refounding`: digests typed from
    paper, beside those in `memory`.
    """
    typed = read_anchors(refounding).seals
    # found before the document is looked at: a wrong folder is told at once
    origin = _find_origin(here, trust, typed, memory)
    if is_code(what):
        proof = verify_text(what.strip(), origin)
    else:
        proof = verify_file(Path(what), origin, now=here.now)
    findings = sort_findings(proof.findings)
    code = exit_code(findings, here.fail_on)
    if here.style == "text":
        told = [*_fact_lines(proof), *_row_lines(proof)]
        click.echo("".join(f"{line}\n" for line in told), nl=False)
    click.echo(render(here.style, findings, _summary(proof), lambda _: None), nl=False)
    if here.style == "text":
        click.echo("".join(f"{line}\n" for line in _coverage_lines(proof)), nl=False)
        click.echo(_verdict(proof, bad=bool(code)))
    return code


def _find_origin(
    here: Context, trust: Path | None, typed: frozenset[str], memory: Memory | None
) -> FindOrigin:
    if trust is not None:
        read = from_trust_file(trust)
        return lambda _number, _core: read
    try:
        root = here.root
    except NotAnArchive as error:
        raise Refused(
            "Сверить документ не с чем: здесь нет архива",
            "Перейдите в архив (или -C ПАПКА), либо дайте список ключей организации: "
            "--trust allowed_signers",
        ) from error
    refoundings = typed | (known_acts(memory, root) if memory else frozenset())

    def find(number: str, core: str) -> Origin:
        return from_archive(root, number, core, now=here.now, refoundings=refoundings)

    return find


def _summary(proof: DocumentProof) -> dict[str, object]:
    """Return what was signed and by whom, also of a document that is refused."""
    facts = (
        {name: fact_as_text(value) for name, value in list_facts(proof.facts)}
        if proof.facts
        else {}
    )
    signer = proof.signer
    return {
        "facts": facts,
        "signer": signer.staff if signer else "",
        "key": signer.key.fingerprint if signer else "",
        "compared_with": proof.against,
        "coverage": proof.coverage._asdict(),
        "rows": [_plain_row(row) for row in proof.rows],
        "events": [_plain_row(row) for row in proof.events],
    }


def _fact_lines(proof: DocumentProof) -> list[str]:
    if proof.facts is None:
        return []
    head = "Подписано" if proof.signer else "В коде (подпись НЕ подтверждена)"
    hidden = {"entry", "key"}
    rows = [
        (LABELS[name], fact_as_text(value))
        for name, value in list_facts(proof.facts)
        if name not in hidden
    ]
    return [*table(("Сведение", head), rows), ""]


def _row_lines(proof: DocumentProof) -> list[str]:
    """Return the register's rows, for a person to lay beside the paper."""
    told: list[str] = []
    if proof.rows:
        told.append("Строки приложения по реестру, на бумаге должны стоять те же:")
        told += _table(proof.rows, ("title", "hours", "control", "result", "scale", "date", "note"))
    if proof.events:
        told.append("Участие в мероприятиях по реестру, на бумаге должно стоять то же:")
        told += _table(proof.events, ("title", "result", "date", "note"))
    return told


_COLUMNS = {
    "title": "Строка",
    "hours": "Часы",
    "control": "Форма контроля",
    "result": "Результат",
    "scale": "Шкала",
    "date": "Дата",
    "note": "Примечание",
}


def _table(rows: Sequence[IssuedLine], columns: Sequence[str]) -> list[str]:
    """Return the columns that say anything."""
    told = [_plain_row(row) for row in rows]
    shown = [name for name in columns if any(row[name] not in ("", NONE) for row in told)]
    cells = [[row[name] for name in shown] for row in told]
    return [*table([_COLUMNS[name] for name in shown], cells), ""]


def _plain_row(row: IssuedLine) -> dict[str, str]:
    return {name: plain_spaces(words) for name, words in asdict(row).items()}


def _coverage_lines(proof: DocumentProof) -> list[str]:
    titles = ("Доказано", "Не доказано кодом, сверьте глазами", "Не проверялось")
    told: list[str] = []
    for title, sentences in zip(titles, proof.coverage, strict=True):
        if sentences:
            told += [click.style(f"{title}:", bold=True), *(f"  — {each}" for each in sentences)]
    return told


def _verdict(proof: DocumentProof, *, bad: bool) -> str:
    if proof.is_unread:
        return "Документ: " + click.style(
            "не проверен. Это не значит, что он поддельный", fg="yellow", bold=True
        )
    if bad:
        return "Документ: " + click.style("доверять нельзя, причины выше", fg="red", bold=True)
    signer = proof.signer
    assert signer is not None
    whose = "руководителя" if signer.term is None else "того, кто его замещал"
    signed = f"подпись {whose} ({signer.staff}) верна"
    if not proof.against:
        said = click.style(f"{signed}, напечатанное кодом не доказано", fg="yellow")
        said += "; сверьте таблицу с бумагой"
    elif "реестр" not in proof.against:
        said = click.style(f"{signed}, найденное в документе с ней сходится", fg="green")
        said += "; остальное сверьте по таблице"
    else:
        said = click.style(f"{signed}, документ совпадает", fg="green") + f" ({proof.against})"
    return f"Документ: {said}\nКлюч: {signer.key.fingerprint}"
