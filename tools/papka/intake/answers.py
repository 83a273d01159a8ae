"""Answers about ambiguous rows: a small YAML file, and the text that asks for one.

Invariants: a row is named by the word the question gave (`matching.word_of`); an answer is a
student's number, «пропустить» or, for a card, «новое дело»; anything else is a finding. The file
is the user's own and never kept: it may hold names.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from papka.core.codes import takings as codes
from papka.core.findings import Finding, Location
from papka.core.layout import is_student_id
from papka.intake.matching import NEW, SKIP, Open
from papka.text.document import locate, read
from papka.text.emit import scalar


@dataclass(frozen=True, slots=True)
class Answers:
    """`given`: a row's word -> student id or SKIP."""

    given: Mapping[str, str]
    findings: tuple[Finding, ...] = ()


def read_answers(data: bytes, name: str) -> Answers:
    """The answers in a file; `name` only stands in findings."""
    document = read(data, name)
    if document.findings:
        return Answers({}, document.findings)
    value = document.value
    if not isinstance(value, dict):
        wrong = codes.EXPORT_ANSWER_UNREADABLE.at(Location(name, line=1, column=1), word="файл")
        return Answers({}, (wrong,))
    given: dict[str, str] = {}
    found = []
    for word, answer in value.items():
        text = str(answer).strip()
        if text in {SKIP, NEW} or is_student_id(text):
            given[str(word)] = text
        else:
            line, column = locate(data, f"/{_escaped(str(word))}")
            where = Location(name, line=line, column=column)
            found.append(codes.EXPORT_ANSWER_UNREADABLE.at(where, word=text))
    return Answers(given, tuple(found))


def asked(rows: Iterable[Open]) -> str:
    """An answers file to be filled in: every open row with its candidates as a comment."""
    lines = []
    for row in rows:
        among = ", ".join((*row.candidates, SKIP))
        lines.append(f"# строка {row.rows[0]}: {row.reason}; возможные ответы: {among}")
        lines.append(f"{_key(row.word)}: {SKIP}")
    return "".join(f"{line}\n" for line in lines)


def _key(word: str) -> str:
    text = scalar(word)
    return text if len(text) < 1000 else scalar(word[:900])


def _escaped(word: str) -> str:
    return word.replace("~", "~0").replace("/", "~1")
