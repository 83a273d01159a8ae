"""Awards (R-2.2.10), consents (R-3.1) and notices (R-2.2.6) of a personal file, as tables."""

from __future__ import annotations

from papka.model.archive import Archive
from papka.model.person import Person
from papka.model.standing import Award, Consent, Notice
from papka.model.student import Student
from papka.views import reference
from papka.views.periods import title_of
from papka.views.tables import Table, by_date, lines, sentence
from papka.views.wording import NBSP, NONE, day


def awards(archive: Archive, student: Student) -> Table:
    return Table(
        "awards",
        "Поощрения",
        ("Дата", "Деятельность", "Поощрение, за что", "Основание"),
        tuple(_award(archive, student, each) for each in by_date(student.awards)),
    )


def consents(archive: Archive, student: Student, person: Person) -> Table:
    return Table(
        "consents",
        "Согласия на обработку персональных данных",
        ("Цель", "Дано", "Кем", "Действие", "Документ"),
        tuple(_consent(archive, student, person, each) for each in by_date(student.consents)),
    )


def notices(archive: Archive, student: Student, person: Person) -> Table:
    return Table(
        "notices",
        "Извещения об успеваемости",
        ("Дата", "О чём", "Как", "Кому"),
        tuple(_notice(archive, student, person, each) for each in by_date(student.notices)),
    )


def _award(archive: Archive, student: Student, award: Award) -> tuple[str, ...]:
    act = archive.regulations.get(award.act)
    return (
        day(award.date),
        award.activity,
        sentence(f"{award.award}. {award.text}", (reference.event(archive, award.event),)),
        lines(
            f"{act.title if act else award.act}, п.{NBSP}{award.clause}",
            reference.order(archive, award.order),
            _document(student, award.document),
        ),
    )


def _consent(
    archive: Archive, student: Student, person: Person, consent: Consent
) -> tuple[str, ...]:
    purpose = archive.purposes.get(consent.purpose)
    revoked = consent.revoked
    withdrawal = reference.paper(student, revoked.document) if revoked else ""
    return (
        f"{purpose.title if purpose else consent.purpose}, редакция{NBSP}{consent.edition}",
        day(consent.date),
        reference.signer(person, consent.signed_by),
        lines(
            f"до{NBSP}{day(consent.valid_until)}" if consent.valid_until else "бессрочно",
            f"отозвано {day(revoked.date)}" if revoked else "",
        ),
        lines(
            reference.paper(student, consent.document),
            f"отзыв: {withdrawal}" if withdrawal else "",
        )
        or NONE,
    )


def _notice(archive: Archive, student: Student, person: Person, notice: Notice) -> tuple[str, ...]:
    period = f", {title_of(archive, notice.period)}" if notice.period else ""
    return (
        day(notice.date),
        lines(notice.about + period, _document(student, notice.document)),
        notice.channel,
        reference.signer(person, notice.told),
    )


def _document(student: Student, document: str | None) -> str:
    named = reference.paper(student, document)
    return f"документ: {named}" if named else ""
