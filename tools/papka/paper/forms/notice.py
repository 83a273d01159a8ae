"""Notice of academic debts or of their absence (R-2.2.6).

A debt is the last of a chain of re-sits; no mark is no debt; the absence of debts is stated in
words. A notice that rests on a period which is over and which the head has not approved is a draft
(R-5.6); about one that goes on it is a letter of current marks, and says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from papka.core.errors import NotFound
from papka.paper.form import (
    Letterhead,
    Page,
    PrintedForm,
    SignatureLine,
    State,
    find_student,
    find_unapproved,
    letterhead,
    name_addressee,
    of_head,
    page,
)
from papka.records import wording
from papka.records.archive import Archive
from papka.records.derived.result_facts import (
    MOST_RESITS,
    DebtOn,
    counting_results,
    enrolment_of,
    is_excused,
    outstanding,
    part_of,
    scale_of,
)
from papka.records.school import Scale
from papka.records.search import is_minor, sex_of
from papka.records.student import Person, Result, Student
from papka.records.wording import (
    NBSP,
    NONE,
    day,
    if_approved,
    in_order,
    in_words,
    mark,
    number,
    title_of,
)

_PRESENCE = "о наличии академических задолженностей"
_ABSENCE = "об отсутствии академических задолженностей"


@dataclass(frozen=True, slots=True)
class DebtRow:
    """A line of the table of debts."""

    number: str
    period: str
    subject: str
    mark: str
    scale: str
    date: str
    resit: str


@dataclass(frozen=True, slots=True)
class NoticeForm:
    """`to` are the lines of the addressee; `receipt` is what the tear-off slip repeats."""

    page: Page
    letterhead: Letterhead
    to: tuple[str, ...]
    date: str
    heading: str
    text: str
    rows: tuple[DebtRow, ...]
    notes: tuple[str, ...]
    signature: SignatureLine
    receipt: str


def view(state: State, student_id: str) -> NoticeForm:
    archive = state.archive
    student, person = find_student(archive, student_id)
    if not student.enrolments:
        raise NotFound(
            f"На {day(state.on)} в деле {student_id} нет ни одного обучения: извещать не о чем",
            f"Записи дела: papka show {student_id}",
        )
    rows = list(outstanding(archive, student, state.on))
    heading = _PRESENCE if rows else _ABSENCE
    counted = in_order(archive, (p for p, results in student.periods.items() if results))
    resting = {row.period for row in rows} or set(counted)
    title = f"Извещение {heading}, личное дело {number(student_id)}"
    return NoticeForm(
        page=page(state, title, is_draft=bool(find_unapproved(state, resting, [student]).drafts)),
        letterhead=letterhead(archive, state.on),
        to=_address(person, state),
        date=day(state.on),
        heading=heading,
        text=_write_text(archive, student, person, len(rows), day(state.on)),
        rows=tuple(_make_row(archive, student, n, row, state.on) for n, row in enumerate(rows, 1)),
        notes=(
            *_name_excused(archive, student, state.on, rows),
            *_write_notes(state, student, counted, rows),
        ),
        signature=of_head(archive, state.on),
        receipt=f"Извещение от{NBSP}{day(state.on)} {heading} "
        f"(личное дело {number(student_id)}, {person.name.full}) получено и прочитано:",
    )


def _address(person: Person, state: State) -> tuple[str, ...]:
    """Address the representatives of a minor, else the student."""
    if is_minor(person, state.on) and person.representatives:
        return tuple(name_addressee(each, sex_of(each)) for each in person.representatives)
    return (name_addressee(person.name, person.sex),)


def _write_text(archive: Archive, student: Student, person: Person, count: int, on: str) -> str:
    role = "обучающаяся" if person.sex == "женский" else "обучающийся"
    who = f"{role} {person.name.full} (личное дело {number(student.id)})"
    start = f"Сообщаем, что по состоянию на{NBSP}{on} {who}"
    if count == 0:
        return f"{start} академических задолженностей не имеет{if_approved(archive, student)}."
    if count == 1:
        return f"{start} имеет академическую задолженность:"
    total = f"{count}{NBSP}({in_words(count, 'ж')})" if count < 10_000 else str(count)
    return f"{start} имеет академические задолженности, всего {total}:"


def _make_row(
    archive: Archive, student: Student, position: int, debt: DebtOn, on: dt.date
) -> DebtRow:
    last = debt.last
    enrolment = enrolment_of(student, last.enrolment)
    part = part_of(archive, enrolment, last.part)
    scale = scale_of(archive, enrolment, last.part)
    program = wording.program(archive, enrolment, last.enrolment)
    return DebtRow(
        number=str(position),
        period=title_of(archive, debt.period),
        subject=f"{program}: {part.title if part else last.part or NONE}",
        mark=_word_mark(last, scale),
        scale=scale.title if scale else NONE,
        date=day(last.date),
        resit=_word_resit(debt, on),
    )


def _word_mark(result: Result, scale: Scale | None) -> str:
    """Write the mark; of one who was not attested also why, where that is known."""
    words = mark(result.mark, scale) if result.mark is not None else NONE
    return f"{words} ({result.absence})" if result.absence else words


def _word_resit(debt: DebtOn, on: dt.date) -> str:
    """Say when it is re-sat, the last day for it and before whom, or that both re-sits are used."""
    if debt.resits >= MOST_RESITS:
        return "обе пересдачи не сданы"
    by = debt.last.resit_by
    until = day(by) if by else "не назначена"
    overdue = "; срок истёк" if debt.state == "просрочена" else ""
    is_open = on <= debt.until
    last = f"; не позднее {day(debt.until)}" if is_open else f"; год истёк {day(debt.until)}"
    return f"{until}{overdue}{last}{'; принимает комиссия' if debt.resits else ''}"


def _name_excused(
    archive: Archive, student: Student, on: dt.date, rows: list[DebtOn]
) -> Iterator[str]:
    """Name the parts missed for a good reason, which are no debt; none is that is owed besides."""
    owed = {row.last for row in rows}
    parts = [
        part.title
        for results in student.periods.values()
        for result in counting_results(each for each in results if each.date <= on)
        if is_excused(result) and result not in owed
        if (part := part_of(archive, enrolment_of(student, result.enrolment), result.part))
    ]
    if parts:
        yield (
            "Аттестации нет по уважительной причине, задолженности это не образует (273-ФЗ, "
            f"ст. 58, ч. 2): {'; '.join(dict.fromkeys(parts))}."
        )


def _write_notes(
    state: State, student: Student, counted: list[str], rows: list[DebtOn]
) -> list[str]:
    said = []
    left = [row for row in rows if row.resits < MOST_RESITS]
    if any(row.last.resit_by is None for row in left):
        said.append("Где дата пересдачи не назначена, её сообщит педагог.")
    if left:
        said.append(
            "Задолженность можно пересдать не более двух раз в пределах года с её появления, "
            "во второй раз — комиссии. Болезнь, академический отпуск, отпуск по беременности и "
            "родам в этот год не входят (273-ФЗ, ст. 58, ч. 5–6)."
        )
    if counted:
        titles = "; ".join(title_of(state.archive, period) for period in counted)
        said.append(f"Учтены результаты: {titles}.")
    else:
        said.append("Результатов в архиве ещё нет.")
    return [*said, *find_unapproved(state, counted, [student]).notes]


FORM = PrintedForm(
    name="notice",
    title="Извещение об академических задолженностях или об их отсутствии",
    target="дело",
    view=view,
    targets=lambda archive: archive.students,
)
