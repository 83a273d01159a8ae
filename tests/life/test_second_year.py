"""A second school year, lived by the commands of a secretary: lists, a group, one act for many.

The list of September has forty rows: six children return, one of them with a new surname, one child
stands in it twice (with ё and with е), two are twins. In November one moves to another group;
thirty finish, get their certificates and take them home. Every command is counted. Printing thirty
papers is what takes the seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

import pytest

from papka.core.places import ORGANIZATION
from papka.intake.export_files import open_export
from papka.records.archive import Archive as Records
from papka.records.archive import load
from papka.records.derived.membership import group_until, members_on
from papka.records.schemas import SchemaSet
from papka.records.student import Student
from papka.repository import commit_snapshots
from papka.repository.commit_snapshots import CommitSnapshot
from tests.support.command import papka
from tests.support.school import Archive, copied

HEAD = ("Фамилия", "Имя", "Отчество", "Прежняя фамилия", "Дата рождения", "Пол", "Мать", "Договор",
        "Программа", "Группа", "Начало обучения", "Окончание обучения", "Причина окончания",
        "В группе с")  # fmt: skip
GIRLS = ("Анна", "Вера", "Дарья", "Ева", "Зоя", "Инна", "Кира", "Лия", "Мира", "Нина")
SURNAMES = ("Берёзкина", "Вишнина", "Грушина", "Дубова")
FIRST, SECOND = "Г-26-2", "Г-26-3"


def row(  # noqa: PLR0913 - a row of a list has its columns
    name: str, born: str, group: str, start: str, *, former: str = "", ended: str = "",
    moved: str = "",
) -> tuple[str, ...]:  # fmt: skip
    surname, given, patronymic = (*name.split(), "")[:3]
    reason = "завершение" if ended else ""
    mother = f"{surname} Мария Ивановна"
    return (surname, given, patronymic, former, born, "ж", mother, f"{born[:2]}/{surname[:4]}",
            "Гитара с нуля", group, start, ended, reason, moved)  # fmt: skip


RETURN = tuple(
    (f"{SURNAMES[at % 4]} {GIRLS[at]} Ильинична", f"{at + 1:02d}.03.2012") for at in range(6)
)


def september() -> list[tuple[str, ...]]:
    """Forty rows: thirty-one children of the first group in thirty-two of them, eight others."""
    back = [row(name, born, FIRST, "01.09.2026") for name, born in RETURN[1:]]
    renamed = RETURN[0][0].split()
    back.append(
        row(
            f"Осинина {renamed[1]} {renamed[2]}", RETURN[0][1], FIRST, "01.09.2026",
            former=renamed[0],
        )
    )  # fmt: skip
    twins = [row(f"Ёлкина {each} Львовна", "07.07.2013", FIRST, "01.09.2026")
             for each in ("Арина", "Карина")]  # fmt: skip
    double = [row(each, "08.08.2013", FIRST, "01.09.2026")
              for each in ("Фёдорова Алёна Петровна", "Федорова Алена")]  # fmt: skip
    names = [f"{surname} {given} Олеговна" for surname in SURNAMES for given in GIRLS]
    rest = [
        row(name, f"{at % 28 + 1:02d}.1{at % 2}.2012", FIRST if at < 22 else SECOND, "01.09.2026")
        for at, name in enumerate(names[:30])
    ]
    return [*back, *twins, *double, *rest]


class Secretary:
    """Types commands, each of which must succeed, and counts them."""

    def __init__(self, archive: Archive, folder: Path) -> None:
        self.archive, self.folder = archive, folder
        self.typed: list[str] = []

    def do(self, *words: str | Path) -> str:
        ran = papka(*words, "-C", self.archive.root)
        assert ran.code == 0, ran.all
        self.typed.append(str(words[0]))
        return ran.out

    def listed(self, name: str, rows: Sequence[Sequence[str]]) -> Path:
        file = self.folder / name
        lines = (";".join(cells) + "\r\n" for cells in (HEAD, *rows))
        file.write_text("".join(lines), encoding="utf-8-sig")
        return file

    @property
    def head(self) -> str | None:
        return commit_snapshots.head(self.archive.root)

    @property
    def records(self) -> Records:
        snapshot = CommitSnapshot(self.archive.root, str(self.head))
        return load(snapshot, SchemaSet.load(snapshot))


@pytest.fixture
def secretary(built_archive: Archive, tmp_path: Path) -> Secretary:
    """The good archive after a first year in which six children came and finished."""
    archive = copied(built_archive, tmp_path)
    groups = "".join(f"  - group: {each}\n    program: guitar\n" for each in (FIRST, SECOND))
    archive.edit(ORGANIZATION, "groups:\n", f"groups:\n{groups}")
    series = "  - series: certificates\n    title: Сертификаты\n    prefix: С\n"
    archive.edit(ORGANIZATION, "series:\n", f"series:\n{series}")
    assert archive.save("s001").commit is not None
    found = Secretary(archive, tmp_path)
    first = [row(name, born, "Г-26-1", "02.02.2026", ended="31.05.2026") for name, born in RETURN]
    found.do("take", found.listed("год1.csv", first))
    found.typed.clear()
    return found


def filled(sheet: Path, folder: Path) -> Path:
    """The teacher's sheet with a mark in every cell that owes one."""
    [table] = (each for each in open_export(sheet.read_bytes(), sheet.name).tables[:1])
    header, *rows = (each.cells for each in table.rows)
    marks = ["зачтено" if "ансамбл" in title.casefold() else "5" for title in header[4:-1]]
    lines = [header, *([*cells[:4], *marks, "20.11.2026"] for cells in rows)]
    file = folder / "ведомость.csv"
    file.write_text("".join(";".join(line) + "\r\n" for line in lines), encoding="utf-8-sig")
    return file


