"""Mend a file of records that the reader or its schema refuses, as far as it has one meaning.

`mend` answers with the file as it was meant, every slip told once and in the order of its lines,
and what is left. Nothing is written here: `check` reports and judges on, `check --fix` asks. Every
other line of the file stays byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from papka.core.findings import Code, Finding, Location
from papka.core.kinds import SCHEMA_OF
from papka.core.lookalikes import describe_difference, fold_lookalikes
from papka.core.places import place
from papka.records import file_accidents, reading_codes, yaml_tree
from papka.records import mend_codes as codes
from papka.records.draft import Draft, Mend
from papka.records.editing import block_lines as written_lines
from papka.records.editing import write_scalar
from papka.records.fields import Field, FieldForm
from papka.records.line_mends import ATTEMPTS, SchemaWords, mend_signs
from papka.records.schemas import SchemaSet
from papka.records.strict_yaml import JudgedFile, parse_carefully
from papka.records.value_mends import Declared, Meaning, field_meant, meanings, said_of
from papka.records.yaml_tree import Node, child, node_at, steps_of

_ROUNDS = 40
_Value = Any


class Mended(NamedTuple):
    """A file as it was meant. `data` is None where reading stays hopeless; `alone`: an accident
    with the whole file, told instead of all else; `lines`: the line of the file for each line of
    `data`.
    """

    data: bytes | None
    mends: tuple[Mend, ...]
    alone: Finding | None = None
    lines: tuple[int, ...] = ()
    left: tuple[Finding, ...] = ()

    @property
    def is_sure(self) -> bool:
        return all(mend.sure for mend in self.mends)


Names = Callable[[str, str], Declared]
"""Names declared for a field of a file, by its path and JSON pointer; empty where any will do."""


Fits = Callable[[_Value], bool]
"""Tells whether a value may stand where its schema alone does not say."""


Decisions = Mapping[tuple[str, int, str], int | None]
"""What a person chose where several things may be meant: by the path, line and code of the finding,
the number of the choice from 0, or None to leave the place alone."""
NO_DECISIONS: Decisions = {}


def decision_key(finding: Finding) -> tuple[str, int, str]:
    return finding.where.path, finding.where.line, finding.code.name


def no_names(_path: str, _pointer: str) -> Declared:
    return {}


def mend(
    data: bytes,
    path: str,
    schemas: SchemaSet,
    names: Names = no_names,
    decisions: Decisions = NO_DECISIONS,
) -> Mended:
    """Return the file as it was meant; `path` says by which schema it is judged."""
    alone = file_accidents.recognise(data, path)
    if alone is not None:
        return Mended(None, (), alone)
    found = place(path)
    kind = SCHEMA_OF.get(found.kind, "") if found else ""
    if not kind:
        return Mended(None, ())
    text, first = _decode(data, path)
    if text is None:
        return Mended(None, ())
    job = _Mending(Draft.of(path, text), kind, schemas, names, decisions=decisions)
    if first is not None:
        job.draft.mends.append(first)
    return job.run()


def _decode(data: bytes, path: str) -> tuple[str | None, Mend | None]:
    """Read bytes as the text they hold, and say what was wrong with them."""
    where = Location(path, line=1, column=1)
    if data.startswith(b"\xef\xbb\xbf"):
        text = data[3:].decode("utf-8", "replace")
        return text, Mend(reading_codes.YAML_BOM.at(where))
    told = yaml_tree.decode(data, path)
    if isinstance(told, str):
        return told, None
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "cp1251"):
        guess = "Windows-1251" if encoding == "cp1251" else "UTF-16"
        if guess in told.message:
            try:
                text = data.decode(encoding)
            except UnicodeError:
                continue
            if re.search(r"^[ -]*[a-z_]+:", text, re.MULTILINE):
                return text.lstrip("\ufeff"), Mend(told)
    return None, None


def mend_at(
    data: bytes, fault: Finding, schemas: SchemaSet, names: Names, fits: Fits | None = None
) -> Mended | None:
    """Mend the one value that a rule refuses, when what was meant is sure; else None."""
    found = place(fault.where.path)
    kind = SCHEMA_OF.get(found.kind, "") if found else ""
    text = yaml_tree.decode(data, fault.where.path)
    if not kind or not isinstance(text, str):
        return None
    job = _Mending(Draft.of(fault.where.path, text), kind, schemas, names, fits)
    judged = parse_carefully(text, fault.where.path)
    if judged.root is None or judged.findings:
        return None
    value = judged.root.plain()
    if not job.mend_value(fault, judged.root, value):
        return None
    return job.answer()


def mend_line(data: bytes, finding: Finding, *, sure: bool) -> Mended:
    """Put the line that a finding names as it should stand."""
    lines = data.decode().split("\n")
    at = finding.where.line
    end = "\r" if lines[at - 1].endswith("\r") else ""
    lines[at - 1] = finding.instead + end
    numbers = tuple(range(1, len(lines) + 1))
    return Mended("\n".join(lines).encode(), (Mend(finding, sure),), None, numbers)


def joined(first: Mended, second: Mended) -> Mended:
    """Return two mendings of one file, the second made of the first's data."""
    lines = tuple(first.lines[min(n, len(first.lines)) - 1] for n in second.lines)
    mends = tuple(
        each._replace(
            finding=each.finding.moved(
                replace(
                    each.finding.where,
                    line=first.lines[min(each.finding.where.line, len(first.lines)) - 1],
                )
            )
        )
        for each in second.mends
    )
    return Mended(second.data, first.mends + mends, None, lines)


