"""Fields that a schema asks a person to fill in, and the record their answers make.

All fields, words and duties come from the schemas, so a field or a kind added there needs no code
here; `ref` names the place in the schemas that judges a value. An answer is one text a field; a
dotted name (`ended.date`) is a field inside a field. Answers to a list's fields fill its last item;
one that is already answered there begins the next item.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from papka.core import cells
from papka.core.cells import folded
from papka.core.lookalikes import find_nearest
from papka.core.phrases import NoSuchDay, read_day
from papka.core.places import read_address, read_entry_id
from papka.records.schema_messages import advise_choice
from papka.records.schema_outline import Schema, expects_date, referred_by
from papka.records.yaml_tree import escaped, steps_of

Accepts = Callable[[str, object], bool]
"""Tells whether the part of the schemas that a ref names accepts a value."""

_COMPLAINTS = ("patternErrorMessage", "errorMessage")
_ID = re.compile(r"\^([a-z])\[1-9\]")


@dataclass(frozen=True, slots=True)
class Field:
    """One key of a mapping.

    `types` are JSON types; `choices` with `notes` are its only words; `complaint` says what a good
    value looks like. A person is asked for a field that `is_asked` although it may be absent.
    `owed` are the items that a list must hold: the ref that accepts one, and the schema's reason.
    `form` is the inside of a mapping or of a list's items. `targets`: what the value is the name
    of, as `x-refers-to` says.
    """

    name: str
    title: str
    description: str
    ref: str
    types: tuple[str, ...]
    choices: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    complaint: str = ""
    default: Any = None
    is_date: bool = False
    is_asked: bool = False
    owed: tuple[tuple[str, str], ...] = ()
    item: Field | None = None
    form: FieldForm | None = None
    targets: tuple[str, ...] = ()

    @property
    def is_list(self) -> bool:
        return "array" in self.types

    @property
    def letter(self) -> str:
        """The letter of entry ids, when this is such an id: r of `^r[1-9][0-9]*$`."""
        found = _ID.match(self.complaint) if self.name == "id" else None
        return found[1] if found else ""


@dataclass(frozen=True, slots=True)
class FieldCondition:
    """Fields that are `required` or `forbidden` when the schema at `test` accepts the record."""

    test: str
    required: tuple[str, ...]
    forbidden: tuple[str, ...]
    message: str


@dataclass(frozen=True, slots=True)
class FieldForm:
    """A mapping: its fields in the schema's order; `word` is its name among the definitions."""

    word: str
    title: str
    description: str
    fields: tuple[Field, ...]
    required: frozenset[str]
    conditions: tuple[FieldCondition, ...] = ()

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    @property
    def letter(self) -> str:
        """The letter of its entries' ids; "" when they have none."""
        return next((field.letter for field in self.fields if field.letter), "")

    def due(self, value: Mapping[str, Any], accepts: Accepts) -> dict[str, str]:
        """Return the fields due but absent, in the form's order: name -> the schema's reason."""
        names = dict.fromkeys(self.required, "")
        for condition in self.conditions:
            if condition.required and accepts(condition.test, value):
                names |= dict.fromkeys(condition.required, condition.message)
        return {
            field.name: names[field.name]
            for field in self.fields
            if field.name in names and field.name not in value
        }

    def barred(self, value: Mapping[str, Any], accepts: Accepts) -> frozenset[str]:
        """Return the fields that may not stand beside what already does."""
        found = {field.name for field in self.fields if field.types == ("nothing",)}
        for condition in self.conditions:
            if condition.forbidden and accepts(condition.test, value):
                found.update(condition.forbidden)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class FieldListing:
    """A list of entries in a file: its JSON pointer, and the form of an entry."""

    schema: str
    pointer: str
    form: FieldForm

    @property
    def kind(self) -> str:
        """The command's word for an entry: `formerName` -> `former-name`."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "-", self.form.word).lower()


class FieldForms:
    """The forms of one set of schemas (file name -> schema)."""

    def __init__(self, files: Mapping[str, Schema]) -> None:
        self._files = files

    def of(self, name: str) -> FieldForm:
        """Return the form of a whole file."""
        return self._form(f"{name}.json#", name)

    def listings(self, name: str) -> Iterator[FieldListing]:
        """Yield every list of mappings that a file of this schema can hold, outside other lists."""
        yield from _find_listings(name, "", self.of(name))

    def _form(self, ref: str, word: str) -> FieldForm:
        chain = list(self._chain(ref))
        merged = _merge(chain)
        where, owner = next(((r, s) for r, s in chain if "properties" in s), chain[-1])
        fields = tuple(
            self._field(key, f"{where}/properties/{escaped(key)}")
            for key in owner.get("properties", {})
        )
        return FieldForm(
            word,
            merged.get("title", ""),
            merged.get("description", ""),
            fields,
            frozenset(owner.get("required", ())),
            tuple(_read_conditions(where, owner)),
        )

    def _field(self, name: str, ref: str) -> Field:
        chain = list(self._chain(ref))
        merged = _merge(chain)
        types = merged.get("type", ())
        types = (types,) if isinstance(types, str) else tuple(types)
        last, _ = chain[-1]
        item = form = None
        if not chain[0][1] and self._at(ref) is False:
            types = ("nothing",)
        elif "array" in types and "items" in merged:
            owner = next(r for r, s in chain if "items" in s)
            item = self._field(name, f"{owner}/items")
            form = item.form
        elif "properties" in merged:
            types = types or ("object",)
            form = self._form(ref, last.rpartition("/")[2])
        complaint = next((merged[word] for word in _COMPLAINTS if word in merged), "")
        if name == "id" and "pattern" in merged:
            complaint = merged["pattern"]
        return Field(
            name,
            merged.get("title", name),
            merged.get("description", ""),
            ref,
            types or ("string",),
            tuple(str(word) for word in merged.get("enum", ())),
            tuple(merged.get("enumDescriptions", ())),
            complaint,
            merged.get("default"),
            any(expects_date(schema) for _, schema in chain),
            bool(chain[0][1].get("x-ask")),
            tuple(owed for where, schema in chain for owed in _read_owed(where, schema)),
            item,
            form,
            self.targets_at(ref) or (item.targets if item else ()),
        )

    def targets_at(self, ref: str) -> tuple[str, ...]:
        """Return what the value at a ref is the name of; () when these schemas have no such ref."""
        try:
            found = [each for _, schema in self._chain(ref) for each in referred_by(schema)]
        except (KeyError, IndexError, TypeError):
            return ()
        return tuple(dict.fromkeys(found))

    def _chain(self, ref: str) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield the schema at a ref and those it refers to, the nearest first."""
        seen = set()
        while ref not in seen:
            seen.add(ref)
            schema = self._at(ref)
            if not isinstance(schema, dict):
                yield ref, {}
                return
            yield ref, schema
            target = schema.get("$ref")
            if target is None:
                return
            file, _, pointer = target.partition("#")
            ref = f"{file or ref.partition('#')[0]}#{pointer}"

    def _at(self, ref: str) -> Schema:
        file, _, pointer = ref.partition("#")
        schema: Schema = self._files[file]
        for key in steps_of(pointer):
            schema = schema[int(key) if isinstance(schema, list) else key]
        return schema


