"""A take by its values: what is planned, in which stages, what lies in the way, which day and
number; nothing of it is asked twice."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from papka.core.errors import NamesInHistory, Refused
from papka.core.findings import Location
from papka.core.places import results_file, student_folder
from papka.desk.saving import Saved, require_head_commit
from papka.intake.marks import StudentRow
from papka.intake.take_plan import TakeDesk, TakeRequest
from papka.intake.taking import STAGES, Taken, preview, take
from papka.records.reading_codes import PATH_NOT_FILE
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from papka.repository.signing import find_actor
from tests.support.clones import Clone, share
from tests.support.school import NOW, TEACHER, Archive, copied
from tests.support.taking import (
    AGLAYA,
    EMIL,
    FIRST_KIM,
    PERIOD,
    SECOND_KIM,
    aglaya,
    emil,
    gradebook,
    row,
)

FOUR = (AGLAYA, EMIL, FIRST_KIM, SECOND_KIM)
ANSWERS = {"k1": FIRST_KIM, "k2": SECOND_KIM}
IN_THE_WAY = "Есть несохранённое там же, куда пишет выгрузка: {}"
SAVE_FIRST = (
    "Сохраните (papka save) или верните файлы (git checkout HEAD -- ФАЙЛ) и повторите"
)  # fmt: skip
PEOPLE = ("Фамилия", "Имя", "Отчество", "Дата рождения", "Почта", "Пол", "Программа", "Группа",
          "Начало")  # fmt: skip
SHEET = ("№", "Фамилия, имя, отчество", "Номер дела", "Обучение",
         "Техника игры [guitar/техника]", "Дата")  # fmt: skip


def wish(*files: bytes, **more: object) -> TakeRequest:
    named = tuple((f"{number}.csv", data) for number, data in enumerate(files, 1))
    asked = TakeRequest(named, PERIOD, "kurs", TEACHER, NOW.date())
    return replace(asked, **more)  # type: ignore[arg-type] # as Wish


def everybody(mark: str) -> bytes:
    kims = (row(key, "Листов Ким", marks=(mark, "4", "зачтено")) for key in ANSWERS)
    return gradebook(aglaya(mark, "4", "зачтено"), emil(mark, "4", "зачтено"), *kims)


def taken(root: Path, asked: TakeRequest, *, dry_run: bool = False, staff: str = TEACHER) -> Taken:
    return take(root, find_actor(root, staff), asked, now=NOW, dry_run=dry_run)


def stages(root: Path, asked: TakeRequest, *, dry_run: bool = False) -> list[str]:
    told: list[str] = []
    actor = find_actor(root, TEACHER)
    take(root, actor, asked, now=NOW, dry_run=dry_run, progress=told.append)
    return told


def test_looking_plans_all_and_changes_nothing(school: Archive) -> None:
    before = require_head_commit(school.root)
    found = preview(school.root, wish(gradebook(aglaya(), emil())))
    (file,) = found.files
    assert (file.key, file.count("new"), file.rows, file.kind) == ("2026-2/2", 6, 2, "csv")
    assert (found.commit, found.saved, found.reserved, found.restored) == (None, None, None, 0)
    assert found.findings == ()
    assert {results_file(AGLAYA, PERIOD), results_file(EMIL, PERIOD)} < set(found.plan.changes)
    assert set(found.plan.expected) == set(found.plan.changes)
    assert set(found.plan.expected.values()) == {None}
    assert (require_head_commit(school.root), commit_snapshots.worktree_changes(school.root)) == (
        before,
        (),
    )


def test_the_stages_of_a_take_are_told_as_they_come(school: Archive) -> None:
    assert STAGES == ("чтение и сопоставление", "проверка и запись", "готово")
    (school.root / ".git" / "index.lock").touch()
    assert stages(school.root, wish(gradebook(row("x9", "Незнакомцев Ян")))) == list(STAGES[:1])
    assert not (school.root / ".git" / "index.lock").exists()
    assert stages(school.root, wish(gradebook(emil())), dry_run=True) == list(STAGES)
    assert stages(school.root, wish(gradebook(emil()))) == list(STAGES)
    assert stages(school.root, wish(gradebook(emil()))) == list(STAGES[:1])


def test_what_is_unsaved_where_it_writes_is_named_at_most_three(school: Archive) -> None:
    taken(school.root, wish(everybody("5"), answers=ANSWERS))
    before = require_head_commit(school.root)
    paths = [results_file(student, PERIOD) for student in FOUR]
    asked = wish(everybody("4"), answers=ANSWERS)
    for count in (1, 3, 4):
        for path in paths[:count]:
            school.write(path, school.read(path) + "# тут\n")
        with pytest.raises(Refused) as refused:
            taken(school.root, asked)
        assert refused.value.message == IN_THE_WAY.format(", ".join(paths[: min(count, 3)]))
        assert refused.value.next_step == SAVE_FIRST
    assert require_head_commit(school.root) == before
    assert school.read(paths[3]).endswith("# тут\n")


def test_a_name_in_the_reason_is_refused_like_any_words_of_a_person(school: Archive) -> None:
    data = gradebook(emil(), row("x9", "Незнакомцев Ян"))
    before = require_head_commit(school.root)
    with pytest.raises(NamesInHistory, match="«Тычинкина»"):
        taken(school.root, wish(data, accepted="гость Тычинкина"))
    assert require_head_commit(school.root) == before
    done = taken(school.root, wish(data, accepted="гость курса"))
    assert done.saved is not None
    assert done.saved.subject == "Выгрузки: 2026-2/2 (kurs)"
    assert "приняты: гость курса" in commit_snapshots.read_commit(school.root, "HEAD").message


def test_a_rule_of_records_is_told_at_the_cell_with_the_record_beside(school: Archive) -> None:
    """As the rule says it where no cell is known: of a file as a whole, of another's."""
    plan = preview(school.root, wish(gradebook(aglaya(), emil()))).plan
    path = results_file(EMIL, PERIOD)
    assert plan.origins[path, "/results/1"] == Location("1.csv", line=3, column=6)
    own = PATH_NOT_FILE.at(Location("1.csv", line=1))
    pointers = ("/results/1/mark", "/results/1", "/results/7/mark", "")
    places = [Location("x.yaml", "/results/1"), *(Location(path, each) for each in pointers)]
    judged = tuple(PATH_NOT_FILE.at(place) for place in places)
    saved = Saved(None, "", (), judged, lambda _: None)
    found = Taken(replace(plan, findings=(own,)), saved).findings
    cell = Location("1.csv", line=3, column=6)
    assert {(each.where, each.related) for each in found} == {
        (Location("1.csv", line=1), ()),
        (cell, (places[1],)), (cell, (places[2],)),
        *((place, ()) for place in (places[0], *places[3:])),
    }  # fmt: skip
    assert Taken(plan, saved).commit is None
    assert Taken(plan, replace(saved, commit="c1")).commit == "c1"


