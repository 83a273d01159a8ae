"""An adopted edition of a local act stays as adopted; its order and text may be added later, and a
draft is anybody's to change (R-7.1)."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding, Location
from papka.core.layout import RECORDS
from papka.model.archive import Archive
from papka.model.school import Regulation, RegulationEdition

_ADDED_LATER = ("order", "file")


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    for key, act in before.regulations.items():
        path = f"{RECORDS}/regulations/{key}/regulation.yaml"
        new = after.regulations.get(key)
        if not after.is_readable(path):
            continue
        for old in act.editions:
            if not old.is_adopted:
                continue
            index, edition = _same(new, old.edition)
            if edition is None or _altered(old, edition):
                pointer = "" if index is None else f"/editions/{index}"
                yield codes.REGULATION_CHANGED.at(
                    Location(path, pointer), act=key, edition=old.edition
                )


def _same(act: Regulation | None, number: int) -> tuple[int | None, RegulationEdition | None]:
    for index, edition in enumerate(act.editions if act else ()):
        if edition.edition == number:
            return index, edition
    return None, None


def _altered(old: RegulationEdition, new: RegulationEdition) -> bool:
    return any(
        getattr(old, field) != getattr(new, field)
        for field in old.__struct_fields__
        if not (field in _ADDED_LATER and getattr(old, field) is None)
    )
