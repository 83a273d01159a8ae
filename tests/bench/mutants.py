"""How much of the program the tests hold fast: change it, see whether a test notices, count.

    python -m tests.bench.mutants checks            every mutant of papka/checks, in this process
    python -m tests.bench.mutants deletions         of these, branches and rows of tables left out
    python -m tests.bench.mutants derived           the same of papka/records/derived
    python -m tests.bench.mutants map [TESTS…]      which test runs which line (the suite, once)
    python -m tests.bench.mutants sample -n 200 --seed 7 [--package integrity tasks/save]

`checks` asks the archives of tests/archives: a mutant is killed when any finding differs in code,
place or words, or when a branch is declared that has no row. `sample` lays each mutant into a copy
of the project and runs the tests that `map` saw on its line, the quickest first. Run before a
release and after a rebuilding; not part of the suite.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import argparse
import ast
import contextlib
import functools
import importlib
import inspect
import itertools
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import types
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from papka.core.findings import Finding
    from papka.records.archive import Archive

PROJECT = Path(__file__).resolve().parents[2]
TOOLS = PROJECT / "tools"
MAP = PROJECT / ".mutants.json"
_DECLARED = "_BRANCHES"
_EXPLAIN = "papka/cli/explain.py"
_IN_PROCESS = 3
"""Seconds of this process's own time for one mutant, however busy the machine is; more is an
endless loop and so noticed."""
_NAMES = 12
"""Names that are followed from one statement at import to the next."""
_IN_COPY = 400
"""Seconds for the tests of one mutant in a copy."""

_OPPOSITE: dict[type[ast.AST], type[ast.AST]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot,
    ast.IsNot: ast.Is, ast.And: ast.Or, ast.Or: ast.And, ast.Add: ast.Sub, ast.Sub: ast.Add,
    ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Mod: ast.Add, ast.BitOr: ast.BitAnd,
    ast.BitAnd: ast.BitOr,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one module; `kind` is logic, number, wording or gone (a statement, or a row of
    a table, left out)."""

    file: Path
    node: int
    change: int
    line: int
    kind: str
    says: str

    @property
    def module(self) -> str:
        return self.file.relative_to(TOOLS).with_suffix("").as_posix().replace("/", ".")

    def __str__(self) -> str:
        return f"{self.file.relative_to(TOOLS)}:{self.line} {self.kind}: {self.says}"

    @property
    def is_deletion(self) -> bool:
        """Whether a branch is left out: a statement, a row of a table, what an `if` leads to."""
        return self.kind == "gone" or self.says == _NEVER

    def text(self) -> str:
        """The module with the change made."""
        tree = ast.parse(self.file.read_text(encoding="utf-8"))
        parent, node = list(_places(tree))[self.node]
        list(_changes(node))[self.change][2](parent)
        # as text, for a tree may be none that compiles, such as an `and` of one operand
        return ast.unparse(tree)


_Apply = Callable[[ast.AST], None]
_NEVER = "condition -> False"


def mutants(file: Path) -> Iterator[Mutant]:
    """Every mutant of a module, in the order of its syntax tree."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for number, (_, node) in enumerate(_places(tree)):
        # a comprehension has no line of its own
        line = getattr(node.target if isinstance(node, ast.comprehension) else node, "lineno", 0)
        for change, (kind, says, _) in enumerate(_changes(node)):
            yield Mutant(file, number, change, line, kind, says)


def _places(tree: ast.Module) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Parent and node of what may be changed: no docstring, annotation, import or decorator."""
    waiting: list[tuple[ast.AST, ast.AST]] = [(tree, node) for node in reversed(tree.body)]
    while waiting:
        parent, node = waiting.pop()
        if isinstance(node, (ast.Import, ast.ImportFrom)) or _is_text(node):
            continue
        yield parent, node
        skipped = {id(note) for note in _notes(node)}
        inner = [child for child in ast.iter_child_nodes(node) if id(child) not in skipped]
        waiting += [(node, child) for child in reversed(inner)]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _notes(node: ast.AST) -> Iterator[ast.AST]:
    for field in ("annotation", "returns", "type_comment"):
        if isinstance(note := getattr(node, field, None), ast.AST):
            yield note
    yield from getattr(node, "decorator_list", ())
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "cast":
        yield node.args[0]
    if isinstance(node, (ast.Assign, ast.AnnAssign)):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and target.id.startswith("_") and _is_alias(node.value):
            yield node.value  # type: ignore[misc] # an alias has a value


