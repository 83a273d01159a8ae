"""`papka take`: a platform's exports become records, one signed commit for all of them, or nothing.

Invariants: what is written was judged whole before, rows and records alike; nothing is written when
anything is wrong; numbers (imports, new personal files) are taken where all computers see them, so
without the primary's answer nothing is taken; a killed take is taken back by the next command. The
commit's message tells imports and counts, no person's data (R-1.3).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from papka.checks.checking import without_collector
from papka.core.errors import ChangedMeanwhile, Refused
from papka.core.findings import Finding, Location, Severity, sort_findings
from papka.core.snapshot import bytes_of
from papka.desk.numbers import Reserved, next_number, push_until_accepted, students
from papka.desk.saving import Saved, require_head_commit, save_changes, store_changes
from papka.intake.people_plan import LaidList
from papka.intake.people_study import SAME, VERDICTS
from papka.intake.people_taking import plan_list
from papka.intake.take_plan import PlannedFile, TakePlan, TakeRequest, plan_take
from papka.repository import unfinished_work, worktree
from papka.repository.handle import list_remotes
from papka.repository.runner import SshAccess
from papka.repository.signing import SigningActor

STAGES = ("чтение и сопоставление", "проверка и запись", "готово")
"""What a take is busy with, for whoever watches."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A take as done; `saved` is None when nothing was to be saved or the plan was refused.

    `reserved` is what the exchange with the primary came to, where there is one.
    """

    plan: TakePlan
    saved: Saved | None = None
    reserved: Reserved | None = None
    restored: int = 0

    @property
    def files(self) -> tuple[PlannedFile, ...]:
        return self.plan.files

    @property
    def commit(self) -> str | None:
        return self.saved.commit if self.saved else None

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of the exports and of the records they would make, told at the exports' cells."""
        judged = self.saved.findings if self.saved else ()
        told = (_at_cell(finding, self.plan.origins) for finding in judged)
        return tuple(sort_findings([*self.plan.findings, *told]))


def preview(root: Path, wish: TakeRequest) -> Taken:
    """Tell what a take would do, as far as the exports tell. Raises NotFound, Refused."""
    return Taken(_plan(root, require_head_commit(root), wish))


