"""What is studied and what came of it, as tables: enrolments, levels of mastery (R-2.2.3), planned
against actual results (R-2.2.5), credits (R-2.2.9), debts or their absence (R-2.2.6).

Invariants: planned results only, never target orientations (R-4.1); «нет данных» is no failure and
stands in no share; a credited level names its origin.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.model.archive import Archive
from papka.model.derived.debts_on import outstanding
from papka.model.derived.mastery import Mastery, mastery
from papka.model.derived.planned import outcomes, share
from papka.model.derived.scales import edition_of, enrolment_of, part_of, scale_of
from papka.model.student import Student
from papka.model.study import Credit, CreditItem, Enrolment
from papka.views import reference
from papka.views.periods import title_of
from papka.views.tables import Table, lines
from papka.views.wording import HOURS, NBSP, NONE, counted, day, mark


def enrolments(archive: Archive, student: Student) -> Table:
    return Table(
        "enrolments",
        "Обучение",
        ("Программа", "Форма и группа", "Договор", "Зачисление", "Окончание"),
        tuple(_enrolment(archive, student, each) for each in student.enrolments),
    )


def _enrolment(archive: Archive, student: Student, enrolment: Enrolment) -> tuple[str, ...]:
    edition = edition_of(archive, enrolment)
    program = f"{reference.program(archive, enrolment)}, редакция{NBSP}{enrolment.edition}"
    if edition:
        program += f", {counted(edition.hours, HOURS)}"
    if enrolment.individual_parts:
        titles = [
            part.title if (part := part_of(archive, enrolment, code)) else code
            for code in enrolment.individual_parts
        ]
        program += f". Индивидуальный план: {', '.join(titles)}"
    if enrolment.continues:
        before = enrolment_of(student, enrolment.continues)
        program += f". Продолжает {reference.program(archive, before, enrolment.continues)}"
    group = f"группа {enrolment.group}" if enrolment.group else ""
    ended = enrolment.ended
    planned = f"по плану {day(enrolment.planned_end)}" if enrolment.planned_end else ""
    end = (day(ended.date), ended.reason, ended.moved_to) if ended else ()
    return (
        program,
        lines(enrolment.form, group),
        reference.paper(student, enrolment.contract) or NONE,
        lines(day(enrolment.start), reference.order(archive, enrolment.order)),
        lines(*end, reference.order(archive, ended.order) if ended else "", planned) or NONE,
    )


def levels(archive: Archive, student: Student) -> Iterator[Table]:
    """One table a programme; a part without data says so."""
    for enrolment in student.enrolments:
        rows = tuple(
            (
                level.part.title,
                counted(level.part.hours, HOURS),
                mark(level.mark, level.scale) if level.mark is not None else NONE,
                _ground(archive, level),
                _level(level),
            )
            for level in mastery(archive, student, enrolment)
        )
        if rows:
            yield Table(
                "levels",
                f"Уровень освоения программы {reference.program(archive, enrolment)}",
                ("Часть программы", "Объём", "Оценка", "Какая и когда", "Освоение"),
                rows,
            )


def _ground(archive: Archive, level: Mastery) -> str:
    if level.credited:
        return "зачтено из другой организации"
    if level.result is None or level.period is None:
        return NONE
    control = level.result.control or level.result.origin
    return f"{control}, {day(level.result.date)}, {title_of(archive, level.period)}"


def _level(level: Mastery) -> str:
    if level.passed is None:
        return "нет данных"
    if level.final:
        return "освоена" if level.passed else "не освоена"
    return "осваивается" if level.passed else "пока ниже порога"


def planned(archive: Archive, student: Student) -> Iterator[Table]:
    for enrolment in student.enrolments:
        found = outcomes(archive, student, enrolment)
        if not found:
            continue
        count = share(found)
        yield Table(
            "planned",
            "Планируемые и достигнутые результаты программы "
            f"{reference.program(archive, enrolment)}",
            ("Вид", "Планируемый результат", "Достигнут"),
            tuple((each.planned.kind, each.planned.text, each.reached) for each in found),
            note=f"Достигнуто {count.reached} из{NBSP}{count.known}, о которых есть данные; "
            f"всего в программе {count.planned}. «Нет данных» не означает, что результат не "
            "достигнут.",
        )


def credits(archive: Archive, student: Student) -> Table:  # noqa: A001 - as the records call them
    return Table(
        "credits",
        "Зачёт результатов других организаций",
        ("Организация и документ", "Предмет и результат там", "Решение", "Зачтено", "Основание"),
        tuple(
            _credit(archive, student, credit, item)
            for credit in student.credits
            for item in credit.items
        ),
    )


def _credit(
    archive: Archive, student: Student, credit: Credit, item: CreditItem
) -> tuple[str, ...]:
    enrolment = enrolment_of(student, credit.enrolment)
    part = part_of(archive, enrolment, item.part)
    credited = [part.title if part else item.part or ""]
    if item.hours:
        credited.append(counted(item.hours, HOURS))
    if item.mark is not None:
        credited.append(mark(item.mark, scale_of(archive, enrolment, item.part)))
    theirs = f", {counted(item.their_hours, HOURS)}" if item.their_hours else ""
    return (
        lines(credit.organisation, reference.paper(student, credit.document)),
        f"{item.their_subject}: {item.their_result}{theirs}",
        lines(item.decision, item.reason),
        lines(*credited) or NONE,
        lines(
            f"заявление от{NBSP}{day(credit.applied)}",
            f"решение от{NBSP}{day(credit.decided)}" if credit.decided else "",
            reference.order(archive, credit.order),
            f"в программу {reference.program(archive, enrolment, credit.enrolment)}",
        ),
    )


def debts(archive: Archive, student: Student, on: dt.date) -> Table:
    rows = []
    for debt in outstanding(archive, student, on):
        last = debt.last
        enrolment = enrolment_of(student, last.enrolment)
        part = part_of(archive, enrolment, last.part)
        rows.append(
            (
                title_of(archive, debt.period),
                lines(
                    reference.program(archive, enrolment, last.enrolment),
                    part.title if part else last.part,
                ),
                mark(last.mark or "", scale_of(archive, enrolment, last.part)),
                day(last.resit_by) if last.resit_by else "не назначен",
                debt.state,
            )
        )
    return Table(
        "debts",
        "Академические задолженности",
        ("Период", "Программа, часть", "Оценка", "Срок пересдачи", "Состояние"),
        tuple(rows),
        absence=f"На {day(on)} академических задолженностей нет.",
    )
