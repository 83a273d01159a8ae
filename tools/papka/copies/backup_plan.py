"""What a copy would be, and everything that forbids it, found before a byte is written.

Invariants: a medium keeps its name (the label on it and the journal agree), and one that holds
another history is never written to; the archive is only read.

How the copies of a school year stand, by the journal as it is saved.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.copies import media as copies_media
from papka.copies.media import Volume, find_label, last_place, refuse_other_disk, twin_of, volume_of
from papka.copies.medium_format import BadMedium, Label, Manifest, read_manifest
from papka.copies.mirrors import uncopied
from papka.copies.transport import room_taken, sizes
from papka.core.errors import MediumFailed, NotFound, Refused
from papka.core.places import RECORDS, TEXT, seal_file
from papka.core.snapshot import Part
from papka.desk.edition import require
from papka.desk.saving import head_of
from papka.desk.sealing import last_seal
from papka.proof.clean_room import clean_room
from papka.proof.history_reading import Walked, walk
from papka.records.acts import Copy
from papka.records.archive import Archive
from papka.records.derived.in_force import holding, year_for
from papka.records.lazy_archive import OnDemand
from papka.records.schemas import SchemaSet
from papka.repository import commit_snapshots, worktree
from papka.repository import journal as repository_journal
from papka.repository.commit_snapshots import CommitTree
from papka.repository.files import read_present
from papka.repository.handle import overlaps
from papka.repository.store import locate

_YEAR = re.compile(r"20\d\d", re.ASCII)
_SPARE = 1 << 20
"""Bytes left for the manifest, the text and the folders."""

JOURNAL_NEEDS = ("schema/media.json", "templates/backup-act")
"""What judges a line of the journal, and what prints it: of the program's edition."""


@dataclass(frozen=True, slots=True)
class Older:
    """A copy of this archive that is on the medium already; `digest` is of its manifest."""

    name: str
    manifest: Manifest
    digest: str


@dataclass(frozen=True, slots=True)
class Plan:
    """`to`: the folder on the medium; `is_new`: it has no label yet. `head`, `root`: last and first
    commit; `expected`: the year's journal as it stands, None when there is none yet. `files`,
    `size`: of the newest state; `needed`: bytes on the medium. `older`: copies of this archive on
    it, in order; `waiting`: one of them that is of this very head and not in the journal, or with
    `stands` in it, when only the answer of the same command was lost. `twin`:
    the name of another medium with this file system; `is_own_disk`: the archive lies on it too.
    `unsaved`: changed files, which no copy holds; `unsent`: commits the primary has not confirmed,
    which a later exchange may sign anew: the medium then ends with a commit nobody has."""

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
    volume: Volume
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

    @property
    def journal(self) -> str:
        return journal_file(self.year)


def journal_file(year: int) -> str:
    return f"{RECORDS}/media/{year}.yaml"


