"""Makes a folder the store of a mirror, or finds that it must not be one.

Invariants: the archive itself, a part of it and what holds it are no place for its copy; an
existing store is taken only when it is bare and holds its objects itself; its settings are made
safe. Absent on purpose: emptying a folder that holds something else.
"""

from __future__ import annotations

from pathlib import Path

from papka.core.errors import GitFailed, Refused
from papka.gates.git.addresses import overlaps
from papka.gates.git.far import objection
from papka.gates.git.repository import SAFE_STORE, init, is_bare, write_settings
from papka.gates.git.store import locate


def prepare_folder(root: Path, place: Path) -> None:
    """Makes sure that `place` is a bare store apart from the archive; raises Refused."""
    store = locate(root)
    if overlaps(place, (root, store.own, store.common)):
        raise Refused(
            f"{place} — сам архив, его часть или папка, в которой он лежит: копией она не будет",
            "Укажите папку на другом носителе",
        )
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
    elif not is_bare(place):
        raise Refused(
            f"{place} — не хранилище для зеркала", "Укажите новую папку, papka создаст её сама"
        )
    reason = objection(place)
    if reason:
        raise Refused(f"{place} зеркалом быть не может: {reason}", "Укажите новую папку")
    write_settings(place, SAFE_STORE)