@pytest.mark.parametrize(
    ("today", "date", "expected"),
    [
        (dt.date(2026, 11, 20), None, "2026-11-20"),
        (dt.date(2027, 2, 1), None, "2026-12-27"),
        (dt.date(2027, 2, 1), dt.date(2026, 12, 1), "2026-12-01"),
    ],
)
def test_the_day_of_a_mark_that_has_none(
    school: Archive, today: dt.date, date: dt.date | None, expected: str
) -> None:
    asked = wish(gradebook(emil()), today=today, date=date)
    changes = preview(school.root, asked).plan.changes
    path = results_file(EMIL, PERIOD)
    assert {str(each["date"]) for each in read(changes[path], path).value["results"]} == {expected}
    manifest = "records/imports/2026-2/2/manifest.yaml"
    assert str(read(changes[manifest], manifest).value["taken"]) == str(today)


def test_the_number_of_an_import_follows_the_highest_even_unsaved(school: Archive) -> None:
    for name in ("7", "x", "черновик"):
        school.write(f"records/imports/2026-2/{name}/header.part", "x")
    asked = wish(gradebook(emil()), gradebook(aglaya()))
    assert [each.key for each in preview(school.root, asked).files] == ["2026-2/8", "2026-2/9"]
    other = replace(wish(gradebook(emil())), period="2026-1")
    assert preview(school.root, other).files[0].key == "2026-1/1"


