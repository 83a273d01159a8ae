"""Numbers that are given once: reserved on the primary mirror before anything is used or printed.

Invariants: a reservation is a signed commit that adds the unit's first files, accepted by the
primary before this copy shows it; a number, once given, is never given again. Without a connection
there is no number, only a draft; with no mirror at all the next number of this copy is the number.
A draft is untrusted until it was looked at: it holds new files of one numbered unit of the kinds
papka drafts and nothing else, and the person whose key signs it sees it and agrees before.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from papka.core.errors import (
    AnswerLost,
    ChangedMeanwhile,
    Refused,
    RemoteDeclined,
    RemoteRefused,
    RemoteUnreachable,
)
from papka.core.places import RECORDS, STUDENTS, is_act, record_folder
from papka.desk.saving import Saved, require_head_commit, save_changes, store_changes
from papka.records.tombstones import names_destroyed
from papka.repository import dot_papka
from papka.repository.commit_snapshots import CommitTree, blob_at
from papka.repository.dot_papka import KeptDraft
from papka.repository.files import files_below, names_in
from papka.repository.handle import list_remotes
from papka.repository.runner import SshAccess
from papka.repository.signing import SigningActor
from papka.repository.worktree import WorktreeSnapshot

if TYPE_CHECKING:
    from papka.copies.syncing import Synced

_TRIES = 5
Files = Callable[[str], Mapping[str, bytes]]
"""From a number (`2026-0042`) to the first files of its unit, by path. It may be called again with
another number; a draft is its result for the number 0000."""


@dataclass(frozen=True, slots=True)
class NumberSeries:
    """Numbers `<prefix><digits>` given in a folder: the names of its files or folders."""

    folder: str
    prefix: str = ""

    def number(self, value: int) -> str:
        return f"{self.prefix}{value:04d}"

    @property
    def draft(self) -> str:
        """The number of a draft, 0, which is never given."""
        return self.number(0)


def students(year: int) -> NumberSeries:
    return NumberSeries(f"{STUDENTS}/{year}", f"{year}-")


def orders(year: int) -> NumberSeries:
    return NumberSeries(f"{RECORDS}/orders/{year}")


def register(book: str, year: int, series: str) -> NumberSeries:
    return NumberSeries(f"{RECORDS}/registers/{book}/{year}", f"{series}-")


@dataclass(frozen=True, slots=True)
class Reserved:
    """The outcome of a reservation.

    When `number` is None, `draft` names the draft kept instead, or `saved` holds the findings that
    refused it, or `synced` what stopped the exchange before.
    """

    number: str | None
    saved: Saved | None = None
    draft: str | None = None
    reason: str = ""
    synced: Synced | None = None


def reserve_student(  # noqa: PLR0913 - what a reservation depends on
    root: Path,
    actor: SigningActor,
    year: int,
    card: Files,
    *,
    now: datetime,
    access: SshAccess | None = None,
) -> Reserved:
    """Reserve the next student's number of a year, with the files that `card` makes of it."""
    return reserve_number(root, actor, students(year), card, now=now, access=access)


def reserve_number(  # noqa: PLR0913 - as above
    root: Path,
    actor: SigningActor,
    series: NumberSeries,
    files: Files,
    *,
    now: datetime,
    access: SshAccess | None = None,
    may_draft: bool = True,
) -> Reserved:
    """Reserve the next number of a series: save the files that `files` makes of it, and have them
    accepted.

    Raises RemoteUnreachable without a connection unless it `may_draft`; Refused when others are
    quicker every time, or while what was saved before waits for somebody to settle a conflict.
    """
    if not list_remotes(root):
        return _reserve_locally(root, actor, series, files, now)
    try:
        return _reserve_on_primary(root, actor, series, files, now, access)
    except AnswerLost:
        raise
    except RemoteUnreachable as error:
        if not may_draft:
            raise
        name = dot_papka.keep_draft(root, files(series.draft))
        return Reserved(None, draft=name, reason=error.message)


