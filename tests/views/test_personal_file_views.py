"""What the personal file says, before anything is laid out."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from papka.model.student import Student
from papka.views.card import card
from papka.views.chart import charts
from papka.views.personal_file import Case, Frame, frame
from papka.views.results import results
from papka.views.sheets import Sheets
from tests.paper.school import AGLAYA, PERSON, archive, result

DAY = dt.date(2026, 2, 1)


def framed(student: Student, sheets: Sheets | None, commit: str | None = "c0ffee") -> Frame:
    moment = dt.datetime(2026, 12, 28, 10, tzinfo=dt.UTC)
    return frame(Case(archive(student), student, PERSON, moment, commit), sheets)


def test_sheet_numbers_run_from_the_printed_sheets_into_the_papers() -> None:
    view = framed(AGLAYA, Sheets(inventory=2, card=2, results=3))
    assert [line.sheets for line in view.inventory.lines] == [
        "1–2", "3–5", "6–8", "9", "—", "10", "11–12",
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
    view = framed(student, Sheets())
    assert [line.sheets for line in view.inventory.lines] == ["1", "2", "3–5", "", ""]
    assert (view.certification.count, view.certification.words, view.cover.sheets) == ("", "", "")


def test_nothing_is_counted_where_a_browser_prints() -> None:
    view = framed(AGLAYA, None)
    assert {line.sheets for line in view.inventory.lines} == {"", "—"}
    assert view.certification.printed == view.certification.count == ""


def test_unsaved_and_unapproved_files_call_themselves_drafts() -> None:
    """R-5.6"""
    saved, unsaved = framed(AGLAYA, None), framed(AGLAYA, None, commit=None)
    assert (saved.stamp, unsaved.stamp) == ("", "ЧЕРНОВИК")
    assert saved.cover.warnings == ("Не утверждены руководителем: 2 полугодие 2026 года.",)
    assert len(unsaved.cover.warnings) == 2


def test_corrections_and_resits_point_at_each_other() -> None:
    first = results(archive(AGLAYA), AGLAYA).periods[0]
    rows = {row.number: row for row in first.groups[0].rows}
    assert rows["3"].note == "пересдано, см.\u00a05"
    assert rows["4"].is_void
    assert rows["4"].note == "исправлено, см.\u00a05; пересдача записи\u00a03"
    assert rows["5"].note.startswith("исправление записи\u00a04: Описка")


def test_only_an_unapproved_period_is_a_draft() -> None:
    """R-5.6"""
    view = results(archive(AGLAYA), AGLAYA)
    assert [period.is_approved for period in view.periods] == [True, False]


def test_narratives_stand_apart_and_name_planned_results_only() -> None:
    """R-4.1, R-1.5"""
    first, second = results(archive(AGLAYA), AGLAYA).periods[0].narratives
    assert first.shows == ("Выступает перед слушателями — частично",)
    assert second.author == "самооценка"


def test_absence_of_debts_is_stated() -> None:
    """R-2.2.6"""
    clean = replace(AGLAYA, periods={"2026-1": (result(1, DAY, mark=5),)})
    tables = {table.kind: table for table in card(archive(clean), clean, PERSON).tables}
    assert not tables["debts"].rows
    assert tables["debts"].absence == "Академических задолженностей нет."


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
