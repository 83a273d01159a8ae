"""Slips in lines: spaces, tabs, dashes and colons that are not those of the keyboard.

What has one meaning wherever it stands is put right at once; what depends on the lines around it is
tried where reading stopped, and kept only when the file can be read further.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from functools import partial
from typing import NamedTuple

from papka.core.findings import Code, Finding, Location
from papka.core.lookalikes import ODD_DASHES, ODD_SPACES, UNSEEN, fold_lookalikes, retype
from papka.records import mend_codes as codes
from papka.records.draft import Draft
from papka.records.editing import write_scalar
from papka.records.reading_codes import (
    YAML_ALIAS,
    YAML_ANCHOR,
    YAML_BAD_ESCAPE,
    YAML_BAD_INDENT,
    YAML_BRACKET_NOT_CLOSED,
    YAML_COLON_IN_VALUE,
    YAML_DIRECTIVE,
    YAML_NO_COLON,
    YAML_NO_SPACE_AFTER_COLON,
    YAML_QUOTE_NOT_CLOSED,
    YAML_RESERVED_CHARACTER,
    YAML_SYNTAX,
    YAML_TAB,
    YAML_TAB_INDENT,
    YAML_TAG,
    YAML_TEXT_AFTER_VALUE,
)
from papka.records.text_doubts import free_lines

_ODD = f"{ODD_SPACES}{UNSEEN}\t"
_INDENT = re.compile(f"[ {_ODD}]*")
_NAMES = {
    "\u00a0": "неразрывный пробел",
    "\u202f": "узкий неразрывный пробел",
    "\u200b": "пробел нулевой ширины",
    "\ufeff": "невидимая метка (BOM)",
}
_DASH = re.compile(
    rf"(?P<in> *)(?P<sign>[{ODD_DASHES}*•·+−])(?P<gap>[ {_ODD}]*)(?P<rest>(?=\S).*)\Z"
)
_GLUED_DASH = re.compile(r"(?P<in> *)-(?P<rest>[\w\"]+\s*:(?:\s.*|)\Z)")
_AFTER_DASH = re.compile(f"(?P<head> *-)(?P<gap>[ ]*[{_ODD}][ {_ODD}]*)(?P<rest>.*)\\Z")
_KEYED = re.compile(
    f"(?P<head> *(?:- +)*)(?P<key>[\\w-]+)(?P<sign>[ {_ODD}]*[:：;=Жж∶][ {_ODD}]*)(?P<rest>.*)\\Z"
)
_KEYED_ODD = re.compile(
    r"(?P<head> *(?:- +)*)(?P<key>[a-z_]+)"
    rf"(?P<sign> *(?:[.,{ODD_DASHES}]|(?<= )-) +)(?P<rest>\S.*)\Z"
)
_BEGUN_WORD = re.compile(r"[ \t]+[Жж][^\W\d_]")
"""A word that begins with the letter, no letter typed for a colon."""
_LISTED = re.compile(r"(?P<in> *)(?:\d{1,3}[.)]|[-*•] ?\[[ xхXХ]?\]) *(?P<rest>(?=\S).*)\Z")
_TAB_BEFORE_COMMENT = re.compile(r"(?P<head>.*?\S)(?P<gap> *\t[ \t]*)(?P<rest>#.*)\Z")
_BARE_KEY = re.compile(r"(?P<head> *(?:- +)*)(?P<key>[a-z_]+)(?P<gap> +)(?P<rest>[^\s:].*)\Z")
_KEY_LINE = re.compile(r"(?P<head> *(?:- +)*)(?P<key>[\w-]+):(?P<gap> +)(?P<rest>\S.*?)\s*\Z")


def mend_signs(draft: Draft, keys: Collection[str]) -> None:
    """Put right what has one meaning in any line; `keys` are all field names of the schema."""
    for number in list(free_lines(draft.lines)):
        line = draft.lines[number - 1]
        if not line.strip(" \r"):
            continue
        if not line.strip():
            draft.lines[number - 1] = _mend_end(draft, number, line, keys)
            continue
        if line.lstrip().startswith("#"):
            draft.lines[number - 1] = _mend_indent(draft, number, line, keys)
            continue
        for rule in (_mend_indent, _mend_dash, _mend_after_dash, _mend_colon, _mend_end):
            line = rule(draft, number, line, keys)
        draft.lines[number - 1] = line


def _mend_indent(draft: Draft, number: int, line: str, keys: Collection[str]) -> str:
    indent = _INDENT.match(line)
    head = indent[0] if indent else ""
    odd = next((char for char in head if char != " "), "")
    if not odd:
        return line
    rest = line[len(head) :]
    spaces = re.sub(f"[{UNSEEN}]", "", head)
    spaces = re.sub(f"[{ODD_SPACES}]", " ", spaces)
    if "\t" in spaces:
        spaces = " " * _tab_indent(draft, number, spaces, rest)
    elif _key_of(rest) in keys and not head.startswith(" ") and len(spaces) == 1:
        spaces = ""
    new = spaces + rest
    column = head.index(odd) + 1
    if odd == "\t":
        draft.note_alike(YAML_TAB_INDENT, number, column, new, "indent")
    else:
        draft.note_alike(codes.SPACE_ODD, number, column, new, odd, what=_name(odd))
    return new


def _tab_indent(draft: Draft, number: int, head: str, rest: str) -> int:
    """Choose the indent that stands for tabs: that of the line above, or one level off it."""
    above = next(
        (line for line in reversed(draft.lines[: number - 1]) if line.strip(" \r")), ""
    ).rstrip("\r")
    indent = len(above) - len(above.lstrip(" "))
    content = indent + 2 * len(re.findall(r"(?:(?<=\A)|(?<= ))- ", above[indent : indent + 2]))
    if not above or above.startswith("#"):
        return 0
    levels = len(head.replace("    ", "\t").replace("  ", "\t").strip(" "))
    if rest.startswith("- "):
        return content + 2 if above.endswith(":") else min(content, max(2 * levels, 0)) or 2
    if above.endswith(":"):
        return content + 2
    return content


def _key_of(rest: str) -> str:
    found = re.match(r"(?:- +)*([\w-]+)\s*:", rest)
    return found[1] if found else ""


def _mend_dash(draft: Draft, number: int, line: str, keys: Collection[str]) -> str:
    found = _DASH.match(line)
    if found and (_key_of(found["rest"]) in keys or _is_item_beside(draft, number, found["in"])):
        new = f"{found['in']}- {found['rest']}"
        what = {"–": "среднее тире «–»", "—": "длинное тире «—»"}.get(
            found["sign"], f"«{found['sign']}»"
        )
        column = len(found["in"]) + 1
        draft.note_alike(codes.DASH_ODD, number, column, new, found["sign"], what=what)
        return new
    listed = _LISTED.match(line)
    if listed and _key_of(listed["rest"]) in keys:
        new = f"{listed['in']}- {listed['rest']}"
        what = f"«{line[: listed.start('rest')].strip()}»"
        draft.note_alike(codes.DASH_ODD, number, len(listed["in"]) + 1, new, "list", what=what)
        return new
    glued = _GLUED_DASH.match(line)
    if glued and _key_of(glued["rest"]) in keys:
        new = f"{glued['in']}- {glued['rest']}"
        draft.note_alike(codes.DASH_GLUED, number, len(glued["in"]) + 1, new, "")
        return new
    return line


def _is_item_beside(draft: Draft, number: int, indent: str) -> bool:
    """Tell whether the line above or below is an item of a list with the same indent."""
    beside = draft.lines[max(number - 2, 0) : number - 1] + draft.lines[number : number + 1]
    return any(line.startswith(f"{indent}- ") for line in beside)


def _mend_after_dash(draft: Draft, number: int, line: str, _: Collection[str]) -> str:
    found = _AFTER_DASH.match(line)
    if found is None:
        return line
    odd = next(char for char in found["gap"] if char != " ")
    new = f"{found['head']} {found['rest']}"
    column = len(found["head"]) + found["gap"].index(odd) + 1
    if odd == "\t":
        draft.note_alike(YAML_TAB, number, column, new, "dash")
    else:
        draft.note_alike(codes.SPACE_ODD, number, column, new, odd, what=_name(odd))
    return new


def _mend_colon(draft: Draft, number: int, line: str, keys: Collection[str]) -> str:
    bare = line.rstrip("\r")
    end = line[len(bare) :]
    found = _KEYED.match(bare)
    if found is None or (
        found["key"][-1] not in "Жж" and _BEGUN_WORD.match(found["sign"] + found["rest"])
    ):
        found = _KEYED_ODD.match(bare)
        if found is None or found["key"] not in keys:
            return line
    key, sign, rest = found["key"], found["sign"], found["rest"]
    if key[-1:] in "Жж" and key[:-1]:
        letter = sign.strip(f" {_ODD}")
        if letter in "Жж":  # the first letter of the value
            sign, rest = " ", letter + rest
        key, sign = key[:-1], key[-1] + sign
    typed = "Ж" in sign or "ж" in sign
    if key not in keys and not (key.isascii() if typed else sign.strip(f" {_ODD}") == ":"):
        if not typed or retype(key) not in keys:
            return line
        key = retype(key)
    column = len(found["head"]) + len(found["key"]) + 1
    new = f"{found['head']}{key}:{' ' + rest if rest else ''}{end}"
    body = sign.strip(f" {_ODD}")
    if body != ":" or key != found["key"]:
        what = {"Ж": "буква «Ж»", "ж": "буква «ж»", ";": "точка с запятой"}.get(
            body, f"«{body or sign.strip()}»"
        )
        draft.note_alike(codes.SIGN_ODD, number, column, new, body, what=what)
        return new
    odd = next((char for char in sign if char not in ": "), "")
    if odd == "\t" and rest:
        at = column + sign.index(odd)
        draft.note_alike(YAML_TAB, number, at, new, "colon")
        return new
    if odd and odd != "\t":
        at = column + sign.index(odd)
        draft.note_alike(codes.SPACE_ODD, number, at, new, odd, what=_name(odd))
        return new
    return line


def _mend_end(draft: Draft, number: int, line: str, _: Collection[str]) -> str:
    """Take away tabs and odd spaces at the end of a line, and a tab before its comment."""
    bare = line.rstrip("\r")
    if (found := _TAB_BEFORE_COMMENT.match(bare)) and not _in_quotes(found["head"]):
        new = f"{found['head']}  {found['rest']}{line[len(bare) :]}"
        draft.note_alike(YAML_TAB, number, found.start("gap") + 1, new, "comment")
        return new
    stripped = re.sub(f"[ \t{ODD_SPACES}]+\\Z", "", bare)
    odd = next((char for char in bare[len(stripped) :] if char != " "), "")
    if not odd or _in_quotes(bare):
        return line
    new = stripped + line[len(bare) :]
    column = bare.index(odd, len(stripped)) + 1
    if odd == "\t":
        draft.note_alike(YAML_TAB, number, column, new, "end")
    else:
        draft.note_alike(codes.SPACE_ODD, number, column, new, odd, what=_name(odd))
    return new


def _in_quotes(line: str) -> bool:
    """Tell whether a quote may be open at the end of the line."""
    return line.count('"') % 2 == 1 or (": '" in line and line.count("'") % 2 == 1)


def _name(char: str) -> str:
    return _NAMES.get(char, f"знак U+{ord(char):04X}")


class SchemaWords(NamedTuple):
    """What a schema knows: all names of its fields, and the field that holds the entries."""

    keys: frozenset[str]
    heading: str = ""


Attempt = Callable[[Draft, SchemaWords, Finding], bool]
"""Tries to change the working copy at the line of a fault; tells whether it did."""


def try_quotes(draft: Draft, _: SchemaWords, fault: Finding) -> bool:
    """Put a value in quotes that begins with, or holds, a sign of YAML."""
    number = fault.where.line
    line = draft.lines[number - 1]
    bare = line.rstrip("\r")
    found = _KEY_LINE.match(bare)
    if found is None or fault.code not in _IN_QUOTES:
        return False
    value = found["rest"]
    new = f"{found['head']}{found['key']}: {_requoted(value, fault.code)}"
    if new == bare.rstrip():
        return False
    draft.put(number, number, [new + line[len(bare) :]])
    draft.keep(fault, number, new, hint="Возьмите в кавычки всё значение")
    return True


_IN_QUOTES = (
    YAML_COLON_IN_VALUE,
    YAML_RESERVED_CHARACTER,
    YAML_ALIAS,
    YAML_ANCHOR,
    YAML_TAG,
    YAML_DIRECTIVE,
    YAML_BRACKET_NOT_CLOSED,
    YAML_TEXT_AFTER_VALUE,
    YAML_QUOTE_NOT_CLOSED,
    YAML_BAD_ESCAPE,
    YAML_SYNTAX,
)
"""Codes of values that are right once they stand in quotes."""


def _requoted(value: str, code: Code) -> str:
    """Write a value so that it is one text."""
    if value[0] in "“„”" and value[-1] in "“”":
        return f'"{value[1:-1]}"'
    if code is YAML_QUOTE_NOT_CLOSED and value[0] in "\"'":
        inner = value[1:]
        if value[0] not in inner:
            return f"{value}{value[0]}"
    if code is YAML_BAD_ESCAPE and value[0] == value[-1] == '"':
        return "'" + value[1:-1].replace("'", "''") + "'"
    return write_scalar(value)


def try_bracket(draft: Draft, _: SchemaWords, fault: Finding) -> bool:
    """Close the bracket of a list of words on one line."""
    number = fault.where.line
    line = draft.lines[number - 1]
    found = re.match(r" *(?:- +)*[\w-]+: +\[(?:[\w-]+, *)*[\w-]+\Z", line.rstrip())
    if fault.code is not YAML_BRACKET_NOT_CLOSED or found is None:
        return False
    draft.put(number, number, [f"{found[0]}]"])
    draft.keep(fault, number, f"{found[0]}]", hint="Закройте скобку: ]")
    return True


def try_comment(draft: Draft, words: SchemaWords, fault: Finding) -> bool:
    """Take a line of prose between fields for a comment whose # was lost; a person is asked."""
    number = fault.where.line
    line = draft.lines[number - 1]
    if fault.code is not YAML_NO_COLON or not re.match(r"[А-ЯЁа-яё]+ \S|https?:/", line):
        return False
    if _key_of(line) in words.keys or retype(line.split(" ")[0]) in words.keys:
        return False
    draft.put(number, number, [f"# {line}"])
    hint = "Если это примечание, поставьте перед ним «# »; лишнее удалите"
    draft.keep(fault, number, f"# {line}", sure=False, hint=hint)
    return True


