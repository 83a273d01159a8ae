"""What is easy to get wrong in the records, one test a point: the schemas, the record types and
the rules together refuse it or demand it."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import yaml

from papka.checks import rules, transitions
from papka.core.findings import Finding
from papka.core.kinds import RESTRICTED_KINDS, SCHEMA_OF, is_at_home
from papka.core.places import import_file, place, unit
from papka.records.archive import Archive, load
from papka.records.raw_exports import part_digest
from papka.records.schemas import SchemaSet
from papka.records.school import NOT_ATTESTED
from papka.records.strict_yaml import read as read_document
from papka.records.student import Student
from tests.support.archives import PROJECT, good, restricted, sample, snapshot

FOLDER = "records/students/2026/2026-0001"
RESULTS = f"{FOLDER}/results/2026-1.yaml"
DOCUMENTS = f"{FOLDER}/documents.yaml"
ENROLMENTS = f"{FOLDER}/enrolments.yaml"
PROGRAM = "records/programs/guitar.yaml"
APPROVAL = "records/approvals/2026-1.yaml"
REGISTER = "records/registers/issued/2026/progress-0001.yaml"
MANIFEST = "records/imports/2026-1/1/manifest.yaml"

Change = Callable[[Any], object]


@cache
def schemas() -> SchemaSet:
    return SchemaSet.load(snapshot(good()))


def read(files: dict[str, bytes]) -> Archive:
    return load(snapshot(files), schemas())


@cache
def school() -> Archive:
    return read(sample())


@cache
def main_archive() -> Archive:
    return read(good())


def results() -> Iterator[tuple[Student, Any]]:
    for student in school().students.values():
        for _, result in student.results:
            yield student, result


def changed(path: str, change: Change) -> dict[str, bytes]:
    """The good archive after a hasty hand."""
    files = dict(good())
    value = read_value(files[path])
    change(value)
    files[path] = yaml.safe_dump(value, allow_unicode=True, sort_keys=False).encode()
    return files


def refused(path: str, change: Change) -> list[str]:
    """Pointers at which the schema refuses the good record after a change."""
    found = place(path)
    assert found is not None
    document = read_value(good()[path])
    change(document)
    return [
        finding.where.pointer for finding in schemas().judge(SCHEMA_OF[found.kind], document, path)
    ]


def without(key: str) -> Change:
    return lambda value: value.pop(key)


def read_value(data: bytes) -> Any:  # noqa: ANN401 - YAML
    """As the archive reads it: dates are texts, numbers are numbers."""
    return read_document(data, "x.yaml").value


def found_by(archive: Archive) -> list[Finding]:
    return rules.run(archive)


def properties(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every key a schema knows, wherever it stands."""
    yield from _properties(json.loads(good()[f"schema/{name}.json"]))


