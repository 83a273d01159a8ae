"""What the screen, a table for other programs and the sheet of provenance say of nothing, one, two
and many, each word of it. --update-snapshots accepts a change that was looked at."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest
from msgspec.structs import replace as with_fields

from papka.desk.deadlines import SealSeen, deadlines
from papka.desk.dossier import dossier
from papka.desk.undoing import advice, list_altered, list_lost
from papka.intake.giving import ResultFilter, iter_rows, shown_columns
from papka.paper.provenance import Deed, Provenance, cited_records, provenance, summarize_deeds
from papka.records.acts import Void
from papka.records.archive import Archive
from papka.records.search import (
    find_issued,
    find_orders,
    find_papers,
    find_people,
    find_programs,
    suggestions,
    words_of,
)
from papka.records.strict_yaml import Steps, Value
from tests.paper.counted_school import DAY, ID, SCHOOLS
from tests.paper.test_none_one_two_many import compare, said, school

D = dt.date


def test_a_file_on_the_screen_says_what_was_looked_at(*, update: bool) -> None:
    found = []
    for name in SCHOOLS:
        student = school(name).students[ID]
        states = {"2026-1": {"r1": "утверждено", "r5": "не утверждено", "r4": "не утверждено"}}
        for on in (D(2026, 2, 20), DAY)[0 if name == "two" else 1 :]:
            found.append(f"=== {name} {on} ===")
            found += said(dossier(school(name), student, on, states), "file")  # type: ignore[arg-type] # words of the states
    compare("screen", found, update=update)


def test_results_as_a_table_say_what_was_looked_at(*, update: bool) -> None:
    approved = {"2026-1": {"r1": "утверждено"}}
    found = [
        "; ".join(f"{each.key} {each.title}: {each.says}" for each in shown_columns(names=True))
    ]
    for name in SCHOOLS:
        for with_names in (False, True):
            found.append(f"=== {name}, names {with_names} ===")
            listed = iter_rows(school(name), ResultFilter(), lambda _: approved, names=with_names)  # type: ignore[arg-type, return-value] # as above
            found += [" | ".join("" if cell is None else str(cell) for cell in row)
                      for row in listed][:14]  # fmt: skip
    compare("table", found, update=update)


def chosen(**only: tuple[str, ...]) -> set[tuple[object, ...]]:
    listed = iter_rows(school("many"), ResultFilter(**only), lambda _: {}, names=False)
    keys = [each.key for each in shown_columns(names=False)]
    at = [keys.index(key) for key in ("student", "period")]
    return {tuple(row[n] for n in at) for row in listed}


def test_each_choice_narrows_a_table_and_an_empty_one_does_not() -> None:
    every = chosen()
    assert len({student for student, _ in every}) == 3
    assert len({period for _, period in every}) == 2
    assert chosen(students=(ID,)) == {row for row in every if row[0] == ID}
    assert chosen(periods=("2026-2",)) == {row for row in every if row[1] == "2026-2"}
    assert chosen(groups=("Г-26-1",), programs=("guitar",)) == every
    for nothing in ({"groups": ("Г-9",)}, {"programs": ("flute",)}, {"students": ("2026-0404",)}):
        assert chosen(**nothing) == set()


def test_a_search_lists_what_was_looked_at(*, update: bool) -> None:
    found = []
    for name in SCHOOLS:
        archive = school(name)
        unread = replace(
            archive,
            students={**archive.students, "2026-0050": nameless(archive, "2026-0050"),
                      "2026-0051": nameless(archive, "2026-0051")},
            unreadable=frozenset({"records/students/2026/2026-0050/student.yaml"}),
        )  # fmt: skip
        for words in ((), ("лунн",), ("гитара", "аглая"), ("7",), ("2026-8",), ("приказ",),
                      ("№", "17/26"), ("справка", "жуков"), ("2026-0050",), ("51",), ("клякса",),
                      ("С-2026-0003",), ("поощрении",), ("1-к",), ("2026-0007#a1",)):  # fmt: skip
            asked = words_of(words)
            for search in (find_people, find_programs, find_papers, find_issued, find_orders):
                listing = search(unread, asked)
                if listing.lines:
                    found.append(f"=== {name}: {' '.join(words)} ===")
                    found += said(listing, listing.kind)
    compare("search", found, update=update)


def nameless(archive: Archive, id_: str):  # type: ignore[no-untyped-def]  # noqa: ANN201 - a Student
    return replace(archive.students[ID], id=id_, person=None, enrolments=(), documents=())


def test_the_nearest_words_are_suggested_and_no_letter_alone() -> None:
    known = ("Абрикосова-Лунная Аглая", "О’Нил Я", "Лунева", "Луневская")
    assert suggestions("лунныя", known) == ["Лунная"]
    assert suggestions("лунев", known) == ["Лунева", "Луневская"]
    assert suggestions("я", known) == []
    assert suggestions("щщщщ", known) == []


def test_deadlines_say_what_was_looked_at(*, update: bool) -> None:
    found = []
    seal = SealSeen("2025", D(2026, 1, 10), frozenset({"2026-1"}))
    for name in SCHOOLS:
        for on in (D(2026, 2, 17), D(2026, 2, 18), D(2026, 7, 20), DAY, D(2027, 2, 1),
                   D(2030, 1, 1)):  # fmt: skip
            found.append(f"=== {name} {on} ===")
            for each in deadlines(school(name), on, seal=seal if name == "two" else None):
                code = each.code.name if each.code else "–"
                words = (
                    each.about,
                    each.address,
                    each.text,
                    str(each.day),
                    f"{each.where.path} {each.where.pointer}",
                    code,
                )
                found.append(" | ".join(words).replace("\u00a0", "·"))
    compare("deadlines", found, update=update)


@pytest.mark.parametrize("kind", ["испорчен", "заменён", "аннулирован", None])
def test_a_document_that_counts_no_more_is_called_what_became_of_it(kind: str | None) -> None:
    archive = school("two")
    voided = {
        key: with_fields(entry, void=Void(reason="клякса", kind=kind))  # type: ignore[arg-type] # one of its kinds
        for key, entry in archive.registers.items()
    }
    archive = replace(archive, registers=voided)
    word = kind or "не действует"
    shown = dossier(archive, archive.students[ID], DAY, {}).sections
    (papers_,) = (section for section in shown if section.title == "Выданные документы")
    assert {row[-1] for row in papers_.rows} == {f"{word}: клякса"}
    numbers = [line.cells[0] for line in find_issued(archive, words_of(("лунн",))).lines]
    assert numbers == [f"С-2026-0001 ({word})", f"С-2026-0003 ({word})"]


# provenance

KEY, OTHER = "SHA256:" + "a" * 43, "SHA256:" + "b" * 43


def deed(  # noqa: PLR0913 - what a commit did to a file
    number: int,
    path: str,
    staff: str = "s001",
    *,
    day: int = 1,
    is_new: bool = False,
    is_gone: bool = False,
    before: Value = None,
    after: Value = None,
) -> Deed:
    time = dt.datetime(2026, 1 + day // 28, 1 + day % 28, 9, tzinfo=dt.UTC)
    key = KEY if staff == "s001" else OTHER
    commit = f"{number:040x}"[::-1]
    return Deed(commit, time, staff, key, path, is_new, is_gone, before, after)


def titled(kind: str, steps: Steps) -> str:
    return f"{kind}:{steps[-1]}" if steps and steps[-1] != "silent" else ""


def sheet(name: str, *deeds: Deed, seal: str | None = None) -> Provenance:
    student = school(name).students[ID]
    return provenance(
        school(name), student, deeds, titled, commit="c0ffee" * 6 + "beef", digest="0123456789",
        seal=seal,
    )  # fmt: skip


def many_deeds() -> Iterator[Deed]:
    folder = school("many").students[ID].folder
    results = {"results": [{"id": f"r{n}", "mark": n} for n in range(1, 6)]}
    changed = {"results": [{"id": "r1", "mark": 9}, *results["results"][2:]]}
    yield deed(1, f"{folder}/student.yaml", is_new=True, after={"id": ID, "phone": "1"})
    yield deed(1, f"{folder}/.salt", is_new=True)
    yield deed(1, f"{folder}/results/2026-2.yaml", is_new=True, after=results)
    yield deed(2, f"{folder}/results/2026-1.yaml", "s404", is_new=True, after=results)
    yield deed(3, f"{folder}/results/2026-1.yaml", "s003", before=results, after=changed)
    yield deed(4, f"{folder}/student.yaml", day=2, before={"id": ID, "phone": "1"},
               after={"id": ID, "phone": "2", "silent": 1})  # fmt: skip
    yield deed(5, f"{folder}/attachments/ab.pdf", day=3, is_new=True)
    yield deed(5, f"{folder}/attachments/cd.pdf", day=3, is_new=True)
    yield deed(6, f"{folder}/documents.yaml", day=3, is_gone=True, before={"documents": []})
    for path in ("orders/2026/0001", "orders/2026/0404", "programs/guitar", "programs/flute",
                 "events/2026", "approvals/2026-1"):  # fmt: skip
        yield deed(7, f"records/{path}.yaml", day=4, is_new=True)
    yield deed(8, f"{folder}/raw/2026-2-1.part", day=5)
    yield deed(9, "records/staff.yaml", day=6)


def test_a_sheet_of_provenance_says_what_was_looked_at(*, update: bool) -> None:
    found = []
    for name in SCHOOLS:
        found.append(f"=== {name} ===")
        found += said(sheet(name), "sheet")
        found += [
            f"cited {path}" for path in cited_records(school(name), school(name).students[ID])
        ]
    found.append("=== many deeds ===")
    found += said(sheet("many", *many_deeds(), seal="№ 1"), "sheet")
    compare("provenance", found, update=update)


@pytest.mark.parametrize(("days", "lines"), [(1, 1), (2, 2), (40, 40), (41, 2)])
def test_days_are_lines_until_they_are_too_many_then_months(days: int, lines: int) -> None:
    path = f"{school('many').students[ID].folder}/student.yaml"
    deeds = [deed(n, path, day=n) for n in range(days)]
    (section,) = sheet("many", *deeds).sections
    assert len(section.lines) == lines
    assert sum(len(line.commits) for line in section.lines) == days
    assert (section.lines[0].date == "01.2026") == (days > 40)


def test_entries_of_a_phrase_are_run_together_and_a_new_one_is_not_changed() -> None:
    path = f"{school('many').students[ID].folder}/results/2026-1.yaml"

    def phrase(before: Value, after: Value) -> str:
        deeds = (deed(1, path, before=before, after=after, is_new=before is None),)
        return summarize_deeds(deeds, titled, lambda path: path)

    def listed(*numbers: int) -> Value:
        return {"results": [{"id": f"r{n}", "mark": n} for n in numbers]}

    assert phrase(listed(1), listed(1, 2, 3, 4, 6, 9, 10)) == "внесено: r2–r4, r6, r9, r10"
    assert phrase(listed(1, 2, 3), listed(3)) == "убрано: r1, r2"
    assert phrase(listed(1, 2), listed(2, 1)) == ""
    twice = (
        deed(1, path, before=listed(1), after=listed(1, 2)),
        deed(2, path, before=listed(1, 2), after={"results": [{"id": "r1", "mark": 7},
             {"id": "r2", "mark": 8}]}),
    )  # fmt: skip
    assert (
        summarize_deeds(twice, titled, lambda path: path)
        == "внесено: r2; изменено: r1 (results:mark)"
    )


# what cannot be undone


def test_of_what_cannot_be_undone_the_right_act_is_named() -> None:
    folder = f"records/students/2026/{ID}"
    removed = [
        f"{folder}/student.yaml", "records/approvals/2026-1.yaml", "records/orders/2026/0001.yaml",
        "records/registers/issued/2026/certificates-0001.yaml", "records/staff.yaml", "other",
    ]  # fmt: skip
    changed = ["records/programs/guitar.yaml", "records/staff.yaml", "other"]
    lines = advice([], removed, changed)
    assert [line.partition(":")[0] for line in lines] == [
        "исправлять в закрытом периоде 2026-1 отдельные записи",
        "отменить приказ 2026/0001 новым приказом",
        "аннулировать документ",
        f"оставить дело {ID}",
        "добавить новую редакцию программы в records/programs/guitar.yaml",
    ]
    assert lines[0].endswith(": papka fix НОМЕР#ЗАПИСЬ ПОЛЕ=ЗНАЧЕНИЕ")
    assert lines[1].endswith(": papka new order")
    assert lines[2].endswith(f": отметка void в {removed[3]}, номер остаётся занятым")
    assert lines[3].endswith(
        f": заведено повторно — papka fix {ID} duplicate_of=НОМЕР; уничтожают дела только по акту"
    )
    fix = "исправить с указанием причины: papka fix 2026-0008#{} ПОЛЕ=ЗНАЧЕНИЕ"
    void = "отметить «внесено ошибочно»: papka fix 2026-0008#{} --void --reason ПРИЧИНА"
    entries = [f"2026-0008#{entry}" for entry in ("e1", "c2", "l3", "r4")]
    assert advice([f"{ID}#r1", *entries, entries[0]], removed[:1], []) == [
        advice([], removed[:1], [])[0],
        "закончить обучение: papka end 2026-0008#e1", fix.format("e1"), void.format("e1"),
        "закончить согласие: papka end 2026-0008#c2", fix.format("c2"), void.format("c2"),
        "закончить выдачу бумажного дела: papka end 2026-0008#l3", fix.format("l3"),
        void.format("l3"), fix.format("r4"), void.format("r4"),
    ]  # fmt: skip


def test_entries_that_vanish_or_read_otherwise_are_told_apart() -> None:
    before = school("two")
    student = before.students[ID]
    first, second = student.awards
    changed = (with_fields(first, text="Иное"),)
    after = replace(before, students={ID: replace(student, awards=changed)})
    assert list(list_altered(before, after)) == [f"{ID}#a1"]
    others = {address for address in list_lost(before, after) if not address.startswith(ID)}
    assert {f"{ID}#{second.id}"} == {a for a in list_lost(before, after) if a.startswith(ID)}
    assert others
    assert list(list_lost(before, before)) == list(list_altered(before, before)) == []
    assert list(list_altered(before, replace(before, students={}))) == []
