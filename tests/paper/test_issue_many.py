"""Certificates of a group in one act: all numbers or none, and the handing over (R-5.4.3)."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from papka.copies import mirrors
from papka.core.places import student_folder
from papka.desk.edition import HEAD_STAFF
from papka.desk.numbers import drafts_of
from papka.paper.issued_contents import Request
from papka.paper.issuing_many import issue_many, numbers_in
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from papka.repository.signing import find_actor
from tests.support.command import Ran, papka
from tests.support.issuing import ISSUED, ORDER, graduate
from tests.support.school import NOW, Archive, autumn_results, copied

OTHERS = ("2026-0002", "2026-0003")
ALL = ("2026-0001", *OTHERS)
CARD = """id: {number}
name:
  surname: Ивина
  given: Яна-{last}
birth_date: 2012-03-0{last}
representatives:
  - id: p1
    relation: мать
    surname: Ивина
    given: Мария
"""
STUDY = """enrolments:
  - id: e1
    program: guitar
    edition: 2
    group: Г-26-1
    start: 2026-09-01
    individual_parts:
      - техника
    ended:
      date: 2026-11-10
      reason: завершение
      order: 2026/0004
"""
RESULTS = autumn_results("r1", "2026-11-05", 5)
NUMBERS = ("С-2026-0001", "С-2026-0002", "С-2026-0003")


@pytest.fixture(scope="module")
def graduates(built_archive: Archive, tmp_path_factory: pytest.TempPathFactory) -> Archive:
    """Three graduates of one group; tests read it only."""
    archive = copied(built_archive, tmp_path_factory.mktemp("graduates"))
    graduate(archive)
    archive.write(
        "records/orders/2026/0004.yaml",
        ORDER.replace("      - 2026-0001#e1\n", "".join(f"      - {each}#e1\n" for each in ALL)),
    )
    for number in OTHERS:
        folder = archive.begin_file(number, CARD.format(number=number, last=number[-1]), STUDY)
        archive.write(f"{folder}/results/2026-2.yaml", RESULTS)
    assert archive.save("s001").commit is not None
    archive.write(
        "records/approvals/2026-2.yaml", "period: 2026-2\nclosed: 2026-11-19\nsigned_by: s001\n"
    )
    saved = archive.save("s001")
    assert saved.commit is not None, saved.findings
    return archive


@pytest.fixture
def school(graduates: Archive, tmp_path: Path) -> Archive:
    return copied(graduates, tmp_path)


def issue(archive: Archive, *words: str) -> Ran:
    return papka("issue", "-C", archive.root, *words)


def entry(archive: Archive, number: int) -> dict[str, Any]:
    path = f"{ISSUED}/certificates-{number:04d}.yaml"
    found: dict[str, Any] = read((archive.root / path).read_bytes(), path).value
    return found


def test_a_group_gets_its_certificates_in_one_save(school: Archive) -> None:
    before = commit_snapshots.head(school.root)
    ran = issue(school, "certificate", "--group", "Г-26-1", "--date", "2026-11-20")
    assert ran.code == 0, ran.all
    entries = [entry(school, each) for each in (1, 2, 3)]
    assert [each["number"] for each in entries] == list(NUMBERS)
    assert [each["student"] for each in entries] == [f"{each}#e1" for each in ALL]
    assert len({each["salt"] for each in entries}) == 3
    assert commit_snapshots.read_commit(school.root, "HEAD").parents == (before,)
    for number in NUMBERS:
        paper = school.root / "print" / f"certificate-{number}.pdf"
        assert paper.read_bytes().startswith(b"%PDF")
    assert "papka issue --handed С-2026-0001…С-2026-0003" in ran.out
    again = issue(school, "certificate", "--group", "Г-26-1", "--date", "2026-11-20")
    assert again.code == 3
    assert "уже выдан" in again.err


@pytest.mark.parametrize(
    ("words", "whom"),
    [
        (("--graduated", "2026-2"), ALL),
        (("--program", "Гитара с нуля", "--graduated", "2026", "--group", "г-26-1"), ALL),
        (("--graduated", "2025"), ()),
        (("--all", "--age", "30+"), ()),
        (("--age", "14"), OTHERS),
        (("--all", "--without", "согласие"), OTHERS),
        (("--all", "--program", "gitara"), None),
    ],
)
def test_who_gets_one_is_chosen_as_papka_find_does(
    school: Archive, words: tuple[str, ...], whom: tuple[str, ...] | None
) -> None:
    ran = issue(school, "certificate", *words, "--date", "2026-11-20", "-n")
    given = [each for each in ALL if f"  {each}#e1\n" in ran.out]
    assert given == list(whom or ())
    assert ran.code == (0 if whom else 3)
    assert ("Программы «gitara» нет" in ran.err) is (whom is None)


def test_offline_each_waits_as_a_draft_until_the_group_is_asked_again(
    school: Archive, tmp_path: Path
) -> None:
    store, away = tmp_path / "primary.git", tmp_path / "away"
    mirrors.add(school.root, "primary", str(store), "RU", allowed=("RU",))
    assert mirrors.push(school.root).is_good
    store.rename(away)
    words = ("certificate", "--group", "Г-26-1", "--date", "2026-11-20")
    for _ in range(2):
        ran = issue(school, *words)
        assert ran.code == 0, ran.all
        assert "Номеров пока нет" in ran.out
        assert "Отложено черновиками: 3\N{NO-BREAK SPACE}запроса, ничего не напечатано." in ran.out
        assert drafts_of(school.root) == ("1", "2", "3")
    assert not (school.root / "print").exists()
    away.rename(store)
    day = dt.date(2026, 11, 20)
    asked = [Request("certificate", f"{each}#e1", day, is_dated=True) for each in ALL]
    done = issue_many(school.root, find_actor(school.root, HEAD_STAFF), asked, now=NOW)
    assert tuple(each.number for each in done.entries) == NUMBERS
    assert drafts_of(school.root) == ()


def test_one_that_cannot_be_made_stops_before_the_first_number(school: Archive) -> None:
    correction = (
        RESULTS.partition("results:\n")[2].replace("r1", "r2").replace("mark: 5", "mark: 2")
    )
    school.write(
        f"{student_folder(OTHERS[1])}/results/2026-2.yaml",
        f"{RESULTS}{correction}    replaces: r1\n    reason: внесена не та отметка\n",
    )
    assert school.save("s001").commit is not None
    before = commit_snapshots.head(school.root)
    ran = issue(school, "certificate", "--all", "--date", "2026-11-20")
    assert ran.code == 3
    assert f"{OTHERS[1]}#e1" in ran.err
    assert f"{OTHERS[0]}#e1" not in ran.err
    assert commit_snapshots.head(school.root) == before
    assert not (school.root / ISSUED / "certificates-0001.yaml").exists()
    assert not (school.root / "print").exists()


def test_a_whole_row_of_numbers_is_handed_over(school: Archive) -> None:
    assert issue(school, "certificate", "--group", "Г-26-1", "--date", "2026-11-20").code == 0
    ran = issue(school, "--handed", "С-2026-0001…С-2026-0003", "--date", "2026-11-21")
    assert ran.code == 0, ran.all
    assert "  № С-2026-0002 — Ивина Мария\n" in ran.out
    handed = [entry(school, each)["handed"] for each in (1, 2, 3)]
    assert [each["to"] for each in handed] == ["p1"] * 3
    assert handed[1] == {"date": "2026-11-21", "to": "p1", "name": "Ивина Мария"}
    assert papka("check", "-C", school.root).code == 0
    again = issue(school, "--handed", "С-2026-0002", "--date", "2026-11-21")
    assert "уже вручены" in again.out
    other = issue(school, "--handed", "С-2026-0002", "--date", "2026-11-22")
    assert (other.code, "уже вручён 21.11.2026" in other.err) == (3, True)
    assert issue(school, "--handed", "С-2026-0009").code == 3


def test_numbers_may_be_named_by_their_row() -> None:
    assert list(numbers_in(["С-2026-0009..С-2026-0011", "У-2026-0001"])) == [
        "С-2026-0009", "С-2026-0010", "С-2026-0011", "У-2026-0001",
    ]  # fmt: skip
    assert list(numbers_in(["С-2026-0009…0010"])) == ["С-2026-0009", "С-2026-0010"]
