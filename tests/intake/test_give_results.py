"""`papka give results`: the saved results as a table, without names unless asked."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from papka.core.errors import NotFound
from papka.intake import giving, sheet_writing
from papka.intake.export_files import open_export
from papka.intake.giving import COLUMNS, ResultFilter, give_results, iter_rows, write_results
from papka.intake.sheet_writing import write_xlsx
from papka.intake.tables import Sheet
from tests.support.derived import SCHOOL, result, student
from tests.support.prints import with_students
from tests.support.school import STUDENT, Archive

NAME = "Абрикосова"
RESULTS = f"{STUDENT}/results/2026-1.yaml"


def table(data: bytes) -> list[dict[str, str]]:
    text = data.decode("utf-8-sig")
    assert text.endswith("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=";"))


def first_page(data: bytes) -> str:
    """The XML of a workbook's first sheet."""
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        return book.read("xl/worksheets/sheet1.xml").decode()


def test_nobody_is_named_unless_asked(built_archive: Archive) -> None:
    for form in ("csv", "xlsx", "json"):
        data = give_results(built_archive.root, (), form).data
        if form == "xlsx":
            words = [cell for page in open_export(data, "r.xlsx").tables
                     for row in page.rows for cell in row.cells]  # fmt: skip
        else:
            words = [data.decode("utf-8-sig")]
        assert not [word for word in words if NAME in word or "подсказки" in word]
    named = give_results(built_archive.root, (), "csv", names=True).data.decode()
    assert NAME in named
    assert "Впервые выступала без подсказки." in named


def test_a_row_says_whose_where_from_and_whether_it_holds(built_archive: Archive) -> None:
    failed, words, again = table(give_results(built_archive.root, ("2026-1",), "csv").data)
    assert (failed["Номер дела"], failed["Запись"], failed["Отметка"]) == ("2026-0001", "r1", "2")
    assert (failed["Действует"], again["Действует"]) == ("нет", "да")
    assert again["Пересдача"] == "r1"
    assert again["Состояние"] == "утверждено"
    assert (words["Вид"], words["Отметка"], words["Шкала"]) == ("личностный", "", "")
    assert failed["Шкала"] == "пятибалльная"


def test_each_kind_of_word_narrows(built_archive: Archive) -> None:
    root = built_archive.root
    whole = give_results(root, (), "csv").count
    for word in ("Г-26-1", "guitar", "2026-0001"):
        assert give_results(root, (word,), "csv").count == whole
    assert give_results(root, ("2026-1", "Г-26-1", "guitar"), "csv").count == 3
    with pytest.raises(NotFound, match="«guitra»"):
        give_results(root, ("guitra",), "csv")


def test_the_same_state_gives_the_same_bytes_and_unsaved_edits_none(archive: Archive) -> None:
    before = {form: give_results(archive.root, (), form).data for form in ("csv", "xlsx", "json")}
    archive.edit(RESULTS, "mark: 4", "mark: 5")
    after = {form: give_results(archive.root, (), form).data for form in ("csv", "xlsx", "json")}
    assert before == after


def test_words_never_become_formulas(archive: Archive) -> None:
    archive.write(
        RESULTS.replace("2026-1.yaml", "2026-2.yaml"),
        archive.read(RESULTS).split("  - id: r2")[0]
        .replace("2026-1", "2026-2").replace("id: r1", "id: r9").replace("mark: 2", "mark: 4")
        .replace("2026-05-28", "2026-10-28").replace("    resit_by: 2026-09-30\n", "")
        + '    text: "=HYPERLINK(1)"\n',
    )  # fmt: skip
    saved = archive.save("s001", now=datetime.now(UTC))
    assert saved.commit is not None, saved.findings
    root = archive.root
    [row] = table(give_results(root, ("2026-2",), "csv", names=True).data)
    assert (row["Отметка"], row["Словами"]) == ("4", "'=HYPERLINK(1)")
    assert row["Состояние"] == "не утверждено"
    page = first_page(give_results(root, ("2026-2",), "xlsx", names=True).data)
    assert "<f>" not in page
    assert "<v>4</v>" in page
    report = json.loads(give_results(root, ("2026-2",), "json", names=True).data)
    assert report["results"][0]["text"] == "=HYPERLINK(1)"


def test_a_decimal_mark_is_a_number_everywhere_and_no_date() -> None:
    """With a point a Russian spreadsheet would read 4.5 in CSV as the fourth of May."""
    person = student(result("r1", "2026-05-28", 4.5))
    archive = replace(SCHOOL, students={person.id: person})
    found = list(iter_rows(archive, ResultFilter(), lambda _: {}, names=False))
    [row] = table(write_results(found, "csv", "", names=False))
    assert row["Отметка"] == "4,5"
    assert "<v>4.5</v>" in first_page(write_results(found, "xlsx", "", names=False))
    assert json.loads(write_results(found, "json", "", names=False))["results"][0]["mark"] == 4.5


def test_every_column_says_what_stands_in_it(built_archive: Archive) -> None:
    keys = [column.key for column in COLUMNS]
    assert len(set(keys)) == len(keys)
    report = json.loads(give_results(built_archive.root, (), "json").data)
    assert set(report["columns"]) == {column.key for column in COLUMNS if not column.is_personal}
    assert all(set(row) <= set(report["columns"]) for row in report["results"])


def test_a_large_workbook_is_made_through_a_folder_that_is_left_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheets = (
        Sheet("Результаты", (("Дело", "Отметка"), ("2026-0001", 5), ("=2026", None))),
        Sheet("Колонки", (("Колонка", "Что в ней"), ("Дело", "номер"))),
    )
    plain = open_export(write_xlsx(sheets), "a.xlsx")
    monkeypatch.setattr(sheet_writing, "_IN_MEMORY", 0)
    by_files = open_export(write_xlsx(sheets, spill=tmp_path), "a.xlsx")
    assert by_files.findings == plain.findings == ()
    assert by_files.tables == plain.tables
    assert list(tmp_path.iterdir()) == []


def test_people_are_read_a_few_at_a_time_with_the_same_outcome(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_students(archive, 3)
    whole = give_results(archive.root, (), "csv").data
    monkeypatch.setattr(giving, "_AT_ONCE", 2)
    assert give_results(archive.root, (), "csv").data == whole
    one = give_results(archive.root, ("2026-0001",), "csv").data
    assert one.count(b"\r\n") > 1
    assert set(one.splitlines()) <= set(whole.splitlines())
