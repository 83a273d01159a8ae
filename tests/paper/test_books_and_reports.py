"""Registers, group sheets and reports: what they say, before anything is laid out."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

import pytest
from msgspec.structs import replace as with_fields

from papka.core.errors import NotFound
from papka.paper.form import PrintedForm
from papka.paper.forms import (
    attention,
    every_form,
    group_sheet,
    management,
    platform_printout,
    register,
    self_examination,
)
from papka.paper.forms.platform_printout import Printout
from papka.paper.forms.self_examination import SMALLEST
from papka.records.acts import Handed, Void
from papka.records.archive import Archive
from papka.records.student import Diagnostic, FormerName, Name, Result, Student
from tests.paper.conftest import TODAY, state
from tests.paper.forms_school import AWARDS, entry, long, many, school, short
from tests.paper.invented_school import AGLAYA, PERSON, result

D = dt.date


def book(*sequences: str, **keys: object) -> Archive:
    entries = {
        f"issued/2026/certificates-{number}": entry("certificates", f"С-2026-{number}", **keys)
        for number in sequences
    }
    return school(AGLAYA, registers=entries, order=AWARDS)


def test_a_register_counts_as_a_person_does() -> None:
    """R-5.4.3: «10» after «9», «12-а» after «12», whatever the order of the files."""
    found = register.view(state(book("10", "12-а", "9", "12", "0011")), "certificates/2026")
    numbers = [row.number for row in found.rows if not row.gap]
    assert numbers == ["С-2026-9", "С-2026-10", "С-2026-0011", "С-2026-12", "С-2026-12-а"]


def test_a_register_shows_gaps_and_says_how_many() -> None:
    found = register.view(state(book("0002", "0003", "0006")), "certificates/2026")
    assert [row.gap for row in found.rows] == [
        "№\u00a0С-2026-0001 пропущен: записи нет",
        "", "",
        "№\u00a0С-2026-0004 — №\u00a0С-2026-0005 пропущены: записей нет (2)",
        "",
    ]  # fmt: skip
    assert "3\u00a0(три) записи" in found.total
    assert found.total.endswith("пропущено номеров\u00a0— 3.")


def test_a_spoiled_form_stays_in_the_register_and_says_so() -> None:
    void = Void(reason="клякса", kind="испорчен", replaced_by="С-2026-0002")
    found = register.view(state(book("0001", void=void)), "certificates/2026")
    assert found.rows[0].is_void
    assert found.rows[0].notes == ("ИСПОРЧЕН", "клякса", "взамен выдан №\u00a0С-2026-0002")
    assert "испорчено\u00a0— 1; пропущенных номеров нет" in found.total


def test_unknown_cells_of_a_register_are_blank() -> None:
    found = register.view(state(book("0001", birth_date=None, order=None)), "certificates/2026")
    row = found.rows[0]
    assert (row.birth_date, row.basis, row.recipient, row.blank) == ("", (), "", "")


def test_a_register_needs_no_personal_file() -> None:
    """R-5.4.3: an entry outlives it."""
    handed = Handed(date=D(2026, 12, 26), to="p1")
    gone = replace(book("0001", handed=handed), students={})
    row = register.view(state(gone), "certificates/2026").rows[0]
    assert (row.holder, row.recipient) == (
        "Абрикосова-Лунная Аглая Тихоновна", "представитель, 26.12.2026",
    )  # fmt: skip


def test_a_book_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound) as caught:
        register.view(state(short()), "certificate/2026")
    assert "certificates/2026" in caught.value.next_step


def named(number: int, surname: str, *marks: Result):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a Student
    id_ = f"2026-{number:04d}"
    person = with_fields(PERSON, id=id_, name=Name(surname=surname, given="Яна"), former_names=())
    return replace(AGLAYA, id=id_, person=person, periods={"2026-2": marks}, credits=())


def test_a_group_stands_by_the_alphabet_never_by_marks() -> None:
    people = [
        named(n, surname, result(1, D(2026, 10, 1), mark=2 + n))
        for n, surname in enumerate(("Жук", "Ёжикова", "Ежова", "Ёлкина", "Дрозд"))
    ]
    found = group_sheet.view(state(school(*people, registers={}, order=AWARDS)), "Г-26-1")
    names = [line.name.split()[0] for line in found.sections[0].tables[0].lines]
    assert names == ["Дрозд", "Ёжикова", "Ежова", "Ёлкина", "Жук"]


def test_a_sheet_of_a_past_period_keeps_the_names_of_its_day() -> None:
    student = named(1, "Новая", result(1, D(2026, 10, 1), mark=4))
    for until, surname in ((D(2026, 12, 31), "Новая"), (D(2027, 3, 1), "Прежняя")):
        past = FormerName(until=until, surname="Прежняя")
        person = with_fields(student.person, former_names=(past,))
        archive = school(replace(student, person=person), registers={}, order=AWARDS)
        periods = {
            **archive.periods,
            "2026-2": with_fields(archive.periods["2026-2"], end=D(2027, 1, 31)),
        }
        found = group_sheet.view(state(replace(archive, periods=periods), D(2027, 2, 1)), "Г-26-1")
        (line,) = found.sections[0].tables[0].lines
        assert line.name.split()[0] == surname


def test_no_day_of_control_is_lost_where_the_sheet_ends() -> None:
    days = [D(2026, 9, 1) + dt.timedelta(days=n) for n in range(30)]
    marks = [result(n, day, mark=3 + n % 3) for n, day in enumerate(days)]
    archive = school(named(1, "Жук", *marks), registers={}, order=AWARDS)
    tables = group_sheet.view(state(archive), "Г-26-1").sections[0].tables
    shown = [each.day for table in tables for each in table.occasions]
    assert shown == [f"{day:%d.%m.%Y}" for day in days]
    assert [cell for table in tables for cell in table.lines[0].cells] == [
        str(mark.mark) for mark in marks
    ]
    assert [table.is_last for table in tables] == [False, False, False, True]
    assert tables[0].caption == "таблица 1 из 4"


def test_the_total_is_the_mark_that_holds_not_an_average() -> None:
    marks = (
        result(1, D(2026, 9, 1), mark=5),
        result(2, D(2026, 11, 1), mark=2, control="за период"),
        result(3, D(2026, 11, 20), mark=3, control="за период", resits="r2"),
    )
    only_ongoing = (result(1, D(2026, 9, 1), mark=5),)
    archive = school(
        named(1, "Жук", *marks), named(2, "Ёж", *only_ongoing), registers={}, order=AWARDS
    )
    lines = group_sheet.view(state(archive), "Г-26-1").sections[0].tables[0].lines
    assert [(line.name, line.total) for line in lines] == [
        ("Ёж Яна", ""), ("Жук Яна", "3\u00a0(три)"),
    ]  # fmt: skip
    assert lines[1].cells == ("5", "2", "3 (пересдача)")


@pytest.mark.parametrize(("approved", "stamp"), [((), "НЕ УТВЕРЖДЕНО"), (("2026-2",), "")])
def test_a_sheet_of_an_unapproved_period_is_a_draft(approved: tuple[str, ...], stamp: str) -> None:
    """R-5.6"""
    archive = school(AGLAYA, registers={}, order=AWARDS, approved=approved)
    assert group_sheet.view(state(archive), "Г-26-1").page.stamp == stamp


def test_a_programme_without_marks_has_words() -> None:
    told = result(1, D(2026, 10, 1), text="Ведёт роль лисы.", part="техника")
    archive = school(named(1, "Жук", told), registers={}, order=AWARDS)
    assert archive.programs
    section = group_sheet.view(state(archive), "Г-26-1").sections[0]
    assert [line.text for line in section.words] == ["Ведёт роль лисы."]


def test_reports_name_nobody() -> None:
    """R-2.2.12, R-3.5: no name, no number of a file, in a large school and in a small one."""
    for archive in (short(), long()):
        for view, address in (
            (self_examination.view, "2026"), (management.view, "2026"), (management.view, "2026-2"),
        ):  # fmt: skip
            said = repr(view(state(archive), address))
            for student in archive.students.values():
                assert student.id not in said
                assert student.person
                assert str(student.person.name.surname) not in said


def test_reports_do_not_depend_on_the_order_of_the_files() -> None:
    people = many()[:40]
    one = school(*people, registers={}, order=AWARDS)
    other = school(*reversed(people), registers={}, order=AWARDS)
    for view in (self_examination.view, management.view):
        assert view(state(one), "2026") == view(state(other), "2026")


def test_published_counts_are_never_small() -> None:
    found = self_examination.view(state(short()), "2026")
    people = [table for table in found.tables if table.title != "Мероприятия и независимая оценка"]
    shown = {cell for table in people for row in table.rows for cell in row[table.words :]}
    rows = [row for table in people for row in table.rows if row[0] == "Педагогические работники"]
    assert rows == [("Педагогические работники", "1", "")]
    assert shown - {"0", "*", "", "1"} == set()


def test_management_counts_marks_on_their_own_scale() -> None:
    """R-2.2.3: nothing is averaged, an ongoing mark is no result, no mark is told as such."""
    people = (
        named(1, "Жук", result(1, D(2026, 11, 1), mark=5, control="за период")),
        named(2, "Ёж", result(1, D(2026, 11, 1), mark=2, control="за период")),
        named(3, "Уж", result(1, D(2026, 11, 1), mark=5)),
        named(4, "Чиж", result(1, D(2026, 11, 1), mark="не аттестован", control="итоговый")),
    )
    found = management.view(state(school(*people, registers={}, order=AWARDS)), "2026-2")
    table = next(table for table in found.tables if "Пятибалльная" in table.title)
    assert table.rows == (
        ("Гитара с нуля", "Г-26-1", "Техника игры", "2\u00a0—\u00a01; 5\u00a0—\u00a01",
         "1", "33\u00a0%", "1", "1", "0", "1"),
    )  # fmt: skip
    debts = next(table for table in found.tables if "задолженности" in table.title)
    assert debts.rows == (("Гитара с нуля", "Г-26-1", "2", "0", "2", "0"),)


def test_a_share_is_all_or_none_only_where_it_is() -> None:
    told = [management.percent(*pair) for pair in ((0, 9), (1, 999), (1, 2), (998, 999), (9, 9))]
    assert told == [0, 1, 50, 99, 100]


def test_a_long_scale_is_told_in_bands_of_which_each_mark_is_in_one() -> None:
    marks = (0, 20, 21, 60, 61, 80.5, 100)
    people = [
        named(
            at, f"Жук{'а' * at}", result(1, D(2026, 11, 1), "теория", mark=mark, control="итоговый")
        )
        for at, mark in enumerate(marks, 1)
    ]
    found = management.view(state(school(*people, registers={}, order=AWARDS)), "2026-2")
    table = next(table for table in found.tables if "Стобалльная" in table.title)
    assert [row[3].replace("\u00a0", " ") for row in table.rows] == [
        "0–20 — 2; 21–40 — 1; 41–60 — 1; 61–80 — 1; 81–100 — 2"
    ]


def test_what_was_mastered_stands_beside_the_period_before_and_only_where_both_have_results() -> (
    None
):
    def marked(at: int, spring: int | None, autumn: int | None) -> Student:
        made = named(at, f"Жук{'а' * at}")
        days = {"2026-1": (spring, D(2026, 5, 1)), "2026-2": (autumn, D(2026, 11, 1))}
        periods = {
            period: (result(1, day, mark=mark, control="за период"),)
            for period, (mark, day) in days.items()
            if mark is not None
        }
        student: Student = replace(made, periods=periods)
        return student

    people = (marked(1, 5, 2), marked(2, 2, 4), marked(3, 4, 5), marked(4, None, 3))
    archive = school(*people, registers={}, order=AWARDS)
    found = management.view(state(archive), "2026-2")
    change = next(table for table in found.tables if "предыдущим" in table.title)
    assert [tuple(cell.replace("\u00a0", " ") for cell in row) for row in change.rows] == [
        ("Гитара с нуля", "Техника игры", "2 из 3", "67 %", "3 из 4", "75 %", "+8")
    ]
    assert change.note.startswith("Раньше — 1 полугодие 2026 года.")
    first = management.view(state(archive), "2026-1")
    change = next(table for table in first.tables if "предыдущим" in table.title)
    assert (change.rows, change.note) == (
        (), "Предыдущего периода в архиве нет: сравнивать не с чем.",
    )  # fmt: skip


def test_a_bar_shows_every_part_of_every_student_once() -> None:
    people = (
        named(1, "Жук", result(1, D(2026, 11, 1), mark=5, control="за период")),
        named(2, "Ёж", result(1, D(2026, 11, 1), mark=2, control="за период")),
    )
    (bar,) = management.view(state(school(*people, registers={}, order=AWARDS)), "2026-2").bars
    counts = {piece.kind: piece.count for piece in bar.pieces}
    assert (bar.program, bar.group, bar.total) == ("Гитара с нуля", "Г-26-1", 6)
    assert counts == {"passed": 1, "failed": 1, "nothing": 4}
    assert round(sum(piece.width for piece in bar.pieces)) == 360
    assert bar.pieces[1].x == bar.pieces[0].width


def _needing(*people: Student, period: str = "2026-2", on: dt.date = TODAY) -> dict[str, list[str]]:
    archive = school(*people, registers={}, order=AWARDS)
    found = attention.view(state(archive, on), period)
    assert bool(found.rows) != bool(found.empty)
    return {row.name.split(" ")[0]: [*row.reasons] for row in found.rows}


def _marked(at: int, name: str, *marks: tuple[str, dt.date, int | str]) -> Student:
    periods: dict[str, tuple[Result, ...]] = {}
    for number, (period, day, mark) in enumerate(marks, 1):
        told = result(number, day, mark=mark, control="за период")
        periods[period] = (*periods.get(period, ()), told)
    student: Student = replace(named(at, name), periods=periods)
    return student


_SPRING, _AUTUMN = ("2026-1", D(2026, 5, 1)), ("2026-2", D(2026, 11, 1))


def test_who_needs_help_is_named_with_the_reason_and_nobody_else() -> None:
    """R-2.2.2: a debt, a blank, a fall of one's own marks; never a place among others."""
    found = _needing(
        _marked(1, "Жук", (*_AUTUMN, 2)),
        _marked(2, "Ёж", ("2026-1", D(2026, 3, 1), 5), (*_SPRING, 4), (*_AUTUMN, 3)),
        _marked(3, "Уж", (*_SPRING, 3), ("2026-2", D(2026, 10, 1), 5), (*_AUTUMN, 4)),
        on=D(2026, 12, 1),
    )
    assert [*found] == ["Ёж", "Жук"]
    (fall,) = found["Ёж"]
    (debt,) = found["Жук"]
    assert fall.startswith("собственные отметки снижаются: Техника игры, 5")
    assert debt.startswith("задолженность: Техника игры — 2")


