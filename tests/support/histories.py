"""Small signed archives for tests of git, signatures and mirrors, and ways to forge them."""

from __future__ import annotations

import subprocess
import zlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from papka.core.places import ALLOWED_SIGNERS, SALT_BYTES
from papka.proof.examination import Verified
from papka.proof.trusted_keys import HEAD, STAFF, TrustEntry, compose_trust
from papka.proof.verification import verify
from papka.repository import commit_snapshots, commit_writing, handle, worktree
from papka.repository.git_values import (
    FILE,
    GitPerson,
    compose_commit,
    is_id,
    object_id,
    parse_commit,
)
from papka.repository.objects import Objects
from papka.repository.signing import KeySigner, generate_key, load_signer
from tests.support.folders import copy_folder

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=timezone(timedelta(hours=3)))
RECORD = "records/students/2025/2025-0001/student.yaml"
OTHER = "records/students/2025/2025-0002/student.yaml"

Sign = Callable[[bytes], str]


@dataclass
class School:
    """An archive with a head (s001), a recovery key, a clerk (s003) and a stranger's key."""

    root: Path
    keys: Path

    def signer(self, name: str) -> KeySigner:
        return load_signer(self.keys / name)

    @property
    def head(self) -> str:
        found = commit_snapshots.head(self.root)
        assert found is not None
        return found

    @property
    def fingerprint(self) -> str:
        return self.signer("s001").fingerprint

    def save(self, changes: Mapping[str, bytes | None], by: str = "s003", *, late: int = 60) -> str:
        """An honest commit and the files in the folder; `late` seconds after NOW."""
        for path, data in changes.items():
            if data is None:
                (self.root / path).unlink()
            else:
                worktree.write(self.root, path, data)
        now = NOW + timedelta(seconds=late)
        signer = self.signer(by)
        return commit_writing.commit(
            self.root, changes, "Правка", author=by, now=now, sign=signer.sign,
            expected_parent=commit_snapshots.head(self.root),
        )  # fmt: skip

    def forge(  # noqa: PLR0913 - a forger bends one of these at a time
        self,
        changes: Mapping[str, bytes | None],
        *,
        sign: Sign | None,
        by: str = "s003",
        parents: tuple[str, ...] | None = None,
        late: int = 120,
        bend: Callable[[bytes], bytes] = lambda raw: raw,
        modes: Mapping[str, str] | None = None,
        committer: str | None = None,
    ) -> str:
        """A commit made past papka; main is moved to it and the folder is not."""
        above = (self.head,) if parents is None else parents
        base = self.tree(above[0]) if above else None
        blobs = {path: data for path, data in changes.items() if data is not None}
        entries = {
            path: None if data is None else ((modes or {}).get(path, FILE), object_id("blob", data))
            for path, data in changes.items()
        }
        tree, made = commit_writing.build_trees(self.root, base, entries)
        time = int(NOW.timestamp()) + late
        who = GitPerson(by, f"{by}@papka.invalid", time, "+0300")
        doer = (
            GitPerson(committer, f"{committer}@papka.invalid", time, "+0300") if committer else who
        )
        raw = compose_commit(tree, above, who, doer, "Правка\n")
        signature = sign(raw) if sign else None
        raw = bend(compose_commit(tree, above, who, doer, "Правка\n", signature))
        return self.plant(
            raw, [*(("blob", b) for b in blobs.values()), *(("tree", t) for t in made)]
        )

    def plant(self, raw: bytes, others: Collection[tuple[str, bytes]] = ()) -> str:
        """Stores a commit of any bytes and points main at it."""
        commit_writing.write_objects(self.root, [*others, ("commit", raw)])
        made = object_id("commit", raw)
        (self.root / ".git" / "refs" / "heads").mkdir(parents=True, exist_ok=True)
        (self.root / ".git" / "refs" / "heads" / "main").write_text(f"{made}\n")
        return made

    def raw(self, commit: str) -> bytes:
        return Objects(self.root).read(commit)[1]

    def tree(self, commit: str) -> str:
        return parse_commit(commit, self.raw(commit)).tree

    def checkout(self) -> None:
        """Makes the folder what main says."""
        git(self.root, "reset", "-q", "--hard", "refs/heads/main")

    def verify(self, *anchors: str) -> Verified:
        return verify(
            self.root, now=NOW + timedelta(hours=1), anchors=anchors or (self.fingerprint,)
        )

    def codes(self) -> list[str]:
        """Names of what verify finds, given the right fingerprint, sorted, each once."""
        return sorted({finding.code.name for finding in self.verify().findings})