def test_rows_about_all_are_kept_beside_those_of_people_and_those_of_nobody(
    school: Archive,
) -> None:
    average, guest = row("Среднее", marks=("5", "4", "")), row("x9", "Незнакомцев Ян")
    asked = wish(gradebook(emil(), average, guest), accepted="гость")
    changes = preview(school.root, asked).plan.changes
    kept = {
        path.partition("2026-2/2/")[2]: data.decode("windows-1251")
        for path, data in changes.items()
        if path.endswith(".part")
    }
    assert kept["original/aggregate.part"].startswith("Среднее;")
    assert kept["unmatched/rows.part"].startswith("x9;Незнакомцев")
    assert kept["header.part"].startswith("Логин;")
    own = changes[f"{student_folder(EMIL)}/raw/2026-2-2.part"].decode("windows-1251")
    assert own.startswith("u2;Тычинкин")


def test_the_same_file_named_twice_is_taken_once(school: Archive) -> None:
    data = gradebook(emil())
    files = preview(school.root, wish(data, data)).files
    assert [(each.key, each.already) for each in files] == [("2026-2/2", ""), ("", "2026-2/2")]
    assert taken(school.root, wish(data)).commit is not None
    again = preview(school.root, wish(data, answers={"никто": EMIL}))
    assert [(each.key, each.already) for each in again.files] == [("", "2026-2/2")]
    assert (again.files[0].rows, again.files[0].same, again.files[0].studies) == (0, 0, 0)
    assert (again.findings, again.plan.changes) == ((), {})


def test_people_who_are_gone_are_told_when_half_of_them_came_again(school: Archive) -> None:
    taken(school.root, wish(everybody("5"), answers=ANSWERS))
    two = gradebook(aglaya(), emil())
    assert preview(school.root, wish(two)).files[0].count("gone") == 6
    assert preview(school.root, wish(gradebook(aglaya()))).files[0].count("gone") == 0
    # what another kind of list says, or another platform, is no sign of who is gone
    vesna = ("Подснежникова", "Весна", "", "01.03.2013", "", "ж", "", "", "")
    assert preview(school.root, wish(gradebook(vesna, columns=PEOPLE))).files[0].count("gone") == 0
    platform = school.read("records/platforms/kurs.yaml").replace("id: kurs", "id: other")
    school.write("records/platforms/other.yaml", platform)
    assert school.save("s001").commit is not None
    told = row("", "Тычинкин Эмиль", "emil@klumba.invalid")
    found = preview(school.root, replace(wish(gradebook(told)), platform="other"))
    assert found.files[0].count("gone") == 0


def test_sheets_and_exports_are_not_taken_together(school: Archive) -> None:
    sheet = gradebook(("1", "x", EMIL, "e1", "5", "20.11.2026"), encoding="utf-8", columns=SHEET)
    with pytest.raises(Refused) as refused:
        preview(school.root, wish(gradebook(emil()), sheet))
    assert refused.value.message == ("Ведомости педагогов и выгрузки платформы вместе не принимают")
    assert refused.value.next_step == "Примите их двумя командами"
    (file,) = preview(school.root, replace(wish(sheet), platform="")).files
    assert (file.key, file.count("new")) == ("2026-2/2", 1)


