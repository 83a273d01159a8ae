"""The grid of marks in a real Chromium: keys, blocks, the judge's word, another's save, axe."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlencode

import pytest

from papka.core.places import results_file
from papka.records.strict_yaml import read
from papka.repository import commit_snapshots
from papka.web.site import make_site
from tests.support.browser import NoAnswer, Page, browsing
from tests.support.group import GROUP, PEOPLE, PERIOD, face_of, group_school, number
from tests.support.plain_browser import PlainBrowser
from tests.support.school import TEACHER, Archive

AXE = Path(sys.prefix) / "editor/node_modules/axe-core/axe.min.js"
KEYS = {"Enter": 13, "Escape": 27, "Tab": 9, "ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37,
        "ArrowRight": 39, "F2": 113, "z": 90}  # fmt: skip
CONTROL, SHIFT = 2, 8


def press(page: Page, *keys: str, held: int = 0) -> None:
    """Press keys one after another; a text of one letter is typed."""
    for key in keys:
        told: dict[str, object] = {"key": key, "modifiers": held}
        if key in KEYS:
            told |= {"code": f"Key{key.upper()}" if len(key) == 1 else key}
            told |= {"windowsVirtualKeyCode": KEYS[key]}
        text = {"Enter": "\r"}.get(key, key if key not in KEYS else "")
        page.call(
            "Input.dispatchKeyEvent", type="keyDown", **told, **({"text": text} if text else {})
        )
        page.call("Input.dispatchKeyEvent", type="keyUp", **told)


def settle(page: Page, condition: str) -> None:
    """Wait until the page says so; one that is left meanwhile is asked again where it leads."""
    for _ in range(_PATIENCE):
        with suppress(NoAnswer):
            if page.run(f"document.readyState === 'complete' && Boolean({condition})"):
                return
        time.sleep(0.02)
    pytest.fail(f"it never came to {condition}: {page.run('document.body.innerText')}")


_PATIENCE = 1500


def at(page: Page) -> tuple[str, str]:
    """Where the keyboard is: the field's name, and what stands in it."""
    name, value = page.run("[document.activeElement.name, document.activeElement.value]")
    return str(name), str(value)


def cell(place: int, part: str) -> str:
    return f"mark:{number(place)}:e1:{part}"


def paste(page: Page, text: str) -> None:
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


def find_barriers(page: Page) -> list[str]:
    """What axe-core finds serious or worse on the page."""
    page.run(AXE.read_text(encoding="utf-8") + ";0")
    found: list[str] = page.run(
        "axe.run().then((said) => said.violations.filter((each) => ['serious', 'critical']"
        ".includes(each.impact)).map((each) => each.id + ': ' + each.nodes.map((node) => "
        "node.html + ' ' + node.failureSummary).slice(0, 2).join(' ')))"
    )
    return found


def in_both_themes(page: Page) -> list[str]:
    found = []
    for scheme in ("light", "dark"):
        theme = {"name": "prefers-color-scheme", "value": scheme}
        page.call("Emulation.setEmulatedMedia", features=[theme])
        found += [f"{scheme}: {each}" for each in find_barriers(page)]
    return found


