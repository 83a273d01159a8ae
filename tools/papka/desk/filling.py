"""A record while it is filled in: what was answered, what is still due, what the archive suggests.

Invariants: asks nobody and writes nothing: a terminal or a script answers, `command_end` writes;
facts of study are never guessed, only what the archive already says, or what has but one answer, is
suggested.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from papka.core.phrases import suggest
from papka.desk.open_records import Desk
from papka.records.archive import Archive
from papka.records.derived.leadership import signatory_on
from papka.records.derived.result_facts import edition_of, edition_on, enrolment_of
from papka.records.fields import (
    Accepts,
    BadAnswer,
    Field,
    FieldForm,
    Trail,
    dotted_name,
    make_record,
    order_keys,
    read_answer,
    trails,
)
from papka.records.schemas import shipped
from papka.records.school import StaffMember
from papka.records.student import Student
from papka.records.wording import OWN

VOID = "void"
"""The mark of an entry made by mistake: `fix --void` sets it, nobody is asked for it."""
_BY_COMMANDS = frozenset({VOID, "papers"})
"""Fields that nobody is asked for; `papers` of a bound volume are written by `bind`."""
_TEACHER = "педагог"
_SAME_IN_RESIT = ("enrolment", "kind", "origin", "event", "part", "control")


def suggest_values(  # noqa: PLR0913 - what a suggestion may depend on
    archive: Archive,
    student: Student,
    form: FieldForm,
    record: Mapping[str, Any],
    barred: Container[str],
    *,
    staff: str,
    today: dt.date,
) -> dict[str, Any]:
    """Return values for fields of the form that stand nowhere yet; `barred` fields get none."""
    made: dict[str, Callable[[], Any]] = {
        "date": today.isoformat,
        "enrolment": lambda: find_only_study(student),
        "assessed_by": lambda: _suggest_teacher(archive, staff),
        "edition": lambda: _suggest_edition(archive, record),
        "act": lambda: _find_award_kind(archive, record)[0],
        "clause": lambda: _find_award_kind(archive, record)[1],
        "signed_by": lambda: _suggest_signer(archive, record, today),
        "title": lambda: _name_paper(form, record),
    }
    found = _copy_from_resat(student, record)
    for each in form.fields:
        if each.name in record or each.name in barred or each.name in found:
            continue
        if each.name in form.required or each.name == "assessed_by":
            make = made.get(each.name)
            value = make() if make is not None else None
            value = each.default if value is None else value
            if value is not None:
                found[each.name] = value
    return found


def _name_paper(form: FieldForm, record: Mapping[str, Any]) -> str | None:
    """Name a paper of a personal file by its kind, where no title is given."""
    kind = str(record.get("kind") or "")
    is_paper = form.field("medium") is not None
    return kind[:1].upper() + kind[1:] if is_paper and kind else None


def _suggest_signer(archive: Archive, record: Mapping[str, Any], today: dt.date) -> str | None:
    """Suggest who signs for the school on the day of the record."""
    try:
        day = dt.date.fromisoformat(str(record.get("date", today)))
    except ValueError:
        day = today
    signatory = signatory_on(archive, day)
    return signatory.staff if signatory else None


def known_words(
    archive: Archive, student: Student, record: Mapping[str, Any], field: Field
) -> dict[str, str]:
    """Return values a field may have, with meanings; none if the archive lists none.

    What they are the names of the schema says; a few fields depend on the rest of the record.
    """
    enrolment = enrolment_of(student, str(record.get("enrolment")))
    edition = edition_of(archive, enrolment)
    by_name: dict[str, Callable[[], dict[str, str]]] = {
        "part": lambda: {part.part: part.title for part in (edition.parts if edition else ())},
        "purpose": lambda: {key: found.title for key, found in archive.purposes.items()},
        "assessed_by": lambda: {
            key: _present(found) for key, found in archive.staff.items() if _TEACHER in found.roles
        },
        "act": lambda: {key: found.title for key, found in archive.regulations.items()},
        "award": lambda: {
            kind.award: f"{act.title}, п. {kind.clause}"
            for act in archive.regulations.values()
            for edition in act.editions
            if edition.is_adopted
            for kind in edition.awards
        },
    }
    if field.name in by_name:
        return by_name[field.name]()
    targets = field.targets or shipped().forms.targets_at(field.ref)
    found: dict[str, str] = {}
    for target in targets:
        found |= _list_target(archive, student, target)
    return found


def _list_target(archive: Archive, student: Student, target: str) -> dict[str, str]:
    """Return the names of one kind, with meanings; orders the latest first."""
    people = student.person.representatives if student.person else ()
    lists: dict[str, Callable[[], dict[str, str]]] = {
        "program": lambda: {code: found.title for code, found in archive.programs.items()},
        "groups": lambda: dict.fromkeys(archive.groups, ""),
        "events": lambda: {key: event.title for key, event in archive.events.items()},
        "platform": lambda: {key: found.title for key, found in archive.platforms.items()},
        "enrolments": lambda: {e.id: e.program for e in student.enrolments if e.id},
        "documents": lambda: {d.id: d.title for d in student.documents if d.id},
        "representatives": lambda: {p.id: p.relation for p in people if p.id} | {OWN: ""},
        "scales": lambda: {key: found.title for key, found in archive.scales.items()},
        "periods": lambda: {key: found.title for key, found in archive.periods.items()},
        "order": lambda: {
            key: f"№ {found.number} от {found.date:%d.%m.%Y}, {found.heading}"
            for key, found in sorted(archive.orders.items(), reverse=True)
        },
        "staff": lambda: {key: _present(found) for key, found in archive.staff.items()},
    }
    make = lists.get(target)
    return make() if make is not None else {}


def _present(member: StaffMember) -> str:
    """Return whom a staff id means: «Глинкина Дорофея Ильинична, педагог…»."""
    return f"{member.name.full}, {member.post[:1].lower()}{member.post[1:]}"


def open_period(archive: Archive, day: dt.date) -> str | None:
    """Return the period the day is in, unless it is closed."""
    spans = sorted(archive.periods.values(), key=lambda found: found.start)
    return next(
        (p.period for p in spans if p.start <= day <= p.end and p.period not in archive.approvals),
        None,
    )


def _copy_from_resat(student: Student, record: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a re-sit shares with the result it re-sits."""
    earlier = next((r for _, r in student.results if r.id and r.id == record.get("resits")), None)
    shared = {name: getattr(earlier, name, None) for name in _SAME_IN_RESIT if name not in record}
    return {name: value for name, value in shared.items() if value is not None}


