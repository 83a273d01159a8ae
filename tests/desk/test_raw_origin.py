"""From a result back to its cell: what is told where all is there, and where something is not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import msgspec
import pytest

from papka.desk.entry_history import raw_origin
from papka.desk.open_records import Opened, open_file
from papka.records.archive import Archive as Records
from papka.records.school import Band, Conversion, ExportLayout, MarkColumn, Platform, WordMark
from papka.records.student import Result, Source
from papka.repository import commit_snapshots
from tests.support.command import papka
from tests.support.histories import git
from tests.support.school import Archive, copied
from tests.support.taking import EMIL, PERIOD, emil, gradebook, take

KEY = "2026-2/2"
PART = f"records/students/2026/{EMIL}/raw/2026-2-2.part"


@pytest.fixture(scope="module")
def taken(archive_with_class: Archive, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    school = copied(archive_with_class, tmp_path_factory.mktemp("taken"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", "/dev/null")
        ran = take(school, gradebook(emil()))
    assert ran.code == 0, ran.all
    return school


@pytest.fixture(scope="module")
def opened(taken: Archive) -> Opened:
    return open_file(taken.root, EMIL)


def result_of(opened: Opened, part: str, **source: object) -> Result:
    found = next(result for _, result in opened.student.results if result.part == part)
    assert found.source is not None
    return msgspec.structs.replace(found, source=msgspec.structs.replace(found.source, **source))


def told(taken: Archive, opened: Opened, result: Result) -> list[tuple[str, str]]:
    head = commit_snapshots.head(taken.root)
    return list(raw_origin(taken.root, opened, result, head or ""))


def with_layouts(opened: Opened, *layouts: ExportLayout, gone: bool = False) -> Opened:
    """The same archive whose platform reads its exports so, or has no platform any more."""
    records: Records = opened.archive
    kurs = msgspec.structs.replace(records.platforms["kurs"], exports=layouts)
    platforms: Mapping[str, Platform] = {} if gone else {**records.platforms, "kurs": kurs}
    return replace(opened, archive=replace(records, platforms=platforms))


def test_the_export_the_cell_and_the_rule_are_told(taken: Archive, opened: Opened) -> None:
    (what, export), cell, rule = told(taken, opened, result_of(opened, "техника"))
    assert (what, export.startswith(f"{KEY}: Платформа «Курсотека», принята ")) == (
        "Выгрузка", True,
    )  # fmt: skip
    assert re.search(r"принята \d\d\.\d\d\.\d{4}, Глинкина Д\.\sИ\. \(s002\)$", export)
    assert cell == ("Исходная ячейка", f"{PART}, строка 1, столбец 6 «Итог»: «4»")
    assert rule == ("Правило", f"{RULE}: столбец «Итог» — часть «техника»; отметка как стоит")


def test_a_result_typed_by_hand_comes_from_no_cell(taken: Archive, opened: Opened) -> None:
    result = msgspec.structs.replace(result_of(opened, "техника"), source=None)
    assert told(taken, opened, result) == []


def test_an_export_that_is_not_there_is_told(taken: Archive, opened: Opened) -> None:
    result = result_of(opened, "техника", export="2026-2/9")
    assert told(taken, opened, result) == [
        ("Выгрузка", "2026-2/9: в архиве её нет, проверьте: papka check")
    ]


@pytest.mark.parametrize(
    ("source", "cell"),
    [
        ({"row": 2}, "строка 2, столбец 6 «Итог»: такой ячейки нет, проверьте: papka check"),
        ({"column": 7},
         "строка 1, столбец 7 «Зачёт»: «зачтено», а в записи «4»; проверьте: papka check"),
        ({"column": 9}, "строка 1, столбец 9: такой ячейки нет, проверьте: papka check"),
        ({"raw": "5"}, "строка 1, столбец 6 «Итог»: «4», а в записи «5»; проверьте: papka check"),
    ],
)  # fmt: skip
def test_a_cell_that_is_not_as_the_record_says_is_told(
    source: dict[str, object], cell: str, taken: Archive, opened: Opened
) -> None:
    found = dict(told(taken, opened, result_of(opened, "техника", **source)))
    assert found["Исходная ячейка"] == f"{PART}, {cell}"


def test_what_a_person_set_by_hand_is_told_between_cell_and_rule(
    taken: Archive, opened: Opened
) -> None:
    found = told(taken, opened, result_of(opened, "техника", by_hand="педагог: апелляция"))
    assert [what for what, _ in found] == [
        "Выгрузка", "Исходная ячейка", "Поставлено вручную", "Правило",
    ]  # fmt: skip
    assert found[2][1] == "педагог: апелляция"


def test_a_part_that_is_not_kept_any_more_has_no_such_cell(
    taken: Archive, opened: Opened, tmp_path: Path
) -> None:
    school = copied(taken, tmp_path)
    (school.root / PART).unlink()
    git(school.root, "commit", "-qam", "x")
    found = dict(told(school, opened, result_of(opened, "техника")))
    assert found["Исходная ячейка"].endswith("такой ячейки нет, проверьте: papka check")


RULE = "раскладка «grades», редакция 1"
COLUMN = MarkColumn(column="Итог", part="техника")


@pytest.mark.parametrize(
    ("how", "whole", "words"),
    [
        (None, None, "отметка как стоит"),
        (Conversion(value="отметка"), None, "отметка как стоит"),
        (Conversion(value="процент"), None, "процент"),
        (None, Conversion(value="доля"), "доля"),
        (Conversion(value="процент"), Conversion(value="доля"), "процент"),
        (Conversion(value="баллы", of=40), None, "баллы из 40"),
        (Conversion(value="баллы", of=12.5), None, "баллы из 12.5"),
        (Conversion(value="процент", bands=(Band(at_least=85, mark=5),)), None,
         "процент; от 85 % — 5"),
        (Conversion(value="баллы", of=20, rounding="вверх", words=(
            WordMark(text="сдан", mark="зачтено"), WordMark(text="нет", mark=2)),
            bands=(Band(at_least=85, mark=5), Band(at_least=62.5, mark=4))), None,
         "баллы из 20; от 85 % — 5, от 62.5 % — 4; округление вверх; «сдан» — зачтено, «нет» — 2"),
    ],
)  # fmt: skip
def test_the_rule_is_told_in_words(
    how: Conversion | None, whole: Conversion | None, words: str, taken: Archive, opened: Opened
) -> None:
    column = msgspec.structs.replace(COLUMN, conversion=how)
    known = opened.archive.platforms["kurs"].exports[0]
    layout = msgspec.structs.replace(known, columns=(column,), conversion=whole)
    other = msgspec.structs.replace(layout, edition=2, columns=())
    found = dict(told(taken, with_layouts(opened, other, layout), result_of(opened, "техника")))
    assert found["Правило"] == f"{RULE}: столбец «Итог» — часть «техника»; {words}"


def test_a_rule_that_is_gone_is_told_as_gone(taken: Archive, opened: Opened) -> None:
    known = opened.archive.platforms["kurs"].exports[0]
    result = result_of(opened, "техника")
    for change in ({"edition": 2}, {"id": "другое"}):
        found = told(taken, with_layouts(opened, msgspec.structs.replace(known, **change)), result)
        assert found[-1] == ("Правило", f"{RULE}: в архиве её уже нет")
    found = told(taken, with_layouts(opened, gone=True), result)
    assert found[0][1].startswith(f"{KEY}: Платформа «kurs», принята ")
    assert found[-1][1] == f"{RULE}: в архиве её уже нет"
    for columns in ((), (MarkColumn(column="Итог", part="теория"),),
                    (MarkColumn(column="Тест *", part="техника"),)):  # fmt: skip
        layout = msgspec.structs.replace(known, columns=columns)
        found = told(taken, with_layouts(opened, layout), result)
        assert found[-1] == ("Правило", RULE)


def test_of_a_sheet_the_rule_is_what_its_titles_say(
    archive_with_class: Archive, tmp_path: Path
) -> None:
    school = copied(archive_with_class, tmp_path)
    sheet = ("№", "Фамилия, имя, отчество", "Номер дела", "Обучение",
             "Техника игры [guitar/техника]", "Дата")  # fmt: skip
    row = ("1", "Тычинкин Эмиль", EMIL, "e1", "5", "20.11.2026")
    path = tmp_path / "sheet.csv"
    path.write_bytes(gradebook(row, encoding="utf-8", columns=sheet))
    ran = papka("take", path, "--period", PERIOD, "--as", "s001", "-C", school.root)
    assert ran.code == 0, ran.all
    file = open_file(school.root, EMIL)
    result = next(result for _, result in file.student.results if result.source is not None)
    assert isinstance(result.source, Source)
    found = dict(told(school, file, result))
    assert found["Выгрузка"].startswith(f"{KEY}: Ведомость, заполненная педагогом, принята ")
    assert found["Исходная ячейка"].endswith("столбец 5 «Техника игры [guitar/техника]»: «5»")
    assert "часть «техника»; отметка как стоит" in found["Правило"]
