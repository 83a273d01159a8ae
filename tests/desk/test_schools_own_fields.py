"""What a school adds to its own schema is checked, numbered, dated, shown and printed: no Python.

A list and fields that the program has no types for; nothing recorded is left out in silence.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from typing import Any

import pytest

from papka.core.places import student_file
from papka.desk.dossier import dossier
from papka.desk.filling import known_words
from papka.paper.sections import ScreenTable, added
from papka.records.archive import Archive as Records
from papka.records.derived.in_force import student_on
from papka.records.student import give_ids
from tests.support.archives import good, loaded
from tests.support.command import papka
from tests.support.school import STUDENT, Archive

ID = "2026-0001"
CARD, AWARDS = student_file(ID, "student"), student_file(ID, "awards")
DATE = "common.json#/$defs/date"
HOBBY = {
    "title": "Увлечение",
    "description": "Одно увлечение.",
    "type": "object",
    "required": ["what"],
    "properties": {
        "id": {"title": "Номер", "type": "string", "pattern": "^q[1-9][0-9]*$"},
        "date": {"title": "С какого дня", "$ref": DATE, "x-ask": True},
        "what": {"title": "Чем", "type": "string"},
        "told_by": {"title": "Со слов", "type": "string", "x-refers-to": "staff"},
        "secret": {"title": "Про себя", "type": "string", "x-print": "never"},
    },
    "additionalProperties": False,
}
LIST = {
    "title": "Увлечения",
    "description": "Чем занят вне школы.",
    "type": "array",
    "items": {"$ref": "#/$defs/hobby"},
}
PRIZE = {
    "title": "Приз",
    "type": "object",
    "properties": {
        "cost": {"title": "Цена", "type": "number"},
        "is_cup": {"title": "Кубок", "type": "boolean"},
        "given_by": {"title": "Кем вручён", "items": {"x-refers-to": "staff"}},
        "bought": {"title": "Куплен", "$ref": DATE},
    },
}


def own_schemas() -> dict[str, bytes]:
    """The schemas of a school that has added a list to the card and a field to awards."""
    files = {path: data for path, data in good().items() if path.startswith("schema/")}
    card, awards = (json.loads(files[f"schema/{name}.json"]) for name in ("student", "awards"))
    card["properties"]["hobbies"] = LIST
    card["$defs"]["hobby"] = HOBBY
    awards["$defs"]["award"]["properties"]["prize"] = PRIZE
    changed = {"schema/student.json": card, "schema/awards.json": awards}
    return {path: json.dumps(value, ensure_ascii=False).encode() for path, value in changed.items()}


HOBBIES = """hobbies:
  - date: 2026-02-01
    what: Шахматы
    told_by: s002
    secret: Втайне
  - what: Марки
"""
PRIZES = """    prize:
      cost: 10.5
      is_cup: true
      given_by:
        - s001
        - s002
      bought: 2026-04-01
