"""The pages that are looked at, as values and as text: people, one person on any day, scans."""

from __future__ import annotations

import datetime as dt
import html
import os
import re
import shutil
from dataclasses import replace
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import pytest
from flask.testing import FlaskClient

from papka.core.errors import NotFound
from papka.core.places import ORGANIZATION, student_file
from papka.core.snapshot import Tree
from papka.desk.open_records import open_people
from papka.paper.form import Figures
from papka.paper.limited_process import USUAL, Overran
from papka.records.archive import Archive as Records
from papka.records.choosing import PeopleFilter
from papka.repository.signing import find_actor
from papka.repository.worktree import lay_out
from papka.web import people, scans
from papka.web.as_of import AskedDay, find_save, make_bar, read_asked
from papka.web.counted import CountedPages
from papka.web.face import Face, KnownPerson
from papka.web.people import ChosenPeople, read_people_asked, search_people, view_people
from papka.web.summary import CountBar, draw_counts
from tests.support.archives import restricted, sample
from tests.support.command import papka
from tests.support.faces import NOON, TOKEN, client_of, face_of, raise_it
from tests.support.school import TEACHER, Archive

ID = "2025-0001"
SPOILT = "d2"


def ask(client: FlaskClient, address: str, code: int = 200) -> str:
    """The text of a page, without tags."""
    answer = client.get(address)
    assert answer.status_code == code, answer.text
    return html.unescape(re.sub(r"<[^>]*>", " ", answer.text)).replace("\u00a0", " ")


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample school as a folder without a history; tests only look at it."""
    root = tmp_path_factory.mktemp("looked") / "archive"
    lay_out(root, sample().items())
    return root


@pytest.fixture(scope="module")
def pages(school: Path) -> FlaskClient:
    return client_of(face_of(school))


@pytest.fixture(autouse=True)
def _no_page_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages are made in threads, and a lock that one holds stays shut in a fork of another."""

    def fork() -> int:
        raise AssertionError("a page forks")

    monkeypatch.setattr(os, "fork", fork)


def row(id_: str, words: str) -> KnownPerson:
    return KnownPerson(id_, words, "", words, None, (), is_duplicate=False)


def test_conditions_are_judged_again_of_those_alone_whose_files_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lay_out(tmp_path, sample().items())
    days = [NOON]
    face = Face(tmp_path, lambda: days[-1], raise_it, TOKEN)
    chosen, read = ChosenPeople(face), list[list[str]]()

    def open_noted(root: Path, tree: Tree, students: list[str], kinds: frozenset[str]) -> Records:
        read.append(students)
        return open_people(root, tree, students, kinds)

    monkeypatch.setattr(people, "open_people", open_noted)

    def whom(*, again: bool = True) -> list[str]:
        read.clear()
        return list(chosen.get(face.people(), PeopleFilter(has_debts=True), again=again))

    assert whom() == ["2025-0008"]
    everybody = read[0]
    assert {"2025-0008", "2025-0010"} < set(everybody)
    assert (whom(), read) == (["2025-0008"], [])
    card = student_file("2025-0008", "student")
    debt = student_file("2025-0008", "results", "2026-1")
    kept = (tmp_path / debt).read_bytes()
    (tmp_path / debt).unlink()
    assert (whom(again=False), read) == (["2025-0008"], [])
    assert (whom(), read) == ([], [["2025-0008"]])
    (tmp_path / debt).write_bytes(kept)
    assert (whom(), read) == (["2025-0008"], [["2025-0008"]])
    (tmp_path / card).write_bytes((tmp_path / card).read_bytes() + b"# x\n")
    assert (whom(), read) == (["2025-0008"], [["2025-0008"]])
    school = tmp_path / ORGANIZATION
    school.write_bytes(school.read_bytes() + b"# x\n")
    assert (whom(), read) == (["2025-0008"], [everybody])
    days.append(NOON + dt.timedelta(days=1))
    assert (whom(), read) == (["2025-0008"], [everybody])
    for _ in range(2):
        with pytest.raises(NotFound, match="Группы «2025» нет"):
            chosen.get(face.people(), PeopleFilter(group="2025"), again=True)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("", ["2026-0002", "2026-0010", "2026-10000"]),
        ("Семен", ["2026-0002"]),
        ("СЕМЁН дуб", ["2026-0002"]),
        ("дубов семен", ["2026-0002"]),
        ("10", ["2026-0010"]),
        ("2026-10000", ["2026-10000"]),
        ("емен", []),
    ],
    ids=["all", "ё is е", "beginnings", "any order", "number", "whole number", "middle of a word"],
)
def test_words_find_people_in_any_order(typed: str, found: list[str]) -> None:
    rows = [row("2026-10000", "ольха"), row("2026-0010", "клен"), row("2026-0002", "дубов семен")]
    assert [each.id for each in search_people(rows, typed)] == found


