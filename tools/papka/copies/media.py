"""Media that keep copies: write, re-read and name a copy; tell the disk and its label (R-6.3).

Nothing already on the medium is changed. A copy gets its name when all of it is on the disk and was
read back from there; when the disk is taken away, nothing is written to the folder it was mounted
on. The system is made to forget what it wrote, so that reading asks the disk.

A disk has an identity only when that outlives a restart and another socket: the file system's own
number or the address of a share. The disk itself is not asked, which needs rights, and nothing is
guessed where the system is silent.

Label, journal and file system must agree which medium this is. A label is written once and kept; a
number in the journal belongs to one medium for good. An empty folder is never taken for a known
medium: with the disk not plugged in, the copy would go to the computer's own.
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
from papka.records.acts import MediumCopy
from papka.records.archive import Archive
from papka.repository import files, worktree
from papka.repository.files import (
    SMALL,
    NotPlain,
    drop_from_cache,
    open_plain,
    read_plain,
    sync_file,
    sync_folder,
)
from papka.repository.git_values import Naming, new_digest

_PIECE = 1 << 20
_MANIFEST_AT_MOST = 64_000_000
"""Bytes of a manifest: of half a million files."""


@contextmanager
def at_medium(medium: str) -> Iterator[None]:
    """Turn what the disk refuses inside into MediumFailed."""
    try:
        yield
    except OSError as error:
        said = cannot_access(error).message
        raise MediumFailed(medium, said[:1].lower() + said[1:]) from error


@dataclass(frozen=True, slots=True)
class FileRead:
    """A file as it came from the disk: SHA-256, the id git gives such bytes, length."""

    sha256: str
    id: str
    size: int


class MediumDraft:
    """A copy being written below `folder`; `place` is where it lies until it is named.

    `digests`: SHA-256 by path of what was written.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._device = folder.stat().st_dev
        self.place = folder / f"{UNFINISHED}{name}"
        self.digests: dict[str, str] = {}
        self.place.mkdir(mode=files.FOLDER)
        self._folders = {self.place}

    def write(self, path: str, pieces: Iterable[bytes]) -> None:
        """Add a file; it is not on the disk before `settle`."""
        target = self.place / path
        self._make_folder(target.parent)
        total = hashlib.sha256()
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(target, flags, files.FILE), "wb") as file:
            for piece in pieces:
                total.update(piece)
                file.write(piece)
        self.digests[path] = total.hexdigest()

    def settle(self) -> None:
        """Bring every file and folder to the disk, and let the system forget them."""
        if len(self.digests) > 50 and hasattr(os, "sync"):
            os.sync()  # together, which is quicker; errors of the disk show below, file by file
        for path in self.digests:
            sync_file(self.place / path)
        for folder in sorted(self._folders, reverse=True):
            sync_folder(folder)
        self._require_disk()

    def name(self) -> Path:
        """Give the copy its name; return the folder where it lies from now on."""
        self._require_disk()
        final = self._folder / self._name
        self.place.rename(final)
        sync_folder(self._folder)
        return final

    def drop(self) -> None:
        """Remove what was written, as far as the disk still lets it."""
        shutil.rmtree(self.place, ignore_errors=True)

    def _make_folder(self, folder: Path) -> None:
        """Make a folder below the place, never the place itself, which is gone with the disk."""
        if folder not in self._folders:
            self._make_folder(folder.parent)
            folder.mkdir(mode=files.FOLDER)
            self._folders.add(folder)

    def _require_disk(self) -> None:
        if self._folder.stat().st_dev != self._device:
            raise FileNotFoundError(2, "", str(self._folder))


def sweep(folder: Path) -> None:
    """Remove what killed commands left half written; close copies to other users."""
    for left in folder.iterdir():
        if is_copy_name(left.name):
            files.tighten(left)
        if left.name.startswith(UNFINISHED) and is_copy_name(left.name.removeprefix(UNFINISHED)):
            shutil.rmtree(left)
        elif left.name.startswith(worktree.UNFINISHED) and left.is_file():
            left.unlink(missing_ok=True)


def write_label(folder: Path, data: bytes) -> None:
    """Write the label of a medium, whole or not at all."""
    worktree.write(folder, LABEL, data)


def read_label_of(folder: Path) -> bytes | None:
    """Return the label's bytes, None where there is no label; raises OSError."""
    try:
        return read_plain(folder / LABEL, most=SMALL)
    except FileNotFoundError:
        return None
    except NotPlain as error:
        raise OSError(errno.EIO, error.reason, str(folder / LABEL)) from error


