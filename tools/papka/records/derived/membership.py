"""Who is in which group on a day, and who teaches it.

An enrolment names the group it began in; each transfer, an entry of its own, names the next one
from its day on (R-2.2.1). The sheet of a period shows a student in the group of the last day
studied in it, so a transfer made afterwards changes no earlier sheet.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from functools import lru_cache
from operator import attrgetter

from papka.core.cells import folded
from papka.records.archive import Archive
from papka.records.derived.result_facts import studied_between
from papka.records.school import Group
from papka.records.student import Enrolment, Student, Transfer


def find_group(archive: Archive, said: str) -> str | None:
    """Return the group that is called so: the same word, spaces and quotes aside."""
    word = bare_word(said)
    return next((each for each in archive.groups if bare_word(each) == word), None)


@lru_cache(maxsize=4096)
def bare_word(text: str) -> str:
    """Return what is compared of a group's or a programme's name: no spaces, no quotes, without
    the word «группа» or «программа» in front."""
    return re.sub(r"[\s\"]+", "", _KIND_WORD.sub("", folded(text)))


_KIND_WORD = re.compile(r"\A(?:группа|гр\.|(?:доп\w*\.? )?(?:программа|дооп|курс))[ :\"]+(?=\S)")


def transfers_of(student: Student, enrolment: Enrolment) -> list[Transfer]:
    """Return the transfers of an enrolment by their days; of one day in the order of the file."""
    own = [each for each in student.transfers if each.enrolment == enrolment.id]
    return sorted(own, key=attrgetter("date"))


def group_on(student: Student, enrolment: Enrolment, day: dt.date) -> str | None:
    """Return the group on a day; None outside groups."""
    found = enrolment.group
    if student.transfers:
        for each in transfers_of(student, enrolment):
            if each.date <= day:
                found = each.group
    return found


def group_until(student: Student, enrolment: Enrolment, end: dt.date) -> str | None:
    """Return the group of a period that ends so: that of the last day studied in it."""
    ended = enrolment.ended
    return group_on(student, enrolment, min(end, ended.date) if ended else end)


def group_now(student: Student, enrolment: Enrolment) -> str | None:
    """Return the group after every transfer that is written down."""
    return group_on(student, enrolment, dt.date.max)


def members_on(archive: Archive, group: str, day: dt.date) -> Iterator[tuple[Student, Enrolment]]:
    """Yield who studies in the group on a day."""
    for student in archive.students.values():
        for enrolment in student.enrolments:
            going = studied_between(enrolment, day, day)
            if going and group_on(student, enrolment, day) == group:
                yield student, enrolment


def teacher_on(group: Group, day: dt.date) -> str | None:
    """Return who taught the group on a day."""
    former = [each for each in group.former_teachers if day <= each.until]
    return min(former, key=attrgetter("until")).teacher if former else group.teacher
