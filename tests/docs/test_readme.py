"""The README shows what really happens, in the order a newcomer needs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.archives import PROJECT
from tests.support.command import Ran

README = PROJECT / "README.md"
BLOCK = re.compile(r"<!-- demo -->\n```text\n(.*?)```\n<!-- /demo -->", re.DOTALL)


def told(folder: Path, ran: Ran) -> str:
    """The demo's output with what differs from run to run taken out."""
    text = ran.out.replace(str(folder.resolve()), "demo").replace(str(folder), "demo")
    text = re.sub(r"SHA256:[\w+/=]{43}", "SHA256:…", text)
    text = re.sub(r"(?:[0-9a-f]{8} ){7}[0-9a-f]{8}", "e7d2dd6e …", text)
    text = re.sub(r"за \d+ с\.", "за 5 с.", text)
    return text.replace("\u00a0", " ").strip() + "\n"


def test_the_readme_shows_what_the_demo_prints(
    demo: tuple[Path, Ran], request: pytest.FixtureRequest
) -> None:
    shown = told(*demo)
    readme = README.read_text(encoding="utf-8")
    if request.config.getoption("--update-snapshots"):
        block = f"<!-- demo -->\n```text\n{shown}```\n<!-- /demo -->"
        README.write_text(BLOCK.sub(lambda _: block, readme), encoding="utf-8")
        return
    found = BLOCK.search(readme)
    assert found is not None
    assert found[1] == shown


def test_both_commands_come_before_anything_else_is_explained() -> None:
    readme = README.read_text(encoding="utf-8")
    places = [
        readme.index(text)
        for text in (
            "python3 tools/start.py demo",
            "python3 tools/start.py test",
            "<!-- demo -->",
            "![",
            "papka init ../school",
            "## Куда дальше",
        )
    ]
    assert places == sorted(places)


def test_every_link_of_the_docs_leads_somewhere() -> None:
    for page in (README, *sorted((PROJECT / "docs").glob("*.md"))):
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
