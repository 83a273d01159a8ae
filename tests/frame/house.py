"""The rules of the house, judged from source text alone: who may import what, and who may act.

`breaches` reads nothing itself; it takes {path below tools/: source} and returns one sentence a
breach, so that every rule is proven on a small bad example.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import NamedTuple

ROWS = ("core", "records", "repository", "checks", "proof")
FEATURES = ("desk", "paper", "intake", "copies")
FOLDERS = frozenset({*ROWS, *FEATURES, "web", "cli"})
EDGES = frozenset(
    {
        *(("desk", "paper"), ("desk", "intake"), ("desk", "copies")),
        *(("paper", "desk"), ("paper", "copies")),
        *(("intake", "desk"), ("intake", "paper")),
        *(("copies", "desk"), ("copies", "paper")),
    }
)
"""Which feature imports another; every feature imports the rows, web also the features, cli all."""

GATES = frozenset(
    {
        "core/installation.py",
        # the archive's own files and repository
        *("repository/files.py", "repository/runner.py", "repository/worktree.py"),
        *("repository/dot_papka.py", "repository/store.py", "repository/handle.py"),
        *("repository/commit_snapshots.py", "repository/commit_writing.py"),
        *("repository/unfinished_work.py", "repository/signing.py", "repository/gitpython.py"),
        *("repository/pruning.py", "repository/purging.py", "repository/byte_search.py"),
        *("repository/packing.py", "repository/derived_store.py", "repository/objects.py"),
        # a suspect store
        *("proof/clean_room.py", "proof/history_reading.py", "proof/memory.py"),
        "proof/examination.py",
        # paper
        *(
            "paper/pdf.py",
            "paper/font_characters.py",
            "paper/print_cache.py",
            "paper/limited_process.py",
            "paper/print_all.py",
        ),
        "paper/page_pictures.py",
        # tables and packages
        *("intake/workbooks.py", "intake/sheet_writing.py", "intake/package_file.py"),
        # other stores, media, servers
        *("copies/mirror_store.py", "copies/transport.py", "copies/media.py"),
        *("copies/salvage.py", "copies/gathering.py", "copies/server.py"),
        "copies/mirror_purging.py",
        "copies/program_wheels.py",
        *("copies/fleet_work.py", "copies/fleet_running.py"),
        # pages in a browser
        *("web/serving.py", "web/face.py", "web/background.py"),
    }
)
"""Modules that reach outside; whatever they are told comes in and goes out as values."""

JOBS = frozenset(
    {
        *("desk/open_records.py", "desk/saving.py", "desk/entries.py", "desk/new_records.py"),
        *("desk/status_report.py", "desk/approval.py", "desk/new_archive.py"),
        *("desk/demo_archive.py", "desk/trust_changes.py", "paper/issuing.py"),
        *("paper/document_origin.py", "paper/verification_protocol.py"),
        *("intake/package_taking.py", "intake/take_plan.py", "intake/people_taking.py"),
        "copies/mirrors.py",
        *("copies/mirror_check.py", "copies/new_commits.py", "copies/backup_plan.py"),
        *("copies/backup_run.py", "copies/healing.py", "copies/restoring.py", "copies/drill.py"),
        "copies/joining.py",
        # whether a bag lies at its place, and the digests of what lies in it
        "copies/bag.py",
    }
)
"""Jobs that ask the disk or chance themselves (does the folder exist, which salt) beside their
gates. None may join without a reason; leaving is welcome."""

# what imports it -> who may, as path prefixes below tools/papka/
GATED = {
    "yaml": ("records/strict_yaml.py",),
    "jsonschema": ("records/schemas.py",),
    "jsonschema_rs": ("records/schemas.py",),
    "referencing": ("records/schemas.py",),
    "msgspec": ("records/",),
    "git": ("repository/gitpython.py",),
    "gitdb": ("repository/gitpython.py",),
    "subprocess": ("repository/runner.py", "web/serving.py", "paper/limited_process.py"),
    "cryptography": ("repository/signing.py", "proof/ssh_signatures.py"),
    "jinja2": ("paper/html.py", "web/site.py"),
    "flask": ("web/",),
    "werkzeug": ("web/",),
    "markupsafe": ("web/site.py",),
    "waitress": ("web/serving.py",),
    "weasyprint": ("paper/pdf.py",),
    "distributed": ("copies/fleet_running.py",),
    "filelock": ("repository/dot_papka.py",),
    "sqlite3": ("repository/derived_store.py",),
    "fontTools": ("paper/font_characters.py",),
    "pytrovich": ("records/name_cases.py",),
    "segno": ("paper/form.py",),
    "zxingcpp": ("paper/page_pictures.py",),
    "pypdfium2": ("paper/page_pictures.py",),
    "PIL": ("paper/page_pictures.py",),
    "python_calamine": ("intake/workbooks.py",),
    "xlsxwriter": ("intake/sheet_writing.py",),
    "csv": (),
    "xml": ("intake/workbooks.py",),
    "zipfile": (
        *("intake/workbooks.py", "intake/package_file.py", "repository/byte_search.py"),
        "copies/program_wheels.py",
    ),
    "click": ("cli/",),
}

LATE = "papka.repository.gitpython"
"""Imported inside the function that needs it: `check`, `status`, `save`, `print` never wait."""
LOSING = frozenset(
    ("config_writer", "write_tree", "set_commit", "untracked_files", "is_dirty", "traverse")
)
"""What GitPython does and must not: it empties the settings first, writes trees that nobody syncs,
moves a branch without comparing, misses hidden edits, or costs a process an object."""

SMALL = {
    "__main__.py": "python -m papka",
    "checks/transitions.py": "who judges steps alone loads no rule about one state",
}
"""Modules under LEAST lines, and why they stand alone."""
LEAST = 40

_WORLD = frozenset(
    (
        *("os", "io", "shutil", "tempfile", "glob", "sys", "platform", "locale"),
        *("time", "random", "secrets", "uuid", "getpass", "logging", "pwd", "resource", "mmap"),
        *("socket", "urllib", "http", "ssl", "pickle"),
        *("signal", "threading", "multiprocessing", "concurrent", "asyncio", "ctypes"),
    )
)
_ACTS = frozenset({"open", "print", "input", "breakpoint", "__import__"})
_CLOCK = frozenset({"today", "now", "utcnow"})
_DISK = frozenset(
    (
        *("read_bytes", "read_text", "write_bytes", "write_text", "mkdir", "rmdir", "unlink"),
        *("exists", "is_file", "is_dir", "is_symlink", "iterdir", "rglob", "glob", "stat", "lstat"),
        *("chmod", "touch", "samefile", "readlink", "expanduser", "cwd", "home"),
    )
)
"""Methods of a path that ask or change the disk."""
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
        found += _rows(path, tree)
        if path.startswith("papka/"):
            found += _gates(path, tree)
            found += _purity(path, tree)
            found += _library_of_git(path, tree)
    found += [*_namesakes(sources), *_twin_classes(trees), *_idle_rules(trees)]
    return sorted([*found, *_cycle(trees)])


def _row(path: str) -> str:
    """The folder a module stands in; the package's own top modules stand in none."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def _shape(path: str, text: str, tree: ast.Module) -> Iterator[str]:
    inside, lines = path.removeprefix("papka/"), text.count("\n")
    is_package = path.endswith("/__init__.py")
    if path.startswith("papka/") and lines < LEAST and not is_package and inside not in SMALL:
        yield f"{path}: {lines} lines, at least {LEAST} or a reason in SMALL"
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


