"""Gathers from damaged and whole copies of an archive all that is left of its history.

Invariants: a copy in a folder is read as files, with no git run in it, so half of it may be broken;
one on a server is fetched whole or not at all; every object is hashed on the way in.
Absent on purpose: choosing the head to go on from, and writing to any copy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotAnArchive, PapkaError, RemoteUnreachable, cannot_access
from papka.core.history import object_id
from papka.core.store import MAIN
from papka.gates.git.addresses import folder_of, is_elsewhere
from papka.gates.git.gleaning import Pool
from papka.gates.git.reach import Lost
from papka.gates.git.refs import read_refs
from papka.gates.git.repository import Remote
from papka.gates.git.runner import SshAccess
from papka.gates.git.store import Store, locate
from papka.gates.git.troubles import explain_talk
from papka.gates.git.whole_copy import whole_copy
from papka.gates.worktree import WorktreeSnapshot


@dataclass(frozen=True, slots=True)
class Gathered:
    """What one copy gave. `head`: its main, "" when it has none that can be read; `broken`: its
    damaged pieces; `trouble`: why nothing at all came from it."""

    name: str
    head: str = ""
    refs: Mapping[str, str] | None = None
    broken: tuple[str, ...] = ()
    trouble: str = ""


def gather_store(pool: Pool, name: str, store: Store) -> Gathered:
    """All that is sound in a folder's store."""
    refs = read_refs(store.own, store.common).ids
    broken = pool.glean(store.objects)
    return Gathered(name, refs.get(MAIN, ""), refs, broken)


def gather_copy(pool: Pool, root: Path, copy: Remote, access: SshAccess | None) -> Gathered:
    """All that a mirror or another copy gives; its trouble is told, never raised."""
    try:
        if not is_elsewhere(copy.url):
            return gather_store(pool, copy.name, locate(folder_of(root, copy.url)))
        with whole_copy(root, copy, access) as (folder, ran):
            if ran.code:
                return Gathered(copy.name, trouble=explain_talk(ran.trouble).words)
            return gather_store(pool, copy.name, locate(folder))
    except NotAnArchive:
        return Gathered(copy.name, trouble=explain_talk("does not exist").words)
    except RemoteUnreachable as error:
        return Gathered(copy.name, trouble=error.message.rpartition("недоступно: ")[2])
    except PapkaError as error:
        return Gathered(copy.name, trouble=error.message)
    except OSError as error:
        return Gathered(copy.name, trouble=cannot_access(error).message)


def gather_files(pool: Pool, tree: Path, lost: Sequence[Lost]) -> int:
    """Lost files that still lie in the folder, byte for byte; how many there were."""
    files, found = WorktreeSnapshot(tree), 0
    for each in lost:
        if each.kind != "blob":
            continue
        try:
            data = files.read(each.path)
        except (KeyError, OSError):
            continue
        if object_id("blob", data) == each.id:
            pool.put("blob", data)
            found += 1
    return found