def test_a_part_without_a_mark_is_a_reason_only_when_the_period_is_over() -> None:
    child = _marked(1, "Жук", (*_AUTUMN, 5))
    assert _needing(child, on=D(2026, 12, 1)) == {}
    over = _needing(child, on=D(2027, 2, 1))
    assert over == {"Жук": ["нет отметки за период: Теория музыки, Игра в ансамбле"]}


def test_a_debt_that_was_passed_and_a_fall_of_long_ago_are_no_reason() -> None:
    failed = result(1, D(2026, 10, 1), mark=2, control="за период")
    passed = with_fields(result(2, D(2026, 11, 1), mark=4, control="за период"), resits="r1")
    settled = replace(named(1, "Жук"), periods={"2026-2": (failed, passed)})
    fallen = _marked(
        2, "Ёж", *(("2026-1", D(2026, 3, day), mark) for day, mark in ((1, 5), (2, 4), (3, 3)))
    )
    assert _needing(settled, fallen, on=D(2026, 12, 1)) == {}


def test_nobody_is_counted_twice() -> None:
    twin = named(2, "Жук")
    assert twin.person
    twin = replace(twin, person=with_fields(twin.person, duplicate_of="2026-0001"))
    archive = school(named(1, "Жук"), twin, registers={}, order=AWARDS)
    found = management.view(state(archive), "2026")
    assert found.tables[0].note.startswith("Всего обучающихся: 1;")


