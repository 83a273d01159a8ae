"""Sheets of one personal file: the card alone (R-5.2), what stands in the place of a file that was
lent (R-6.6), and what was decided about results of another organization (R-2.2.9).

Their tables are those of the personal file. The card has nothing of the restricted archive.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from papka.core.errors import NotFound
from papka.paper import volumes
from papka.paper.form import (
    PrintedForm,
    State,
    find_entry,
    find_student,
    find_unapproved,
    list_addresses,
    of_clerk,
    of_head,
)
from papka.paper.plain_sheet import PLAIN, PlainSheet, plain_sheet
from papka.paper.sections import (
    ScreenTable,
    awards,
    card_facts,
    debts,
    enrolments,
    issued,
    levels,
    lines,
    representatives,
)
from papka.records import wording
from papka.records.archive import Archive
from papka.records.derived.in_force import lendings_out
from papka.records.derived.result_facts import enrolment_of, part_of, scale_of
from papka.records.name_cases import dative
from papka.records.student import Credit, CreditItem, Person, Student
from papka.records.wording import HOURS, NBSP, NONE, SHEETS, VOLUMES, counted, day, mark, number


def show_card(state: State, address: str) -> PlainSheet:
    """Word the card. Raise NotFound."""
    archive = state.archive
    student, person = find_student(archive, address)
    counting = [period for period, results in student.periods.items() if results]
    unapproved = find_unapproved(state, counting, [student])
    return plain_sheet(
        state,
        "ЛИЧНАЯ КАРТОЧКА",
        f"обучающегося, личное дело {number(address)}",
        title=f"Личная карточка, личное дело {number(address)}",
        facts=card_facts(archive, student, person),
        tables=(
            representatives(person),
            enrolments(archive, student),
            *levels(archive, student),
            *([debts(archive, student, state.on)] if student.enrolments else []),
            awards(archive, student),
            _list_documents(archive, student),
            issued(archive, student),
        ),
        notes=unapproved.notes,
        signatures=(of_head(archive, state.signed_on, "Верно"),),
        is_draft=bool(unapproved.drafts),
    )


def _list_documents(archive: Archive, student: Student) -> ScreenTable:
    return ScreenTable(
        "documents",
        "Документы дела",
        ("Дата", "Номер", "Документ", "Примечание"),
        tuple(
            (
                day(each.date) if each.date else NONE,
                each.number or NONE,
                volumes.title_of(each),
                volumes.describe_document(archive, each, None) or each.medium,
            )
            for each in (archive.destroyed.without_scan(student, d) for d in student.documents)
        ),
    )


def show_lending(state: State, address: str) -> PlainSheet:
    """Word the card that stands for a lent file. Raise NotFound for a file on its shelf."""
    archive = state.archive
    student, person = find_student(archive, address)
    out = lendings_out(student, state.on)
    if not out or person.paper is None:
        raise NotFound(
            f"Бумажное дело {address} на {day(state.on)} никому не выдано: замещать нечего",
            "Выдачу записывают в student.yaml, раздел paper, lendings",
        )
    return plain_sheet(
        state,
        "КАРТА-ЗАМЕСТИТЕЛЬ",
        f"личного дела {number(address)}",
        title=f"Карта-заместитель, личное дело {number(address)}",
        facts=(
            ("Обучающийся", person.name.full),
            ("Место хранения", person.paper.place),
            ("Выдано томов", _count_volumes(person)),
        ),
        tables=(
            ScreenTable(
                "lent",
                "",
                ("Выдано", "Кому", "Вернуть до", "Подпись получившего", "Возвращено, подпись"),
                tuple(
                    (day(each.date), each.taken_by, day(each.due) if each.due else "", "", "")
                    for each in out
                ),
                note="Стоит на месте дела, пока оно не возвращено.",
            ),
        ),
        signatures=(replace(of_clerk(archive), heading="Дело выдал:"),),
    )


def _count_volumes(person: Person) -> str:
    """Say «2 тома, 310 листов» of what is bound; nothing where nothing is."""
    shelf = person.paper.shelf if person.paper else ()
    if not shelf:
        return ""
    sheets = sum(volume.sheets for volume in shelf)
    return f"{counted(len(shelf), VOLUMES)}, {counted(sheets, SHEETS)}"


def show_credit(state: State, address: str) -> PlainSheet:
    """Word what was decided about one application. Raise NotFound while nothing is."""
    archive = state.archive
    student_id, _, entry_id = address.partition("#")
    student, person = find_student(archive, student_id)
    credit = find_entry(
        student.credits,
        entry_id,
        f"В деле {student_id} нет записи о зачёте {entry_id}",
        f"Все записи дела: papka show {student_id}",
    )
    decided = _find_decision(archive, credit)
    if decided is None or decided > state.on:
        raise NotFound(
            f"На {day(state.on)} по заявлению {address} решения ещё нет",
            "Впишите решение в credits.yaml: decided и order",
        )
    to = dative(person.name, person.sex)
    given = f"Дана {to}" if to else f"Обучающийся: {person.name.full}. Дана"
    enrolment = enrolment_of(student, credit.enrolment)
    document = wording.paper(student, credit.document)
    return plain_sheet(
        state,
        "СПРАВКА",
        "о зачёте результатов, полученных в другой организации",
        title=f"Справка о зачёте, личное дело {number(student_id)}",
        date=day(state.on),
        number=f"{number('')}________",
        texts=(
            f"{given} в том, что представленные результаты рассмотрены, решение по каждому — ниже.",
        ),
        facts=(
            ("Личное дело", number(student_id)),
            ("Программа", wording.program(archive, enrolment, credit.enrolment)),
            ("Организация", credit.organisation),
            ("Документ", document),
            ("Заявление", f"от{NBSP}{day(credit.applied)}"),
            ("Решение", lines(f"от{NBSP}{day(decided)}", wording.order(archive, credit.order))),
        ),
        tables=(
            ScreenTable(
                "credited",
                "",
                ("Предмет там", "Результат и часы там", "Решение", "Зачтено здесь"),
                tuple(_make_row(archive, student, credit, item) for item in credit.items),
            ),
        ),
        signatures=(of_head(archive, state.signed_on),),
    )


def _find_decision(archive: Archive, credit: Credit) -> dt.date | None:
    """Return the day of the decision: the one written down, else that of its order."""
    order = archive.orders.get(credit.order or "")
    return credit.decided or (order.date if order else None)


def _make_row(
    archive: Archive, student: Student, credit: Credit, item: CreditItem
) -> tuple[str, ...]:
    enrolment = enrolment_of(student, credit.enrolment)
    part = part_of(archive, enrolment, item.part)
    scale = scale_of(archive, enrolment, item.part)
    return (
        item.their_subject,
        lines(item.their_result, counted(item.their_hours, HOURS) if item.their_hours else ""),
        lines(item.decision, item.reason),
        lines(
            part.title if part else item.part,
            counted(item.hours, HOURS) if item.hours else "",
            mark(item.mark, scale) if item.mark is not None else "",
        )
        or NONE,
    )


def _list_lent(archive: Archive) -> list[str]:
    return [
        student.id
        for student in archive.students.values()
        if student.person
        and student.person.paper
        and any(each.returned is None for each in student.person.paper.lendings)
    ]


def _list_decided(archive: Archive) -> Iterator[str]:
    return list_addresses(
        archive,
        lambda student: (each for each in student.credits if _find_decision(archive, each)),
    )


CARD = PrintedForm(
    "card", "Личная карточка", "дело", show_card, lambda archive: archive.students, layout=PLAIN
)
LENDING = PrintedForm(
    "lending-card", "Карта-заместитель выданного дела", "дело", show_lending, _list_lent,
    layout=PLAIN,
)  # fmt: skip
CREDIT = PrintedForm(
    "credit-note", "Справка о зачёте результатов", "зачёт", show_credit, _list_decided,
    layout=PLAIN,
)  # fmt: skip
