"""Drill: restore the archive from a copy into a temporary folder, compare, note it (R-6.1, R-6.3).

The copy alone gives everything, nothing is borrowed from the archive; every byte is read from the
copy's own disk or server and hashed. What was restored counts only when its last commit is one of
the archive's, for the id of a commit names all it holds.

`record` writes the outcome into the journal as one signed commit: a line for every store drilled,
good or bad, and a date of restoring for a copy on a medium when the journal knows that very copy
by the digest of its manifest. Lines that are there stay as they are.
"""

from __future__ import annotations

import errno
import hashlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path

from papka.copies import media
from papka.copies.backup_plan import JOURNAL_NEEDS, journal_file, read_archive, read_journal
from papka.copies.backup_run import add_inspection, prove, shorten
from papka.copies.restoring import RestoreSource, lay_out_commit
from papka.copies.salvage import take_store
from papka.copies.transport import fetch_whole, remote_refs
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
from papka.core.phrases import count_phrase
from papka.desk.edition import require_current
from papka.desk.saving import Saved, require_head_commit, save_changes
from papka.proof.clean_room import CleanRoom, clean_room
from papka.proof.history_reading import walk
from papka.proof.layers import read_line
from papka.proof.store_rules import judge_facts, judge_objects
from papka.proof.verification import unread
from papka.proof.verify_codes import NOT_WHOLE
from papka.records.archive import Archive
from papka.records.derived.in_force import journal_year
from papka.records.editing import set_key
from papka.records.wording import NBSP
from papka.repository import worktree
from papka.repository.commit_snapshots import CommitTree
from papka.repository.git_values import MAIN, naming_of, object_id
from papka.repository.handle import Remote, folder_of, is_remote
from papka.repository.runner import SshAccess, explain_talk
from papka.repository.signing import SigningActor
from papka.repository.store import count_objects, locate, observe

_OWN_TROUBLE = (errno.ENOSPC, errno.EDQUOT, errno.EMFILE)
"""errno of trouble that is this computer's, not the copy's."""
_Line = tuple[str, ...]
"""Commits of the archive as they were signed, the last one first."""


@dataclass(frozen=True, slots=True)
class Drilled:
    """The outcome of drilling one copy. `faults`: why it does not give the archive back, in words;
    `own_faults`: faults of the archive itself, which the copy gives back faithfully; `head`: the
    copy's last commit; `behind`: how many commits of the archive it lacks; `commits`, `objects`,
    `files`: how much was restored; `laid`: the files were laid out in a folder too; `is_away`: the
    copy could not be reached."""

    source: RestoreSource
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
    sources: Sequence[RestoreSource],
    *,
    now: datetime,
    clock: Callable[[], float],
    access: SshAccess | None = None,
    files: bool = False,
) -> Iterator[Drilled]:
    """Drill each copy in turn, older copies of a medium left out.

    `clock`: seconds, from any start; `files`: lay out the files in a folder, too. Raises
    NotAnArchive for the archive itself, GitFailed and others for what this computer cannot do.
    """
    line = _list_commits(root)
    for source in sources:
        if source.is_spare:
            continue
        work = partial(_drill_copy, source, root, line, now, access, files=files)
        began = clock()
        done = _try_drill(source, work)
        if not done.is_good and not done.is_away:
            # Once more: a loose cable or a sleeping disk must not get into the journal as a fault.
            done = _try_drill(source, work)
        yield replace(done, seconds=clock() - began)


def _try_drill(source: RestoreSource, work: Callable[[], Drilled]) -> Drilled:
    """Report trouble of the copy, raise trouble of this computer."""
    try:
        return work()
    except (MediumFailed, RemoteUnreachable) as error:
        return Drilled(source, (error.message,), is_away=True)
    except (NotAnArchive, Refused, RemoteRefused) as error:
        return Drilled(source, (error.message,))
    except OSError as error:
        if error.errno in _OWN_TROUBLE:
            raise cannot_access(error) from error
        return Drilled(source, (cannot_access(error).message,), is_away=True)


def _list_commits(root: Path) -> _Line:
    store = locate(root)
    head = observe(store).refs.get(MAIN)
    if head is None:
        raise NotAnArchive(str(root))
    with clean_room(store) as room:
        return tuple(commit.id for commit in reversed(read_line(room, head)[0].commits))


def _drill_copy(  # noqa: PLR0913 - as drill
    source: RestoreSource,
    root: Path,
    line: _Line,
    now: datetime,
    access: SshAccess | None,
    *,
    files: bool,
) -> Drilled:
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        room = Path(name)
        store = room / "store.git"
        if source.copy is not None:
            proof = prove(source.copy, now=now, store=store)
            head = proof.manifest.head if proof.manifest else ""
            if proof.manifest is None or proof.faults:
                return Drilled(source, proof.faults, head=head)
            commits, findings = proof.manifest.commits, list(proof.findings)
            done = Drilled(
                source, head=head, commits=commits, objects=proof.objects, files=proof.files
            )
        else:
            assert source.remote is not None
            if trouble := _fetch(root, source.remote, store, access):
                return Drilled(source, (trouble,))
            done, findings = _examine_store(source, store)
        return _compare(done, findings, line, store, room / "files" if files else None)


def _examine_store(source: RestoreSource, place: Path) -> tuple[Drilled, list[Finding]]:
    """Hash every object of a restored store and look for all that its last commit needs."""
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
            files = 0  # the check above reports it
    done = Drilled(
        source, head=head, commits=len(walked.commits), objects=count_objects(store), files=files
    )
    return done, found


