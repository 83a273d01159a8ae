"""Makes a folder the store of a mirror, or finds that it must not be one; keeps its settings safe.

Invariants: the archive itself, a part of it and what holds it are no place for its copy; an
existing store is taken only when it is bare and holds its objects itself; what `git init` left when
it was killed is begun anew. Absent on purpose: emptying a folder that holds something else.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from papka.core.errors import GitFailed, NotAnArchive, PapkaError, Refused
from papka.gates import private
from papka.gates.git.addresses import folder_of, is_elsewhere, overlaps
from papka.gates.git.far import objection
from papka.gates.git.identity import STORE_ID, give_id
from papka.gates.git.refs import read_bytes
from papka.gates.git.repository import SAFE_STORE, Remote, init, is_bare, write_settings
from papka.gates.git.settings import read_settings
from papka.gates.git.settings_file import OURS
from papka.gates.git.store import Store, locate

_BEGUN = frozenset(
    {
        "HEAD",
        "HEAD.lock",
        "config",
        "config.lock",
        "description",
        "objects",
        "refs",
        "info",
        OURS,
        STORE_ID,
    }
)
_TRIED = re.compile(r"t[A-Za-z0-9]{6}")
"""By such a name git tries whether links can be made."""


def prepare_folder(root: Path, place: Path) -> None:
    """Makes sure that `place` is a bare store apart from the archive; raises Refused."""
    store = locate(root)
    if overlaps(place, (root, store.own, store.common)):
        raise Refused(
            f"{place} — сам архив, его часть или папка, в которой он лежит: копией она не будет",
            "Укажите папку на другом носителе",
        )
    prepare_store(place)
    private.tighten(place)


def prepare_store(place: Path) -> None:
    """Makes sure that `place` is a bare store with safe settings; raises Refused."""
    try:
        _prepare(place)
    except (OSError, GitFailed) as error:
        raise Refused(
            f"В {place} хранилища не создать: папка недоступна или закрыта от записи",
            "Проверьте путь и права или укажите другую папку",
        ) from error


def _prepare(place: Path) -> None:
    if not place.exists():
        if not place.parent.is_dir():
            raise Refused(
                f"Папки {place.parent} нет", "Подключите носитель или создайте папку и повторите"
            )
        init(place, bare=True)
    elif _is_begun(place):
        for each in place.iterdir():
            if not each.is_dir() or each.is_symlink():
                each.unlink()
        init(place, bare=True)
    elif not is_bare(place):
        raise Refused(
            f"{place} — не хранилище для зеркала", "Укажите новую папку, papka создаст её сама"
        )
    reason = objection(place)
    if reason:
        raise Refused(f"{place} зеркалом быть не может: {reason}", "Укажите новую папку")
    write_settings(place, SAFE_STORE)
    give_id(locate(place))


def _is_sound(place: Path) -> bool:
    """Whether git itself would take it for a bare store."""
    if not is_bare(place):
        return False
    found, unread = read_settings(place, place)
    bare = any((each.key, each.value) == ("core.bare", "true") for each in found)
    return bare and not unread and read_bytes(place / "HEAD").startswith(b"ref: refs/")


def weakened(store: Store, wanted: Mapping[str, str] = SAFE_STORE) -> tuple[str, ...]:
    """Names of the `wanted` settings that do not hold in a store, or not everywhere in it."""
    found, _ = read_settings(store.own, store.common)
    values: dict[str, set[str | None]] = {}
    for setting in found:
        values.setdefault(setting.key, set()).add(setting.value)
    return tuple(name for name, value in wanted.items() if values.get(_key(name)) != {value})


def weakened_mirror(root: Path, remote: Remote) -> tuple[str, ...]:
    """The same of a mirror; of one that is no folder, or is not there, nothing is known."""
    if is_elsewhere(remote.url):
        return ()
    try:
        return weakened(locate(folder_of(root, remote.url)))
    except (NotAnArchive, OSError):
        return ()


def strengthen(root: Path, remote: Remote) -> None:
    """Sets again what somebody took away; where that cannot be written, the push itself says so.

    A folder of an earlier version, open to other people of the computer, is closed.
    """
    if not is_elsewhere(remote.url):
        private.tighten(folder_of(root, remote.url))
    if weakened_mirror(root, remote):
        with suppress(OSError, PapkaError):
            write_settings(folder_of(root, remote.url), SAFE_STORE)


def _key(name: str) -> str:
    """As git lists it: section and key in small letters."""
    section, _, key = name.partition(".")
    return f"{section.lower()}.{key.lower()}"


def _is_begun(place: Path) -> bool:
    """An empty folder, or what a killed `git init` or a power cut leaves of one: nothing of it is
    anybody's."""
    if not place.is_dir() or _is_sound(place):
        return False
    names = {each.name for each in place.iterdir() if _TRIED.fullmatch(each.name) is None}
    folders = (place / "objects", place / "refs")
    return names <= _BEGUN and not any(
        each.is_file() for folder in folders for each in folder.rglob("*")
    )
