"""A real Chromium looks people up, opens a file, and slides across a change of surname."""

from __future__ import annotations

from pathlib import Path

from tests.support.browser import Page, browsing
from tests.support.faces import OpenedFace, opened
from tests.support.school import STUDENT, Archive

ID = "2026-0001"
RENAMED = "former_names:\n  - until: 2015-01-01\n    surname: Абрикосова\n"


def test_people_are_found_and_a_file_is_slid_across_a_change_of_surname(
    archive: Archive, tmp_path: Path
) -> None:
    archive.edit(f"{STUDENT}/student.yaml", "surname: Абрикосова", "surname: Вишнёва")
    archive.edit(f"{STUDENT}/student.yaml", "sex: женский\n", f"{RENAMED}sex: женский\n")
    archive.save("s001")
    with opened(archive.root) as face, browsing(tmp_path) as page:
        page.open(f"{face.address}people")
        _search(page)
        _filter(page)
        _open_person(page)
        _slide(page)
        _ask_why(page)
        _look_at_scans(page, face)
        _walk_without_scripts(page, face)
        assert page.console == []
        assert all(each.startswith((face.address, "data:")) for each in page.requests)


def _search(page: Page) -> None:
    page.click("#q")
    page.type("аглая вишнева")
    page.wait("decodeURIComponent(location.search).endsWith('вишнева')")
    assert "Вишнёва Аглая Тихоновна" in page.text("#found")
    page.type(" ъ")
    page.wait("document.getElementById('count').innerText.includes('«ъ»')")
    assert page.run("document.activeElement.id") == "q", "typing goes on where it was"


def _filter(page: Page) -> None:
    page.run("document.querySelector('#q').value = ''")
    page.run("document.querySelector('details').open = true")
    page.run("document.querySelector('#group').selectedIndex = 1")
    with page.leaving():
        page.click(".conditions button")
    assert "group=" in page.run("location.search")
    assert "Вишнёва Аглая Тихоновна" in page.text("#found")
    assert "papka find --group" in page.text("#found")


def _open_person(page: Page) -> None:
    page.follow("#found a")
    assert page.text("h1") == f"Дело {ID} — Вишнёва Аглая Тихоновна"
    assert page.run("document.querySelectorAll('.plot svg').length") > 0


def _slide(page: Page) -> None:
    page.run(
        """{const slider = document.getElementById('slider');
        slider.focus(); slider.value = 0; slider.dispatchEvent(new Event('input'));}"""
    )
    page.wait("document.querySelector('h1').innerText.includes('Абрикосова')")
    assert "Как было на 01.01.2015 по датам в записях" in page.text("#person")
    assert page.run("document.activeElement.id") == "slider", "it can be slid on"
    page.press("ArrowRight")
    page.wait("document.querySelector('h1').innerText.includes('Вишнёва')")
    assert page.run("document.getElementById('day').value") == "02.01.2015"
    assert page.run("document.getElementById('slider').ariaValueText") == "02.01.2015"
    page.run("document.querySelector('input[value=known]').click()")
    page.wait("document.querySelector('.trouble') !== null")
    assert "ещё ни одного сохранения" in page.text("#person")


def _ask_why(page: Page) -> None:
    with page.leaving():
        page.run("[...document.links].find((each) => each.innerText === 'Сегодня' "
                 "&& each.closest('form')).click()")  # fmt: skip
    page.run("document.querySelector('#results a[data-why]').click()")
    page.wait("document.querySelector('dialog').open")
    assert "Кто и когда (последнее сверху)" in page.text("dialog")
    assert "ключ SHA256:" in page.text("dialog")
    assert page.find_barriers() == []
    page.press("Escape")
    page.run("document.querySelector('[data-history]').click()")
    page.wait("document.querySelector('#history table') !== null")
    assert "Фамилия: Абрикосова → Вишнёва" in page.text("#history")


def _look_at_scans(page: Page, face: OpenedFace) -> None:
    page.run("document.querySelector('.scans img').scrollIntoView()")
    page.wait("document.querySelector('.scans img').naturalWidth > 0")
    page.follow(".scans a")
    page.wait("document.querySelector('.sheet img').naturalWidth > 0")
    assert "/scan/d" in page.run("location.pathname")
    page.open(f"{face.address}people/{ID}/scan/..%2Fstudent.yaml/1")
    assert page.text("h1") == "Такой страницы нет"
    page.console.clear()  # the browser writes there that a page was not found


def _walk_without_scripts(page: Page, face: OpenedFace) -> None:
    with page.without_scripts():
        page.open(f"{face.address}people")
        page.click("#q")
        page.type("вишн")
        with page.leaving():
            page.press("Enter")
        page.follow("#found a")
        assert page.run("document.querySelector('#slider').checkVisibility()") is False
        page.open(page.run("location.href") + "?day=2015-01-01&as=valid")
        assert "Абрикосова Аглая Тихоновна" in page.text("h1")
