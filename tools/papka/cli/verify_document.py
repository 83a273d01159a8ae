"""The part of `papka verify` that judges one document: its facts as a table, and the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import click

from papka.cli.report import exit_code, render, table
from papka.core.errors import NotAnArchive, Refused
from papka.core.findings import in_order
from papka.paper.document_origin import Origin, from_archive, from_trust_file
from papka.paper.document_text import LABELS, told, words
from papka.paper.document_verification import FindOrigin, Proof, verify_file, verify_text
from papka.proof.document_code import is_code
from papka.proof.memory import Memory, known_acts
from papka.repository.worktree import find_root


@dataclass(frozen=True, slots=True)
class Acts:
    """Digests of re-foundings: typed from paper, and what is remembered when that is asked."""

    typed: frozenset[str]
    memory: Memory | None


def verify_one(  # noqa: PLR0913 - one parameter an option
    what: str, folder: Path, trust: Path | None, acts: Acts, style: str, fail_on: str
) -> int:
    """`what` is a code's text or a file; the exit code is as for an archive."""
    now = datetime.now().astimezone()
    origin = _origin(folder, trust, acts, now)
    if is_code(what):
        proof = verify_text(what.strip(), origin)
    else:
        proof = verify_file(Path(what), origin, now=now)
    findings = in_order(proof.findings)
    code = exit_code(findings, fail_on)
    if style == "text":
        click.echo("".join(f"{line}\n" for line in _facts(proof)), nl=False)
    click.echo(render(style, findings, summary(proof), lambda _: None), nl=False)
    if style == "text":
        click.echo(verdict(proof, bad=bool(code)))
    return code


def _origin(folder: Path, trust: Path | None, acts: Acts, now: datetime) -> FindOrigin:
    """Found before the document is looked at, so that a wrong folder is told at once."""
    if trust is not None:
        read = from_trust_file(trust)
        return lambda _number, _core: read
    try:
        root = find_root(folder)
    except NotAnArchive as error:
        raise Refused(
            "Сверить документ не с чем: здесь нет архива",
            "Перейдите в архив (или -C ПАПКА), либо дайте список ключей организации: "
            "--trust allowed_signers",
        ) from error

    refoundings = acts.typed | (known_acts(acts.memory, root) if acts.memory else frozenset())

    def find(number: str, core: str) -> Origin:
        return from_archive(root, number, core, now=now, refoundings=refoundings)

    return find


def summary(proof: Proof) -> dict[str, object]:
    """For programs: what was signed and by whom, though it may be refused."""
    facts = {name: words(value) for name, value in told(proof.facts)} if proof.facts else {}
    signer = proof.signer
    return {
        "facts": facts,
        "signer": signer.staff if signer else "",
        "key": signer.key.fingerprint if signer else "",
        "compared_with": proof.against,
    }


def _facts(proof: Proof) -> list[str]:
    if proof.facts is None:
        return []
    head = "Подписано" if proof.signer else "В коде (подпись НЕ подтверждена)"
    hidden = {"entry", "key"}
    rows = [(LABELS[name], words(value)) for name, value in told(proof.facts) if name not in hidden]
    return [*table(("Сведение", head), rows), ""]


def verdict(proof: Proof, *, bad: bool) -> str:
    if bad:
        return "Документ: " + click.style("доверять нельзя, причины выше", fg="red", bold=True)
    signer = proof.signer
    assert signer is not None
    signed = f"подпись руководителя ({signer.staff}) верна"
    if not proof.against:
        said = click.style(f"{signed}; сверьте таблицу с бумагой", fg="yellow")
    elif "реестр" not in proof.against:
        said = click.style(f"{signed}, найденное в документе с ней сходится", fg="green")
        said += "; остальное сверьте по таблице"
    else:
        said = click.style(f"{signed}, документ совпадает", fg="green") + f" ({proof.against})"
    return f"Документ: {said}\nКлюч: {signer.key.fingerprint}"
