"""The recipe of docs/platforms.md is true: its layout reads its file into its table."""

from __future__ import annotations

import re

import msgspec

from papka.intake.export_files import open_export
from papka.intake.headers import recognise
from papka.intake.marks import MarkContext, read_rows
from papka.records.archive import load
from papka.records.schemas import SchemaSet
from papka.records.school import Platform
from papka.records.strict_yaml import read
from tests.support.archives import PROJECT, sample, snapshot

RECIPE = (PROJECT / "docs" / "platforms.md").read_text(encoding="utf-8")


def block(kind: str) -> str:
    found = re.findall(rf"^```{kind}\n(.*?)^```$", RECIPE, re.MULTILINE | re.DOTALL)
    assert len(found) == 1
    return str(found[0])


def test_the_recipe_reads_its_example() -> None:
    files = snapshot(sample())
    schemas = SchemaSet.load(files)
    value = read(block("yaml").encode(), "ucheba.yaml").value
    assert schemas.judge("platform", value, "ucheba.yaml") == []
    export = open_export(block("csv").encode(), "grades.csv")
    layout = recognise(export, msgspec.convert(value, Platform))
    assert not isinstance(layout, tuple)
    school = load(files, schemas)
    assert school.organization is not None
    scales = {scale.scale: scale for scale in school.organization.scales}
    found = read_rows(export, layout, MarkContext(school.programs, scales))
    assert found.findings == ()
    table = [
        f"| {mark.row} | {mark.column} | {mark.part} | {mark.raw} | {mark.mark} | {mark.date} |"
        for mark in found.marks
    ]
    assert "\n".join(table) + "\n\n" in RECIPE


def test_every_shipped_layout_is_named() -> None:
    shipped = {path.name for path in (PROJECT / "templates" / "platforms").glob("*.yaml")}
    assert shipped == set(re.findall(r"`([a-z-]+\.yaml)`", RECIPE))
