"""Plan a backup, refusing what must not be written before the first byte is; list a year's copies.

A medium keeps its name: its label and the journal must agree. A medium that holds another history
is never written to. The archive is only read.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from papka.copies.media import (
    MediumVolume,
    at_medium,
    find_label,
    find_last_place,
    find_twin,
    read_manifests,
    refuse_other_disk,
    volume_of,
)
from papka.copies.medium_format import BadMedium, Label, Manifest, read_manifest
from papka.copies.mirror_store import refuse_overlap
from papka.copies.program_wheels import ProgramWheels
from papka.copies.transport import count_bytes, list_sizes
from papka.core.errors import MediumFailed, NotFound, Refused
from papka.core.places import RECORDS, TEXT, seal_file
from papka.core.snapshot import Part
from papka.desk.edition import require_current
from papka.desk.open_purges import list_open_purges
from papka.desk.saving import require_head_commit
from papka.proof.anchors import last_seal
from papka.proof.clean_room import clean_room
from papka.proof.layers import SignedLine, read_line
from papka.records.acts import MediumCopy
from papka.records.archive import Archive
from papka.records.derived.in_force import copies_holding, journal_year
from papka.records.lazy_archive import ArchiveReader
from papka.records.schemas import SchemaSet
from papka.repository import commit_snapshots, unfinished_work, worktree
from papka.repository.commit_snapshots import CommitTree
from papka.repository.files import read_present
from papka.repository.handle import count_unconfirmed_all
from papka.repository.store import locate

_YEAR = re.compile(r"20\d\d", re.ASCII)
_RESERVE = 1 << 20
"""Bytes left for the manifest, the text and the folders."""
_BESIDE = 2048
"""Bytes on the medium beside each file's own: headers and filling up in the tar, its line in the
list."""

JOURNAL_NEEDS = ("schema/media.json", "templates/backup-act")
"""Files of the archive that must be of this program's edition: the journal's schema and form."""


@dataclass(frozen=True, slots=True)
class Older:
    """A copy of this archive already on the medium; `digest` is the SHA-256 of its manifest."""

    name: str
    manifest: Manifest
    digest: str


@dataclass(frozen=True, slots=True)
class BackupPlan:
    """The copy to be made.

    `to`: the folder on the medium; `is_new`: it has no label yet. `head`, `root`: last and first
    commit. `expected`: the year's journal as saved, None when there is none yet. `files`, `size`:
    number and bytes of the newest state's files; `needed`: bytes on the medium.
    `older`: copies of this archive on the medium, in order of their names. `waiting`: the one of
    them that a killed command left; with `stands` the journal has it and only the answer was lost.
    `twin`: the name of another medium with this file system; `is_own_disk`: the archive lies on
    the same disk. `unsaved`: changed files, which no copy holds; `unsent`: commits the primary has
    not confirmed: a later sync may sign them anew, and this copy then ends with a lost commit.
    `outdated`: names of older copies made before the newest act of destruction, which hold what it
    destroyed; `waiting_acts`: numbers of the acts that wait for this medium.
    `program`: what goes to the medium of the program itself.
    """

    to: Path
    label: Label
    is_new: bool
    year: int
    place: str | None
    archive: Archive
    head: str
    root: str
    commits: int
    seal: tuple[str, str] | None
    expected: bytes | None
    volume: MediumVolume
    files: int
    size: int
    needed: int
    older: tuple[Older, ...]
    waiting: Older | None
    twin: str
    is_own_disk: bool
    unsaved: int
    unsent: int
    stands: bool = False
    outdated: tuple[str, ...] = ()
    waiting_acts: tuple[int, ...] = ()
    program: ProgramWheels = field(default_factory=ProgramWheels)

    @property
    def journal(self) -> str:
        return journal_file(self.year)


def journal_file(year: int) -> str:
    """Return the path of the journal of copies of a school year."""
    return f"{RECORDS}/media/{year}.yaml"


def plan_backup(  # noqa: PLR0913 - what a person may say of a medium
    root: Path,
    to: Path,
    *,
    now: datetime,
    medium: str | None = None,
    kind: str | None = None,
    place: str | None = None,
    year: str | None = None,
    program: ProgramWheels | None = None,
) -> BackupPlan:
    """Decide what `backup` would do; raises Refused, NotFound, MediumFailed."""
    head = require_head_commit(root)
    require_current(root, head, "Записать копию", *JOURNAL_NEEDS)
    store = locate(root)
    if not to.is_dir():
        raise NotFound(f"Папки {to} нет", "Подключите носитель и укажите папку на нём: --to ПАПКА")
    refuse_overlap(root, to)
    tree = CommitTree(root, head)
    archive = read_archive(tree)
    chosen = school_year_of(archive, year) if year else journal_year(archive, now.date())
    expected = read_journal(root, tree, journal_file(chosen), "копию ")
    name = medium or "без номера"
    with at_medium(name):
        label, is_new = find_label(to, archive, medium, kind)
        volume = volume_of(to)
        found = read_manifests(to)
        own = root.stat().st_dev
    refuse_other_disk(archive, label, volume)
    with clean_room(store) as room:
        lengths = list_sizes(room, head)
        line, _ = read_line(room, head)
    # As they were signed: the medium knows no other commits, whatever an act has rewritten since.
    first, history = first_commit(line), [commit.id for commit in line.commits]
    older = tuple(_copies_of_archive(first, found))
    _refuse_other_history(label, older, set(history))
    newest = max((history.index(layer.commit) for layer in line.layers), default=0)
    outdated = [each.name for each in older if history.index(each.manifest.head) < newest]
    waiting_acts = [
        int(each.act)
        for each in list_open_purges(archive)
        if each.kind == "medium" and each.name == label.medium
    ]
    known = {copy.sha256 for each in archive.media.values() for copy in each.copies}
    waiting = [
        each
        for each in older
        if each.manifest.head == head and each.digest not in known and each.manifest.made <= now
    ]
    unanswered = unfinished_work.find_note(root, request_of(label))
    stands = [
        each for each in older
        if unanswered == each.manifest.head.encode() and each.digest in known
        and _only_journal_changed(root, each.manifest.head, head, chosen)
    ]  # fmt: skip
    needed = sum(lengths) + count_bytes(store) + len(lengths) * _BESIDE + _RESERVE
    program = program or ProgramWheels()
    needed += program.size + len(program.files) * volume.block
    unconfirmed = count_unconfirmed_all(root)  # the primary first
    planned = BackupPlan(
        to, label, is_new, chosen,
        place or find_last_place(archive, label.medium),
        archive, head, first, len(history), read_last_seal(tree), expected, volume,
        len(lengths), sum(lengths), needed, older, next(reversed(stands or waiting), None),
        find_twin(archive, label, volume), own == volume.device, _count_unsaved(root),
        unconfirmed[0][1] if unconfirmed else 0, bool(stands),
        tuple(outdated), tuple(waiting_acts), program,
    )  # fmt: skip
    _refuse_full(planned)
    return planned


def request_of(label: Label) -> bytes:
    """Return the key under which a copy on this medium is noted until the user has the answer."""
    return f"backup {label.id}".encode()


def _only_journal_changed(root: Path, copied: str, head: str, year: int) -> bool:
    """Tell whether the copy's own line in the journal is all that was saved since the copy."""
    changes = commit_snapshots.changed_paths(root, copied, head)
    return [change.path for change in changes] == [journal_file(year)]


