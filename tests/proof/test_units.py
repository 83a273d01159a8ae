"""What would outlive a personal folder when it must be destroyed (R-6.4)."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime
from pathlib import Path

import pytest

from papka.core.places import SALT_BYTES
from papka.proof.verification import verify
from tests.support.command import Ran
from tests.support.histories import OTHER, RECORD, School, git, salt_of

HONEST = {"ROOT_UNANCHORED", "ANCHOR_NOT_GIVEN"}
"""Told of an archive whose first key and whose seals nobody has compared with paper."""
NEW = "records/students/2026/2026-0001/student.yaml"
CARD = """\
id: 2025-0001
name:
  surname: Ёлочкина-Лунная
  given: "Аглая"
  patronymic: Тихоновна
representatives:
  - id: p1
    relation: мать
    surname: Ёлочкина
    given: Калина
    email: kalina@kust.invalid
""".encode()
STAFF = """\
staff:
  - id: s001
    name:
      surname: Ёлочкина
      given: Калина
      patronymic: Ефимовна
    email: kalina@kust.invalid
""".encode()


def found(school: School) -> list[tuple[str, str]]:
    return [(f.code.name, f.where.path) for f in school.verify().findings]


def salt() -> bytes:
    return secrets.token_bytes(SALT_BYTES)


def test_folder_without_a_salt(school: School) -> None:
    made = school.save({NEW: b"id: 2026-0001\n"}, late=180)
    assert found(school) == [("SALT_MISSING", NEW)]
    school.save({salt_of(NEW): salt()}, late=240)
    late = school.verify().findings
    assert [(f.code.name, f.where.commit) for f in late] == [("SALT_MISSING", made)]


def test_folder_whose_salt_came_with_it(school: School) -> None:
    school.save({NEW: b"id: 2026-0001\n", salt_of(NEW): salt()}, late=180)
    assert found(school) == []


def test_folder_undone_and_made_anew_with_a_salt(school: School) -> None:
    school.save({NEW: b"id: 2026-0001\n"}, late=180)
    school.save({NEW: None}, late=190)
    school.save({NEW: b"id: 2026-0001\n", salt_of(NEW): salt()}, late=200)
    assert "SALT_MISSING" not in school.codes()


def test_salt_taken_out_of_a_folder(school: School) -> None:
    school.save({salt_of(RECORD): None}, late=180)
    assert ("SALT_MISSING", RECORD) in found(school)


@pytest.mark.parametrize("value", [b"", b"short", b"x" * 33])
def test_salt_of_another_length(value: bytes, school: School) -> None:
    school.save({NEW: b"id: 2026-0001\n", salt_of(NEW): value}, late=180)
    assert found(school) == [("SALT_MISSING", salt_of(NEW))]


def test_salt_copied_with_its_folder(school: School) -> None:
    copied = (school.root / salt_of(OTHER)).read_bytes()
    school.save({NEW: b"id: 2026-0001\n", salt_of(NEW): copied}, late=180)
    assert found(school) == [("SALT_REUSED", salt_of(NEW))]


@pytest.mark.parametrize("unit", ["original", "unmatched"])
def test_import_without_a_salt(unit: str, school: School) -> None:
    name = {"original": "book.xlsx", "unmatched": "rows.part"}[unit]
    path = f"records/imports/2026-1/1/{unit}/{name}"
    school.save({path: b"x"}, late=180)
    assert found(school) == [("SALT_MISSING", path)]


def entry(number: int, salt_line: bytes) -> dict[str, bytes]:
    path = f"records/registers/certificates/2026/{number:04d}.yaml"
    return {path: b"number: %d\n" % number + salt_line}


def test_register_entry_without_a_salt(school: School) -> None:
    changes = entry(1, b"facts:\n  salt: " + b"a" * 64 + b"\n")
    school.save(changes, late=180)
    assert found(school) == [("SALT_MISSING", next(iter(changes)))]


def test_register_entry_with_the_salt_of_a_folder(school: School) -> None:
    used = (school.root / salt_of(OTHER)).read_bytes().hex().encode()
    changes = entry(1, b"salt: " + used + b"\n")
    school.save(changes, late=180)
    assert [code for code, _ in found(school)] == ["SALT_REUSED"]


def test_two_register_entries_with_one_salt(school: School) -> None:
    one = salt().hex().encode()
    school.save(entry(1, b"salt: " + one + b"\n") | entry(2, b'salt: "%s"\n' % one), late=180)
    assert found(school) == [("SALT_REUSED", next(iter(entry(2, b""))))]


@pytest.mark.parametrize(
    "path",
    [
        "records/list.txt",
        "records/students/2025/list.yaml",
        "records/students/2025/2025-0001/notes.txt",
        "records/notes/2025.yaml",
        "records/imports/2026-1/1/copy.xlsx",
    ],
)
def test_file_where_the_archive_keeps_nothing(path: str, school: School) -> None:
    school.save({path: b"x"}, "s001", late=180)
    assert found(school) == [("PERSONAL_DATA_OUTSIDE_UNIT", path)]


@pytest.mark.parametrize(
    "words",
    [
        "Ёлочкина-Лунная Аглая: исправлена оценка",
        "исправлено: аглая елочкина-лунная",
        "По письму матери (Ёлочкина Калина)",
        "написали на mama@kust.invalid",
        "СНИЛС 112-233-445 95",
        "Правка\n\nCo-authored-by: X <x@kust.invalid>",
    ],
)
def test_person_named_in_the_words_of_a_commit(words: str, school: School) -> None:
    school.save({RECORD: CARD}, late=180)
    assert found(school) == []
    made = named_commit(school, words)
    findings = school.verify().findings
    assert [(f.code.name, f.where.commit) for f in findings] == [
        ("PERSONAL_DATA_OUTSIDE_UNIT", made)
    ]
    assert not any("алина" in f.message + f.hint for f in findings)


@pytest.mark.parametrize(
    "words",
    [
        "Правка 2025-0001#e2 по приказу № 10-к от 10.06.2026",
        "Аглая исправлена; Калина тоже",
        "Номер 112-233-445 96 не СНИЛС",
        "За s003@papka.invalid",
    ],
)
def test_words_that_name_nobody(words: str, school: School) -> None:
    school.save({RECORD: CARD}, late=180)
    named_commit(school, words)
    assert found(school) == []


def named_commit(school: School, words: str) -> str:
    """A clerk's change described in words of their own, signed as it should be."""

    unsigned: list[bytes] = []

    def keep(raw: bytes) -> bytes:
        unsigned.append(raw.replace("Правка\n".encode(), f"{words}\n".encode()))
        return raw

    school.forge({OTHER: b"x: 1\n"}, sign=None, late=240, bend=keep)
    head, _, message = unsigned[0].partition(b"\n\n")
    signature = school.signer("s003").sign(unsigned[0]).removesuffix("\n").replace("\n", "\n ")
    made = school.plant(head + f"\ngpgsig {signature}\n\n".encode() + message)
    school.checkout()
    return made


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("records/events/2026.yaml", "result: Ёлочкина-Лунная Аглая Тихоновна\n"),
        ("records/approvals/2026-1.yaml", "note: >\n  Аглая\n  Тихоновна Ёлочкина-Лунная\n"),
        ("records/programs/p1.yaml", "contact: Kalina@kust.invalid\n"),
        ("README.md", "Ёлочкина-Лунная Аглая Тихоновна — отличница\n"),
    ],
)
def test_person_named_in_a_common_file(path: str, text: str, school: School) -> None:
    school.save({RECORD: CARD}, late=180)
    school.save({path: text.encode()}, "s001", late=190)
    assert found(school) == [("PERSONAL_DATA_OUTSIDE_UNIT", path)]


