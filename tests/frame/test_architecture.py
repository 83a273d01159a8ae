"""The house stands as docs say, and each of its rules can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.frame.house import EDGES, GATED, GATES, JOBS, LEAST, SMALL, breaches

TOOLS = Path(__file__).resolve().parents[2] / "tools"
SLOW = {
    "weasyprint",
    "git",
    "jsonschema",
    "jsonschema_rs",
    "cryptography",
    "jinja2",
    "yaml",
    "msgspec",
}
SLOW |= {"subprocess"}


def sources(package: str) -> dict[str, str]:
    """Path below tools/ -> text, of every module of a package."""
    files = sorted((TOOLS / package).rglob("*.py"))
    return {file.relative_to(TOOLS).as_posix(): file.read_text("utf-8") for file in files}


def test_package_keeps_the_house_rules() -> None:
    assert breaches(sources("papka")) == []


def test_no_list_of_the_rules_names_what_is_gone() -> None:
    there = sources("papka")
    named = {*GATES, *JOBS, *SMALL, *(path for paths in GATED.values() for path in paths)}
    gone = {each for each in named if not any(file.startswith(f"papka/{each}") for file in there)}
    assert gone == set()
    assert {path for path in SMALL if there[f"papka/{path}"].count("\n") >= LEAST} == set()


def test_every_edge_between_features_is_walked() -> None:
    text: dict[str, str] = {}
    for path, source in sources("papka").items():
        row = path.split("/")[1]
        text[row] = text.get(row, "") + source
    walked = {edge for edge in EDGES if f"from papka.{edge[1]}" in text[edge[0]]}
    assert walked == EDGES


def test_setup_keeps_the_rules_of_shape() -> None:
    assert breaches({**sources("starting"), "start.py": (TOOLS / "start.py").read_text()}) == []


BODY = "x = 1\n" * LEAST
"""Lines that break no rule."""
BAD = {
    "records import repository": (
        {"papka/records/a.py": "import papka.repository.store\n"},
        "papka/records/a.py:1: records may not import repository",
    ),
    "folder named by from": (
        {"papka/core/a.py": "from papka import cli\n"},
        "papka/core/a.py:1: core may not import cli",
    ),
    "an edge that is not listed": (
        {"papka/paper/a.py": "import papka.intake.marks\n"},
        "papka/paper/a.py:1: paper may not import intake",
    ),
    "unknown folder": (
        {"papka/extra/a.py": "import papka.core\n"},
        "papka/extra/a.py:1: extra may not import core",
    ),
    "relative": (
        {"papka/core/a.py": "from . import findings\n"},
        "papka/core/a.py:1: a relative import hides its folder",
    ),
    "second importer of yaml": (
        {"papka/records/editing.py": "import yaml.nodes\n"},
        "papka/records/editing.py:1: yaml is imported only by records/strict_yaml.py",
    ),
    "weasyprint outside its gate": (
        {"papka/cli/a.py": "x = lambda: __import__\nfrom weasyprint import HTML\n"},
        "papka/cli/a.py:2: weasyprint is imported only by paper/pdf.py",
    ),
    "file read by a form": (
        {"papka/paper/forms/a.py": "open('x')\n"},
        "papka/paper/forms/a.py:1: open() acts on the world",
    ),
    "disk asked by a check": (
        {"papka/checks/a.py": "x = path.exists()\n"},
        "papka/checks/a.py:1: .exists() asks the disk",
    ),
    "environment in core": (
        {"papka/core/a.py": "import os\n"},
        "papka/core/a.py:1: os belongs to gates",
    ),
    "clock in intake": (
        {"papka/intake/a.py": "import datetime as dt\nx = dt.date.today()\n"},
        "papka/intake/a.py:2: .today() reads the clock",
    ),
    **{
        name: (
            {"papka/repository/gitpython.py": f"from git import Repo\n{use}\n"},
            f"papka/repository/gitpython.py:2: {told}",
        )
        for name, use, told in (
            ("settings written", "x = remote.config_writer", "remote.config_writer of GitPython"),
            ("index saved", "repo.index.commit('x')", "index.commit of GitPython"),
            ("trees written", "repo.index.write_tree()", "index.write_tree of GitPython"),
            ("branch moved", "repo.head.set_commit(x)", "head.set_commit of GitPython"),
            ("status", "x = repo.untracked_files", "repo.untracked_files of GitPython"),
            ("another status", "x = repo.is_dirty()", "repo.is_dirty of GitPython"),
            ("paths listed", "x = commit.tree.traverse()", "tree.traverse of GitPython"),
            ("stock repository", "x = Repo('.')", "the stock Repo"),
            ("stock repository made", "x = Repo.init('.')", "the stock Repo"),
            ("stock repository by module", "x = git.Repo('.')", "the stock Repo"),
        )
    },
    "the library of git from the start": (
        {"papka/repository/a.py": "from papka.repository import gitpython\n"},
        "papka/repository/a.py:1: papka.repository.gitpython is imported inside functions",
    ),
    "cycle": (
        {
            "papka/core/a.py": "import papka.core.b\n",
            "papka/core/b.py": "x = 1\ndef f():\n    from papka.core import a\n",
        },
        "import cycle: ",
    ),
    "namesakes": (
        {"papka/core/a.py": "", "papka/cli/a.py": ""},
        "papka/cli/a.py, papka/core/a.py: one name",
    ),
    "classes of one name": (
        {"papka/core/a.py": "x = 1\nclass A: ...\n", "papka/cli/b.py": "x = 1\nclass A: ...\n"},
        "papka/cli/b.py, papka/core/a.py: one class name, A",
    ),
    "a rule about a step that nobody gathers": (
        {
            "papka/checks/a.py": "x = 1\ndef compare_all(before: Archive, after: Archive): ...\n",
            "papka/checks/rules.py": "from papka.checks import a\n",
        },
        "papka/checks/a.py:2: compare_all never runs",
    ),
    "a rule about a state that nobody gathers": (
        {
            "papka/checks/a.py": "x = 1\ndef check_all(archive: Archive): ...\n",
            "papka/checks/rules.py": "from papka.checks import b\n",
            "papka/checks/b.py": "x = 1\ndef check_more(archive: Archive): ...\n",
        },
        "papka/checks/a.py:2: check_all never runs",
    ),
    "nameless module": (
        {"papka/core/text_utils.py": ""},
        "papka/core/text_utils.py: the name says nothing",
    ),
}
LONE = {
    "closet": (
        {"papka/core/a.py": "'''.'''\n"},
        f"papka/core/a.py: 1 lines, at least {LEAST} or a reason in SMALL",
    ),
    "no docstring": ({"papka/core/a.py": BODY}, "papka/core/a.py: no module docstring"),
}


def whole(sources: dict[str, str]) -> dict[str, str]:
    """The same lines with a docstring before them, and lines enough."""
    return {path: f"'''.''';{text}{BODY}" for path, text in sources.items()}


CASES = {**{name: (whole(bad), told) for name, (bad, told) in BAD.items()}, **LONE}


@pytest.mark.parametrize(("sources", "expected"), CASES.values(), ids=CASES.keys())
def test_each_rule_catches_its_breach(sources: dict[str, str], expected: str) -> None:
    found = breaches(sources)
    assert len(found) == 1
    assert found[0].startswith(expected)


GOOD = {
    **whole(
        {
            "papka/core/a.py": "from pathlib import Path\n",
            "papka/paper/pdf.py": "import os, weasyprint, papka.core.a\n",
            "papka/desk/b.py": "import papka.paper.pdf\n",
            "papka/cli/c.py": "import click, os\nfrom papka.paper import pdf\nprint(1)\n",
        }
    ),
    "papka/cli/__init__.py": "",
}


def test_lawful_modules_pass() -> None:
    assert breaches(GOOD) == []


def _loaded_after(program: str) -> set[str]:
    """Which of the slow libraries a fresh interpreter holds after the program."""
    probe = f"import sys\ntry:\n    {program}\nexcept SystemExit:\n    pass\n"
    probe += "print('', *sys.modules, file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", probe, "--help"],
        env={"PYTHONPATH": str(TOOLS), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
    )
    return set(done.stderr.decode().split()) & SLOW


def test_help_imports_no_slow_library() -> None:
    assert _loaded_after("from papka.cli.main import main; main()") == set()


@pytest.mark.parametrize(
    ("commands", "needed"),
    [("show, find, check, status", set[str]()), ("save, sync, add", {"cryptography"})],
)
def test_daily_commands_import_no_library_that_they_may_not_need(
    commands: str, needed: set[str]
) -> None:
    allowed = {"subprocess", "yaml", "msgspec", "jsonschema_rs"} | needed
    assert _loaded_after(f"from papka.cli import {commands}") <= allowed


def test_the_probe_sees_a_slow_library() -> None:
    assert _loaded_after("import yaml, papka") == {"yaml"}
