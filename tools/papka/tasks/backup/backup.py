"""Backup: one proved copy on one medium, and a line about it in the journal (R-6.3).

Invariants: a copy is written aside, synced, read back and verified before it gets its name, and
named before the journal tells of it; older copies stay until then; killed at any point, the same
command run again succeeds: it takes away what was half written, or finds the named copy that the
journal does not know yet, proves it again and writes it down.
Absent on purpose: the archive's own lock while copying, so that work goes on meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from papka.core.errors import MediumFailed, Refused
from papka.core.medium import (
    BUNDLE,
    MANIFEST,
    PLAIN,
    READ_ME,
    Manifest,
    compose_label,
    compose_manifest,
    copy_name,
    read_label,
)
from papka.core.snapshot import Part
from papka.core.store import TrackedFile
from papka.gates import begun, media
from papka.gates.git.bundle import pieces
from papka.gates.git.cleanroom import CleanRoom, clean_room
from papka.gates.git.commit_tree import CommitTree
from papka.gates.git.store import locate
from papka.gates.lock import own_lock
from papka.gates.volume import volume_of
from papka.tasks.actor import Actor
from papka.tasks.backup.journal import with_copy
from papka.tasks.backup.planning import Plan, request_of
from papka.tasks.backup.proving import Proof, prove
from papka.tasks.edition import UPGRADE
from papka.tasks.save import Saved, save_changes
from papka.text.document import read
from papka.text.schemas import SchemaSet
from papka.views.medium_read_me import read_me

_LOCK = ".papka/backup.lock"
_SECONDS = 2.0
_AGAIN = "Повторите ту же команду; если не поможет, носитель ненадёжен: возьмите другой"


@dataclass(frozen=True, slots=True)
class Done:
    """`copy`: where it lies now. `was_waiting`: an earlier, cut command had written it. `saved`:
    how the journal was saved; its commit is None when the journal was refused. `dropped`: names of
    older copies taken away."""

    copy: Path
    proof: Proof
    saved: Saved
    was_waiting: bool
    dropped: tuple[str, ...] = ()


def backup(
    root: Path, actor: Actor, plan: Plan, *, now: datetime, drop_older: bool = False
) -> Done:
    """Makes the copy planned. `drop_older`: take the medium's older copies away in the end.

    Raises MediumFailed for the disk, Refused when what was read back is not what was written,
    LockHeld, GitFailed for an archive that is not whole, ChangedMeanwhile for the journal.
    """
    with own_lock(root, _LOCK, _SECONDS):
        with media.at_medium(plan.label.medium):
            _require_same(plan)
            _rehearse(root, actor, plan, now)
            media.sweep(plan.to)
            if plan.is_new:
                media.write_label(plan.to, compose_label(plan.label))
            found = _found(plan, now)
            copy, proof = found or _made(root, actor, plan, now)
        manifest = proof.manifest
        assert manifest is not None
        if found is not None and plan.stands:
            saved = Saved(plan.head, _message(plan, manifest), (), (), lambda _: None)
        else:
            data = with_copy(plan, manifest, proof.size, now=now, staff=actor.staff)
            saved = save_changes(
                root, actor, {plan.journal: data}, now=now,
                expected={plan.journal: plan.expected}, message=_message(plan, manifest),
            )  # fmt: skip
        dropped: tuple[str, ...] = ()
        if drop_older and saved.commit is not None and not proof.findings:
            with media.at_medium(plan.label.medium):
                dropped = tuple(_drop(plan, copy))
    return Done(copy, proof, saved, found is not None, dropped)


def asked(root: Path, plan: Plan) -> None:
    """Before the copy: the same command finds it again until its answer was given."""
    if not plan.stands:
        begun.keep(root, request_of(plan.label), plan.head.encode())


def answered(root: Path, plan: Plan) -> None:
    """The answer was given: asked again, another copy is asked for."""
    begun.drop(root, request_of(plan.label))


def _rehearse(root: Path, actor: Actor, plan: Plan, now: datetime) -> None:
    """A line that the archive's own schema would refuse is told before the medium is written to."""
    line = with_copy(plan, _manifest(actor, plan, now), 1, now=now, staff=actor.staff)
    schemas = SchemaSet.load(Part(CommitTree(root, plan.head), "schema"))
    wrong = schemas.judge("media", read(line, plan.journal).value, plan.journal)
    if wrong:
        raise Refused(
            f"Журнал {plan.journal} строку о новой копии не примет: {wrong[0].message}",
            "На носитель ничего не записано. Схему schema/media.json меняли в школе: руководитель "
            f"возьмёт схему программы: {UPGRADE} --take schema/media.json",
        )


