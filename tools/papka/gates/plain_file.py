"""Opens what is no record: a regular file, of a bounded size, and nothing that could be waited for.

Invariants: a pipe, a device, a socket or a folder is told, never read; unless the caller follows
links, a link is told as well; nobody gets more bytes than asked for. Absent on purpose: the records
(`worktree`), which have rules of their own.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

from papka.core.errors import PapkaError

SMALL = 1 << 20
"""Bytes that settings, notes and little files of git never reach."""
LARGE = 1 << 30
"""Bytes that no file a person gives, and no list of references, reaches."""
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
    """What lies there is no file to be read."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"{path}: {reason}", "Уберите его или назовите обычный файл")
        self.reason = reason


def open_plain(file: Path, *, most: int | None = None, follow: bool = False) -> int:
    """A handle for reading; raises NotPlain, or OSError when it is not there.

    `follow`: a link may lead to it, as for a file that a person names.
    """
    kind = os.stat(file, follow_symlinks=follow).st_mode  # noqa: PTH116 - one call for both ways
    if not stat.S_ISREG(kind):
        raise NotPlain(file, _told(kind))
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
    raise NotPlain(file, _told(found.st_mode))


def read_plain(file: Path, *, most: int = LARGE, follow: bool = False) -> bytes:
    """All bytes of a file; raises as `open_plain`."""
    with os.fdopen(open_plain(file, most=most, follow=follow), "rb") as opened:
        data = opened.read(most + 1)
    if len(data) > most:
        raise NotPlain(file, "он растёт, пока его читают")
    return data


def blocks(path: str | Path) -> bool:
    """Whether opening it could wait for ever: it leads to a pipe, a device or a socket."""
    try:
        kind = os.stat(path).st_mode  # noqa: PTH116 - hundreds of names
    except OSError:
        return False
    return not (stat.S_ISREG(kind) or stat.S_ISDIR(kind))


def _told(kind: int) -> str:
    return next((words for is_kind, words in _KINDS if is_kind(kind)), "это устройство, а не файл")
