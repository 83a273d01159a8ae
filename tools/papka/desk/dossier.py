"""A personal file on the screen: everything in it, and what follows from it on a day (R-5.2).

Two times, never mixed: `rev` is what was known then (a commit), `on` what was valid then (dates).
Invariants: every line names its entry, so that the next command can; a corrected entry is shown
struck beside its correction; «нет данных» is not failure; the absence of debts is stated, except in
a restricted archive, which knows no marks. Diagnostics and special needs are in such an archive
only (R-4.2, R-2.2.7).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any

from papka.core.kinds import LIST_KINDS
from papka.core.phrases import natural_key, printable
from papka.core.places import place
from papka.desk.open_records import Opened, open_file
from papka.paper.result_tables import PeriodView, States, results
from papka.paper.sections import (
    ENTRY,
    PAPER,
    Section,
    added,
    awards,
    by_date,
    card_facts,
    enrolments,
    notices,
    representatives,
    unworded,
)
from papka.paper.sections import credits as credited
from papka.records import wording
from papka.records.archive import Archive, issued_to
from papka.records.derived.approvals import ApprovalState, approval_states
from papka.records.derived.in_force import (
    archive_on,
    consents_on,
    in_force,
    last_day_of_consent,
    lendings_out,
)
from papka.records.derived.keeping import keeping
from papka.records.derived.result_facts import (
    count_reached,
    debts_on,
    dynamics,
    enrolment_of,
    outcomes,
    outstanding,
    part_of,
    scale_of,
)
from papka.records.schemas import label_leaves, shipped
from papka.records.strict_yaml import Steps
from papka.records.student import Consent, Document, Student, to_mapping
from papka.records.wording import (
    NONE,
    SHEETS,
    counted,
    day,
    if_approved,
    in_order,
    is_closed,
    mark,
    title_of,
)


@dataclass(frozen=True, slots=True)
class Dossier:
    """`parts`: subject -> its tables, in the order in which they are shown."""

    facts: tuple[tuple[str, str], ...]
    parts: Mapping[str, tuple[Section, ...]]

    @property
    def sections(self) -> tuple[Section, ...]:
        return tuple(chain.from_iterable(self.parts.values()))


@dataclass(frozen=True, slots=True)
class ShownFile:
    """A personal file as shown; `unread` are files of its folder that are no readable records.

    `is_past`: what is dated after `on` is not seen.
    """

    opened: Opened
    archive: Archive
    student: Student
    on: dt.date
    is_past: bool
    states: dict[str, dict[str, ApprovalState]]
    dossier: Dossier
    unread: tuple[str, ...]

    @property
    def heading(self) -> str:
        person = self.student.person
        return f"Дело {self.student.id}{f' — {person.name.full}' if person else ''}"

    @property
    def times(self) -> tuple[str, ...]:
        """Say of which day the file is shown; () of the folder as it lies, today."""
        said = [f"Как было на {day(self.on)} по датам в записях"] if self.is_past else []
        if commit := self.opened.commit:
            moment = dt.datetime.fromtimestamp(commit.committer.time).astimezone()
            said.append(f"Как было известно {moment:%d.%m.%Y %H:%M} (сохранение {commit.id[:12]})")
        return tuple(said)

    @property
    def troubles(self) -> tuple[str, ...]:
        """Name the files that are no readable records."""
        return tuple(
            f"Не читается: {printable(path)} — что не так, скажет papka check"
            for path in self.unread
        )


def show(root: Path, student: str, *, on: dt.date, past: bool, rev: str | None = None) -> ShownFile:
    """Open a personal file; with `past` what is dated after `on` is not seen."""
    opened = open_file(root, student, rev=rev, is_for_show=True)
    archive = archive_on(opened.archive, on) if past else opened.archive
    kept = archive.students[student]
    folder = kept.folder + "/"
    unread = tuple(sorted(path for path in archive.unreadable if path.startswith(folder)))
    states = approval_states(archive, kept)
    words = dossier(archive, kept, on, states)
    return ShownFile(opened, archive, kept, on, past, states, words, unread)


def as_values(shown: ShownFile) -> dict[str, Any]:
    """Return the file for programs: records by their keys, derived facts apart."""
    commit = shown.opened.commit.id if shown.opened.commit else None
    values = file_values(shown.archive, shown.student, shown.on, shown.states, commit)
    return {**values, "unread": list(shown.unread)}


def file_values(
    archive: Archive, student: Student, on: dt.date, states: States, commit: str | None
) -> dict[str, Any]:
    """Return the file for programs as of `on`, of which every record could be read."""
    lists = {
        kind.name: [to_mapping(entry) for entry in getattr(student, kind.name)]
        for kind in LIST_KINDS
    }
    lists |= {
        each.pointer.rpartition("/")[2]: [dict(entry.value) for entry in each.entries]
        for each in student.added.lists
    }
    voided = [to_mapping(entry) for gone in student.voided.values() for _, entry in gone]
    return {
        "id": student.id,
        "on": on.isoformat(),
        "commit": commit,
        "card": to_mapping(student.person) if student.person else None,
        **{kind: entries for kind, entries in lists.items() if entries},
        "results": {
            period: [to_mapping(result) for result in student.periods[period]]
            for period in sorted(student.periods)
        },
        **({"voided": voided} if voided else {}),
        **_list_added_fields(student),
        "derived": {
            "debts": [
                {"period": debt.period, "entry": debt.last.id, "state": debt.state}
                for debt in debts_on(archive, student, on)
            ],
            "planned": {
                enrolment.id or "": {
                    each.planned.outcome: each.reached
                    for each in outcomes(archive, student, enrolment)
                }
                for enrolment in student.enrolments
            },
            "approval": states,
            "consents_in_force": [consent.id for consent in consents_on(archive, student, on)],
        },
        "unread": [],
    }


def _list_added_fields(student: Student) -> dict[str, Any]:
    """Return the fields that only the archive's schemas know of, under a key of their own."""
    found = [
        {"path": each.path, "pointer": each.pointer, "value": each.value}
        for each in student.added.fields
    ]
    return {"added_fields": found} if found else {}


