"""The README shows what really happens, in the order a newcomer needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.archives import PROJECT
from tests.support.command import Ran

README = PROJECT / "README.md"
BLOCK = re.compile(r"<!-- demo -->\n```text\n(.*?)```\n<!-- /demo -->", re.DOTALL)


def told(folder: Path, out: str) -> str:
    """The demo's output with what differs from run to run taken out."""
    text = out.replace(str(folder.resolve()), "demo").replace(str(folder), "demo")
    text = re.sub(r"SHA256:[\w+/=]{43}", "SHA256:…", text)
    text = re.sub(r"(?:[0-9a-f]{8} ){7}[0-9a-f]{8}", "e7d2dd6e …", text)
    text = re.sub(r"за \d+ с\.", "за 5 с.", text)
    return text.replace("\u00a0", " ").strip() + "\n"


def shape(text: str) -> str:
    """The same without counts that any new file of the sample, a schema or a form changes."""
    text = re.sub(r"\d+ (личн|файл|объект|страниц)\w*( дел\w*)?", r"… \1", text)
    return re.sub(r"(дела|записи): \d+", r"\1: …", text)


def shown() -> str:
    found = BLOCK.search(README.read_text(encoding="utf-8"))
    assert found is not None
    return found[1]


def test_the_readme_shows_what_the_demo_prints(
    demo: tuple[Path, Ran], request: pytest.FixtureRequest
) -> None:
    folder, ran = demo
    # a newcomer calls the program by the place that the first command has put it
    now = re.sub(r"(?m)^(\$ |    )papka ", r"\1.venv/bin/papka ", told(folder, ran.out))
    if request.config.getoption("--update-snapshots"):
        block = f"<!-- demo -->\n```text\n{now}```\n<!-- /demo -->"
        readme = README.read_text(encoding="utf-8")
        README.write_text(BLOCK.sub(lambda _: block, readme), encoding="utf-8")
    assert shape(shown()) == shape(now)


def test_only_counts_are_let_pass() -> None:
    """What the comparison above leaves out is small enough to be listed."""
    some = "275 файлов, 22 личных дела\n8 сохранений, 547 объектов\nПрочие записи: 5"
    more = "276 файлов, 23 личных дела\n8 сохранений, 551 объект\nПрочие записи: 6"
    assert shape(some) == shape(more)
    for other in ("1 замечание", "9 сохранений, 547 объектов", "пломба № 0002", "5 подписей"):
        assert shape(f"{some}\n{other}") != shape(some)
        assert re.sub(r"\D", "", other)[0] in shape(other)


def test_both_commands_come_before_anything_else_is_explained() -> None:
    readme = README.read_text(encoding="utf-8")
    places = [
        readme.index(text)
        for text in (
            "python3 tools/start.py demo",
            "python3 tools/start.py test",
            "![Страница «Сегодня» в браузере",
            "<!-- demo -->",
            "![Страницы личного дела",
            "python3 tools/start.py install",
            "papka init ../school",
            "## Где это работает",
            "## Куда дальше",
            "## For contributors",
        )
    ]
    assert places == sorted(places)


def test_every_link_of_the_docs_leads_somewhere() -> None:
    for page in (README, *sorted((PROJECT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
