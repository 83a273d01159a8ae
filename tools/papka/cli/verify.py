"""papka verify --since OLD --rev NEW: may this change be accepted? The question of every door.

papka verify … --protocol FILE: the verification as a paper to be signed.

Absent on purpose: any bearing on the verdict; a protocol that cannot be written is told after it.

papka verify [ARCHIVE|MIRROR|DOCUMENT|CODE]: can this be trusted?
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

import click

from papka.checks.checking import snapshot_source
from papka.cli.context import mirror_access as access
from papka.cli.options import KEYS, POINT, as_report, in_archive
from papka.cli.report import exit_code, report
from papka.copies.media import is_of_copies
from papka.copies.new_commits import Judged, judge_between
from papka.copies.server import read_paper
from papka.core.errors import NotFound, Refused, RemoteUnreachable
from papka.core.findings import Finding, in_order
from papka.core.phrases import counted
from papka.proof.anchors import Anchors, read_anchors
from papka.proof.document_code import is_code
from papka.proof.examination import Verified, attempt
from papka.proof.memory import memory
from papka.proof.verification import verify
from papka.proof.verify_codes import MIRROR_UNREACHABLE, ROOT_UNANCHORED
from papka.repository.commit_snapshots import first_commit
from papka.repository.git_values import MAIN
from papka.repository.handle import remotes
from papka.repository.objects import NOTHING
from papka.repository.worktree import WorktreeSnapshot, find_root, place_for, write


def verify_change(  # noqa: PLR0913 - what is judged, by what paper, and how it is told
    place: Path,
    since: str,
    rev: str,
    anchors: tuple[str, ...],
    refounding: tuple[str, ...],
    style: str,
    fail_on: str,
    *,
    now: datetime,
    alone: bool,
) -> int:
    """Judges what lies between two points and nothing else: no branch, no folder, no memory.

    `alone`: whether nothing more was asked for, as must be.
    """
    if not alone:
        raise click.UsageError("Ключ --rev — для одного изменения, без зеркал и протокола")
    paper = read_paper(anchors, refounding)
    found = judge_between(place, since, rev, now=now, anchors=paper.anchors, acts=paper.acts)
    summary = {"since": found.old, "rev": found.new, "commits": found.commits}
    report(style, found.findings, summary, found.source, title=_about(found))
    code = exit_code(found.findings, fail_on)
    if style == "text":
        told = "принять нельзя, причины выше" if code else "можно принять"
        click.echo(f"{_about(found)}: " + click.style(told, fg="red" if code else "green"))
        if not paper.anchors:
            click.echo("Чей это архив, скажет бумага: --anchor …")
    return code


def _about(found: Judged) -> str:
    new = counted(found.commits, "запись истории", "записи истории", "записей истории")
    start = f"После записи {found.old[:12]}" if found.old else "От начала архива"
    return f"{start} до записи {found.new[:12]}: {new}"


_KINDS = {".pdf": False, ".html": True}


def with_protocol(command: click.decorators.FC) -> click.decorators.FC:
    """`--protocol FILE`, a parameter `protocol: Path | None`."""
    return click.option(
        "--protocol",
        type=click.Path(dir_okay=False, path_type=Path),
        callback=_checked,
        metavar="ФАЙЛ.pdf",
        help="Ещё и протокол проверки для подписи; ФАЙЛ.html — без Pango.",
    )(command)


def _checked(context: click.Context, parameter: click.Parameter, path: Path | None) -> Path | None:
    """Said before hours of verifying, not after."""
    if path is not None and path.suffix.lower() not in _KINDS:
        raise click.BadParameter("Имя протокола кончается на .pdf или .html", context, parameter)
    return path


def write_protocol(  # noqa: PLR0913 - what was asked and what was found, all of it named
    path: Path,
    root: Path,
    verified: Verified,
    *,
    now: datetime,
    anchors: Anchors,
    refounding: Sequence[str] = (),
    memory: bool = False,
    mirrors: Sequence[str] = (),
) -> str:
    """Writes the file; a line about it. `verified` holds every finding, those of mirrors too."""
    from papka.paper.verification_protocol import print_protocol  # noqa: PLC0415 - imports what prints

    printed = print_protocol(
        root,
        verified,
        now=now,
        anchors=anchors,
        refounding=tuple(refounding),
        memory=memory,
        mirrors=tuple(mirrors),
        html=_KINDS[path.suffix.lower()],
    )
    write(path.resolve().parent, path.name, printed.data)
    pages = f" ({counted(printed.pages, 'страница', 'страницы', 'страниц')})"
    return f"Протокол для подписи: {path}{pages if printed.pages else ''}"


Copies = tuple[tuple[str, tuple[Finding, ...]], ...]
_DISTRUSTED = 1


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
    metavar="С-БУМАГИ",
    help="То, что записано на бумаге: свёртка печати (8 групп по 8 знаков), отпечаток ключа "
    "руководителя (SHA256:…) или номер первой записи; можно несколько.",
)
@click.option(
    "--refounding",
    multiple=True,
    metavar="СВЁРТКА",
    help="Свёртка с бумажного акта о замене обоих утраченных ключей.",
)
@click.option(
    "--since",
    metavar=POINT,
    help="Проверить только то, что после этой записи или печати (0002).",
)
@click.option(
    "--rev",
    metavar=POINT,
    help="Можно ли принять эту запись: всё, что в ней нового после --since, как проверяет сервер.",
)
@click.option(
    "--no-memory",
    is_flag=True,
    help="Не сравнивать с тем, что этот компьютер проверял раньше, и не запоминать.",
)
@click.option("--mirrors", is_flag=True, help="Проверить и все зеркала: каждое целиком.")
@with_protocol
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
    refounding: tuple[str, ...],
    since: str | None,
    rev: str | None,
    protocol: Path | None,
    trust: Path | None,
    style: str,
    fail_on: str,
    *,
    no_memory: bool,
    mirrors: bool,
) -> int:
    if what is not None and not is_code(what) and is_of_copies(Path(what)):
        copy = Path(what).parent if Path(what).is_file() else what
        raise Refused(
            f"«{what}» — копия архива на носителе, а проверяют сам архив",
            f"Восстановите её в новую папку, она при этом проверяется: papka restore НОВАЯ-ПАПКА "
            f"--from {copy}",
        )
    if what is not None and (is_code(what) or Path(what).is_file()):
        from papka.cli.verify_document import Acts, verify_one  # noqa: PLC0415 - imports what prints

        acts = Acts(read_anchors(refounding).seals, None if no_memory else memory())
        return verify_one(what, folder, trust, acts, style, fail_on)
    if trust is not None:
        raise click.UsageError(
            "Ключ --trust — для одного документа: назовите его PDF, фотографию или текст кода"
        )
    if what is not None and not Path(what).exists() and _is_name(what):
        return _verify_mirror(find_root(folder), what, style, fail_on, keep=not no_memory)
    place, given, now = _store(what) or find_root(folder), read_anchors(anchors), _now()
    if rev is not None:
        return verify_change(
            place, since or NOTHING, rev, anchors, refounding, style, fail_on,
            now=now, alone=not mirrors and protocol is None,
        )  # fmt: skip
    if protocol is not None:
        place_for(place, protocol)  # said before hours of verifying
    verified = verify(
        place, now=now, anchors=given, refounding=refounding, since=since,
        memory=None if no_memory else memory(),
    )  # fmt: skip
    stopped: list[Finding] = []
    copies: Copies = ()
    if mirrors:
        look = partial(_mirrors, place, now, verified, keep=not no_memory)
        copies = attempt("зеркала", stopped, look, ())
    found = (*verified.findings, *(each for _, findings in copies for each in findings), *stopped)
    verified = replace(verified, findings=tuple(in_order(found)))
    source = snapshot_source(WorktreeSnapshot(place))
    names = [name for name, findings in copies if not _is_unreached(findings)]
    away = [name for name, _ in copies if name not in names]
    title = f"Проверка архива: {_seen(verified)}"
    report(style, verified.findings, _summary(verified, names, away), source, title=title)
    code = _code(verified.findings, fail_on)
    if style == "text":
        click.echo(verdict(verified, bad=code == _DISTRUSTED))
        _say_more(names, away, mirrors=mirrors, no_memory=no_memory)
    if protocol is not None:
        told = write_protocol(
            protocol, place, verified, now=now, anchors=given, refounding=refounding,
            memory=not no_memory, mirrors=names,
        )  # fmt: skip
        click.echo(told, err=style != "text")
    return code


def _now() -> datetime:
    return datetime.now().astimezone()


def _store(what: str | None) -> Path | None:
    if what is None:
        return None
    kind = click.Path(exists=True, path_type=Path)
    return Path(kind.convert(what, None, click.get_current_context()))


def _is_name(what: str) -> bool:
    return what.isascii() and what.replace("-", "").isalnum()


def _verify_mirror(root: Path, name: str, style: str, fail_on: str, *, keep: bool) -> int:
    """One mirror by its name: whole, and compared with the archive."""
    from papka.copies.mirror_check import (  # noqa: PLC0415 - only when asked
        remember_looked,
        verify_mirrors,
    )

    if name not in {each.name for each in remotes(root)}:
        raise NotFound(
            f"«{name}»: нет ни такого файла, ни папки, и нет такого зеркала",
            "Какие зеркала есть: papka mirror status",
        )
    now = _now()
    (found,) = verify_mirrors(root, now=now, access=access(), names=[name])
    findings = list(found.findings)
    if keep and not exit_code(findings, "error"):
        findings += remember_looked(memory(), first_commit(root, MAIN), [found], now)
    source = snapshot_source(WorktreeSnapshot(root))
    summary = {"mirror": name, "head": found.head, "objects": found.objects}
    report(style, findings, summary, source, title=f"Проверка зеркала {name}")
    code = _code(findings, fail_on)
    if style == "text" and not findings:
        objects = counted(found.objects, "объект", "объекта", "объектов")
        sound = click.style("цело, равно архиву", fg="green")
        click.echo(f"Зеркало {name}: {sound}; {objects}, последняя запись {found.head[:12]}")
    return code


def _mirrors(root: Path, now: datetime, verified: Verified, *, keep: bool) -> Copies:
    """Every mirror by name; when it was looked at is kept for `papka status --due`."""
    from papka.copies.mirror_check import (  # noqa: PLC0415 - only when asked
        remember_looked,
        verify_mirrors,
    )

    found = verify_mirrors(root, now=now, access=access())
    told = [(each.remote.name, each.findings) for each in found]
    if keep and not exit_code(verified.findings, "error") and told:
        name, findings = told[-1]
        told[-1] = (name, (*findings, *remember_looked(memory(), verified.root, found, now)))
    return tuple(told)


def _is_unreached(findings: Sequence[Finding]) -> bool:
    return any(finding.code is MIRROR_UNREACHABLE for finding in findings)


def _code(findings: Sequence[Finding], fail_on: str) -> int:
    """What was found decides; without it, whether everything could be looked at."""
    looked = [each for each in findings if each.code is not MIRROR_UNREACHABLE]
    if exit_code(looked, fail_on):
        return _DISTRUSTED
    return RemoteUnreachable.exit_code if _is_unreached(findings) else 0


def _summary(verified: Verified, mirrors: list[str], away: list[str]) -> dict[str, object]:
    met = verified.anchors_met
    return {
        "commits": verified.commits,
        "objects": verified.objects,
        "files": verified.files,
        "head": verified.head,
        "root": verified.root,
        "root_key": verified.root_key,
        "seals": [
            {"number": s.name, "date": f"{s.date}", "digest": s.digest, "anchored": s.is_anchored}
            for s in verified.seals
        ],
        "anchors": sorted(met.keys | met.seals | met.roots),
        "since": verified.since,
        "transitions": verified.transitions,
        "remembered": verified.remembered,
        "mirrors": mirrors,
        "unreached": away,
    }


def verdict(verified: Verified, *, bad: bool) -> str:
    """What was looked at, and whether it holds."""
    seen = _seen(verified)
    lines = [f"Вершина: {verified.head}", f"Ключ первой записи: {verified.root_key}"]
    if verified.since:
        seen = f"После записи {verified.since[:12]}: {seen}"
        lines.insert(0, "Всё, что до неё, в этот раз не проверялось")
    if bad:
        return f"{seen}: " + click.style("доверять нельзя, причины выше", fg="red", bold=True)
    told = click.style("целостность и подписи подтверждены", fg="green")
    if any(finding.code is ROOT_UNANCHORED for finding in verified.findings):
        told += click.style(", подлинность не установлена", fg="yellow")
    return "\n".join((f"{seen}: {told}", *lines, *_met(verified)))


def _seen(verified: Verified) -> str:
    return ", ".join(
        (
            counted(verified.commits, "запись истории", "записи истории", "записей истории"),
            counted(verified.objects, "объект", "объекта", "объектов"),
            counted(verified.files, "файл", "файла", "файлов"),
        )
    )


def _met(verified: Verified) -> Iterator[str]:
    """What paper and archive agree on."""
    met = verified.anchors_met
    seals = [f"печать № {s.name} от {s.date:%d.%m.%Y}" for s in verified.seals if s.is_anchored]
    found = seals or (["печать"] if met.seals else [])
    found += ["ключ руководителя"] if met.keys else []
    found += ["первая запись"] if met.roots else []
    if found:
        yield f"Сошлось с бумагой: {', '.join(found)}"


def _say_more(names: list[str], away: list[str], *, mirrors: bool, no_memory: bool) -> None:
    if names or (mirrors and not away):
        click.echo("Зеркала: " + (", ".join(names) or "ни одного не записано"))
    if away:
        told = f"Не проверены, до них не достать: {', '.join(away)}"
        click.secho(told, fg="yellow", bold=True)
    if no_memory:
        click.echo("С памятью этого компьютера не сравнивали и ничего не запомнили")
