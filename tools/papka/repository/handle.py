"""Make repositories, set them up, and keep the list of their mirrors and addresses.

GitPython makes the repository (`gitpython`). Settings are edited by git in a copy far from the
store, which is put in place as `config.lock`, whole or not at all, so that no git and no papka
writes at the same time. What stands there stays, comments too; settings of a received repository
are read as text, never obeyed.

Addresses of mirrors hold no password and nothing that a program could take for an option; only
folders, ssh and https are accepted. A folder is kept by its full path and means the same wherever
papka is started.
"""

from __future__ import annotations

import errno
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import LockHeld, NotAnArchive, Refused, cannot_access
from papka.repository.dot_papka import file_lock, is_git_working_in, is_left_behind
from papka.repository.files import SMALL, read_plain, sync_file, sync_folder, write_whole
from papka.repository.git_values import MAIN, Naming
from papka.repository.runner import run_git
from papka.repository.store import locate, read_refs, read_settings

SETTINGS_LOCK = "papka-settings"
"""Held while papka writes settings; its name is no git lock's."""
_SECONDS = 10.0
SAFE_STORE = {
    "core.fsync": "all",
    "receive.denyNonFastForwards": "true",
    "receive.denyDeletes": "true",
    "receive.fsckObjects": "true",
    "transfer.fsckObjects": "true",
}
"""Settings that a store which takes pushes must have."""
SAFE_ARCHIVE = {
    "core.fsync": "all",
    "core.hooksPath": "tools/hooks",
    "core.autocrlf": "false",
    "core.quotepath": "off",
    "transfer.fsckObjects": "true",
}
"""Settings of a work place with an archive; signing settings come on top."""


def init(root: Path, *, bare: bool = False, naming: Naming = "sha1") -> None:
    """Make an empty repository with the branch main and no template, so no foreign hook."""
    root.mkdir(parents=True, exist_ok=True)
    from papka.repository.gitpython import make_repository

    make_repository(root, bare=bare, naming=naming)
    store = root if bare else root / ".git"
    # git syncs nothing of what it has just made: after a power cut it would be no repository.
    for name in ("HEAD", "config"):
        sync_file(store / name)
    for folder in (store / "refs" / "heads", store / "refs", store / "objects", store, root):
        sync_folder(folder)


def is_bare(folder: Path) -> bool:
    """Tell by its files, without git, whether the folder itself is a bare store."""
    parts = (folder / "HEAD", folder / "objects", folder / "refs")
    return all(part.exists() for part in parts) and not (folder / ".git").exists()


def signing_settings(name: str, key: Path) -> dict[str, str]:
    """Return the settings with which a person's own `git commit` signs as papka does."""
    return {
        "user.name": name,
        "user.email": f"{name}@papka.invalid",
        "user.signingKey": str(key),
        "gpg.format": "ssh",
        "gpg.ssh.allowedSignersFile": "records/trust/allowed_signers",
        "commit.gpgSign": "true",
    }


def write_settings(root: Path, settings: Mapping[str, str]) -> None:
    """Set `section.key` or `section.subsection.key` in the repository's own configuration."""
    write_settings_of(locate(root).common, settings)


def write_settings_of(common: Path, settings: Mapping[str, str]) -> None:
    """Set `section.key` or `section.subsection.key` in the file `config` of a store.

    Raise LockHeld while somebody's git writes there.
    """
    target, lock = common / "config", common / "config.lock"
    with file_lock(common / SETTINGS_LOCK, SETTINGS_LOCK, _SECONDS):
        handle = _take_lock(lock)
        try:
            with os.fdopen(handle, "wb") as file:
                is_there = os.path.lexists(target)
                before = read_plain(target, most=SMALL) if is_there else b""
                file.write(_compose_settings(before, settings))
                file.flush()
                os.fsync(handle)
            if is_there:
                lock.chmod(target.stat().st_mode & 0o777)
            lock.replace(target)
        except BaseException:
            lock.unlink(missing_ok=True)
            raise
    sync_folder(common)


def _compose_settings(data: bytes, settings: Mapping[str, str]) -> bytes:
    with tempfile.TemporaryDirectory(prefix="papka-") as name:
        copy = Path(name) / "config"
        copy.write_bytes(data)
        for key, value in settings.items():
            command = ("config", "--file", str(copy), "--replace-all", key, value)
            run_git(*command, folder=copy.parent)
        return copy.read_bytes()


