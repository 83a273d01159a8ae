"""Each shipped layout reads a realistic file of its platform into what a person wrote down by hand.

`exports/<layout>/expected*.yaml` names the files and what must come of them; marks without a
date are of the day of the export.
"""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest

from papka.intake.export_files import open_export
from papka.intake.headers import recognise
from papka.intake.marks import MarkContext, Rows, StudentRow, read_rows
from papka.records.schemas import SchemaSet
from papka.records.school import Platform, Program, Scale
from papka.records.strict_yaml import read
from tests.support.archives import PROJECT, good, snapshot

SHIPPED = PROJECT / "templates" / "platforms"
EXPORTS = Path(__file__).parent / "exports"
DAY = dt.date(2026, 5, 28)


def value_of(path: Path) -> Any:  # noqa: ANN401 - YAML
    document = read(path.read_bytes(), path.name)
    assert document.findings == ()
    return document.value


@cache
def context() -> MarkContext:
    """The programme the layouts are written for, and the scales a new archive starts with."""
    school = value_of(PROJECT / "templates/archive/records/organization.yaml")
    scales = [msgspec.convert(scale, Scale) for scale in school["scales"]]
    program = msgspec.convert(value_of(EXPORTS / "program.yaml"), Program)
    return MarkContext({"example": program}, {scale.scale: scale for scale in scales}, DAY)


def rows_of(file: Path) -> Rows:
    platform = msgspec.convert(value_of(SHIPPED / f"{file.parent.name}.yaml"), Platform)
    export = open_export(file.read_bytes(), file.name)
    assert export.findings == ()
    layout = recognise(export, platform)
    assert not isinstance(layout, tuple)
    return read_rows(export, layout, context())


CASES = [
    (expected, name)
    for expected in sorted(EXPORTS.glob("*/expected*.yaml"))
    for name in value_of(expected)["files"]
]


def person(student: StudentRow) -> dict[str, Any]:
    """A student as an expectation writes it: what is empty is left out."""
    name = student.person
    told = {
        "rows": list(student.rows),
        "key": student.key,
        "email": student.email,
        "surname": name and name.surname,
        "given": name and name.given,
        "patronymic": name and name.patronymic,
        "birth_date": student.birth_date and student.birth_date.isoformat(),
        "skipped": student.skipped,
        "fields": dict(student.fields),
    }
    return {key: value for key, value in told.items() if value}


@pytest.mark.parametrize(
    ("expected", "name"), CASES, ids=[f"{path.parent.name}/{name}" for path, name in CASES]
)
def test_a_file_reads_as_expected(expected: Path, name: str) -> None:
    wanted = value_of(expected)
    found = rows_of(expected.parent / name)
    assert found.layout.id == wanted["layout"]
    assert [person(student) for student in found.students] == wanted["students"]
    assert [
        (mark.row, mark.column, mark.part, mark.raw, mark.mark, mark.date, mark.by_hand)
        for mark in found.marks
    ] == [
        (
            *(mark[key] for key in ("row", "column", "part", "raw", "mark")),
            dt.date.fromisoformat(mark.get("date", DAY.isoformat())),
            mark.get("by_hand"),
        )
        for mark in wanted["marks"]
    ]
    others = {str(row): kind for row, kind in found.kinds.items() if kind != "student"}
    assert others == {str(row): kind for row, kind in wanted["others"].items()}
    told = [f"{each.code.name} {each.where.line}:{each.where.column}" for each in found.findings]
    assert told == wanted["findings"]


LIST_HEAD = (
    "№;Фамилия;Имя;Отчество;Дата рождения;Пол;Почта;Телефон;Программа;Группа;Зачислен;Приказ"
)
LISTED = (
    "1",
    "Пробкина",
    "Анна",
    "Петровна",
    "05.03.2012",
    "ж",
    "",
    "",
    "Пример",
    "",
    "01.09.2026",
    "",
)


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"Телефон": "8(900)123-45-67"}, {"phone": "+79001234567"}),
        ({"Телефон": "8 900 123 45 67"}, {"phone": "+79001234567"}),
        ({"Телефон": "9001234567"}, {"phone": "+79001234567"}),
        ({"Телефон": "-"}, {}),
        ({"Программа": "ПРИМЕР"}, {}),
        ({"Пол": "Женский"}, {}),
        ({"Зачислен": "1 сентября 2026 г."}, {}),
        ({"Зачислен": "2026/09/01"}, {}),
        ({"Зачислен": "46266"}, {}),
    ],
)
def test_a_cell_of_the_schools_list_is_read_however_written(
    changed: dict[str, str], fields: dict[str, str]
) -> None:
    found = _list_rows(changed)
    usual = {"sex": "женский", "program": "example", "start": "2026-09-01"}
    assert found.findings == ()
    assert [dict(each.fields) for each in found.students] == [usual | fields]


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"Телефон": "123"}, "Ячейка H2, «Телефон»: «123»"),
        ({"Зачислен": "осенью"}, "Ячейка K2, «Зачислен»: «осенью»"),
        ({"Дата рождения": "31.09.2012"}, "Ячейка E2, «Дата рождения»: «31.09.2012»"),
        ({"Пол": "др"}, "Ячейка F2, «Пол»: «др»"),
        ({"Программа": "Пенье"}, "Ячейка I2, «Программа»: «Пенье»"),
    ],
)
def test_a_wrong_cell_of_the_schools_list_is_named(changed: dict[str, str], told: str) -> None:
    (finding,) = _list_rows(changed).findings
    assert finding.message.startswith(told)
    assert finding.hint.startswith("Здесь бывает: ") or "пишут так" in finding.hint


def _list_rows(changed: dict[str, str]) -> Rows:
    """Read one row of the school's own list by the shipped layout."""
    cells = dict(zip(LIST_HEAD.split(";"), LISTED, strict=True)) | changed
    data = "\n".join([";".join(cells), ";".join(cells.values()), ""]).encode()
    platform = msgspec.convert(value_of(SHIPPED / "school-list.yaml"), Platform)
    export = open_export(data, "list.csv")
    layout = recognise(export, platform)
    assert not isinstance(layout, tuple)
    return read_rows(export, layout, context())


def test_every_shipped_layout_is_tried() -> None:
    tried = {(path.parent.name, value_of(path)["layout"]) for path, _ in CASES}
    shipped = {
        (path.stem, layout["id"])
        for path in SHIPPED.glob("*.yaml")
        for layout in value_of(path)["exports"]
    }
    assert tried == shipped


def test_every_export_is_expected() -> None:
    files = {path for path in EXPORTS.glob("*/*") if not path.name.startswith("expected")}
    assert files == {expected.parent / name for expected, name in CASES}


@pytest.mark.parametrize("path", sorted(SHIPPED.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_shipped_layout_fits_the_schema(path: Path) -> None:
    schemas = SchemaSet.load(snapshot(good()))
    assert schemas.judge("platform", value_of(path), path.name) == []
