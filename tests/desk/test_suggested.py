"""What a new entry holds unless its author says otherwise, and the words that may be chosen."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from papka.desk.filling import known_words, open_period, suggest_values
from papka.records.acts import Approval, Order
from papka.records.fields import FieldForm
from papka.records.schemas import SchemaSet, shipped
from papka.records.school import (
    UNCONFIRMED,
    AwardKind,
    Edition,
    Group,
    Period,
    Platform,
    Program,
    Purpose,
    PurposeEdition,
    Regulation,
    RegulationEdition,
    StaffMember,
)
from papka.records.student import Document, Name, Person, Representative, Student
from tests.support.archives import good, snapshot
from tests.support.derived import EDITION, PERIOD, SCHOOL, day, enrolment, result, student

TODAY = dt.date(2026, 5, 20)
FORMS = SchemaSet.load(snapshot(good())).forms
LATER = Edition(edition=3, order="2026/0009", hours=1, parts=EDITION.parts, planned_results=())


def purpose_edition(number: int, since: str) -> PurposeEdition:
    return PurposeEdition(edition=number, since=day(since), text="т", data=(), actions=(), term="т")


def act(id_: str, *kinds: tuple[str, str], protocol: str = "1 от 09.01.2026") -> Regulation:
    awards = tuple(AwardKind(award=award, clause=clause, conditions="") for award, clause in kinds)
    edition = RegulationEdition(edition=1, since=TODAY, protocol=protocol, awards=awards)
    return Regulation(id=id_, title=f"Положение {id_}", editions=(edition,))


def member(id_: str, *roles: Any) -> StaffMember:  # noqa: ANN401 - words of the schema
    return StaffMember(id=id_, name=Name(given="Ия"), post=f"пост {id_}", roles=roles)


AUTUMN = Period(
    period="2026-2", title="2-е полугодие", school_year=2026, start=day("2026-06-15"),
    end=day("2026-12-31"),
)  # fmt: skip
SCHOOL_ = replace(
    SCHOOL,
    programs={
        "guitar": Program(code="guitar", title="Гитара", editions=(LATER, EDITION)),
        "empty": Program(code="empty", title="Пустая", editions=()),
    },
    periods={"2026-2": AUTUMN, "2026-1": PERIOD},
    staff={
        "s001": member("s001", "руководитель"),
        "s002": member("s002", "педагог", "делопроизводитель"),
        "s003": member("s003", "педагог"),
    },
    groups={"Г-26-1": Group(group="Г-26-1", program="guitar")},
    purposes={
        "фото": Purpose(
            purpose="фото",
            title="Фотографии",
            editions=(purpose_edition(2, "2026-03-01"), purpose_edition(1, "2025-01-01")),
        )
    },
    platforms={"kurs": Platform(id="kurs", title="Курсотека", licence_basis="Д", since=TODAY)},
    regulations={
        "awards": act("awards", ("грамота", "3.2"), ("диплом", "3.3")),
        "more": act("more", ("диплом", "4.1")),
        "draft": act("draft", ("кубок", "1.1"), protocol=UNCONFIRMED),
    },
)


def given(
    kind: str,
    own: Student | None = None,
    staff: str = "s002",
    barred: tuple[str, ...] = (),
    **record: Any,  # noqa: ANN401 - values of a record
) -> dict[str, Any]:
    return suggest_values(
        SCHOOL_, own or student(), form(kind), record, barred, staff=staff, today=TODAY
    )


def form(kind: str) -> FieldForm:
    return next(FORMS.listings(kind)).form


@pytest.mark.parametrize(
    ("kind", "more", "wanted"),
    [
        ("results", {}, {"enrolment": "e1", "date": "2026-05-20", "assessed_by": "s002"}),
        ("results", {"staff": "s003"}, {"enrolment": "e1", "date": "2026-05-20",
                                        "assessed_by": "s003"}),
        ("results", {"staff": "s001"}, {"enrolment": "e1", "date": "2026-05-20"}),
        ("results", {"staff": "s009"}, {"enrolment": "e1", "date": "2026-05-20"}),
        ("results", {"date": "2026-01-01", "barred": ("assessed_by",)}, {"enrolment": "e1"}),
        ("enrolments", {"program": "guitar"}, {"edition": 3}),
        ("enrolments", {"program": "empty"}, {}),
        ("enrolments", {"program": "нет"}, {}),
        ("consents", {"purpose": "фото"}, {"edition": 2, "date": "2026-05-20"}),
        ("consents", {"purpose": "фото", "date": "2026-03-01"}, {"edition": 2}),
        ("consents", {"purpose": "фото", "date": "2026-02-28"}, {"edition": 1}),
        ("consents", {"purpose": "фото", "date": "2024-02-28"}, {}),
        ("consents", {"purpose": "нет", "date": "2026-02-28"}, {}),
        ("awards", {"award": "грамота"}, {"date": "2026-05-20", "act": "awards", "clause": "3.2"}),
        ("awards", {"award": "диплом"}, {"date": "2026-05-20"}),
        ("awards", {"award": "диплом", "act": "more"}, {"date": "2026-05-20", "clause": "4.1"}),
        ("awards", {"award": "кубок"}, {"date": "2026-05-20"}),
    ],
)  # fmt: skip
def test_what_has_but_one_answer_is_filled_in(
    kind: str, more: dict[str, Any], wanted: dict[str, Any]
) -> None:
    found = given(kind, **more)
    assert {key: found.get(key) for key in wanted} == wanted
    asked = {"enrolment", "date", "assessed_by", "edition", "act", "clause"}
    assert {key for key in found if key in asked} == set(wanted)


@pytest.mark.parametrize(
    ("enrolments", "wanted"),
    [
        ((), None),
        ((enrolment("e1"), enrolment("e2")), None),
        ((enrolment("e2"),), "e2"),
    ],
)
def test_the_only_enrolment_is_meant(enrolments: tuple[Any, ...], wanted: str | None) -> None:
    assert given("results", student(enrolments=enrolments)).get("enrolment") == wanted


def test_a_resit_shares_what_it_resits() -> None:
    earlier = result("r1", "2026-05-01", 2, enrolment="e7", event="2026/1")
    own = student(earlier, result("r2", "2026-05-02", 3))
    found = given("results", own, resits="r1", control="итоговый")
    assert found == {
        "enrolment": "e7", "kind": "учебный", "origin": "текущий контроль", "event": "2026/1",
        "part": "техника", "date": "2026-05-20", "assessed_by": "s002",
    }  # fmt: skip
    assert "part" not in given("results", own, resits="r9")


@pytest.mark.parametrize(
    ("on", "closed", "wanted"),
    [
        ("2026-01-11", (), None),
        ("2026-01-12", (), "2026-1"),
        ("2026-06-14", (), "2026-1"),
        ("2026-06-15", (), "2026-2"),
        ("2026-12-31", (), "2026-2"),
        ("2027-01-01", (), None),
        ("2026-06-14", ("2026-1",), None),
    ],
)
def test_the_open_period_of_a_day(on: str, closed: tuple[str, ...], wanted: str | None) -> None:
    acts = {key: Approval(period=key, closed=TODAY, signed_by="s001") for key in closed}
    assert open_period(replace(SCHOOL_, approvals=acts), day(on)) == wanted


FIELDS = {
    each.name: each
    for kind in ("student", "enrolments", "results", "awards", "consents", "notices")
    for listing in shipped().forms.listings(kind)
    for each in listing.form.fields
}
"""A field of each name, wherever the schemas have it."""


def test_words_that_may_be_chosen_come_with_their_meaning() -> None:
    mother = Representative(id="p1", given="Ольха", relation="мать")
    nameless = Representative(given="Клён", relation="отец")
    card = Person(id="2026-0001", name=Name(given="Ия"), representatives=(mother, nameless))
    papers = (Document(id="d1", kind="договор", title="Договор", medium="копия"),)
    own = student(person=card, documents=papers)

    def words(name: str, **record: Any) -> dict[str, str]:  # noqa: ANN401 - as above
        return known_words(SCHOOL_, own, record, FIELDS[name])

    assert words("program") == {"guitar": "Гитара", "empty": "Пустая"}
    assert words("group") == {"Г-26-1": ""}
    assert words("part", enrolment="e1") == {
        "техника": "Техника", "ансамбль": "Ансамбль", "беседы": "Беседы",
    }  # fmt: skip
    assert words("part", enrolment="e9") == {}
    assert words("purpose") == {"фото": "Фотографии"}
    assert words("platform") == {"kurs": "Курсотека"}
    assert words("enrolment") == {"e1": "guitar"}
    assert words("document") == {"d1": "Договор"}
    assert words("told") == {"p1": "мать", "обучающийся": ""}
    assert words("period") == {"2026-2": "2-е полугодие", "2026-1": "1-е полугодие"}
    assert words("assessed_by") == {"s002": "Ия, пост s002", "s003": "Ия, пост s003"}
    assert words("award") == {
        "грамота": "Положение awards, п. 3.2",
        "диплом": "Положение more, п. 4.1",
    }
    assert words("event") == {}
    assert words("text") == {}
    nobody = Student("2026-0002")
    assert known_words(SCHOOL_, nobody, {}, FIELDS["told"]) == {"обучающийся": ""}


def test_orders_are_offered_with_the_latest_first() -> None:
    orders = {
        key: Order(
            number=number, date=day(date), kind="зачисление", heading=heading, items=(),
            signed_by="s001",
        )
        for key, number, date, heading in (
            ("2026/0002", "2-к", "2026-09-01", "О зачислении"),
            ("2025/0010", "10-к", "2025-09-01", "О приёме"),
            ("2026/0010", "10-к", "2026-09-12", "О зачислении"),
        )
    }  # fmt: skip
    offered = known_words(replace(SCHOOL_, orders=orders), student(), {}, FIELDS["order"])
    assert list(offered.items()) == [
        ("2026/0010", "№ 10-к от 12.09.2026, О зачислении"),
        ("2026/0002", "№ 2-к от 01.09.2026, О зачислении"),
        ("2025/0010", "№ 10-к от 01.09.2025, О приёме"),
    ]
