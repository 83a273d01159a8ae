"""*Программы*: what is taught, edition by edition, in the words of the archive's own schema."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from flask import Blueprint, render_template

from papka.core.errors import NotFound
from papka.core.phrases import suggest
from papka.core.places import program_file
from papka.desk.open_records import open_people
from papka.paper.sections import Section
from papka.records.archive import Archive
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import Steps, Value, read
from papka.web.face import Face, KnownPerson


@dataclass(frozen=True, slots=True)
class ProgramLine:
    """A programme in the list: `count` study by it now."""

    code: str
    title: str
    direction: str
    editions: int
    count: int


@dataclass(frozen=True, slots=True)
class RecordBlock:
    """A piece of a record: its heading, plain fields, tables of its lists."""

    title: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[Section, ...]


def list_programs(archive: Archive, rows: Iterable[KnownPerson], on: dt.date) -> list[ProgramLine]:
    """Return the programmes by direction and title, and how many study by each on a day."""
    counts = Counter(
        code
        for row in rows
        if not row.is_duplicate
        for code in {each.program for each in row.studies if each.goes_on(on)}
    )
    lines = [
        ProgramLine(code, each.title, each.direction or "", len(each.editions), counts[code])
        for code, each in archive.programs.items()
    ]
    return sorted(lines, key=lambda line: (line.direction, line.title))


def word_record(
    schemas: SchemaSet, kind: str, value: Value, at: Steps = (), title: str = ""
) -> Iterator[RecordBlock]:
    """Word a record by the titles of its schema: plain fields, tables, then what has parts itself,
    a block each."""
    facts, tables, inner = [], [], []
    for key, item in value.items():
        label = schemas.title(kind, (*at, key)) or key
        if isinstance(item, dict):
            facts += [
                (f"{label}: {schemas.title(kind, (*at, key, name)) or name}", _word(each))
                for name, each in item.items()
            ]
        elif isinstance(item, list) and any(isinstance(each, dict) for each in item):
            rows = [each for each in item if isinstance(each, dict)]
            if any(_has_parts(each) for each in rows):
                inner += [
                    (f"{label}: {n}", (*at, key, n - 1), row) for n, row in enumerate(rows, 1)
                ]
            else:
                tables.append(_tabulate(schemas, kind, (*at, key), label, rows))
        else:
            facts.append((label, _word(item)))
    yield RecordBlock(title, tuple(facts), tuple(tables))
    for heading, steps, row in inner:
        yield from word_record(schemas, kind, row, steps, heading)


def _has_parts(value: dict[str, Value]) -> bool:
    return any(
        isinstance(item, dict)
        or (isinstance(item, list) and any(isinstance(each, dict) for each in item))
        for item in value.values()
    )


def _tabulate(
    schemas: SchemaSet, kind: str, at: Steps, title: str, rows: list[dict[str, Value]]
) -> Section:
    keys = list(dict.fromkeys(key for row in rows for key in row))
    return Section(
        title,
        tuple(schemas.title(kind, (*at, 0, key)) or key for key in keys),
        tuple(tuple(_word(row.get(key, "")) for key in keys) for row in rows),
    )


def _word(value: Value) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def routes(face: Face) -> Blueprint:
    """Return the pages of programmes."""
    pages = Blueprint("programs", __name__)

    @pages.get("/programs")
    def show() -> str:
        archive = open_people(face.root, face.read().tree, ())
        return render_template(
            "programs.html",
            lines=list_programs(archive, face.people().values(), face.today),
            unread_paths=sorted(
                path for path in archive.unreadable if path.startswith("records/progr")
            ),
        )

    @pages.get("/programs/<code>")
    def show_program(code: str) -> str:
        reading = face.read()
        archive = open_people(face.root, reading.tree, ())
        program = archive.programs.get(code)
        if program is None:
            raise NotFound(
                f"Программы «{code}» в архиве нет",
                f"Все программы: papka find.{suggest(code, archive.programs)}",
            )
        path = program_file(code)
        value = read(reading.tree.read(path), path).value
        return render_template(
            "program.html",
            program=program,
            blocks=tuple(word_record(reading.schemas, "program", value)),
            groups=[each.group for each in archive.groups.values() if each.program == code],
        )

    return pages
