"""What drills came to, written in the journal as one signed commit (R-6.1, R-6.3).

Invariants: a copy on a medium is restored only when the journal knows that very copy, by the digest
of its manifest; of every store drilled one line says what came of it, good or bad; lines that are
there stay as they are. Absent on purpose: acts, which are printed from the journal.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.core.errors import Refused
from papka.core.plural import counted
from papka.core.snapshot import Part
from papka.gates import media
from papka.gates.folders import read_present
from papka.gates.git.commit_tree import CommitTree
from papka.model.archive import Archive
from papka.model.derived.copies import year_for
from papka.model.on_demand import OnDemand
from papka.tasks.actor import Actor
from papka.tasks.backup.journal import HEADING
from papka.tasks.backup.planning import JOURNAL_NEEDS, journal_file
from papka.tasks.edition import require
from papka.tasks.restoring.drill import Drilled
from papka.tasks.save import Saved, head_of, save_changes
from papka.text.edit import append_entry, set_key
from papka.text.emit import emit
from papka.text.schemas import SchemaSet
from papka.views.wording import NBSP


@dataclass(frozen=True, slots=True)
class Recorded:
    """`saved`: how the journal was saved; `years`: whose copies are restored now; `unknown`: copies
    that are good and not in the journal."""

    saved: Saved
    years: tuple[str, ...]
    unknown: tuple[str, ...]


def require_journal(root: Path) -> None:
    """Raises Refused when the journal could not take a drill's line: asked before the work."""
    require(root, head_of(root), "Вписать проверку в журнал", *JOURNAL_NEEDS)


def record(root: Path, actor: Actor, drilled: Sequence[Drilled], *, now: datetime) -> Recorded:
    """Raises Refused while a journal is edited, ChangedMeanwhile."""
    tree = CommitTree(root, head_of(root))
    archive = OnDemand(tree, SchemaSet.load(Part(tree, "schema"))).archive(set())
    journals = _Journals(root, tree)
    years, unknown = [], []
    for each in drilled:
        if each.source.copy is not None and each.is_good:
            found = _line_of(archive, each.source.copy)
            if found is None:
                unknown.append(each.source.name)
            else:
                year, at = found
                years.append(year)
                journals.restored(year, at, now)
        journals.inspected(str(year_for(archive, now.date())), _inspection(each, actor, now))
    saved = save_changes(
        root, actor, journals.new, now=now, expected=journals.old,
        message="Пробное восстановление: " + ", ".join(_store(each) for each in drilled),
    )  # fmt: skip
    return Recorded(saved, tuple(dict.fromkeys(years)), tuple(unknown))


class _Journals:
    """Journals being changed; `old` as read, `new` as they are to be saved."""

    def __init__(self, root: Path, tree: CommitTree) -> None:
        self._root, self._tree = root, tree
        self.old: dict[str, bytes | None] = {}
        self.new: dict[str, bytes | None] = {}

    def restored(self, year: str, at: int, now: datetime) -> None:
        path = self._opened(year)
        data = self.new[path]
        assert data is not None
        self.new[path] = set_key(data, f"/copies/{at}", "restored", now.date())

    def inspected(self, year: str, line: dict[str, object]) -> None:
        path = self._opened(year)
        data = self.new[path]
        if data is None:
            self.new[path] = (HEADING + emit({"inspections": [line]})).encode()
        else:
            self.new[path] = append_entry(data, "inspections", line)

    def _opened(self, year: str) -> str:
        path = journal_file(int(year))
        if path not in self.old:
            saved = self._tree.read(path) if self._tree.id_of(path) is not None else None
            if read_present(self._root, [path]).get(path) != saved:
                raise Refused(
                    f"Журнал {path} изменён и не сохранён, вписать в него нельзя",
                    "Сначала сохраните его: papka save",
                )
            self.old[path] = self.new[path] = saved
        return path


def _line_of(archive: Archive, copy: Path) -> tuple[str, int] | None:
    """The journal's year and the place of the copy's line in it."""
    digest = hashlib.sha256(media.read_manifest_of(copy)).hexdigest()
    for year, journal in archive.media.items():
        for at, each in enumerate(journal.copies):
            if each.sha256 == digest:
                return year, at
    return None


def _inspection(done: Drilled, actor: Actor, now: datetime) -> dict[str, object]:
    return {
        "date": now.date(),
        "store": _store(done),
        "head": done.head or "0" * 40,
        "made_by": actor.staff,
        "verdict": "годна" if done.is_good else "негодна",
        "outcome": ". ".join(_outcome(done)).replace(NBSP, " "),
    }


def _store(done: Drilled) -> str:
    return done.source.label.medium if done.source.label else done.source.name


def _outcome(done: Drilled) -> Iterator[str]:
    if not done.is_good:
        yield "Пробное восстановление не удалось: " + "; ".join(done.faults)
        return
    seconds = f"{max(done.seconds, 0.1):.1f}".replace(".", ",")
    told = (
        counted(done.commits, "запись истории", "записи истории", "записей истории"),
        counted(done.objects, "объект", "объекта", "объектов"),
        counted(done.files, "файл", "файла", "файлов"),
    )
    yield f"Пробное восстановление за {seconds} с: {', '.join(told)}"
    if done.behind:
        lacking = counted(done.behind, "последней записи", "последних записей", "последних записей")
        yield f"Нет {lacking} архива"
    else:
        yield "Последняя запись та же, что в архиве"
    if done.own_faults:
        yield "В самом архиве есть замечания: papka verify"