def _take_lock(lock: Path) -> int:
    """Create the lock and return its handle; clear one that a killed git left behind."""
    # Where a git that writes the settings has its working folder, or below.
    home = lock.parent.parent if lock.parent.name == ".git" else lock.parent
    until = time.monotonic() + _SECONDS
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    while True:
        try:
            return os.open(lock, flags, 0o644)
        except FileExistsError as error:
            if not is_git_working_in(home) and is_left_behind(lock):
                lock.unlink(missing_ok=True)
            elif time.monotonic() > until:
                raise LockHeld(lock.name) from error
            else:
                time.sleep(0.05)


def read_setting(root: Path, name: str) -> str | None:
    """Return a setting of the repository's own configuration; None when it is not set."""
    section, _, key = name.rpartition(".")
    head, dot, rest = section.partition(".")
    wanted = f"{head.lower()}{dot}{rest}.{key.lower()}"
    return _read_own_settings(root).get(wanted)


def _read_own_settings(root: Path) -> dict[str, str]:
    """Return the repository's own configuration, the last of each key; raise NotAnArchive."""
    store = locate(root)
    settings, unread = read_settings(store.own, store.common)
    if "config" in unread:
        raise NotAnArchive(str(root))
    return {each.key: each.value or "" for each in settings if each.file == "config"}


_OF_REMOTE = re.compile(r"remote\.(?P<name>\w[\w-]*(?:\.[\w-]+)*)\.[a-z0-9-]+")
"""A name becomes part of a path, and of settings: one that could lead elsewhere is no mirror's."""


@dataclass(frozen=True, slots=True)
class Remote:
    """A mirror as configured here: where it is, in which country, and whether it is the primary.

    `medium`: the number on the sticker of the disk its folder is on, when it moves between drives;
    `authority`: the file with the certificate its server is known by, when it is not written down.
    """

    name: str
    url: str
    country: str
    primary: bool
    medium: str = ""
    authority: str = ""


def add_remote(root: Path, remote: Remote) -> None:
    """Write a remote down; one that is primary becomes the only primary."""
    settings = {
        f"remote.{remote.name}.url": remote.url,
        f"remote.{remote.name}.fetch": f"+refs/heads/*:refs/remotes/{remote.name}/*",
        f"papka.{remote.name}.country": remote.country,
    }
    if remote.medium:
        settings[f"papka.{remote.name}.medium"] = remote.medium
    if remote.primary:
        settings["papka.primary"] = remote.name
    write_settings(root, settings)


def list_remotes(root: Path) -> tuple[Remote, ...]:
    """Return the mirrors written down, the primary first, the others as added."""
    known = _read_own_settings(root)
    names = dict.fromkeys(match["name"] for key in known if (match := _OF_REMOTE.fullmatch(key)))
    primary = known.get("papka.primary")
    found = [
        Remote(
            name, known.get(f"remote.{name}.url", ""), known.get(f"papka.{name}.country", ""),
            name == primary, known.get(f"papka.{name}.medium", ""),
        )
        for name in names
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda remote: not remote.primary))


def note_confirmed(root: Path, remote: Remote, commit: str) -> str:
    """Remember what a store said it has; return why that failed, as nothing is lost by it."""
    # Written without git, whose process would cost as much as all else here.
    try:
        common = locate(root).common
        write_whole(
            common / _note_of(remote), f"{commit}\n".encode(), aside=common / f"papka-{remote.name}"
        )
    except OSError as error:
        return cannot_access(error).message
    return ""


def last_confirmed(root: Path, remote: Remote) -> str | None:
    """Return what the store was last known to have; read as a file, without git, for `verify`."""
    store = locate(root)
    return read_refs(store.own, store.common).ids.get(_note_of(remote))


def count_unconfirmed(root: Path, remote: Remote) -> int:
    """Count the commits of main that the store is not known to have."""
    known = last_confirmed(root, remote)
    since = [f"^{known}"] if known else []
    ran = run_git("rev-list", "--count", MAIN, *since, folder=root, accepted=(0, 128))
    return int(ran.text) if ran.code == 0 else 0


