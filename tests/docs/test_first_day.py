"""docs/first-day.md is true: what it says is typed into a terminal 80 columns wide, and no more.

The page is of one day and year; the test's are put in their place. The transcript is a snapshot:
a change of a question's wording has to be read (`--update-snapshots` accepts it).
"""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest

from tests.support.archives import PROJECT
from tests.support.terminal import Exchange, in_dialogue
from tests.support.year import words_of

PAGE = (PROJECT / "docs" / "first-day.md").read_text("utf-8")
TRANSCRIPT = PROJECT / "tests" / "docs" / "snapshots" / "first-day.txt"
DAY, YEAR = "01.09.2026", "2026"
NOTHING = "(пусто)"
_UNLIKE = (
    (r"SHA256:[\w+/]{43}", "SHA256:…"),
    (r"\b[0-9a-f]{40}\b", "…"),
    (r"(сохранение|--rev) [0-9a-f]{12}", r"\1 …"),
)


def sessions(today: dt.date) -> list[tuple[str, list[Exchange]]]:
    """Each command of the page with its questions and answers, of today."""
    found: list[tuple[str, list[Exchange]]] = []
    for block in re.findall(r"(?ms)^```console\n(.*?)^```", PAGE):
        said = block.replace(DAY, f"{today:%d.%m.%Y}").replace(YEAR, f"{today.year}")
        for line in said.splitlines():
            if line.startswith("$ "):
                found.append((line[2:], []))
            else:
                question, arrow, answer = line.partition(" > ")
                assert arrow, line
                found[-1][1].append((question, "" if answer == NOTHING else answer))
    return found


def test_a_clerk_who_types_what_the_page_says_holds_a_personal_file(
    tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    today = dt.datetime.now().astimezone().date()
    folder, transcript = tmp_path, []
    for command, exchanges in sessions(today):
        words = command.split()
        if words[0] == "cd":
            folder /= words[1]
            transcript.append(f"$ {command}\n")
            continue
        ran = in_dialogue(words[1:], exchanges, folder=folder)
        transcript.append(f"$ {command}\n{ran.out}")
        assert ran.code == 0, transcript[-1]
    printed = words_of(folder / f"print/personal-file-{today.year}-0001.pdf")
    for said in (
        f"Личное дело № {today.year}-0001",
        "Абрикосова Варвара Ильинична",
        "Индивидуальный предприниматель Ландышева Зоя Зиновьевна",
        "мать Абрикосова Любовь +79000000055",
        f"приказ № 2-з от {today:%d.%m.%Y}",
    ):
        assert said in printed
    told = _likened("\n".join(transcript), today, tmp_path)
    if pytestconfig.getoption("--update-snapshots"):
        TRANSCRIPT.parent.mkdir(exist_ok=True)
        TRANSCRIPT.write_text(told, "utf-8")
    assert told == TRANSCRIPT.read_text("utf-8")


def test_the_page_leaves_no_question_unanswered_and_names_no_other_command() -> None:
    fences = re.findall(r"(?m)^```(\w*)$", PAGE)
    assert set(fences) == {"console", ""}
    assert [command for command, _ in sessions(dt.date(2026, 9, 1))][-1].startswith("papka print")


def _likened(text: str, today: dt.date, folder: Path) -> str:
    """Without what differs from run to run: keys, commits, the day, where the folder lies."""
    for pattern, put in _UNLIKE:
        text = re.sub(pattern, put, text)
    text = text.replace(f"{folder}", "…").replace(f"{today:%d.%m.%Y}", DAY)
    day, month, year = DAY.split(".")
    text = text.replace(f"{today}", f"{year}-{month}-{day}")
    return re.sub(rf"\b{today.year}(?=[-/]\d{{4}}\b)", YEAR, text)
