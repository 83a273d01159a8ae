"""What acts destroyed is told of on paper and on screens by its number and the act, and no more."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from papka.core.errors import NotFound
from papka.desk.dossier import documents
from papka.paper.form import State, find_student
from papka.paper.forms import management, register, school_books, self_examination
from papka.paper.sections import photo_fact
from papka.paper.volumes import describe_document
from papka.records import wording
from papka.records.archive import Archive
from papka.records.search import find_destroyed, find_papers, name_on, words_of
from papka.records.student import Student
from papka.records.wording import note_destroyed
from tests.support.archives import destroyed, loaded

SAID = "уничтожено по акту №\u00a01 от 20.12.2027"
DAY = dt.date(2028, 1, 10)


def state_of(archive: Archive) -> State:
    moment = dt.datetime(2028, 1, 10, 9, tzinfo=dt.UTC)
    return State(archive, moment, DAY, "0" * 40)


@pytest.fixture(scope="module")
def archive() -> Archive:
    return loaded(destroyed())


@pytest.fixture(scope="module")
def before(archive: Archive) -> Archive:
    """The same archive while everything is still there."""
    student = archive.students["2026-0001"]
    files = {each.file: "0" for each in student.documents if each.file}
    whole = replace(student, attachments=files)
    return replace(archive, students={**archive.students, "2026-0001": whole})


def inventory(archive: Archive, student: Student) -> list[str]:
    left = (archive.destroyed.without_scan(student, each) for each in student.documents)
    return [describe_document(archive, each, None) for each in left]


def test_the_line_of_a_destroyed_scan_stays_in_the_inventory(
    archive: Archive, before: Archive
) -> None:
    student = archive.students["2026-0001"]
    lines = inventory(archive, student)
    assert [SAID.capitalize() in line for line in lines] == [False, False, False, True]
    assert "0b5e1f3a9c77" not in lines[3]
    assert "0b5e1f3a9c77.jpg" in inventory(before, before.students["2026-0001"])[3]


def test_a_destroyed_scan_takes_the_sheets_it_had(archive: Archive) -> None:
    student = archive.students["2026-0001"]
    photo = student.documents[3]
    for medium, sheets, left in (
        ("копия", None, "только файл"),
        ("копия", 2, "копия"),
        ("подлинник", 3, "подлинник"),
    ):
        line = changed(photo, medium=medium, sheets=sheets)
        now = archive.destroyed.without_scan(student, line)
        assert (now.medium, now.sheets, now.file) == (left, sheets, None)


def test_the_card_names_the_act_in_place_of_the_photo(archive: Archive, before: Archive) -> None:
    fact = photo_fact(archive, archive.students["2026-0001"], "d4", DAY)
    assert fact.text == f"по описи: Фотография: {SAID}"
    stood = photo_fact(before, before.students["2026-0001"], "d4", DAY)
    assert stood.text == "по описи: Фотография. Не печатается: нет действующего согласия"


def test_screens_tell_of_it(archive: Archive, before: Archive) -> None:
    for told, where in ((True, archive), (False, before)):
        [section] = documents(where, where.students["2026-0001"])
        assert (f"скан: {SAID}" in section.rows[3][-1]) is told
        [line] = find_papers(where, words_of(["Фотография"])).lines[-1:]
        assert (SAID in line.cells[-1]) is told


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("2026-0002", "2026-0002"),
        ("2025/0001", "2025/0001"),
        ("progress-0002", "У-2026-0002"),
        ("у-2026-0002", "У-2026-0002"),
        ("2026-0001#d4", "2026-0001#d4"),
    ],
)
def test_it_is_found_by_its_number(archive: Archive, word: str, name: str) -> None:
    assert [each.cells for each in find_destroyed(archive, words_of([word])).lines] == [
        (name, SAID)
    ]


def test_names_in_other_papers_say_what_became_of_it(archive: Archive) -> None:
    number = "№\u00a02026-0002"
    assert name_on(archive, "2026-0002#e1", DAY) == f"личное дело {number} ({SAID})"
    assert name_on(archive, "2026-0009#e1", DAY) == "личное дело №\u00a02026-0009"
    assert wording.order(archive, "2025/0001") == f"приказ 2025/0001 ({SAID})"
    assert wording.order(archive, "2025/0009") == "приказ 2025/0009"


def test_a_destroyed_file_is_not_called_unknown(archive: Archive) -> None:
    with pytest.raises(NotFound, match=f"Личное дело 2026-0002 {SAID}"):
        find_student(archive, "2026-0002")
    with pytest.raises(NotFound, match="Дела 2026-0009 в архиве нет"):
        find_student(archive, "2026-0009")


def test_reports_count_it_from_the_acts_alone(archive: Archive) -> None:
    said = (
        "Дела уничтожены по акту, в таблицах их нет: «Гитара с нуля», 1-е полугодие 2026 года, "
        "обучались\u00a0— 1, завершили\u00a0— 1."
    )
    state = state_of(archive)
    assert said in management.view(state, "2026-1").notes
    assert not any("по акту" in note for note in management.view(state, "2026-2").notes)
    assert said in self_examination.view_exact(state, "2026").notes
    public = [note for note in self_examination.view(state, "2026").notes if "по акту" in note]
    assert public == [said.replace("— 1", f"— {self_examination.HIDDEN}")]
    twice = {**archive.destruction_acts, "2": archive.destruction_acts["1"]}
    [both] = note_destroyed(replace(archive, destruction_acts=twice), ["2026-1"])
    assert both == said.replace("— 1", "— 2")


def test_books_have_a_line_for_it(archive: Archive) -> None:
    state = state_of(archive)
    book = register.view(state, "progress/2026")
    assert [row.gap for row in book.rows] == ["", f"№\u00a0У-2026-0002: {SAID}", ""]
    assert book.total.endswith("; пропущенных номеров нет; уничтожено по актам\u00a0— 1.")
    nothing = register.view(state_of(replace(archive, registers={})), "progress/2026")
    assert nothing.total == "Записей в книге не осталось; уничтожено по актам\u00a0— 1."
    assert "2025/0001" not in str(school_books.show_orders(state, "2026"))
    old = changed(archive.orders["2026/0001"], date=dt.date(2025, 1, 9))
    orders = school_books.show_orders(state_of(replace(archive, orders={"2025/0002": old})), "2025")
    assert [row[1] for row in orders.tables[0].rows] == ["1-о", "файл 2025/0001"]
    assert orders.tables[0].rows[1][4] == SAID
