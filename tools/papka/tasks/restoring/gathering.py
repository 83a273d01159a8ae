"""Gathers what copies give, those on media too, until nothing is missing or no copy is left.

Invariants: a copy is only read; each object is hashed on the way in; older copies of a medium are
asked only for what the others have not. Absent on purpose: choosing the head.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from papka.core.errors import cannot_access
from papka.core.medium import BUNDLE, PLAIN, BadMedium, read_manifest
from papka.core.store import MAIN
from papka.gates import media
from papka.gates.git.bundle import unwrapped
from papka.gates.git.gleaning import Pool
from papka.gates.git.runner import SshAccess
from papka.gates.plain_file import NotPlain, read_plain
from papka.tasks.proof.gathering import Gathered, gather_copy
from papka.tasks.restoring.sources import Source

_PACK = "bundle.pack"


def gather(
    pool: Pool,
    sources: Sequence[Source],
    root: Path,
    access: SshAccess | None,
    is_whole: Callable[[Sequence[Gathered]], bool],
) -> tuple[Gathered, ...]:
    """What each source gave; `root`: the folder that relative addresses start from."""
    found = [_gathered(pool, each, root, access) for each in sources if not each.is_spare]
    for spare in (each for each in sources if each.is_spare):
        if is_whole(found):
            break
        found.append(_gathered(pool, spare, root, access))
    return tuple(found)


def _gathered(pool: Pool, source: Source, root: Path, access: SshAccess | None) -> Gathered:
    if source.copy is not None:
        return _of_medium(pool, source.name, source.copy)
    assert source.remote is not None
    return gather_copy(pool, root, source.remote, access)


def _of_medium(pool: Pool, name: str, copy: Path) -> Gathered:
    """A bundle, and the plain files beside it when the bundle is not whole."""
    broken: list[str] = []
    refs: dict[str, str] = {}
    try:
        manifest = read_manifest(media.read_manifest_of(copy))
    except BadMedium:
        manifest = None
        broken.append("manifest.txt")
    try:
        with tempfile.TemporaryDirectory(prefix="papka-", dir=pool.folder) as room:
            pack = Path(room) / _PACK
            refs = unwrapped(copy / BUNDLE, pack)
            if not pool.take_pack(pack):
                broken.append(BUNDLE)
    except (OSError, NotPlain):
        broken.append(BUNDLE)
    if broken:
        try:
            _plain(pool, copy)
        except OSError as error:
            if not refs:
                return Gathered(name, trouble=cannot_access(error).message)
    head = refs.get(MAIN) or (manifest.head if manifest else "")
    return Gathered(name, head, refs, tuple(broken))


def _plain(pool: Pool, copy: Path) -> None:
    for path in media.paths_in(copy):
        if path.startswith(PLAIN):
            try:
                pool.put("blob", read_plain(copy / path))
            except (OSError, NotPlain):
                continue  # the disk gives no more of it
