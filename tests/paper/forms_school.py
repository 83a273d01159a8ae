"""The invented school once more, with what the forms beside the personal file are printed for.

`short` has one row of everything, `long` four hundred, `hostile` words that try to be more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from msgspec.structs import replace as with_fields

from papka.core.places import raw_name
from papka.records.acts import (
    DestroyedThing,
    Destruction,
    Handed,
    Import,
    Media,
    MediumCopy,
    Order,
    OrderItem,
    Purge,
    Purges,
    RegisterEntry,
    Remaining,
    StoreToPurge,
    Void,
)
from papka.records.archive import Archive
from papka.records.raw_exports import ImportFiles
from papka.records.school import (
    Edition,
    Group,
    Program,
    ProgramPart,
    Purpose,
    PurposeEdition,
    Series,
)
from papka.records.student import Answered, DataRequest, Diagnostic, Name, Need, Student
from tests.paper.invented_school import AGLAYA, GUITAR, ORDERS, PERSON, archive, result
from tests.paper.proof_files import PROOF

D = dt.date
SERIES = {
    "certificates": Series(series="certificates", title="Сертификаты", prefix="С"),
    "transcripts": Series(series="transcripts", title="Справки об обучении", prefix="О"),
    "progress": Series(series="progress", title="Справки об успеваемости", prefix="У"),
}
CONSENT = PurposeEdition(
    edition=1,
    since=D(2026, 1, 1),
    text="Разрешаю размещать фотографию обучающегося на сайте организации.",
    data=("фотография", "имя"),
    actions=("запись", "хранение", "размещение на сайте", "удаление"),
    processors=("ООО «Вымышленный хостинг»",),
    term="до конца календарного года",
)


def entry(series: str, number: str, **keys: Any) -> RegisterEntry:  # noqa: ANN401 - keys by name
    """A document issued to Aglaya."""
    form = {"certificates": "certificate", "transcripts": "transcript", "progress": "progress"}
    ordinary: dict[str, Any] = {
        "form": f"{form[series]}@2", "date": D(2026, 12, 25),
        "holder": "Абрикосова-Лунная Аглая Тихоновна",
        "birth_date": D(2011, 5, 14), "order": "2026/0019",
        "facts": {"program": "Гитара с нуля", "hours": 144},
    }  # fmt: skip
    return RegisterEntry(
        number=number, series=series, student="2026-0007#e1", salt="0" * 64, **ordinary | keys,
    )  # fmt: skip


EXPORT = "2026-2/1"
TITLES = 'Фамилия;Имя;"Тест: Аккорды (Значение)";Итог\r\n'.encode()

COPIES = tuple(
    MediumCopy(
        date=D(2027, 1, 15 + at), medium=f"Н-{at + 1}", kind=kind, size=18_432_000 + at,
        sha256=f"{at}f" * 32, made_by="s003", place=place, verified=D(2027, 1, 15 + at),
        verified_by="s001", head="89abcdef01" * 4, device=device,
        restored=D(2027, 1, 16) if at == 0 else None,
    )
    for at, (kind, place, device) in enumerate(
        [
            ("внешний диск", "Сейф в кабинете 1", "uuid:4A21-0B7C"),
            ("флеш-накопитель", "Банковская ячейка", "uuid:9C3E-77D1"),
        ]
    )
)  # fmt: skip


def with_rows(student: Student, *cells: str, rows: int = 1) -> Student:
    """The student's own rows of an export, in the export's encoding."""
    line = ";".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\r\n"
    return replace(student, raw={raw_name(EXPORT): line.encode() * rows})


ASKED = DataRequest(
    id="z1", date=D(2026, 12, 14), kind="сведения", asked_by="p1", channel="письмо",
    asked="какие сведения хранятся и кому они переданы",
    answered=Answered(date=D(2026, 12, 21), number="41-и"),
)  # fmt: skip


GONE = Destruction(
    date=D(2031, 1, 20), order="2026/0007", signed_by="s001", commission=("s001", "s003"),
    method="удаление из записей и из всей истории",
    what=(
        DestroyedThing(
            path="records/students/2020/2020-0007", basis="срок хранения", due=D(2030, 12, 31),
            categories=("фамилия, имя, отчество", "результаты обучения"), sheets=14,
        ),
    ),
    remains=(Remaining(what="приказы", basis="собственный срок хранения"),),
    stores=(StoreToPurge(name="архив", kind="own"), StoreToPurge(name="usb", kind="folder")),
    media=("Н-1",), old_head="ab" * 20, evidence="cd" * 32,
)  # fmt: skip
PURGED = Purges(
    purges=tuple(
        Purge(date=D(2031, 1, 21), how="очищено, поиск ничего не нашёл", by="s001", store=name)
        for name in ("архив", "usb")
    )
)


def school(  # noqa: PLR0913 - each is what one form or another needs
    *students: Student,
    registers: dict[str, RegisterEntry],
    order: Order,
    purpose: PurposeEdition = CONSENT,
    programs: dict[str, Program] | None = None,
    approved: tuple[str, ...] = ("2026-1", "2026-2"),
    copies: tuple[MediumCopy, ...] = COPIES,
    asked: DataRequest = ASKED,
) -> Archive:
    """An archive in which each form has something to print."""
    found = archive(
        *(replace(each, requests=each.requests or (asked,)) for each in students), approved=approved
    )
    groups = (Group(group="Г-26-1", program="guitar", teacher="s003"),)
    name = "фото-на-сайте"
    taken = Import(
        platform="kurs", export="оценки", edition=1, period="2026-2", taken=D(2026, 12, 26),
        by="s001", layout="csv", encoding="utf-8", delimiter="точка с запятой",
    )  # fmt: skip
    return replace(
        found,
        imports={EXPORT: taken},
        import_files={EXPORT: ImportFiles(header=TITLES)},
        groups={group.group: group for group in groups},
        series=SERIES,
        registers=registers,
        orders={**ORDERS, "2026/0007": order},
        programs={**found.programs, **(programs or {})},
        purposes={name: Purpose(purpose=name, title="Размещение фотографий", editions=(purpose,))},
        proof=PROOF,
        media={"2026": Media(copies=copies)},
        destruction_acts={"1": GONE},
        purges={"1": PURGED},
    )


AWARDS = Order(
    number="7-п", date=D(2026, 4, 18), kind="поощрение", heading="О поощрении участников концерта",
    preamble="По итогам весеннего концерта", basis="Положение о поощрениях, п. 3.2",
    items=(OrderItem(text="Наградить грамотой", students=("2026-0007#a1",)),), signed_by="s001",
)  # fmt: skip


def short() -> Archive:
    one = {
        "issued/2026/certificates-0001": entry(
            "certificates", "С-2026-0001", handed=Handed(date=D(2026, 12, 26), to="p1")
        ),
        "issued/2026/transcripts-0001": entry("transcripts", "О-2026-0001"),
        "issued/2026/progress-0001": entry("progress", "У-2026-0001", order=None),
    }
    aglaya = with_rows(AGLAYA, "Абрикосова-Лунная", "Аглая", "87,50", "4,00")
    credited = with_fields(AGLAYA.credits[0], order="2026/0001")
    return school(replace(aglaya, credits=(credited,)), registers=one, order=AWARDS)


def restricted() -> Archive:
    """The restricted archive beside it: a need and a diagnosis, and nobody's name."""
    need = Need(
        id="s1", date=D(2026, 2, 1), basis="Заключение № 5 от 20.01.2026",
        text="Нужен крупный шрифт и перерывы", measures=("Распечатки 16 пунктом", "Два перерыва"),
    )  # fmt: skip
    seen = Diagnostic(
        id="g1", date=D(2026, 10, 1), assessed_by="s003", tool="Беседа", text="Держит ритм",
        advice="Играть с метрономом",
    )  # fmt: skip
    student = Student("2026-0007", needs=(need,), diagnostics=(seen,))
    found = school(student, registers={}, order=AWARDS)
    assert found.organization
    return replace(found, organization=with_fields(found.organization, kind="ограниченный"))


