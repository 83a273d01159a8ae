"""What is due and what is overdue, in the words of `papka status`, kind by kind."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as changed

from papka.desk.deadline import Deadline
from papka.desk.deadlines import MirrorSeen, SealSeen, SheetSeen, deadlines, mirrors
from papka.records.acts import Approval, Media, MediumCopy, Order, OrderItem, RegisterEntry, Void
from papka.records.school import (
    UNCONFIRMED,
    Regulation,
    RegulationEdition,
    Retention,
    StatutoryDeadline,
)
from papka.records.student import (
    Consent,
    Ended,
    Ending,
    Hold,
    Lending,
    Name,
    NeedEnded,
    Paper,
    Person,
    Result,
    Revoked,
    Student,
)
from tests.support.derived import (
    SCHOOL,
    day,
    enrolment,
    organization,
    period,
    result,
    student,
)

BEGAN = day("2026-01-01")


def told(found: tuple[Deadline, ...], about: str) -> list[tuple[str, str, str, str, str]]:
    """Address, words, last day, place and code of the deadlines of a kind."""
    return [
        (
            each.address, each.text, f"{each.day}", f"{each.where.path}{each.where.pointer}",
            each.code.name if each.code else "",
        )
        for each in found
        if each.about == about
    ]  # fmt: skip


def of(*students: Student, on: str = "2026-05-20", **more: object) -> tuple[Deadline, ...]:
    archive = replace(SCHOOL, students={each.id: each for each in students}, **more)  # type: ignore[arg-type] # fields of an archive
    return deadlines(archive, day(on))


@pytest.mark.parametrize(
    ("seen", "days", "said"),
    [
        (MirrorSeen("hub", BEGAN), 31, []),
        (MirrorSeen("hub", BEGAN), 32,
         [("зеркало молчит", "когда отвечало, здесь не известно", 92, "MIRROR_SEND_DUE")]),
        (MirrorSeen("hub", BEGAN, heard=BEGAN), 93,
         [("зеркало молчит", "последний раз отвечало 01.01.2026", 92, "MIRROR_SEND_OVERDUE"),
          ("зеркало не проверено", "целиком не проверялось ещё ни разу", 366, "MIRROR_CHECK_DUE")]),
        (MirrorSeen("hub", BEGAN, unsent=BEGAN, heard=day("2026-01-09")), 8,
         [("зеркало отстало", "сохранённое с 01.01.2026 на него не отправлено", 31,
           "MIRROR_SEND_DUE")]),
        (MirrorSeen("hub", BEGAN, parted=True, looked=BEGAN), 400,
         [("зеркало разошлось", "подтвердило сохранение, которого в здешней истории нет", None,
           "MIRROR_PARTED"),
          ("зеркало не проверено", "целиком не проверялось с 01.01.2026", 366,
           "MIRROR_CHECK_OVERDUE")]),
    ],
)  # fmt: skip
def test_mirrors(seen: MirrorSeen, days: int, said: list[tuple[str, str, int | None, str]]) -> None:
    found = list(mirrors(BEGAN + dt.timedelta(days=days), (seen,)))
    assert [each.address for each in found] == ["hub"] * len(said)
    assert [
        (each.about, each.text, each.day and (each.day - BEGAN).days, each.code and each.code.name)
        for each in found
    ] == said


def test_debts() -> None:
    failed = (
        result("r1", "2026-05-01", 2, resit_by=day("2026-05-19")),
        result("r2", "2026-05-02", "не зачтено", part="ансамбль", resit_by=day("2026-05-20")),
    )
    undated = result("r1", "2026-05-03", 2)
    assert told(of(student(*failed)), "задолженность") == [
        ("2026-0001#r1", "guitar, техника: пересдать до 19.05.2026", "2026-05-19",
         "records/students/2026/2026-0001/results/2026-1.yaml/results/0", "DEBT_OVERDUE"),
        ("2026-0001#r2", "guitar, ансамбль: пересдать до 20.05.2026", "2026-05-20",
         "records/students/2026/2026-0001/results/2026-1.yaml/results/1", ""),
    ]  # fmt: skip
    (found,) = told(of(student(undated)), "задолженность")
    assert found[:3] == ("2026-0001#r1", "guitar, техника: срок не назначен", "None")


def test_paper_files_taken_away() -> None:
    lendings = (
        Lending(id="l1", date=day("2026-05-01"), taken_by="Ч", due=day("2026-05-19")),
        Lending(id="l2", date=day("2026-05-02"), taken_by="Ч", due=day("2026-05-20")),
        Lending(id="l3", date=day("2026-05-03"), taken_by="Ч"),
        Lending(id="l4", date=day("2026-05-03"), taken_by="Ч", returned=day("2026-05-20")),
        Lending(id="l5", date=day("2026-05-21"), taken_by="Ч"),
    )
    paper = Paper(place="шкаф", lendings=lendings)
    person = Person(id="2026-0001", name=Name(given="Аглая"), paper=paper)
    found = told(of(student(person=person)), "бумажное дело выдано")
    assert [(each[0], each[1], each[4]) for each in found] == [
        ("2026-0001#l1", "взято 01.05.2026, вернуть до 19.05.2026", "FILE_NOT_RETURNED"),
        ("2026-0001#l2", "взято 02.05.2026, вернуть до 20.05.2026", ""),
        ("2026-0001#l3", "взято 03.05.2026, срок возврата не назначен", ""),
    ]


def consent(id_: str, until: str | None, **more: object) -> Consent:
    end = day(until) if until else None
    keys = {"purpose": "фото", "edition": 1, "date": BEGAN, "signed_by": "p1", "id": id_}
    return Consent(**keys | more, valid_until=end)  # type: ignore[arg-type] # its fields


def test_consents_about_to_end() -> None:
    others = (
        consent("c1", "2026-05-20"),
        consent("c2", "2026-06-19", purpose="обучение"),
        consent("c3", "2026-06-20", purpose="сайт"),
        consent("c4", None, purpose="почта"),
        consent("c5", "2026-05-19", purpose="звонки"),
        consent("c6", "2026-06-01", purpose="звук", revoked=Revoked(date=BEGAN)),
        consent("c7", "2026-06-01", purpose="плёнка"),
        consent("c8", "2026-07-01", purpose="плёнка", date=day("2026-06-02")),
    )
    found = told(of(student(consents=others)), "согласие истекает")
    assert [each[:3] for each in found] == [
        ("2026-0001#c1", "фото: действует по 20.05.2026", "2026-05-20"),
        ("2026-0001#c2", "обучение: действует по 19.06.2026", "2026-06-19"),
    ]
    assert {each[4] for each in found} == {"CONSENT_ENDS"}


def test_a_term_of_keeping_that_ended() -> None:
    rule = Retention(
        unit="личное дело", years=5, since="окончание последнего обучения", source=UNCONFIRMED
    )
    ended = enrolment(ended=Ended(date=day("2026-02-01"), reason="завершение"))
    gone = student(enrolments=(ended,))
    school = {"organization": organization(retention=(rule,))}
    assert told(of(gone, on="2031-12-31", **school), "срок хранения истёк") == []
    (found,) = told(of(gone, on="2032-01-01", **school), "срок хранения истёк")
    assert found[0] == "2026-0001"
    assert found[1] == (
        "хранить следовало по 31.12.2031; уничтожить нельзя: срок хранения не подтверждён, "
        "надобность не признана миновавшей"
    )
    assert found[4] == "RETENTION_ENDED"
    person = Person(
        id="2026-0001",
        name=Name(given="Аглая"),
        need_ended=NeedEnded(date=day("2032-01-01"), order="2032/0001"),
    )
    school["organization"] = organization(retention=(changed(rule, source="Перечень"),))
    decided = of(replace(gone, person=person), on="2032-01-01", **school)
    assert [each[1::3] for each in told(decided, "срок хранения истёк")] == [
        (
            "хранить следовало по 31.12.2031; надобность миновала, решение от 01.01.2032",
            "NEED_ENDED",
        )
    ]


def test_terms_of_orders_are_told_by_the_year() -> None:
    rule = Retention(unit="приказ", years=5, since="дата приказа", source=UNCONFIRMED)
    keys = ("2025/0001", "2026/0001", "2026/0002")
    item = OrderItem(text="О", students=("2026-0001",))
    orders = {
        key: Order(
            number=key, date=day(f"{key[:4]}-03-01"), kind="иное", heading="О", signed_by="s001",
            items=(item,) if key == "2026/0002" else (),
        )
        for key in keys
    }  # fmt: skip
    held = Hold(id="h1", since=BEGAN, reason="Спор")
    person = Person(id="2026-0001", name=Name(given="Аглая"), holds=(held,))
    archive = replace(
        SCHOOL,
        organization=organization(retention=(rule,)),
        orders=orders,
        students={"2026-0001": student(person=person)},
    )
    paths = tuple(f"records/orders/{key}.yaml" for key in keys)
    found = told(deadlines(archive, day("2032-01-01"), paths=paths), "срок хранения истёк")
    assert [(each[0], each[1], each[3], each[4]) for each in found] == [
        ("приказ", "единиц 1, хранить следовало по 31.12.2030; срок хранения не подтверждён",
         "records/orders/2025/0001", "RECORDS_KEPT_LONG"),
        ("приказ",
         ("единиц 2, хранить следовало по 31.12.2031; срок хранения не подтверждён; "
          "под запретом 1"), "records/orders/2026/0001", "RECORDS_KEPT_LONG"),
    ]  # fmt: skip


def test_periods_acts_and_seals() -> None:
    editions = tuple(
        RegulationEdition(edition=n, since=BEGAN, protocol=UNCONFIRMED if n == 2 else "№ 1")
        for n in (1, 2)
    )
    act = Approval(period="2026-1", closed=day("2026-06-20"), signed_by="s001")
    archive = replace(
        SCHOOL, regulations={"order": Regulation(id="order", title="Порядок", editions=editions)}
    )
    assert told(deadlines(archive, day("2026-06-14")), "период не закрыт") == []
    late = deadlines(archive, day("2026-06-15"))
    assert told(late, "период не закрыт") == [
        ("2026-1", "закончился 14.06.2026", "2026-06-14", "records/organization.yaml/periods/0",
         "PERIOD_NOT_CLOSED"),
    ]  # fmt: skip
    assert told(late, "акт не принят") == [
        ("order", "редакция 2 — проект: впишите protocol и since", "None",
         "records/regulations/order/regulation.yaml/editions/1", ""),
    ]  # fmt: skip
    closed = replace(archive, approvals={"2026-1": act})
    sealed = SealSeen("2026-1", day("2026-06-20"), frozenset({"2026-1"}))
    assert told(deadlines(closed, day("2026-06-19")), "нет пломбы") == []
    assert told(deadlines(closed, day("2026-06-20")), "нет пломбы") == [
        ("2026-1", "период закрыт 20.06.2026", "2026-06-20", "records/seals", "SEAL_OVERDUE"),
    ]  # fmt: skip
    assert told(deadlines(closed, day("2026-12-31"), seal=sealed), "нет пломбы") == []
    for on, word, code in (
        ("2027-01-25", "срок", "SEAL_DUE"),
        ("2027-01-26", "срок был", "SEAL_OVERDUE"),
    ):
        assert told(deadlines(closed, day(on), seal=sealed), "нет пломбы") == [
            (
                "2026",
                f"учебный год кончился, {word} 25.01.2027",
                "2027-01-25",
                "records/seals",
                code,
            )
        ]
    for other in (replace(sealed, period="2026"), replace(sealed, date=day("2027-01-01"))):
        assert told(deadlines(closed, day("2027-01-26"), seal=other), "нет пломбы") == []


def test_copies_of_a_year() -> None:
    def copy(medium: str, made: str, *, read: bool = True, tried: bool = True) -> MediumCopy:
        return MediumCopy(
            date=day(made), medium=medium, kind="диск", size=1, sha256="0" * 64, made_by="s003",
            verified=day(made) if read else None, restored=day(made) if tried else None,
        )  # fmt: skip

    act = Approval(period="2026-1", closed=day("2027-01-10"), signed_by="s001")
    every = (
        copy("Н-1", "2026-12-31"), copy("Н-2", "2027-01-09"), copy("Н-3", "2027-01-11", read=False),
        copy("Н-4", "2027-01-11", tried=False), copy("Н-5", "2027-01-11"),
    )  # fmt: skip
    archive = replace(SCHOOL, approvals={"2026-1": act}, media={"2026": Media(copies=every)})
    lacking = (
        "Н-2: сделана раньше, чем закрыли период, Н-3: не перечитана, "
        "Н-4: не восстановлена на пробу"
    )
    for on, word, code in (
        ("2027-01-25", "срок", "COPIES_DUE"),
        ("2027-01-26", "срок был", "COPIES_OVERDUE"),
    ):
        (found,) = told(deadlines(archive, day(on)), "копии за год")
        assert found == (
            "2026", f"хороших носителей 1 из 2, {word} 25.01.2027; {lacking}", "2027-01-25",
            "records/media/2026.yaml", code,
        )  # fmt: skip
    bare = replace(archive, media={})
    assert [each[1] for each in told(deadlines(bare, day("2027-01-20")), "копии за год")] == [
        "хороших носителей 0 из 2, срок 25.01.2027"
    ]


def renamed(id_: str, *results: Result) -> Student:
    return replace(student(*results), id=id_, person=Person(id=id_, name=Name(given="Эмиль")))


def test_the_overdue_come_first_then_by_day_kind_and_number() -> None:
    failed = tuple(
        result(f"r{n}", "2026-05-01", 2, part=part, resit_by=day(until))
        for n, part, until in ((10, "техника", "2026-06-02"), (9, "техника", "2026-06-02"),
                               (2, "техника", "2026-05-01"))
    )  # fmt: skip
    people = (
        student(*failed[:1]),
        renamed("2026-0010", failed[1]),
        renamed("2026-0002", failed[2]),
    )
    archive = replace(
        SCHOOL,
        students={each.id: each for each in people},
        periods={"2025-1": period("2025-1", "2025-01-01", "2025-06-01", 2025)},
    )
    found = deadlines(archive, day("2026-05-20"))
    assert [(each.overdue, each.address) for each in found][:3] == [
        (True, "2025-1"), (True, "2025"), (True, "2025"),
    ]  # fmt: skip
    assert [each.address for each in found if each.about == "задолженность"] == [
        "2026-0002#r2", "2026-0001#r10", "2026-0010#r9",
    ]  # fmt: skip


def transcript(address: str, **more: Any) -> dict[str, RegisterEntry]:  # noqa: ANN401 - fields
    entry = RegisterEntry(
        number="О-2026-0001", series="transcripts", form="transcript@1", date=day("2026-05-12"),
        student=address, holder="Ольха Олеся", salt="0", **more,
    )  # fmt: skip
    return {"issued/2026/transcripts-0001": entry}


ORDER = Order(
    number="7-к", date=day("2026-05-11"), kind="отчисление", heading="Об отчислении", items=(),
    signed_by="s001",
)  # fmt: skip


@pytest.mark.parametrize(
    ("on", "more", "said"),
    [
        ("2026-05-10", {}, []),
        ("2026-05-14", {}, [("срок 14.05.2026", "TRANSCRIPT_DUE")]),
        ("2026-05-15", {}, [("срок был 14.05.2026", "TRANSCRIPT_OVERDUE")]),
        ("2027-05-15", {}, [("срок был 14.05.2026", "TRANSCRIPT_OVERDUE")]),
        ("2027-05-16", {}, []),
        ("2026-05-15", {"registers": transcript("2026-0001#e1")}, []),
        ("2026-05-15", {"registers": transcript("2026-0001")}, []),
        ("2026-05-15", {"registers": transcript("2026-0002#e1")},
         [("срок был 14.05.2026", "TRANSCRIPT_OVERDUE")]),
        ("2026-05-15",
         {"registers": transcript("2026-0001#e1", void=Void(reason="описка"))},
         [("срок был 14.05.2026", "TRANSCRIPT_OVERDUE")]),
    ],
)  # fmt: skip
def test_a_transcript_is_owed_three_days_from_the_order(
    on: str, more: dict[str, Any], said: list[tuple[str, str]]
) -> None:
    left = enrolment(ended=Ended(date=day("2026-05-08"), reason="отчисление", order="2026/0007"))
    archive_of = {"orders": {"2026/0007": ORDER}, "organization": organization(), **more}
    found = told(of(student(enrolments=(left,)), on=on, **archive_of), "справка при отчислении")
    law = " (273-ФЗ, ст. 61, ч. 5; не подтверждено)"
    assert [(each[0], each[1], each[4]) for each in found] == [
        ("2026-0001#e1", text + law, code) for text, code in said
    ]


def test_the_school_may_say_another_term_and_who_completed_needs_none() -> None:
    own = StatutoryDeadline(deadline="справка при отчислении", days=10, source="Устав, п. 4")
    school = organization(deadlines=(own,))
    rows: tuple[tuple[Ending, list[str]], ...] = (
        ("отчисление", ["срок был 18.05.2026 (Устав, п. 4)"]),
        ("завершение", []),
    )
    for reason, said in rows:
        left = enrolment(ended=Ended(date=day("2026-05-08"), reason=reason))
        found = told(of(student(enrolments=(left,)), organization=school), "справка при отчислении")
        assert [each[1] for each in found] == said


def test_keys_of_the_head_grow_old() -> None:
    since = day("2016-02-29")
    assert told(deadlines(SCHOOL, day("2026-02-27"), keys=since), "старые ключи") == []
    assert told(deadlines(SCHOOL, day("2026-02-28"), keys=since), "старые ключи") == [
        ("ключи руководителя", "они действуют с 29.02.2016, прошло 10 лет", "2026-02-28",
         "records/trust/allowed_signers", "KEYS_OLD"),
    ]  # fmt: skip
    assert told(deadlines(SCHOOL, day("2026-02-28")), "старые ключи") == []


@pytest.mark.parametrize(
    ("printed", "changed", "on", "said"),
    [
        (None, (), "2027-02-28", None),
        (None, (), "2027-03-01", "ещё ни разу не напечатан"),
        ("2026-12-01", (), "2027-11-30", None),
        ("2026-12-01", (), "2027-12-01", "напечатан 01.12.2026"),
        ("2026-12-01", ("носители",), "2026-12-02",
         "напечатан 01.12.2026, с тех пор изменилось: носители"),
    ],
)  # fmt: skip
def test_the_sheet_for_the_safe_is_due_after_a_year_or_a_change(
    printed: str | None, changed: tuple[str, ...], on: str, said: str | None
) -> None:
    seen = SheetSeen(day(printed) if printed else None, day("2026-03-01"), changed)
    found = told(deadlines(SCHOOL, day(on), sheet=seen), "лист для сейфа")
    assert [each[1] for each in found] == ([said] if said else [])
    assert {each[4] for each in found} <= {"SAFE_SHEET_DUE"}
