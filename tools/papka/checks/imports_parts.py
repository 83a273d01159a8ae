"""Every part of an export that its list names is there, unaltered (R-6.2).

A part that went with its personal file, by an act of destruction, is not missed: acts are judged
in the history. Files of an import that were not read this time are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from papka.core.codes import imports as codes
from papka.core.findings import Finding, Location
from papka.core.layout import import_file, raw_name
from papka.model.archive import Archive
from papka.model.imported import LIST, ImportFiles, ImportPart, keyed_digest
from papka.model.safekeeping import Import


def check(archive: Archive) -> Iterator[Finding]:
    for key, manifest in archive.imports.items():
        files = archive.import_files.get(key)
        listed = import_file(key, LIST)
        if key not in archive.import_lists:
            yield codes.IMPORT_LIST_BROKEN.at(
                Location(listed), name=key, trouble="пропал", path=listed
            )
        elif files is not None and files.broken is not None:
            where = Location(listed, line=files.broken, column=1)
            yield codes.IMPORT_LIST_BROKEN.at(where, name=key, trouble="испорчен", path=listed)
        elif files is not None:
            yield from _parts(archive, key, manifest, files)


def _parts(archive: Archive, key: str, manifest: Import, files: ImportFiles) -> Iterator[Finding]:
    for part in files.parts:
        if part.student in archive.folders and part.student not in archive.students:
            continue  # a personal file not read this time
        path = part.path(key, manifest.layout)
        digest, salt = _kept(archive, key, part, path, files)
        if digest is None or salt is None:
            if not _is_destroyed(archive, part):
                gone = path if digest is None else _salt_path(archive, key, part)
                where = Location(gone)
                yield codes.IMPORT_PART_MISSING.at(where, path=gone, number=part.number, name=key)
        elif keyed_digest(salt, digest) != part.digest:
            yield codes.IMPORT_PART_ALTERED.at(
                Location(path), number=part.number, name=key, path=path
            )


def _kept(
    archive: Archive, key: str, part: ImportPart, path: str, files: ImportFiles
) -> tuple[bytes | None, bytes | None]:
    """The part's SHA-256 and the salt of its unit, as far as they are there."""
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


def _is_destroyed(archive: Archive, part: ImportPart) -> bool:
    """Whether an act may have taken it: of a personal file that stands no part can be gone."""
    return bool(archive.destructions) and part.student not in archive.folders