def _rows(path: str, tree: ast.Module) -> Iterator[str]:
    row = _row(path)
    for target, names, line in _imports(tree):
        if target.startswith("."):
            yield f"{path}:{line}: a relative import hides its folder"
            continue
        parts = target.split(".")
        if parts[0] != "papka" or not row:
            continue
        for other in parts[1:2] or [name for name in names if name in FOLDERS]:
            if not may_import(row, other):
                yield f"{path}:{line}: {row} may not import {other}"


def may_import(row: str, other: str) -> bool:
    """Whether a module of one folder may import one of another."""
    if row in {other, "cli"}:
        return True
    if row == "web":
        return other != "cli"
    if row in ROWS:
        return other in ROWS and ROWS.index(other) < ROWS.index(row)
    return row in FEATURES and (other in ROWS or (row, other) in EDGES)


def _gates(path: str, tree: ast.Module) -> Iterator[str]:
    inside = path.removeprefix("papka/")
    for target, _, line in _imports(tree):
        library = target.split(".")[0]
        if library in GATED and not (GATED[library] and inside.startswith(GATED[library])):
            yield f"{path}:{line}: {library} is imported only by {', '.join(GATED[library])}"


def _purity(path: str, tree: ast.Module) -> Iterator[str]:
    inside = path.removeprefix("papka/")
    if inside in GATES or inside in JOBS or _row(path) in {"cli", ""}:
        return
    for target, _, line in _imports(tree):
        top = target.split(".")[0]
        if top in _WORLD:
            yield f"{path}:{line}: {top} belongs to gates"
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in _ACTS:
            yield f"{path}:{node.lineno}: {called.id}() acts on the world"
        if isinstance(called, ast.Attribute) and called.attr in _CLOCK:
            yield f"{path}:{node.lineno}: .{called.attr}() reads the clock"
        if isinstance(called, ast.Attribute) and called.attr in _DISK:
            yield f"{path}:{node.lineno}: .{called.attr}() asks the disk"


