"""What an editor offers and underlines in records, asked of the language server that it runs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from papka.checks.declared_names import targets_of
from papka.checks.editor_names import PATH, WRONG_NAMES, write_names
from papka.core.kinds import SCHEMA_OF
from papka.core.places import place
from papka.core.snapshot import DictSnapshot
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import parse_carefully
from papka.records.yaml_tree import Node
from tests.checks.hand_edits import CARD, ENROLMENTS, RESULTS
from tests.support.archives import PROJECT, files_below, lay_sample, loaded, sample
from tests.support.command import papka
from tests.support.language_server import LanguageServer


def settings() -> dict[str, Any]:
    """What an archive tells an editor, a section inside a section for each dot."""
    said = json.loads((PROJECT / "templates/archive/dot-vscode/settings.json").read_bytes())
    nested: dict[str, Any] = {}
    for name, value in said.items():
        at = nested
        *around, last = name.split(".")
        for section in around:
            at = at.setdefault(section, {})
        at[last] = value
    return nested


@pytest.fixture(scope="module")
def files() -> dict[str, bytes]:
    return sample()


@pytest.fixture(scope="module")
def names(files: dict[str, bytes]) -> bytes:
    return write_names(loaded(files))


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory, names: bytes) -> Iterator[LanguageServer]:
    root = lay_sample(tmp_path_factory.mktemp("editor"))
    (root / PATH).parent.mkdir()
    (root / PATH).write_bytes(names)
    yield from _served(root)


def _served(root: Path) -> Iterator[LanguageServer]:
    server = LanguageServer(root, settings())
    yield server
    server.stop()


def _scalars(node: Node, way: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    if node.kind == "scalar":
        yield way, node
    steps = [str(key.value) for key in node.keys] or ["*"] * len(node.items)
    for step, item in zip(steps, node.items, strict=True):
        yield from _scalars(item, (*way, step))


def test_every_reference_is_offered_as_soon_as_its_field_is_typed(
    school: LanguageServer, files: dict[str, bytes], names: bytes
) -> None:
    schemas = SchemaSet.load(DictSnapshot(files))
    declared = json.loads(names)["$defs"]
    tried: set[tuple[str, tuple[str, ...]]] = set()
    for path in sorted(path for path in files if path.endswith(".yaml")):
        found = place(path)
        if found is None or found.kind not in SCHEMA_OF:
            continue
        text = files[path].decode()
        targets = targets_of(found.kind, schemas)
        root = parse_carefully(text, path).root
        for way, node in _scalars(root) if root else ():
            words = targets.get(way, ())
            if not words or not WRONG_NAMES.keys() >= {*words} or (found.kind, way) in tried:
                continue
            tried.add((found.kind, way))
            lines, number = text.split("\n"), node.start.line
            lines[number - 1] = lines[number - 1][: node.start.column - 1]
            offered = school.offers(path, "\n".join(lines), number)
            due = {name for word in words for name in declared[word]["enum"]}
            assert due
            assert due <= offered.keys(), (path, number)
    fields = {way[-1] for _, way in tried}
    assert fields >= {"program", "group", "part", "assessed_by", "enrolment", "order", "head"}


@pytest.mark.parametrize(
    ("path", "field", "said"),
    [
        (ENROLMENTS, "program", "Такой программы нет"),
        (ENROLMENTS, "group", "Такой группы нет"),
        (RESULTS, "part", "Такой части нет"),
        (RESULTS, "assessed_by", "Такого сотрудника нет"),
        (RESULTS, "enrolment", "Такого зачисления нет"),
    ],
    ids=["program", "group", "part", "assessed_by", "enrolment"],
)
def test_a_name_of_nothing_is_underlined(
    school: LanguageServer, files: dict[str, bytes], path: str, field: str, said: str
) -> None:
    lines = files[path].decode().split("\n")
    at = next(n for n, line in enumerate(lines) if f" {field}: " in line)
    wrong = {"program": "gitar", "group": "Г-26-9", "assessed_by": "s033", "enrolment": "e9"}
    lines[at] = f"{lines[at].partition(': ')[0]}: {wrong.get(field, 'техник')}"
    warned = school.warnings({path: "\n".join(lines)})
    assert [(line, message.startswith(said)) for line, message in warned[path]] == [(at + 1, True)]


def test_a_name_is_offered_with_what_people_call_it(
    school: LanguageServer, files: dict[str, bytes]
) -> None:
    text = files[ENROLMENTS].decode().replace("program: guitar", "program: ", 1)
    line = text[: text.index("program: \n")].count("\n") + 1
    assert "Гитара с нуля" in school.offers(ENROLMENTS, text, line)["guitar"]


def test_nothing_in_the_sample_is_underlined(
    school: LanguageServer, files: dict[str, bytes]
) -> None:
    records = {path: data.decode() for path, data in files.items() if path.endswith(".yaml")}
    assert len(records) > 100
    assert school.warnings(records) == {}


def test_the_mouse_is_told_the_title_of_the_field(
    school: LanguageServer, files: dict[str, bytes]
) -> None:
    text = files[CARD].decode()
    line = text[: text.index("birth_date")].count("\n") + 1
    assert "Дата рождения" in school.hover(CARD, text, line, 3)


def test_a_fresh_archive_and_a_clone_of_it_have_no_warning(tmp_path: Path) -> None:
    """In a clone nobody has run papka yet, so that the names are nowhere."""
    root = tmp_path / "школа"
    words = ("--organization", "Школа «Тучка»", "--head", "Ландышева Зоя", "--place", "г. Тучки")
    keys = ("--address", "ул. Тихая, д. 2", "--keys", tmp_path / "ключи")
    ran = papka("init", root, *words, *keys)
    assert ran.code == 0, ran.all
    records = files_below(root / "records", "records/")
    texts = {path: data.decode() for path, data in records.items() if path.endswith(".yaml")}
    assert texts
    assert (root / PATH).is_file()
    for server in _served(root):
        assert server.warnings(texts) == {}
    (root / PATH).unlink()
    for server in _served(root):
        assert server.warnings(texts) == {}
