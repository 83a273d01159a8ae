"""Keep a store small: pack what main leads to, once some thousand objects lie loose.

A save leaves some seven files among the objects, most of them whole folders that differ in a line
from those of the save before; in a pack only the lines are kept. Git packs by itself what nothing
leads to as well, and then nothing takes it away: here only what main leads to is ever packed, and
what stays loose is litter that a prune removes. How much of that there is, is noted in the store.

Killed at any point an object lies loose or in a pack: the pack and its name are on the disk before
a loose one goes. It may be done while others read and push, for git looks again where it misses
something; two of us at once make two packs of the same. One turn takes the oldest saves that no
pack holds and so many of them that nobody waits long: an archive of an earlier edition, which
never packed, is packed over as many saves.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from pathlib import Path

from papka.core.errors import LockHeld, PapkaError
from papka.repository.dot_papka import archive_lock
from papka.repository.files import list_entries, sync_folder, write_whole
from papka.repository.git_values import MAIN
from papka.repository.runner import run_git
from papka.repository.store import Store, locate, read_bytes

MANY = 2_000
"""Loose objects that may gather: they are found quickly, and packed in less than a second."""
_SAVES = 500
"""Saves that are packed at once, at most."""
_SECONDS = 1.0
"""How long loose objects that a pack holds are removed; the next turn goes on with the rest."""
_LARGE = 256 << 10
"""A file of so many bytes stays loose: it is a scan, which a pack makes no smaller."""
_LEFT = "papka-loose"
"""A file of the store: how many loose objects the last packing left."""
_COUNT = re.compile(rb"([0-9]{1,9})\n?")
_HALF_WRITTEN = 86_400
"""Seconds after which a pack that is not finished was left by a killed git."""


def tidy(root: Path) -> None:
    """Pack an archive's own store when it is time, unless another command is at work there.

    Whatever hinders it loses nothing and is told by who needs the store.
    """
    with suppress(LockHeld, PapkaError, OSError), archive_lock(root, seconds=0):
        pack_store(locate(root))


def tidy_copy(place: Path) -> None:
    """Pack a bare store when it is time; what hinders it is passed over as above."""
    with suppress(PapkaError, OSError):
        pack_store(locate(place))


def pack_store(store: Store) -> bool:
    """Pack what main leads to if more than MANY objects came to lie loose; return whether so.

    Raises GitFailed or OSError; nothing is lost then.
    """
    may_lie = MANY + _count_left(store)
    if count_loose(store) <= may_lie:
        return False
    folder = store.tree or store.common
    _sweep(store)
    # What an earlier turn packed and had no time to remove goes first.
    if not _remove_packed(folder) or count_loose(store) <= may_lie:
        return True
    listed = run_git("rev-list", "--unpacked", "--reverse", "--topo-order", MAIN, folder=folder)
    waiting = listed.text.split()
    for tip in waiting[:_SAVES][-1:]:
        _pack(store, folder, tip)
    if _remove_packed(folder) and len(waiting) <= _SAVES:
        left = f"{count_loose(store)}\n".encode()
        write_whole(store.common / _LEFT, left, aside=store.common / f"{_LEFT}.new")
    return True


def _pack(store: Store, folder: Path, tip: str) -> None:
    """Pack what a commit leads to and no pack holds; it is on the disk when this returns."""
    objects = run_git(
        "rev-list", "--objects", "--unpacked", f"--filter=blob:limit={_LARGE}", tip, folder=folder
    ).output
    run_git(
        "pack-objects", "--incremental", "--delta-base-offset", "--non-empty", "-q",
        str(store.objects.resolve() / "pack" / "pack"), folder=folder, given=objects,
    )  # fmt: skip
    sync_folder(store.objects / "pack")


def _remove_packed(folder: Path) -> bool:
    """Remove the loose objects that a pack holds; return whether there was time for all."""
    ran = run_git("prune-packed", "-q", folder=folder, seconds=_SECONDS, accepted=(0, 124))
    return ran.code == 0


def count_loose(store: Store) -> int:
    """Count the objects that lie in files of their own."""
    folders = (each for each in list_entries(store.objects) if len(each.name) == 2)
    return sum(len(list_entries(Path(each.path))) for each in folders)


def _count_left(store: Store) -> int:
    found = _COUNT.fullmatch(read_bytes(store.common / _LEFT))
    return int(found[1]) if found else 0


def _sweep(store: Store) -> None:
    """Remove the half-written packs of killed gits."""
    for entry in list_entries(store.objects / "pack"):
        if entry.name.startswith("tmp_"):
            with suppress(OSError):
                if time.time() - entry.stat().st_mtime > _HALF_WRITTEN:
                    Path(entry.path).unlink()
