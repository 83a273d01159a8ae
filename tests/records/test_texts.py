"""Every text of a record is found with its pointer."""

from __future__ import annotations

from papka.records.student import Shown, Source, iterate_texts
from tests.support.derived import result


def test_texts_carry_pointers_in_the_words_of_the_file() -> None:
    source = Source(export="2026-1/1", row=1, column=2, raw="5")
    shown = Shown(outcome="сцена", level="да")
    found = dict(iterate_texts(result("r1", "2026-05-28", 5, source=source, shows=(shown,))))
    assert found["/source/import"] == "2026-1/1"
    assert found["/shows/0/outcome"] == "сцена"
    assert "/mark" not in found


def test_texts_of_a_mapping_and_of_a_list_have_pointers_too() -> None:
    value = {"facts": {"program": "Гитара", "hours": 144}, "parts": ["техника", ("хор", 5, None)]}
    assert list(iterate_texts(value)) == [
        ("/facts/program", "Гитара"),
        ("/parts/0", "техника"),
        ("/parts/1/0", "хор"),
    ]
    assert list(iterate_texts("слово", "/x")) == [("/x", "слово")]
    assert list(iterate_texts(5)) == []
