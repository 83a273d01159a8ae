"""Open, list, sync and close off files with care: what lies there may be no file at all.

A pipe, a device, a socket or a folder is told, never read or waited for; a link is told as well,
unless the caller follows links; nobody gets more bytes than asked for.

A new name reaches the disk after what it leads to. Git syncs files, never folders, so without
`sync_objects` and `sync_branches` a branch could reach the disk before the objects it names.

What holds personal data is for its owner alone, 0700 and 0600. Permissions are only taken away,
never given; a file system that knows none (FAT, Windows) is no error. What a command makes is
closed from the start by the umask that `cli.main` sets; `tighten` closes what others made.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

from papka.core.errors import PapkaError

SMALL = 1 << 20
"""A size in bytes that settings, notes and little files of git never reach."""
LARGE = 1 << 30
"""A size in bytes that no file a person gives, and no list of references, reaches."""
_KINDS = (
    (stat.S_ISLNK, "это ссылка на другое место"),
    (stat.S_ISDIR, "это папка, а не файл"),
    (stat.S_ISFIFO, "это канал, а не файл: прочитанное из него не кончится"),
    (stat.S_ISSOCK, "это сокет, а не файл"),
)
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


class NotPlain(PapkaError):
    """The path leads to no regular file, or to too large a one."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}", "Уберите его или назовите обычный файл")
        self.reason = reason


def open_plain(file: Path, *, most: int | None = None, follow: bool = False) -> int:
    """Return a handle for reading; raise NotPlain, or OSError when the file is not there.

    `most`: bytes it may have; `follow`: a link may lead to it, as for a file that a person names.
    """
    kind = os.stat(file, follow_symlinks=follow).st_mode  # noqa: PTH116 - one call for both ways
    if not stat.S_ISREG(kind):
        raise NotPlain(file, _name_kind(kind))
    try:
        handle = os.open(file, _FLAGS | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise NotPlain(file, _KINDS[0][1]) from error
        raise
    # Asked again of what was opened: somebody may have put another thing there.
    found = os.fstat(handle)
    if stat.S_ISREG(found.st_mode) and (most is None or found.st_size <= most):
        return handle
    os.close(handle)
    if stat.S_ISREG(found.st_mode):
        raise NotPlain(file, f"он больше, чем бывает такой файл ({(most or 0) >> 20} МБ)")
    raise NotPlain(file, _name_kind(found.st_mode))


def read_plain(file: Path, *, most: int = LARGE, follow: bool = False) -> bytes:
    """Read all bytes of a file; raise as `open_plain`."""
    with os.fdopen(open_plain(file, most=most, follow=follow), "rb") as opened:
        data = opened.read(most + 1)
    if len(data) > most:
        raise NotPlain(file, "он растёт, пока его читают")
    return data


def read_if_plain(file: Path, *, most: int = LARGE, follow: bool = False) -> bytes | None:
    """Read all bytes of a file; None when it is not there or is no such file."""
    try:
        return read_plain(file, most=most, follow=follow)
    except (OSError, NotPlain):
        return None


def may_block(path: str | Path) -> bool:
    """Whether opening the path could wait for ever: it leads to a pipe, a device or a socket."""
    try:
        kind = os.stat(path).st_mode  # noqa: PTH116 - hundreds of names
    except OSError:
        return False
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))


def _name_kind(kind: int) -> str:
    return next((words for is_kind, words in _KINDS if is_kind(kind)), "это устройство, а не файл")


def sync_moment() -> float:
    """Return the time from which on a folder counts as changed, for `sync_objects`."""
    return time.time() - 2.0  # a disk may round the time of a folder by so many seconds


def sync_folder(folder: Path) -> None:
    """Bring the names in one folder to the disk."""
    if os.name == "nt":
        return  # Windows has no handle on a folder to flush
    _sync(folder, os.O_RDONLY)


def sync_file(file: Path) -> None:
    """Bring the bytes of one file to the disk, whoever wrote them and whoever may write there.

    Windows does so only for who may write: what is closed even to its owner are git's objects,
    which git has synced.
    """
    try:
        _sync(file, os.O_RDWR | getattr(os, "O_BINARY", 0))
    except PermissionError:
        if os.name != "nt":
            _sync(file, os.O_RDONLY)


def sync_tree(tree: Path) -> None:
    """Bring everything below a folder to the disk, what it holds before its name."""
    for folder, _, names in os.walk(tree, topdown=False):
        for name in names:
            sync_file(Path(folder) / name)
        sync_folder(Path(folder))


def _sync(path: Path, flags: int) -> None:
    handle = os.open(path, flags)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_objects(objects: Path, since: float) -> None:
    """Bring the names of the objects that a store got since a moment to the disk."""
    with os.scandir(objects) as entries:
        changed = [e.path for e in entries if e.is_dir() and e.stat().st_mtime >= since]
    for path in changed:
        sync_folder(Path(path))
    if changed:
        sync_folder(objects)


def sync_branches(common: Path) -> None:
    """Bring to the disk where the branches of a store stand."""
    sync_folder(common / "refs" / "heads")


