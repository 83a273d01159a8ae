"""*Внести*: the marks of a group for a period as a grid, judged as typed, saved in one step.

The form carries what was typed and, beside it, the mark that stood there, so that what somebody
else saved meanwhile is told cell by cell. Judging, preview and save are those of a take: the grid
is one more way to hand in a teacher's sheet. What was typed is never lost: whatever stops a save is
told on a page that holds it still.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from papka.core import cells
from papka.core.errors import PapkaError, Refused
from papka.core.findings import Severity
from papka.core.phrases import count_phrase
from papka.intake.mark_grid import (
    CellTrouble,
    Grid,
    GridCell,
    GridRow,
    TypedGrid,
    is_same,
    judge_typed,
    judged_at,
    open_grid,
    request_of,
)
from papka.intake.taking import Taken, take
from papka.intake.typed_marks import UNLOCKED, TypedPlace
from papka.records.archive import Archive
from papka.records.student import Mark
from papka.web.face import Face

MARK, WAS, DAY, REASON, TICKET = "mark", "was", "day", "reason", "ticket"
"""The fields of the form; those of a cell go on with its place: `mark:2026-0007:e1:техника`."""
_NO_DAY = "День отметок пишут так: 28.05.2026"
_ERASED = CellTrouble(
    "Отметку не стирают",
    "Если её не должно быть, отметьте запись внесённой ошибочно на странице исправления",
)


def name_field(kind: str, place: TypedPlace) -> str:
    """Return the name of a cell's field."""
    return ":".join((kind, *place))


class CellChange(NamedTuple):
    """A line of the preview: who, what, old and new mark, what was typed for it, and a doubt."""

    name: str
    part: str
    before: str
    after: str
    typed: str
    doubt: str = ""


@dataclass(slots=True)
class Sent:
    """A form of the grid as it was sent.

    `texts`: what stands in every field; `changed`: what is to be judged of it; `told`: what is
    wrong with a cell; `troubles`: with the whole; `doubts` stop nothing.
    """

    texts: dict[TypedPlace, str] = field(default_factory=dict)
    changed: dict[TypedPlace, str] = field(default_factory=dict)
    seen: dict[TypedPlace, Mark | None] = field(default_factory=dict)
    told: dict[TypedPlace, CellTrouble] = field(default_factory=dict)
    troubles: list[str] = field(default_factory=list)
    doubts: dict[TypedPlace, CellTrouble] = field(default_factory=dict)
    day: str = ""
    reason: str = ""

    @property
    def typed(self) -> TypedGrid:
        return TypedGrid(self.changed, self.seen, self.day, self.reason)

    @property
    def is_wrong(self) -> bool:
        return bool(self.told or self.troubles)

    def keep(self, wrong: Mapping[TypedPlace, CellTrouble]) -> None:
        """Add what is wrong with cells; what was told before stays."""
        self.told = {**wrong, **self.told}


def read_sent(grid: Grid, form: Mapping[str, str]) -> Sent:
    """Read the form over the grid as it stands now."""
    sent = Sent(day=form.get(DAY, "").strip(), reason=form.get(REASON, "").strip())
    for place, cell in grid.cells().items():
        text = form.get(name_field(MARK, place))
        if text is None:
            continue
        was = _read_mark(form.get(name_field(WAS, place), "null"))
        _read_cell(sent, place, cell, text, was)
    if cells.moment(sent.day, "ДД.ММ.ГГГГ") is None and sent.changed:
        sent.troubles.append(_NO_DAY)
    known = {name_field(MARK, place) for place in grid.cells()}
    sent.troubles += (
        f"«{text.strip()}» не записано: {name.removeprefix(f'{MARK}:')} в этой таблице больше нет"
        for name, text in form.items()
        if name.startswith(f"{MARK}:") and name not in known and text.strip()
    )
    return sent