def _find_listings(name: str, pointer: str, form: FieldForm) -> Iterator[FieldListing]:
    for field in form.fields:
        below = f"{pointer}/{escaped(field.name)}"
        if field.form is None:
            continue
        if field.is_list:
            yield FieldListing(name, below, field.form)
        else:
            yield from _find_listings(name, below, field.form)


def _merge(chain: list[tuple[str, dict[str, Any]]]) -> dict[str, Any]:
    """Merge the schemas of a chain; the nearest has the last word."""
    found: dict[str, Any] = {}
    for _, schema in reversed(chain):
        found |= schema
    return found


def _read_conditions(ref: str, schema: dict[str, Any]) -> Iterator[FieldCondition]:
    parts = [(f"{ref}/allOf/{n}", part) for n, part in enumerate(schema.get("allOf", ()))]
    for where, part in [(ref, schema), *parts]:
        then = part.get("then") if isinstance(part, dict) else None
        if "if" not in part or not isinstance(then, dict):
            continue
        barred = tuple(k for k, v in then.get("properties", {}).items() if v is False)
        yield FieldCondition(
            f"{where}/if", tuple(then.get("required", ())), barred, then.get("errorMessage", "")
        )


def _read_owed(ref: str, schema: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for number, part in enumerate(schema.get("allOf", ())):
        if isinstance(part, dict) and "contains" in part:
            yield f"{ref}/allOf/{number}/contains", part.get("errorMessage", "")


Trail = tuple[Field, ...]
"""From a field of the form down to the one answered."""

_INTEGER = re.compile(r"[-+]?\d{1,15}")
_NUMBER = re.compile(r"[-+]?\d{1,15}(?:[.,]\d{1,15})?")
_TRUTH = {"да": True, "true": True, "нет": False, "false": False}


class BadAnswer(Exception):
    """An answer that does not fit; `str()` says what a good one looks like."""


def read_answer(field: Field, text: str, accepts: Accepts) -> Any:  # noqa: ANN401 - a YAML value
    """Read the value a text gives this field, or an item of its list. Raise BadAnswer.

    Dates may be written 28.05.2026, telephones 8 (900) 000-00-55; quotes around a number make it
    text.
    """
    leaf = field.item if field.is_list and field.item is not None else field
    value = _convert(leaf, text.strip())
    if leaf.choices:
        if value not in leaf.choices:
            found = find_nearest(str(value), leaf.choices)
            if folded(found) != folded(str(value)):
                raise BadAnswer(advise_choice(value, leaf.choices))
            value = found
    elif not accepts(leaf.ref, value):
        phone = cells.phone(text, can_ask=True)
        for other in (phone, read_address(text), read_entry_id(text)):
            if other is not None and accepts(leaf.ref, other):
                return other
        raise BadAnswer(leaf.complaint or f"«{text}» сюда не подходит")
    return value


def trails(form: FieldForm) -> Iterator[Trail]:
    """Yield the way down to every field that takes a value, in the form's order."""
    for field in form.fields:
        if field.form is None:
            yield (field,)
        else:
            yield from ((field, *below) for below in trails(field.form))


def dotted_name(trail: Trail) -> str:
    return ".".join(field.name for field in trail)


def make_record(answers: Iterable[tuple[Trail, Any]]) -> dict[str, Any]:
    """Make a record of answers, in the order they were given."""
    record: dict[str, Any] = {}
    for trail, value in answers:
        _put_answer(record, trail, value)
    return record


def order_keys(form: FieldForm, record: Mapping[str, Any]) -> dict[str, Any]:
    """Order the keys of a record as the form lists them; those it does not know come last."""
    names = [field.name for field in form.fields]
    keys = sorted(record, key=lambda key: names.index(key) if key in names else len(names))
    return {key: _order_inside(form.field(key), record[key]) for key in keys}


def _order_inside(field: Field | None, value: object) -> object:
    if field is None or field.form is None:
        return value
    if isinstance(value, list):
        return [order_keys(field.form, item) if isinstance(item, dict) else item for item in value]
    return order_keys(field.form, value) if isinstance(value, dict) else value


def _put_answer(record: dict[str, Any], trail: Trail, value: object) -> None:
    box: dict[str, Any] = record
    deepest: tuple[list[Any], int] | None = None
    for depth, field in enumerate(trail[:-1], 1):
        if field.is_list:
            items = box.setdefault(field.name, [])
            if not items:
                items.append({})
            deepest = (items, depth)
            box = items[-1]
        else:
            box = box.setdefault(field.name, {})
    leaf = trail[-1]
    if leaf.is_list:
        box.setdefault(leaf.name, []).append(value)
        return
    if leaf.name in box and deepest is not None:
        items, depth = deepest
        box = {}
        items.append(box)
        for field in trail[depth:-1]:
            box = box.setdefault(field.name, {})
    box[leaf.name] = value


def _convert(field: Field, text: str) -> Any:  # noqa: ANN401 - a YAML value
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    if field.is_date:
        try:
            found = read_day(text)
        except NoSuchDay as error:
            raise BadAnswer(str(error)) from None
        if found is not None:
            return found.isoformat()
    types = field.types
    if {"integer", "number"} & set(types) and _INTEGER.fullmatch(text):
        return int(text)
    if "number" in types and _NUMBER.fullmatch(text):
        number = float(text.replace(",", "."))
        return int(number) if number.is_integer() else number
    if "boolean" in types and text.casefold() in _TRUTH:
        return _TRUTH[text.casefold()]
    return text
