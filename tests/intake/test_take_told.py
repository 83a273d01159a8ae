"""What a take says: the words of its commit, a period or a platform there is not, whose rows."""

from __future__ import annotations

import datetime as dt

import pytest

from papka.core.errors import NotFound, PapkaError, Refused
from papka.core.findings import Finding, Location
from papka.intake import intake_codes
from papka.intake.export_matching import Matched, OpenRow
from papka.intake.marks import Rows, StudentRow
from papka.intake.proposal import LineState, ProposedCell, ProposedLine
from papka.intake.tables import Export, Row, Table
from papka.intake.take_plan import (
    PlannedFile,
    TakeRequest,
    draw_part_numbers,
    find_open_rows,
    find_period,
    find_platform,
    make_coverage_test,
    named_studies,
)
from papka.intake.taking import take_message
from papka.records.archive import Archive
from papka.records.school import ExportLayout, MarkColumn, Period, Platform, StudentColumns
from tests.support.archives import good, loaded

DAY = dt.date(2026, 11, 20)
PERIOD = Period(
    period="2026-2", title="x", school_year=2026,
    start=dt.date(2026, 9, 1), end=dt.date(2026, 12, 31),
)  # fmt: skip


def layout(*columns: MarkColumn, target: str = "результаты") -> ExportLayout:
    return ExportLayout(
        id="grades", edition=3, title="x", target=target, layouts=("csv",),  # type: ignore[arg-type] # a word of the schema
        recognise=(), student=StudentColumns(), columns=columns,
    )  # fmt: skip


def wish(platform: str = "kurs", accepted: str = "") -> TakeRequest:
    return TakeRequest((), "2026-2", platform, "s002", DAY, accepted=accepted)


def planned(key: str, *states: LineState, **more: object) -> PlannedFile:
    cell = ProposedCell("e1", "теория", "", "")
    lines = tuple(ProposedLine(state, "2026-0001", cell, 5, 4) for state in states)
    return PlannedFile("x.csv", key=key, layout=layout(), lines=lines, **more)  # type: ignore[arg-type] # as Planned


NOBODYS = Matched({}, unmatched=(OpenRow((3, 4), "k1", "x"), OpenRow((9,), "k2", "x")))


@pytest.mark.parametrize(
    ("files", "asked", "expected"),
    [
        ([planned("2026-2/1")], wish(), [
            "Выгрузки: 2026-2/1 (kurs)", "",
            "2026-2/1: «grades», редакция 3; нового нет",
        ]),
        ([planned("2026-2/1", "new", "new", "changed", "same", "gone")], wish(), [
            "Выгрузки: 2026-2/1 (kurs)", "",
            "2026-2/1: «grades», редакция 3; новых 2, изменённых 1",
        ]),
        ([planned("2026-2/1", cards=("2026-0007",), studies=3, matched=NOBODYS)], wish(""), [
            "Выгрузки: 2026-2/1 (ведомость)", "",
            "2026-2/1: «grades», редакция 3; новых дел 1, зачислений 3, без хозяина 2",
        ]),
        ([planned("2026-2/1", matched=NOBODYS, cards=("1", "2", "3"))], wish(), [
            "Выгрузки: 2026-2/1 (kurs)", "",
            "2026-2/1: «grades», редакция 3; новых дел 3",
        ]),
        (
            [
                planned("2026-2/1"),
                PlannedFile("y", already="2026-2/9"),
                PlannedFile("z", key="2026-2/2"),
            ],
         wish(accepted="гость"), [
            "Выгрузки: 2026-2/1, 2026-2/2 (kurs)", "",
            "2026-2/1: «grades», редакция 3; нового нет", "2026-2/2: ; нового нет",
        ]),
        ([planned("2026-2/1"), planned("2026-2/2", matched=NOBODYS)], wish(accepted="гость"), [
            "Выгрузки: 2026-2/1, 2026-2/2 (kurs)", "",
            "2026-2/1: «grades», редакция 3; нового нет",
            "2026-2/2: «grades», редакция 3; без хозяина 3",
            "Несопоставленные строки приняты: гость",
        ]),
    ],
    ids=["nothing new", "marks", "a sheet", "all have a file", "two of three", "accepted"],
)  # fmt: skip
def test_the_words_of_a_commit(
    files: list[PlannedFile], asked: TakeRequest, expected: list[str]
) -> None:
    assert take_message(files, asked).split("\n") == [*expected, ""]