def _read_cell(sent: Sent, place: TypedPlace, cell: GridCell, text: str, was: Mark | None) -> None:
    before = GridCell(place, was)
    sent.texts[place] = text
    if is_same(text, cell) or (is_same(text, before) and was == cell.mark):
        return  # nothing was typed, or somebody saved the same
    if is_same(text, before):
        sent.texts[place] = cell.text  # only the others changed it
        return
    if was != cell.mark:
        sent.told[place] = CellTrouble(
            f"Пока вы вводили, здесь сохранили: {cell.text or 'пусто'}",
            f"Ваше «{text.strip()}» не записано; если верно оно, введите его снова",
        )
        sent.texts[place] = cell.text
    elif cell.lock.why:
        sent.told[place] = CellTrouble(f"Здесь отметку не меняют: {cell.lock.why}", cell.lock.what)
        sent.texts[place] = cell.text
    elif not text.strip():
        sent.told[place] = _ERASED
    else:
        sent.changed[place] = text
        sent.seen[place] = was


def _read_mark(text: str) -> Mark | None:
    """Read the mark that a form was made with."""
    with suppress(ValueError):
        found = json.loads(text)
        if isinstance(found, str | int | float) and not isinstance(found, bool):
            return found
    return None


def list_changes(grid: Grid, sent: Sent, marks: Mapping[TypedPlace, Mark]) -> list[CellChange]:
    """Return the lines of the preview, in the order of the grid."""
    found = []
    for row in grid.rows:
        for column, cell in zip(grid.columns, row.cells, strict=True):
            if cell.place in marks:
                after = GridCell(cell.place, marks[cell.place]).text
                typed = sent.changed[cell.place].strip()
                shown = "" if typed == after else typed
                doubt = str(sent.doubts.get(cell.place, ""))
                found.append(CellChange(row.name, column.title, cell.text, after, shown, doubt))
    return found


class Entered(NamedTuple):
    """What came of a form that was sent: how many marks, and the commit, "" for nothing to do."""

    group: str
    period: str
    marks: int
    commit: str