@pytest.mark.parametrize("address", ["2027", "26", "год", "2026-3"])
def test_a_report_on_what_is_not_there_is_refused(address: str) -> None:
    for view in (self_examination.view, management.view):
        with pytest.raises(NotFound):
            view(state(short()), address)


def test_restricted_records_are_in_no_form() -> None:
    """R-4.2, R-2.2.7"""
    secret = "Наблюдение педагога"
    seen = Diagnostic(
        id="g1", enrolment="e1", date=D(2026, 10, 1), assessed_by="s003", tool="беседа", text=secret
    )
    archive = short()
    archive = replace(archive, students={"2026-0007": replace(AGLAYA, diagnostics=(seen,))})
    for form in every_form():
        for address in form.targets(archive):
            said = repr(form.view(state(archive), address))
            assert secret not in said
            assert not re.search(r"диагностик", said)


def test_a_book_of_a_series_that_is_not_declared_is_called_by_its_name() -> None:
    found = register.view(state(replace(book("0001", "0003"), series={})), "certificates/2026")
    assert found.heading == "certificates, 2026\u00a0год"
    known = register.view(state(book("0001")), "certificates/2026")
    assert known.heading == "Сертификаты, 2026\u00a0год"


def test_a_group_that_is_not_there_is_answered_with_the_nearest() -> None:
    with pytest.raises(NotFound) as refused:
        group_sheet.view(state(short()), "Г-26-2")
    assert refused.value.message == "Группы «Г-26-2» в архиве нет"
    assert "records/organization.yaml, раздел groups." in refused.value.next_step
    assert "«Г-26-1»" in refused.value.next_step


