"""Makes and sets up repositories; knows which settings papka relies on and its own ones.

Invariants: GitPython only writes configuration (it would follow what that includes, and runs a git
that sees the user's environment); settings of a received repository are read as text, not obeyed.
Absent on purpose: checkout, merge, anything that moves a branch.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from papka.core.errors import NotAnArchive
from papka.gates.git.runner import run_git
from papka.gates.git.settings import read_settings
from papka.gates.git.store import locate

if TYPE_CHECKING:
    from git import Repo

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

    `medium`: the number on the sticker of the disk its folder is on, when it moves between drives.
    """

    name: str
    url: str
    country: str
    primary: bool
    medium: str = ""


def init(root: Path, *, bare: bool = False) -> None:
    """Makes an empty repository with the branch main and no template, so no foreign hook."""
    root.mkdir(parents=True, exist_ok=True)
    options = ["--bare"] if bare else []
    run_git(
        "init", "-q", "--template=", "--initial-branch=main", "--object-format=sha1", *options,
        folder=root,
    )  # fmt: skip


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
    with _opened(root) as repo, repo.config_writer("repository") as writer:
        for name, value in settings.items():
            writer.set_value(*_split(name), value)


def read_setting(root: Path, name: str) -> str | None:
    """A setting of the repository's own configuration; None when it is not set."""
    # git itself, not GitPython: its import alone takes longer than all else of a short command
    file = str((locate(root).common / "config").absolute())
    ran = run_git("config", "--file", file, "--get", name, folder=root, accepted=(0, 1, 128))
    if ran.code > 1:
        raise NotAnArchive(str(root))
    return ran.text.removesuffix("\n") if ran.code == 0 else None


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
    store = locate(root)
    settings, unread = read_settings(store.own, store.common)
    if _CONFIG in unread:
        raise NotAnArchive(str(root))
    known = {each.key: each.value or "" for each in settings if each.file == _CONFIG}
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


@contextmanager
def _opened(root: Path) -> Iterator[Repo]:
    """GitPython's repository exactly here, not in a folder above."""
    os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
    from git import Repo  # noqa: PLC0415  # 0.1 s of import, only where settings are touched
    from git.exc import InvalidGitRepositoryError, NoSuchPathError  # noqa: PLC0415  # as above

    try:
        repo = Repo(root, search_parent_directories=False)
    except (InvalidGitRepositoryError, NoSuchPathError) as error:
        raise NotAnArchive(str(root)) from error
    with repo:
        yield repo


def _split(name: str) -> tuple[str, str]:
    """GitPython's section name and key of a dotted setting."""
    head, _, key = name.rpartition(".")
    section, _, subsection = head.partition(".")
    return (f'{section} "{subsection}"' if subsection else section), key
