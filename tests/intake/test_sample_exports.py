"""The sample school can take exports of both its platforms: Windows-1251 CSV and XLSX."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from papka.intake.export_files import open_export
from papka.intake.headers import recognise
from papka.intake.marks import MarkContext, Rows, read_rows
from tests.support.archives import loaded, sample

FOLDER = Path(__file__).parent / "sample"


def taken(platform: str, name: str) -> Rows:
    school = loaded(sample())
    assert school.organization is not None
    export = open_export((FOLDER / name).read_bytes(), name)
    assert export.findings == ()
    layout = recognise(export, school.platforms[platform])
    assert not isinstance(layout, tuple)
    scales = {scale.scale: scale for scale in school.organization.scales}
    found = read_rows(export, layout, MarkContext(school.programs, scales, dt.date(2026, 3, 20)))
    assert found.findings == ()
    return found


def test_kurs_with_a_guest_and_averages() -> None:
    found = taken("kurs", "kurs-python.csv")
    assert [student.key for student in found.students] == [
        *("0048500", "0048503", "0048401", "0049999"),
    ]
    assert [(mark.row, mark.part, mark.mark) for mark in found.marks] == [
        (2, "основы", 91),
        (2, "алгоритмы", 68),
        (2, "проект", "зачтено"),
        (3, "основы", 58),
        (4, "основы", 100),
        (4, "алгоритмы", 88),
        (4, "проект", "не зачтено"),
        (5, "основы", 10),
    ]
    assert found.kinds[6] == "aggregate"


def test_stupen_with_a_row_a_course() -> None:
    found = taken("stupen", "stupen-progress.xlsx")
    assert [student.rows for student in found.students] == [(2, 3), (4, 5), (6,)]
    assert [
        (mark.row, mark.program, mark.part, mark.mark, mark.date.isoformat(), mark.by_hand)
        for mark in found.marks
    ] == [
        (2, "guitar", "техника", 4, "2026-10-16", None),
        (3, "guitar", "ансамбль", "зачтено", "2026-10-18", "да: отчётный концерт"),
        (4, "guitar", "теория", 5, "2026-10-16", None),
        (5, "python", "основы", 73, "2026-10-20", None),
    ]
