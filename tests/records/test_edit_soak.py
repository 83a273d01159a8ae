"""Thousands of edits of real-looking files: exactly what was meant changes, and no other line.

A fixed seed; `--soak` runs all of them and prints the table. The expected tree is made here on
plain values, and places of lines come from PyYAML's own marks, not from the code under test.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from copy import deepcopy
from random import Random
from typing import Any, NamedTuple

import pytest
import yaml

from papka.records import editing
from papka.records.strict_yaml import read
from tests.records.hands import written
from tests.support.archives import good, sample

EDITS, SAMPLE, SEED = 12_000, 600, 20260115
TEXTS = (
    *("Описка при вводе, ведомость от 14.09.2026", "не аттестован", "2,00", "3.2", "NO", "0012"),
    *("12:30", "да # нет", "a: b", "- пункт", "ООО «Ромашка»", 'ООО "Ромашка"', "д'Артаньян"),
    *("", " с пробелом", "две\nстроки", "[скобка]", "{k: v}", "2026-01-15", "r1", "\\путь", "~"),
)
NUMBERS = (0, 5, -1, 4.5, 144, True)


class Edit(NamedTuple):
    """An edit: its name, where, what was meant, how it is done, and the old lines it may touch."""

    name: str
    meant: Any
    done: Callable[[bytes], bytes]
    touches: range


def test_every_edit_is_exact(request: pytest.FixtureRequest) -> None:
    whole = request.config.getoption("--soak")
    wanted = EDITS if whole else SAMPLE
    dice = Random(SEED)
    trees = [read(data, path).value for path, data in _files()]
    made: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    while sum(made.values()) < wanted:
        before = written(dice.choice(trees), dice)
        for _ in range(3):
            change = _draw(before, dice)
            if change is None:
                continue
            try:
                after = change.done(before)
            except editing.SpliceFailed:
                refused[change.name] += 1
                continue
            made[change.name] += 1
            document = read(after, "")
            assert document.findings == (), (before, after)
            assert document.value == change.meant, (change.name, before, after)
            assert _others_kept(before, after, change.touches), (change.name, before, after)
    if whole:
        print(_table(made, refused))  # noqa: T201 - the table is what the soak is for
    assert sum(refused.values()) * 50 < sum(made.values()), _table(made, refused)


def _files() -> Iterator[tuple[str, bytes]]:
    for files in (good(), sample()):
        for path, data in files.items():
            if path.endswith(".yaml"):
                yield path, data


def _draw(before: bytes, dice: Random) -> Edit | None:
    tree = read(before, "").value
    wanted = dice.choice((dict, list, (str, int, float)))
    places = [place for place in _places(tree, "") if isinstance(place[1], wanted)]
    if not places:
        return None
    pointer, value = dice.choice(places)
    draw = dice.choice(_DRAWS.get(type(value), (_replace_scalar,)))
    if draw is _replace_all and not pointer:
        draw = _add_key
    return draw(before, tree, pointer, dice)


def _replace_scalar(before: bytes, tree: Any, pointer: str, dice: Random) -> Edit:  # noqa: ANN401
    new = _scalar(dice)
    name = "replace a value"
    if dice.random() < 0.2:
        new, name = _value(dice), "replace a value by a block"
    return Edit(
        name,
        _with(tree, pointer, new),
        lambda data: editing.set_value(data, pointer, new),
        _lines(before, pointer),
    )


def _add_key(before: bytes, tree: Any, pointer: str, dice: Random) -> Edit:  # noqa: ANN401
    below = {"added": _value(dice)}
    path = f"{pointer}/added"
    if dice.random() < 0.2:
        below, path = {"added": {"inner": _value(dice)}}, f"{pointer}/added/inner"
    new = below["added"] if path.endswith("/added") else below["added"]["inner"]
    return Edit(
        "add a key",
        _with(tree, f"{pointer}/added", below["added"]),
        lambda data: editing.set_value(data, path, new),
        _brackets(before, pointer),
    )


def _replace_all(before: bytes, tree: Any, pointer: str, dice: Random) -> Edit:  # noqa: ANN401
    new = {"date": "2026-12-25", "reason": _scalar(dice)}
    return Edit(
        "replace a mapping",
        _with(tree, pointer, new),
        lambda data: editing.set_value(data, pointer, new),
        _lines(before, pointer),
    )


def _append(before: bytes, tree: Any, pointer: str, dice: Random) -> Edit:  # noqa: ANN401
    old = _at(tree, pointer)
    entry = _value(dice) if not isinstance(old[0], dict) else {"id": "r99", "text": _value(dice)}
    return Edit(
        "append an entry",
        _with(tree, pointer, [*old, entry]),
        lambda data: editing.append_entry(data, pointer, entry),
        _brackets(before, pointer),
    )


def _give_ids(before: bytes, tree: Any, pointer: str, dice: Random) -> Edit | None:  # noqa: ANN401
    old = _at(tree, pointer)
    bare = [n for n, item in enumerate(old) if isinstance(item, dict) and "id" not in item]
    if not bare:
        return None
    position = dice.choice(bare)
    return Edit(
        "give an id",
        _with(tree, f"{pointer}/{position}", {"id": "z9", **old[position]}),
        lambda data: editing.insert_entry_ids(data, pointer, {position: "z9"}),
        _first_line(before, f"{pointer}/{position}"),
    )


Draw = Callable[[bytes, Any, str, Random], Edit | None]
_DRAWS: dict[type, tuple[Draw, ...]] = {
    dict: (_add_key, _add_key, _replace_all),
    list: (_append, _append, _give_ids),
}


def _scalar(dice: Random) -> Any:  # noqa: ANN401 - YAML
    return dice.choice((*TEXTS, *NUMBERS))


def _value(dice: Random) -> Any:  # noqa: ANN401 - YAML
    return dice.choice(
        (
            _scalar(dice),
            _scalar(dice),
            [_scalar(dice), _scalar(dice)],
            {"one": _scalar(dice), "two": [_scalar(dice)]},
            [{"outcome": "сцена", "level": _scalar(dice)}],
        )
    )


def _places(value: Any, pointer: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - YAML
    yield pointer, value
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _places(item, f"{pointer}/{key}")
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _places(item, f"{pointer}/{number}")


def _at(tree: Any, pointer: str) -> Any:  # noqa: ANN401 - YAML
    for part in pointer.split("/")[1:]:
        tree = tree[int(part) if isinstance(tree, list) else part]
    return tree


def _with(tree: Any, pointer: str, new: Any) -> Any:  # noqa: ANN401 - YAML
    if not pointer:
        return new
    copy = deepcopy(tree)
    above, _, part = pointer.rpartition("/")
    box = _at(copy, above)
    box[int(part) if isinstance(box, list) else part] = new
    return copy


def _node(before: bytes, pointer: str) -> tuple[yaml.Node, bool]:
    """The node, and whether it is in brackets or is some itself."""
    node: Any = yaml.compose(before.decode(), yaml.SafeLoader)
    flow = False
    for part in pointer.split("/")[1:]:
        flow = flow or node.flow_style
        if isinstance(node, yaml.SequenceNode):
            node = node.value[int(part)]
        else:
            node = next(item for key, item in node.value if key.value == part)
    return node, flow or bool(getattr(node, "flow_style", False))


def _lines(before: bytes, pointer: str) -> range:
    """Lines a value fills, from 0; of a block collection those of its items."""
    node, _ = _node(before, pointer)
    return range(node.start_mark.line, _last_line(node) + 1)


def _brackets(before: bytes, pointer: str) -> range:
    """Lines of a collection in brackets, which grows inside; a block one touches no old line."""
    return _lines(before, pointer) if _node(before, pointer)[1] else range(0)


def _first_line(before: bytes, pointer: str) -> range:
    line = _node(before, pointer)[0].start_mark.line
    return range(line, line + 1)


def _last_line(node: yaml.Node) -> int:
    if isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1] if isinstance(last, tuple) else last)
    mark = node.end_mark
    ends_before = mark.column == 0 and mark.line > node.start_mark.line
    return int(mark.line - 1 if ends_before else mark.line)


def _others_kept(before: bytes, after: bytes, touches: range) -> bool:
    """Every old line but the touched ones stands in the new file, in one piece above and one
    below the change."""
    old, new = before.splitlines(), after.splitlines()
    if touches:
        head, tail = old[: touches.start], old[touches.stop :]
        kept = len(head) + len(tail)
        return len(new) >= kept and new[: len(head)] == head and new[len(new) - len(tail) :] == tail
    head_length = 0
    while head_length < min(len(old), len(new)) and old[head_length] == new[head_length]:
        head_length += 1
    rest = old[head_length:]
    return not rest or new[len(new) - len(rest) :] == rest


def _table(made: Counter[str], refused: Counter[str]) -> str:
    rows = [f"{name:<28}{made[name]:>8}{refused[name]:>9}" for name in sorted(made | refused)]
    total = f"{'all':<28}{sum(made.values()):>8}{sum(refused.values()):>9}"
    return "\n".join([f"{'edit':<28}{'exact':>8}{'refused':>9}", *rows, total])
