"""Every shipped layout, whole: a realistic file through `papka take`, records as expected."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from papka.core.places import results_file, student_folder
from papka.desk.edition import HEAD_STAFF
from papka.intake.export_parts import restore_original
from papka.records.editing import append_entries, write_file
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from tests.intake.test_shipped_layouts import CASES, EXPORTS, SHIPPED, value_of
from tests.support.command import papka
from tests.support.school import TEACHER, Archive, copied

PERIOD, DAY = "2026-3", "2026-05-28"
MARKED = [(expected, name) for expected, name in CASES if value_of(expected)["marks"]]
ORGANIZATION = "records/organization.yaml"
PLANNED = """planned_results:
      - outcome: задания
        kind: предметный
        text: Решает задания
      - outcome: помощь
        kind: личностный
        text: Помогает соседу"""


def whose(platform: str, person: dict[str, Any]) -> str:
    """What tells the people of all files apart."""
    return str(person.get("email") or f"{platform} {person['key']}")


@pytest.fixture(scope="module")
def numbers() -> dict[str, str]:
    known: dict[str, str] = {}
    for expected, _ in MARKED:
        for person in value_of(expected)["students"]:
            if not person.get("skipped"):
                known.setdefault(whose(expected.parent.name, person), f"2026-{len(known) + 10:04}")
    return known


@pytest.fixture(scope="module")
def built(
    built_archive: Archive, numbers: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Archive:
    """Programme, scales, platforms and people that the files are about."""
    archive = copied(built_archive, tmp_path_factory.mktemp("shipped"))
    school = (archive.root / ORGANIZATION).read_bytes()
    known = {each["scale"] for each in read(school, "").value["scales"]}
    shipped = value_of(SHIPPED.parent / "archive/records/organization.yaml")["scales"]
    school = append_entries(school, "scales", [s for s in shipped if s["scale"] not in known])
    period = {"period": PERIOD, "title": "Весь год", "school_year": 2026}
    period |= {"start": "2026-01-12", "end": "2026-12-27"}
    archive.write(ORGANIZATION, append_entries(school, "periods", [period]))
    program = (EXPORTS / "program.yaml").read_text("utf-8")
    archive.write("records/programs/example.yaml", program.replace("planned_results: []", PLANNED))
    for path in SHIPPED.glob("*.yaml"):
        own = f"id: {value_of(path)['id']}\n"
        text = path.read_text("utf-8").replace(own, f"id: {path.stem}\n")
        archive.write(f"records/platforms/{path.stem}.yaml", text)
    saved = archive.save(HEAD_STAFF)
    assert saved.commit is not None, saved.findings
    for id_, card in _cards(numbers).items():
        archive.write(f"{student_folder(id_)}/student.yaml", write_file(card))
        study = {"id": "e1", "program": "example", "edition": 1, "start": "2026-01-12"}
        archive.write(f"{student_folder(id_)}/enrolments.yaml", write_file({"enrolments": [study]}))
        archive.write(f"{student_folder(id_)}/.salt", secrets.token_bytes(32))
    saved = archive.save(TEACHER)
    assert saved.commit is not None, saved.findings
    return archive


def _cards(numbers: dict[str, str]) -> dict[str, dict[str, Any]]:
    cards: dict[str, dict[str, Any]] = {}
    for expected, _ in MARKED:
        platform = expected.parent.name
        for person in value_of(expected)["students"]:
            if person.get("skipped"):
                continue
            id_ = numbers[whose(platform, person)]
            name = {key: person[key] for key in ("surname", "given", "patronymic") if key in person}
            fresh = {"id": id_, "name": name or {"given": "Безымян"}}
            card = cards.setdefault(id_, fresh)
            if "email" in person:
                card["email"] = person["email"]
            elif {"platform": platform, "key": person["key"]} not in card.get("accounts", ()):
                account = {"platform": platform, "key": person["key"]}
                card.setdefault("accounts", []).append(account)
    return cards


@pytest.mark.parametrize(
    ("expected", "name"), MARKED, ids=[f"{path.parent.name}/{name}" for path, name in MARKED]
)
def test_a_file_becomes_the_records_expected(
    built: Archive, numbers: dict[str, str], tmp_path: Path, expected: Path, name: str
) -> None:
    archive = copied(built, tmp_path)
    wanted, platform, file = value_of(expected), expected.parent.name, expected.parent / name
    ran = papka(
        "take", file, "--period", PERIOD, "--platform", platform, "--date", DAY,
        "--as", TEACHER, "-C", archive.root,
    )  # fmt: skip
    assert ran.code == 0, ran.all
    whole = {row: each for each in wanted["students"] for row in each["rows"]}
    told: dict[str, list[tuple[Any, ...]]] = {}
    for mark in wanted["marks"]:
        id_ = numbers[whose(platform, whole[mark["row"]])]
        told.setdefault(id_, []).append(
            (mark["column"], mark["part"], mark["raw"], mark["mark"], mark.get("date", DAY),
             mark.get("by_hand"))
        )  # fmt: skip
    assert {id_: found for id_ in numbers.values() if (found := _results(archive, id_))} == told
    assert restore_original(
        commit_snapshots.CommitSnapshot(archive.root, "HEAD"), f"{PERIOD}/1"
    ).data == (file.read_bytes())
    assert papka("check", "-C", archive.root).code == 0


def _results(archive: Archive, student: str) -> list[tuple[Any, ...]]:
    path = archive.root / results_file(student, PERIOD)
    if not path.exists():
        return []
    return [
        (each["source"]["column"], each["part"], each["source"]["raw"], each["mark"],
         each["date"], each["source"].get("by_hand"))
        for each in read(path.read_bytes(), path.name).value["results"]
    ]  # fmt: skip
