"""A drill: an archive is restored from a copy into a folder thrown away, and compared (R-6.3).

Invariants: the copy alone gives everything, nothing is borrowed from the archive; every byte is
read from the copy's own disk or server, and hashed; what was restored counts only when its last
commit is one of the archive's, for the id of a commit names all it holds. Absent on purpose:
judging the archive's history anew (`verify`), repair, and writing anything down (`recording`).
"""

from __future__ import annotations

import errno
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from papka.core.errors import (
    GitFailed,
    MediumFailed,
    NotAnArchive,
    Refused,
    RemoteRefused,
    RemoteUnreachable,
    cannot_access,
)
from papka.core.findings import Finding, Severity
from papka.core.history import object_id
from papka.core.store import MAIN, TrackedFile
from papka.gates import worktree
from papka.gates.git.addresses import folder_of, is_elsewhere
from papka.gates.git.cleanroom import CleanRoom, clean_room
from papka.gates.git.repository import Remote
from papka.gates.git.runner import SshAccess
from papka.gates.git.store import count_objects, locate, observe
from papka.gates.git.taken_store import take_store
from papka.gates.git.transport import remote_refs
from papka.gates.git.troubles import explain_talk
from papka.gates.git.walk import walk
from papka.gates.git.whole_copy import fetch_whole
from papka.integrity.store import judge_facts, judge_objects
from papka.tasks.backup.proving import TORN, prove
from papka.tasks.proof.verify import unread
from papka.tasks.restoring.laying import lay_out_commit
from papka.tasks.restoring.sources import Source

_OWN_TROUBLE = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE)
_SHOWN = 5
_Line = tuple[str, ...]
"""Commits of the archive, the last one first."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """What a drill of one copy came to. `faults`: why it does not give the archive back, in words;
    `own_faults`: what is wrong with the archive itself, which the copy gives back faithfully;
    `head`: its last commit; `behind`: how many commits of the archive it has not; `commits`,
    `objects`, `files`: how much was restored; `seconds`: how long it took; `laid`: the files were
    laid out in a folder too; `is_away`: it could not be reached."""

    source: Source
    faults: tuple[str, ...] = ()
    own_faults: tuple[str, ...] = ()
    head: str = ""
    behind: int = 0
    commits: int = 0
    objects: int = 0
    files: int = 0
    seconds: float = 0.0
    laid: bool = False
    is_away: bool = False

    @property
    def is_good(self) -> bool:
        return not self.faults


def drill(  # noqa: PLR0913 - from what, when, and what may be watched
    root: Path,
    sources: Sequence[Source],
    *,
    now: datetime,
    clock: Callable[[], float],
    access: SshAccess | None = None,
    files: bool = False,
) -> Iterator[Drilled]:
    """Each copy in turn; older copies of a medium are not asked. `clock`: seconds, from any start;
    `files`: lay out the files in a folder, too. Raises NotAnArchive for the archive itself,
    GitFailed and others for what this computer cannot do."""
    line = _line(root)
    for source in sources:
        if source.is_spare:
            continue
        began = clock()
        done = _tried(root, source, line, now, access, files=files)
        if not done.is_good and not done.is_away:
            # Once more: a cable or a sleepy disk must not cry wolf, least of all in a journal.
            done = _tried(root, source, line, now, access, files=files)
        yield replace(done, seconds=clock() - began)


def _tried(  # noqa: PLR0913 - as drill
    root: Path,
    source: Source,
    line: _Line,
    now: datetime,
    access: SshAccess | None,
    *,
    files: bool,
) -> Drilled:
    """Trouble of the copy is told; trouble of this computer is raised."""
    try:
        return _drilled(root, source, line, now, access, files=files)
    except (MediumFailed, RemoteUnreachable) as error:
        return Drilled(source, (error.message,), is_away=True)
    except (NotAnArchive, Refused, RemoteRefused) as error:
        return Drilled(source, (error.message,))
    except OSError as error:
        if error.errno in _OWN_TROUBLE:
            raise cannot_access(error) from error
        return Drilled(source, (cannot_access(error).message,), is_away=True)


def _line(root: Path) -> _Line:
    """The archive's commits, the last one first: what a copy is compared with."""
    store = locate(root)
    head = observe(store).refs.get(MAIN)
    if head is None:
        raise NotAnArchive(str(root))
    with clean_room(store) as room:
        return tuple(commit.id for commit in reversed(walk(room, head).commits))


