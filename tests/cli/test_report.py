"""Findings in each form, with what could break the form inside them."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest

from papka import __version__
from papka.checks import references
from papka.cli import report
from papka.cli.report import exit_code, render
from papka.core.findings import Code, Finding, Location, Severity

NASTY = references.REF_UNKNOWN_GROUP.at(
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


def finding(
    where: Location, severity: Severity = Severity.ERROR, hint: str = "Сделайте так."
) -> Finding:
    code = Code("PLAIN_CODE", severity, says="{what}", hint=hint, why="Потому что.")
    return code.at(where, what="Что-то не так")


EVERY = (
    finding(Location("records/b.yaml", "/a", 2, 3), Severity.WARNING),
    finding(Location("records/a.yaml", "", 1, 0), Severity.FATAL, ""),
    finding(Location("", commit="0123456789abcdef0123456789abcdef01234567"), Severity.INFO),
    finding(Location("records/c d.yaml", commit="f" * 40)),
    finding(Location("")),
)


def test_text_tells_place_line_word_and_what_to_do() -> None:
    lines = render("text", EVERY, {}, lambda _: "раз\nдва: три # так\n".encode())
    assert (
        click.unstyle(lines)
        == """\
records/b.yaml:2:3: предупреждение PLAIN_CODE
    2 | два: три # так
      |   ^
  Что-то не так
  → Сделайте так.

records/a.yaml:1: нарушение PLAIN_CODE
    1 | раз
      | ^^^
  Что-то не так

0123456789ab: сведение PLAIN_CODE
  Что-то не так
  → Сделайте так.

records/c d.yaml (сохранение ffffffffffff): ошибка PLAIN_CODE
  Что-то не так
  → Сделайте так.

архив: ошибка PLAIN_CODE
  Что-то не так
  → Сделайте так.
