"""An export once taken in stays as it is; whole it goes only while its period is open (R-6.2).

A step that brings an act of destruction is judged by the rules of the history.
"""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import steps as codes
from papka.core.findings import Finding, Location
from papka.core.layout import IMPORTS, import_file
from papka.model.archive import Archive
from papka.model.imported import LIST
from papka.model.safekeeping import Import


def transition(before: Archive, after: Archive) -> Iterator[Finding]:
    if after.destructions - before.destructions:
        return
    for key, manifest in before.imports.items():
        readable = after.is_readable(import_file(key, "manifest.yaml"))
        if key in after.imports:
            yield from _changed(before, after, key, manifest)
        elif readable and manifest.period in before.approvals:
            where = Location(f"{IMPORTS}{key}")
            yield codes.IMPORT_REMOVED.at(where, name=key, period=manifest.period, path=where.path)


def _changed(before: Archive, after: Archive, key: str, manifest: Import) -> Iterator[Finding]:
    """The list of parts binds them all by their digests, so it is enough to look at the list;
    a part that is missing the state itself shows, unless an earlier act could explain it."""
    manifest_path, list_path = import_file(key, "manifest.yaml"), import_file(key, LIST)
    if after.imports[key] != manifest:
        yield _said(key, manifest_path, "опись изменена")
    if key not in before.import_files or key not in after.import_files:
        return  # not read this time, for nothing in it changed
    old, new = before.import_files[key], after.import_files[key]
    if new.digests.get(list_path, b"") != old.digests.get(list_path) and list_path in new.digests:
        yield _said(key, list_path, "список частей изменён")
    if after.destructions:
        for path in sorted(old.digests.keys() - new.digests.keys() - {list_path}):
            yield _said(key, path, "часть исчезла без акта")


def _said(key: str, path: str, what: str) -> Finding:
    return codes.IMPORT_CHANGED.at(Location(path), name=key, what=what, path=path)
