"""A scale of words runs from the lowest to the highest; one that a programme uses is never changed,
because marks of past years are read by it (R-2.2.3)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import consistency, steps
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION
from papka.model.archive import Archive
from papka.model.school import Scale

_ORDERED = 2
"""The format from which on scales are in order: `papka upgrade` turns those of earlier ones."""


def check(archive: Archive) -> Iterator[Finding]:
    if archive.organization is None or archive.organization.format < _ORDERED:
        return
    for index, scale in enumerate(archive.organization.scales):
        passing = set(scale.passing_marks)
        if passing != set(_upper_end(scale)):
            yield consistency.SCALE_ORDER.at(
                Location(ORGANIZATION, f"/scales/{index}/marks"),
                scale=scale.scale,
                passing=", ".join(f"«{mark}»" for mark in scale.passing_marks),
            )


def _upper_end(scale: Scale) -> tuple[str, ...]:
    """As many of the highest marks as there are passing ones."""
    return scale.marks[max(len(scale.marks) - len(scale.passing_marks), 0) :]


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    if not after.is_readable(ORGANIZATION):
        return
    used = {
        part.scale
        for program in before.programs.values()
        for edition in program.editions
        for part in edition.parts
    }
    for name, scale in before.scales.items():
        new = after.scales.get(name)
        if name in used and (new is None or _meaning(new) != _meaning(scale)):
            yield steps.SCALE_CHANGED.at(Location(ORGANIZATION, _pointer(after, name)), scale=name)


def _meaning(scale: Scale) -> dict[str, object]:
    """All but the title, which only names it; a list turned the right way up means the same."""
    said = {field: getattr(scale, field) for field in scale.__struct_fields__ if field != "title"}
    marks, passing = scale.marks, set(scale.passing_marks)
    if set(marks[: len(passing)]) == passing:  # from the highest down
        marks = tuple(reversed(marks))
    ranked = sorted(marks, key=scale.passes)
    return said | {"marks": ranked, "passing_marks": set(scale.passing_marks)}


def _pointer(archive: Archive, name: str) -> str:
    for index, scale in enumerate(archive.organization.scales if archive.organization else ()):
        if scale.scale == name:
            return f"/scales/{index}"
    return "/scales"
