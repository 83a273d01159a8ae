"""A list, an export and a table of the size of OULAD, of made up people.

`python tests/bench/oulad.py [PEOPLE]` (28,785): a list of so many people with 32,593 enrolments
(every eighth person or so has two) is taken into a new archive, then an export with six marks of
each, then `give results` as XLSX; each by a process of its own. Prints rows a second of processor
time and the highest memory; the goals are 3,000 rows and half a gigabyte for the workbook.
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import datetime as dt
import sys
import tempfile
from pathlib import Path

from tests.bench import take
from tests.support.measure import spend
from tests.support.school import TEACHER, build

PEOPLE, ENROLMENTS, MARKS = 28_785, 32_593, 6
LETTERS = "абвгдежзиклмнопрстуфхцчшэюя"
GIVEN = [
    "Иван",
    "Пётр",
    "Лев",
    "Ким",
    "Савва",
    "Мирон",
    "Али",
    "Егор",
    "Глеб",
    "Яков",
    "Тихон",
    "Эмиль",
    "Клим",
    "Осип",
    "Фрол",
]
HEADER = "Фамилия;Имя;Дата рождения;Программа;Начало обучения;Ключ: kurs\n"


def main() -> int:
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        archive = build(folder)
        archive.write("records/platforms/kurs.yaml", take.PLATFORM)
        second = archive.read("records/programs/guitar.yaml").replace("code: guitar", "code: lute")
        archive.write("records/programs/lute.yaml", second.replace("Гитара с нуля", "Лютня"))
        assert archive.save("s001").commit is not None
        again = people * (ENROLMENTS - PEOPLE) // PEOPLE
        rows = [f"{person(n)};guitar;15.01.2026;{take.key(n)}\n" for n in range(people)]
        rows += [f"{person(n)};lute;01.09.2026;{take.key(n)}\n" for n in range(again)]
        people_list = folder / "list.csv"
        people_list.write_text(HEADER + "".join(rows), encoding="utf-8")
        export = folder / "grades.csv"
        export.write_text(
            take.HEADER
            + "".join(f"{take.key(n)};;5;зачтено;4;3;4;5\n" for n in range(people)),
            encoding="utf-8",
        )  # fmt: skip
        root = ("--as", TEACHER, "-C", str(archive.root))
        measured("list", len(rows), "take", str(people_list), "--no-order", *root)
        marks = people * MARKS
        words = ("--period", "2026-2", "--platform", "kurs", *root)
        measured("export", marks, "take", str(export), *words)
        out = ("--format", "xlsx", "--out", str(folder), "-C", str(archive.root))
        measured("give results", marks, "give", "results", *out)
    return 0


def person(number: int) -> str:
    """Surname, given name and birth day: fifteen people a day, none a misspelt other."""
    tail = "".join(LETTERS[number // len(LETTERS) ** at % len(LETTERS)] for at in range(4))
    born = dt.date(2004, 1, 1) + dt.timedelta(days=number // len(GIVEN) * 7 % 3_650)
    return f"Проб{tail}ов;{GIVEN[number % len(GIVEN)]};{born:%d.%m.%Y}"


def measured(what: str, rows: int, *words: str) -> None:
    """Run one process; print its rows a second of processor time and its highest memory."""
    used = spend(*words, is_quiet=True)
    print(
        f"{what}: {rows} rows, {used.seconds:.1f} s CPU, {rows / used.seconds:.0f} rows a second, "
        f"{used.memory:.2f} GB",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