def _is_alias(value: ast.AST | None) -> bool:
    """A type alias: names of types, subscripted or joined."""
    return isinstance(value, ast.Subscript) and isinstance(value.value, ast.Name)


def _changes(node: ast.AST) -> Iterator[tuple[str, str, _Apply]]:
    """Kind, words and the deed for every change of one node; the deed takes the node's parent."""
    if isinstance(node, (ast.Compare, ast.BoolOp, ast.UnaryOp, ast.BinOp)):
        yield from _of_operator(node)
    elif isinstance(node, (ast.If, ast.IfExp, ast.While)):
        for value in (True, False):
            if not (value and isinstance(node, ast.While)):
                told = f"condition -> {value}"
                yield "logic", told, _set(node, "test", ast.Constant(value))
    elif isinstance(node, ast.comprehension):
        for at in range(len(node.ifs)):
            yield "logic", "condition of a comprehension left out", _drop(node.ifs, at)
    elif isinstance(node, ast.Return) and node.value is not None:
        yield "logic", "return -> None", _set(node, "value", ast.Constant(None))
    elif isinstance(node, ast.Constant):
        yield from _of_constant(node)
    else:
        yield from _left_out(node)


def _left_out(node: ast.AST) -> Iterator[tuple[str, str, _Apply]]:
    """A statement that a module may do without, or the rows of a table."""
    if isinstance(node, (ast.Expr, ast.AugAssign, ast.Continue, ast.Break)):
        yield "gone", f"{ast.unparse(node)[:60]} left out", _replace(node, _nothing(node))
    elif isinstance(node, (ast.Assign, ast.AnnAssign)):
        for table in _tables(node):
            rows = table.keys if isinstance(table, ast.Dict) else table.elts
            for at, row in enumerate(rows):
                if row is not None and not isinstance(row, ast.Starred):
                    yield "gone", f"row {ast.unparse(row)[:60]} left out", _without(table, at)


def _nothing(node: ast.AST) -> ast.stmt:
    """What stands for a statement left out; a generator that yields nothing stays one."""
    if isinstance(node, ast.Expr) and isinstance(node.value, (ast.Yield, ast.YieldFrom)):
        return ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load())))
    return ast.Pass()


_Table = ast.Tuple | ast.List | ast.Set | ast.Dict


def _tables(node: ast.Assign | ast.AnnAssign) -> Iterator[_Table]:
    """The tables of a constant, as those of a module; `<RULE>_BRANCHES` only name rows."""
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    waiting = [node.value]
    if not (isinstance(target, ast.Name) and target.id.isupper() and not _is_declared(target.id)):
        return
    while waiting:
        table = waiting.pop()
        if isinstance(table, ast.Starred):
            waiting.append(table.value)
        elif isinstance(table, _Table):
            yield table
            waiting += [] if isinstance(table, ast.Dict) else table.elts


def _without(table: _Table, at: int) -> _Apply:
    def apply(_: ast.AST) -> None:
        if isinstance(table, ast.Dict):
            del table.keys[at], table.values[at]
        else:
            del table.elts[at]

    return apply


