"""The grid of marks in a real Chromium: keys, blocks, the judge's word, another's save, axe."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.parse import urlencode

from papka.core.places import results_file
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from papka.web.site import make_site
from tests.support.browser import Page, browsing
from tests.support.faces import opened
from tests.support.group import GROUP, PEOPLE, PERIOD, entering, group_school, number
from tests.support.plain_browser import PlainBrowser
from tests.support.school import TEACHER, Archive


def at(page: Page) -> tuple[str, str]:
    """Where the keyboard is: the field's name, and what stands in it."""
    name, value = page.run("[document.activeElement.name, document.activeElement.value]")
    return str(name), str(value)


def cell(place: int, part: str) -> str:
    return f"mark:{number(place)}:e1:{part}"


def paste(page: Page, text: str) -> None:
    """Put a block of cells where the keyboard is, as a spreadsheet has copied it."""
    page.run(
        "{ const carried = new DataTransfer(); carried.setData('text/plain', "
        f"{json.dumps(text)}); document.activeElement.dispatchEvent(new ClipboardEvent('paste', "
        "{clipboardData: carried, bubbles: true, cancelable: true})); }"
    )


def copy(page: Page) -> str:
    copied: str = page.run(
        "(() => { const carried = new DataTransfer(); document.activeElement.dispatchEvent("
        "new ClipboardEvent('copy', {clipboardData: carried, bubbles: true, cancelable: true}));"
        "return carried.getData('text/plain'); })()"
    )
    return copied


def in_both_themes(page: Page) -> list[str]:
    """What keeps somebody out of the page, light or dark."""
    page.emulate(dark=True)
    found = page.find_barriers("color-contrast")
    page.emulate()
    return [*found, *page.find_barriers()]


def test_a_group_is_entered_by_keyboard_and_by_paste(
    built_archive: Archive, tmp_path: Path
) -> None:
    school = group_school(built_archive, tmp_path)
    before = commit_snapshots.head(school.root)
    query = urlencode({"group": GROUP, "period": PERIOD})
    with opened(school.root, "--as", TEACHER) as face, browsing(tmp_path) as page:
        page.open(f"{face.address}enter/marks/?{query}")
        assert in_both_themes(page) == []
        page.run("document.querySelector('table input').focus()")
        _type_with_keys(page)
        _paste_and_copy(page)

        # somebody else saves one of these cells meanwhile
        other = PlainBrowser(make_site(entering(school)))
        theirs = other.open("/enter/marks/", group=GROUP, period=PERIOD)
        saved = theirs.fill({cell(1, "ритм"): "2"}, "preview").send("save")
        assert saved.heading == "Сохранено: 1 отметка"
        _save_by_keyboard(page, "Не сохранено: исправьте отмеченное")
        told = page.run("document.getElementById('troubles').innerText")
        assert "Аверинский Пётр" not in told
        assert "Белкин Пётр, Ритм: Пока вы вводили, здесь сохранили: 2. Ваше «4,0»" in told
        assert in_both_themes(page) == []

        _save_by_keyboard(page, "Проверьте и сохраните")
        assert page.run("document.querySelectorAll('tbody tr').length") == 4 * PEOPLE - 1
        assert in_both_themes(page) == []
        page.run("document.querySelector('button[value=save]').focus()")
        page.press("Enter")
        page.wait("document.title.startsWith('Сохранено') && document.readyState === 'complete'")
        heading = page.run("document.querySelector('h1').textContent").replace("\xa0", " ")
        assert heading == f"Сохранено: {4 * PEOPLE - 1} отметок"
        assert in_both_themes(page) == []
        _look_at_forms(page, face.address)
        assert page.console == []
        assert [each for each in page.requests if not each.startswith(face.address)] == []
    assert len(_commits_since(school, before)) == 2
    path = results_file(number(1), PERIOD)
    found = read((school.root / path).read_bytes(), path).value["results"]
    assert [(each["part"], each["mark"]) for each in found] == [
        ("ритм", 2), ("чтение", 3), ("игра", 5), ("слух", "зачтено"),
    ]  # fmt: skip


