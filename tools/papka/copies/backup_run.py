"""The journal's line about a copy: `records/media/<year>.yaml` (R-6.3).

Invariants: it is written once the copy was read back from the medium and is good, and saved as one
signed commit; lines that are there stay as they are.

Proves a copy from what the medium gives back: every byte, then the whole history in it.

Invariants: no word of whoever wrote the copy is believed: files are read again and compared with
the manifest, the bundle is fetched into an empty store and verified, and the plain files are
compared with its last commit. Absent on purpose: repair, and whether the archive itself is sound:
a faithful copy of a faulty history is a good copy; its faults are handed on.

Backup: one proved copy on one medium, and a line about it in the journal (R-6.3).

Invariants: a copy is written aside, synced, read back and verified before it gets its name, and
named before the journal tells of it; older copies stay until then; killed at any point, the same
command run again succeeds: it takes away what was half written, or finds the named copy that the
journal does not know yet, proves it again and writes it down.
Absent on purpose: the archive's own lock while copying, so that work goes on meanwhile.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from papka.copies import media
from papka.copies.backup_plan import Plan, request_of
from papka.copies.media import Read, paths_in, read_manifest_of, reread, volume_of
from papka.copies.medium_format import (
    BUNDLE,
    MANIFEST,
    PLAIN,
    READ_ME,
    BadMedium,
    Manifest,
    compose_label,
    compose_manifest,
    copy_name,
    read_label,
    read_manifest,
    read_me,
)
from papka.copies.transport import pieces, unbundle
from papka.core.errors import GitFailed, MediumFailed, Refused
from papka.core.findings import Finding, Severity
from papka.core.snapshot import Part
from papka.desk.edition import UPGRADE
from papka.desk.saving import Saved, save_changes
from papka.proof.clean_room import CleanRoom, clean_room
from papka.proof.verification import verify
from papka.records.documents import read
from papka.records.editing import append_entry, emit
from papka.records.schemas import SchemaSet
from papka.repository import journal
from papka.repository.commit_snapshots import CommitTree
from papka.repository.dot_papka import own_lock
from papka.repository.git_values import TrackedFile
from papka.repository.signing import Actor
from papka.repository.store import locate

HEADING = "# yaml-language-server: $schema=../../schema/media.json\n"


def with_copy(plan: Plan, manifest: Manifest, size: int, *, now: dt.datetime, staff: str) -> bytes:
    """The journal with one more line; `staff` read the copy back `now`."""
    line = {
        "date": manifest.made.astimezone(now.tzinfo).date(),
        "medium": manifest.medium,
        "kind": manifest.kind,
        "size": size,
        "sha256": hashlib.sha256(compose_manifest(manifest)).hexdigest(),
        "made_by": manifest.by,
        "place": plan.place,
        "verified": now.date(),
        "verified_by": staff,
        "head": manifest.head,
        "device": plan.volume.identity or None,
    }
    kept = {key: value for key, value in line.items() if value is not None}
    if plan.expected is None:
        return (HEADING + emit({"copies": [kept]})).encode()
    return append_entry(plan.expected, "copies", kept)


TORN = ("OBJECT_", "PACK_", "REF_DAMAGED", "HISTORY_UNREADABLE")
"""How the codes begin of what makes a history no whole one."""
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Proof:
    """`faults`: why the copy is not good, in words; none when it is. `manifest` is None when it
    cannot be read. `size`: bytes of all files. `findings`: what is wrong with the archive itself,
    of which this is a faithful copy. `objects` and `files`: how many were read and hashed."""

    faults: tuple[str, ...]
    manifest: Manifest | None = None
    size: int = 0
    findings: tuple[Finding, ...] = ()
    objects: int = 0
    files: int = 0

    @property
    def is_good(self) -> bool:
        return not self.faults


def prove(copy: Path, *, now: datetime, store: Path | None = None) -> Proof:
    """Reads the whole copy from the medium; raises OSError when that refuses to be listed.

    `store`: where to make the bare store of what the copy holds, kept for the caller; a folder that
    is not there yet.
    """
    try:
        manifest = read_manifest(read_manifest_of(copy))
    except BadMedium as error:
        return Proof((f"{MANIFEST}: {error}",))
    there = paths_in(copy)
    found: dict[str, Read] = {}
    faults = list(_unread(copy, there, found))
    faults += _differing(manifest, there, found)
    size = sum(each.size for each in found.values())
    if BUNDLE not in manifest.files:
        faults.append(f"{BUNDLE}: такого файла в копии нет")
    if faults:
        return Proof(_short(faults), manifest, size, files=len(found))
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        store = store or Path(name) / "store"
        try:
            unbundle(copy / BUNDLE, store)
        except GitFailed as error:
            return Proof((f"{BUNDLE}: {error.message}",), manifest, size, files=len(found))
        verified = verify(store, now=now)
        grave = [each for each in verified.findings if each.severity >= Severity.ERROR]
        torn = [each for each in grave if each.code.name.startswith(TORN)]
        faults += [f"{BUNDLE}: {each.message}" for each in torn]
        told = (verified.head, verified.root, verified.commits)
        if not torn and told != (manifest.head, manifest.root, manifest.commits):
            faults.append(f"{BUNDLE}: история не та, что названа в {MANIFEST}")
        if not faults:
            faults += _plain(store, manifest.head, found)
    return Proof(
        _short(faults),
        manifest,
        size,
        tuple(each for each in grave if each not in torn),
        verified.objects,
        len(found),
    )


def _unread(copy: Path, there: tuple[str, ...], found: dict[str, Read]) -> Iterator[str]:
    """Reads all there is into `found`; a word about each file the disk does not give."""
    for path in there:
        try:
            found.update(reread(copy, [path]))
        except OSError:
            yield f"{path}: носитель его не отдаёт"
        else:
            if path not in found:
                yield f"{path}: это не файл"


def _differing(
    manifest: Manifest, there: tuple[str, ...], found: Mapping[str, Read]
) -> Iterator[str]:
    lying = frozenset(there)
    for path, digest in manifest.files.items():
        if path not in lying:
            yield f"{path}: такого файла в копии нет"
        elif path in found and found[path].sha256 != digest:
            yield f"{path}: прочитано не то, что записано"
    for path in there:
        if path not in manifest.files and path != MANIFEST:
            yield f"{path}: в описи копии его нет"


def _plain(store: Path, head: str, found: Mapping[str, Read]) -> Iterator[str]:
    """The plain files are the last commit's, all of them and nothing else."""
    with clean_room(locate(store)) as room:
        files = room.files(head)
    wanted = {path: entry.id for path, entry in files.items() if entry.mode.startswith("100")}
    lying = {
        path.removeprefix(PLAIN): read.id for path, read in found.items() if path.startswith(PLAIN)
    }
    for path in sorted(wanted.keys() | lying.keys()):
        if wanted.get(path) != lying.get(path):
            yield f"{PLAIN}{path}: не таков, как в последней записи истории"


def _short(faults: list[str]) -> tuple[str, ...]:
    left = len(faults) - _SHOWN
    return (*faults[:_SHOWN], f"и ещё {left}") if left > 0 else tuple(faults)


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
        journal.keep(root, request_of(plan.label), plan.head.encode())


def answered(root: Path, plan: Plan) -> None:
    """The answer was given: asked again, another copy is asked for."""
    journal.drop(root, request_of(plan.label))


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
        for path, data in _plain_files(room, plan.head):
            draft.write(PLAIN + path, [data])
    draft.write(READ_ME, [read_me(plan.archive, manifest).encode()])
    whole = replace(manifest, files=dict(draft.digests))
    draft.write(MANIFEST, [compose_manifest(whole)])


def _plain_files(room: CleanRoom, head: str) -> Iterator[tuple[str, bytes]]:
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