_UNSEEN = {
    reading_codes.YAML_INVISIBLE: "",
    reading_codes.YAML_BIDI: "",
    reading_codes.YAML_CONTROL: "",
    reading_codes.YAML_LINE_SEPARATOR: " ",
}
_LEFT_TO_VALUES = (reading_codes.YAML_AMBIGUOUS_SCALAR, reading_codes.YAML_NUMBER_TOO_LONG)


class _Mending:
    """One file on its way to what was meant."""

    def __init__(  # noqa: PLR0913 - what a file is judged by
        self,
        draft: Draft,
        kind: str,
        schemas: SchemaSet,
        names: Names,
        fits: Fits | None = None,
        decisions: Decisions = NO_DECISIONS,
    ) -> None:
        self.draft = draft
        self._decisions = decisions
        self._fits = fits
        self._kind = kind
        self._schemas = schemas
        self._names = names
        self._form = schemas.forms.of(kind)
        self._words = SchemaWords(frozenset(_all_names(self._form)), _heading(self._form))

    def run(self) -> Mended:
        draft = self.draft
        file_accidents.mend_first_line(draft, self._words)
        if file_accidents.mend_conflict(draft):
            asked = [one for one in draft.mends if one.finding.code is codes.FILE_CONFLICT]
            chosen = [self._decisions.get(decision_key(one.finding)) for one in asked]
            file_accidents.choose(draft, chosen)
            if None in chosen:
                left = asked[chosen.index(None)].finding
                data = draft.text.encode() if any(one is not None for one in chosen) else None
                return Mended(data, tuple(draft.mends), left)
        self._mend_unseen()
        file_accidents.mend_pasted_twice(draft)
        judged = self._read()
        if judged is None:
            return self._hopeless()
        self._fit()
        return self.answer()

    def answer(self, left: tuple[Finding, ...] | None = None) -> Mended:
        """Return the file as it was meant; with `left` it cannot be read."""
        draft = self.draft
        data = draft.text.encode() if left is None else None
        mends = tuple(draft.finished(each) for each in draft.mends)
        return Mended(data, mends, None, tuple(draft.origin), left or ())

    def _hopeless(self) -> Mended:
        """Say why the file cannot be read on: a table in it, or its first fault alone."""
        draft = self.draft
        table = file_accidents.find_table(draft, self._words.keys)
        if table is not None:
            return Mended(None, tuple(draft.mends), table)
        faults = parse_carefully(draft.text, draft.path).findings
        left = [one.moved(replace(one.where, line=draft.line_of(one.where.line))) for one in faults]
        return self.answer(tuple(left[:1] if len({one.code for one in left}) == 1 else left))

    def _mend_unseen(self) -> None:
        """Take away signs that no screen shows."""
        draft = self.draft
        self._break_lines()
        for number, line in enumerate(draft.lines, 1):
            new = line
            for at, code, _ in reversed(list(yaml_tree.refused(line))):
                if code in _UNSEEN and line[at] != "\r":
                    new = new[:at] + _UNSEEN[code] + new[at + 1 :]
            if new != line:
                at, code, name = next(iter(yaml_tree.refused(line)))
                draft.lines[number - 1] = new
                draft.note_alike(code, number, at + 1, new, name, character=name)

    def _break_lines(self) -> None:
        """Begin a new line where another system's sign for one stands before a field."""
        draft = self.draft
        for number in range(len(draft.lines), 0, -1):
            line = draft.lines[number - 1]
            for at, code, name in reversed(list(yaml_tree.refused(line))):
                if code is not reading_codes.YAML_LINE_SEPARATOR or line[at] == "\r":
                    continue
                if re.match(r" *(?:- )?[a-z_]+:(?: |\Z)", line[at + 1 :]):
                    draft.note_alike(code, number, at + 1, line[:at], name, character=name)
                    draft.put(number, number, [line[:at], line[at + 1 :]])
                    line = line[:at]

    def _read(self) -> JudgedFile | None:
        """Mend lines until the file can be read; None when it cannot."""
        mend_signs(self.draft, self._words.keys)
        for _ in range(_ROUNDS):
            judged = parse_carefully(self.draft.text, self.draft.path)
            faults = [one for one in judged.findings if one.code not in _LEFT_TO_VALUES]
            if not faults:
                return judged if judged.root is not None else None
            if not self._mend_repeats(faults) and not self._try_all(faults[0]):
                return None
        return None

    def _try_all(self, fault: Finding) -> bool:
        """Try what may help at the place of a fault; keep what lets the file be read further."""
        before = (fault.where.line, -self._count(self.draft))
        for attempt in ATTEMPTS:
            trial = self.draft.copy()
            if not attempt(trial, self._words, fault):
                continue
            if self._progress(trial) > before and self._may(trial.mends[-1]):
                self.draft = trial
                return True
        return False

    def _may(self, mended: Mend) -> bool:
        """Tell whether a mend is sure, or was not declined."""
        return mended.sure or self._decisions.get(decision_key(mended.finding), 0) is not None

    def _choose(self, line: int, code: Code, choices: tuple[str, ...]) -> str | None:
        """Return the line that a person chose, or the likeliest; None to leave it alone."""
        key = (self.draft.path, self.draft.line_of(line), code.name)
        chosen = self._decisions.get(key, 0)
        return None if chosen is None else choices[min(chosen, len(choices) - 1)]

    def _progress(self, draft: Draft) -> tuple[float, int]:
        faults = _hard(parse_carefully(draft.text, draft.path).findings)
        return (faults[0].where.line if faults else float("inf"), -len(faults))

    def _count(self, draft: Draft) -> int:
        return len(_hard(parse_carefully(draft.text, draft.path).findings))

    def _mend_repeats(self, faults: list[Finding]) -> bool:
        """Begin a new entry where the fields of the one above are repeated."""
        repeats = [one for one in faults if one.code is reading_codes.YAML_DUPLICATE_KEY]
        if not repeats:
            return False
        first, draft = repeats[0].where.line, self.draft
        if len(repeats) == 1:
            return self._drop_equal_line(repeats[0])
        line = draft.lines[first - 1]
        indent = len(line) - len(line.lstrip(" "))
        if indent < 2 or line.lstrip().startswith("- "):
            return False
        trial = draft.copy()
        new = f"{line[: indent - 2]}- {line[indent:]}"
        trial.put(first, first, [new])
        trial.note(codes.DASH_FORGOTTEN, first, indent - 1, new)
        if self._count(trial) >= len(faults):
            return False
        self.draft = trial
        return True

    def _drop_equal_line(self, repeat: Finding) -> bool:
        """Take away a line that only repeats another of its entry."""
        draft, at = self.draft, repeat.where.line
        earlier = repeat.related[0].line
        if draft.lines[at - 1].strip() != draft.lines[earlier - 1].lstrip("- ").strip():
            return False
        draft.mends.append(Mend(repeat.moved(replace(repeat.where, line=draft.line_of(at)))))
        draft.put(at, at, [])
        return True

    def _fit(self) -> None:
        """Mend names of fields and values until the schema accepts them or nothing helps."""
        done: set[tuple[str, str]] = set()
        for _ in range(_ROUNDS):
            judged = parse_carefully(self.draft.text, self.draft.path)
            if judged.root is None:
                return
            value = judged.root.plain()
            faults = list(judged.findings) or self._schemas.judge(
                self._kind, value, self.draft.path
            )
            changed = False
            for fault in faults:
                key = (fault.code.name, fault.where.pointer)
                if key in done:
                    continue
                done.add(key)
                if self._mend_at(fault, judged.root, value):
                    changed = True
                    break
            if not changed:
                return

    def _mend_at(self, fault: Finding, root: Node, value: _Value) -> bool:
        if fault.code is reading_codes.SCHEMA_UNKNOWN_FIELD:
            return self._mend_name(fault.where.pointer, root, value)
        if fault.code is reading_codes.SCHEMA_BAD_FIELD_NAME:
            return self._mend_free_name(fault.where.pointer, root)
        if fault.code in (reading_codes.SCHEMA_MISSING_FIELD, reading_codes.SCHEMA_NULL):
            return False
        return self.mend_value(fault, root, value)

    def _mend_name(self, pointer: str, root: Node, value: _Value) -> bool:
        """Write the name of a field as the schema knows it."""
        above, _, part = pointer.rpartition("/")
        form = _form_at(self._form, above)
        box = _value_at(value, above)
        found = child(node_at(root, above) or root, part)
        if form is None or not isinstance(box, dict) or found is None or found[0] is None:
            return False
        node, (written,) = found[0], steps_of(f"/{part}")
        meant = field_meant(written, form, box)
        if meant is None or node.start.line != node.end.line:
            return False
        field, sure = meant
        letters, at = describe_difference(written, field.name), node.start
        where = Location(self.draft.path, pointer, at.line, at.column)
        if letters:
            told = codes.LETTERS_ALIKE.at(where, field=f"имя поля «{field.name}»", letters=letters)
        else:
            told = reading_codes.SCHEMA_UNKNOWN_FIELD.at(
                where,
                field=f"«{written}»" if len(written) <= 40 else "с таким именем",
                cure=f"Здесь это поле называется {field.name} ({field.title})",
            )
        return self._replace(told, (self._replaced(node, field.name),), sure=sure)

    def _mend_free_name(self, pointer: str, root: Node) -> bool:
        """Write a name that no schema lists with letters of one alphabet."""
        above, _, part = pointer.rpartition("/")
        found = child(node_at(root, above) or root, part)
        (written,) = steps_of(f"/{part}")
        name = fold_lookalikes(written)
        letters = describe_difference(written, name)
        if found is None or found[0] is None or not letters or not name.isascii():
            return False
        node = found[0]
        where = Location(self.draft.path, pointer, node.start.line, node.start.column)
        told = codes.LETTERS_ALIKE.at(where, field=f"имя поля «{name}»", letters=letters)
        return self._replace(told, (self._replaced(node, name),), sure=True)

    def mend_value(self, fault: Finding, root: Node, value: _Value) -> bool:
        """Write a value as its field wants it."""
        pointer = fault.where.pointer
        field, node = _field_at(self._form, pointer), node_at(root, pointer)
        if field is None or node is None:
            return False
        if node.kind != "scalar" or field.form is not None or field.is_list:
            return self._mend_shape(fault, field, node)
        if node.start.line != node.end.line:
            return False
        raw = self._raw(node)
        if raw in ("~", "null", "Null", "NULL"):
            return False
        period = value.get("period") if isinstance(value, dict) else None
        year = int(period[:4]) if isinstance(period, str) and period[:4].isdecimal() else None
        names = self._names(self.draft.path, pointer)
        found = meanings(raw, field, lambda each: self._fits_field(field, each), names, year)
        choices = tuple(self._replaced(node, write_scalar(each.value)) for each in found)
        if not found or choices[0] == self.draft.lines[node.start.line - 1]:
            return False
        where = Location(self.draft.path, pointer, node.start.line, node.start.column)
        told = _word_value(fault.moved(where), field, raw, found)
        return self._replace(told, choices, sure=found[0].sure and len(found) == 1)

    def _fits_field(self, field: Field, value: _Value) -> bool:
        fits = self._fits is None or self._fits(value)
        return fits and self._schemas.accepts(field.ref, value)

    def _replace(self, told: Finding, choices: tuple[str, ...], *, sure: bool) -> bool:
        """Put a line in place of another, as was chosen; tell whether it was."""
        line = told.where.line
        new = choices[0] if sure else self._choose(line, told.code, choices)
        if new is None:
            return False
        several = choices if len(choices) > 1 else ()
        self.draft.keep(told, line, new, sure=sure, choices=several)
        self.draft.put(line, line, [new])
        return True

    def _mend_shape(self, fault: Finding, field: Field, node: Node) -> bool:
        """Write one value as a list of one, one set of fields as a list, words as a name."""
        draft, at = self.draft, node.start
        if field.is_list and node.kind == "map" and not node.style:
            return self._mend_into_list(node, fault.where.pointer)
        if node.kind != "scalar" or node.start.line != node.end.line:
            return False
        shaped = _shaped(self._raw(node), field, self._schemas)
        if shaped is None:
            return False
        line = draft.lines[at.line - 1]
        head = line[: at.column - 1].rstrip()
        indent = len(head) - len(head.lstrip(" -"))
        if head.endswith("-"):
            first, *rest = written_lines(shaped)
            new = [f"{head} {first}", *(" " * (indent + 2) + each for each in rest)]
        else:
            new = [head, *(" " * (indent + 2) + each for each in written_lines(shaped))]
        told = fault.moved(replace(fault.where, line=at.line, column=at.column))
        whole = "\n".join(new)
        if not field.is_list and self._choose(at.line, told.code, (whole,)) is None:
            return False
        draft.keep(told, at.line, whole, sure=field.is_list)
        draft.put(at.line, at.line, new)
        return True

    def _mend_into_list(self, node: Node, pointer: str) -> bool:
        draft = self.draft
        first, last = node.start.line, _last_line(node)
        indent = node.start.column - 1
        trial = draft.copy()
        body = trial.lines[first - 1 : last]
        if indent < 2 or any(line.strip() and not line.startswith(" " * indent) for line in body):
            return False
        inside = len(body[0]) - len(body[0].lstrip(" ")) == indent
        key_indent = indent - 2
        above = trial.lines[first - 2] if first > 1 else ""
        level = len(above) - len(above.lstrip(" "))
        shift = 0 if inside and key_indent > level else 2
        new = [(" " * shift + line) if line.strip() else line for line in body]
        at = indent + shift - 2
        new[0] = f"{' ' * at}- {new[0].lstrip(' ')}"
        trial.put(first, last, new)
        trial.note(codes.DASH_FORGOTTEN, first, indent + 1, new[0], pointer=pointer)
        if _hard(parse_carefully(trial.text, trial.path).findings):
            return False
        self.draft = trial
        return True

    def _raw(self, node: Node) -> str:
        """Return a value's text as written, without the quotes of YAML around it."""
        if node.style in ("'", '"'):
            return str(node.value)
        line = self.draft.lines[node.start.line - 1]
        return line[node.start.column - 1 : node.end.column - 1]

    def _replaced(self, node: Node, text: str) -> str:
        line = self.draft.lines[node.start.line - 1]
        return line[: node.start.column - 1] + text + line[node.end.column - 1 :]


