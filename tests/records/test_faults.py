"""What a parser stumbles over is told as the slip that was made, and where.

What each text finds stands in faults.txt (`--update-snapshots` writes it anew; read it).
"""

from __future__ import annotations

from pathlib import Path

import pytest

from papka.records.strict_yaml import read

TEXTS = (
    # a second colon
    "a: b: c\n",
    "- a: x: y\n",
    "some key: x: y\n",
    "a: 'q': z\n",
    "--- a: b\n",
    "a: 1\nb: x\nc: d: e\n",
    # brackets
    "a: [1\nb: 2\n",
    "a: {b: 1\n",
    "a: {x\n",
    "a: [\n",
    "[1, 2\n",
    "a: [x: v: z]\n",
    "{a: b: c}\n",
    "a: ]\n",
    "a: ,\n",
    "{}}\n",
    "a: [1] x\n",
    "a: {b: 1} x\n",
    # quotes
    "a: 'x\n",
    'a: "x\nb: 1\n',
    "a: 'x' y\n",
    'a: "x" y\n',
    "a: 'x\n  y' z\n",
    'a: "x\n\n\nb: y" z\n',
    'a: "\\q"\n',
    'a: "\\xZZ"\n',
    'a: "\\u12"\n',
    'a: "x"\nb c\n',
    # signs of the language
    "a: *\n",
    "a: &\n",
    "a: !<\n",
    "a: !t x\n",
    "a: !foo!bar x\n",
    "a: *b c\n",
    "a: &b &c d\n",
    "a: &x [1]\n",
    "a: !t {b: 1}\n",
    "&x a: 1\n",
    "a: &x b\nc: 'q\n",
    "a: &x b 'q: 'r\n",
    "%FOO\na: 1\n",
    "%YAML 3\n---\na: 1\n",
    "%YAML x\n---\na: 1\n",
    "%TAG ! tag:x\n---\na: 1\n",
    "a: @x\n",
    "a: `x\n",
    "  b: 1\n  a: %x\n",
    # a colon that is glued or lacking
    "a:b\nc: 1\n",
    "name:x\n  y: 1\n",
    "x: 1\n- a:b\n",
    "a: x\nb\n",
    "a:\nb\n",
    "a: |\nx\n",
    "- a\n-b\n",
    # indents
    "- a\nb: 1\n",
    "a: 1\n  b: 2\n",
    "a:\n  b: 1\n c: 2\n",
    "a: |\n  x\n y\n",
    "- - a\n - b\n",
    "a: b\n- c\n",
    "- a\n b: 1\n",
    "a\nb: 1\n",
    "-a: 1\nb: 2\n  c: 3\n",
    "a: 1\n\tb: 2\n",
    "\ta: 1\n",
    "  - \ta: 1\n",
    # the rest
    "a: - x\n",
    "a: -\n  - b\n c\n",
    "a: 1\n---\nb: 2\n",
    "a: 1\n...\nb\n",
    "a: >x\n",
    "a: |9x\n",
    "a: 1\n%YAML 1.2\n",
    # keys
    "1: a\n",
    "[a]: b\n",
    "{a: 1}: b\n",
    "null: b\n",
    "<<: b\n",
    '"<<": b\n',
    "*a : b\n",
    "a: 1\nb:\n  a: 1\n  a: 2\n",
    # words
    "a: yes\n",
    "a: False\n",
    "a: TRUE\n",
    "a: True\n",
    "a: NULL\n",
    "a: =\n",
    "a: 1:30\n",
    "a: 2026-01-15 12:30:00\n",
    "a: 0x1F\n",
    f"a: {'1' * 41}e5\n",
    f"a: {'1' * 16}\n",
    "",
    "# пусто\n",
    "null\n",
    "a: &x null\n",
    # signs nobody sees
    "\ufeffa: \u200b\n",
    "\ufeffa: 1\nb: NO\n",
    'a: "\\u200b"\n',
    'a: "\\u200b\\u200c"\n',
    "а: б\u2028в\u00ad\n",
    "a: \u0007\u202e\n",
    "a\r: 1\n",
    "a: \x00\n",
    # nesting
    "[" * 33,
    "a: [{b: [NO]}, {c: {d/e: ~}}]\n",
)


def test_a_slip_is_told_as_what_it_is(request: pytest.FixtureRequest) -> None:
    told = ""
    for text in TEXTS:
        told += f"## {text!r}\n"
        for found in read(text.encode(), "f.yaml").findings:
            where = found.where
            told += f"{found.code.name} {where.line}:{where.column} {where.pointer}".rstrip()
            told += f"\n  {found.message}\n  → {found.hint}\n"
    file = Path(__file__).with_name("faults.txt")
    if request.config.getoption("--update-snapshots"):
        file.write_text(told, encoding="utf-8")
    assert file.read_text(encoding="utf-8") == told
