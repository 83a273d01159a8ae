"""What another store has, looked at in a folder of its own before the archive takes it.

Invariants: the archive sees nothing of it until `absorb`; every object is hashed and checked on
the way in, twice; the archive's own objects are borrowed, not copied. The folder is a clean room.
Absent on purpose: judging, and moving branches.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from papka.core.history import Commit, parse_commit
from papka.core.store import MAIN
from papka.gates import durable
from papka.gates.git.borrowing import borrow
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.objects import Objects
from papka.gates.git.repository import Remote
from papka.gates.git.runner import SshAccess, run_git
from papka.gates.git.store import locate
from papka.gates.git.transport import fetch_main, unreachable
from papka.gates.git.writing import LOOSE_AT_MOST

_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class Quarantine:
    """A folder that sees the archive's objects and those fetched; `tip`: their main, or None."""

    folder: Path
    tip: str | None

    @property
    def room(self) -> CleanRoom:
        return CleanRoom(self.folder)

    def common(self, one: str, other: str) -> str | None:
        """The last commit two histories share."""
        ran = run_git("merge-base", one, other, folder=self.folder, accepted=(0, 1))
        return ran.text.partition("\n")[0] or None

    def commit(self, id_: str) -> Commit:
        return parse_commit(id_, Objects(self.folder).read(id_)[1])

    def line(self, after: str, until: str) -> tuple[Commit, ...]:
        """The commits from one (left out) to another, oldest first, by their first parents."""
        objects = Objects(self.folder)
        found: list[Commit] = []
        at = until
        while at != after:
            found.append(parse_commit(at, objects.read(at)[1]))
            if not found[-1].parents:
                break
            at = found[-1].parents[0]
        return tuple(reversed(found))


@contextmanager
def quarantine(root: Path, remote: Remote, access: SshAccess | None = None) -> Iterator[Quarantine]:
    """Fetches a store's main into a folder thrown away afterwards; raises RemoteUnreachable."""
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        folder = Path(name)
        borrow(folder, locate(root).objects)
        ran = fetch_main(
            root, remote, folder, access, seconds=_SECONDS, config=("fetch.fsckObjects=true",)
        )
        if ran.code and "couldn't find remote ref" not in ran.trouble:
            raise unreachable(remote, ran)
        found = run_git("rev-parse", "--verify", "--quiet", MAIN, folder=folder, accepted=(0, 1))
        yield Quarantine(folder, found.text.strip() or None)


def absorb(root: Path, folder: Path, tip: str, known: str) -> None:
    """Takes what `tip` needs and `known` has not into the archive, hashed anew and synced."""
    given = f"{tip}\n^{known}\n".encode()
    packed = run_git("pack-objects", "--revs", "--stdout", "-q", folder=folder, given=given).output
    few = int.from_bytes(packed[8:12], "big") <= LOOSE_AT_MOST
    command = ["unpack-objects", "-q", "--strict"] if few else ["index-pack", "--stdin", "--strict"]
    since = durable.moment()
    run_git(*command, folder=root, given=packed)
    durable.sync_objects(locate(root).objects, since)
