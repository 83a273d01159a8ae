"""Rules about facts that are written well and cannot be true, or are somebody else's.

They look for what a hand slips into: «нет» for a patronymic, an initial for a name, the year of
today for a birth, a day of another century, a scan that stands in another child's file.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

from papka.checks.personal_data import list_names
from papka.core.cells import is_nothing
from papka.core.findings import Code, Finding, Location, Severity
from papka.core.places import order_file
from papka.records.archive import Archive
from papka.records.derived.in_force import days_after
from papka.records.student import Document, FormerName, Name, Student

NAME_ABSENT = Code(
    "NAME_ABSENT",
    Severity.ERROR,
    says="Вместо имени записано, что его нет",
    hint="Удалите эту строку: чего нет, того не пишут",
    why="Имя печатают в документах так, как оно записано: слово «нет» напечатается отчеством.",
)
NAME_INITIAL = Code(
    "NAME_INITIAL",
    Severity.WARNING,
    says="Вместо имени записана одна буква с точкой",
    hint="Впишите имя полностью, как в документе",
    why="В документах имя печатают полностью; инициал из имени программа сделает сама.",
)
NAME_CASE = Code(
    "NAME_CASE",
    Severity.WARNING,
    says="Имя написано одними строчными или одними заглавными буквами",
    hint="Напишите с заглавной буквы, остальные строчные",
    why="Имя печатают в документах так, как оно записано.",
)
BIRTH_UNLIKELY = Code(
    "BIRTH_UNLIKELY",
    Severity.ERROR,
    says="Такой даты рождения ({birth}) у обучающегося не бывает",
    hint="Сверьте год рождения с документом",
    why="Год рождения часто путают с нынешним или теряют в нём цифру; по нему считают возраст и "
    "кто подписывает согласия.",
)
DATE_FAR = Code(
    "DATE_FAR",
    Severity.ERROR,
    says="Дата {date} далеко от всех учебных периодов школы",
    hint="Проверьте год; если он верен, объявите этот период в records/organization.yaml",
    why="Событие, которое уже произошло, не может быть в другом столетии: в году переставлены или "
    "пропущены цифры.",
)
SCAN_OF_OTHER = Code(
    "SCAN_OF_OTHER",
    Severity.WARNING,
    says="Этот скан ({what}) тот же, что в деле {student}",
    hint="Приложите скан этого человека: papka add НОМЕР document --file СКАН",
    why="Договор и фотография бывают только у одного человека. Одинаковый скан в двух делах — след "
    "скопированной папки.",
)

_PARTS = ("surname", "given", "patronymic")
_ABSENT = "прочерк"
"""A word for «none» besides those of cells."""
_INITIAL = re.compile(r"[^\W\d_]{1,2}\.(?:\s*[^\W\d_]\.)?")


def check_unlikely_names(archive: Archive) -> Iterator[Finding]:
    """A part of a name is a name: no word for «none», no initial, its first letter a capital."""
    for name, where in list_names(archive):
        for part, code in _list_faults(name):
            yield code.at(where(part))


def _list_faults(name: Name | FormerName) -> Iterator[tuple[str, Code]]:
    for part in _PARTS:
        text = getattr(name, part, None)
        if text is None or (text[0].isupper() and text[1:2].islower()):
            continue  # nearly always
        if is_nothing(text) or text.casefold() == _ABSENT or not text.strip(" .?"):
            yield part, NAME_ABSENT
        elif _INITIAL.fullmatch(text):
            yield part, NAME_INITIAL
        elif text.islower() or (text.isupper() and len(text) > 2):
            yield part, NAME_CASE


EARLIEST_YEAR = 1900
"""Of anybody's birth, and of anything else in the records."""
_OLDEST = 110


BIRTHS_BRANCHES = ("before 1900", "too old to study", "after the day of the save")


def check_births(archive: Archive) -> Iterator[Finding]:
    """Nobody is born before 1900 or after the day of the save, or studies at more than 110."""
    today = archive.day or dt.date.max
    for student in archive.students.values():
        person = student.person
        birth = person.birth_date if person else None
        if birth is None:
            continue
        starts = [enrolment.start for enrolment in student.enrolments]
        is_out = birth.year < EARLIEST_YEAR or birth > today
        if is_out or any(start.year - birth.year > _OLDEST for start in starts):
            where = student.where(person, "birth_date")
            yield BIRTH_UNLIKELY.at(where, birth=f"{birth:%d.%m.%Y}")


_LATE = 2 * 366
"""Days after the end of a period that are within reach of it."""


def check_far_days(archive: Archive) -> Iterator[Finding]:
    """What has happened is dated within reach of the school's periods: no other century."""
    ends = [period.end for period in archive.periods.values()]
    if not ends:
        return
    last = days_after(max(ends), _LATE)
    for student in archive.students.values():
        yield from _judge_days(archive, student, last)
    for key, order in archive.orders.items():
        if order.date > last or order.date.year < EARLIEST_YEAR:
            yield _report_far(Location(order_file(key), "/date"), order.date)


def _judge_days(archive: Archive, student: Student, last: dt.date) -> Iterator[Finding]:
    for period, results in student.periods.items():
        known = archive.periods.get(period)
        latest = days_after(known.end, _LATE) if known else last
        for result in results:
            if result.date > latest:
                yield _report_far(student.where(result, "date"), result.date)
    for field, entries in (
        ("start", student.enrolments),
        ("date", student.awards),
        ("date", student.consents),
        ("date", student.documents),
        ("date", student.notices),
        ("date", student.requests),
        ("applied", student.credits),
    ):
        for entry in entries:
            day = getattr(entry, field)
            if day is not None and (day > last or day.year < EARLIEST_YEAR):
                yield _report_far(student.where(entry, field), day)


def _report_far(where: Location, day: dt.date) -> Finding:
    return DATE_FAR.at(where, date=f"{day:%d.%m.%Y}")


def check_shared_evidence(archive: Archive) -> Iterator[Finding]:
    """A contract and a photograph are of one person: no other file holds the same scan."""
    owners: dict[str, str] = {}
    for student in archive.students.values():
        for what, document in _list_own(student):
            first = owners.setdefault(document.sha256 or "", student.id)
            other = archive.students[first].person
            if first != student.id and not (other and other.duplicate_of == student.id):
                where = student.where(document, "sha256")
                yield SCAN_OF_OTHER.at(where, what=what, student=first)


def _list_own(student: Student) -> Iterator[tuple[str, Document]]:
    """List the scans that can be of nobody else: what, and its line of the inventory. A file that
    is kept for another has none."""
    person = student.person
    if person is not None and person.duplicate_of is not None:
        return
    own = [("договор", each.contract) for each in student.enrolments]
    if person is not None:
        own.append(("фотография", person.photo))
    for what, id_ in dict.fromkeys(own):
        document = next((one for one in student.documents if id_ and one.id == id_), None)
        if document is not None and document.sha256 is not None:
            yield what, document


def list_own_scans(student: Student) -> Iterator[str]:
    """Yield the SHA-256 of the scans that can be of nobody else."""
    return (each.sha256 for _, each in _list_own(student) if each.sha256 is not None)
