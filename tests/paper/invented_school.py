"""An invented school for the paper tests: built from the record types, no file is read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from papka.records.acts import Approval, JournalEvent, Order, OrderItem
from papka.records.archive import Archive
from papka.records.school import (
    Edition,
    Group,
    MirrorRule,
    Organization,
    Period,
    PlannedResult,
    Platform,
    Program,
    ProgramPart,
    Purpose,
    PurposeEdition,
    Regulation,
    RegulationEdition,
    Retention,
    Scale,
    SchoolYear,
    StaffMember,
)
from papka.records.student import (
    Account,
    Award,
    Consent,
    Credit,
    CreditItem,
    Document,
    Ended,
    Enrolment,
    FormerName,
    Lending,
    Name,
    Notice,
    Paper,
    Person,
    Representative,
    Result,
    Revoked,
    Shown,
    Student,
)

D = dt.date

SCALES = (
    Scale(scale="пятибалльная", title="Пятибалльная шкала", lowest=2, highest=5, pass_mark=3),
    Scale(
        scale="стобалльная",
        title="Стобалльная шкала",
        lowest=0,
        highest=100,
        step=0.5,
        pass_mark=60,
    ),
    Scale(
        scale="зачёт",
        title="Зачётная шкала",
        marks=("не зачтено", "зачтено"),
        passing_marks=("зачтено",),
    ),
)
PERIODS = (
    Period(
        period="2026-1",
        title="1 полугодие 2026 года",
        school_year=2026,
        start=D(2026, 1, 1),
        end=D(2026, 6, 30),
    ),
    Period(
        period="2026-2",
        title="2 полугодие 2026 года",
        school_year=2026,
        start=D(2026, 7, 1),
        end=D(2026, 12, 31),
    ),
)
PLANNED = (
    PlannedResult(outcome="этюды", kind="предметный", text="Играет три этюда первой ступени"),
    PlannedResult(outcome="сцена", kind="личностный", text="Выступает перед слушателями"),
)
GUITAR = Program(
    code="guitar",
    title="Гитара с нуля",
    editions=(
        Edition(
            edition=2,
            order="2025/0011",
            hours=144,
            parts=(
                ProgramPart(part="техника", title="Техника игры", hours=80, scale="пятибалльная"),
                ProgramPart(part="теория", title="Теория музыки", hours=34, scale="стобалльная"),
                ProgramPart(part="ансамбль", title="Игра в ансамбле", hours=30, scale="зачёт"),
            ),
            planned_results=PLANNED,
            target_orientations=("Проявляет интерес к музыке разных народов",),
        ),
    ),
)
ORGANIZATION = Organization(
    format=1,
    kind="обычный",
    name="Индивидуальный предприниматель Нилова Анна Юрьевна",
    short_name="Студия «Ручей»",
    place="г. Вымышленск",
    address="г. Вымышленск, ул. Тихая, д. 1",
    head="s001",
    head_post="Индивидуальный предприниматель",
    school_year=SchoolYear(starts="01-01", backup_by="01-25"),
    mirrors=MirrorRule(countries=("RU",)),
    scales=SCALES,
    periods=PERIODS,
    groups=(Group(group="Г-26-1", program="guitar"),),
    retention=(
        Retention(
            unit="личное дело", years=3, since="окончание последнего обучения", source="local"
        ),
    ),
)
STAFF = (
    StaffMember(
        id="s001",
        name=Name(surname="Нилова", given="Анна", patronymic="Юрьевна"),
        post="Индивидуальный предприниматель",
        roles=("руководитель",),
    ),
    StaffMember(
        id="s002",
        name=Name(surname="Чайкин", given="Борис", patronymic="Борисович"),
        post="Делопроизводитель",
        roles=("делопроизводитель",),
    ),
    StaffMember(
        id="s003",
        name=Name(surname="Глинкина", given="Вера", patronymic="Ильинична"),
        post="Педагог",
        roles=("педагог",),
    ),
)
ORDERS = {
    "2026/0001": Order(
        number="1-к",
        date=D(2026, 1, 14),
        kind="зачисление",
        heading="О зачислении",
        items=(OrderItem(text="Зачислить"),),
        signed_by="s001",
    ),
    "2026/0007": Order(
        number="7-п",
        date=D(2026, 4, 18),
        kind="поощрение",
        heading="О поощрении",
        items=(OrderItem(text="Наградить"),),
        signed_by="s001",
    ),
    "2026/0019": Order(
        number="19-к",
        date=D(2026, 12, 25),
        kind="отчисление",
        heading="Об отчислении",
        items=(OrderItem(text="Отчислить"),),
        signed_by="s001",
    ),
}
EVENTS = {
    "2026/02": JournalEvent(
        id="2026/02",
        kind="внеурочный план",
        title="Весенний концерт",
        level="организация",
        date=D(2026, 4, 12),
    )
}

PERSON = Person(
    id="2026-0007",
    name=Name(surname="Абрикосова-Лунная", given="Аглая", patronymic="Тихоновна"),
    former_names=(FormerName(until=D(2026, 3, 1), surname="Абрикосова"),),
    sex="женский",
    birth_date=D(2011, 5, 14),
    phone="+70000000007",
    email="aglaya@example.invalid",
    address="г. Вымышленск, ул. Садовая, д. 7, кв. 7",
    representatives=(
        Representative(
            id="p1",
            relation="мать",
            surname="Лунная",
            given="Дарья",
            patronymic="Львовна",
            phone="+70000000008",
        ),
    ),
    accounts=(Account(platform="kurs", key="0048213"),),
    paper=Paper(
        place="Шкаф 1, полка 2",
        lendings=(
            Lending(id="l1", date=D(2026, 2, 10), taken_by="Инспектор Ковылин", due=D(2026, 2, 17)),
            Lending(id="l2", date=D(2026, 4, 2), taken_by="Чайкин Б. Б.", returned=D(2026, 4, 3)),
        ),
    ),
)


def result(number: int, date: dt.date, part: str | None = "техника", **keys: object) -> Result:
    """A result of the guitar class with the given keys over ordinary ones."""
    ordinary: dict[str, object] = {
        "enrolment": "e1", "kind": "учебный", "origin": "текущий контроль",
        "control": "текущий", "assessed_by": "s003",
    }  # fmt: skip
    return Result(id=f"r{number}", date=date, part=part, **{**ordinary, **keys})  # type: ignore[arg-type]  # keys of Result by name


AGLAYA = Student(
    id="2026-0007",
    person=PERSON,
    enrolments=(
        Enrolment(
            id="e1", program="guitar", edition=2, group="Г-26-1", form="очная, дистанционно",
            contract="d1", start=D(2026, 1, 15), order="2026/0001",
            ended=Ended(date=D(2026, 12, 25), reason="завершение", order="2026/0019"),
        ),
    ),
    periods={
        "2026-1": (
            result(1, D(2026, 2, 10), mark=3),
            result(2, D(2026, 3, 17), mark=4),
            result(3, D(2026, 5, 28), mark=2, control="за период", resit_by=D(2026, 9, 30)),
            result(4, D(2026, 9, 14), mark=3, control="за период", resits="r3"),
            result(
                5, D(2026, 9, 14), mark=4, control="за период", resits="r3", replaces="r4",
                reason="Описка при вводе, ведомость от 14.09.2026",
            ),
            result(6, D(2026, 3, 2), "теория", mark=48),
            result(7, D(2026, 4, 20), "теория", mark=71.5),
            result(8, D(2026, 5, 29), "теория", mark=87, control="за период"),
            result(
                9, D(2026, 4, 12), "ансамбль", mark="не зачтено", kind="внеурочный",
                origin="внеурочный план", event="2026/02",
            ),
            result(10, D(2026, 5, 27), "ансамбль", mark="зачтено", control="за период"),
            result(
                11, D(2026, 4, 12), None, kind="личностный", origin="внеурочный план",
                control=None, event="2026/02", text="Впервые выступала без подсказки.",
                shows=(Shown(outcome="сцена", level="частично"),),
            ),
            result(
                12, D(2026, 5, 30), None, kind="личностный", control=None, author="обучающийся",
                assessed_by=None, text="Мне стало легче держать ритм, но барре пока трудное.",
            ),
        ),
        "2026-2": (
            result(13, D(2026, 10, 5), mark=5),
            result(14, D(2026, 11, 20), mark=5, control="итоговый"),
            result(15, D(2026, 11, 21), "теория", mark="не аттестован", control="итоговый"),
        ),
    },
    credits=(
        Credit(
            id="k1", enrolment="e1", applied=D(2026, 1, 16),
            organisation="Музыкальная школа «Ручеёк»", document="d5",
            items=(
                CreditItem(
                    their_subject="Музыкальная грамота", their_result="отлично", part="теория",
                    decision="зачесть частично", hours=17, mark=80,
                    reason="Содержание совпадает наполовину",
                ),
            ),
        ),
    ),
    awards=(
        Award(
            id="a1", date=D(2026, 4, 20), activity="творческая", award="грамота",
            act="awards-2026", clause="3.2", order="2026/0007", event="2026/02",
            text="За исполнение этюда на весеннем концерте", document="d4",
        ),
    ),
    consents=(
        Consent(
            id="c1", purpose="фото-на-сайте", edition=1, date=D(2026, 1, 12), signed_by="p1",
            valid_until=D(2027, 12, 31), document="d2", revoked=Revoked(date=D(2026, 11, 2)),
        ),
    ),
    documents=(
        Document(
            id="d1", kind="договор", number="17/26", date=D(2026, 1, 12), medium="подлинник",
            title="Договор об оказании платных образовательных услуг", sheets=3,
        ),
        Document(
            id="d2", kind="согласие", date=D(2026, 1, 12), medium="подлинник", sheets=1,
            title="Согласие на размещение фотографий на сайте",
        ),
        Document(
            id="d3", kind="фото", medium="только файл", title="Фотография", file="a.jpg",
        ),
        Document(
            id="d4", kind="грамота", date=D(2026, 4, 20), medium="копия", sheets=1,
            title="Грамота за исполнение этюда",
        ),
        Document(
            id="d5", kind="справка", number="44", date=D(2025, 12, 20), medium="копия", sheets=2,
            title="Справка об обучении в музыкальной школе «Ручеёк»",
        ),
    ),
    notices=(
        Notice(
            id="n1", date=D(2026, 5, 30), period="2026-1", about="задолженности",
            channel="электронная почта", told="p1",
        ),
    ),
)  # fmt: skip


def archive(*students: Student, approved: tuple[str, ...] = ("2026-1",)) -> Archive:
    """The school with these students and these periods approved by the head."""
    return Archive(
        organization=ORGANIZATION,
        staff={member.id: member for member in STAFF},
        platforms={
            "kurs": Platform(
                id="kurs", title="Курс.Онлайн", licence_basis="договор", since=D(2025, 9, 1)
            )
        },
        regulations={
            "awards-2026": Regulation(
                id="awards-2026",
                title="Положение о поощрениях",
                editions=(RegulationEdition(edition=1, since=D(2026, 1, 1), protocol="№ 1"),),
            )
        },
        programs={"guitar": GUITAR},
        events=EVENTS,
        orders=ORDERS,
        students={student.id: student for student in students},
        approvals={
            period: Approval(period=period, closed=D(2026, 6, 15), signed_by="s001")
            for period in approved
        },
        scales={scale.scale: scale for scale in SCALES},
        periods={period.period: period for period in PERIODS},
        purposes={
            "фото-на-сайте": Purpose(
                purpose="фото-на-сайте",
                title="Размещение фотографий на сайте",
                editions=(
                    PurposeEdition(
                        edition=1,
                        since=D(2026, 1, 1),
                        text="",
                        data=("фотография",),
                        actions=(),
                        term="",
                    ),
                ),
            )
        },
    )


def sources(student: Student) -> Mapping[str, bytes]:
    """Files of a personal folder as a snapshot would hold them; their text is of no importance."""
    names = ["student", "enrolments", *(f"results/{period}" for period in student.periods)]
    files = {f"{student.folder}/{name}.yaml": f"id: {student.id}\n".encode() for name in names}
    return {**files, f"{student.folder}/.salt": b"\x00" * 32}
