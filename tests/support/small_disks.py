"""A disk of a few megabytes that can be filled up, and taken away while it is in use."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk(folder: Path, megabytes: int) -> Iterator[Path]:
    """A file system of its own mounted at `folder`; skips the test where mounting is forbidden."""
    folder.mkdir()
    words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(words, check=False, capture_output=True).returncode:
        pytest.skip("file systems cannot be mounted here")
    try:
        yield folder
    finally:
        take_away(folder)


def take_away(folder: Path) -> None:
    """The disk is pulled out: its folder is empty from now on, whoever still writes to it."""
    subprocess.run(["umount", "-l", folder], check=False, capture_output=True)


def fill(folder: Path, left: int) -> Path:
    """Takes all room but `left` bytes; the file that does."""
    stuffing = folder / "stuffing"
    room = os.statvfs(folder)
    stuffing.write_bytes(b"\0" * max(0, room.f_bavail * room.f_frsize - left))
    return stuffing
