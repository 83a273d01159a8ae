"""Numbers in the inventory and on the certifying sheet, against a count by poppler's tools."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as with_fields

from papka.core.snapshot import Snapshot
from papka.records.student import Student
from tests.paper.conftest import Paper, volumes
from tests.paper.invented_school import AGLAYA, D, result
from tests.paper.pictures import pdf_of
from tests.paper.sheet_counting import counted, squeezed

THREE, TWO = pdf_of(3), pdf_of(2)


def written(data: bytes, folder: Path) -> Path:
    path = folder / "file.pdf"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("which", ["ordinary", "large"])
def test_certifying_sheet_says_what_poppler_counts(
    which: str, request: pytest.FixtureRequest
) -> None:
    """R-6.5"""
    paper: Paper = request.getfixturevalue(which)
    found = counted(paper.path)
    bound_in = sum(document.sheets or 0 for document in paper.student.documents)
    assert found.numbers == tuple(map(str, range(1, len(found.numbers) + 1)))
    total = len(found.numbers) + bound_in
    assert found.said == (total, len(found.numbers), bound_in, "1", str(total))
    assert squeezed(f"листов внутренней описи {found.inner} (") in found.text
    assert squeezed(f"На {total} лист") in found.text


def test_inventory_names_the_sheets_on_which_chapters_begin(large: Paper) -> None:
    found = counted(large.path)
    results = int(found.starting("Ведомость результатов освоения программ"))
    summary = int(found.starting("Сводная ведомость освоения программ"))
    card = f"1–{results - 1}" if results > 2 else "1"
    last = len(found.numbers)
    rest = f"{summary}–{last}" if last > summary else str(summary)
    assert summary - results > 2
    for title, span in (
        ("Личная карточка обучающегося", card),
        ("Ведомость результатов: 1 полугодие 2026 года", f"{results}–{summary - 1}"),
        ("Сводная ведомость освоения программ", rest),
    ):
        assert squeezed(title + span) in found.text, title


def test_the_inventory_leaves_no_sheet_with_signatures_alone(
    templates: Snapshot, tmp_path: Path
) -> None:
    """So many lines that the totals alone would pass to the next sheet."""
    papers = tuple(
        with_fields(AGLAYA.documents[0], id=f"d{n}", number=f"{n}/26", sheets=1)
        for n in range(1, 20)
    )
    (done,) = volumes(replace(AGLAYA, documents=papers, periods={}), templates)
    found = counted(written(done.data, tmp_path))
    assert found.inner == 2
    (last,) = [page for page in found.pages if "Листов внутренней описи" in page]
    assert "19/26" in last


def scanned() -> tuple[dict[str, bytes], Student]:
    """A contract of three sheets, then two scans around a paper and a file without paper."""
    first, second = AGLAYA.documents[3], AGLAYA.documents[4]
    documents = (
        AGLAYA.documents[0],
        with_fields(first, file="b.pdf", sheets=3),
        AGLAYA.documents[1],
        AGLAYA.documents[2],
        with_fields(second, file="c.pdf", sheets=1),
    )
    return {"b.pdf": THREE, "c.pdf": TWO}, replace(AGLAYA, documents=documents)


@pytest.mark.parametrize("duplex", [False, True])
def test_scans_are_numbered_among_the_papers_bound_in_by_hand(
    templates: Snapshot, tmp_path: Path, *, duplex: bool
) -> None:
    """R-5.5: a copy is counted by the pages of its scan, printed on both sides by its sheets."""
    scans, student = scanned()
    (done,) = volumes(student, templates, scans=scans, duplex=duplex)
    found = counted(written(done.data, tmp_path))
    chapters = int(found.starting("Грамота за исполнение этюда, страница 1 из 3")) - 4
    sizes = (2, 1) if duplex else (3, 2)
    first = chapters + 4
    second = first + sizes[0] + 1
    expected = [*range(1, chapters + 1), *range(first, first + sizes[0])]
    expected += range(second, second + sizes[1])
    assert found.numbers == tuple(map(str, expected))
    last = second + sizes[1] - 1
    assert found.said == (last, len(expected), 4, "1", str(last))
    first_span, second_span = (
        f"{start}–{start + size - 1}" if size > 1 else str(start)
        for start, size in ((first, sizes[0]), (second, sizes[1]))
    )
    assert squeezed(f"Грамота за исполнение этюда{first_span}") in found.text
    assert squeezed(f"музыкальной школе «Ручеёк»{second_span}") in found.text
    assert ("позаписи1лист" in found.text) is not duplex


def test_fronts_bear_numbers_and_every_part_begins_a_front(
    templates: Snapshot, tmp_path: Path
) -> None:
    scans, student = scanned()
    (done,) = volumes(student, templates, scans=scans, duplex=True)
    found = counted(written(done.data, tmp_path))
    fronts, backs = found.pages[::2], found.pages[1::2]
    assert all("лист " in page or "заверитель" in page for page in fronts[1:-1])
    assert not any("лист " in page.rstrip().rpartition("\n")[2] for page in backs)
    for title in ("Лист-заверитель дела", "Сводная ведомость освоения программ"):
        assert any(title in page and "лист" in page for page in fronts), title


def test_sheets_nobody_has_counted_leave_the_rest_to_the_hand(
    templates: Snapshot, tmp_path: Path
) -> None:
    scans, student = scanned()
    documents = student.documents
    uncounted = with_fields(documents[0], sheets=None)
    student = replace(student, documents=(documents[1], uncounted, documents[4]))
    (done,) = volumes(student, templates, scans=scans)
    found = counted(written(done.data, tmp_path))
    assert squeezed("пронумеровано ______________ (______________) листов") in found.text
    assert found.numbers[-1] == found.starting("Грамота за исполнение этюда, страница 3 из 3")


def test_one_result_makes_a_whole_file(templates: Snapshot, tmp_path: Path) -> None:
    student = replace(
        AGLAYA,
        periods={"2026-1": (result(1, D(2026, 2, 10), mark=5),)},
        documents=(),
        credits=(),
        awards=(),
        notices=(),
        consents=(),
    )
    (done,) = volumes(student, templates)
    found = counted(written(done.data, tmp_path))
    assert found.said[:3] == (3, 3, 0)
