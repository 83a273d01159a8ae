"""The grid of a group's marks: what it shows and locks, how it judges, what a save makes of it."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest
from msgspec.structs import replace as with_fields

from papka.core.errors import Refused
from papka.core.places import results_file
from papka.intake.mark_grid import (
    Grid,
    TypedGrid,
    judge_typed,
    judged_at,
    make_grid,
    open_grid,
    request_of,
)
from papka.intake.take_plan import TakeRequest
from papka.intake.taking import Taken, take
from papka.intake.typed_marks import TypedPlace
from papka.records.acts import Approval
from papka.records.archive import Archive as Records
from papka.records.school import Group
from papka.records.strict_yaml import read
from papka.records.student import Mark, Name, Person, Student
from papka.repository import commit_snapshots
from papka.repository.signing import find_actor
from tests.support.clones import Clone, share
from tests.support.derived import EDITION, PERIOD, SCHOOL, enrolment, result
from tests.support.school import NOW, STUDENT, TEACHER, Archive, copied

GROUP = "Г-26-1"
AGLAYA = "2026-0001"
TECHNIQUE, ENSEMBLE = (TypedPlace(AGLAYA, "e1", part) for part in ("техника", "ансамбль"))


def school(*people: Student) -> Records:
    groups = {GROUP: Group(group=GROUP, program="guitar")}
    return replace(SCHOOL, groups=groups, students={each.id: each for each in people})


def person(number: int, *results: object, **more: object) -> Student:
    id_ = f"2026-{number:04d}"
    card = Person(id=id_, name=Name(given=f"Имя{number}"))
    keys = {"enrolments": (enrolment(group=GROUP),), "periods": {"2026-1": results}, **more}
    return Student(id_, card, **keys)  # type: ignore[arg-type]


def shown(grid: Grid) -> list[list[tuple[str, str]]]:
    return [[(cell.text, cell.lock.why) for cell in row.cells] for row in grid.rows]


def test_marks_that_count_are_shown_and_what_may_not_be_changed_says_why() -> None:
    first = result("r1", "2026-05-01", 3)
    people = (
        person(1, first, result("r2", "2026-05-02", 4.5, replaces="r1", reason="Описка")),
        person(2, result("r1", "2026-05-01", 5, control="итоговый")),
        person(3, first, result("r2", "2026-05-02", 5)),
        person(4, enrolments=(enrolment(group=GROUP, individual_parts=("ансамбль",)),)),
    )
    grid = make_grid(school(*people), GROUP, PERIOD)
    assert [(each.title, each.may) for each in grid.columns] == [
        ("Техника", "1–5, «не аттестован»"),
        ("Ансамбль", "«не зачтено», «зачтено», «не аттестован»"),
    ]
    alone = "эту часть здесь не изучают или она уже зачтена"
    assert shown(grid) == [
        [("4,5", ""), ("", "")],
        [("5", "стоит итоговая отметка 5"), ("", "")],
        [("5", "отметок здесь несколько: 3, 5"), ("", "")],
        [("", alone), ("", "")],
    ]
    assert grid.lock.why == ""


def test_a_closed_period_is_locked_whole() -> None:
    act = Approval(period="2026-1", signed_by="s001", closed=dt.date(2026, 6, 20))
    archive = replace(school(person(1, result("r1", "2026-05-01", 3))), approvals={"2026-1": act})
    grid = make_grid(archive, GROUP, PERIOD)
    assert grid.lock.why == "период 2026-1 закрыт и утверждён"
    assert all(cell.lock.why for row in grid.rows for cell in row.cells)


def test_a_part_on_two_scales_has_two_columns_and_a_row_one_of_them() -> None:
    words = with_fields(EDITION.parts[0], scale="зачётная")
    later = with_fields(EDITION, edition=2, parts=(words,))
    archive = school(person(1), person(2, enrolments=(
        with_fields(enrolment(group=GROUP), edition=2),)))  # fmt: skip
    program = with_fields(archive.programs["guitar"], editions=(EDITION, later))
    grid = make_grid(replace(archive, programs={"guitar": program}), GROUP, PERIOD)
    free = [[not cell.lock.why for cell in row.cells] for row in grid.rows]
    assert free == [[True, False, True], [False, True, False]]


@pytest.mark.parametrize(
    ("text", "mark"),
    [("4", 4), (" 4,0 ", 4), ("4.0", 4), ("н/а", "не аттестован"), ("7", None), ("ура", None),
     ("4,5", None), ("=4", None), ("зачтено", None)],
)  # fmt: skip
def test_a_mark_is_judged_as_a_sheet_is(text: str, mark: Mark | None) -> None:
    archive = school(person(1))
    grid = make_grid(archive, GROUP, PERIOD)
    judged = judge_typed(archive, grid, TypedGrid({TECHNIQUE: text}, {}, "01.06.2026"))
    assert judged.marks == ({} if mark is None else {TECHNIQUE: mark})
    assert judged.others == ()
    if mark is None:
        said = judged.wrong[TECHNIQUE]
        assert said.what.startswith(f"«{text}» — ")
        assert said.hint == "Здесь бывает: 1–5, «не аттестован», пусто, если отметки нет"


def test_signs_of_a_formula_are_marks_where_the_scale_has_them() -> None:
    archive = school(person(1))
    grid = make_grid(archive, GROUP, PERIOD)
    typed = {ENSEMBLE: "+", TECHNIQUE: "-"}
    judged = judge_typed(archive, grid, TypedGrid(typed, {}, "01.06.2026"))
    assert judged.marks == {ENSEMBLE: "зачтено"}
    assert judged.wrong == {}


PERIOD_2 = "2026-2"


@pytest.fixture
def archive(built_archive: Archive, tmp_path: Path) -> Archive:
    made = copied(built_archive, tmp_path)
    path = f"{STUDENT}/enrolments.yaml"
    if "group: Г-26-1" not in made.read(path):
        pytest.fail("the sample student is in a group")
    return made


def ask(root: Path, typed: dict[TypedPlace, str], reason: str = "") -> tuple[Grid, TakeRequest]:
    """The save of what was typed over what stands now."""
    _, grid = open_grid(root, GROUP, PERIOD_2, [AGLAYA])
    cells = grid.cells()
    seen = {place: cells[place].mark for place in typed}
    wish = TypedGrid(typed, seen, "20.11.2026", reason)
    return grid, request_of(grid, wish, staff=TEACHER, today=NOW.date())


def saved(archive: Archive, wish: TakeRequest) -> Taken:
    return take(archive.root, find_actor(archive.root, TEACHER), wish, now=NOW)


def entries(archive: Archive) -> list[tuple[object, ...]]:
    path = results_file(AGLAYA, PERIOD_2)
    found = read((archive.root / path).read_bytes(), path).value["results"]
    keys = ("part", "mark", "replaces", "reason")
    return [tuple(each.get(key) for key in keys) for each in found if each.get("source")]


def test_typed_marks_are_one_signed_save_and_corrections_say_why(archive: Archive) -> None:
    before = commit_snapshots.head(archive.root)
    grid, first = ask(archive.root, {TECHNIQUE: "4,0", ENSEMBLE: "+"})
    done = saved(archive, first)
    assert done.commit is not None, done.findings
    assert commit_snapshots.read_commit(archive.root, done.commit).parents == (before,)
    known = entries(archive)
    assert [each[:2] for each in known] == [("техника", 4), ("ансамбль", "зачтено")]

    again = saved(archive, first)
    assert again.commit is None, "the form sent twice saves once"
    assert not again.findings

    grid, wish = ask(archive.root, {TECHNIQUE: "5"})
    told = judged_at(grid, wish.files[0][1], saved(archive, wish).findings)
    assert str(told.wrong[TECHNIQUE]).startswith(
        "Отметка 4 меняется на 5, а почему прежняя неверна"
    )

    _, wish = ask(archive.root, {TECHNIQUE: "5"}, "Описка")
    assert saved(archive, wish).commit is not None
    _, wish = ask(archive.root, {TECHNIQUE: "4,0"}, "Всё же четыре")
    assert saved(archive, wish).commit is not None, "what was once typed may be typed again"
    assert [each[:2] + each[3:] for each in entries(archive)[2:]] == [
        ("техника", 5, "Описка"), ("техника", 4, "Всё же четыре"),
    ]  # fmt: skip


def test_an_edit_in_the_folder_is_told_and_never_overwritten(archive: Archive) -> None:
    _, wish = ask(archive.root, {TECHNIQUE: "4"})
    assert saved(archive, wish).commit is not None
    path = results_file(AGLAYA, PERIOD_2)
    _, wish = ask(archive.root, {ENSEMBLE: "+"})
    archive.edit(path, "mark: 4", "mark: 3")
    lying = archive.read(path)
    _, grid = open_grid(archive.root, GROUP, PERIOD_2, [AGLAYA])
    cells = grid.cells()
    assert cells[TECHNIQUE].lock.why == "в папке лежит несохранённое: 3"
    assert cells[ENSEMBLE].lock.why.startswith("результаты этого человека")
    with pytest.raises(Refused, match="Есть несохранённое там же"):
        saved(archive, wish)
    assert archive.read(path) == lying


def test_what_another_computer_saved_meanwhile_is_told_at_its_cell(
    built_archive: Archive, tmp_path: Path
) -> None:
    shared = share(copied(built_archive, tmp_path), tmp_path)
    one, two = shared.clone(tmp_path / "one", TEACHER), shared.clone(tmp_path / "two", TEACHER)

    def done(clone: Clone, wish: TakeRequest) -> Taken:
        return take(clone.root, find_actor(clone.root, clone.staff), wish, now=NOW)

    grid, mine = ask(one.root, {TECHNIQUE: "4", ENSEMBLE: "+"}, "Не может быть")
    _, theirs = ask(two.root, {TECHNIQUE: "5"})
    assert done(two, theirs).commit is not None
    refused = done(one, mine)
    assert refused.commit is None
    told = judged_at(grid, mine.files[0][1], refused.findings)
    assert told.wrong == {
        TECHNIQUE: (
            "Пока отметку вводили, здесь сохранили другое: 5",
            "Отметка 4 не записана; если верна она, введите её снова",
        )
    }
    one.sync()
    _, grid = open_grid(one.root, GROUP, PERIOD_2, [AGLAYA])
    assert grid.cells()[TECHNIQUE].text == "5"
