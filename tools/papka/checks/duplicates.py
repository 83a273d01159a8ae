"""Rules about names and numbers given twice, and about gaps between numbers (R-5.4.3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from papka.core.findings import Code, Finding, Location, Severity
from papka.core.places import ORGANIZATION, RECORDS, STAFF, order_file, place, program_file
from papka.records.archive import Archive
from papka.records.student import AnyEntry, Student

ID_DUPLICATE = Code(
    "ID_DUPLICATE",
    Severity.ERROR,
    says="Номер записи «{id}» в этом личном деле уже занят",
    hint="Уберите строку id у новой записи: papka save даст ей свободный номер",
    why="На записи ссылаются по номеру (2026-0007#r12): в приказах, реестрах, QR-коде. Два "
    "одинаковых номера делают ссылку двусмысленной.",
)
DECLARED_TWICE = Code(
    "DECLARED_TWICE",
    Severity.ERROR,
    says="«{name}» уже объявлено выше в этом же перечне",
    hint="Уберите повтор или дайте другое имя",
    why="Шкалы, периоды, группы, цели, сроки, сотрудники, части программ, события объявляются один "
    "раз.",
)
NUMBER_DUPLICATE = Code(
    "NUMBER_DUPLICATE",
    Severity.ERROR,
    says="Номер «{number}» в этом году уже занят",
    hint="Дайте следующий свободный номер; занятый номер не освобождается никогда",
    why="Номер приказа и номер выданного документа не повторяются (п. 5.4.3 Порядка).",
)
NUMBER_MISMATCH = Code(
    "NUMBER_MISMATCH",
    Severity.ERROR,
    says="Номер документа «{number}», а по серии, году и имени файла он «{expected}»",
    hint="Исправьте number или переименуйте файл, если документ ещё не выдан",
    why="Номер — это начало серии, год и порядковый номер: по номеру находят файл и наоборот.",
)
NUMBER_GAP = Code(
    "NUMBER_GAP",
    Severity.WARNING,
    says="В серии «{series}» за {year} год нет номера {missing}",
    hint="Верните запись из истории; испорченный бланк записывают с void, а не пропускают",
    why="Выданные документы нумеруются подряд: пропуск похож на изъятую запись (п. 5.4.3).",
)
DUPLICATE_CHAIN = Code(
    "DUPLICATE_CHAIN",
    Severity.ERROR,
    says="Дело {student} само отмечено как повторное или это то же самое дело",
    hint="В duplicate_of назовите дело, которое ведётся",
    why="Повторно заведённое дело отсылает к тому, что ведётся, в один шаг.",
)

FIELDS = {
    "scales": "scale",
    "periods": "period",
    "groups": "group",
    "purposes": "purpose",
    "series": "series",
    "retention": "unit",
    "deadlines": "deadline",
    "staff": "id",
    "events": "id",
    "exports": "id",
    "editions": "edition",
    "parts": "part",
    "planned_results": "outcome",
}
"""List -> the field that tells its items apart; exports have editions besides."""
DECLARED_TWICE_BRANCHES = tuple(FIELDS)


def check_declared_twice(archive: Archive) -> Iterator[Finding]:
    """A name is declared once in its list (FIELDS)."""
    for path, pointer, kind, items in _iter_lists(archive):
        first: dict[str, int] = {}
        for index, item in enumerate(items):
            name = str(getattr(item, FIELDS[kind]))
            if kind == "exports":
                name = f"{name}, редакция {item.edition}"
            if name in first:
                place, field = f"{pointer}/{kind}", FIELDS[kind]
                yield DECLARED_TWICE.at(
                    Location(path, f"{place}/{index}/{field}"),
                    name=name,
                    related=[Location(path, f"{place}/{first[name]}/{field}")],
                )
            first.setdefault(name, index)


def _iter_lists(archive: Archive) -> Iterator[tuple[str, str, str, Iterable[Any]]]:
    """Yield path, pointer of the owner, name of its list, items."""
    shared = ("scales", "periods", "groups", "purposes", "series", "retention", "deadlines")
    for kind in shared if archive.organization else ():
        yield ORGANIZATION, "", kind, getattr(archive.organization, kind)
    yield STAFF, "", "staff", archive.staff_list
    for year, events in archive.event_years.items():
        yield f"{RECORDS}/events/{year}.yaml", "", "events", events
    for key, platform in archive.platforms.items():
        yield f"{RECORDS}/platforms/{key}.yaml", "", "exports", platform.exports
    for code, program in archive.programs.items():
        yield program_file(code), "", "editions", program.editions
        for index, edition in enumerate(program.editions):
            at = f"/editions/{index}"
            yield program_file(code), at, "parts", edition.parts
            yield program_file(code), at, "planned_results", edition.planned_results


def check_duplicate_ids(archive: Archive) -> Iterator[Finding]:
    """An entry id is unique in its personal folder, whatever the file."""
    for student in archive.students.values():
        entries = [entry for _, _, listed in student.lists() for entry in listed]
        if len({entry.id for entry in entries}) == len(entries):
            continue  # nearly always: results are most of an archive
        seen: dict[str, AnyEntry] = {}
        for entry in entries:
            first = seen.setdefault(entry.id, entry) if entry.id is not None else entry
            if first is not entry:
                related = [student.where(first, "id")]
                where = student.where(entry, "id")
                yield ID_DUPLICATE.at(where, id=entry.id, related=related)


def check_duplicate_numbers(archive: Archive) -> Iterator[Finding]:
    """A printed number is given once: orders in their year, issued documents for ever (R-5.4.3)."""
    numbered = [
        *(
            (order_file(key), order.number, key.partition("/")[0])
            for key, order in archive.orders.items()
        ),
        *(
            (f"{RECORDS}/registers/{key}.yaml", entry.number, "")
            for key, entry in archive.registers.items()
        ),
    ]
    seen: dict[tuple[str, str], str] = {}
    for path, number, year in numbered:
        first = seen.setdefault((year, number), path)
        if first != path:
            where, related = Location(path, "/number"), [Location(first, "/number")]
            yield NUMBER_DUPLICATE.at(where, number=number, related=related)


def check_duplicates(archive: Archive) -> Iterator[Finding]:
    """A folder made twice points in one step at the one that is kept."""
    for student in archive.students.values():
        kept = _find_kept(student)
        if kept is not None and _find_kept(archive.students.get(kept)) is not None:
            yield DUPLICATE_CHAIN.at(student.where(student.person, "duplicate_of"), student=kept)


def _find_kept(student: Student | None) -> str | None:
    """Return the file kept instead of this one; one that names itself points at a duplicate."""
    return student.person.duplicate_of if student and student.person else None


def check_issued_numbers(archive: Archive) -> Iterator[Finding]:
    """An issued number is its series' prefix, year and sequence, as the file is named (R-5.4.3)."""
    for key, entry in archive.registers.items():
        _, year, name = key.split("/")
        series, _, sequence = name.rpartition("-")
        declared = archive.series.get(series)
        if declared is None or series != entry.series:
            continue  # other rules report it
        expected = declared.number(year, sequence)
        if entry.number != expected:
            yield NUMBER_MISMATCH.at(
                Location(f"{RECORDS}/registers/{key}.yaml", "/number"),
                number=entry.number,
                expected=expected,
            )


def check_number_gaps(archive: Archive) -> Iterator[Finding]:
    """Numbers of a series run without gaps in their year (R-5.4.3).

    A rejected file still fills its number, and so does what an act destroyed; orders may skip (a
    draft that was never signed).
    """
    keys = [*archive.registers, *archive.destroyed.list_keys("registers")]
    for path in archive.unreadable:
        found = place(path)
        if found is not None and found.kind == "register":
            keys.append(found.key)
    taken: defaultdict[tuple[str, str, str], dict[int, str]] = defaultdict(dict)
    for key in keys:
        book, year, name = key.split("/")
        series, _, sequence = name.rpartition("-")
        if sequence.isascii() and sequence.isdigit():
            taken[book, year, series][int(sequence)] = key
    for (_, year, series), numbers in taken.items():
        before = 0
        for number in sorted(numbers):
            if number > before + 1:
                missing = f"{before + 1:04d}"
                if number > before + 2:
                    missing += f"–{number - 1:04d}"
                yield NUMBER_GAP.at(
                    Location(f"{RECORDS}/registers/{numbers[number]}.yaml", "/number"),
                    series=series,
                    year=year,
                    missing=missing,
                )
            before = number