_OF_READING = ("YAML_", "SCHEMA_")


def _word_value(fault: Finding, field: Field, raw: str, found: list[Meaning]) -> Finding:
    """Say what is wrong with a value, whose meanings are known, and what to do."""
    first, title = found[0], f"«{field.name}» ({field.title})"
    letters = said_of(raw, first)
    if letters:
        return codes.LETTERS_ALIKE.at(fault.where, field=title, letters=letters)
    hint = first.how[0].upper() + first.how[1:]
    if len(found) > 1:
        hint += "; выберите, что имелось в виду"
    if not fault.code.name.startswith(_OF_READING) or _misleads(fault, field):
        told = codes.VALUE_FORM.at(fault.where, field=title, how=first.how)
        return told if len(found) == 1 else replace(told, hint=hint)
    return replace(fault, hint=hint)


def _misleads(fault: Finding, field: Field) -> bool:
    """Tell whether the type of a value is not what a person got wrong about it."""
    if fault.code is reading_codes.SCHEMA_WRONG_TYPE:
        return field.is_date
    return fault.code is reading_codes.YAML_AMBIGUOUS_SCALAR and bool(field.choices)


def _hard(findings: tuple[Finding, ...]) -> list[Finding]:
    return [one for one in findings if one.code not in _LEFT_TO_VALUES]


