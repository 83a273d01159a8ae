"""Sheets of the case: numbers, letters, gaps and volumes (R-6.5)."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from papka.views.personal_file.sheets import Piece, placed, spans
from papka.views.personal_file.volumes import LIMIT, volumes


def paper(
    sheets: int | None, *lettered: str, skipped: tuple[int, ...] = (), key: str = "d"
) -> Piece:
    return Piece("бумага", key, "Работа", sheets, lettered=lettered, skipped=skipped)


def numbers(first: int, *pieces: Piece) -> list[str | None]:
    return [None if each.labels is None else spans(each.labels) for each in placed(pieces, first)]


def test_sheets_are_numbered_through() -> None:
    assert numbers(3, paper(4), paper(1), paper(0), paper(2)) == ["3–6", "7", "", "8–9"]


def test_a_lettered_sheet_takes_no_number() -> None:
    assert numbers(4, paper(4, "5а"), paper(1)) == ["4–6, 5а", "7"]


def test_a_skipped_number_is_on_no_sheet() -> None:
    assert numbers(6, paper(3, skipped=(7,)), paper(1)) == ["6, 8–9", "10"]


def test_nothing_is_known_after_an_uncounted_paper() -> None:
    assert numbers(1, paper(2), paper(None), paper(2)) == ["1–2", None, None]


def test_the_last_number_is_not_the_count_of_sheets() -> None:
    (volume,) = volumes(placed((paper(2), paper(3), paper(36, "12а", "12б", skipped=(31,)))))
    assert volume.labels
    assert len(volume.labels) == 41
    assert max(int(label) for label in volume.labels if label.isdecimal()) == 40
    assert [part.skipped for part in volume.parts] == [(), (), (31,)]


def test_a_skipped_number_is_told_in_the_volume_where_it_is_missing() -> None:
    first, second = volumes(placed((paper(300, skipped=(280,)),)))
    assert (first.parts[0].skipped, second.parts[0].skipped) == ((), (280,))


@given(st.lists(st.integers(0, 600), max_size=12), st.integers(1, 900), st.integers(0, 3))
def test_every_sheet_is_in_one_volume_in_order(counts: list[int], first: int, bound: int) -> None:
    listed = placed([paper(count, key=str(at)) for at, count in enumerate(counts)], first)
    found = volumes(listed, bound)
    labels = [label for volume in found for label in volume.labels or ()]
    assert labels == [str(number) for number in range(first, first + sum(counts))]
    assert all(len(volume.labels or ()) <= LIMIT for volume in found)
    assert [volume.number for volume in found] == list(range(bound + 1, bound + 1 + len(found)))
    divided = {part.piece.key for volume in found for part in volume.parts if part.goes_on}
    assert all(counts[int(key)] > LIMIT for key in divided)