@contextmanager
def opened(archive: Archive) -> Iterator[str]:
    """The address of the archive, opened as the teacher opens it."""
    words = [sys.executable, "-m", "papka", "open", "--as", TEACHER, "--no-browser"]
    with subprocess.Popen(
        words, cwd=archive.root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as started:
        assert started.stdout is not None
        found = re.search(r"http://\S+", started.stdout.readline())
        assert found is not None
        try:
            yield found[0]
        finally:
            started.send_signal(signal.SIGINT)
            started.wait(20)


def test_a_group_is_entered_by_keyboard_and_by_paste(
    built_archive: Archive, tmp_path: Path
) -> None:
    school = group_school(built_archive, tmp_path)
    before = commit_snapshots.head(school.root)
    query = urlencode({"group": GROUP, "period": PERIOD})
    with opened(school) as address, browsing(tmp_path) as page:
        page.open(f"{address}enter/marks/?{query}")
        assert in_both_themes(page) == []
        page.run("document.querySelector('table input').focus()")
        _type_with_keys(page)
        _paste_and_copy(page)

        # somebody else saves one of these cells meanwhile
        other = PlainBrowser(make_site(face_of(school)))
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
        press(page, "Enter")
        settle(page, "document.title.startsWith('Сохранено')")
        heading = page.run("document.querySelector('h1').textContent").replace("\xa0", " ")
        assert heading == f"Сохранено: {4 * PEOPLE - 1} отметок"
        assert in_both_themes(page) == []
        assert page.console == []
        assert [each for each in page.requests if not each.startswith(address)] == []
    assert len(_commits_since(school, before)) == 2
    path = results_file(number(1), PERIOD)
    found = read((school.root / path).read_bytes(), path).value["results"]
    assert [(each["part"], each["mark"]) for each in found] == [
        ("ритм", 2), ("чтение", 3), ("игра", 5), ("слух", "зачтено"),
    ]  # fmt: skip


def _type_with_keys(page: Page) -> None:
    """Arrows, Enter, Tab, Escape, typing over, and a mark that is not on the scale."""
    assert at(page) == (cell(0, "ритм"), "")
    press(page, "7", "Enter")
    assert at(page)[0] == cell(10, "ритм"), "Enter goes down, people stand by the alphabet"
    settle(page, "document.querySelector('.bad .say')?.textContent")
    said = page.run("document.querySelector('.bad .say').textContent")
    assert said == "«7» — этого нет на шкале «Пятибалльная»"
    settle(page, "document.getElementById('status').textContent")
    told = page.run("document.getElementById('status').textContent")
    assert told.startswith(f"Аверин Пётр, Ритм: {said}. Здесь бывает: 1–5, «не аттестован»")
    wrong = page.run(
        "(() => { const each = document.querySelector('[aria-invalid=true]'); return [each.name, "
        "document.getElementById(each.getAttribute('aria-describedby')).textContent]; })()"
    )
    assert wrong == [cell(0, "ритм"), said], "a screen reader is told at the cell"
    press(page, "ArrowUp")
    assert at(page) == (cell(0, "ритм"), "7")
    press(page, "4", "Enter")
    settle(page, "!document.querySelector('.bad')")
    assert page.run("document.querySelector('td.changed input').value") == "4", "typing replaces"
    press(page, "ArrowUp", "3", "Escape")
    assert at(page) == (cell(0, "ритм"), "4")
    press(page, "ArrowRight")
    assert at(page)[0] == cell(0, "чтение")
    press(page, "Tab")
    assert at(page)[0] == cell(0, "игра")
    press(page, "ArrowLeft", "ArrowLeft")
    assert at(page)[0] == cell(0, "ритм")


def _paste_and_copy(page: Page) -> None:
    """A block of thirty by four from a spreadsheet, and a part of it back."""
    paste(page, "\r\n".join("4,0\t3\t5\tзачет" for _ in range(PEOPLE)) + "\r\n")
    count = "[...document.querySelectorAll('td.changed')].length"
    settle(page, f"{count} === {4 * PEOPLE}")
    settle(page, "document.getElementById('status').textContent.includes('Изменено')")
    told = page.run("document.getElementById('status').textContent")
    assert told == f"Вставлено клеток: {4 * PEOPLE}. Изменено отметок: {4 * PEOPLE}"
    press(page, "z", held=CONTROL)
    settle(page, f"{count} === 1")
    paste(page, "\n".join("4,0\t3\t5\tзачет\tлишнее" for _ in range(PEOPLE)))
    settle(page, "document.getElementById('status').textContent.includes('Не вставлено: 30')")
    press(page, "ArrowDown", "ArrowRight", held=SHIFT)
    assert copy(page) == "4,0\t3\n4,0\t3"
    press(page, "ArrowDown")
    assert page.run("document.querySelectorAll('.picked').length") == 0


def _save_by_keyboard(page: Page, heading: str) -> None:
    page.run("document.querySelector('button[value=preview]').focus()")
    press(page, "Enter")
    settle(
        page,
        f"[...document.querySelectorAll('h1, h2')].some((one) => one.textContent === '{heading}')",
    )


def _commits_since(archive: Archive, before: str | None) -> list[str]:
    found: list[str] = []
    at = commit_snapshots.head(archive.root)
    while at is not None and at != before:
        found.append(at)
        at = next(iter(commit_snapshots.read_commit(archive.root, at).parents), None)
    return found