def _look_at_forms(page: Page, address: str) -> None:
    """Forms of records, wrong and right: nobody is kept out, and a key alone does it."""
    page.open(f"{address}enter/")
    assert in_both_themes(page) == []
    page.open(f"{address}enter/new/?kind=student")
    assert in_both_themes(page) == []
    page.run("document.querySelector('[name=\"f.name.given\"]').focus()")
    page.type("Тимур")
    page.run("document.querySelector('[name=\"f.birth_date\"]').focus()")
    page.type("31.02.2014")
    with page.leaving():
        page.press("Enter")
    assert "такого дня нет" in page.text("#troubles")
    assert in_both_themes(page) == []
    page.run("document.querySelector('[name=\"f.birth_date\"]').value = '05.05.2014'")
    page.follow("button[value=preview]")
    assert page.text("h1") == "Проверьте и сохраните"
    assert in_both_themes(page) == []


def _type_with_keys(page: Page) -> None:
    """Arrows, Enter, Tab, Escape, typing over, and a mark that is not on the scale."""
    assert at(page) == (cell(0, "ритм"), "")
    page.press("7", "Enter")
    assert at(page)[0] == cell(10, "ритм"), "Enter goes down, people stand by the alphabet"
    page.wait("document.querySelector('.bad .say')?.textContent")
    said = page.run("document.querySelector('.bad .say').textContent")
    assert said == "«7» — этого нет на шкале «Пятибалльная»"
    page.wait("document.getElementById('status').textContent")
    told = page.run("document.getElementById('status').textContent")
    assert told.startswith(f"Аверин Пётр, Ритм: {said}. Здесь бывает: 1–5, «не аттестован»")
    wrong = page.run(
        "(() => { const each = document.querySelector('[aria-invalid=true]'); return [each.name, "
        "document.getElementById(each.getAttribute('aria-describedby')).textContent]; })()"
    )
    assert wrong == [cell(0, "ритм"), said], "a screen reader is told at the cell"
    page.press("ArrowUp")
    assert at(page) == (cell(0, "ритм"), "7")
    page.press("4", "Enter")
    page.wait("!document.querySelector('.bad')")
    assert page.run("document.querySelector('td.changed input').value") == "4", "typing replaces"
    page.press("ArrowUp", "3", "Escape")
    assert at(page) == (cell(0, "ритм"), "4")
    page.press("ArrowRight")
    assert at(page)[0] == cell(0, "чтение")
    page.press("Tab")
    assert at(page)[0] == cell(0, "игра")
    page.press("ArrowLeft", "ArrowLeft")
    assert at(page)[0] == cell(0, "ритм")


def _paste_and_copy(page: Page) -> None:
    """A block of thirty by four from a spreadsheet, and a part of it back."""
    paste(page, "\r\n".join("4,0\t3\t5\tзачет" for _ in range(PEOPLE)) + "\r\n")
    count = "[...document.querySelectorAll('td.changed')].length"
    page.wait(f"{count} === {4 * PEOPLE}")
    page.wait("document.getElementById('status').textContent.includes('Вставлено')")
    told = page.run("document.getElementById('status').textContent")
    assert told == f"Вставлено клеток: {4 * PEOPLE}. Изменено отметок: {4 * PEOPLE}"
    page.press("KeyZ", control=True)  # by its place, whatever the language
    page.wait(f"{count} === 1")
    paste(page, "\n".join("4,0\t3\t5\tзачет\tлишнее" for _ in range(PEOPLE)))
    page.wait("document.getElementById('status').textContent.includes('Не вставлено: 30')")
    page.press("ArrowDown", "ArrowRight", shift=True)
    assert copy(page) == "4,0\t3\n4,0\t3"
    page.press("ArrowDown")
    assert page.run("document.querySelectorAll('.picked').length") == 0


def _save_by_keyboard(page: Page, heading: str) -> None:
    page.run("document.querySelector('button[value=preview]').focus()")
    page.press("Enter")
    page.wait(
        f"[...document.querySelectorAll('h1, h2')].some((one) => one.textContent === '{heading}')"
        " && document.readyState === 'complete'",
    )


def _commits_since(archive: Archive, before: str | None) -> list[str]:
    found: list[str] = []
    at = commit_snapshots.head(archive.root)
    while at is not None and at != before:
        found.append(at)
        at = next(iter(commit_snapshots.read_commit(archive.root, at).parents), None)
    return found
