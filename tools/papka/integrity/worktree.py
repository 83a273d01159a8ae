"""The folder against the last commit, byte by byte: the index is asked only what it hides."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from papka.core.codes import history as codes
from papka.core.codes import repository
from papka.core.findings import Finding, Location
from papka.core.store import HOOKS, TrackedFile


def judge_folder(
    tracked: Mapping[str, TrackedFile],
    present: Mapping[str, str | None],
    concealed: Mapping[str, str],
    programs: Collection[str] = (),
) -> Iterator[Finding]:
    """`present`: path -> blob id of the file's bytes, None where it cannot be read; `concealed`:
    path -> by what git is kept from seeing the difference; `programs`: executable files."""
    for path, what in differing(tracked, present).items():
        if path in concealed:
            yield repository.HIDDEN_CHANGE.at(Location(path), how=concealed[path])
        else:
            yield codes.WORKTREE_DIFFERS.at(Location(path), what=what, path=path)
    for path in sorted(present.keys() - tracked.keys()):
        if path in concealed:
            yield repository.HIDDEN_CHANGE.at(Location(path), how=concealed[path])
        else:
            yield codes.UNTRACKED_FILE.at(Location(path))
        if path in programs and path.startswith(f"{HOOKS}/"):
            yield repository.REPO_HOOKS.at(Location(path), names=path)


def differing(
    tracked: Mapping[str, TrackedFile], present: Mapping[str, str | None]
) -> dict[str, str]:
    """The tracked paths whose file is another than committed, with how."""
    found = {}
    for path, file in tracked.items():
        if path not in present:
            found[path] = "его нет в папке"
        elif present[path] is None:
            found[path] = "его не прочесть"
        elif present[path] != file.id:
            found[path] = "другое содержимое"
    return found
