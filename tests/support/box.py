"""A computer of our own for what a page says root does: users, settings, services, all thrown away.

Mounts, network and processes are apart from the real ones: what is written below the folders of
`_OWN` lies over theirs in memory, the ports are free, and everything ends with the block.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_OWN = ("/etc", "/home", "/opt", "/root", "/run", "/srv", "/usr/local", "/var")
_FIRST = """
import fcntl, os, signal, socket, struct, subprocess, sys
top = sys.argv[1]
subprocess.run(["mount", "--make-rprivate", "/"], check=True)
subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "papka-box", top], check=True)
for at, folder in enumerate(sys.argv[2:]):
    upper, work = f"{top}/{at}/upper", f"{top}/{at}/work"
    os.makedirs(upper), os.makedirs(work)
    mode = os.stat(folder).st_mode & 0o7777
    os.chmod(upper, mode)
    options = f"lowerdir={folder},upperdir={upper},workdir={work}"
    subprocess.run(["mount", "-t", "overlay", "-o", options, "overlay", folder], check=True)
with socket.socket() as probe:
    fcntl.ioctl(probe, 0x8914, struct.pack("16sh22x", b"lo", 1))  # SIOCSIFFLAGS, IFF_UP
signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody else buries the children of daemons
print("ready", flush=True)
sys.stdin.read()
"""


@dataclass(frozen=True, slots=True)
class Box:
    """`pid`: of its first process, by which others enter."""

    pid: int

    def sh(
        self, script: str, *, home: Path = Path("/root"), cwd: Path | None = None, **more: str
    ) -> subprocess.CompletedProcess[str]:
        """A script as root types it into a fresh terminal whose umask is 077."""
        return self.run(
            "sh", "-eu", "-c", script, cwd=cwd or home, variables={"HOME": str(home), **more}
        )

    def run(
        self, *words: str | Path, cwd: Path = Path("/root"), variables: Mapping[str, str] = {}
    ) -> subprocess.CompletedProcess[str]:
        """A program in the box; nothing of the tests' own environment reaches it."""
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--net", "--pid"]
        enter += ["sh", "-c", 'cd "$0" && exec "$@"', str(cwd)]
        return subprocess.run(
            [*enter, *map(str, words)],
            env={"PATH": PATH, "LANG": "C.UTF-8", **variables}, umask=0o077,
            check=False, timeout=200,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip


@contextmanager
def box() -> Iterator[Box]:
    """Skips the test where the system lets nobody have one."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root makes users and mounts of their own")
    if not all(Path(each).is_dir() for each in _OWN):
        pytest.skip("a folder that would be written to lies over nothing")
    folder = Path(tempfile.mkdtemp(prefix="papka-box-"))
    words = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
    process = subprocess.Popen(
        [*words, "/usr/bin/python3", "-c", _FIRST, str(folder), *_OWN],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        if process.stdout.readline() != "ready\n":
            pytest.skip(f"no mounts of one's own here: {process.stderr.read().strip()[-300:]}")
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text("ascii")
        yield Box(int(children.split()[0]))
    finally:
        process.kill()
        process.communicate()
        shutil.rmtree(folder)
