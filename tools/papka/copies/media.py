"""A disk or folder that keeps copies: a copy is written aside, synced, re-read, then named.

Invariants: nothing already on the medium is changed; a copy gets its name when all of it is on the
disk and was read back from there; when the disk is taken away, nothing is written to the folder it
was mounted on. Absent on purpose: what a copy holds (`core.medium`) and whether it is good.

What a folder lies on: room, whether it is encrypted, by what the disk can be known again.

Invariants: an identity is given only when it outlives a restart and another socket (the file
system's own number, the address of a share); two folders are on one disk when the system says so.
Absent on purpose: asking the disk itself, which needs rights; guesses where the system is silent.

Which medium this is: the label on it, the journal and the file system must agree (R-6.3).

Invariants: a label is written once and kept; a number in the journal belongs to one medium for
good. Absent on purpose: renaming a medium, and taking an empty folder for a known one: with the
disk not plugged in, the copy would go to the computer's own.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from io import FileIO
from pathlib import Path

from papka.copies.medium_format import (
    BUNDLE,
    LABEL,
    MANIFEST,
    UNFINISHED,
    BadMedium,
    Label,
    is_copy_name,
    read_label,
)
from papka.core.errors import MediumFailed, Refused, cannot_access
from papka.records.acts import Copy
from papka.records.archive import Archive
from papka.repository import files, worktree
from papka.repository.files import (
    SMALL,
    NotPlain,
    forget,
    open_plain,
    read_plain,
    sync_file,
    sync_folder,
)

_PIECE = 1 << 20
_MANY = 50
_LONGEST = 64_000_000
"""Bytes of a manifest: of half a million files."""


@contextmanager
def at_medium(medium: str) -> Iterator[None]:
    """What the disk refuses inside becomes MediumFailed."""
    try:
        yield
    except OSError as error:
        said = cannot_access(error).message
        raise MediumFailed(medium, said[:1].lower() + said[1:]) from error


@dataclass(frozen=True, slots=True)
class Read:
    """A file as it came from the disk: digest, the id git knows such bytes by, length."""

    sha256: str
    id: str
    size: int


class Draft:
    """A copy that is being written below `folder`; `place` is where it lies until it is named."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._device = folder.stat().st_dev
        self.place = folder / f"{UNFINISHED}{name}"
        self.digests: dict[str, str] = {}
        self.place.mkdir(mode=files.FOLDER)
        self._folders = {self.place}

    def write(self, path: str, pieces: Iterable[bytes]) -> None:
        """One more file; it is not on the disk before `settle`."""
        target = self.place / path
        self._make(target.parent)
        total = hashlib.sha256()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(target, flags, files.FILE), "wb") as file:
            for piece in pieces:
                total.update(piece)
                file.write(piece)
        self.digests[path] = total.hexdigest()

    def settle(self) -> None:
        """Brings every file and every folder to the disk, and lets the system forget them."""
        if len(self.digests) > _MANY and hasattr(os, "sync"):
            os.sync()  # together, which is quicker; the disk's own word about each comes below
        for path in self.digests:
            sync_file(self.place / path)
        for folder in sorted(self._folders, reverse=True):
            sync_folder(folder)
        self._require_disk()

    def name(self) -> Path:
        """The copy under its name; its own place from now on."""
        self._require_disk()
        final = self._folder / self._name
        self.place.rename(final)
        sync_folder(self._folder)
        return final

    def drop(self) -> None:
        """Takes away what was written, as far as the disk still lets it."""
        shutil.rmtree(self.place, ignore_errors=True)

    def _make(self, folder: Path) -> None:
        """Folders below the place, never the place itself: with the disk it would be gone."""
        if folder not in self._folders:
            self._make(folder.parent)
            folder.mkdir(mode=files.FOLDER)
            self._folders.add(folder)

    def _require_disk(self) -> None:
        if self._folder.stat().st_dev != self._device:
            raise FileNotFoundError(2, "", str(self._folder))


def sweep(folder: Path) -> None:
    """Takes away what killed commands left half written, and what others could read from them."""
    for left in folder.iterdir():
        if is_copy_name(left.name):
            files.tighten(left)
        if left.name.startswith(UNFINISHED) and is_copy_name(left.name.removeprefix(UNFINISHED)):
            shutil.rmtree(left)
        elif left.name.startswith(worktree.UNFINISHED) and left.is_file():
            left.unlink(missing_ok=True)


def write_label(folder: Path, data: bytes) -> None:
    worktree.write(folder, LABEL, data)


def read_label_of(folder: Path) -> bytes | None:
    """The label's bytes; None where there is none."""
    try:
        return read_plain(folder / LABEL, most=SMALL)
    except FileNotFoundError:
        return None
    except NotPlain as error:
        raise OSError(errno.EIO, error.reason, str(folder / LABEL)) from error


def is_of_copies(place: Path) -> bool:
    """Whether this is a medium with copies, one copy on it, or a copy's bundle."""
    if place.name == BUNDLE and place.is_file():
        place = place.parent
    return (place / MANIFEST).is_file() or (place.is_dir() and bool(manifests(place)))


