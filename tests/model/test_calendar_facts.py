"""Facts that hold on a date: age, consents in force, paper files out, terms of keeping."""

from __future__ import annotations

from dataclasses import replace

import pytest

from papka.model.derived.age import age
from papka.model.derived.consents import consents_on
from papka.model.derived.lendings import lent, overdue
from papka.model.derived.retention import Obstacle, keeping
from papka.model.person import Hold, Lending, Name, NeedEnded, Paper, Person
from papka.model.school import UNCONFIRMED, MirrorRule, Organization, Retention, SchoolYear
from papka.model.standing import Consent, Revoked
from papka.model.student import Student
from papka.model.study import Ended
from tests.support.derived import SCHOOL, day, enrolment, student


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


def test_a_consent_holds_from_its_day_until_it_ends_or_is_revoked() -> None:
    kept = Consent(
        id="c1",
        purpose="фото",
        edition=1,
        date=day("2026-01-12"),
        signed_by="p1",
        valid_until=day("2026-12-31"),
    )
    taken_back = Consent(
        id="c2",
        purpose="рассылка",
        edition=1,
        date=day("2026-01-12"),
        signed_by="p1",
        revoked=Revoked(date=day("2026-11-02")),
    )
    who = student(consents=(kept, taken_back))

    def held(on: str, purpose: str | None = None) -> list[str | None]:
        return [consent.id for consent in consents_on(who, day(on), purpose)]

    assert held("2026-01-11") == []
    assert held("2026-11-01") == ["c1", "c2"]
    assert held("2026-11-02") == ["c1"]
    assert held("2026-12-31", "рассылка") == []
    assert held("2027-01-01") == []


def test_a_paper_file_is_overdue_after_its_day_until_it_is_back() -> None:
    lending = Lending(
        id="l1",
        date=day("2026-02-10"),
        taken_by="К.",
        due=day("2026-02-20"),
        returned=day("2026-03-01"),
    )
    open_end = Lending(id="l2", date=day("2026-04-01"), taken_by="К.")
    paper = Paper(place="Шкаф 1", lendings=(lending, open_end))
    who = student(person=Person(id="2026-0001", name=Name(given="Аглая"), paper=paper))
    assert [item.id for item in lent(who, day("2026-02-20"))] == ["l1"]
    assert overdue(who, day("2026-02-20")) == ()
    assert [item.id for item in overdue(who, day("2026-02-21"))] == ["l1"]
    assert overdue(who, day("2026-03-01")) == ()
    assert [item.id for item in lent(who, day("2027-01-01"))] == ["l2"]
    assert overdue(who, day("2027-01-01")) == ()


def keeper(*, holds: tuple[Hold, ...] = (), ended: bool = True) -> Student:
    """Stopped studying on 2026-06-01; a need declared ended on 2029-07-01."""
    need = NeedEnded(date=day("2029-07-01"), order="2029/0001")
    person = Person(
        id="2026-0001",
        name=Name(given="Аглая"),
        holds=holds,
        need_ended=need,
    )
    stop = Ended(date=day("2026-06-01"), reason="завершение")
    return student(person=person, enrolments=(enrolment(ended=stop if ended else None),))


def obstacles(who: Student, on: str, source: str = "Перечень, ст. 1") -> tuple[Obstacle, ...]:
    rule = Retention(unit="личное дело", years=3, since="окончание", source=source)
    school = Organization(
        format=1,
        kind="обычный",
        name="Ш",
        short_name="Ш",
        place="г.",
        address="г.",
        head="s001",
        head_post="Д",
        school_year=SchoolYear(starts="01-01", backup_by="01-25"),
        mirrors=MirrorRule(countries=("RU",)),
        retention=(rule,),
    )
    return keeping(replace(SCHOOL, organization=school), who, day(on)).obstacles


def test_the_term_runs_from_the_end_of_the_last_study() -> None:
    assert keeping(SCHOOL, keeper(), day("2030-01-01")).obstacles == ("нет срока хранения",)
    assert obstacles(keeper(), "2029-07-01") == ()
    assert obstacles(keeper(), "2029-06-01") == (
        "срок хранения не истёк",
        "надобность не признана миновавшей",
    )
    assert "обучение не окончено" in obstacles(keeper(ended=False), "2030-01-01")


def test_an_unconfirmed_term_and_a_hold_forbid_destruction() -> None:
    assert obstacles(keeper(), "2030-01-01", UNCONFIRMED) == ("срок хранения не подтверждён",)
    hold = Hold(id="h1", since=day("2029-01-01"), reason="Спор", until=day("2030-02-01"))
    assert obstacles(keeper(holds=(hold,)), "2030-02-01") == ("действует запрет",)
    assert obstacles(keeper(holds=(hold,)), "2030-02-02") == ()


def test_a_return_starts_the_term_anew() -> None:
    stop = Ended(date=day("2026-06-01"), reason="завершение")
    again = student(enrolments=(enrolment(ended=stop), enrolment("e2", "2029-09-01")))
    found = keeping(SCHOOL, again, day("2030-01-01"))
    assert (found.since, found.until) == (None, None)
    assert "обучение не окончено" in found.obstacles
