"""No two names of the last commit are one on a system that ignores case or composition."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator

from papka.core.codes import history as codes
from papka.core.findings import Finding, Location
from papka.integrity.chronicle import Chronicle


def no_twins(chronicle: Chronicle) -> Iterator[Finding]:
    if _are_plainly_apart(chronicle.files):
        return
    seen: dict[str, str] = {}
    folders: set[str] = set()
    for path in chronicle.files:
        for name in (path, *_new_folders(path, folders)):
            other = seen.setdefault(_folded(name), name)
            if other != name:
                yield codes.PATH_COLLISION.at(Location(name), other=other)


def _are_plainly_apart(paths: Collection[str]) -> bool:
    """Names of small Latin letters cannot be one, and no other name folds to any of them or to
    another such: nearly every archive ends here."""
    names = {*paths, *(path.rpartition("/")[0] for path in paths)}
    above = {name.rpartition("/")[0] for name in names} - names
    while above:
        names |= above
        above = {name.rpartition("/")[0] for name in above} - names
    odd = [name for name in names if not (name.isascii() and name == name.lower())]
    folded = {_folded(name) for name in odd}
    return len(folded) == len(odd) and folded.isdisjoint(names)


def _new_folders(path: str, known: set[str]) -> Iterator[str]:
    folder = path.rpartition("/")[0]
    while folder and folder not in known:
        known.add(folder)
        yield folder
        folder = folder.rpartition("/")[0]


def _folded(name: str) -> str:
    if name.isascii():
        return name.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())