def find_copy(place: Path) -> Path | None:
    """Return the copy that a path is, or whose bundle it is, or the newest of a medium."""
    if place.name == BUNDLE and place.is_file():
        place = place.parent
    if (place / MANIFEST).is_file():
        return place.resolve()
    names = read_manifests(place) if place.is_dir() else {}
    return place.resolve() / max(names) if names else None


def read_manifests(folder: Path) -> Mapping[str, bytes]:
    """Map the name of every copy in the folder to its manifest, empty when unreadable; sorted."""
    names = sorted(entry.name for entry in folder.iterdir() if is_copy_name(entry.name))
    return {name: read_manifest_of(folder / name) for name in names}


def read_manifest_of(copy: Path) -> bytes:
    """Return the manifest's bytes, empty when it is not there or cannot be read."""
    try:
        return read_plain(copy / MANIFEST, most=_MANIFEST_AT_MOST)
    except (OSError, NotPlain):
        return b""


def list_files(copy: Path) -> tuple[str, ...]:
    """List every file of a copy, sorted; what is neither a file nor a folder counts as a file."""
    found: list[str] = []
    for folder, folders, names in os.walk(copy, onerror=_raise):
        inside = Path(folder).relative_to(copy).as_posix()
        prefix = "" if inside == "." else f"{inside}/"
        links = [name for name in folders if (Path(folder) / name).is_symlink()]
        found += [prefix + name for name in (*names, *links)]
    return tuple(sorted(found))


def reread(
    copy: Path, paths: Iterable[str], naming: Naming = "sha1"
) -> Iterator[tuple[str, FileRead]]:
    """Read each file from the disk itself, as far as the system can be made to forget it."""
    for path in paths:
        target = copy / path
        try:
            handle = open_plain(target)
        except NotPlain:
            continue
        with os.fdopen(handle, "rb", buffering=0) as file:
            drop_from_cache(target)
            yield path, _hash_file(file, naming)


@contextmanager
def open_patiently(file: Path) -> Iterator[FileIO]:
    """Open a file to be read unbuffered, piece by piece; raises OSError, NotPlain."""
    with os.fdopen(open_plain(file), "rb", buffering=0) as opened:
        yield opened


def remove_copy(copy: Path) -> None:
    """Remove a named copy: first its name, so that nobody meets a half removed one."""
    aside = copy.with_name(f"{UNFINISHED}{copy.name}")
    copy.rename(aside)
    sync_folder(copy.parent)
    shutil.rmtree(aside)


def _hash_file(file: FileIO, naming: Naming) -> FileRead:
    size = os.fstat(file.fileno()).st_size
    total, blob = hashlib.sha256(), new_digest(naming, f"blob {size}\0".encode())
    while piece := file.read(_PIECE):
        total.update(piece)
        blob.update(piece)
    return FileRead(total.hexdigest(), blob.hexdigest(), size)


def _raise(error: OSError) -> None:
    raise error


_BY_NUMBER = Path("/dev/disk/by-uuid")
_MOUNTS = Path("/proc/self/mountinfo")
_DEVICES = Path("/sys/dev/block")
"""Where Linux shows every disk under its number."""
_SHARES = ("nfs", "cifs", "smb", "9p", "fuse.sshfs")
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class MediumVolume:
    """What a folder lies on. `device`: the system's number of the disk now; `identity`: a name that
    lasts, empty when unknown; `free`, `block`: bytes; `encrypted`: None when the system does not
    say."""

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
) -> MediumVolume:
    """Describe the volume of a folder that is there; raises OSError.

    `by_number`: where the system lists file systems by their numbers; `mounts`: its table of
    mounts; `devices`: its folder about disks.
    """
    device = folder.stat().st_dev
    identity = _find_uuid(device, by_number) or _digest_share(device, mounts)
    block = os.statvfs(folder).f_frsize if hasattr(os, "statvfs") else _BLOCK
    free = shutil.disk_usage(folder).free
    return MediumVolume(device, identity, free, block, _is_encrypted(device, mounts, devices))


def _is_encrypted(device: int, mounts: Path, devices: Path) -> bool | None:
    """Tell from the layers below the file system: LUKS, BitLocker and VeraCrypt are layers of the
    device mapper. None for a share, for what lies in a file, and where there is no such list."""
    number = _device_number(device)
    if number and not (devices / number).exists():
        # btrfs and its like mount under a number of their own
        with suppress(OSError):
            source = next((source for _, source in _find_mounts(number, mounts)), "")
            number = _device_number(Path(source).stat().st_rdev)
    return _is_layer_encrypted(devices / number) if number else None


