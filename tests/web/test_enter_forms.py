"""Records entered on pages without JavaScript: the terminal's fields, words, duties and judge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from papka.desk import entries, new_records
from papka.desk.filling import Filling
from papka.desk.form_model import FormLayout, flatten, lines_of, name_at, read_form
from papka.desk.open_records import Desk
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from papka.web.face import Face
from papka.web.site import make_site
from tests.support.group import entering
from tests.support.plain_browser import PlainBrowser, PlainPage
from tests.support.school import NOW, STUDENT, TEACHER, Archive, copied

AGLAYA = "2026-0001"


@pytest.fixture
def school(built_archive: Archive, tmp_path: Path) -> Archive:
    return copied(built_archive, tmp_path)


def opened(archive: Archive, page: str, staff: str = TEACHER, /, **query: str) -> PlainPage:
    return PlainBrowser(make_site(entering(archive, staff))).open(f"/enter/{page}/", **query)


def value(archive: Archive, path: str) -> Any:  # noqa: ANN401 - a YAML value
    return read((archive.root / path).read_bytes(), path).value


def fillings(archive: Archive) -> dict[str, Filling]:
    """Every form that a terminal can be asked to fill in."""
    today = NOW.date()
    desk = Desk(archive.root, AGLAYA)
    found = {
        f"add {word}": entries.fill_entry(desk, kind, staff=TEACHER, today=today)
        for word, kind in desk.kinds().items()
    }
    for kind in new_records.KINDS:
        found[f"new {kind}"] = new_records.begin_record(desk, kind, staff=TEACHER, today=today)
    return found


def test_a_page_asks_for_what_a_terminal_asks(built_archive: Archive) -> None:
    for called, filling in fillings(built_archive).items():
        due = {question.name: question for question in filling.due()}
        texts = flatten(filling.form, filling.record)
        lines = {line.name: line for line in lines_of(FormLayout(filling, texts).parts())}
        there = {".".join(p for p in name.split(".") if not p.isdecimal()): line
                 for name, line in lines.items()}  # fmt: skip
        assert due.keys() <= there.keys(), called
        for name, question in due.items():
            assert there[name].is_due, (called, name)
            assert there[name].title == question.field.title
            assert dict(there[name].words) == filling.offer(question.field), (called, name)
        assert flatten(filling.form, read_form(filling, texts).record) == texts, called


def test_texts_make_the_record_and_each_is_judged(built_archive: Archive) -> None:
    filling = fillings(built_archive)["new order"]
    reading = read_form(
        filling,
        {"number": ['"7"'], "date": ["28.05.2026"], "kind": ["ничей"], "heading": [""],
         "items.1.text": ["Наградить"], "items.1.students": ["2026-0001#e1\r\n\r\n2026-0001"],
         "items.3.text": ["Контроль за собой"]},
    )  # fmt: skip
    record = reading.record
    assert (record["number"], record["date"]) == ("7", "2026-05-28")
    assert record["items"] == [
        {"text": "Наградить", "students": ["2026-0001#e1", "2026-0001"]},
        {"text": "Контроль за собой"},
    ]
    assert list(reading.wrong) == ["kind"]


@pytest.mark.parametrize(
    ("pointer", "name"),
    [("/awards/4/text", "text"), ("/enrolments/0/ended/date", "ended.date"),
     ("/name", "name.given"), ("/items/1/students/0", "items.2.students"),
     ("/strange", ""), ("", "")],
)  # fmt: skip
def test_a_finding_is_told_at_the_field_it_is_about(pointer: str, name: str) -> None:
    names = ["text", "ended.date", "name.given", "items.1.students", "items.2.students"]
    assert name_at(pointer, names) == name


def test_an_award_is_filled_in_looked_at_and_saved_once(school: Archive) -> None:
    before = commit_snapshots.head(school.root)
    page = opened(school, "add", student=AGLAYA, kind="award")
    assert page.heading == "Поощрение: Абрикосова Аглая Тихоновна, 2026-0001"
    assert page.fields["f.date"] == "20.11.2026", "what the archive suggests stands there"
    wrong = page.fill({"f.date": "31.09.2026", "f.award": "грамота"}, "preview")
    assert wrong.fields["f.date"] == "31.09.2026", "what was typed stays"
    assert wrong.fields["f.clause"] == "3.2", "what follows from it is filled in"
    assert 'id="wrong-f.date"' in wrong.source
    assert 'id="wrong-f.text"' in wrong.source
    right = {
        "f.date": "28.10.2026",
        "f.order": "2026/0003",
        "f.text": "За <b>этюды</b>",
        "f.activity": "творческая",
    }
    shown = wrong.fill(right, "preview")
    assert shown.heading == "Проверьте и сохраните", shown.text
    assert "За что За <b>этюды</b>" in shown.text
    assert "<b>этюды" not in shown.source
    assert "+ text: За <b>этюды</b>" in shown.text, "the files' difference is shown"
    assert commit_snapshots.head(school.root) == before
    done = shown.send("save")
    assert done.heading.startswith("Сохранено: 2026-0001#a")
    head = commit_snapshots.head(school.root)
    assert commit_snapshots.read_commit(school.root, "HEAD").parents == (before,)
    assert value(school, f"{STUDENT}/awards.yaml")["awards"][-1]["text"] == "За <b>этюды</b>"
    assert shown.send("save").heading == done.heading
    assert commit_snapshots.head(school.root) == head, "the form sent twice saved once"
    again = shown.send("back")
    assert again.fields["f.text"] == "За <b>этюды</b>"


def test_a_personal_file_is_begun_and_a_suggestion_may_be_taken_away(school: Archive) -> None:
    page = opened(school, "new", kind="student")
    named = page.fill(
        {"f.name.surname": "Росинкин", "f.name.given": "Тимур", "f.sex": "мужской",
         "f.birth_date": "5 мая 2014", "f.phone": "8 (900) 000-00-55"}, "preview",
    )  # fmt: skip
    assert named.heading == "Проверьте и сохраните", named.text
    assert named.send("save").heading == "Сохранено: 2026-0002"
    card = value(school, "records/students/2026/2026-0002/student.yaml")
    assert card["name"] == {"surname": "Росинкин", "given": "Тимур"}
    assert card["phone"] == "+79000000055"
    twin = opened(school, "new", kind="student").fill(
        {"f.name.surname": "Росинкин", "f.name.given": "Тимур", "f.sex": "мужской",
         "f.birth_date": "05.05.2014"}, "preview",
    )  # fmt: skip
    assert "Похоже, дело этого человека уже есть: 2026-0002" in twin.text

    page = opened(school, "add", student=AGLAYA, kind="result")
    assert page.fields["f.assessed_by"] == TEACHER
    left = page.fill({"f.assessed_by": ""}, "preview")
    assert left.fields["f.assessed_by"] == ""
    assert left.send("preview").fields["f.assessed_by"] == "", "it does not come back"


def test_a_correction_is_a_form_of_what_stands(school: Archive) -> None:
    page = opened(school, "fix", address=AGLAYA)
    was = page.fields["f.name.surname"]
    rival = opened(school, "fix", address=AGLAYA)
    assert "Ничего не изменено" in page.send("preview").text
    assert "Убрать поле можно в редакторе" in page.fill({"f.name.surname": ""}, "preview").text
    page = opened(school, "fix", address=AGLAYA)
    shown = page.fill({"f.name.surname": "Лунная", "until": "01.10.2026"}, "preview")
    assert f"Фамилия {was} Лунная" in shown.text
    assert shown.send("save").heading == f"Сохранено: {AGLAYA}"
    card = value(school, f"{STUDENT}/student.yaml")
    assert card["former_names"][-1] == {"until": "2026-10-01", "surname": was}

    told = rival.fill({"f.name.surname": "Звёздная"}, "preview")
    assert "Пока вы правили, здесь записали: Лунная. Ваше «Звёздная» не записано" in told.text
    assert told.fields["f.name.surname"] == "Лунная"
    assert "Ничего не изменено" in told.send("preview").text


def test_a_result_is_corrected_with_a_reason_and_ended_study_ends(school: Archive) -> None:
    page = opened(school, "fix", address=f"{AGLAYA}#r3")
    mark = page.fields["f.mark"]
    page.fields["f.mark"] = "3" if mark != "3" else "4"
    assert "Не сказано, почему прежнее неверно" in page.send("preview").text
    shown = page.send("preview", reason="Описка")
    assert shown.heading == "Проверьте и сохраните", shown.text
    assert shown.send("save").heading.startswith(f"Сохранено: {AGLAYA}#r")

    page = opened(school, "end", address=f"{AGLAYA}#e1")
    lying = f"{STUDENT}/enrolments.yaml"
    school.write(lying, school.read(lying) + "\n")
    filled = {"f.date": "19.11.2026", "f.reason": "отчисление"}
    refused = page.fill(filled, "preview")
    assert f"В файле {lying} лежит несохранённая правка" in refused.text
    school.write(lying, school.read(lying).removesuffix("\n"))
    assert refused.send("preview").send("save").heading == f"Сохранено: {AGLAYA}#e1"
    assert value(school, lying)["enrolments"][0]["ended"]["reason"] == "отчисление"
    assert not commit_snapshots.worktree_changes(school.root)


def test_two_who_save_at_the_same_moment_do_not_overwrite_each_other(
    school: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second form was read before the first was saved, and waited for its turn."""
    name = "f.name.given"
    first, second = (opened(school, "fix", address=AGLAYA).fill({name: given}, "preview")
                     for given in ("Анна", "Алла"))  # fmt: skip
    do_once, waiting = Face.do_once, [first]

    def wait(face: Face, ticket: str, act: Callable[[], object]) -> None:
        if waiting:
            assert waiting.pop().send("save").heading.startswith("Сохранено")
        do_once(face, ticket, act)

    monkeypatch.setattr(Face, "do_once", wait)
    told = second.send("save")
    assert "student.yaml сохранил кто-то другой; ваше не записано" in told.text
    assert value(school, f"records/students/2026/{AGLAYA}/student.yaml")["name"]["given"] == "Анна"
    assert "Пока вы правили, здесь записали: Анна. Ваше «Алла»" in second.send("save").text


def test_an_entry_made_by_mistake_is_marked_with_a_reason(school: Archive) -> None:
    page = opened(school, "fix", address=f"{AGLAYA}#a1")
    asked = page.send("preview", void="да")
    assert "Не сказано, почему записи не должно быть" in asked.text
    shown = asked.send("preview", void="да", reason="Внесена дважды")
    assert shown.send("save").heading == f"Сохранено: {AGLAYA}#a1"
    assert (
        value(school, f"{STUDENT}/awards.yaml")["awards"][0]["void"]["reason"] == "Внесена дважды"
    )


def test_without_a_name_no_form_is_shown(built_archive: Archive) -> None:
    for page, query in {
        "new": {"kind": "student"}, "add": {"student": AGLAYA, "kind": "award"},
        "fix": {"address": AGLAYA}, "end": {"address": f"{AGLAYA}#e1"},
    }.items():  # fmt: skip
        shown = opened(built_archive, page, "", **query)
        assert (shown.code, shown.heading) == (409, "Архив открыт только для просмотра")
        assert "papka open --as s003" in shown.text
