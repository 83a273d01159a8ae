"""Proves a copy from what the medium gives back: every byte, then the whole history in it.

Invariants: no word of whoever wrote the copy is believed: files are read again and compared with
the manifest, the bundle is fetched into an empty store and verified, and the plain files are
compared with its last commit. Absent on purpose: repair, and whether the archive itself is sound:
a faithful copy of a faulty history is a good copy; its faults are handed on.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.core.errors import GitFailed
from papka.core.findings import Finding, Severity
from papka.core.medium import BUNDLE, MANIFEST, PLAIN, BadMedium, Manifest, read_manifest
from papka.gates.git.bundle import unbundle
from papka.gates.git.cleanroom import clean_room
from papka.gates.git.store import locate
from papka.gates.media import Read, paths_in, read_manifest_of, reread
from papka.tasks.proof.verify import verify

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
