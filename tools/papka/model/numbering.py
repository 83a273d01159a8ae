"""Which id the next entry of a student's list gets: a letter of its list, the next number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from papka.model.person import Hold, Lending, Representative
from papka.model.restricted import Diagnostic, Need
from papka.model.results import Result
from papka.model.standing import Award, Consent, Document, Notice
from papka.model.student import Student
from papka.model.study import Credit, Enrolment

LETTERS: dict[type, str] = {
    Enrolment: "e",
    Result: "r",
    Credit: "k",
    Award: "a",
    Consent: "c",
    Document: "d",
    Notice: "n",
    Representative: "p",
    Lending: "l",
    Hold: "h",
    Diagnostic: "g",
    Need: "s",
}


def missing_ids(
    student: Student, known: Iterable[str] = ()
) -> dict[tuple[str, str], dict[int, str]]:
    """Ids for the entries that have none: (path, pointer of the list) -> position -> id.

    `known` are ids the folder has had before: numbers are never reused.
    """
    taken: defaultdict[str, int] = defaultdict(int)
    for id_ in (*known, *(entry.id for entry in student.entries() if entry.id)):
        taken[id_[0]] = max(taken[id_[0]], int(id_[1:]))
    found: dict[tuple[str, str], dict[int, str]] = {}
    for path, pointer, entries in student.lists():
        for index, entry in enumerate(entries):
            if entry.id is None:
                letter = LETTERS[type(entry)]
                taken[letter] += 1
                found.setdefault((path, pointer), {})[index] = f"{letter}{taken[letter]}"
    return found