def _of_operator(
    node: ast.Compare | ast.BoolOp | ast.UnaryOp | ast.BinOp,
) -> Iterator[tuple[str, str, _Apply]]:
    if isinstance(node, ast.Compare):
        for at, operator in enumerate(node.ops):
            other = _OPPOSITE[type(operator)]
            yield "logic", f"{_name(operator)} -> {other.__name__}", _put(node.ops, at, other())
        return
    if isinstance(node, ast.UnaryOp):
        if isinstance(node.op, ast.Not):
            yield "logic", "not left out", _replace(node, node.operand)
        return
    if type(node.op) in _OPPOSITE:
        other = _OPPOSITE[type(node.op)]
        yield "logic", f"{_name(node.op)} -> {other.__name__}", _set(node, "op", other())
    if isinstance(node, ast.BoolOp):
        for at in range(len(node.values)):
            rest = [*node.values[:at], *node.values[at + 1 :]]
            # one operand alone is no operation, and would not compile as one
            left_out = _drop(node.values, at) if len(rest) > 1 else _replace(node, rest[0])
            yield "logic", f"operand {at + 1} of {_name(node.op)} left out", left_out


def _of_constant(node: ast.Constant) -> Iterator[tuple[str, str, _Apply]]:
    value = node.value
    if isinstance(value, bool):
        yield "logic", f"{value} -> {not value}", _set(node, "value", not value)
    elif isinstance(value, int):
        yield "number", f"{value} -> {value + 1}", _set(node, "value", value + 1)
    elif isinstance(value, str) and value:
        yield "wording", f"{value[:40]!r} -> 'XX…'", _set(node, "value", f"XX{value}")


def _name(node: ast.AST) -> str:
    return type(node).__name__


def _set(node: ast.AST, field: str, value: object) -> _Apply:
    return lambda _: setattr(node, field, value)


def _put(items: list[ast.cmpop], at: int, value: ast.AST) -> _Apply:
    return lambda _: items.__setitem__(at, value)  # type: ignore[call-overload] # an operator


def _drop(items: list[ast.expr], at: int) -> _Apply:
    return lambda _: items.__delitem__(at)


def _replace(node: ast.AST, other: ast.AST) -> _Apply:
    def apply(parent: ast.AST) -> None:
        for field, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, field, other)
            elif isinstance(value, list) and any(item is node for item in value):
                value[:] = [other if item is node else item for item in value]

    return apply


# in this process: papka/checks


Rule = Callable[..., Iterable["Finding"]]
Case = tuple["Archive | None", "Archive"]
"""The state before, where the step is judged too, and the one after."""


def run_checks(*, deletions: bool = False) -> list[tuple[Mutant, bool]]:
    """Every mutant of papka/checks, or every deletion, and whether an archive noticed it."""
    from papka.checks import rules, transitions
    from tests.checks.tried_archives import branches, cases

    known = list(cases())
    proved = {(branch.module, branch.name) for branch in branches()}
    told: list[tuple[Mutant, bool]] = []
    every: set[Rule] = {*rules.CHECKS, *transitions.TRANSITIONS}
    module: types.ModuleType
    mine: list[Rule]
    files = sorted((TOOLS / "papka" / "checks").glob("*.py"))
    for file in files:
        if file.stem == "checking":  # the job: reads the disk, rules nothing
            continue
        if file.stem == "rules":
            module, mine = rules, [rules.run]
        elif file.stem == "transitions":
            module, mine = transitions, [transitions.compare]
        else:
            module = importlib.import_module(f"papka.checks.{file.stem}")
            mine = [rule for rule in every if module.__name__ in _closure(rule.__module__)]
        honest = [_answers(mine, case) for case in known]
        # those that say anything come first: they notice most mutants
        order = sorted(range(len(known)), key=lambda at: not honest[at])
        for mutant in mutants(file):
            if deletions and not mutant.is_deletion:
                continue
            with _changed(module, mutant):
                named = _declared(module)
                killed = not proved.issuperset(named) or any(
                    _guarded(mine, known[at]) != honest[at] for at in order
                )
            told.append((mutant, killed))
    return told


