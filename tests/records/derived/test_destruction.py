"""What may be destroyed on a day and what forbids it; what remains, and what is counted before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as changed

from papka.core.places import RESTRICTED
from papka.records.acts import Import, Order, OrderItem, RegisterEntry
from papka.records.archive import Archive
from papka.records.derived.destruction import (
    DestructionTarget,
    counts_kept,
    due_for_destruction,
    judge_target,
    what_remains,
)
from papka.records.editing import write_file
from papka.records.school import KeptUnit, Purpose, PurposeEdition, Retention
from papka.records.student import (
    BoundPaper,
    Consent,
    Document,
    Ended,
    Hold,
    Name,
    NeedEnded,
    Paper,
    Person,
    Revoked,
    Student,
    Voided,
    Volume,
    set_void_apart,
)
from papka.records.tombstones import Tombstones
from tests.support.derived import SCHOOL, day, enrolment, organization, period, student

FOLDER = "records/students/2026/2026-0001"
GONE = Revoked(date=day("2026-05-01"))
PHOTO = Document(
    id="d3", kind="фотография", title="Фото", medium="только файл", file="0a.jpg", sha256="0a"
)
WRONG = changed(PHOTO, id="d4", kind="справка", file="0b.jpg",
                void=Voided(date=day("2026-06-01"), reason="чужая"))  # fmt: skip
CONSENT = Consent(
    id="c1", purpose="фото", edition=1, date=day("2026-01-12"), signed_by="p1", revoked=GONE
)
TEXT = PurposeEdition(edition=1, since=day("2025-01-01"), text="Да", data=("фотография",),
                      actions=("показ",), term="год")  # fmt: skip
PURPOSE = Purpose(purpose="фото", title="Фото на сайте", editions=(TEXT,))
_TERMS: dict[KeptUnit, tuple[int, str]] = {
    "личное дело": (3, "окончание последнего обучения"),
    "приказ": (5, "дата приказа"),
    "запись реестра": (50, "дата выдачи документа"),
    "оригинал выгрузки": (5, "дата выгрузки"),
}
ROWS = tuple(
    Retention(unit=unit, years=years, since=since, source="Перечень")
    for unit, (years, since) in _TERMS.items()
)  # fmt: skip


def school(*students: Student, kind: str = "обычный", **more: Any) -> Archive:  # noqa: ANN401
    return replace(
        SCHOOL,
        organization=organization(retention=ROWS, kind=kind),
        purposes={"фото": PURPOSE},
        students={each.id: each for each in students},
        **more,
    )


def person(id_: str = "2026-0001", **more: Any) -> Person:  # noqa: ANN401
    needless = NeedEnded(date=day("2030-01-09"), order="2030/0001")
    return Person(id=id_, name=Name(given="Аглая"), **{"need_ended": needless, **more})


def left(date: str = "2026-05-20", reason: Any = "завершение") -> Ended:  # noqa: ANN401
    return Ended(date=day(date), reason=reason)


def leaver(id_: str = "2026-0001", **more: Any) -> Student:  # noqa: ANN401
    keys = {"enrolments": (enrolment(ended=left()),), **more}
    return replace(student(person=person(id_)), id=id_, **keys)


def order(date: str, *students: str) -> Order:
    items = (OrderItem(text="Зачислить", students=students),)
    return Order(number="1-к", date=day(date), kind="зачисление", heading="О", items=items,
                 signed_by="s001")  # fmt: skip


def issued(student_: str) -> RegisterEntry:
    return RegisterEntry(
        number="У-1", series="progress", form="progress@1", date=day("2026-06-01"),
        student=student_, holder="А", salt="0" * 64,
    )  # fmt: skip


def acted(*things: dict[str, str]) -> Tombstones:
    act = {"date": "2030-02-01", "what": list(things)}
    return Tombstones([("records/acts/1/act.yaml", write_file(act).encode())])


def thing(path: str, entry: str | None = None) -> dict[str, str]:
    return {"path": path, **({"entry": entry} if entry else {})}


STUDYING = set_void_apart(student(consents=(CONSENT,), documents=(PHOTO, WRONG)))
HOLDS = (Hold(id="h1", since=day("2026-01-01"), reason="Спор"),)
HELD = replace(STUDYING, person=person(holds=HOLDS))
SCANS: dict[str, tuple[Student, str, str, str | None, str | None, tuple[str, ...]]] = {
    "a photo whose consent was withdrawn": (
        STUDYING, "d3", "2026-05-02", "согласие отозвано", "2026-05-31", ()),
    "a photo whose consent is over": (
        replace(STUDYING, consents=(changed(CONSENT, revoked=None,
                                            valid_until=day("2026-05-01")),)),
        "d3", "2026-05-02", "цель достигнута", "2026-05-31", ()),
    "the wrong child's paper": (
        STUDYING, "d4", "2026-06-02", "неправомерные данные", "2026-06-16", ()),
    "a photo with a consent": (
        replace(STUDYING, consents=(changed(CONSENT, revoked=None),)), "d3", "2026-05-02",
        None, None, ("для скана есть другое основание: срок хранения дела",)),
    "on the eve of the withdrawal": (
        STUDYING, "d3", "2026-04-30", None, None,
        ("для скана есть другое основание: срок хранения дела",)),
    "a paper of the contract": (
        replace(STUDYING, documents=(changed(PHOTO, kind="договор"),)), "d3", "2026-05-02",
        None, None, ("для скана есть другое основание: срок хранения дела",)),
    "a file that is held": (
        HELD, "d3", "2026-05-02", "согласие отозвано", "2026-05-31", ("действует запрет",)),
    "a file that another line needs": (
        replace(STUDYING, documents=(PHOTO, changed(PHOTO, id="d9", kind="договор"))), "d3",
        "2026-05-02", "согласие отозвано", "2026-05-31",
        ("файл нужен другому документу описи",)),
    "a photo scanned twice under one name": (
        replace(STUDYING, documents=(PHOTO, changed(PHOTO, id="d9"))), "d3",
        "2026-05-02", "согласие отозвано", "2026-05-31", ()),
    "a line without a file": (
        replace(STUDYING, documents=(changed(PHOTO, file=None),)), "d3", "2026-05-02",
        None, None, ("у документа нет файла",)),
    "no such line": (STUDYING, "d8", "2026-05-02", None, None, ("такого в архиве нет",)),
}  # fmt: skip


@pytest.mark.parametrize("name", SCANS)
def test_a_scan_goes_when_the_law_gives_it_no_basis(name: str) -> None:
    who, entry, on, basis, due, obstacles = SCANS[name]
    found = judge_target(school(who), FOLDER, day(on), f"2026-0001#{entry}")
    assert (found.basis, found.due, found.obstacles) == (
        basis,
        day(due) if due else None,
        obstacles,
    )
    assert found.may_go is (obstacles == ())
    known = {each.id: each.file for each in (*who.documents, WRONG)}
    files = (f"{FOLDER}/attachments/{known[entry]}",) if known.get(entry) else ()
    assert found.files == files


def test_a_scan_of_another_folder_is_not_there() -> None:
    found = judge_target(school(STUDYING), f"{FOLDER}2", day("2026-05-02"), "2026-0001#d3")
    assert found.obstacles == ("такого в архиве нет",)


@pytest.mark.parametrize(
    ("who", "on", "obstacles"),
    [
        (leaver(), "2030-01-09", ()),
        (leaver(), "2029-12-31", ("срок хранения не истёк", "надобность не признана миновавшей")),
        (student(), "2030-01-09", ("обучение не окончено", "надобность не признана миновавшей")),
        (leaver(person=person(holds=HOLDS)), "2030-01-09", ("действует запрет",)),
    ],
)  # fmt: skip
def test_a_personal_file_goes_after_its_term(
    who: Student, on: str, obstacles: tuple[str, ...]
) -> None:
    found = judge_target(school(who), FOLDER, day(on))
    assert (found.basis, found.obstacles, found.files) == ("срок хранения", obstacles, ())
    assert (found.due is None) == ("обучение не окончено" in obstacles)


def test_units_of_other_kinds_go_after_their_terms() -> None:
    taken = Import(platform="kurs", export="grades", edition=1, period="2026-1",
                   taken=day("2020-02-01"), by="s001", layout="csv")  # fmt: skip
    archive = school(
        orders={"2020/0001": order("2020-03-01"), "2026/0001": order("2026-03-01")},
        registers={"issued/2026/progress-0001": issued("2026-0001#e1")},
        imports={"2026-1/1": taken},
    )
    judged = {
        path: judge_target(archive, f"records/{path}", day("2026-01-01"))
        for path in (
            "orders/2020/0001", "orders/2026/0001", "orders/2026/0009",
            "registers/issued/2026/progress-0001", "imports/2026-1/1/original",
            "imports/2026-1/1", "programs/guitar",
        )
    }  # fmt: skip
    assert {path: (each.due, each.obstacles) for path, each in judged.items()} == {
        "orders/2020/0001": (day("2025-12-31"), ()),
        "orders/2026/0001": (
            day("2031-12-31"), ("событие не наступило", "срок хранения не истёк")),
        "orders/2026/0009": (None, ("такого в архиве нет",)),
        "registers/issued/2026/progress-0001": (
            day("2076-12-31"), ("событие не наступило", "срок хранения не истёк")),
        "imports/2026-1/1/original": (day("2025-12-31"), ()),
        "imports/2026-1/1": (None, ("такого в архиве нет",)),
        "programs/guitar": (None, ("такого в архиве нет",)),
    }  # fmt: skip


def test_what_an_act_took_is_not_taken_again() -> None:
    archive = school(STUDYING, destroyed=acted(thing(FOLDER, "2026-0001#d3"), thing("records/x")))
    scan = judge_target(archive, FOLDER, day("2031-01-01"), "2026-0001#d3")
    assert scan.obstacles == ("уничтожено раньше",)
    assert judge_target(archive, "records/x", day("2031-01-01")).obstacles == ("уничтожено раньше",)
    assert [each.entry for each in due_for_destruction(archive, (), day("2031-01-01"))] == [
        "2026-0001#d4"
    ]


def test_all_that_is_due_is_gathered_and_nothing_else() -> None:
    going, staying = leaver(), replace(STUDYING, id="2026-0002", person=person("2026-0002"))
    going = replace(going, consents=STUDYING.consents, documents=STUDYING.documents)
    archive = school(going, staying, orders={"2020/0001": order("2020-03-01")})
    paths = ("records/orders/2020/0001.yaml", "records/orders/2020/0001.pdf")
    found = due_for_destruction(archive, paths, day("2030-01-09"))
    other = "records/students/2026/2026-0002"
    assert [(each.path, each.entry) for each in found] == [
        ("records/orders/2020/0001", None),
        (FOLDER, None),
        (other, "2026-0002#d3"),
        (other, "2026-0002#d4"),
    ]
    assert due_for_destruction(archive, paths, day("2025-12-31")) == ()


def test_a_restricted_folder_goes_by_the_order_alone_and_is_never_gathered() -> None:
    archive = school(Student("2026-0001"), kind=RESTRICTED)
    on = day("2030-01-09")
    assert judge_target(archive, FOLDER, on) == DestructionTarget(FOLDER, "срок хранения", on, ())
    assert due_for_destruction(archive, (), on) == ()


def told(archive: Archive, *targets: DestructionTarget) -> list[tuple[str, str, str]]:
    found = what_remains(archive, targets, day("2030-01-09"))
    return [(each.what, each.basis, str(each.until or "")) for each in found]


def test_after_a_photo_the_contract_the_line_and_the_consent_remain() -> None:
    archive = school(STUDYING)
    photo, wrong = (
        judge_target(archive, FOLDER, day("2026-06-02"), f"2026-0001#{id_}") for id_ in ("d3", "d4")
    )
    assert told(archive, photo) == [
        ("строка описи", "срок хранения личного дела", ""),
        ("договор и результаты", "договор об образовании", ""),
        ("согласие и его отзыв", "срок хранения согласия", "2029-12-31"),
    ]
    assert told(archive, wrong) == told(archive, photo)[:2]


def test_after_a_personal_file_units_with_terms_of_their_own_remain() -> None:
    volume = Volume(volume=1, bound=day("2026-06-01"), sheets=9, signed_by="s001",
                    papers=(BoundPaper(title="Договор"),))  # fmt: skip
    going = leaver(person=person(paper=Paper(place="Шкаф", volumes=(volume,))))
    archive = school(
        going,
        orders={
            "2026/0001": order("2026-03-01", "2026-0001#e1"),
            "2027/0001": order("2027-03-01", "2026-0001", "2026-0002"),
            "2028/0001": order("2028-03-01", "2026-0002"),
        },
        registers={"issued/2026/progress-0001": issued("2026-0001#e1")},
    )
    target = judge_target(archive, FOLDER, day("2030-01-09"))
    order_ = judge_target(archive, "records/orders/2027/0001", day("2030-01-09"))
    entry = judge_target(archive, "records/registers/issued/2026/progress-0001", day("2030-01-09"))
    whole = [
        ("приказы", "собственный срок хранения", "2032-12-31"),
        ("записи в книгах выдачи", "собственный срок хранения", "2076-12-31"),
        ("бумажное дело", "решается отдельно", ""),
    ]
    assert told(archive, target) == whole
    assert told(archive, target, order_, entry) == [
        ("приказы", "собственный срок хранения", "2031-12-31"),
        whole[2],
    ]
    assert told(school(leaver()), judge_target(school(leaver()), FOLDER, day("2030-01-09"))) == []


PERIODS = {
    name: period(name, start, end, 2026)
    for name, start, end in (
        ("2026-1", "2026-01-12", "2026-06-14"),
        ("2026-2", "2026-09-01", "2026-12-27"),
    )
}


def counted(archive: Archive, *ids: str) -> list[tuple[Any, ...]]:
    folders = [f"records/students/2026/{id_}" for id_ in ids]
    return [
        (each.program, each.period, each.students, each.completed, each.expelled, each.moved)
        for each in counts_kept(archive, [*folders, "records/orders/2026/0001"])
    ]


def test_students_are_counted_by_programme_and_period_before_they_go() -> None:
    archive = school(
        leaver(),
        leaver("2026-0002", enrolments=(
            enrolment(ended=left("2026-07-10", "отчисление")),
            enrolment("e2", "2026-09-01", ended=left("2026-10-01", "перевод")),
        )),
        leaver("2026-0003", enrolments=(enrolment("e1", "2026-02-01"),)),
        leaver("2026-0004", enrolments=()),
        periods=PERIODS,
    )  # fmt: skip
    assert counted(archive, "2026-0001", "2026-0002") == [
        ("guitar", "2026-1", 2, 1, 1, 0),
        ("guitar", "2026-2", 1, 0, 0, 1),
    ]
    assert counted(archive, "2026-0001") == [("guitar", "2026-1", 1, 1, 0, 0)]
    assert counted(archive, "2026-0004") == []
    assert counted(archive) == []


def test_a_person_with_two_files_is_counted_once_and_only_when_both_are_gone() -> None:
    twin = leaver("2026-0002", person=person("2026-0002", duplicate_of="2026-0001"))
    archive = school(leaver(), twin, periods=PERIODS)
    assert counted(archive, "2026-0001") == counted(archive, "2026-0002") == []
    assert [each[2] for each in counted(archive, "2026-0001", "2026-0002")] == [1]
