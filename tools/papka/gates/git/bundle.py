"""A bundle: the whole history of main as one file, for media that are no stores.

Invariants: it is made in a clean room, of one commit asked for, whatever the archive's main does
meanwhile; it holds the full history and one ref, main; reading one back is a fetch into a bare
store of our own, every object hashed. Absent on purpose: bundles of a part of the history.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from papka.core.errors import GitFailed
from papka.core.store import MAIN
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.repository import init
from papka.gates.git.runner import open_git, run_git
from papka.gates.git.store import Store
from papka.gates.plain_file import open_plain

_PIECE = 1 << 20
_PACK = re.compile(rb"\n\nPACK")
_REF = re.compile(r"^(?P<id>[0-9a-f]{40}) (?P<ref>refs/\S+)$", re.MULTILINE)
_NEXT = "Проверьте архив и вылечите его: papka verify, papka restore --heal"


def pieces(room: CleanRoom, head: str) -> Iterator[bytes]:
    """The bytes of the bundle of this commit; raises GitFailed when the store is not whole."""
    run_git("update-ref", MAIN, head, folder=room.folder)
    with open_git("bundle", "create", "-q", "-", MAIN, folder=room.folder) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        while piece := process.stdout.read(_PIECE):
            yield piece
        if process.wait():
            raise GitFailed("bundle", "история архива прочитана не вся", _NEXT)


def unbundle(bundle: Path, folder: Path) -> str:
    """Makes `folder` a bare store with what the bundle holds; the commit main is then at.

    Raises GitFailed when the bundle is damaged or has no main.
    """
    init(folder, bare=True)
    run_git(
        "fetch", "-q", "--no-tags", "--no-write-fetch-head", str(bundle.resolve()),
        f"+{MAIN}:{MAIN}", folder=folder, config=("fetch.fsckObjects=true",),
    )  # fmt: skip
    return run_git("rev-parse", "--verify", MAIN, folder=folder).text.strip()


def unwrapped(bundle: Path, pack: Path) -> dict[str, str]:
    """Copies the pack out of a bundle, damaged or not; the refs that its heading still names.

    Raises OSError when the disk does not give the file, NotPlain when it is none.
    """
    with os.fdopen(open_plain(bundle), "rb") as source:
        start = source.read(_PIECE)
        match = _PACK.search(start)
        at = match.start() + 2 if match else 0
        source.seek(at)
        with pack.open("wb") as target:
            shutil.copyfileobj(source, target, _PIECE)
    heading = start[:at].decode("ascii", "replace")
    return {found["ref"]: found["id"] for found in _REF.finditer(heading)}


def sizes(room: CleanRoom, commit: str) -> tuple[int, ...]:
    """Bytes of every plain file below a commit."""
    ran = run_git("ls-tree", "-r", "-z", "-l", "--full-tree", commit, folder=room.folder)
    heads = (line.partition(b"\t")[0].split() for line in ran.output.split(b"\0")[:-1])
    return tuple(int(size) for mode, _, _, size in heads if mode.startswith(b"100"))


def room_taken(store: Store) -> int:
    """Bytes of the objects as they lie: a bundle of all of them is hardly longer."""
    found = 0
    for folder, _, names in os.walk(store.objects):
        for name in names:
            try:
                found += (Path(folder) / name).lstat().st_size
            except OSError:
                continue  # packed away meanwhile
    return found