def named(records: Records, surname: str) -> list[Student]:
    return [
        each
        for each in records.students.values()
        if each.person and each.person.name.surname == surname
    ]


def test_a_second_year_is_lived_by_lists_and_groups(secretary: Secretary) -> None:
    autumn = secretary.listed("сентябрь.csv", september())
    before = len(secretary.records.students)
    told = secretary.do("take", autumn)
    records = secretary.records
    assert len(records.students) == before + 39 - 6
    assert "Приказ" in told
    [renamed] = named(records, "Осинина")
    assert renamed.person is not None
    assert [each.surname for each in renamed.person.former_names] == ["Берёзкина"]
    assert [len(each.enrolments) for each in named(records, "Ёлкина")] == [1, 1]
    assert [len(each.enrolments) for each in named(records, "Фёдорова")] == [1]
    assert len(renamed.enrolments) == 2

    head = secretary.head
    assert "Принимать нечего" in secretary.do("take", autumn)
    assert secretary.head == head

    moved = [row("Ёлкина Карина Львовна", "07.07.2013", SECOND, "", moved="10.11.2026")]
    secretary.do("take", secretary.listed("перевод.csv", moved))
    records = secretary.records
    karina = next(each for each in named(records, "Ёлкина") if each.transfers)
    assert group_until(karina, karina.enrolments[0], dt.date(2026, 11, 9)) == FIRST
    assert group_until(karina, karina.enrolments[0], dt.date(2026, 12, 27)) == SECOND
    assert records.orders[str(karina.transfers[0].order)].kind == "перевод"
    assert len(list(members_on(records, FIRST, dt.date(2026, 11, 20)))) == 30

    sheet = secretary.folder / "ведомость.xlsx"
    secretary.do("give", "sheet", FIRST, "--period", "2026-2", "--out", sheet)
    secretary.do("take", filled(sheet, secretary.folder), "--period", "2026-2")
    secretary.do("end", "--group", FIRST, "--date", "25.11.2026", "--reason", "завершение")
    asked = secretary.do("period", "approve", "2026-2", "--group", FIRST, "--yes")
    assert (asked.count("Ёлкина Арина"), "Ёлкина Карина" in asked) == (3, False), (
        "a line a part; one moved"
    )
    assert "2026-2" not in secretary.records.approvals, "the period stays open"
    secretary.do("issue", "certificate", "--group", FIRST, "--date", "26.11.2026")
    numbers = "С-2026-0001…С-2026-0030"
    secretary.do("issue", "--handed", numbers, "--date", "27.11.2026")
    issued = [
        each for each in secretary.records.registers.values() if each.series == "certificates"
    ]
    assert len(issued) == 30
    assert all(each.handed is not None for each in issued)
    assert len(list((secretary.archive.root / "print").glob("certificate-*.pdf"))) == 30

    assert "замечаний нет" in secretary.do("check")
    secretary.do("verify")
    assert secretary.typed == [
        *("take", "take", "take", "give", "take", "end", "period"),
        *("issue", "issue", "check", "verify"),
    ]
    assert not commit_snapshots.worktree_changes(secretary.archive.root)
