"""What a folder lies on: room, whether it is encrypted, by what the disk can be known again.

Invariants: an identity is given only when it outlives a restart and another socket (the file
system's own number, the address of a share); two folders are on one disk when the system says so.
Absent on purpose: asking the disk itself, which needs rights; guesses where the system is silent.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

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