def test_a_group_sheet_is_of_the_period_that_had_begun_last() -> None:
    for on, period in (
        (D(2026, 1, 1), "1 полугодие 2026 года"),
        (D(2026, 6, 30), "1 полугодие 2026 года"),
        (D(2026, 7, 1), "2 полугодие 2026 года"),
        (D(2027, 5, 1), "2 полугодие 2026 года"),
    ):
        assert group_sheet.view(state(short(), on), "Г-26-1").period == period
    with pytest.raises(NotFound) as refused:
        group_sheet.view(state(short(), D(2025, 12, 31)), "Г-26-1")
    assert refused.value.message == "К 31.12.2025 ни один учебный период не начался"
    assert refused.value.next_step == (
        "Периоды объявлены в records/organization.yaml, раздел periods"
    )


def test_a_group_whose_programme_and_teacher_are_not_described_has_an_empty_sheet() -> None:
    archive = short()
    group = with_fields(archive.groups["Г-26-1"], program="flute", teacher=None)
    (enrolment,) = AGLAYA.enrolments
    stranger = replace(AGLAYA, enrolments=(with_fields(enrolment, program="flute"),))
    archive = replace(archive, groups={"Г-26-1": group}, students={"2026-0007": stranger})
    found = group_sheet.view(state(archive), "Г-26-1")
    assert (found.program, found.teacher.name, found.sections) == ("flute", "", ())


