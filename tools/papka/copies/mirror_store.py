"""The store of a mirror: make one in a folder, keep its settings safe, say how git reaches it.

In a folder, git starts with settings that run no program of that folder, whatever its own
configuration says; a folder that is no independent copy is refused before git sees it. On a server
it is the server's git, with the server's hooks; by https only the school's own certificate is
believed, once one was written down.

The archive, a part of it and a folder around it are no place for its copy. An existing store is
taken only when it is bare and holds its objects itself; what a killed `git init` left is begun
anew; a folder that holds anything else is never emptied.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from papka.copies.media import read_label_of
from papka.copies.medium_format import BadMedium, read_label
from papka.core.errors import (
    GitFailed,
    LockHeld,
    NotAnArchive,
    PapkaError,
    Refused,
    RemoteRefused,
    RemoteUnreachable,
)
from papka.repository import files
from papka.repository.dot_papka import file_lock, stale_locks
from papka.repository.handle import (
    SAFE_STORE,
    SETTINGS_LOCK,
    Remote,
    folder_of,
    init,
    is_bare,
    is_remote,
    overlaps,
    read_setting,
    write_settings,
)
from papka.repository.runner import explain_talk, find_obstacle, git_program
from papka.repository.store import (
    STORE_ID,
    Store,
    find_borrowed,
    find_partial_marks,
    give_id,
    leads_away,
    list_hooks,
    locate,
    read_bytes,
    read_settings,
)

_SAFE_CONFIG = (
    "core.hooksPath=/dev/null",
    "core.alternateRefsCommand=true",  # it must name a program: one that does nothing
    "core.fsmonitor=false",
    "core.fsync=all",
    "receive.denyCurrentBranch=refuse",
    "receive.denyNonFastForwards=true",
    "receive.denyDeletes=true",
    "receive.fsckObjects=true",
    "receive.autogc=false",
    "gc.auto=0",
    "maintenance.auto=false",
    "protocol.allow=never",  # a store that lacks an object must not go and fetch it
    *(f"protocol.{name}.allow=never" for name in ("file", "ssh", "git", "http", "https", "ext")),
)
"""Settings on the command line of the git that runs in the folder, to which git does not hand on
the `-c` of the calling side. Plain words only, for a shell splits them."""
_LOCK = "papka-writing"
"""Held by the papka that sends to a folder; its name is no git lock's."""
_LOCK_SECONDS = 10.0


@contextmanager
def writing_alone(store: Store, *, seconds: float | None = None) -> Iterator[None]:
    """Hold a bare store for writing, and remove locks that killed gits left.

    Raises LockHeld after waiting so many seconds, ten where nobody says how many.
    """
    with file_lock(store.common / _LOCK, _LOCK, _LOCK_SECONDS if seconds is None else seconds):
        for name in stale_locks(store.own, store.common, None):
            (store.common / name).unlink(missing_ok=True)
        yield


@dataclass(frozen=True, slots=True)
class FarSide:
    """The other side of a talk. `address` as git takes it; `upload_pack`, `receive_pack`: options
    of fetch and push; `store`: None for a server; `config`: settings for the git of this side."""

    address: str
    upload_pack: str
    receive_pack: str
    store: Store | None = None
    config: tuple[str, ...] = ()

    @contextmanager
    def alone(self, remote: Remote) -> Iterator[None]:
        """Keep other papkas from writing to the folder; remove locks that killed ones left.

        Raises RemoteRefused when another one is writing.
        """
        with ExitStack() as held:
            try:
                if self.store is not None:
                    held.enter_context(writing_alone(self.store))
            except LockHeld as error:
                reason = "в него сейчас пишет другая команда papka"
                raise RemoteRefused(remote.name, reason, error.next_step) from error
            except OSError:
                pass  # git itself says why nothing can be written there
            yield