def _last_line(node: Node) -> int:
    last = node
    while last.items:
        last = last.items[-1]
    return last.end.line if last.kind == "scalar" else last.start.line


def _all_names(form: FieldForm) -> set[str]:
    """List the names of all fields of a form and of the forms inside."""
    names = set()
    for field in form.fields:
        names.add(field.name)
        if field.form is not None:
            names |= _all_names(field.form)
    return names


def _heading(form: FieldForm) -> str:
    """Return the field that holds a file's entries; "" when it is no list of entries."""
    lists = [field.name for field in form.fields if field.is_list and field.form is not None]
    return lists[0] if len(lists) == 1 and len(form.fields) <= 2 else ""


def _form_at(form: FieldForm, pointer: str) -> FieldForm | None:
    """Return the form of the mapping at a JSON pointer."""
    if not pointer:
        return form
    field = _field_at(form, pointer)
    return field.form if field is not None else None


def _field_at(form: FieldForm, pointer: str) -> Field | None:
    """Return the field at a JSON pointer, or the item of a list there; None when unknown."""
    found: Field | None = None
    for step in steps_of(pointer):
        if found is not None and found.is_list and step.isdecimal():
            title, found = found.title, found.item
            if found is not None and found.form is None:
                found = replace(found, title=title)
            continue
        inside = found.form if found is not None else form
        found = inside.field(step) if inside is not None else None
        if found is None:
            return None
    return found


def _value_at(value: _Value, pointer: str) -> _Value:
    for step in steps_of(pointer):
        if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        elif isinstance(value, dict) and step in value:
            value = value[step]
        else:
            return None
    return value


_NAME = ("surname", "given", "patronymic")


def _shaped(raw: str, field: Field, schemas: SchemaSet) -> _Value:
    """Return the list or the fields that one line of text stands for; None when it is no such."""
    if field.is_list and field.item is not None:
        parts = [part.strip() for part in re.split(r"[,;]", raw) if part.strip()]
        items = [part if field.item.form is None else _shaped(part, field.item, schemas)
                 for part in parts]  # fmt: skip
        if all(each is not None and schemas.accepts(field.item.ref, each) for each in items):
            return items
        return None
    form = field.form
    if form is None:
        return None
    names = [one.name for one in form.fields]
    if all(name in names for name in _NAME):
        words = raw.split()
        if 2 <= len(words) <= 4:
            found = dict(zip(_NAME, [*words[:2], " ".join(words[2:])], strict=True))
            return {name: word for name, word in found.items() if word}
        return None
    first = form.fields[0]
    if schemas.accepts(first.ref, raw):
        return {first.name: raw}
    return None