def _is_layer_encrypted(disk: Path) -> bool | None:
    if _read_text(disk / "dm" / "uuid").startswith("CRYPT-"):
        return True
    if _read_text(disk / "dm" / "name").startswith("veracrypt"):
        return True
    below = _list_folder(disk / "slaves")
    if below:
        answers = {_is_layer_encrypted(each) for each in below}
        return None if None in answers else answers == {True}
    is_disk = (disk / "partition").exists() or (disk / "device").exists()
    return False if is_disk else None


def _read_text(file: Path) -> str:
    try:
        return file.read_text("ascii", "replace")
    except OSError:
        return ""


def _list_folder(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _find_uuid(device: int, by_number: Path) -> str:
    for entry in _list_folder(by_number):
        with suppress(OSError):
            if entry.stat().st_rdev == device:
                return f"uuid:{entry.name}"
    return ""


def _digest_share(device: int, mounts: Path) -> str:
    """Return a digest of the share's address, which itself would name a computer."""
    for kind, source in _find_mounts(_device_number(device), mounts):
        if kind.startswith(_SHARES):
            return f"share:{hashlib.sha256(source.encode()).hexdigest()[:16]}"
    return ""


def _find_mounts(number: str, mounts: Path) -> Iterator[tuple[str, str]]:
    """Yield kind and source of what is mounted under this device number."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return
    for line in lines:
        about, _, source = line.partition(" - ")
        words = source.split()
        if about.split()[2:3] == [number] and len(words) > 1:
            yield words[0], words[1]


def _device_number(device: int) -> str:
    return f"{os.major(device)}:{os.minor(device)}" if hasattr(os, "major") else ""


_WORD = re.compile(r"\S+(?: \S+)*")


def find_label(
    to: Path, archive: Archive, medium: str | None, kind: str | None
) -> tuple[Label, bool]:
    """Return the label, and whether it is still to be written; `medium`, `kind`: as typed.

    Raises Refused, MediumFailed for a label that cannot be read, OSError.
    """
    data = read_label_of(to)
    if data is not None:
        return _judge_label(to, data, medium, kind), False
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
    made_by_papka = [c for c in _all_copies(archive) if c.medium == medium and c.head is not None]
    if made_by_papka:
        raise Refused(
            f"На {medium} уже делали копию {made_by_papka[-1].date:%d.%m.%Y}, а здесь метки нет: "
            "подключён не он, или указана другая папка",
            "Подключите его и укажите ту же папку; новому или очищенному носителю дайте новый "
            "номер",
        )
    return Label(medium, kind, secrets.token_hex(16)), True


def _judge_label(to: Path, data: bytes, medium: str | None, kind: str | None) -> Label:
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


def _all_copies(archive: Archive) -> Iterator[MediumCopy]:
    for key in sorted(archive.media):
        yield from archive.media[key].copies


def find_last_place(archive: Archive, medium: str) -> str | None:
    """Return where the medium was kept last."""
    places = [copy.place for copy in _all_copies(archive) if copy.medium == medium and copy.place]
    return places[-1] if places else None


def refuse_other_disk(archive: Archive, label: Label, volume: MediumVolume) -> None:
    """Refuse a medium that the journal knows by another file system."""
    known = [copy.device for copy in _all_copies(archive) if copy.medium == label.medium]
    if known and known[-1] and volume.identity and known[-1] != volume.identity:
        raise Refused(
            f"Это не тот носитель, что записан в журнале как {label.medium}: файловая система "
            "другая, а метка, видно, переписана вместе с файлами",
            f"Подключите {label.medium}; с нового носителя уберите метку и дайте ему новый номер",
        )


def find_twin(archive: Archive, label: Label, volume: MediumVolume) -> str:
    """Return another medium on the same disk, by the newest line of the journal, else empty."""
    if not volume.identity:
        return ""
    found = [c.medium for c in _all_copies(archive) if c.device == volume.identity]
    return next((medium for medium in reversed(found) if medium != label.medium), "")


def refuse_number(medium: str) -> None:
    """Refuse a medium's number given for a server, which has no sticker."""
    if medium:
        raise Refused(
            "Номер носителя бывает у папки на диске, а это адрес сервера", "Уберите --medium"
        )


def label_for_mirror(folder: Path, medium: str) -> Label | None:
    """Return the label to write, None when the disk has this one; raises Refused for another."""
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
