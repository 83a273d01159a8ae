"""Facts that hold on a date: age, consents in force, paper files out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from papka.records.derived.in_force import (
    age,
    consents_on,
    in_force,
    last_day_of_consent,
    last_end_of_photos,
    lendings_out,
    overdue,
    picture_purposes,
)
from papka.records.school import Purpose, PurposeEdition
from papka.records.student import (
    Consent,
    Ended,
    Enrolment,
    Lending,
    Name,
    Paper,
    Person,
    Revoked,
    Student,
)
from tests.support.derived import SCHOOL, day, student


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("2011-05-14", "2026-05-13", 14),
        ("2011-05-14", "2026-05-14", 15),
        ("2012-02-29", "2026-02-28", 13),
        ("2012-02-29", "2026-03-01", 14),
        ("2012-02-29", "2028-02-29", 16),
        ("2026-05-14", "2025-01-01", 0),
    ],
)
def test_age_counts_whole_years(born: str, on: str, years: int) -> None:
    assert age(day(born), day(on)) == years


def consent(
    on: str = "2026-01-12", until: str | None = None, revoked: str | None = None
) -> Consent:
    return Consent(
        id="c1", purpose="фото", edition=1, signed_by="p1", date=day(on),
        valid_until=day(until) if until else None,
        revoked=Revoked(date=day(revoked)) if revoked else None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("given", "on", "holds"),
    [
        (consent(), "2026-01-11", False),
        (consent(), "2026-01-12", True),
        (consent(), "2036-01-12", True),
        (consent(until="2026-12-31"), "2026-12-31", True),
        (consent(until="2026-12-31"), "2027-01-01", False),
        (consent(until="2026-01-12"), "2026-01-12", True),
        (consent(revoked="2026-11-02"), "2026-11-01", True),
        (consent(revoked="2026-11-02"), "2026-11-02", False),
        (consent(revoked="2026-01-12"), "2026-01-12", False),
        (consent(until="2026-12-31", revoked="2026-11-02"), "2026-12-01", False),
        (consent(until="2026-06-01", revoked="2026-11-02"), "2026-10-01", False),
    ],
)
def test_a_consent_holds_from_its_day_until_it_ends_or_is_revoked(
    given: Consent, on: str, *, holds: bool
) -> None:
    assert in_force(SCHOOL, student(consents=(given,)), given, day(on)) is holds


def study(start: str, ended: str | None = None, continues: str | None = None) -> Enrolment:
    return Enrolment(
        program="guitar", edition=1, form="очная", start=day(start), order="2026/0001",
        continues=continues,
        ended=Ended(date=day(ended), reason="завершение", order="2026/0002") if ended else None,
    )  # fmt: skip


FIRST, NEXT_ONE = study("2026-01-15", "2026-06-11"), study("2026-06-12", "2026-12-25")
TO_THE_END = "до окончания обучения"


@pytest.mark.parametrize(
    ("term", "studies", "last"),
    [
        (TO_THE_END, (), None),
        (TO_THE_END, (study("2026-01-15"),), None),
        (TO_THE_END, (FIRST,), "2026-06-11"),
        (TO_THE_END, (FIRST, study("2026-03-01")), None),
        (TO_THE_END, (FIRST, NEXT_ONE), "2026-12-25"),
        (TO_THE_END, (FIRST, study("2026-09-01")), "2026-06-11"),
        (TO_THE_END, (FIRST, study("2026-09-01", continues="e1")), None),
        (TO_THE_END, (study("2025-01-15", "2025-12-25"), FIRST), "2026-06-11"),
        ("На весь период обучения ребёнка.", (FIRST,), "2026-06-11"),
        ("до отчисления обучающегося", (FIRST,), "2026-06-11"),
        ("до окончания обучения и три года после", (FIRST,), None),
        ("до окончания обучения в девятом классе", (FIRST,), None),
        ("до отзыва", (FIRST,), None),
        ("до конца календарного года", (), "2026-12-31"),
        ("до окончания учебного года", (), "2026-12-31"),
    ],
)
def test_a_term_in_words_comes_to_a_day_where_the_words_name_one(
    term: str, studies: tuple[Enrolment, ...], last: str | None
) -> None:
    edition = PurposeEdition(
        edition=1, since=day("2026-01-01"), text="Т", data=("имя",), actions=(), term=term
    )
    school = replace(
        SCHOOL, purposes={"фото": Purpose(purpose="фото", title="Фото", editions=(edition,))}
    )
    given = consent()
    who = student(consents=(given,), enrolments=studies)
    assert last_day_of_consent(school, who, given) == (day(last) if last else None)
    if last:
        held = [bool(consents_on(school, who, day(last) + dt.timedelta(days=n))) for n in (0, 1)]
        assert held == [True, False]
        named = changed(given, valid_until=day("2026-02-01"))
        assert last_day_of_consent(school, who, named) == day("2026-02-01")


def test_a_consent_covers_one_purpose() -> None:
    other = changed(consent(revoked="2026-11-02"), id="c2", purpose="рассылка")
    again = changed(consent("2026-12-01"), id="c3", purpose="рассылка")
    who = student(consents=(consent(), other, again))

    def held(on: str, purpose: str | None = None) -> list[str | None]:
        return [each.id for each in consents_on(SCHOOL, who, day(on), purpose)]

    assert held("2026-11-01") == ["c1", "c2"]
    assert held("2026-11-02") == ["c1"]
    assert held("2026-11-02", "рассылка") == []
    assert held("2026-12-01", "рассылка") == ["c3"]
    assert held("2026-12-01") == ["c1", "c3"]
    assert held("2026-12-01", "стенд") == []


@pytest.mark.parametrize(
    ("data", "is_picture"),
    [
        ([()], False),
        ([("имя",)], False),
        ([("имя", "Фотография")], True),
        ([("фото",), ("имя",)], True),
        ([("имя",), ("фотоснимки",)], True),
        ([("цветное фото",)], False),
    ],
)
def test_a_purpose_whose_data_begin_with_photo_lets_use_one(
    data: list[tuple[str, ...]], *, is_picture: bool
) -> None:
    """In any edition: a photo once allowed was allowed."""
    editions = tuple(
        PurposeEdition(edition=n, since=day("2026-01-01"), text="Т", data=each, actions=(), term="")
        for n, each in enumerate(data, 1)
    )
    found = Purpose(purpose="сайт", title="Сайт", editions=editions)
    school = replace(SCHOOL, purposes={"сайт": found})
    assert picture_purposes(school) == ({"сайт"} if is_picture else set())


@pytest.mark.parametrize(
    ("given", "on", "last"),
    [
        ((), "2030-01-01", None),
        ((consent(),), "2030-01-01", None),
        ((consent(until="2026-12-31"),), "2026-12-31", None),
        ((consent(until="2026-12-31"),), "2027-01-01", "2027-01-01"),
        ((consent(revoked="2026-11-02"),), "2026-11-01", None),
        ((consent(revoked="2026-11-02"),), "2026-11-02", "2026-11-02"),
        ((consent(until="2026-06-01", revoked="2026-11-02"),), "2026-12-01", "2026-06-02"),
        ((consent(until="2026-12-31"), consent(revoked="2026-11-02")), "2026-12-01", "2026-11-02"),
        ((changed(consent(until="2026-12-31"), purpose="сайт"),), "2030-01-01", None),
    ],
)
def test_the_day_from_which_a_photo_may_be_printed_no_longer(
    given: tuple[Consent, ...], on: str, last: str | None
) -> None:
    edition = PurposeEdition(
        edition=1, since=day("2026-01-01"), text="Т", data=("фото",), actions=(), term=""
    )
    purposes = {"фото": Purpose(purpose="фото", title="Фото", editions=(edition,))}
    school = replace(SCHOOL, purposes=purposes, students={"1": student(consents=given)})
    assert last_end_of_photos(school, day(on)) == (day(last) if last else None)


LENT = Lending(id="l1", date=day("2026-02-10"), taken_by="К.", due=day("2026-02-20"))
BACK = changed(LENT, returned=day("2026-03-01"))
OPEN_END = Lending(id="l2", date=day("2026-04-01"), taken_by="К.")


@pytest.mark.parametrize(
    ("lendings", "on", "out", "late"),
    [
        ((), "2026-02-15", [], []),
        ((LENT,), "2026-02-09", [], []),
        ((LENT,), "2026-02-10", ["l1"], []),
        ((LENT,), "2026-02-20", ["l1"], []),
        ((LENT,), "2026-02-21", ["l1"], ["l1"]),
        ((BACK,), "2026-02-28", ["l1"], ["l1"]),
        ((BACK,), "2026-03-01", [], []),
        ((OPEN_END,), "2027-01-01", ["l2"], []),
        ((BACK, OPEN_END), "2026-04-01", ["l2"], []),
        ((LENT, OPEN_END), "2026-04-01", ["l1", "l2"], ["l1"]),
    ],
)
def test_a_paper_file_is_overdue_after_its_day_until_it_is_back(
    lendings: tuple[Lending, ...], on: str, out: list[str], late: list[str]
) -> None:
    paper = Paper(place="Шкаф 1", lendings=lendings)
    who = student(person=Person(id="2026-0001", name=Name(given="Аглая"), paper=paper))
    assert [item.id for item in lendings_out(who, day(on))] == out
    assert [item.id for item in overdue(who, day(on))] == late


@pytest.mark.parametrize("who", [student(), Student("2026-0001")], ids=["no paper", "no card"])
def test_what_is_not_on_paper_is_not_lent(who: Student) -> None:
    assert lendings_out(who, day("2026-02-15")) == ()
