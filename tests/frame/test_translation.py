"""Click speaks Russian: every sentence of the installed click has its translation."""

from __future__ import annotations

import ast
import io
import os
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

TOOLS = Path(__file__).resolve().parents[2] / "tools"
CATALOGUE = TOOLS / "papka/cli/locale/ru/LC_MESSAGES/messages.po"
Sentence = str | tuple[str, str]

# passed to gettext as a value, so that it stands nowhere as a literal argument
INDIRECT = {"required"}


def _catalogue() -> Catalog:
    return read_po(io.BytesIO(CATALOGUE.read_bytes()), locale="ru", domain="messages")


def _spoken(tree: ast.Module) -> Iterator[Sentence]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        words = [each.value for each in node.args if isinstance(each, ast.Constant)]
        if node.func.id in {"_", "gettext"} and words:
            yield str(words[0])
        if node.func.id == "ngettext":
            yield str(words[0]), str(words[1])


def _sentences() -> set[Sentence]:
    files = Path(click.__file__).parent.glob("*.py")
    return {each for file in files for each in _spoken(ast.parse(file.read_text("utf-8")))}


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_sentence_of_click_is_translated() -> None:
    spoken = _sentences() | INDIRECT
    assert len(spoken) > 50
    translated = {message.id for message in _catalogue() if message.id and message.string}
    assert spoken - translated == set()
    assert translated - spoken == set(), "click no longer says these"


def test_translations_ask_for_no_word_that_click_does_not_give() -> None:
    for message in _catalogue():
        known = set().union(*map(_fields, _every(message.id)))
        for said in _every(message.string):
            assert said
            assert _fields(said) <= known


def _every(said: str | list[str] | tuple[str, ...] | None) -> tuple[str, ...]:
    return (said,) if isinstance(said, str) else tuple(said or ())


def test_compiled_catalogue_is_the_written_one() -> None:
    compiled = io.BytesIO()
    write_mo(compiled, _catalogue())
    assert CATALOGUE.with_suffix(".mo").read_bytes() == compiled.getvalue()


@pytest.mark.parametrize("lang", ["C", "C.UTF-8", "en_US.UTF-8", "ru_RU.UTF-8", ""])
def test_click_speaks_russian_whatever_the_shell(lang: str) -> None:
    program = (
        "from papka.cli.options import use_russian; use_russian()\n"
        "import click; click.Command('x', params=[click.Argument(['a'])])(['1', '2'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PATH": os.defpath, "LANG": lang, "PYTHONPATH": str(TOOLS), "PYTHONUTF8": "1"},
        capture_output=True,
        check=False,
    )
    assert "Ошибка: Лишний аргумент (2)" in done.stderr.decode()


def test_importing_the_module_changes_nothing() -> None:
    program = (
        "import os, gettext; before = dict(os.environ)\n"
        "import papka.cli.options\n"
        "assert dict(os.environ) == before and gettext.textdomain() == 'messages'\n"
        "assert gettext.bindtextdomain('messages') == gettext.bindtextdomain('other')"
    )
    subprocess.run([sys.executable, "-c", program], env={"PYTHONPATH": str(TOOLS)}, check=True)
