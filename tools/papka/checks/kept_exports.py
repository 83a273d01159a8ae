"""Rules about kept exports: their parts, and the cells that results were taken from (R-6.2).

A part that went with its personal file, by an act of destruction, is not missed: acts are judged in
the history. Files of an import that were not read this time are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from papka.checks import unchanged_records
from papka.core.findings import Code, Finding, Location, Severity
from papka.core.places import IMPORTS, import_file, import_of, raw_file, raw_name
from papka.records.acts import Import
from papka.records.archive import Archive
from papka.records.raw_exports import (
    LIST,
    ImportFiles,
    ImportPart,
    NotRows,
    keyed_digest,
    read_rows,
)
from papka.records.student import Result, Source, Student

IMPORT_LIST_BROKEN = Code(
    "IMPORT_LIST_BROKEN",
    Severity.ERROR,
    says="Список частей выгрузки {name} {trouble}",
    hint="Верните файл из истории: git checkout HEAD -- {path}",
    why="parts.txt называет каждую часть выгрузки и её контрольную сумму с солью. Без списка "
    "нельзя ни проверить, ни собрать исходный файл (п. 6.2 Порядка).",
)
IMPORT_PART_MISSING = Code(
    "IMPORT_PART_MISSING",
    Severity.ERROR,
    says="Нет файла {path} — части {number} выгрузки {name}",
    hint="Верните файл из истории: git checkout HEAD -- {path}",
    why="Выгрузку платформы хранят целиком, разложенной по частям. Часть исчезает только вместе с "
    "личным делом, по акту об уничтожении (пп. 6.2, 6.4 Порядка).",
)
IMPORT_PART_ALTERED = Code(
    "IMPORT_PART_ALTERED",
    Severity.ERROR,
    says="Часть {number} выгрузки {name} изменена",
    hint="Верните файл из истории: git checkout HEAD -- {path}",
    why="Строки платформы хранят байт в байт: по ним проверяют отметки. Контрольная сумма с солью "
    "из parts.txt больше не сходится (п. 6.2 Порядка).",
)
IMPORT_PART_UNLISTED = Code(
    "IMPORT_PART_UNLISTED",
    Severity.ERROR,
    says="Ни в одном списке частей нет этого файла",
    hint="Удалите файл, если он лишний: git rm {path}; выгрузки загружает команда papka take",
    why="Строки, которых нет в списке частей выгрузки, ничем не подтверждены и не уничтожатся "
    "вместе с нею.",
)
IMPORT_PART_TWICE = Code(
    "IMPORT_PART_TWICE",
    Severity.ERROR,
    says="Часть {number} выгрузки {name} названа дважды: {what}",
    hint="Верните список из истории: git checkout HEAD -- {path}",
    why="У каждого обучающегося в выгрузке одна часть, у каждой части свой номер: иначе исходный "
    "файл не собрать однозначно.",
)
IMPORT_CELL_UNKNOWN = Code(
    "IMPORT_CELL_UNKNOWN",
    Severity.ERROR,
    says="В строках обучающегося из выгрузки {name} нет {what}",
    hint="Исправьте row и column; строки считают внутри {file}, а не всего файла",
    why="Результат, взятый с платформы, указывает на ячейку, из которой он взят: иначе его нечем "
    "подтвердить (п. 6.2 Порядка).",
)
IMPORT_CELL_DIFFERS = Code(
    "IMPORT_CELL_DIFFERS",
    Severity.ERROR,
    says="В выгрузке {name} в этой ячейке стоит другое",
    hint="Верните в raw текст ячейки без изменений: строка {row}, столбец {column} файла {file}",
    why="raw повторяет ячейку дословно; исправляют отметку новой записью с replaces и reason, а не "
    "правкой источника (п. 6.2 Порядка).",
)


def check_imports_cells(archive: Archive) -> Iterator[Finding]:
    """A result taken from a platform repeats the text of the cell it names (R-6.2)."""
    for student in archive.students.values():
        read: dict[str, list[list[str]]] = {}
        for _, result in student.results:
            source = result.source
            if source is not None and source.export in archive.imports:
                if source.export not in read:
                    read[source.export] = _read_rows(archive, student, source.export)
                yield from _judge_cell(student, result, source, read[source.export])


def _read_rows(archive: Archive, student: Student, key: str) -> list[list[str]]:
    """Read a student's rows of an export; none when the part is not there or holds no rows."""
    try:
        return read_rows(student.raw.get(raw_name(key), b""), archive.imports[key])
    except NotRows:
        return []


def _judge_cell(
    student: Student, result: Result, source: Source, rows: list[list[str]]
) -> Iterator[Finding]:
    file = raw_file(student.id, source.export)
    cells = rows[source.row - 1] if 0 < source.row <= len(rows) else None
    if cells is None:
        where, what = student.where(result, "source", "row"), f"строки {source.row}"
        yield IMPORT_CELL_UNKNOWN.at(where, name=source.export, what=what, file=file)
    elif source.column > len(cells):
        where = student.where(result, "source", "column")
        what = f"столбца {source.column} в строке {source.row}"
        yield IMPORT_CELL_UNKNOWN.at(where, name=source.export, what=what, file=file)
    elif cells[source.column - 1] != source.raw:
        yield IMPORT_CELL_DIFFERS.at(
            student.where(result, "source", "raw"),
            name=source.export,
            row=source.row,
            column=source.column,
            file=file,
        )


