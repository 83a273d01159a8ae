"""Consents, papers and issued documents of a personal file on the screen; and what only a
restricted archive holds (R-4.2, R-2.2.7), which is shown there and nowhere else."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from papka.model.archive import Archive
from papka.model.derived.consents import in_force
from papka.model.standing import Consent
from papka.model.student import Student
from papka.views import reference
from papka.views.section import ENTRY, Section
from papka.views.tables import by_date
from papka.views.wording import NONE, SHEETS, counted, day


def consents(archive: Archive, student: Student, on: dt.date) -> Iterator[Section]:
    if not student.consents:
        return
    person = student.person
    rows = []
    for consent in by_date(student.consents):
        purpose = archive.purposes.get(consent.purpose)
        rows.append(
            (
                consent.id or NONE,
                purpose.title if purpose else consent.purpose,
                day(consent.date),
                reference.signer(person, consent.signed_by) if person else consent.signed_by,
                _state(consent, on),
            )
        )
    yield Section(
        f"Согласия на {day(on)}", (ENTRY, "Цель", "Дано", "Кем", "Состояние"), tuple(rows)
    )


def _state(consent: Consent, on: dt.date) -> str:
    if in_force(consent, on):
        end = f" до {day(consent.valid_until)}" if consent.valid_until else ", бессрочно"
        return f"в силе{end}"
    if consent.revoked and consent.revoked.date <= on:
        return f"отозвано {day(consent.revoked.date)}"
    return f"истекло {day(consent.valid_until)}" if consent.valid_until else "ещё не действует"


def documents(student: Student) -> Iterator[Section]:
    if student.documents:
        yield Section(
            "Опись документов",
            (ENTRY, "Вид", "Номер", "Дата", "Заголовок", "Что в деле"),
            tuple(
                (
                    document.id or NONE,
                    document.kind,
                    document.number or "",
                    day(document.date) if document.date else "",
                    document.title,
                    f"{document.medium}, {counted(document.sheets, SHEETS)}"
                    if document.sheets
                    else document.medium,
                )
                for document in student.documents
            ),
        )


def issued(archive: Archive, student: Student) -> Iterator[Section]:
    rows = []
    for entry in archive.registers.values():
        if entry.student.partition("#")[0] == student.id:
            series = archive.series.get(entry.series)
            title = series.title if series else entry.series
            void = f"{entry.void.word}: {entry.void.reason}" if entry.void else ""
            rows.append((entry.number, title, day(entry.date), void))
    if rows:
        columns = ("Номер", "Реестр", "Дата", "Отметка")
        yield Section("Выданные документы", columns, tuple(rows))


def restricted(archive: Archive, student: Student) -> Iterator[Section]:
    if student.diagnostics:
        rows = tuple(
            (
                each.id or NONE,
                day(each.date),
                reference.staff(archive, each.assessed_by),
                each.tool,
                "\n".join(part for part in (each.text, each.advice) if part),
            )
            for each in sorted(student.diagnostics, key=lambda item: item.date)
        )
        columns = (ENTRY, "Дата", "Кто", "Способ", "Что показано, совет")
        yield Section("Педагогическая диагностика", columns, rows)
    if student.needs:
        needs = tuple(
            (each.id or NONE, day(each.date), each.basis, each.text, "; ".join(each.measures))
            for each in sorted(student.needs, key=lambda item: item.date)
        )
        columns = (ENTRY, "Дата", "Основание", "Что нужно", "Что делает школа")
        yield Section("Особые образовательные потребности", columns, needs)
