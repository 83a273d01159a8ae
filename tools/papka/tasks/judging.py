"""The judgement of what is to be saved: completed with ids and salts, then all rules asked.

Invariants: every way to save (`tasks.save`) passes here; a missing id or salt is added, nothing
else is changed; the cost follows the change, not the archive. Absent on purpose: writing.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from papka.core.codes import records
from papka.core.errors import Refused
from papka.core.findings import Finding, Location, Severity, in_order, worst
from papka.core.layout import SALT_BYTES, place, student_folder
from papka.core.snapshot import Overlay, Remembered, Snapshot, bytes_of
from papka.gates.git.commit_tree import CommitTree
from papka.integrity.beforehand import judge_beforehand
from papka.integrity.evidence import unless_by_head
from papka.integrity.permissions import is_head, judge_paths
from papka.model.numbering import missing_ids
from papka.model.reading import load_students
from papka.model.readings import Readings
from papka.model.student import Student
from papka.tasks.actor import Actor
from papka.tasks.check import judge_step, snapshot_source, state_before
from papka.tasks.edition import EDITION, UPGRADE, standing
from papka.text.edit import insert_entry_ids
from papka.text.positions import Source, pinned
from papka.text.schemas import SchemaSet
from papka.views.save_message import save_message

_BY_SCHEMA = "SCHEMA_"
_WAY_OUT = (
    "Правила архива — от прежней версии программы; если так пишет новая, руководитель обновит их: "
    f"{UPGRADE}"
)


@dataclass(frozen=True, slots=True)
class Step:
    """What a save would do, judged. `filled`: what it adds of itself, ids and salts; `named`: own
    words of a person that name those whose files are touched."""

    changes: Mapping[str, bytes | None]
    filled: Mapping[str, bytes]
    numbered: tuple[str, ...]
    states: tuple[tuple[str, str], ...]
    message: str
    findings: tuple[Finding, ...]
    source: Source
    named: tuple[str, ...] = ()

    @property
    def is_refused(self) -> bool:
        severity = worst(self.findings)
        return severity is not None and severity >= Severity.ERROR


def judge(  # noqa: PLR0913 - what a save is told
    root: Path,
    actor: Actor,
    head: str,
    wanted: Mapping[str, bytes | None],
    message: str | None = None,
    readings: Readings | None = None,
    own_words: str = "",
) -> Step:
    """The one judgement of what is saved; `readings` are those of the job it is part of;
    `own_words`: what of the message a person typed."""
    before = Remembered(state_before(root, head, wanted))
    readings = readings or Readings()
    lying = _lying(before, wanted)
    changes = {path: data for path, data in wanted.items() if data != lying[path]}
    if message is not None and not message.strip():
        raise Refused("Описание сохранения пусто", "Напишите его или уберите ключ -m")
    if not changes:
        return Step({}, {}, (), (), "", (), snapshot_source(before))
    earlier = _folders(before, changes, readings)
    filled, numbered = _filled(before, earlier, changes, readings)
    everything = changes | filled
    after = Overlay(before, everything)
    new, found = judge_step(before, after, everything, readings)
    findings = list(unless_by_head(found, is_head=is_head(actor.signer.public, before)))
    findings += judge_paths(actor.staff, actor.signer.public, before, everything)
    findings += judge_beforehand(before, after, everything, message or "")
    if any(path.startswith("templates/") for path in everything):
        from papka.gates.html import compile_all  # noqa: PLC0415 - Jinja only when forms change

        findings += [
            records.TEMPLATE_BROKEN.at(Location(path, line=line), reason=reason)
            for path, line, reason in compile_all(after)
        ]
    source = snapshot_source(after)
    states = tuple((path, _state(lying[path], data)) for path, data in sorted(changes.items()))
    return Step(
        everything,
        filled,
        numbered,
        states,
        message or save_message(earlier, new.students, everything),
        _with_way_out(root, head, everything, in_order(pinned(findings, source))),
        source,
        _named(own_words, earlier, new.students),
    )


def _named(own_words: str, *states: Mapping[str, Student]) -> tuple[str, ...]:
    if not own_words:
        return ()
    from papka.views.named import named_in  # noqa: PLC0415 - only where a person typed something

    touched = (student for state in states for student in state.values())
    return named_in(own_words, (each.person for each in touched if each.person is not None))


def _with_way_out(
    root: Path, head: str, changed: Iterable[str], findings: Iterable[Finding]
) -> tuple[Finding, ...]:
    """A record that the schemas of an archive from an earlier edition refuse names the command."""
    found = tuple(findings)
    refused = any(each.code.name.startswith(_BY_SCHEMA) for each in found)
    if not refused or EDITION in changed:
        return found
    if not standing(root, CommitTree(root, head)).is_behind:
        return found
    return tuple(
        replace(each, hint=f"{each.hint}. {_WAY_OUT}" if each.hint else _WAY_OUT)
        if each.code.name.startswith(_BY_SCHEMA)
        else each
        for each in found
    )


def _lying(before: Snapshot, paths: Iterable[str]) -> dict[str, bytes | None]:
    """What each path holds, those that are listed in one go."""
    asked = list(paths)
    listed = set(before.paths())
    found = dict(before.read_many(path for path in asked if path in listed))
    return {path: found[path] if path in found else bytes_of(before, path) for path in asked}


def _state(before: bytes | None, data: bytes | None) -> str:
    if data is None:
        return "deleted"
    return "added" if before is None else "changed"


def _filled(
    before: Snapshot,
    earlier: Mapping[str, Student],
    changes: Mapping[str, bytes | None],
    readings: Readings,
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """Files with the ids and salts they lacked, and the addresses of entries numbered."""
    after = Overlay(before, changes)
    filled: dict[str, bytes] = {}
    numbered: list[str] = []
    for student in _folders(after, changes, readings).values():
        if student.salt is None:
            filled[f"{student_folder(student.id)}/.salt"] = secrets.token_bytes(SALT_BYTES)
        old = earlier.get(student.id)
        known = [entry.id for entry in old.entries() if entry.id] if old else []
        for (path, pointer), ids in missing_ids(student, known).items():
            data = filled.get(path) or after.read(path)
            filled[path] = insert_entry_ids(data, pointer, ids)
            numbered += [f"{student.id}#{id_}" for id_ in ids.values()]
    return filled, tuple(numbered)


def _folders(snapshot: Snapshot, changed: Iterable[str], readings: Readings) -> dict[str, Student]:
    """The personal files that hold the changed paths."""
    found = (place(path) for path in changed)
    students = {each.student for each in found if each and each.student}
    return load_students(snapshot, SchemaSet.load(snapshot), students, readings)
