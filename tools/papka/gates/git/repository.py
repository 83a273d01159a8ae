"""Makes and sets up repositories; knows which settings papka relies on and its own ones.

Invariants: settings of a received repository are read as text, not obeyed; they are written whole
or not at all. Absent on purpose: checkout, merge, anything that moves a branch.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from papka.core.errors import NotAnArchive
from papka.gates.durable import sync_file, sync_folder
from papka.gates.git import clean_repo
from papka.gates.git.settings import read_settings
from papka.gates.git.settings_file import write_settings_of
from papka.gates.git.store import locate

_CONFIG = "config"
_OF_REMOTE = re.compile(r"remote\.(?P<name>\w[\w-]*(?:\.[\w-]+)*)\.[a-z0-9-]+")
"""A name becomes part of a path, and of settings: one that could lead elsewhere is no mirror's."""
SAFE_STORE = {
    "core.fsync": "all",
    "receive.denyNonFastForwards": "true",
    "receive.denyDeletes": "true",
    "receive.fsckObjects": "true",
    "transfer.fsckObjects": "true",
}
"""What a store that takes pushes must be set to."""
SAFE_ARCHIVE = {
    "core.fsync": "all",
    "core.hooksPath": "tools/hooks",
    "core.autocrlf": "false",
    "core.quotepath": "off",
    "transfer.fsckObjects": "true",
}
"""What a work place with an archive is set to; signing settings come on top."""


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


def init(root: Path, *, bare: bool = False) -> None:
    """Makes an empty repository with the branch main and no template, so no foreign hook."""
    root.mkdir(parents=True, exist_ok=True)
    clean_repo.make(root, bare=bare)
    store = root if bare else root / ".git"
    # git syncs nothing of what it has just made: after a power cut it would be no repository.
    for name in ("HEAD", "config"):
        sync_file(store / name)
    for folder in (store / "refs" / "heads", store / "refs", store / "objects", store, root):
        sync_folder(folder)


def is_bare(folder: Path) -> bool:
    """Whether the folder itself is a bare store; looked at, not asked of git."""
    parts = (folder / "HEAD", folder / "objects", folder / "refs")
    return all(part.exists() for part in parts) and not (folder / ".git").exists()


def signing_settings(name: str, key: Path) -> dict[str, str]:
    """Settings with which a person's own `git commit` signs as papka does."""
    return {
        "user.name": name,
        "user.email": f"{name}@papka.invalid",
        "user.signingKey": str(key),
        "gpg.format": "ssh",
        "gpg.ssh.allowedSignersFile": "records/trust/allowed_signers",
        "commit.gpgSign": "true",
    }


def write_settings(root: Path, settings: Mapping[str, str]) -> None:
    """Sets `section.key` or `section.subsection.key` in the repository's own configuration."""
    write_settings_of(locate(root).common, settings)


def read_setting(root: Path, name: str) -> str | None:
    """A setting of the repository's own configuration; None when it is not set."""
    section, _, key = name.rpartition(".")
    head, dot, rest = section.partition(".")
    wanted = f"{head.lower()}{dot}{rest}.{key.lower()}"
    return _own_settings(root).get(wanted)


def add_remote(root: Path, remote: Remote) -> None:
    """Writes a remote down; the first primary stays the only one."""
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


def remotes(root: Path) -> tuple[Remote, ...]:
    """The mirrors written down, the primary first, the others as added."""
    known = _own_settings(root)
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


def _own_settings(root: Path) -> dict[str, str]:
    """All of the repository's own configuration, the last of each; raises NotAnArchive."""
    store = locate(root)
    settings, unread = read_settings(store.own, store.common)
    if _CONFIG in unread:
        raise NotAnArchive(str(root))
    return {each.key: each.value or "" for each in settings if each.file == _CONFIG}
