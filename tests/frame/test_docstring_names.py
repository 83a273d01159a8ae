"""What a docstring has in backticks is there: a name that was changed is changed in words too."""

from __future__ import annotations

import ast
import builtins
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath

import pytest

from tests.frame.test_architecture import sources
from tests.support.archives import PROJECT

_QUOTED = re.compile(r"`(?:(?P<of>\w+)\.)?(?P<name>[A-Za-z_]\w*)(?:\(\))?`")
_ENDINGS = {"json", "yaml", "css", "py"}
FOREIGN = {
    *("gcc", "ld", "sha256sum"),  # programs
    *("insteadOf", "pushurl", "mergetool"),  # settings of git
    "allowed_signers",  # a file of its own
}
"""Names of other programs."""


def missing(files: Mapping[str, str]) -> list[str]:
    """Every name in a docstring that neither its module, nor one it imports, nor the records have.

    `files` are {"papka/core/errors.py": text}; a name after a dot is looked for in its module. A
    name of a local variable alone is no name to tell a reader.
    """
    trees = {path: ast.parse(text) for path, text in files.items()}
    modules = {PurePosixPath(path.removesuffix("/__init__.py")).stem: path for path in files}
    public = {path: set(_list_defined(tree)) for path, tree in trees.items()}
    keys = set(_list_keys())
    found = []
    for path, tree in trees.items():
        near = {*_list_words(tree), *modules, *FOREIGN, *keys, *vars(builtins)}
        for other in _list_imported(tree, modules):
            near |= public[other]
        for line, text in _list_docstrings(tree):
            for match in _QUOTED.finditer(text):
                of, name = match["of"], match["name"]
                if of in modules and name not in _ENDINGS:
                    known: set[str] = public[modules[of]] | set(modules)
                else:
                    known = near if of is None else {name}
                if name not in known:
                    found.append(f"{path}:{line}: {match[0]}")
    return found


def _list_docstrings(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of every docstring, those below a value too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            text = node.value.value
            if isinstance(text, str):
                yield node.lineno, text


def _list_words(tree: ast.Module) -> Iterator[str]:
    """Yield what the code of a module speaks of: names but for local ones, words as values."""
    yield from _list_defined(tree)
    for node in ast.walk(tree):
        for field in ("attr", "arg", "name", "asname", "value"):
            if isinstance(word := getattr(node, field, None), str):
                yield word.rpartition(".")[2]


def _list_defined(tree: ast.Module) -> Iterator[str]:
    """Yield what a module defines for others: functions, classes, their members, constants."""
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            yield node.name
        if isinstance(node, (ast.Module, ast.ClassDef)):
            for each in node.body:
                if isinstance(each, (ast.Assign, ast.AnnAssign)):
                    targets = each.targets if isinstance(each, ast.Assign) else [each.target]
                    named = [inner for target in targets for inner in ast.walk(target)]
                    yield from (inner.id for inner in named if isinstance(inner, ast.Name))


def _list_imported(tree: ast.Module, modules: Mapping[str, str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("papka"):
            words = [(node.module or "").rpartition(".")[2], *(each.name for each in node.names)]
            yield from (modules[word] for word in words if word in modules)


def _list_keys() -> Iterator[str]:
    """Yield every key that records may have."""
    for file in (PROJECT / "schema").glob("*.json"):
        yield from _list_properties(json.loads(file.read_text("utf-8")))


def _list_properties(schema: object) -> Iterator[str]:
    if isinstance(schema, dict):
        yield from (*schema.get("properties", ()), *schema.get("$defs", ()))
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            yield from _list_properties(inner)


def test_docstrings_name_what_is_there() -> None:
    assert missing(sources("papka")) == []


@pytest.mark.parametrize(
    ("docstring", "is_there"),
    [
        ("See `gone`.", False),
        ("See `gone()`.", False),
        ("See `other.gone`.", False),
        ("See `here`, `here()`, `other.there`, `other`, `student.yaml`.", True),
    ],
)
def test_a_name_that_is_gone_is_found(docstring: str, *, is_there: bool) -> None:
    files = {
        "papka/core/some.py": f'"""{docstring}"""\n\ndef here(): ...\n',
        "papka/core/other.py": "def there(): ...\n\ndef nearby():\n    gone = 1\n",
    }
    assert (missing(files) == []) is is_there
