"""What an act destroyed is missing nowhere; the same thing gone without an act is an error."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

import pytest

from papka.checks import rules, transitions
from papka.checks.unchanged_records import DESTRUCTION_FORBIDDEN
from papka.core.findings import Finding
from papka.core.places import place, student_folder, unit
from papka.records.archive import Archive, Readings, load
from papka.records.editing import write_file
from papka.records.schemas import SchemaSet
from tests.support.archives import destroyed, good, loaded, restricted, sample, snapshot

Files = dict[str, bytes]
ORDER = {
    "number": "99-у",
    "date": "2026-11-10",
    "kind": "уничтожение",
    "heading": "Об уничтожении того, что больше не нужно",
    "items": [{"text": "Уничтожить по акту"}],
    "signed_by": "s001",
}


def act_on(units: Iterable[str]) -> Files:
    """The files of an act that destroyed these, and of its order."""
    act = {
        "date": "2026-11-20",
        "order": "2026/0099",
        "signed_by": "s001",
        "commission": ["s001"],
        "method": "удаление с перезаписью истории",
        "what": [
            {"path": path, "basis": "срок хранения", "due": "2026-11-01"} for path in sorted(units)
        ],
        "old_head": "ab" * 20,
        "evidence": "ab" * 32,
    }
    return {
        "records/acts/1/act.yaml": write_file(act).encode(),
        "records/orders/2026/0099.yaml": write_file(ORDER).encode(),
    }


class Reader:
    """Reads states of one archive, each file once."""

    def __init__(self, files: Files) -> None:
        self._schemas = SchemaSet.load(snapshot(files))
        self._readings = Readings()
        self.before = self.read(files)

    def read(self, files: Files) -> Archive:
        return load(snapshot(files), self._schemas, readings=self._readings)

    def judge(self, files: Files) -> list[Finding]:
        """What is found, but for what the act itself may not do."""
        after = self.read(files)
        found = [*rules.run(after), *transitions.compare(self.before, after)]
        return [each for each in found if each.code is not DESTRUCTION_FORBIDDEN]


def units_by_kind(files: Files) -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in files:
        where, whole = place(path), unit(path)
        if where is not None and whole is not None:
            found["student" if where.student else where.kind.partition("-scan")[0]].add(whole)
    return found


@pytest.mark.parametrize("of", [good, sample, restricted], ids=lambda of: of.__name__)
def test_all_units_of_a_kind_may_go_by_an_act_and_not_without(of: object) -> None:
    assert callable(of)
    files: Files = of()
    reader = Reader(files)
    kinds = units_by_kind(files)
    assert kinds.keys() & {"student"}
    for kind, units in kinds.items():
        left = {path: data for path, data in files.items() if unit(path) not in units}
        assert reader.judge(left | act_on(units)) == [], kind
        assert reader.judge(left) != [], kind


def test_one_of_two_files_of_a_person_goes() -> None:
    """The other goes on to name it, or is named by it."""
    files = sample()
    reader = Reader(files)
    twins = {
        student.id: student.person.duplicate_of
        for student in reader.before.students.values()
        if student.person and student.person.duplicate_of
    }
    assert twins
    for gone in map(student_folder, {*twins, *twins.values()}):
        left = {path: data for path, data in files.items() if not path.startswith(f"{gone}/")}
        assert reader.judge(left | act_on([gone])) == []
        assert reader.judge(left) != []


def test_an_act_excuses_what_it_names_and_nothing_else() -> None:
    files = good()
    reader = Reader(files)
    student, other = student_folder("2026-0001"), student_folder("2026-0009")
    left = {path: data for path, data in files.items() if not path.startswith(f"{student}/")}
    found = {each.code.name for each in reader.judge(left | act_on([other]))}
    assert found == {each.code.name for each in reader.judge(left)}
    assert "FOLDER_REMOVED" in found


def test_years_after_an_act_nothing_that_went_is_missed() -> None:
    files = destroyed()
    assert rules.run(loaded(files)) == []
    del files["records/acts/1/act.yaml"]
    assert {each.code.name for each in rules.run(loaded(files))} == {
        "ATTACHMENT_MISSING",
        "NUMBER_GAP",
        "PHOTO_WITHOUT_CONSENT",
        "PURGE_UNKNOWN",
        "REF_UNKNOWN_NUMBER",
        "REF_UNKNOWN_ORDER",
        "REF_UNKNOWN_STUDENT",
    }
