"""Give the whole archive away in a bag, BagIt 1.0 (RFC 8493), which other archives take and check.

    bagit.txt, bag-info.txt                     what this is, whose, of which state
    manifest-sha256.txt, manifest-sha512.txt    a digest of every file below data/
    tagmanifest-sha256.txt, …-sha512.txt        a digest of the files above
    data/                                       a copy as on a medium, of the first version:
                                                plain files, no tar (`medium_format`)

The payload has no form of its own: whatever reads a copy (`papka verify`, `papka restore`, the
proof kit, ПРОЧТИ.txt) reads `data/`. A bag is built beside its place, read back from the disk,
proved, and gets its name by one rename; then the journal tells of it in one commit, so that acts of
destruction wait for it as for a medium. A command killed in between finds the bag when it is given
again: a bag's tag files follow from its payload, so what lies there is ours to the byte or is not.

What is given away counts for no year's media: its line says of no day on which it was read back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from papka import __version__
from papka.copies import media
from papka.copies.backup_plan import (
    first_commit,
    journal_file,
    megabytes,
    read_archive,
    read_journal,
    read_last_seal,
)
from papka.copies.backup_run import CopyProof, append_copy, prove, rehearse_line, write_copy
from papka.copies.medium_format import BadMedium, Manifest, compose_manifest, read_manifest
from papka.copies.mirror_store import refuse_overlap
from papka.copies.program_wheels import ProgramWheels
from papka.core.errors import Refused, cannot_access
from papka.core.places import RESTRICTED
from papka.desk.edition import require_current
from papka.desk.saving import Saved, require_head_commit, save_changes
from papka.paper.issuing import require_head
from papka.proof.clean_room import clean_room
from papka.proof.layers import read_line
from papka.records.archive import Archive
from papka.records.derived.in_force import school_year
from papka.repository import files
from papka.repository.commit_snapshots import CommitTree
from papka.repository.dot_papka import own_lock
from papka.repository.files import read_plain
from papka.repository.pruning import note_all_seen, require_contained
from papka.repository.runner import Watch
from papka.repository.signing import SigningActor
from papka.repository.store import locate
from papka.repository.unfinished_work import building_site

KIND = "BagIt"
"""What the journal calls the kind of such a copy."""
PAYLOAD = "data"
_DECLARATION = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
_LOCK, _LOCK_SECONDS = ".papka/backup.lock", 2.0
_ESCAPED = {"%": "%25", "\n": "%0A", "\r": "%0D"}


class FileDigests(NamedTuple):
    """What a file of a bag is known by: SHA-256 and SHA-512 in hex, and its bytes."""

    sha256: str
    sha512: str
    size: int


@dataclass(frozen=True, slots=True)
class BagGiven:
    """A bag given. `proof`: its payload read back; `saved`: how the journal was saved, None when
    the same command had done so before; `is_restricted`: it holds what is kept apart (R-4.2)."""

    place: Path
    journal: str
    proof: CopyProof
    saved: Saved | None
    is_restricted: bool


@dataclass(frozen=True, slots=True)
class _Ask:
    """What is asked for: a bag at `place`, called `medium` in the journal, given to `to`."""

    place: Path
    medium: str
    to: str
    archive: Archive
    head: str
    root: str
    history: tuple[str, ...]
    seal: tuple[str, str] | None
    journal: str
    expected: bytes | None


def give_bag(  # noqa: PLR0913 - what is given, where to, and how the journal calls it
    root: Path,
    actor: SigningActor,
    place: Path,
    *,
    medium: str,
    to: str,
    now: datetime,
    watch: Watch | None = None,
) -> BagGiven:
    """Give the archive at main's last commit in a bag at `place`, where nothing lies yet.

    `medium`: a number that the journal does not have; `to`: who gets it, or where it will be.
    Raises Refused, LockHeld, GitFailed for an archive that is not whole, ChangedMeanwhile for the
    journal.
    """
    head = require_head_commit(root)
    require_current(root, head, "Отдать архив", "schema/media.json")
    require_head(root, actor, now.date())
    refuse_overlap(root, place)
    with own_lock(root, _LOCK, _LOCK_SECONDS):
        asked = _read_ask(root, head, (place, medium, to), now)
        known = {
            copy.sha256: copy.medium
            for year in asked.archive.media.values()
            for copy in year.copies
        }
        manifest = _find_given(asked)
        digest = hashlib.sha256(compose_manifest(manifest)).hexdigest() if manifest else ""
        if medium in known.values() and known.get(digest) != medium:
            raise Refused(
                f"Номер {medium} в журнале копий уже есть",
                "Дайте этой копии новый номер: --medium Н-9",
            )
        is_new = manifest is None
        manifest = manifest or _compose_ask(asked, actor, now)
        line = _line_of(asked, manifest, 1, now)
        rehearse_line(root, head, asked.journal, line, f"В {place}")
        proof = _build(root, asked, manifest, now, watch) if is_new else _prove(place, now)
        assert proof.manifest is not None
        saved = None
        if known.get(digest) != medium:
            saved = save_changes(
                root, actor, {asked.journal: _line_of(asked, proof.manifest, proof.size, now)},
                now=now, expected={asked.journal: asked.expected},
                message=f"Архив отдан в папке BagIt: {medium}",
            )  # fmt: skip
    organization = asked.archive.organization
    is_restricted = organization is not None and organization.kind == RESTRICTED
    return BagGiven(place, asked.journal, proof, saved, is_restricted)


def _read_ask(root: Path, head: str, asked: tuple[Path, str, str], now: datetime) -> _Ask:
    place, medium, to = asked
    for key, value in (("--medium", medium), ("--place", to)):
        if not value.strip() or value != value.strip() or not value.isprintable():
            raise Refused(f"{key}: «{value}» — не строка без лишних пробелов", f"{key} Н-9")
    tree = CommitTree(root, head)
    archive = read_archive(tree)
    journal = journal_file(school_year(archive, now.date()))
    with clean_room(locate(root)) as room:
        line, _ = read_line(room, head)
    return _Ask(
        place, medium, to, archive, head, first_commit(line),
        tuple(commit.id for commit in line.commits), read_last_seal(tree),
        journal, read_journal(root, tree, journal, "копию "),
    )  # fmt: skip


def _compose_ask(asked: _Ask, actor: SigningActor, now: datetime) -> Manifest:
    return Manifest(
        asked.medium, KIND, now.astimezone(UTC), actor.staff, asked.head, asked.root,
        len(asked.history), asked.seal, {}, version=1,
    )  # fmt: skip


def _line_of(asked: _Ask, manifest: Manifest, size: int, now: datetime) -> bytes:
    return append_copy(asked.expected, manifest, size, now, place=asked.to)


def _find_given(asked: _Ask) -> Manifest | None:
    """Return the manifest of the bag that a killed command left at the place; None where nothing
    lies. Raise Refused for anything else that lies there."""
    place = asked.place
    try:
        if not place.is_dir() or not any(place.iterdir()):
            return None
        manifest = read_manifest(media.read_manifest_of(place / PAYLOAD))
        is_ours = (
            manifest.medium == asked.medium
            and manifest.root == asked.root
            and manifest.head in asked.history
            and not _find_odd(place, asked.archive, manifest)
        )
    except (BadMedium, OSError):
        is_ours = False
    if not is_ours:
        raise Refused(
            f"{place}: здесь уже что-то лежит, а архив отдают в новой папке",
            "Укажите папку, которой ещё нет: --out ПАПКА",
        )
    return manifest


def _build(
    root: Path, asked: _Ask, manifest: Manifest, now: datetime, watch: Watch | None
) -> CopyProof:
    """Build the bag, prove it as it was read back, and give it its name."""
    note_all_seen(root)
    require_contained(root, asked.head)
    try:
        with building_site(asked.place) as site:
            site.built.mkdir(mode=files.FOLDER)
            draft = media.MediumDraft(site.built, PAYLOAD)
            write_copy(root, draft, manifest, asked.archive, ProgramWheels(), watch)
            draft.settle()
            payload = draft.name()
            made = read_manifest(media.read_manifest_of(payload))
            for name, data in _compose_tags(read_payload(site.built), asked.archive, made):
                files.write_whole(site.built / name, data, aside=site.room / name)
            proof = _prove(site.built, now)
            if odd := _find_odd(site.built, asked.archive, made):
                raise _unlike(odd)
            site.finish()
    except OSError as error:
        raise Refused(
            f"Папка {asked.place} не записана: {cannot_access(error).message}",
            "Освободите место или укажите другую папку и повторите",
        ) from error
    return proof


def _prove(bag: Path, now: datetime) -> CopyProof:
    """Prove the payload of a bag; raise Refused when it is not what was written."""
    proof = prove(bag / PAYLOAD, now=now)
    if not proof.is_good:
        raise _unlike("; ".join(proof.faults))
    return proof


def _unlike(what: str) -> Refused:
    return Refused(
        f"С диска прочитано не то, что записано: {what}",
        "Повторите; если не поможет, диск ненадёжен: укажите папку на другом",
    )


def read_payload(bag: Path) -> dict[str, FileDigests]:
    """Read every file below `data/` of a bag: path in the bag -> digests."""
    names = media.list_files(bag / PAYLOAD)
    return {f"{PAYLOAD}/{name}": _digest(bag / PAYLOAD / name) for name in names}


def _digest(file: Path) -> FileDigests:
    small, large, size = hashlib.sha256(), hashlib.sha512(), 0
    with file.open("rb") as source:
        while piece := source.read(1 << 20):
            small.update(piece)
            large.update(piece)
            size += len(piece)
    return FileDigests(small.hexdigest(), large.hexdigest(), size)


def _find_odd(bag: Path, archive: Archive, manifest: Manifest) -> str:
    """Return the first tag file that does not follow from the payload; "" when all do."""
    for name, data in _compose_tags(read_payload(bag), archive, manifest):
        if read_plain(bag / name) != data:
            return name
    return ""


def _compose_tags(
    payload: Mapping[str, FileDigests], archive: Archive, manifest: Manifest
) -> Iterator[tuple[str, bytes]]:
    """Yield name and bytes of each tag file; they depend on nothing but what is given."""
    tags = {"bagit.txt": _DECLARATION, "bag-info.txt": _compose_info(payload, archive, manifest)}
    tags["manifest-sha256.txt"] = _list_digests({p: each.sha256 for p, each in payload.items()})
    tags["manifest-sha512.txt"] = _list_digests({p: each.sha512 for p, each in payload.items()})
    yield from tags.items()
    for kind in ("sha256", "sha512"):
        found = {name: hashlib.new(kind, data).hexdigest() for name, data in tags.items()}
        yield f"tagmanifest-{kind}.txt", _list_digests(found)


def _list_digests(digests: Mapping[str, str]) -> bytes:
    lines = (f"{digest}  {_escape(path)}\n" for path, digest in sorted(digests.items()))
    return "".join(lines).encode("utf-8", "surrogateescape")


def _escape(path: str) -> str:
    """Write a path as RFC 8493 wants it in a manifest (2.1.3)."""
    return "".join(_ESCAPED.get(sign, sign) for sign in path)


def _compose_info(
    payload: Mapping[str, FileDigests], archive: Archive, manifest: Manifest
) -> bytes:
    """Compose bag-info.txt: the particulars of the school, the state, the amounts."""
    school = archive.organization
    head = archive.staff.get(school.head) if school else None
    size = sum(each.size for each in payload.values())
    facts = {
        "Source-Organization": school.name if school else "",
        "Organization-Address": school.address if school else "",
        "Contact-Name": head.name.short if head else "",
        "Contact-Email": (school.email if school else "") or "",
        "INN": (school.inn if school else "") or "",
        "OGRN": (school.ogrn if school else "") or "",
        "External-Description": "Электронный архив личных дел обучающихся: записи, сканы, история "
        "сохранений с подписями, набор для проверки. Содержит персональные данные",
        "External-Identifier": manifest.root,
        "Internal-Sender-Identifier": manifest.head,
        "Internal-Sender-Description": f"Копия {manifest.medium} журнала копий",
        "Bagging-Date": f"{manifest.made:%Y-%m-%d}",
        "Bag-Size": megabytes(size),
        "Payload-Oxum": f"{size}.{len(payload)}",
        "Bag-Software-Agent": f"papka {__version__}",
    }
    return "".join(f"{label}: {value}\n" for label, value in facts.items() if value).encode()
