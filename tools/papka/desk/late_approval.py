"""`papka period approve`: the head's supplementary act about what came into a closed period.

Invariants: only what is saved can be approved, and each entry is shown to the head before: what it
says, what stood instead, who brought it into the archive by their own signed commit (R-5.6, R-6.7).
An entry that changed in place or is gone cannot be approved: a correction is an entry of its own.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotFound, Refused
from papka.core.phrases import natural_key, suggest
from papka.core.places import ALLOWED_SIGNERS, act_key, results_file
from papka.core.snapshot import bytes_of
from papka.desk.approval import list_late_entries
from papka.desk.open_records import overview
from papka.desk.saving import Saved, save_changes
from papka.desk.sealing import require_head
from papka.desk.study_period import (
    act_file,
    find_period,
    render_act,
    require_list,
    require_saved,
    write_pinned,
)
from papka.records.approval_words import LateWords, word_late_entry
from papka.records.archive import Archive
from papka.records.derived.approvals import UnapprovedEntry, acts_of
from papka.records.strict_yaml import Value, iterate_entries, read
from papka.records.student import Result
from papka.records.wording import teacher
from papka.repository.commit_snapshots import CommitSnapshot
from papka.repository.git_values import Commit
from papka.repository.history import versions
from papka.repository.signing import SigningActor
from papka.repository.worktree import WorktreeSnapshot


@dataclass(frozen=True, slots=True)
class LateEntry:
    """A late entry as the head sees it; `entered`: on which day whoever `by` is named saved it."""

    words: LateWords
    by: str
    entered: dt.date


@dataclass(frozen=True, slots=True)
class Supplement:
    """What a supplementary act would approve; `left`: late entries that were not asked for.

    `expected` are the bytes of the act in the folder now, `listed` those of its list.
    """

    key: str
    period: str
    closed: dt.date
    entries: tuple[LateEntry, ...]
    left: int
    listed: bytes
    expected: bytes | None


def plan_supplement(
    root: Path,
    actor: SigningActor,
    period: str,
    wanted: Collection[str],
    *,
    today: dt.date,
) -> Supplement:
    """Plan the next act about a closed period: of all late entries, or of those `wanted`.

    `wanted`: addresses (`2026-0007#r4`). Raises NotFound for one that waits for nothing, Refused.
    """
    snapshot = CommitSnapshot(root, "HEAD")
    archive = overview(snapshot)
    find_period(archive, period)
    if period not in archive.approvals:
        raise Refused(
            f"Период {period} ещё не закрыт: дополнять нечего",
            f"Утвердит всё, что в нём есть: papka period close {period}",
        )
    require_head(snapshot.read(ALLOWED_SIGNERS), actor, "Утвердить записи может", today)
    require_list(root)
    require_saved(root, period, archive)
    waiting = list_late_entries(root, archive, ()).get(period, ())
    late = {each.address: each for each in waiting}
    for address in wanted:
        if address not in late:
            raise NotFound(
                f"Запись {address} утверждения за период {period} не ждёт",
                f"Ждут: {', '.join(late) or 'ни одной'}.{suggest(address, late)}",
            )
    chosen = [late[address] for address in dict.fromkeys(wanted or late)]
    _refuse_changed(chosen)
    key = act_key(period, len(list(acts_of(archive, period))))
    return Supplement(
        key,
        period,
        today,
        tuple(_show(root, archive, chosen)),
        len(late) - len(chosen),
        write_pinned(archive, _gather(chosen)),
        bytes_of(WorktreeSnapshot(root), act_file(key)),
    )


def approve(root: Path, actor: SigningActor, planned: Supplement, *, now: dt.datetime) -> Saved:
    """Write and save the act; the caller has shown every entry of it."""
    act = {"period": planned.period, "closed": planned.closed, "signed_by": actor.staff}
    files = render_act(planned.key, act, planned.listed)
    expected = {act_file(planned.key): planned.expected}
    return save_changes(root, actor, files, now=now, expected=expected)


def _refuse_changed(chosen: Iterable[UnapprovedEntry]) -> None:
    """Raise Refused for what is no new entry: changed in place since it was approved, or gone."""
    spoiled = [each.address for each in chosen if not each.can_be_approved]
    if spoiled:
        raise Refused(
            f"После утверждения изменены или исчезли: {', '.join(spoiled[:5])}",
            "Такое не утверждают: верните прежнее и исправьте новой записью, papka fix "
            f"{spoiled[0]} ПОЛЕ=ЗНАЧЕНИЕ; кто изменил, покажет papka show {spoiled[0]} --why",
        )


def _gather(chosen: Iterable[UnapprovedEntry]) -> dict[str, list[Result]]:
    found: defaultdict[str, list[Result]] = defaultdict(list)
    for each in chosen:
        if each.now is not None:
            found[each.student].append(each.now)
    return dict(found)


def _show(root: Path, archive: Archive, chosen: Iterable[UnapprovedEntry]) -> Iterator[LateEntry]:
    by_file: defaultdict[str, list[UnapprovedEntry]] = defaultdict(list)
    for each in chosen:
        by_file[results_file(each.student, each.period)].append(each)
    for path in sorted(by_file, key=natural_key):
        commits = find_entering(root, path, {each.id for each in by_file[path]})
        for each in by_file[path]:
            if each.now is not None:
                commit = commits[each.id]
                yield LateEntry(
                    word_late_entry(archive, archive.students[each.student], each.now),
                    f"{teacher(archive, commit.author.name)} ({commit.author.name})",
                    commit.committer.moment.date(),
                )


def find_entering(root: Path, path: str, ids: Collection[str]) -> Mapping[str, Commit]:
    """Return id -> the commit that made an entry of this file what it now is."""
    found: dict[str, Commit] = {}
    now: dict[str, Value] = {}
    last: Commit | None = None
    for version in versions(root, path):
        then = _read_entries(version.data, path)
        if last is None:
            now = {id_: then.get(id_) for id_ in ids}
        else:
            found |= {id_: last for id_ in ids - found.keys() if then.get(id_) != now[id_]}
        last = version.commit
        if len(found) == len(ids):
            break
    if last is not None:
        found |= dict.fromkeys(ids - found.keys(), last)
    return found


def _read_entries(data: bytes | None, path: str) -> dict[str, Value]:
    if data is None:
        return {}
    return {value["id"]: value for _, value in iterate_entries(read(data, path).value)}
