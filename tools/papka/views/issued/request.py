"""What is asked for when a document is issued, and whom and which study it concerns.

Invariant: one request always means the same document, so a draft keeps the request and nothing
else. Absent on purpose: numbers, keys, the clock.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from papka.core.errors import NotFound, Refused
from papka.core.layout import is_student_id
from papka.core.suggestion import may_be
from papka.model.acts import RegisterEntry
from papka.model.archive import Archive
from papka.model.derived.as_of import person_on, student_on
from papka.model.student import Student
from papka.model.study import Enrolment
from papka.views.issued.case import Case
from papka.views.issued.lacking import COMPLETED

SERIES = {"certificate": "certificates", "transcript": "transcripts", "progress": "progress"}
"""Form -> the series its numbers run in."""


@dataclass(frozen=True, slots=True)
class Request:
    """`duplicate` and `replace` are numbers of earlier documents; `reason` says why the replaced
    one counts no more, `spoiled` that it was spoiled and never handed over. `is_dated`: somebody
    named the day; else a draft is of the day on which it gets its number."""

    form: str
    address: str
    date: dt.date
    period: str | None = None
    order: str | None = None
    protocol: str | None = None
    blank: str | None = None
    duplicate: str | None = None
    replace: str | None = None
    reason: str | None = None
    spoiled: bool = False
    is_dated: bool = False


def entry_of(archive: Archive, number: str) -> tuple[str, RegisterEntry]:
    """Key and entry of an issued document. Raises NotFound."""
    for key, entry in archive.registers.items():
        if entry.number == number:
            return key, entry
    if is_student_id(number.partition("#")[0]):
        raise _not_a_number(archive, number)
    known = [entry.number for entry in archive.registers.values()]
    raise NotFound(
        f"Документа № {number} в книге регистрации нет",
        "Если его выдали на другом компьютере, сначала papka sync; напечатанное раньше ищет "
        f"papka find ФАМИЛИЯ.{may_be(number, known)}",
    )


def _not_a_number(archive: Archive, address: str) -> NotFound:
    issued = [
        entry.number
        for entry in archive.registers.values()
        if address in (entry.student, entry.student.partition("#")[0])
    ]
    return NotFound(
        f"{address} — адрес обучения, а документ печатают по его номеру",
        (f"Выданы: {', '.join(issued)}; новый" if issued else "Выдать")
        + f": papka issue ФОРМА {address}",
    )


def case_of(archive: Archive, request: Request) -> Case:
    """The person and the study as of the day. Raises NotFound or Refused."""
    student_id, _, entry_id = request.address.partition("#")
    student = archive.students.get(student_id)
    if student is None or student.person is None:
        raise NotFound(
            f"Личного дела {student_id} среди сохранённых записей нет",
            f"Все дела: papka find.{may_be(student_id, archive.folders)}",
        )
    enrolment = _enrolment(student, entry_id, request)
    return Case(
        archive,
        student_on(student, request.date),
        person_on(student.person, request.date),
        enrolment,
        request.date,
        request.order,
        request.period or _period(student, enrolment, archive, request),
    )


def _enrolment(student: Student, entry_id: str, request: Request) -> Enrolment:
    then = student_on(student, request.date).enrolments
    fitting = [
        enrolment
        for enrolment in then
        if (entry_id and enrolment.id == entry_id)
        or (not entry_id and _fits(enrolment, request.form))
    ]
    if len(fitting) == 1:
        return fitting[0]
    addresses = [f"{student.id}#{enrolment.id}" for enrolment in fitting or then]
    listed = ", ".join(addresses) or "зачислений нет"
    if entry_id:
        raise NotFound(
            f"Зачисления {request.address} на {request.date:%d.%m.%Y} нет", f"Есть: {listed}"
        )
    raise Refused(
        f"Неясно, о каком обучении документ: подходящих зачислений {len(fitting)}",
        f"Укажите зачисление: papka issue {request.form} АДРЕС; в деле есть: {listed}",
    )


def _fits(enrolment: Enrolment, form: str) -> bool:
    """Whether it is what this document is usually asked for."""
    if form == "certificate":
        return enrolment.ended is not None and enrolment.ended.reason == COMPLETED
    return form != "progress" or enrolment.ended is None


def _period(
    student: Student, enrolment: Enrolment, archive: Archive, request: Request
) -> str | None:
    """The latest period with marks of this study by that day."""
    if request.form != "progress":
        return None
    known = student_on(student, request.date).periods
    found = [
        period
        for period, results in known.items()
        if period in archive.periods
        and any(r.enrolment == enrolment.id and r.mark is not None for r in results)
    ]
    return max(found, key=lambda period: archive.periods[period].start, default=None)
