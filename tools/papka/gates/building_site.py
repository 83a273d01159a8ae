"""A folder in which something whole is built beside its final place, then put there by one rename.

Invariants: the place is taken only when nothing lies there; what a killed command left of its
building is swept by the next one, never what a running one works on; all of it is on the disk
before it gets its name. Absent on purpose: what is built.
"""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import LockHeld, Refused
from papka.gates.durable import sync_folder
from papka.gates.lock import file_lock

_LOCK = "lock"
_PREFIX = ".{}.papka-"


@dataclass(frozen=True, slots=True)
class Site:
    """`room`: for what is thrown away; `built`: what gets the name `place`."""

    place: Path
    room: Path

    @property
    def built(self) -> Path:
        return self.room / "built"

    def finish(self) -> None:
        """Raises Refused when something has come to the place meanwhile, OSError."""
        _sync(self.built)
        if self.place.exists():
            _require_free(self.place)
            self.place.rmdir()
        self.built.rename(self.place)
        sync_folder(self.place.parent)


@contextmanager
def building_site(place: Path) -> Iterator[Site]:
    """Raises Refused when the place is not free, or when its folder cannot be written to."""
    _require_free(place)
    prefix = _PREFIX.format(place.name)
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        sweep(place)
        room = Path(tempfile.mkdtemp(prefix=prefix, dir=place.parent))
    except OSError as error:
        raise Refused(
            f"В папке {place.parent} ничего не создать: она недоступна или закрыта от записи",
            "Укажите другое место",
        ) from error
    try:
        with file_lock(room / _LOCK, _LOCK, 0):
            yield Site(place, room)
    finally:
        shutil.rmtree(room, ignore_errors=True)
        with suppress(OSError):
            sync_folder(place.parent)


def _require_free(place: Path) -> None:
    if os.path.lexists(place) and (not place.is_dir() or any(place.iterdir())):
        raise Refused(
            f"{place}: здесь уже что-то лежит, а восстанавливают только на пустое место",
            "Укажите новую или пустую папку",
        )


def sweep(place: Path) -> None:
    """Takes away what killed commands left beside a place."""
    for left in place.parent.glob(f"{glob.escape(_PREFIX.format(place.name))}*"):
        try:
            with file_lock(left / _LOCK, _LOCK, 0):
                pass
        except (LockHeld, OSError):
            continue  # somebody works there, or it is no building of ours
        shutil.rmtree(left, ignore_errors=True)


def _sync(tree: Path) -> None:
    """Every file and folder; together where the system can, which many files need."""
    if hasattr(os, "sync"):
        os.sync()
        return
    for folder, _, names in os.walk(tree):
        for name in names:
            with (Path(folder) / name).open("r+b") as file:
                os.fsync(file.fileno())