def _fetch(root: Path, remote: Remote, store: Path, access: SshAccess | None) -> str:
    """Copy all of a mirror into `store`; return why nothing could be, empty when all is there."""
    if is_remote(remote.url):
        ran = fetch_whole(root, remote, store, access)
        if not ran.code:
            return ""
        remote_refs(root, remote, access)  # raises RemoteUnreachable for a server that is away
        return explain_talk(ran.trouble).words
    place = folder_of(root, remote.url)
    if not place.is_dir():
        raise FileNotFoundError(2, "", str(place))
    return "" if take_store(place, store) else "в ней нет ни одного сохранения"


def _compare(
    done: Drilled, findings: Sequence[Finding], line: _Line, store: Path, place: Path | None
) -> Drilled:
    """Compare what was restored with the archive; `place`: where to lay out its files, or None."""
    grave = [each for each in findings if each.severity >= Severity.ERROR]
    torn = [each.message for each in grave if each.code.name.startswith(NOT_WHOLE)]
    own = [each.message for each in grave if each.message not in torn]
    faults, behind = torn, 0
    if not done.head:
        faults.append("последнего сохранения в ней нет")
    elif done.head not in line:
        faults += [
            f"она кончается сохранением {done.head[:12]}, а здесь такого нет: история другая",
            *own,
        ]
        own = []
    else:
        behind = line.index(done.head)
    if place is not None and not faults:
        wanted = lay_out_commit(CleanRoom(store), done.head, place)
        faults += [
            f"{path}: в папке не то, что в истории"
            for path, data in worktree.WorktreeSnapshot(place).read_many(wanted)
            if object_id("blob", data, naming_of(wanted[path].id)) != wanted[path].id
        ]
    laid = place is not None and not faults
    return replace(done, faults=shorten(faults), own_faults=shorten(own), behind=behind, laid=laid)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The journal after drills. `saved`: how it was saved; `years`: school years whose copies are
    now noted as restored; `unknown`: good copies that the journal does not know."""

    saved: Saved
    years: tuple[str, ...]
    unknown: tuple[str, ...]


def require_journal(root: Path) -> None:
    """Refuse, before the work, when the journal could not take a drill's line."""
    require_current(root, require_head_commit(root), "Вписать проверку в журнал", *JOURNAL_NEEDS)


def record(
    root: Path, actor: SigningActor, drilled: Sequence[Drilled], *, now: datetime
) -> Recorded:
    """Write the outcomes into the journal; raises Refused while it is edited, ChangedMeanwhile."""
    tree = CommitTree(root, require_head_commit(root))
    archive = read_archive(tree)
    journals = _Journals(root, tree)
    years, unknown = [], []
    for each in drilled:
        if each.source.copy is not None and each.is_good:
            found = _find_copy(archive, each.source.copy)
            if found is None:
                unknown.append(each.source.name)
            else:
                year, at = found
                years.append(year)
                journals.note_restored(year, at, now)
        journals.add_inspection(
            str(journal_year(archive, now.date())), _inspection(each, actor, now)
        )
    saved = save_changes(
        root, actor, journals.new, now=now, expected=journals.old,
        message="Пробное восстановление: " + ", ".join(_name_of(each) for each in drilled),
    )  # fmt: skip
    return Recorded(saved, tuple(dict.fromkeys(years)), tuple(unknown))


class _Journals:
    """Journals being changed: path -> bytes, `old` as saved, `new` as they are to be saved."""

    def __init__(self, root: Path, tree: CommitTree) -> None:
        self._root, self._tree = root, tree
        self.old: dict[str, bytes | None] = {}
        self.new: dict[str, bytes | None] = {}

    def note_restored(self, year: str, at: int, now: datetime) -> None:
        path = self._open(year)
        data = self.new[path]
        assert data is not None
        self.new[path] = set_key(data, f"/copies/{at}", "restored", now.date())

    def add_inspection(self, year: str, line: dict[str, object]) -> None:
        path = self._open(year)
        self.new[path] = add_inspection(self.new[path], line)

    def _open(self, year: str) -> str:
        path = journal_file(int(year))
        if path not in self.old:
            self.old[path] = self.new[path] = read_journal(self._root, self._tree, path)
        return path


def _find_copy(archive: Archive, copy: Path) -> tuple[str, int] | None:
    """Return the year of the journal that knows the copy, and the place of the line in it."""
    digest = hashlib.sha256(media.read_manifest_of(copy)).hexdigest()
    for year, journal in archive.media.items():
        for at, each in enumerate(journal.copies):
            if each.sha256 == digest:
                return year, at
    return None


def _inspection(done: Drilled, actor: SigningActor, now: datetime) -> dict[str, object]:
    return {
        "date": now.date(),
        "store": _name_of(done),
        "head": done.head or "0" * 40,
        "made_by": actor.staff,
        "verdict": "годна" if done.is_good else "негодна",
        "outcome": ". ".join(_tell_outcome(done)).replace(NBSP, " "),
    }


def _name_of(done: Drilled) -> str:
    return done.source.label.medium if done.source.label else done.source.name


def _tell_outcome(done: Drilled) -> Iterator[str]:
    if not done.is_good:
        yield "Пробное восстановление не удалось: " + "; ".join(done.faults)
        return
    seconds = f"{max(done.seconds, 0.1):.1f}".replace(".", ",")
    amounts = (
        count_phrase(done.commits, "сохранение", "сохранения", "сохранений"),
        count_phrase(done.objects, "объект", "объекта", "объектов"),
        count_phrase(done.files, "файл", "файла", "файлов"),
    )
    yield f"Пробное восстановление за {seconds} с: {', '.join(amounts)}"
    if done.behind:
        lacking = count_phrase(
            done.behind, "последнего сохранения", "последних сохранений", "последних сохранений"
        )
        yield f"Нет {lacking} архива"
    else:
        yield "Последнее сохранение то же, что в архиве"
    if done.own_faults:
        yield "В самом архиве есть замечания: papka verify"
