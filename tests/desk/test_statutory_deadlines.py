"""What the law gives so many days for: answers, withdrawn consents, leaks; and working days."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as changed

from papka.desk.deadline import Deadline, end_of_hours
from papka.desk.deadlines import deadlines
from papka.records.derived.statutory_terms import end_of_term, is_worked
from papka.records.school import (
    STATUTORY_DEADLINES,
    UNCONFIRMED,
    WORK_CALENDAR,
    Purpose,
    PurposeEdition,
    StatutoryDeadline,
    StatutoryName,
    WorkCalendar,
)
from papka.records.student import (
    Answered,
    Consent,
    DataRequest,
    Document,
    Extended,
    Name,
    Person,
    Revoked,
    Student,
    Voided,
    set_void_apart,
)
from papka.records.wording import NBSP
from tests.support.derived import SCHOOL, day, organization, student

LAW = f"10{NBSP}рабочих дней; 152-ФЗ, ст. 14, ч. 3; ст. 20, ч. 1"
UNKNOWN = f"переносы выходных за 2026 год не внесены, {UNCONFIRMED}"
MOVED = WorkCalendar(
    holidays=WORK_CALENDAR.holidays,
    years=(2026,),
    days_off=(day("2026-03-09"),),
    working=(day("2026-03-14"),),
    source="постановление",
)


def of(who: Student, on: str, **more: Any) -> tuple[Deadline, ...]:  # noqa: ANN401 - of a school
    archive = replace(SCHOOL, students={who.id: who}, organization=organization(**more))
    return deadlines(archive, day(on))


def told(found: tuple[Deadline, ...], about: str) -> list[tuple[str, str, str]]:
    return [
        (each.address, each.text, each.code.name)
        for each in found
        if each.about == about and each.code
    ]


def asked(**more: Any) -> Student:  # noqa: ANN401 - fields of a request
    keys: dict[str, Any] = {
        "kind": "сведения",
        "asked_by": "p1",
        "channel": "письмо",
        "asked": "что хранится",
    }
    one = DataRequest(**{"id": "z1", "date": day("2026-03-02"), **keys, **more})
    return student(requests=(one,))


@pytest.mark.parametrize(
    ("since", "calendar", "last"),
    [
        ("2026-03-02", WORK_CALENDAR, "2026-03-16"),  # Monday to Monday; 8 March is a Sunday
        ("2026-03-02", MOVED, "2026-03-16"),  # one day off more, one Saturday worked
        ("2026-03-07", WORK_CALENDAR, "2026-03-20"),  # received on a Saturday
        ("2026-12-30", WORK_CALENDAR, "2027-01-21"),  # the holidays of January
        ("2026-04-30", WORK_CALENDAR, "2026-05-15"),  # 1 May off, 9 May is a Saturday
    ],
)
def test_ten_working_days(since: str, calendar: WorkCalendar, last: str) -> None:
    school = organization(work_calendar=calendar)
    assert end_of_term(school, "ответ на обращение", day(since)).last == day(last)


@pytest.mark.parametrize(
    ("date", "calendar", "worked"),
    [
        ("2026-03-13", WORK_CALENDAR, True),
        ("2026-03-14", WORK_CALENDAR, False),
        ("2026-03-14", MOVED, True),
        ("2026-03-09", WORK_CALENDAR, True),
        ("2026-03-09", MOVED, False),
        ("2026-11-04", MOVED, False),
        ("2026-11-05", MOVED, True),
    ],
)
def test_a_worked_day(date: str, calendar: WorkCalendar, *, worked: bool) -> None:
    assert is_worked(calendar, day(date)) == worked


@pytest.mark.parametrize(
    ("on", "more", "said"),
    [
        ("2026-03-01", {}, None),
        ("2026-03-02", {}, ("срок 16.03.2026", "ANSWER_DUE")),
        ("2026-03-16", {}, ("срок 16.03.2026", "ANSWER_DUE")),
        ("2026-03-17", {}, ("срок был 16.03.2026", "ANSWER_OVERDUE")),
        ("2030-03-17", {}, ("срок был 16.03.2026", "ANSWER_OVERDUE")),
        ("2026-03-17", {"answered": Answered(date=day("2026-03-17"), number="7-и")}, None),
        ("2026-03-17", {"answered": Answered(date=day("2026-03-18"), number="7-и")},
         ("срок был 16.03.2026", "ANSWER_OVERDUE")),
    ],
)  # fmt: skip
def test_an_answer_is_owed_until_it_is_sent(
    on: str, more: dict[str, Any], said: tuple[str, str] | None
) -> None:
    found = told(of(asked(**more), on), "ответ на обращение")
    expected = (
        [("2026-0001#z1", f"сведения, получено 02.03.2026, {said[0]} ({LAW}; {UNKNOWN})", said[1])]
        if said
        else []
    )
    assert found == expected


@pytest.mark.parametrize(
    ("kind", "sent", "last", "law"),
    [
        ("сведения", "2026-03-16", "23.03.2026", "продлён письмом № 5-и от 16.03.2026"),
        ("прекращение обработки", "2026-03-16", "23.03.2026", "ст. 21, ч. 5.1"),
        ("сведения", "2026-03-17", "16.03.2026", LAW),  # sent too late
        ("уточнение", "2026-03-03", "11.03.2026", f"7{NBSP}рабочих дней; 152-ФЗ, ст. 20, ч. 3"),
    ],
)
def test_a_notice_sent_in_time_extends_the_term(kind: str, sent: str, last: str, law: str) -> None:
    more = Extended(date=day(sent), number="5-и", reason="ищут")
    [(_, text, _)] = told(of(asked(kind=kind, extended=more), "2026-03-20"), "ответ на обращение")
    assert last in text
    assert law in text


def test_moved_days_off_that_are_written_down_are_not_called_unconfirmed() -> None:
    [(_, text, _)] = told(of(asked(), "2026-03-02", work_calendar=MOVED), "ответ на обращение")
    assert text == f"сведения, получено 02.03.2026, срок 16.03.2026 ({LAW})"
    late = asked(date=day("2026-12-30"))
    [(_, text, _)] = told(of(late, "2026-12-30", work_calendar=MOVED), "ответ на обращение")
    assert f"переносы выходных за 2027 год не внесены, {UNCONFIRMED}" in text


def consent(id_: str, **more: Any) -> Consent:  # noqa: ANN401 - fields of a consent
    keys: dict[str, Any] = {
        "purpose": "фото", "edition": 1, "date": day("2026-01-12"), "signed_by": "p1",
    }  # fmt: skip
    return Consent(id=id_, **keys | more)


GONE = day("2026-05-01")


@pytest.mark.parametrize(
    ("on", "consents", "said"),
    [
        ("2026-04-30", (consent("c1", revoked=Revoked(date=GONE)),), None),
        ("2026-05-31", (consent("c1", revoked=Revoked(date=GONE)),),
         ("срок 31.05.2026", "WITHDRAWN_DUE")),
        ("2026-06-01", (consent("c1", revoked=Revoked(date=GONE)),),
         ("срок был 31.05.2026", "WITHDRAWN_OVERDUE")),
        ("2027-06-01", (consent("c1", revoked=Revoked(date=GONE)),),
         ("срок был 31.05.2026", "WITHDRAWN_OVERDUE")),
        ("2027-06-02", (consent("c1", revoked=Revoked(date=GONE)),), None),
        ("2026-06-01", (consent("c1", revoked=Revoked(date=GONE, stopped=GONE)),), None),
        ("2026-06-01", (consent("c1", revoked=Revoked(date=GONE)),
                        consent("c2", date=day("2026-05-20"))), None),
        ("2026-06-01", (consent("c1", revoked=Revoked(date=GONE)), consent("c2", purpose="сайт")),
         ("срок был 31.05.2026", "WITHDRAWN_OVERDUE")),
        ("2026-06-01", (consent("c1"),), None),
    ],
)  # fmt: skip
def test_a_withdrawn_consent_is_told_until_the_work_for_it_has_stopped(
    on: str, consents: tuple[Consent, ...], said: tuple[str, str] | None
) -> None:
    found = told(of(student(consents=consents), on), "согласие отозвано")
    law = f"(152-ФЗ, ст. 21, ч. 5; {UNCONFIRMED})"
    expected = (
        [("2026-0001#c1", f"фото: отозвано 01.05.2026, {said[0]} {law}", said[1])] if said else []
    )
    assert found == expected


SITE = Purpose(
    purpose="фото",
    title="Сайт",
    editions=tuple(
        PurposeEdition(
            edition=n, since=GONE, text="Т", data=("фотография",), actions=actions, term="год",
            resources=resources,
        )
        for n, resources, actions in (
            (1, (), ("хранение",)), (2, ("https://school.example",), ()),
            (3, (), ("Размещение на сайте",)),
        )
    ),
)  # fmt: skip
WORKING = f"3{NBSP}рабочих дня; 152-ФЗ, ст. 10.1, ч. 14; {UNCONFIRMED}; {UNKNOWN}"


def at_school(who: Student, on: str) -> tuple[Deadline, ...]:
    """The deadlines of a school whose purpose names a photo, in the second edition on its site."""
    archive = replace(
        SCHOOL,
        students={who.id: who},
        organization=organization(purposes=(SITE,)),
        purposes={SITE.purpose: SITE},
    )
    return deadlines(archive, day(on))


@pytest.mark.parametrize(
    ("on", "edition", "more", "said"),
    [
        ("2026-05-01", 2, {}, ("срок 06.05.2026", "OFF_SITE_DUE")),  # 1 May off, then a weekend
        ("2026-05-06", 2, {}, ("срок 06.05.2026", "OFF_SITE_DUE")),
        ("2026-05-07", 2, {}, ("срок был 06.05.2026", "OFF_SITE_OVERDUE")),
        ("2027-05-08", 2, {}, None),
        ("2026-05-07", 1, {}, None),  # this edition shows nothing to everybody
        ("2026-05-06", 3, {}, ("срок 06.05.2026", "OFF_SITE_DUE")),  # by what it does, not where
        ("2026-05-07", 2, {"off_site": day("2026-05-07")}, None),
        ("2026-05-07", 2, {"off_site": day("2026-05-08")},
         ("срок был 06.05.2026", "OFF_SITE_OVERDUE")),
        ("2026-05-07", 2, {"stopped": day("2026-05-07")}, None),
    ],
)  # fmt: skip
def test_what_is_on_the_site_goes_within_three_working_days(
    on: str, edition: int, more: dict[str, Any], said: tuple[str, str] | None
) -> None:
    given = consent("c1", edition=edition, revoked=Revoked(date=GONE, **more))
    found = at_school(student(consents=(given,)), on)
    expected = (
        [("2026-0001#c1", f"фото: отозвано 01.05.2026, {said[0]} ({WORKING})", said[1])]
        if said
        else []
    )
    assert told(found, "снять с сайта") == expected
    is_working = "stopped" not in more
    assert len(told(found, "согласие отозвано")) == is_working


PHOTO = Document(id="d3", kind="фото", title="Фото", medium="только файл", file="0a.jpg")
OLD = consent("c0", date=day("2025-01-12"), valid_until=day("2026-03-31"))
LAW_21_5 = f"(152-ФЗ, ст. 21, ч. 5; {UNCONFIRMED})"
LAW_21_4 = f"(152-ФЗ, ст. 21, ч. 4; {UNCONFIRMED})"


@pytest.mark.parametrize(
    ("on", "consents", "text", "code"),
    [
        ("2026-05-01", (consent("c1"),), None, None),
        ("2026-05-01", (), None, None),  # never given: told by a check
        ("2026-05-31", (consent("c1", revoked=Revoked(date=GONE)),),
         f"согласие c1 отозвано 01.05.2026, срок 31.05.2026 {LAW_21_5}", "PHOTO_DUE"),
        ("2028-06-01", (consent("c1", revoked=Revoked(date=GONE)),),
         f"согласие c1 отозвано 01.05.2026, срок был 31.05.2026 {LAW_21_5}", "PHOTO_OVERDUE"),
        ("2026-06-01", (consent("c1", revoked=Revoked(date=GONE, stopped=GONE)), OLD),
         f"согласие c1 отозвано 01.05.2026, срок был 31.05.2026 {LAW_21_5}", "PHOTO_OVERDUE"),
        ("2026-03-31", (OLD,), None, None),
        ("2026-04-30", (OLD,),
         f"согласие c0 действовало по 31.03.2026, срок 30.04.2026 {LAW_21_4}", "PHOTO_DUE"),
        ("2026-05-01", (OLD,),
         f"согласие c0 действовало по 31.03.2026, срок был 30.04.2026 {LAW_21_4}",
         "PHOTO_OVERDUE"),
        ("2026-06-01", (consent("c1", revoked=Revoked(date=GONE)),
                        consent("c2", date=day("2026-06-01"))), None, None),
        ("2026-05-31", (consent("c1", revoked=Revoked(date=GONE)),
                        consent("c2", date=day("2026-06-01"))),
         f"согласие c1 отозвано 01.05.2026, срок 31.05.2026 {LAW_21_5}", "PHOTO_DUE"),
    ],
)  # fmt: skip
def test_a_photo_is_told_of_from_the_end_of_its_consent_until_it_is_gone(
    on: str, consents: tuple[Consent, ...], text: str | None, code: str | None
) -> None:
    who = student(consents=consents, documents=(PHOTO,))
    expected = [("2026-0001#d3", text, code)] if text else []
    assert told(at_school(who, on), "фотография без согласия") == expected
    gone = replace(who, documents=(changed(PHOTO, file=None),))
    assert told(at_school(gone, on), "фотография без согласия") == []
    assert told(of(who, on), "фотография без согласия") == [], "the school asks for no photos"


def test_a_photo_is_known_by_the_card_or_by_its_kind() -> None:
    card = Person(id="2026-0001", name=Name(given="Аглая"), photo="d4")
    others = (
        changed(PHOTO, kind="Фотография"),
        changed(PHOTO, id="d4", kind="снимок"),
        changed(PHOTO, id="d5", kind="снимок"),
    )
    who = student(
        person=card, consents=(consent("c1", revoked=Revoked(date=GONE)),), documents=others
    )
    found = told(at_school(who, "2026-05-02"), "фотография без согласия")
    assert [each[0] for each in found] == ["2026-0001#d3", "2026-0001#d4"]


@pytest.mark.parametrize(
    ("on", "day_", "code"),
    [
        ("2026-05-31", None, None),
        ("2026-06-01", "2026-06-04", "WRONG_SCAN_DUE"),
        ("2026-06-05", "2026-06-16", "WRONG_SCAN_DUE"),  # 12 June off
        ("2026-06-16", "2026-06-16", "WRONG_SCAN_DUE"),
        ("2026-06-17", "2026-06-16", "WRONG_SCAN_OVERDUE"),
        ("2030-06-17", "2026-06-16", "WRONG_SCAN_OVERDUE"),
    ],
)
def test_the_wrong_childs_scan_is_told_of_until_it_is_gone(
    on: str, day_: str | None, code: str | None
) -> None:
    wrong = changed(PHOTO, void=Voided(date=day("2026-06-01"), reason="чужой документ"))
    who = set_void_apart(student(documents=(wrong,)))
    found = [each for each in of(who, on) if each.about == "скан внесён ошибочно"]
    assert [(each.address, each.day, each.code and each.code.name) for each in found] == (
        [("2026-0001#d3", day(day_), code)] if day_ else []
    )
    for each in found:
        assert each.text.startswith("отмечено 01.06.2026; прекратить пользоваться до 04.06.2026 (3")
        assert "16.06.2026 (10" in each.text
        assert "не дольше чем по 01.12.2026 (152-ФЗ, ст. 21, ч. 6" in each.text
        assert each.where.path.endswith("/documents.yaml")


@pytest.mark.parametrize("kept", ["0a.jpg", None])
def test_a_scan_that_another_entry_names_or_that_is_gone_is_not_told_of(kept: str | None) -> None:
    void = Voided(date=GONE, reason="не тот год")
    wrong = changed(PHOTO, void=void, file="0a.jpg" if kept else None)
    again = changed(PHOTO, id="d9", kind="справка", file="0a.jpg")
    who = set_void_apart(student(documents=(wrong, *((again,) if kept else ()))))
    assert told(of(who, "2026-06-17"), "скан внесён ошибочно") == []


@pytest.mark.parametrize(
    ("since", "months", "last"),
    [
        ("2026-06-01", 6, "2026-12-01"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-12-31", 12, "2027-12-31"),
    ],
)
def test_a_term_in_months(since: str, months: int, last: str) -> None:
    name: StatutoryName = "уничтожение заблокированных данных"
    own = StatutoryDeadline(deadline=name, months=months, source="Устав")
    assert end_of_term(organization(deadlines=(own,)), name, day(since)).last == day(last)


@pytest.mark.parametrize(
    ("name", "own", "last"),
    [
        ("снятие с сайта", {"hours": 48}, "2026-05-03"),
        ("снятие с сайта", {"months": 1}, "2026-06-01"),
        ("извещение об утечке", {"days": 2}, "2026-05-03"),
        ("извещение об утечке", {"hours": 12}, "2026-05-01"),
    ],
)
def test_a_school_may_count_in_other_units(
    name: StatutoryName, own: dict[str, int], last: str
) -> None:
    row = StatutoryDeadline(deadline=name, source="Устав", **own)  # type: ignore[arg-type] # its units
    school = organization(deadlines=(row,))
    noon = dt.datetime(2026, 5, 1, 11, tzinfo=dt.UTC)
    if name == "снятие с сайта":
        assert end_of_term(school, name, GONE).last == day(last)
    else:
        assert end_of_hours(school, name, noon).date() == day(last)


@pytest.mark.parametrize(
    ("on", "is_told"),
    [("2026-05-31", False), ("2026-06-01", True), ("2026-07-05", True), ("2026-07-06", False)],
)
def test_a_stolen_key_reminds_of_both_notices_for_a_month(on: str, *, is_told: bool) -> None:
    moment = dt.datetime(2026, 6, 1, 23, 30, tzinfo=dt.UTC)
    archive = replace(SCHOOL, organization=organization())
    found = told(deadlines(archive, day(on), stolen=(moment,)), "извещение об утечке")
    text = (
        "Роскомнадзор извещают до 02.06.2026 23:30, об итогах проверки — до 04.06.2026 23:30 "
        "(152-ФЗ, ст. 21, ч. 3.1)"
    )
    assert found == ([("01.06.2026 23:30", text, "LEAK_NOTICE_DUE")] if is_told else [])


@pytest.mark.parametrize("row", STATUTORY_DEADLINES, ids=lambda row: row.deadline)
def test_every_row_has_one_length_and_a_source(row: StatutoryDeadline) -> None:
    assert [row.days, row.months, row.hours].count(None) == 2
    assert "-ФЗ, ст. " in row.source


def test_the_school_may_say_a_term_of_its_own() -> None:
    name: StatutoryName = "ответ на обращение"
    own = StatutoryDeadline(deadline=name, days=3, source="Положение, п. 2")
    [(_, text, code)] = told(of(asked(), "2026-03-06", deadlines=(own,)), name)
    assert (text, code) == (
        "сведения, получено 02.03.2026, срок был 05.03.2026 (Положение, п. 2)",
        "ANSWER_OVERDUE",
    )
