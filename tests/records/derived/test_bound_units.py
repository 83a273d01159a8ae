"""What goes with a personal file (R-6.4): units that would give a row of it back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from papka.records.derived.in_force import bound_units
from papka.records.raw_exports import AGGREGATE, HEADER, UNMATCHED, ImportFiles, ImportPart
from tests.support.derived import SCHOOL

MINE, OTHERS = "2026-0001", "2026-0002"
FILE = "records/students/2026/2026-0001"
FIRST, SECOND = "records/imports/2026-1/1", "records/imports/2026-1/2"


@pytest.mark.parametrize(
    ("exports", "bound"),
    [
        ({}, []),
        ({"2026-1/1": [HEADER, AGGREGATE, MINE]}, [f"{FIRST}/original"]),
        ({"2026-1/1": [HEADER, OTHERS]}, []),
        ({"2026-1/1": [OTHERS, UNMATCHED]}, []),
        ({"2026-1/1": [UNMATCHED, MINE]}, [f"{FIRST}/original", f"{FIRST}/unmatched"]),
        (
            {"2026-1/2": [MINE], "2026-1/1": [OTHERS, MINE]},
            [f"{FIRST}/original", f"{SECOND}/original"],
        ),
        ({"2026-1/2": [MINE], "2026-1/1": [OTHERS]}, [f"{SECOND}/original"]),
    ],
)
def test_rows_of_others_stay_and_what_gives_ones_own_back_goes(
    exports: dict[str, list[str]], bound: list[str]
) -> None:
    files = {
        key: ImportFiles(
            parts=tuple(ImportPart(n, owner, "0" * 64) for n, owner in enumerate(owners, 1))
        )
        for key, owners in exports.items()
    }
    school = replace(SCHOOL, import_files=files)
    assert bound_units(school, MINE) == (FILE, *bound)
