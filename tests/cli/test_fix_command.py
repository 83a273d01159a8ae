"""papka fix: a result is corrected by a new entry, anything else in place; history keeps both."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.records.documents import read
from tests.support.command import Ran, papka
from tests.support.school import STUDENT, TEACHER, Archive
from tests.support.terminal import at_terminal

ID = "2026-0001"
RESULTS = f"{STUDENT}/results/2026-1.yaml"
CARD = f"{STUDENT}/student.yaml"
WHY = ("--reason", "Описка при вводе")


def fix(archive: Archive, address: str, *arguments: str | Path) -> Ran:
    return papka("fix", "-C", archive.root, address, *arguments)


def test_a_correction_repeats_every_key_and_the_old_entry_stays(archive: Archive) -> None:
    before = archive.read(RESULTS)
    ran = fix(archive, f"{ID}#r2", "text=Выступала без подсказки.", *WHY)
    assert ran.code == 0, ran.all
    assert archive.read(RESULTS) == before + (
        "  - id: r4\n"
        "    enrolment: e1\n"
        "    kind: личностный\n"
        "    origin: внеурочный план\n"
        "    event: 2026/01\n"
        "    date: 2026-04-12\n"
        "    assessed_by: s002\n"
        "    text: Выступала без подсказки.\n"
        "    shows:\n"
        "      - outcome: сцена\n"
        "        level: частично\n"
        "    replaces: r2\n"
        "    reason: Описка при вводе\n"
    )


def test_a_field_inside_an_item_of_a_list(archive: Archive) -> None:
    assert fix(archive, f"{ID}#r2", "shows.1.level=да", *WHY).code == 0
    value = read(archive.read(RESULTS).encode(), RESULTS).value
    assert value["results"][1]["shows"][0]["level"] == "частично"
    assert value["results"][-1]["shows"] == [{"outcome": "сцена", "level": "да"}]


def test_a_correction_is_saved_in_one_commit(archive: Archive) -> None:
    ran = fix(archive, f"{ID}#r3", "mark=5", *WHY, "--save", "--as", TEACHER)
    assert ran.code == 0, ran.all
    assert "Сохранено" in ran.out
    assert f"{ID}#r4" in ran.out


def test_a_result_is_not_corrected_without_a_reason(archive: Archive) -> None:
    ran = fix(archive, f"{ID}#r3", "mark=5")
    assert ran.code == 2
    assert "--reason" in ran.err


def test_a_terminal_asks_for_the_reason(archive: Archive) -> None:
    ran = at_terminal(["fix", f"{ID}#r3", "mark=5"], ["Описка"], folder=archive.root)
    assert ran.code == 0, ran.out
    assert archive.read(RESULTS).endswith("    replaces: r3\n    reason: Описка\n")


def test_what_was_corrected_already_points_to_the_last_correction(archive: Archive) -> None:
    assert fix(archive, f"{ID}#r3", "mark=5", *WHY).code == 0
    ran = fix(archive, f"{ID}#r3", "mark=3", *WHY)
    assert ran.code == 3
    assert f"papka fix {ID}#r4" in ran.err
    assert fix(archive, f"{ID}#r4", "mark=3", *WHY).code == 0


def test_other_entries_change_in_place_and_nothing_else_moves(archive: Archive) -> None:
    path = f"{STUDENT}/documents.yaml"
    before = archive.read(path)
    assert fix(archive, f"{ID}#d2", "sheets=2").code == 0
    assert archive.read(path) == before.replace(
        "    sheets: 1\n  - id: d3", "    sheets: 2\n  - id: d3"
    )


def test_a_reason_that_no_record_holds_is_not_taken(archive: Archive) -> None:
    ran = fix(archive, f"{ID}#d2", "sheets=2", *WHY)
    assert ran.code == 2
    assert "Уберите --reason" in " ".join(ran.err.split())


def test_a_changed_surname_leaves_the_former_one_with_its_last_day(archive: Archive) -> None:
    before = archive.read(CARD)
    ran = fix(archive, ID, "surname=Лунная", "--until", "01.03.2026")
    assert ran.code == 0, ran.all
    assert archive.read(CARD) == (
        before.replace("surname: Абрикосова\n  given: Аглая", "surname: Лунная\n  given: Аглая")
        + "former_names:\n  - until: 2026-03-01\n    surname: Абрикосова\n"
    )


def test_a_misspelt_name_is_mended_and_the_other_case_is_named(archive: Archive) -> None:
    ran = fix(archive, ID, "name.surname=Абрикосава")
    assert ran.code == 0, ran.all
    assert "former_names" not in archive.read(CARD)
    assert "--until" in ran.out


def test_a_new_name_does_not_leave_the_old_one_in_another_case(archive: Archive) -> None:
    archive.edit(CARD, "  given: Аглая\n", "  given: Аглая\n  dative: Абрикосовой Аглае\n")
    ran = fix(archive, ID, "surname=Лунная", "--until", "2026-03-01")
    assert ran.code == 3
    assert "name.dative" in ran.err


def test_dry_run_writes_nothing(archive: Archive) -> None:
    before = archive.read(CARD)
    ran = fix(archive, ID, "phone=+70000000002", "-n")
    assert '+phone: "+70000000002"' in ran.out
    assert "Было бы записано" in ran.out
    assert archive.read(CARD) == before


@pytest.mark.parametrize(
    ("address", "pair", "code", "said"),
    [
        (f"{ID}#r3", "marc=5", 3, "Может быть, «mark»?"),
        (f"{ID}#r9", "mark=5", 3, "Записи r9"),
        (f"{ID}#r3", "mark", 3, "mark=4"),
        (f"{ID}#r3", "mark=4", 3, "Менять нечего"),
        (f"{ID}#r3", "id=r7", 3, "ставит программа"),
        (f"{ID}#n1", "period=", 3, "нет нового значения"),
        (f"{ID}#n1", "about=всё", 2, "Допустимы"),
        (f"{ID}#d1", "file=42a92e4f5bf3.pdf", 3, "ставит программа"),
        (f"{ID}#c1", "revoked.date=2026-05-05", 3, "papka end"),
        ("2026-0009#r3", "mark=4", 3, "2026-0009"),
        ("../x#r3", "mark=4", 3, "нет"),
    ],
)
def test_what_cannot_be_fixed_so_says_what_can(
    archive: Archive, address: str, pair: str, code: int, said: str
) -> None:
    more = WHY if "#r" in address else ()
    ran = fix(archive, address, pair, *more)
    assert ran.code == code
    assert said in " ".join(ran.err.split())
