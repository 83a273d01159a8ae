"""A hosted store with an honest archive in it, people's copies, and an attacker with plain git."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from papka.copies import mirrors
from papka.core.places import ALLOWED_SIGNERS
from papka.proof.trusted_keys import STAFF, TrustEntry, compose_trust, read_trust
from papka.repository.git_values import MAIN
from papka.repository.signing import generate_key, load_signer
from tests.support import histories
from tests.support.clones import CLERK, HEAD, TEACHER, Clone, Shared
from tests.support.histories import School, git
from tests.support.hosting import Hub, hub, state
from tests.support.school import Archive, copied

_NAMES = {HEAD: "head", TEACHER: "staff", CLERK: "clerk", "recovery": "recovery"}


@dataclass(frozen=True, slots=True)
class Founded:
    """An archive with three trusted people, and its store as the first push left it."""

    archive: Archive
    store: Path


@dataclass(frozen=True, slots=True)
class Hosted:
    """One test's own store on the server."""

    hub: Hub
    shared: Shared
    folder: Path

    @property
    def store(self) -> Path:
        return self.shared.store

    @property
    def main(self) -> str:
        return git(self.store, "rev-parse", MAIN).strip()

    def clone(self, staff: str) -> Clone:
        return self.shared.clone(self.folder / f"copy-{staff}", staff)

    def attacker(self) -> Attacker:
        """Somebody who holds a copy and all keys, and does not use papka."""
        clone = self.clone(CLERK)
        keys = self.folder / "attacker"
        keys.mkdir()
        for staff, name in _NAMES.items():
            shutil.copy(self.shared.keys / name, keys / staff)
            shutil.copy(self.shared.keys / f"{name}.pub", keys / f"{staff}.pub")
        generate_key(keys / "stranger", "")
        return Attacker(self, School(clone.root, keys))


@dataclass(frozen=True, slots=True)
class Attacker:
    """Plain git over the network; commits of any make."""

    hosted: Hosted
    school: School

    def forge(
        self,
        changes: Mapping[str, bytes | None],
        by: str = CLERK,
        key: str | None = None,
        late: int = 0,
        **more: object,
    ) -> str:
        """A commit signed with the key of `by`, or with `key`; `late`: seconds from now on."""
        now = int(datetime.now(UTC).timestamp() - histories.NOW.timestamp())
        sign = self.school.signer(key or by).sign if key != "" else None
        return self.school.forge(changes, sign=sign, by=by, late=now + late, **more)  # type: ignore[arg-type]  # handed on as they are

    def push(self, *words: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
        """`git push`, main by default."""
        address = self.hosted.shared.address
        return subprocess.run(
            ["git", "push", "--no-verify", *options, address, "--", *(words or ("main",))],
            cwd=self.school.root, env=os.environ, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def refused(self, *words: str, options: tuple[str, ...] = ()) -> str:
        """What the server says of a push that must leave nothing at all behind."""
        before = state(self.hosted.store)
        done = self.push(*words, options=options)
        assert done.returncode != 0, "it was let in"
        assert state(self.hosted.store) == before
        return done.stderr


@pytest.fixture(scope="session")
def server() -> Iterator[Hub]:
    with hub() as running:
        yield running


@pytest.fixture(scope="session")
def founded(
    server: Hub, built_archive: Archive, tmp_path_factory: pytest.TempPathFactory
) -> Founded:
    """The first push: an empty store that knows the head's key from paper takes the archive in."""
    folder = tmp_path_factory.mktemp("founded")
    archive = copied(built_archive, folder)
    keys = folder / "keys"
    shutil.copytree(archive.keys, keys)
    public = generate_key(keys / "clerk", "papka clerk")
    trusted = read_trust((archive.root / ALLOWED_SIGNERS).read_bytes()).entries
    archive.write(ALLOWED_SIGNERS, compose_trust([*trusted, TrustEntry(CLERK, STAFF, public)]))
    assert archive.save(HEAD).commit is not None
    store = server.host("founded.git", "--anchor", load_signer(keys / "head").fingerprint)
    url = server.server.url(store)
    mirrors.add(archive.root, "server", url, "RU", allowed=("RU",))
    pushed = mirrors.push(archive.root, access=server.server.access())
    assert pushed.is_good, pushed
    return Founded(Archive(archive.root, keys), store)


@pytest.fixture
def hosted(
    server: Hub, founded: Founded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Hosted:
    """A store of this test's own, reached over ssh by everybody."""
    command = server.server.access().command
    assert command is not None
    monkeypatch.setenv("GIT_SSH_COMMAND", command)
    store = server.copied(founded.store, f"{tmp_path.name}.git")
    shared = Shared(store, founded.archive.keys, server.server.url(store))
    return Hosted(server, shared, tmp_path)


@pytest.fixture
def attacker(hosted: Hosted) -> Attacker:
    return hosted.attacker()
