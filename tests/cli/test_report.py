"""Findings in each form, with what could break the form inside them."""

from __future__ import annotations

import json

import pytest

from papka.cli.report import exit_code, render
from papka.core.codes import records
from papka.core.findings import Finding, Location

NASTY = records.REF_UNKNOWN_GROUP.at(
    Location("records/a,b:c%.yaml", line=3, column=7),
    name="x\n::error::поддельная строка",
    may_be="",
)


def shown(style: str, finding: Finding = NASTY, source: bytes | None = None) -> str:
    return render(style, [finding], {"files": 1}, lambda _: source)


def test_github_one_finding_is_one_line_whatever_it_holds() -> None:
    [line] = shown("github").splitlines()
    assert line.startswith("::error file=records/a%2Cb%3Ac%25.yaml,")
    assert "%0A::error::поддельная" in line


def test_json_reads_back() -> None:
    report = json.loads(shown("json"))
    assert report["findings"][0]["message"] == NASTY.message
    assert report["summary"]["files"] == 1


def test_sarif_reads_back() -> None:
    [result] = json.loads(shown("sarif"))["runs"][0]["results"]
    assert result["message"]["text"].startswith("Группы «x\n")


@pytest.mark.parametrize("source", [None, b"", b"\xff\xfe", b"one line\n"])
def test_text_survives_a_file_that_is_gone_or_shorter(source: bytes | None) -> None:
    assert "REF_UNKNOWN_GROUP" in shown("text", source=source)


def test_text_shows_invisible_characters_as_dots() -> None:
    text = shown("text", source="\n\n  груп\u202eпа: x\n".encode())
    assert "\u202e" not in text
    assert "    3 |   груп·па: x" in text


@pytest.mark.parametrize(("border", "code"), [("error", 1), ("warning", 1), ("fatal", 0)])
def test_exit_code_follows_the_worst(border: str, code: int) -> None:
    assert exit_code([NASTY], border) == code
