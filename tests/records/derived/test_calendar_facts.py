"""Facts that hold on a date: age, consents in force, paper files out, terms of keeping."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest
from msgspec.structs import replace as changed

from papka.records.derived import in_force as derived_in_force
from papka.records.derived.in_force import (
    Keeping,
    age,
    consents_on,
    in_force,
    keeping,
    lendings_out,
    overdue,
    picture_purposes,
)
from papka.records.school import UNCONFIRMED, Purpose, PurposeEdition, Retention
from papka.records.student import (
    Consent,
    Ended,
    Hold,
    Lending,
    Name,
    NeedEnded,
    Paper,
    Person,
    Revoked,
    Student,
)
from tests.support.derived import SCHOOL, day, enrolment, organization, student


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
    assert in_force(given, day(on)) is holds


def test_a_consent_covers_one_purpose() -> None:
    other = changed(consent(revoked="2026-11-02"), id="c2", purpose="рассылка")
    again = changed(consent("2026-12-01"), id="c3", purpose="рассылка")
    who = student(consents=(consent(), other, again))

    def held(on: str, purpose: str | None = None) -> list[str | None]:
        return [each.id for each in consents_on(who, day(on), purpose)]

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


# The term of keeping: three years after the last study, the last day of it included


def hold(since: str, until: str | None = None) -> Hold:
    return Hold(id="h1", since=day(since), reason="Спор", until=day(until) if until else None)


def kept(
    *studies: str | None, holds: tuple[Hold, ...] = (), needless: str | None = "2026-06-01",
    on: str = "2029-06-02", years: int | None = 3, source: str = "Перечень, ст. 1",
) -> Keeping:  # fmt: skip
    """Studies by the day they ended, None for one that goes on; asked on the first day after the
    term, when the file has been needed no more since the study ended."""
    rules = tuple(
        Retention(unit=unit, years=term, since="окончание", source=source)  # type: ignore[arg-type] # words of the schema
        for unit, term in (("приказ", 75), ("личное дело", years))
        if term is not None
    )
    ends = [Ended(date=day(on), reason="завершение") if on else None for on in studies]
    card = Person(
        id="2026-0001", name=Name(given="Аглая"), holds=holds,
        need_ended=NeedEnded(date=day(needless), order="2029/0001") if needless else None,
    )  # fmt: skip
    who = student(
        person=card, enrolments=tuple(enrolment(f"e{n}", ended=end) for n, end in enumerate(ends))
    )
    return keeping(replace(SCHOOL, organization=organization(retention=rules)), who, day(on))


END = "2026-06-01"
OBSTACLES: dict[str, tuple[list[str | None], dict[str, Any], list[str]]] = {
    "the first day after the term": ([END], {}, []),
    "the last day of the term": ([END], {"on": "2029-06-01"}, ["срок хранения не истёк"]),
    "studies": ([None], {}, ["обучение не окончено"]),
    "one study ended, one goes on": ([END, None], {}, ["обучение не окончено"]),
    "never studied": ([], {}, ["обучение не окончено"]),
    "the eve of the end": (
        [END], {"on": "2026-05-31", "years": 0, "needless": "2026-05-01"},
        ["обучение не окончено", "срок хранения не истёк"],
    ),
    "the day of the end, a term of no years": (
        [END], {"on": "2026-06-01", "years": 0}, ["срок хранения не истёк"]
    ),
    "the day after, a term of no years": ([END], {"on": "2026-06-02", "years": 0}, []),
    "the latest of two ends counts": (
        ["2026-06-10", END], {"on": "2029-06-10"}, ["срок хранения не истёк"]
    ),
    "no term for personal files": ([END], {"years": None}, ["нет срока хранения"]),
    "a term nobody confirmed": (
        [END], {"source": UNCONFIRMED}, ["срок хранения не подтверждён"]
    ),
    "still needed": ([END], {"needless": None}, ["надобность не признана миновавшей"]),
    "needless from today on": ([END], {"needless": "2029-06-02"}, []),
    "needless from tomorrow on": (
        [END], {"needless": "2029-06-03"}, ["надобность не признана миновавшей"]
    ),
    "a hold from today on": ([END], {"holds": (hold("2029-06-02"),)}, ["действует запрет"]),
    "a hold from tomorrow on": ([END], {"holds": (hold("2029-06-03"),)}, []),
    "a hold until today": (
        [END], {"holds": (hold("2029-01-01", "2029-06-02"),)}, ["действует запрет"]
    ),
    "a hold until yesterday": ([END], {"holds": (hold("2029-01-01", "2029-06-01"),)}, []),
    "a hold that ended and one that lasts": (
        [END], {"holds": (hold("2029-01-01", "2029-02-01"), hold("2029-03-01"))},
        ["действует запрет"],
    ),
    "everything at once": (
        [None], {"holds": (hold("2026-01-01"),), "needless": None, "source": UNCONFIRMED},
        ["обучение не окончено", "срок хранения не подтверждён", "действует запрет",
         "надобность не признана миновавшей"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OBSTACLES)
def test_what_forbids_destroying_a_file(case: str) -> None:
    studies, given, obstacles = OBSTACLES[case]
    found = kept(*studies, **given)
    assert list(found.obstacles) == obstacles
    assert found.due is (obstacles == [])


def test_there_is_a_case_for_every_obstacle() -> None:
    told = {each for _, _, obstacles in OBSTACLES.values() for each in obstacles}
    assert told == set(get_args(derived_in_force.Obstacle))


@pytest.mark.parametrize(
    ("studies", "years", "since", "until"),
    [
        (["2026-06-01"], 3, "2026-06-01", "2029-06-01"),
        (["2026-06-01"], 0, "2026-06-01", "2026-06-01"),
        (["2026-06-01", "2027-06-01"], 3, "2027-06-01", "2030-06-01"),
        (["2026-06-01", None], 3, None, None),
        ([None], 3, None, None),
        ([], 3, None, None),
        (["2026-06-01"], None, "2026-06-01", None),
        (["2028-02-29"], 3, "2028-02-29", "2031-02-28"),
        (["2028-02-29"], 4, "2028-02-29", "2032-02-29"),
        (["2028-01-29"], 3, "2028-01-29", "2031-01-29"),
        (["2028-02-28"], 3, "2028-02-28", "2031-02-28"),
        (["2026-06-01"], 7973, "2026-06-01", "9999-06-01"),
        (["2026-06-01"], 7974, "2026-06-01", "9999-12-31"),
    ],
)
def test_a_term_ends_so_many_years_after_the_last_study(
    studies: list[str | None], years: int | None, since: str | None, until: str | None
) -> None:
    found = kept(*studies, years=years)
    assert (found.since, found.until) == tuple(day(on) if on else None for on in (since, until))


def test_a_file_without_a_card_in_a_school_without_terms_is_kept() -> None:
    assert list(keeping(SCHOOL, Student("2026-0001"), day("2030-01-01")).obstacles) == [
        "обучение не окончено",
        "нет срока хранения",
        "надобность не признана миновавшей",
    ]
