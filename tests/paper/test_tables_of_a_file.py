"""Every table of a personal file where there is nothing, one, two and many of what it lists, and of
a student who has everything a record may hold. --update-snapshots accepts a change that was looked
at."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from msgspec.structs import replace as with_fields

from papka.desk.dossier import dossier
from papka.paper import sections
from papka.records.archive import Archive
from papka.records.student import (
    Account,
    Credit,
    CreditItem,
    Diagnostic,
    Enrolment,
    Hold,
    Lending,
    Need,
    NeedEnded,
    Revoked,
    Student,
)
from tests.paper.counted_school import DAY, ID, SCHOOLS
from tests.paper.test_none_one_two_many import compare, said, school

D = dt.date


def everything() -> tuple[Archive, Student]:
    """Somebody whose records hold each thing that most records lack."""
    archive = school("two")
    student = archive.students[ID]
    assert student.person is not None
    (enrolment, *_), (consent, *_) = student.enrolments, student.consents
    (notice, *_), (award, *_) = student.notices, student.awards
    person = with_fields(
        student.person,
        duplicate_of="2026-0011", identity="паспорт 00 00 000001", email="a@example.invalid",
        accounts=(
            Account(platform="kurs", key="a1", since=D(2026, 1, 2), until=D(2026, 3, 4)),
            Account(platform="нет", key="a2", since=D(2026, 1, 2)),
        ),
        holds=(
            Hold(since=D(2026, 1, 2), reason="проверка", order="2026/0001"),
            Hold(since=D(2026, 1, 2), until=D(2026, 2, 2), reason="спор"),
        ),
        need_ended=NeedEnded(date=D(2026, 5, 5), reason="срок вышел", order="2026/0001"),
    )  # fmt: skip
    second = Enrolment(
        id="e2", program="guitar", edition=2, start=D(2026, 9, 1), planned_end=D(2027, 5, 31),
        individual_parts=(archive.programs["guitar"].editions[-1].parts[0].part, "нет"),
        continues="e1",
    )  # fmt: skip
    third = Enrolment(id="e3", program="лютня", edition=9, start=D(2026, 9, 2), continues="e9")
    items = (
        CreditItem(their_subject="Хор", their_result="зачёт", their_hours=5, part="нет",
                   decision="зачесть", hours=21, mark=80, reason="Совпадает"),
        CreditItem(their_subject="Танец", their_result="4", decision="отказать", reason="Нет"),
    )  # fmt: skip
    credit = Credit(
        id="k9", enrolment="e1", organisation="Школа", document="d1", applied=D(2026, 1, 2),
        decided=D(2026, 1, 9), order="2026/0001", items=items,
    )  # fmt: skip
    consents = (
        with_fields(consent, id="c8", valid_until=None, revoked=None, document=None),
        with_fields(consent, id="c9", purpose="нет", valid_until=D(2027, 1, 2), document="d1",
                    revoked=Revoked(date=D(2026, 5, 5), document="d2")),
        with_fields(consent, id="c10", document=None, revoked=Revoked(date=D(2026, 5, 5))),
    )  # fmt: skip
    return archive, replace(
        student,
        person=person,
        enrolments=(enrolment, second, third),
        consents=consents,
        credits=(credit, with_fields(credit, id="k10", decided=None, order=None, document=None)),
        notices=(with_fields(notice, period=None, document="d1"), notice),
        awards=(with_fields(award, act="нет", order=None, document="d1", event=None), award),
    )


def tables(archive: Archive, student: Student) -> list[str]:
    person = student.person
    assert person is not None
    found = list(said(tuple(sections.card_facts(archive, student, person)), "card"))
    for table in (
        sections.representatives(person),
        sections.volumes(archive, person),
        sections.lendings(person),
        sections.keeping(archive, person),
        sections.enrolments(archive, student),
        *sections.levels(archive, student),
        *sections.planned(archive, student),
        sections.credits(archive, student),
        sections.debts(archive, student, DAY),
        sections.awards(archive, student),
        sections.consents(archive, student, person),
        sections.notices(archive, student, person),
    ):
        found += said(table, table.kind)
    return found


def test_tables_say_what_was_looked_at(pytestconfig: pytest.Config) -> None:
    found = []
    for name in SCHOOLS:
        archive = school(name)
        found += [f"=== {name} ===", *tables(archive, archive.students[ID])]
    archive, student = everything()
    found += ["=== everything ===", *tables(archive, student)]
    for allowed, on in ((True, dt.date(2026, 1, 12)), (False, dt.date(2026, 1, 11))):
        for photo in ("d1", "d404"):
            fact = sections.photo_fact(archive, student, photo, on)
            found += said(fact, f"photo {allowed}")
    compare("tables", found, update=pytestconfig.getoption("--update-snapshots"))


def test_a_file_on_the_screen_in_every_state_of_a_consent(pytestconfig: pytest.Config) -> None:
    archive, student = everything()
    (consent, *_) = student.consents
    assert student.person is not None
    paper = student.person.paper
    assert paper is not None
    lendings = (
        Lending(id="l7", date=D(2026, 12, 1), taken_by="Ч", due=D(2026, 12, 27)),
        Lending(id="l8", date=D(2026, 12, 2), taken_by="М", due=D(2026, 12, 28)),
        Lending(id="l9", date=D(2026, 12, 3), taken_by="К"),
    )
    states = (
        with_fields(consent, id="c1"),
        with_fields(consent, id="c2", valid_until=DAY),
        with_fields(consent, id="c3", valid_until=DAY - dt.timedelta(days=1)),
        with_fields(consent, id="c4", date=DAY + dt.timedelta(days=1)),
        with_fields(consent, id="c5", revoked=Revoked(date=DAY)),
        with_fields(consent, id=None, signed_by="обучающийся"),
    )
    diagnostics = (
        Diagnostic(id="g2", date=D(2026, 5, 6), assessed_by="s002", tool="беседа", text="Слышит",
                   advice="Петь"),
        Diagnostic(id="g1", date=D(2026, 5, 5), assessed_by="s404", tool="тест", text="Ровно"),
    )  # fmt: skip
    needs = (
        Need(
            id="n2", date=D(2026, 5, 6), basis="заключение", text="Свет", measures=("лампа", "стол")
        ),
        Need(id="n1", date=D(2026, 5, 5), basis="просьба", text="Тишина", measures=("зал",)),
    )  # fmt: skip
    person = with_fields(student.person, paper=with_fields(paper, lendings=lendings))
    full = replace(student, person=person, consents=states, diagnostics=diagnostics, needs=needs)
    late = {"2026-1": {"r4": "не утверждено", "r10": "не утверждено", "r1": "утверждено"}}
    found = list(said(dossier(archive, full, DAY, late), "file"))  # type: ignore[arg-type] # words of the states
    found += said(dossier(archive, replace(full, person=None), DAY, {}), "nameless")
    compare("dossier", found, update=pytestconfig.getoption("--update-snapshots"))
