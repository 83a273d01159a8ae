"""What values of the model say of themselves: scales, names, numbers of entries, kept lists."""

from __future__ import annotations

import inspect
from collections.abc import Iterator

import pytest
from msgspec.structs import replace as changed

from papka.core.kinds import LETTERS
from papka.records.raw_exports import (
    AGGREGATE,
    BOOK,
    HEADER,
    UNMATCHED,
    ImportPart,
    import_lists,
    read_list,
    write_list,
)
from papka.records.school import NOT_ATTESTED, RegulationEdition, Scale
from papka.records.student import (
    Name,
    Record,
    Shown,
    Source,
    Student,
    give_ids,
    to_mapping,
)
from tests.support.derived import FIVE, SCHOOL, WORDS, day, enrolment, result, student

HALVES = Scale(scale="100", title="100", lowest=0, highest=100, step=0.5, pass_mark=60)
OPEN = Scale(scale="без границ", title="Без границ", pass_mark=3)
UNJUDGED = Scale(scale="без порога", title="Без порога", lowest=1, highest=5)


@pytest.mark.parametrize(
    ("scale", "mark", "has", "passes"),
    [
        (FIVE, 0, False, False),
        (FIVE, 1, True, False),
        (FIVE, 2, True, False),
        (FIVE, 3, True, True),
        (FIVE, 5, True, True),
        (FIVE, 6, False, True),
        (FIVE, 3.5, False, True),
        (FIVE, "5", False, False),
        (FIVE, NOT_ATTESTED, True, False),
        (HALVES, 59.5, True, False),
        (HALVES, 60, True, True),
        (HALVES, 60.25, False, True),
        (HALVES, 100.5, False, True),
        (HALVES, -0.5, False, False),
        (WORDS, "зачтено", True, True),
        (WORDS, "не зачтено", True, False),
        (WORDS, "зачёт", False, False),
        (WORDS, NOT_ATTESTED, True, False),
        (WORDS, 5, False, False),
        (OPEN, 5, False, True),
        (changed(OPEN, lowest=1), 5, False, True),
        (changed(OPEN, highest=5), 5, False, True),
        (UNJUDGED, 5, True, False),
    ],
)
def test_a_scale_has_its_marks_and_passes_from_one_on(
    scale: Scale, mark: float | str, *, has: bool, passes: bool
) -> None:
    assert scale.has(mark) is has
    assert scale.passes(mark) is passes


@pytest.mark.parametrize(
    ("name", "full", "short"),
    [
        (Name(given="Аглая"), "Аглая", "Аглая"),
        (Name(given="Аглая", patronymic="Тихоновна"), "Аглая Тихоновна", "Аглая"),
        (Name(surname="Лунная", given="Аглая"), "Лунная Аглая", "А. Лунная"),
        (
            Name(surname="Лунная", given="Аглая", patronymic="Тихоновна"),
            "Лунная Аглая Тихоновна",
            "А. Т. Лунная",
        ),
    ],
)
def test_a_name_in_full_and_in_short(name: Name, full: str, short: str) -> None:
    assert (name.full, name.short) == (full, short)


@pytest.mark.parametrize(
    ("protocol", "adopted"), [("№ 3 от 01.09.2025", True), ("не подтверждено", False)]
)
def test_an_act_without_a_protocol_is_a_draft(protocol: str, *, adopted: bool) -> None:
    edition = RegulationEdition(edition=1, since=day("2025-09-01"), protocol=protocol)
    assert edition.is_adopted is adopted


def test_parts_and_editions_are_found_by_their_codes() -> None:
    program = SCHOOL.programs["guitar"]
    later = changed(program.editions[0], edition=2)
    both = changed(program, editions=(*program.editions, later))
    assert [both.edition(number) for number in (1, 2, 3)] == [*both.editions, None]
    assert [later.part(code) for code in ("ансамбль", "хор")] == [later.parts[1], None]


# Numbers of entries


RESULTS = ("records/students/2026/2026-0001/results/2026-1.yaml", "/results")
ENROLMENTS = ("records/students/2026/2026-0001/enrolments.yaml", "/enrolments")


@pytest.mark.parametrize(
    ("ids", "known", "given"),
    [
        (["r1", "r2"], [], {}),
        ([None], [], {0: "r1"}),
        (["r1", None], [], {1: "r2"}),
        ([None, "r9", None], [], {0: "r10", 2: "r11"}),
        (["r1", None], ["r7", "a12"], {1: "r8"}),
        (["r9", None], ["r7"], {1: "r10"}),
        (["r2", "r10", None], [], {2: "r11"}),
    ],
)
def test_an_entry_gets_the_next_number_of_its_letter(
    ids: list[str | None], known: list[str], given: dict[int, str]
) -> None:
    entries = [changed(result("r0", "2026-05-28", 4), id=id_) for id_ in ids]
    assert give_ids(student(*entries), known) == ({RESULTS: given} if given else {})


def test_each_list_counts_for_itself() -> None:
    unsaved = changed(enrolment(), id=None)
    who = student(
        changed(result("r0", "2026-05-28", 4), id=None), enrolments=(enrolment(), unsaved)
    )
    assert give_ids(who) == {ENROLMENTS: {1: "e2"}, RESULTS: {0: "r1"}}
    assert len(set(LETTERS.values())) == len(LETTERS)


