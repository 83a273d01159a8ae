"""A group's table, notes beside results, signatures, messages of a save: each where it is due."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from msgspec.structs import replace as with_fields

from papka.desk.saving import save_message
from papka.paper.chart import Plot, charts
from papka.paper.form import SignatureLine, State, of_clerk, of_head, page, source
from papka.paper.forms.group_sheet import Member, tables_of, words_of
from papka.paper.result_tables import results
from papka.records.archive import Archive
from papka.records.derived.headcount import Enrolled
from papka.records.school import ProgramPart, Scale, StaffMember
from papka.records.search import fits, is_number_of
from papka.records.search import words_of as asked_words
from papka.records.student import Ended, Mark, Result, Shown
from papka.records.wording import long_day, scale_rule
from tests.paper.conftest import COMMIT, MOMENT
from tests.paper.invented_school import AGLAYA, GUITAR, STAFF, archive, result
from tests.paper.test_none_one_two_many import compare

D = dt.date
NBSP = "\u00a0"
(ENROLMENT,) = AGLAYA.enrolments
(PARTS,) = (edition.parts for edition in GUITAR.editions)
TECHNIQUE, THEORY, _ENSEMBLE = PARTS


def member(*marks: Result, part: ProgramPart = TECHNIQUE, **keys: Any) -> Member:  # noqa: ANN401 - fields by name
    enrolment = with_fields(ENROLMENT, **{"ended": None, **keys.pop("enrolment", {})})
    student = replace(
        AGLAYA, periods={"2026-2": marks}, enrolments=(enrolment,), **{"credits": (), **keys}
    )
    return Member(archive(student), Enrolled(student, enrolment), part, "2026-2")


def day(number: int) -> dt.date:
    return D(2026, 11, number)


def test_what_holds_at_the_end_is_no_ongoing_mark() -> None:
    current, final = result(1, day(1), mark=5), result(2, day(2), mark=4, control="за период")
    assert member().total == member(current).total == ""
    assert member(current, final).total == f"4{NBSP}(четыре)"
    assert member(result(1, day(1), mark=3, control=None)).total == f"3{NBSP}(три)"
    words = result(1, day(1), control=None, text="Ведёт роль.")
    assert member(words).total == ""


def test_what_is_not_studied_or_was_credited_says_so() -> None:
    assert member(enrolment={"individual_parts": ("теория",)}).total == "не изучает"
    assert member(enrolment={"individual_parts": ("техника",)}).total == ""
    (credit,) = AGLAYA.credits
    (item,) = credit.items
    for mark, total in ((80, f"зачтена: 80 из{NBSP}100"), (None, "зачтена")):
        full = with_fields(item, decision="зачесть", mark=mark)
        known = (with_fields(credit, items=(full,)),)
        assert member(part=THEORY, credits=known).total == total
    assert member(part=ProgramPart(part="нет", title="Нет", hours=1)).total == ""


def test_a_part_is_a_students_when_its_scale_is_the_same() -> None:
    assert member().has_part
    assert not member(part=with_fields(TECHNIQUE, scale=None)).has_part
    assert not member(part=with_fields(TECHNIQUE, part="нет")).has_part
    assert not member(enrolment={"program": "flute"}).has_part


def test_only_results_of_the_study_and_the_part_are_in_its_column() -> None:
    mine = result(1, day(1), mark=5)
    others = (
        with_fields(mine, id="r2", enrolment="e2"), with_fields(mine, id="r3", part="теория"),
        with_fields(mine, id="r4", kind="личностный"),
    )  # fmt: skip
    found = member(mine, *others)
    assert [each.id for each in found.results] == ["r1"]
    late, early = result(1, day(9), mark=5), result(2, day(2), mark=4)
    assert [each.id for each in member(late, early).results] == ["r2", "r1"]


def test_teachers_stand_once_in_the_order_of_their_results() -> None:
    by = [result(n, day(n), mark=5, assessed_by=who) for n, who in
          enumerate(("s003", "s002", "s003", None, "s404"), 1)]  # fmt: skip
    assert member(*by).teachers == f"Глинкина В.{NBSP}И., Чайкин Б.{NBSP}Б., s404"


def test_marks_of_one_day_and_control_share_a_cell_and_a_resit_says_so() -> None:
    marks = (
        result(1, day(1), mark=2, control="за период"),
        result(2, day(3), mark=4, control="за период", resits="r1"),
        result(3, day(3), mark=5, control="за период"),
        result(4, day(3), mark=3),
    )
    (table,) = tables_of([member(*marks)])
    assert [(each.day, each.control) for each in table.occasions] == [
        ("01.11.2026", "за период"), ("03.11.2026", "за период"), ("03.11.2026", "текущий"),
    ]  # fmt: skip
    assert table.lines[0].cells == ("2", "4 (пересдача); 5", "3")
    assert (table.caption, table.is_last) == ("", True)


def test_who_left_is_noted_and_a_group_without_marks_has_one_empty_table() -> None:
    left = member(enrolment={"ended": Ended(date=day(5), reason="перевод")})
    (table,) = tables_of([member(), left])
    assert [(line.number, line.note) for line in table.lines] == [
        ("1", ""),
        ("2", "перевод 05.11.2026"),
    ]
    assert table.occasions == ()
    assert next(iter(tables_of([]))).lines == ()


def test_words_name_a_student_once_and_everyone_where_there_are_no_marks() -> None:
    told = [result(n, day(n), control=None, text=text) for n, text in ((1, "Раз"), (2, "Два"))]
    people = [member(), member(*told)]
    shown = [(each.number, each.day, each.text) for each in words_of(people, is_whole=False)]
    assert shown == [("2", "01.11.2026", "Раз"), ("", "02.11.2026", "Два")]
    everyone = list(words_of(people, is_whole=True))
    assert [each.number for each in everyone] == ["1", "2", ""]
    assert (everyone[0].text, everyone[0].day, everyone[0].control) == ("", "", "")
    assert everyone[1].control == "текущий контроль"


# notes beside results


def note(**keys: Any) -> str:  # noqa: ANN401 - fields by name
    made = result(1, day(1), mark=4, control="за период", **keys)
    student = replace(AGLAYA, periods={"2026-2": (made, result(9, day(9), mark=5))})
    (view,) = results(archive(student), student)
    row = next(row for row in view.groups[0].rows if row.number == "1")
    return row.note.replace(NBSP, " ")


def test_a_note_says_only_what_other_columns_do_not() -> None:
    assert note() == ""
    assert note(kind="внеурочный") == "внеурочный"
    assert note(origin="внеурочный план") == "внеурочный план"
    assert note(event="2026/02") == "«Весенний концерт» (уровень организации)"
    assert note(origin="внеурочный план", event="2026/02") == (
        "внеурочный план — «Весенний концерт» (уровень организации)"
    )
    assert note(reason="Описка") == "Описка"
    assert note(replaces="r9", reason="Описка") == "исправление записи 9: Описка"
    assert note(replaces="r9") == "исправление записи 9"
    assert note(resits="r404") == "пересдача записи r404"
    assert note(resit_by=day(30)) == "пересдать до 30.11.2026"
    assert note(text="Старалась.") == "Старалась."
    assert note(shows=(Shown(outcome="этюды", level="да"),), text="Да.") == (
        "Играет три этюда первой ступени — да; Да."
    )


# the rest


def test_the_one_clerk_in_office_signs_and_nobody_where_that_is_not_sure() -> None:
    def signed(*staff: StaffMember) -> SignatureLine:
        found = replace(archive(), staff={str(n): each for n, each in enumerate(staff)})
        return of_clerk(found)

    clerk = STAFF[1]
    gone = with_fields(clerk, id="s009", until=D(2026, 1, 1))
    assert signed(*STAFF).post == "Делопроизводитель"
    assert signed(*STAFF, gone).post == "Делопроизводитель"
    for nobody in (
        signed(),
        signed(STAFF[0]),
        signed(gone),
        signed(clerk, with_fields(clerk, id="s9")),
    ):
        assert nobody == SignatureLine()
    head = of_head(archive(), D(2026, 1, 1), "Верно")
    assert (head.name, head.heading) == (f"А.{NBSP}Ю.{NBSP}Нилова", "Верно")
    nowhere = replace(archive(), organization=None)
    assert of_head(nowhere, D(2026, 1, 1), "Верно") == SignatureLine(heading="Верно")


@pytest.mark.parametrize("commit", [COMMIT, None])
def test_a_paper_says_of_which_state_and_day_it_is(commit: str | None) -> None:
    now = State(archive(), MOMENT, MOMENT.date(), commit)
    past = State(archive(), MOMENT, D(2026, 3, 1), commit, is_past=True)
    told = (
        "Напечатано по состоянию электронного архива на 28.12.2026, сохранение 0123456789ab"
        if commit
        else "Напечатано 28.12.2026 по сведениям, не сохранённым в архиве"
    )
    assert source(now) == told
    assert source(past) == f"{told}; сведения на 01.03.2026"
    for is_draft, mark in ((False, ""), (True, "НЕ УТВЕРЖДЕНО")):
        stamp = mark if commit else "НЕ СОХРАНЕНО"
        shown = page(now, "Лист", is_draft=is_draft)
        assert (shown.title, shown.stamp, shown.created) == ("Лист", stamp, "2026-12-28T07:00:00Z")


def test_two_marks_of_one_day_and_far_days_stand_apart_in_a_chart() -> None:
    def across(*days: int) -> list[float]:
        marks = tuple(result(n, D(2026, 9, 1) + dt.timedelta(days=d), mark=3 + n % 3)
                      for n, d in enumerate(days, 1))  # fmt: skip
        student = replace(AGLAYA, periods={"2026-2": marks})
        (chart,) = charts(archive(student), student)
        return [point.x for point in chart.plots[0].points]

    same = across(0, 0)
    assert same[0] == same[1]
    far = across(0, 10, 100)
    assert far[0] == same[0]
    assert (far[1] - far[0]) * 9 == pytest.approx(far[2] - far[1])
    assert across(0, 1)[1] == far[2]


def _plot_of(marks: list[tuple[str, dt.date, int | str]]) -> Plot:
    periods: dict[str, tuple[Result, ...]] = {}
    for number, (period, day, mark) in enumerate(marks, 1):
        periods[period] = (*periods.get(period, ()), result(number, day, mark=mark))
    student = replace(AGLAYA, periods=periods)
    (chart,) = charts(archive(student), student)
    return chart.plots[0]


def test_more_marks_than_can_be_told_apart_are_the_median_and_span_of_each_period() -> None:
    spring = [("2026-1", D(2026, 2, 1) + dt.timedelta(days=n), 2 + n % 3) for n in range(61)]
    autumn = [("2026-2", D(2026, 9, 1) + dt.timedelta(days=n), 5) for n in range(63)]
    plot = _plot_of([*spring, *autumn])
    assert [point.label for point in plot.points] == ["3", "5"]
    ((x, top, bottom),) = plot.spans  # all marks of the autumn are alike
    assert x == plot.points[0].x
    assert top < plot.points[0].y < bottom
    assert plot.summary.replace("\u00a0", " ").startswith("124 оценки: первая 2")
    assert plot.summary.endswith("знак — медиана за период, черта — от низшей до высшей")


def test_of_one_period_the_months_are_told_apart_and_no_mark_is_invented() -> None:
    marks: list[tuple[str, dt.date, int | str]] = [
        ("2026-2", D(2026, 9 + n // 22, 1 + n % 22), (2, 5)[n % 2]) for n in range(66)
    ]
    plot = _plot_of(marks)
    assert [point.label for point in plot.points] == ["2", "2", "2"]
    assert "медиана за месяц" in plot.summary
    few = _plot_of(marks[:60])
    assert (len(few.points), few.spans) == (60, ())
    absent = _plot_of([*marks, *(("2026-2", D(2026, 12, day), "не аттестован") for day in (1, 2))])
    assert [point.is_missing for point in absent.points] == [False, False, False, True]


def saved(*paths: str, before: Archive | None = None, after: Archive | None = None) -> str:
    return save_message(before.students if before else {}, after.students if after else {}, paths)


FOLDER = AGLAYA.folder


def test_a_save_names_what_it_changed_by_file_and_by_entry() -> None:
    assert saved(f"{FOLDER}/student.yaml") == "2026-0007: карточка\n\n2026-0007: карточка\n"
    assert saved(f"{FOLDER}/.salt").startswith("2026-0007: соль\n")
    assert saved("records/staff.yaml", "other.txt") == (
        "other.txt; сотрудники\n\nother.txt\nсотрудники\n"
    )
    kinds = saved(f"{FOLDER}/results/2026-1.yaml", f"{FOLDER}/attachments/a.pdf",
                  f"{FOLDER}/attachments/b.pdf", f"{FOLDER}/documents.yaml")  # fmt: skip
    assert kinds.startswith("2026-0007: сканы, опись, результаты 2026-1\n")
    one, changed = (result(1, day(1), mark=mark) for mark in (4, 5))
    two = result(2, day(2), mark=5)
    bare = replace(AGLAYA, periods={})
    for was, now, told in (
        ((), (one,), " (+r1)"), ((one,), (changed,), " (изменены r1)"), ((one,), (one,), ""),
        ((one,), (changed, two), " (+r2, изменены r1)"), ((one, two), (one,), ""),
    ):  # fmt: skip
        old, new = (archive(replace(bare, periods={"2026-2": each})) for each in (was, now))
        words = saved(f"{FOLDER}/results/2026-2.yaml", before=old, after=new)
        assert words.split("\n\n")[1] == f"2026-0007: результаты 2026-2{told}\n"


def test_a_long_subject_counts_files_and_one_file_is_cut() -> None:
    many = [f"records/students/2026/2026-{n:04}/student.yaml" for n in range(1, 6)]
    assert saved(*many).split("\n")[0] == "Личные дела: 5"
    assert saved(*many, "records/staff.yaml").split("\n")[0] == "Личные дела: 5; прочие записи: 1"
    others = [f"records/orders/2026/{n:04}.yaml" for n in range(1, 9)]
    assert saved(*others).split("\n")[0] == "Прочие записи: 8"
    names = "student enrolments credits awards consents documents notices"
    own = [f"{FOLDER}/{name}.yaml" for name in names.split()]
    subject = saved(*own).split("\n")[0]
    assert subject.endswith("…")
    assert len(subject) == 72
    assert saved(*own).split("\n")[2].startswith(subject[:-1])


def test_a_word_of_a_search_begins_a_word() -> None:
    for word, text, hit in (
        ("лунн", "абрикосова-лунная", True), ("9", "19", False), ("9", "19 9", True),
        ("9", "1-9", True), ("-9", "1-9", True), ("лун", "клун лунь", True), ("ун", "лунь", False),
    ):  # fmt: skip
        assert fits(word, text) is hit, (word, text)
    for word, hit in (
        ("7", True), ("2026-7", True), ("2025-7", False), ("0007", True), ("2026-8", False),
        ("-7", False), ("семь", False), ("2026-", False),
    ):  # fmt: skip
        assert is_number_of(word, "2026-0007") is hit, word
    assert asked_words(["№ 7,", "«Ёлка»", "а—б", ";"]) == ("7", "елка", "а-б")


# charts


def drawn(scale: Scale, *marks: Mark, approved: tuple[str, ...] = ()) -> list[str]:
    """Rules and ticks of a plot of these marks, a day apart, and where its points stand."""
    part = with_fields(TECHNIQUE, scale=scale.scale)
    (edition,) = GUITAR.editions
    program = with_fields(GUITAR, editions=(with_fields(edition, parts=(part,)),))
    results_ = tuple(result(n, day(n), mark=mark) for n, mark in enumerate(marks, 1))
    student = replace(AGLAYA, periods={"2026-2": results_})
    found = replace(
        archive(student, approved=approved),
        programs={"guitar": program},
        scales={scale.scale: scale},
    )
    (plot,) = (plot for chart in charts(found, student) for plot in chart.plots)
    rules = ", ".join(f"{r.y:g} {r.label}{'*' if r.is_pass else ''}" for r in plot.rules)
    ticks = ", ".join(f"{t.x:g} {t.label}" for t in plot.ticks)
    points = "; ".join(
        f"{p.x:g} {p.y:g} {p.label}{'' if p.passes else ' fails'}{' draft' if p.is_draft else ''}"
        f"{' missing' if p.is_missing else ''}"
        for p in plot.points
    )
    return [rules, ticks, points, f"{plot.height:g} {plot.radius:g} {len(plot.line)}"]


def test_a_plot_stands_on_the_steps_of_its_own_scale(*, update: bool) -> None:
    five = Scale(scale="5", title="5", lowest=2, highest=5, pass_mark=3)
    found = []
    for name, scale, marks in (
        ("five", five, (2, 5, 3)),
        ("without a threshold", with_fields(five, pass_mark=None), (2, 5)),
        ("from nothing", Scale(scale="0", title="0", lowest=0, highest=6, pass_mark=1), (0, 6)),
        ("seven steps", Scale(scale="7", title="7", lowest=0, highest=7, pass_mark=4), (0, 7)),
        ("seven without a threshold", Scale(scale="7", title="7", lowest=0, highest=7), (1, 7)),
        ("halves", Scale(scale="½", title="½", lowest=1, highest=3, step=0.5, pass_mark=1.5),
         (1, 1.5, 3)),
        ("a single height", Scale(scale="1", title="1", lowest=4, highest=4), (4, 4)),
        ("words", Scale(scale="w", title="w", marks=("нет", "почти", "да"), passing_marks=("да",)),
         ("да", "нет", "почти")),
        ("one word", Scale(scale="w", title="w", marks=("да",), passing_marks=("да",)),
         ("да", "да")),
        ("not attested", five, (4, "не аттестован")),
        ("many", five, (3, 4) * 7),
        ("very many", five, (3, 4) * 14),
    ):  # fmt: skip
        found += [f"=== {name} ===", *drawn(scale, *marks)]
    found += ["=== approved ===", *drawn(five, 2, 5, approved=("2026-2",))]
    compare("charts", found, update=update)


# words and figures


def test_every_month_has_its_name() -> None:
    names = (
        *("января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа"),
        *("сентября", "октября", "ноября", "декабря"),
    )
    assert [long_day(D(2026, month, 9)) for month in range(1, 13)] == [
        f"9{NBSP}{name}{NBSP}2026{NBSP}г." for name in names
    ]


def test_a_scale_tells_its_range_and_what_passes() -> None:
    for scale, words in (
        (Scale(scale="a", title="А", lowest=2, highest=5, pass_mark=3),
         "А: от 2 до 5; освоено — от 3"),
        (Scale(scale="a", title="А", lowest=0.5, highest=9.5, pass_mark=2.5),
         "А: от 0,5 до 9,5; освоено — от 2,5"),
        (Scale(scale="a", title="А", lowest=0, highest=5), "А: от 0 до 5"),
        (Scale(scale="a", title="А", marks=("да", "нет"), passing_marks=("да",)),
         "А: да, нет; освоено — «да»"),
        (Scale(scale="a", title="А", marks=("да", "ну"), passing_marks=("да", "ну")),
         "А: да, ну; освоено — «да», «ну»"),
        (Scale(scale="a", title="А", marks=("да",)), "А: да; освоено — не определено"),
    ):  # fmt: skip
        assert scale_rule(scale).replace(NBSP, " ") == words
