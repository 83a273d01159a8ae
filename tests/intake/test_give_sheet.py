"""`papka give sheet`: blank for a teacher, and read back exactly as it was filled in."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import zipfile
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as with_fields

from papka.core.errors import NotFound, Refused
from papka.core.places import SHEETS
from papka.intake.export_files import open_export
from papka.intake.giving import give_results, give_sheet
from papka.intake.headers import recognise
from papka.intake.marks import MarkContext, read_rows
from papka.intake.sheet_writing import write_csv, write_xlsx
from papka.intake.tables import Cell, Sheet
from papka.intake.take_plan import TakeRequest
from papka.intake.taking import take
from papka.intake.teacher_sheet import DATE, NAME, STUDENT, STUDY, find_own_platform, make_blank
from papka.records.archive import Archive as Records
from papka.records.school import Group, Program, Scale
from papka.records.student import Mark, Name, Person, Student
from papka.repository.signing import find_actor
from tests.support.command import papka
from tests.support.derived import EDITION, FIVE, PERIOD, SCHOOL, WORDS, enrolment
from tests.support.school import STUDENT as FOLDER
from tests.support.school import TEACHER, Archive

GROUP = "Г-26-1"
HUNDRED = Scale(scale="стобалльная", title="Сто", lowest=0, highest=100, step=0.5, pass_mark=60)
MARKS: dict[str, st.SearchStrategy[Mark | None]] = {
    "техника": st.sampled_from([None, 1, 2, 3, 4, 5, "не аттестован"]),
    "ансамбль": st.sampled_from([None, "не зачтено", "зачтено", "не аттестован"]),
    "теория": st.one_of(
        st.none(), st.integers(0, 200).map(lambda n: n // 2 if n % 2 == 0 else n / 2)
    ),
}
NAMES = st.text("АБЁабё'=+-@\"; ", min_size=1, max_size=12)
ROWS = st.lists(st.fixed_dictionaries(MARKS), min_size=1, max_size=8)
DAYS = st.dates(dt.date(2026, 1, 12), dt.date(2026, 6, 14))
NOW = dt.datetime(2026, 12, 2, 12, tzinfo=dt.UTC)


def school(*people: Student) -> Records:
    theory = with_fields(EDITION.parts[0], part="теория", title="Теория; «ноты»",
                         scale="стобалльная")  # fmt: skip
    edition = with_fields(EDITION, parts=(*EDITION.parts, theory))
    return replace(
        SCHOOL,
        programs={"guitar": Program(code="guitar", title="Гитара", editions=(edition,))},
        scales={scale.scale: scale for scale in (FIVE, WORDS, HUNDRED)},
        groups={GROUP: Group(group=GROUP, program="guitar")},
        students={each.id: each for each in people},
    )


def person(number: int, name: str = "Аглая") -> Student:
    id_ = f"2026-{number:04d}"
    card = Person(id=id_, name=Name(given=name))
    return Student(id_, card, (enrolment(group=GROUP),))


@given(marks=ROWS, day=DAYS, name=NAMES, as_csv=st.booleans())
def test_given_and_taken_back_marks_are_equal(
    marks: list[dict[str, Mark | None]], day: dt.date, name: str, *, as_csv: bool
) -> None:
    archive = school(*(person(n, name) for n in range(1, len(marks) + 1)))
    made = make_blank(archive, GROUP, PERIOD)
    header = [str(cell) for cell in made.rows[0]]
    parts = [head.rpartition("/")[2].rstrip("]") if "[" in head else "" for head in header]
    filled = [made.rows[0]]
    for row in made.rows[1:]:
        own = marks[int(str(row[header.index(STUDENT)])[5:]) - 1]
        cells = [own[part] if part else cell for part, cell in zip(parts, row, strict=True)]
        cells[header.index(DATE)] = day
        filled.append(tuple(cells))
    done = replace(made, rows=tuple(filled))
    data = write_csv(done) if as_csv else write_xlsx((done,))
    export = open_export(data, "sheet.csv" if as_csv else "sheet.xlsx")
    platform = find_own_platform(export)
    assert platform is not None
    assert platform.id == SHEETS
    layout = recognise(export, platform)
    assert not isinstance(layout, tuple), layout
    read = read_rows(export, layout, MarkContext(archive.programs, archive.scales))
    assert [each for each in read.findings if each.severity > 1] == []
    keys = {row.first: row.key for row in read.students}
    found = {(keys[each.student], each.part): (each.mark, each.date) for each in read.marks}
    assert found == {
        (f"2026-{n:04d}", part): (mark, day)
        for n, own in enumerate(marks, 1)
        for part, mark in own.items()
        if mark is not None
    }


def test_rows_stand_by_the_alphabet_and_only_due_parts_have_columns() -> None:
    people = [person(1, "Яна"), person(2, "Ёлка"), person(3, "Ева")]
    made = make_blank(school(*people), GROUP, PERIOD)
    at = made.rows[0].index(NAME)
    assert [row[at] for row in made.rows[1:]] == ["Ева", "Ёлка", "Яна"]
    assert [head for head in made.rows[0] if "[" in str(head)] == [
        "Техника [guitar/техника]",
        "Ансамбль [guitar/ансамбль]",
        "Теория; «ноты» [guitar/теория]",
    ]


def test_a_part_on_two_scales_has_two_columns() -> None:
    words = with_fields(EDITION.parts[0], scale="зачётная")
    later = with_fields(EDITION, edition=2, parts=(words,))
    people = [person(1), replace(person(2), enrolments=(
        with_fields(enrolment(group=GROUP), edition=2),))]  # fmt: skip
    program = Program(code="guitar", title="Гитара", editions=(EDITION, later))
    made = make_blank(replace(school(*people), programs={"guitar": program}), GROUP, PERIOD)
    heads = [str(head) for head in made.rows[0] if "техника" in str(head)]
    assert heads == ["Техника [guitar@1/техника]", "Техника [guitar@2/техника]"]


def test_a_sheet_saved_as_csv_by_a_russian_spreadsheet_is_read() -> None:
    head = "№;Фамилия, имя, отчество;Номер дела;Обучение;Теория [guitar/теория];Дата"
    data = f"{head}\r\n1;Аглая;2026-0001;e1;87,5;01.06.2026\r\n".encode("windows-1251")
    export = open_export(data, "sheet.csv")
    platform = find_own_platform(export)
    assert platform is not None
    archive = school(person(1))
    read = read_rows(export, platform.exports[0], MarkContext(archive.programs, archive.scales))
    assert [(each.mark, each.date) for each in read.marks] == [(87.5, dt.date(2026, 6, 1))]


def test_another_file_is_no_sheet_of_ours() -> None:
    data = "Номер дела;Обучение;Дата;Оценка\r\n2026-0001;e1;01.06.2026;5\r\n".encode()
    assert find_own_platform(open_export(data, "grades.csv")) is None


def filled(archive: Archive, *cells: Cell) -> bytes:
    """The one row's last cells typed in."""
    [page] = open_export(give_sheet(archive.root, GROUP, today=NOW.date()).data, "s.xlsx").tables
    header, row = (each.cells for each in page.rows)
    kept: tuple[Cell, ...] = row[: len(header) - len(cells)]
    return write_xlsx((Sheet(page.name, (header, (*kept, *cells))),))


