"""The other side of a talk: which address git is given, and how git is started there.

Invariants: in a folder, git starts with settings that run no program of that folder, whatever its
own configuration says; a folder that is no independent copy is refused before git sees it. On a
server it is the server's git, with the server's hooks; by https only the school's own certificate
is believed, once one was written down.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import LockHeld, NotAnArchive, RemoteRefused, RemoteUnreachable
from papka.core.medium import BadMedium, read_label
from papka.gates.git.addresses import folder_of, is_elsewhere
from papka.gates.git.locks import stale_locks
from papka.gates.git.obstacles import obstacle
from papka.gates.git.repository import Remote, is_bare, read_setting
from papka.gates.git.runner import git_program
from papka.gates.git.store import Store, borrowed, hooks, leads_away, locate, partial
from papka.gates.git.troubles import explain_talk
from papka.gates.lock import file_lock
from papka.gates.media import read_label_of

_TAME = (
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
"""Given on the command line of the git that runs in the folder: git itself forgets the `-c` of the
calling side there. Plain words only, for a shell splits them."""


_HTTPS = ("http.version=HTTP/1.1",)
"""Servers break a push of unknown length off over HTTP/2 (lighttpd 1.4.69: tried)."""
_LOCK = "papka-writing"
"""Held by the papka that sends to a folder; its name is no git lock's."""
_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class FarSide:
    """`address` as git takes it; `upload_pack` and `receive_pack` are options of fetch and push;
    `config`: settings for the git of this side; `store` is None unless it is a folder."""

    address: str
    upload_pack: str
    receive_pack: str
    store: Store | None = None
    config: tuple[str, ...] = ()

    @contextmanager
    def alone(self, remote: Remote) -> Iterator[None]:
        """Nobody else's papka writes to the folder meanwhile, so locks there are of killed ones.

        Raises RemoteRefused when somebody's does.
        """
        with ExitStack() as held:
            try:
                if self.store is not None:
                    held.enter_context(file_lock(self.store.common / _LOCK, _LOCK, _SECONDS))
                    for name in stale_locks(self.store.own, self.store.common, None):
                        (self.store.common / name).unlink(missing_ok=True)
            except LockHeld as error:
                reason = "в него сейчас пишет другая команда papka"
                raise RemoteRefused(remote.name, reason, error.next_step) from error
            except OSError:
                pass  # git itself says why nothing can be written there
            yield


def far_side(root: Path, remote: Remote) -> FarSide:
    """The other side of a mirror; raises RemoteUnreachable when its folder is not there, and
    RemoteRefused when it is no copy to trust."""
    if is_elsewhere(remote.url):
        return FarSide(
            remote.url, "--upload-pack=git-upload-pack", "--receive-pack=git-receive-pack",
            config=_https(root, remote),
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
    reason = objection(place)
    if reason:
        raise RemoteRefused(
            remote.name,
            reason,
            f"Сделайте новое зеркало: papka mirror add ИМЯ НОВАЯ-ПАПКА --country {remote.country}",
        )
    tamed = " ".join([shlex.quote(git_program()), *(f"-c {setting}" for setting in _TAME)])
    return FarSide(
        str(place),
        f"--upload-pack={tamed} upload-pack",
        f"--receive-pack={tamed} receive-pack",
        locate(place),
    )


def authority_setting(name: str) -> str:
    """Where it is written down by whose certificate a mirror's server is known."""
    return f"papka.{name}.ca"


def _https(root: Path, remote: Remote) -> tuple[str, ...]:
    if not remote.url.startswith("https://"):
        return ()
    try:
        file = remote.authority or read_setting(root, authority_setting(remote.name))
    except NotAnArchive:
        file = None  # asked from no archive: a restore
    # The second is for git on Windows, which else asks the system alone.
    known = (f"http.sslCAInfo={file}", "http.schannelUseSSLCAInfo=true") if file else ()
    return (*_HTTPS, *known)


def _require_medium(remote: Remote, place: Path) -> None:
    """The disk with this sticker is plugged in, and not another one in the same drive."""
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


def objection(place: Path) -> str:
    """Why a bare store in a folder is no mirror; empty when it may be one."""
    try:
        store = locate(place)
    except NotAnArchive:
        return "это не хранилище"
    if blocked := obstacle(store.own):
        return f"вместо файла {blocked} в нём канал или устройство: чтение не кончилось бы"
    if borrowed(store):
        return "оно не хранит объекты само, а берёт их из другого места"
    if partial(store):
        return "это частичная копия: недостающее она добирает из другого места"
    if store.common != store.own:
        return "файл commondir отсылает его к другому хранилищу"
    if leads_away(store):
        return "его настройки отсылают к другим файлам, папкам или программам"
    return ""


def idle_hooks(root: Path, remote: Remote) -> tuple[str, ...]:
    """Programs that lie in a folder mirror to be run at a push; we do not run them."""
    if is_elsewhere(remote.url):
        return ()
    try:
        return hooks(locate(folder_of(root, remote.url)))
    except (NotAnArchive, OSError):
        return ()