def next_number(root: Path, commit: str, series: NumberSeries) -> int:
    """Return the number after the highest, saved, lying in the folder or destroyed: gaps are never
    filled."""
    tree = CommitTree(root, commit)
    acts = tree.read_many(filter(is_act, tree.below(record_folder("act"))))
    names = [*tree.names(series.folder), *names_in(root, series.folder)]
    names += names_destroyed(acts, series.folder)
    return highest_number(names, series.prefix) + 1


def next_lying(root: Path, series: NumberSeries) -> int:
    """Return the number after the highest that lies in the folder, or was destroyed."""
    acts = filter(is_act, files_below(root, record_folder("act")))
    read = WorktreeSnapshot(root).read_many(acts)
    names = [*names_in(root, series.folder), *names_destroyed(read, series.folder)]
    return highest_number(names, series.prefix) + 1


def highest_number(names: Iterable[str], prefix: str = "") -> int:
    """Return the highest number right after the prefix; what follows a dot is an extension."""
    own = (name for name in names if name.startswith(prefix))
    tails = (name.removeprefix(prefix).partition(".")[0] for name in own)
    return max((int(tail) for tail in tails if tail.isdecimal()), default=0)


def push_until_accepted(
    root: Path,
    actor: SigningActor,
    store: Callable[[str], Saved],
    *,
    now: datetime,
    access: SshAccess | None = None,
) -> Reserved:
    """Have the primary accept the commit that `store` makes on the head it is given.

    This copy shows the commit only afterwards, so whatever numbers it holds, one or a thousand, are
    nobody else's. `number` of the outcome is the commit. Raises RemoteUnreachable, AnswerLost;
    Refused when others are quicker every time.
    """
    from papka.copies.syncing import sync  # only with a primary
    from papka.copies.transport import push_commit

    for _ in range(_TRIES):
        synced = sync(root, [actor], now=now, access=access)
        first = synced.pushed.outcomes[0] if synced.pushed else None
        if first is not None and first.sent == "unreachable":
            raise RemoteUnreachable(synced.primary.name, first.reason)
        if synced.is_stopped or first is None or not first.is_good:
            return Reserved(None, reason=first.reason if first else "", synced=synced)
        head = synced.pushed.head if synced.pushed else require_head_commit(root)
        saved = store(head)
        if saved.commit is None:
            return Reserved(None, saved)
        try:
            push_commit(root, synced.primary, saved.commit, expected=head, access=access)
            # The number is given from here on; any sync would bring it here.
            after = sync(root, [actor], now=now, access=access)
        except RemoteDeclined:
            raise  # the server's check says what is wrong; another number would not help
        except RemoteRefused:
            continue  # somebody was quicker: the same number may be theirs now
        except RemoteUnreachable as error:
            raise AnswerLost(synced.primary.name, error.reason) from error
        return Reserved(saved.commit, saved, synced=after)
    raise Refused(
        "Номер не удалось занять: основное зеркало всё время меняют другие",
        "Повторите через минуту",
    )


def _reserve_locally(
    root: Path, actor: SigningActor, series: NumberSeries, files: Files, now: datetime
) -> Reserved:
    for _ in range(_TRIES):
        head = require_head_commit(root)
        number = series.number(next_number(root, head, series))
        made = files(number)
        known = {path: blob_at(root, head, path) for path in made}
        try:
            saved = save_changes(root, actor, made, now=now, expected=known)
        except ChangedMeanwhile:
            if require_head_commit(root) == head:
                raise  # an unsaved edit lies there
            continue  # another command of this copy was quicker
        return Reserved(number if saved.commit else None, saved)
    raise Refused(
        "Номер не удалось занять: архив всё время меняет другая команда", "Повторите через минуту"
    )


def _reserve_on_primary(  # noqa: PLR0913 - as above
    root: Path,
    actor: SigningActor,
    series: NumberSeries,
    files: Files,
    now: datetime,
    access: SshAccess | None,
) -> Reserved:
    given = ""

    def store(head: str) -> Saved:
        nonlocal given
        given = series.number(next_number(root, head, series))
        return store_changes(root, actor, head, files(given), now=now)

    reserved = push_until_accepted(root, actor, store, now=now, access=access)
    return replace(reserved, number=given) if reserved.number else reserved