def _is_declared(name: str) -> bool:
    return name.endswith(_DECLARED)


def _declared(module: types.ModuleType) -> list[tuple[str, str]]:
    """Rule and branch of every table of branches."""
    return [
        (name.removesuffix(_DECLARED).lower(), branch)
        for name, listed in vars(module).items()
        if name.endswith(_DECLARED)
        for branch in listed or ()
    ]


def run_derived() -> list[tuple[Mutant, bool]]:
    """Every mutant of papka/records/derived and whether its own tests noticed it: a fact of
    some archive, or a test that asks for no fixture, each row of its parameters."""
    from tests.records.derived.test_derived_facts import all_facts, archives

    known = archives()
    trials = list(_trials("tests.records.derived"))

    def answers() -> str:
        return all_facts(known)

    def tried() -> None:
        for trial in trials:
            trial()

    honest = answers()
    tried()  # what fails as it is would notice every mutant
    told: list[tuple[Mutant, bool]] = []
    for file in sorted((TOOLS / "papka" / "records" / "derived").glob("*.py")):
        module = importlib.import_module(f"papka.records.derived.{file.stem}")
        for mutant in mutants(file):
            with _changed(module, mutant):
                killed = _stopped(answers) != honest or _stopped(tried) is not None
            told.append((mutant, killed))
    return told


def _trials(package: str) -> Iterator[Callable[[], None]]:
    for file in sorted((PROJECT / package.replace(".", "/")).glob("test_*.py")):
        for name, value in vars(importlib.import_module(f"{package}.{file.stem}")).items():
            if name.startswith("test_"):
                yield from _calls(value)


def _calls(test: Callable[..., None]) -> Iterator[Callable[[], None]]:
    """One call for each set of parameters of a test; none for a test that asks for a fixture."""
    marks = [mark for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    for rows in itertools.product(*(list(_rows(*mark.args)) for mark in marks)):
        known = {name: value for row in rows for name, value in row.items()}
        if known.keys() == inspect.signature(test).parameters.keys():
            yield functools.partial(test, **known)


def _rows(names: str | Sequence[str], values: Iterable[object]) -> Iterator[dict[str, object]]:
    """The rows of one `parametrize`, by the names of its parameters."""
    listed = [name.strip() for name in names.split(",")] if isinstance(names, str) else names
    for value in values:
        row = getattr(value, "values", value) if hasattr(value, "marks") else value
        if len(listed) == 1 and row is value:
            row = [value]
        yield dict(zip(listed, row, strict=True))  # type: ignore[call-overload] # as many as names


def _closure(name: str) -> set[str]:
    """The modules of papka.checks that one of them uses, itself too."""
    found, waiting = set(), [name]
    while waiting:
        one = waiting.pop()
        if one in found or not one.startswith("papka.checks."):
            continue
        found.add(one)
        values = vars(sys.modules[one]).values()
        waiting += [
            value.__name__
            if isinstance(value, types.ModuleType)
            else str(getattr(value, "__module__", ""))
            for value in values
        ]
    return found


def _answers(rules: Sequence[Rule], case: Case) -> list[Finding]:
    before, after = case
    found: list[Finding] = []
    for rule in rules:
        if rule.__code__.co_argcount == 1:
            found += rule(after)
        elif before is not None:
            found += rule(before, after)
    return found


class _Endless(BaseException):
    """A mutant that does not end."""


def _guarded(rules: Sequence[Rule], case: Case) -> object:
    """The answers, or what stopped them."""
    return _stopped(lambda: _answers(rules, case))


def _stopped(ask: Callable[[], object]) -> object:
    def stop(_signal: int, _frame: object) -> None:
        raise _Endless

    signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, _IN_PROCESS)
    try:
        return ask()
    except _Endless:
        return "endless"
    except Exception as error:  # noqa: BLE001 - whatever a mutant does is noticed
        return repr(error)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


