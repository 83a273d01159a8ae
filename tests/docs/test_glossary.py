"""docs/glossary.md holds every key of the schemas, with its Russian title, and no other."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.archives import PROJECT

GLOSSARY = PROJECT / "docs" / "glossary.md"
HEAD = """# Glossary

One word for one thing: the Russian term people read, the English key in YAML, model and
templates, and the records it stands in. Written from the titles in `schema/`; a test keeps it
complete (`--update-snapshots` writes it anew).

| по-русски | key | records |
|---|---|---|
"""


def keys(schema: Any, name: str) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON
    """Every property with a title, wherever it stands."""
    if isinstance(schema, dict):
        for key, about in schema.get("properties", {}).items():
            if isinstance(about, dict) and "title" in about:
                yield key, about["title"]
        for value in schema.values():
            yield from keys(value, name)
    elif isinstance(schema, list):
        for value in schema:
            yield from keys(value, name)


def written() -> str:
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for path in sorted((PROJECT / "schema").glob("*.json")):
        schema = json.loads(path.read_text(encoding="utf-8"))
        for key, title in keys(schema, path.stem):
            found[title, key].add(path.stem)
    rows = sorted(found.items(), key=lambda item: (item[0][1], item[0][0].casefold()))
    return HEAD + "".join(
        f"| {title} | `{key}` | {', '.join(sorted(names))} |\n" for (title, key), names in rows
    )


def test_the_glossary_is_complete(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update-snapshots"):
        GLOSSARY.write_text(written(), encoding="utf-8")
    assert GLOSSARY.read_text(encoding="utf-8") == written()