def test_a_part_without_a_scale_and_marks_has_words_and_no_empty_table() -> None:
    archive = school(
        named(1, "Жук", result(1, D(2026, 10, 1), "техника", text="Ведёт роль.")),
        registers={}, order=AWARDS,
    )  # fmt: skip
    guitar = archive.programs["guitar"]
    (edition,) = guitar.editions
    parts = tuple(with_fields(part, scale=None) for part in edition.parts)
    program = with_fields(guitar, editions=(with_fields(edition, parts=parts),))
    found = group_sheet.view(state(replace(archive, programs={"guitar": program})), "Г-26-1")
    assert {section.tables for section in found.sections} == {()}
    assert {section.scale for section in found.sections} == {
        "без отметок, результат описан словами"
    }
    assert [line.text for line in found.sections[0].words] == ["Ведёт роль."]


def test_a_student_without_rows_of_an_export_has_no_printout() -> None:
    archive = school(replace(AGLAYA, raw={}), registers={}, order=AWARDS)
    with pytest.raises(NotFound) as refused:
        platform_printout.view(state(archive), "2026-0007")
    assert refused.value.message == "В деле 2026-0007 нет строк из выгрузок платформ"
    assert refused.value.next_step == "Выгрузки принимает papka take"


def test_only_events_of_the_year_are_in_its_report() -> None:
    archive = short()
    (event,) = archive.events.values()
    events = {
        f"{day.year}/{n}": with_fields(event, id=f"{day.year}/{n}", date=day)
        for n, day in enumerate(
            (D(2025, 12, 31), D(2026, 1, 1), D(2026, 12, 28), D(2026, 12, 29)), 1
        )
    }
    found = self_examination.view(state(replace(archive, events=events)), "2026")
    (table,) = (each for each in found.tables if each.title.startswith("Мероприятия"))
    assert table.rows == (("внеурочный план", "организация", "2"),)


