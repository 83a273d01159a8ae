"""What `papka take` says: how each file was read, what is new, changed, gone, whose it is not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click

from papka.cli.report import exit_code, render
from papka.cli.table import table
from papka.core.plural import counted
from papka.intake.answers import asked
from papka.intake.proposal import Line
from papka.tasks.take.exports import Taken
from papka.tasks.take.plan import Planned

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
