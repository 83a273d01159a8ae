"""papka sync: receive what others saved, put one's own saves after it, send both to all mirrors.

Drafts made without a connection get their numbers then, and documents asked for are issued.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

import click

from papka.cli.context import Context, in_archive, mirror_access, read_clock, ssh_agent
from papka.cli.mirror import outcome_printer
from papka.cli.options import ADDRESS, KEYS, ask_yes
from papka.cli.progress import watcher
from papka.cli.report import count_bytes, count_commits, exit_code, show_findings
from papka.cli.russian_names import BilingualCommand
from papka.copies.joining import accept_if_trusted
from papka.copies.syncing import DESTROYED, Synced, Vouched, sync
from papka.core.errors import PapkaError, RemoteUnreachable
from papka.core.phrases import count_phrase, printable
from papka.desk.numbers import NOT_AGREED, Reserved, Waiting, drafts_of, number_drafts, waiting
from papka.proof.anchors import read_anchors
from papka.proof.memory import Witness, known_acts, memory
from papka.repository.signing import SigningActor, find_actor, waiting_person


@click.command(
    "sync",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help="Обменяться с основным зеркалом: получить чужое, отправить своё.",
)
@click.option(
    "--as",
    "signers",
    multiple=True,
    type=ADDRESS,
    metavar="СОТРУДНИК",
    help="Номер сотрудника (s002), чьим ключом подписать; можно несколько.",
)
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что было бы сделано.")
@click.option(
    "--refounding",
    "acts",
    multiple=True,
    metavar="ОТПЕЧАТОК",
    help="Отпечаток бумажного акта, по которому заменены ключи руководителя: один раз на копию.",
)
@in_archive
def command(
    here: Context, signers: tuple[str, ...], acts: tuple[str, ...], *, dry_run: bool
) -> int:
    own = (None,) if here.acting_staff else ()  # nobody's copy only receives and needs no key
    actors = [find_actor(here.root, each, agent=ssh_agent()) for each in signers or own]
    code = exchange(here, actors, acts, dry_run=dry_run)
    newcomer = waiting_person(here.root)
    if code == 0 and newcomer and not dry_run:
        is_accepted = bool(accept_if_trusted(here.root))
        words = "принят: можно сохранять" if is_accepted else "ещё ждёт принятия руководителем"
        click.echo(f"Ключ {newcomer} {words}")
    return code


def exchange(
    here: Context, actors: list[SigningActor], acts: tuple[str, ...] = (), *, dry_run: bool = False
) -> int:
    """Exchange with the mirrors, telling what came of it; return the exit code."""
    root = here.root
    synced = sync(
        root,
        actors,
        now=here.now,
        access=mirror_access(watcher()),
        dry_run=dry_run,
        before_signing=_announce_signing,
        progress=outcome_printer(),
        witness=Witness(memory(), here.now),
        vouched=Vouched(refoundings=read_anchors(acts).seals | known_acts(memory(), root)),
    )
    code = _show_synced(synced, [actor.staff for actor in actors], dry_run=dry_run)
    if code == 0 and dry_run:
        for each in waiting(root):
            _show_draft(each)
            click.echo(f"Черновик {each.draft.name} получил бы номер")
    elif code == 0 and actors:
        code = _number_drafts(root, actors[0])
    return code


def _announce_signing(signatures: Mapping[SigningActor, int]) -> None:
    for actor, count in signatures.items():
        is_token = actor.signer.public.kind.startswith("sk-")
        touches = (
            f", коснитесь токена {count_phrase(count, 'раз', 'раза', 'раз')}" if is_token else ""
        )
        click.echo(f"{actor.staff}: заново подписать {count_commits(count)}{touches}")


def _show_synced(synced: Synced, staff: list[str], *, dry_run: bool) -> int:
    show_findings(synced.findings, synced.source)
    if synced.is_stopped:
        return _show_stop(synced, staff)
    name = synced.primary.name
    _show_taken(synced, dry_run=dry_run)
    if dry_run:
        if synced.unsent:
            click.echo(f"Было бы отправлено: {count_commits(synced.unsent)}")
        elif not synced.received:
            click.echo(f"Обмениваться нечем: архив равен зеркалу «{name}».")
        return 0
    pushed = synced.pushed
    if pushed is not None and pushed.is_good:
        click.echo(click.style("Готово", fg="green") + f": все зеркала равны, {pushed.head[:12]}")
        return 0
    click.echo("Здесь всё сохранено, но скопировано не везде. Повторите: papka sync")
    unreachable = pushed is not None and pushed.is_unreachable
    return RemoteUnreachable.exit_code if unreachable else PapkaError.exit_code


def _show_taken(synced: Synced, *, dry_run: bool) -> None:
    """Print what was received, and what became of one's own unsent saves."""
    if synced.received:
        word = "Было бы получено" if dry_run else "Получено"
        click.echo(f"{word} с «{synced.primary.name}»: {count_commits(synced.received)}")
    if synced.act:
        click.echo(
            f"Исполнен акт об уничтожении № {synced.act}: уничтоженное убрано и из этой папки, "
            "прежние печатные листы о нём тоже"
        )
    for each in synced.renumbered:
        click.echo(f"Номер записи уже занят другим, новый: {each}")
    for old, new in synced.orders.items():
        now = f"{new.key} (№ {new.printed})" if new.printed else new.key
        click.echo(
            f"Номер приказа {old} (№ {new.before}) уже занят другим, новый: {now}. Если приказ "
            f"напечатан, напечатайте заново: papka print order {new.key}"
        )
    for old, act in synced.acts.items():
        click.echo(
            f"Номер акта утверждения {old} уже занят другим, новый: {act}. Если акт напечатан, "
            f"напечатайте заново: papka print approval-act {act}"
            if act
            else f"Акт утверждения {old} не понадобился: всё в нём уже утвердил другой акт. "
            "Если он напечатан, уничтожьте лист"
        )
    if synced.replayed:
        word = "Было бы подписано заново" if dry_run else "Подписано заново поверх полученного"
        click.echo(f"{word}: {count_commits(synced.replayed)}")
    if synced.sealed:
        click.echo(
            f"Пломба поставлена заново, на всё вместе: № {synced.sealed}. Лист неотправленной "
            f"пломбы, если он напечатан, уничтожьте: papka print seal {synced.sealed}"
        )