@contextlib.contextmanager
def _changed(module: types.ModuleType, mutant: Mutant) -> Iterator[None]:
    """The module's functions and values as the mutant has them, for whoever imported them."""
    other = types.ModuleType(module.__name__)
    other.__file__ = module.__file__
    code = compile(mutant.text(), str(mutant.file), "exec")
    try:
        exec(code, other.__dict__)
    except Exception:  # noqa: BLE001 - cannot even be imported: every answer differs
        other.__dict__.clear()
    kept: list[Callable[[], None]] = []
    _swap(vars(module), other.__dict__, module.__name__, kept)
    try:
        yield
    finally:
        for undo in reversed(kept):
            undo()


def _swap(
    now: dict[str, object], new: dict[str, object], module: str, kept: list[Callable[[], None]]
) -> None:
    for name, wrapped in list(now.items()):
        value, other = _unwrapped(wrapped), _unwrapped(new.get(name))
        if name.startswith("__") and not isinstance(value, types.FunctionType):
            continue
        if isinstance(value, types.FunctionType) and value.__module__ == module:
            kept.append(_restoring(value))
            if isinstance(other, types.FunctionType):
                value.__code__, value.__defaults__ = other.__code__, other.__defaults__
                value.__kwdefaults__ = other.__kwdefaults__
            else:
                value.__code__ = _broken.__code__
        elif isinstance(value, type) and value.__module__ == module:
            mutated = dict(vars(other)) if isinstance(other, type) else {}
            _swap(dict(vars(value)), mutated, module, kept)
        elif not isinstance(value, (types.ModuleType, type)) and name in new:
            kept.append(_setting(now, name, value))
            now[name] = other


def _unwrapped(value: object) -> object:
    """What a class method or a property is made of."""
    if isinstance(value, (classmethod, staticmethod)):
        return value.__func__
    return value.fget if isinstance(value, property) else value


def _restoring(function: types.FunctionType) -> Callable[[], None]:
    code, defaults, named = function.__code__, function.__defaults__, function.__kwdefaults__

    def undo() -> None:
        function.__code__, function.__defaults__ = code, defaults
        function.__kwdefaults__ = named

    return undo


def _setting(now: dict[str, object], name: str, value: object) -> Callable[[], None]:
    return lambda: now.__setitem__(name, value)


def _broken(*_: object, **__: object) -> None:
    raise ImportError


# in copies: any package


def make_map(tests: Sequence[str]) -> int:
    """Run the suite, or these of its paths, under coverage and keep which test ran which line, and
    how long it took."""
    with tempfile.TemporaryDirectory() as folder:
        data, times = Path(folder, "coverage"), Path(folder, "times.json")
        settings = Path(folder, "rc")
        settings.write_text(
            f"[run]\nsource = {TOOLS / 'papka'}\ndata_file = {data}\nparallel = true\n",
            encoding="utf-8",
        )
        words = [sys.executable, "-m", "pytest", "-n", "2", "--cov", "--cov-context=test"]
        words += [f"--cov-config={settings}", "--cov-report=", f"--junitxml={times}"]
        words += tests
        subprocess.run(words, cwd=PROJECT, check=False)
        (found,) = Path(folder).glob("coverage*")
        lines = _lines_of(found)
        MAP.write_text(json.dumps({"lines": lines, "seconds": _seconds(times)}), encoding="utf-8")
    print(f"{sum(map(len, lines.values()))} lines of {len(lines)} modules in {MAP.name}")
    return 0


def _lines_of(data: Path) -> dict[str, dict[int, list[str]]]:
    from coverage import CoverageData

    read = CoverageData(basename=str(data))
    read.read()
    found: dict[str, dict[int, list[str]]] = {}
    for file in read.measured_files():
        name = Path(file).relative_to(TOOLS).as_posix()
        found[name] = {
            line: sorted({each.partition("|")[0] for each in contexts if each})
            for line, contexts in read.contexts_by_lineno(file).items()
        }
    return found