@pytest.mark.parametrize("form", every_form(), ids=lambda form: form.name)
def test_what_proves_the_archive_is_always_in_use(form: PrintedForm) -> None:
    proof = {
        "backup-act",
        "destruction-act",
        "destruction-extract",
        "keys",
        "refounding",
        "safe-sheet",
        "seal",
    }
    assert form.is_of_proof == (form.name in proof)
    layout = form.layout or form.name
    assert form.template == f"{layout}/{layout}.html.j2"


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("испорчен", "испорчено"), ("заменён", "заменено"), ("аннулирован", "аннулировано"),
        (None, "не действует"),
    ],
)  # fmt: skip
def test_a_book_counts_what_counts_no_more_by_its_kind(kind: str | None, said: str) -> None:
    void = Void(reason="клякса", kind=kind)  # type: ignore[arg-type] # one of its kinds
    found = register.view(state(book("0001", "0002", void=void)), "certificates/2026")
    assert found.total.replace("\u00a0", " ") == (
        "Итого в книге 2 (две) записи, с № С-2026-0001 по № С-2026-0002; "
        f"{said} — 2; пропущенных номеров нет."
    )


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 (одна) запись, №"), (2, "2 (две) записи"), (5, "5 (пять) записей")]
)
def test_a_book_counts_its_entries(count: int, said: str) -> None:
    numbers = [f"{n:04}" for n in range(1, count + 1)]
    found = register.view(state(book(*numbers)), "certificates/2026")
    assert f"Итого в книге {said}" in found.total.replace("\u00a0", " ")
    assert (" с " in found.total.replace("\u00a0", " ")) == (count > 1)


def test_one_missing_number_and_several_are_told_apart() -> None:
    found = register.view(state(book("0002", "0005")), "certificates/2026")
    assert [row.gap.replace("\u00a0", " ") for row in found.rows if row.gap] == [
        "№ С-2026-0001 пропущен: записи нет",
        "№ С-2026-0003 — № С-2026-0004 пропущены: записей нет (2)",
    ]


def test_books_are_offered_by_series_and_year() -> None:
    archive = replace(
        short(),
        registers={
            f"issued/{key}": entry("certificates", key)
            for key in ("2026/a-b-0001", "2026/a-b-0002-а", "2025/a-b-0001", "2026/plain-x")
        },
    )
    assert list(register.FORM.targets(archive)) == ["a-b/2025", "a-b/2026", "plain/2026"]