def test_a_long_list_has_pages_and_an_empty_one_a_reason() -> None:
    rows = {f"2026-{n:04d}": row(f"2026-{n:04d}", "дубов семен") for n in range(1, 251)}
    last = view_people(read_people_asked({"q": "дуб", "page": "3"}), rows)
    assert (len(last.lines), last.total, last.pages) == (50, 250, 3)
    assert last.lines[0].id == "2026-0201"
    assert last.count == "250\u00a0человек"
    near = view_people(read_people_asked({"q": "дубав"}), rows)
    assert (
        near.hint == "Слова «дубав» нет ни в одном имени, программе и группе. Может быть, «дубов»?"
    )
    assert "не возраст" in view_people(read_people_asked({"age": "семь"}), rows).hint
    assert "papka new student" in view_people(read_people_asked({}), {}).hint


def test_the_form_is_the_command() -> None:
    asked = read_people_asked(
        {"q": "аглая", "group": "Г-26-1", "age": "7-9", "debts": "1"}, ["согласие", ""]
    )
    assert asked.wanted == PeopleFilter(
        group="Г-26-1", ages=(7, 9), without=("согласие",), has_debts=True
    )
    assert asked.command == ("papka find аглая --group Г-26-1 --age 7-9 --without согласие --debts")


@pytest.mark.parametrize(
    ("address", "options"),
    [
        ("group=Г-26-1", ("--group", "Г-26-1")),
        ("age=10-14&program=guitar", ("--age", "10-14", "--program", "guitar")),
        ("debts=1", ("--debts",)),
        ("without=фото", ("--without", "фото")),
        ("graduated=все", ("--graduated", "все")),
    ],
    ids=["group", "age and programme", "debts", "without", "graduated"],
)
def test_conditions_choose_whom_find_chooses(
    pages: FlaskClient, school: Path, address: str, options: tuple[str, ...]
) -> None:
    said = papka("find", "-C", school, "--on", "2026-11-30", "--format", "json", *options)
    wanted = set(re.findall(r'"id": "(\d{4}-\d{4})"', said.out))
    assert wanted
    assert set(re.findall(r"people/(\d{4}-\d{4})", pages.get(f"/people?{address}").text)) == wanted


def test_the_day_of_a_file_is_written_as_here_whatever_the_browser_speaks(
    pages: FlaskClient,
) -> None:
    for asked, shown in (("", "30.11.2026"), ("?day=05.03.2026", "05.03.2026")):
        [field] = re.findall(r'<input id="day"[^>]*>', pages.get(f"/people/{ID}{asked}").text)
        assert (f'value="{shown}"' in field, "type=" in field) == (True, False)


def test_a_group_that_is_not_there_is_told(pages: FlaskClient) -> None:
    assert "Группы «Х-1» нет" in ask(pages, "/people?group=Х-1")


