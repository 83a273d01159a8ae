"""The fast engine and jsonschema judge every mutant of every real record alike.

The judge here is jsonschema as it comes, set up apart from ours: of its own it only reads `$` as
the end of the text, as the schemas mean it. A fixed seed; `--soak` makes them all and prints what
was tried.
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import jsonschema
import pytest
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from papka.core.kinds import SCHEMA_OF
from papka.core.places import place
from papka.records.schemas import SchemaSet, is_date
from papka.records.strict_yaml import read
from tests.support.archives import (
    PROJECT,
    destroyed,
    files_below,
    good,
    restricted,
    sample,
    snapshot,
)

SAMPLE, SOAK = 500, 30_000
ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2.0, 2.5, 10**30, -(10**30), 1e308, -1e-308, [], {}, [None]),
    *("", " ", "\n", "x\n", "нет", "2026-02-29", "2026-01-15", "20260115", "r0", "r01", "٣", "\0"),
    *("2026-0001#e1", "s0001", "+7", "a@b", "112-233-445 95", "é", "e\u0301", "𝔘", "x" * 4000),
)
KEYS = ("id", "mark", "part", "date", "text", "kind", "лишнее", "", "replaces", "__proto__", "$ref")


def records() -> list[tuple[str, Any]]:
    """Every record of the good, later, restricted and sample archive: schema name, value."""
    found = []
    moved = PROJECT / "tests" / "archives" / "bad" / "GROUP_OTHER_PROGRAM--transfer"
    for files in (destroyed(), restricted(), sample(), files_below(moved)):
        for path, data in sorted(files.items()):
            put = place(path)
            if put is not None and put.kind in SCHEMA_OF:
                found.append((SCHEMA_OF[put.kind], read(data, path).value))
    return found


def judge_of(files: dict[str, bytes], name: str) -> Any:  # noqa: ANN401 - a class made at run time
    """jsonschema over the same schemas, formats checked by the same function."""
    checker = jsonschema.FormatChecker(formats=())
    checker.checks("date")(lambda value: not isinstance(value, str) or is_date(value))
    resources = [
        (
            f"file:///{path}",
            Resource.from_contents(json.loads(data.decode(), object_hook=_ends), DRAFT202012),
        )
        for path, data in files.items()
        if path.startswith("schema/")
    ]
    return jsonschema.Draft202012Validator(
        {"$ref": f"file:///schema/{name}.json"},
        registry=Registry().with_resources(resources),
        format_checker=checker,
    )


def _ends(schema: dict[str, Any]) -> dict[str, Any]:
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and pattern.endswith("$"):
        schema["pattern"] = pattern[:-1] + "\\Z"
    return schema


def mutant(value: Any, rng: Random) -> tuple[str, Any]:  # noqa: ANN401
    """A copy with one to three slips; the names of the slips."""
    changed = {"": copy.deepcopy(value)}
    names = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        box, key = rng.choice(list(_places(changed, "")))
        names.append(_slip(box, key, rng))
    return "+".join(sorted(set(names))), changed[""]


def _places(box: Any, key: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401
    """Every value as (its container, its key)."""
    yield box, key
    inner = box[key]
    for name in inner if isinstance(inner, dict) else range(len(inner)) if _is_list(inner) else ():
        yield from _places(inner, name)


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _slip(box: Any, key: Any, rng: Random) -> str:  # noqa: ANN401
    value = box[key]
    slips = [name for name, (kind, _) in SLIPS.items() if isinstance(value, kind)]
    slip = rng.choice(slips)
    if slip == "gone":
        if key != "":
            del box[key]
    elif slip in IN_PLACE:
        SLIPS[slip][1](value, rng)
    else:
        box[key] = SLIPS[slip][1](value, rng)
    return slip


def _odd(rng: Random) -> Any:  # noqa: ANN401
    return copy.deepcopy(rng.choice(ODD))


def _rename(value: dict[str, Any], rng: Random) -> None:
    old = rng.choice(list(value)) if value else ""
    value[rng.choice((*KEYS, old + "s", old.upper()))] = value.pop(old, None)


SLIPS: dict[str, tuple[type | tuple[type, ...], Callable[[Any, Random], Any]]] = {
    "odd value": (object, lambda _, rng: _odd(rng)),
    "text": (object, lambda value, _: str(value)[:200]),
    "gone": (object, lambda value, _: value),
    "key more": (dict, lambda value, rng: value.update({rng.choice(KEYS): _odd(rng)})),
    "key renamed": (dict, _rename),
    "item twice": (list, lambda value, rng: value.extend(rng.sample(value, len(value[:1])))),
    "items gone": (list, lambda value, _: value.clear()),
    "text cut": (str, lambda value, _: value[:-1]),
    "text longer": (str, lambda value, rng: value + rng.choice(("\n", " ", "1", "я", "\u0301"))),
    "case": (str, lambda value, _: value.swapcase()),
    "number": (
        (int, float),
        lambda value, rng: rng.choice((-value, value + 0.5, value * 10**20, float(value))),
    ),
}
IN_PLACE = frozenset({"key more", "key renamed", "item twice", "items gone"})


def test_both_engines_judge_every_mutant_alike(request: pytest.FixtureRequest) -> None:
    whole = request.config.getoption("--soak")
    rng = Random(20261123)
    files = good()
    ours = SchemaSet.load(snapshot(files))
    judges = {name: judge_of(files, name) for name in ours.names if name != "common"}
    known = records()
    assert {name for name, _ in known} | {"acceptance"} >= judges.keys() - {"import", "media"}
    tried: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for _ in range(SOAK if whole else SAMPLE):
        name, value = rng.choice(known)
        slips, changed = mutant(value, rng)
        accepted = ours.accepts(f"{name}.json", changed)
        assert accepted == judges[name].is_valid(changed), (name, slips, changed)
        if not accepted:
            found = {finding.code.name for finding in ours.judge(name, changed, "f.yaml")}
            assert found
            assert "SCHEMA_ENGINES_DISAGREE" not in found, (name, slips, changed)
        tried[name] += 1
        refused[name] += not accepted
    if whole:
        lines = [f"{name:<14}{tried[name]:>8}{refused[name]:>9}{0:>9}" for name in sorted(tried)]
        total = f"{'all':<14}{tried.total():>8}{refused.total():>9}{0:>9}"
        print("\n".join(["schema         mutants  refused disagree", *lines, total]))  # noqa: T201