def compare_imports_kept(before: Archive, after: Archive) -> Iterator[Finding]:
    """An export taken in stays as it is; it may go whole while its period is open (R-6.2)."""
    for key, manifest in before.imports.items():
        readable = after.is_readable(import_file(key, "manifest.yaml"))
        if key in after.imports:
            yield from _judge_changed(before, after, key, manifest)
        elif readable and manifest.period in before.approvals:
            where = Location(f"{IMPORTS}{key}")
            yield unchanged_records.IMPORT_REMOVED.at(
                where, name=key, period=manifest.period, path=where.path
            )


def _judge_changed(
    before: Archive, after: Archive, key: str, manifest: Import
) -> Iterator[Finding]:
    """Compare the manifest and the list of parts, which binds the parts by their digests. The check
    of the state reports a missing part."""
    manifest_path, list_path = import_file(key, "manifest.yaml"), import_file(key, LIST)
    if after.imports[key] != manifest:
        yield _report_changed(key, manifest_path, "опись изменена")
    if key not in before.import_files or key not in after.import_files:
        return  # not read this time, for nothing in it changed
    old, new = before.import_files[key], after.import_files[key]
    if new.digests.get(list_path, b"") != old.digests.get(list_path) and list_path in new.digests:
        yield _report_changed(key, list_path, "список частей изменён")


def _report_changed(key: str, path: str, what: str) -> Finding:
    return unchanged_records.IMPORT_CHANGED.at(Location(path), name=key, what=what, path=path)


def check_imports_parts(archive: Archive) -> Iterator[Finding]:
    """Every part of an export that its list names is there, unaltered (R-6.2)."""
    for key, manifest in archive.imports.items():
        files = archive.import_files.get(key)
        listed = import_file(key, LIST)
        if key not in archive.import_lists:
            yield IMPORT_LIST_BROKEN.at(Location(listed), name=key, trouble="пропал", path=listed)
        elif files is not None and files.broken is not None:
            where = Location(listed, line=files.broken, column=1)
            yield IMPORT_LIST_BROKEN.at(where, name=key, trouble="испорчен", path=listed)
        elif files is not None:
            yield from _judge_parts(archive, key, manifest, files)


def _judge_parts(
    archive: Archive, key: str, manifest: Import, files: ImportFiles
) -> Iterator[Finding]:
    for part in files.parts:
        if part.student in archive.folders and part.student not in archive.students:
            continue  # a personal file not read this time
        path = part.path(key, manifest.layout)
        digest, salt = _read_kept(archive, key, part, path, files)
        if digest is None or salt is None:
            gone = path if digest is None else _salt_path(archive, key, part)
            if not archive.destroyed.of_path(gone):
                where = Location(gone)
                yield IMPORT_PART_MISSING.at(where, path=gone, number=part.number, name=key)
        elif keyed_digest(salt, digest) != part.digest:
            yield IMPORT_PART_ALTERED.at(Location(path), number=part.number, name=key, path=path)


def _read_kept(
    archive: Archive, key: str, part: ImportPart, path: str, files: ImportFiles
) -> tuple[bytes | None, bytes | None]:
    """Return the part's SHA-256 and the salt of its unit, None for what is not there."""
    if not part.student:
        return files.digests.get(path), files.salts.get(part.unit)
    student = archive.students.get(part.student)
    if student is None:
        return None, None
    data = student.raw.get(raw_name(key))
    return None if data is None else sha256(data).digest(), student.salt


def _salt_path(archive: Archive, key: str, part: ImportPart) -> str:
    if part.student:
        return f"{archive.students[part.student].folder}/.salt"
    return import_file(key, f"{part.unit}/.salt")


def check_imports_unlisted(archive: Archive) -> Iterator[Finding]:
    """Nothing lies among the parts of exports that no list names, and nothing is named twice."""
    named: set[str] = set()
    readable = {
        key: files
        for key, files in archive.import_files.items()
        if key in archive.import_lists
        and files.broken is None
        and archive.is_readable(import_file(key, "manifest.yaml"))
    }
    for key, files in readable.items():
        manifest = archive.imports.get(key)
        known = _list_known(key, manifest, files) if manifest else set()
        named |= known
        yield from _judge_twice(key, files)
        for path in sorted(files.digests.keys() - known):
            yield IMPORT_PART_UNLISTED.at(Location(path), path=path)
    unread = archive.import_lists - readable.keys()
    for student in archive.students.values():
        for name in sorted(student.raw):
            path = f"{student.folder}/raw/{name}"
            if path not in named and import_of(path) not in unread:
                yield IMPORT_PART_UNLISTED.at(Location(path), path=path)


def _list_known(key: str, manifest: Import, files: ImportFiles) -> set[str]:
    """List the paths that an import's list accounts for, salts of its units among them."""
    paths = {part.path(key, manifest.layout) for part in files.parts}
    units = {part.unit for part in files.parts if not part.student}
    salts = {import_file(key, f"{unit}/.salt") for unit in units}
    return paths | salts | {import_file(key, LIST)}


def _judge_twice(key: str, files: ImportFiles) -> Iterator[Finding]:
    seen: set[int | str] = set()
    path = import_file(key, LIST)
    for line, part in enumerate(files.parts, 2):
        for what, word in ((part.number, "номер"), (part.owner, part.owner)):
            if what in seen:
                yield IMPORT_PART_TWICE.at(
                    Location(path, line=line, column=1),
                    number=part.number,
                    name=key,
                    what=word,
                    path=path,
                )
            seen.add(what)