def test_a_person_is_told_as_show_tells(pages: FlaskClient, school: Path) -> None:
    page = ask(pages, f"/people/{ID}")
    told = papka("show", ID, "-C", school, "--format", "text").out.replace("\u00a0", " ")
    titles = re.findall(r"(?m)^(\S.*)$", told)
    assert titles[0] in page
    for title in titles[2:]:
        assert title in page, title
    assert "Динамика собственных результатов: «Гитара с нуля»" in page
    assert f"papka show {ID}" in page
    assert "Как было" not in page


def test_on_a_day_before_she_changed_her_surname(pages: FlaskClient) -> None:
    page = ask(pages, f"/people/{ID}?day=01.03.2026&as=valid")
    assert f"Дело {ID} — Абрикосова Аглая Тихоновна" in page
    assert "Лунная Аглая" not in page
    assert "Как было на 01.03.2026 по датам в записях" in page
    assert f"papka show {ID} --on 2026-03-01" in page
    after = ask(pages, f"/people/{ID}?day=2026-03-02&as=valid")
    assert f"Дело {ID} — Абрикосова-Лунная Аглая Тихоновна" in after


def test_what_is_no_day_is_told_and_today_is_shown(pages: FlaskClient) -> None:
    page = ask(pages, f"/people/{ID}?day=вчера")
    assert "«вчера» — не день. Пишут так: 01.09.2026." in page
    assert "Абрикосова-Лунная" in page


def test_asked_days() -> None:
    today = NOON.date()
    assert read_asked({"day": "2026-11-30"}, today) == AskedDay()
    assert read_asked({"day": "2031-01-01", "as": "known"}, today) == AskedDay(None, "known")
    day = read_asked({"day": " 2026-03-01 ", "as": "known"}, today)
    assert day.arguments == {"day": "2026-03-01", "as": "known"}
    bar = make_bar(day, [dt.date(2026, 9, 1), dt.date(2027, 1, 1)], today)
    assert (bar.first, bar.last, bar.place) == (dt.date(2026, 3, 1), today, 0)
    assert bar.ticks == (dt.date(2026, 9, 1),)
    assert make_bar(AskedDay(), [], today).span == 1
    assert make_bar(AskedDay(), bar.ticks, today).first == dt.date(2026, 8, 31), "before it began"


def test_known_on_a_day_is_the_last_save_of_that_day(built_archive: Archive) -> None:
    root = built_archive.root
    client = client_of(face_of(root))
    with pytest.raises(NotFound, match="ещё ни одного сохранения"):
        find_save(root, AskedDay(dt.date(2020, 1, 1), "known"))
    before = ask(client, "/people/2026-0001?day=2020-01-01&as=known")
    assert "К 01.01.2020 в архиве не было ещё ни одного сохранения" in before
    assert "что было известно" in before


def test_why_an_entry_is_so_and_who_changed_the_file(built_archive: Archive) -> None:
    root = built_archive.root
    client = client_of(face_of(root))
    why = ask(client, "/people/2026-0001/why/r1")
    told = papka("show", "2026-0001#r1", "-C", root, "--why").out.replace("\u00a0", " ")
    for words in (
        "Кто и когда (последнее сверху)",
        "Чем подтверждается",
        "Исправления и пересдачи",
    ):
        assert words in told
        assert words in why
    assert "papka show 2026-0001#r1 --why" in why
    assert "/documents/У-2026-0001" in html.unescape(unquote(client.get("/people/2026-0001").text))
    issued = ask(client, "/documents/У-2026-0001")
    assert "Кто и когда (последнее сверху)" in issued
    assert "papka show У-2026-0001 --why" in issued
    assert "Документа С-2031-0001 в книгах нет" in ask(client, "/documents/С-2031-0001", 404)
    assert "карточка: внесена" in ask(client, "/people/2026-0001/history")
    assert "Записи r999 в деле" in ask(client, "/people/2026-0001/why/r999", 404)


