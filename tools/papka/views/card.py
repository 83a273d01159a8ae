"""Personal card (личная карточка, R-5.2): who, by whom represented, where the paper stands (R-6.6),
what forbids destroying it (R-6.4).

Absent on purpose: special needs and diagnostics, which live in the restricted archive; forms of a
name kept for other documents' grammar.
"""

from __future__ import annotations

import datetime as dt

from papka.model.archive import Archive
from papka.model.derived.consents import consents_on, picture_purposes
from papka.model.person import Account, FormerName, Person, Representative
from papka.model.student import Student
from papka.views import reference
from papka.views.tables import Fact, Table, lines
from papka.views.wording import NBSP, NONE, SHEETS, counted, day

PAPER = "Бумажное дело"


def facts(archive: Archive, student: Student, person: Person) -> list[Fact]:
    given = (
        ("Фамилия, имя, отчество", person.name.full),
        ("Прежние имена", "; ".join(_former(student, past) for past in _past(person))),
        ("Дата рождения", day(person.birth_date) if person.birth_date else ""),
        ("Пол", person.sex or ""),
        ("Удостоверение личности", person.identity or ""),
        ("СНИЛС", person.snils or ""),
        ("Адрес", person.address or ""),
        ("Телефон", person.phone or ""),
        ("Электронная почта", person.email or ""),
        ("Учётные записи на платформах", "; ".join(_account(archive, a) for a in person.accounts)),
        ("Другое дело этого же лица", person.duplicate_of or ""),
        (PAPER, person.paper.place if person.paper else ""),
    )
    return [Fact(label, text) for label, text in given if text]


def photo_allowed(archive: Archive, student: Student, on: dt.date) -> bool:
    """Whether a consent in force lets the school show the photo (R-3.1)."""
    return any(consents_on(student, on, purpose) for purpose in picture_purposes(archive))


def photo_fact(student: Student, photo: str, *, allowed: bool) -> Fact:
    """Which document the photo is, and why its picture is not shown."""
    found = reference.document(student, photo)
    title = found.title if found else photo
    note = "" if allowed else ". Не печатается: нет действующего согласия"
    return Fact("Фотография", f"по описи: {title}{note}")


def representatives(person: Person) -> Table:
    return Table(
        "representatives",
        "Законные представители",
        ("Кем приходится", "Фамилия, имя, отчество", "Связь и адрес", "Документы"),
        tuple(_representative(each) for each in person.representatives),
    )


def volumes(archive: Archive, person: Person) -> Table:
    return Table(
        "volumes",
        "Прошитые тома бумажного дела",
        ("Том", "Прошит", "Листов", "Подписал"),
        tuple(
            (
                str(volume.volume),
                day(volume.bound),
                counted(volume.sheets, SHEETS),
                reference.staff(archive, volume.signed_by),
            )
            for volume in (person.paper.volumes if person.paper else ())
        ),
    )


def lendings(person: Person) -> Table:
    return Table(
        "lendings",
        "Выдача бумажного дела",
        ("Выдано", "Кому", "Вернуть до", "Возвращено"),
        tuple(
            (
                day(lending.date),
                lending.taken_by,
                day(lending.due) if lending.due else NONE,
                day(lending.returned) if lending.returned else NONE,
            )
            for lending in (person.paper.lendings if person.paper else ())
        ),
    )


def keeping(archive: Archive, person: Person) -> Table:
    """Holds and the decision that the folder is needed no more."""
    rows = [
        (
            "запрет на уничтожение",
            reference.span(hold.since, hold.until),
            lines(hold.reason, reference.order(archive, hold.order)),
        )
        for hold in person.holds
    ]
    if ended := person.need_ended:
        rows.append(
            (
                "надобность миновала",
                day(ended.date),
                lines(ended.reason, reference.order(archive, ended.order)),
            )
        )
    return Table("keeping", "Хранение дела", ("Решение", "Когда", "Основание"), tuple(rows))


def _past(person: Person) -> list[FormerName]:
    return sorted(person.former_names, key=lambda past: past.until)


def _former(student: Student, past: FormerName) -> str:
    name = reference.former_name(past)
    ground = reference.paper(student, past.document)
    return f"{name}, основание: {ground}" if ground else name


def _account(archive: Archive, account: Account) -> str:
    platform = archive.platforms.get(account.platform)
    used = reference.span(account.since, account.until)
    return f"{platform.title if platform else account.platform}: {account.key}" + (
        f" ({used})" if used else ""
    )


def _representative(person: Representative) -> tuple[str, ...]:
    return (
        person.relation,
        person.full,
        lines(person.phone, person.email, person.address) or NONE,
        lines(person.identity, person.authority and f"полномочия:{NBSP}{person.authority}") or NONE,
    )
