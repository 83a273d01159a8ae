"""The rules of the house, judged from source text alone: who may import what, and who may act.

Invariant: `breaches` reads nothing itself; it takes {path below tools/: source} and returns one
sentence a breach, so that every rule is proven on a small bad example.
Absent on purpose: a list of exceptions. A breach is mended, or a rule is changed here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

ROWS = (
    *("core", "text", "model", "checks", "integrity", "merging", "views", "intake"),
    *("gates", "tasks", "cli"),
)
PURE = frozenset(ROWS[: ROWS.index("gates")])
LINES = 300

# what imports it -> who may, as path prefixes below tools/papka/
GATED = {
    "yaml": ("text/document.py",),
    "jsonschema": ("text/schemas.py",),
    "jsonschema_rs": ("text/schemas.py",),
    "referencing": ("text/schemas.py",),
    "msgspec": ("model/",),
    "git": ("gates/git/",),
    "gitdb": ("gates/git/",),
    "subprocess": ("gates/git/",),
    "cryptography": ("gates/signing.py", "integrity/"),
    "jinja2": ("gates/html.py", "gates/sandbox.py"),
    "weasyprint": ("gates/pdf.py",),
    "filelock": ("gates/lock.py",),
    "fontTools": ("gates/glyphs.py",),
    "pytrovich": ("views/inflection.py",),
    "segno": ("views/qr_code.py",),
    "zxingcpp": ("gates/barcodes.py",),
    "pypdfium2": ("gates/drawing.py", "gates/pages.py", "gates/redrawing.py", "gates/scans.py"),
    "PIL": (
        "gates/barcodes.py",
        "gates/drawing.py",
        "gates/pages.py",
        "gates/redrawing.py",
        "gates/scans.py",
    ),
    "python_calamine": ("gates/sheets/",),
    "xlsxwriter": ("gates/sheets/",),
    "csv": ("gates/sheets/",),
    "xml": ("gates/sheets/",),
    "zipfile": ("gates/sheets/", "gates/zipped.py"),
    "click": ("cli/",),
}
# within a shared prefix, only so many modules
ONE_OF = {"cryptography": "integrity/"}

_WORLD = frozenset(
    (
        *("os", "io", "pathlib", "shutil", "tempfile", "glob", "sys", "platform", "locale"),
        *("time", "random", "secrets", "uuid", "getpass", "logging"),
        *("socket", "urllib", "http", "ssl"),
        *("signal", "threading", "multiprocessing", "concurrent", "asyncio", "ctypes"),
    )
)
_PURE_PATHS = frozenset({"PurePath", "PurePosixPath", "PureWindowsPath"})
_ACTS = frozenset({"open", "print", "input", "breakpoint", "__import__"})
_CLOCK = frozenset({"today", "now", "utcnow"})
_NAMELESS = re.compile(r"(.*_)?(utils?|helpers?|managers?|base|common|misc|tools)\.py")


class Import(NamedTuple):
    """One imported name, as dotted as the source tells, and its line."""

    target: str
    names: tuple[str, ...]
    line: int


def breaches(sources: Mapping[str, str]) -> list[str]:
    """Every breach, sorted; `sources` are {"papka/core/errors.py": text}."""
    trees = {path: ast.parse(text) for path, text in sources.items()}
    found = [line for path, text in sources.items() for line in _shape(path, text, trees[path])]
    for path, tree in trees.items():
        row = _row(path)
        found += _rows(path, row, tree)
        if path.startswith("papka/"):
            found += _gates(path, tree)
        if row in PURE:
            found += _purity(path, tree)
    return sorted([*found, *_crowds(trees), *_cycle(trees)])


def _row(path: str) -> str:
    """The row a module stands in; the package's own top modules stand in none."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def _shape(path: str, text: str, tree: ast.Module) -> Iterator[str]:
    lines = text.count("\n")
    if lines > LINES:
        yield f"{path}: {lines} lines, at most {LINES}"
    if tree.body and ast.get_docstring(tree) is None:
        yield f"{path}: no module docstring"
    if _NAMELESS.fullmatch(path.rpartition("/")[2]):
        yield f"{path}: the name says nothing"


def _imports(tree: ast.Module) -> Iterator[Import]:
    """All of them, those inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, (), node.lineno)
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            yield Import("." * node.level + (node.module or ""), names, node.lineno)


def _rows(path: str, row: str, tree: ast.Module) -> Iterator[str]:
    for target, names, line in _imports(tree):
        if target.startswith("."):
            yield f"{path}:{line}: a relative import hides its row"
            continue
        parts = target.split(".")
        if parts[0] != "papka" or not row:
            continue
        for other in parts[1:2] or [name for name in names if name in ROWS]:
            if not _may(row, other):
                yield f"{path}:{line}: {row} may not import {other}"


def _may(row: str, other: str) -> bool:
    if row not in ROWS or other not in ROWS:
        return False
    if row == "gates":
        return other in {"core", "gates"}
    return ROWS.index(other) <= ROWS.index(row)


def _gates(path: str, tree: ast.Module) -> Iterator[str]:
    inside = path.removeprefix("papka/")
    for target, _, line in _imports(tree):
        library = target.split(".")[0]
        if library in GATED and not inside.startswith(GATED[library]):
            yield f"{path}:{line}: {library} is imported only by {', '.join(GATED[library])}"


def _crowds(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    for library, prefix in ONE_OF.items():
        users = [
            path
            for path, tree in trees.items()
            if path.startswith(f"papka/{prefix}")
            and any(each.target.split(".")[0] == library for each in _imports(tree))
        ]
        if len(users) > 1:
            yield f"{', '.join(sorted(users))}: only one of {prefix} may import {library}"


def _purity(path: str, tree: ast.Module) -> Iterator[str]:
    for target, names, line in _imports(tree):
        top = target.split(".")[0]
        if top in _WORLD and not (top == "pathlib" and names and _PURE_PATHS.issuperset(names)):
            yield f"{path}:{line}: {top} belongs to gates"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in _ACTS:
            yield f"{path}:{node.lineno}: {called.id}() acts on the world"
        if isinstance(called, ast.Attribute) and called.attr in _CLOCK:
            yield f"{path}:{node.lineno}: .{called.attr}() reads the clock"


def _cycle(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    modules = {_dotted(path): path for path in trees}
    graph = {name: set(_reached(trees[path], modules)) - {name} for name, path in modules.items()}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"import cycle: {' -> '.join(error.args[1])}"


def _dotted(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _reached(tree: ast.Module, modules: Mapping[str, str]) -> Iterator[str]:
    for target, names, _ in _imports(tree):
        submodules = [f"{target}.{name}" for name in names if f"{target}.{name}" in modules]
        yield from submodules
        if target in modules and len(submodules) < max(len(names), 1):
            yield target
