"""No test without an assertion: it would pass whatever the program does."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from tests.conftest import PROJECT

_RAISES = frozenset({"raises", "fail", "warns"})
Function = ast.FunctionDef | ast.AsyncFunctionDef


def silent(sources: Mapping[str, str]) -> list[str]:
    """Tests that assert nothing, neither themselves nor through a function of the tests that they
    call; `sources`: {"tests/a/test_b.py": text}."""
    trees = {_dotted(path): ast.parse(text) for path, text in sources.items()}
    functions = {
        (module, function.name): function
        for module, tree in trees.items()
        for body in (
            tree.body,
            *(each.body for each in tree.body if isinstance(each, ast.ClassDef)),
        )
        for function in body
        if isinstance(function, Function)
    }
    asserting = {place for place, function in functions.items() if _asserts(function)}
    known = {module: dict(_imported(tree, functions)) for module, tree in trees.items()}
    calls = {
        (module, name): {known[module].get(word, (module, word)) for word in _called(function)}
        for (module, name), function in functions.items()
        if (module, name) not in asserting
    }
    while more := {place for place, used in calls.items() if used & asserting} - asserting:
        asserting |= more
    return sorted(
        f"{module}:{function.lineno} {name}"
        for (module, name), function in functions.items()
        if name.startswith("test") and (module, name) not in asserting
    )


def _dotted(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _imported(
    tree: ast.Module, functions: Mapping[tuple[str, str], Function]
) -> Iterator[tuple[str, tuple[str, str]]]:
    """What a module's names mean: functions of other modules of the tests."""
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                if (node.module, alias.name) in functions:
                    yield alias.asname or alias.name, (node.module, alias.name)


def _called(function: Function) -> Iterator[str]:
    """Also what is only handed on, to be called by another."""
    return (node.id for node in ast.walk(function) if isinstance(node, ast.Name))


def _asserts(function: Function) -> bool:
    return any(
        isinstance(node, ast.Assert)
        or (isinstance(node, ast.Call) and (_name(node) in _RAISES or _is_checked(node)))
        for node in ast.walk(function)
    )


def _name(call: ast.Call) -> str:
    called = call.func
    return called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")


def _is_checked(call: ast.Call) -> bool:
    """A program whose failure is raised."""
    return _name(call) == "run" and any(
        each.arg == "check" and getattr(each.value, "value", None) is True for each in call.keywords
    )


def test_every_test_asserts() -> None:
    files = [*(PROJECT / "tests").rglob("*.py")]
    assert silent({str(file.relative_to(PROJECT)): file.read_text("utf-8") for file in files}) == []


def test_a_test_that_asserts_nothing_is_found() -> None:
    helper = "def look(x):\n    assert x\ndef make(x):\n    return x\n"
    test = (
        "from tests.a import look as seen, make\nimport pytest, subprocess\n"
        "def test_loud(): assert make(1)\n"
        "def test_through(): inner()\n"
        "def inner(): seen(1)\n"
        "def test_raised():\n    with pytest.raises(ValueError): make(1)\n"
        "def test_run(): subprocess.run(['true'], check=True)\n"
        "def test_made(): make(1)\n"
        "class TestMore:\n    def test_inside(self): make(1)\n"
        "def test_run_unheeded(): subprocess.run(['true'], check=False)\n"
    )
    assert silent({"tests/a.py": helper, "tests/test_b.py": test}) == [
        "tests.test_b:11 test_inside",
        "tests.test_b:12 test_run_unheeded",
        "tests.test_b:9 test_made",
    ]