def dossier(archive: Archive, student: Student, on: dt.date, states: States) -> Dossier:
    """Lay out the file as of `on`; where later records are not to be seen, the caller removed them.

    `states`: period -> id of a result -> approved or draft.
    """
    person = student.person
    tables: dict[str, tuple[Section, ...]] = {}
    facts: list[tuple[str, str]] = []
    if person:
        known = card_facts(archive, student, person)
        facts = [(fact.label, fact.text) for fact in known if fact.label != PAPER]
        credit_lines = [credit for credit in student.credits for _ in credit.items]
        for table, entries in (
            (representatives(person), person.representatives),
            (enrolments(archive, student), student.enrolments),
            (credited(archive, student), credit_lines),
            (awards(archive, student), by_date(student.awards)),
            (notices(archive, student, person), by_date(student.notices)),
        ):
            if table.rows:
                lines_of = zip(entries, table.rows, strict=True)
                rows = tuple((getattr(entry, "id", None) or NONE, *row) for entry, row in lines_of)
                tables[table.kind] = (Section(table.title, (ENTRY, *table.columns), rows),)
    facts += _describe_keeping(archive, student, on)
    parts = {
        "representatives": tables.get("representatives", ()),
        "enrolments": tables.get("enrolments", ()),
        "results": tuple(_tabulate_results(archive, student, states)),
        "debts": tuple(_tabulate_debts(archive, student, on)),
        "planned": tuple(_tabulate_planned(archive, student)),
        "dynamics": tuple(_tabulate_dynamics(archive, student)),
        "credits": tables.get("credits", ()),
        "awards": tables.get("awards", ()),
        "consents": tuple(consents(archive, student, on)),
        "documents": tuple(documents(archive, student)),
        "issued": tuple(issued(archive, student)),
        "notices": tables.get("notices", ()),
        "restricted": tuple(restricted(archive, student)),
        "added": tuple(_tabulate_added(archive, student)),
        "voided": tuple(_tabulate_voided(archive, student)),
    }
    return Dossier(tuple(facts), parts)


def consents(archive: Archive, student: Student, on: dt.date) -> Iterator[Section]:
    person = student.person
    rows = []
    for consent in by_date(student.consents):
        purpose = archive.purposes.get(consent.purpose)
        rows.append(
            (
                consent.id or NONE,
                purpose.title if purpose else consent.purpose,
                day(consent.date),
                wording.signer(person, consent.signed_by, consent.date)
                if person
                else consent.signed_by,
                _describe_state(archive, student, consent, on),
            )
        )
    columns = (ENTRY, "Цель", "Дано", "Кем", "Состояние")
    yield from _table(f"Согласия на {day(on)}", columns, rows)


