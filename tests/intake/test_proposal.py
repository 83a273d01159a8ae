"""What an export changes in personal files: new, changed, the same, corrected by hand, gone."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from papka.core.findings import Location
from papka.intake.marks import MappedMark
from papka.intake.proposal import (
    ExportContext,
    Proposal,
    ProposedCell,
    ProposedLine,
    Shelf,
    open_shelf,
    propose,
    results_files,
    write_entry,
)
from papka.records.acts import Approval
from papka.records.school import MarkColumn
from papka.records.student import Mark, Result, Shown, Source
from tests.support.derived import SCHOOL, enrolment, result, student

DAY = dt.date(2026, 5, 20)
TAKEN = dt.date(2026, 6, 1)
KEYS = {"2026-1/1": "kurs", "2026-1/2": "stupen", "2026-1/3": "kurs"}
CELL = ProposedCell("e1", "техника", "за период", "")
PATH = "grades.csv"
CLOSED = Approval(period="2026-1", closed=TAKEN, signed_by="s001")


def source(export: str = "2026-1/1", row: int = 1, raw: str = "4") -> Source:
    return Source(export=export, row=row, column=6, raw=raw)


def mark(  # noqa: PLR0913 - a cell is told so
    value: Mark = 4,
    *,
    row: int = 2,
    column: int = 6,
    header: str = "Итог",
    part: str = "техника",
    program: str = "guitar",
    control: str = "за период",
    by_hand: str | None = None,
) -> MappedMark:
    rule = MarkColumn(column=header, part=part, control=control)  # type: ignore[arg-type] # a word
    return MappedMark(row, row, column, header, program, rule, str(value), value, DAY, by_hand)


def lay(  # noqa: PLR0913 - the circumstances, most by default
    *marks: MappedMark,
    results: tuple[Result, ...] = (),
    closed: bool = False,
    earlier: tuple[str, ...] = (),
    covered: bool = True,
    studies: dict[int, str] | None = None,
    enrolments: tuple[str, ...] = ("e1",),
) -> tuple[Proposal, Shelf]:
    """The marks of one student laid on the shelf of 2026-1."""
    own = student(*results, enrolments=tuple(enrolment(id_) for id_ in enrolments))
    archive = replace(SCHOOL, students={own.id: own})
    if closed:
        archive = replace(archive, approvals={"2026-1": CLOSED})
    taking = ExportContext(
        archive, PATH, "2026-1/3", "2026-1", TAKEN,
        {number: number - 1 for number in range(2, 20)}, studies or {},
    )  # fmt: skip
    shelves = {own.id: open_shelf(own, "2026-1", "kurs", KEYS)}
    found = propose(
        taking, [(own.id, each) for each in marks], shelves, earlier, lambda _cell: covered
    )
    return found, shelves[own.id]


def states(found: Proposal) -> list[str]:
    return [line.state for line in found.lines]


def told(found: Proposal) -> list[str]:
    return [
        f"{each.where.line}:{each.where.column} {each.message}"
        + "".join(f" ({place.line}:{place.column})" for place in each.related)
        for each in found.findings
    ]


def test_a_new_mark_is_an_entry_with_its_cell() -> None:
    found, own = lay(mark(5, by_hand="апелляция"), results=(result("r7", "2026-05-01", part="х"),))
    assert found == Proposal((ProposedLine("new", "2026-0001", CELL, 5, None, 2, 6),), ())
    (added,) = own.added
    assert added.cell == Location(PATH, line=2, column=6)
    assert added.result == Result(
        id="r8",
        enrolment="e1",
        kind="учебный",
        origin="текущий контроль",
        part="техника",
        control="за период",
        date=DAY,
        mark=5,
        source=Source(export="2026-1/3", row=1, column=6, raw="5", by_hand="апелляция"),
    )


def test_entries_are_numbered_one_after_another_across_periods() -> None:
    _, own = lay(mark(row=2), mark(row=3, part="ансамбль", value="зачтено"))
    assert [each.result.id for each in own.added] == ["r1", "r2"]


@pytest.mark.parametrize("before", [4, 4.0])
def test_the_same_mark_adds_nothing(before: Mark) -> None:
    found, own = lay(mark(4), results=(result("r1", "2026-05-01", before, source=source()),))
    assert (states(found), own.added, told(found)) == (["same"], [], [])
    assert found.lines[0].before == before


@pytest.mark.parametrize(("old", "new"), [(1, "1"), ("зачтено", "не зачтено"), (4, 5)])
def test_a_word_is_no_number(old: Mark, new: Mark) -> None:
    found, _ = lay(mark(new), results=(result("r1", "2026-05-01", old, source=source()),))
    assert states(found) == ["changed"]


def test_a_changed_mark_replaces_with_a_reason_and_keeps_what_else_was_said() -> None:
    old = result(
        "r3", "2026-05-01", 4, source=source(), assessed_by="s002", text="Играл", event="2026/1",
        shows=(Shown(outcome="этюды", level="да"),), resits="r1",
    )  # fmt: skip
    found, own = lay(mark(5), results=(old,))
    assert found.lines == (ProposedLine("changed", "2026-0001", CELL, 5, 4, 2, 6),)
    (entry,) = (each.result for each in own.added)
    assert entry.id == "r4"
    assert (entry.replaces, entry.reason) == (
        "r3",
        "Изменено на платформе, выгрузка от 01.06.2026",
    )
    assert (entry.assessed_by, entry.text, entry.event, entry.shows, entry.resits) == (
        *("s002", "Играл", "2026/1", old.shows, "r1"),
    )


def test_a_changed_mark_that_changes_again_replaces_the_last() -> None:
    first = result("r1", "2026-05-01", 3, source=source())
    second = result("r2", "2026-05-02", 4, source=source("2026-1/3", 2), replaces="r1")
    found, own = lay(mark(5), results=(first, second))
    assert states(found) == ["changed"]
    assert own.added[0].result.replaces == "r2"


@pytest.mark.parametrize(
    "by_hand",
    [
        # a correction repeats the source of what it corrects
        result("r2", "2026-05-02", 5, source=source(), replaces="r1"),
        result("r2", "2026-05-02", 5, source=source(), resits="r1"),
        result("r2", "2026-05-02", 5, replaces="r1"),
        result("r2", "2026-05-02", 5),
        result("r2", "2026-05-02", 5, source=source("2026-1/2")),
        result("r2", "2026-05-02", 5, source=source("2025-1/1")),
    ],
)
def test_what_a_person_corrected_is_left_and_told(by_hand: Result) -> None:
    first = result("r1", "2026-05-01", 4, source=source())
    found, own = lay(mark(3), results=(first, by_hand))
    assert (states(found), own.added) == (["kept"], [])
    assert told(found) == [
        "2:6 На платформе 3, а в 2026-0001#r2 исправлено или внесено человеком: оставлено как есть"
    ]
    assert lay(mark(5), results=(first, by_hand))[0].findings == ()


def test_a_mark_that_a_wordless_entry_replaced_is_left_too() -> None:
    first = result("r1", "2026-05-01", 4, source=source())
    gone = result("r2", "2026-05-02", replaces="r1", part=None)
    found, _ = lay(mark(3), results=(first, gone))
    assert told(found) == [
        "2:6 На платформе 3, а в 2026-0001#r1 исправлено или внесено человеком: оставлено как есть"
    ]


def test_a_mark_entered_by_hand_alone_is_what_stood_before() -> None:
    found, _ = lay(mark(3), results=(result("r1", "2026-05-01", 4), result("r2", "2026-05-02", 5)))
    assert found.lines == (ProposedLine("kept", "2026-0001", CELL, 3, 5, 2, 6),)
    assert "2026-0001#r2" in told(found)[0]


def test_works_between_are_told_apart_by_their_columns_and_a_part_has_one_mark() -> None:
    found, own = lay(
        mark(3, header="Тест  1", control="текущий", column=4),
        mark(4, header="Тест 2", control="текущий", column=5),
        mark(5, control="итоговый", header="Экзамен", column=7),
    )
    assert [(line.state, line.cell.topic) for line in found.lines] == [
        ("new", "Тест 1"),
        ("new", "Тест 2"),
        ("new", ""),
    ]
    assert [each.result.text for each in own.added] == ["Тест 1", "Тест 2", None]
    again, _ = lay(
        mark(3, header="Тест 1", control="текущий"),
        results=tuple(each.result for each in own.added),
    )
    assert states(again) == ["same"]


def test_a_mark_twice_in_a_row_and_a_person_twice_in_a_file_are_told() -> None:
    found, own = lay(mark(4, column=6), mark(5, column=7), mark(4, row=9))
    assert (states(found), len(own.added)) == (["new"], 1)
    assert told(found) == [
        "2:7 Отметка по части «техника» есть ещё в столбце 6 (2:6)",
        "9:6 Обучающийся 2026-0001 стоит в выгрузке дважды: об этом же сказано в строке 2 (2:6)",
    ]


def test_a_closed_period_takes_no_new_mark_but_a_change() -> None:
    found, _ = lay(mark(4), closed=True)
    assert told(found) == ["2:6 Период 2026-1 закрыт, а такой отметки в нём нет"]
    old = result("r1", "2026-05-01", 4, source=source())
    assert lay(mark(5), results=(old,), closed=True)[0].findings == ()
    assert lay(mark(4))[0].findings == ()


def test_who_does_not_learn_a_programme_is_told_once_a_part_every_time() -> None:
    found, _ = lay(
        mark(program="chess"), mark(program="chess", row=3), mark(part="ноты"),
        mark(part="ноты", row=3), mark(),
    )  # fmt: skip
    assert told(found) == [
        "2:6 2026-0001 не учится по программе «chess»",
        "2:6 Части «ноты» нет в том, что изучает 2026-0001#e1",
        "3:6 Части «ноты» нет в том, что изучает 2026-0001#e1",
    ]
    assert states(found) == ["new"]


def test_a_sheet_names_the_enrolment_of_its_row() -> None:
    found, _ = lay(mark(), enrolments=("e1", "e2"), studies={2: "e2"})
    assert found.lines[0].cell.enrolment == "e2"
    unsure, _ = lay(mark(), enrolments=("e1", "e2"))
    assert told(unsure) == [
        "2:6 У 2026-0001 несколько зачислений на программу «guitar» в этот день: e1, e2"
    ]


def test_what_is_gone_from_the_platform_is_listed_and_stays() -> None:
    old = result("r1", "2026-05-01", 4, source=source())
    word = result("r2", "2026-05-01", "зачтено", part="ансамбль", source=source())
    found, own = lay(mark(4), results=(old, word), earlier=("2026-0009", "2026-0001"))
    assert found.lines[1:] == (
        ProposedLine(
            "gone", "2026-0001", ProposedCell("e1", "ансамбль", "за период", ""), None, "зачтено"
        ),
    )
    assert own.added == []
    assert states(lay(results=(old, word), earlier=("2026-0001",))[0]) == ["gone", "gone"]
    assert states(lay(results=(old, word), earlier=("2026-0001",), covered=False)[0]) == []
    assert states(lay(results=(old, word))[0]) == []


# Files


def test_an_entry_is_written_in_the_order_of_the_schema() -> None:
    entry = Result(
        id="r1", enrolment="e1", kind="учебный", origin="текущий контроль", event="2026/1",
        part="техника", control="текущий", date=DAY, mark="зачтено", assessed_by="s002",
        text="Тест: 1", resit_by=TAKEN, resits="r0", replaces="r9", reason="Описка",
        shows=(Shown(outcome="этюды", level="да"), Shown(outcome="сцена", level="нет")),
        source=Source(export="2026-1/3", row=4, column=6, raw="=1", by_hand="апелляция"),
    )  # fmt: skip
    assert (
        "\n".join(write_entry(entry))
        == """\
  - id: r1
    enrolment: e1
    kind: учебный
    origin: текущий контроль
    event: 2026/1
    part: техника
    control: текущий
    date: 2026-05-20
    mark: зачтено
    assessed_by: s002
    text: "Тест: 1"
    resit_by: 2026-06-01
    resits: r0
    replaces: r9
    reason: Описка
    shows:
      - outcome: этюды
        level: да
      - outcome: сцена
        level: нет
    source:
      import: 2026-1/3
      row: 4
      column: 6
      raw: "=1"
      by_hand: апелляция"""
    )


def test_entries_go_below_those_of_the_file_and_a_new_file_is_whole() -> None:
    _, own = lay(mark(4), mark("зачтено", part="ансамбль", row=3))
    _, idle = lay()
    path = "records/students/2026/2026-0001/results/2026-1.yaml"
    made = results_files([own, idle], "2026-1", {})
    assert list(made) == [path]
    text = made[path].decode()
    assert text.startswith(
        "# yaml-language-server: $schema=../../../../../schema/results.json\n"
        "period: 2026-1\nresults:\n  - id: r1\n    enrolment: e1\n"
    )
    assert text.endswith("      column: 6\n      raw: зачтено\n")
    lying = b"period: 2026-1\nresults:\n  - id: r9 # kept\n"
    longer = results_files([own], "2026-1", {path: lying})[path]
    assert longer.startswith(lying)
    assert longer.decode().endswith(text.partition("results:\n")[2])
    assert results_files([idle], "2026-1", {path: lying}) == {}
