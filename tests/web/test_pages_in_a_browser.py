"""A real Chromium walks every page: in both themes, on a phone, by keyboard, without scripts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.support.browser import Page, browsing
from tests.support.faces import OpenedFace, client_of, face_of, opened
from tests.support.school import Archive


@pytest.fixture(scope="module")
def face(built_archive: Archive) -> Iterator[OpenedFace]:
    with opened(built_archive.root) as one:
        yield one


@pytest.fixture(scope="module")
def page(face: OpenedFace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """A browser that stands on the first page."""
    with browsing(tmp_path_factory.mktemp("browser")) as one:
        one.open(face.address)
        yield one


def shape_of(address: str) -> str:
    """An address without what names one thing of many: one page of a kind is enough."""
    path = urlsplit(address).path.split("/")[2:]
    names = [part if re.fullmatch("[a-z_-]*", part) else "*" for part in path]
    return "/".join(names[:1] + names[1:2] * (path[:1] != ["print"]) + names[2:])


def test_every_page_keeps_nobody_out_and_asks_nobody_else(face: OpenedFace, page: Page) -> None:
    """axe-core finds nothing, in either theme; nothing is wider than a phone; nothing is fetched
    from elsewhere, and the console stays silent."""
    left, seen = [face.address], {shape_of(face.address)}
    while left:
        address = left.pop()
        page.emulate()
        page.open(address)
        assert page.find_barriers() == [], address
        page.emulate(width=390, dark=True)
        assert page.find_barriers("color-contrast") == [], address
        assert page.run("document.documentElement.scrollWidth") <= 390, address
        assert page.run("document.querySelectorAll('h1').length") == 1, address
        for link in page.run("[...document.links].map((each) => each.href)"):
            is_paper = urlsplit(link).path.split("/")[2:3] == ["print"] and link.count("/") > 5
            is_page = link.startswith(face.address) and not is_paper
            if is_page and "#" not in link and shape_of(link) not in seen:
                seen.add(shape_of(link))
                left.append(link)
    assert {"", "safety", "print"} <= seen
    assert page.console == []
    # a field of dates draws its own picture, which is asked of nobody
    own = (face.address, "data:")
    assert [each for each in page.requests if not each.startswith(own)] == []


def test_keyboard_leads_past_the_sections_and_through_them(face: OpenedFace, page: Page) -> None:
    page.emulate()
    page.open(face.address)
    page.press("Tab")
    assert page.run("document.activeElement.innerText") == "К содержанию"
    box = page.run("document.activeElement.getBoundingClientRect().left")
    assert box >= 0  # it is seen while it has the focus
    page.press("Enter")
    assert page.run("document.activeElement.id") == "main"
    page.open(face.address)
    walked = []
    for _ in range(20):
        page.press("Tab")
        walked.append(page.run("document.activeElement.innerText"))
        ring = page.run("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", walked
        if walked[-1] == "Сохранность":
            break
    with page.leaving():
        page.press("Enter")
    assert page.text("h1") == "Сохранность"
    assert page.run("document.querySelector('[aria-current]').innerText") == "Сохранность"


def test_archive_is_verified_by_a_click_with_progress(face: OpenedFace, page: Page) -> None:
    page.open(f"{face.address}safety")
    page.follow("main form button")
    page.wait(
        "document.querySelector('main .verdict + *') || document.querySelector('#progress .note')"
    )
    page.wait("document.querySelector('#progress .note') !== null")
    assert "Целостность и подписи подтверждены" in page.text("#progress")
    assert page.find_barriers() == []
    assert page.console == []


def test_without_scripts_everything_is_there_and_the_progress_reloads(
    face: OpenedFace, page: Page
) -> None:
    with page.without_scripts():
        page.open(f"{face.address}safety")
        page.follow("main form button")
        while "Идёт проверка" in page.text("#progress"):
            with page.leaving():
                pass  # the page comes again by itself
        assert "подписи подтверждены" in page.text("#progress")


def test_on_paper_there_is_no_navigation(face: OpenedFace, page: Page) -> None:
    page.open(face.address)
    page.emulate(paper=True, dark=True)
    shown = page.run("getComputedStyle(document.querySelector('nav')).display")
    ground = page.run("getComputedStyle(document.body).backgroundColor")
    page.emulate()
    assert (shown, ground) == ("none", "rgb(255, 255, 255)")


def test_form_comes_as_a_paper_of_what_is_saved(face: OpenedFace, page: Page) -> None:
    page.open(f"{face.address}print")
    page.follow("main tbody a")
    assert page.text("h1") == "Личное дело целиком"
    page.click("#q")
    page.type("абрик")
    with page.leaving():
        page.press("Enter")
    assert page.text("main ul") == "2026-0001 — Абрикосова Аглая Тихоновна"
    paper = page.run(
        """fetch(document.querySelector("main ul a").href).then(async (answer) =>
          [answer.headers.get("Content-Type"), (await answer.text()).slice(0, 5)])"""
    )
    assert paper == ["application/pdf", "%PDF-"]
    assert page.console == []


def test_unsaved_change_is_told_before_the_paper(archive: Archive) -> None:
    client = client_of(face_of(archive.root))
    card = archive.root / "records/organization.yaml"
    card.write_text(card.read_text("utf-8") + "# примечание\n", "utf-8")
    told = client.get("/print/keys")
    assert "Не сохранено и потому не напечатано" in told.text
    assert "records/organization.yaml" in told.text
    paper = client.get("/print/keys?file=1")
    assert (paper.mimetype, paper.data[:5]) == ("application/pdf", b"%PDF-")
    assert paper.headers["Content-Disposition"] == "inline; filename=keys.pdf"
    assert client.get("/print/keys?file=2").status_code == 404
