"""A school with a group of thirty on a programme of four parts, whose marks are entered."""

from __future__ import annotations

from pathlib import Path

from papka.desk.edition import HEAD_STAFF
from papka.repository.signing import find_actor
from papka.web.face import Face
from tests.support.faces import face_of
from tests.support.school import NOW, TEACHER, Archive, copied

GROUP, PERIOD = "Б-26-1", "2026-2"
PARTS = ("ритм", "чтение", "игра", "слух")
PEOPLE = 30
_PROGRAM = """\
# yaml-language-server: $schema=../../schema/program.json
code: drums
title: Барабаны
editions:
  - edition: 1
    order: 2026/0001
    hours: 80
    parts:
"""
_NAMES = ("Аверин", "Белкин", "Власов", "Гусев", "Дубов", "Ежов", "Жилин", "Зуев", "Ильин", "Котов")


def number(place: int) -> str:
    """The number of the personal file of the person in a row; rows count from 0."""
    return f"2026-{place + 101:04d}"


def with_group(archive: Archive, people: int = PEOPLE, parts: int = len(PARTS)) -> Archive:
    """The archive with the group; the last part is marked in words."""
    names = PARTS[:parts] + tuple(f"часть-{n}" for n in range(len(PARTS), parts))
    text = _PROGRAM
    for name in names:
        scale = "зачётная" if name == PARTS[-1] else "пятибалльная"
        text += f"      - part: {name}\n        title: {name.capitalize()}\n"
        text += f"        hours: 20\n        scale: {scale}\n"
    text = text.replace("hours: 80", f"hours: {20 * len(names)}")
    text += "    planned_results:\n      - outcome: игра\n        kind: предметный\n"
    text += "        text: Держит ритм\n        parts:\n          - ритм\n"
    text += "      - outcome: сцена\n        kind: личностный\n        text: Выступает\n"
    archive.write("records/programs/drums.yaml", text)
    archive.edit(
        "records/organization.yaml",
        "groups:\n",
        f"groups:\n  - group: {GROUP}\n    program: drums\n    teacher: {TEACHER}\n",
    )
    school = archive.save(HEAD_STAFF)
    assert school.commit is not None, [each.message for each in school.findings]
    for place in range(people):
        surname = f"{_NAMES[place % 10]}" + ("ский" * (place // 10))
        archive.begin_file(
            number(place),
            f"id: {number(place)}\nname:\n  surname: {surname}\n  given: Пётр\nsex: мужской\n"
            f"birth_date: 2014-03-{place % 28 + 1:02d}\n",
            "enrolments:\n  - id: e1\n    program: drums\n    edition: 1\n"
            f"    group: {GROUP}\n    start: 2026-09-01\n",
        )
    saved = archive.save(TEACHER)
    assert saved.commit is not None, saved.findings
    return archive


def group_school(built: Archive, folder: Path) -> Archive:
    """A copy of a school with the group."""
    return with_group(copied(built, folder))


def entering(archive: Archive, staff: str = TEACHER) -> Face:
    """The archive as somebody opens it who enters; "" only looks."""
    face = face_of(archive.root, NOW)
    face.actor = find_actor(archive.root, staff) if staff else None
    return face
