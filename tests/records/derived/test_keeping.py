"""Terms of keeping: counted from the new year after the event, held, decided, opened again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, get_args

import pytest

from papka.records.acts import Import, Order, OrderItem, RegisterEntry
from papka.records.archive import Archive
from papka.records.derived import keeping as terms
from papka.records.derived.keeping import (
    EVENTS,
    STUDY_ENDED,
    YEAR_ENDED,
    Keeping,
    keeping,
    keeping_of_units,
    last_day_of_file,
    list_old_units,
)
from papka.records.school import UNCONFIRMED, KeptUnit, Retention
from papka.records.student import Ended, Hold, Name, NeedEnded, Person, Source, Student
from tests.support.derived import SCHOOL, day, enrolment, organization, period, result, student

CONFIRMED = "Перечень, ст. 1"


def hold(since: str, until: str | None = None) -> Hold:
    return Hold(id="h1", since=day(since), reason="Спор", until=day(until) if until else None)


def row(unit: KeptUnit, years: int, since: str, source: str = CONFIRMED) -> Retention:
    return Retention(unit=unit, years=years, since=since, source=source)


def kept(  # noqa: PLR0913 - what a term depends on
    *studies: str | None, holds: tuple[Hold, ...] = (), needless: str | None = "2026-06-01",
    on: str = "2030-01-01", years: int | None = 3, source: str = CONFIRMED,
    since: str = STUDY_ENDED, starts: str = "01-01",
) -> Keeping:  # fmt: skip
    """Studies by the day they ended, None for one that goes on; asked on the first day after the
    term, when the file has been needed no more since the study ended."""
    rules = [row("приказ", 75, "дата приказа")]
    if years is not None:
        rules.append(row("личное дело", years, since, source))
    ends = [Ended(date=day(on), reason="завершение") if on else None for on in studies]
    card = Person(
        id="2026-0001", name=Name(given="Аглая"), holds=holds,
        need_ended=NeedEnded(date=day(needless), order="2029/0001") if needless else None,
    )  # fmt: skip
    who = student(
        person=card, enrolments=tuple(enrolment(f"e{n}", ended=end) for n, end in enumerate(ends))
    )
    school = replace(SCHOOL, organization=organization(starts, retention=tuple(rules)))
    found = keeping(school, who, day(on))
    assert last_day_of_file(school, who) == found.last
    return found


END = "2026-06-01"
STUDIES, RUNS = "обучение не окончено", "срок хранения не истёк"
NEEDED, HELD = "надобность не признана миновавшей", "действует запрет"
OBSTACLES: dict[str, tuple[list[str | None], dict[str, Any], list[str], str]] = {
    "the first day after the term": ([END], {}, [], "надобность миновала"),
    "the last day of the term": ([END], {"on": "2029-12-31"}, [RUNS], "срок идёт"),
    "three years to the day are not enough": ([END], {"on": "2029-06-02"}, [RUNS], "срок идёт"),
    "studies": ([None], {}, [STUDIES], "не закрыто"),
    "one study ended, one goes on": ([END, None], {}, [STUDIES], "не закрыто"),
    "never studied": ([], {}, [STUDIES], "не закрыто"),
    "the eve of the end": (
        [END], {"on": "2026-05-31", "years": 0, "needless": "2026-05-01"},
        [STUDIES, RUNS, NEEDED], "не закрыто",
    ),
    "the day of the end, a term of no years": (
        [END], {"on": "2026-06-01", "years": 0}, [RUNS], "срок идёт",
    ),
    "the new year after it, a term of no years": (
        [END], {"on": "2027-01-01", "years": 0}, [], "надобность миновала",
    ),
    "the latest of two ends counts": (
        ["2027-01-01", END], {"needless": "2027-01-01"}, [RUNS], "срок идёт",
    ),
    "decided, then came back and left again": (
        [END, "2026-09-01"], {"needless": "2026-07-01"}, [NEEDED], "срок истёк",
    ),
    "decided while the term runs": (
        [END], {"needless": "2027-01-01", "on": "2028-01-01"}, [RUNS], "срок идёт",
    ),
    "no term for personal files": (
        [END], {"years": None}, ["нет срока хранения"], "срок не установлен",
    ),
    "a term nobody confirmed": (
        [END], {"source": UNCONFIRMED}, ["срок хранения не подтверждён"], "срок истёк",
    ),
    "an article nobody confirmed": (
        [END], {"source": f"Перечень, ст. 434; {UNCONFIRMED}"}, ["срок хранения не подтверждён"],
        "срок истёк",
    ),
    "an event nobody can tell": (
        [END], {"since": "как решит совет"}, ["неизвестно, от какого события считать"],
        "срок не установлен",
    ),
    "an event nobody can tell, and studies": (
        [None], {"since": "дата приказа"},
        [STUDIES, "неизвестно, от какого события считать"], "не закрыто",
    ),
    "still needed": ([END], {"needless": None}, [NEEDED], "срок истёк"),
    "needless from today on": ([END], {"needless": "2030-01-01"}, [], "надобность миновала"),
    "needless from tomorrow on": ([END], {"needless": "2030-01-02"}, [NEEDED], "срок истёк"),
    "a hold from today on": ([END], {"holds": (hold("2030-01-01"),)}, [HELD], "запрет"),
    "a hold from tomorrow on": (
        [END], {"holds": (hold("2030-01-02"),)}, [], "надобность миновала",
    ),
    "a hold until today": (
        [END], {"holds": (hold("2029-01-01", "2030-01-01"),)}, [HELD], "запрет",
    ),
    "a hold until yesterday": (
        [END], {"holds": (hold("2029-01-01", "2029-12-31"),)}, [], "надобность миновала",
    ),
    "a hold that ended and one that lasts": (
        [END], {"holds": (hold("2029-01-01", "2029-02-01"), hold("2029-03-01"))}, [HELD], "запрет",
    ),
    "everything at once": (
        [None], {"holds": (hold("2026-01-01"),), "needless": None, "source": UNCONFIRMED},
        [STUDIES, "срок хранения не подтверждён", HELD, NEEDED], "не закрыто",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", OBSTACLES)
def test_what_forbids_destroying_a_file(case: str) -> None:
    studies, given, obstacles, state = OBSTACLES[case]
    found = kept(*studies, **given)
    assert (list(found.obstacles), found.state) == (obstacles, state)
    assert found.due is (obstacles == [])
    assert (found.decision is None) is (NEEDED in obstacles)


def test_there_is_a_case_for_every_obstacle_and_state() -> None:
    told = {each for _, _, obstacles, _ in OBSTACLES.values() for each in obstacles}
    assert told | {"событие не наступило"} == set(get_args(terms.Obstacle))
    assert {state for *_, state in OBSTACLES.values()} == set(get_args(terms.KeepingState))


@pytest.mark.parametrize(
    ("studies", "given", "closed", "first", "last"),
    [
        (["2022-12-23"], {}, "2022-12-23", "2023-01-01", "2025-12-31"),
        (["2026-12-31"], {}, "2026-12-31", "2027-01-01", "2029-12-31"),
        (["2027-01-01"], {}, "2027-01-01", "2028-01-01", "2030-12-31"),
        (["2026-06-01"], {"years": 0}, "2026-06-01", "2027-01-01", "2026-12-31"),
        (["2026-06-01", "2027-06-01"], {}, "2027-06-01", "2028-01-01", "2030-12-31"),
        (["2026-06-01", None], {}, None, None, None),
        ([None], {}, None, None, None),
        ([], {}, None, None, None),
        (["2026-06-01"], {"years": None}, "2026-06-01", "2027-01-01", None),
        (["2028-02-29"], {}, "2028-02-29", "2029-01-01", "2031-12-31"),
        (["2028-02-29"], {"years": 4}, "2028-02-29", "2029-01-01", "2032-12-31"),
        (["2026-06-01"], {"years": 7974}, "2026-06-01", "2027-01-01", "9999-12-31"),
        (["2026-06-01"], {"since": "окончание"}, None, None, None),
        (["2026-06-01"], {"since": "окончание обучения"}, "2026-06-01", "2027-01-01",
         "2029-12-31"),
        (["2026-05-31"], {"since": YEAR_ENDED}, "2026-12-31", "2027-01-01", "2029-12-31"),
        (["2026-10-01"], {"since": YEAR_ENDED, "starts": "09-01"},
         "2027-08-31", "2028-01-01", "2030-12-31"),
        (["2026-08-31"], {"since": YEAR_ENDED, "starts": "09-01"},
         "2026-08-31", "2027-01-01", "2029-12-31"),
    ],
)  # fmt: skip
def test_a_term_begins_with_the_year_after_the_file_was_closed(
    studies: list[str | None],
    given: dict[str, Any],
    closed: str | None,
    first: str | None,
    last: str | None,
) -> None:
    found = kept(*studies, **given)
    expected = tuple(day(on) if on else None for on in (closed, first, last))
    assert (found.closed, found.first, found.last) == expected


def test_a_file_without_a_card_in_a_school_without_terms_is_kept() -> None:
    assert list(keeping(SCHOOL, Student("2026-0001"), day("2030-01-01")).obstacles) == [
        "обучение не окончено",
        "нет срока хранения",
        "надобность не признана миновавшей",
    ]


ORDER, ENTRY = "records/orders/2026/0001", "records/registers/issued/2026/transcripts-1"
BOOK = "records/imports/2026-1/1/original"
ROWS = "records/imports/2026-1/1/unmatched"


def school(*students: Student, starts: str = "01-01", **events: str) -> Archive:
    """A school with a row for each kind of unit, one of each on 20 December 2026."""
    ended = day("2026-12-20")
    named = (OrderItem(text="Зачислить", students=("2026-0001#e1",)),)
    since = {unit: words[0] for unit, words in EVENTS.items()}
    rules = tuple(row(unit, 5, events.get("event", since[unit])) for unit in EVENTS)
    export = Import(
        platform="kurs", export="a", edition=1, period="2026-1", taken=ended, by="s001",
        layout="csv",
    )  # fmt: skip
    return replace(
        SCHOOL,
        organization=organization(starts, retention=rules),
        periods={"2026-1": period("2026-1", "2026-09-01", "2026-12-31", 2026)},
        students={each.id: each for each in students},
        orders={
            "2026/0001": Order(
                number="1", date=ended, kind="зачисление", heading="О зачислении", items=named,
                signed_by="s001",
            )
        },
        registers={
            "issued/2026/transcripts-1": RegisterEntry(
                number="О-1", series="transcripts", form="transcript@1", date=ended,
                student="2026-0001#e1", holder="А", salt="00",
            )
        },
        imports={"2026-1/1": export},
    )  # fmt: skip


FILES = {
    ORDER: f"{ORDER}.yaml",
    ENTRY: f"{ENTRY}.yaml",
    BOOK: f"{BOOK}/order.txt",
    ROWS: f"{ROWS}/rows.part",
}


def keeping_of(archive: Archive, path: str, on: str) -> Keeping | None:
    return next((found for _, found in keeping_of_units(archive, (path,), day(on))), None)


@pytest.mark.parametrize("unit", FILES)
@pytest.mark.parametrize(
    ("starts", "event", "last"),
    [("01-01", None, "2031-12-31"), ("09-01", YEAR_ENDED, "2032-12-31")],
)
def test_every_kind_of_unit_has_its_term(
    unit: str, starts: str, event: str | None, last: str
) -> None:
    archive = school(starts=starts, **({"event": event} if event else {}))
    [(path, found)] = keeping_of_units(archive, (FILES[unit], FILES[unit]), day("2030-01-01"))
    assert (path, found.last, found.state) == (unit, day(last), "срок идёт")
    after = keeping_of(archive, FILES[unit], "2033-01-01")
    assert after is not None
    assert (after.state, after.obstacles) == ("срок истёк", (NEEDED,))


@pytest.mark.parametrize(
    ("path", "unit"),
    [
        (f"{ORDER}.pdf", "приказ"),
        ("records/students/2026/2026-0001/attachments/0a1b2c.png", "личное дело"),
        ("records/students/2026/2026-0001/notices.yaml", "личное дело"),
        ("records/students/2026/2026-0002/notices.yaml", None),
        ("records/orders/2026/0002.yaml", None),
        ("records/media/2026.yaml", None),
        ("records/nothing.txt", None),
    ],
)
def test_scans_and_notices_are_kept_with_what_they_lie_in(path: str, unit: str | None) -> None:
    found = keeping_of(school(student()), path, "2030-01-01")
    assert (found.unit if found else None) == unit


def test_a_hold_on_a_file_holds_all_that_concerns_its_person() -> None:
    source = Source(export="2026-1/1", row=1, column=2, raw="5")
    held = student(
        result("r1", "2026-10-01", 5, source=source),
        person=Person(id="2026-0001", name=Name(given="Аглая"), holds=(hold("2026-01-01"),)),
    )
    other = replace(held, id="2026-0002", person=None, periods={})
    on = day("2033-01-01")

    def states(*students: Student) -> list[str]:
        return [found.state for _, found in keeping_of_units(school(*students), FILES.values(), on)]

    assert states(held, other) == ["запрет"] * 4
    assert states(other) == ["срок истёк"] * 4
    assert states(replace(held, periods={})) == ["запрет", "запрет", "срок истёк", "срок истёк"]


def test_units_are_read_only_in_the_years_whose_terms_may_be_over() -> None:
    paths = (*FILES.values(), "records/orders/about/0001.yaml", "records/staff.yaml")
    assert list(list_old_units(school(), paths, day("2031-12-31"))) == []
    assert list(list_old_units(school(), paths, day("2032-01-01"))) == list(FILES.values())


def test_an_export_of_an_unknown_period_waits_for_its_event() -> None:
    archive = replace(school(), periods={})
    found = keeping_of(archive, FILES[BOOK], "2050-01-01")
    assert found is not None
    assert (found.last, found.state) == (None, "не закрыто")
    assert found.obstacles == ("событие не наступило", NEEDED)
    taken = replace(
        archive,
        organization=organization(retention=(row("оригинал выгрузки", 1, "дата выгрузки"),)),
    )
    found = keeping_of(taken, FILES[BOOK], "2050-01-01")
    assert found is not None
    assert found.last == day("2027-12-31")
