"""Make one proved copy of the archive on a medium and note it in the journal (R-6.3).

A copy is written aside, synced, read back and proved before it gets its name, and is named before
the journal (`records/media/<year>.yaml`, one signed commit) tells of it; older copies stay until
then. Killed at any point, the same command run again succeeds: it removes what is half written,
or finds the named copy that the journal does not know yet, proves it again and writes it down.

The proof believes nothing but bytes: files are read from the medium again and compared with the
manifest, the bundle is fetched into an empty store and verified, and the newest state is composed
from its last commit, of objects hashed on the way, and compared; where the two differ, file by
file. A faithful copy of a faulty history is a good copy; its faults are reported.

The archive's own lock is not held while copying, so that work can go on meanwhile.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from papka.copies import media
from papka.copies.backup_plan import (
    BackupPlan,
    journal_file,
    read_archive,
    read_journal,
    request_of,
)
from papka.copies.files_tar import compose_tar, read_tar
from papka.copies.media import FileRead, list_files, read_manifest_of, reread, volume_of
from papka.copies.medium_format import (
    BUNDLE,
    FILES,
    LIST,
    MANIFEST,
    PLAIN,
    PROGRAM,
    READ_ME,
    BadMedium,
    Manifest,
    compose_label,
    compose_list,
    compose_manifest,
    compose_read_me,
    copy_name,
    read_label,
    read_list,
    read_manifest,
)
from papka.copies.program_wheels import ProgramWheels
from papka.copies.transport import HEAL, unbundle, write_bundle
from papka.core.errors import GitFailed, MediumFailed, Refused
from papka.core.findings import Finding, Severity
from papka.core.installation import ShippedSnapshot
from papka.core.snapshot import Part
from papka.desk.edition import UPGRADE
from papka.desk.open_purges import note_purged
from papka.desk.saving import Saved, require_head_commit, save_changes
from papka.proof.clean_room import CleanRoom, clean_room
from papka.proof.history_rules import is_head
from papka.proof.memory import Memory
from papka.proof.verification import verify
from papka.proof.verify_codes import NOT_WHOLE
from papka.records.acts import MediumCopy, Purge
from papka.records.archive import Archive
from papka.records.derived.in_force import journal_year
from papka.records.derived.whereabouts import SHEET
from papka.records.editing import append_entry, write_file
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import read
from papka.repository import unfinished_work
from papka.repository.commit_snapshots import CommitSnapshot, CommitTree
from papka.repository.dot_papka import own_lock
from papka.repository.files import NotPlain, read_plain
from papka.repository.git_values import (
    MAIN,
    Naming,
    TrackedFile,
    naming_of,
    object_id,
    parse_commit,
)
from papka.repository.pruning import note_all_seen, require_contained
from papka.repository.runner import Watch, watched
from papka.repository.signing import SigningActor
from papka.repository.store import locate

HEADING = "# yaml-language-server: $schema=../../schema/media.json\n"


def append_copy(
    journal: bytes | None, manifest: Manifest, size: int, now: datetime, **more: object
) -> bytes:
    """Return the journal, None when there is none yet, with a line about the copy added.

    `more`: what else is known of the copy; None and "" are left out.
    """
    line = {
        "date": manifest.made.astimezone(now.tzinfo).date(),
        "medium": manifest.medium,
        "kind": manifest.kind,
        "size": size,
        "sha256": hashlib.sha256(compose_manifest(manifest)).hexdigest(),
        "made_by": manifest.by,
        "head": manifest.head,
        **more,
    }
    # In the order of the schema, as people read a line.
    order = {field: at for at, field in enumerate(MediumCopy.__struct_fields__)}
    kept = {key: line[key] for key in sorted(line, key=order.__getitem__) if line[key]}
    if journal is None:
        return (HEADING + write_file({"copies": [kept]})).encode()
    return append_entry(journal, "copies", kept)


def add_line(
    plan: BackupPlan, manifest: Manifest, size: int, *, now: datetime, staff: str
) -> bytes:
    """Return the journal with a line about the planned copy; `staff` read it back `now`."""
    return append_copy(
        plan.expected, manifest, size, now, place=plan.place, verified=now.date(),
        verified_by=staff, device=plan.volume.identity,
    )  # fmt: skip


def add_inspection(journal: bytes | None, line: Mapping[str, object]) -> bytes:
    """Return the journal, new when there is none, with one more report."""
    if journal is None:
        return (HEADING + write_file({"inspections": [dict(line)]})).encode()
    return append_entry(journal, "inspections", dict(line))


def enter_safe_sheet(root: Path, actor: SigningActor, commit: str, *, now: datetime) -> Saved:
    """Enter into the journal that the sheet for the safe was printed from a commit; raise Refused
    while the journal is edited, ChangedMeanwhile."""
    tree = CommitTree(root, require_head_commit(root))
    path = journal_file(journal_year(read_archive(tree), now.date()))
    saved = read_journal(root, tree, path)
    line = {
        "date": now.date(), "store": SHEET, "head": commit, "made_by": actor.staff,
        "outcome": "Напечатан: руководитель подпишет, и лист положат в сейф",
    }  # fmt: skip
    return save_changes(
        root, actor, {path: add_inspection(saved, line)}, now=now, expected={path: saved},
        message=f"Журнал копий: {SHEET}",
    )  # fmt: skip


_FAULTS_NAMED = 5


@dataclass(frozen=True, slots=True)
class CopyProof:
    """The result of reading a copy back. `faults`: why it is not good, in words, none when it is;
    `manifest`: None when unreadable; `size`: bytes of all files; `findings`: what is wrong with
    the archive itself, faithfully copied; `objects`, `files`: how many were read and hashed."""

    faults: tuple[str, ...]
    manifest: Manifest | None = None
    size: int = 0
    findings: tuple[Finding, ...] = ()
    objects: int = 0
    files: int = 0

    @property
    def is_good(self) -> bool:
        return not self.faults


def prove(
    copy: Path,
    *,
    now: datetime,
    store: Path | None = None,
    judged: Memory | None = None,
    composed: ComposedState | None = None,
) -> CopyProof:
    """Read the whole copy from the medium; raises OSError when the medium cannot be listed.

    `store`: a folder not there yet, where the bare store of what the copy holds is left; `judged`:
    knows up to where this computer has judged the history, as `verify` takes it; `composed`: the
    newest state as it was just now composed, of objects hashed on the way, else it is done again.
    """
    try:
        manifest = read_manifest(read_manifest_of(copy))
    except BadMedium as error:
        return CopyProof((f"{MANIFEST}: {error}",))
    there = list_files(copy)
    found: dict[str, FileRead] = {}
    faults = list(_read_all(copy, there, found, naming_of(manifest.head)))
    faults += _compare_sums(manifest, there, found)
    faults += _name_damaged(copy, faults)
    size = sum(each.size for each in found.values())
    due = (BUNDLE,) if manifest.version == 1 else (BUNDLE, FILES, LIST)
    faults += [f"{each}: такого файла в копии нет" for each in due if each not in manifest.files]
    if faults:
        return CopyProof(shorten(faults), manifest, size, files=len(found))
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        store = store or Path(name) / "store"
        try:
            unbundle(copy / BUNDLE, store)
        except GitFailed as error:
            return CopyProof((f"{BUNDLE}: {error.message}",), manifest, size, files=len(found))
        verified = verify(store, now=now, judged=judged)
        grave = [each for each in verified.findings if each.severity >= Severity.ERROR]
        torn = [each for each in grave if each.code.name.startswith(NOT_WHOLE)]
        faults += [f"{BUNDLE}: {each.message}" for each in torn]
        history = (verified.head, verified.root, verified.commits)
        if not torn and history != (manifest.head, manifest.root, manifest.commits):
            faults.append(f"{BUNDLE}: история не та, что названа в {MANIFEST}")
        if not faults:
            faults += _compare_state(copy, store, manifest, found, composed)
    own = tuple(each for each in grave if each not in torn)
    inside = verified.files if manifest.version > 1 else 0
    return CopyProof(shorten(faults), manifest, size, own, verified.objects, len(found) + inside)


@contextmanager
def opened_copy(copy: Path, *, now: datetime) -> Iterator[tuple[Path | None, tuple[str, ...]]]:
    """Give the bare store of what a copy holds, and what is wrong with the copy itself.

    The store is None when the copy's own list already says that its files are not those written. A
    bundle of git's alone is such a copy without a list.
    """
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        store = Path(name) / "store"
        if copy.is_file():
            faults: tuple[str, ...] = ()
            try:
                unbundle(copy, store)
            except GitFailed as error:
                faults = (f"{copy.name}: {error.message}",)
            yield None if faults else store, faults
            return
        proof = prove(copy, now=now, store=store)
        yield store if store.exists() else None, proof.faults


def shorten(faults: Sequence[str]) -> tuple[str, ...]:
    """Return the first few faults, and how many more there are."""
    left = len(faults) - _FAULTS_NAMED
    return (*faults[:_FAULTS_NAMED], f"и ещё {left}") if left > 0 else tuple(faults)


def _read_all(
    copy: Path, there: tuple[str, ...], found: dict[str, FileRead], naming: Naming
) -> Iterator[str]:
    """Read all files into `found`; yield a sentence about each the disk does not give."""
    for path in there:
        try:
            found.update(reread(copy, [path], naming))
        except OSError:
            yield f"{path}: носитель его не отдаёт"
        else:
            if path not in found:
                yield f"{path}: это не файл"


def _compare_sums(
    manifest: Manifest, there: tuple[str, ...], found: Mapping[str, FileRead]
) -> Iterator[str]:
    present = frozenset(there)
    for path, digest in manifest.files.items():
        if path not in present:
            yield f"{path}: такого файла в копии нет"
        elif path in found and found[path].sha256 != digest:
            yield f"{path}: прочитано не то, что записано"
    for path in there:
        if path not in manifest.files and path != MANIFEST:
            yield f"{path}: в описи копии его нет"


def _name_damaged(copy: Path, faults: Collection[str]) -> Iterator[str]:
    """Name the files inside `FILES` that are not those of its list, when `FILES` is at fault."""
    if not any(fault.startswith(f"{FILES}:") for fault in faults):
        return
    try:
        wanted = read_list(read_plain(copy / LIST))
        with media.open_patiently(copy / FILES) as file:
            for path, data in read_tar(file):
                due = wanted.pop(path, "")
                if data is None or hashlib.sha256(data).hexdigest() != due:
                    yield f"{FILES}, {path}: прочитано не то, что записано"
    except (OSError, NotPlain, BadMedium):
        return  # the file itself is named already
    yield from (f"{FILES}, {path}: этого файла в нём не прочесть" for path in wanted)


def _compare_state(
    copy: Path,
    store: Path,
    manifest: Manifest,
    found: Mapping[str, FileRead],
    composed: ComposedState | None,
) -> Iterator[str]:
    """Yield where the newest state beside the bundle is not exactly the last commit."""
    with clean_room(locate(store)) as room:
        if manifest.version == 1:
            yield from _compare_plain(room, manifest.head, found)
            return
        if composed is None or composed.head != manifest.head:
            composed = ComposedState(manifest.head)
            for _ in composed.compose(room):
                pass
    yield from _compare_tar(copy, composed, found)


def _compare_plain(room: CleanRoom, head: str, found: Mapping[str, FileRead]) -> Iterator[str]:
    """Yield where the folder of plain files is not exactly the last commit."""
    wanted = {path: entry.id for path, entry in _list_plain(room, head).items()}
    present = {
        path.removeprefix(PLAIN): read.id for path, read in found.items() if path.startswith(PLAIN)
    }
    for path in sorted(wanted.keys() | present.keys()):
        if wanted.get(path) != present.get(path):
            yield f"{PLAIN}{path}: не таков, как в последнем сохранении"


def _compare_tar(
    copy: Path, composed: ComposedState, found: Mapping[str, FileRead]
) -> Iterator[str]:
    """Yield where the newest state in one file, or its list, is not as composed."""
    if hashlib.sha256(compose_list(composed.sums)).hexdigest() != found[LIST].sha256:
        yield f"{LIST}: опись не та, что у последнего сохранения"
    if composed.total.hexdigest() == found[FILES].sha256:
        return
    # Another edition of the program may have composed it another way: then the files count.
    left = dict(composed.sums)
    with media.open_patiently(copy / FILES) as file:
        for path, data in read_tar(file):
            due = left.pop(path, "")
            if data is None or hashlib.sha256(data).hexdigest() != due:
                yield f"{FILES}, {path}: не таков, как в последнем сохранении"
    yield from (f"{FILES}, {path}: этого файла в нём нет" for path in left)


class ComposedState:
    """The plain files of the commit `head` as one tar. `sums`: the digest of each file in it,
    `total`: of the whole, as far as it is composed."""

    def __init__(self, head: str) -> None:
        self.head = head
        self.sums: dict[str, str] = {}
        self.total = hashlib.sha256()

    def compose(
        self, room: CleanRoom, tell: Callable[[int, int], None] = lambda _at, _whole: None
    ) -> Iterator[bytes]:
        """Compose the tar in pieces of objects that are hashed on the way; `tell` hears how many of
        how many files are done. Raises GitFailed for an object that is not what its name says."""
        moment = parse_commit(self.head, room.objects().read(self.head)[1]).committer.time
        for piece in compose_tar(self.read_files(room, tell), moment):
            self.total.update(piece)
            yield piece

    def read_files(
        self, room: CleanRoom, tell: Callable[[int, int], None]
    ) -> Iterator[tuple[str, bytes]]:
        """Yield path in the copy and bytes of each file; raises and tells as `compose`."""
        files = _list_plain(room, self.head)
        found = room.objects().read_many(file.id for file in files.values())
        for at, (path, (id_, kind, data)) in enumerate(zip(files, found, strict=True), 1):
            if object_id(kind, data, naming_of(id_)) != id_:
                raise GitFailed("cat-file", f"{path}: содержимое не то, что сохраняли", HEAL)
            self.sums[PLAIN + path] = hashlib.sha256(data).hexdigest()
            yield PLAIN + path, data
            tell(at, len(files))


def _list_plain(room: CleanRoom, head: str) -> dict[str, TrackedFile]:
    found = room.files(head)
    return {path: file for path, file in found.items() if file.mode.startswith("100")}


_BACKUP_LOCK = ".papka/backup.lock"
_LOCK_SECONDS = 2.0
_REPLACED = "записана новая копия, прежние с носителя убраны"
_AGAIN = "Повторите ту же команду; если не поможет, носитель ненадёжен: возьмите другой"


@dataclass(frozen=True, slots=True)
class BackupMade:
    """A backup made. `copy`: where it lies; `was_waiting`: an earlier, killed command had written
    it; `saved`: how the journal was saved, its commit None when the journal was refused;
    `dropped`: names of older copies removed; `purged`: acts of destruction that waited for this
    medium and are noted to wait no longer; `to_note`: those the head has still to note."""

    copy: Path
    proof: CopyProof
    saved: Saved
    was_waiting: bool
    dropped: tuple[str, ...] = ()
    purged: tuple[int, ...] = ()
    to_note: tuple[int, ...] = ()


def backup(  # noqa: PLR0913 - what is copied, by whom, and what besides
    root: Path,
    actor: SigningActor,
    plan: BackupPlan,
    *,
    now: datetime,
    drop_older: bool = False,
    watch: Watch | None = None,
    judged: Memory | None = None,
) -> BackupMade:
    """Make the planned copy. `drop_older`: remove the medium's older copies in the end.

    Those made before an act of destruction go in any case, and the act's entry about the medium is
    saved when a head makes the copy.

    `watch` is told how many of the files are written; `judged`: as `prove` takes it.

    Raises MediumFailed for the disk, Refused when what was read back is not what was written,
    LockHeld, GitFailed for an archive that is not whole, ChangedMeanwhile for the journal.
    """
    with own_lock(root, _BACKUP_LOCK, _LOCK_SECONDS):
        with media.at_medium(plan.label.medium):
            _require_same(plan)
            asked = _manifest(actor, plan, now)
            line = add_line(plan, asked, 1, now=now, staff=actor.staff)
            rehearse_line(root, plan.head, plan.journal, line, "На носитель")
            note_all_seen(root)
            require_contained(root, plan.head)
            media.sweep(plan.to)
            if plan.is_new:
                media.write_label(plan.to, compose_label(plan.label))
            found = _prove_waiting(plan, now, judged)
            copy, proof = found or _make(root, actor, plan, now, watch, judged)
        manifest = proof.manifest
        assert manifest is not None
        if found is not None and plan.stands:
            saved = Saved(plan.head, _message(plan, manifest), (), (), lambda _: None)
        else:
            data = add_line(plan, manifest, proof.size, now=now, staff=actor.staff)
            saved = save_changes(
                root, actor, {plan.journal: data}, now=now,
                expected={plan.journal: plan.expected}, message=_message(plan, manifest),
            )  # fmt: skip
        dropped: tuple[str, ...] = ()
        is_over = saved.commit is not None and not proof.findings
        if is_over:
            names = [older.name for older in plan.older if older.name != copy.name]
            dropped = tuple(name for name in names if drop_older or name in plan.outdated)
            with media.at_medium(plan.label.medium):
                for each in dropped:
                    media.remove_copy(plan.to / each)
    waiting = plan.waiting_acts if is_over else ()
    is_noted = bool(waiting) and _note_purged(root, actor, plan, now)
    return BackupMade(
        copy, proof, saved, found is not None, dropped,
        waiting if is_noted else (), () if is_noted else waiting,
    )  # fmt: skip


def _note_purged(root: Path, actor: SigningActor, plan: BackupPlan, now: datetime) -> bool:
    """Note that acts wait for this medium no longer; False when only a head may."""
    if not is_head(actor.signer.public, CommitSnapshot(root, MAIN)):
        return False
    for act in plan.waiting_acts:
        done = Purge(date=now.date(), how=_REPLACED, by=actor.staff, medium=plan.label.medium)
        note_purged(root, actor, act, [done], now)
    return True


def note_asked(root: Path, plan: BackupPlan) -> None:
    """Note before the copy that it is asked for: the same command finds it until `drop_note`."""
    if not plan.stands:
        unfinished_work.keep_note(root, request_of(plan.label), plan.head.encode())


def drop_note(root: Path, plan: BackupPlan) -> None:
    """Drop the note of `note_asked`: the same command given again now means another copy."""
    unfinished_work.drop_note(root, request_of(plan.label))


def rehearse_line(root: Path, head: str, journal: str, line: bytes, where: str) -> None:
    """Refuse, before anything is written to `where`, a line that the archive's schema would refuse.

    `line`: the journal with it.
    """
    schemas = SchemaSet.load(Part(CommitTree(root, head), "schema"))
    wrong = schemas.judge("media", read(line, journal).value, journal)
    if wrong:
        raise Refused(
            f"Журнал {journal} строку о новой копии не примет: {wrong[0].message}",
            f"{where} ничего не записано. Схему schema/media.json меняли в школе: руководитель "
            f"возьмёт схему программы: {UPGRADE} --take schema/media.json",
        )


def _manifest(actor: SigningActor, plan: BackupPlan, now: datetime) -> Manifest:
    return Manifest(
        plan.label.medium, plan.label.kind, now.astimezone(UTC), actor.staff,
        plan.head, plan.root, plan.commits, plan.seal, {},
    )  # fmt: skip


def _require_same(plan: BackupPlan) -> None:
    """Refuse another disk than the planned one, or the bare folder that it was mounted on."""
    data = media.read_label_of(plan.to)
    is_same = volume_of(plan.to).device == plan.volume.device
    if plan.is_new:
        is_same = is_same and data is None
    else:
        is_same = is_same and data is not None and read_label(data).id == plan.label.id
    if not is_same:
        raise MediumFailed(plan.label.medium, "пока готовилась копия, его сменили или отключили")


def _prove_waiting(
    plan: BackupPlan, now: datetime, judged: Memory | None
) -> tuple[Path, CopyProof] | None:
    """Return the copy that a killed command left, if it is good."""
    if plan.waiting is None:
        return None
    copy = plan.to / plan.waiting.name
    proof = prove(copy, now=now, judged=judged)
    return (copy, proof) if proof.is_good else None


def _make(  # noqa: PLR0913 - what `backup` was given
    root: Path,
    actor: SigningActor,
    plan: BackupPlan,
    now: datetime,
    watch: Watch | None,
    judged: Memory | None,
) -> tuple[Path, CopyProof]:
    name = copy_name(now, plan.head)
    if (plan.to / name).exists():
        raise Refused(
            f"Копия {name} на носителе уже есть, но она повреждена",
            "Проверьте носитель и повторите через секунду: у новой копии будет своё имя",
        )
    draft = media.MediumDraft(plan.to, name)
    try:
        manifest = _manifest(actor, plan, now)
        composed = write_copy(root, draft, manifest, plan.archive, plan.program, watch)
        draft.settle()
        proof = prove(draft.place, now=now, judged=judged, composed=composed)
        _require_good(proof, plan.label.medium)
        return draft.name(), proof
    except BaseException:
        draft.drop()
        raise


def _require_good(proof: CopyProof, medium: str) -> None:
    if not proof.is_good:
        said = "; ".join(proof.faults)
        raise MediumFailed(medium, f"с него прочитано не то, что записано: {said}", _AGAIN)


def write_copy(  # noqa: PLR0913 - what is copied, to where, and what besides
    root: Path,
    draft: media.MediumDraft,
    manifest: Manifest,
    archive: Archive,
    program: ProgramWheels,
    watch: Watch | None,
) -> ComposedState:
    """Write all files of a copy, the manifest last: a copy without one is no copy.

    The newest state lies in one file, in a copy of the first version as plain files.
    """
    with clean_room(locate(root)) as room:
        draft.write(BUNDLE, write_bundle(room, manifest.head))
        composed = ComposedState(manifest.head)
        with watched(watch, manifest.medium) as tell:
            if manifest.version == 1:
                for path, data in composed.read_files(room, partial(tell, "writing")):
                    draft.write(path, [data])
            else:
                draft.write(FILES, composed.compose(room, partial(tell, "writing")))
                draft.write(LIST, [compose_list(composed.sums)])
    kit = ShippedSnapshot("proof")
    for path, data in kit.read_many(kit.paths()):
        draft.write(path, [data])
    for name, data in program.files.items():
        draft.write(PROGRAM + name, [data])
    draft.write(READ_ME, [compose_read_me(archive, manifest, program.runs_on).encode()])
    whole = replace(manifest, files=dict(draft.digests))
    draft.write(MANIFEST, [compose_manifest(whole)])
    return composed


def _message(plan: BackupPlan, manifest: Manifest) -> str:
    return f"Резервная копия на {manifest.medium}: {plan.year}"
