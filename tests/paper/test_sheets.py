"""Sheets of the case: numbers, letters, gaps and volumes (R-6.5)."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.paper.volumes import LIMIT, Piece, divide_volumes, join_labels


def paper(
    sheets: int | None, *lettered: str, skipped: tuple[int, ...] = (), key: str = "d"
) -> Piece:
    return Piece(key, "Работа", sheets, lettered=lettered, skipped=skipped)


def numbers(*pieces: Piece) -> list[str | None]:
    (volume,) = divide_volumes(pieces)
    return [None if part.labels is None else join_labels(part.labels) for part in volume.parts]


def test_sheets_are_numbered_through() -> None:
    assert numbers(paper(4), paper(1), paper(0), paper(2)) == ["1–4", "5", "", "6–7"]


def test_a_lettered_sheet_takes_no_number() -> None:
    assert numbers(paper(4, "3а"), paper(1)) == ["1–3, 3а", "4"]


def test_a_skipped_number_is_on_no_sheet() -> None:
    assert numbers(paper(3, skipped=(2,)), paper(1)) == ["1, 3–4", "5"]


def test_nothing_is_known_after_an_uncounted_paper() -> None:
    assert numbers(paper(2), paper(None), paper(2)) == ["1–2", None, None]


def test_the_last_number_is_not_the_count_of_sheets() -> None:
    (volume,) = divide_volumes((paper(2), paper(3), paper(36, "12а", "12б", skipped=(31,))))
    assert volume.labels
    assert len(volume.labels) == 41
    assert max(int(label) for label in volume.labels if label.isdecimal()) == 40
    assert [part.skipped for part in volume.parts] == [(), (), (31,)]


@pytest.mark.parametrize(("missing", "at"), [(1, 0), (250, 0), (251, None), (300, None)])
def test_a_skipped_number_is_told_in_the_first_volume_that_passes_over_it(
    missing: int, at: int | None
) -> None:
    """Also the first number of the paper; one beyond the last sheet of a volume is in none."""
    found = divide_volumes((paper(300, skipped=(missing,)),))
    assert [part.skipped for volume in found for part in volume.parts] == [
        (missing,) if n == at else () for n in (0, 1)
    ]


def test_a_number_that_another_paper_bears_is_not_missing() -> None:
    """What the record says was skipped counts only where the numbering passed over it."""
    (volume,) = divide_volumes((paper(2), paper(3, skipped=(1, 4, 7, 90)), paper(2)))
    assert volume.labels == ("1", "2", "3", "5", "6", "7", "8")
    assert [part.skipped for part in volume.parts] == [(), (4,), ()]


def test_of_a_paper_without_numbers_the_record_says_what_was_skipped() -> None:
    (volume,) = divide_volumes((paper(None, skipped=(4,)), paper(2, "5а", skipped=(5, 6))))
    assert volume.labels is None
    assert [part.skipped for part in volume.parts] == [(4,), (5, 6)]


def test_lettered_sheets_alone_have_no_gaps_and_no_more_letters_than_sheets() -> None:
    (volume,) = divide_volumes((paper(2), paper(1, "2а", "2б", skipped=(3,)), paper(1)))
    assert volume.labels == ("1", "2", "2а", "3")
    assert [part.skipped for part in volume.parts] == [(), (), ()]


def test_what_has_no_sheets_needs_no_number_even_where_none_is_known() -> None:
    assert numbers(paper(None), paper(0), paper(1)) == [None, "", None]


def test_letters_break_a_run_of_numbers() -> None:
    assert join_labels(["3", "4", "4а", "5", "6", "8"]) == "3–4, 4а, 5–6, 8"
    assert join_labels([]) == ""


@pytest.mark.parametrize(
    ("counts", "shelves"),
    [
        ((), [[]]),
        ((250,), [[250]]),
        ((251,), [[250], [1]]),
        ((100, 150), [[100, 150]]),
        ((100, 151), [[100], [151]]),
        ((10, 250), [[10], [250]]),
        ((10, 251), [[10, 240], [11]]),
        ((250, 600), [[250], [250], [250], [100]]),
        ((250, 0, 1), [[250, 0], [1]]),
        ((500,), [[250], [250]]),
    ],
)
def test_a_volume_is_filled_to_its_last_sheet_and_no_further(
    counts: tuple[int, ...], shelves: list[list[int]]
) -> None:
    found = divide_volumes([paper(count, key=str(at)) for at, count in enumerate(counts)])
    assert [[part.count for part in volume.parts] for volume in found] == shelves


def test_sheets_out_of_the_printer_are_counted_in_the_volume_they_are_in() -> None:
    chapter = Piece("card", "Карточка", 300, is_printed=True)
    first, second = divide_volumes((chapter, paper(4)))
    assert (first.printed, second.printed) == (250, 50)
    assert second.labels == tuple(str(number) for number in range(1, 55))


def test_only_one_of_several_volumes_is_called_by_its_number() -> None:
    (alone,) = divide_volumes((paper(1),))
    assert alone.title == ""
    (third,) = divide_volumes((paper(1),), bound=2)
    assert (third.title, third.number, third.of) == ("том 3 из 3", 3, 3)
    titles = [volume.title for volume in divide_volumes((paper(260),), bound=1)]
    assert titles == ["том 2 из 3", "том 3 из 3"]


def test_letters_and_gaps_of_a_divided_paper_are_each_told_once() -> None:
    first, second = divide_volumes((paper(252, "7а", skipped=(3,)),))
    assert first.labels == tuple(str(number) for number in range(1, 252) if number != 3)
    assert second.labels == ("1", "7а")
    assert [part.skipped for volume in (first, second) for part in volume.parts] == [(3,), ()]


def test_a_volume_begins_with_its_earliest_paper() -> None:
    early, late = dt.date(2025, 1, 9), dt.date(2026, 3, 1)
    bare = Piece("d3", "Фото", 0, date=dt.date(2020, 1, 1))
    first, second = divide_volumes(
        (Piece("d1", "Договор", 250, date=late), Piece("d2", "Заявление", 1, date=early), bare)
    )
    assert (first.started, second.started) == (late, early)
    assert (first.ended, second.ended) == (late, early)
    (undated,) = divide_volumes((paper(1), bare))
    assert (undated.started, undated.ended) == (None, None)


@given(st.lists(st.integers(0, 600), max_size=12), st.integers(0, 3))
def test_every_sheet_is_in_one_volume_in_order(counts: list[int], bound: int) -> None:
    listed = [paper(count, key=str(at)) for at, count in enumerate(counts)]
    found = divide_volumes(listed, bound)
    sizes = [sum(part.count for part in volume.parts) for volume in found]
    assert sum(sizes) == sum(counts)
    for volume, size in zip(found, sizes, strict=True):
        assert volume.labels == tuple(str(number) for number in range(1, size + 1))
    assert all(len(volume.labels or ()) <= LIMIT for volume in found)
    assert [volume.number for volume in found] == list(range(bound + 1, bound + 1 + len(found)))
    divided = {part.piece.key for volume in found for part in volume.parts if part.goes_on}
    assert all(counts[int(key)] > LIMIT for key in divided)
