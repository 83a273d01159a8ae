"""One act on many people: entries, order and links in one save; nothing when one of them fails."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from papka.core.places import STAFF, student_folder
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from tests.support.command import Ran, papka
from tests.support.school import TEACHER, Archive, copied

AWARD = ("--award", "грамота", "--activity", "творческая", "--text", "За концерт", "--date",
         "20.11.2026")  # fmt: skip
ACTING = """\
    acting:
      - since: 2026-11-25
        until: 2026-11-25
        basis: доверенность
        number: "3"
        date: 2026-11-25
"""
NAMES = ("Ивина Яна", "Клёнов Лев", "Липина Зоя")
NUMBERS = ("2026-0002", "2026-0003", "2026-0004")


@pytest.fixture(scope="module")
def group(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """The good archive with three more in the group; tests read it only."""
    archive = copied(built_archive, tmp_path_factory.mktemp("group"))
    for number, name in zip(NUMBERS, NAMES, strict=True):
        surname, given = name.split()
        archive.begin_file(
            number,
            f"id: {number}\nname:\n  surname: {surname}\n  given: {given}\nbirth_date: 2012-03-0"
            f"{number[-1]}\nrepresentatives:\n  - id: p1\n    relation: мать\n    given: Мария\n",
            "enrolments:\n  - id: e1\n    program: guitar\n    edition: 2\n    group: Г-26-1\n"
            "    start: 2026-09-01\n",
        )
    assert archive.save(TEACHER).commit is not None
    return archive


@pytest.fixture
def school(group: Archive, tmp_path: Path) -> Archive:
    return copied(group, tmp_path)


def run(archive: Archive, *words: str | Path) -> Ran:
    return papka(*words, "--as", TEACHER, "-C", archive.root)


def value(archive: Archive, path: str) -> Any:  # noqa: ANN401 - YAML
    return read((archive.root / path).read_bytes(), path).value


def entries(archive: Archive, student: str, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = value(archive, f"{student_folder(student)}/{name}.yaml")[name]
    return found


def test_an_award_of_a_group_is_one_save_with_its_printed_order(school: Archive) -> None:
    before = commit_snapshots.head(school.root)
    ran = run(school, "add", "award", "--group", "г–26–1", *AWARD)
    assert ran.code == 0, ran.all
    order = value(school, "records/orders/2026/0004.yaml")
    assert (order["number"], order["kind"], order["date"]) == ("4-п", "поощрение", "2026-11-20")
    [item] = order["items"]
    assert item["students"] == ["2026-0001#a2", *(f"{each}#a1" for each in NUMBERS)]
    assert all(entries(school, each, "awards")[-1]["order"] == "2026/0004" for each in NUMBERS)
    assert commit_snapshots.read_commit(school.root, "HEAD").parents == (before,)
    assert (school.root / "print/order-2026-0004.pdf").read_bytes().startswith(b"%PDF")
    assert not commit_snapshots.worktree_changes(school.root)
    again = run(school, "add", "award", "--group", "Г-26-1", *AWARD)
    assert "у всех это уже записано" in again.out
    assert papka("check", "-C", school.root).code == 0


def test_who_signs_a_consent_is_each_ones_own(school: Archive) -> None:
    words = ("--purpose", "фото-на-сайте", "--date", "10.09.2026")
    ran = run(school, "add", "consent", "--group", "Г-26-1", *words)
    assert ran.code == 0, ran.all
    assert [entries(school, each, "consents")[-1]["signed_by"] for each in NUMBERS] == ["p1"] * 3
    assert "Приказ" not in ran.out


def test_one_whose_file_decides_nothing_stops_all(school: Archive) -> None:
    school.edit(
        f"{student_folder(NUMBERS[1])}/student.yaml",
        "representatives:\n  - id: p1\n    relation: мать\n    given: Мария\n",
        "",
    )
    before = commit_snapshots.head(school.root)
    words = ("--about", "успеваемость", "--channel", "телефон", "--date", "20.11.2026")
    ran = run(school, "add", "notice", "--group", "Г-26-1", *words)
    assert ran.code == 3
    assert "2026-0003: в карточке нет представителя" in ran.err
    assert commit_snapshots.head(school.root) == before
    changed = commit_snapshots.worktree_changes(school.root)
    assert [path for path, _ in changed] == [f"{student_folder(NUMBERS[1])}/student.yaml"]


@pytest.mark.parametrize(
    "text",
    [
        "2026-0003\n2026-0002\n",
        "Клёнов Лев\nивина яна\n",
        "ФИО;Дата рождения\nКленов Лев;03.03.2012\nИвина Яна;\n",
    ],
    ids=["numbers", "names", "headings"],
)
def test_a_list_names_them_by_number_or_name(school: Archive, tmp_path: Path, text: str) -> None:
    listed = tmp_path / "кому.txt"
    listed.write_text(text, encoding="utf-8")
    ran = run(school, "add", "award", "--list", listed, *AWARD, "-n")
    assert ran.code == 0, ran.all
    assert "2026-0003#a1" in ran.out
    assert "2026-0002#a1" in ran.out
    assert "2026-0004" not in ran.out
    assert "поощрение): 2" in ran.out


def test_a_name_nobody_bears_is_told_with_its_line(school: Archive, tmp_path: Path) -> None:
    listed = tmp_path / "кому.txt"
    listed.write_text("Клёнов Лев\nНикто Нигде\n", encoding="utf-8")
    ran = run(school, "add", "award", "--list", listed, *AWARD)
    assert ran.code == 3
    assert "строка 2 (Никто Нигде)" in ran.err


def test_the_study_of_a_group_ends_by_one_order(school: Archive) -> None:
    """Who acts for the head on the day of the order signs it."""
    since = "    since: 2021-02-01\n"
    school.edit(STAFF, since, since + ACTING)
    assert school.save("s001").commit is not None
    words = ("--date", "25.11.2026", "--reason", "завершение", "--order-number", "21-к")
    ran = run(school, "end", "--group", "Г-26-1", *words)
    assert ran.code == 0, ran.all
    order = value(school, "records/orders/2026/0004.yaml")
    assert (order["number"], order["kind"]) == ("21-к", "отчисление")
    assert (order["date"], order["signed_by"]) == ("2026-11-25", TEACHER)
    assert len(order["items"][0]["students"]) == 4
    for each in NUMBERS:
        assert entries(school, each, "enrolments")[0]["ended"] == {
            "date": "2026-11-25", "reason": "завершение", "order": "2026/0004",
        }  # fmt: skip
    assert papka("check", "-C", school.root).code == 0
    assert run(school, "end", "--group", "Г-26-1", *words).code == 0


def test_a_sole_trader_may_end_study_by_the_contract(school: Archive) -> None:
    words = ("--date", "25.11.2026", "--reason", "отчисление", "--no-order")
    ran = run(school, "end", "--group", "Г-26-1", *words)
    assert ran.code == 0, ran.all
    assert "order" not in entries(school, NUMBERS[0], "enrolments")[0]["ended"]
    assert not (school.root / "records/orders/2026/0004.yaml").exists()


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("add", "award", *AWARD), "Скажите, кому: papka add award --group"),
        (("add", "award", "--group", "Г-26-9", *AWARD), "Есть: «Г-26-1»"),
        (("end",), "Скажите, что закончилось"),
        (("end", "--group", "Г-26-1", "--date", "2026-11-25"), "--reason"),
        (("end", "--group", "Г-26-1", "--date", "2020-01-01", "--reason", "отчисление"),
         "никто не учится"),
    ],
)  # fmt: skip
def test_what_is_not_said_is_named(school: Archive, words: tuple[str, ...], told: str) -> None:
    ran = run(school, *words)
    assert ran.code != 0
    assert told in ran.all