def test_a_search_finds_nobody_whom_another_window_has_removed(tmp_path: Path) -> None:
    """Who types on in an open page must not read the name of a destroyed file."""
    root = tmp_path / "archive"
    lay_out(root, sample().items())
    client = client_of(face_of(root))
    words = ("?q=абрикосова", "?q=2025", "?age=5-18")
    for each in words:
        assert "Абрикосова" in ask(client, f"/people/found{each}"), each
    shutil.rmtree(root / f"records/students/2025/{ID}")
    main = root / ".git/refs/heads/main"
    main.parent.mkdir(parents=True)
    main.write_text(f"{'a' * 40}\n", "ascii")
    for each in words:
        assert "Абрикосова" not in ask(client, f"/people/found{each}"), each


def test_scans_are_pictures_and_no_path_can_be_asked_for(pages: FlaskClient) -> None:
    listed = re.search(rf"/people/{ID}/scan/(d\d+)/1", pages.get(f"/people/{ID}").text)
    assert listed is not None
    assert "лист 1 из" in pages.get(f"/people/{ID}/scan/{listed[1]}").text
    picture = pages.get(f"/people/{ID}/scan/{listed[1]}/1")
    assert picture.mimetype == "image/jpeg"
    assert picture.data.startswith(b"\xff\xd8")
    assert pages.get(f"/people/{ID}/photo").data.startswith(b"\xff\xd8")
    for address in (
        f"/people/{ID}/scan/{listed[1]}/999",
        f"/people/{ID}/scan/../student.yaml/1",
        f"/people/{ID}/scan/%2e%2e%2fstudent.yaml/1",
        "/people/..%2f..%2f2025/scan/d1/1",
        f"/people/{ID}/scan/d1%00/1",
        "/people/..%2f..%2f/photo",
    ):
        assert pages.get(address).status_code == 404, address


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> FlaskClient:
    """The sample school with a broken card, a hostile one, and a changed scan."""
    root = tmp_path_factory.mktemp("spoilt") / "archive"
    files = dict(sample())
    card = "records/students/2026/2026-0003/student.yaml"
    files[card] = b"name: [\n"
    hostile = "records/students/2026/2026-0005/student.yaml"
    files[hostile] = re.sub(
        rb"(?m)^  given: .*$", b'  given: "<script>alert(1)</script>"', files[hostile]
    )
    inventory = files[f"records/students/2025/{ID}/documents.yaml"].decode()
    [scan] = re.findall(rf"id: {SPOILT}\n(?:    .*\n)*?    file: (.*)\n", inventory)
    files[f"records/students/2025/{ID}/attachments/{scan}"] = b"%PDF-1.4 no more a scan"
    lay_out(root, files.items())
    return client_of(face_of(root))


def test_a_broken_card_is_told_with_its_fault(spoilt: FlaskClient) -> None:
    assert "карточка не читается: papka check" in ask(spoilt, "/people")
    page = ask(spoilt, "/people/2026-0003")
    assert "Не читается: records/students/2026/2026-0003/student.yaml" in page
    assert "Скобка открыта и не закрыта" in page
    assert "Опись документов" in page, "the rest of the file is shown"


def test_people_are_listed_though_the_school_cannot_be_read(tmp_path: Path) -> None:
    files = {**sample(), "records/organization.yaml": b"name: [\n"}
    lay_out(tmp_path / "archive", files.items())
    client = client_of(face_of(tmp_path / "archive"))
    assert "Абрикосова-Лунная" in ask(client, "/people")
    assert "Абрикосова-Лунная" in ask(client, f"/people/{ID}")
    assert "records/organization.yaml не читается" in ask(client, "/books", 409)


def test_markup_in_a_name_stays_text(spoilt: FlaskClient) -> None:
    for address in ("/people", "/people/2026-0005", "/people/found?q=<script>"):
        text = spoilt.get(address).text
        assert "<script>alert" not in text
        assert "&lt;script&gt;" in text