def test_an_entry_is_found_where_it_stands() -> None:
    first, twin = result("r1", "2026-05-28", 4), result("r1", "2026-05-28", 4)
    who = student(first, twin)
    assert (who.where(twin, "mark").path, who.where(twin, "mark").pointer) == (
        RESULTS[0], "/results/1/mark"
    )  # fmt: skip
    assert who.where(who.person, "name", "given").pointer == "/name/given"
    assert who.where(None).path == "records/students/2026/2026-0001/student.yaml"
    with pytest.raises(LookupError, match="2026-0001: no such entry"):
        who.where(result("r9", "2026-05-28", 4))


def test_results_stand_by_period() -> None:
    one, two = result("r1", "2026-05-28", 4), result("r2", "2026-12-20", 5)
    who = Student("2026-0001", periods={"2026-2": (two,), "2026-1": (one,)})
    assert list(who.results) == [("2026-1", one), ("2026-2", two)]


# Plain values


def test_what_is_absent_or_empty_is_left_out_at_every_depth() -> None:
    source = Source(export="2026-1/1", row=0, column=6, raw="")
    given = result(
        "r1", "2026-05-28", 0, source=source, shows=(Shown(outcome="сцена", level="да"),)
    )
    assert to_mapping(given) == {
        "id": "r1", "enrolment": "e1", "kind": "учебный", "origin": "текущий контроль",
        "date": "2026-05-28", "part": "техника", "control": "за период", "mark": 0,
        "shows": [{"outcome": "сцена", "level": "да"}],
        "source": {"import": "2026-1/1", "row": 0, "column": 6, "raw": ""},
    }  # fmt: skip


# The list of an import's parts


PARTS = tuple(
    ImportPart(number, owner, f"{number:x}" * 64)
    for number, owner in enumerate((HEADER, "2026-0001", UNMATCHED, AGGREGATE, BOOK), 1)
)
TITLE, *LINES = write_list(PARTS).decode().splitlines(keepends=True)


def test_a_list_is_read_as_it_was_written_in_order_of_numbers() -> None:
    assert read_list(write_list(PARTS[::-1])) == (PARTS, None)
    assert LINES[1] == f"2 2026-0001 {'2' * 64}\n"


@pytest.mark.parametrize(
    ("text", "parts", "broken"),
    [
        ("", 0, 1),
        ("papka-parts v2\n", 0, 1),
        (TITLE, 0, None),
        (TITLE + LINES[0], 1, None),
        (TITLE + LINES[0] + LINES[1], 2, None),
        (TITLE + LINES[0] + LINES[1].rstrip(), 1, 3),
        (TITLE + "\n" + LINES[0], 0, 2),
        (TITLE + LINES[0] + LINES[1].replace("2 ", "02 ", 1), 1, 3),
        (TITLE + LINES[0] + LINES[1].upper().replace("2026", "кто", 1), 1, 3),
        (TITLE + LINES[0].replace("\n", " \n"), 0, 2),
    ],
)
def test_the_first_line_of_a_list_that_is_none_is_named(
    text: str, parts: int, broken: int | None
) -> None:
    assert read_list(text.encode()) == (PARTS[:parts], broken)


@pytest.mark.parametrize(
    ("part", "path", "unit"),
    [
        (PARTS[0], "records/imports/2026-1/1/header.part", "original"),
        (
            PARTS[1],
            "records/students/2026/2026-0001/raw/2026-1-1.part",
            "original",
        ),
        (PARTS[2], "records/imports/2026-1/1/unmatched/rows.part", "unmatched"),
        (PARTS[3], "records/imports/2026-1/1/original/aggregate.part", "original"),
        (PARTS[4], "records/imports/2026-1/1/original/book.xlsx", "original"),
    ],
)
def test_a_part_lies_in_the_unit_it_is_kept_with(part: ImportPart, path: str, unit: str) -> None:
    assert (part.path("2026-1/1", "xlsx"), part.unit) == (path, unit)
    assert part.student == ("2026-0001" if part is PARTS[1] else "")


def test_imports_with_a_list_are_known_by_their_period_and_number() -> None:
    paths = [
        "records/imports/2026-1/1/parts.txt", "records/imports/2026-1/2/manifest.yaml",
        "records/imports/2026-2/1/parts.txt", "records/students/2026/2026-0001/parts.txt",
        "records/imports/2026-1/3/old-parts.txt",
    ]  # fmt: skip
    assert import_lists(paths) == {"2026-1/1", "2026-2/1"}


# What every record shares


def kinds(of: type[Record]) -> Iterator[type[Record]]:
    for kind in of.__subclasses__():
        if kind.__module__.startswith("papka.records."):
            yield kind
            yield from kinds(kind)


def test_every_record_is_frozen_and_named_by_its_keys() -> None:
    """What was read is what was saved: nothing is changed on the way, no field goes by place."""
    found = set(kinds(Record))
    assert {Name, Scale, Source} <= found
    for kind in found:
        signature = inspect.signature(kind)
        assert kind.__struct_config__.frozen, kind
        assert {each.kind for each in signature.parameters.values()} <= {
            inspect.Parameter.KEYWORD_ONLY
        }, kind
