"""Every fact of a personal folder is on its paper, and nothing on it comes from elsewhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import to_builtins

from papka.core.places import student_folder
from papka.core.snapshot import Snapshot
from papka.paper.personal_file_layout import print_personal_file
from papka.records.archive import Archive, load
from papka.records.schemas import SchemaSet
from papka.repository.worktree import WorktreeSnapshot
from tests.conftest import PROJECT
from tests.paper.conftest import COMMIT, MOMENT
from tests.paper.printed_forms import Forms, Schemas, records_of
from tests.paper.sheet_counting import squeezed, tool

SAMPLE = ("2025-0001", "2026-0002", "2025-0012", "2022-0001")
"""What every run prints; --soak prints all."""
_WORD = re.compile(r"\w+")
GOOD = PROJECT / "tests/archives/good"
_LONG = 12


@cache
def school(root: Path) -> tuple[Snapshot, Archive]:
    snapshot = WorktreeSnapshot(root)
    schemas = SchemaSet.load(WorktreeSnapshot(PROJECT))
    return snapshot, load(snapshot, schemas)


def cases(*, soak: bool) -> list[tuple[Path, str]]:
    ids = [p.name for p in sorted((PROJECT / "records/students").glob("*/*"))] if soak else SAMPLE
    return [(GOOD, "2026-0001"), *((PROJECT, student) for student in ids)]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "case" in metafunc.fixturenames:
        found = cases(soak=bool(metafunc.config.getoption("--soak")))
        names = [f"{root.name}-{student}" for root, student in found]
        metafunc.parametrize("case", found, ids=names, scope="module")


@pytest.fixture(scope="module")
def paper(case: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The words of all its volumes."""
    root, student = case
    snapshot, archive = school(root)
    done = print_personal_file(
        archive, snapshot, student,
        templates=WorktreeSnapshot(PROJECT), as_of=MOMENT, commit=COMMIT,
    )  # fmt: skip
    texts = []
    for each in done:
        path = tmp_path_factory.mktemp("facts") / each.name
        path.write_bytes(each.data)
        texts.append(tool("pdftotext", "-raw", path, "-"))
    return "".join(texts)


def test_every_fact_of_the_folder_is_on_paper(case: tuple[Path, str], paper: str) -> None:
    """R-5.2, R-6.5: what a schema does not mark `x-print: never`."""
    root, student = case
    forms = Forms(school(root)[1], school(root)[1].students[student])
    schemas = Schemas(PROJECT / "schema")
    text = squeezed(paper).casefold()
    missing = {
        (*keys, form)
        for name, value in records_of(root / student_folder(student))
        for keys, leaf, around in schemas.leaves(name, value)
        if squeezed(form := forms.of(keys, leaf, around)).casefold() not in text
    }
    assert not missing


def test_no_word_on_paper_comes_from_elsewhere(case: tuple[Path, str], paper: str) -> None:
    """Only fixed words of the form, values of this folder, and names the school gave to things."""
    root, student = case
    own = [str(value) for _, record in records_of(root / student_folder(student))
           for value in _values(record)]  # fmt: skip
    archive = school(root)[1]
    issued = [each for each in archive.registers.values() if each.student.startswith(student)]
    own += [str(value) for each in issued for value in _values(to_builtins(each))]
    given = [*own, *_school(archive), *_fixed(), student, COMMIT[:12]]
    known = {word.casefold() for text in given for word in _words(text)}
    long = " ".join(
        squeezed(word).casefold() for text in given for word in text.split() if len(word) >= _LONG
    )
    text = re.sub(r"-\n(?=\w)", "", paper).replace("\u00a0", " ")
    foreign = {
        word
        for word in _WORD.findall(text.casefold())
        if word not in known and not word.isdecimal() and word not in long
    }
    assert not foreign


def test_few_keys_are_kept_from_paper_and_none_is_a_fact_of_its_own() -> None:
    """Numbers of entries, spellings for other documents' grammar, a sum whose start is printed as
    the file's name, the random salt of an order, and the place in an export that an attached file
    holds."""
    found = sorted(
        f"{path.stem}.{key}"
        for path in (PROJECT / "schema").glob("*.json")
        for key in re.findall(
            r'"(\w+)": \{(?:[^{}]|\{[^{}]*\})*?"x-print": "never"', path.read_text("utf-8")
        )
    )
    kinds = {key.partition(".")[2] for key in found}
    assert kinds <= {
        *("id", "genitive", "dative", "sha256", "import", "row", "column", "raw"),
        "salt",
        "other_names",  # by which a list of the school calls a programme
    }


def _values(value: Any) -> Iterator[Any]:  # noqa: ANN401 - YAML
    if isinstance(value, dict):
        for below in value.values():
            yield from _values(below)
    elif isinstance(value, list):
        for below in value:
            yield from _values(below)
    else:
        yield f"{value:%d.%m.%Y}" if hasattr(value, "strftime") else value


def _words(text: str) -> Iterator[str]:
    """Words, also joined at their hyphens: a line may end there."""
    yield from _WORD.findall(text)
    for joined in re.findall(r"\w+(?:-\w+)+", text):
        parts = joined.split("-")
        for start in range(len(parts)):
            for end in range(start + 2, len(parts) + 1):
                yield "".join(parts[start:end])


def _school(archive: Archive) -> Iterator[str]:
    """What the school calls things: no other student is among it."""
    parts = (archive.organization, archive.programs, archive.staff, archive.events,
             archive.platforms, archive.regulations, archive.approvals)  # fmt: skip
    yield from (str(value) for value in _values(msgspec.to_builtins(parts)))
    yield from (f"{order.number} {order.date:%d.%m.%Y}" for order in archive.orders.values())


@cache
def _fixed() -> tuple[str, ...]:
    """Words that stand in the templates and in the views' own sentences."""
    found = [
        re.sub(
            r"\{[%#{].*?[%#}]\}|</?[^>]*>|&\w+;", " ", path.read_text("utf-8").replace("&shy;", "")
        )
        for path in (PROJECT / "templates").rglob("*.j2")
    ]
    found += [path.read_text("utf-8") for path in (PROJECT / "templates").rglob("*.css")]
    folder = PROJECT / "tools" / "papka"
    words = ("student", "school", "acts", "archive", "wording", "name_cases", "search")
    modules = [folder / "records" / f"{name}.py" for name in words]
    modules += [*(folder / "records/derived").glob("*.py"), *(folder / "paper").rglob("*.py")]
    for path in modules:
        found += _literals(ast.walk(ast.parse(path.read_text("utf-8"))))
    return tuple(found)


def _literals(nodes: Iterable[ast.AST]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
