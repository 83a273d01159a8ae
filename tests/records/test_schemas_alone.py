"""The folder `schema/` of a plain clone is all that anybody needs to judge its records.

No part of this program takes part: PyYAML reads, jsonschema as it comes judges, and a reference
out of the folder fails the test.
"""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from papka.core.kinds import SCHEMA_OF
from tests.support.archives import good, restricted, sample

NAMES = sorted(set(SCHEMA_OF.values()))
_LED = re.compile(r"\A# yaml-language-server: \$schema=(?:\.\./)+schema/([a-z]+)\.json\n")


class _Loader(yaml.SafeLoader):
    """PyYAML with days left as the text that they are."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in forms if not tag.endswith(":timestamp")]
    for first, forms in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resources(
        (f"file:///{path}", Resource.from_contents(json.loads(data), DRAFT202012))
        for path, data in good().items()
        if path.startswith("schema/")
    )


@cache
def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"file:///schema/{name}.json"}, registry=_registry())


@pytest.mark.parametrize("files", [sample, good, restricted])
def test_every_record_is_judged_by_the_schema_that_its_first_line_names(files: Any) -> None:  # noqa: ANN401 - a cached function
    judged = 0
    for path, data in files().items():
        led = _LED.match(data.decode()) if path.endswith(".yaml") else None
        if led is None:
            continue
        judged += 1
        value = yaml.load(data, Loader=_Loader)
        assert list(validator(led[1]).iter_errors(value)) == [], path
    assert judged > 3


def test_a_wrong_record_is_refused() -> None:
    path = "records/students/2026/2026-0002/student.yaml"
    value = yaml.load(sample()[path], Loader=_Loader)
    for wrong in (value | {"id": "2"}, value | {"лишнее": 1}, value | {"sex": "да"}):
        assert list(validator("student").iter_errors(wrong))


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_leads_the_editor_alone_to_names(name: str) -> None:
    """One word leads there when a field is present, the other keeps a missing file unsaid."""
    schema = json.loads(good()[f"schema/{name}.json"])
    lead = {"$ref": f"../.papka/names.json#/$defs/{name}.json"}
    assert schema.pop("schemaSequence") == [{"$ref": "#"}]
    leads = schema.pop("dependencies")
    assert list(leads.values()) == [lead] * len(leads)
    needed = set(schema.get("required", ()))
    assert leads.keys() & needed or leads.keys() == schema["properties"].keys()
    assert ".papka" not in json.dumps(schema)
