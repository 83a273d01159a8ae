"""Personal card (личная карточка, R-5.2): who, by whom represented, what is studied and on what
ground, what was credited, owed, awarded, allowed and told, where the paper stands (R-6.6).

Absent on purpose: special needs and diagnostics, which live in the restricted archive.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from papka.model.archive import Archive
from papka.model.derived.debts import debts
from papka.model.derived.scales import edition_of, enrolment_of, part_of, scale_of
from papka.model.person import Lending, Person
from papka.model.standing import Award, Consent, Notice
from papka.model.student import Student
from papka.model.study import Credit, CreditItem, Enrolment
from papka.views import reference
from papka.views.periods import title_of
from papka.views.signature import Signature, of_head
from papka.views.wording import HOURS, NBSP, NONE, counted, day, mark

PAPER = "Бумажное дело"
_Dated = TypeVar("_Dated", Award, Consent, Notice)


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table of the card. `kind` chooses the columns' widths, nothing else; `absence` is what is
    said when there are no rows (R-2.2.6 wants the absence of debts stated)."""

    kind: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    absence: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    facts: tuple[Fact, ...]
    tables: tuple[Table, ...]
    signature: Signature


def card(archive: Archive, student: Student, person: Person) -> Card:
    tables = (
        Table(
            "representatives",
            "Законные представители",
            ("Кем приходится", "Фамилия, имя, отчество", "Телефон", "Электронная почта"),
            tuple(
                (r.relation, r.full, r.phone or NONE, r.email or NONE)
                for r in person.representatives
            ),
        ),
        Table(
            "enrolments",
            "Обучение",
            ("Программа", "Форма и группа", "Договор", "Зачисление", "Окончание"),
            tuple(_enrolment(archive, student, e) for e in student.enrolments),
        ),
        Table(
            "credits",
            "Зачёт результатов других организаций",
            (
                "Организация и документ",
                "Предмет и результат там",
                "Решение",
                "Зачтено",
                "Основание",
            ),
            tuple(
                _credit(archive, student, credit, item)
                for credit in student.credits
                for item in credit.items
            ),
        ),
        Table(
            "debts",
            "Академические задолженности",
            ("Период", "Программа, часть", "Оценка", "Срок пересдачи"),
            tuple(_debts(archive, student)),
            absence="Академических задолженностей нет.",
        ),
        Table(
            "awards",
            "Поощрения",
            ("Дата", "Деятельность", "Поощрение, за что", "Основание"),
            tuple(_award(archive, award) for award in by_date(student.awards)),
        ),
        Table(
            "consents",
            "Согласия на обработку персональных данных",
            ("Цель", "Дано", "Кем", "Действие"),
            tuple(_consent(archive, person, c) for c in by_date(student.consents)),
        ),
        Table(
            "notices",
            "Извещения об успеваемости",
            ("Дата", "О чём", "Как", "Кому"),
            tuple(_notice(archive, person, n) for n in by_date(student.notices)),
        ),
        Table(
            "lendings",
            "Выдача бумажного дела",
            ("Выдано", "Кому", "Вернуть до", "Возвращено"),
            tuple(_lending(lending) for lending in (person.paper.lendings if person.paper else ())),
        ),
    )
    return Card(
        tuple(_facts(archive, person)),
        tuple(table for table in tables if table.rows or table.absence),
        of_head(archive, "Верно"),
    )


def by_date(entries: tuple[_Dated, ...]) -> list[_Dated]:
    return sorted(entries, key=lambda entry: entry.date)


def _facts(archive: Archive, person: Person) -> list[Fact]:
    accounts = "; ".join(
        f"{p.title if (p := archive.platforms.get(a.platform)) else a.platform}: {a.key}"
        for a in person.accounts
    )
    given = (
        ("Фамилия, имя, отчество", person.name.full),
        ("Прежние имена", ", ".join(reference.former_names(person))),
        ("Дата рождения", day(person.birth_date) if person.birth_date else ""),
        ("Пол", person.sex or ""),
        ("СНИЛС", person.snils or ""),
        ("Адрес", person.address or ""),
        ("Телефон", person.phone or ""),
        ("Электронная почта", person.email or ""),
        ("Учётные записи на платформах", accounts),
        ("Другое дело этого же лица", person.duplicate_of or ""),
        (PAPER, person.paper.place if person.paper else ""),
    )
    return [Fact(label, text) for label, text in given if text]


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
    return (
        program,
        _lines(enrolment.form, group),
        reference.paper(student, enrolment.contract) or NONE,
        _lines(day(enrolment.start), reference.order(archive, enrolment.order)),
        _lines(day(ended.date), ended.reason, reference.order(archive, ended.order))
        if ended
        else NONE,
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
    return (
        _lines(credit.organisation, reference.paper(student, credit.document)),
        f"{item.their_subject}: {item.their_result}",
        _lines(item.decision, item.reason),
        _lines(*credited) or NONE,
        _lines(f"заявление от{NBSP}{day(credit.applied)}", reference.order(archive, credit.order)),
    )


def _debts(archive: Archive, student: Student) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for debt in debts(archive, student):
        result = debt.result
        enrolment = enrolment_of(student, result.enrolment)
        part = part_of(archive, enrolment, result.part)
        rows.append(
            (
                title_of(archive, debt.period),
                _lines(
                    reference.program(archive, enrolment, result.enrolment),
                    part.title if part else result.part,
                ),
                mark(result.mark or "", scale_of(archive, enrolment, result.part)),
                day(result.resit_by) if result.resit_by else "не назначен",
            )
        )
    return rows


def _award(archive: Archive, award: Award) -> tuple[str, ...]:
    act = archive.regulations.get(award.act)
    return (
        day(award.date),
        award.activity,
        _sentence(f"{award.award}. {award.text}", reference.event(archive, award.event)),
        _lines(
            f"{act.title if act else award.act}, п.{NBSP}{award.clause}",
            reference.order(archive, award.order),
        ),
    )


def _consent(archive: Archive, person: Person, consent: Consent) -> tuple[str, ...]:
    purpose = archive.purposes.get(consent.purpose)
    state = f"до{NBSP}{day(consent.valid_until)}" if consent.valid_until else "бессрочно"
    if consent.revoked:
        state = f"отозвано {day(consent.revoked.date)}"
    return (
        purpose.title if purpose else consent.purpose,
        day(consent.date),
        reference.signer(person, consent.signed_by),
        state,
    )


def _notice(archive: Archive, person: Person, notice: Notice) -> tuple[str, ...]:
    about = notice.about
    period = f", {title_of(archive, notice.period)}" if notice.period else ""
    return day(notice.date), about + period, notice.channel, reference.signer(person, notice.told)


def _lending(lending: Lending) -> tuple[str, ...]:
    return (
        day(lending.date),
        lending.taken_by,
        day(lending.due) if lending.due else NONE,
        day(lending.returned) if lending.returned else NONE,
    )


def _lines(*parts: str | None) -> str:
    """A cell of several facts, each on a line of its own."""
    return "\n".join(part for part in parts if part)


def _sentence(text: str, addition: str) -> str:
    """An addition after a text that may or may not end with a full stop."""
    return f"{text.rstrip('. ')}; {addition}" if addition else text
