"""The house stands as docs say, and each of its rules can fail."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.frame.house import LINES, breaches

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


def _sources(package: str) -> dict[str, str]:
    files = sorted((TOOLS / package).rglob("*.py"))
    return {file.relative_to(TOOLS).as_posix(): file.read_text("utf-8") for file in files}


def test_package_keeps_the_house_rules() -> None:
    assert breaches(_sources("papka")) == []


def test_setup_keeps_the_rules_of_shape() -> None:
    assert breaches({**_sources("starting"), "start.py": (TOOLS / "start.py").read_text()}) == []


BAD = {
    "model imports gates": (
        {"papka/model/a.py": "'''.'''\nfrom papka.gates import lock\n"},
        "papka/model/a.py:2: model may not import gates",
    ),
    "row named by from": (
        {"papka/core/a.py": "'''.'''\nfrom papka import cli\n"},
        "papka/core/a.py:2: core may not import cli",
    ),
    "gates import text": (
        {"papka/gates/a.py": "'''.'''\ndef f():\n    import papka.text.document\n"},
        "papka/gates/a.py:3: gates may not import text",
    ),
    "unknown row": (
        {"papka/extra/a.py": "'''.'''\nimport papka.core\n"},
        "papka/extra/a.py:2: extra may not import core",
    ),
    "relative": (
        {"papka/core/a.py": "'''.'''\nfrom . import findings\n"},
        "papka/core/a.py:2: a relative import hides its row",
    ),
    "second importer of yaml": (
        {"papka/text/edit.py": "'''.'''\nimport yaml.nodes\n"},
        "papka/text/edit.py:2: yaml is imported only by text/document.py",
    ),
    "weasyprint outside its gate": (
        {"papka/cli/a.py": "'''.'''\ndef f():\n    from weasyprint import HTML\n"},
        "papka/cli/a.py:3: weasyprint is imported only by gates/pdf.py",
    ),
    "two of integrity verify": (
        {
            "papka/integrity/a.py": "'''.'''\nimport cryptography\n",
            "papka/integrity/b.py": "'''.'''\nimport cryptography\n",
        },
        "papka/integrity/a.py, papka/integrity/b.py: only one of integrity/ may import crypto",
    ),
    "file read by a view": (
        {"papka/views/a.py": "'''.'''\nopen('x')\n"},
        "papka/views/a.py:2: open() acts on the world",
    ),
    "path in a check": (
        {"papka/checks/a.py": "'''.'''\nfrom pathlib import Path\n"},
        "papka/checks/a.py:2: pathlib belongs to gates",
    ),
    "environment in core": (
        {"papka/core/a.py": "'''.'''\nimport os\n"},
        "papka/core/a.py:2: os belongs to gates",
    ),
    "clock in intake": (
        {"papka/intake/a.py": "'''.'''\nimport datetime as dt\nx = dt.date.today()\n"},
        "papka/intake/a.py:3: .today() reads the clock",
    ),
    "cycle": (
        {
            "papka/core/a.py": "'''.'''\nimport papka.core.b\n",
            "papka/core/b.py": "'''.'''\ndef f():\n    from papka.core import a\n",
        },
        "import cycle: ",
    ),
    "nameless module": (
        {"papka/core/text_utils.py": "'''.'''\n"},
        "papka/core/text_utils.py: the name says nothing",
    ),
    "long module": (
        {"papka/core/a.py": "'''.'''\n" + "x = 1\n" * LINES},
        f"papka/core/a.py: {LINES + 1} lines, at most {LINES}",
    ),
    "no docstring": ({"papka/core/a.py": "x = 1\n"}, "papka/core/a.py: no module docstring"),
}


@pytest.mark.parametrize(("sources", "expected"), BAD.values(), ids=BAD.keys())
def test_each_rule_catches_its_breach(sources: dict[str, str], expected: str) -> None:
    found = breaches(sources)
    assert len(found) == 1
    assert found[0].startswith(expected)


GOOD = {
    "papka/core/a.py": "'''.'''\nfrom pathlib import PurePosixPath\n",
    "papka/gates/pdf.py": "'''.'''\nimport os\nimport papka.core.a\nimport weasyprint\n",
    "papka/cli/b.py": "'''.'''\nimport click\nfrom papka.gates import pdf\n",
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


def test_the_probe_sees_a_slow_library() -> None:
    assert _loaded_after("import yaml, papka") == {"yaml"}