def _drilled(  # noqa: PLR0913 - as drill
    root: Path,
    source: Source,
    line: _Line,
    now: datetime,
    access: SshAccess | None,
    *,
    files: bool,
) -> Drilled:
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        room = Path(name)
        if source.copy is not None:
            return _of_medium(source, source.copy, line, room, now, files=files)
        assert source.remote is not None
        store = room / "store.git"
        trouble = _fetched(root, source.remote, store, access)
        if trouble:
            return Drilled(source, (trouble,))
        done, found = _looked_through(source, store)
        return _compared(done, found, line, store, room, files=files)


def _looked_through(source: Source, place: Path) -> tuple[Drilled, list[Finding]]:
    """Every object of what was restored hashed, and all that its last commit needs found."""
    store = locate(place)
    facts = observe(store)
    head = facts.refs.get(MAIN, "")
    found = list(judge_facts(facts))
    if not head:
        return Drilled(source), found
    with clean_room(store) as room:
        found += judge_objects(room.check({head}))
        walked = walk(room, head)
        found += unread(walked)
        try:
            files = len(room.files(head))
        except GitFailed:
            files = 0  # told by the check
    done = Drilled(
        source, head=head, commits=len(walked.commits), objects=count_objects(store), files=files
    )
    return done, found


def _fetched(root: Path, remote: Remote, store: Path, access: SshAccess | None) -> str:
    """Why nothing could be restored; empty when it is there."""
    if is_elsewhere(remote.url):
        ran = fetch_whole(root, remote, store, access)
        if ran.code:
            remote_refs(root, remote, access)  # a server that answers this is there
        return explain_talk(ran.trouble).words if ran.code else ""
    place = folder_of(root, remote.url)
    if not place.is_dir():
        raise FileNotFoundError(2, "", str(place))
    return "" if take_store(place, store) else "в ней нет ни одной записи истории"


def _of_medium(  # noqa: PLR0913 - as drill
    source: Source, copy: Path, line: _Line, room: Path, now: datetime, *, files: bool
) -> Drilled:
    store = room / "store.git"
    proof = prove(copy, now=now, store=store)
    manifest = proof.manifest
    if manifest is None or proof.faults:
        return Drilled(source, _short(proof.faults), head=manifest.head if manifest else "")
    done = Drilled(
        source, head=manifest.head, commits=manifest.commits, objects=proof.objects,
        files=proof.files,
    )  # fmt: skip
    return _compared(done, proof.findings, line, store, room, files=files)


def _compared(  # noqa: PLR0913 - what was restored, and what it is compared with
    done: Drilled,
    findings: Sequence[Finding],
    line: _Line,
    store: Path,
    room: Path,
    *,
    files: bool,
) -> Drilled:
    grave = [each for each in findings if each.severity >= Severity.ERROR]
    torn = [each.message for each in grave if each.code.name.startswith(TORN)]
    told = [each.message for each in grave if each.message not in torn]
    faults, behind = torn, 0
    if not done.head:
        faults.append("последней записи истории в ней нет")
    elif done.head not in line:
        faults += [
            f"она кончается записью {done.head[:12]}, а в этом архиве такой нет: история другая",
            *told,
        ]
        told = []
    else:
        behind = line.index(done.head)
    if files and not faults:
        faults += _laid_out(store, done.head, room / "files")
    return replace(
        done,
        faults=_short(faults),
        own_faults=_short(told),
        behind=behind,
        laid=files and not faults,
    )


def _laid_out(store: Path, head: str, place: Path) -> Iterator[str]:
    """The files as a person would find them, each read again from the folder."""
    wanted = lay_out_commit(CleanRoom(store), head, place)
    yield from _differing(place, wanted)


def _differing(place: Path, wanted: Mapping[str, TrackedFile]) -> Iterator[str]:
    for path, data in worktree.WorktreeSnapshot(place).read_many(wanted):
        if object_id("blob", data) != wanted[path].id:
            yield f"{path}: в папке не то, что в истории"


def _short(faults: Sequence[str]) -> tuple[str, ...]:
    left = len(faults) - _SHOWN
    return (*faults[:_SHOWN], f"и ещё {left}") if left > 0 else tuple(faults)