def try_colon(draft: Draft, words: SchemaWords, fault: Finding) -> bool:
    """Add the colon that a field lacks: `mark 5`, or the space after it: `mark:5`."""
    number = fault.where.line
    for at in (number, number - 1):
        line = draft.lines[at - 1] if 0 < at <= len(draft.lines) else ""
        bare = line.rstrip("\r")
        glued = re.match(r"(?P<head> *(?:- +)*)(?P<key>[\w-]+):(?P<rest>[^\s].*)\Z", bare)
        found = glued or _BARE_KEY.match(bare)
        if found is None or fold_lookalikes(found["key"]) not in words.keys:
            continue
        new = f"{found['head']}{found['key']}: {found['rest']}"
        draft.put(at, at, [new + line[len(bare) :]])
        column = len(found["head"]) + len(found["key"]) + 1
        code = YAML_NO_SPACE_AFTER_COLON if glued else YAML_NO_COLON
        draft.keep(code.at(Location(draft.path, line=at, column=column)), at, new)
        return True
    return False


def try_double_dash(draft: Draft, words: SchemaWords, fault: Finding) -> bool:
    """Take one of two dashes away: `- - id`."""
    number = fault.where.line
    for at in range(number, max(number - 12, 0), -1):
        line = draft.lines[at - 1] if at <= len(draft.lines) else ""
        found = re.match(r"(?P<in> *)- +- +(?P<rest>.*)\Z", line)
        if found and _key_of(found["rest"]) in words.keys:
            new = f"{found['in']}- {found['rest']}"
            draft.put(at, at, [new])
            draft.note(codes.DASH_TWICE, at, len(found["in"]) + 3, new)
            return True
    return False


