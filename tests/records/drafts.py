"""Hypothesis strategies: files as people type them, and what is not a file at all."""

from __future__ import annotations

from hypothesis import strategies as st

WORDS = ("техника", "теория", "Г-26-1", "2026-01-15", "17/26", "Музыкальная школа «Ручеёк»", "e1")
NUMBERS = ("2", "-1", "4.5", "0", "100")
QUOTED = (
    '"3.2"',
    "'да, нет'",
    '"+70000000000"',
    '"кавычка \\" и черта \\\\"',
    "'it''s'",
    '"#1: a"',
)
KEYS = ("enrolment", "part", "date", "mark", "text", "note", "sheets", "kind")
COMMENTS = ("", "", "", "  # пояснение", " # «ещё»: раз")

scalars = st.sampled_from(WORDS + NUMBERS + QUOTED)
comments = st.sampled_from(COMMENTS)
newlines = st.sampled_from(["\n", "\n", "\r\n"])


@st.composite
def entries(draw: st.DrawFn, dash: str) -> list[str]:
    """An entry of a list: block or flow, with comments, nested lists and long texts."""
    keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True))
    if draw(st.integers(0, 5)) == 0:
        inside = ", ".join(f"{key}: {draw(st.sampled_from(NUMBERS + QUOTED))}" for key in keys)
        return [f"{dash}- {{{inside}}}{draw(comments)}"]
    gap = draw(st.sampled_from([" ", " ", "   "]))
    indent = dash + " " + gap
    lines: list[str] = []
    for key in keys:
        lines.extend(draw(fields(key, indent)))
        if draw(st.integers(0, 4)) == 0:
            lines.append(draw(st.sampled_from(["", f"{indent}# заметка", "# у края"])))
    while not lines[0].strip() or lines[0].lstrip().startswith("#"):
        lines.pop(0)
    return [f"{dash}-{gap}{lines[0].removeprefix(indent)}", *lines[1:]]


@st.composite
def fields(draw: st.DrawFn, key: str, indent: str) -> list[str]:
    form = draw(st.integers(0, 7))
    if form == 0:
        items = draw(st.lists(scalars, min_size=1, max_size=3))
        return [f"{indent}{key}:{draw(comments)}", *(f"{indent}  - {item}" for item in items)]
    if form == 1:
        return [f"{indent}{key}: |", f"{indent}  первая: строка", "", f"{indent}  # не пояснение"]
    if form == 2:
        return [f"{indent}{key}: длинный текст", f"{indent}    на двух строках{draw(comments)}"]
    if form == 3:
        return [f"{indent}{key}:", f"{indent}  inner: {draw(scalars)}{draw(comments)}"]
    return [f"{indent}{key}: {draw(scalars)}{draw(comments)}"]


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """A readable file with a top-level list `results` and a field before and perhaps after it."""
    newline = draw(newlines)
    dash = draw(st.sampled_from(["  ", "  ", "", "    "]))
    lines = draw(st.sampled_from([[], ["# yaml-language-server: $schema=../s.json"], ["---"]]))
    lines = [*lines, f"period: 2026-1{draw(comments)}", f"results:{draw(comments)}"]
    for entry in draw(st.lists(entries(dash), min_size=1, max_size=4)):
        lines.extend(entry)
    if draw(st.booleans()):
        lines.extend(["# о том, что ниже", "closed: 2026-06-15"])
    text = newline.join(lines)
    ends = [newline, newline, newline * 2]
    if not lines[-1].endswith("# не пояснение"):
        ends.append("")  # a literal without a line break could not be continued below
    return (text + draw(st.sampled_from(ends))).encode()


values = st.recursive(
    st.one_of(
        st.integers(-(10**15) + 1, 10**15 - 1),
        st.booleans(),
        st.floats(-1e6, 1e6).map(lambda number: round(number, 3)),
        st.text(max_size=12),
        st.sampled_from(["no", "12:30", "0012", "~", "", " a", "a ", "- a", "a: b", "a #b", "1e3"]),
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