@pytest.mark.parametrize("platform", ["kurs", ""])
def test_a_subject_that_would_be_too_long_counts_the_imports(platform: str) -> None:
    files = [planned(f"2026-2/{number}") for number in range(1, 6)]
    named = "2026-2/1, 2026-2/2, 2026-2/3, 2026-2/4, 2026-2/5"
    word = platform or "ведомость"
    whole = f"Выгрузки: {named} ({word})"
    assert take_message(files, wish(platform)).split("\n")[0] == whole
    longest = "k" * (72 - len(f"Выгрузки: {named} ()"))
    assert len(take_message(files, wish(longest)).split("\n")[0]) == 72
    files.append(planned("2026-2/6"))
    files.append(planned("2026-2/7"))
    assert take_message(files, wish(platform)).split("\n")[0] == f"Выгрузки за 2026-2: 7 ({word})"


def platform(id_: str, since: dt.date, until: dt.date | None = None) -> Platform:
    return Platform(id=id_, title="x", licence_basis="x", since=since, until=until)


OLD = dt.date(2020, 1, 1)
SAVE_IT = "Новое описание в records/platforms сначала сохраните: papka save."
KNOWN = Archive(platforms={"kurs": platform("kurs", OLD), "stepik": platform("stepik", OLD)})


def told(error: pytest.ExceptionInfo[PapkaError]) -> tuple[str, str]:
    return error.value.message, error.value.next_step


def test_a_period_nobody_declared_is_told_with_the_nearest() -> None:
    archive = loaded(good())
    assert find_period(archive, "2026-1").period == "2026-1"
    with pytest.raises(NotFound) as error:
        find_period(archive, "2026-9")
    assert told(error) == (
        "Периода «2026-9» нет",
        "Периоды объявляют в records/organization.yaml. Есть: «2026-1», «2026-2».",
    )


@pytest.mark.parametrize(
    ("name", "archive", "message", "step"),
    [
        ("", KNOWN, "Не сказано, с какой платформы выгрузка",
         "Добавьте ключ --platform, одну из: kurs, stepik"),
        ("krus", KNOWN, "Платформы «krus» среди сохранённого нет",
         f"{SAVE_IT} Может быть, «kurs»?"),
        ("krus", Archive(), "Платформы «krus» среди сохранённого нет",
         SAVE_IT),
    ],
)  # fmt: skip
def test_a_platform_nobody_described_is_told(
    name: str, archive: Archive, message: str, step: str
) -> None:
    with pytest.raises(PapkaError) as error:
        find_platform(archive, name, PERIOD)
    assert told(error) == (message, step)


@pytest.mark.parametrize(
    ("since", "until", "used"),
    [
        (OLD, None, True),
        (PERIOD.end, None, True),
        (PERIOD.end + dt.timedelta(days=1), None, False),
        (OLD, PERIOD.start, True),
        (OLD, PERIOD.start - dt.timedelta(days=1), False),
    ],
)
def test_a_platform_is_in_use_from_its_first_day_to_its_last(
    since: dt.date, until: dt.date | None, *, used: bool
) -> None:
    found = platform("kurs", since, until)
    archive = Archive(platforms={"kurs": found})
    if used:
        assert find_platform(archive, "kurs", PERIOD) is found
        return
    with pytest.raises(Refused) as error:
        find_platform(archive, "kurs", PERIOD)
    assert told(error) == (
        "Платформа «kurs» в периоде 2026-2 не используется",
        "Проверьте ключи --platform и --period и дни (since, until) в records/platforms",
    )


def student(*rows: int, skipped: bool = False, cells: tuple[str, ...] = ()) -> StudentRow:
    return StudentRow(rows, (cells,) * len(rows), skipped=skipped)


def said(found: list[Finding]) -> list[tuple[str, int, str]]:
    return [(each.code.name, each.where.line, each.message) for each in found]