def _seconds(file: Path) -> dict[str, float]:
    from xml.etree import ElementTree as ET

    found: dict[str, float] = {}
    for case in ET.parse(file).iter("testcase"):
        path = str(case.get("classname")).replace(".", "/") + ".py"
        found[f"{path}::{case.get('name')}"] = float(case.get("time") or 0)
    return found


def run_sample(packages: Sequence[str], number: int, seed: int) -> list[tuple[Mutant, bool]]:
    """A sample of mutants of some packages (or all), each with whether the tests noticed it."""
    files = sorted((TOOLS / "papka").rglob("*.py"))
    inside = tuple((TOOLS / "papka" / package).as_posix() for package in packages)
    chosen = [file for file in files if file.as_posix().startswith(inside)]
    every = [mutant for file in chosen for mutant in mutants(file)]
    picked = random.Random(seed).sample(every, min(number, len(every)))
    known = json.loads(MAP.read_text(encoding="utf-8"))
    copies: SimpleQueue[Path] = SimpleQueue()
    with tempfile.TemporaryDirectory(dir=_memory()) as place, ThreadPoolExecutor(2) as pool:
        for name in ("one", "two"):
            shutil.copytree(PROJECT, Path(place, name), ignore=_not_copied, symlinks=True)
            copies.put(Path(place, name))

        def judge(mutant: Mutant) -> tuple[Mutant, bool]:
            root = copies.get()
            try:
                killed = _noticed(mutant, root, known)
            finally:
                copies.put(root)
            print("killed  " if killed else "SURVIVED", mutant, flush=True)
            return mutant, killed

        return list(pool.map(judge, picked))


def _not_copied(_folder: str, names: list[str]) -> list[str]:
    return [name for name in names if name in {".git", ".venv", ".venv-bench", "demo"}
            or name.endswith("_cache") or name == "__pycache__"]  # fmt: skip


def _memory() -> str | None:
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _noticed(mutant: Mutant, root: Path, known: dict[str, dict[str, dict[str, list[str]]]]) -> bool:
    seconds: dict[str, float] = known["seconds"]  # type: ignore[assignment] # JSON
    tests = sorted(_tests_of(mutant, known["lines"]), key=lambda test: seconds.get(test, 1.0))
    target = root / mutant.file.relative_to(PROJECT)
    honest = target.read_bytes()
    target.write_text(mutant.text(), encoding="utf-8")
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": str(root.parent)}
    words = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:xdist", "-p", "no:cov"]
    try:
        for start in range(0, len(tests), 200):
            run = subprocess.run(
                [*words, *tests[start : start + 200]],
                cwd=root, env=environment, check=False, capture_output=True, timeout=_IN_COPY,
            )  # fmt: skip
            if run.returncode:
                return True
    except subprocess.TimeoutExpired:
        return True
    finally:
        target.write_bytes(honest)
    return False


def _tests_of(mutant: Mutant, lines: dict[str, dict[str, list[str]]]) -> set[str]:
    """The tests that ran its line.

    What runs while a module is imported is no test's own: there, the tests that ran a line which
    names what the statement defines, also through other statements of that kind. A code's words are
    told by `papka explain` too.
    """
    own = lines.get(mutant.file.relative_to(TOOLS).as_posix(), {})
    if not (name := _defined_at_import(mutant.file, mutant.line)):
        return set(own.get(str(mutant.line), ()))
    found: set[str] = set()
    if _is_code(mutant.file, name):
        found.update(*lines.get(_EXPLAIN, {}).values())
    names, waiting = {name}, [(mutant.file, name)]
    while waiting:
        home, name = waiting.pop()
        files = [home] if name.startswith("_") else (TOOLS / "papka").rglob("*.py")
        word = re.compile(rf"\b{name}\b")
        for file in files:
            ran = lines.get(file.relative_to(TOOLS).as_posix(), {})
            for number, text in enumerate(file.read_text("utf-8").splitlines(), 1):
                if not word.search(text):
                    continue
                if not (by := _defined_at_import(file, number)):
                    found.update(ran.get(str(number), ()))
                elif by not in names and len(names) < _NAMES:
                    names.add(by)
                    waiting.append((file, by))
        for number in _body(home, name):
            found.update(own.get(str(number), ()) if home == mutant.file else ())
    return found or {each for some in own.values() for each in some}