def far_side(root: Path, remote: Remote) -> FarSide:
    """Return the other side of a mirror; raises RemoteUnreachable when its folder is not there,
    RemoteRefused when it is no copy to trust."""
    if is_remote(remote.url):
        return FarSide(
            remote.url, "--upload-pack=git-upload-pack", "--receive-pack=git-receive-pack",
            config=_https_settings(root, remote),
        )  # fmt: skip
    place = folder_of(root, remote.url)
    try:
        there = is_bare(place)
    except OSError:
        there = False
    if not there:
        trouble = explain_talk("does not exist")
        raise RemoteUnreachable(remote.name, trouble.words, trouble.step)
    _require_medium(remote, place)
    reason = explain_unfit(place)
    if reason:
        raise RemoteRefused(
            remote.name,
            reason,
            f"Сделайте новое зеркало: papka mirror add ИМЯ НОВАЯ-ПАПКА --country {remote.country}",
        )
    tamed = " ".join([shlex.quote(git_program()), *(f"-c {setting}" for setting in _SAFE_CONFIG)])
    return FarSide(
        str(place),
        f"--upload-pack={tamed} upload-pack",
        f"--receive-pack={tamed} receive-pack",
        locate(place),
    )


def authority_setting(name: str) -> str:
    """Return the name of the setting that holds the certificate of a mirror's server."""
    return f"papka.{name}.ca"


def _https_settings(root: Path, remote: Remote) -> tuple[str, ...]:
    if not remote.url.startswith("https://"):
        return ()
    try:
        file = remote.authority or read_setting(root, authority_setting(remote.name))
    except NotAnArchive:
        file = None  # asked from no archive: a restore
    # The second is for git on Windows, which else asks the system alone.
    known = (f"http.sslCAInfo={file}", "http.schannelUseSSLCAInfo=true") if file else ()
    # Servers break off a push of unknown length over HTTP/2 (lighttpd 1.4.69: tried).
    return ("http.version=HTTP/1.1", *known)


def _require_medium(remote: Remote, place: Path) -> None:
    """Refuse another disk in the drive than the one with the mirror's sticker."""
    if not remote.medium:
        return
    data = read_label_of(place.parent)
    try:
        found = read_label(data).medium if data is not None else ""
    except BadMedium:
        found = ""
    if found != remote.medium:
        there = f"носитель с меткой {found}" if found else "носитель без читаемой метки"
        raise RemoteUnreachable(
            remote.name, f"подключён {there}, а нужен {remote.medium}",
            f"Подключите {remote.medium} и повторите",
        )  # fmt: skip


def explain_unfit(place: Path) -> str:
    """Say why a bare store in a folder must not be a mirror; empty when it may be one."""
    try:
        store = locate(place)
    except NotAnArchive:
        return "это не хранилище"
    if blocked := find_obstacle(store.own):
        return f"вместо файла {blocked} в нём канал или устройство: чтение не кончилось бы"
    if find_borrowed(store):
        return "оно не хранит объекты само, а берёт их из другого места"
    if find_partial_marks(store):
        return "это частичная копия: недостающее она добирает из другого места"
    if store.common != store.own:
        return "файл commondir отсылает его к другому хранилищу"
    if leads_away(store):
        return "его настройки отсылают к другим файлам, папкам или программам"
    return ""


def idle_hooks(root: Path, remote: Remote) -> tuple[str, ...]:
    """List programs in a folder mirror that git would run at a push; papka does not run them."""
    if is_remote(remote.url):
        return ()
    try:
        return list_hooks(locate(folder_of(root, remote.url)))
    except (NotAnArchive, OSError):
        return ()


_LEFT_BY_INIT = frozenset(
    ("HEAD", "HEAD.lock", "config", "config.lock", "description", "objects", "refs", "info")
) | {SETTINGS_LOCK, STORE_ID}
_LINK_TRIAL = re.compile(r"t[A-Za-z0-9]{6}")
"""The name under which git tries whether links can be made."""


