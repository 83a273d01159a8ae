"""An archive's twin in a store with SHA-256 names: made by git alone, signed anew by its keys."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Collection
from pathlib import Path

from papka.proof import ssh_signatures
from papka.repository.git_values import parse_commit
from papka.repository.objects import Objects
from tests.support.histories import git


def lay_sha256_twin(root: Path, keys: Collection[Path], place: Path) -> Path:
    """Carry main of an archive over into a new one; `keys`: private keys, their `.pub` beside."""
    place.mkdir()
    git(place, "init", "-q", "--object-format=sha256", "-b", "main")
    exported = subprocess.run(
        ["git", "fast-export", "--full-tree", "main"], cwd=root, check=True, capture_output=True
    )
    subprocess.run(["git", "fast-import", "--quiet"], cwd=place, check=True, input=exported.stdout)
    by_public = {
        " ".join(key.with_name(f"{key.name}.pub").read_text().split()[:2]): key for key in keys
    }
    old = git(root, "rev-list", "--reverse", "main").split()
    unsigned = git(place, "rev-list", "--reverse", "main").split()
    objects, parent = Objects(root), ""
    for id_, twin in zip(old, unsigned, strict=True):
        commit = parse_commit(id_, objects.read(id_)[1])
        assert commit.signature is not None
        key = by_public[ssh_signatures.read(commit.signature).key.line]
        parent = _commit_signed(place, twin, parent, key, commit.message)
    git(place, "update-ref", "refs/heads/main", parent)
    git(place, "reset", "-q", "--hard")
    git(place, "reflog", "expire", "--expire=now", "--all")
    git(place, "gc", "-q", "--prune=now")
    git(place, "config", "core.fsync", "all")
    return place


def _commit_signed(place: Path, twin: str, parent: str, key: Path, message: str) -> str:
    """Make the commit that git made of the old one again, with its parent's twin, and signed."""
    form = "%an%n%ae%n%ad%n%cn%n%ce%n%cd"
    who = git(place, "show", "-s", "--date=raw", f"--format={form}", twin).splitlines()
    names = [f"GIT_{role}_{what}" for role in ("AUTHOR", "COMMITTER")
             for what in ("NAME", "EMAIL", "DATE")]  # fmt: skip
    options = ["-c", "gpg.format=ssh", "-c", f"user.signingKey={key}"]
    made = subprocess.run(
        ["git", *options, "commit-tree", "-S", *(["-p", parent] if parent else []),
         f"{twin}^{{tree}}"],
        cwd=place, check=True, capture_output=True, text=True, input=message,
        env={**os.environ, **dict(zip(names, who, strict=True))},
    )  # fmt: skip
    return made.stdout.strip()
