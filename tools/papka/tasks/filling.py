"""A record while it is filled in: what was answered, what is still due, what fills itself.

Invariant: asks nothing and writes nothing; a terminal or a script answers, `tasks` write.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from papka.tasks.desk import Desk
from papka.tasks.suggested import known_words, suggested
from papka.text.answers import Trail, dotted, in_order, put_together, trails, value_of
from papka.text.form import Accepts, Field, Form


@dataclass(frozen=True, slots=True)
class Question:
    """A field that is due. `reason` is the schema's; `words` are known answers with meanings."""

    trail: Trail
    reason: str
    words: Mapping[str, str]

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
        self.suggest()
        record = self.record
        return [
            Question(trail, reason, self.words(trail[-1].name))
            for trail, reason in _due(self.form, record, self.accepts)
            if trail[0].name not in self.own
        ]

    def _fits(self, name: str, value: object) -> bool:
        field = self.form.field(name)
        return field is not None and self.accepts(field.ref, value)

    def optional(self) -> dict[str, Trail]:
        """What may still be added, by name; a list of records stands for its first field."""
        record = self.record
        barred = self.form.barred(record, self.accepts)
        found: dict[str, Trail] = {}
        for trail in self.fields():
            depth = next((n for n, part in enumerate(trail, 1) if part.form and part.is_list), 0)
            name = dotted(trail[:depth] or trail)
            known: Any = record
            for part in trail:
                known = known.get(part.name) if isinstance(known, dict) else None
            if trail[0].name not in barred and (known is None or depth or trail[-1].is_list):
                found.setdefault(name, trail)
        return found

    def words(self, name: str) -> dict[str, str]:
        return known_words(self.desk.archive, self.desk.person, self.record, name)


def _due(form: Form, record: Mapping[str, Any], accepts: Accepts) -> Iterator[tuple[Trail, str]]:
    due = form.due(record, accepts)
    for part in form.fields:
        inside = part.form
        if part.name in due and inside is None:
            yield (part,), due[part.name]
        elif inside is not None and (part.name in due or part.name in record):
            value = record.get(part.name, {})
            if isinstance(value, list):
                value = value[-1] if value else {}
            if isinstance(value, dict):
                for trail, reason in _due(inside, value, accepts):
                    yield (part, *trail), reason or due.get(part.name, "")