class _GridPage:
    """One grid and what may be done with it in one request."""

    def __init__(self, face: Face, group: str, period: str) -> None:
        self.face = face
        self.archive: Archive
        # whoever came to the group since is not what is judged while somebody types
        people = face.members(group, again=request.form.get("do") != "judge")
        self.archive, self.grid = open_grid(face.root, group, period, people)

    def show(self, sent: Sent | None = None) -> str:
        day = min(self.face.today, self.grid.period.end)
        sent = sent or Sent(day=f"{day:%d.%m.%Y}")
        return render_template(
            "marks.html", grid=self.grid, sent=sent, name_field=name_field, dumps=json.dumps,
            locked=self._why_locked(), say_lock=self._say_lock,
        )  # fmt: skip

    def _why_locked(self) -> str:
        if self.grid.lock.why:
            return f"Отметки только показаны: {self.grid.lock.why}."
        if not self.face.staff:
            return (
                "Отметки только показаны: архив открыт для просмотра. Чтобы вносить, закройте его "
                "(Ctrl-C в окне терминала) и откройте от своего имени: papka open --as s003"
            )
        return ""

    def _say_lock(self, row: GridRow, cell: GridCell) -> str:
        """Return why one cell is locked, "" where that stands beside the row or above the grid."""
        known = (UNLOCKED, row.lock)
        return "" if cell.lock in known or self.grid.lock.why else str(cell.lock)

    def judge(self) -> Response:
        """Answer what is wrong with what stands in the form now; nothing is kept."""
        sent = read_sent(self.grid, request.form)
        judged = judge_typed(self.archive, self.grid, sent.typed)
        sent.keep(judged.wrong)
        said = {name_field(MARK, place): words for place, words in sent.told.items()}
        return jsonify(wrong=said, troubles=sent.troubles)

    def preview(self) -> str:
        """Show who gets which mark; or the grid again, with what is wrong."""
        sent = read_sent(self.grid, request.form)
        judged = judge_typed(self.archive, self.grid, sent.typed)
        sent.keep(judged.wrong)
        if sent.is_wrong:
            return self.show(sent)
        if not sent.changed:
            sent.troubles.append("Ни одна отметка не изменена")
            return self.show(sent)
        changes = list_changes(self.grid, sent, judged.marks)
        try:
            if sent.reason or not any(each.before for each in changes):
                self._take_over(sent, self._save(sent, dry_run=True))
                changes = list_changes(self.grid, sent, judged.marks)
        except PapkaError as trouble:
            sent.troubles.append(f"{trouble.message}. {trouble.next_step}")
        return self.show(sent) if sent.is_wrong else self._ask(sent, changes)

    def _ask(
        self,
        sent: Sent,
        changes: list[CellChange],
        trouble: PapkaError | None = None,
        ticket: str = "",
    ) -> str:
        """Show what would be saved; a form that is asked again keeps its ticket."""
        return render_template(
            "marks_preview.html", grid=self.grid, sent=sent, changes=changes,
            corrects=any(each.before for each in changes), trouble=trouble,
            is_guarded=self.face.require_actor().signer.is_guarded, name_field=name_field,
            dumps=json.dumps, ticket=ticket or self.face.new_ticket(),
        )  # fmt: skip

    def save(self) -> ResponseReturnValue:
        """Save what was shown, once; what stops it is told, and what was typed stays."""
        ticket = request.form.get(TICKET, "")
        if self.face.outcome(ticket) is None:
            sent = read_sent(self.grid, request.form)
            judged = judge_typed(self.archive, self.grid, sent.typed)
            sent.keep(judged.wrong)
            if sent.is_wrong:
                return self.show(sent)
            changes = list_changes(self.grid, sent, judged.marks)
            try:
                if not sent.reason and any(each.before for each in changes):
                    raise Refused("Не сказано, почему прежние отметки неверны", "Напишите причину")
                self.face.do_once(ticket, lambda: self._finish(sent))
            except PapkaError as trouble:
                return self._ask(sent, changes, trouble, ticket)
            if self.face.outcome(ticket) is None:
                return self.show(sent)
        group, period = self.grid.group, self.grid.period.period
        return redirect(url_for("enter.done", ticket=ticket, group=group, period=period), 303)

    def _finish(self, sent: Sent) -> Entered | None:
        """Save; None when something is wrong, which is told in `sent`."""
        marks = len(sent.changed)
        done = self._save(sent)
        self._take_over(sent, done)
        if sent.is_wrong:
            return None
        return Entered(self.grid.group, self.grid.period.period, marks, done.commit or "")

    def _save(self, sent: Sent, *, dry_run: bool = False) -> Taken:
        face = self.face
        actor = face.require_actor()
        wish = request_of(self.grid, sent.typed, staff=actor.staff, today=face.today)
        return take(face.root, actor, wish, now=face.clock(), dry_run=dry_run, access=face.access)

    def _take_over(self, sent: Sent, done: Taken) -> None:
        """Tell what the judge of the save found, at the cells."""
        data = request_of(self.grid, sent.typed, staff="", today=self.face.today).files[0][1]
        judged = judged_at(self.grid, data, done.findings)
        sent.keep(judged.wrong)
        sent.doubts |= judged.doubts
        for each in judged.others:
            if each.severity >= Severity.ERROR:
                sent.troubles.append(f"{each.message}. {each.hint}".removesuffix(". "))
        reserved = done.reserved
        if done.commit is None and reserved is not None and reserved.synced is not None:
            sent.troubles.append(f"Обмен с основным зеркалом остановлен. {reserved.reason}")


def add_marks(pages: Blueprint, face: Face) -> None:
    """Add the pages of marks to those of entering."""

    def open_page() -> _GridPage:
        return _GridPage(face, request.args.get("group", ""), request.args.get("period", ""))

    acts: Mapping[str, Callable[[_GridPage], ResponseReturnValue]] = {
        "preview": _GridPage.preview,
        "judge": _GridPage.judge,
        "save": _GridPage.save,
        "back": lambda page: page.show(read_sent(page.grid, request.form)),
    }

    @pages.get("/enter/marks/")
    def marks() -> ResponseReturnValue:
        return open_page().show()

    @pages.post("/enter/marks/")
    def mark() -> ResponseReturnValue:
        face.require_actor()
        return acts[request.form.get("do", "preview")](open_page())

    @pages.get("/enter/done/")
    def done() -> str:
        found = face.outcome(request.args.get(TICKET, ""))
        here = {name: request.args.get(name, "") for name in ("group", "period")}
        count = found.marks if isinstance(found, Entered) else 0
        said = count_phrase(count, "отметка", "отметки", "отметок")
        return render_template("marks_done.html", done=found, said=said, here=here)