def count_unconfirmed_all(root: Path) -> tuple[tuple[Remote, int], ...]:
    """Return each mirror, the primary first, and how many commits it has not confirmed, as this
    archive remembers."""
    return tuple((each, count_unconfirmed(root, each)) for each in list_remotes(root))


def _note_of(remote: Remote) -> str:
    return f"refs/remotes/{remote.name}/main"


_HOST = r"(?:[A-Za-z0-9][\w.-]*@)?[A-Za-z0-9][\w.-]+"
_ELSEWHERE = re.compile(rf"(?:ssh|https)://{_HOST}(?::\d+)?/\S+|{_HOST}:(?!//|[:\\-])\S+", re.ASCII)
_PARTS = re.compile(
    r"(?:(?P<scheme>ssh|https)://)?(?:(?P<user>[^@/:]+)@)?(?P<host>[^/:]+)"
    r"(?::(?P<port>\d+)(?=/))?[:/](?P<path>.*)",
    re.DOTALL,
)
_KINDS = "Годятся папка, ssh://… и https://…"


def is_remote(address: str) -> bool:
    """Whether the address leads to another computer, over ssh or https."""
    return address.isprintable() and _ELSEWHERE.fullmatch(address) is not None


def normalize_address(address: str, base: Path | None) -> str:
    """Return the address as it is to be written down; a folder becomes a full, resolved path.

    `base`: the folder a relative path starts from; None: only full paths. Raise Refused.
    """
    if not address.isprintable() or not address.strip():
        raise Refused("Адрес зеркала не годится: в нём невидимые знаки", _KINDS)
    if is_remote(address):
        return address
    written = address.removeprefix("file://")
    if _is_no_path(written):
        raise Refused(f"Адрес зеркала не годится: {address}", _KINDS)
    if base is None and not Path(written).is_absolute():
        raise Refused(f"Адрес зеркала не годится: {address}", "Укажите полный путь к папке")
    place = (base or Path()) / written
    closed = Refused(f"Папка зеркала не открывается: {address}", _KINDS)
    try:
        found = str(place.resolve())
    except (OSError, RuntimeError) as error:
        raise closed from error
    if _leads_in_a_circle(place):
        raise closed
    return found


def _leads_in_a_circle(place: Path) -> bool:
    """Whether links lead nowhere but to one another; from Python 3.13 on resolving is silent."""
    try:
        place.stat()
    except OSError as error:
        return error.errno == errno.ELOOP
    return False


def folder_of(root: Path, address: str) -> Path:
    """Return the folder that a written address on this computer leads to."""
    return root / address.removeprefix("file://")


def is_one_place(one: str, other: str) -> bool:
    """Whether two written addresses are the same store, however they are spelled."""
    if is_remote(one) or is_remote(other):
        return is_remote(one) and is_remote(other) and _normalize(one) == _normalize(other)
    return _is_same(Path(one), Path(other))


def overlaps(place: Path, others: Iterable[Path]) -> bool:
    """Whether a folder is one of the others, lies inside one, or holds one."""
    return any(
        any(_is_same(place, above) for above in (other, *other.parents))
        or any(_is_same(other, above) for above in place.parents)
        for other in (each.resolve() for each in others)
    )


def _is_no_path(written: str) -> bool:
    """Whether git or the system would take it for an option, a protocol or a host."""
    drive = re.match(r"[A-Za-z]:[\\/]", written) is not None
    if sys.platform == "win32":
        foreign = ":" in written and not drive
    else:
        foreign = "\\" in written or drive or ":" in written.partition("/")[0]
    return foreign or written.startswith("-") or "://" in written or "::" in written


def _normalize(address: str) -> tuple[str, ...]:
    """Return what all spellings of one store share: by ssh or https, with `.git` or without."""
    match = _PARTS.fullmatch(address)
    if match is None:
        return (address,)
    user, port, path = match["user"] or "", match["port"] or "", match["path"]
    return (
        "" if user == "git" else user,
        match["host"].casefold(),
        "" if port in ("22", "443") else port,
        re.sub(r"/+", "/", path).strip("/").removesuffix(".git").rstrip("/"),
    )


def _is_same(one: Path, other: Path) -> bool:
    try:
        return one.samefile(other)
    except OSError:
        return os.path.normcase(one) == os.path.normcase(other)