def test_new_people_get_numbers_in_their_order_and_are_counted(school: Archive) -> None:
    people = [
        ("Подснежникова", "Весна", "", "01.03.2013", "", "ж", "", "", ""),
        ("Тычинкин", "Эмиль", "", "29.02.2012", "", "м", "", "", ""),
        ("Хвощ", "Корней", "", "05.05.2012", "", "м", "", "", ""),
    ]
    asked = wish(gradebook(*people, columns=PEOPLE))
    (file,) = preview(school.root, asked).files
    assert (file.cards, file.same, file.rows) == (("2026-0006", "2026-0007"), 1, 3)
    changes = preview(school.root, asked).plan.changes
    salts = {path: data for path, data in changes.items() if path.endswith("/.salt")}
    folders = {path.rpartition("/")[0]: data for path, data in salts.items()}
    assert {student_folder(number) for number in file.cards} <= set(folders)
    assert len(set(salts.values())) == len(salts)
    assert {len(salt) for salt in salts.values()} == {32}
    next_year = replace(asked, today=dt.date(2027, 1, 9))
    assert preview(school.root, next_year).files[0].cards == ("2027-0001", "2027-0002")


def test_a_namesakes_candidates_are_named_for_whoever_is_asked(school: Archive) -> None:
    kim = row("k1", "Ким Листов", born="11.10.2012")
    found = preview(school.root, wish(gradebook(kim, aglaya())))
    assert found.plan.names == {FIRST_KIM: "Листов Ким", SECOND_KIM: "Листов Ким"}
    assert found.plan.changes == {}


def test_cards_are_read_only_where_they_may_hold_a_clue(school: Archive) -> None:
    path = f"{student_folder(SECOND_KIM)}/student.yaml"
    school.edit(path, "sex: ", f"duplicate_of: {FIRST_KIM}\nsex: ")
    assert school.save("s001").commit is not None
    school.write(f"{student_folder(EMIL)}/student.yaml", "id: nobody\n")
    desk = TakeDesk(school.root, require_head_commit(school.root))

    def met(
        named: tuple[str, ...] = (), *, key: str = "", email: str = "", name: str = ""
    ) -> set[str]:
        row = StudentRow((1,), ((),), key, email, name)
        return set(desk.people([row], named)) - {SECOND_KIM}

    assert desk.people([], ()).keys() == {SECOND_KIM}
    assert met() == set()
    assert met((EMIL,)) == {EMIL}
    assert met(name="ТЫЧИНКИН") == met(email="Emil@klumba.invalid") == {EMIL}
    assert met(key="0048213") == {AGLAYA}
    assert met(name="Тычинки") == set()
    assert desk.people([], (EMIL,))[EMIL].name.full == "Тычинкин Эмиль"
    assert list(desk.lying([path, "records/students/2026/2026-0099/student.yaml"])) == [path]


def test_through_a_primary_the_same_is_told_and_kept(
    archive_with_class: Archive, tmp_path: Path
) -> None:
    shared = share(copied(archive_with_class, tmp_path), tmp_path)
    one = shared.clone(tmp_path / "one", TEACHER)
    other = shared.clone(tmp_path / "two", TEACHER)
    before, data = one.head, gradebook(emil())
    dry = taken(one.root, wish(data), dry_run=True)
    assert (dry.commit, dry.reserved, dry.saved is not None) == (None, None, True)
    assert (one.head, shared.authors[0]) == (before, "s001")
    assert stages(one.root, wish(data)) == list(STAGES)
    assert (one.head, one.unsaved()) == (Clone(shared.store, TEACHER).head, ())
    path = results_file(EMIL, PERIOD)
    one.write(path, one.read(path) + "# тут\n")
    with pytest.raises(Refused) as refused:
        taken(one.root, wish(gradebook(emil("3", "4", "зачтено"))))
    assert refused.value.message == IN_THE_WAY.format(path)
    assert refused.value.next_step == SAVE_FIRST
    # the other has not seen it: planned anew on what the primary has
    done = taken(other.root, wish(gradebook(emil("3", "4", "зачтено"))))
    assert done.reserved is not None
    assert done.reserved.number == done.commit == other.head
    assert (done.files[0].key, done.files[0].count("changed")) == ("2026-2/3", 1)
    assert commit_snapshots.read_commit(other.root, "HEAD").message.startswith(
        "Выгрузки: 2026-2/3 (kurs)\n"
    )
    known = preview(one.root, wish(gradebook(emil("3", "4", "зачтено"))))
    assert known.files[0].count("changed") == 1, "this copy has not met the primary since"
