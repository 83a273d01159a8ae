"""The attribute files of all commits, each read once however many commits share it."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.findings import Finding
from papka.gates.git.cleanroom import CleanRoom
from papka.integrity.attributes import is_attributes, judge_attributes
from papka.integrity.chronicle import Step
from papka.tasks.proof.history import read_blob


def judge_attribute_files(room: CleanRoom, steps: tuple[Step, ...]) -> Iterator[Finding]:
    """What is lost is read as nothing: the store's check has told of it."""
    objects = room.objects()
    wanted = {
        change.new_id
        for step in steps
        for change in step.changes
        if not change.deleted and is_attributes(change.path)
    }
    return judge_attributes(steps, {blob: read_blob(objects, blob) for blob in sorted(wanted)})