MANY = 150
"""Rows that fill many sheets of any form."""


def many() -> tuple[Student, ...]:
    """So many students of a group, each with a mark, and one of none with as many debts."""
    assert PERSON.birth_date
    people = []
    for n in range(MANY + 1):
        person = with_fields(
            PERSON,
            id=f"2026-{n + 1000}",
            name=Name(surname=f"Лётчикова{n:03d}", given="Ёлка", patronymic="Тихоновна"),
            birth_date=PERSON.birth_date + dt.timedelta(days=7 * n),
            former_names=(),
        )
        enrolment = with_fields(
            AGLAYA.enrolments[0],
            program=f"p{n % 60}",
            group=None if n == MANY else "Г-26-1",
            ended=None,
        )
        count, mark = (MANY, 2) if n == MANY else (1, 2 + n % 4)
        marks = tuple(
            result(k, D(2026, 11, 20), mark=mark, control="за период") for k in range(1, count + 1)
        )
        people.append(
            replace(
                AGLAYA, id=person.id, person=person, enrolments=(enrolment,),
                periods={"2026-2": marks}, credits=(),
            )
        )  # fmt: skip
    return tuple(people)


def long() -> Archive:
    entries = {
        f"issued/2026/certificates-{n:04d}": entry(
            "certificates", f"С-2026-{n:04d}",
            void=Void(reason="испорчен при печати", kind="испорчен") if n % 9 == 0 else None,
        )
        for n in range(1, MANY + 4)
        if n % 41
    }  # fmt: skip
    part = ProgramPart(part="техника", title="Техника игры", hours=80, scale="пятибалльная")
    edition = with_fields(GUITAR.editions[0], parts=(part,))
    programs = {
        f"p{n}": Program(code=f"p{n}", title=f"Программа {n}", editions=(edition,))
        for n in range(60)
    }
    people = tuple(with_rows(each, "Лётчикова", "Ёлка", "5", "5", rows=100) for each in many())
    awards = with_fields(
        AWARDS,
        items=(
            OrderItem(text="Наградить", students=tuple(f"{each.id}#a1" for each in people[:MANY])),
        ),
    )
    data = tuple(f"сведение {n}" for n in range(MANY))
    return school(
        *people, registers=entries, order=awards, programs=programs,
        purpose=with_fields(CONSENT, data=data),
        copies=tuple(with_fields(COPIES[0], medium=f"Н-{n}", device=None) for n in range(40)),
    )  # fmt: skip


