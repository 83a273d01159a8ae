"""What an act of destruction names is known by what stands in its place, and nothing else is."""

from __future__ import annotations

import pytest

from papka.core.places import record_file
from papka.records.archive import Archive
from papka.records.editing import write_file
from papka.records.search import find_destroyed, words_of
from papka.records.student import Document, Student, to_mapping
from papka.records.tombstones import Tombstones, documents_of, names_destroyed, read_act
from tests.support.archives import destroyed, loaded

ACT = record_file("act", "1") or ""
SAID = "уничтожено по акту №\u00a01 от 20.12.2027"


@pytest.fixture(scope="module")
def archive() -> Archive:
    return loaded(destroyed())


def said(archive: Archive, path: str) -> str:
    found = archive.destroyed.of_path(path)
    return found.words if found else ""


@pytest.mark.parametrize(
    "path",
    [
        "records/students/2026/2026-0002",
        "records/students/2026/2026-0002/student.yaml",
        "records/orders/2025/0001.yaml",
        "records/orders/2025/0001.pdf",
        "records/registers/issued/2026/progress-0002.yaml",
    ],
)
def test_a_unit_and_all_that_lay_in_it(archive: Archive, path: str) -> None:
    assert said(archive, path) == SAID


@pytest.mark.parametrize(
    "path",
    [
        "records/students/2026/2026-0001/student.yaml",
        "records/students/2026/2026-00021/student.yaml",
        "records/orders/2025/0002.yaml",
        "records/orders/2025/00011.yaml",
        "records/programs/guitar.yaml",
        "records/acts/1/act.yaml",
        "",
    ],
)
def test_what_no_act_names_is_not_destroyed(archive: Archive, path: str) -> None:
    assert said(archive, path) == ""


def test_things_by_the_names_that_records_give_them(archive: Archive) -> None:
    known = archive.destroyed
    assert known.of_address("2026-0002#e1") == known.of_student("2026-0002")
    assert known.of_student("2026-0002") is not None
    assert known.of_student("2026-0001") is None
    assert known.of_student("никто") is None
    assert known.of_order("2025/0001") is not None
    assert known.of_order("2026/0001") is None
    assert known.of_number("У-2026-0002", archive.series) is not None
    assert known.of_number("У-2026-0003", archive.series) is None
    assert known.of_number("У-2026-0002", {}) is None
    for typed in ("У-2026-0002", "progress-0002"):
        assert [hit.cells for hit in find_destroyed(archive, words_of([typed])).lines] == [
            ("У-2026-0002", SAID)
        ]


def test_a_scan_is_destroyed_and_its_line_and_file_go_on(archive: Archive) -> None:
    student = archive.students["2026-0001"]
    by_id = {each.id: each for each in documents_of(student)}
    assert {id_ for id_, each in by_id.items() if archive.destroyed.of_scan(student, each)} == {
        "d4",
        "d5",
    }
    assert said(archive, f"{student.folder}/attachments/{by_id['d1'].file}") == ""
    assert set(archive.destroyed.files_of(student)) == {by_id["d4"].file}
    twin = Document(id="d1", kind="фото", title="Фото", medium="только файл", file=by_id["d4"].file)
    other = Student("2026-0009", documents=(twin,))
    assert archive.destroyed.of_scan(other, twin) is None


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("records/acts/первый/act.yaml", None),
        ("records/acts/1/purged.yaml", None),
        (ACT, b"date: 2027-12-20\n"),
        (ACT, b"what:\n  - path: records/orders/2025/0001\n"),
        (ACT, b"date: 2027-13-20\nwhat:\n  - path: records/orders/2025/0001\n"),
        (ACT, b"date: 2027-12-20\nremains:\n  - path: records/orders/2025/0001\n"),
        (ACT, b"\xff"),
        (ACT, b""),
    ],
)
def test_what_is_no_act_destroys_nothing(path: str, data: bytes | None) -> None:
    assert list(Tombstones([(path, data if data is not None else destroyed()[ACT])])) == []


def test_an_act_is_read_as_it_is_written(archive: Archive) -> None:
    things = archive.destruction_acts["1"].what
    assert [(each.path, each.entry) for each in archive.destroyed] == [
        (each.path, each.entry or "") for each in things
    ]
    written = write_file(to_mapping(archive.destruction_acts["1"])).encode()
    assert [*read_act(ACT, written)] == [*archive.destroyed]
    assert [*read_act(ACT, written.replace(b"  - path: r", b'  - path: "r').replace(
        b"0002\n", b'0002"\n'))][-1].path == things[-1].path  # fmt: skip


def test_names_once_given_are_found_in_the_bytes_of_acts() -> None:
    other = b"date: 2028-01-01\nwhat:\n  - path: records/orders/2025/0007\n"
    acts = [(ACT, destroyed()[ACT]), ("records/acts/2/act.yaml", other)]
    assert {*names_destroyed(acts, "records/orders/2025")} == {"0001", "0007"}
    assert {*names_destroyed(acts, "records/students/2026")} == {"2026-0001", "2026-0002"}
    assert [*names_destroyed(acts, "records/orders/202")] == []
