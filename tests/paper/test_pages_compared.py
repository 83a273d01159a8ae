"""A page held against what was signed, in values: which difference is told, where and in which
words. Letters are dark squares of one size, which the eye of the program sees well enough."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256

import pytest
from PIL import Image, ImageDraw

from papka.core.findings import Finding
from papka.paper.document_text import (
    Text,
    against_itself,
    against_print,
    changes,
    differing,
    spellings_anywhere,
    spellings_on_form,
)
from papka.paper.page_pictures import Box, SeenPage, Sign
from papka.proof.document_code import DocumentFacts, FactsCut

DAY = dt.date(2026, 5, 28)
FACTS = DocumentFacts(
    "certificate", "С-2026-0001", DAY, "Абрикосова Аглая Тихоновна", "7700000000",
    b"e" * 16, b"key!", birth_date=dt.date(2015, 3, 4), programme="Игра на гитаре", hours="72",
    started=dt.date(2025, 9, 1), ended=dt.date(2026, 5, 25), order="2026/0011",
)  # fmt: skip
LINES = (
    "Сертификат С-2026-0001",
    "от 28.05.2026",
    "Абрикосова Аглая Тихоновна",
    "04.03.2015",
    "«Игра на гитаре»",
    "72 ч",
    "с 01.09.2025",
    "по 25.05.2026",
    "2026/0011",
)
WIDTH, HEIGHT, STEP = 20, 40, 160
"""Of a sign's square, and from line to line, in points."""


def page(*lines: str, unseen: Sequence[str] = (), size: float = 12.0) -> SeenPage:
    """A page whose text layer says these lines; words in `unseen` are not painted."""
    picture = Image.new("RGB", (40 * WIDTH, len(LINES) * STEP + STEP), "white")
    brush = ImageDraw.Draw(picture)
    signs: list[Sign] = []
    for row, line in enumerate(lines):
        column, top = 0, row * STEP
        for word in line.split(" "):
            for letter in f"{word} ":
                box = Box(column * WIDTH, top, column * WIDTH + WIDTH - 4, top + HEIGHT)
                base = (top + HEIGHT) * -72 / 200
                signs.append(Sign(letter, box, "ours", size, (1, 0, 0, 1, 0, base)))
                if letter != " " and word not in unseen:
                    brush.rectangle(box, fill="black")
                column += 1
    return SeenPage(picture, True, tuple(signs), 300, 300)  # noqa: FBT003 - as the class has it


def said(found: Sequence[Finding]) -> list[str]:
    return [f"{each.code.name}: {each.message}" for each in found]


def held(*pages: SeenPage, right: Sequence[SeenPage] = ()) -> list[str]:
    ways = spellings_anywhere(FACTS)
    return said(against_print(FACTS, ways, pages, right or (page(*LINES),)))


def changed(old: str, new: str) -> SeenPage:
    return page(*(line.replace(old, new) for line in LINES))


def test_the_same_page_differs_in_nothing() -> None:
    assert held(page(*LINES)) == []


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Аглая", "Глаша", ("ФИО: в документе «Абрикосова Глаша Тихоновна», подписано «Абрикосова "
         "Аглая Тихоновна»")),
        ("72 ч", "99 ч", "Часы: в документе «99 ч», подписано «72»"),
        ("28.05.2026", "28.06.2026", "Дата: в документе «28.06.2026», подписано «28.05.2026»"),
        ("04.03.2015", "", "Дата рождения: в документе этого нет, подписано «04.03.2015»"),
        ("2026/0011", "2026/0012", "Основание: в документе «2026/0012», подписано «2026/0011»"),
    ],
)  # fmt: skip
def test_a_fact_altered_in_the_text_is_named(old: str, new: str, told: str) -> None:
    assert held(changed(old, new)) == [f"DOC_FIELD_DIFFERS: {told}"]