def _manifest(actor: Actor, plan: Plan, now: datetime) -> Manifest:
    return Manifest(
        plan.label.medium, plan.label.kind, now.astimezone(UTC), actor.staff,
        plan.head, plan.root, plan.commits, plan.seal, {},
    )  # fmt: skip


def _require_same(plan: Plan) -> None:
    """The disk planned for is still there, and not the folder it was mounted on."""
    data = media.read_label_of(plan.to)
    is_same = volume_of(plan.to).device == plan.volume.device
    if plan.is_new:
        is_same = is_same and data is None
    else:
        is_same = is_same and data is not None and read_label(data).id == plan.label.id
    if not is_same:
        raise MediumFailed(plan.label.medium, "пока готовилась копия, его сменили или отключили")


def _found(plan: Plan, now: datetime) -> tuple[Path, Proof] | None:
    """The copy a cut command left, if it is good."""
    if plan.waiting is None:
        return None
    copy = plan.to / plan.waiting.name
    proof = prove(copy, now=now)
    return (copy, proof) if proof.is_good else None


def _made(root: Path, actor: Actor, plan: Plan, now: datetime) -> tuple[Path, Proof]:
    name = copy_name(now, plan.head)
    if (plan.to / name).exists():
        raise Refused(
            f"Копия {name} на носителе уже есть, но она повреждена",
            "Проверьте носитель и повторите через секунду: у новой копии будет своё имя",
        )
    draft = media.Draft(plan.to, name)
    try:
        _write(root, plan, draft, _manifest(actor, plan, now))
        draft.settle()
        proof = prove(draft.place, now=now)
        _require_good(proof, plan.label.medium)
        return draft.name(), proof
    except BaseException:
        draft.drop()
        raise


def _require_good(proof: Proof, medium: str) -> None:
    if not proof.is_good:
        said = "; ".join(proof.faults)
        raise MediumFailed(medium, f"с него прочитано не то, что записано: {said}", _AGAIN)


def _write(root: Path, plan: Plan, draft: media.Draft, manifest: Manifest) -> None:
    """The manifest last: a copy without one is no copy."""
    with clean_room(locate(root)) as room:
        draft.write(BUNDLE, pieces(room, plan.head))
        for path, data in _plain(room, plan.head):
            draft.write(PLAIN + path, [data])
    draft.write(READ_ME, [read_me(plan.archive, manifest).encode()])
    whole = replace(manifest, files=dict(draft.digests))
    draft.write(MANIFEST, [compose_manifest(whole)])


def _plain(room: CleanRoom, head: str) -> Iterator[tuple[str, bytes]]:
    files: dict[str, TrackedFile] = {
        path: entry for path, entry in room.files(head).items() if entry.mode.startswith("100")
    }
    found = room.objects().read_many(entry.id for entry in files.values())
    for path, (_, _, data) in zip(files, found, strict=True):
        yield path, data


def _drop(plan: Plan, copy: Path) -> Iterator[str]:
    for older in plan.older:
        if older.name != copy.name:
            media.remove_copy(plan.to / older.name)
            yield older.name


def _message(plan: Plan, manifest: Manifest) -> str:
    return f"Резервная копия на {manifest.medium}: {plan.year}"
