"""A scale that a programme uses is never changed: marks of past years are read by it (R-2.2.3)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding, Location
from papka.core.layout import ORGANIZATION
from papka.model.archive import Archive
from papka.model.school import Scale


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    if before.scales == after.scales or not after.is_readable(ORGANIZATION):
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
            yield codes.SCALE_CHANGED.at(Location(ORGANIZATION, _pointer(after, name)), scale=name)


def _meaning(scale: Scale) -> tuple[object, ...]:
    """All but the title, which only names it."""
    return tuple(getattr(scale, field) for field in scale.__struct_fields__ if field != "title")


def _pointer(archive: Archive, name: str) -> str:
    for index, scale in enumerate(archive.organization.scales if archive.organization else ()):
        if scale.scale == name:
            return f"/scales/{index}"
    return "/scales"
