"""Keep what was worked out of an archive, so that the next command need not work it out again.

One SQLite file for each archive, in the user's cache folder (`cache_folder`), readable by its owner
alone. Nothing rests on it: without it everything is worked out anew, and only time changes. So
nothing here ever fails: a file that is broken, locked, planted, of another user or of another
edition counts as none, and is made anew when something is to be kept.

A row is text -> bytes in a `sort` of its own, and is believed only with the code that this person's
key gives it (`dot_papka.authenticate`): whoever can write to the folder, but has not the key, can
make a command slow, never wrong. Rows hold ids, codes, days and digests, no personal data: who
keeps something answers for that. Digests of what is personal are made with `secret`, so that
without the key nobody can try names against them.

`check` and `status` ask it; `verify`, `save`, checks of commits and a server's hook never do.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from contextvars import ContextVar
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from papka.core.errors import PapkaError
from papka.repository.dot_papka import authenticate, cache_folder

if TYPE_CHECKING:
    import sqlite3

T = TypeVar("T")
_FORMAT = 1
_OURS = 0x70617061
"""`application_id` of the file, by which SQLite's own tools know whose it is."""
_TABLE = (
    "CREATE TABLE kept (sort TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,"
    " code BLOB NOT NULL, PRIMARY KEY (sort, key)) WITHOUT ROWID"
)
_MARKS = ([_TABLE], _OURS, _FORMAT)
_EMPTY: tuple[list[str], int, int] = ([], 0, 0)
_NEW = (
    f"BEGIN IMMEDIATE; {_TABLE}; PRAGMA application_id = {_OURS};"
    f" PRAGMA user_version = {_FORMAT}; COMMIT"
)
_WAIT = 0.2
"""Seconds to wait for another command that writes; asking anew is soon dearer than doing."""
_MOST_BYTES = 1 << 30
_MOST_FILES = 64
_CODE_BYTES = 16
_keeps: ContextVar[bool] = ContextVar("keeps", default=True)


@contextmanager
def nothing_kept() -> Iterator[None]:
    """Let nothing be recalled or kept until the end: for archives that are not this user's own."""
    token = _keeps.set(False)
    try:
        yield
    finally:
        _keeps.reset(token)