@functools.cache
def _statements(file: Path) -> list[tuple[range, str]]:
    """Lines that run at import, and the name that their statement defines ("" for an import)."""
    found: list[tuple[range, str]] = []

    def walk(body: Sequence[ast.stmt], outer: str) -> None:
        for each in body:
            first = min([each.lineno, *(d.lineno for d in getattr(each, "decorator_list", ()))])
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)):
                found.append((range(first, each.body[0].lineno), outer or each.name))
            elif isinstance(each, ast.ClassDef):
                found.append((range(first, each.body[0].lineno), each.name))
                walk(each.body, each.name)
            else:
                target = each.targets[0] if isinstance(each, ast.Assign) else each
                target = target.target if isinstance(target, ast.AnnAssign) else target
                name = target.id if isinstance(target, ast.Name) else ""
                found.append((range(first, (each.end_lineno or first) + 1), outer or name))

    walk(ast.parse(file.read_text("utf-8")).body, "")
    return found


def _defined_at_import(file: Path, line: int) -> str:
    return next((name for lines, name in _statements(file) if line in lines), "")


def _is_code(file: Path, name: str) -> bool:
    """Whether the statement of this name defines a code of the catalogue."""
    return re.search(rf"^{name} = Code\(", file.read_text("utf-8"), re.MULTILINE) is not None


def _body(file: Path, name: str) -> range:
    """The lines of a function, for what stands before them: its decorators and defaults."""
    for each in ast.parse(file.read_text("utf-8")).body:
        if isinstance(each, (ast.FunctionDef, ast.ClassDef)) and each.name == name:
            return range(each.body[0].lineno, (each.end_lineno or 0) + 1)
    return range(0)


def _package(file: Path) -> str:
    parts = file.relative_to(TOOLS / "papka").parts
    return "/".join(parts[:2]) if len(parts) > 2 else (parts[0])


def table(told: Sequence[tuple[Mutant, bool]]) -> str:
    """Killed of all, by package and by kind, as Markdown."""
    rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for mutant, killed in told:
        for name in (_package(mutant.file), f"*{mutant.kind}*", "**all**"):
            rows[name]["all"] += 1
            rows[name]["killed"] += killed
    lines = ["| package | mutants | killed | % |", "|---|---|---|---|"]
    for name, row in sorted(rows.items(), key=lambda item: item[0].replace("*", "~")):
        share = 100 * row["killed"] / row["all"]
        lines.append(f"| {name} | {row['all']} | {row['killed']} | {share:.1f} |")
    return "\n".join(lines)


def main() -> int:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("job", choices=("checks", "deletions", "derived", "map", "sample"))
    reader.add_argument("tests", nargs="*", help="paths for map; the whole suite without them")
    reader.add_argument("-n", type=int, default=200, dest="number")
    reader.add_argument("--seed", type=int, default=20261130)
    reader.add_argument("--package", nargs="+", default=[""], help="how their paths begin")
    words = reader.parse_args()
    if words.job == "map":
        return make_map(words.tests)
    started = time.monotonic()
    if words.job != "sample":
        told = (
            run_derived()
            if words.job == "derived"
            else run_checks(deletions=words.job == "deletions")
        )
        for mutant, killed in told:
            if not killed:
                print("SURVIVED", mutant)
    else:
        told = run_sample(words.package, words.number, words.seed)
    print(f"\nseed {words.seed}, {time.monotonic() - started:.0f} s\n\n{table(told)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
