"""What a command has begun and not told the end of, so that the same command goes on with it.

Invariants: each note is a file of its own below `.papka/`, on the disk before the work begins; it
is taken away when the end was told. Absent on purpose: what a note says, and believing it: who
reads it holds it against the records (`tasks`).
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from papka.gates import dot_papka

_FOLDER = ".papka/begun"


def keep(root: Path, what: bytes, note: bytes) -> None:
    """`what` names the work: the same bytes find the note again."""
    dot_papka.write(root, _path(what), note)


def find(root: Path, what: bytes) -> bytes | None:
    """The note of the same work, begun before; None when there is none."""
    return dot_papka.read(root, _path(what))


def drop(root: Path, what: bytes) -> None:
    dot_papka.remove(root, _path(what))


def _path(what: bytes) -> str:
    return f"{_FOLDER}/{hashlib.sha256(what).hexdigest()[:32]}"