def _table(
    title: str, columns: tuple[str, ...], rows: Sequence[tuple[str, ...]]
) -> Iterator[Section]:
    if rows:
        yield Section(title, columns, tuple(rows))


def _describe_state(archive: Archive, student: Student, consent: Consent, on: dt.date) -> str:
    if in_force(archive, student, consent, on):
        if consent.valid_until:
            return f"в силе до {day(consent.valid_until)}"
        return f"в силе, {wording.consent_term(archive, consent) or 'срок не записан'}"
    if consent.revoked and consent.revoked.date <= on:
        return f"отозвано {day(consent.revoked.date)}"
    last = last_day_of_consent(archive, student, consent)
    return f"истекло {day(last)}" if last and last < on else "ещё не действует"


def documents(archive: Archive, student: Student) -> Iterator[Section]:
    rows = [
        (
            each.id or NONE,
            each.kind,
            each.number or "",
            day(each.date) if each.date else "",
            each.title,
            _say_medium(archive, student, each),
        )
        for each in student.documents
    ]
    columns = (ENTRY, "Вид", "Номер", "Дата", "Заголовок", "Что в деле")
    yield from _table("Опись документов", columns, rows)


def _say_medium(archive: Archive, student: Student, document: Document) -> str:
    gone = archive.destroyed.of_scan(student, document)
    sheets = counted(document.sheets, SHEETS) if document.sheets else ""
    scan = f"скан: {gone.words}" if gone else ""
    return ", ".join(filter(None, (document.medium, sheets, scan)))


def issued(archive: Archive, student: Student) -> Iterator[Section]:
    rows = []
    for entry in issued_to(archive, student.id).values():
        series = archive.series.get(entry.series)
        title = series.title if series else entry.series
        void = f"{entry.void.word}: {entry.void.reason}" if entry.void else ""
        rows.append((entry.number, title, day(entry.date), void))
    yield from _table("Выданные документы", ("Номер", "Реестр", "Дата", "Отметка"), rows)


def restricted(archive: Archive, student: Student) -> Iterator[Section]:
    shown = [
        (
            each.id or NONE,
            day(each.date),
            wording.staff(archive, each.assessed_by),
            each.tool,
            "\n".join(part for part in (each.text, each.advice) if part),
        )
        for each in sorted(student.diagnostics, key=lambda item: item.date)
    ]
    columns = (ENTRY, "Дата", "Кто", "Способ", "Что показано, совет")
    yield from _table("Педагогическая диагностика", columns, shown)
    needs = [
        (each.id or NONE, day(each.date), each.basis, each.text, "; ".join(each.measures))
        for each in sorted(student.needs, key=lambda item: item.date)
    ]
    columns = (ENTRY, "Дата", "Основание", "Что нужно", "Что делает школа")
    yield from _table("Особые образовательные потребности", columns, needs)


def _tabulate_added(archive: Archive, student: Student) -> Iterator[Section]:
    """Show what has words in schemas alone, entries by their ids."""
    for table, listed in zip_longest(
        added(archive, student, on_paper=False), unworded(archive, student)
    ):
        rows, columns = table.rows, table.columns
        if listed is not None:
            entries = zip(listed.entries, rows, strict=True)
            rows = tuple((entry.id or NONE, *row) for entry, row in entries)
            columns = (ENTRY, *columns)
        yield from _table(table.title, columns, rows)


def _tabulate_voided(archive: Archive, student: Student) -> Iterator[Section]:
    """Show the entries made by mistake, struck: they stay readable and count nowhere."""
    schemas = archive.schemas or shipped()
    rows = []
    for (path, pointer), gone in student.voided.items():
        found = place(path)
        kind = found.kind if found else ""
        for at, entry in gone:
            assert entry.void is not None
            steps: Steps = (*pointer.removeprefix("/").split("/"), at)
            said = to_mapping(entry)
            lines = label_leaves(schemas, kind, steps, {k: said[k] for k in said if k != "void"})
            words = "; ".join(f"{label}: {text}" for label, text in lines if text != entry.id)
            rows.append((entry.id or NONE, words, day(entry.void.date), entry.void.reason))
    columns = (ENTRY, "Что было внесено", "Отмечено", "Почему")
    for section in _table("Внесено ошибочно, не считается", columns, rows):
        yield replace(section, struck=frozenset(range(len(rows))))


