"""papka destroy: show what an order takes away, destroy it by the head's word, end what was begun.

What is shown is all that vanishes, what has the same bytes elsewhere, what stays and why. The head
confirms by typing the number of the order; a script says it with --confirm.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path

import click

from papka.cli.context import Context, in_archive, mirror_access, read_clock
from papka.cli.options import ADDRESS, DAY, KEYS, acting
from papka.cli.progress import watcher
from papka.cli.report import count_files, exit_code, show_findings
from papka.cli.russian_names import BilingualCommand
from papka.core.errors import NotFound, PapkaError, Refused, RemoteUnreachable
from papka.core.phrases import enumerated, printable, quoted
from papka.core.snapshot import Part
from papka.desk.destroying import (
    METHOD,
    OWN,
    DestructionDone,
    DestructionJob,
    StoreAccess,
    abandon,
    destroy,
    is_moved,
    judge_stores,
    resume,
)
from papka.desk.destruction_note import UnfinishedDestruction, find_unfinished
from papka.desk.destruction_plan import (
    DestructionPlan,
    DoomedThing,
    list_due,
    name_due,
    plan_destruction,
)
from papka.desk.order_writing import same_number
from papka.proof.history_rules import is_head
from papka.proof.memory import Witness, memory
from papka.records.acts import Destruction
from papka.records.wording import day, name_destroyed, number
from papka.repository import worktree
from papka.repository.commit_snapshots import CommitSnapshot, CommitTree
from papka.repository.git_values import MAIN

_SHOWN = 20


@click.command(
    "destroy",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Уничтожить по приказу руководителя: личное дело (2020-0007), файл одного документа "
        "(2026-0007#d3, 2026-0007#фото), приказ, запись книги, выгрузку. Сначала показывает всё, "
        "что исчезнет и что останется; потом убирает это из записей, из истории, с зеркал и из "
        "кешей. Вернуть уничтоженное не сможет никто."
    ),
)
@click.argument("what", nargs=-1, metavar="[ЧТО]…")
@click.option("--order", metavar="ПРИКАЗ", help="Приказ вида «уничтожение»: номер или файл.")
@click.option("--due", is_flag=True, help="Всё, чему вышел срок; без --order только показать.")
@click.option("--date", "on", type=DAY, metavar="ДАТА", help="День уничтожения; обычно сегодня.")
@click.option(
    "--commission",
    multiple=True,
    type=ADDRESS,
    metavar="СОТРУДНИК",
    help="Кто в комиссии (s002), можно несколько; без ключа — один руководитель.",
)
@click.option("--method", metavar="СЛОВА", help="Способ уничтожения, как он встанет в акт.")
@click.option("--confirm", metavar="ПРИКАЗ", help="Номер приказа вместо вопроса: для сценариев.")
@click.option("--resume", "is_resumed", is_flag=True, help="Закончить начатое уничтожение.")
@click.option(
    "--abandon", "is_abandoned", is_flag=True, help="Отказаться, пока зеркала не тронуты."
)
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что исчезнет.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    metavar="ПУТЬ",
    help="Куда положить акт с именами; обычно рядом с папкой архива.",
)
@acting
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    here: Context,
    what: tuple[str, ...],
    order: str | None,
    on: datetime | None,
    commission: tuple[str, ...],
    method: str | None,
    confirm: str | None,
    out: Path | None,
    *,
    due: bool,
    is_resumed: bool,
    is_abandoned: bool,
    dry_run: bool,
) -> int:
    root = here.root
    if is_resumed or is_abandoned:
        if what or order or due or (is_resumed and is_abandoned):
            raise click.UsageError("Ключи --resume и --abandon пишут одни, без остального")
        if is_abandoned:
            return _abandon(here)
        return _go_on(here, _require_unfinished(root), confirm, out)
    note = find_unfinished(root)
    if note is not None and order is not None and (due or set(what) == set(note.words)):
        return _go_on(here, note, confirm, out)
    if note is not None:
        raise Refused(
            "Прежнее уничтожение не закончено",
            "Закончите его: papka destroy --resume; отказаться, пока не тронуты зеркала: papka "
            "destroy --abandon",
        )
    today = (on or here.now).date()
    if due and order is None:
        return _show_due(root, today)
    if order is None or bool(what) == due:
        raise click.UsageError(
            "Назовите, что уничтожить и по какому приказу: papka destroy 2020-0007 --order 3-у; "
            "всё, чему вышел срок: papka destroy --due"
        )
    if due:
        what = _gather_due(root, order, today)
    job = DestructionJob(what, order, today, commission, method or METHOD)
    return _run(here, job, confirm, out, dry_run=dry_run)


def _run(
    here: Context,
    job: DestructionJob,
    confirm: str | None,
    out: Path | None,
    *,
    dry_run: bool = False,
) -> int:
    """Plan, show, ask and destroy."""
    root, actor = here.root, here.actor
    head = is_head(actor.signer.public, CommitSnapshot(root, MAIN))
    plan = plan_destruction(
        root, job.words, job.order, on=job.on, today=here.now.date(), by_head=head
    )
    click.echo("\n".join(_preview_lines(plan)))
    if plan.troubles:
        return _show_troubles(plan.troubles)
    if dry_run:
        click.echo("Ничего не тронуто: это был только показ.")
        return 0
    place = _place_for_act(root, out, plan.number)
    _require_confirmed(plan, confirm)
    click.echo("Проверяю все хранилища…", err=True)
    reach = _reach(here)
    if troubles := tuple(judge_stores(root, plan, reach)):
        return _show_troubles(troubles)
    done = destroy(root, actor, plan, job, reach, partial(_print_act, here, plan, place))
    return _show_done(done, place)


def _reach(here: Context) -> StoreAccess:
    now = read_clock()
    return StoreAccess(now, mirror_access(watcher(here.style)), Witness(memory(), now))


def _show_troubles(troubles: tuple[PapkaError, ...]) -> int:
    click.echo(
        click.style("Уничтожать нельзя", fg="red", bold=True) + ", ничего не тронуто:", err=True
    )
    for each in troubles:
        click.echo(f"  {each.message}", err=True)
        if each.next_step:
            click.echo(f"    → {each.next_step}", err=True)
    return max(each.exit_code for each in troubles)


def _require_confirmed(plan: DestructionPlan, confirm: str | None) -> None:
    """End the command unless the number of the order was typed; raise Refused, UsageError."""
    if confirm is None and not sys.stdin.isatty():
        raise click.UsageError(
            f"Спросить некого: подтвердите номером приказа: --confirm {quoted(plan.order.number)}"
        )
    typed = confirm
    if typed is None:
        click.echo("Вернуть уничтоженное не сможет никто.")
        typed = click.prompt("Чтобы уничтожить, наберите номер приказа", prompt_suffix="\n> ")
    if not (typed == plan.key or same_number(typed, plan.order.number)):
        raise Refused(
            f"Номер приказа не тот: «{printable(typed)}»; ничего не тронуто",
            f"Приказ называется {number(plan.order.number)}",
        )


def _place_for_act(root: Path, out: Path | None, act: int) -> Path:
    """Return the file for the act with names: outside the archive, which will be purged of them."""
    name = f"Акт об уничтожении {act} с именами.pdf"
    place = (out or root.resolve().parent).absolute()
    place = place if place.suffix == ".pdf" else place / name
    if place.resolve().is_relative_to(root.resolve()):
        raise Refused(
            f"«{place}» — внутри архива, а оттуда уйдёт всё, где есть эти имена",
            f"Назовите место вне архива: --out {quoted(root.resolve().parent / name)}",
        )
    return place


def _print_act(
    here: Context, plan: DestructionPlan, place: Path, act_number: int, act: Destruction
) -> None:
    """Print the act with names while they are there."""
    from papka.paper.form import State
    from papka.paper.forms.destruction_act import BLANK, FORM, word_act  # imports what prints
    from papka.paper.press import print_view

    tree = CommitTree(here.root, MAIN)
    # Whose paper somebody put here by mistake, no record says: that is left to a pen.
    names = {
        each.thing.entry or each.thing.path: BLANK if each.is_strange else each.whose
        for each in plan.doomed
    }
    state = State(plan.archive, here.now, act.date, plan.head)
    view = word_act(state, str(act_number), act, names)
    printed = print_view(FORM.stem, place.stem, view, templates=Part(tree, "templates"))
    worktree.write(place.parent, place.name, printed.data)
    click.echo(f"Акт с именами: {place}")


def _preview_lines(plan: DestructionPlan) -> Iterator[str]:
    order = plan.order
    yield (
        f"Приказ {number(order.number)} от {day(order.date)} ({plan.key}), "
        f"акт об уничтожении № {plan.number}"
    )
    yield "Исчезнет навсегда:"
    for each in plan.doomed:
        yield from _thing_lines(each)
    if plan.printed:
        yield f"  напечатанное: {enumerated(plan.printed, _SHOWN)}"
    if plan.changes:
        yield f"Сначала сохранится без ссылки на файл: {enumerated(sorted(plan.changes), _SHOWN)}"
    if plan.elsewhere:
        yield "То же содержимое лежит и в других файлах, они останутся:"
        yield from (f"  {other} — как {path}" for path, other in plan.elsewhere[:_SHOWN])
    yield from _left_lines(plan)


def _left_lines(plan: DestructionPlan) -> Iterator[str]:
    """Tell what stays, where it is taken out, and what is left to people."""
    if plan.remains or plan.issued:
        yield "Останется, и почему:"
    for left in plan.remains:
        until = f", хранить по {day(left.until)}" if left.until else ""
        yield f"  {left.what} — {left.basis}{until}"
    if plan.issued:
        yield f"  выданные документы в книгах: {enumerated(plan.issued, _SHOWN)}"
    names = [OWN, *(each.name for each in plan.remotes)]
    yield f"Будут очищены: {', '.join(names)}"
    if plan.media:
        yield (
            f"Останется на носителях: {enumerated(plan.media, _SHOWN)} — очистить их или заменить "
            f"не позднее {day(plan.blocked_until)}"
        )
    if plan.twins:
        told = enumerated(plan.twins, _SHOWN)
        yield f"Проверьте архив ограниченного доступа: там может быть дело {told}"
    for each in plan.doomed:
        if each.thing.sheets:
            yield (
                f"Бумажное дело {each.owner}: листов {each.thing.sheets} — уничтожьте его при "
                "комиссии"
            )


def _thing_lines(each: DoomedThing) -> Iterator[str]:
    where = "в деле: " if each.thing.entry else ""
    whose = f", {where}{each.whose}" if each.whose else ""
    word = "хранить по" if each.thing.basis == "срок хранения" else "уничтожить не позднее"
    yield f"  {each.title}{whose}: {count_files(len(each.files))}"
    if each.target.may_go:
        yield f"    основание: {each.thing.basis}, {word} {day(each.thing.due)}"
    if not each.target.is_salted:
        yield "    соли в нём нет: по пломбам прежних лет можно проверить догадку о его тексте"
    folder = f"{each.thing.path}/"
    names = [path.removeprefix(folder) for path in each.files if not path.endswith("/.salt")]
    yield f"    {enumerated(names, _SHOWN)}"


def _show_done(done: DestructionDone, act: Path | None = None) -> int:
    """Tell what became of it and what is left to do; return the exit code."""
    if done.findings:
        show_findings(done.findings)
        return exit_code(done.findings)
    for store in done.stores:
        if store.trouble is None:
            click.echo(f"{store.name}: " + click.style("очищено", fg="green"))
            continue
        click.echo(f"{store.name}: " + click.style("не очищено", fg="red"))
        click.echo(f"  {store.trouble.message}")
        click.echo(f"  → {store.trouble.next_step}")
    for kind, path in dict.fromkeys(
        (each.kind, each.path) for store in done.stores for each in store.lawful
    ):
        click.echo(f"Названо и в записях, которые остаются ({kind}): {path}")
    if not done.is_whole:
        return RemoteUnreachable.exit_code
    click.echo(click.style(f"Уничтожено по акту № {done.number}", fg="green"))
    named = f"подпишите акт с именами ({act}), а файл потом удалите; " if act else ""
    click.echo(
        f"Что дальше: {named}напечатайте выгрузку из журнала: papka print destruction-extract "
        f"{done.number}; обе бумаги хранят три года. Сотрудники получат новую историю обменом: "
        "papka sync"
    )
    return 0


def _show_due(root: Path, today: date) -> int:
    """Tell what terms allow to destroy."""
    found = list_due(root, today)
    if not found:
        click.echo("Уничтожать по срокам нечего.")
        return 0
    click.echo("Срок вышел, запретов нет:")
    for address, each in found:
        click.echo(
            f"  {address:<16} {name_destroyed(each.path, each.entry)}: {each.basis}, "
            f"{day(each.due) if each.due else today}"
        )
    click.echo(
        "Что дальше: назовите это в приказе вида «уничтожение»: papka new order; потом "
        "papka destroy --due --order ПРИКАЗ"
    )
    return 0


def _gather_due(root: Path, order: str, today: date) -> tuple[str, ...]:
    """Return what is due and named in the order; tell of the rest. Raise Refused for nothing."""
    named, left = name_due(root, order, today)
    if left:
        click.echo(f"Срок вышел, но в приказе не названо: {enumerated(left, _SHOWN)}")
    if not named:
        raise Refused(
            f"Приказ {order} не называет ничего, чему вышел срок",
            "Что пора: papka destroy --due; впишите это в приказ",
        )
    return named


def _require_unfinished(root: Path) -> UnfinishedDestruction:
    note = find_unfinished(root)
    if note is None:
        raise NotFound(
            "Незаконченного уничтожения здесь нет", "Посмотрите, что пора: papka destroy --due"
        )
    return note


def _go_on(
    here: Context, note: UnfinishedDestruction, confirm: str | None, out: Path | None
) -> int:
    """End what the note is about; what is not done yet is planned, shown and asked anew."""
    root = here.root
    if is_moved(root, note):
        return _show_done(resume(root, here.actor, note, _reach(here)))
    job = DestructionJob(note.words, note.order, note.date, note.commission, note.method)
    return _run(here, job, confirm, out)


def _abandon(here: Context) -> int:
    abandon(here.root, _require_unfinished(here.root))
    click.echo("Отказ от уничтожения: всё осталось как было.")
    click.echo("Что дальше: если акт с именами уже напечатан, удалите его: по нему ничего не было")
    return 0
