"""The invented school four times: with nothing, one, two and many of whatever a paper lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from msgspec.structs import replace as with_fields

from papka.records.acts import (
    DestroyedThing,
    Handed,
    JournalEvent,
    Media,
    Order,
    OrderItem,
    RegisterEntry,
    Void,
)
from papka.records.archive import Archive
from papka.records.school import AwardKind, Licence, Regulation, RegulationEdition
from papka.records.student import (
    Account,
    Answered,
    Certified,
    CreditItem,
    DataRequest,
    Document,
    Ended,
    Extended,
    FormerName,
    Hold,
    Lending,
    Name,
    NeedEnded,
    Paper,
    Result,
    Shown,
    Student,
    Volume,
)
from papka.records.student import Representative as Parent
from tests.paper.forms_school import AWARDS, COPIES, GONE, PURGED, entry, school, with_rows
from tests.paper.invented_school import AGLAYA, PERSON, result

D = dt.date
DAY = D(2026, 12, 28)
ID = "2026-0007"

_FORMER = (  # out of order on purpose
    FormerName(until=D(2026, 11, 3), surname="Лунная", document="d1"),
    FormerName(until=D(2026, 3, 1), surname="Абрикосова"),
    FormerName(until=D(2026, 6, 1), given="Глаша", patronymic="Тихоновна"),
    FormerName(until=D(2019, 6, 1), surname="Сливина"),
)
_PARENTS = (
    Parent(
        id="p1", relation="мать", surname="Лунная", given="Дарья", patronymic="Львовна",
        phone="+70000000008", email="darya@example.invalid", identity="паспорт 00 00 000001",
    ),
    Parent(
        id="p2", relation="отец", surname="Абрикосов", given="Тихон", patronymic="Ильич",
        address="г. Вымышленск, ул. Лесная, д. 2", authority="решение № 3",
    ),
    Parent(id="p3", relation="опекун", given="Blackbird"),
)  # fmt: skip
_ITEMS = (
    CreditItem(
        their_subject="Сольфеджио", their_result="отлично", their_hours=21, part="теория",
        decision="зачесть", hours=21, mark=80, reason="Содержание совпадает",
    ),
    CreditItem(
        their_subject="Хор", their_result="зачёт", part="ансамбль", decision="зачесть частично",
        hours=2, reason="Иной репертуар",
    ),
    CreditItem(
        their_subject="Танец", their_result="4", decision="отказать", reason="Нет в программе"
    ),
)  # fmt: skip


def student(number: int, count: int) -> Student:
    """The `number`-th of the group, with `count` of everything a personal file lists."""
    id_ = f"2026-{number:04}"
    people = (
        Name(surname="Абрикосова-Лунная", given="Аглая", patronymic="Тихоновна"),
        Name(surname="Жуков", given="Пётр"),
        Name(given="Лилит"),
        Name(surname="Яшин", given="Ян", patronymic="Янович"),
    )
    (enrolment,), (credit,), (award,) = AGLAYA.enrolments, AGLAYA.credits, AGLAYA.awards
    (consent,), (notice,) = AGLAYA.consents, AGLAYA.notices
    lendings = (
        Lending(id="l1", date=D(2026, 2, 10), taken_by="Инспектор Ковылин", due=D(2026, 2, 17)),
        Lending(id="l2", date=D(2026, 4, 2), taken_by="Чайкин Б. Б.", returned=D(2026, 4, 3)),
        Lending(id="l3", date=D(2026, 5, 2), taken_by="Мышкин", returned=D(2026, 5, 3)),
    )
    bound = tuple(
        Volume(volume=n, bound=D(2026, n, 2), sheets=n, signed_by="s001") for n in (1, 2, 5)
    )
    holds = (
        Hold(id="h1", since=D(2026, 2, 1), reason="Спор с банком", order="2026/0007"),
        Hold(id="h2", since=D(2026, 3, 1), until=D(2026, 4, 1), reason="Проверка"),
        Hold(id="h3", since=D(2026, 5, 1), reason="Суд"),
    )
    accounts = (
        Account(platform="kurs", key="0048213"),
        Account(platform="kurs", key="77", since=D(2026, 2, 1), until=D(2026, 3, 1)),
        Account(platform="ushla", key="8", since=D(2026, 4, 1)),
    )
    person = with_fields(
        PERSON,
        id=id_,
        name=people[(number - 7) % 4],
        former_names=_FORMER[:count] if count < 3 else _FORMER,
        sex=("женский", "мужской", None)[(number - 7) % 3],
        birth_date=D(2011, 5, 14) if count else None,
        representatives=_PARENTS[:count],
        accounts=accounts[:count],
        paper=Paper(place="Шкаф 1", volumes=bound[:count], lendings=lendings[:count])
        if count
        else None,
        holds=holds[:count],
        need_ended=NeedEnded(date=D(2026, 12, 27), order="2026/0007", reason="Выпуск")
        if count > 1
        else None,
        photo="d3" if count > 1 else None,
        identity="паспорт 00 00 000000" if count > 1 else None,
        snils="000-000-000 00" if count > 1 else None,
        phone=PERSON.phone if count else None,
        email=PERSON.email if count else None,
        address=PERSON.address if count else None,
    )
    second = with_fields(
        enrolment, id="e2", form=None, contract=None, order=None, start=D(2026, 2, 1),
        group=None, continues="e1", individual_parts=("техника", "нет-такой"),
        planned_end=D(2027, 5, 31), ended=None,
    )  # fmt: skip
    third = with_fields(
        second, id="e3", program="ushla", continues=None, individual_parts=(), form="очная",
        ended=Ended(date=D(2026, 9, 1), reason="перевод", moved_to="Школа № 2"),
    )  # fmt: skip
    return with_rows(
        replace(
            AGLAYA,
            id=id_,
            person=person,
            enrolments=(enrolment, second, third)[: count or 1],
            periods=_periods(count),
            credits=(with_fields(credit, items=_ITEMS[:count]),) if count else (),
            awards=(
                award,
                with_fields(award, id="a2", event=None, award="медаль", date=D(2026, 5, 1)),
                with_fields(award, id="a3", activity="учебная", text="За лад", document=None),
            )[:count],
            consents=(
                consent,
                with_fields(consent, id="c2", signed_by="обучающийся", revoked=None),
                with_fields(consent, id="c3", signed_by="p9", valid_until=None, document=None),
            )[:count],
            documents=_documents(count),
            notices=(
                notice,
                with_fields(notice, id="n2", about="успеваемость", told="обучающийся"),
                with_fields(notice, id="n3", about="отсутствие задолженностей", document="d1"),
            )[:count],
            requests=(
                DataRequest(
                    id="z1", date=D(2026, 12, 14), kind="сведения", asked_by="обучающийся",
                    channel="лично", asked="что обо мне хранится",
                ),
                DataRequest(
                    id="z2", date=D(2026, 12, 1), kind="уточнение", asked_by="p1", channel="письмо",
                    asked="другой телефон", answered=Answered(date=D(2026, 12, 4), number="5-и"),
                ),
                DataRequest(
                    id="z3", date=D(2026, 12, 2), kind="прекращение обработки", asked_by="p2",
                    channel="почта", asked="снять фото", document="d1",
                    extended=Extended(date=D(2026, 12, 9), number="6-и", reason="ищем снимки"),
                ),
            )[:count],
        ),
        "Абрикосова-Лунная", "Аглая", "87,50", "4,00",
        rows=min(count, 2),
    )  # fmt: skip


def _documents(count: int) -> tuple[Document, ...]:
    more = (
        Document(
            id="d6", kind="справка", title="Справка", medium="копия", sheets=3,
            lettered=("16а",), skipped=(17,), note="край надорван",
            certified=Certified(date=D(2026, 2, 1), signed_by="s001"),
        ),
    )  # fmt: skip
    return (*AGLAYA.documents[: count * 3], *more[: max(count - 1, 0)])


def _periods(count: int) -> dict[str, tuple[Result, ...]]:
    """Debts, passed re-sits, corrections, words and events; `count` debts that are open."""
    if not count:
        return {}
    debts = (
        result(20, D(2026, 11, 20), "теория", mark=10, control="за период"),
        result(
            21, D(2026, 11, 21), "ансамбль", mark="не зачтено", control="за период",
            resit_by=D(2026, 12, 1),
        ),
        result(
            22, D(2026, 11, 22), "техника", mark="не аттестован", control="за период",
            resit_by=D(2027, 2, 1),
        ),
    )  # fmt: skip
    words = (
        result(30, D(2026, 12, 1), None, kind="личностный", control=None, text="Стала смелее.",
               shows=(Shown(outcome="сцена", level="да"), Shown(outcome="этюды", level="нет"))),
        result(31, D(2026, 12, 2), "техника", control=None, text="Ведёт роль лисы."),
    )  # fmt: skip
    at = (
        result(40, D(2026, 10, 3), "техника", mark=4, kind="внеурочный", origin="мероприятие",
               event="2026/03"),
        result(41, D(2026, 10, 4), None, kind="внеурочный", origin="мероприятие", event="2026/04",
               control=None),
    )  # fmt: skip
    second = (*debts[:count], *words[: count - 1], *at[: count - 1])
    return {"2026-2": second} if count == 1 else {**AGLAYA.periods, "2026-2": second}


_AWARD_ACT = Regulation(
    id="awards-2026", title="Положение о поощрениях",
    editions=(
        RegulationEdition(
            edition=1, since=D(2026, 1, 1), protocol="№ 1",
            awards=(AwardKind(clause="3.2", award="грамота", conditions="За выступление"),),
        ),
    ),
)  # fmt: skip
_EARLY = with_fields(COPIES[0], date=D(2025, 6, 1), verified=D(2025, 6, 2), restored=None)
_JOURNALS = {"2025": Media(copies=(_EARLY,)), "до-2025": Media(copies=(_EARLY, COPIES[1]))}
_EVENTS = {
    "2026/03": JournalEvent(
        id="2026/03", kind="мероприятие", title="Осенний конкурс", level="региональный",
        date=D(2026, 10, 3), organizer="Дом музыки",
    ),
    "2026/04": JournalEvent(
        id="2026/04", kind="независимая оценка", title="Срез", date=D(2026, 10, 4),
        monitoring="внешнее", source="Центр оценки",
    ),
}  # fmt: skip


def _order(count: int) -> Order:
    addresses = tuple(f"2026-{n:04}#a1" for n in range(7, 7 + count))
    items = (
        OrderItem(text="Наградить грамотой :", students=addresses),
        OrderItem(text="Благодарить педагога"),
        OrderItem(text="Контроль оставляю за собой!", students=("2026-0099",)),
    )
    return with_fields(
        AWARDS,
        items=items[: max(count, 1)] if count else (OrderItem(text="Закрыть школу на лето"),),
        basis=(None, "служебная записка", "протокол № 1.", "заявления!")[count],
        cancels=(None, "2026/0001", "2026/0404", "2026/0019")[count],
        preamble=None if count == 0 else AWARDS.preamble,
        kind=("иное", "поощрение", "отчисление", "зачисление")[count],
        signed_by=("s404", "s001", "s002", "s001")[count],
    )


def _registers(count: int) -> dict[str, RegisterEntry]:
    several: tuple[dict[str, Any], ...] = (
        {"handed": Handed(date=D(2026, 12, 26), to="p1"), "blank": "АБ 1", "protocol": "№ 3"},
        {"void": Void(reason="клякса", kind="испорчен", replaced_by="С-2026-0005"), "order": None},
        {"duplicate_of": "С-2026-0001", "handed": Handed(date=D(2026, 12, 27), to="p9", name="Я")},
    )
    numbers = (1, 3, 7)
    return {
        f"issued/2026/certificates-{n:04}": entry("certificates", f"С-2026-{n:04}", **keys)
        for n, keys in list(zip(numbers, several, strict=True))[:count]
    }


_ACTS = {
    "1": GONE,
    "2": with_fields(
        GONE,
        what=(
            *GONE.what,
            DestroyedThing(
                path=f"records/students/2026/{ID}", entry=f"{ID}#d3", basis="согласие отозвано",
                due=D(2031, 1, 25), categories=("фотография",),
            ),
        ),
        media=(),
    ),
    "3": with_fields(
        GONE, commission=("s001",), remains=(), media=("Н-1", "Н-2"),
        what=(
            DestroyedThing(path="records/orders/2020/0001", basis="срок хранения",
                           due=D(2030, 12, 31), categories=("сведения приказа",)),
            DestroyedThing(path="records/registers/issued/2020/certificates-0001",
                           basis="срок хранения", due=D(2030, 12, 31)),
            DestroyedThing(path="records/imports/2020-1/1/original", basis="срок хранения",
                           due=D(2030, 12, 31)),
        ),
    ),
}  # fmt: skip


def counted(count: int) -> Archive:
    """The school with `count` of everything (three are many), students too."""
    people = [student(n, count) for n in range(7, 7 + max(count, 1))]
    found = school(
        *people, registers=_registers(count), order=_order(count),
        approved=((), ("2026-1",), ("2026-1", "2026-2"), ())[count],
        copies=(*COPIES, with_fields(COPIES[0], place=None, head=None))[:count],
    )  # fmt: skip
    assert found.organization
    licence = Licence(number="Л035-1", date=D(2024, 2, 1), issued_by="Министерство")
    return replace(
        found,
        events={**found.events, **(_EVENTS if count else {})},
        media={**found.media, **(_JOURNALS if count > 2 else {})},
        destruction_acts=dict(list(_ACTS.items())[:count]),
        purges={"1": PURGED, "2": with_fields(PURGED, purges=PURGED.purges[:1])},
        purposes={
            name: with_fields(
                purpose,
                editions=tuple(
                    with_fields(each, processors=each.processors * count)
                    for each in purpose.editions
                ),
            )
            for name, purpose in found.purposes.items()
        },
        organization=with_fields(
            found.organization,
            inn="000000000000" if count else None,
            ogrn="300000000000000" if count > 1 else None,
            licence=licence if count > 1 else None,
            email="school@example.invalid" if count > 1 else None,
            site="school.example.invalid" if count > 2 else None,
        ),
        regulations={
            **({"awards-2026": _AWARD_ACT} if count else {}),
            **(
                {
                    "order": Regulation(
                        id="order", title="Порядок",
                        editions=tuple(
                            RegulationEdition(edition=n, since=D(2025 + n, 1, 1), protocol="№ 1")
                            for n in (1, 2)
                        ),
                    )
                }
                if count > 1
                else {}
            ),
        },
    )  # fmt: skip


SCHOOLS: dict[str, Callable[[], Archive]] = {
    "nothing": lambda: counted(0),
    "one": lambda: counted(1),
    "two": lambda: counted(2),
    "many": lambda: counted(3),
}