def take(  # noqa: PLR0913 - a take is told exactly these
    root: Path,
    actor: SigningActor,
    wish: TakeRequest,
    *,
    now: datetime,
    dry_run: bool = False,
    access: SshAccess | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Taken:
    """Take the exports in. Raises NotFound, Refused, RemoteUnreachable."""
    with unfinished_work.hold_archive(root) as held:
        restored = held.files
    with without_collector():
        progress(STAGES[0])
        taken = _take_once(root, actor, wish, now, dry_run=dry_run, access=access)
        while (left := _leave_faulty(taken, wish)) is not wish:
            wish = left
            taken = _take_once(root, actor, wish, now, dry_run=dry_run, access=access)
        if taken.saved is not None:
            progress(STAGES[1])
            progress(STAGES[2])
        return replace(taken, restored=restored)


def _take_once(  # noqa: PLR0913 - as above
    root: Path,
    actor: SigningActor,
    wish: TakeRequest,
    now: datetime,
    *,
    dry_run: bool,
    access: SshAccess | None,
) -> Taken:
    planned = _plan(root, require_head_commit(root), wish)
    if planned.is_refused or not planned.changes:
        return Taken(planned)
    taking = _Taking(root, actor, wish, now)
    if list_remotes(root) and not dry_run:
        return taking.save_through_primary(planned, access)
    return Taken(planned, taking.save(planned, dry_run=dry_run))


def _leave_faulty(taken: Taken, wish: TakeRequest) -> TakeRequest:
    """Leave the rows with a fault for later; the same request when that is not asked or no help.

    A fault that is not a row's stops everything all the same.
    """
    if not wish.takes_good:
        return wish
    grave = [each for each in taken.findings if each.severity >= Severity.ERROR]
    people = {each.file: each.people for each in taken.files}
    left = {file: dict(rows) for file, rows in wish.left.items()}
    for finding in grave:
        rows = people.get(finding.where.path, frozenset())
        if finding.where.line not in rows:
            return wish
        about = (finding.where, *finding.related)
        for where in about:
            if where.path == finding.where.path and where.line in rows:
                left.setdefault(where.path, {}).setdefault(where.line, finding.message)
    return replace(wish, left=left) if grave else wish


def _plan(root: Path, head: str, wish: TakeRequest) -> TakePlan:
    first = next_number(root, head, students(wish.today.year))
    if not wish.period:
        return plan_list(root, head, wish, first=first)
    return plan_take(root, head, wish, first=first)


@dataclass(frozen=True, slots=True)
class _Taking:
    root: Path
    actor: SigningActor
    wish: TakeRequest
    now: datetime

    def save(self, planned: TakePlan, *, dry_run: bool) -> Saved:
        try:
            return save_changes(
                self.root, self.actor, planned.changes,
                now=self.now, message=take_message(planned.files, self.wish), dry_run=dry_run,
                expected=planned.expected, readings=planned.desk.readings, whole=True,
                own_words=self.wish.accepted,
            )  # fmt: skip
        except ChangedMeanwhile:
            _refuse_unsaved(self.root, planned)
            raise

    def save_through_primary(self, planned: TakePlan, access: SshAccess | None) -> Taken:
        """Save on the primary's head; a plan of another head is made anew."""
        _refuse_unsaved(self.root, planned)

        def store(head: str) -> Saved:
            nonlocal planned
            if head != planned.desk.head:
                planned = _plan(self.root, head, self.wish)
            if planned.is_refused or not planned.changes:
                return Saved(None, "", (), (), lambda _: None)
            return store_changes(
                self.root, self.actor, head, planned.changes,
                now=self.now, message=take_message(planned.files, self.wish),
                readings=planned.desk.readings, own_words=self.wish.accepted,
            )  # fmt: skip

        reserved = push_until_accepted(self.root, self.actor, store, now=self.now, access=access)
        return Taken(planned, reserved.saved, reserved)


def _refuse_unsaved(root: Path, planned: TakePlan) -> None:
    """Refuse before anything is signed: a take writes over what was saved, never an edit."""
    files = worktree.WorktreeSnapshot(root)
    unsaved = [path for path, data in planned.expected.items() if bytes_of(files, path) != data]
    if unsaved:
        raise Refused(
            f"Есть несохранённое там же, куда пишет выгрузка: {', '.join(unsaved[:3])}",
            "Сохраните (papka save) или верните файлы (git checkout HEAD -- ФАЙЛ) и повторите",
        )


def _at_cell(finding: Finding, origins: Mapping[tuple[str, str], Location]) -> Finding:
    """Tell the finding at the cell its entry was made of, the record itself as a related place."""
    where = finding.where
    entry = "/".join(where.pointer.split("/")[:3])
    folder = "/".join(where.path.split("/")[:4])
    origin = origins.get((where.path, where.pointer)) or origins.get((where.path, entry))
    if origin is None and (folder, "") in origins:
        # the record is not there yet: only the row of the list is
        return replace(finding, where=origins[folder, ""])
    if origin is None:
        return finding
    return replace(finding, where=origin, related=(*finding.related, where))


def take_message(files: Iterable[PlannedFile], wish: TakeRequest) -> str:
    """Write the commit message: subject, blank line, one line an import."""
    listed = [each.laid for each in files if each.laid is not None]
    if listed:
        return list_message(listed[0])
    taken = [each for each in files if each.key]
    names = ", ".join(each.key for each in taken)
    source = wish.platform or ("набрано на экране" if wish.typed else "ведомость")
    subject = f"Выгрузки: {names} ({source})"
    if len(subject) > 72:
        subject = f"Выгрузки за {wish.period}: {len(taken)} ({source})"
    lines = [f"{each.key}: {_count_changes(each)}" for each in taken]
    if wish.accepted and any(each.matched.unmatched for each in taken):
        lines.append(f"Несопоставленные строки приняты: {wish.accepted}")
    return "\n".join([subject, "", *lines, ""])


def list_message(laid: LaidList) -> str:
    """Write the message of a people list: counts and orders, nobody's data."""
    counts = {word: laid.count(word) for word in VERDICTS}
    told = [f"{word}: {count}" for word, count in counts.items() if count and word != SAME]
    written = [f"Приказ {key} ({draft.kind})" for key, draft in laid.orders.drafts.items()]
    return "\n".join(["Список людей", "", *told, *written, ""])


def _count_changes(each: PlannedFile) -> str:
    layout = each.layout
    counts = {
        "новых": each.count("new"),
        "изменённых": each.count("changed"),
        "новых дел": len(each.cards),
        "зачислений": each.studies,
        "отложено строк": len(each.left),
        "без хозяина": sum(len(row.rows) for row in each.matched.unmatched) - len(each.cards),
    }
    told = ", ".join(f"{name} {count}" for name, count in counts.items() if count > 0)
    name = f"«{layout.id}», редакция {layout.edition}" if layout else ""
    return f"{name}; {told or 'нового нет'}"
