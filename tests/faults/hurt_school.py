"""The school the faults happen to: an archive, its primary, a second mirror, another person's copy.

Invariants: it always lies at the same path (mirrors and keys are named by full paths), so a fresh
one is copied back over it; all that a command may write lies below `root`, all else beside it.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from papka.copies import mirrors
from papka.core.places import ALLOWED_SIGNERS
from papka.desk.saving import save
from papka.proof.clean_room import clean_room
from papka.proof.layers import is_continuation, read_line
from papka.proof.trusted_keys import STAFF, TrustEntry, compose_trust, read_trust
from papka.proof.verification import verify
from papka.repository import handle
from papka.repository.signing import (
    SigningActor,
    find_actor,
    generate_key,
    load_signer,
    remember_actor,
)
from papka.repository.store import locate
from tests.faults.injection import Injector
from tests.support.clones import CLERK
from tests.support.histories import git
from tests.support.issuing import graduate
from tests.support.school import Archive, copied
from tests.support.taking import with_class

UNSAVED = "records/students/2026/2026-0003/student.yaml"
"""A file somebody edited and has not saved: no fault, and no command here, may touch it."""
HERE, PRIMARY, SECOND = "архив", "основное", "второе"
NOTE = "# сверить с паспортом\n"


@dataclass(frozen=True, slots=True)
class World:
    """`base` holds the world itself, what a fresh one is copied from, and the keys."""

    base: Path

    @property
    def root(self) -> Path:
        return self.base / "world"

    @property
    def archive(self) -> Archive:
        return Archive(self.root / "archive", self.base / "keys")

    @property
    def other(self) -> Archive:
        """The copy of somebody else, who saves too."""
        return Archive(self.root / "other", self.base / "keys")

    @property
    def primary(self) -> Path:
        return self.root / "hub" / "primary.git"

    @property
    def second(self) -> Path:
        return self.root / "usb" / "second.git"

    @property
    def medium(self) -> Path:
        return self.root / "medium"

    @property
    def stores(self) -> dict[str, Path]:
        return {HERE: self.archive.root, PRIMARY: self.primary, SECOND: self.second}

    @property
    def injector(self) -> Injector:
        folders = {"TMPDIR": "world/tmp", "XDG_STATE_HOME": "world/state", "HOME": "home"}
        named = {name: str(self.base / folder) for name, folder in folders.items()}
        return Injector(self.root, self.base / "run", named)

    def keep(self, name: str) -> None:
        """Remembers the world as it is now."""
        place = self.base / "kept" / name
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(exist_ok=True)
        _copy(self.root, place)

    def bring(self, name: str) -> None:
        """Makes it what it was."""
        shutil.rmtree(self.root, ignore_errors=True)
        _copy(self.base / "kept" / name, self.root)

    def is_kept(self, name: str) -> bool:
        return (self.base / "kept" / name).is_dir()


def main_of(store: Path) -> str | None:
    """Read as git reads it; None when it has none or cannot be read."""
    ran = _git(store, "rev-parse", "--verify", "--quiet", "refs/heads/main^{commit}")
    return ran.stdout.strip() or None if ran.returncode == 0 else None


def is_after(store: Path, late: str, early: str) -> bool:
    """Whether one commit goes on from another, by an act of destruction too."""
    if _git(store, "merge-base", "--is-ancestor", early, late).returncode == 0:
        return True
    with clean_room(locate(store)) as room:
        return is_continuation(read_line(room, late)[0], early)


def settings_of(store: Path) -> frozenset[str]:
    """As git lists the store's own; of a person's keys the names alone, for they are replaced."""
    listed = _git(store, "config", "--local", "--list", "-z").stdout.split("\0")
    return frozenset(
        each.partition("\n")[0] if each.startswith(("papka-staff.", "user.")) else each
        for each in listed
    )


def paths_at(store: Path, commit: str) -> list[str]:
    listed = _git(store, "ls-tree", "-r", "-z", "--name-only", commit).stdout
    return list(filter(None, listed.split("\0")))


def blob_at(store: Path, commit: str, path: str) -> str | None:
    ran = _git(store, "cat-file", "blob", f"{commit}:{path}")
    return ran.stdout if ran.returncode == 0 else None


def unsound(store: Path) -> str:
    """What git itself has against the store; empty when it is whole."""
    ran = _git(store, "fsck", "--full", "--strict", "--no-dangling", "--no-progress")
    told = [line for line in ran.stderr.splitlines() if not line.startswith("notice:")]
    return "" if ran.returncode == 0 and not told else f"fsck {ran.returncode}: {told[:3]}"


def grave(store: Path, now: datetime) -> list[str]:
    """What verify has against it, warnings left out."""
    found = verify(store, now=now).findings
    return sorted({finding.code.name for finding in found if finding.severity > 1})


def commits_of_future(store: Path, now: datetime) -> list[str]:
    """Commits whose time is more than an hour ahead."""
    lines = _git(store, "log", "--format=%H %ct", "main").stdout.splitlines()
    times = (line.split() for line in lines)
    return [commit for commit, time in times if int(time) > now.timestamp() + 3600]


def recovery(world: World) -> SigningActor:
    """The head with the key out of the safe."""
    return SigningActor("s001", load_signer(world.archive.keys / "recovery"))


def build(base: Path, built: Archive) -> World:
    """The world itself: everything saved, and both mirrors equal."""
    world = World(base)
    for folder in ("world/hub", "world/usb", "world/tmp", "home"):
        (base / folder).mkdir(parents=True)
    shutil.copytree(built.keys, base / "keys")
    copied(built, world.root)
    archive = world.archive
    _own_keys(archive)
    clerk = generate_key(archive.keys / "clerk", "papka clerk")
    trusted = read_trust((archive.root / ALLOWED_SIGNERS).read_bytes()).entries
    archive.write(ALLOWED_SIGNERS, compose_trust([*trusted, TrustEntry(CLERK, STAFF, clerk)]))
    archive.save("s001")
    remember_actor(archive.root, CLERK, archive.keys / "clerk", main=False)
    graduate(archive)
    with_class(archive)
    for name, place in (("hub", world.primary), ("usb", world.second)):
        mirrors.add(archive.root, name, str(place), "RU", allowed=("RU",))
    assert mirrors.push(archive.root).is_good
    _clone(world)
    archive.write(UNSAVED, archive.read(UNSAVED) + NOTE)
    world.keep("start")
    return world


def _own_keys(archive: Archive) -> None:
    """The settings of a copied archive name the keys it was made with."""
    text = (archive.root / ".git" / "config").read_text()
    assert "staff" in text
    remember_actor(archive.root, "s001", archive.keys / "head", main=True)
    remember_actor(archive.root, "s002", archive.keys / "staff", main=False)


def _clone(world: World) -> None:
    """The clerk's copy."""
    other = world.other
    git(world.root, "clone", "-q", str(world.primary), str(other.root))
    git(other.root, "remote", "remove", "origin")
    handle.write_settings(other.root, handle.SAFE_ARCHIVE)
    remember_actor(other.root, CLERK, other.keys / "clerk", main=True)
    handle.add_remote(other.root, handle.Remote("hub", str(world.primary), "RU", primary=True))


def saved(archive: Archive, staff: str) -> str:
    """Saves all that lies there; the commit."""
    done = save(archive.root, find_actor(archive.root, staff), now=datetime.now(UTC))
    assert done.commit is not None, done.findings
    return done.commit


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-a", source, target], check=True)


def _git(store: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "-C", store, *words], capture_output=True, check=False, text=True,
        encoding="utf-8", errors="surrogateescape",
    )  # fmt: skip