def test_words_that_are_no_fact_are_told_with_those_before_them() -> None:
    assert held(changed("Сертификат", "Свидетельство")) == [
        "DOC_PAGE_DIFFERS: " + page_told(1, "напечатано «Свидетельство», должно быть «Сертификат»")
    ]
    assert held(changed("по 25", "до 25")) == [
        "DOC_PAGE_DIFFERS: "
        + page_told(1, "напечатано «до», должно быть «по» (после «ч с 01.09.2025»)")
    ]
    assert held(page(*LINES, "с отличием")) == [
        "DOC_PAGE_DIFFERS: "
        + page_told(1, "напечатано «с отличием», должно быть «» (после «по 25.05.2026 2026/0011»)")
    ]


def page_told(number: int, what: str) -> str:
    return f"лист {number}: {what}"


def test_a_page_too_many_or_lost() -> None:
    whole = page(*LINES)
    assert held(whole, whole) == [
        "DOC_PAGE_DIFFERS: " + page_told(1, "в документе страниц 2, должно быть 1")
    ]
    assert held(whole, right=(whole, whole, whole)) == [
        "DOC_PAGE_DIFFERS: " + page_told(1, "в документе страниц 1, должно быть 3")
    ]


def test_where_texts_agree_pictures_decide() -> None:
    painted = replace(page(*LINES), picture=changed("72", "7").picture)
    assert held(painted) == [
        "DOC_FIELD_DIFFERS: Часы: в документе видно другое, чем говорит текст файла, подписано «72»"
    ]
    beside = page(*LINES, unseen=("Сертификат",))
    assert held(beside) == [
        "DOC_PAGE_DIFFERS: "
        + page_told(1, "изображение не то, что должно быть возле слов «Сертификат»")
    ]
    spot = page(*LINES)
    ImageDraw.Draw(spot.picture).rectangle((700, 600, 760, 660), fill="black")
    assert held(spot) == ["DOC_PAGE_DIFFERS: " + page_told(1, "изображение не то, что должно быть")]


def test_a_screen_that_shows_another_page_than_paper() -> None:
    whole = page(*LINES)
    other = replace(whole, is_same_on_screen=False)
    told = [
        "DOC_PAGE_DIFFERS: " + page_told(n, "на экране лист выглядит иначе, чем на бумаге")
        for n in (1, 2)
    ]
    assert held(whole, other, right=(whole, whole)) == told[1:]
    assert held(other, right=(whole,)) == told[:1]


