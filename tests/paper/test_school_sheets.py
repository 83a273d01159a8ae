"""The card, extracts, year sheets, books and lists: what each says, and when it does not say it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from msgspec.structs import replace as with_fields

from papka.core.errors import NotFound
from papka.paper.forms import (
    file_sheets,
    order,
    register,
    restricted_sheets,
    school_books,
    self_examination,
    year_sheet,
)
from papka.paper.forms.self_examination import HIDDEN, SelfExamination
from papka.paper.plain_sheet import PlainSheet
from papka.records.acts import OrderItem
from papka.records.archive import Archive
from papka.records.school import Regulation, RegulationEdition
from papka.records.student import CreditItem, Diagnostic, Need, Student, Volume
from tests.paper.conftest import TODAY, state
from tests.paper.forms_school import AWARDS, COPIES, entry, school
from tests.paper.invented_school import AGLAYA, ORDERS, PERSON

D = dt.date
ID = "2026-0007"


def of(*students: Student, **beside: object) -> Archive:
    found = school(*students, registers={}, order=AWARDS)
    return replace(found, **beside)  # type: ignore[arg-type]  # fields of Archive by name


def words(sheet: PlainSheet) -> str:
    """All that is printed of a sheet: of a table its rows, or what it says without any."""
    tables = [row for table in sheet.tables for row in table.rows or [(table.absence,)]]
    cells = [cell for row in tables for cell in row]
    return "\n".join((*sheet.texts, *(f.text for f in sheet.facts), *cells, *sheet.notes))


# one personal file


def test_a_card_without_a_study_says_nothing_of_debts() -> None:
    """R-5.2: absence of debts is a fact about somebody who studies."""
    bare = replace(AGLAYA, enrolments=(), periods={}, credits=())
    absent = "академических задолженностей нет"
    assert absent not in words(file_sheets.show_card(state(of(bare)), ID))
    studies = replace(AGLAYA, periods={})
    assert absent in words(file_sheets.show_card(state(of(studies)), ID))
    assert absent not in words(file_sheets.show_card(state(of(AGLAYA)), ID))


def test_a_card_has_nothing_of_the_restricted_archive() -> None:
    """R-4.2, R-2.2.7"""
    need = Need(id="s1", date=D(2026, 1, 1), basis="заключение", text="Нужен крупный шрифт")
    found = file_sheets.show_card(state(of(replace(AGLAYA, needs=(need,)))), ID)
    assert "крупный" not in words(found)


@pytest.mark.parametrize(
    ("on", "is_draft", "says"),
    [(D(2026, 12, 28), False, "Период ещё идёт"), (D(2027, 1, 11), True, "Не утверждены")],
)
def test_a_card_is_a_draft_when_a_period_is_over_and_not_approved(
    on: dt.date, says: str, *, is_draft: bool
) -> None:
    """R-5.6"""
    archive = school(AGLAYA, registers={}, order=AWARDS, approved=("2026-1",))
    found = file_sheets.show_card(state(archive, on), ID)
    assert (found.page.stamp == "НЕ УТВЕРЖДЕНО") == is_draft
    (note,) = found.notes
    assert note.startswith(says)


def test_a_card_in_place_of_a_file_stands_only_while_it_is_out() -> None:
    """R-6.6"""
    found = file_sheets.show_lending(state(of(AGLAYA)), ID)
    assert [row[:3] for row in found.tables[0].rows] == [
        ("10.02.2026", "Инспектор Ковылин", "17.02.2026")
    ]
    assert "Выдано томов" not in dict(found.facts)
    with pytest.raises(NotFound, match="никому не выдано"):
        file_sheets.show_lending(state(of(AGLAYA), D(2026, 2, 9)), ID)
    assert PERSON.paper
    bound = Volume(volume=1, bound=D(2026, 1, 20), sheets=12, signed_by="s001")
    person = with_fields(PERSON, paper=with_fields(PERSON.paper, volumes=(bound,)))
    found = file_sheets.show_lending(state(of(replace(AGLAYA, person=person))), ID)
    assert dict(found.facts)["Выдано томов"] == "1\u00a0том, 12\u00a0листов"


CREDIT = with_fields(
    AGLAYA.credits[0],
    decided=D(2026, 2, 1),
    order="2026/0001",
    items=(
        *AGLAYA.credits[0].items,
        CreditItem(
            their_subject="Танец", their_result="4", decision="отказать", reason="Нет в программе"
        ),
    ),
)


def test_a_certificate_of_credit_repeats_the_decision_on_each_subject() -> None:
    """R-2.2.9"""
    archive = of(replace(AGLAYA, credits=(CREDIT,)))
    found = file_sheets.show_credit(state(archive), f"{ID}#k1")
    assert found.texts[0].startswith("Дана Абрикосовой-Лунной Аглае Тихоновне в том, что")
    assert dict(found.facts)["Решение"] == (
        "от\u00a001.02.2026\nприказ №\u00a01-к от\u00a014.01.2026"
    )
    assert found.tables[0].rows == (
        (
            "Музыкальная грамота", "отлично",
            "зачесть частично\nСодержание совпадает наполовину",
            "Теория музыки\n17\u00a0часов\n80 из\u00a0100",
        ),
        ("Танец", "4", "отказать\nНет в программе", "—"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("decided", "order_", "is_certified"),
    [
        (None, None, False),
        (D(2027, 2, 1), None, False),
        (D(2027, 2, 1), "2026/0001", False),
        (None, "2026/0001", True),
    ],
)
def test_before_the_decision_nothing_about_credit_is_certified(
    decided: dt.date | None, order_: str | None, *, is_certified: bool
) -> None:
    """The order on credit is the decision where no other day is written down."""
    credit = with_fields(CREDIT, decided=decided, order=order_)
    archive = of(replace(AGLAYA, credits=(credit,)))
    if is_certified:
        found = file_sheets.show_credit(state(archive), f"{ID}#k1")
        assert dict(found.facts)["Решение"].startswith("от\u00a014.01.2026\n")
    else:
        with pytest.raises(NotFound, match="решения ещё нет"):
            file_sheets.show_credit(state(archive), f"{ID}#k1")


# orders


TWO = with_fields(
    AWARDS,
    items=(
        OrderItem(text="Провести концерт"),
        OrderItem(text="Наградить грамотой", students=("2026-0008#a1", f"{ID}#a1")),
        OrderItem(text="Объявить благодарность", students=("2026-0008#a2",)),
    ),
)


def _with_orders(**more: object) -> Archive:
    other = replace(
        AGLAYA, id="2026-0008", person=with_fields(PERSON, id="2026-0008", former_names=())
    )
    return of(AGLAYA, other, orders={**ORDERS, "2026/0007": TWO, **more})


def test_an_extract_has_the_points_about_one_person_and_nobody_else() -> None:
    found = order.view_extract(state(_with_orders()), f"{ID}:2026/0007")
    (point,) = found.points
    assert (point.number, point.text) == ("2.", "Наградить грамотой:")
    assert [number for number, _ in point.people] == ["2.2."]
    assert found.signature.heading == "Выписка верна"
    assert found.acquainted == ()
    with pytest.raises(NotFound, match="не сказано ничего"):
        order.view_extract(state(_with_orders()), "2026-0009:2026/0007")


def test_an_extract_says_that_its_order_was_cancelled_only_if_it_was() -> None:
    cancelling = with_fields(ORDERS["2026/0019"], cancels="2026/0007", number="19-к")
    plain = order.view_extract(state(_with_orders()), f"{ID}:2026/0007")
    assert not any("отменён" in remark for remark in plain.remarks)
    gone = _with_orders(**{"2026/0019": cancelling})
    found = order.view_extract(state(gone), f"{ID}:2026/0007")
    assert found.remarks[-1] == "Приказ отменён приказом №\u00a019-к от\u00a025.12.2026."
    book = school_books.show_orders(state(gone), "2026")
    assert [row[6] for row in book.tables[0].rows] == [
        "А.\u00a0Ю.\u00a0Нилова",
        "А.\u00a0Ю.\u00a0Нилова\nотменён приказом №\u00a019-к от\u00a025.12.2026",
        "А.\u00a0Ю.\u00a0Нилова",
    ]


# a group's year


def test_a_year_sheet_has_the_totals_of_its_periods_side_by_side() -> None:
    """R-5.4.2: an ongoing mark is no total, and nothing is averaged."""
    found = year_sheet.view(state(of(AGLAYA)), "Г-26-1")
    assert found.tables[0].columns[2:] == ("Техника игры", "Теория музыки", "Игра в ансамбле")
    assert found.tables[0].rows[0][2:] == (
        "4\u00a0(четыре); 5\u00a0(пять)", "87 из\u00a0100; не аттестован", "зачтено; —",
    )  # fmt: skip
    assert found.tables[1].rows == (("1", "Абрикосова-Лунная Аглая Тихоновна", "Теория музыки"),)
    assert found.page.stamp == ""


def test_a_year_in_which_nobody_studied_says_so_and_states_no_absence_of_debts() -> None:
    alone = with_fields(AGLAYA.enrolments[0], group=None)
    found = year_sheet.view(state(of(replace(AGLAYA, enrolments=(alone,)))), "Г-26-1")
    assert found.texts == ("В этом учебном году в группе никто не учился.",)
    assert "задолженностей" not in words(found)
    assert "В клетке" not in words(found)
    studied = year_sheet.view(state(of(replace(AGLAYA, periods={}))), "Г-26-1")
    assert studied.texts == ()
    assert "задолженностей по программе группы нет" in words(studied)


def test_a_year_sheet_of_the_first_half_knows_nothing_of_the_second() -> None:
    found = year_sheet.view(state(of(AGLAYA), D(2026, 6, 20)), "Г-26-1")
    assert "2 полугодие" not in words(found)


# books


def test_the_journal_of_media_says_no_to_what_was_not_done() -> None:
    """R-6.3"""
    unread = with_fields(COPIES[1], verified=None, verified_by=None)
    archive = school(AGLAYA, registers={}, order=AWARDS, copies=(COPIES[0], unread))
    rows = school_books.show_media(state(archive), "").tables[0].rows
    assert [row[6:8] for row in rows] == [
        ("15.01.2027\nА.\u00a0Ю.\u00a0Нилова", "16.01.2027"), ("нет", "нет"),
    ]  # fmt: skip


def test_a_list_of_closed_files_has_those_of_its_year_with_what_is_known_of_each() -> None:
    goes_on = replace(
        AGLAYA, id="2026-0008", enrolments=(with_fields(AGLAYA.enrolments[0], ended=None),)
    )
    found = school_books.show_cases(state(of(AGLAYA, goes_on)), "2026")
    (row,) = found.tables[0].rows
    assert row[1:6] == (ID, "Абрикосова-Лунная Аглая Тихоновна", "15.01.2026", "25.12.2026", "")
    with pytest.raises(NotFound):
        school_books.show_cases(state(of(AGLAYA)), "2025")


_COUNTED = "3\u00a0года с\u00a01\u00a0января следующего года; событие\u00a0—"


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (
            "окончание последнего обучения",
            f"по\u00a031.12.2029\n{_COUNTED} окончание последнего обучения",
        ),
        (
            "по уставу",
            f"{_COUNTED} по уставу",
        ),
        (None, "не назван"),
    ],
)
def test_a_closed_file_is_listed_whatever_its_term_and_with_a_last_day_only_if_it_has_one(
    since: str | None, said: str
) -> None:
    archive = of(AGLAYA)
    assert archive.organization
    (rule,) = archive.organization.retention
    rules = (with_fields(rule, since=since),) if since else ()
    own = with_fields(archive.organization, retention=rules)
    found = school_books.show_cases(state(replace(archive, organization=own)), "2026")
    (row,) = found.tables[0].rows
    assert (row[4], row[6]) == ("25.12.2026", said)


def test_a_nomenclature_doubts_a_term_that_nobody_took_on() -> None:
    """R-6.4"""
    archive = of(AGLAYA)
    assert archive.organization
    (rule,) = archive.organization.retention
    doubtful = with_fields(
        archive.organization, retention=(with_fields(rule, source="не подтверждено"),)
    )
    plain = school_books.show_units(state(archive), "2026").tables[0].rows
    doubted = (
        school_books.show_units(state(replace(archive, organization=doubtful)), "2026")
        .tables[0]
        .rows
    )
    assert "не подтверждено" not in "".join(plain[0])
    assert doubted[0][3].endswith("(не подтверждено)")
    assert [row[1:3] for row in plain] == [
        ("Личные дела обучающихся", "1"), ("Приказы", "3"), ("Выгрузки с платформ", "1"),
    ]  # fmt: skip
    assert plain[1][3:] == ("не назван", "не назван")


def test_a_book_of_names_has_each_file_once_by_the_alphabet() -> None:
    twin = replace(AGLAYA, id="2026-0008", person=with_fields(PERSON, duplicate_of=ID))
    never = replace(AGLAYA, id="2026-0009", enrolments=())
    rows = school_books.show_names(state(of(twin, AGLAYA, never)), "").tables[0].rows
    assert [row[3] for row in rows] == [ID, f"2026-0008\nдругое дело: {ID}"]


def test_a_bound_register_is_certified_by_its_numbers_and_sheets_are_left_to_the_binder() -> None:
    entries = {
        f"issued/2026/certificates-{n}": entry("certificates", f"С-2026-{n}")
        for n in ("0001", "0003")
    }
    archive = school(AGLAYA, registers=entries, order=AWARDS)
    found = register.certify(state(archive), "certificates/2026")
    assert "пронумеровано __________ (" in found.texts[0]
    assert found.texts[1].endswith("пропущено номеров\u00a0— 1.")


# the restricted archive


def _restricted(student: Student) -> Archive:
    archive = of(replace(student, person=None, enrolments=(), periods={}))
    assert archive.organization
    return replace(archive, organization=with_fields(archive.organization, kind="ограниченный"))


NEED = Need(
    id="s1", date=D(2026, 2, 1), basis="Заключение № 5", text="Нужен крупный шрифт",
    measures=("Распечатки 16 пунктом",), until=D(2026, 10, 1),
)  # fmt: skip
SEEN = Diagnostic(
    id="g1", date=D(2026, 10, 1), assessed_by="s003", tool="беседа", text="Держит ритм"
)


def test_a_plan_of_support_has_the_needs_of_its_day_and_no_name() -> None:
    """R-2.2.7"""
    archive = _restricted(replace(AGLAYA, needs=(NEED,)))
    found = restricted_sheets.show_plan(state(archive, D(2026, 9, 1)), ID)
    assert "Распечатки 16 пунктом" in words(found)
    assert "Аглая" not in words(found)
    with pytest.raises(NotFound, match="нет особых образовательных потребностей"):
        restricted_sheets.show_plan(state(archive, D(2026, 10, 2)), ID)


def test_a_summary_of_diagnoses_has_words_alone() -> None:
    """R-4.2"""
    archive = _restricted(replace(AGLAYA, diagnostics=(SEEN,)))
    assert list(restricted_sheets.DIAGNOSES.targets(archive)) == [ID]
    found = restricted_sheets.show_diagnoses(state(archive), ID)
    assert found.tables[0].rows == (
        ("01.10.2026", "В.\u00a0И.\u00a0Глинкина", "беседа", "Держит ритм", "—"),
    )


def test_in_the_main_archive_no_sheet_of_the_restricted_one_is_printed() -> None:
    archive = of(replace(AGLAYA, needs=(NEED,), diagnostics=(SEEN,)))
    for form in (restricted_sheets.PLAN, restricted_sheets.DIAGNOSES):
        assert list(form.targets(archive)) == []
        with pytest.raises(NotFound, match="только в архиве ограниченного доступа"):
            form.view(state(archive), ID)


# self-examination


def _seven(*, past: bool = False) -> tuple[Student, ...]:
    """Seven who study, two of them with an ending this year; `past`: since last year."""
    start = D(2025, 2, 1) if past else D(2026, 1, 15)
    return tuple(
        replace(
            AGLAYA, id=f"2026-{n:04}", person=with_fields(PERSON, id=f"2026-{n:04}"),
            enrolments=(
                with_fields(
                    AGLAYA.enrolments[0], start=start,
                    ended=AGLAYA.enrolments[0].ended if n < 2 else None,
                ),
            ),
        )
        for n in range(7)
    )  # fmt: skip


def test_the_report_for_the_inspector_hides_no_count_and_that_for_the_site_does() -> None:
    archive = of(*_seven())
    exact, masked = (
        form.view(state(archive), "2026")
        for form in (self_examination.EXACT, self_examination.FORM)
    )
    cells = [
        {cell for t in view.tables for row in t.rows for cell in row} for view in (exact, masked)
    ]
    assert HIDDEN not in cells[0]
    assert HIDDEN in cells[1]
    assert exact.tables[1].rows == (("—", "Гитара с нуля", "7", "2", "0", "0", "5"),)
    assert exact.tables[0].rows[0] == ("Обучающиеся, всего", "7", "")
    assert any("не для публикации" in note for note in exact.notes)
    assert not any("не для публикации" in note for note in masked.notes)
    assert [any(note.startswith(HIDDEN) for note in v.notes) for v in (exact, masked)] == [
        False, True,
    ]  # fmt: skip


def test_where_nothing_is_hidden_no_sign_is_explained() -> None:
    found = self_examination.view(state(of()), "2026")
    assert not any(note.startswith(HIDDEN) for note in found.notes)


def test_last_year_stands_beside_this_one_where_somebody_studied_then() -> None:
    now = self_examination.view_exact(state(of(*_seven())), "2026")
    assert now.tables[0].columns == ("Показатель", "Число", "Доля")
    assert "Сведений за 2025\u00a0год в архиве нет." in now.notes
    both = self_examination.view_exact(state(of(*_seven(past=True))), "2026")
    assert both.tables[0].columns == (
        "Показатель", "Число, 2025", "Число, 2026", "Доля, 2025", "Доля, 2026",
    )  # fmt: skip
    assert both.tables[0].rows[0] == ("Обучающиеся, всего", "7", "7", "", "")
    assert both.tables[3].rows[6] == ("творческая", "0", "7", "0", "7")
    assert both.tables[4].rows == (("внеурочный план", "организация", "0", "1"),)
    assert both.tables[1] == now.tables[1]
    assert not any("в архиве нет" in note for note in both.notes)


def test_a_line_of_last_year_alone_keeps_its_place_among_those_of_this_year() -> None:
    archive = of(*_seven(past=True))
    event = archive.events["2026/02"]
    more = [
        with_fields(event, id=f"e{n}", date=D(year, 3, 1), kind="мероприятие", level=level)
        for n, (year, level) in enumerate(
            [(2026, "региональный"), (2025, "всероссийский"), (2025, "муниципальный")]
        )
    ]
    events = {each.id: each for each in (event, *more)}
    found = self_examination.view_exact(state(replace(archive, events=events)), "2026")
    assert found.tables[4].rows == (
        ("внеурочный план", "организация", "0", "1"),
        ("мероприятие", "муниципальный", "1", "0"),
        ("мероприятие", "региональный", "0", "1"),
        ("мероприятие", "всероссийский", "1", "0"),
    )


def _acted(name: str, protocol: str, since: dt.date = TODAY) -> SelfExamination:
    edition = RegulationEdition(edition=1, since=since, protocol=protocol, order="2026/0001")
    act = Regulation(id=name, title="Показатели самообследования", editions=(edition,))
    found = of(*_seven())
    archive = replace(found, regulations={**found.regulations, name: act})
    return self_examination.view(state(archive), "2026")


def test_indicators_are_a_sample_until_a_local_act_adopts_them() -> None:
    sample = "приложения 5 к приказу Минобрнауки России от 10.12.2013"
    for found in (
        self_examination.view(state(of(*_seven())), "2026"),
        _acted("self-examination", "не подтверждено"),
        _acted("self-examination", "№ 2 от 11.01.2027", since=D(2027, 1, 11)),
    ):
        assert sample in found.texts[1]
        assert "не подтверждено" in found.texts[1]
    adopted = _acted("self-examination", "№ 2 от 09.01.2026")
    assert adopted.texts[1] == (
        "Показатели приняты организацией: Показатели самообследования, протокол № 2 от "
        "09.01.2026, приказ №\u00a01-к от\u00a014.01.2026."
    )


def test_the_protocol_of_the_council_is_named_where_it_is_recorded_else_a_line_is_left() -> None:
    blank = self_examination.view(state(of(*_seven())), "2026").protocol
    assert "№\u00a0______." in blank
    assert _acted("self-examination-2025", "№ 3").protocol == blank
    assert _acted("self-examination-2026", "№ 3 от 20.12.2026").protocol == (
        "Рассмотрен педагогическим советом: протокол № 3 от 20.12.2026."
    )


def test_how_many_study_is_told_as_it_is_and_each_person_once() -> None:
    people = _seven()
    twice = replace(
        people[3],
        enrolments=(
            *people[3].enrolments,
            with_fields(people[3].enrolments[0], id="e2", contract=None),
        ),
    )
    archive = of(*people[:3], twice)
    found = self_examination.count_students(state(archive, D(2026, 12, 1)), "")
    assert found.tables[0].rows == (("—", "Гитара с нуля", "4", "4"),)
    assert found.tables[0].note.startswith("Всего обучающихся: 4;")
    later = self_examination.count_students(state(archive, D(2027, 1, 1)), "")
    assert later.tables[0].rows == (("—", "Гитара с нуля", "2", "2"),)
    nobody = self_examination.count_students(state(of()), "")
    assert words(nobody).startswith("На 28.12.2026 никто не обучается.")