def plan(  # noqa: PLR0913 - what a person may say of a medium
    root: Path,
    to: Path,
    *,
    now: datetime,
    medium: str | None = None,
    kind: str | None = None,
    place: str | None = None,
    year: str | None = None,
) -> Plan:
    """What `backup` would do; raises Refused, NotFound, MediumFailed."""
    head = head_of(root)
    require(root, head, "Записать копию", *JOURNAL_NEEDS)
    store = locate(root)
    if not to.is_dir():
        raise NotFound(f"Папки {to} нет", "Подключите носитель и укажите папку на нём: --to ПАПКА")
    if overlaps(to, (root, store.own, store.common)):
        raise Refused(
            f"{to} — сам архив, его часть или папка, в которой он лежит: копией она не будет",
            "Укажите папку на другом носителе",
        )
    tree = CommitTree(root, head)
    archive = OnDemand(tree, SchemaSet.load(Part(tree, "schema"))).archive(set())
    chosen = school_year_of(archive, year) if year else year_for(archive, now.date())
    expected = _journal(root, tree, journal_file(chosen))
    name = medium or "без номера"
    with copies_media.at_medium(name):
        label, is_new = find_label(to, archive, medium, kind)
        volume = volume_of(to)
        found = copies_media.manifests(to)
        own = root.stat().st_dev
    refuse_other_disk(archive, label, volume)
    with clean_room(store) as room:
        lengths = sizes(room, head)
        walked = walk(room, head)
    first, history = _first(walked), {commit.id for commit in walked.commits}
    older = tuple(_of_this(first, found))
    _refuse_other_history(label, older, history)
    known = {copy.sha256 for each in archive.media.values() for copy in each.copies}
    waiting = [
        each
        for each in older
        if each.manifest.head == head and each.digest not in known and each.manifest.made <= now
    ]
    told = repository_journal.find(root, request_of(label))
    stands = [
        each for each in older
        if told == each.manifest.head.encode() and each.digest in known
        and _journalled(root, each.manifest.head, head, chosen)
    ]  # fmt: skip
    blocks = sum(-(-length // volume.block) * volume.block for length in lengths)
    needed = blocks + room_taken(store) + len(lengths) * volume.block // 8 + _SPARE
    planned = Plan(
        to, label, is_new, chosen,
        place or last_place(archive, label.medium),
        archive, head, first, len(history), _seal(tree), expected, volume,
        len(lengths), sum(lengths), needed, older, next(reversed(stands or waiting), None),
        twin_of(archive, label, volume), own == volume.device, len(_unsaved(root)),
        _unsent(root), bool(stands),
    )  # fmt: skip
    _refuse_full(planned)
    return planned


def request_of(label: Label) -> bytes:
    """What a copy on this medium is noted by until its answer was given."""
    return f"backup {label.id}".encode()


def _journalled(root: Path, copied: str, head: str, year: int) -> bool:
    """Whether nothing was saved since that copy but its own line in the journal."""
    changes = commit_snapshots.changed_paths(root, copied, head)
    return [change.path for change in changes] == [journal_file(year)]


def _first(walked: Walked) -> str:
    """The first commit of a history that can be read to its one beginning."""
    roots = [commit.id for commit in walked.commits if not commit.parents]
    if walked.unreadable or len(roots) != 1:
        raise Refused(
            "История архива не читается до первой записи, копия была бы неполной",
            "Вылечите архив: papka verify, papka restore --heal",
        )
    return roots[0]


def school_year_of(archive: Archive, asked: str) -> int:
    """The school year a person named; raises NotFound."""
    known = {str(period.school_year) for period in archive.periods.values()} | set(archive.media)
    if _YEAR.fullmatch(asked) is None or (known and asked not in known):
        raise NotFound(
            f"Учебного года «{asked}» нет", f"Есть: {', '.join(sorted(known)) or 'ни одного'}"
        )
    return int(asked)


def _journal(root: Path, tree: CommitTree, path: str) -> bytes | None:
    """The journal as saved; Refused while it is edited."""
    saved = tree.read(path) if tree.id_of(path) is not None else None
    if read_present(root, [path]).get(path) != saved:
        raise Refused(
            f"Журнал {path} изменён и не сохранён, вписать в него копию нельзя",
            "Сначала сохраните его: papka save",
        )
    return saved


def _of_this(first: str, found: Mapping[str, bytes]) -> Iterator[Older]:
    for name, data in found.items():
        try:
            manifest = read_manifest(data)
        except BadMedium:
            continue  # not to be believed, and not to be touched
        if manifest.root == first:
            yield Older(name, manifest, hashlib.sha256(data).hexdigest())


def _refuse_other_history(label: Label, older: tuple[Older, ...], history: set[str]) -> None:
    """A copy whose head is not in our past: the archive was rewritten, or went back."""
    for each in older:
        if each.manifest.head not in history:
            raise Refused(
                f"Копия {each.name} на {label.medium} кончается записью "
                f"{each.manifest.head[:12]}, а в истории архива такой записи нет: архив "
                "переписан или вернулся к старому состоянию",
                "Ничего на этот носитель не пишите: он может понадобиться. Проверьте архив: "
                "papka verify; копию пока сделайте на другой носитель",
            )


def _refuse_full(planned: Plan) -> None:
    if planned.waiting is None and planned.volume.free < planned.needed:
        kept = ", ".join(each.name for each in planned.older)
        raise MediumFailed(
            planned.label.medium,
            f"нужно {megabytes(planned.needed)}, а свободно {megabytes(planned.volume.free)}",
            "Возьмите другой носитель или освободите место"
            + (f"; прежние копии на нём: {kept}" if kept else ""),
        )


def megabytes(size: int) -> str:
    """«1,8 МБ»: rounded up, never nothing."""
    tenths = -(-size * 10 // 1_000_000)
    return f"{tenths // 10},{tenths % 10} МБ"


def _seal(tree: CommitTree) -> tuple[str, str] | None:
    number = last_seal(tree)
    if not number:
        return None
    return f"{number:04}", hashlib.sha256(tree.read(seal_file(number, TEXT))).hexdigest()


def _unsent(root: Path) -> int:
    waiting = uncopied(root)
    return waiting[0][1] if waiting else 0


def _unsaved(root: Path) -> tuple[str, ...]:
    return tuple(
        path
        for path, _ in commit_snapshots.worktree_changes(root)
        if worktree.is_kept(path) and not path.rpartition("/")[2].startswith(worktree.UNFINISHED)
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """`copies`: lines of the year's journal; `holding`: copies of the whole year, by medium."""

    archive: Archive
    year: int
    copies: tuple[Copy, ...]
    holding: tuple[tuple[Copy, ...], ...]


def standing(root: Path, *, now: datetime, year: str | None = None) -> Standing:
    """Of the year asked for, else of the one that needs a copy; raises NotFound, NotAnArchive."""
    tree = CommitTree(root, head_of(root))
    archive = OnDemand(tree, SchemaSet.load(Part(tree, "schema"))).archive(set())
    chosen = school_year_of(archive, year) if year else year_for(archive, now.date())
    media = archive.media.get(str(chosen))
    return Standing(archive, chosen, media.copies if media else (), holding(archive, chosen))
