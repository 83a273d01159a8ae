"""A record's form as values: lines to fill in with titles, words to choose from, texts, troubles.

The terminal asks the same questions one by one (`Filling`); a page shows them at once. Texts are by
the dotted name of a field, items of a list counted from 1: `items.2.text`; the texts of a list of
words are several. Reading them judges each by the schema at once, as an answer in the terminal is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from papka.core.phrases import read_day
from papka.desk.filling import Filling
from papka.records.fields import BadAnswer, Field, FieldForm, Trail, read_answer

Texts = Mapping[str, Sequence[str]]
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")


@dataclass(frozen=True, slots=True)
class FormLine:
    """A field that takes a value. `words` are known answers with meanings; `is_choice`: no other is
    taken; `reason` is why it is due. A person is asked for it first, unless it `is_rare`.
    """

    name: str
    title: str
    description: str
    texts: tuple[str, ...]
    words: Mapping[str, str]
    is_choice: bool
    is_list: bool
    is_long: bool
    is_date: bool
    is_due: bool
    is_rare: bool = False
    reason: str = ""
    wrong: str = ""

    @property
    def text(self) -> str:
        """What stands in it, a list one word a line."""
        return "\n".join(self.texts)


@dataclass(frozen=True, slots=True)
class FormBox:
    """Fields inside a field, or one item of its list; `grows` is the list that may get one more."""

    name: str
    title: str
    description: str
    parts: tuple[FormLine | FormBox, ...]
    is_open: bool
    is_rare: bool = False
    grows: str = ""
    wrong: str = ""


FormPart = FormLine | FormBox


@dataclass(slots=True)
class FormReading:
    """Texts of a form as read: the record they make, and what is wrong by name of the field."""

    record: dict[str, Any] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)


def flatten(form: FieldForm, record: Mapping[str, Any], above: str = "") -> dict[str, list[str]]:
    """Return the texts that stand for a record."""
    found: dict[str, list[str]] = {}
    for part in form.fields:
        value, name = record.get(part.name), above + part.name
        if value is None:
            continue
        if part.form is None:
            values = value if isinstance(value, list) else [value]
            found[name] = [write_text(part.item or part, each) for each in values]
        elif isinstance(value, list):
            for number, item in enumerate(value, 1):
                found |= flatten(part.form, item, f"{name}.{number}.")
        elif isinstance(value, dict):
            found |= flatten(part.form, value, f"{name}.")
    return found


def write_text(leaf: Field, value: object) -> str:
    """Return the text that a person would type for a value."""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, float):
        return f"{value:g}".replace(".", ",")
    text = str(value)
    if not isinstance(value, str):
        return text
    day = read_day(text) if leaf.is_date else None
    if day is not None:
        return f"{day:%d.%m.%Y}"
    is_number = {"integer", "number"} & {*leaf.types} and _NUMBER.fullmatch(text)
    return f'"{text}"' if is_number else text


def read_form(filling: Filling, texts: Texts, emptied: Iterable[str] = ()) -> FormReading:
    """Read the texts into the form, in place of what stands there.

    `emptied` are fields whose text somebody took away, where none is suggested any more.
    """
    reading = FormReading()
    reading.record = _read_inside(filling, filling.form, texts, "", reading.wrong)
    filling.answers.clear()
    filling.filled = reading.record
    filling.emptied = frozenset(emptied)
    filling.suggest()
    return reading


def count_items(texts: Texts, name: str) -> int:
    """Return how many items of a list the texts speak of."""
    start = len(name) + 1
    heads = (key[start:].partition(".")[0] for key in texts if key.startswith(f"{name}."))
    return min(max((int(head) for head in heads if head.isdecimal()), default=0), _MOST)


_MOST = 200
"""Items of one list on a page: what is longer is written in the editor."""


def _read_inside(
    filling: Filling, form: FieldForm, texts: Texts, above: str, wrong: dict[str, str]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in form.fields:
        name = above + part.name
        value: Any
        if part.form is None:
            value = _read_leaf(filling, part, texts.get(name, ()), name, wrong)
        elif part.is_list:
            items = (
                _read_inside(filling, part.form, texts, f"{name}.{number}.", wrong)
                for number in range(1, count_items(texts, name) + 1)
            )
            value = [item for item in items if item]
        else:
            value = _read_inside(filling, part.form, texts, f"{name}.", wrong)
        if value not in (None, [], {}):
            found[part.name] = value
    return found


def _read_leaf(
    filling: Filling, part: Field, given: Sequence[str], name: str, wrong: dict[str, str]
) -> Any:  # noqa: ANN401 - a YAML value
    lines = [line for text in given for line in (text.splitlines() if part.is_list else [text])]
    values = []
    for text in filter(None, map(str.strip, lines)):
        try:
            filling.require_known(part, text)
            values.append(read_answer(part, text, filling.accepts))
        except BadAnswer as bad:
            wrong[name] = str(bad)
    return values if part.is_list else next(iter(values), None)


@dataclass(frozen=True, slots=True)
class FormLayout:
    """Lays a form out over its texts. `wrong`: by name; `grown`: the list that gets one more item;
    `is_sent`: what is due and empty is wrong.
    """

    filling: Filling
    texts: Texts
    wrong: Mapping[str, str] = field(default_factory=dict)
    grown: str = ""
    is_sent: bool = False

    def parts(self) -> tuple[FormPart, ...]:
        """Return the parts of the form, in the order of the schema."""
        filling = self.filling
        return tuple(self._lay(filling.form, filling.record, (), "", demands=self.is_sent))

    def _lay(
        self, form: FieldForm, record: Mapping[str, Any], above: Trail, head: str, *, demands: bool
    ) -> Iterator[FormPart]:
        due = form.due(record, self.filling.accepts)
        barred = form.barred(record, self.filling.accepts)
        for part in form.fields:
            trail, name = (*above, part), head + part.name
            if not self.filling.may_answer(trail):
                continue
            if part.name in barred and not self._stands(name):
                continue
            is_due = part.name in form.required or part.name in due
            if part.form is None:
                yield self._line(part, name, due.get(part.name, ""), is_due=is_due, demands=demands)
            else:
                yield from self._boxes(part, record, trail, name, is_due=is_due, demands=demands)

    def _stands(self, name: str) -> bool:
        return any(
            key == name or key.startswith(f"{name}.")
            for key, texts in self.texts.items()
            if any(map(str.strip, texts))
        )

    def _line(
        self, part: Field, name: str, reason: str, *, is_due: bool, demands: bool
    ) -> FormLine:
        filling, leaf = self.filling, part.item or part
        texts = tuple(self.texts.get(name, ()))
        words = filling.offer(part)
        if "boolean" in leaf.types:
            words = {"да": "", "нет": ""}
        wrong = self.wrong.get(name, "")
        if is_due and demands and not wrong and not any(map(str.strip, texts)):
            wrong = reason or "Здесь нужен ответ"
        return FormLine(
            name,
            part.title,
            part.description,
            texts,
            words,
            is_choice=bool(words) and not part.is_list and len(words) <= _LISTED,
            is_list=part.is_list,
            is_long=not words and not part.is_list and filling.accepts(leaf.ref, "а\nб"),
            is_date=leaf.is_date,
            is_due=is_due,
            is_rare=not (is_due or part.is_asked or wrong or any(texts)),
            reason=reason,
            wrong=wrong,
        )

    def _boxes(  # noqa: PLR0913 - as FormLine
        self,
        part: Field,
        record: Mapping[str, Any],
        trail: Trail,
        name: str,
        *,
        is_due: bool,
        demands: bool,
    ) -> Iterator[FormBox]:
        assert part.form is not None, "a field with fields inside"
        value = record.get(part.name)
        is_asked = is_due or part.is_asked
        if not part.is_list:
            inside = value if isinstance(value, dict) else {}
            stands = is_due or bool(inside) or self._stands(name)
            parts = tuple(
                self._lay(part.form, inside, trail, f"{name}.", demands=demands and stands)
            )
            is_open = stands or is_asked
            yield FormBox(name, part.title, part.description, parts, is_open, not is_open)
            return
        items = value if isinstance(value, list) else []
        count = max(count_items(self.texts, name), len(items), int(is_asked))
        count += name == self.grown
        for number in range(1, count + 1):
            own = f"{name}.{number}"
            inside = items[number - 1] if number <= len(items) else {}
            must = bool(inside) or self._stands(own) or (is_due and number == 1)
            parts = tuple(self._lay(part.form, inside, trail, f"{own}.", demands=demands and must))
            title = f"{part.title}: {number}"
            yield FormBox(own, title, part.description, parts, is_open=True)
        yield FormBox(
            name, part.title, part.description, (), is_open=True, is_rare=not count, grows=name
        )


_LISTED = 300
"""A longer list of words is typed with suggestions, not chosen from."""


def lines_of(parts: Iterable[FormPart]) -> Iterator[FormLine]:
    """Yield every line of the form, those inside boxes too."""
    for part in parts:
        if isinstance(part, FormLine):
            yield part
        else:
            yield from lines_of(part.parts)


def name_at(pointer: str, names: Iterable[str]) -> str:
    """Return the field that a finding's pointer speaks of, "" for none of these.

    The pointer leads from the file, a name from the entry; items are counted from 1 there.
    """
    steps = [str(int(step) + 1) if step.isdecimal() else step for step in pointer.split("/")[1:]]
    known = list(names)
    for start in range(len(steps)):
        said = ".".join(steps[start:])
        above, _, last = said.rpartition(".")
        own = {said, above} if last.isdecimal() else {said}
        found = next((name for name in known if name in own or name.startswith(f"{said}.")), "")
        if found:
            return found
    return ""