"""


@pytest.fixture(scope="module")
def records() -> Records:
    files = good()
    files |= own_schemas() | {
        CARD: files[CARD] + HOBBIES.encode(),
        AWARDS: files[AWARDS] + PRIZES.encode(),
    }
    found = loaded(files)
    assert found.findings == ()
    return found


def tables(records: Records, day: str = "2026-12-31") -> list[ScreenTable]:
    student = student_on(records.students[ID], dt.date.fromisoformat(day))
    return [table for table in added(records, student) if table.rows]


def test_lists_and_fields_are_told_by_the_titles_of_the_schema(records: Records) -> None:
    hobbies, fields = tables(records)
    assert (hobbies.title, hobbies.columns) == ("Увлечения", ("С какого дня", "Чем", "Со слов"))
    assert hobbies.rows == (
        ("01.02.2026", "Шахматы", "Глинкина Д.\u00a0И."),
        ("—", "Марки", "—"),
    )
    assert fields.rows == (
        ("Поощрения a1", "Приз: Цена", "10,5"),
        ("Поощрения a1", "Приз: Кубок", "да"),
        ("Поощрения a1", "Приз: Кем вручён", "Ландышева В.\u00a0Г., Глинкина Д.\u00a0И."),
        ("Поощрения a1", "Приз: Куплен", "01.04.2026"),
    )


def test_on_an_earlier_day_only_what_was_there_is_told(records: Records) -> None:
    (hobbies,) = tables(records, "2026-01-31")
    assert hobbies.rows == (("Марки",),)
    assert [table.title for table in tables(records, "2026-04-15")] == ["Увлечения"]
    assert len(tables(records, "2026-04-16")) == 2


def test_a_table_too_wide_for_a_sheet_has_a_line_a_field(records: Records) -> None:
    student = records.students[ID]
    (listed,) = student.added.lists
    line = listed.entries[0].lines[0]
    wide = tuple(line._replace(label=f"Поле {number}") for number in range(7))
    entry = type(listed.entries[0])(id="q1", value={}, lines=wide)
    given = student.added._replace(lists=(listed._replace(entries=(entry,)),), fields=())
    (table,) = (t for t in added(records, replace(student, added=given)) if t.rows)
    assert table.columns == ("Сведения",)
    assert table.rows[0][0].splitlines()[0] == "Поле 0: 01.02.2026"


def test_entries_get_ids_of_their_own_letter(records: Records) -> None:
    assert give_ids(records.students[ID]) == {(CARD, "/hobbies"): {0: "q1", 1: "q2"}}
    assert give_ids(records.students[ID], ["q7"]) == {(CARD, "/hobbies"): {0: "q8", 1: "q9"}}


def test_the_screen_names_the_entries(records: Records) -> None:
    shown = dossier(records, records.students[ID], dt.date(2026, 12, 31), {}).sections
    assert [(each.title, each.columns[0]) for each in shown[-2:]] == [
        ("Увлечения", "Запись"),
        ("Дополнительные сведения", "Запись"),
    ]
    assert "Втайне" in shown[-2].rows[0]  # kept off paper only


def test_a_field_offers_what_its_schema_says_it_names(records: Records) -> None:
    assert records.schemas is not None
    hobby = next(each for each in records.schemas.forms.listings("student") if each.kind == "hobby")
    field = hobby.form.field("told_by")
    assert field is not None
    offered = known_words(records, records.students[ID], {}, field)
    assert offered.keys() == records.staff.keys()


def test_where_schemas_say_no_more_than_the_types_nothing_is_added() -> None:
    files = good()
    student = loaded(files).students[ID]
    assert student.added == ((), (), ())


def test_a_school_adds_a_list_to_its_schema_and_uses_it(archive: Archive) -> None:
    for path, data in own_schemas().items():
        archive.write(path, data)
    archive.save()
    asked = ("--what", "Шахматы", "--date", "01.02.2026")
    wrong = papka("add", "-C", archive.root, ID, "hobby", *asked, "--told-by", "s777")
    assert wrong.code == 1
    assert "REF_UNKNOWN_STAFF" in wrong.all
    ran = papka("add", "-C", archive.root, ID, "hobby", *asked, "--told-by", "s002", "--save")
    assert ran.code == 0, ran.all
    shown: dict[str, Any] = json.loads(
        papka("show", "-C", archive.root, ID, "--format", "json").out
    )
    entry = {"id": "q1", "date": "2026-02-01", "what": "Шахматы", "told_by": "s002"}
    assert shown["hobbies"] == [entry]
    ran = papka("fix", "-C", archive.root, f"{ID}#q1", "what=Шашки")
    assert ran.code == 0, ran.all
    assert "what: Шашки" in archive.read(f"{STUDENT}/student.yaml")
    removed = archive.read(f"{STUDENT}/student.yaml").partition("hobbies:")[0]
    archive.write(f"{STUDENT}/student.yaml", removed)
    ran = papka("check", "-C", archive.root, "--since", "HEAD")
    assert "ID_REMOVED" in ran.all
