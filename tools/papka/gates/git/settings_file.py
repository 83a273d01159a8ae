"""Writes a store's settings whole or not at all: a copy beside them, synced, takes their place.

Invariants: what is there stays, comments too; git itself edits a copy, far from the store; the new
file is written as `config.lock`, so no git writes at the same time, and no papka (a lock of our
own); one that a killed command left is cleared. Absent on purpose: which settings are good.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from papka.core.errors import LockHeld
from papka.gates.durable import sync_folder
from papka.gates.git.runner import run_git
from papka.gates.lock import file_lock, is_left_behind, works_in
from papka.gates.plain_file import SMALL, read_plain

OURS = "papka-settings"
"""Held while papka writes settings; its name is no git lock's."""
_SECONDS = 10.0
_PAUSE = 0.05


def write_settings_of(common: Path, settings: Mapping[str, str]) -> None:
    """Sets `section.key` or `section.subsection.key` in the file `config` of a store.

    Raises LockHeld while somebody's git writes there.
    """
    target, lock = common / "config", common / "config.lock"
    with file_lock(common / OURS, OURS, _SECONDS):
        handle = _locked(lock)
        try:
            with os.fdopen(handle, "wb") as file:
                is_there = os.path.lexists(target)
                file.write(_edited(read_plain(target, most=SMALL) if is_there else b"", settings))
                file.flush()
                os.fsync(handle)
            if is_there:
                lock.chmod(target.stat().st_mode & 0o777)
            lock.replace(target)
        except BaseException:
            lock.unlink(missing_ok=True)
            raise
    sync_folder(common)


def _edited(data: bytes, settings: Mapping[str, str]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        copy = Path(name) / "config"
        copy.write_bytes(data)
        for key, value in settings.items():
            run_git(
                "config", "--file", str(copy), "--replace-all", key, value, folder=Path(name)
            )  # fmt: skip
        return copy.read_bytes()


def _locked(lock: Path) -> int:
    """The lock, made by us alone."""
    until = time.monotonic() + _SECONDS
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    while True:
        try:
            return os.open(lock, flags, 0o644)
        except FileExistsError as error:
            if not works_in(_home(lock)) and is_left_behind(lock):
                lock.unlink(missing_ok=True)
            elif time.monotonic() > until:
                raise LockHeld(lock.name) from error
            else:
                time.sleep(_PAUSE)


def _home(lock: Path) -> Path:
    """Where a git that writes the settings has its working folder, or below."""
    return lock.parent.parent if lock.parent.name == ".git" else lock.parent