def test_rows_of_nobody_are_told_each_unless_somebody_decided() -> None:
    matched = Matched(
        {},
        ambiguous=(
            OpenRow((2, 3), "k1", "одинаковые имя", ("2026-0001", "2026-0002")),
            OpenRow((4,), "k2", "одинаковые имя", ("2026-0003",)),
        ),
        unmatched=(
            OpenRow((5, 6), "k3", "никто"),
            OpenRow((7,), "k4", "никто"),
            OpenRow((8,), "k5", "x"),
        ),
    )
    people = (student(4, skipped=True), student(7, skipped=True), new := student(8))
    rows = Rows(layout(), "", people)
    all_of_them = list(find_open_rows("a.csv", matched, rows, [(new, "2026-0009")], accepted=""))
    assert [(name, line) for name, line, _ in said(all_of_them)] == [
        ("EXPORT_ROW_AMBIGUOUS", 2), ("EXPORT_ROW_AMBIGUOUS", 3),
        ("EXPORT_ROW_UNMATCHED", 5), ("EXPORT_ROW_UNMATCHED", 6),
    ]  # fmt: skip
    assert all(each.where.path == "a.csv" for each in all_of_them)
    assert "одинаковые имя" in all_of_them[0].message
    assert "2026-0001, 2026-0002" in all_of_them[0].message + all_of_them[0].hint
    assert "никто" in all_of_them[2].message
    cards = Rows(layout(target="карточки"), "", people)
    for some, accepted in ((rows, "гость"), (cards, "")):
        found = list(find_open_rows("a.csv", matched, some, [], accepted=accepted))
        assert [each.where.line for each in found] == [2, 3]


def export(*rows: tuple[str, ...]) -> Export:
    tables = (
        Table("другой", (Row(1, ("Тест 9",)),)),
        Table("Лист", tuple(Row(at, cells) for at, cells in enumerate(rows, 1))),
    )
    return Export("a.xlsx", b"", "xlsx", tables)


def test_a_file_covers_the_parts_of_its_layout_and_the_topics_of_its_header() -> None:
    file = export(("Имя", "Тест 1"), ("Тест 2", "5"))
    columns = (
        MarkColumn(column="Тест *", part="теория", control="текущий"),
        MarkColumn(column="Итог", part="техника"),
    )
    covered = make_coverage_test(
        file, Rows(layout(*columns), "Лист", kinds={1: "header", 2: "student"})
    )
    for cell, is_there in (
        (ProposedCell("e1", "теория", "текущий", "Тест 1"), True),
        (ProposedCell("e1", "теория", "текущий", ""), True),
        (ProposedCell("e1", "теория", "текущий", "Тест 2"), False),
        (ProposedCell("e1", "теория", "текущий", "Тест 9"), False),
        (ProposedCell("e1", "теория", "", "Тест 1"), False),
        (ProposedCell("e1", "техника", "", ""), True),
        (ProposedCell("e1", "техника", "текущий", ""), False),
        (ProposedCell("e1", "ансамбль", "", ""), False),
    ):
        assert covered(cell) == is_there, cell


def test_a_sheet_names_the_enrolment_of_each_row() -> None:
    file = export(("Ведомость",), ("№", "Обучение", "Имя"), ("1", " e2 ", "Ян"), ("2",))
    people = (student(3, cells=("1", " e2 ", "Ян")), student(4, cells=("2",)))
    assert list(named_studies(file, Rows(layout(), "Лист", people))) == [(3, "e2"), (4, "")]
    assert list(named_studies(export(("№",)), Rows(layout(), "Лист", people))) == []


def test_numbers_of_parts_are_by_chance_and_never_nought() -> None:
    drawn = draw_part_numbers()
    found = [next(drawn) for _ in range(200)]
    assert len(set(found)) > 190
    assert all(1 <= number <= 10**9 for number in found)


def test_what_is_planned_of_a_file_is_refused_by_an_error_alone() -> None:
    where = Location("a.csv", line=1)
    error = intake_codes.EXPORT_ROW_UNMATCHED.at(where, reason="x")
    assert PlannedFile("a.csv", findings=(error,)).is_refused
    assert not PlannedFile("a.csv").is_refused
    assert planned("k", "new", "same", "new").count("new") == 2


def test_a_row_of_a_list_has_the_verdict_of_what_came_of_it() -> None:
    words = {2: ("новое дело", "зачисление"), 3: ("уже есть",), 4: ("зачисление", "уже есть"),
             5: ("карточка",), 6: ("перевод", "уже есть"), 7: ("ошибка",), 8: ()}  # fmt: skip
    listed = PlannedFile("a.csv", people=frozenset(words), listed=words)
    assert listed.verdicts() == {
        2: "new", 3: "same", 4: "new", 5: "changed", 6: "changed", 7: "refused", 8: "same",
    }  # fmt: skip