def git(folder: Path, *arguments: str, given: str = "") -> str:
    """Plain git, as an attacker or a careless person runs it."""
    return subprocess.run(
        ["git", "-c", "safe.directory=*", "-c", "user.name=x", "-c", "user.email=x@papka.invalid",
         "-c", "commit.gpgsign=false", "-c", "core.hooksPath=/dev/null", *arguments],
        cwd=folder, check=True, capture_output=True, text=True, input=given,
    ).stdout  # fmt: skip


def trust(school_keys: Path, **more: tuple[str, ...]) -> bytes:
    """The trust file: head, recovery and clerk, and more keys by file name."""
    lines = [("s001", HEAD, "s001"), ("s001", HEAD, "recovery"), ("s003", STAFF, "s003")]
    lines += [("s004", namespaces, name) for name, namespaces in more.items()]
    return compose_trust(
        TrustEntry(staff, namespaces, load_signer(school_keys / key).public)
        for staff, namespaces, key in lines
    )


def salt_of(path: str) -> str:
    """Where the salt of a personal file's folder lies."""
    return f"{path.rpartition('/')[0]}/.salt"


def make_school(folder: Path) -> School:
    """Three commits: the head's first, and two of the clerk."""
    keys, root = folder / "keys", folder / "archive"
    keys.mkdir(parents=True)
    for name in ("s001", "recovery", "s003", "stranger"):
        generate_key(keys / name, f"papka {name}")
    handle.init(root)
    handle.write_settings(root, handle.SAFE_ARCHIVE)
    school = School(root, keys)
    first = {
        ALLOWED_SIGNERS: trust(keys),
        "records/organization.yaml": b"format: 1\n",
        ".gitattributes": b"* -text\n",
        ".gitignore": b"/.papka/\n*.tmp\n",
    }
    school.save(first, "s001", late=0)
    salts = {salt_of(path): bytes([at]) * SALT_BYTES for at, path in enumerate((RECORD, OTHER))}
    school.save({RECORD: b"id: 2025-0001\n", OTHER: b"id: 2025-0002\n", **salts})
    school.save({RECORD: b"id: 2025-0001\nsex: x\n"})
    return school


def copy_school(template: School, folder: Path) -> School:
    copy_folder(template.root, folder / "archive")
    copy_folder(template.keys, folder / "keys")
    return School(folder / "archive", folder / "keys")


def list_litter(count: int) -> dict[str, bytes]:
    """Objects that nothing leads to, as loose files hold them, by id: what killed commands left."""
    plain = [b"%d\n" % number for number in range(count)]
    return {
        object_id("blob", data): zlib.compress(b"blob %d\0%b" % (len(data), data)) for data in plain
    }


def add_litter(objects: Path, litter: Mapping[str, bytes]) -> None:
    """Lay them into a store's folder of objects."""
    for id_, data in litter.items():
        place = objects / id_[:2] / id_[2:]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(data)


def list_packed(store: Path) -> set[str]:
    """Every object that a pack of a bare store, or of an archive's, holds, as git tells."""
    folder = store / ".git" if (store / ".git").is_dir() else store
    found: set[str] = set()
    for index in folder.glob("objects/pack/*.idx"):
        lines = git(folder, "verify-pack", "-v", str(index)).splitlines()
        found |= {line[:40] for line in lines if is_id(line[:40])}
    return found


def list_reached(store: Path, tip: str = "main") -> set[str]:
    """Every object that a branch or a commit leads to, as git tells."""
    return set(git(store, "rev-list", "--objects", "--no-object-names", tip).split())


def flip(path: Path, part: float = 0.5) -> None:
    """One bit of a file is another."""
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    data[int(len(data) * part)] ^= 0x10
    path.write_bytes(bytes(data))


def main_of(store: Path) -> str:
    """The last commit that a store has."""
    return git(store, "rev-parse", "refs/heads/main").strip()