"""
    )
    assert render("text", [], {}, lambda _: None) == ""


@pytest.mark.parametrize(
    ("text", "column", "mark"),
    [
        ("имя: Анна", 1, "^^^"),
        ("имя: Анна", 6, "     ^^^^"),
        ("имя: Анна # так", 6, "     ^^^^"),
        ("имя: Анна   ", 6, "     ^^^^"),
        ("имя:", 1, "^^^"),
        ("10:30", 1, "^^^^^"),
        ('a: "б: в" # г', 4, "   ^^^^^^"),
        ("a: 'б", 4, "   ^^"),
        ("a: б", 99, "    ^"),
        ("a: б", 0, "^"),
        ("", 1, "^"),
    ],
)
def test_the_caret_stands_under_the_word_or_value(text: str, column: int, mark: str) -> None:
    lines = click.unstyle(
        render("text", [finding(Location("a", "", 1, column))], {}, lambda _: text.encode() + b"\n")
    ).splitlines()
    assert lines[1:3] == [f"    1 | {text}", f"      | {mark}"]


def test_a_very_long_line_is_cut_and_a_file_read_once() -> None:
    asked: list[str] = []

    def source(path: str) -> bytes:
        asked.append(path)
        return b"x" * 500

    where = Location("a", "", 1, 400)
    lines = click.unstyle(render("text", [finding(where)] * 2, {}, source)).splitlines()
    assert lines[1] == f"    1 | {'x' * 160}"
    assert lines[2] == f"      | {' ' * 160}^"
    assert asked == ["a"]
    related = Finding(EVERY[0].code, "м", where, related=(Location("b", "", 4, 5), Location("c")))
    assert click.unstyle(render("text", [related], {}, source)).splitlines()[-2:] == [
        "  см. b:4:5",
        "  см. c",
    ]


def test_github_shows_the_worst_first() -> None:
    assert render("github", EVERY, {}, lambda _: None).splitlines() == [
        "::error file=records/a.yaml,title=PLAIN_CODE,line=1,col=0::Что-то не так",
        ("::error file=records/c d.yaml,title=PLAIN_CODE::сохранение ffffffffffff: Что-то не так "
        "Сделайте так."),
        "::error title=PLAIN_CODE::Что-то не так Сделайте так.",
        ("::warning file=records/b.yaml,title=PLAIN_CODE,line=2,col=3::Что-то не так "
        "Сделайте так."),
        "::notice title=PLAIN_CODE::сохранение 0123456789ab: Что-то не так Сделайте так.",
    ]  # fmt: skip
    assert report.error_annotation("Нет\nархива", "") == "::error title=papka::Нет%0Aархива\n"
    assert (
        report.error_annotation("Нет 5%", "Создайте") == "::error title=papka::Нет 5%25 Создайте\n"
    )


HEAD = "| строгость | где | код | что не так | что делать |\n|---|---|---|---|---|\n"


def test_a_forge_gets_a_page_of_them_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "summary"
    page.write_text("раньше\n", "utf-8")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(page))
    report.report("text", EVERY, {}, lambda _: None, title="т")
    assert page.read_text("utf-8") == "раньше\n"
    report.report("github", [EVERY[0]], {}, lambda _: None, title="Записи *все*")
    assert capsys.readouterr().out.endswith("Сделайте так.\n")
    assert page.read_text("utf-8") == (
        f"раньше\n### Записи &#42;все&#42;\n\n{HEAD}"
        "| предупреждение | records/b.yaml:2:3 | PLAIN&#95;CODE | Что-то не так | Сделайте так. |\n"
    )
    assert report.summary_table([], "Записи") == "### Записи: замечаний нет\n"


def test_a_page_holds_five_hundred_rows() -> None:
    def rows(count: int) -> tuple[int, str]:
        page = report.summary_table([EVERY[0]] * count, "т")
        return page.count("| предупреждение |"), page.rpartition("|\n")[2]

    assert rows(500) == (500, "")
    assert rows(502) == (500, "\nИ ещё 2: они в журнале задания.\n")


def test_json_has_every_field_and_counts_each_severity() -> None:
    told = json.loads(render("json", EVERY, {"files": 3}, lambda _: None))
    assert told["summary"] == {"files": 3, "info": 1, "warning": 1, "error": 2, "fatal": 1}
    assert told["findings"][0] == {
        "code": "PLAIN_CODE", "severity": "warning", "path": "records/b.yaml", "line": 2,
        "column": 3, "pointer": "/a", "commit": "", "message": "Что-то не так",
        "hint": "Сделайте так.",
        "instead": "",
    }  # fmt: skip
    assert told["findings"][2]["commit"].startswith("0123456789abcdef")


def test_sarif_has_rules_levels_and_places() -> None:
    told = json.loads(render("sarif", EVERY, {}, lambda _: None))
    assert (told["$schema"], told["version"]) == (
        "https://json.schemastore.org/sarif-2.1.0.json",
        "2.1.0",
    )
    (ran,) = told["runs"]
    assert ran["tool"] == {
        "driver": {
            "name": "papka",
            "version": __version__,
            "rules": [
                {
                    "id": "PLAIN_CODE",
                    "fullDescription": {"text": "Потому что."},
                    "defaultConfiguration": {"level": "error"},
                }
            ],
        }
    }
    said = {"ruleId": "PLAIN_CODE", "message": {"text": "Что-то не так Сделайте так."}}

    def place(uri: str, **region: int) -> dict[str, object]:
        found: dict[str, object] = {"artifactLocation": {"uri": uri}}
        return found | ({"region": region} if region else {})

    def commit(name: str) -> list[dict[str, str]]:
        return [{"fullyQualifiedName": name, "kind": "commit"}]

    assert ran["results"] == [
        said | {
            "level": "warning",
            "locations": [
                {"physicalLocation": place("records/b.yaml", startLine=2, startColumn=3)}
            ],
        },
        {
            "ruleId": "PLAIN_CODE", "level": "error", "message": {"text": "Что-то не так"},
            "locations": [
                {"physicalLocation": place("records/a.yaml", startLine=1, startColumn=1)}
            ],
        },
        said | {
            "level": "note",
            "locations": [{"logicalLocations": commit(EVERY[2].where.commit)}],
        },
        said | {
            "level": "error",
            "locations": [
                {
                    "physicalLocation": place("records/c%20d.yaml"),
                    "logicalLocations": commit("f" * 40),
                }
            ],
        },
        said | {"level": "error"},
    ]  # fmt: skip
