"""Every printed form where there is nothing, one, two and many of what it lists: each word of it.

What a form says is compared before it is laid out, so that plurals, order, notes and headings are
all held at the cost of milliseconds. --update-snapshots accepts a change that was looked at.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from msgspec.structs import replace as with_fields

from papka.core.errors import PapkaError
from papka.paper.chart import Plot
from papka.paper.form import PrintedForm, QrCode, State
from papka.paper.forms import every_form, issued_documents, order
from papka.paper.forms.issued_documents import IssuedPaper
from papka.paper.issued_contents import (
    CONTENTS,
    Request,
    StudyCase,
    case_of,
    entry_of,
    issuer,
    reasons_against,
    require_first,
    require_last,
)
from papka.paper.personal_file import Counted, FileCase, contents, frame, pieces
from papka.paper.volumes import divide_volumes, key_of, sheets_of, sides
from papka.records.acts import OrderItem, RegisterEntry
from papka.records.archive import Archive
from papka.records.student import Document
from tests.paper.conftest import COMMIT, MOMENT
from tests.paper.counted_school import DAY, ID, SCHOOLS
from tests.paper.invented_school import ORDERS

SNAPSHOTS = Path(__file__).parent / "none_one_two_many"
OF_ENTRIES = tuple(CONTENTS)
NBSP = "\u00a0"
_OFFERED = 3
_LEFT_OUT = {
    QrCode: {"path", "side", "millimetres"},
    Plot: {"rules", "ticks", "points", "line", "height", "radius", "spans"},
    IssuedPaper: {"page", "letterhead", "signature"},  # said once already
}
"""Fields that are geometry, not words."""


@cache
def school(name: str) -> Archive:
    return SCHOOLS[name]()


def state(archive: Archive) -> State:
    return State(archive, MOMENT, DAY, COMMIT, root=COMMIT[::-1])


def said(value: object, label: str = "", depth: int = 0) -> Iterator[str]:
    """Lines of a view: its fields by name, what is all words on one line, nothing of what is
    empty; a no-break space as «·», so that one lost is seen."""
    pad = "  " * depth
    if names := names_in(value):
        fields = {
            name: getattr(value, name)
            for name in names
            if name not in _LEFT_OUT.get(type(value), ())
        }
        if all(isinstance(each, str) for each in fields.values()):
            yield from said(tuple(fields.values()), label, depth)
            return
        yield f"{pad}{label}:"
        for name, each in fields.items():
            yield from said(each, name, depth + 1)
    elif isinstance(value, dict):
        yield from (f"{pad}{label}.{key}: {shown(each)}" for key, each in value.items())
    elif isinstance(value, tuple) and all(isinstance(each, str) for each in value):
        if any(value):
            yield f"{pad}{label}: {' | '.join(map(shown, value))}"
    elif isinstance(value, tuple):
        for at, each in enumerate(value, 1):
            yield from said(each, f"{label} {at}", depth)
    elif value not in ("", None):
        yield f"{pad}{label}: {shown(value)}"


def names_in(value: object) -> tuple[str, ...]:
    """The fields of a dataclass or a named tuple; none of anything else."""
    if dataclasses.is_dataclass(value):
        return tuple(field.name for field in dataclasses.fields(value))
    names: tuple[str, ...] = getattr(value, "_fields", ())
    return names


def shown(value: object) -> str:
    return str(value).replace(NBSP, "·").replace("\n", "↵")


def answer(form: PrintedForm, archive: Archive, address: str) -> Iterator[str]:
    try:
        yield from said(form.view(state(archive), address), address)
    except PapkaError as error:
        yield f"{address}: {shown(error.message)} → {shown(error.next_step)}"


def compare(name: str, found: list[str], *, update: bool) -> None:
    path = SNAPSHOTS / f"{name}.txt"
    if update:
        path.write_text("\n".join(found) + "\n", "utf-8")
    assert found == path.read_text("utf-8").splitlines()


BESIDE = {
    "approval-act": ("2026-1", "2031-1"),
    "attention": ("2026-2", "2031"),
    "backup-act": ("2026", "2031"),
    "destruction-act": ("1", "2", "3", "9"),
    "destruction-extract": ("1", "2", "3", "9"),
    "certificate": ("С-2026-0001", "С-2026-0404", f"{ID}#e1"),
    "answer": (f"{ID}#z1", f"{ID}#z9", ID, "2026-0404#z1"),
    "consent": (f"{ID}:фото-на-сайте", f"{ID}:погода", f"{ID}#c9", "2026-0404#c1"),
    "card": (ID, "2026-0404"),
    "case-list": ("2026", "2031"),
    "credit-note": (f"{ID}#k1", f"{ID}#k9", "2026-0404#k1"),
    "diagnostics-summary": (ID,),
    "group-sheet": ("Г-26-1", "Г-26-9"),
    "lending-card": (ID, "2026-0404"),
    "media-log": ("", "5"),
    "name-book": ("", "5"),
    "needs-plan": (ID,),
    "nomenclature": ("2026", "2031"),
    "order-book": ("2026", "2031"),
    "order-extract": (f"{ID}:2026/0007", f"{ID}:2026/0404", "2026-0404:2026/0007"),
    "keys": ("5",),
    "management": ("2026", "2026-1", "2031"),
    "notice": (ID, "2026-0404"),
    "order": ("2026/0007", "2026/0404"),
    "platform-printout": (ID, "2026-0404"),
    "refounding": ("0404",),
    "register": ("certificates/2026", "certificates/2031"),
    "register-certification": ("certificates/2026", "certificates/2031"),
    "seal": ("0404",),
    "self-examination": ("2031",),
    "self-examination-exact": ("2026", "2031"),
    "student-counts": ("", "5"),
    "year-sheet": ("Г-26-1", "Г-26-9"),
}
"""Asked for as well as what a form offers: also what is not there."""


@pytest.mark.parametrize("form", every_form(), ids=lambda form: form.name)
def test_a_form_says_what_was_looked_at(form: PrintedForm, pytestconfig: pytest.Config) -> None:
    found = [f"{form.name}: {form.title} ({form.target})"]
    for name in SCHOOLS:
        offered = (*form.targets(school(name)),)[:_OFFERED]
        addresses = dict.fromkeys((*offered, *BESIDE.get(form.name, ())))
        found.append(f"\n=== {name} ===".lstrip())
        for address in addresses:
            found += answer(form, school(name), address)
    compare(form.name, found, update=pytestconfig.getoption("--update-snapshots"))


def written(case: StudyCase, form: str, **beside: object) -> RegisterEntry:
    """The entry that the register would get, signed by nobody."""
    made = CONTENTS[form](case)
    entry = RegisterEntry(
        number="С-1", series=form, form=f"{form}@2", date=case.date, student=case.address,
        holder=case.person.name.full, birth_date=case.person.birth_date, salt="5a" * 32,
        facts=made.facts, rows=made.rows, events=made.events,
        issuer=issuer(case.archive, "s001", case.date),
    )  # fmt: skip
    return with_fields(entry, **beside)


def issued(archive: Archive, form: str, address: str, on: dt.date) -> Iterator[str]:
    """What is lacking for a document, what its entry keeps and what the paper says."""
    case = case_of(archive, Request(form, address, on))
    yield from said(reasons_against(form, case), f"{address}, lacking")
    entry = written(case, form)
    yield from said(entry.facts, "facts")
    alone = replace(archive, registers={"issued/2026/x": entry})
    (view,) = (each.view for each in every_form() if each.name == form)
    yield from said(view(state(alone), "С-1"), "paper")


@pytest.mark.parametrize("form", OF_ENTRIES)
def test_an_issued_paper_says_what_was_looked_at(form: str, pytestconfig: pytest.Config) -> None:
    found = []
    for name in SCHOOLS:
        for student in school(name).students.values():
            for enrolment in student.enrolments[: 1 if student.id != ID else None]:
                for on in (dt.date(2026, 7, 1), DAY)[0 if student.id == ID else 1 :]:
                    found.append(f"=== {name} {on} ===")
                    try:
                        address = f"{student.id}#{enrolment.id}"
                        found += issued(school(name), form, address, on)
                    except PapkaError as error:
                        found.append(f"{shown(error.message)} → {shown(error.next_step)}")
    compare(f"issued-{form}", found, update=pytestconfig.getoption("--update-snapshots"))


def file_case(name: str) -> FileCase:
    student = school(name).students[ID]
    assert student.person
    return FileCase(state(school(name)), student, student.person)


def test_a_personal_file_says_what_was_looked_at(pytestconfig: pytest.Config) -> None:
    found = []
    for name in SCHOOLS:
        case = file_case(name)
        chapters = contents(case)
        counts = {chapter.anchor: 2 for chapter in chapters.chapters()}
        listed = pieces(case, chapters, Counted(counts, {}, 1))
        found.append(f"=== {name} ===")
        found += said(chapters, "contents")
        for volume in divide_volumes(listed):
            found += said(frame(case, volume, 1), "frame")
    compare("personal-file", found, update=pytestconfig.getoption("--update-snapshots"))


def bound(case: FileCase, scanned: Collection[str], *, duplex: bool) -> Iterator[str]:
    """The whole file, volume after volume: chapters of two sheets, scans of three pages."""
    chapters = contents(case, "photo")
    counts = {chapter.anchor: 2 for chapter in chapters.chapters()}
    scans = dict.fromkeys(scanned, sheets_of(3, duplex=duplex))
    listed = pieces(case, chapters, Counted(counts, scans, 1))
    yield from said(chapters.card, "card")
    yield from said(chapters.summary, "summary")
    for volume in divide_volumes(listed, case.bound_volumes):
        yield from said(frame(case, volume, 1), "frame")
    names = {key: tuple(f"{key}-{at}" for at in (1, 2, 3)) for key in scanned}
    parts = [part for volume in divide_volumes(listed, case.bound_volumes) for part in volume.parts]
    yield from said(sides(parts, names, duplex=duplex), "sides")


def test_scans_and_bound_volumes_say_what_was_looked_at(pytestconfig: pytest.Config) -> None:
    now, was = (school(name).students[ID] for name in ("many", "two"))
    copied = Document(
        id="d7", kind="табель", title="Табель за 5 класс", medium="копия", file="b.pdf", sheets=9,
    )  # fmt: skip
    long = Document(id="d8", kind="дневник", title="Дневник", medium="подлинник", sheets=300)
    unknown = Document(id="d9", kind="письмо", title="Письмо", medium="подлинник", file="c.pdf")
    more = replace(now, documents=(*now.documents, copied, long, unknown))
    changed = replace(
        now,
        documents=(
            with_fields(now.documents[0], title="Договор с дополнением"),
            with_fields(now.documents[1], sheets=4),
            *now.documents[2:],
        ),
    )
    found = []
    for name, student, earlier, duplex in (
        ("long", more, None, False),
        ("both sides", replace(now, documents=(copied, unknown)), None, True),
        ("went on", changed, was, False),
        ("nothing new", now, now, False),
    ):
        assert student.person
        case = FileCase(state(school("many")), student, student.person, earlier)
        scanned = [key_of(at) for at, each in enumerate(student.documents) if each.id == "d7"]
        found += [f"=== {name} ===", *bound(case, scanned, duplex=duplex)]
    compare("bound-file", found, update=pytestconfig.getoption("--update-snapshots"))


def asked(archive: Archive, request: Request) -> Iterator[str]:
    try:
        case = case_of(archive, request)
        require_first(archive, request, case.address)
        yield f"{case.address}, {case.period}"
    except PapkaError as error:
        yield f"{shown(error.message)} → {shown(error.next_step)}"


def test_what_is_asked_for_is_found_or_answered(pytestconfig: pytest.Config) -> None:
    """Of which study a document is, and which of two counts."""
    found = []
    for name in ("nothing", "two", "many"):
        archive = school(name)
        registers = {
            key: with_fields(each, student=f"{ID}#e1") for key, each in archive.registers.items()
        }
        archive = replace(archive, registers=registers)
        found.append(f"=== {name} ===")
        for form in OF_ENTRIES:
            for address in (ID, f"{ID}#e1", f"{ID}#e2", f"{ID}#e9", "2026-0404"):
                for on in (dt.date(2026, 7, 1), DAY):
                    words = asked(archive, Request(form, address, on))
                    found += [f"{form} {address} {on}: {each}" for each in words]
        for number in ("С-2026-0001", "С-2026-0007", "С-2026-0404", ID, f"{ID}#e1", "2026-0008"):
            try:
                require_last(archive, number)
                key, entry = entry_of(archive, number)
                found.append(f"{number}: {key}, {entry.number}")
            except PapkaError as error:
                found.append(f"{number}: {shown(error.message)} → {shown(error.next_step)}")
        replaced = Request("certificate", f"{ID}#e1", DAY, replace="С-2026-0007")
        found += asked(archive, replaced)
    compare("asked", found, update=pytestconfig.getoption("--update-snapshots"))


def points(**fields: object) -> list[str]:
    archive = school("one")
    made = with_fields(archive.orders["2026/0007"], **fields)
    ordered = replace(archive, orders={**ORDERS, "2026/0007": made})
    view = order.view(state(ordered), "2026/0007")
    return [point.text.replace(NBSP, " ") for point in view.points]


def test_an_order_that_cancels_another_says_so_in_a_last_point() -> None:
    text = "Считать отменённым приказ № 1-к от 14.01.2026 «О зачислении»."
    assert points(cancels="2026/0001")[1:] == [text]
    assert points(cancels="2026/0404")[1:] == ["Считать отменённым приказ 2026/0404."]
    assert points(cancels=None)[1:] == []


@pytest.mark.parametrize("sign", [".", "!", "?", "…"])
def test_a_text_of_an_order_keeps_its_own_last_sign(sign: str) -> None:
    alone = {"cancels": None}
    assert points(items=(OrderItem(text=f"Отложить{sign}"),), **alone) == [f"Отложить{sign}"]
    assert points(items=(OrderItem(text="Отложить"),), **alone) == ["Отложить."]
    named = (OrderItem(text=f"Отложить {sign if sign == '.' else ':'}", students=(f"{ID}#e1",)),)
    assert points(items=named, **alone) == ["Отложить:"]


def test_an_older_progress_paper_without_a_result_names_its_debts() -> None:
    case = case_of(school("one"), Request("progress", f"{ID}#e1", DAY))
    for facts, words in (
        ({"debts": "нет"}, "Академические задолженности: нет."),
        ({"debts": "нет", "result": "всё сдано"}, "Всё сдано."),
    ):
        entry = written(case, "progress", facts=facts)
        alone = replace(school("one"), registers={"issued/2026/x": entry})
        assert issued_documents.view_progress(state(alone), "С-1").debts == words


def test_orders_of_none_one_and_many_people_number_them() -> None:
    numbered = {
        name: [
            (point.number, [number for number, _ in point.people])
            for point in order.view(state(school(name)), "2026/0007").points
        ]
        for name in ("nothing", "one", "many")
    }
    assert numbered == {
        "nothing": [("1.", [])],
        "one": [("1.", ["1.1."]), ("2.", [])],
        "many": [("1.", ["1.1.", "1.2.", "1.3."]), ("2.", []), ("3.", ["3.1."]), ("4.", [])],
    }


def test_former_names_stand_by_their_days_and_only_those_of_the_study_on_a_paper() -> None:
    card = contents(file_case("many")).card
    assert card
    (shown_,) = (fact.text for fact in card.facts if fact.label == "Прежние имена")
    assert shown_.replace(NBSP, " ") == (
        "Сливина (по 01.06.2019); Абрикосова (по 01.03.2026); Глаша Тихоновна (по 01.06.2026); "
        "Лунная (по 03.11.2026), основание: № 17/26 от 12.01.2026"
    )
    case = case_of(school("many"), Request("certificate", f"{ID}#e1", DAY))
    assert CONTENTS["certificate"](case).facts["former"] == (
        "до 01.03.2026 — Абрикосова; до 01.06.2026 — Глаша Тихоновна; до 03.11.2026 — Лунная"
    )


def test_credited_hours_and_mark_stand_in_the_table_where_there_are_any() -> None:
    summary = contents(file_case("many")).summary
    assert summary
    (table,) = (table for table in summary.standing if table.kind == "credits")
    assert [(row[1], row[3]) for row in table.rows] == [
        (
            "Сольфеджио: отлично, 21\u00a0час",
            "Теория музыки\n21\u00a0час\n80 из\u00a0100",
        ),
        ("Хор: зачёт", "Игра в ансамбле\n2\u00a0часа"),
        ("Танец: 4", "—"),
    ]
