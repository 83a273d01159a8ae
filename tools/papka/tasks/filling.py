"""A record while it is filled in: what was answered, what is still due, what fills itself.

Invariant: asks nothing and writes nothing; a terminal or a script answers, `tasks` write.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from papka.tasks.desk import Desk
from papka.tasks.suggested import known_words, suggested
from papka.text.answers import Trail, dotted, in_order, put_together, trails, value_of
from papka.text.form import Accepts, Field, Form


@dataclass(frozen=True, slots=True)
class Question:
    """A field that is asked for. `reason` is the schema's; `words` are known answers with meanings;
    `waived` is what an empty answer leaves out, nothing when there must be one."""

    trail: Trail
    reason: str
    words: Mapping[str, str]
    waived: str = ""

    @property
    def field(self) -> Field:
        return self.trail[-1]

    @property
    def name(self) -> str:
        return dotted(self.trail)


@dataclass(slots=True)
class Filling:
    """A record of a form; `own` are fields that the program sets, nobody is asked for them."""

    desk: Desk
    form: Form
    staff: str
    today: dt.date
    own: frozenset[str] = frozenset()
    answers: list[tuple[Trail, Any]] = field(default_factory=list)
    filled: dict[str, Any] = field(default_factory=dict)
    waived: set[str] = field(default_factory=set)

    @property
    def accepts(self) -> Accepts:
        return self.desk.schemas.accepts

    @property
    def record(self) -> dict[str, Any]:
        """What is known so far, keys in the form's order."""
        return in_order(self.form, self.filled | put_together(self.answers))

    def fields(self) -> Iterator[Trail]:
        """Everything that can be answered."""
        return (
            trail
            for trail in trails(self.form)
            if trail[0].name not in self.own and not trail[-1].letter
        )

    def answer(self, trail: Trail, text: str) -> None:
        """Takes an answer. Raises BadAnswer."""
        self.answers.append((trail, value_of(trail[-1], text, self.accepts)))
        if trail[-1] is _first_of(trail):  # of a new item: what another one waived is asked again
            begun = f"{dotted(trail[:-1])}."
            self.waived = {name for name in self.waived if not name.startswith(begun)}

    def take(self, values: Iterable[tuple[Trail, Any]]) -> None:
        self.answers.extend(values)

    def suggest(self) -> None:
        """Fills in what the archive already says."""
        for _ in range(2):  # a suggestion may depend on another one: a purpose's edition on the day
            record = self.record
            barred = {*self.own, *self.form.barred(record, self.accepts)}
            found = suggested(
                self.desk.archive,
                self.desk.person,
                self.form,
                record,
                barred,
                staff=self.staff,
                today=self.today,
            )
            self.filled |= {name: item for name, item in found.items() if self._fits(name, item)}

    def due(self) -> list[Question]:
        """Fields that must still be answered, in order."""
        return [question for question in self.asked() if not question.waived]

    def asked(self) -> list[Question]:
        """Fields that a person is asked for, in order: those that are due, and those that are
        seldom left out."""
        self.suggest()
        found = self._asked(self.form, self.record, ())
        return [question for question in found if question.trail[0].name not in self.own]

    def _asked(self, form: Form, record: Mapping[str, Any], above: Trail) -> Iterator[Question]:
        due = form.due(record, self.accepts)
        barred = form.barred(record, self.accepts)
        for part in form.fields:
            trail = (*above, part)
            stands = part.name in record
            must = part.name in due
            may = part.is_asked and not stands and part.name not in barred
            if not (must or stands or (may and dotted(trail) not in self.waived)):
                continue
            waived = "" if must or stands else dotted(trail)
            reason = due.get(part.name, "")
            if part.form is None:
                if not stands:
                    yield Question(trail, reason, self.words(part.name), waived)
                continue
            value = record.get(part.name, {})
            items = value if isinstance(value, list) else [value]
            last = items[-1] if items else {}
            if not isinstance(last, dict):
                continue
            inside = list(self._asked(part.form, last, trail))
            if waived:
                inside = [replace(each, waived=waived) for each in inside]
            yield from (replace(each, reason=each.reason or reason) for each in inside)
            if isinstance(value, list) and not inside:
                yield from self._owed(trail, value)

    def _owed(self, trail: Trail, items: list[Any]) -> Iterator[Question]:
        """A list that must hold such an item and does not asks for one more."""
        for ref, reason in trail[-1].owed:
            if not any(self.accepts(ref, item) for item in items):
                first = _first_of(trail)
                assert first is not None
                yield Question((*trail, first), reason, self.words(first.name))
                return

    def _fits(self, name: str, value: object) -> bool:
        field = self.form.field(name)
        return field is not None and self.accepts(field.ref, value)

    def optional(self) -> dict[str, Trail]:
        """What may still be added, by name; a list's name means one more record of it."""
        record = self.record
        barred = self.form.barred(record, self.accepts)
        found: dict[str, Trail] = {}
        for trail in self.fields():
            if trail[0].name in barred:
                continue
            within = [n for n, part in enumerate(trail, 1) if part.form and part.is_list]
            depth = within[-1] if within else 0
            if depth:
                found.setdefault(dotted(trail[:depth]), trail)
            known: Any = record
            for part in trail:
                known = known.get(part.name) if isinstance(known, dict) else None
                known = known[-1] if known and isinstance(known, list) and part.form else known
                if known is None and part.form and part.is_list:
                    break  # no record of this list yet: its first field comes first
            else:
                if known is None or trail[-1].is_list:
                    found.setdefault(dotted(trail), trail)
        return found

    def words(self, name: str) -> dict[str, str]:
        return known_words(self.desk.archive, self.desk.person, self.record, name)


def _first_of(trail: Trail) -> Field | None:
    """The field that begins a record of the innermost list of the trail."""
    box = next((part for part in reversed(trail) if part.form and part.is_list), None)
    fields = box.form.fields if box is not None and box.form is not None else ()
    return next((field for field in fields if not field.letter), None)