def test_a_teachers_marks_become_results_and_are_given_out_equal(archive: Archive) -> None:
    data = filled(archive, 5, "зачтено", dt.date(2026, 12, 1))
    actor = find_actor(archive.root, TEACHER)
    wish = TakeRequest((("Г-26-1.xlsx", data),), "2026-2", "", TEACHER, NOW.date())
    taken = take(archive.root, actor, wish, now=NOW)
    assert taken.commit is not None, taken.findings
    report = give_results(archive.root, ("2026-2",), "csv").data.decode("utf-8-sig").splitlines()
    marks = [line.split(";")[14] for line in report[1:]]
    assert marks == ["5", "зачтено"]
    assert papka("check", "-C", archive.root).code == 0
    state = papka("period", "status", "2026-2", "-C", archive.root).out
    assert "ведомость педагога, 02.12.2026, s002" in state
    again = take(archive.root, actor, wish, now=NOW)
    assert again.commit is None


def test_marks_beside_another_persons_name_are_not_taken(archive: Archive) -> None:
    """The visible names were sorted, and the hidden numbers stayed."""
    [page] = open_export(filled(archive, 5, None, dt.date(2026, 12, 1)), "s.xlsx").tables
    header, (number, _, *cells) = (each.cells for each in page.rows)
    archive.begin_file(
        "2026-0002",
        "id: 2026-0002\nname:\n  surname: Клумбина\n  given: Астра\nbirth_date: 2012-03-02\n",
        "enrolments:\n  - id: e1\n    program: guitar\n    edition: 2\n    start: 2026-09-01\n",
    )
    saved = archive.save(TEACHER)
    assert saved.commit, saved.findings
    mixed = write_xlsx((Sheet(page.name, (header, (number, "Клумбина Астра", *cells))),))
    wish = TakeRequest((("Г-26-1.xlsx", mixed),), "2026-2", "", TEACHER, NOW.date())
    taken = take(archive.root, find_actor(archive.root, TEACHER), wish, now=NOW)
    assert taken.commit is None
    (told,) = taken.findings
    assert "номер дела и имя указывают на разных людей" in told.message
    assert told.hint.startswith("Похоже, таблицу сортировали или правили не целиком.")