def first_commit(line: SignedLine) -> str:
    """Return the root commit; raises Refused unless all is readable and there is just one root."""
    roots = [commit.id for commit in line.commits if not commit.parents]
    if line.unreadable or len(roots) != 1:
        raise Refused(
            "История архива не читается до первого сохранения, копия была бы неполной",
            "Вылечите архив: papka verify, papka restore --heal",
        )
    return roots[0]


def school_year_of(archive: Archive, asked: str) -> int:
    """Return the school year a person named; raises NotFound."""
    known = {str(period.school_year) for period in archive.periods.values()} | set(archive.media)
    if _YEAR.fullmatch(asked) is None or (known and asked not in known):
        raise NotFound(
            f"Учебного года «{asked}» нет", f"Есть: {', '.join(sorted(known)) or 'ни одного'}"
        )
    return int(asked)


def read_archive(tree: CommitTree) -> Archive:
    """Return the records of a commit, each read when it is asked for."""
    return ArchiveReader(tree, SchemaSet.load(Part(tree, "schema"))).archive(set())


def read_journal(root: Path, tree: CommitTree, path: str, line: str = "") -> bytes | None:
    """Return a journal as saved, None when there is none; raises Refused while it is edited.

    `line`: what is to be written into it, for the message, with a space at its end.
    """
    saved = tree.read(path) if tree.id_of(path) is not None else None
    if read_present(root, [path]).get(path) != saved:
        raise Refused(
            f"Журнал {path} изменён и не сохранён, вписать в него {line}нельзя",
            "Сначала сохраните его: papka save",
        )
    return saved


