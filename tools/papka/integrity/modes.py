"""Only plain files: a link or a submodule has no signed content, an executable is no record."""

from __future__ import annotations

from collections.abc import Iterator

from papka.core.codes import foreign_files
from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.core.history import EXECUTABLE, LINK, SUBMODULE
from papka.integrity.chronicle import Chronicle

PROGRAMS = "tools/"
"""The one folder with programs in it."""


def plain_files(chronicle: Chronicle) -> Iterator[Finding]:
    for step in chronicle.steps:
        for change in step.changes:
            mode, path = change.new_mode, change.path
            if mode in ("", "100644", change.old_mode):
                continue
            where = Location(path, commit=step.commit.id)
            if mode == LINK:
                yield foreign_files.PATH_SYMLINK.at(where)
            elif mode == SUBMODULE:
                yield codes.PATH_SUBMODULE.at(where, path=path)
            elif mode == EXECUTABLE and not path.startswith(PROGRAMS):
                yield codes.FILE_MODE.at(where, path=path)