REQUEST = "issue.json"
"""The one file of a draft that asks for a document."""
NOT_AGREED = "его не подписали"
_UNITS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?P<unit>(?P<folder>{STUDENTS}/(?P<year>\d{{4}}))/(?P<prefix>(?P=year)-)0000)/",
        rf"(?P<unit>(?P<folder>{RECORDS}/orders/\d{{4}})/(?P<prefix>)0000)[/.]",
    )
)
"""The units of which papka makes drafts: a personal file, an order."""
_PLAIN_PATH = re.compile(
    r"(?:[A-Za-z0-9_-][A-Za-z0-9._-]*/)+(?:[A-Za-z0-9_-][A-Za-z0-9._-]*|\.salt)"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """A draft about to be signed; `is_own`: papka made it here for this person, just so."""

    draft: KeptDraft
    is_own: bool


Agreed = Callable[[Waiting], bool]
"""Shows a draft to the person whose key signs it, and returns whether it is to be signed."""


def number_drafts(
    root: Path,
    actor: SigningActor,
    *,
    agreed: Agreed,
    now: datetime,
    access: SshAccess | None = None,
) -> tuple[tuple[str, Reserved], ...]:
    """Give every draft its number, if `agreed` says so; a refused one stays a draft.

    Returns the draft's name and the outcome of each.
    """
    found = []
    for draft in dot_papka.list_drafts(root):
        if is_request(draft):
            continue
        series, odd = _find_series(draft)
        if series is None:
            found.append((draft.name, Reserved(None, reason=f"это не черновик дела: {odd}")))
            continue
        if not agreed(Waiting(draft, is_own=dot_papka.is_own(root, draft))):
            found.append((draft.name, Reserved(None, reason=NOT_AGREED)))
            continue
        reserved = reserve_number(
            root, actor, series, _renumber(draft.files, series),
            now=now, access=access, may_draft=False,
        )  # fmt: skip
        if reserved.number is not None:
            dot_papka.drop_draft(root, draft)
        found.append((draft.name, reserved))
    return tuple(found)


def waiting(root: Path) -> tuple[Waiting, ...]:
    """Return the drafts that wait for a number and may get one."""
    return tuple(
        Waiting(draft, is_own=dot_papka.is_own(root, draft))
        for draft in dot_papka.list_drafts(root)
        if is_request(draft) or _find_series(draft)[0] is not None
    )


def drafts_of(root: Path) -> tuple[str, ...]:
    """Return the names of all drafts, whatever they hold."""
    return tuple(draft.name for draft in dot_papka.list_drafts(root))


def is_request(draft: KeptDraft) -> bool:
    """Return whether the draft asks for a document, and holds no files of a unit."""
    return [*draft.files] == [REQUEST]


def _find_series(draft: KeptDraft) -> tuple[NumberSeries | None, str]:
    """Return the series of a draft; or None and what in it is no new file of one numbered unit."""
    first = next(iter(draft.files), draft.trouble)
    unit = next((match for each in _UNITS if (match := each.match(first))), None)
    if draft.trouble or unit is None:
        return None, draft.trouble or first
    folder = unit["unit"]
    for path in draft.files:
        is_within = path.startswith(f"{folder}/") or path == f"{folder}.yaml"
        if not (is_within and _PLAIN_PATH.fullmatch(path)):
            return None, path
    return NumberSeries(unit["folder"], unit["prefix"]), ""


def _renumber(kept: Mapping[str, bytes], series: NumberSeries) -> Files:
    """Return the draft's files as a function of their number.

    It stands in their paths, and in their text where the series has a prefix.
    """
    old = series.draft

    def files(number: str) -> Mapping[str, bytes]:
        place, moved = f"{series.folder}/{old}", f"{series.folder}/{number}"
        renumbered = {}
        for path, data in kept.items():
            text = data.replace(old.encode(), number.encode()) if series.prefix else data
            renumbered[path.replace(place, moved)] = text
        return renumbered

    return files
