"""Issued documents stand in the card and in the inventory, as the books have them (R-5.5)."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from msgspec.structs import replace as changed

from papka.paper import sections
from papka.paper.form import State
from papka.paper.personal_file import Counted, FileCase, contents, pieces
from papka.records.acts import Handed, RegisterEntry, Void
from papka.records.archive import Archive
from tests.paper.conftest import COMMIT, MOMENT
from tests.paper.forms_school import entry
from tests.paper.invented_school import AGLAYA, PERSON, archive

D = dt.date
OWN = entry("certificates", "С-1", handed=Handed(date=D(2026, 12, 26), to="p1"))
SPOILED = entry("transcripts", "О-1", void=Void(kind="испорчен", reason="клякса"))
LATER = entry("progress", "У-1", date=D(2026, 12, 27))
STRANGE = changed(entry("certificates", "С-2"), student="2026-0008#e1")
TWIN = changed(OWN, number="С-3", duplicate_of="С-1", handed=None)


def school(*entries: RegisterEntry) -> Archive:
    keys = [f"issued/2026/{place:04d}" for place in range(len(entries))]
    return replace(archive(AGLAYA), registers=dict(zip(keys, entries, strict=True)))


@pytest.mark.parametrize(
    ("entries", "rows"),
    [
        ((), []),
        ((STRANGE,), []),
        ((LATER,), [("У-1", "не вручено")]),
        (
            (LATER, OWN),
            [("С-1", "вручено: Д.\u00a0Л.\u00a0Лунная, 26.12.2026"), ("У-1", "не вручено")],
        ),
        ((SPOILED,), [("О-1", "ИСПОРЧЕНА\nклякса")]),
        (
            (OWN, TWIN),
            [
                ("С-1", "вручено: Д.\u00a0Л.\u00a0Лунная, 26.12.2026\nвыдан дубликат №\u00a0С-3"),
                ("С-3", "не вручено\nдубликат взамен №\u00a0С-1"),
            ],
        ),
    ],
    ids=["none", "of-another", "kept", "by-day", "void", "duplicate"],
)
def test_the_card_lists_the_papers_of_this_person_alone(
    entries: tuple[RegisterEntry, ...], rows: list[tuple[str, str]]
) -> None:
    table = sections.issued(school(*entries), AGLAYA)
    assert [(row[0], row[3]) for row in table.rows] == rows
    assert table.says_something == bool(rows)


def case_of(now: Archive, before: Archive | None = None) -> FileCase:
    state = State(now, MOMENT, MOMENT.date(), COMMIT)
    books = before.registers if before else {}
    return FileCase(state, AGLAYA, PERSON, AGLAYA if before else None, None, books)


def listed(case: FileCase) -> list[tuple[str, str, str, int | None]]:
    chapters = contents(case).chapters()
    found = pieces(
        case, contents(case), Counted(dict.fromkeys((c.anchor for c in chapters), 1), {})
    )
    return [
        (each.index, each.title, each.note, each.sheets)
        for each in found
        if each.key.startswith("issued-")
    ]


def test_the_inventory_lists_them_after_the_documents_without_sheets() -> None:
    assert listed(case_of(school(STRANGE))) == []
    ((number, title, note, sheets),) = listed(case_of(school(STRANGE, OWN)))
    assert (number, title, sheets) == ("С-1", "Сертификат об освоении программы", 0)
    assert note == "вручено: Д.\u00a0Л.\u00a0Лунная, 26.12.2026; по книге регистрации"


def test_after_binding_only_what_was_issued_or_changed_since_is_listed() -> None:
    handed = changed(LATER, handed=Handed(date=D(2026, 12, 28), to="обучающийся"))
    case = case_of(school(OWN, handed, SPOILED), school(OWN, LATER))
    assert [number for number, *_ in listed(case)] == ["О-1", "У-1"]
    card = contents(case).card
    assert card is not None
    (table,) = card.tables
    assert [(row[0], row[3]) for row in table.rows] == [
        ("О-1", "ИСПОРЧЕНА\nклякса"), ("У-1", "вручено: лично, 28.12.2026"),
    ]  # fmt: skip
    assert listed(case_of(school(OWN), school(OWN))) == []
