"""Sheets of the case: numbers, letters, gaps and volumes (R-6.5)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papka.paper.volumes import LIMIT, Piece, divide_volumes, join_labels, number_sheets


def paper(
    sheets: int | None, *lettered: str, skipped: tuple[int, ...] = (), key: str = "d"
) -> Piece:
    return Piece(key, "Работа", sheets, lettered=lettered, skipped=skipped)


def numbers(first: int, *pieces: Piece) -> list[str | None]:
    return [
        None if each.labels is None else join_labels(each.labels)
        for each in number_sheets(pieces, first)
    ]


def test_sheets_are_numbered_through() -> None:
    assert numbers(3, paper(4), paper(1), paper(0), paper(2)) == ["3–6", "7", "", "8–9"]


def test_a_lettered_sheet_takes_no_number() -> None:
    assert numbers(4, paper(4, "5а"), paper(1)) == ["4–6, 5а", "7"]


def test_a_skipped_number_is_on_no_sheet() -> None:
    assert numbers(6, paper(3, skipped=(7,)), paper(1)) == ["6, 8–9", "10"]


def test_nothing_is_known_after_an_uncounted_paper() -> None:
    assert numbers(1, paper(2), paper(None), paper(2)) == ["1–2", None, None]


def test_the_last_number_is_not_the_count_of_sheets() -> None:
    (volume,) = divide_volumes(
        number_sheets((paper(2), paper(3), paper(36, "12а", "12б", skipped=(31,))))
    )
    assert volume.labels
    assert len(volume.labels) == 41
    assert max(int(label) for label in volume.labels if label.isdecimal()) == 40
    assert [part.skipped for part in volume.parts] == [(), (), (31,)]


@pytest.mark.parametrize(("missing", "at"), [(1, 0), (250, 0), (251, 1), (252, 1), (300, 1)])
def test_a_skipped_number_is_told_in_the_volume_where_it_is_missing(missing: int, at: int) -> None:
    """Also the first number of the paper, and the one at which the volume ends."""
    found = divide_volumes(number_sheets((paper(300, skipped=(missing,)),)))
    assert [part.skipped for volume in found for part in volume.parts] == [
        (missing,) if n == at else () for n in (0, 1)
    ]


def test_a_number_that_another_paper_bears_is_not_missing() -> None:
    """What the record says was skipped counts only where the numbering passed over it."""
    (volume,) = divide_volumes(number_sheets((paper(2), paper(3, skipped=(1, 4, 7, 90)), paper(2))))
    assert volume.labels == ("1", "2", "3", "5", "6", "7", "8")
    assert [part.skipped for part in volume.parts] == [(), (4,), ()]


def test_of_a_paper_without_numbers_the_record_says_what_was_skipped() -> None:
    (volume,) = divide_volumes(
        number_sheets((paper(None, skipped=(4,)), paper(2, "5а", skipped=(5, 6))))
    )
    assert volume.labels is None
    assert [part.skipped for part in volume.parts] == [(4,), (5, 6)]


def test_lettered_sheets_alone_have_no_gaps_and_no_more_letters_than_sheets() -> None:
    (volume,) = divide_volumes(
        number_sheets((paper(2), paper(1, "2а", "2б", skipped=(3,)), paper(1)))
    )
    assert volume.labels == ("1", "2", "2а", "3")
    assert [part.skipped for part in volume.parts] == [(), (), ()]


def test_what_has_no_sheets_needs_no_number_even_where_none_is_known() -> None:
    assert numbers(1, paper(None), paper(0), paper(1)) == [None, "", None]


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
    found = divide_volumes(
        number_sheets([paper(count, key=str(at)) for at, count in enumerate(counts)])
    )
    assert [[part.count for part in volume.parts] for volume in found] == shelves


def test_sheets_out_of_the_printer_are_counted_in_the_volume_they_are_in() -> None:
    chapter = Piece("card", "Карточка", 300, is_printed=True)
    first, second = divide_volumes(number_sheets((chapter, paper(4))))
    assert (first.printed, second.printed) == (250, 50)
    assert second.labels == tuple(str(number) for number in range(251, 305))


def test_only_one_of_several_volumes_is_called_by_its_number() -> None:
    (alone,) = divide_volumes(number_sheets((paper(1),)))
    assert alone.title == ""
    (third,) = divide_volumes(number_sheets((paper(1),)), bound=2)
    assert (third.title, third.number, third.of) == ("том 3 из 3", 3, 3)
    titles = [volume.title for volume in divide_volumes(number_sheets((paper(260),)), bound=1)]
    assert titles == ["том 2 из 3", "том 3 из 3"]


@given(st.lists(st.integers(0, 600), max_size=12), st.integers(1, 900), st.integers(0, 3))
def test_every_sheet_is_in_one_volume_in_order(counts: list[int], first: int, bound: int) -> None:
    listed = number_sheets([paper(count, key=str(at)) for at, count in enumerate(counts)], first)
    found = divide_volumes(listed, bound)
    labels = [label for volume in found for label in volume.labels or ()]
    assert labels == [str(number) for number in range(first, first + sum(counts))]
    assert all(len(volume.labels or ()) <= LIMIT for volume in found)
    assert [volume.number for volume in found] == list(range(bound + 1, bound + 1 + len(found)))
    divided = {part.piece.key for volume in found for part in volume.parts if part.goes_on}
    assert all(counts[int(key)] > LIMIT for key in divided)
