"""A scale that lists its marks upside down may be turned the right way up, even when in use."""

from __future__ import annotations

from papka.checks import transitions
from papka.core.places import ORGANIZATION
from tests.support.archives import good, loaded

RIGHT = "      - не зачтено\n      - зачтено\n    passing"
UPSIDE_DOWN = "      - зачтено\n      - не зачтено\n    passing"


def found(before: str, after: str) -> list[str]:
    """Codes of the step from one list of marks to another, on a scale in use."""
    files = good()
    text = files[ORGANIZATION].decode()
    assert RIGHT in text
    states = [
        loaded(said)
        for said in (
            files | {ORGANIZATION: text.replace(RIGHT, marks).encode()} for marks in (before, after)
        )
    ]
    return [finding.code.name for finding in transitions.compare(*states)]


def test_turning_the_list_the_right_way_up_changes_no_meaning() -> None:
    assert found(UPSIDE_DOWN, RIGHT) == []


def test_another_word_in_the_list_does() -> None:
    assert found(RIGHT, RIGHT.replace("- зачтено", "- сдано")) == ["SCALE_CHANGED"]


def test_another_passing_word_does() -> None:
    assert found(RIGHT, "      - не зачтено\n      - зачтено\n      - отлично\n    passing") == [
        "SCALE_CHANGED"
    ]


def test_a_longer_list_is_turned_whole_and_in_no_other_way() -> None:
    down, up, mixed = (
        "".join(f"      - {mark}\n" for mark in marks) + "    passing"
        for marks in (
            ("зачтено", "слабо", "не зачтено"),
            ("не зачтено", "слабо", "зачтено"),
            ("слабо", "не зачтено", "зачтено"),
        )
    )
    assert found(down, up) == []
    assert found(down, mixed) == ["SCALE_CHANGED"]
