"""papka find: what a person types, and what comes."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from papka.intake.export_files import open_export
from tests.support.archives import files_below, lay_sample
from tests.support.command import papka
from tests.support.school import STUDENT, Archive


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample school as a folder, no history needed; read only."""
    return lay_sample(tmp_path_factory.mktemp("sample"))


def found(root: Path, *words: str) -> dict[str, list[dict[str, str]]]:
    ran = papka("find", *words, "-C", root, "--format", "json")
    assert ran.code == 0, ran.all
    report: dict[str, list[dict[str, str]]] = json.loads(ran.out)
    return report


def ids(root: Path, *words: str) -> list[str]:
    return [line["id"] for line in found(root, *words).get("students", [])]


def test_without_words_everybody_is_listed_by_number(sample: Path) -> None:
    folders = {path.split("/")[3] for path in files_below(sample) if path.endswith("/student.yaml")}
    assert ids(sample) == sorted(folders)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["2025-0001"], "the number"),
        (["2025-1"], "the number without zeros"),
        (["абрик"], "the beginning of a surname, small letters"),
        (["лунная"], "the second half of a double surname"),
        (["Абрикосова", "Аглая"], "two words"),
        (["«Ансамбль", "абрикосова"], "the title of a programme, with its mark"),
        (["А-26-1", "аглая"], "a group"),
    ],
)
def test_people_are_found_by(sample: Path, words: list[str], why: str) -> None:
    assert ids(sample, *words) == ["2025-0001"], why


def test_a_former_name_finds_and_is_shown(archive: Archive) -> None:
    archive.edit(
        f"{STUDENT}/student.yaml",
        "sex: женский",
        "former_names:\n  - until: 2026-02-01\n    surname: Черёмухина\nsex: женский",
    )
    for word in ("черёмухина", "ЧЕРЕМУХИНА"):
        [line] = found(archive.root, word)["students"]
        assert line["name"] == "Абрикосова Аглая Тихоновна (прежде: Черёмухина)"


def test_a_name_written_with_an_escape_is_found(archive: Archive) -> None:
    archive.edit(f"{STUDENT}/student.yaml", "surname: Абрикосова", 'surname: "\\u0413рушева"')
    assert ids(archive.root, "грушева") == ["2026-0001"]


def test_a_word_is_the_beginning_of_a_word(sample: Path) -> None:
    assert ids(sample, "косова") == []


def test_papers_are_found_by_number_and_narrowed_by_the_holder(archive: Archive) -> None:
    [paper] = found(archive.root, "12-а")["documents"]
    assert paper["address"] == "2026-0001#d3"
    [paper] = found(archive.root, "договор", "абрикосова")["documents"]
    assert (paper["address"], paper["number"]) == ("2026-0001#d1", "1/26")
    assert "documents" not in found(archive.root, "абрикосова")


def test_orders_issued_papers_and_programmes_are_found(archive: Archive) -> None:
    everything = found(archive.root, "гитара")
    assert [line["code"] for line in everything["programs"]] == ["guitar"]
    assert [line["number"] for line in found(archive.root, "у-2026")["registers"]]
    assert all(
        line["path"].startswith("records/orders/")
        for line in found(archive.root, "2026/0002")["orders"]
    )


def test_numbers_come_as_a_person_counts_them(archive: Archive) -> None:
    documents = archive.read(f"{STUDENT}/documents.yaml")
    for at, number in enumerate(("10", "9", "12-а", "12"), 4):
        documents += f"  - id: d{at}\n    kind: грамота\n    number: {number!r}\n"
        documents += "    title: Грамота\n    medium: копия\n    sheets: 1\n"
    archive.write(f"{STUDENT}/documents.yaml", documents)
    papers = found(archive.root, "грамота")["documents"]
    assert [line["address"].partition("#")[2] for line in papers] == ["d4", "d5", "d6", "d7"]
    folder = archive.root / "records" / "orders" / "2026"
    text = (folder / "0002.yaml").read_text(encoding="utf-8")
    for name, number in (("0009", "9-и"), ("0010", "10-и")):
        (folder / f"{name}.yaml").write_text(
            text.replace(text.split("number: ")[1].splitlines()[0], number), encoding="utf-8"
        )
    orders = [line["id"] for line in found(archive.root, "2026/00")["orders"]]
    assert orders[-2:] == ["2026/0009", "2026/0010"]


def test_columns_are_aligned(sample: Path) -> None:
    ran = papka("find", "-C", sample)
    lines = ran.out.splitlines()
    assert lines[0] == f"Люди: {len(lines) - 2}"
    columns = {line.index(line.split()[1]) for line in lines[1:]}
    assert len(columns) == 1


def test_nobody_found_suggests_the_likely_name(sample: Path) -> None:
    ran = papka("find", "Абрикозова", "-C", sample)
    assert ran.code == 0
    assert "Никого и ничего не нашлось" in ran.out
    assert "Может быть, «Абрикосова»" in ran.out


def test_nobody_found_says_that_the_words_are_not_together(sample: Path) -> None:
    ran = papka("find", "абрикосова", "театр", "-C", sample)
    assert "Никого и ничего не нашлось" in ran.out
    assert "вместе — нигде" in ran.out


def test_an_empty_archive_says_how_to_begin(archive: Archive) -> None:
    shutil.rmtree(archive.root / "records" / "students")
    assert "papka new student" in papka("find", "-C", archive.root).out


def test_a_card_that_cannot_be_read_is_said(archive: Archive) -> None:
    archive.edit(f"{STUDENT}/student.yaml", "sex: женский", "sex: [")
    ran = papka("find", "абрикосова", "-C", archive.root)
    assert "карточка не читается" in papka("find", "2026-0001", "-C", archive.root).out
    assert "papka check" in ran.out


def test_a_choice_is_a_table_on_the_screen_and_in_a_file(sample: Path, tmp_path: Path) -> None:
    ran = papka(
        "find", "--program", "Гитара с нуля", "--age", "5-99", "--on", "2026-10-01", "-C", sample
    )
    assert ran.code == 0, ran.all
    chosen = ids(sample, "--program", "guitar", "--on", "2026-10-01")
    assert 0 < len(chosen) < len(ids(sample))
    assert set(chosen) <= set(ids(sample, "гитара"))
    for name in ("список.csv", "список.xlsx"):
        out = tmp_path / name
        made = papka(
            "find", "--program", "guitar", "--on", "2026-10-01", "--out", out, "-C", sample
        )
        assert made.code == 0, made.all
        (table,) = open_export(out.read_bytes(), name).tables
        assert table.rows[0].cells[:4] == ("Дело", "Имя", "Лет", "Обучение")
        assert [row.cells[0] for row in table.rows[1:]] == chosen


def test_a_choice_nobody_can_fit_says_so(sample: Path) -> None:
    nobody = papka("find", "--age", "150", "-C", sample)
    assert (nobody.code, "Никто не подходит подо всё сразу" in nobody.out) == (0, True)
    unknown = papka("find", "--group", "Г-26-11", "-C", sample)
    assert unknown.code == 3
    assert "Группы «Г-26-11» нет" in unknown.err
    assert "«--age 7-9»" not in papka("find", "--age", "семь", "-C", sample).err
    assert papka("find", "--age", "семь", "-C", sample).code == 2
    assert papka("find", "--out", "список.doc", "-C", sample).code == 2