@pytest.fixture
def _seen_as_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the text layer says is what is drawn of it, all of it in papka's own letters."""

    def redraw(seen: SeenPage, _fonts: object, _boxes: object) -> Image.Image:
        lines: list[str] = [""]
        for sign in seen.signs:
            row = int(sign.box.top // STEP)
            lines += [""] * (row + 1 - len(lines))
            lines[row] += sign.text
        return page(*(line.rstrip(" ") for line in lines)).picture

    monkeypatch.setattr("papka.paper.document_text.redraw_from_text", redraw)
    monkeypatch.setattr("papka.paper.document_text.is_ours", lambda sign: sign.font == "ours")


def alone(*pages: SeenPage, facts: DocumentFacts = FACTS) -> list[str]:
    return said(against_itself(facts, pages, [[] for _ in pages], {}))


@pytest.mark.usefixtures("_seen_as_said")
def test_without_an_archive_each_fact_must_be_seen() -> None:
    assert alone(page(*LINES)) == []
    assert alone(changed("от 28.05.2026", "от 28 мая 2026 г.")) == []
    hidden = "этого не видно, хотя в файле такой текст есть"
    assert alone(page(*LINES, unseen=("Аглая",)))[1:] == [
        f"DOC_FIELD_DIFFERS: ФИО: в документе {hidden}, подписано «Абрикосова Аглая Тихоновна»"
    ]
    assert alone(replace_signs(page(*LINES), "72", font="чужой")) == [
        f"DOC_FIELD_DIFFERS: Часы: в документе {hidden}, подписано «72»"
    ]
    assert alone(replace_signs(page(*LINES), "28.05.2026", size=8.9)) == [
        "DOC_FIELD_DIFFERS: Дата: в документе этого нет, подписано «28.05.2026»"
    ]
    assert alone(replace_signs(page(*LINES), "28.05.2026", size=9.0)) == []


def replace_signs(whole: SeenPage, text: str, **fields: object) -> SeenPage:
    """The page with the signs of one of its words changed."""
    line = "".join(sign.text for sign in whole.signs)
    at = line.index(text)
    signs = list(whole.signs)
    for index in range(at, at + len(text)):
        signs[index] = signs[index]._replace(**fields)  # type: ignore[arg-type] # fields of a sign
    return replace(whole, signs=tuple(signs))


@pytest.mark.usefixtures("_seen_as_said")
@pytest.mark.parametrize(
    ("old", "new", "instead"),
    [
        ("28.05.2026", "29.05.2026", "«29.05.2026»"),
        ("28.05.2026", "вчера", "этого нет"),
        ("Аглая", "Глаша", "«Абрикосова Глаша Тихоновна»"),
        ("72 ч", "99 ч", "«99»"),
        ("С-2026-0001", "С-2026-0009", "«С-2026-0009»"),
    ],
)
def test_what_the_page_seems_to_say_instead(old: str, new: str, instead: str) -> None:
    (found,) = alone(changed(old, new))
    assert found.partition(", подписано ")[0].endswith(f" в документе {instead}")


@pytest.mark.usefixtures("_seen_as_said")
def test_signs_scattered_over_the_page_prove_nothing() -> None:
    whole = page(*LINES)
    far = replace_signs(whole, "72", box=Box(700, 5 * STEP, 716, 5 * STEP + HEIGHT))
    assert [each.partition(":")[0] for each in alone(far)][-1] == "DOC_FIELD_DIFFERS"


@pytest.mark.usefixtures("_seen_as_said")
def test_a_picture_that_is_no_text_is_told() -> None:
    spot = page(*LINES)
    ImageDraw.Draw(spot.picture).rectangle((700, 600, 760, 660), fill="black")
    assert alone(spot) == [
        "DOC_PAGE_DIFFERS: " + page_told(1, "есть изображение, которого нет в тексте листа")
    ]


@pytest.mark.usefixtures("_seen_as_said")
def test_a_fact_cut_in_the_code_is_sought_whole() -> None:
    digest = sha256("Игра на гитаре".encode()).digest()[:8]
    cut = replace(FACTS, programme=FactsCut("Игра", digest))
    assert alone(page(*LINES), facts=cut) == []
    assert len(alone(changed("гитаре", "скрипке"), facts=cut)) == 1


def test_spellings_of_each_form() -> None:
    everything = {"number", "date", "holder", "birth_date", "programme", "hours"}
    assert set(spellings_on_form(FACTS)) == {*everything, "started", "ended", "order"}
    assert spellings_on_form(FACTS)["hours"] == ("72 ч", "72 ак")
    assert spellings_on_form(FACTS)["date"] == ("28.05.2026", "28 мая 2026")
    progress = spellings_on_form(replace(FACTS, form="progress@2"))
    assert set(progress) == everything
    assert progress["holder"] == ("Абрикосова Аглая Тихоновна", "Абрикосовой Аглае Тихоновне")
    strange = replace(FACTS, form="transcript", holder="Мадонна")
    assert "holder" not in spellings_on_form(strange)
    assert set(spellings_on_form(replace(FACTS, form="прочее"))) == {"number", "date", "holder"}
    assert spellings_anywhere(FACTS, "Абрикосовой")["holder"] == (FACTS.holder, "Абрикосовой")


def test_facts_that_differ_are_named_in_the_order_of_the_format() -> None:
    assert list(differing(FACTS, FACTS)) == []
    other = replace(FACTS, hours="73", holder="Другая", date=dt.date(2026, 5, 29))
    assert list(differing(FACTS, other)) == ["date", "holder", "hours"]


def test_words_of_two_pages_compared() -> None:
    one, two = (Text([sign for word in words.split() for sign in f"{word} "])
                for words in ("а б в г", "а б б г д"))  # fmt: skip
    assert [tuple(each) for each in changes(one, two)] == [(2, 3, "б"), (4, 4, "д")]