HOSTILE = (
    "<b>Жир</b> </style><script>alert(1)</script> url(file:///etc/passwd) {{ 7*7 }} "
    "\u202eقصة 漢字 😀 "
) + "Щ" * 300


def hostile() -> Archive:
    """Markup, template code, turning marks and a word without end, wherever words go."""
    person = with_fields(
        PERSON,
        name=Name(surname=HOSTILE, given="Ж"),
        address=HOSTILE,
        representatives=(with_fields(PERSON.representatives[0], surname=HOSTILE),),
    )
    scene = with_fields(GUITAR, title=HOSTILE)
    part = ProgramPart(part="техника", title=HOSTILE, hours=1)
    words = Program(
        code="words",
        title=HOSTILE,
        editions=(Edition(edition=2, order="1", hours=1, parts=(part,), planned_results=()),),
    )
    student = replace(
        AGLAYA,
        person=person,
        enrolments=(
            *AGLAYA.enrolments,
            with_fields(AGLAYA.enrolments[0], id="e2", program="words"),
        ),
        periods={
            **AGLAYA.periods,
            "2026-2": (*AGLAYA.periods["2026-2"], result(90, D(2026, 11, 1), text=HOSTILE)),
        },
        consents=(with_fields(AGLAYA.consents[0], signed_by="p1"),),
    )
    student = with_rows(student, HOSTILE, "", "-", HOSTILE)
    order = with_fields(AWARDS, heading=HOSTILE, basis=HOSTILE, preamble=HOSTILE)
    one = {
        "issued/2026/certificates-0001": entry(
            "certificates", "С-2026-0001", holder=HOSTILE, blank=HOSTILE, protocol=HOSTILE,
            void=Void(reason=HOSTILE),
        )
    }  # fmt: skip
    found = school(
        student, registers=one, order=order, programs={"guitar": scene, "words": words},
        purpose=with_fields(CONSENT, text=HOSTILE, data=(HOSTILE,), term=HOSTILE),
        copies=(with_fields(COPIES[0], kind=HOSTILE, place=HOSTILE), COPIES[1]),
        asked=with_fields(
            ASKED, asked=HOSTILE, answered=Answered(date=D(2026, 12, 21), number=HOSTILE)
        ),
    )  # fmt: skip
    assert found.organization
    return replace(
        found,
        organization=with_fields(found.organization, name=HOSTILE, address=HOSTILE),
    )
