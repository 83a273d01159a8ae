"""Nothing lies among the parts of exports that no list names, and nothing is named twice."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import imports as codes
from papka.core.findings import Finding, Location
from papka.core.layout import import_file, import_of
from papka.model.archive import Archive
from papka.model.imported import LIST, ImportFiles
from papka.model.safekeeping import Import


def check(archive: Archive) -> Iterator[Finding]:
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
        known = _known(key, manifest, files) if manifest else set()
        named |= known
        yield from _twice(key, files)
        for path in sorted(files.digests.keys() - known):
            yield codes.IMPORT_PART_UNLISTED.at(Location(path), path=path)
    unread = archive.import_lists - readable.keys()
    for student in archive.students.values():
        for name in sorted(student.raw):
            path = f"{student.folder}/raw/{name}"
            if path not in named and import_of(path) not in unread:
                yield codes.IMPORT_PART_UNLISTED.at(Location(path), path=path)


def _known(key: str, manifest: Import, files: ImportFiles) -> set[str]:
    """Every path the list of an import accounts for, salts of its units among them."""
    paths = {part.path(key, manifest.layout) for part in files.parts}
    units = {part.unit for part in files.parts if not part.student}
    salts = {import_file(key, f"{unit}/.salt") for unit in units}
    return paths | salts | {import_file(key, LIST)}


def _twice(key: str, files: ImportFiles) -> Iterator[Finding]:
    seen: set[int | str] = set()
    path = import_file(key, LIST)
    for line, part in enumerate(files.parts, 2):
        for what, word in ((part.number, "номер"), (part.owner, part.owner)):
            if what in seen:
                yield codes.IMPORT_PART_TWICE.at(
                    Location(path, line=line, column=1),
                    number=part.number,
                    name=key,
                    what=word,
                    path=path,
                )
            seen.add(what)
