"""What papka keeps in `.papka/`: found and written as if a stranger had been there before.

Invariants: no link is followed, neither of a file nor of a folder on the way, so nothing outside is
read, written or taken away; a file is a regular one of a bounded size, else it is as if it were not
there. docs/beside.md says of each name who believes it. Absent on purpose: what the files mean.
"""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from papka.core.errors import Refused
from papka.gates import worktree
from papka.gates.plain_file import SMALL, NotPlain, read_plain

FOLDER = ".papka"


def read(root: Path, path: str, *, most: int = SMALL) -> bytes | None:
    """The bytes of a file below `.papka/`; None when there is none that could be read."""
    try:
        return read_plain(root / path, most=most) if _is_ours(root, path) else None
    except (OSError, NotPlain):
        return None


def write(root: Path, path: str, data: bytes, *, synced: bool = True) -> None:
    """Replaces a file; raises Refused when a link or a file stands in place of a folder."""
    make_folder(root, path.rpartition("/")[0])
    worktree.write(root, path, data, synced=synced)


def rewrite_start(root: Path, path: str, length: int, change: Callable[[bytes], bytes]) -> None:
    """Puts what `change` makes of a file's first bytes in their place; nothing where it cannot."""
    flags = os.O_RDWR | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    if not _is_ours(root, path):
        return
    with suppress(OSError):
        handle = os.open(root / path, flags | getattr(os, "O_NOFOLLOW", 0))
        with os.fdopen(handle, "r+b", buffering=0) as file:
            about = os.fstat(handle)
            # Under a second name it may be a file from elsewhere.
            if stat.S_ISREG(about.st_mode) and about.st_nlink == 1:
                new = change(file.read(length))
                if len(new) == length:
                    file.seek(0)
                    file.write(new)


def remove(root: Path, path: str) -> None:
    """Takes away whatever lies there, be it a whole folder; nothing when nothing does."""
    target = root / path
    if not _is_ours(root, path) or not os.path.lexists(target):
        return
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    else:
        target.unlink(missing_ok=True)


def entries(root: Path, path: str) -> list[os.DirEntry[str]]:
    """What lies in a folder, by name; nothing when it is no folder."""
    if not _is_ours(root, f"{path}/x"):
        return []
    try:
        with os.scandir(root / path) as found:
            return sorted(found, key=lambda entry: entry.name)
    except OSError:
        return []


def make_folder(root: Path, path: str) -> Path:
    """The folder, made with those above it; raises Refused when one of them is something else."""
    refuse_link(root, path)
    (root / path).mkdir(parents=True, exist_ok=True)
    return root / path


def refuse_link(root: Path, path: str) -> None:
    """Raises Refused when a link or a file stands in place of this folder, or of one above it."""
    at = root
    for part in path.split("/"):
        at = at / part
        if os.path.lexists(at) and not stat.S_ISDIR(at.lstat().st_mode):
            raise _misplaced(root, at)


def _misplaced(root: Path, at: Path) -> Refused:
    return Refused(
        f"{at.relative_to(root)} должна быть папкой, а это ссылка или файл",
        "papka такого не делает: посмотрите, куда она ведёт, и уберите её",
    )


def _is_ours(root: Path, path: str) -> bool:
    """Whether all folders on the way are folders of the archive's own."""
    at = root
    for part in path.split("/")[:-1]:
        at = at / part
        try:
            if not stat.S_ISDIR(at.lstat().st_mode):
                return False
        except OSError:
            return False
    return True
