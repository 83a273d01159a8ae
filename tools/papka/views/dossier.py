"""A personal file on the screen: everything in it and what follows from it on a day (R-5.2).

Invariants: every line names its entry, so that the next command can; a corrected entry is shown
struck beside its correction; «нет данных» is not failure; the absence of debts is stated.
Absent on purpose: how it is drawn, and diagnostics of any but a restricted archive (R-4.2).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from papka.model.archive import Archive
from papka.model.derived.debts_on import outstanding
from papka.model.derived.dynamics import lines
from papka.model.derived.lendings import lent
from papka.model.derived.planned import outcomes, share
from papka.model.derived.retention import keeping
from papka.model.derived.scales import enrolment_of, part_of, scale_of
from papka.model.record import Entry
from papka.model.student import Student
from papka.views import reference
from papka.views.card import PAPER, representatives
from papka.views.card import facts as card_facts
from papka.views.periods import in_order, title_of
from papka.views.results import PeriodView, States, results
from papka.views.section import ENTRY, Section
from papka.views.sequence import natural
from papka.views.standing import consents, documents, issued, restricted
from papka.views.standing_tables import awards, notices
from papka.views.study_tables import credits as credited
from papka.views.study_tables import enrolments
from papka.views.tables import by_date
from papka.views.wording import NONE, day, mark


@dataclass(frozen=True, slots=True)
class Dossier:
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]


def dossier(archive: Archive, student: Student, on: dt.date, states: States) -> Dossier:
    """The file as of `on`; the caller has taken away what came later, when that is asked.

    `states`: period -> id of a result -> approved or draft.
    """
    person = student.person
    tables = {}
    facts: list[tuple[str, str]] = []
    if person:
        shown = card_facts(archive, student, person)
        facts = [(fact.label, fact.text) for fact in shown if fact.label != PAPER]
        found = (
            representatives(person),
            enrolments(archive, student),
            credited(archive, student),
            awards(archive, student),
            notices(archive, student, person),
        )
        tables = {table.kind: table for table in found if table.rows}
    facts += _keeping(archive, student, on)
    ids: dict[str, list[str]] = {
        "representatives": _ids(person.representatives if person else ()),
        "enrolments": _ids(student.enrolments),
        "credits": [credit.id or NONE for credit in student.credits for _ in credit.items],
        "awards": _ids(by_date(student.awards)),
        "notices": _ids(by_date(student.notices)),
    }

    def taken(kind: str) -> Iterator[Section]:
        if table := tables.get(kind):
            rows = zip(ids[kind], table.rows, strict=True)
            yield Section(
                table.title, (ENTRY, *table.columns), tuple((id_, *row) for id_, row in rows)
            )

    sections = [
        *taken("representatives"),
        *taken("enrolments"),
        *_results(archive, student, states),
        *_debts(archive, student, on),
        *_planned(archive, student),
        *_dynamics(archive, student),
        *taken("credits"),
        *taken("awards"),
        *consents(archive, student, on),
        *documents(student),
        *issued(archive, student),
        *taken("notices"),
        *restricted(archive, student),
    ]
    return Dossier(tuple(facts), tuple(sections))


def _ids(entries: Iterable[Entry | object]) -> list[str]:
    return [getattr(entry, "id", None) or NONE for entry in entries]


def _keeping(archive: Archive, student: Student, on: dt.date) -> Iterator[tuple[str, str]]:
    paper = student.person.paper if student.person else None
    if paper:
        place = paper.place
        for lending in lent(student, on):
            due = f", вернуть до {day(lending.due)}" if lending.due else ""
            late = " — просрочено" if lending.due and lending.due < on else ""
            place += f"; выдано {day(lending.date)}: {lending.taken_by}{due}{late}"
        yield PAPER, place
    found = keeping(archive, student, on)
    if found.until:
        yield "Хранить до", day(found.until)


def _results(archive: Archive, student: Student, states: States) -> Iterator[Section]:
    views = results(archive, student)
    names = [name for name in in_order(archive, student.periods) if student.periods[name]]
    for name, view in zip(names, views, strict=True):
        yield from _period(view)
        late = [id_ for id_, state in states.get(name, {}).items() if state == "черновик"]
        if late and view.is_approved:
            note = f"Утверждением не охвачены, черновик: {', '.join(sorted(late, key=natural))}."
            yield Section(f"После закрытия: {view.title}", (), (), (note,))


def _period(period: PeriodView) -> Iterator[Section]:
    title = f"Результаты: {period.title} ({period.status})"
    for group in period.groups:
        yield Section(
            f"{title}, {group.program}",
            (ENTRY, "Дата", "Часть", "Контроль", "Оценка", "Кто оценил", "Примечание"),
            tuple(
                (_entry(r.number), r.date, r.part, r.control, r.mark, r.teacher, r.note)
                for r in group.rows
            ),
            struck=frozenset(at for at, row in enumerate(group.rows) if row.is_void),
        )
    if period.narratives:
        yield Section(
            f"{title}, словами",
            (ENTRY, "Дата", "Откуда", "Кто", "Что показано"),
            tuple(
                (
                    _entry(n.number),
                    n.date,
                    n.origin,
                    n.author,
                    "\n".join((n.text, *n.shows, n.note)).strip(),
                )
                for n in period.narratives
            ),
            struck=frozenset(at for at, item in enumerate(period.narratives) if item.is_void),
        )


def _entry(number: str) -> str:
    return f"r{number}" if number.isdecimal() else number


def _debts(archive: Archive, student: Student, on: dt.date) -> Iterator[Section]:
    if archive.organization and archive.organization.kind == "ограниченный":
        return  # nothing is known here of marks, so nothing may be said of debts
    rows = []
    for debt in outstanding(archive, student, on):
        last = debt.last
        enrolment = enrolment_of(student, last.enrolment)
        part = part_of(archive, enrolment, last.part)
        rows.append(
            (
                last.id or NONE,
                title_of(archive, debt.period),
                reference.program(archive, enrolment, last.enrolment),
                part.title if part else last.part or NONE,
                mark(last.mark or "", scale_of(archive, enrolment, last.part)),
                day(last.resit_by) if last.resit_by else "не назначен",
                debt.state,
            )
        )
    notes = () if rows else (f"На {day(on)} академических задолженностей нет.",)
    columns = (ENTRY, "Период", "Программа", "Часть", "Оценка", "Срок пересдачи", "Состояние")
    yield Section("Академические задолженности", columns, tuple(rows), notes)


def _planned(archive: Archive, student: Student) -> Iterator[Section]:
    for enrolment in student.enrolments:
        found = outcomes(archive, student, enrolment)
        if not found:
            continue
        count = share(found)
        note = (
            f"Достигнуто {count.reached} из {count.known}, о которых есть данные; "
            f"всего в программе {count.planned}."
        )
        yield Section(
            f"Планируемые и достигнутые результаты: {reference.program(archive, enrolment)}",
            ("Вид", "Планируемый результат", "Достигнут"),
            tuple((each.planned.kind, each.planned.text, each.reached) for each in found),
            (note,),
        )


def _dynamics(archive: Archive, student: Student) -> Iterator[Section]:
    rows = []
    for line in lines(archive, student):
        if len(line.points) > 1:
            program = archive.programs.get(line.program)
            marks = " → ".join(f"{point.mark}".replace(".", ",") for point in line.points)
            last = line.points[-1].change or NONE
            rows.append((program.title if program else line.program, line.part.title, marks, last))
    if rows:
        columns = ("Программа", "Часть", "Отметки по датам", "Последняя к прежней")
        yield Section("Динамика", columns, tuple(rows))