def test_an_imported_result_is_followed_to_its_cell(archive: Archive) -> None:
    data = filled(archive, 5, None, dt.date(2026, 12, 1))
    wish = TakeRequest((("Г-26-1.xlsx", data),), "2026-2", "", TEACHER, NOW.date())
    assert take(archive.root, find_actor(archive.root, TEACHER), wish, now=NOW).commit
    why = " ".join(papka("show", "2026-0001#r4", "--why", "-C", archive.root).out.split())
    assert "Ведомость, заполненная педагогом, принята 02.12.2026" in why
    assert f"{FOLDER}/raw/2026-2-2.part, строка 1, столбец 5 «Техника игры" in why
    assert "часть «техника»; отметка как стоит" in why
    part = archive.root / FOLDER / "raw" / "2026-2-2.part"
    assert "Абрикосова" in part.read_text("utf-8")
    archive.edit(f"{FOLDER}/results/2026-2.yaml", 'raw: "5"', 'raw: "4"')
    why = " ".join(papka("show", "2026-0001#r4", "--why", "-C", archive.root).out.split())
    assert "«5», а в записи «4»" in why


def test_the_blank_hides_the_number_and_offers_the_scales_marks(archive: Archive) -> None:
    made = give_sheet(archive.root, GROUP, today=NOW.date())
    assert made.data == give_sheet(archive.root, GROUP, today=NOW.date()).data
    [page] = open_export(made.data, "s.xlsx").tables
    assert page.rows[0].cells[2:4] == (STUDENT, STUDY)
    with zipfile.ZipFile(io.BytesIO(made.data)) as book:
        words = book.read("xl/worksheets/sheet1.xml").decode()
    hidden = re.findall(r'<col min="(\d)" max="(\d)"[^>]* hidden="1"', words)
    assert {int(n) for low, high in hidden for n in range(int(low), int(high) + 1)} == {3, 4}
    assert "<sheetProtection " in words
    offered = re.findall(r"<formula1>(.*?)</formula1>", words)
    assert [html.unescape(each) for each in offered] == [
        '"1,2,3,4,5,не аттестован"',
        '"не зачтено,зачтено,не аттестован"',
    ]


def test_what_cannot_be_given_is_said(archive: Archive) -> None:
    root, day = archive.root, NOW.date()
    with pytest.raises(NotFound, match="Г-26-2"):
        give_sheet(root, "Г-26-2", today=day)
    with pytest.raises(Refused, match="закрыт"):
        give_sheet(root, GROUP, today=day, period="2026-1")
    with pytest.raises(Refused, match="открытый период"):
        give_sheet(root, GROUP, today=dt.date(2026, 8, 1))
