"""papka take FILE…: take in exports of a platform, filled-in sheets, another archive's package.

It tells how each file was read, what is new, changed or gone, and which rows are nobody's.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import click

from papka.cli.context import Context, in_archive, mirror_access
from papka.cli.list_report import list_lines
from papka.cli.options import ADDRESS, DAY, KEYS, acting, as_text_or_json, ask_yes, out_option
from papka.cli.report import count_files, exit_code, first_rows, render, show_findings, table
from papka.cli.russian_names import BilingualCommand
from papka.core.findings import Severity
from papka.core.phrases import count_phrase, suggest
from papka.intake.export_matching import NEW, SKIP, OpenRow, read_answers, write_questions
from papka.intake.intake_codes import EXPORT_ROW_AMBIGUOUS
from papka.intake.proposal import ProposedLine
from papka.intake.take_plan import CARDS, PlannedFile, TakeRequest, Verdict
from papka.intake.taking import STAGES, Taken, preview, take
from papka.repository.files import read_plain

_SHOWN = 20
_KINDS = {"csv": "CSV", "xlsx": "XLSX", "ods": "ODS", "json": "JSON"}
_SIGNS = {",": "запятая", ";": "точка с запятой", "\t": "табуляция", "|": "вертикальная черта"}
_VERDICTS: dict[Verdict, str] = {
    "new": "новых",
    "same": "без изменений",
    "changed": "с переменами",
    "question": "вопросов",
    "refused": "отложено или отвергнуто",
}
_STATES = {
    "new": "новые",
    "changed": "изменены на платформе",
    "same": "без изменений",
    "kept": "исправлены человеком, оставлены",
    "gone": "пропали с платформы, записи остаются",
}


def show_taken(taken: Taken, style: str, *, dry_run: bool) -> int:
    """Print the outcome; return the exit code."""
    source = taken.saved.source if taken.saved else lambda _: None
    if style == "json":
        summary = {"commit": taken.commit, "files": [_file_values(each) for each in taken.files]}
        click.echo(render("json", taken.findings, summary, source))
        return _exit_code_of(taken)
    if taken.restored:
        files = count_files(taken.restored)
        click.echo(f"Прошлый приём прервался; убрано недописанное: {files}")
    for file in taken.files:
        click.echo("\n".join(_file_lines(file)))
    show_findings(taken.findings, source)
    click.echo("\n".join(_outcome_lines(taken, dry_run=dry_run)))
    return _exit_code_of(taken)


def _exit_code_of(taken: Taken) -> int:
    if taken.reserved is not None and taken.reserved.saved is None and not taken.plan.is_refused:
        return 1
    return exit_code(taken.findings)


def _file_lines(file: PlannedFile) -> Iterator[str]:
    name = click.style(file.file, bold=True)
    if file.already:
        yield f"{name}: уже принято: {file.already}"
        return
    parts = [_KINDS.get(file.kind, file.kind)]
    if file.encoding:
        parts.append(file.encoding)
    if file.delimiter:
        parts.append(f"разделитель — {_SIGNS.get(file.delimiter, file.delimiter)}")
    if file.layout is not None:
        parts.append(count_phrase(file.rows, "обучающийся", "обучающихся", "обучающихся"))
    elif file.laid is not None:
        parts.append(f"список людей, {count_phrase(file.rows, 'строка', 'строки', 'строк')}")
    yield f"{name}: {', '.join(parts)}"
    if file.layout is not None:
        yield from _export_lines(file)
    elif file.laid is not None:
        yield from list_lines(file)
    if file.left:
        waits = " (ждут закрытия периода)" if file.key else ""
        yield f"  Отложены до исправления{waits}:"
        left = [(str(row), why) for row, why in file.left.items()]
        yield from first_rows(("Строка", "Почему"), left, _SHOWN, indent=4)
    yield from _open_lines(file)


def _export_lines(file: PlannedFile) -> Iterator[str]:
    """Tell how an export was read, and what becomes of its rows."""
    assert file.layout is not None, "asked of an export that was recognised"
    yield f"  Описание: «{file.layout.id}», редакция {file.layout.edition} — {file.layout.title}"
    rows = [(_STATES[state], str(count)) for state in _STATES if (count := file.count(state))]
    more = {
        "новые личные дела": len(file.cards),
        "новые зачисления": file.studies,
        "уже есть": file.same,
        "чья строка, неясно": sum(len(each.rows) for each in file.matched.ambiguous),
        "не сопоставлены": sum(len(e.rows) for e in file.matched.unmatched) - len(file.cards),
        "пропущены по ответу": sum(len(each.rows) for each in file.matched.skipped),
    }
    rows += [(name, str(count)) for name, count in more.items() if count > 0]
    yield from table(("Что", "Сколько"), rows, indent=2)
    verdicts = Counter(file.verdicts().values())
    if file.is_refused and not file.lines:  # nothing was compared: what is in error says so
        del verdicts["same"]
    told = ", ".join(f"{_VERDICTS[each]} {verdicts[each]}" for each in _VERDICTS if verdicts[each])
    if told and (file.key or verdicts["refused"]):
        yield f"  Строки: {told}"
    for state in ("new", "changed", "kept", "gone"):
        yield from _mark_lines(state, [line for line in file.lines if line.state == state])
    if file.cards:
        first, last = file.cards[0], file.cards[-1]
        yield f"  Номера новых дел: {first}" + (f" … {last}" if last != first else "")


def _mark_lines(state: str, lines: list[ProposedLine]) -> Iterator[str]:
    if not lines:
        return
    rows = []
    for line in lines:
        now = "" if line.mark is None else str(line.mark)
        before = "" if line.before is None else str(line.before)
        mark = now if state == "new" else f"{before} → {now}" if now else before
        cell = line.cell
        topic = f" «{cell.topic}»" if cell.topic else ""
        rows.append((f"{line.student}#{cell.enrolment}", f"{cell.part}{topic}", mark))
    yield f"  {_STATES[state].capitalize()}:"
    yield from first_rows(("Зачисление", "Часть", "Отметка"), rows, _SHOWN, indent=4)


def _open_lines(file: PlannedFile) -> Iterator[str]:
    """Tell the rows whose person is not known, and how to answer."""
    matched = file.matched
    rows = [
        (", ".join(map(str, each.rows[:3])), each.word, each.reason, ", ".join(each.candidates))
        for each in (*matched.ambiguous, *(() if file.cards else matched.unmatched))
    ]
    if rows:
        yield "  Без хозяина:"
        columns = ("Строка", "Ключ строки", "Почему", "Кто бы это")
        yield from first_rows(columns, rows, _SHOWN, indent=4)
    if matched.ambiguous:
        yield "  Впишите ответы в файл и добавьте ключ --answers ФАЙЛ:"
        asked = write_questions(matched.ambiguous[:_SHOWN], opens=_opens_cards(file))
        for line in asked.splitlines():
            yield f"    {line}"
    if matched.learnt and file.key:
        keys = sum(map(len, matched.learnt.values()))
        yield f"  Узнано ключей платформы: {keys}; вписать их в карточки: --learn"


def _outcome_lines(taken: Taken, *, dry_run: bool) -> Iterator[str]:
    reserved = taken.reserved
    if taken.plan.is_refused or (taken.saved is not None and _exit_code_of(taken)):
        yield click.style("Не принято", fg="red") + ": причины выше, ничего не записано."
    elif taken.commit is not None:
        keys = ", ".join(file.key for file in taken.files if file.key) or "список людей"
        yield click.style("Принято", fg="green") + f": {keys}, сохранение {taken.commit[:12]}"
        if reserved is None:
            yield "Что дальше: отправьте в зеркала (papka sync); отменить: papka undo"
        elif reserved.synced is not None and reserved.synced.is_stopped:
            yield "Основное зеркало сохранение приняло, а здесь его пока нет: papka sync"
    elif reserved is not None and reserved.synced is not None:
        yield click.style("Не принято", fg="red") + ": обмен с основным зеркалом остановлен."
        yield f"{reserved.reason}Что дальше: papka sync"
    elif dry_run and taken.plan.changes:
        files = count_files(len(taken.plan.changes))
        yield f"Было бы принято: {files}. Ничего не записано."
    else:
        yield "Принимать нечего: всё уже принято."


def _file_values(file: PlannedFile) -> dict[str, object]:
    matched = file.matched
    return {
        "file": file.file,
        "import": file.key or None,
        "already": file.already or None,
        "layout": file.layout.id if file.layout else None,
        "edition": file.layout.edition if file.layout else None,
        "kind": file.kind or None,
        "encoding": file.encoding or None,
        "delimiter": file.delimiter or None,
        "students": file.rows,
        "counts": {state: file.count(state) for state in _STATES},
        "lines": [
            {
                "state": line.state,
                "student": line.student,
                **line.cell._asdict(),
                "mark": line.mark,
                "before": line.before,
                "row": line.row or None,
                "column": line.column or None,
            }
            for line in file.lines
            if line.state != "same"
        ],
        "rows": [
            {"row": row, "verdict": verdict, "why": file.left.get(row)}
            for row, verdict in file.verdicts().items()
            if verdict != "same"
        ],
        "cards": list(file.cards),
        "enrolments": file.studies,
        "present": file.same,
        **{
            name: [
                {"rows": list(each.rows), "key": each.word, "reason": each.reason,
                 "candidates": list(each.candidates)}
                for each in rows
            ]
            for name, rows in (
                ("ambiguous", matched.ambiguous),
                ("unmatched", matched.unmatched),
                ("skipped", matched.skipped),
            )
        },
        "learnt": {student: list(keys) for student, keys in matched.learnt.items()},
    }  # fmt: skip


@click.command(
    "take",
    cls=BilingualCommand,
    options_metavar=KEYS,
    help=(
        "Принять список людей, выгрузки платформы или заполненные ведомости. Список (papka give "
        "list) заводит дела, дополняет карточки, зачисляет, переводит и заканчивает обучение и "
        "пишет приказ. Из выгрузок и ведомостей исходные строки сохраняются байт в "
        "байт, отметки становятся записями, всё — одним подписанным сохранением. Если хоть "
        "что-то не так, не пишется ничего. Повторный приём ничего не меняет. Пакет личного дела из "
        "другого архива (ZIP) показывается как предложение зачесть: --enrolment, --fingerprint."
    ),
)
@click.argument(
    "files",
    metavar="ФАЙЛ...",
    nargs=-1,
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option(
    "--period",
    metavar="ПЕРИОД",
    default="",
    help="За какой период: 2026-2; у списка людей не нужен.",
)
@click.option(
    "--platform", metavar="ПЛАТФОРМА", default="", help="С какой платформы; у ведомости не нужен."
)
@click.option(
    "--export", metavar="ОПИСАНИЕ", default="",
    help="Которое из описаний выгрузки в records/platforms; обычно узнаётся само.",
)  # fmt: skip
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ФАЙЛ",
    help="Ответы о строках: «ключ строки: номер дела», «строка 12: пропустить», «строка 12: к "
    "зачислению e2», «ключ строки: новое дело».",
)
@click.option("--learn", is_flag=True, help="Вписать узнанные ключи платформы в карточки.")
@click.option("--date", "day", type=DAY, metavar="ДАТА",
              help="День результатов, у которых в выгрузке нет своего; по умолчанию сегодня, но не "
                   "позже конца периода.")  # fmt: skip
@click.option("--encoding", metavar="КОДИРОВКА", help="Кодировка, если она не узналась сама.")
@click.option("--delimiter", metavar="ЗНАК", help="Разделитель столбцов, если он не узнался сам.")
@click.option(
    "--accept-unmatched", "accepted", metavar="ПРИЧИНА", default="",
    help="Принять и с несопоставленными строками. Причина — без имён.",
)  # fmt: skip
@click.option(
    "--take-good", is_flag=True,
    help="Принять верные строки, а остальные отложить: они ждут в выгрузке и не дают закрыть "
         "период, пока их не исправят и не примут файл снова.",
)  # fmt: skip
@click.option(
    "--enrolment",
    type=ADDRESS,
    metavar="НОМЕР#e1",
    help="Пакет другого архива: для какого обучения.",
)
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ФАЙЛ",
    help="Пакет: список ключей той организации (allowed_signers).",
)
@click.option("--fingerprint", metavar="ОТПЕЧАТОК", help="Пакет: ключ, который она назвала.")
@click.option(
    "--no-order", is_flag=True, help="Список людей: приказа не писать, основание — договор."
)
@out_option
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что изменилось бы.")
@acting
@as_text_or_json
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    here: Context,
    files: tuple[Path, ...],
    period: str,
    platform: str,
    export: str,
    answers: Path | None,
    day: datetime | None,
    encoding: str | None,
    delimiter: str | None,
    accepted: str,
    enrolment: str | None,
    trust: Path | None,
    fingerprint: str | None,
    out: Path | None,
    *,
    learn: bool,
    take_good: bool,
    no_order: bool,
    dry_run: bool,
) -> int:
    root = here.root
    if any(file.suffix.casefold() == ".zip" for file in files):
        if len(files) > 1:
            raise click.UsageError("Пакет другого архива принимают отдельно, по одному.")
        from papka.cli.take_package import take_package  # only for packages

        return take_package(
            here, files[0],
            enrolment=enrolment, answers=answers, trust=trust, fingerprint=fingerprint,
            dry_run=dry_run,
        )  # fmt: skip
    if not period and platform:
        raise click.UsageError("Назовите период: --period 2026-2.")
    read = read_answers(read_plain(answers, follow=True), answers.name) if answers else None
    if read is not None and read.findings:
        click.echo(render(here.style, read.findings, {}, lambda _: None), nl=False)
        return exit_code(read.findings)
    wish = TakeRequest(
        files=tuple((file.name, read_plain(file, follow=True)) for file in files),
        period=period,
        platform=platform,
        staff=here.acting_staff,
        today=here.now.date(),
        export=export,
        answers=read.given if read else {},
        learn=learn,
        encoding=encoding,
        delimiter=delimiter,
        accepted=accepted.strip(),
        date=day.date() if day else None,
        takes_good=take_good,
        orders=not no_order,
    )
    actor = here.actor
    if here.style == "text" and sys.stdin.isatty():
        wish = _ask_person(root, wish)
    with _show_stages(here.style) as progress:
        taken = take(
            root, actor, wish,
            now=here.now, dry_run=dry_run, access=mirror_access(), progress=progress,
        )  # fmt: skip
    code = show_taken(taken, here.style, dry_run=dry_run)
    if taken.commit is not None and here.style == "text":
        orders = [key for file in taken.files if file.laid for key in file.laid.orders.drafts]
        if orders:
            from papka.cli.print_form import print_orders

            print_orders(root, orders, out, rev=taken.commit)
    return code


@contextmanager
def _show_stages(style: str) -> Iterator[Callable[[str], None]]:
    """Show one bar over the stages of a take; nothing where nobody watches."""
    if style != "text" or not sys.stderr.isatty():
        yield lambda _: None
        return
    with click.progressbar(
        length=len(STAGES), file=sys.stderr, item_show_func=lambda stage: stage or ""
    ) as bar:
        yield lambda stage: bar.update(1, stage)


def _ask_person(root: Path, wish: TakeRequest) -> TakeRequest:
    """Ask about every row that only a person can settle, and about keys learnt."""
    found = preview(root, wish)
    grave = {each.code.name for each in found.findings if each.severity >= Severity.ERROR}
    if grave - {EXPORT_ROW_AMBIGUOUS.name}:
        return wish  # what is wrong with the file comes first
    given = dict(wish.answers)
    for file in found.files:
        for row in file.matched.ambiguous:
            if row.word not in given:
                given[row.word] = _ask_row(found, row, opens=_opens_cards(file))
    wish = replace(wish, answers=given)
    keys = sum(len(keys) for file in found.files for keys in file.matched.learnt.values())
    if keys and not wish.learn:
        learn = ask_yes(f"Узнано ключей платформы: {keys}. Вписать их в карточки?")
        wish = replace(wish, learn=learn)
    return wish


def _opens_cards(file: PlannedFile) -> bool:
    """Whether a row of the file may open a personal file."""
    return file.laid is not None or (file.layout is not None and file.layout.target == CARDS)


def _ask_row(found: Taken, row: OpenRow, *, opens: bool) -> str:
    people = found.plan.names
    choices = [*row.candidates, *([NEW] if opens else []), SKIP]
    click.echo(f"\nСтрока {row.rows[0]}, «{row.word}»: {row.reason}. Чья она?")
    for number, choice in enumerate(choices, 1):
        name = f" — {people[choice]}" if choice in people else ""
        click.echo(f"  {number}. {choice}{name}")
    numbers = {str(number): choice for number, choice in enumerate(choices, 1)}

    def read_choice(text: str) -> str:
        word = numbers.get(text.strip(), text.strip())
        if word not in choices:
            raise click.BadParameter(f"«{text}» здесь нет.{suggest(text, choices)}")
        return word

    answer: str = click.prompt("", prompt_suffix="> ", value_proc=read_choice)
    return answer