def write_whole(target: Path, data: bytes, *, aside: Path) -> None:
    """Replace a file in one step; it is written first to `aside`, on the same disk."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(target)
    sync_folder(target.parent)


def copy_pieces(
    source: IO[bytes], target: IO[bytes], tell: Callable[[int], None] = lambda _: None
) -> None:
    """Copy what is left of an open file; `tell` hears how many bytes each piece had."""
    while piece := source.read(SMALL):
        target.write(piece)
        tell(len(piece))


def drop_from_cache(file: Path) -> None:
    """Make the system read a file from the disk next time, as far as it can be made to."""
    if not hasattr(os, "posix_fadvise"):
        return
    handle = os.open(file, os.O_RDONLY)
    try:
        os.posix_fadvise(handle, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(handle)


FOLDER, FILE, PROGRAM = 0o700, 0o600, 0o700
PAPERS = "print"
"""The folder of an archive for what is printed and given out."""
_OTHERS = 0o077
"""Permissions of everybody but the owner."""


def file_mode(target: str | Path) -> int:
    """Return the mode for a file that is written in place of `target`."""
    try:
        return os.stat(target).st_mode & PROGRAM | FILE  # noqa: PTH116 - for thousands: half the time
    except FileNotFoundError:
        return FILE


def set_mode(path: Path, mode: int) -> None:
    with suppress(OSError):  # another's, or no modes on this disk; one that is gone says so later
        path.chmod(mode)


def tighten(place: Path) -> None:
    """Take a file, or a folder with all that is in it, away from others if it is open to them.

    Below a closed folder nothing is looked at: nobody gets there. A link is never followed.
    """
    if os.name == "nt" or not _close(place):
        return
    for folder, folders, names in os.walk(place):
        for name in (*folders, *names):
            _close(Path(folder, name))


def is_own_copy(file: Path, data: bytes | memoryview) -> bool:
    """Whether a file holds just these bytes and is closed to others."""
    try:
        with os.fdopen(open_plain(file, most=len(data)), "rb") as opened:
            is_closed = os.name == "nt" or not os.fstat(opened.fileno()).st_mode & _OTHERS
            return is_closed and opened.read(len(data) + 1) == data
    except (OSError, NotPlain):
        return False


def paper_folder(root: Path) -> Path:
    """Return the folder for papers and packages when no place is named, closed to others."""
    folder = root / PAPERS
    tighten(folder)
    return folder


def _close(path: Path) -> bool:
    """Take one file or folder away from others; False when it was not open to them."""
    try:
        mode = path.lstat().st_mode
    except OSError:
        return False
    if not mode & _OTHERS or not (stat.S_ISDIR(mode) or stat.S_ISREG(mode)):
        return False
    set_mode(path, stat.S_IMODE(mode) & ~_OTHERS)
    return True


def list_entries(folder: str | Path) -> list[os.DirEntry[str]]:
    """Return the entries of a folder, by name; [] where there is no folder to be read."""
    try:
        with os.scandir(folder) as entries:
            return sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return []


def names_in(root: Path, folder: str) -> tuple[str, ...]:
    """Return the sorted names in a folder, hidden ones too; () where there is no folder.

    For questions about a few known files, where listing a whole archive would cost more.
    """
    try:
        return tuple(sorted(os.listdir(root / folder)))  # noqa: PTH208 - iterdir costs ten times more
    except (FileNotFoundError, NotADirectoryError):
        return ()


def files_below(root: Path, folder: str) -> tuple[str, ...]:
    """Return every file below a folder as a path from the root, sorted; links are left out."""
    place = root / folder
    if not place.is_dir() or place.is_symlink():
        return ()
    return tuple(sorted(_walk(str(root), folder.strip("/"))))


def _walk(root: str, folder: str) -> Iterator[str]:
    for entry in list_entries(f"{root}/{folder}"):
        path = f"{folder}/{entry.name}" if folder else entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(root, path)
        elif entry.is_file(follow_symlinks=False):
            yield path


def stamp_files(root: Path, paths: tuple[str, ...]) -> int:
    """Return a number that is another one when any of these files is changed, added or removed."""
    told: list[tuple[int, ...]] = []
    for path in paths:
        try:
            about = os.stat(f"{root}/{path}", follow_symlinks=False)  # noqa: PTH116 - of thousands
        except OSError:
            told.append(())
        else:
            told.append((about.st_mtime_ns, about.st_size, about.st_ino, about.st_ctime_ns))
    return hash((paths, tuple(told)))


def read_present(root: Path, paths: tuple[str, ...] | list[str]) -> dict[str, bytes]:
    """Return the bytes of those paths that are plain files."""
    found = {}
    base = f"{root}/"
    for path in paths:
        try:
            with open(base + path, "rb", buffering=0, opener=_open_regular) as file:
                found[path] = file.readall() or b""
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            continue
    return found


def _open_regular(path: str, flags: int) -> int:
    """Open a file; raise FileNotFoundError for a pipe or a device, without waiting for it."""
    handle = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    if stat.S_ISREG(os.fstat(handle).st_mode):
        return handle
    os.close(handle)
    raise FileNotFoundError(path)