def test_a_scan_that_is_another_file_is_told(spoilt: FlaskClient) -> None:
    page = ask(spoilt, f"/people/{ID}/scan/{SPOILT}")
    assert "Файл не тот, что записан в описи" in page
    assert "Скан не показать: PDF повреждён." in page
    assert spoilt.get(f"/people/{ID}/scan/{SPOILT}/1").mimetype == "image/svg+xml"


def test_a_scan_that_is_drawn_without_end_is_told_as_a_scan(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever looks at a planted file must not be sent to mend the templates."""

    def stop(*_: object) -> None:
        raise Overran(USUAL)

    monkeypatch.setattr(scans, "run_afresh", stop)
    page = ask(pages, f"/people/{ID}/scan/{SPOILT}")
    assert "Скан не показать: рисуется без конца" in page
    assert "шаблон" not in page
    assert pages.get(f"/people/{ID}/scan/{SPOILT}/1").mimetype == "image/svg+xml"
    assert pages.get(f"/people/{ID}/photo").mimetype == "image/svg+xml"


def test_a_restricted_archive_has_numbers_and_no_names(tmp_path: Path) -> None:
    lay_out(tmp_path / "archive", restricted().items())
    client = client_of(face_of(tmp_path / "archive"))
    page = ask(client, "/people")
    assert "имени в этом архиве нет" in page
    [*_, number] = re.findall(r"\d{4}-\d{4}", page)
    told = ask(client, f"/people/{number}")
    assert "Педагогическая диагностика" in told or "Особые образовательные потребности" in told
    assert "Задолженности" not in told, "nothing is known here of marks"


def test_the_sheet_of_a_group_has_people_by_parts_and_what_is_missing(pages: FlaskClient) -> None:
    assert "А-26-1 Ансамбль гитаристов" in " ".join(ask(pages, "/groups").split())
    page = " ".join(ask(pages, "/groups/А-26-1").split())
    assert "2-е полугодие 2026 года: руководителем не утверждено" in page
    assert "Не хватает отметок: 3" in page
    assert "Абрикосова-Лунная Аглая Тихоновна нет итога базовый, высокий, высокий" in page
    before = " ".join(ask(pages, "/groups/А-26-1?period=2026-1").split())
    assert "1-е полугодие 2026 года: " in before
    assert "Все отметки периода есть." in before
    assert "Группы «Х» в архиве нет" in ask(pages, "/groups/Х", 404)
    assert "Периода «2031-1» нет" in ask(pages, "/groups/А-26-1?period=2031-1", 404)


def test_the_name_of_the_period_stands_in_its_sheet(pages: FlaskClient) -> None:
    assert "Абрикосова Аглая Тихоновна" in ask(pages, "/groups/Г-25-1?period=2025-2")


def test_programmes_are_told_by_the_words_of_the_schema(pages: FlaskClient) -> None:
    assert "Гитара с нуля" in ask(pages, "/programs")
    page = " ".join(ask(pages, "/programs/guitar").split())
    for words in ("Код guitar", "Редакции: 1", "Планируемые результаты", "Техника игры"):
        assert words in page, words
    assert "Программы «х» в архиве нет" in ask(pages, "/programs/х", 404)


def test_orders_of_a_year_and_one_order_with_names_of_its_day(pages: FlaskClient) -> None:
    assert "Приказы 2026 года" in ask(pages, "/orders")
    assert "2025/0001" in ask(pages, "/orders?year=2025")
    assert "2025/0001" not in ask(pages, "/orders?year=2025&q=нетакого")
    page = ask(pages, "/orders/2025/0001")
    assert "Абрикосову Аглаю Тихоновну" in page
    assert "Лунн" not in page
    for address in ("2025/9999", "2025/..", "х/0001"):
        assert pages.get(f"/orders/{address}").status_code == 404


def test_a_book_tells_a_missing_number(pages: FlaskClient, tmp_path: Path) -> None:
    root = tmp_path / "archive"
    files = dict(sample())
    gone = next(path for path in files if path.endswith("/2026/certificates-0004.yaml"))
    del files[gone]
    lay_out(root, files.items())
    client = client_of(face_of(root))
    page = ask(client, "/books/certificates/2026")
    assert "№ С-2026-0004 пропущен: записи нет" in page
    assert "приказ № 10-к" in page
    assert "Д. Л. Лунная" in page
    assert "certificates/2026" in client.get("/books").text
    assert client.get("/books/certificates/1999").status_code == 404
    assert "пропущен:" not in ask(pages, "/books/certificates/2026")


def test_periods_stand_as_the_command_says(pages: FlaskClient, school: Path) -> None:
    said = papka("period", "status", "-C", school).out
    page = " ".join(ask(pages, "/periods").split())
    for line in said.splitlines():
        assert " ".join(line.split()) in page, line
    one = " ".join(ask(pages, "/periods/2026-2").split())
    told = papka("period", "status", "2026-2", "-C", school).out.splitlines()
    for line in told[1:]:
        assert " ".join(line.split()) in one, line
    assert pages.get("/periods/1999-1").status_code == 404


def test_the_summary_draws_the_tables_of_the_management_report(pages: FlaskClient) -> None:
    answer = pages.get("/summary?of=2026-1").text
    assert "освоено 4" in answer
    assert re.search(r"Контингент</h2>\s*<ul class=\"bars\">", answer)
    assert pages.get("/summary").status_code == 200
    assert pages.get("/summary?of=1999").status_code == 404


def test_bars_of_a_table_are_as_long_as_its_counts() -> None:
    table = Figures("Поощрения", ("Деятельность", "Поощрений"), (("творческая", "4"), ("—", "1")))
    assert draw_counts(table) == (CountBar("творческая", 4, 100.0), CountBar("", 1, 25.0))
    assert draw_counts(replace(table, title="Другое")) == ()


def test_what_was_counted_is_kept_until_a_record_differs(tmp_path: Path) -> None:
    root = tmp_path / "archive"
    lay_out(root, {"records/organization.yaml": b"kind: x\n"}.items())
    counted = CountedPages(face_of(root))
    (root / "asked").write_text("1")
    work = partial(Path.read_text, root / "asked")
    assert counted.get(work, "x") == "1"
    (root / "asked").write_text("2")
    assert counted.get(work, "x") == "1"
    (root / "records/staff.yaml").write_text("staff: []\n")
    assert counted.get(work, "x") == "2"


def test_a_form_that_the_school_does_not_use_is_not_offered(
    pages: FlaskClient, tmp_path: Path
) -> None:
    school = sample()["records/organization.yaml"]
    files = {**sample(), "records/organization.yaml": school + b"forms:\n  - group-sheet\n"}
    lay_out(tmp_path / "archive", files.items())
    client = client_of(face_of(tmp_path / "archive"))
    for asked, is_there in ((pages, True), (client, False)):
        text = asked.get("/groups/А-26-1").text
        assert "/print/group-sheet/" in text
        assert ("/print/year-sheet/" in text) is is_there


def test_who_enters_is_led_from_a_page_to_its_forms(built_archive: Archive) -> None:
    root = built_archive.root
    client = client_of(replace(face_of(root), actor=find_actor(root, TEACHER)))
    pages = ("/people/2026-0001", "/people/2026-0001/why/r1", "/groups/Г-26-1")
    for address in pages:
        links = re.findall(r'href="(/enter/[^"]*)"', client.get(address).text)
        links = [html.unescape(each) for each in links if each != "/enter/"]
        assert links, address
        for link in links:
            assert client.get(link).status_code == 200, link
        assert "/enter/" not in client_of(face_of(root)).get(address).text.partition("<main")[2]
