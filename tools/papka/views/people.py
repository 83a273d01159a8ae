"""Whom a form is about and whom it speaks to: found by address, named as of a day, put in order.

Invariant: who is no longer in the archive is named by the address the record holds, never left
out. Absent on purpose: cases of names (inflection.py).
"""

from __future__ import annotations

import datetime as dt

from papka.core.errors import NotFound
from papka.core.suggestion import may_be
from papka.model.archive import Archive
from papka.model.derived.age import age
from papka.model.derived.as_of import person_on
from papka.model.person import Person, Representative
from papka.model.student import Student
from papka.views.search import folded
from papka.views.wording import number

OF_AGE = 18
RELATION_SEX = {"мать": "женский", "отец": "мужской"}


def found(archive: Archive, student_id: str) -> tuple[Student, Person]:
    """Raises NotFound for a file that is not there or whose card cannot be read."""
    student = archive.students.get(student_id)
    if student is None:
        raise NotFound(
            f"Дела {student_id} в архиве нет",
            f"Все дела: papka find.{may_be(student_id, archive.students)}",
        )
    if student.person is None:
        raise NotFound(
            f"Карточка дела {student_id} не читается",
            f"Узнайте причину: papka check, файл {student.folder}/student.yaml",
        )
    return student, student.person


def named(archive: Archive, address: str, on: dt.date) -> str:
    """The full name on that day; «личное дело № 2026-0007» when the file is gone."""
    student_id = address.partition("#")[0]
    student = archive.students.get(student_id)
    if student is None or student.person is None:
        return f"личное дело {number(student_id)}"
    return person_on(student.person, on).name.full


def is_minor(person: Person, on: dt.date) -> bool:
    """One whose birth date is unknown is a minor when the card names a representative."""
    if person.birth_date is None:
        return bool(person.representatives)
    return age(person.birth_date, on) < OF_AGE


def sex_of(representative: Representative) -> str | None:
    return RELATION_SEX.get(representative.relation)


def alphabetical(name: str) -> tuple[str, str]:
    """A key to sort by the Russian alphabet: «ё» stands with «е», and after it."""
    return folded(name), name
