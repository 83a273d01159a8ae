"""Reads refs from plain files exactly as git would resolve them.

Invariants: git is not run; whatever lies loose shadows the packed ref of that name, even when it
holds no id; what git could read otherwise than we do is told as broken, never guessed at.
Absent on purpose: following symbolic refs. An archive needs none.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from papka.gates.plain_file import NotPlain, read_plain

_ID = re.compile(rb"[0-9a-f]{40}")
_PACKED = re.compile(rb"(?P<id>[0-9a-f]{40}) (?P<name>refs/[^\s\0]+)")
_PEELED = re.compile(rb"\^[0-9a-f]{40}")
_HEADING = b"# pack-refs with:"
"""git dies of any other remark in packed-refs."""
_OF_A_WORK_TREE = ("bisect", "worktree", "rewritten")
"""The refs a linked work tree has of its own; all others are the common ones."""
_HEAD_OF_A_REMOTE = re.compile(r"refs/remotes/[^/]+/HEAD")
_ELSEWHERE_TOLD = "вместо неё — ссылка на другое место"
_ELSEWHERE = re.compile(rb"(?im)(?:^|\])[ \t]*refstorage[ \t]*(?:=|$)")


@dataclass(slots=True)
class Refs:
    """`ids`: full name -> commit id; `broken`: full name -> what is wrong with it."""

    ids: dict[str, str] = field(default_factory=dict)
    broken: dict[str, str] = field(default_factory=dict)

    def put(self, name: str, id_: str) -> None:
        self.broken.pop(name, None)
        self.ids[name] = id_

    def spoil(self, name: str, why: str) -> None:
        """The name, and all below it, lead nowhere that we would believe."""
        for below in [each for each in self.ids if each == name or each.startswith(name + "/")]:
            del self.ids[below]
        self.broken[name] = why


def read_refs(own: Path, common: Path) -> Refs:
    """All refs but HEAD of a store; `own` differs from `common` in a linked work tree."""
    found = Refs()
    _packed(common / "packed-refs", found)
    _loose(common, "refs", found)
    for place in dict.fromkeys((common / "refs", own / "refs")):
        if place.is_symlink():
            found.spoil("refs", _ELSEWHERE_TOLD)
    if own != common:
        for name in _OF_A_WORK_TREE:
            _loose(own, f"refs/{name}", found)
    stored_elsewhere = any((folder / "reftable").exists() for folder in (own, common))
    if stored_elsewhere or _ELSEWHERE.search(read_bytes(common / "config")):
        found.spoil("refs", "настройки велят git брать ссылки из другого места (refStorage)")
    return found


def read_bytes(file: Path) -> bytes:
    """A regular file's bytes; nothing when it is not there, or is something that could hang us."""
    try:
        return read_plain(file, follow=True)
    except (OSError, NotPlain):
        return b""


def _packed(file: Path, found: Refs) -> None:
    if os.path.lexists(file) and (file.is_symlink() or not file.is_file()):
        found.spoil("packed-refs", _ELSEWHERE_TOLD if file.is_symlink() else "это не файл")
        return
    data = read_bytes(file)
    if data and not data.endswith(b"\n"):
        found.spoil("packed-refs", "последняя строка обрывается")  # git reads none of it
    lines = data.removesuffix(b"\n").split(b"\n")
    for line in lines[1:] if lines[0].startswith(_HEADING) or lines == [b""] else lines:
        if _PEELED.fullmatch(line):
            continue
        match = _PACKED.fullmatch(line)
        if match is None:
            found.spoil("packed-refs", "в нём строка, которой там не бывает")
            continue
        name = match["name"].decode("utf-8", "surrogateescape")
        if name in found.ids or name in found.broken:
            found.spoil(name, "записана в packed-refs дважды")
        else:
            found.put(name, match["id"].decode())


def _loose(folder: Path, name: str, found: Refs) -> None:
    for entry in _listed(folder / name):
        ref = f"{name}/{entry.name}"
        if entry.name.endswith(".lock"):
            continue
        if entry.is_symlink():
            found.spoil(ref, _ELSEWHERE_TOLD)
        elif entry.is_dir(follow_symlinks=False):
            _loose(folder, ref, found)
        else:
            _one(ref, read_bytes(Path(entry.path)).rstrip(), found)


def _one(ref: str, value: bytes, found: Refs) -> None:
    if _ID.fullmatch(value):
        found.put(ref, value.decode())
    elif value.startswith(b"ref:") and _HEAD_OF_A_REMOTE.fullmatch(ref):
        found.ids.pop(ref, None)
    elif value.startswith(b"ref:"):
        found.spoil(ref, "она отсылает к другой ссылке")
    else:
        found.spoil(ref, "не идентификатор" if value else "пусто")


def _listed(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Entries by name; of a folder behind a link none, for who asks has told of the link."""
    try:
        with os.scandir(folder) as entries:
            yield from sorted(entries, key=lambda entry: entry.name)
    except OSError:
        return
