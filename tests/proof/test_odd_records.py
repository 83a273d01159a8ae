"""No value in a record, however odd, stops a verification: a long history of mutated records.

A fixed seed; `--soak` makes many more.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import yaml

from papka.checks import unchanged_records
from papka.core.findings import Code
from tests.proof.test_history_steps import begin, forger, step
from tests.support.archives import good
from tests.support.histories import School

__all__ = ["forger"]  # a fixture

SEED = 20261125
SAMPLE, SOAK = 30, 2_000
ODD: tuple[object, ...] = (
    "",
    "x",
    "2026-0001",
    0,
    -1,
    10**30,
    1.5,
    True,
    None,
    [],
    {},
    [1],
    ["a"],
    [{}],
    {"a": 1},
)
Place = tuple[str | int, ...]


def places(value: object, above: Place = ()) -> Iterator[Place]:
    yield above
    items: list[tuple[Any, object]] = []
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, each in items:
        yield from places(each, (*above, key))


def mutant(random: Random) -> tuple[str, bytes]:
    """A record of the good archive with one place changed, taken out or doubled."""
    paths = [path for path in good() if path.startswith("records/") and path.endswith(".yaml")]
    path = random.choice(paths)
    # Dates as texts, the way papka reads them.
    value = json.loads(json.dumps(yaml.safe_load(good()[path]), default=str))
    change(value, random.choice([at for at in places(value) if at]), random)
    return path, yaml.safe_dump(value, allow_unicode=True).encode()


def change(value: Any, at: Place, random: Random) -> None:  # noqa: ANN401 - any record
    for key in at[:-1]:
        value = value[key]
    how = random.randrange(4)
    if how == 0:
        del value[at[-1]]
    elif how == 1 and hasattr(value, "append"):
        value.append(value[at[-1]])
    else:
        value[at[-1]] = random.choice(ODD)


def test_odd_values_are_judged_and_stop_nothing(
    forger: School,
    request: pytest.FixtureRequest,
) -> None:
    begin(forger)
    rounds = SOAK if request.config.getoption("--soak") else SAMPLE
    random = Random(SEED)
    for number in range(rounds):
        path, data = mutant(random)
        step(forger, {path: data}, late=60 + number)
    found = forger.verify()
    assert found.commits == rounds + 1
    rules = {code.name for code in vars(unchanged_records).values() if isinstance(code, Code)}
    told = {each.code.name for each in found.findings}
    assert "RECORD_UNREADABLE" in told
    assert told & rules
