"""A personal file as it stood on a day: what began by then, and nothing that came later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sized
from dataclasses import replace
from functools import cache

import msgspec
import pytest

from papka.records.acts import Approval, Handed, RegisterEntry, Void
from papka.records.archive import Archive
from papka.records.derived.in_force import archive_on, person_on, student_on
from papka.records.student import (
    Account,
    Award,
    Certified,
    Consent,
    Credit,
    CreditItem,
    Diagnostic,
    Document,
    Ended,
    FormerName,
    Hold,
    Lending,
    Name,
    Need,
    NeedEnded,
    Notice,
    Paper,
    Person,
    Record,
    Revoked,
    Student,
    Volume,
)
from tests.support.archives import loaded, restricted, sample
from tests.support.derived import SCHOOL, day, enrolment, result, student

EVE, DAY, NEXT = day("2026-05-27"), day("2026-05-28"), day("2026-05-29")
LONG_AGO = day("2026-01-12")
GLADE = Name(surname="Полянская", given="Аглая", patronymic="Тихоновна")


def card(**more: object) -> Person:
    return Person(id="2026-0001", name=GLADE, **more)  # type: ignore[arg-type] # fields by name


def award(on: dt.date) -> Award:
    return Award(
        id="a1", date=on, activity="творческая", award="грамота", act="awards", clause="3.2",
        order="2026/0003", text="За этюд",
    )  # fmt: skip


def consent(on: dt.date, **more: object) -> Consent:
    keys = {"id": "c1", "purpose": "фото", "edition": 1, "date": on, "signed_by": "p1", **more}
    return Consent(**keys)  # type: ignore[arg-type] # fields by name


def document(on: dt.date | None, **more: object) -> Document:
    keys = {"id": "d1", "kind": "договор", "title": "Договор", "medium": "копия", **more}
    return Document(date=on, **keys)  # type: ignore[arg-type] # fields by name


def credit(on: dt.date, decided: dt.date | None = None) -> Credit:
    item = CreditItem(
        their_subject="Хор", their_result="5", decision="зачесть", reason="Так", part="ансамбль"
    )
    return Credit(
        id="k1", enrolment="e1", applied=on, organisation="Школа", document="d1", items=(item,),
        decided=decided, order="2026/0002",
    )  # fmt: skip


def lending(on: dt.date, returned: dt.date | None = None) -> Lending:
    return Lending(id="l1", date=on, taken_by="К.", due=NEXT, returned=returned)


def on_paper(**more: object) -> Student:
    return student(person=card(paper=Paper(place="Шкаф 1", **more)))  # type: ignore[arg-type]


def card_of(who: Student) -> Person:
    assert who.person
    return who.person


def paper_of(who: Student) -> Paper:
    paper = card_of(who).paper
    assert paper
    return paper


BEGINS: dict[str, tuple[Student, Callable[[Student], Sized]]] = {
    "enrolment": (student(enrolments=(enrolment(start="2026-05-28"),)), lambda s: s.enrolments),
    "result": (student(result("r1", "2026-05-28", 5)), lambda s: s.periods.get("2026-1", ())),
    "credit": (student(credits=(credit(DAY),)), lambda s: s.credits),
    "award": (student(awards=(award(DAY),)), lambda s: s.awards),
    "consent": (student(consents=(consent(DAY),)), lambda s: s.consents),
    "document": (student(documents=(document(DAY),)), lambda s: s.documents),
    "notice": (
        student(notices=(Notice(date=DAY, about="успеваемость", channel="почта", told="p1"),)),
        lambda s: s.notices,
    ),
    "diagnosis": (
        student(diagnostics=(Diagnostic(date=DAY, assessed_by="s1", tool="Беседа", text="Так"),)),
        lambda s: s.diagnostics,
    ),
    "special need": (
        student(needs=(Need(date=DAY, basis="Заключение", text="Крупный шрифт"),)),
        lambda s: s.needs,
    ),
    "lending of the paper file": (
        on_paper(lendings=(lending(DAY),)),
        lambda s: paper_of(s).lendings,
    ),
    "bound volume": (
        on_paper(volumes=(Volume(volume=1, bound=DAY, sheets=9, signed_by="s001"),)),
        lambda s: paper_of(s).volumes,
    ),
    "hold": (
        student(person=card(holds=(Hold(id="h1", since=DAY, reason="Спор"),))),
        lambda s: card_of(s).holds,
    ),
    "account on a platform": (
        student(person=card(accounts=(Account(platform="kurs", key="1", since=DAY),))),
        lambda s: card_of(s).accounts,
    ),
}


@pytest.mark.parametrize("kind", BEGINS)
def test_an_entry_is_there_from_its_day_on(kind: str) -> None:
    who, entries = BEGINS[kind]
    assert [len(entries(student_on(who, on))) for on in (EVE, DAY, NEXT)] == [0, 1, 1]


ENDS: dict[str, tuple[Student, Callable[[Student], object]]] = {
    "enrolment ended": (
        student(enrolments=(enrolment(ended=Ended(date=DAY, reason="завершение")),)),
        lambda s: s.enrolments[0].ended,
    ),
    "consent revoked": (
        student(consents=(consent(LONG_AGO, revoked=Revoked(date=DAY)),)),
        lambda s: s.consents[0].revoked,
    ),
    "paper file returned": (
        on_paper(lendings=(lending(LONG_AGO, DAY),)),
        lambda s: paper_of(s).lendings[0].returned,
    ),
    "copy certified": (
        student(documents=(document(None, certified=Certified(date=DAY, signed_by="s001")),)),
        lambda s: s.documents[0].certified,
    ),
    "need of the file declared ended": (
        student(person=card(need_ended=NeedEnded(date=DAY, order="2029/0001"))),
        lambda s: card_of(s).need_ended,
    ),
    "credit decided: its day": (
        student(credits=(credit(LONG_AGO, DAY),)),
        lambda s: s.credits[0].decided,
    ),
    "credit decided: its order": (
        student(credits=(credit(LONG_AGO, DAY),)),
        lambda s: s.credits[0].order,
    ),
    "credit decided: what was decided": (
        student(credits=(credit(LONG_AGO, DAY),)),
        lambda s: s.credits[0].items,
    ),
}


@pytest.mark.parametrize("kind", ENDS)
def test_what_became_of_an_entry_is_known_from_that_day_on(kind: str) -> None:
    who, outcome = ENDS[kind]
    assert [bool(outcome(student_on(who, on))) for on in (EVE, DAY, NEXT)] == [False, True, True]


@pytest.mark.parametrize("on", [LONG_AGO, DAY])
def test_what_has_no_day_is_always_there_as_it_is(on: dt.date) -> None:
    """An undated document, one uncertified, a lending out, a credit decided on no day, an account
    in use, a file without paper, one without a card."""
    who = student(
        documents=(document(None),),
        credits=(credit(LONG_AGO),),
        consents=(consent(LONG_AGO, valid_until=NEXT),),
        person=card(
            paper=Paper(place="Шкаф 1", lendings=(lending(LONG_AGO),)),
            accounts=(Account(platform="kurs", key="1"),),
        ),
        enrolments=(enrolment(start="2026-01-12", planned_end=NEXT),),
        periods={},
    )
    assert student_on(who, on) == who
    assert student_on(student(person=card()), DAY).person == card()
    assert student_on(Student("2026-0001"), on) == Student("2026-0001")


def test_a_period_is_there_when_it_has_a_result() -> None:
    spring, autumn = result("r1", "2026-05-28", 5), result("r2", "2026-09-14", 5)
    who = student(periods={"2026-1": (spring,), "2026-2": (autumn,)})
    assert list(student_on(who, EVE).periods) == []
    assert list(student_on(who, DAY).periods) == ["2026-1"]


FORMER = (
    FormerName(until=day("2026-03-01"), surname="Абрикосова"),
    FormerName(until=day("2027-03-01"), surname="Лунная", given="Аграфена"),
)


@pytest.mark.parametrize("former", [FORMER, FORMER[::-1]], ids=["in order", "newest first"])
@pytest.mark.parametrize(
    ("on", "name", "earlier"),
    [
        ("2026-03-01", "Абрикосова Аграфена Тихоновна", []),
        ("2026-03-02", "Лунная Аграфена Тихоновна", ["2026-03-01"]),
        ("2027-03-01", "Лунная Аграфена Тихоновна", ["2026-03-01"]),
        ("2027-03-02", "Полянская Аглая Тихоновна", ["2026-03-01", "2027-03-01"]),
    ],
)
def test_a_person_has_the_name_of_the_day(
    former: tuple[FormerName, ...], on: str, name: str, earlier: list[str]
) -> None:
    """A former name holds until its day, that day too; what it does not name was as afterwards."""
    then = person_on(card(former_names=former), day(on))
    assert then.name.full == name
    assert sorted(str(past.until) for past in then.former_names) == earlier


def act(on: dt.date) -> Approval:
    return Approval(period="2026-1", closed=on, signed_by="s001")


def issued(on: dt.date, **more: object) -> RegisterEntry:
    return RegisterEntry(
        number="У-2026-0001", series="progress", form="progress@1", date=on, holder="Полянская А.",
        student="2026-0001#e1", salt="0" * 64, **more,  # type: ignore[arg-type] # fields by name
    )  # fmt: skip


def test_acts_and_issued_documents_are_there_from_their_day_on() -> None:
    school = replace(SCHOOL, approvals={"2026-1": act(DAY)}, registers={"1": issued(DAY)})
    known = [archive_on(school, on) for on in (EVE, DAY, NEXT)]
    assert [len(each.approvals) for each in known] == [0, 1, 1]
    assert [len(each.registers) for each in known] == [0, 1, 1]


def test_a_document_void_today_is_void_on_every_day() -> None:
    """A paper printed for an earlier day must not make it good again."""
    void = Void(reason="испорчен", date=NEXT)
    entry = issued(EVE, void=void, handed=Handed(date=NEXT, to="p1"))
    (then,) = archive_on(replace(SCHOOL, registers={"1": entry}), DAY).registers.values()
    assert (then.void, then.handed) == (void, None)
    (now,) = archive_on(replace(SCHOOL, registers={"1": entry}), NEXT).registers.values()
    assert now == entry


@cache
def schools() -> tuple[Archive, ...]:
    return tuple(loaded(files) for files in (sample(), restricted()))


PROMISED = {"planned_end", "valid_until", "due", "resit_by", "until"}
"""Days that were named beforehand, and so may lie ahead."""


@pytest.mark.parametrize("on", ["2025-11-30", "2026-06-14", "2026-12-31"])
def test_no_day_in_a_file_of_a_day_is_later(on: str) -> None:
    seen = 0
    for school in schools():
        then = archive_on(school, day(on))
        for who in then.students.values():
            found = [*who.entries(), *([who.person] if who.person else [])]
            dated = [each for entry in found for each in days(entry)]
            assert [each for each in dated if each[1] > day(on)] == [], who.id
            seen += len(dated)
    assert seen


def days(value: object) -> Iterator[tuple[str, dt.date]]:
    """Field and day of everything that was not promised, however deep."""
    if isinstance(value, Record):
        for field in msgspec.structs.fields(value):
            found = getattr(value, field.name)
            if isinstance(found, dt.date) and field.name not in PROMISED:
                yield field.name, found
            else:
                yield from days(found)
    elif isinstance(value, tuple):
        for item in value:
            yield from days(item)