def find_only_study(student: Student) -> str | None:
    """Return the id of the study that goes on; None when there is none, or more than one."""
    going = [e.id for e in student.enrolments if e.ended is None and e.id]
    return going[0] if len(going) == 1 else None


def _suggest_teacher(archive: Archive, staff: str) -> str | None:
    member = archive.staff.get(staff)
    return staff if member is not None and _TEACHER in member.roles else None


def _suggest_edition(archive: Archive, record: Mapping[str, Any]) -> int | None:
    program = archive.programs.get(str(record.get("program")))
    if program is not None:
        start = dt.date.max
        with suppress(ValueError):  # a day that is wrong is told with the record
            start = dt.date.fromisoformat(str(record.get("start")))
        return edition_on(archive, program, start)
    purpose = archive.purposes.get(str(record.get("purpose")))
    if purpose is None:
        return None
    day = str(record.get("date", "9999"))
    return max((e.edition for e in purpose.editions if e.since.isoformat() <= day), default=None)


def _find_award_kind(archive: Archive, record: Mapping[str, Any]) -> tuple[str | None, str | None]:
    found = {
        (key, kind.clause)
        for key, act in archive.regulations.items()
        if record.get("act") in (None, key)
        for edition in act.editions
        if edition.is_adopted
        for kind in edition.awards
        if kind.award == record.get("award")
    }
    return next(iter(found)) if len(found) == 1 else (None, None)


