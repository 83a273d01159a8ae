"""papka verify [ARCHIVE|MIRROR|DOCUMENT|CODE]: tell whether it can be trusted.

With --rev: tell whether a change may be accepted, as a server's hook and CI ask. With --protocol:
also write the verification as a paper to sign; it has no bearing on the verdict, and when it cannot
be written, the verdict is told first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from papka.cli.context import Context, in_archive, mirror_access
from papka.cli.options import KEYS, POINT, as_report, no_memory_option, refounding_option
from papka.cli.progress import watcher
from papka.cli.report import exit_code, report
from papka.cli.russian_names import BilingualCommand
from papka.core.errors import NotFound, Refused, RemoteUnreachable
from papka.core.findings import Finding, sort_findings
from papka.core.phrases import count_phrase, printable, quoted
from papka.proof.anchors import KeptPaper, read_anchors, read_paper
from papka.proof.examination import Verified, attempt
from papka.proof.memory import Memory, memory
from papka.proof.verdict_words import (
    DISTRUSTED,
    SOUND,
    UNANCHORED,
    count_seen,
    is_unanchored,
    tell_acts,
    tell_paper,
)
from papka.proof.verification import verify
from papka.proof.verify_codes import MIRROR_UNREACHABLE
from papka.records.strict_yaml import snapshot_source
from papka.repository.commit_snapshots import first_commit
from papka.repository.git_values import MAIN
from papka.repository.handle import list_remotes
from papka.repository.points import NOTHING
from papka.repository.worktree import WorktreeSnapshot, place_for, write

_DISTRUSTED = 1


def _check_protocol_name(
    context: click.Context, parameter: click.Parameter, path: Path | None
) -> Path | None:
    """Refuse a name before hours of verifying, not after."""
    if path is not None and path.suffix.lower() not in {".pdf", ".html"}:
        raise click.BadParameter("Имя протокола кончается на .pdf или .html", context, parameter)
    return path


@click.command(
    "verify",
    cls=BilingualCommand,
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
    help="То, что записано на бумаге: контрольная сумма пломбы (8 групп по 8 знаков), отпечаток "
    "ключа руководителя (SHA256:…) или номер первого сохранения; можно несколько.",
)
@refounding_option
@click.option(
    "--since",
    metavar=POINT,
    help="Проверить только то, что после этого сохранения или пломбы (0002).",
)
@click.option(
    "--rev",
    metavar=POINT,
    help="Можно ли принять это сохранение: всё, что в нём нового после --since, как проверяет "
    "сервер.",
)
@no_memory_option
@click.option("--mirrors", is_flag=True, help="Проверить и все зеркала: каждое целиком.")
@click.option(
    "--protocol",
    type=click.Path(dir_okay=False, path_type=Path),
    callback=_check_protocol_name,
    metavar="ФАЙЛ.pdf",
    help="Ещё и протокол проверки для подписи; ФАЙЛ.html — без Pango.",
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
    here: Context,
    what: str | None,
    anchors: tuple[str, ...],
    refounding: tuple[str, ...],
    since: str | None,
    rev: str | None,
    protocol: Path | None,
    trust: Path | None,
    *,
    no_memory: bool,
    mirrors: bool,
) -> int:
    if what is not None and (copy := _find_copy(what)):
        _refuse_options(copy, rev=rev, mirrors=mirrors, protocol=protocol, trust=trust)
        return _verify_copy(here, copy, anchors, refounding, since)
    if what is not None and _is_document(what):
        from papka.cli.verify_document import verify_one  # imports what prints

        return verify_one(here, what, trust, refounding, None if no_memory else memory())
    if trust is not None:
        raise click.UsageError(
            "Ключ --trust — для одного документа: назовите его PDF, фотографию или текст кода"
        )
    if what is not None and not Path(what).exists() and _may_be_mirror(what):
        return _verify_mirror(here, what, keep=not no_memory)
    place, given = _existing(what) if what is not None else here.root, read_anchors(anchors)
    if rev is not None:
        _refuse_beside(mirrors, protocol)
        return _verify_change(here, place, since or NOTHING, rev, read_paper(anchors, refounding))
    if protocol is not None:
        place_for(place, protocol)  # refused before hours of verifying
    verified = verify(
        place, now=here.now, anchors=given, refounding=refounding, since=since,
        memory=None if no_memory else memory(),
        judged=None if no_memory else _find_judged(protocol),
    )  # fmt: skip
    stopped: list[Finding] = []
    copies: _MirrorFindings = ()
    if mirrors:
        copies = attempt(
            "зеркала", stopped,
            lambda: _verify_mirrors(here, place, verified, keep=not no_memory), (),
        )  # fmt: skip
    found = (*verified.findings, *(each for _, findings in copies for each in findings), *stopped)
    verified = replace(verified, findings=tuple(sort_findings(found)))
    source = snapshot_source(WorktreeSnapshot(place))
    names = [name for name, findings in copies if not _is_unreached(findings)]
    away = [name for name, _ in copies if name not in names]
    title = f"Проверка архива: {count_seen(verified)}"
    report(here.style, verified.findings, _summary(verified, names, away), source, title=title)
    code = _exit_code_of(verified.findings, here.fail_on)
    if here.style == "text":
        click.echo(_verdict(verified, bad=code == _DISTRUSTED))
        _show_recalled(verified)
        _show_omissions(names, away, mirrors=mirrors, no_memory=no_memory)
    if protocol is not None:
        from papka.paper.verification_protocol import print_protocol

        printed = print_protocol(
            place, verified, now=here.now, anchors=given, refounding=refounding,
            memory=not no_memory, mirrors=tuple(names), html=protocol.suffix.lower() == ".html",
        )  # fmt: skip
        write(protocol.resolve().parent, protocol.name, printed.data)
        pages = f" ({count_phrase(printed.pages, 'страница', 'страницы', 'страниц')})"
        line = f"Протокол для подписи: {protocol}{pages if printed.pages else ''}"
        click.echo(line, err=here.style != "text")
    return code


def _find_judged(protocol: Path | None) -> Memory | None:
    """Return what knows up to where the history was judged here; None where a hand signs for all of
    it."""
    return memory() if protocol is None else None


def _show_recalled(verified: Verified) -> None:
    """Tell what was not judged again, because this computer had judged it."""
    if verified.recalled:
        click.echo(
            f"Сохранения до {verified.recalled[:12]} эта же программа на этом компьютере уже "
            "проверила, замечаний не было; байты перечитаны все. Судить всё заново: --no-memory"
        )


def _find_copy(what: str) -> Path | None:
    """Return the copy that a medium, its folder or its bundle stands for, or a bundle that lies
    alone; None for all else."""
    if _is_code(what):
        return None
    from papka.copies.media import find_copy
    from papka.copies.transport import is_bundle

    place = Path(what)
    return find_copy(place) or (place.resolve() if is_bundle(place) else None)


def _refuse_beside(*others: object) -> None:
    if any(others):
        raise click.UsageError("Ключ --rev — для одного изменения, без зеркал и протокола")


def _refuse_options(copy: Path, **given: object) -> None:
    """Raise Refused for what only an archive can be asked."""
    if any(given.values()):
        raise Refused(
            f"«{copy}» — копия архива на носителе: --rev, --mirrors, --protocol и --trust не о ней",
            "Проверьте её без них, или восстановите и проверьте архив: papka restore НОВАЯ-ПАПКА "
            f"--from {quoted(copy)}",
        )


def _verify_copy(
    here: Context,
    copy: Path,
    anchors: tuple[str, ...],
    refounding: tuple[str, ...],
    since: str | None,
) -> int:
    """Verify a copy as it lies: its files against its list, then its history. Remember nothing."""
    from papka.copies.backup_run import opened_copy

    given = read_anchors(anchors)
    with opened_copy(copy, now=here.now) as (store, faults):
        for fault in faults:
            click.secho(f"Копия негодна: {printable(fault)}", fg="red", err=True)
        if store is None:
            return _DISTRUSTED
        verified = verify(
            store, now=here.now, anchors=given, refounding=refounding, since=since, memory=None
        )
        title = f"Проверка копии {printable(copy.name)}: {count_seen(verified)}"
        source = snapshot_source(WorktreeSnapshot(store))
        report(here.style, verified.findings, _summary(verified, [], []), source, title=title)
    code = _DISTRUSTED if faults else _exit_code_of(verified.findings, here.fail_on)
    if here.style == "text":
        click.echo(f"Копия {printable(copy.name)}")
        click.echo(_verdict(verified, bad=code == _DISTRUSTED))
        _show_omissions([], [], mirrors=False, no_memory=True)
    return code


def _is_document(what: str) -> bool:
    return _is_code(what) or Path(what).is_file()


def _is_code(what: str) -> bool:
    from papka.proof.document_code import is_code

    return is_code(what)


def _existing(what: str) -> Path:
    kind = click.Path(exists=True, path_type=Path)
    return Path(kind.convert(what, None, click.get_current_context()))


def _may_be_mirror(what: str) -> bool:
    return what.isascii() and what.replace("-", "").isalnum()


def _verify_change(here: Context, place: Path, since: str, rev: str, paper: KeptPaper) -> int:
    """Judge what lies between two points and nothing else: no branch, no folder, no memory."""
    from papka.copies.new_commits import judge_between

    found = judge_between(place, since, rev, now=here.now, anchors=paper.anchors, acts=paper.acts)
    new = count_phrase(found.commits, "сохранение", "сохранения", "сохранений")
    start = f"После сохранения {found.old[:12]}" if found.old else "От начала архива"
    title = f"{start} до сохранения {found.new[:12]}: {new}"
    summary = {"since": found.old, "rev": found.new, "commits": found.commits}
    report(here.style, found.findings, summary, found.source, title=title)
    code = exit_code(found.findings, here.fail_on)
    if here.style == "text":
        answer = "принять нельзя, причины выше" if code else "можно принять"
        click.echo(f"{title}: " + click.style(answer, fg="red" if code else "green"))
        if not paper.anchors:
            click.echo("Чей это архив, скажет бумага: --anchor …")
    return code


def _verify_mirror(here: Context, name: str, *, keep: bool) -> int:
    """Verify one mirror whole, compare it with the archive and report; return the exit code."""
    from papka.copies.mirror_check import remember_verified, verify_mirrors

    root, now = here.root, here.now
    if name not in {each.name for each in list_remotes(root)}:
        raise NotFound(
            f"«{name}»: нет ни такого файла, ни папки, и нет такого зеркала",
            "Какие зеркала есть: papka mirror status",
        )
    (found,) = verify_mirrors(
        root, now=now, access=mirror_access(watcher(here.style)), names=[name]
    )
    findings = list(found.findings)
    if keep and not exit_code(findings):
        findings += remember_verified(memory(), first_commit(root, MAIN), [found], now)
    source = snapshot_source(WorktreeSnapshot(root))
    summary = {"mirror": name, "head": found.head, "objects": found.objects}
    report(here.style, findings, summary, source, title=f"Проверка зеркала {name}")
    if here.style == "text" and not found.findings:
        objects = count_phrase(found.objects, "объект", "объекта", "объектов")
        sound = click.style("цело, равно архиву", fg="green")
        click.echo(f"Зеркало {name}: {sound}; {objects}, последнее сохранение {found.head[:12]}")
    return _exit_code_of(findings, here.fail_on)


_MirrorFindings = tuple[tuple[str, tuple[Finding, ...]], ...]


def _verify_mirrors(
    here: Context, place: Path, verified: Verified, *, keep: bool
) -> _MirrorFindings:
    """Return the findings of each mirror by its name.

    `keep`: remember when they were looked at, for `papka status --due`.
    """
    from papka.copies.mirror_check import remember_verified, verify_mirrors

    found = verify_mirrors(place, now=here.now, access=mirror_access(watcher(here.style)))
    named = [(each.remote.name, each.findings) for each in found]
    if keep and not exit_code(verified.findings) and named:
        name, findings = named[-1]
        trouble = remember_verified(memory(), verified.root, found, here.now)
        named[-1] = (name, (*findings, *trouble))
    return tuple(named)


def _is_unreached(findings: Sequence[Finding]) -> bool:
    return any(finding.code is MIRROR_UNREACHABLE for finding in findings)


def _exit_code_of(findings: Sequence[Finding], fail_on: str) -> int:
    """Return the code of what was found; without findings, of what could not be reached."""
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
        "acts": [{"number": number, "destroyed": count} for number, count in verified.acts],
        "mirrors": mirrors,
        "unreached": away,
    }


def _verdict(verified: Verified, *, bad: bool) -> str:
    """Tell what was looked at, and whether it holds."""
    seen = count_seen(verified)
    lines = [f"Вершина: {verified.head}", f"Ключ первого сохранения: {verified.root_key}"]
    if verified.since:
        seen = f"После сохранения {verified.since[:12]}: {seen}"
        lines.insert(0, "Всё, что до неё, в этот раз не проверялось")
    if bad:
        return f"{seen}: " + click.style(DISTRUSTED, fg="red", bold=True)
    words = click.style(SOUND, fg="green")
    if is_unanchored(verified):
        words += click.style(UNANCHORED, fg="yellow")
    told = (f"{seen}: {words}", *lines, *tell_acts(verified), *tell_paper(verified))
    return "\n".join(told)


def _show_omissions(names: list[str], away: list[str], *, mirrors: bool, no_memory: bool) -> None:
    if names or (mirrors and not away):
        click.echo("Зеркала: " + (", ".join(names) or "ни одного не записано"))
    if away:
        click.secho(f"Не проверены, до них не достать: {', '.join(away)}", fg="yellow", bold=True)
    if no_memory:
        click.echo("С памятью этого компьютера не сравнивали и ничего не запомнили")
