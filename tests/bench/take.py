"""`papka take`: an export of so many students to checked files in one signed commit.

`python tests/bench/take.py [STUDENTS]` (3,000): an archive with that many personal files is made in
a temporary folder, then one export with six marks of each is taken by a process of its own. Prints
result rows a second and the highest memory; the goal of 170,000 rows needs 30,000 students.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import platform
import secrets
import sys
import tempfile
import time
from pathlib import Path

from papka.checks.checking import check
from papka.core.findings import Severity
from papka.core.places import SALT_BYTES
from papka.repository import worktree
from tests.support.measure import spend
from tests.support.school import TEACHER, Archive, build

STUDENTS, RATE, MEMORY = 3_000, 3_000, 1.5
PLATFORM = """\
# yaml-language-server: $schema=../../schema/platform.json
id: kurs
title: Курсотека
licence_basis: Лицензионный договор № 1 от 09.01.2024
since: 2024-01-09
exports:
  - id: grades
    edition: 1
    title: Журнал оценок
    target: результаты
    layouts:
      - csv
    recognise:
      - Логин
      - Итог
    student:
      key: Логин
      full_name: Имя
    program: guitar
    conversion:
      value: отметка
    columns:
      - column: Итог
        part: техника
        control: за период
        edition: 2
      - column: Зачёт
        part: ансамбль
        control: за период
        edition: 2
      - column: Грамота
        part: теория
        control: за период
        edition: 2
      - column: Тест*
        part: теория
        control: текущий
        edition: 2
"""
CARD = """\
# yaml-language-server: $schema=../../../../schema/student.json
id: {id}
name:
  surname: {surname}
  given: Ия
  patronymic: Номеровна
sex: женский
birth_date: 2012-03-{day:02}
accounts:
  - platform: kurs
    key: "{key}"
"""
STUDY = """\
# yaml-language-server: $schema=../../../../schema/enrolments.json
enrolments:
  - id: e1
    program: guitar
    edition: 2
    group: Г-26-1
    form: очная
    start: 2026-01-15
"""
_SYLLABLES = ("ба", "ве", "го", "ду", "жи", "за", "ке", "ло", "му", "ни")
HEADER = "Логин;Имя;Итог;Зачёт;Грамота;Тест 1;Тест 2;Тест 3\n"


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else STUDENTS
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        return measured(made(folder, count), written(folder, count), count)


def written(folder: Path, count: int) -> Path:
    """Write the export, six marks of each student."""
    export = folder / "grades.csv"
    rows = (f"{key(n)};{surname(n)} Ия;5;зачтено;4;3;{_some(n)};5\n" for n in range(count))
    export.write_text(HEADER + "".join(rows), encoding="utf-8")
    return export


def measured(archive: Archive, export: Path, count: int) -> int:
    """One process; its wall time, processor time and highest memory with git's."""
    start = time.perf_counter()
    used = spend(
        "take", str(export), "--period", "2026-2", "--platform", "kurs", "--as", TEACHER,
        "-C", str(archive.root),
    )  # fmt: skip
    wall = time.perf_counter() - start
    marks = count * 6 - len([n for n in range(count) if not _some(n)])
    good = marks / wall >= RATE and used.memory <= MEMORY
    print(f"take, {count} students, {marks} result rows ({os.cpu_count()} cores, "
          f"Python {platform.python_version()})")  # fmt: skip
    print(f"  {wall:.1f} s wall, {used.seconds:.1f} s CPU")
    print(f"  {marks / wall:.0f} rows/s   goal ≥ {RATE}")
    print(f"  {used.memory:.2f} GB highest     goal ≤ {MEMORY}: {'reached' if good else 'MISSED'}")
    if count <= STUDENTS:
        assert not [f for f in check(archive.root).findings if f.severity > Severity.INFO]
    return 0 if good else 1


def key(number: int) -> str:
    return f"u{number:06}"


def surname(number: int) -> str:
    """An invented surname, unlike that of any other number."""
    return "".join(_SYLLABLES[int(digit)] for digit in f"{number:05}").capitalize() + "ко"


def _some(number: int) -> str:
    """An empty cell now and then, so that 30,000 students have about 170,000 marks."""
    return "" if number % 3 == 0 else "4"


def made(folder: Path, count: int) -> Archive:
    """Make the archive: so many personal files, saved."""
    archive = build(folder)
    archive.write("records/platforms/kurs.yaml", PLATFORM)
    assert archive.save("s001").commit is not None
    files: dict[str, bytes] = {}
    for number in range(count):
        id_ = f"2026-{number + 10:04}"
        place = f"records/students/2026/{id_}"
        words = {"surname": surname(number), "day": number % 28 + 1, "key": key(number)}
        files[f"{place}/student.yaml"] = CARD.format(id=id_, **words).encode()
        files[f"{place}/enrolments.yaml"] = STUDY.encode()
        files[f"{place}/.salt"] = secrets.token_bytes(SALT_BYTES)
    worktree.lay_out(archive.root, files.items())
    saved = archive.save(TEACHER)
    assert saved.commit is not None, saved.findings[:3]
    return archive


if __name__ == "__main__":
    sys.exit(main())
