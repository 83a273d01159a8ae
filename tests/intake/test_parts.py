"""An export in parts: every byte in one of them, all together the file again."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from papka.core.places import place, raw_file, unit
from papka.intake.export_files import open_export
from papka.intake.export_parts import (
    NotWhole,
    Parts,
    join_parts,
    read_order,
    restore_original,
    row_line,
    write_manifest,
)
from papka.intake.tables import Export
from papka.records.acts import Import
from papka.records.archive import load_part
from papka.records.raw_exports import BOOK, HEADER, ORDER, read_list, read_rows
from papka.records.schemas import SchemaSet
from tests.support.archives import good, snapshot
from tests.support.exports import import_files, parts_of, text_export, workbook_export

KEY = "2026-1/1"
ENCODINGS = ("utf-8", "utf-8-sig", "windows-1251", "utf-16-le", "utf-16-be")
STUDENTS = ("2026-0001", "2026-0002", "2025-0003", None, "header", "aggregate", "rest")

cells = st.text(alphabet='абЯё09 ,;\t"\r\n.=-', max_size=6)
tables = st.lists(st.lists(cells, min_size=1, max_size=4), max_size=9)


def written(table: list[list[str]], delimiter: str, end: str, *, ended: bool) -> str:
    """As a platform writes it, quotes where they must be, and sometimes where they need not."""

    def quoted(cell: str) -> str:
        if any(sign in cell for sign in (delimiter, '"', "\r", "\n")):
            return '"' + cell.replace('"', '""') + '"'
        return cell

    text = end.join(delimiter.join(map(quoted, row)) for row in table)
    return text + end if ended and table else text


def owned(export: Export, choose: st.DataObject) -> Parts:
    """The parts after any assignment of rows."""
    whose = {
        row.number: choose.draw(st.sampled_from(STUDENTS))
        for table in export.tables
        for row in table.rows
    }
    special = {"header", "aggregate", "rest"}
    return parts_of(
        export,
        {number: owner for number, owner in whose.items() if owner not in special},
        header=[number for number, owner in whose.items() if owner == "header"],
        aggregates=[number for number, owner in whose.items() if owner == "aggregate"],
        key=KEY,
    )


def joined(parts: Parts, layout: str = "csv") -> bytes:
    found = {part.number: parts.files[part.path(KEY, layout)] for part in parts.listed}
    names = {part.owner: part.number for part in parts.listed}
    order = read_order(found[names[ORDER]])
    assert order is not None
    return join_parts(order, found)


def taken(export: Export) -> Import:
    """What the manifest of an export says once it is read back."""
    written_down = write_manifest(
        export,
        platform="kurs",
        layout="grades",
        edition=1,
        period="2026-1",
        taken=dt.date(2026, 6, 1),
        by="s002",
    )
    path = f"records/imports/{KEY}/manifest.yaml"
    archive = load_part([(path, written_down)], SchemaSet.load(snapshot(good())))
    assert archive.findings == ()
    return archive.imports[KEY]


dialects = st.tuples(
    st.sampled_from(ENCODINGS),
    st.sampled_from(",;\t|"),
    st.sampled_from(("\r\n", "\n", "\r")),
    st.booleans(),
)


@settings(max_examples=150)
@given(tables, dialects, st.data())
def test_the_parts_give_the_file_back_whoever_the_rows_belong_to(
    table: list[list[str]], dialect: tuple[str, str, str, bool], data: st.DataObject
) -> None:
    encoding, delimiter, end, ended = dialect
    text = written(table, delimiter, end, ended=ended)
    export = text_export(text, encoding=encoding, delimiter=delimiter)
    parts = owned(export, data)
    assert joined(parts) == export.data
    assert restore_original(snapshot(import_files(export, parts)), KEY).data == export.data


@settings(max_examples=60)
@given(st.binary(max_size=60), st.data())
def test_any_bytes_cut_anywhere_are_given_back(raw: bytes, data: st.DataObject) -> None:
    export = text_export(raw.decode("cp1251", errors="ignore"), delimiter=",")
    assert joined(owned(export, data)) == export.data


@settings(max_examples=60)
@given(tables, st.sampled_from(ENCODINGS), st.data())
def test_a_source_finds_its_cell_in_the_students_own_rows(
    table: list[list[str]], encoding: str, data: st.DataObject
) -> None:
    export = text_export(written(table, ";", "\r\n", ended=False), encoding=encoding)
    parts = owned(export, data)
    said = taken(export)
    own = {}
    for part in parts.listed:
        if part.student:
            own[part.student] = read_rows(parts.files[part.path(KEY, "csv")], said)
    students = dict.fromkeys(parts.rows)
    assert sum(map(len, own.values())) == len(students)
    spoken = sorted(tuple(cells) for rows in own.values() for cells in rows)
    assert spoken == sorted(row.cells for row in export.tables[0].rows if row.number in students)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_what_the_gate_reads_is_cut_and_joined(encoding: str) -> None:
    text = 'Почта;Имя;Балл\nа@школа.пример;"Лунная; А";"2,5"\nб@школа.пример;Гость;3\nСреднее;;2,75'
    data = text_export(text, encoding=encoding).data
    export = open_export(data, "Оценки.csv", encoding=encoding.removesuffix("-sig"))
    parts = parts_of(export, {2: "2026-0001", 3: None}, aggregates=[4])
    assert joined(parts) == data
    cells_of = read_rows(parts.files[raw_file("2026-0001", KEY)], taken(export))
    assert cells_of == [["а@школа.пример", "Лунная; А", "2,5"]]


def test_every_part_lies_in_a_known_place_and_people_only_in_units() -> None:
    export = text_export("Имя;Балл\nЛунная;5\nГость;4\nСреднее;4,5\n")
    parts = parts_of(export, {2: "2026-0001", 3: None}, aggregates=[4])
    for path in parts.files:
        assert place(path) is not None
    open_to_all = b"".join(data for path, data in parts.files.items() if unit(path) is None)
    for word in ("Лунная", "Гость", "4,5"):
        assert word.encode("cp1251") not in open_to_all
        assert word.encode() not in open_to_all


def test_a_file_that_ends_without_a_line_end_does_not_say_who_was_last() -> None:
    parts = parts_of(text_export("Имя\r\nГость\r\nЛунная"), {2: "2026-0002", 3: "2026-0001"})
    assert parts.files[raw_file("2026-0001", KEY)] == "Лунная\r\n".encode("cp1251")


def test_the_byte_order_mark_is_nobodys() -> None:
    export = text_export("Гость;3\nЛунная;5\n", encoding="utf-16-le")
    parts = parts_of(export, {1: "2026-0002", 2: "2026-0001"}, header=())
    assert parts.files[raw_file("2026-0002", KEY)] == "Гость;3\n".encode("utf-16-le")
    assert joined(parts) == export.data


def test_a_workbook_is_kept_whole_and_rows_as_lines() -> None:
    rows = [("Имя", "Балл"), ("Лунная\u2028Аглая", "5,00"), ("Гость", ""), ("Среднее", "5")]
    export = workbook_export(rows, b"PK\x03\x04 any bytes")
    parts = parts_of(export, {2: "2026-0001", 3: None}, aggregates=[4])
    owners = {part.owner for part in parts.listed}
    assert {BOOK, HEADER, ORDER, "2026-0001"} < owners
    assert parts.files[raw_file("2026-0001", KEY)] == row_line(rows[1])
    assert read_rows(row_line(rows[1]), taken(export)) == [list(rows[1])]
    given_back = restore_original(snapshot(import_files(export, parts)), KEY)
    assert (given_back.name, given_back.data) == (export.file, export.data)


def test_numbers_of_parts_are_drawn_and_never_repeat() -> None:
    parts = parts_of(text_export("а\nб\n"), {2: "2026-0001"}, numbers=[5, 5, 0, 9, 9, 7, 3])
    assert sorted(part.number for part in parts.listed) == [5, 7, 9]
    assert [part.number for part in parts.listed] == [5, 7, 9]


@pytest.mark.parametrize(
    ("owners", "header", "aggregates"),
    [({4: "2026-0001"}, [1], []), ({1: None}, [1], []), ({2: None}, [1], [2]), ({}, [9], [])],
)
def test_a_row_is_one_thing_and_is_there(
    owners: dict[int, str | None], header: list[int], aggregates: list[int]
) -> None:
    with pytest.raises(ValueError, match="rows"):
        parts_of(text_export("а\nб\nв\n"), owners, header=header, aggregates=aggregates)


def test_a_list_and_an_order_that_were_touched_are_not_read() -> None:
    parts = parts_of(text_export("а\nб\n"), {2: "2026-0001"}, numbers=[1, 2, 3, 4])
    listed = parts.files[f"records/imports/{KEY}/parts.txt"]
    assert read_list(listed) == (parts.listed, None)
    assert read_list(listed + b"7 2026-0001 00\n")[1] == len(parts.listed) + 2
    assert read_list(listed[:-1])[1] is not None
    assert read_list(b"")[1] == 1
    order = parts.files[f"records/imports/{KEY}/original/order.txt"]
    assert read_order(order) is not None
    for broken in (order[:-1], order + b"1 1\n", b"", order.replace(b"size: ", b"size: x")):
        assert read_order(broken) is None


def test_an_original_that_lacks_parts_says_which_and_how_many_rows() -> None:
    export = text_export("Имя\nЛунная\nЛунная\nГость\n")
    parts = parts_of(export, {2: "2026-0001", 3: "2026-0001", 4: "2026-0002"})
    files = import_files(export, parts)
    number = next(part.number for part in parts.listed if part.student == "2026-0001")
    del files[raw_file("2026-0001", KEY)]
    with pytest.raises(NotWhole, match=rf"{number} \(2\u00a0строки\)"):
        restore_original(snapshot(files), KEY)
    rest = restore_original(snapshot(files), KEY, remaining=True)
    assert rest.data == "Имя\nГость\n".encode("cp1251")
    assert rest.missing == (number,)


def test_an_original_whose_order_was_destroyed_does_not_know_the_rows() -> None:
    export = text_export("Имя\nЛунная\nГость\n")
    parts = parts_of(export, {2: "2026-0001", 3: "2026-0002"})
    files = import_files(export, parts)
    gone = [path for path in files if "/original/" in path or "2026-0001" in path]
    left = snapshot({path: data for path, data in files.items() if path not in gone})
    with pytest.raises(NotWhole, match="уже не узнать"):
        restore_original(left, KEY)
    assert restore_original(left, KEY, remaining=True).data == "Имя\nГость\n".encode("cp1251")


def test_an_altered_part_is_named_and_nothing_is_given() -> None:
    export = text_export("Имя\nЛунная;2\n")
    parts = parts_of(export, {2: "2026-0001"})
    files = import_files(export, parts)
    path = raw_file("2026-0001", KEY)
    files[path] = files[path].replace(b"2", b"5")
    number = next(part.number for part in parts.listed if part.student)
    with pytest.raises(NotWhole, match=f"изменены части {number}"):
        restore_original(snapshot(files), KEY)


def test_the_name_of_the_file_leads_nowhere() -> None:
    export = text_export("Имя\n", name="..\\..\\оценки.csv")
    files = import_files(export, parts_of(export, {}))
    assert restore_original(snapshot(files), KEY).name == "оценки.csv"
