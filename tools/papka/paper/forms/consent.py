"""Consent to the processing of personal data for one purpose (R-3.1; 152-ФЗ, ст. 9).

It is a document of its own for one purpose; where data will be seen by anybody, a consent to
distribution, with the particulars of ст. 10.1 and of приказ Роскомнадзора от 24.02.2021 № 18. Every
particular the law asks for has its line, and what the record does not hold is left to be written
in; the person is named as on the day of the consent. An address is that of an entry, or
`2026-0007:purpose` for a form to fill in.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import NamedTuple

from papka.core.errors import NotFound
from papka.core.phrases import suggest
from papka.paper.form import (
    Page,
    PrintedForm,
    SignatureLine,
    State,
    find_entry,
    find_student,
    list_addresses,
    page,
    registration,
)
from papka.records import wording
from papka.records.archive import Archive
from papka.records.derived.in_force import is_distributed, person_on
from papka.records.derived.leadership import school_on
from papka.records.school import Organization, PurposeEdition
from papka.records.search import is_minor
from papka.records.student import Person, Representative, Student
from papka.records.wording import NBSP, day, number, short_name

_BLANK = ""
_DISTRIBUTED = (
    "на обработку персональных данных, разрешённых субъектом персональных данных "
    "для распространения"
)
_STOP = (
    "распространение прекращается по требованию в любое время, в течение трёх рабочих дней "
    "(152-ФЗ, ст. 10.1, ч. 14)"
)
_FREELY = "Согласие даю свободно, своей волей и в своём интересе."
_METHODS = (
    "Обработка с использованием средств автоматизации и без них. Другие действия, другие сведения "
    "и другие цели этим согласием не разрешены."
)


class Particular(NamedTuple):
    """A line the law asks for; empty `lines` leave room to write."""

    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ConsentView:
    """`date` is empty on a form to fill in; `revoked` is said only of a revoked one."""

    page: Page
    heading: str
    date: str
    text: str
    particulars: tuple[Particular, ...]
    revoked: str
    signature: SignatureLine


@dataclass(frozen=True, slots=True)
class _Given:
    """What is agreed to and by whom: of an entry, or of a form to fill in."""

    purpose: str
    edition: PurposeEdition
    signer: Representative | None
    by_student: bool
    date: dt.date | None = None
    valid_until: dt.date | None = None
    revoked: dt.date | None = None
    number: str = ""
    prohibitions: tuple[str, ...] = ()
    transfer: str = ""


def view(state: State, address: str) -> ConsentView:
    archive = state.archive
    student, person = find_student(archive, _read_student_id(address))
    _, _, entry_id = address.partition("#")
    given = (
        _read_entry(archive, student, person, entry_id)
        if entry_id
        else _make_blank(archive, person, address, state.on)
    )
    person = person_on(person, given.date or state.on)
    title = archive.purposes[given.purpose].title
    declared = archive.organization
    school = school_on(declared, given.date or state.signed_on) if declared else None
    signer = person.name if given.by_student else given.signer
    return ConsentView(
        page=page(state, f"Согласие, личное дело {number(student.id)}"),
        heading=_DISTRIBUTED
        if is_distributed(given.edition)
        else "на обработку персональных данных",
        date=day(given.date) if given.date else _BLANK,
        text=given.edition.text,
        particulars=tuple(_list_particulars(student, person, given, title, school)),
        revoked=f"Отозвано {day(given.revoked)}." if given.revoked else "",
        signature=SignatureLine(
            "Обучающийся" if given.by_student else "Законный представитель",
            short_name(signer) if signer else _BLANK,
            _FREELY,
        ),
    )


def _read_student_id(address: str) -> str:
    return address.partition("#")[0].partition(":")[0]


def _read_entry(archive: Archive, student: Student, person: Person, entry_id: str) -> _Given:
    consent = find_entry(
        student.consents,
        entry_id,
        f"В деле {student.id} нет согласия {entry_id}",
        f"Все согласия дела: papka show {student.id}",
    )
    return _Given(
        purpose=consent.purpose,
        edition=_find_edition(archive, consent.purpose, consent.edition),
        signer=wording.representative(person_on(person, consent.date), consent.signed_by),
        by_student=consent.signed_by == wording.OWN,
        date=consent.date,
        valid_until=consent.valid_until,
        revoked=consent.revoked.date if consent.revoked else None,
        number=f"{student.id}/{consent.id}" if consent.id else "",
        prohibitions=consent.prohibitions,
        transfer=consent.transfer or "",
    )


def _make_blank(archive: Archive, person: Person, address: str, on: dt.date) -> _Given:
    purpose = address.partition(":")[2]
    own = not is_minor(person, on)
    people = person.representatives
    return _Given(
        purpose=purpose,
        edition=_find_edition(archive, purpose, None, on),
        signer=people[0] if len(people) == 1 and not own else None,
        by_student=own,
    )


def _find_edition(
    archive: Archive, name: str, wanted: int | None, on: dt.date = dt.date.max
) -> PurposeEdition:
    """Return the edition asked for, or the one in force on a day. Raise NotFound."""
    purpose = archive.purposes.get(name)
    if purpose is None:
        raise NotFound(
            f"Цели обработки «{name}» в архиве нет",
            "Цели объявлены в records/organization.yaml, раздел purposes."
            f"{suggest(name, archive.purposes)}",
        )
    editions = [
        each
        for each in purpose.editions
        if (each.edition == wanted if wanted is not None else each.since <= on)
    ]
    if not editions:
        raise NotFound(
            f"У цели «{name}» нет редакции {wanted}" if wanted else f"Цель «{name}» ещё не введена",
            "Редакции записаны в records/organization.yaml, раздел purposes",
        )
    return max(editions, key=lambda each: each.since)


def _list_particulars(
    student: Student, person: Person, given: _Given, title: str, school: Organization | None
) -> list[Particular]:
    edition = given.edition
    distributed = is_distributed(edition)
    lines = [Particular("Номер согласия", (given.number,))] if given.number else []
    lines.append(Particular("Субъект персональных данных", (person.name.full,)))
    if distributed:
        contacts = tuple(filter(None, (person.phone, person.email, person.address)))
        lines.append(Particular("Телефон, почта, адрес субъекта", contacts))
    else:
        lines.append(Particular("Адрес субъекта", _list(person.address)))
        identity = _list(person.identity)
        lines.append(Particular("Документ, удостоверяющий личность субъекта", identity))
    if not given.by_student:
        lines += _describe_signer(student, given.signer)
    lines.append(Particular("Оператор", _describe_operator(school)))
    if distributed:
        lines.append(Particular("Страницы для всех", edition.resources))
    lines.append(Particular("Цель обработки (одна)", (title,)))
    if distributed:
        lines.append(Particular("Категории данных", _list("; ".join(edition.categories))))
    lines.append(Particular("Персональные данные", ("; ".join(edition.data),)))
    lines.append(Particular("Действия с ними", ("; ".join(edition.actions), _METHODS)))
    if distributed:
        unset = ("не установлены",) if given.date else ()
        lines.append(Particular("Условия и запреты (по желанию)", given.prohibitions or unset))
        transfer = _list(given.transfer) or unset
        lines.append(Particular("Условия передачи (по желанию)", transfer))
    if edition.processors:  # named only where there is one (152-ФЗ ст. 9 ч. 4 п. 6)
        lines.append(Particular("Кто ещё обрабатывает по поручению оператора", edition.processors))
    until = (f"действует по{NBSP}{day(given.valid_until)}",) if given.valid_until else ()
    lines.append(Particular("Срок действия", (edition.term, *until)))
    stop = (_STOP,) if distributed else ()
    lines.append(Particular("Способ отзыва", (_describe_revocation(school), *stop)))
    return lines


def _describe_signer(student: Student, signer: Representative | None) -> list[Particular]:
    if signer is None:
        return [
            Particular("Представитель", ()),
            Particular("Адрес представителя", ()),
            Particular("Документ, удостоверяющий личность представителя", ()),
            Particular("Документ о полномочиях представителя", ()),
        ]
    return [
        Particular("Представитель", (f"{signer.full} ({signer.relation})",)),
        Particular("Адрес представителя", _list(signer.address)),
        Particular("Документ, удостоверяющий личность представителя", _list(signer.identity)),
        Particular(
            "Документ о полномочиях представителя", _name_authority(student, signer.authority)
        ),
    ]


def _name_authority(student: Student, document_id: str | None) -> tuple[str, ...]:
    if document_id is None:
        return ()
    paper = wording.document(student, document_id)
    if paper is None:
        return (document_id,)
    return (f"{paper.title} {wording.paper(student, document_id)}",)


def _describe_operator(organization: Organization | None) -> tuple[str, ...]:
    if organization is None:
        return ()
    numbers = registration(organization.inn, organization.ogrn)
    return (organization.name, *_list(numbers), organization.address)


def _describe_revocation(organization: Organization | None) -> str:
    where = [f"по адресу: {organization.address}"] if organization else []
    if organization and organization.email:
        where.append(f"на электронную почту {organization.email}")
    to = f" {' или '.join(where)}" if where else ""
    return (
        f"письменное заявление оператору{to}; обработка прекращается, данные уничтожаются, если "
        "для неё нет другого основания"
    )


def _list(text: str | None) -> tuple[str, ...]:
    return (text,) if text else ()


FORM = PrintedForm(
    name="consent",
    title="Согласие на обработку персональных данных",
    target="согласие",
    view=view,
    targets=lambda archive: list_addresses(archive, lambda student: student.consents),
)
