"""Sheets of the restricted archive: the plan of support (R-2.2.7) and the diagnoses (R-4.2).

That archive has numbers of personal files and no names, so the name is written in by hand by
whoever may see both archives. In the main archive there is nothing to print. A diagnosis is for
correcting the teaching and for counsel: words, never a mark, a level or a comparison.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.errors import NotFound
from papka.core.phrases import suggest
from papka.core.places import RESTRICTED
from papka.paper.form import PrintedForm, State, of_head
from papka.paper.plain_sheet import PLAIN, PlainSheet, plain_sheet
from papka.paper.sections import ScreenTable, lines
from papka.records.archive import Archive
from papka.records.student import Diagnostic, Need, Student
from papka.records.wording import NBSP, NONE, day, number, staff

_GUARDED = (
    "Сведения ограниченного доступа: лист хранят отдельно от личного дела и показывают только тем, "
    "кому он нужен для работы с обучающимся."
)


def show_plan(state: State, address: str) -> PlainSheet:
    """Word the needs that are so on the day, and what the school does. Raise NotFound."""
    found = [each for each in _find(state.archive, address).needs if _holds(each, state)]
    if not found:
        raise _report_nothing(state, address, "особых образовательных потребностей")
    return plain_sheet(
        state,
        "ПЛАН",
        "учёта особых образовательных потребностей обучающегося",
        title=f"План учёта особых потребностей, личное дело {number(address)}",
        facts=_identify(address),
        tables=(
            ScreenTable(
                "needs",
                f"Потребности на{NBSP}{day(state.on)}",
                ("С какого дня", "Основание", "В чём нуждается", "Что делает организация", "До"),
                tuple(_word_need(each) for each in found),
            ),
        ),
        notes=(_GUARDED,),
        signatures=(of_head(state.archive, state.signed_on),),
        is_wide=True,
    )


def _holds(need: Need, state: State) -> bool:
    return need.date <= state.on and (need.until is None or need.until >= state.on)


def _word_need(need: Need) -> tuple[str, ...]:
    until = day(need.until) if need.until else "не ограничено"
    return (day(need.date), need.basis, need.text, lines(*need.measures) or NONE, until)


def show_diagnoses(state: State, address: str) -> PlainSheet:
    """Word the diagnoses by date. Raise NotFound."""
    student = _find(state.archive, address)
    found = sorted(student.diagnostics, key=lambda each: each.date)
    if not found:
        raise _report_nothing(state, address, "записей педагогической диагностики")
    return plain_sheet(
        state,
        "СВОДКА",
        "педагогической диагностики обучающегося",
        title=f"Сводка педагогической диагностики, личное дело {number(address)}",
        facts=_identify(address),
        tables=(
            ScreenTable(
                "diagnoses",
                "",
                ("Дата", "Кто проводил", "Чем", "Что замечено", "Что советуется"),
                tuple(_word_diagnosis(state.archive, each) for each in found),
                note="Для работы педагога и бесед с обучающимся: оценкой это не служит и ни с кем "
                "не сравнивается (п. 4.2 Порядка).",
            ),
        ),
        notes=(_GUARDED,),
        signatures=(of_head(state.archive, state.signed_on),),
        is_wide=True,
    )


def _word_diagnosis(archive: Archive, each: Diagnostic) -> tuple[str, ...]:
    return (
        day(each.date),
        staff(archive, each.assessed_by),
        each.tool,
        each.text,
        each.advice or NONE,
    )


def _identify(address: str) -> tuple[tuple[str, str], ...]:
    return (("Личное дело", number(address)), ("Фамилия, имя, отчество (от руки)", NBSP))


def _is_restricted(archive: Archive) -> bool:
    return archive.organization is not None and archive.organization.kind == RESTRICTED


def _list_files(archive: Archive) -> Iterator[Student]:
    if _is_restricted(archive):
        yield from archive.students.values()


def _find(archive: Archive, address: str) -> Student:
    if not _is_restricted(archive):
        raise NotFound(
            "Этот лист печатают только в архиве ограниченного доступа",
            "Особые потребности и диагностика хранятся в нём: перейдите в его папку",
        )
    student = archive.students.get(address)
    if student is None:
        raise NotFound(
            f"Дела {address} в архиве нет",
            f"Все дела: папка records/students.{suggest(address, archive.students)}",
        )
    return student


def _report_nothing(state: State, address: str, what: str) -> NotFound:
    return NotFound(
        f"На {day(state.on)} в деле {address} нет {what}",
        f"Записи дела: папка {state.archive.students[address].folder}",
    )


PLAN = PrintedForm(
    "needs-plan", "План учёта особых потребностей", "дело", show_plan,
    lambda archive: [each.id for each in _list_files(archive) if each.needs],
    layout=PLAIN,
)  # fmt: skip
DIAGNOSES = PrintedForm(
    "diagnostics-summary", "Сводка педагогической диагностики", "дело", show_diagnoses,
    lambda archive: [each.id for each in _list_files(archive) if each.diagnostics],
    layout=PLAIN,
)  # fmt: skip