def try_heading(draft: Draft, words: SchemaWords, fault: Finding) -> bool:
    """Return the heading of the list that begins here without one."""
    number = fault.where.line
    heading = words.heading
    if not heading or any(line.startswith(f"{heading}:") for line in draft.lines):
        return False
    first = next((n for n, line in enumerate(draft.lines, 1) if re.match(r" +- ", line)), 0)
    if not first or first > number:
        return False
    draft.put(first, first - 1, [f"{heading}:"])
    draft.note(codes.HEADING_LOST, first, 1, f"{heading}:", name=heading)
    return True


def try_unquoted_lines(draft: Draft, _: SchemaWords, fault: Finding) -> bool:
    """Take away quotes around whole lines, as a spreadsheet pastes them."""
    number = fault.where.line
    quoted = [
        n
        for n, line in enumerate(draft.lines, 1)
        if n >= number - 1 and re.match(r"\"\s*(?:- )?[\w-]+:.*\"\s*\Z", line)
    ]
    for at in quoted:
        new = draft.lines[at - 1].strip()[1:-1].replace('""', '"')
        draft.put(at, at, [new])
        draft.note_alike(codes.LINE_QUOTED, at, 1, new, "")
    return bool(quoted)


def try_stray_line(draft: Draft, words: SchemaWords, fault: Finding) -> bool:
    """Take away a short line that is no part of a record: a letter, a lost sign."""
    number = fault.where.line
    for at in (number, number - 1):
        raw = draft.lines[at - 1] if 0 < at <= len(draft.lines) else ""
        line = raw.strip()
        if raw != raw.rstrip():  # a tab at the end of a line of text is the fault, not the line
            continue
        if line and len(line) <= 8 and ":" not in line and fold_lookalikes(line) not in words.keys:
            if line.startswith(("- ", "#", "'", '"')):
                continue
            draft.note(codes.LINE_STRAY, at, 1, what="строка, которая не относится к записи")
            draft.put(at, at, [])
            return True
    return False


def try_indent(by: int, draft: Draft, words: SchemaWords, fault: Finding) -> bool:
    """Move a line of a field `by` columns; a person is asked."""
    number = fault.where.line
    line = draft.lines[number - 1] if number <= len(draft.lines) else ""
    bare = line.lstrip(" ")
    here = len(line) - len(bare)
    if fault.code is not YAML_BAD_INDENT or _key_of(bare) not in words.keys or here + by < 0:
        return False
    new = " " * (here + by) + bare
    draft.put(number, number, [new])
    draft.keep(fault, number, new, sure=False)
    return True


ATTEMPTS: tuple[Attempt, ...] = (
    try_bracket,
    try_quotes,
    try_unquoted_lines,
    try_heading,
    try_colon,
    try_double_dash,
    try_stray_line,
    try_comment,
    *(partial(try_indent, by) for by in (-1, 1, -2, 2, -3, 3, -4, 4)),
)
