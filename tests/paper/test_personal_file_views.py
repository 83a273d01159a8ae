"""What the personal file says, before anything is laid out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from msgspec.structs import replace as with_fields

from papka.paper.chart import charts
from papka.paper.form import State
from papka.paper.personal_file import Counted, FileCase, Frame, contents, frame, pieces
from papka.paper.result_tables import States, results
from papka.paper.sections import debts, levels, planned
from papka.paper.volumes import divide_volumes
from papka.records.student import Student
from tests.paper.invented_school import AGLAYA, PERSON, archive, result

DAY = dt.date(2026, 2, 1)


def case_of(student: Student, commit: str | None = "c0ffee") -> FileCase:
    moment = dt.datetime(2026, 12, 28, 10, tzinfo=dt.UTC)
    return FileCase(State(archive(student), moment, moment.date(), commit), student, PERSON)


def framed(student: Student, inventory: int | None, commit: str | None = "c0ffee") -> Frame:
    """The frame of a file with a card of two sheets, two periods and a summary of one each."""
    case = case_of(student, commit)
    counts = {"card": 2, "period-0": 1, "period-1": 1, "summary": 1}
    found = contents(case)
    chapters = {chapter.anchor: counts[chapter.anchor] for chapter in found.chapters()}
    listed = pieces(case, found, Counted(chapters, {}))
    (volume,) = divide_volumes(listed)
    return frame(case, volume, inventory)


def test_sheet_numbers_run_from_the_printed_sheets_into_the_papers() -> None:
    view = framed(AGLAYA, 2)
    assert [line.sheets for line in view.inventory.lines] == [
        "1–2", "3", "4", "5", "6–8", "9", "—", "10", "11–12",
    ]  # fmt: skip
    sheet = view.certification
    assert (sheet.count, sheet.words, sheet.noun) == ("12", "двенадцать", "листов")
    assert sheet.papers == "7\u00a0(семь) листов"
    assert sheet.inventory == "2\u00a0(два) листа"
    assert view.cover.sheets == "12\u00a0листах"


def test_an_uncounted_paper_leaves_everything_after_it_to_the_hand() -> None:
    uncounted = type(AGLAYA.documents[1])(
        id="d2", kind="согласие", title="Согласие", medium="подлинник"
    )
    student = replace(AGLAYA, documents=(AGLAYA.documents[0], uncounted, AGLAYA.documents[3]))
    view = framed(student, 1)
    assert [line.sheets for line in view.inventory.lines][-3:] == ["6–8", "", ""]
    assert (view.certification.count, view.certification.words, view.cover.sheets) == ("", "", "")


def test_nothing_is_counted_where_a_browser_prints() -> None:
    view = framed(AGLAYA, None)
    assert {line.sheets for line in view.inventory.lines} == {"", "—"}
    assert view.certification.printed == view.certification.count == ""


def test_unsaved_and_unapproved_files_call_themselves_drafts() -> None:
    """R-5.6"""
    saved, unsaved = framed(AGLAYA, None), framed(AGLAYA, None, commit=None)
    assert (saved.head.stamp, unsaved.head.stamp) == ("", "НЕ СОХРАНЕНО")
    assert saved.cover.warnings == ("Не утверждены руководителем: 2 полугодие 2026 года.",)
    assert len(unsaved.cover.warnings) == 2


def test_corrections_and_resits_point_at_each_other() -> None:
    first = results(archive(AGLAYA), AGLAYA)[0]
    rows = {row.number: row for row in first.groups[0].rows}
    assert rows["3"].note == "пересдать до\u00a030.09.2026; пересдано, см.\u00a05"
    assert rows["4"].is_void
    assert rows["4"].note == "исправлено, см.\u00a05; пересдача записи\u00a03"
    assert rows["5"].note.startswith("исправление записи\u00a04: Описка")


def test_only_an_unapproved_period_is_a_draft() -> None:
    """R-5.6"""
    view = results(archive(AGLAYA), AGLAYA)
    assert [period.is_approved for period in view] == [True, False]


def test_narratives_stand_apart_and_name_planned_results_only() -> None:
    """R-4.1, R-1.5"""
    first, second = results(archive(AGLAYA), AGLAYA)[0].narratives
    assert first.shows == ("Выступает перед слушателями — частично",)
    assert second.author == "самооценка"


def test_a_late_entry_of_a_closed_period_is_a_draft() -> None:
    """R-5.6: what the approving commit did not know yet."""
    states: States = {"2026-1": {"r5": "не утверждено", "r1": "утверждено"}}
    rows = {r.number: r for r in results(archive(AGLAYA), AGLAYA, states=states)[0].groups[0].rows}
    assert rows["5"].note.startswith("не утверждено: внесено после утверждения")
    assert rows["1"].note == ""


def test_absence_of_debts_is_stated() -> None:
    """R-2.2.6"""
    clean = replace(AGLAYA, periods={"2026-1": (result(1, DAY, mark=5),)})
    table = debts(archive(clean), clean, DAY)
    new = replace(clean, enrolments=())
    assert debts(archive(new), new, DAY).absence == ""
    later = replace(clean, enrolments=(with_fields(clean.enrolments[0], start=dt.date.max),))
    assert debts(archive(later), later, DAY).absence == ""
    assert not table.rows
    assert table.absence == "На 01.02.2026 академических задолженностей нет."


def test_levels_and_outcomes_are_counted_and_no_data_is_no_failure() -> None:
    """R-2.2.3, R-2.2.5"""
    (levels_of,) = levels(archive(AGLAYA), AGLAYA)
    assert {row[0]: (row[2].replace("\u00a0", " "), row[4]) for row in levels_of.rows} == {
        "Техника игры": ("5 (пять)", "освоена"),
        "Теория музыки": ("не аттестован", "не освоена"),
        "Игра в ансамбле": ("зачтено", "освоена"),
    }
    (outcomes,) = planned(archive(AGLAYA), AGLAYA)
    assert [row[2] for row in outcomes.rows] == ["нет данных", "достигнут частично"]
    assert outcomes.note.startswith("Достигнуто 0 из\u00a01, о которых есть данные")


def test_a_part_is_being_mastered_only_while_its_study_goes_on() -> None:
    """The certificate says that it is mastered, so may no other paper say that it is not yet."""
    going_on = replace(AGLAYA, enrolments=(with_fields(AGLAYA.enrolments[0], ended=None),))
    for student, said in ((AGLAYA, "освоена"), (going_on, "осваивается")):
        (table,) = levels(archive(student), student)
        assert {row[0]: row[4] for row in table.rows}["Игра в ансамбле"] == said
    periods = {
        period: tuple(with_fields(each, control="за период") for each in results)
        for period, results in AGLAYA.periods.items()
    }
    absent = replace(going_on, periods=periods)
    (table,) = levels(archive(absent), absent)
    assert {row[0]: row[4] for row in table.rows}["Теория музыки"] == "не аттестован"


def test_sections_stand_in_their_order() -> None:
    """Cover and inventory come before, copies and the certifying sheet after them."""
    found = contents(case_of(AGLAYA))
    assert [chapter.anchor for chapter in found.chapters()] == [
        "card", "period-0", "period-1", "summary",
    ]  # fmt: skip
    assert found.card
    assert found.summary
    assert [t.kind for t in found.card.tables] == ["representatives", "consents", "enrolments"]
    assert [t.kind for t in found.summary.reached] == ["levels", "planned"]
    assert [t.kind for t in found.summary.standing] == ["credits", "debts", "awards", "notices"]


def test_each_part_has_its_own_plot_on_its_own_scale() -> None:
    """R-2.2.4: no averages, no comparison; a replaced mark is not drawn, a failed one is."""
    found = {chart.scale: chart for chart in charts(archive(AGLAYA), AGLAYA)}
    assert {scale: [plot.part for plot in c.plots] for scale, c in found.items()} == {
        "Пятибалльная шкала": ["Техника игры"],
        "Стобалльная шкала": ["Теория музыки"],
        "Зачётная шкала": ["Игра в ансамбле"],
    }
    technique = found["Пятибалльная шкала"].plots[0]
    assert [point.label for point in technique.points] == ["3", "4", "2", "4", "5", "5"]
    assert [point.passes for point in technique.points] == [True, True, False, True, True, True]
    theory = found["Стобалльная шкала"].plots[0]
    assert [point.is_missing for point in theory.points] == [False, False, False, True]
    assert len(theory.line) == 3


def test_points_stay_inside_their_plot() -> None:
    for chart in charts(archive(AGLAYA), AGLAYA):
        for plot in chart.plots:
            assert all(0 < point.x < 470 and 0 < point.y < plot.height for point in plot.points)


def test_one_mark_is_no_progress() -> None:
    one = replace(AGLAYA, periods={"2026-1": (result(1, DAY, mark=5),)})
    assert charts(archive(one), one) == ()
