"""Every value of a personal folder as it must stand on paper, told from the YAML and its schema.

Independent of the views: what is printed here in one way is worded there in another.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from papka.paper.issued_contents import DISTANCE
from papka.records.archive import Archive
from papka.records.derived.result_facts import enrolment_of, part_of
from papka.records.student import Student

Path_ = tuple[str, ...]


class Schemas:
    """Which keys are marked `x-print: never`."""

    def __init__(self, folder: Path) -> None:
        self._files = {p.name: json.loads(p.read_text("utf-8")) for p in folder.glob("*.json")}

    def leaves(self, name: str, value: Any) -> Iterator[tuple[Path_, Any, Any]]:  # noqa: ANN401 - YAML
        """Keys, value, and the object the value stands in; what is never printed is left out."""
        yield from self._walk(value, f"{name}.json", self._files[f"{name}.json"], (), value)

    def _walk(self, value: Any, file: str, schema: Any, keys: Path_, around: Any) -> Any:  # noqa: ANN401 - YAML
        file, schema, never = self._resolved(file, schema)
        if never:
            return
        if isinstance(value, dict):
            for key, below in value.items():
                inner = schema.get("properties", {}).get(key)
                assert inner is not None, (file, keys, key)
                yield from self._walk(below, file, inner, (*keys, key), value)
        elif isinstance(value, list):
            for below in value:
                yield from self._walk(below, file, schema.get("items", {}), keys, around)
        else:
            yield keys, value, around

    def _resolved(self, file: str, schema: Any) -> tuple[str, Any, bool]:  # noqa: ANN401 - JSON
        never = False
        while True:
            never = never or schema.get("x-print") == "never"
            if "$ref" not in schema or "properties" in schema:
                return file, schema, never
            target, _, pointer = schema["$ref"].partition("#")
            file = target or file
            schema = self._files[file]
            for step in pointer.strip("/").split("/"):
                schema = schema[step] if step else schema


class Forms:
    """What to look for on the paper of one student."""

    def __init__(self, archive: Archive, student: Student) -> None:
        self.archive = archive
        self.student = student
        self._forms: Mapping[str, Callable[[str, Any], str]] = {
            **dict.fromkeys(("contract", "document", "photo"), self._document),
            **dict.fromkeys(("enrolment", "continues"), self._program_of),
            **dict.fromkeys(("part", "parts", "individual_parts"), self._part),
            **dict.fromkeys(("assessed_by", "told", "signed_by"), self._signer),
            "program": lambda v, _: archive.programs[v].title,
            "edition": lambda v, _: f"редакция {v}",
            "order": self._order,
            "event": lambda v, _: archive.events[v].title.translate(str.maketrans("«»", "„“")),
            "purpose": lambda v, _: archive.purposes[v].title,
            "platform": lambda v, _: archive.platforms[v].title,
            "distance": lambda v, _: DISTANCE if v else "",
            "period": lambda v, _: archive.periods[v].title,
            "outcome": self._outcome,
            "level": lambda v, _: f"— {v}",
            "resits": lambda v, _: f"пересдача записи {v[1:]}",
            "replaces": lambda v, _: f"исправление записи {v[1:]}",
            "act": lambda v, _: archive.regulations[v].title,
            "clause": lambda v, _: f"п. {v}",
            "author": lambda _, __: "самооценка",
            "id": lambda v, _: v[1:] if v[0] == "r" else v,
            "group": lambda v, _: f"группа {v}",
            "medium": lambda v, _: {"подлинник": "", "только файл": "электронный файл"}.get(v, v),
            "sheets": lambda v, around: f"{v} лист" if "bound" in around else "",
        }

    def of(self, keys: Path_, value: Any, around: Any) -> str:  # noqa: ANN401 - YAML
        form = self._forms.get(keys[-1])
        if form:
            return form(value, around)
        if isinstance(value, float):
            return f"{value:g}".replace(".", ",")
        if hasattr(value, "strftime"):
            return f"{value:%d.%m.%Y}"
        return str(value)

    def _document(self, value: str, _: Any) -> str:  # noqa: ANN401 - YAML
        found = next(d for d in self.student.documents if d.id == value)
        return found.number or (f"{found.date:%d.%m.%Y}" if found.date else found.title)

    def _program_of(self, value: str, _: Any) -> str:  # noqa: ANN401 - YAML
        enrolment = enrolment_of(self.student, value)
        assert enrolment
        return self.archive.programs[enrolment.program].title

    def _part(self, value: str, around: Any) -> str:  # noqa: ANN401 - YAML
        for enrolment in self.student.enrolments:
            if part := part_of(self.archive, enrolment, value):
                return part.title
        raise AssertionError((value, around))

    def _signer(self, value: str, _: Any) -> str:  # noqa: ANN401 - YAML
        if value in self.archive.staff:
            return self.archive.staff[value].name.surname or ""
        assert self.student.person
        known = {r.id: r.surname or r.given for r in self.student.person.representatives}
        return known.get(value, value)

    def _order(self, value: str, _: Any) -> str:  # noqa: ANN401 - YAML
        order = self.archive.orders[value]
        return f"приказ № {order.number} от {order.date:%d.%m.%Y}"

    def _outcome(self, value: str, _: Any) -> str:  # noqa: ANN401 - YAML
        for program in self.archive.programs.values():
            for edition in program.editions:
                for planned in edition.planned_results:
                    if planned.outcome == value:
                        return planned.text
        raise AssertionError(value)


def records_of(folder: Path) -> Iterator[tuple[str, Any]]:
    """Name of the schema and value of each file of a personal folder."""
    for path in sorted(folder.rglob("*.yaml")):
        name = "results" if path.parent.name == "results" else path.stem
        yield name, yaml.safe_load(path.read_text("utf-8"))
