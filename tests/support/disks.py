"""A disk as a school hands it over: read-only, another person's, with a mirror beside the archive.

Where this machine allows it, the disk is mounted read-only for the commands run on it; elsewhere
its files are only closed for writing.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from tests.support.pages import programs

_SOMEBODY = 12_345


@dataclass(frozen=True, slots=True)
class Disk:
    """`archive` and `mirror` lie on it; `home` is the auditor's own folder."""

    folder: Path
    home: Path

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    @property
    def mirror(self) -> Path:
        return self.folder / "mirror.git"

    def sh(self, script: str, **words: str | Path) -> subprocess.CompletedProcess[str]:
        """A line in the auditor's shell: `papka` is this program, `words` are variables."""
        environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            **{name: str(value) for name, value in words.items()},
            "PATH": f"{programs(self.home)}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(self.home),
        }
        if os.geteuid() != 0:
            environment["GIT_TEST_ASSUME_DIFFERENT_OWNER"] = "1"
        command = ["sh", "-c", script]
        if _can_mount():
            place = shlex.quote(str(self.folder))
            closed = f"mount --bind {place} {place} && mount -o remount,ro,bind {place}"
            command = ["unshare", "-m", "sh", "-c", f'{closed} && exec "$@"', "sh", *command]
        return subprocess.run(
            command, cwd=self.home, env=environment, check=False, capture_output=True,
            encoding="utf-8", errors="replace",
        )  # fmt: skip

    def state(self) -> str:
        """A digest of every name, byte and time on it."""
        total = sha256()
        for path in sorted(self.folder.rglob("*")):
            about = path.lstat()
            total.update(f"{path}\0{about.st_mtime_ns}\0{about.st_mode}\0{about.st_size}".encode())
            if path.is_file() and not path.is_symlink():
                total.update(path.read_bytes())
        return total.hexdigest()

    def seize(self) -> Disk:
        """Closed for writing and, where this may be done, somebody else's."""
        for path in (self.folder, *self.folder.rglob("*")):
            if path.is_symlink():
                continue
            if os.geteuid() == 0:
                os.chown(path, _SOMEBODY, _SOMEBODY)
            path.chmod(path.stat().st_mode & ~0o222)
        return self


def copied_disk(archive: Path, folder: Path) -> Disk:
    """A disk with the archive and a mirror of it, still open for whoever prepares it."""
    disk = Disk(folder / "disk", folder / "auditor")
    disk.home.mkdir(parents=True)
    shutil.copytree(archive, disk.archive, symlinks=True)
    subprocess.run(
        ["git", "clone", "-q", "--mirror", archive, disk.mirror], check=True, capture_output=True
    )
    return disk


@cache
def _can_mount() -> bool:
    """Whether a folder can be mounted read-only for one process here."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return False
    ran = subprocess.run(
        ["unshare", "-m", "sh", "-c", "mount --bind /tmp /tmp && mount -o remount,ro,bind /tmp"],
        check=False, capture_output=True,
    )  # fmt: skip
    return ran.returncode == 0