@dataclass(frozen=True, slots=True)
class Question:
    """A field that is asked for.

    `reason` is the schema's; `words` are known answers with meanings; `waived` is what an empty
    answer leaves out, "" when there must be an answer.
    """

    trail: Trail
    reason: str
    words: Mapping[str, str]
    waived: str = ""

    @property
    def field(self) -> Field:
        return self.trail[-1]

    @property
    def name(self) -> str:
        return dotted_name(self.trail)


@dataclass(slots=True)
class Filling:
    """A record being filled in; `own` are fields that the program sets and nobody is asked for;
    `of_each`, where many get the record, fields that each one's own file decides unless answered.
    `emptied`: fields that a person left empty, where nothing is suggested any more. `called`: the
    words of the command. `defined`: fields whose words are new, not chosen from the
    archive's. `standing` tells what the archive already says of the record.
    """

    desk: Desk
    form: FieldForm
    staff: str
    today: dt.date
    own: frozenset[str] = frozenset()
    answers: list[tuple[Trail, Any]] = field(default_factory=list)
    filled: dict[str, Any] = field(default_factory=dict)
    waived: set[str] = field(default_factory=set)
    of_each: frozenset[str] = frozenset()
    called: str = ""
    defined: frozenset[str] = frozenset()
    standing: Callable[[Mapping[str, Any]], Mapping[str, Any]] = lambda _record: {}
    emptied: frozenset[str] = frozenset()

    @property
    def accepts(self) -> Accepts:
        return self.desk.schemas.accepts

    @property
    def record(self) -> dict[str, Any]:
        """The record as known so far, keys in the form's order."""
        return order_keys(self.form, self.filled | make_record(self.answers))

    def fields(self) -> Iterator[Trail]:
        """Return every field that can be answered."""
        return (trail for trail in trails(self.form) if self.may_answer(trail))

    def may_answer(self, trail: Trail) -> bool:
        """Whether a field is a person's to answer, not the program's."""
        if trail[0].name in self.own or trail[-1].letter:
            return False
        return not any(part.name in _BY_COMMANDS for part in trail)

    def answer(self, trail: Trail, text: str) -> None:
        """Record an answer given in words; raises BadAnswer."""
        self.answers.append((trail, read_answer(trail[-1], text, self.accepts)))
        if trail[-1] is _first_field(
            trail
        ):  # of a new item: what another one waived is asked again
            above = f"{dotted_name(trail[:-1])}."
            self.waived = {name for name in self.waived if not name.startswith(above)}

    def choose(self, trail: Trail, text: str) -> None:
        """Record an answer that must be one of the known ones, where there are any.

        Raises BadAnswer.
        """
        self.require_known(trail[-1], text)
        self.answer(trail, text)

    def require_known(self, field: Field, text: str) -> None:
        """Raise BadAnswer for a word that is none of those the archive knows for the field."""
        known = self.words(field)
        if known and text not in known:
            raise BadAnswer(f"«{text}» здесь нет.{suggest(text, self.offer(field))}")

    def offer(self, field: Field) -> dict[str, str]:
        """Return the words a person may choose from, with meanings: the schema's or the archive's.

        None where anything that fits may be said.
        """
        leaf = field.item or field
        listed = dict(zip(leaf.choices, leaf.notes or [""] * len(leaf.choices), strict=False))
        return listed or self.words(field)

    def same_at(self, desk: Desk, more: Mapping[str, Any]) -> Filling:
        """Return the same record for the file that is open on `desk`, with `more` filled in."""
        return Filling(
            desk,
            self.form,
            self.staff,
            self.today,
            self.own,
            list(self.answers),
            {**self.filled, **more},
        )

    def suggest(self) -> None:
        """Fill in what the archive already says."""
        for _ in range(2):  # a suggestion may depend on another one: a purpose's edition on the day
            record = self.record
            barred = {*self.own, *self.of_each, *self.form.barred(record, self.accepts)}
            barred |= self.emptied
            found = suggest_values(
                self.desk.archive, self.desk.person, self.form, record, barred,
                staff=self.staff, today=self.today,
            )  # fmt: skip
            left = {*record, *barred}
            found |= {key: item for key, item in self.standing(record).items() if key not in left}
            self.filled |= {name: item for name, item in found.items() if self._fits(name, item)}

    def due(self) -> list[Question]:
        """Return the fields that must still be answered, in order."""
        return [question for question in self.asked() if not question.waived]

    def asked(self) -> list[Question]:
        """Return the fields to ask a person for, in order: those due, and those seldom left out."""
        self.suggest()
        found = self._walk_questions(self.form, self.record, ())
        left = self.own | self.of_each
        return [question for question in found if question.trail[0].name not in left]

    def _walk_questions(
        self, form: FieldForm, record: Mapping[str, Any], above: Trail
    ) -> Iterator[Question]:
        due = form.due(record, self.accepts)
        barred = form.barred(record, self.accepts)
        for part in form.fields:
            trail = (*above, part)
            stands = part.name in record
            must = part.name in due
            may = part.is_asked and not stands and part.name not in barred
            if not (must or stands or (may and dotted_name(trail) not in self.waived)):
                continue
            waived = "" if must or stands else dotted_name(trail)
            reason = due.get(part.name, "")
            if part.form is None:
                if not stands:
                    yield Question(trail, reason, self.words(part), waived)
                continue
            value = record.get(part.name, {})
            items = value if isinstance(value, list) else [value]
            last = items[-1] if items else {}
            if not isinstance(last, dict):
                continue
            inside = list(self._walk_questions(part.form, last, trail))
            if waived:
                inside = [replace(each, waived=waived) for each in inside]
            yield from (replace(each, reason=each.reason or reason) for each in inside)
            if isinstance(value, list) and not inside:
                yield from self._ask_for_another(trail, value)

    def _ask_for_another(self, trail: Trail, items: list[Any]) -> Iterator[Question]:
        """Ask for one more item when the list lacks an item that it must hold."""
        for ref, reason in trail[-1].owed:
            if not any(self.accepts(ref, item) for item in items):
                first = _first_field(trail)
                assert first is not None
                yield Question((*trail, first), reason, self.words(first))
                return

    def _fits(self, name: str, value: object) -> bool:
        field = self.form.field(name)
        return field is not None and self.accepts(field.ref, value)

    def optional(self) -> dict[str, Trail]:
        """Return what may still be added, by name; a list's name means one more record of it."""
        record = self.record
        barred = self.form.barred(record, self.accepts)
        found: dict[str, Trail] = {}
        for trail in self.fields():
            if trail[0].name in barred:
                continue
            within = [n for n, part in enumerate(trail, 1) if part.form and part.is_list]
            depth = within[-1] if within else 0
            if depth:
                found.setdefault(dotted_name(trail[:depth]), trail)
            known: Any = record
            for part in trail:
                known = known.get(part.name) if isinstance(known, dict) else None
                known = known[-1] if known and isinstance(known, list) and part.form else known
                if known is None and part.form and part.is_list:
                    break  # no record of this list yet: its first field comes first
            else:
                if known is None or trail[-1].is_list:
                    found.setdefault(dotted_name(trail), trail)
        return found

    def words(self, asked: Field) -> dict[str, str]:
        """Return known answers for the field, with meanings."""
        if asked.name in self.defined:
            return {}
        return known_words(self.desk.archive, self.desk.person, self.record, asked)


def _first_field(trail: Trail) -> Field | None:
    """Return the field that begins a record of the innermost list of the trail."""
    box = next((part for part in reversed(trail) if part.form and part.is_list), None)
    fields = box.form.fields if box is not None and box.form is not None else ()
    return next((field for field in fields if not field.letter), None)