def _properties(schema: object) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        for key, about in schema.get("properties", {}).items():
            if isinstance(about, dict):
                yield key, about
        for value in schema.values():
            yield from _properties(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from _properties(value)


# 1 Units of retention


def test_personal_data_stands_in_units_only() -> None:
    """Nobody's name is in a file that outlives the personal folders of others."""
    people = [student.person for student in school().students.values() if student.person]
    names = {person.name.full for person in people} | {
        one.full for person in people for one in person.representatives
    }
    for path, data in sample().items():
        if path.startswith("records/") and unit(path) is None:
            text = data.decode()
            assert not [name for name in names if name in text], path


def test_the_book_of_issued_documents_can_serve_the_graduate_without_the_folder() -> None:
    for key in ("holder", "number", "series", "date", "salt"):
        assert refused(REGISTER, without(key)) == [""]
    assert unit(REGISTER) != unit(f"{FOLDER}/student.yaml")
    assert unit(REGISTER) is not None


def test_acts_outside_units_have_no_field_for_a_person() -> None:
    named = {"name", "surname", "given", "holder", "birth_date", "phone", "email", "snils"}
    for kind in ("approval", "events", "import", "media", "acceptance"):
        assert not named & {key for key, _ in properties(SCHEMA_OF[kind])}


# 2 No unsalted digest of personal bytes outside their unit


def test_a_manifest_has_room_for_salted_digests_only() -> None:
    manifest = {
        "platform": "kurs",
        "export": "grades",
        "edition": 1,
        "period": "2026-1",
        "taken": "2026-06-15",
        "by": "s002",
        "layout": "xlsx",
    }
    assert schemas().judge("import", manifest, MANIFEST) == []
    for key, value in {"sha256": "0" * 64, "digest": "0" * 64, "size": 1, "file": "а.csv"}.items():
        assert schemas().judge("import", manifest | {key: value}, MANIFEST)
    listed = part_digest(b"salt", b"rows")
    assert listed != part_digest(b"other", b"rows")
    assert listed != sha256(b"rows").hexdigest()
    for kind in ("approval", "events", "acceptance"):
        assert not {"digest", "sha256"} & {key for key, _ in properties(SCHEMA_OF[kind])}


def test_what_holds_rows_of_many_is_a_folder_with_a_salt() -> None:
    """Git names a destroyed unit in the tree above it: the id of a file would confirm a guess."""
    for name in ("original/book.xlsx", "original/order.txt", "unmatched/rows.part"):
        folder, _, _ = import_file("2026-1/1", name).rpartition("/")
        assert unit(f"{folder}/{name.rpartition('/')[2]}") == unit(f"{folder}/.salt") == folder
    for name in ("original.xlsx", "unmatched.part", "rows.csv", "original/else.txt"):
        assert place(import_file("2026-1/1", name)) is None


# 3 Some rules compare two states


def test_a_removed_entry_is_seen_by_comparison_only() -> None:
    files = changed(RESULTS, lambda value: value["results"].pop())
    after = read(files)
    assert "ID_REMOVED" not in {finding.code.name for finding in found_by(after)}
    stepped = {finding.code.name for finding in transitions.compare(main_archive(), after)}
    assert "ID_REMOVED" in stepped


# 4 Debts


def test_not_attested_is_a_mark_of_every_scale_and_passes_on_none() -> None:
    for scale in school().scales.values():
        assert scale.has(NOT_ATTESTED)
        assert not scale.passes(NOT_ATTESTED)


def test_a_missing_mark_is_accepted_only_by_name_and_reason_when_a_period_closes() -> None:
    def lacking(**exception: str) -> Change:
        return lambda value: value.update(exceptions=[{"kind": "нет отметки", **exception}])

    whole = {"student": "2026-0001#e1", "part": "теория", "reason": "Болела"}
    assert refused(APPROVAL, lacking(**whole)) == []
    for key in whole:
        assert refused(APPROVAL, lacking(**{k: v for k, v in whole.items() if k != key}))
    unmatched = {"kind": "несопоставленная строка", "reason": "Гость"}
    assert refused(APPROVAL, lambda value: value.update(exceptions=[unmatched]))


# 5 Correction, re-sit and end are three things


def test_a_correction_says_why_and_a_resit_needs_no_excuse() -> None:
    assert refused(RESULTS, lambda v: v["results"][2].update(replaces="r1"))
    assert refused(RESULTS, lambda v: v["results"][2].update(resits="r1")) == []


def test_only_what_lasts_can_end() -> None:
    """A result was true on its day; an enrolment, a consent, a document ends."""
    over = {"date": "2026-12-25", "reason": "завершение"}
    assert refused(RESULTS, lambda v: v["results"][0].update(ended=over)) == ["/results/0/ended"]
    assert refused(ENROLMENTS, lambda v: v["enrolments"][0].update(ended=over)) == []
    assert refused(ENROLMENTS, lambda v: v["enrolments"][0].update(replaces="e1"))
    assert refused(REGISTER, lambda v: v.update(void={"reason": "Порвано"})) == []


def test_what_was_corrected_or_resat_stays_readable() -> None:
    for student, result in results():
        known = {entry.id for entry in student.entries()}
        assert {result.replaces, result.resits} - {None} <= known


# 6 Who typed it and when is the signed commit's to say


@pytest.mark.parametrize("key", ["recorded", "created", "updated", "typed_by", "approved", "age"])
def test_what_is_computed_or_signed_cannot_be_stored(key: str) -> None:
    assert refused(RESULTS, lambda v: v["results"][0].update({key: "2026-01-01"}))
    assert refused(f"{FOLDER}/student.yaml", lambda v: v.update({key: "2026-01-01"}))


# 7 Marks keep the type of their scale


@pytest.mark.parametrize("mark", ["5", "отлично", "4,5", "90 %", "зачтено"])
def test_a_word_is_no_mark_of_a_scale_of_numbers(mark: str) -> None:
    scale = school().scales["пятибалльная"]
    assert not scale.has(mark)
    assert not scale.passes(mark)


def test_no_key_holds_an_average_a_ranking_or_a_converted_mark() -> None:
    for name in SCHEMA_OF.values():
        for key, about in properties(name):
            told = f"{key} {about.get('title', '')}".casefold()
            assert not [
                word for word in ("average", "mean", "rank", "rating", "средн", "рейтинг")
                if word in told
            ]  # fmt: skip


def test_imported_text_stays_text() -> None:
    source = {"import": "2026-1/1", "row": 1, "column": 2, "raw": "2,00"}
    assert refused(RESULTS, lambda v: v["results"][0].update(source=source)) == []
    number = source | {"raw": 2.0}
    assert refused(RESULTS, lambda v: v["results"][0].update(source=number)) == [
        "/results/0/source/raw"
    ]


# 8 The legal basis hangs on the enrolment and on the purpose


def test_a_revoked_consent_leaves_the_contracts_records() -> None:
    def revoke(value: Any) -> None:  # noqa: ANN401 - YAML
        value["consents"][0]["revoked"] = {"date": "2026-05-01"}

    after = read(changed(f"{FOLDER}/consents.yaml", revoke))
    assert found_by(after) == []
    student = after.students["2026-0001"]
    assert student.periods == main_archive().students["2026-0001"].periods


def test_no_entry_but_the_enrolment_names_the_contract() -> None:
    assert refused(RESULTS, lambda v: v["results"][0].update(contract="d1"))
    assert refused(RESULTS, lambda v: v["results"][0].update(consent="c1"))
    assert refused(f"{FOLDER}/consents.yaml", lambda v: v["consents"][0].update(purpose=["а", "б"]))


# 9 assessed_by is the teacher


def test_the_author_of_a_result_is_the_teacher_or_the_student_never_the_typist() -> None:
    assert refused(RESULTS, lambda v: v["results"][0].update(author="s002"))
    assert refused(RESULTS, lambda v: v["results"][0].update(assessed_by="Глинкина"))

    def both(value: Any) -> None:  # noqa: ANN401 - YAML
        value["results"][0]["author"] = "обучающийся"

    assert refused(RESULTS, both)


# 10 A returning student, one created twice


def test_a_returning_student_keeps_the_folder() -> None:
    again = [
        student
        for student in school().students.values()
        for one, next_ in zip(student.enrolments, student.enrolments[1:], strict=False)
        if one.ended and one.ended.date < next_.start
    ]
    assert again


def test_one_created_twice_keeps_both_numbers() -> None:
    twice = {
        student.id: student.person.duplicate_of
        for student in school().students.values()
        if student.person and student.person.duplicate_of
    }
    assert twice
    assert set(twice.values()) <= school().folders
    assert twice.keys() <= school().folders


# 11 Sheets are paper


def test_only_paper_has_sheets_letters_and_gaps() -> None:
    for key, value in (("sheets", 1), ("lettered", ["5а"]), ("skipped", [7])):
        paperless = {"medium": "только файл", key: value}

        def slip(v: Any, paperless: dict[str, Any] = paperless) -> None:  # noqa: ANN401 - YAML
            v["documents"][0].pop("sheets")
            v["documents"][0].update(paperless)

        assert refused(DOCUMENTS, slip)
    assert refused(DOCUMENTS, lambda v: v["documents"][0].update(lettered=["5а"])) == []
    assert refused(DOCUMENTS, lambda v: v["documents"][0].update(lettered=["5a"]))


# 12 Sequences are file names, printed numbers are data


@pytest.mark.parametrize("number", ["12-л/с", "12-а", "17/26", "№ 3"])
def test_a_printed_number_is_whatever_is_printed(number: str) -> None:
    path = "records/orders/2026/0001.yaml"
    assert refused(path, lambda value: value.update(number=number)) == []
    assert refused(ENROLMENTS, lambda v: v["enrolments"][0].update(order=number))


# 13 Declared once


@pytest.mark.parametrize(
    ("path", "change", "word"),
    [
        (ENROLMENTS, lambda v: v["enrolments"][0].update(group="г-26-1"), "Г-26-1"),
        (RESULTS, lambda v: v["results"][0].update(part="технка"), "техника"),
        (PROGRAM, lambda v: v["editions"][0]["parts"][0].update(scale="пятибальная"), "пяти"),
        (
            f"{FOLDER}/consents.yaml",
            lambda v: v["consents"][0].update(purpose="фото-на-сайт"),
            "фото-на-сайте",
        ),
    ],
)
def test_a_slip_in_a_declared_word_gets_a_suggestion(path: str, change: Change, word: str) -> None:
    told = [f"{f.message} {f.hint}" for f in found_by(read(changed(path, change)))]
    assert any("может быть" in one.casefold() and word in one for one in told), told


# 14 The restricted archive


def test_the_restricted_twin_has_the_same_numbers_and_other_kinds() -> None:
    twin = read(restricted())
    assert found_by(twin) == []
    assert twin.misplaced == ()
    assert twin.folders <= school().folders
    assert all(student.person is None for student in twin.students.values())
    assert sum(len(student.diagnostics) for student in twin.students.values()) == 1
    assert sum(len(student.needs) for student in twin.students.values()) == 1


def test_neither_archive_holds_what_is_the_others() -> None:
    diagnostics = "records/students/2025/2025-0008/diagnostics.yaml"
    mixed = read(sample() | {diagnostics: restricted()[diagnostics]})
    assert mixed.misplaced == (diagnostics,)
    assert found_by(mixed)
    card = "records/students/2025/2025-0008/student.yaml"
    mixed = read(restricted() | {card: sample()[card]})
    assert mixed.misplaced == (card,)
    assert found_by(mixed)
    for kind in set(SCHEMA_OF) - RESTRICTED_KINDS:
        assert is_at_home(kind, restricted=False)
    assert not [kind for kind in RESTRICTED_KINDS if is_at_home(kind, restricted=False)]


def test_a_restricted_folder_names_nobody() -> None:
    people = [student.person for student in school().students.values() if student.person]
    for path, data in restricted().items():
        if path.startswith("records/students/") and path.endswith(".yaml"):
            text = data.decode()
            assert not [one.name.full for one in people if one.name.given in text.split()]
    for name in RESTRICTED_KINDS:
        assert not {"name", "surname", "given"} & {key for key, _ in properties(name)}


def modules_of_paper() -> set[Path]:
    """What printing is made of, and what makes the package for another school."""
    folder = PROJECT / "tools" / "papka"
    return {*(folder / "paper").rglob("*.py"), folder / "intake" / "package_giving.py"}


def test_nothing_restricted_can_reach_a_form() -> None:
    """Nothing that is printed reads the fields; what is not read is not printed.

    But the sheets of the restricted archive, which the main one refuses to print
    (`tests/paper/test_school_sheets.py`).
    """
    fields = {"diagnostics", "needs"}
    sources = modules_of_paper()
    assert {"sections.py", "issued_documents.py"} <= {source.name for source in sources}
    own = {source for source in sources if source.name == "restricted_sheets.py"}
    assert len(own) == 1
    for source in sources - own:
        tree = ast.parse(source.read_text(encoding="utf-8"))
        asked = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not asked & fields, source.name
    for template in (PROJECT / "templates").rglob("*.j2"):
        text = template.read_text(encoding="utf-8")
        assert not [field for field in fields if f".{field}" in text], template.name


@pytest.mark.parametrize("key", ["mark", "level", "scale", "shows", "outcome", "part"])
def test_a_diagnosis_is_never_graded(key: str) -> None:
    path = "records/students/2025/2025-0008/diagnostics.yaml"
    value = read_value(restricted()[path])
    value["diagnostics"][0][key] = "да"
    assert schemas().judge("diagnostics", value, path)


# Planned results and target orientations


@pytest.mark.parametrize("key", ["id", "level", "mark", "outcome", "parts"])
def test_a_target_orientation_is_a_text_and_nothing_can_point_at_it(key: str) -> None:
    orientation = {"text": "Проявляет интерес к музыке", key: "да"}
    assert refused(
        PROGRAM, lambda v: v["editions"][1].update(target_orientations=[orientation])
    ) == ["/editions/1/target_orientations/0"]
    holders = {
        name for name in SCHEMA_OF.values() if "target_orientations" in dict(properties(name))
    }
    assert holders == {"program"}


def test_a_result_shows_planned_results_only() -> None:
    def slip(value: Any) -> None:  # noqa: ANN401 - YAML
        value["results"][1]["shows"][0]["outcome"] = "проявляет-интерес-к-музыке-разных-народов"

    assert found_by(read(changed(RESULTS, slip)))


def test_a_programme_plans_both_kinds_of_results() -> None:
    assert refused(PROGRAM, lambda v: v["editions"][0]["planned_results"].pop(0))
    assert refused(PROGRAM, lambda v: v["editions"][0]["planned_results"].pop(1))


# A result belongs to the period in which the work was due


def test_a_late_resit_stands_in_the_period_it_was_due_in() -> None:
    late = [
        (student.id, result.id)
        for student in school().students.values()
        for period, result in student.results
        if result.resits and result.date > school().periods[period].end
    ]
    assert late
    assert found_by(school()) == []


@pytest.mark.parametrize("origin", ["внеурочный план", "мероприятие", "независимая оценка"])
def test_a_result_got_at_an_event_names_it(origin: str) -> None:
    assert refused(RESULTS, lambda v: v["results"][0].update(origin=origin)) == ["/results/0"]
