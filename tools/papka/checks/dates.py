"""Rules about days: their order, terms of office, ended enrolments, editions (R-1.3, R-2.2.1).

PAIRS and RESULTS are the whole rule of order: birth, order, enrolment, award, end; periods, terms,
copies, numbers. A result belongs to the period in which the work was due, so it may be dated after
that period's end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NamedTuple

from papka.core.findings import Code, Finding, Location, Severity
from papka.core.places import ORGANIZATION, RECORDS, STAFF, order_file, period_of_act, record_file
from papka.records.archive import Archive
from papka.records.derived.result_facts import edition_of, enrolment_of
from papka.records.student import Result, Student

DATE_ORDER = Code(
    "DATE_ORDER",
    Severity.ERROR,
    says="{later_name} ({later}) раньше, чем {earlier_name} ({earlier})",
    hint="Исправьте ту из двух дат, которая записана неверно",
    why="Даты одного дела идут в порядке событий: рождение, зачисление, результат, окончание.",
)
STAFF_NOT_IN_OFFICE = Code(
    "STAFF_NOT_IN_OFFICE",
    Severity.ERROR,
    says="Сотрудник {name} в этот день ({date}) не работал",
    hint="Исправьте дату или сотрудника; срок работы — since и until в records/staff.yaml",
    why="Оценивает и подписывает тот, кто в этот день работал в организации.",
)
RESULT_AFTER_END = Code(
    "RESULT_AFTER_END",
    Severity.WARNING,
    says="Результат датирован {date}, а обучение по {enrolment} окончено {ended}",
    hint="Проверьте дату результата и зачисление, к которому он относится",
    why="После окончания обучения появляются только пересдачи и исправления.",
)
EDITION_NOT_YET = Code(
    "EDITION_NOT_YET",
    Severity.ERROR,
    says="Редакция {edition} программы «{program}» утверждена {approved}, после зачисления",
    hint="Укажите редакцию, действовавшую в день зачисления, или исправьте дату",
    why="Учат по редакции, которая в день зачисления уже была утверждена.",
)

_Day = dt.date | None
_Dates = Callable[[Archive, Any, Any], tuple[_Day, _Day]]
"""Archive, owner (a student, or the key of a school's record) and entry -> both days."""


class Pair(NamedTuple):
    """Two days of one entry: `later` may not come before `earlier`; `fields` lead to the later."""

    of: str
    earlier: str
    later: str
    fields: tuple[str | int, ...]
    days: _Dates

    @property
    def name(self) -> str:
        """The name of this branch of the rule."""
        return f"{self.of}: {self.earlier} / {self.later}"


def _birth_of(student: Student) -> _Day:
    return student.person.birth_date if student.person else None


def _order_day(archive: Archive, key: str | None) -> _Day:
    order = archive.orders.get(key) if key else None
    return order.date if order else None


def _enrolled_on(student: Student, enrolment_id: str) -> _Day:
    found = enrolment_of(student, enrolment_id)
    return found.start if found else None


def _left_on(student: Student, enrolment_id: str) -> _Day:
    found = enrolment_of(student, enrolment_id)
    return _day_of(found.ended) if found else None


def _event_day(archive: Archive, key: str | None) -> _Day:
    event = archive.events.get(key) if key else None
    return event.date if event else None


def _period_start(archive: Archive, key: str | None) -> _Day:
    period = archive.periods.get(key) if key else None
    return period.start if period else None


def _consent_text_day(archive: Archive, purpose: str, number: int) -> _Day:
    """Return the day from which the text of a consent is in use."""
    known = archive.purposes.get(purpose)
    editions = known.editions if known else ()
    return next((edition.since for edition in editions if edition.edition == number), None)


def _day_of(part: Any) -> _Day:  # noqa: ANN401 - a dated part of any record, or nothing
    day: _Day = part.date if part else None
    return day


PAIRS: tuple[Pair, ...] = (
    Pair("enrolment", "рождение", "Зачисление", ("start",),
         lambda _, student, e: (_birth_of(student), e.start)),
    Pair("enrolment", "приказ о зачислении", "Зачисление", ("start",),
         lambda archive, _, e: (_order_day(archive, e.order), e.start)),
    Pair("enrolment", "зачисление", "Окончание", ("ended", "date"),
         lambda _, __, e: (e.start, _day_of(e.ended))),
    Pair("transfer", "зачисление", "Перевод", ("date",),
         lambda _, student, move: (_enrolled_on(student, move.enrolment), move.date)),
    Pair("transfer", "приказ о переводе", "Перевод", ("date",),
         lambda archive, _, move: (_order_day(archive, move.order), move.date)),
    Pair("transfer", "перевод", "Окончание", ("date",),
         lambda _, student, move: (move.date, _left_on(student, move.enrolment))),
    Pair("credit", "заявление", "Приказ о зачёте", ("order",),
         lambda archive, _, k: (k.applied, _order_day(archive, k.order))),
    Pair("consent", "начало действия его текста в records/organization.yaml", "Согласие", ("date",),
         lambda archive, _, c: (_consent_text_day(archive, c.purpose, c.edition), c.date)),
    Pair("consent", "согласие", "Отзыв согласия", ("revoked", "date"),
         lambda _, __, c: (c.date, _day_of(c.revoked))),
    Pair("consent", "отзыв", "Прекращение обработки", ("revoked", "stopped"),
         lambda _, __, c: (_day_of(c.revoked), c.revoked.stopped if c.revoked else None)),
    Pair("consent", "согласие", "Срок согласия", ("valid_until",),
         lambda _, __, c: (c.date, c.valid_until)),
    Pair("award", "рождение", "Поощрение", ("date",),
         lambda _, student, a: (_birth_of(student), a.date)),
    Pair("award", "приказ", "Поощрение", ("date",),
         lambda archive, _, a: (_order_day(archive, a.order), a.date)),
    Pair("award", "мероприятие", "Поощрение", ("date",),
         lambda archive, _, a: (_event_day(archive, a.event), a.date)),
    Pair("notice", "начало периода", "Уведомление", ("date",),
         lambda archive, _, n: (_period_start(archive, n.period), n.date)),
    Pair("request", "обращение", "Уведомление о продлении", ("extended", "date"),
         lambda _, __, asked: (asked.date, _day_of(asked.extended))),
    Pair("request", "обращение", "Ответ на обращение", ("answered", "date"),
         lambda _, __, asked: (asked.date, _day_of(asked.answered))),
    Pair("lending", "выдача дела", "Возврат дела", ("returned",),
         lambda _, __, lent: (lent.date, lent.returned)),
    Pair("lending", "выдача дела", "Срок возврата дела", ("due",),
         lambda _, __, lent: (lent.date, lent.due)),
    Pair("period", "начало периода", "Конец периода", ("end",),
         lambda _, __, p: (p.start, p.end)),
    Pair("staff", "начало работы", "Окончание работы", ("until",),
         lambda _, __, member: (member.since, member.until)),
    Pair("acting", "начало срока", "Окончание срока", ("until",),
         lambda _, __, term: (term.since, term.until)),
    Pair("acting", "основание", "Начало срока", ("since",),
         lambda _, __, term: (term.date, term.since)),
    Pair("platform", "начало работы", "Окончание работы", ("until",),
         lambda _, __, platform: (platform.since, platform.until)),
    Pair("approval", "начало периода", "Закрытие периода", ("closed",),
         lambda archive, key, act: (_period_start(archive, period_of_act(key)), act.closed)),
    Pair("approval", "начало периода", "Утверждение", ("approved",),
         lambda archive, key, act: (_period_start(archive, period_of_act(key)), act.approved)),
    Pair("copy", "копия", "Проверка копии", ("verified",),
         lambda _, __, made: (made.date, made.verified)),
    Pair("copy", "копия", "Восстановление", ("restored",),
         lambda _, __, made: (made.date, made.restored)),
    Pair("register", "приказ", "Документ", ("date",),
         lambda archive, _, issued: (_order_day(archive, issued.order), issued.date)),
    Pair("register", "документ", "Вручение", ("handed", "date"),
         lambda _, __, issued: (issued.date, _day_of(issued.handed))),
    Pair("register", "документ", "Отметка о недействительности", ("void", "date"),
         lambda _, __, issued: (issued.date, _day_of(issued.void))),
)  # fmt: skip
RESULTS = {
    "enrolment": ("зачисление", "Результат"),
    "period": ("начало периода", "Результат"),
    "event": ("мероприятие", "Результат"),
    "resit_by": ("результат", "Срок пересдачи"),
    "resits": ("первая попытка", "Пересдача"),
}
"""The pairs of a result, by the source of the other day. They are judged apart from the table:
results are most of an archive, and one before its enrolment is reported once."""
CHRONOLOGY_BRANCHES = (*(pair.name for pair in PAIRS), *(f"result: {key}" for key in RESULTS))
_BY_OWNER = {of: [pair for pair in PAIRS if pair.of == of] for of in {pair.of for pair in PAIRS}}


def check_chronology(archive: Archive) -> Iterator[Finding]:
    """Days stand in an order that can have happened (R-1.3)."""
    for student in archive.students.values():
        paper = student.person.paper if student.person else None
        for of, entries in (
            ("enrolment", student.enrolments),
            ("transfer", student.transfers),
            ("credit", student.credits),
            ("consent", student.consents),
            ("award", student.awards),
            ("notice", student.notices),
            ("request", student.requests),
            ("lending", paper.lendings if paper else ()),
        ):
            for entry in entries:
                yield from _judge(archive, of, student, entry, partial(student.where, entry))
        yield from _judge_results(archive, student)
    yield from _judge_school(archive)


def _judge(
    archive: Archive, of: str, owner: object, entry: object, where: Callable[..., Location]
) -> Iterator[Finding]:
    for pair in _BY_OWNER[of]:
        earlier, later = pair.days(archive, owner, entry)
        if earlier is not None and later is not None and later < earlier:
            yield _report_order(where(*pair.fields), earlier, pair.earlier, later, pair.later)


def _judge_results(archive: Archive, student: Student) -> Iterator[Finding]:
    starts = {entry.id: entry.start for entry in student.enrolments}
    for period, results in student.periods.items():
        opened = _period_start(archive, period)
        for result in results:
            start, day = starts.get(result.enrolment), result.date
            found = [
                ("enrolment", start, day, "date"),
                ("period", opened if start is None or day >= start else None, day, "date"),
                ("event", _event_day(archive, result.event), day, "date"),
                ("resit_by", day, result.resit_by, "resit_by"),
                ("resits", _first_attempt_day(student, result), day, "date"),
            ]
            for key, earlier, later, field in found:
                if earlier is not None and later is not None and later < earlier:
                    where = student.where(result, field)
                    yield _report_order(where, earlier, RESULTS[key][0], later, RESULTS[key][1])


def _first_attempt_day(student: Student, result: Result) -> _Day:
    """Return the day of the result that this one re-sits."""
    if not result.resits:
        return None
    return next((each.date for _, each in student.results if each.id == result.resits), None)


def _judge_school(archive: Archive) -> Iterator[Finding]:
    school = archive.organization
    for path, pointer, of, key, entry in (
        *(
            (ORGANIZATION, f"/periods/{index}", "period", "", period)
            for index, period in enumerate(school.periods if school else ())
        ),
        *(
            (STAFF, f"/staff/{index}", "staff", "", member)
            for index, member in enumerate(archive.staff_list)
        ),
        *(
            (STAFF, f"/staff/{index}/acting/{at}", "acting", "", term)
            for index, member in enumerate(archive.staff_list)
            for at, term in enumerate(member.acting)
        ),
        *(
            (f"{RECORDS}/{folder}/{key}.yaml", "", of, key, record)
            for of, folder, records in (
                ("platform", "platforms", archive.platforms),
                ("approval", "approvals", archive.approvals),
                ("register", "registers", archive.registers),
            )
            for key, record in records.items()
        ),
        *(
            (f"{RECORDS}/media/{year}.yaml", f"/copies/{index}", "copy", "", copy)
            for year, journal in archive.media.items()
            for index, copy in enumerate(journal.copies)
        ),
    ):
        yield from _judge(archive, of, key, entry, partial(_place, path, pointer))


def _place(path: str, pointer: str, *fields: str | int) -> Location:
    return Location(path, pointer + "".join(f"/{field}" for field in fields))


def _report_order(
    where: Location, earlier: dt.date, earlier_name: str, later: dt.date, later_name: str
) -> Finding:
    return DATE_ORDER.at(
        where,
        later_name=later_name,
        later=f"{later:%d.%m.%Y}",
        earlier_name=earlier_name,
        earlier=f"{earlier:%d.%m.%Y}",
    )


def check_staff_terms(archive: Archive) -> Iterator[Finding]:
    """Who assesses or signs worked in the school on that day, and who sat on a commission."""
    for name, date, where in _list_papers_signed(archive):
        if not _serves(archive, name, date):
            yield _report_out_of_office(name, date, where)
    for student in archive.students.values():
        for _, result in student.results:
            assessor = result.assessed_by
            if assessor is not None and not _serves(archive, assessor, result.date):
                where = student.where(result, "assessed_by")
                yield _report_out_of_office(assessor, result.date, where)


def _list_papers_signed(archive: Archive) -> Iterator[tuple[str, dt.date, Location]]:
    """List who signed the papers of the school, when, and where it is written."""
    for key, order in archive.orders.items():
        yield order.signed_by, order.date, Location(order_file(key), "/signed_by")
    for key, approval in archive.approvals.items():
        where = Location(record_file("approval", key) or "", "/signed_by")
        yield approval.signed_by, approval.date, where
    for key, act in archive.destruction_acts.items():
        path = record_file("act", key) or ""
        yield act.signed_by, act.date, Location(path, "/signed_by")
        for at, name in enumerate(act.commission):
            yield name, act.date, Location(path, f"/commission/{at}")


def _serves(archive: Archive, name: str, day: dt.date) -> bool:
    member = archive.staff.get(name)
    return member is None or member.works_on(day)


def _report_out_of_office(name: str, day: dt.date, where: Location) -> Finding:
    return STAFF_NOT_IN_OFFICE.at(where, name=name, date=f"{day:%d.%m.%Y}")


def check_endings(archive: Archive) -> Iterator[Finding]:
    """After an enrolment has ended only re-sits and corrections are dated."""
    for student in archive.students.values():
        ends = {entry.id: entry.ended.date for entry in student.enrolments if entry.ended}
        for _, result in student.results:
            end = ends.get(result.enrolment)
            if end is None or result.date <= end or result.resits or result.replaces:
                continue
            yield RESULT_AFTER_END.at(
                student.where(result, "date"),
                date=f"{result.date:%d.%m.%Y}",
                enrolment=result.enrolment,
                ended=f"{end:%d.%m.%Y}",
            )


def check_editions(archive: Archive) -> Iterator[Finding]:
    """The edition enrolled in was approved by the day of enrolment (R-2.2.1)."""
    for student in archive.students.values():
        for enrolment in student.enrolments:
            edition = edition_of(archive, enrolment)
            order = archive.orders.get(edition.order) if edition else None
            if edition and order and order.date > enrolment.start:
                yield EDITION_NOT_YET.at(
                    student.where(enrolment, "edition"),
                    edition=edition.edition,
                    program=enrolment.program,
                    approved=f"{order.date:%d.%m.%Y}",
                )
