"""A class whose platform exports its gradebook, and such exports as a platform writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from papka.desk.edition import HEAD_STAFF
from tests.support.command import Ran, papka
from tests.support.school import TEACHER, Archive

PERIOD = "2026-2"
AGLAYA, EMIL, FIRST_KIM, SECOND_KIM, GONE = (f"2026-000{number}" for number in range(1, 6))
COLUMNS = ("Логин", "Имя", "Почта", "Родился", "Тест 1", "Итог", "Зачёт")
MARKS = ("5", "4", "зачтено")
_PLATFORM = """\
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
    layouts: [csv, xlsx]
    recognise: [Логин, Итог]
    aggregates:
      - text: Среднее
    empty: ["-"]
    dates: ДД.ММ.ГГГГ
    student:
      key: Логин
      full_name: Имя
      email: Почта
      birth_date: Родился
    program: guitar
    conversion:
      value: отметка
    columns:
      - column: Тест *
        part: теория
        control: текущий
        edition: 2
      - column: Итог
        part: техника
        control: за период
        edition: 2
      - column: Зачёт
        part: ансамбль
        control: за период
        edition: 2
  - id: people
    edition: 1
    title: Список школы
    target: карточки
    layouts: [csv, xlsx]
    recognise: [Фамилия, Дата рождения]
    dates: ДД.ММ.ГГГГ
    student:
      surname: Фамилия
      given: Имя
      patronymic: Отчество
      birth_date: Дата рождения
      email: Почта
    fields:
      - column: Пол
        field: sex
        words:
          - text: ж
            mark: женский
          - text: м
            mark: мужской
      - column: Программа
        field: program
      - column: Группа
        field: group
      - column: Начало
        field: start
"""


def with_class(archive: Archive) -> Archive:
    """The archive with the platform's layouts and four more personal files."""
    archive.write("records/platforms/kurs.yaml", _PLATFORM)
    assert archive.save(HEAD_STAFF).commit is not None
    _person(archive, EMIL, "Тычинкин", "Эмиль", email="emil@klumba.invalid", born="2012-02-29")
    _person(archive, FIRST_KIM, "Листов", "Ким", born="2012-10-11")
    _person(archive, SECOND_KIM, "Листов", "Ким", born="2012-10-11")
    _person(archive, GONE, "Ушедшев", "Пан", born="2011-01-01", key="u5", ended="2026-10-01")
    saved = archive.save(TEACHER)
    assert saved.commit is not None, saved.findings
    return archive


def _person(  # noqa: PLR0913 - a card is told so
    archive: Archive,
    id_: str,
    surname: str,
    given: str,
    *,
    born: str,
    email: str = "",
    key: str = "",
    ended: str = "",
) -> None:
    card = [f"id: {id_}", "name:", f"  surname: {surname}", f"  given: {given}"]
    card += ["sex: мужской", f"birth_date: {born}"]
    card += [f"email: {email}"] if email else []
    card += ["accounts:", "  - platform: kurs", f'    key: "{key}"'] if key else []
    study = "enrolments:\n  - id: e1\n    program: guitar\n    edition: 2\n    start: 2026-09-01\n"
    if ended:
        study += f"    ended:\n      date: {ended}\n      reason: отчисление\n"
    archive.begin_file(id_, "".join(f"{line}\n" for line in card), study)


def row(
    key: str = "", name: str = "", email: str = "", born: str = "", marks: Sequence[str] = MARKS
) -> tuple[str, ...]:
    return (key, name, email, born, *marks)


def aglaya(*marks: str) -> tuple[str, ...]:
    return row("0048213", "Абрикосова Аглая", marks=marks or MARKS)


def emil(*marks: str) -> tuple[str, ...]:
    return row("u2", "Тычинкин Эмиль", "Emil@klumba.invalid", marks=marks or MARKS)


def gradebook(
    *rows: Sequence[str], encoding: str = "windows-1251", columns: Sequence[str] = COLUMNS
) -> bytes:
    lines = (";".join(cells) + "\r\n" for cells in (columns, *rows))
    return "".join(lines).encode(encoding)


def take(archive: Archive, data: bytes, *more: str | Path, name: str = "grades.csv") -> Ran:
    """The command as the teacher types it."""
    file = archive.root.parent / name
    file.write_bytes(data)
    return papka(
        "take", file, "--period", PERIOD, "--platform", "kurs", "--date", "2026-11-20",
        "--as", TEACHER, "-C", archive.root, *more,
    )  # fmt: skip
