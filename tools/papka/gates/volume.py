"""What a folder lies on: room, and by what the disk below it can be known again.

Invariants: an identity is given only when it outlives a restart and another socket (the file
system's own number, the address of a share); two folders are on one disk when the system says so.
Absent on purpose: asking the disk itself, which needs rights; guesses where the system is silent.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_BY_NUMBER = Path("/dev/disk/by-uuid")
_MOUNTS = Path("/proc/self/mountinfo")
_SHARES = ("nfs", "cifs", "smb", "9p", "fuse.sshfs")
_BLOCK = 4096


@dataclass(frozen=True, slots=True)
class Volume:
    """`device`: what the system calls the disk now; `identity`: what it is called for good, empty
    when unknown; `free` and `block` in bytes."""

    device: int
    identity: str
    free: int
    block: int


def volume_of(folder: Path, *, by_number: Path = _BY_NUMBER, mounts: Path = _MOUNTS) -> Volume:
    """The volume of a folder that is there; raises OSError.

    `by_number`: where the system lists file systems by their numbers; `mounts`: its table.
    """
    device = folder.stat().st_dev
    identity = _number(device, by_number) or _share(device, mounts)
    block = os.statvfs(folder).f_frsize if hasattr(os, "statvfs") else _BLOCK
    return Volume(device, identity, shutil.disk_usage(folder).free, block)


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
    number = f"{os.major(device)}:{os.minor(device)}" if hasattr(os, "major") else ""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    for line in lines:
        about, _, source = line.partition(" - ")
        words = source.split()
        if about.split()[2:3] == [number] and len(words) > 1 and words[0].startswith(_SHARES):
            return f"share:{hashlib.sha256(words[1].encode()).hexdigest()[:16]}"
    return ""
