"""What a parser's complaint means to the person who typed the file.

A parser says where it stopped; the slip is often earlier. Each rule below looks at the text
around that place and names the slip it knows; the last one always answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

from papka.core.codes import yaml as codes
from papka.core.findings import Code
from papka.text.tree import Event, Mark


class Complaint(NamedTuple):
    """A parser's words and places, the lines of the file, the newest scalar read."""

    problem: str
    mark: Mark
    context: str
    context_mark: Mark
    lines: list[str]
    last: Event | None

    def line(self, number: int) -> str:
        """Line by number from 1; "" outside."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


class Fault(NamedTuple):
    code: Code
    mark: Mark
    words: dict[str, str]


_Rule = Callable[[Complaint], Fault | None]
_INDENT_TAB = re.compile(r"[ ]*(?:- +)*\t")
_GLUED = re.compile(r"(\s*(?:- +)*[\w-]+):[^\s:/]")
_KEY_LINE = re.compile(r"\s*(?:- +)*[\w-]+:(?:\s|$)")
_TWICE = re.compile(r"\s*(?:- +)*[\w-]+:\s+[^\s#].*:\s")


def explain(complaint: Complaint) -> Fault:
    """The slip behind a complaint: its code, its place, the words of the code."""
    for rule in _RULES:
        fault = rule(complaint)
        if fault is not None:
            return fault
    return _generic(complaint)


def _at(complaint: Complaint, line: int, column: int) -> Mark:
    return Mark(complaint.mark.offset, line, column)


def _tab(complaint: Complaint) -> Fault | None:
    for number in (complaint.mark.line, complaint.context_mark.line + 1):
        found = _INDENT_TAB.match(complaint.line(number))
        if found:
            return Fault(codes.YAML_TAB_INDENT, _at(complaint, number, found.end()), {})
    return None


def _open_quote(complaint: Complaint) -> Fault | None:
    if "quoted scalar" in complaint.context and "escape" not in complaint.problem:
        return Fault(codes.YAML_QUOTE_NOT_CLOSED, complaint.context_mark, {})
    return None


def _after_quote(complaint: Complaint) -> Fault | None:
    """Text right after a quoted value: a stray word, or a quote that closed lines too late."""
    last = complaint.last
    if last is None or last.style not in ("'", '"') or last.end.line != complaint.mark.line:
        return None
    if last.start.line != last.end.line:
        return Fault(codes.YAML_QUOTE_NOT_CLOSED, last.start, {})
    if complaint.mark.offset >= last.end.offset and complaint.problem.startswith("did not find"):
        return Fault(codes.YAML_TEXT_AFTER_VALUE, complaint.mark, {})
    return None


def _after_bracket(complaint: Complaint) -> Fault | None:
    before = complaint.line(complaint.mark.line)[: complaint.mark.column - 1].rstrip()
    if "block" in complaint.context and before.endswith(("]", "}")):
        return Fault(codes.YAML_TEXT_AFTER_VALUE, complaint.mark, {})
    return None


def _escape(complaint: Complaint) -> Fault | None:
    if "escape" in complaint.problem or "hexdecimal" in complaint.problem:
        return Fault(codes.YAML_BAD_ESCAPE, complaint.mark, {})
    return None


def _sign(complaint: Complaint) -> Fault | None:
    """Texts that begin with a sign YAML keeps for itself."""
    where = complaint.context_mark
    for word, code in (
        ("an alias", codes.YAML_ALIAS),
        ("an anchor", codes.YAML_ANCHOR),
        ("a tag", codes.YAML_TAG),
        ("a directive", codes.YAML_DIRECTIVE),
        ("%TAG", codes.YAML_DIRECTIVE),
        ("%YAML", codes.YAML_DIRECTIVE),
    ):
        if word in complaint.context or word in complaint.problem:
            return Fault(code, where, {})
    if "tag handle" in complaint.problem:
        return Fault(codes.YAML_TAG, complaint.mark, {})
    if "directive" in complaint.problem:
        return Fault(codes.YAML_DIRECTIVE, complaint.mark, {})
    if complaint.problem == "found character that cannot start any token":
        sign = complaint.line(complaint.mark.line)[complaint.mark.column - 1 :][:1]
        return Fault(codes.YAML_RESERVED_CHARACTER, complaint.mark, {"character": f"«{sign}»"})
    return None


def _bracket(complaint: Complaint) -> Fault | None:
    if "flow" in complaint.context:
        return Fault(codes.YAML_BRACKET_NOT_CLOSED, complaint.context_mark, {})
    return None


def _glued(complaint: Complaint) -> Fault | None:
    """`key:value` swallows the next line or lacks its colon."""
    here = complaint.mark.line
    for number in (complaint.context_mark.line, here, here - 1):
        found = _GLUED.match(complaint.line(number))
        if found:
            place = _at(complaint, number, found.end(1) + 1)
            return Fault(codes.YAML_NO_SPACE_AFTER_COLON, place, {})
    return None


def _two_colons(complaint: Complaint) -> Fault | None:
    before = complaint.line(complaint.mark.line)[: complaint.mark.column] + " "
    if "mapping values" in complaint.problem and _TWICE.match(before):
        return Fault(codes.YAML_COLON_IN_VALUE, complaint.mark, {})
    return None


def _no_colon(complaint: Complaint) -> Fault | None:
    if complaint.problem == "could not find expected ':'":
        return Fault(codes.YAML_NO_COLON, complaint.context_mark, {})
    return None


def _indent(complaint: Complaint) -> Fault | None:
    line = complaint.line(complaint.mark.line)
    starts = len(line) - len(line.lstrip(" ")) + 1
    place = _at(complaint, complaint.mark.line, starts)
    if "mapping values" in complaint.problem and _KEY_LINE.match(line):
        return Fault(codes.YAML_BAD_INDENT, place, {})
    if "block" in complaint.context and complaint.mark.column == starts:
        return Fault(codes.YAML_BAD_INDENT, place, {})
    return None


_RULES: tuple[_Rule, ...] = (
    _tab,
    _escape,
    _open_quote,
    _after_quote,
    _after_bracket,
    _sign,
    _bracket,
    _glued,
    _two_colons,
    _no_colon,
    _indent,
)

_GENERIC = (
    (
        "block sequence entries",
        "список не может начинаться в этом месте",
        "Начните список с новой строки с отступом: «- значение»; текст возьмите в кавычки",
    ),
    (
        "mapping values",
        "здесь не может стоять двоеточие",
        "Возьмите значение в кавычки или начните поле с новой строки",
    ),
    (
        "node content",
        "здесь ожидалось значение",
        "Возьмите значение в кавычки",
    ),
    (
        "document start",
        "здесь не ожидалось продолжения",
        "Возьмите значение в кавычки или исправьте отступ",
    ),
    (
        "",
        "запись не по правилам YAML",
        "Проверьте отступы, кавычки и двоеточия в этой строке и в предыдущей",
    ),
)


def _generic(complaint: Complaint) -> Fault:
    problem, cure = next(
        (problem, cure) for part, problem, cure in _GENERIC if part in complaint.problem
    )
    return Fault(codes.YAML_SYNTAX, complaint.mark, {"problem": problem, "cure": cure})