def manifests(folder: Path) -> Mapping[str, bytes]:
    """Name of every copy in the folder -> its manifest, empty when it cannot be read; by name."""
    names = sorted(entry.name for entry in folder.iterdir() if is_copy_name(entry.name))
    return {name: read_manifest_of(folder / name) for name in names}


def read_manifest_of(copy: Path) -> bytes:
    """The manifest's bytes; empty when it is not there or cannot be read."""
    try:
        return read_plain(copy / MANIFEST, most=_LONGEST)
    except (OSError, NotPlain):
        return b""


def paths_in(copy: Path) -> tuple[str, ...]:
    """Every file of a copy, sorted; what is neither a file nor a folder counts as a file."""
    found: list[str] = []
    for folder, folders, names in os.walk(copy, onerror=_raise):
        inside = Path(folder).relative_to(copy).as_posix()
        prefix = "" if inside == "." else f"{inside}/"
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        found += [prefix + name for name in (*names, *links)]
    return tuple(sorted(found))


def reread(copy: Path, paths: Iterable[str]) -> Iterator[tuple[str, Read]]:
    """Each file from the disk itself, as far as the system can be made to forget it."""
    for path in paths:
        target = copy / path
        try:
            handle = open_plain(target)
        except NotPlain:
            continue
        with os.fdopen(handle, "rb", buffering=0) as file:
            forget(target)
            yield path, _read(file)


def remove_copy(copy: Path) -> None:
    """Takes a named copy away: first its name, so that a half removed one is never met."""
    aside = copy.with_name(f"{UNFINISHED}{copy.name}")
    copy.rename(aside)
    sync_folder(copy.parent)
    shutil.rmtree(aside)


def _read(file: FileIO) -> Read:
    size = os.fstat(file.fileno()).st_size
    total, blob = hashlib.sha256(), hashlib.sha1(f"blob {size}\0".encode(), usedforsecurity=False)
    while piece := file.read(_PIECE):
        total.update(piece)
        blob.update(piece)
    return Read(total.hexdigest(), blob.hexdigest(), size)


def _raise(error: OSError) -> None:
    raise error


_BY_NUMBER = Path("/dev/disk/by-uuid")
_MOUNTS = Path("/proc/self/mountinfo")
_DEVICES = Path("/sys/dev/block")
"""Where Linux shows every disk under its number."""
_SHARES = ("nfs", "cifs", "smb", "9p", "fuse.sshfs")
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Volume:
    """`device`: what the system calls the disk now; `identity`: what it is called for good, empty
    when unknown; `free` and `block` in bytes; `encrypted`: None when the system does not say."""

    device: int
    identity: str
    free: int
    block: int
    encrypted: bool | None = None


def volume_of(
    folder: Path,
    *,
    by_number: Path = _BY_NUMBER,
    mounts: Path = _MOUNTS,
    devices: Path = _DEVICES,
) -> Volume:
    """The volume of a folder that is there; raises OSError.

    `by_number`: where the system lists file systems by their numbers; `mounts`: its table;
    `devices`: what it tells of disks.
    """
    device = folder.stat().st_dev
    identity = _number(device, by_number) or _share(device, mounts)
    block = os.statvfs(folder).f_frsize if hasattr(os, "statvfs") else _BLOCK
    free = shutil.disk_usage(folder).free
    return Volume(device, identity, free, block, _encrypted(device, mounts, devices))


def _encrypted(device: int, mounts: Path, devices: Path) -> bool | None:
    """As the layers below the file system tell: LUKS, BitLocker and VeraCrypt are layers of the
    device mapper. None for a share, for what lies in a file, and where there is no such list."""
    number = _numbered(device)
    if number and not (devices / number).exists():
        # btrfs and its like mount under a number of their own
        with suppress(OSError):
            number = _numbered(Path(_source(number, mounts)).stat().st_rdev)
    return _layer(devices / number) if number else None


def _layer(disk: Path) -> bool | None:
    if _said(disk / "dm" / "uuid").startswith("CRYPT-"):
        return True
    if _said(disk / "dm" / "name").startswith("veracrypt"):
        return True
    below = _listed(disk / "slaves")
    if below:
        told = {_layer(each) for each in below}
        return None if None in told else told == {True}
    is_disk = (disk / "partition").exists() or (disk / "device").exists()
    return False if is_disk else None