def _library_of_git(path: str, tree: ast.Module) -> Iterator[str]:
    """GitPython is used late, on the clean class, and for nothing that it loses or executes."""
    for statement in tree.body:
        if isinstance(statement, ast.FunctionDef) or _is_for_types(statement):
            continue
        for target, names, line in _imports(ast.Module([statement], [])):
            if LATE in {target, *(f"{target}.{name}" for name in names)}:
                yield f"{path}:{line}: {LATE} is imported inside functions"
    stock = "the stock Repo obeys its environment and its store"
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and _name(node.func) == "Repo":
            yield f"{path}:{node.lineno}: {stock}"
        if isinstance(node, ast.Attribute):
            dotted = f"{_name(node.value)}.{node.attr}"
            if node.attr in LOSING or dotted == "index.commit":
                yield f"{path}:{node.lineno}: {dotted} of GitPython loses or executes"
            if _name(node.value) == "Repo":
                yield f"{path}:{node.lineno}: {stock}"


def _is_for_types(statement: ast.stmt) -> bool:
    return isinstance(statement, ast.If) and _name(statement.test) == "TYPE_CHECKING"


def _name(node: ast.expr) -> str:
    """The last word of a dotted name."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _namesakes(sources: Mapping[str, str]) -> Iterator[str]:
    """Two modules of one base name: whoever looks for the file finds two."""
    places: defaultdict[str, list[str]] = defaultdict(list)
    for path in sources:
        if path.startswith("papka/") and not path.endswith("/__init__.py"):
            places[path.rpartition("/")[2]].append(path)
    for paths in places.values():
        if len(paths) > 1:
            yield f"{', '.join(sorted(paths))}: one name"


def _twin_classes(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    """Two classes of one name: whoever reads of one in a message or a log thinks of the other."""
    places: defaultdict[str, set[str]] = defaultdict(set)
    for path, tree in trees.items():
        for node in ast.walk(tree):
            if path.startswith("papka/") and isinstance(node, ast.ClassDef):
                places[node.name].add(path)
    for name, paths in places.items():
        if len(paths) > 1:
            yield f"{', '.join(sorted(paths))}: one class name, {name}"


_GATHERED = {
    "check_": ("papka/checks/rules.py", "papka/checks/transitions.py"),
    "compare_": ("papka/checks/transitions.py",),
}
"""How the name of a rule begins -> the modules that gather such rules from those they import."""


def _idle_rules(trees: Mapping[str, ast.Module]) -> Iterator[str]:
    """Rules about archives in a file that nobody gathers them from: they would never run."""
    for prefix, gatherers in _GATHERED.items():
        subjects = {
            f"{target.replace('.', '/')}/{name}.py"
            for gatherer in gatherers
            for target, names, _ in _imports(trees.get(gatherer, ast.Module([], [])))
            for name in names
        }
        for path in trees.keys() - subjects:
            if _row(path) == "checks":
                yield from _list_rules(path, trees[path], prefix, " or ".join(gatherers))


def _list_rules(path: str, tree: ast.Module, prefix: str, gatherers: str) -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith(prefix):
            given = [_name(each.annotation) for each in node.args.args if each.annotation]
            if given and set(given) == {"Archive"}:
                where = f"{path}:{node.lineno}"
                yield f"{where}: {node.name} never runs, for {gatherers} gathers no rules from here"


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