def prepare_folder(root: Path, place: Path) -> None:
    """Make `place` a bare store apart from the archive, if it is none yet; raises Refused."""
    refuse_overlap(root, place)
    prepare_store(place)
    files.tighten(place)


def refuse_overlap(root: Path, place: Path) -> None:
    """Refuse as a place for a copy the archive, a part of it and a folder around it."""
    store = locate(root)
    if overlaps(place, (root, store.own, store.common)):
        raise Refused(
            f"{place} — сам архив, его часть или папка, в которой он лежит: копией она не будет",
            "Укажите папку на другом носителе",
        )


def prepare_store(place: Path) -> None:
    """Make `place` a bare store with safe settings, if it is none yet; raises Refused."""
    try:
        _make_bare(place)
    except (OSError, GitFailed) as error:
        raise Refused(
            f"В {place} хранилища не создать: папка недоступна или закрыта от записи",
            "Проверьте путь и права или укажите другую папку",
        ) from error


def _make_bare(place: Path) -> None:
    if not place.exists():
        if not place.parent.is_dir():
            raise Refused(
                f"Папки {place.parent} нет", "Подключите носитель или создайте папку и повторите"
            )
        init(place, bare=True)
    elif _is_left_by_init(place):
        for each in place.iterdir():
            if not each.is_dir() or each.is_symlink():
                each.unlink()
        init(place, bare=True)
    elif not is_bare(place):
        raise Refused(
            f"{place} — не хранилище для зеркала", "Укажите новую папку, papka создаст её сама"
        )
    reason = explain_unfit(place)
    if reason:
        raise Refused(f"{place} зеркалом быть не может: {reason}", "Укажите новую папку")
    write_settings(place, SAFE_STORE)
    give_id(locate(place))


def _is_bare_for_git(place: Path) -> bool:
    """Tell whether git itself would take a folder for a bare store."""
    if not is_bare(place):
        return False
    found, unread = read_settings(place, place)
    bare = any((each.key, each.value) == ("core.bare", "true") for each in found)
    return bare and not unread and read_bytes(place / "HEAD").startswith(b"ref: refs/")


def find_weakened(store: Store, wanted: Mapping[str, str] = SAFE_STORE) -> tuple[str, ...]:
    """Name the `wanted` settings that do not hold in a store, or not everywhere in it."""
    found, _ = read_settings(store.own, store.common)
    values: dict[str, set[str | None]] = {}
    for setting in found:
        values.setdefault(setting.key, set()).add(setting.value)
    return tuple(
        name for name, value in wanted.items() if values.get(_listed_name(name)) != {value}
    )


def weakened_mirror(root: Path, remote: Remote) -> tuple[str, ...]:
    """Name the safe settings that a mirror lacks; () for a server or a folder not there."""
    if is_remote(remote.url):
        return ()
    try:
        return find_weakened(locate(folder_of(root, remote.url)))
    except (NotAnArchive, OSError):
        return ()


def strengthen(root: Path, remote: Remote) -> None:
    """Restore the safe settings of a folder mirror and close it to other users of the computer.

    Where settings cannot be written, the push says so.
    """
    if not is_remote(remote.url):
        files.tighten(folder_of(root, remote.url))
    if weakened_mirror(root, remote):
        with suppress(OSError, PapkaError):
            write_settings(folder_of(root, remote.url), SAFE_STORE)


def _listed_name(name: str) -> str:
    """Return a setting's name as git lists it: section and key in small letters."""
    section, _, key = name.partition(".")
    return f"{section.lower()}.{key.lower()}"


def _is_left_by_init(place: Path) -> bool:
    """Tell whether a folder is empty or holds only what a killed `git init` or a power cut left."""
    if not place.is_dir() or _is_bare_for_git(place):
        return False
    names = {each.name for each in place.iterdir() if _LINK_TRIAL.fullmatch(each.name) is None}
    folders = (place / "objects", place / "refs")
    return names <= _LEFT_BY_INIT and not any(
        each.is_file() for folder in folders for each in folder.rglob("*")
    )
