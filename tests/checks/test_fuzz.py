"""Whatever the schemas accept, reading, rules, steps and derived facts take without raising.

A fixed seed; `--soak` runs many times more.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest

from papka.checks import rules, transitions
from papka.records.archive import Archive, load
from papka.records.derived import approvals, in_force, keeping, result_facts
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import add_lines
from papka.records.student import Student
from tests.support.archives import good, snapshot
from tests.support.schema_values import Values

SAMPLE, SOAK = 15, 1000
DAYS = (dt.date.min, dt.date(2026, 5, 28), dt.date.max)
FOLDER = "records/students/2026"
SHARED = {
    "organization.yaml": "organization",
    "staff.yaml": "staff",
    "platforms/kurs.yaml": "platform",
    "regulations/kurs/regulation.yaml": "regulation",
    "programs/guitar.yaml": "program",
    "programs/progress.yaml": "program",
    "events/2026.yaml": "events",
    "orders/2026/0001.yaml": "order",
    "orders/2026/0002.yaml": "order",
    "registers/issued/2026/progress-0001.yaml": "register",
    "registers/issued/2026/guitar-word.yaml": "register",
    "approvals/2026-1.yaml": "approval",
    "imports/2026-1/1/manifest.yaml": "import",
    "media/2026.yaml": "media",
}
OWN = {
    "student.yaml": "student",
    "enrolments.yaml": "enrolments",
    "results/2026-1.yaml": "results",
    "results/2026-2.yaml": "results",
    "credits.yaml": "credits",
    "awards.yaml": "awards",
    "consents.yaml": "consents",
    "documents.yaml": "documents",
    "notices.yaml": "notices",
    "diagnostics.yaml": "diagnostics",
    "needs.yaml": "needs",
}


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return {path: data for path, data in good().items() if path.startswith("schema/")}


def archive_files(values: Values, rng: Random) -> dict[str, bytes]:
    """One archive: the school, and two students with most of their files."""
    made = {f"records/{path}": values.value(kind) for path, kind in SHARED.items()}
    made["records/organization.yaml"]["format"] = 1
    for student in ("2026-0001", "2026-0002"):
        for path, kind in OWN.items():
            if rng.random() < 0.8:
                made[f"{FOLDER}/{student}/{path}"] = values.value(kind)
    found = {path: json.dumps(value, ensure_ascii=False).encode() for path, value in made.items()}
    found[f"{FOLDER}/2026-0001/.salt"] = rng.randbytes(32)
    return found


def derive(archive: Archive, approving: Archive, student: Student, on: dt.date) -> None:
    """Everything that can be asked about a student on a date."""
    list(result_facts.debts(archive, student))
    list(result_facts.debts_on(archive, student, on))
    for period in archive.periods.values():
        list(result_facts.unmarked(archive, student, period))
    for enrolment in student.enrolments:
        list(result_facts.mastery(archive, student, enrolment))
        result_facts.count_reached(result_facts.outcomes(archive, student, enrolment))
    beside = replace(archive, stood=lambda _, id_: approving.students.get(id_))
    approvals.approval_states(archive, student)
    approvals.approval_states(beside, student)
    in_force.consents_on(archive, student, on)
    in_force.overdue(student, on)
    keeping.keeping(archive, student, on)
    in_force.ended_photo_consent(archive, student, on)
    if student.person is not None and student.person.birth_date is not None:
        in_force.age(student.person.birth_date, on)


def made(files: dict[str, bytes], rng: Random) -> Iterator[tuple[dict[str, bytes], Archive]]:
    schemas = SchemaSet.load(snapshot(files))
    parsed = {path.removeprefix("schema/"): json.loads(data) for path, data in files.items()}
    values = Values(parsed, schemas, rng)
    while True:
        records = archive_files(values, rng)
        yield records, load(snapshot(files | records), schemas)


def test_nothing_raises_on_what_the_schemas_accept(
    files: dict[str, bytes], request: pytest.FixtureRequest
) -> None:
    rounds = SOAK if request.config.getoption("--soak") else SAMPLE
    seen: set[str] = set()
    source = made(files, Random(20261123))
    _, before = next(source)
    for _ in range(rounds):
        records, after = next(source)
        assert after.findings == ()
        found = rules.run(after) + transitions.compare(before, after)
        seen |= {finding.code.name for finding in add_lines(found, records.get)}
        for student in after.students.values():
            for day in DAYS:
                derive(after, before, student, day)
        before = after
    assert len(seen) > 30, seen
