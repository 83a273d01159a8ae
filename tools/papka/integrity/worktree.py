"""The folder against the last commit, byte by byte: the index is not asked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.core.store import TrackedFile


def judge_folder(
    tracked: Mapping[str, TrackedFile], present: Mapping[str, str | None]
) -> Iterator[Finding]:
    """`present`: path -> blob id of the file's bytes, None where it cannot be read."""
    for path, file in tracked.items():
        if path not in present:
            yield codes.WORKTREE_DIFFERS.at(Location(path), what="его нет в папке", path=path)
        elif present[path] is None:
            yield codes.WORKTREE_DIFFERS.at(Location(path), what="его не прочесть", path=path)
        elif present[path] != file.id:
            yield codes.WORKTREE_DIFFERS.at(Location(path), what="другое содержимое", path=path)
    for path in sorted(present.keys() - tracked.keys()):
        yield codes.UNTRACKED_FILE.at(Location(path))
