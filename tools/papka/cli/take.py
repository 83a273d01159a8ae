"""What `papka take` says: how each file was read, what is new, changed, gone, whose it is not.

papka take FILE…: exports of a platform, filled-in sheets, another archive's package taken in.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from papka.cli.context import mirror_access as access
from papka.cli.options import DAY, KEYS, acting, agreed, as_text_or_json, in_archive
from papka.cli.report import exit_code, render, table
from papka.core.findings import Severity
from papka.core.phrases import counted, may_be
from papka.intake.intake_codes import EXPORT_ROW_AMBIGUOUS
from papka.intake.matching import NEW, SKIP, Open, asked, read_answers
from papka.intake.proposal import Line
from papka.intake.take_plan import CARDS, Planned, Wish
from papka.intake.taking import STAGES, Taken, look, take
from papka.repository.files import read_plain
from papka.repository.signing import acting_staff, find_actor
from papka.repository.worktree import find_root

_SHOWN = 20
_KINDS = {"csv": "CSV", "xlsx": "XLSX", "ods": "ODS", "json": "JSON"}
_SIGNS = {",": "запятая", ";": "точка с запятой", "\t": "табуляция", "|": "вертикальная черта"}
_STATES = {
    "new": "новые",
    "changed": "изменены на платформе",
    "same": "без изменений",
    "kept": "исправлены человеком, оставлены",
    "gone": "пропали с платформы, записи остаются",
}


def show(taken: Taken, style: str, *, dry_run: bool) -> int:
    """Prints the outcome; the exit code."""
    source = taken.saved.source if taken.saved else lambda _: None
    if style == "json":
        summary = {"commit": taken.commit, "files": [_values(each) for each in taken.files]}
        click.echo(render("json", taken.findings, summary, source))
        return _code(taken)
    if taken.restored:
        files = counted(taken.restored, "файл", "файла", "файлов")
        click.echo(f"Прошлый приём прервался; убрано недописанное: {files}")
    for file in taken.files:
        click.echo("\n".join(_one(file)))
    click.echo(render("text", taken.findings, {}, source), nl=False)
    click.echo("\n".join(_outcome(taken, dry_run=dry_run)))
    return _code(taken)


def _code(taken: Taken) -> int:
    if taken.reserved is not None and taken.reserved.saved is None and not taken.plan.is_refused:
        return 1
    return exit_code(taken.findings, "error")


def _one(file: Planned) -> Iterator[str]:
    if file.already:
        yield click.style(f"{file.file}", bold=True) + f": уже принято: {file.already}"
        return
    yield click.style(file.file, bold=True) + f": {_read(file)}"
    if file.layout is None:
        return
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
    for state in ("new", "changed", "kept", "gone"):
        yield from _lines(state, [line for line in file.lines if line.state == state])
    yield from _cards(file)
    yield from _open(file)


def _read(file: Planned) -> str:
    parts = [_KINDS.get(file.kind, file.kind)]
    if file.encoding:
        parts.append(file.encoding)
    if file.delimiter:
        parts.append(f"разделитель — {_SIGNS.get(file.delimiter, file.delimiter)}")
    if file.layout is not None:
        parts.append(counted(file.rows, "обучающийся", "обучающихся", "обучающихся"))
    return ", ".join(parts)


def _lines(state: str, lines: list[Line]) -> Iterator[str]:
    if not lines:
        return
    rows = []
    for line in lines[:_SHOWN]:
        now = "" if line.mark is None else str(line.mark)
        before = "" if line.before is None else str(line.before)
        mark = now if state == "new" else f"{before} → {now}" if now else before
        cell = line.cell
        topic = f" «{cell.topic}»" if cell.topic else ""
        rows.append((f"{line.student}#{cell.enrolment}", f"{cell.part}{topic}", mark))
    yield f"  {_STATES[state].capitalize()}:"
    yield from table(("Зачисление", "Часть", "Отметка"), rows, indent=4)
    if len(lines) > _SHOWN:
        yield f"    … и ещё {len(lines) - _SHOWN}"


def _cards(file: Planned) -> Iterator[str]:
    if file.cards:
        first, last = file.cards[0], file.cards[-1]
        yield f"  Номера новых дел: {first}" + (f" … {last}" if last != first else "")


def _open(file: Planned) -> Iterator[str]:
    matched = file.matched
    rows = [
        (", ".join(map(str, each.rows[:3])), each.word, each.reason, ", ".join(each.candidates))
        for each in (*matched.ambiguous, *(() if file.cards else matched.unmatched))
    ]
    if rows:
        yield "  Без хозяина:"
        yield from table(("Строка", "Ключ строки", "Почему", "Кто бы это"), rows[:_SHOWN], indent=4)
        if len(rows) > _SHOWN:
            yield f"    … и ещё {len(rows) - _SHOWN}"
    if matched.ambiguous:
        yield "  Впишите ответы в файл и добавьте ключ --answers ФАЙЛ:"
        for line in asked(matched.ambiguous[:_SHOWN]).splitlines():
            yield f"    {line}"
    if matched.learnt and file.key:
        keys = sum(map(len, matched.learnt.values()))
        yield f"  Узнано ключей платформы: {keys}; вписать их в карточки: --learn"


def _outcome(taken: Taken, *, dry_run: bool) -> Iterator[str]:
    reserved = taken.reserved
    if taken.plan.is_refused or (taken.saved is not None and _code(taken)):
        yield click.style("Не принято", fg="red") + ": причины выше, ничего не записано."
    elif taken.commit is not None:
        keys = ", ".join(file.key for file in taken.files if file.key)
        yield click.style("Принято", fg="green") + f": {keys}, запись {taken.commit[:12]}"
        if reserved is None:
            yield "Что дальше: отправьте в зеркала (papka sync); отменить: papka undo"
        elif reserved.synced is not None and reserved.synced.is_stopped:
            yield "Основное зеркало запись приняло, а здесь её пока нет: papka sync"
    elif reserved is not None and reserved.synced is not None:
        yield click.style("Не принято", fg="red") + ": обмен с основным зеркалом остановлен."
        yield f"{reserved.reason}Что дальше: papka sync"
    elif dry_run and taken.plan.changes:
        files = counted(len(taken.plan.changes), "файл", "файла", "файлов")
        yield f"Было бы принято: {files}. Ничего не записано."
    else:
        yield "Принимать нечего: всё уже принято."


def _values(file: Planned) -> Mapping[str, Any]:
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
    options_metavar=KEYS,
    help=(
        "Принять выгрузки платформы или заполненные ведомости: исходные строки сохраняются байт в "
        "байт, отметки становятся записями, всё — одной подписанной записью истории. Если хоть "
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
@click.option("--period", metavar="ПЕРИОД", default="", help="За какой период: 2026-2.")
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
    help="Ответы, чьи это строки: «ключ строки: номер дела», «пропустить» или «новое дело».",
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
@click.option("--enrolment", metavar="НОМЕР#e1", help="Пакет другого архива: для какого обучения.")
@click.option(
    "--trust",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    metavar="ФАЙЛ",
    help="Пакет: список ключей той организации (allowed_signers).",
)
@click.option("--fingerprint", metavar="ОТПЕЧАТОК", help="Пакет: ключ, который она назвала.")
@click.option("-n", "--dry-run", is_flag=True, help="Только показать, что изменилось бы.")
@acting
@as_text_or_json
@in_archive
def command(  # noqa: PLR0913 - one parameter an option
    folder: Path,
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
    staff: str | None,
    style: str,
    *,
    learn: bool,
    dry_run: bool,
) -> int:
    root = find_root(folder)
    if any(file.suffix.casefold() == ".zip" for file in files):
        if len(files) > 1:
            raise click.UsageError("Пакет другого архива принимают отдельно, по одному.")
        from papka.cli.take_package import take_package  # noqa: PLC0415 - only for packages

        return take_package(
            root, files[0],
            enrolment=enrolment, answers=answers, trust=trust, fingerprint=fingerprint,
            staff=staff, dry_run=dry_run,
        )  # fmt: skip
    if not period:
        raise click.UsageError("Назовите период: --period 2026-2.")
    now = datetime.now().astimezone()
    read = read_answers(read_plain(answers, follow=True), answers.name) if answers else None
    if read is not None and read.findings:
        click.echo(render(style, read.findings, {}, lambda _: None), nl=False)
        return exit_code(read.findings, "error")
    wish = Wish(
        files=tuple((file.name, read_plain(file, follow=True)) for file in files),
        period=period,
        platform=platform,
        staff=acting_staff(root, staff),
        today=now.date(),
        export=export,
        answers=read.given if read else {},
        learn=learn,
        encoding=encoding,
        delimiter=delimiter,
        accepted=accepted.strip(),
        date=day.date() if day else None,
    )
    actor = find_actor(root, staff, agent=os.environ.get("SSH_AUTH_SOCK"))
    if style == "text" and sys.stdin.isatty():
        wish = _asked(root, wish)
    with _progress(style) as told:
        taken = take(root, actor, wish, now=now, dry_run=dry_run, access=access(), progress=told)
    return show(taken, style, dry_run=dry_run)


class _progress:  # noqa: N801 - used as a function
    """One bar over the stages of a take; nothing where nobody watches."""

    def __init__(self, style: str) -> None:
        self._shown = style == "text" and sys.stderr.isatty()

    def __enter__(self) -> Callable[[str], None]:
        if not self._shown:
            return lambda _: None
        self._bar = click.progressbar(
            length=len(STAGES), file=sys.stderr, item_show_func=lambda stage: stage or ""
        )
        self._bar.__enter__()
        return lambda stage: self._bar.update(1, stage)

    def __exit__(self, *_: object) -> None:
        if self._shown:
            self._bar.__exit__(None, None, None)


def _asked(root: Path, wish: Wish) -> Wish:
    """Asks about every row that only a person can settle, and about keys learnt."""
    found = look(root, wish)
    grave = {each.code.name for each in found.findings if each.severity >= Severity.ERROR}
    if grave - {EXPORT_ROW_AMBIGUOUS.name}:
        return wish  # what is wrong with the file comes first
    given = dict(wish.answers)
    for file in found.files:
        is_list = file.layout is not None and file.layout.target == CARDS
        for row in file.matched.ambiguous:
            if row.word not in given:
                given[row.word] = _ask(found, row, is_list=is_list)
    wish = replace(wish, answers=given)
    keys = sum(len(keys) for file in found.files for keys in file.matched.learnt.values())
    if keys and not wish.learn:
        learn = agreed(f"Узнано ключей платформы: {keys}. Вписать их в карточки?")
        wish = replace(wish, learn=learn)
    return wish


def _ask(found: Taken, row: Open, *, is_list: bool) -> str:
    people = found.plan.names
    choices = [*row.candidates, *([NEW] if is_list else []), SKIP]
    click.echo(f"\nСтрока {row.rows[0]}, «{row.word}»: {row.reason}. Чья она?")
    for number, choice in enumerate(choices, 1):
        click.echo(f"  {number}. {choice}{_named(people, choice)}")
    numbers = {str(number): choice for number, choice in enumerate(choices, 1)}

    def chosen(text: str) -> str:
        word = numbers.get(text.strip(), text.strip())
        if word not in choices:
            raise click.BadParameter(f"«{text}» здесь нет.{may_be(text, choices)}")
        return word

    answer: str = click.prompt("", prompt_suffix="> ", value_proc=chosen)
    return answer


def _named(people: Mapping[str, str], choice: str) -> str:
    return f" — {people[choice]}" if choice in people else ""
