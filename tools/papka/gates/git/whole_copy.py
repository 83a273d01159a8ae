"""All that a store on another computer gives away, fetched whole into a folder of our own.

Invariants: nothing is borrowed from the archive, so every object that the store holds under its
main comes over the wire and is hashed here; the folder is thrown away afterwards.
Absent on purpose: refs other than main. They are listed by `transport.remote_refs`, not trusted.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from papka.gates.git.repository import Remote, init
from papka.gates.git.runner import Ran, SshAccess
from papka.gates.git.transport import fetch_main

_SECONDS = 6 * 3600.0


@contextmanager
def whole_copy(root: Path, remote: Remote, access: SshAccess | None) -> Iterator[tuple[Path, Ran]]:
    """A bare store with the other's main, and how the fetch ended; any exit code is an answer."""
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        folder = Path(name)
        yield folder, fetch_whole(root, remote, folder, access)


def fetch_whole(root: Path, remote: Remote, folder: Path, access: SshAccess | None) -> Ran:
    """Makes `folder` a bare store that holds the other's main and all it needs."""
    init(folder, bare=True)
    strict = ("fetch.fsckObjects=true",)
    return fetch_main(root, remote, folder, access, seconds=_SECONDS, config=strict)
