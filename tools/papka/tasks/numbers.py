"""Numbers that are given once: reserved on the primary before anything is used or printed.

Invariants: a reservation is a signed commit that adds the unit's first files, accepted by the
primary before this copy shows it; a number, once given, is never given again; without a connection
there is no number, only a draft, which holds new files of its one unit and is shown before it is
signed. With no mirror at all the next number of this copy is the number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from papka.core.errors import (
    AnswerLost,
    ChangedMeanwhile,
    Refused,
    RemoteDeclined,
    RemoteRefused,
    RemoteUnreachable,
)
from papka.core.layout import RECORDS, STUDENTS
from papka.gates import drafts, worktree
from papka.gates.git import transport
from papka.gates.git.narrow import blob_at, names_in
from papka.gates.git.repository import remotes
from papka.gates.git.runner import SshAccess
from papka.tasks.actor import Actor
from papka.tasks.save import Saved, head_of, save_changes, store_changes
from papka.tasks.sync.sync import TRIES, Synced, sync

Files = Callable[[str], Mapping[str, bytes]]
"""From a number (`2026-0042`) to the first files of its unit, by path. It may be asked again with
another number; a draft is what it gives for the number 0000."""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbers `<prefix><digits>` given in a folder, as names of its files or folders."""

    folder: str
    prefix: str = ""

    def number(self, value: int) -> str:
        return f"{self.prefix}{value:04d}"

    @property
    def draft(self) -> str:
        """What stands for the number in a draft; no number is 0."""
        return self.number(0)


def students(year: int) -> Series:
    return Series(f"{STUDENTS}/{year}", f"{year}-")


def orders(year: int) -> Series:
    return Series(f"{RECORDS}/orders/{year}")


def register(book: str, year: int, series: str) -> Series:
    return Series(f"{RECORDS}/registers/{book}/{year}", f"{series}-")


@dataclass(frozen=True, slots=True)
class Reserved:
    """`number` is None when there is none yet: `draft` then names the draft kept instead, or
    `saved` holds the findings that refused it, or `synced` what stopped the exchange before."""

    number: str | None
    saved: Saved | None = None
    draft: str | None = None
    reason: str = ""
    synced: Synced | None = None


def reserve_student(  # noqa: PLR0913  # a reservation is told exactly these
    root: Path,
    actor: Actor,
    year: int,
    card: Files,
    *,
    now: datetime,
    access: SshAccess | None = None,
) -> Reserved:
    """The next student's number of a year, with the files that `card` makes of it."""
    return reserve_number(root, actor, students(year), card, now=now, access=access)


def reserve_number(  # noqa: PLR0913  # as above
    root: Path,
    actor: Actor,
    series: Series,
    files: Files,
    *,
    now: datetime,
    access: SshAccess | None = None,
    may_draft: bool = True,
) -> Reserved:
    """The next number of a series, saved with the files that `files` makes of it and accepted.

    Raises RemoteUnreachable without a connection unless it `may_draft`; Refused when others are
    quicker five times, or while what was saved before waits for somebody to settle a conflict.
    """
    if not remotes(root):
        return _locally(root, actor, series, files, now)
    try:
        return _on_primary(root, actor, series, files, now, access)
    except AnswerLost:
        raise
    except RemoteUnreachable as error:
        if not may_draft:
            raise
        name = drafts.keep(root, files(series.draft))
        return Reserved(None, draft=name, reason=error.message)


def next_number(root: Path, commit: str, series: Series) -> int:
    """After the highest given here or lying in the folder unsaved: gaps are never filled."""
    names = [*names_in(root, commit, series.folder), *worktree.names_in(root, series.folder)]
    tails = (n.removeprefix(series.prefix).partition(".")[0] for n in names if _of(n, series))
    return max((int(tail) for tail in tails if tail.isdecimal()), default=0) + 1


def accept(
    root: Path,
    actor: Actor,
    store: Callable[[str], Saved],
    *,
    now: datetime,
    access: SshAccess | None = None,
) -> Reserved:
    """What `store` makes of the head it is given, accepted by the primary before this copy shows
    it: whatever numbers it holds, one or a thousand, are nobody else's. `number` is the commit.

    Raises RemoteUnreachable, AnswerLost; Refused when others are quicker five times.
    """
    for _ in range(TRIES):
        synced = sync(root, [actor], now=now, access=access)
        first = synced.pushed.outcomes[0] if synced.pushed else None
        if first is not None and first.sent == "unreachable":
            raise RemoteUnreachable(synced.primary.name, first.reason)
        if synced.is_stopped or first is None or not first.is_good:
            return Reserved(None, reason=first.reason if first else "", synced=synced)
        head = synced.pushed.head if synced.pushed else head_of(root)
        saved = store(head)
        if saved.commit is None:
            return Reserved(None, saved)
        try:
            transport.push_commit(root, synced.primary, saved.commit, expected=head, access=access)
            # It is given from here on; taking it in is what any sync does.
            after = sync(root, [actor], now=now, access=access)
        except RemoteDeclined:
            raise  # the server's check says what is wrong; another number is none the better
        except RemoteRefused:
            continue  # somebody was quicker: the same number may be theirs now
        except RemoteUnreachable as error:
            raise AnswerLost(synced.primary.name, error.reason) from error
        return Reserved(saved.commit, saved, synced=after)
    raise Refused(
        "Номер не удалось занять: основное зеркало всё время меняют другие",
        "Повторите через минуту",
    )


def _locally(root: Path, actor: Actor, series: Series, files: Files, now: datetime) -> Reserved:
    for _ in range(TRIES):
        head = head_of(root)
        number = _next(root, head, series)
        made = files(number)
        known = {path: blob_at(root, head, path) for path in made}
        try:
            saved = save_changes(root, actor, made, now=now, expected=known)
        except ChangedMeanwhile:
            if head_of(root) == head:
                raise  # an unsaved edit lies there
            continue  # another command of this copy was quicker
        return Reserved(number if saved.commit else None, saved)
    raise Refused(
        "Номер не удалось занять: архив всё время меняет другая команда", "Повторите через минуту"
    )


def _on_primary(  # noqa: PLR0913  # as above
    root: Path,
    actor: Actor,
    series: Series,
    files: Files,
    now: datetime,
    access: SshAccess | None,
) -> Reserved:
    given = ""

    def store(head: str) -> Saved:
        nonlocal given
        given = _next(root, head, series)
        return store_changes(root, actor, head, files(given), now=now)

    reserved = accept(root, actor, store, now=now, access=access)
    return replace(reserved, number=given) if reserved.number else reserved


def _next(root: Path, commit: str, series: Series) -> str:
    return series.number(next_number(root, commit, series))


def _of(name: str, series: Series) -> bool:
    return name.startswith(series.prefix)