def _describe_keeping(archive: Archive, student: Student, on: dt.date) -> Iterator[tuple[str, str]]:
    paper = student.person.paper if student.person else None
    if paper:
        place = paper.place
        for lending in lendings_out(student, on):
            due = f", вернуть до {day(lending.due)}" if lending.due else ""
            late = " — просрочено" if lending.due and lending.due < on else ""
            place += f"; выдано {day(lending.date)}: {lending.taken_by}{due}{late}"
        yield PAPER, place
    found = keeping(archive, student, on)
    if found.last:
        yield "Хранить до", f"{day(found.last)} ({found.state})"


def _tabulate_results(archive: Archive, student: Student, states: States) -> Iterator[Section]:
    views = results(archive, student, states=states)
    names = [name for name in in_order(archive, student.periods) if student.periods[name]]
    for name, view in zip(names, views, strict=True):
        yield from _tabulate_period(view)
        late = [id_ for id_, state in states.get(name, {}).items() if state == "не утверждено"]
        if late and view.is_approved:
            closed = is_closed(archive, name)
            note = (
                f"Не утверждены: {', '.join(sorted(late, key=natural_key))}. Утвердит "
                f"руководитель: papka period approve {name}"
                f"{'' if closed else f' --student {student.id}'}"
            )
            when = "После закрытия" if closed else "Не утверждено"
            yield Section(f"{when}: {view.title}", (), (), (note,))


def _tabulate_period(period: PeriodView) -> Iterator[Section]:
    title = f"Результаты: {period.title} ({period.status})"
    for group in period.groups:
        yield Section(
            f"{title}, {group.program}",
            (ENTRY, "Дата", "Часть", "Контроль", "Оценка", "Кто оценил", "Примечание"),
            tuple(
                (_restore_id(r.number), r.date, r.part, r.control, r.mark, r.teacher, r.note)
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
                    _restore_id(n.number),
                    n.date,
                    n.origin,
                    n.author,
                    "\n".join((n.text, *n.shows, n.note)).strip(),
                )
                for n in period.narratives
            ),
            struck=frozenset(at for at, item in enumerate(period.narratives) if item.is_void),
        )


def _restore_id(number: str) -> str:
    return f"r{number}" if number.isdecimal() else number


def _tabulate_debts(archive: Archive, student: Student, on: dt.date) -> Iterator[Section]:
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
                wording.program(archive, enrolment, last.enrolment),
                part.title if part else last.part or NONE,
                mark(last.mark or "", scale_of(archive, enrolment, last.part)),
                day(last.resit_by) if last.resit_by else "не назначен",
                debt.state,
            )
        )
    hangs = if_approved(archive, student)
    notes = () if rows else (f"На {day(on)} академических задолженностей нет{hangs}.",)
    columns = (ENTRY, "Период", "Программа", "Часть", "Оценка", "Срок пересдачи", "Состояние")
    yield Section("Академические задолженности", columns, tuple(rows), notes)


def _tabulate_planned(archive: Archive, student: Student) -> Iterator[Section]:
    for enrolment in student.enrolments:
        found = outcomes(archive, student, enrolment)
        if not found:
            continue
        count = count_reached(found)
        note = (
            f"Достигнуто {count.reached} из {count.known}, о которых есть данные; "
            f"всего в программе {count.planned}."
        )
        yield Section(
            f"Планируемые и достигнутые результаты: {wording.program(archive, enrolment)}",
            ("Вид", "Планируемый результат", "Достигнут"),
            tuple((each.planned.kind, each.planned.text, each.reached) for each in found),
            (note,),
        )


def _tabulate_dynamics(archive: Archive, student: Student) -> Iterator[Section]:
    rows = []
    for line in dynamics(archive, student):
        if len(line.points) > 1:
            program = archive.programs.get(line.program)
            marks = " → ".join(f"{point.mark}".replace(".", ",") for point in line.points)
            last = line.points[-1].change or NONE
            rows.append((program.title if program else line.program, line.part.title, marks, last))
    columns = ("Программа", "Часть", "Отметки по датам", "Последняя к прежней")
    yield from _table("Динамика", columns, rows)
