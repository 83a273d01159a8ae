"""What acts of destruction wait for: stores and media that may still hold what was destroyed.

Each is open until an entry beside the act says how it was purged or replaced, or that it is no
more. What cannot be destroyed at once is kept from use, and the law gives a term for that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from papka.core.errors import Refused
from papka.core.findings import Code, Location, Severity, has_errors
from papka.core.snapshot import bytes_of
from papka.desk.deadline import Deadline, say_term
from papka.records.acts import Purge
from papka.records.archive import Archive
from papka.records.derived.statutory_terms import end_of_term
from papka.records.editing import append_entries
from papka.records.student import to_mapping
from papka.repository.commit_snapshots import CommitTree
from papka.repository.git_values import MAIN
from papka.repository.rewritten_commits import PURGED, act_file

if TYPE_CHECKING:
    from papka.desk.saving import Saved
    from papka.repository.signing import SigningActor

_HINT = (
    "Зеркало: papka mirror push, оно очистится само. Носитель: подключите его и сделайте на него "
    "копию (papka backup --to ПАПКА), прежние с него уйдут. Если его больше нет, руководитель "
    "вписывает это в purged.yaml рядом с актом и сохраняет: papka save"
)
_WHY = (
    "Уничтожено только то, что нельзя восстановить ни с одной копии. Что нельзя уничтожить сразу, "
    "то не используют и уничтожают в срок, который даёт закон (152-ФЗ, ст. 21, ч. 6); срок и его "
    "основание — в records/organization.yaml, deadlines."
)
PURGE_DUE = Code(
    "PURGE_DUE",
    Severity.WARNING,
    says="уничтоженное по акту № {address} может ещё лежать там: {text}",
    hint=_HINT,
    why=_WHY,
)
PURGE_OVERDUE = Code(
    "PURGE_OVERDUE",
    Severity.ERROR,
    says="уничтоженное по акту № {address} не убрано в срок: {text}",
    hint=_HINT,
    why=_WHY,
)


@dataclass(frozen=True, slots=True)
class OpenPurge:
    """A store or a medium, by its `name`, that an act names and nobody has purged yet."""

    act: str
    kind: Literal["store", "medium"]
    name: str


def list_open_purges(archive: Archive) -> tuple[OpenPurge, ...]:
    """Return what is still open of all acts, the oldest act first, in the act's own order."""
    found: list[OpenPurge] = []
    for act in sorted(archive.destruction_acts, key=int):
        said = archive.destruction_acts[act]
        done = archive.purges.get(act)
        stores = {each.store for each in done.purges} if done else set()
        media = {each.medium for each in done.purges} if done else set()
        found += [OpenPurge(act, "store", s.name) for s in said.stores if s.name not in stores]
        found += [OpenPurge(act, "medium", name) for name in said.media if name not in media]
    return tuple(found)


def purges(archive: Archive, on: dt.date) -> Iterator[Deadline]:
    """Yield what is open on a day, and until when it may be."""
    school = archive.organization
    if school is None:
        return
    for each in list_open_purges(archive):
        made = archive.destruction_acts[each.act].date
        if made > on:
            continue
        last, said = end_of_term(school, "уничтожение заблокированных данных", made)
        what = "носитель" if each.kind == "medium" else "хранилище"
        text = f"{what} {each.name}, {say_term(last, on, said)}"
        code = PURGE_OVERDUE if on > last else PURGE_DUE
        where = Location(act_file(int(each.act), PURGED))
        yield Deadline("уничтоженное не убрано", each.act, text, last, where, code)


def note_purged(
    root: Path, actor: SigningActor, act: int, rows: Iterable[Purge], now: dt.datetime
) -> Saved:
    """Save what was purged after an act, added to what is noted already; raise Refused."""
    from papka.desk.entries import render_file  # who only asks what is due saves nothing
    from papka.desk.saving import save_changes

    path = act_file(act, PURGED)
    before = bytes_of(CommitTree(root, MAIN), path)
    added = [to_mapping(row) for row in rows]
    if before is None:
        data = render_file(path, "purges", {"purges": added})
    else:
        data = append_entries(before, "purges", added)
    saved = save_changes(root, actor, {path: data}, now=now, expected={path: before})
    if has_errors(saved.findings):
        first = saved.findings[0]
        raise Refused(f"Запись об очистке не принята: {first.message}", first.hint)
    return saved
