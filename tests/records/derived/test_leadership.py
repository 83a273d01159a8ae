"""Who signs for the school on a day, and how the school is called and placed then."""

from __future__ import annotations

from typing import Any

import pytest

from papka.records.archive import Archive
from papka.records.derived.leadership import (
    last_turn,
    list_heads,
    school_on,
    signatory_on,
)
from papka.records.name_cases import post_genitive
from papka.records.school import ActingTerm, FormerParticulars, Licence, StaffMember
from papka.records.student import Name
from tests.support.derived import day, organization

OLD = Licence(number="Л-1", date=day("2015-09-01"), issued_by="Министерство")
NEW = Licence(number="Л-2", date=day("2026-02-01"), issued_by="Министерство")
TERM = {"since": day("2026-07-01"), "until": day("2026-07-28"), "date": day("2026-06-25")}


def member(id_: str, surname: str, *terms: ActingTerm, **more: Any) -> StaffMember:  # noqa: ANN401
    name = Name(surname=surname, given="Роза", patronymic="Львовна")
    return StaffMember(id=id_, name=name, post="Делопроизводитель", acting=terms, **more)


def school(*terms: ActingTerm, **more: Any) -> Archive:  # noqa: ANN401
    """Two heads, one after the other, and somebody who may act."""
    fields: dict[str, Any] = {
        "ogrn": "1" * 13,
        "name": "Школа «Ручей»",
        "address": "ул. Новая, д. 2",
        "head": "s003",
        "head_post": "Генеральный директор",
        "licence": NEW,
        "former": (
            FormerParticulars(until=day("2025-12-31"), name="Студия «Ручей»", licence=OLD),
            FormerParticulars(
                until=day("2026-02-28"), head="s001", head_post="Директор", address="ул. Старая"
            ),
        ),
        **more,
    }
    staff = (
        member("s001", "Прежняя"),
        member("s002", "Временная", *terms),
        member("s003", "Новая"),
    )
    return Archive(
        organization=organization(**fields),
        staff={each.id: each for each in staff},
        staff_list=staff,
    )


def signed(archive: Archive, on: str, staff: str | None = None) -> tuple[str, str, str] | None:
    who = signatory_on(archive, day(on), staff)
    return (
        (who.staff, who.post.replace("\u00a0", " "), who.basis.replace("\u00a0", " "))
        if who
        else None
    )


def test_a_paper_of_2025_keeps_what_the_school_said_of_itself_then() -> None:
    declared = school().organization
    assert declared is not None
    said = {
        on: (found.name, found.address, found.licence.number if found.licence else "")
        for on in ("2025-12-31", "2026-01-01", "2026-02-01", "2026-02-28", "2026-03-01")
        if (found := school_on(declared, day(on)))
    }
    assert said == {
        "2025-12-31": ("Студия «Ручей»", "ул. Старая", "Л-1"),
        "2026-01-01": ("Школа «Ручей»", "ул. Старая", ""),  # neither licence holds
        "2026-02-01": ("Школа «Ручей»", "ул. Старая", "Л-2"),
        "2026-02-28": ("Школа «Ручей»", "ул. Старая", "Л-2"),
        "2026-03-01": ("Школа «Ручей»", "ул. Новая, д. 2", "Л-2"),
    }
    assert list(list_heads(declared)) == [
        ("s001", None, day("2026-02-28")),
        ("s003", day("2026-03-01"), None),
    ]


def test_the_head_of_the_day_signs_with_the_post_of_the_day() -> None:
    archive = school()
    assert signed(archive, "2026-02-28") == ("s001", "Директор", "")
    assert signed(archive, "2026-03-01") == ("s003", "Генеральный директор", "")
    assert signed(archive, "2026-03-01", "s003") == ("s003", "Генеральный директор", "")
    for nobody in ("s001", "s002", "s404"):
        assert signed(archive, "2026-03-01", nobody) is None
    assert signatory_on(Archive(), day("2026-03-01")) is None


@pytest.mark.parametrize(
    ("ogrn", "basis", "post"),
    [
        ("1" * 13, "приказ", "И. о. генерального директора"),
        (
            "1" * 13,
            "доверенность",
            "И. о. генерального директора по доверенности № 12 от 25.06.2026",
        ),
        ("1" * 15, "доверенность", "Представитель по доверенности № 12 от 25.06.2026"),
    ],
)
def test_who_acts_for_the_head_signs_in_the_term_alone(ogrn: str, basis: Any, post: str) -> None:  # noqa: ANN401
    """A sole trader has no post that anybody could fill: such a one is represented."""
    archive = school(ActingTerm(number="12", basis=basis, **TERM), ogrn=ogrn)
    told = f"{basis} № 12 от 25.06.2026"
    for on in ("2026-07-01", "2026-07-28"):
        assert signed(archive, on) == signed(archive, on, "s002") == ("s002", post, told)
        head = signed(archive, on, "s003")  # the head may sign on every day
        assert head == ("s003", "Генеральный директор", "")
    for on in ("2026-06-30", "2026-07-29"):
        assert signed(archive, on) == ("s003", "Генеральный директор", "")
        assert signed(archive, on, "s002") is None


def test_the_last_day_from_which_another_signs_is_known_for_printing() -> None:
    archive = school(ActingTerm(number="12", basis="приказ", **TERM))
    days = ("2025-01-01", "2026-01-01", "2026-03-15", "2026-07-05", "2026-08-01")
    assert [last_turn(archive, day(on)) for on in days] == [
        None, day("2026-01-01"), day("2026-03-01"), day("2026-07-01"), day("2026-07-29"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("post", "genitive"),
    [
        ("Директор", "директора"),
        ("Генеральный директор", "генерального директора"),
        ("Художественный руководитель", "художественного руководителя"),
        ("Заведующая отделением", "заведующей отделением"),
        ("Заведующий", "заведующего"),
        ("Старший воспитатель", "старшего воспитателя"),
        ("Председатель правления", "председателя правления"),
        ("Директор Школы искусств", "директора Школы искусств"),
        ("Директор-распорядитель", None),
        ("Главный", None),
        ("Балерина", None),
    ],
)
def test_a_post_is_declined_where_that_is_certain(post: str, genitive: str | None) -> None:
    assert post_genitive(post) == genitive
    if genitive is None:
        acting = ActingTerm(number="12", basis="приказ", **TERM)
        found = signed(school(acting, head_post=post), "2026-07-01")
        assert found is not None
        assert found[1] == "И. о. руководителя"