def test_events_of_a_report_stand_by_kind_then_by_level() -> None:
    archive = short()
    (event,) = archive.events.values()
    made = [
        with_fields(event, id=f"2026/{n}", kind=kind, level=level)
        for n, (kind, level) in enumerate(
            (
                ("мероприятие", "региональный"),
                ("внеурочный план", "региональный"),
                ("внеурочный план", "организация"),
                ("внеурочный план", None),
            )
        )
    ]
    events = {each.id: each for each in made}
    found = self_examination.view(state(replace(archive, events=events)), "2026")
    (table,) = (each for each in found.tables if each.title.startswith("Мероприятия"))
    assert [row[:2] for row in table.rows] == [
        ("внеурочный план", "—"),
        ("внеурочный план", "организация"),
        ("внеурочный план", "региональный"),
        ("мероприятие", "региональный"),
    ]


def test_teachers_are_counted_whose_term_meets_the_year() -> None:
    archive = short()
    teacher = archive.staff["s003"]
    terms = (
        (None, None, 1), (D(2026, 12, 28), None, 1), (D(2026, 12, 29), None, 0),
        (None, D(2026, 1, 1), 1), (None, D(2025, 12, 31), 0),
        (D(2025, 1, 1), D(2025, 6, 1), 0), (D(2026, 3, 1), D(2026, 4, 1), 1),
    )  # fmt: skip
    for since, until, count in terms:
        staff = {**archive.staff, "s003": with_fields(teacher, since=since, until=until)}
        found = self_examination.view(state(replace(archive, staff=staff)), "2026")
        rows = {row[0]: row[1] for row in found.tables[0].rows}
        assert rows["Педагогические работники"] == str(count), (since, until)


def test_planned_results_are_hidden_below_five_people() -> None:
    def shown(count: int) -> tuple[str, ...]:
        people = [named(n, f"Жук{n}") for n in range(1, count + 1)]
        archive = school(*people, registers={}, order=AWARDS)
        found = self_examination.view(state(archive), "2026")
        (table,) = (each for each in found.tables if each.title.startswith("Планируемые"))
        return table.rows[0][table.words :]

    assert set(shown(SMALLEST - 1)) == {"*"}
    assert set(shown(SMALLEST)) != {"*"}


def exported(student: Student, archive: Archive | None = None) -> Printout:
    made = archive or school(student, registers={}, order=AWARDS)
    found: Printout = platform_printout.view(state(made), "2026-0007")
    return found


def test_rows_of_an_import_that_is_not_recorded_are_left_out() -> None:
    archive = short()
    student = archive.students["2026-0007"]
    (name,) = student.raw
    both = replace(student, raw={**student.raw, "2026-1-9.part": b"x\r\n"})
    archive = replace(archive, students={"2026-0007": both})
    assert len(exported(both, archive).exports) == 1
    alone = replace(archive, students={"2026-0007": replace(both, raw={"2026-1-9.part": b"x"})})
    with pytest.raises(NotFound):
        exported(both, alone)
    assert platform_printout.import_of(name) == "2026-2/1"


def test_a_printout_names_a_platform_that_is_not_declared_by_its_code() -> None:
    archive = short()
    student = archive.students["2026-0007"]
    (told,) = exported(student, archive).exports
    assert told.title == "Платформа «Курс.Онлайн»"
    assert "основание использования: договор" in told.about
    (bare,) = exported(student, replace(archive, platforms={})).exports
    assert bare.title == "Платформа «kurs»"
    assert "основание использования" not in bare.about


def test_rows_that_cannot_be_read_are_said_to_be_so() -> None:
    archive = short()
    student = archive.students["2026-0007"]
    (name,) = student.raw
    broken = replace(student, raw={name: b"\xff\xfe\xff"})
    (told,) = exported(broken, replace(archive, students={"2026-0007": broken})).exports
    assert told.rows == ()
    assert told.about.startswith("Выгрузка №\u00a02026-2/1, принята 26.12.2026; кто принял:")
    whole = exported(student, archive).exports[0].about
    assert told.about.startswith(f"{whole} ")
    assert len(told.about) > len(whole) + 10
