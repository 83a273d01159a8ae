"""papka fix: a result is corrected by a new entry, anything else in place; history keeps both."""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.records.strict_yaml import read
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


def test_a_parent_s_changed_surname_leaves_the_former_one_in_the_parent_s_own_entry(
    archive: Archive,
) -> None:
    before = archive.read(CARD)
    ran = fix(archive, f"{ID}#p1", "surname=Лунная", "--until", "01.03.2026")
    assert ran.code == 0, ran.all
    assert archive.read(CARD) == before.replace(
        "    surname: Абрикосова\n    given: Дарья\n    patronymic: Львовна\n",
        "    surname: Лунная\n    given: Дарья\n    patronymic: Львовна\n"
        "    former_names:\n      - until: 2026-03-01\n        surname: Абрикосова\n",
    )
    ran = fix(archive, f"{ID}#p1", "surname=Лунева")
    assert "--until" in ran.out
    assert "--until" not in fix(archive, f"{ID}#p1", "phone=+70000000009").out


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


@pytest.mark.parametrize(
    ("name", "pair", "path", "old", "new"),
    [
        ("2026/0003", "heading=О награждении", "records/orders/2026/0003.yaml",
         "heading: О поощрении обучающихся", "heading: О награждении"),
        ("2026/0003", "items.1.text=Наградить", "records/orders/2026/0003.yaml",
         "text: Наградить грамотой", "text: Наградить"),
        ("2026/01", "title=Концерт", "records/events/2026.yaml",
         "title: Весенний концерт", "title: Концерт"),
        ("guitar", "title=Гитара", "records/programs/guitar.yaml",
         "title: Гитара с нуля", "title: Гитара"),
    ],
)  # fmt: skip
def test_orders_events_and_programmes_are_mended_in_place(  # noqa: PLR0913 - a case is told so
    archive: Archive, name: str, pair: str, path: str, old: str, new: str
) -> None:
    before = archive.read(path)
    ran = fix(archive, name, pair)
    assert ran.code == 0, ran.all
    assert archive.read(path) == before.replace(old, new, 1)
    assert f"Записано: {name} " in ran.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("2026/0009", "heading=О"), "Личного дела «2026/0009» нет"),
        (("s002", "post=Методист"), "«s002» записано в records/staff.yaml"),
        (("Г-26-1", "teacher=s003"), "«Г-26-1» записано в records/organization.yaml"),
        (("2026/0003", "haeding=О"), "Может быть, «heading»?"),
        (("2026/01", "id=2026/02"), "ставит программа"),
        (("guitar", "code=piano"), "ставит программа"),
        (("2026/0003", "kind=приём"), "kind"),
    ],
)
def test_what_of_a_record_is_not_mended_is_told(
    archive: Archive, words: tuple[str, ...], told: str
) -> None:
    ran = fix(archive, *words)
    assert ran.code != 0
    assert told in ran.all


def test_a_day_for_the_resit_is_set_without_a_reason(archive: Archive) -> None:
    path = f"{STUDENT}/results/2026-2.yaml"
    archive.write(
        path, archive.read(RESULTS).split("  - id: r2")[0]
        .replace("2026-1", "2026-2").replace("id: r1", "id: r9")
        .replace("2026-05-28", "2026-10-28").replace("    resit_by: 2026-09-30\n", ""),
    )  # fmt: skip
    before = archive.read(path)
    ran = fix(archive, f"{ID}#r9", "resit_by=20.12.2026")
    assert ran.code == 0, ran.all
    assert archive.read(path) == before + "    resit_by: 2026-12-20\n"


def test_in_a_closed_period_it_is_an_entry_that_says_so(archive: Archive) -> None:
    before = archive.read(RESULTS)
    ran = fix(archive, f"{ID}#r1", "resit_by=20.12.2026")
    assert ran.code == 0, ran.all
    after = archive.read(RESULTS)
    assert after.startswith(before)
    assert after.endswith(
        "    resit_by: 2026-12-20\n    replaces: r1\n    reason: Назначен срок пересдачи\n"
    )


def test_a_group_set_in_place_is_told_from_a_transfer(archive: Archive) -> None:
    archive.edit(
        "records/organization.yaml",
        "groups:\n",
        "groups:\n  - group: Г-26-2\n    program: guitar\n",
    )
    ran = fix(archive, f"{ID}#e1", "group=Г-26-2")
    assert ran.code == 0, ran.all
    assert f"papka add {ID} transfer" in ran.out
