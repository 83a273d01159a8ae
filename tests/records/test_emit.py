"""How a value is written: plainly where every reader takes it alike, in quotes where not.

What each value is written as stands in emit.txt: on a line of its own, then inside brackets
(`--update-snapshots` writes it anew; read it).
"""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from papka.records.editing import Unwritable, write_file, write_flow, write_scalar

VALUES: tuple[object, ...] = (
    *(None, True, False, 0, -1, 1.5, 2.0, 1e5, 1e-5, -0.0, 10**15 - 1, 10**15),
    *(123456789012.345, 1234567890123.456, float("nan"), float("inf")),
    *(dt.date(2026, 1, 15), dt.datetime(2026, 1, 15, tzinfo=dt.UTC), {1}, b"x", ()),
    *(
        "",
        "a",
        "a b",
        " a",
        "a ",
        "a:",
        "a: b",
        "a:b",
        "a:\tb",
        "a #b",
        "a#b",
        "...",
        "...a",
        "..a",
    ),
    *(f"{sign}a" for sign in "#-?:,[]{}&*!|>'\"%@`=<"),
    *(f"a{sign}b" for sign in "#-?:,[]{}&*!|>'\"%@`=<\\\n\t\r"),
    *("-", "- a", "a\r\nb", "a\n", "'a\"", "a: 'x' \"y\"", 'a: "y"', "a\\b: ", 'a\n"\\', '"\ta'),
    *("yes", "null", "~", "1", "1.5", "1e3", "2026-01-15", "2026-0007", "12:30", "0x1", "9" * 16),
    *("é", "«ё»", "\u200b", "\ud800", "\ufeff"),
)


def written(value: object, *, brackets: bool) -> str:
    try:
        return write_scalar(value, flow=brackets)
    except Unwritable as error:
        return f"! {error.message}"


def test_every_value_is_written_so(request: pytest.FixtureRequest) -> None:
    told = "".join(
        f"{value!r}  |  {written(value, brackets=False)}  |  {written(value, brackets=True)}\n"
        for value in VALUES
    )
    file = Path(__file__).with_name("emit.txt")
    if request.config.getoption("--update-snapshots"):
        file.write_text(told, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == told


TREE = """\
a: []
b: {}
c:
  - 1
  - - 2
    - []
  - x: 1
    "y":
      - 3
  - {}
d:
  e:
    f: null
g:
  - 1
  - 2
"yes": 1
"a: b":
  - - - k:
          - z: 1
            w: 2
"""


def test_a_tree_is_written_as_by_hand() -> None:
    tree = {
        "a": [],
        "b": {},
        "c": [1, [2, []], {"x": 1, "y": [3]}, {}],
        "d": {"e": {"f": None}},
        "g": (1, 2),
        "yes": 1,
        "a: b": [[[{"k": [{"z": 1, "w": 2}]}]]],
    }
    assert write_file(tree) == TREE


def test_a_collection_in_brackets_is_one_line() -> None:
    tree = {"a": [1, "x,y", {}], "b: c": None, "d": (1,), "yes": "a:b"}
    assert write_flow(tree) == '{a: [1, "x,y", {}], "b: c": null, d: [1], "yes": "a:b"}'
