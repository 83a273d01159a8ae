"""Several people with a copy of one archive each, and a bare primary between them."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from papka.copies import mirrors
from papka.copies.syncing import Synced, sync
from papka.core.places import ALLOWED_SIGNERS
from papka.desk.saving import Saved, save
from papka.proof.trusted_keys import STAFF, TrustEntry, compose_trust, read_trust
from papka.proof.verification import verify
from papka.repository import commit_snapshots, handle, worktree
from papka.repository.signing import find_actor, generate_key, load_signer, remember_actor
from tests.support.histories import git
from tests.support.school import NOW, Archive

HEAD, TEACHER, CLERK = "s001", "s002", "s003"
_KEYS = {HEAD: "head", TEACHER: "staff", CLERK: "clerk"}
_settings: dict[str, str] = {}
"""Person -> the settings of their copy, where `{keys}` and `{url}` stand for what each has its own
of."""


@dataclass(frozen=True, slots=True)
class Clone:
    """One person's copy."""

    root: Path
    staff: str

    def path(self, path: str) -> Path:
        return self.root / path

    def read(self, path: str) -> str:
        return self.path(path).read_text(encoding="utf-8")

    def write(self, path: str, text: str | bytes) -> None:
        worktree.write(self.root, path, text if isinstance(text, bytes) else text.encode())

    def edit(self, path: str, old: str, new: str) -> None:
        text = self.read(path)
        assert old in text, f"{path}: no {old!r}"
        self.write(path, text.replace(old, new, 1))

    def save(self, staff: str | None = None, now: datetime = NOW) -> Saved:
        saved = save(self.root, find_actor(self.root, staff or self.staff), now=now)
        assert saved.commit is not None, saved.findings
        return saved

    def sync(self, *staff: str, now: datetime = NOW, dry_run: bool = False) -> Synced:
        actors = [find_actor(self.root, each) for each in staff or (self.staff,)]
        return sync(self.root, actors, now=now, dry_run=dry_run)

    @property
    def head(self) -> str:
        return git(self.root, "rev-parse", "refs/heads/main").strip()

    @property
    def authors(self) -> list[str]:
        """Who made each commit, the newest first."""
        return git(self.root, "log", "--format=%an", "main").split()

    def unsaved(self) -> tuple[tuple[str, str], ...]:
        return commit_snapshots.worktree_changes(self.root)

    def grave(self, now: datetime = NOW) -> list[str]:
        """What verify finds, warnings left out."""
        found = verify(self.root, now=now).findings
        return sorted({finding.code.name for finding in found if finding.severity > 1})


@dataclass(frozen=True, slots=True)
class Shared:
    """The primary, and the keys of all three people; `address`: how the primary is reached, empty
    for its folder."""

    store: Path
    keys: Path
    address: str = ""

    def clone(self, folder: Path, staff: str) -> Clone:
        """A person's own copy, set up as `init` sets one up."""
        url = self.address or str(self.store)
        git(folder.parent, "clone", "-q", url, str(folder))
        git(folder, "remote", "remove", "origin")
        self._set_up(folder, staff, url)
        return Clone(folder, staff)

    def _set_up(self, folder: Path, staff: str, url: str) -> None:
        """By papka the first time; the next copy of this person gets the same settings as a text,
        for papka writes them with a git process each."""
        config = folder / ".git" / "config"
        own = {"{keys}": str(self.keys), "{url}": url}
        if staff in _settings:
            text = _settings[staff]
            for name, value in own.items():
                text = text.replace(name, value)
            config.write_text(text, encoding="utf-8")
            return
        handle.write_settings(folder, handle.SAFE_ARCHIVE)
        for who, key in _KEYS.items():
            remember_actor(folder, who, self.keys / key, main=who == staff)
        primary = handle.Remote("primary", url, "RU", primary=True)
        handle.add_remote(folder, primary)
        text = config.read_text(encoding="utf-8")
        for name, value in own.items():
            assert value in text
            text = text.replace(value, name)
        _settings[staff] = text

    @property
    def fingerprint(self) -> str:
        """Of the head's daily key, as it stands on paper."""
        return load_signer(self.keys / _KEYS[HEAD]).fingerprint

    @property
    def authors(self) -> list[str]:
        """Who made each commit the primary has, the newest first."""
        return git(self.store, "log", "--format=%an", "main").split()


@contextmanager
def refusing(store: Path) -> Iterator[None]:
    """A mirror whose branch somebody's git, which is at work there, holds."""
    lock = store / "refs" / "heads" / "main.lock"
    lock.touch()
    work = ["sh", "-c", "git cat-file --batch; true"]
    with subprocess.Popen(work, cwd=store, stdin=subprocess.PIPE):
        yield
    lock.unlink()


def shared_in(folder: Path) -> Shared:
    """What `share` made in a folder."""
    return Shared(folder / "primary.git", folder / "keys")


def share(archive: Archive, folder: Path) -> Shared:
    """A third person trusted, and everything sent to a bare primary."""
    made = shared_in(folder)
    store, keys = made.store, made.keys
    shutil.copytree(archive.keys, keys)
    public = generate_key(keys / _KEYS[CLERK], "papka clerk")
    trusted = read_trust((archive.root / ALLOWED_SIGNERS).read_bytes()).entries
    archive.write(ALLOWED_SIGNERS, compose_trust([*trusted, TrustEntry(CLERK, STAFF, public)]))
    assert archive.save(HEAD).commit is not None
    mirrors.add(archive.root, "primary", str(store), "RU", allowed=("RU",))
    assert mirrors.push(archive.root).is_good
    return made