def _copies_of_archive(first: str, found: Mapping[str, bytes]) -> Iterator[Older]:
    for name, data in found.items():
        try:
            manifest = read_manifest(data)
        except BadMedium:
            continue  # unreadable: neither believed nor touched
        if manifest.root == first:
            yield Older(name, manifest, hashlib.sha256(data).hexdigest())


def _refuse_other_history(label: Label, older: tuple[Older, ...], history: set[str]) -> None:
    """Refuse a medium with a copy whose head is not in our past."""
    for each in older:
        if each.manifest.head not in history:
            raise Refused(
                f"Копия {each.name} на {label.medium} кончается сохранением "
                f"{each.manifest.head[:12]}, а в истории архива такого сохранения нет: архив "
                "переписан или вернулся к старому состоянию",
                "Ничего на этот носитель не пишите: он может понадобиться. Проверьте архив: "
                "papka verify; копию пока сделайте на другой носитель",
            )


def _refuse_full(planned: BackupPlan) -> None:
    if planned.waiting is None and planned.volume.free < planned.needed:
        kept = ", ".join(each.name for each in planned.older)
        raise MediumFailed(
            planned.label.medium,
            f"нужно {megabytes(planned.needed)}, а свободно {megabytes(planned.volume.free)}",
            "Возьмите другой носитель или освободите место"
            + (f"; прежние копии на нём: {kept}" if kept else ""),
        )


def megabytes(size: int) -> str:
    """Write bytes as «1,8 МБ», rounded up, so that something is never 0."""
    tenths = -(-size * 10 // 1_000_000)
    return f"{tenths // 10},{tenths % 10} МБ"


def read_last_seal(tree: CommitTree) -> tuple[str, str] | None:
    """Return number and SHA-256 of the last seal."""
    number = last_seal(tree)
    if not number:
        return None
    return f"{number:04}", hashlib.sha256(tree.read(seal_file(number, TEXT))).hexdigest()


def _count_unsaved(root: Path) -> int:
    return sum(
        worktree.is_kept(path) and not path.rpartition("/")[2].startswith(worktree.UNFINISHED)
        for path, _ in commit_snapshots.worktree_changes(root)
    )


@dataclass(frozen=True, slots=True)
class YearCopies:
    """The copies of a school year. `copies`: lines of its journal; `holding`: those that hold the
    whole year, by medium."""

    archive: Archive
    year: int
    copies: tuple[MediumCopy, ...]
    holding: tuple[tuple[MediumCopy, ...], ...]


def copies_of_year(root: Path, *, now: datetime, year: str | None = None) -> YearCopies:
    """Return the copies of `year`, or of the year that needs one now.

    Raises NotFound, NotAnArchive.
    """
    tree = CommitTree(root, require_head_commit(root))
    archive = read_archive(tree)
    chosen = school_year_of(archive, year) if year else journal_year(archive, now.date())
    media = archive.media.get(str(chosen))
    return YearCopies(
        archive, chosen, media.copies if media else (), copies_holding(archive, chosen)
    )
