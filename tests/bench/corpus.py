"""The sample school multiplied to a number of files, laid out as an archive without history.

`python tests/bench/corpus.py FOLDER [FILES]`
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import sys
from pathlib import Path

from papka.core.installation import ShippedSnapshot
from papka.core.kinds import SCHEMA_OF
from papka.core.places import place
from papka.desk.demo_archive import multiplied, sample


def corpus(files: int) -> dict[str, bytes]:
    """Records with at least `files` YAML files of students."""
    records = sample()
    students = {found.student for path in records if (found := place(path)) and found.student}
    each = sum(map(is_personal, records)) / len(students)
    return multiplied(records, -int(-files // each))


def is_personal(path: str) -> bool:
    found = place(path)
    return found is not None and bool(found.student) and path.endswith(".yaml")


def by_schema(paths: list[str]) -> dict[str, list[str]]:
    """The students' YAML files under the name of the schema that judges them."""
    groups: dict[str, list[str]] = {}
    for path in filter(is_personal, paths):
        found = place(path)
        if found is not None:
            groups.setdefault(SCHEMA_OF[found.kind], []).append(path)
    return groups


def lay_out(folder: Path, files: int) -> list[str]:
    """Writes the corpus with its schemas and returns the paths of the records."""
    records = corpus(files)
    schemas = ShippedSnapshot("schema")
    for path, data in {**records, **dict(schemas.read_many(schemas.paths()))}.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    return sorted(records)


if __name__ == "__main__":
    laid = lay_out(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 10_000)
    print(f"{sum(map(is_personal, laid))} YAML files of students in {sys.argv[1]}")