def _show_stop(synced: Synced, staff: list[str]) -> int:
    """Print each reason with its values and its next step; return the exit code."""
    red = click.style("Остановлено", fg="red")
    for commit, author in synced.foreign:
        click.echo(
            f"{red}: сохранение {commit[:12]} сделал {author}, а заново его подписать может он"
        )
    if synced.foreign:
        all_of_them = dict.fromkeys([*staff, *(who for _, who in synced.foreign)])
        names = " ".join(f"--as {who}" for who in all_of_them)
        click.echo(f"Что делать: выполните вместе: papka sync {names}")
    for clash in synced.clashes:
        author = synced.authors.get(clash.path, "")
        by = f" ({author})" if author else ""
        click.echo(f"{red}: номер {clash.name} заняли и здесь, и на зеркале{by}")
        click.echo(f"  здесь:      {clash.path}\n  на зеркале: {clash.path}")
        click.echo("  Что делать: отмените своё (papka undo) и заведите под новым номером")
    for conflict in synced.conflicts:
        field = " ".join(part for part in (conflict.entry, conflict.field) if part)
        click.echo(f"{red}: одно и то же изменили двое: {conflict.path} {field}".rstrip())
        author = synced.authors.get(conflict.path, "")
        click.echo(f"  здесь:      {conflict.ours or '—'}")
        click.echo(f"  на зеркале: {conflict.theirs or '—'}" + (f" ({author})" if author else ""))
    if any(each.theirs == DESTROYED for each in synced.conflicts):
        click.echo(
            "Что делать: уничтоженное не вернуть, уберите свою правку (papka discard), а "
            "неотправленное сохранение — papka undo; затем papka sync"
        )
    if any(each.theirs != DESTROYED for each in synced.conflicts):
        click.echo(
            "Что делать: впишите значение с зеркала, papka save, papka sync; "
            "если верно ваше — внесите его после этого снова"
        )
    click.echo("Ничего не изменено ни здесь, ни на зеркале.")
    if synced.conflicts or synced.clashes or synced.foreign:
        return PapkaError.exit_code
    return exit_code(synced.findings)


def _number_drafts(root: Path, actor: SigningActor) -> int:
    """Give numbers to drafts made without a connection, then issue the documents asked for."""
    code = 0
    numbered = number_drafts(
        root, actor, agreed=_agree, now=read_clock(), access=mirror_access(watcher())
    )
    for name, reserved in numbered:
        if reserved.number is not None:
            click.echo(f"Черновик {name} получил номер {reserved.number}")
        else:
            code = max(code, _show_unnumbered(name, reserved))
    return max(code, _issue_drafts(root, actor)) if drafts_of(root) else code


def _issue_drafts(root: Path, actor: SigningActor) -> int:
    """Issue documents asked for without a connection; one whose signer is not here waits on."""
    from papka.cli.issue import finish_issue  # printing, only when something waits
    from papka.paper.issuing import Issued, issue_drafts

    code = 0
    issued = issue_drafts(
        root, actor, agreed=_agree, now=read_clock(), access=mirror_access(watcher())
    )
    for name, done in issued:
        if isinstance(done, Issued):
            code = max(code, finish_issue(root, done))
        else:
            code = max(code, PapkaError.exit_code if done.message == NOT_AGREED else 0)
            click.echo(f"Черновик {name} остался без номера: {done.message}")
            click.echo(f"Что делать: {done.next_step}")
    return code


def _show_unnumbered(name: str, reserved: Reserved) -> int:
    saved = reserved.saved
    if saved is not None:
        show_findings(saved.findings, saved.source)
    why = f" ({printable(reserved.reason)})" if reserved.reason else ""
    click.echo(
        f"Черновик {name} остался без номера{why}; исправьте его файлы или уберите их: "
        f".papka/drafts/{name}"
    )
    return 1 if saved is not None else PapkaError.exit_code


def _show_draft(waiting: Waiting) -> None:
    """Print every word of a draft: what a person signs they have seen."""
    click.echo(f"Черновик {waiting.draft.name}:")
    for path, data in waiting.draft.files.items():
        try:
            lines = data.decode().split("\n")
        except UnicodeDecodeError:
            click.echo(f"  {printable(path)}: {count_bytes(len(data))}")
            continue
        click.echo(
            "\n".join([f"  {printable(path)}", *(f"    {printable(line)}" for line in lines)])
        )


def _agree(waiting: Waiting) -> bool:
    """Return whether to sign a draft: one's own, or another's when the person at the terminal
    says yes."""
    _show_draft(waiting)
    if waiting.is_own:
        return True
    click.echo(
        "Его сделали не вы на этом компьютере, или его потом изменили; под ним будет ваша подпись"
    )
    if sys.stdin.isatty() and sys.stdout.isatty():
        return ask_yes("Подписать его?")
    click.echo("Без вопроса его не подписать: выполните papka sync в терминале")
    return False