class DerivedStore:
    """What is kept of the archive in a folder. Opened when first asked; no error leaves it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    @cached_property
    def secret(self) -> bytes:
        """Key of digests of what is personal; empty where nothing can be kept."""
        if not _keeps.get():
            return b""
        code = authenticate("derived store", [os.fsencode(self._root.resolve())])
        return bytes.fromhex(code) if code else b""

    @cached_property
    def file(self) -> Path | None:
        """The file, there or not; None where this user has no folder or no key."""
        if not self.secret:
            return None
        name = hashlib.blake2b(b"name", key=self.secret, digest_size=16).hexdigest()
        try:
            return cache_folder() / "derived" / f"{name}.sqlite"
        except PapkaError:
            return None

    def recall(self, sort: str) -> dict[str, bytes]:
        """Return what is kept of a sort: what another hand put there is not."""
        asked = "SELECT key, value, code FROM kept WHERE sort = ?"
        none: list[tuple[str, bytes, bytes]] = []
        rows = self._ask(lambda base: base.execute(asked, (sort,)).fetchall(), none)
        with suppress(TypeError, AttributeError, UnicodeEncodeError):  # not even values of ours
            return {key: value for key, value, code in rows if code == self._code(sort, key, value)}
        return {}

    def keep(
        self,
        sort: str,
        rows: Mapping[str, bytes | None],
        *,
        given: Mapping[str, bytes | None] | None = None,
    ) -> None:
        """Keep these rows of a sort, all or none; None drops one.

        Nothing is kept unless the rows `given` still stand: another command was quicker.
        """

        def write(base: sqlite3.Connection) -> None:
            base.execute("BEGIN IMMEDIATE")
            for key, value in (given or {}).items():
                asked = "SELECT value FROM kept WHERE sort = ? AND key = ?"
                now = base.execute(asked, (sort, key)).fetchone()
                if now != (None if value is None else (value,)):
                    return
            gone = [(sort, key) for key, value in rows.items() if value is None]
            base.executemany("DELETE FROM kept WHERE sort = ? AND key = ?", gone)
            base.executemany(
                "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)",
                (
                    (sort, key, value, self._code(sort, key, value))
                    for key, value in rows.items()
                    if value is not None
                ),
            )
            base.execute("COMMIT")

        self._ask(write, None, new=True)

    def forget(self) -> None:
        """Remove all that is kept: after an act of destruction nothing may remind of what was."""
        if self.file is not None:
            for end in ("", "-journal", "-wal", "-shm"):
                with suppress(OSError):
                    self.file.with_name(self.file.name + end).unlink(missing_ok=True)

    def _code(self, sort: str, key: str, value: bytes) -> bytes:
        whole = b"\0".join((sort.encode(), key.encode(), value))
        return hashlib.blake2b(whole, key=self.secret, digest_size=_CODE_BYTES).digest()

    def _ask(self, job: Callable[[sqlite3.Connection], T], nothing: T, *, new: bool = False) -> T:
        """Do a job with the file; with `new` in one made anew when what is there is none of ours.

        Return `nothing` when that is not possible.
        """
        import sqlite3  # most commands only ask where the file lies

        try:
            with self._opened(new=new) as base:
                return nothing if base is None else job(base)
        except sqlite3.OperationalError:
            return nothing  # locked by another command, no space, a disk that is only read
        except sqlite3.Error:
            self.forget()
        except OSError:
            pass
        return nothing

    @contextmanager
    def _opened(self, *, new: bool) -> Iterator[sqlite3.Connection | None]:
        """Open the file when it is ours; with `new` make what is not into one of ours."""
        file = self.file
        if file is None or not self._is_there(file, new=new):
            yield None
            return
        import sqlite3  # as above

        base = sqlite3.connect(file, timeout=_WAIT, isolation_level=None)
        with closing(base):
            base.execute("PRAGMA trusted_schema = OFF")
            found = _read_marks(base)
            if new and found == _EMPTY:
                base.executescript(_NEW)
                found = _read_marks(base)
            yield base if found == _MARKS else None
            if new and found != _MARKS:
                self.forget()  # of another edition, or planted: the next command makes it anew

    def _is_there(self, file: Path, *, new: bool) -> bool:
        """Whether a file that may be opened is there; with `new` one is made."""
        if new:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(file.parent, stat.S_ISDIR):
            return False
        if _is_private(file, stat.S_ISREG):
            return True
        if new:
            self.forget()
            _leave_room(file.parent)
            os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        return new


def _is_private(place: Path, is_kind: Callable[[int], bool]) -> bool:
    """Whether there is such a thing, no link, of this user, closed to all others."""
    try:
        found = place.lstat()
    except OSError:
        return False
    if not is_kind(found.st_mode) or (is_kind is stat.S_ISREG and found.st_size > _MOST_BYTES):
        return False
    return sys.platform == "win32" or (
        found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077
    )


def _read_marks(base: sqlite3.Connection) -> tuple[list[str], int, int]:
    """Return all that the file defines, a trigger or a view too, which would be run; and its
    marks."""
    made = [str(sql) for (sql,) in base.execute("SELECT sql FROM sqlite_master")]
    (owner,), (edition,) = (
        base.execute(f"PRAGMA {name}").fetchone() for name in ("application_id", "user_version")
    )
    return made, owner, edition


def _leave_room(folder: Path) -> None:
    """Remove the files of archives that were not asked about for longest, when there are many."""
    found = sorted(folder.glob("*.sqlite"), key=lambda one: one.stat().st_mtime)
    for file in found[: max(len(found) - _MOST_FILES + 1, 0)]:
        file.unlink(missing_ok=True)