def test_member_of_staff_who_is_a_parent_too(school: School) -> None:
    """Names of the staff stand in rules and plans by right."""
    school.save({RECORD: CARD}, late=180)
    staff = {"records/staff.yaml": STAFF, "records/programs/p1.yaml": b"by: kalina@kust.invalid\n"}
    school.save(staff, "s001", late=190)
    named_commit(school, "Внесла Ёлочкина Калина")
    assert found(school) == []


def test_names_inside_units_are_where_they_belong(school: School) -> None:
    changes = entry(1, b"salt: " + salt().hex().encode() + b"\n")
    order = {"records/orders/2026/0001.yaml": "subject: Ёлочкина-Лунная Аглая Тихоновна\n".encode()}
    school.save({RECORD: CARD} | changes | order, late=180)
    assert found(school) == []


def test_honest_archives_are_silent(demo: tuple[Path, Ran], tmp_path: Path) -> None:
    """As `demo` leaves them, the main one and the restricted, and plain clones of them."""
    now = datetime.now(UTC)
    for name in ("archive", "restricted", "server.git"):
        place = demo[0] / name
        copies = [tmp_path / f"{name}-{kind}" for kind in ("clone", "bare")]
        for copy, options in zip(copies, ([], ["--bare"]), strict=True):
            git(tmp_path, "clone", "-q", *options, str(place), str(copy))
            git(copy, "gc", "-q")
        for store in (place, *copies):
            found = verify(store, now=now).findings
            assert [f for f in found if f.severity > 1 or f.code.name not in HONEST] == []
