"""What a print of an issued document is: the document, a copy, or a crossed-out one."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from io import BytesIO
from typing import Any

import pypdf
import pytest
from msgspec.structs import replace as changed

from papka.paper.form import State
from papka.paper.forms import load_form
from papka.paper.forms.issued_documents import paper
from papka.paper.own_forms import OwnForm, make_forms
from papka.paper.page_pictures import codes_on, look
from papka.paper.print_cache import PrintedFile
from papka.paper.print_state import latest_duplicate, print_state
from papka.records.acts import Handed, RegisterEntry, Void
from papka.records.archive import Archive
from papka.records.wording import NBSP
from tests.paper.conftest import COMMIT, MOMENT
from tests.paper.issued import entry, printed

D = dt.date
HANDED = Handed(date=D(2026, 11, 25), to="p1")
SPOILED = Void(reason="залит чаем.", kind="испорчен", date=D(2026, 12, 1), replaced_by="С-4")
MADE = entry("certificate", "2025-0001#e1", number="С-1")
FORMS = {
    "certificate": MADE,
    "transcript": entry("transcript", "2025-0009#e1"),
    "progress": entry("progress", "2025-0008#e1"),
}


def book(*entries: RegisterEntry) -> Archive:
    return replace(Archive(), registers={each.number: each for each in entries})


def duplicate(number: str, of: str, **keys: Any) -> RegisterEntry:  # noqa: ANN401 - fields by name
    return changed(MADE, number=number, duplicate_of=of, date=D(2027, 2, 1), **keys)


def fate(*entries: RegisterEntry) -> tuple[str, tuple[str, ...], bool]:
    """Of the first: stamp, sentences, and whether there is a place for «Верно»."""
    found = print_state(book(*entries), entries[0], "Сертификат")
    words = tuple(each.replace(NBSP, " ") for each in found.fate)
    return found.stamp, words, found.certified is not None


@pytest.mark.parametrize(
    ("entries", "found"),
    [
        ((MADE,), ("", (), False)),
        ((MADE, duplicate("С-3", "С-2")), ("", (), False)),
        (
            (changed(MADE, handed=HANDED),),
            ("КОПИЯ", ("Документ выдан на руки 25.11.2026.",), True),
        ),
        (
            (changed(MADE, handed=HANDED), duplicate("С-2", "С-1")),
            (
                "КОПИЯ",
                (
                    "Документ выдан на руки 25.11.2026.",
                    "Взамен утраченного выдан дубликат № С-2 от 01.02.2027.",
                ),
                True,
            ),
        ),
        (
            (MADE, duplicate("С-2", "С-1")),
            ("КОПИЯ", ("Взамен утраченного выдан дубликат № С-2 от 01.02.2027.",), True),
        ),
        (
            (changed(MADE, void=SPOILED),),
            (
                "НЕДЕЙСТВИТЕЛЕН",
                ("Документ испорчен 01.12.2026: залит чаем. Взамен выдан № С-4.",),
                False,
            ),
        ),
        (
            (changed(MADE, void=Void(reason="опечатка"), handed=HANDED),),
            (
                "НЕДЕЙСТВИТЕЛЕН",
                ("Документ выдан на руки 25.11.2026.", "Документ не действует: опечатка."),
                False,
            ),
        ),
    ],
    ids=["new", "of-another", "handed", "lost", "lost-unhanded", "spoiled", "void-and-handed"],
)
def test_a_print_says_what_became_of_the_document_and_nothing_else(
    entries: tuple[RegisterEntry, ...], found: tuple[str, tuple[str, ...], bool]
) -> None:
    assert fate(*entries) == found


@pytest.mark.parametrize(
    ("others", "last"),
    [
        ((), None),
        ((duplicate("С-2", "С-1"),), "С-2"),
        ((duplicate("С-2", "С-1"), duplicate("С-3", "С-2")), "С-3"),
        ((duplicate("С-2", "С-1", void=SPOILED), changed(MADE, number="С-4")), "С-4"),
        ((duplicate("С-2", "С-1", void=SPOILED),), None),
        ((duplicate("С-2", "С-1", void=Void(reason="ошибка")), duplicate("С-3", "С-1")), "С-3"),
        ((duplicate("С-2", "С-1"), duplicate("С-1", "С-2")), "С-2"),
    ],
    ids=["none", "one", "of-a-duplicate", "replaced", "only-spoiled", "second", "circle"],
)
def test_of_duplicates_the_last_that_counts_is_named(
    others: tuple[RegisterEntry, ...], last: str | None
) -> None:
    found = latest_duplicate(book(MADE, *others), "С-1")
    assert (found.number if found else None) == last


@pytest.mark.parametrize("form", FORMS)
def test_a_void_paper_is_crossed_on_every_sheet_and_bears_no_code(form: str) -> None:
    done = printed(changed(FORMS[form], void=SPOILED, handed=HANDED))
    for page in pypdf.PdfReader(BytesIO(done.data)).pages:
        stamp = "НЕДЕЙСТВИТЕЛЕН" if form == "certificate" else "НЕДЕЙСТВИТЕЛЬНА"
        assert stamp in page.extract_text().split()
        assert is_crossed(page)
    assert not any(codes_on(seen.picture) for seen in look(done.data)[:1])
    text = said(done)
    assert "залит чаем" in text
    assert "Сведения подписаны" not in text
    assert "Верно" not in text


@pytest.mark.parametrize(
    ("form", "sheets"), [("certificate", 2), ("transcript", 1), ("progress", 1)]
)
def test_after_handing_a_print_is_a_copy_to_be_certified(form: str, sheets: int) -> None:
    """R-2.2.11: there is one original; a copy bears the code of the same signed facts."""
    copy = printed(changed(FORMS[form], handed=HANDED))
    assert copy.pages == sheets, "as many as the original has"
    assert said(copy).count("КОПИЯ") == sheets
    assert said(copy).count("Верно") == sheets, "one beside each signature"
    assert "Сведения подписаны" in said(copy)
    assert not any(map(is_crossed, pypdf.PdfReader(BytesIO(copy.data)).pages))


def test_a_copy_of_a_duplicate_keeps_all_of_its_face_on_one_sheet() -> None:
    made = duplicate("С-2", "С-1", facts=MADE.facts | {"original": "2026-11-20"})
    done = printed(changed(made, handed=HANDED))
    assert done.pages == 2
    first = " ".join(pypdf.PdfReader(BytesIO(done.data)).pages[0].extract_text().split())
    for word in ("ДУБЛИКАТ", "Верно", "20.11.2026", "выдан на руки 25.11.2026"):
        assert word in first


def test_a_draft_says_so_until_it_is_saved_and_a_void_one_says_it_is_void() -> None:
    unsaved = State(book(MADE), MOMENT, MOMENT.date())
    assert paper(unsaved, "С-1", "Сертификат")[0].page.stamp == "НЕ СОХРАНЕНО"
    void = State(book(changed(MADE, void=SPOILED)), MOMENT, MOMENT.date(), COMMIT)
    view = load_form("certificate").view(void, "С-1")
    assert (view.page.is_void, view.paper.code, view.paper.checking) == (True, None, ())


def test_a_form_of_the_schools_own_is_stamped_and_crossed_as_well() -> None:
    void = changed(MADE, void=SPOILED)
    for title, made, stamp, is_void in (
        ("Пропуск", MADE, "", False),
        ("Пропуск", changed(MADE, handed=HANDED), "КОПИЯ", False),
        ("Пропуск", void, "НЕДЕЙСТВИТЕЛЕН", True),
        ("Справка для зачёта", void, "НЕДЕЙСТВИТЕЛЬНА", True),
        ("Свидетельство", void, "НЕДЕЙСТВИТЕЛЬНО", True),
    ):
        own = make_forms({"pass": OwnForm(title, "номер документа")}, lambda _state, _number: {})
        view = own["pass"].view(State(book(made), MOMENT, MOMENT.date(), COMMIT), "С-1")
        assert (view.page.stamp, view.page.is_void) == (stamp, is_void)


def said(done: PrintedFile) -> str:
    pages = pypdf.PdfReader(BytesIO(done.data)).pages
    return " ".join(" ".join(page.extract_text() for page in pages).split())


def is_crossed(page: pypdf.PageObject) -> bool:
    """Whether both diagonals of the sheet are drawn."""
    drawn = page.get_contents().get_data()  # type: ignore[union-attr]  # every page has contents
    forms = page.get("/Resources", {}).get("/XObject", {}).values()
    drawn += b"".join(each.get_object().get_data() for each in forms)
    return all(
        re.search(line, drawn)
        for line in (rb"0 0 m\s+100 100 l", rb"0 100 m\s+100 0 l|100 0 m\s+0 100 l")
    )