def _said(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace")
    except OSError:
        return ""


def _listed(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _number(device: int, by_number: Path) -> str:
    try:
        entries = sorted(by_number.iterdir())
    except OSError:
        return ""
    for entry in entries:
        with suppress(OSError):
            if entry.stat().st_rdev == device:
                return f"uuid:{entry.name}"
    return ""


def _share(device: int, mounts: Path) -> str:
    """A digest of the share's address, which itself would name a computer."""
    for kind, source in _mounted(_numbered(device), mounts):
        if kind.startswith(_SHARES):
            return f"share:{hashlib.sha256(source.encode()).hexdigest()[:16]}"
    return ""


def _source(number: str, mounts: Path) -> str:
    """The disk that is mounted under this number."""
    return next((source for _, source in _mounted(number, mounts)), "")


def _mounted(number: str, mounts: Path) -> Iterator[tuple[str, str]]:
    """Kind and source of what is mounted under this number."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        about, _, source = line.partition(" - ")
        words = source.split()
        if about.split()[2:3] == [number] and len(words) > 1:
            yield words[0], words[1]


def _numbered(device: int) -> str:
    return f"{os.major(device)}:{os.minor(device)}" if hasattr(os, "major") else ""


_WORD = re.compile(r"\S+(?: \S+)*")


def find_label(
    to: Path, archive: Archive, medium: str | None, kind: str | None
) -> tuple[Label, bool]:
    """The label, and whether it is still to be written; `medium` and `kind` as a person names them.

    Raises Refused, MediumFailed for a label that cannot be read, OSError.
    """
    data = read_label_of(to)
    if data is not None:
        return _labelled(to, data, medium, kind), False
    if medium is None or kind is None:
        raise Refused(
            "Этот носитель ещё не помечен: неизвестно, какой у него номер и что он такое",
            'Назовите его один раз: --medium Н-1 --kind "флеш-накопитель" (номер — на наклейке)',
        )
    for value, key in ((medium, "--medium"), (kind, "--kind")):
        if _WORD.fullmatch(value) is None or not value.isprintable():
            raise Refused(
                f"{key}: «{value}» — не строка без лишних пробелов", "Например: --medium Н-1"
            )
    made_by_papka = [c for c in _copies(archive) if c.medium == medium and c.head is not None]
    if made_by_papka:
        raise Refused(
            f"На {medium} уже делали копию {made_by_papka[-1].date:%d.%m.%Y}, а здесь метки нет: "
            "подключён не он, или указана другая папка",
            "Подключите его и укажите ту же папку; новому или очищенному носителю дайте новый "
            "номер",
        )
    return Label(medium, kind, secrets.token_hex(16)), True


def _labelled(to: Path, data: bytes, medium: str | None, kind: str | None) -> Label:
    try:
        label = read_label(data)
    except BadMedium as error:
        raise MediumFailed(
            medium or "без номера", f"метка в {to} повреждена: {error}",
            "Возьмите другой носитель, а этот проверьте: прежние копии на нём могли уцелеть",
        ) from error  # fmt: skip
    if medium is not None and medium != label.medium:
        raise Refused(
            f"Этот носитель помечен как {label.medium}, а не {medium}",
            f"Подключите {medium} или уберите ключ --medium",
        )
    return label if kind is None else replace(label, kind=kind)


def _copies(archive: Archive) -> Iterator[Copy]:
    for key in sorted(archive.media):
        yield from archive.media[key].copies


def last_place(archive: Archive, medium: str) -> str | None:
    """Where the medium was kept last."""
    places = [copy.place for copy in _copies(archive) if copy.medium == medium and copy.place]
    return places[-1] if places else None


def refuse_other_disk(archive: Archive, label: Label, volume: Volume) -> None:
    """Raises Refused when the journal knows the medium by another file system."""
    known = [copy.device for copy in _copies(archive) if copy.medium == label.medium]
    if known and known[-1] and volume.identity and known[-1] != volume.identity:
        raise Refused(
            f"Это не тот носитель, что записан в журнале как {label.medium}: файловая система "
            "другая, а метка, видно, переписана вместе с файлами",
            f"Подключите {label.medium}; с нового носителя уберите метку и дайте ему новый номер",
        )


def twin_of(archive: Archive, label: Label, volume: Volume) -> str:
    """Another medium that is the same disk; the newest word of the journal counts."""
    if not volume.identity:
        return ""
    found = [c.medium for c in _copies(archive) if c.device == volume.identity]
    return next((medium for medium in reversed(found) if medium != label.medium), "")


def refuse_number(medium: str) -> None:
    """Of a server: it has no sticker."""
    if medium:
        raise Refused(
            "Номер носителя бывает у папки на диске, а это адрес сервера", "Уберите --medium"
        )


def label_for_mirror(folder: Path, medium: str) -> Label | None:
    """The label to be written; None when the disk has this one. Raises Refused for another."""
    data = read_label_of(folder)
    if data is None:
        if not medium.isprintable() or medium != medium.strip():
            raise Refused(f"--medium: «{medium}» не годится", "Номер с наклейки: --medium Н-1")
        return Label(medium, "носитель с зеркалом", secrets.token_hex(16))
    try:
        found = read_label(data).medium
    except BadMedium as error:
        raise Refused(
            f"Метка в {folder} повреждена: {error}", "Возьмите другой носитель"
        ) from error
    if found != medium:
        raise Refused(
            f"Этот носитель помечен как {found}, а не {medium}",
            f"Подключите {medium} или назовите {found}",
        )
    return None
