"""A bit flipped anywhere in a store: found or shown to change nothing, and healed from a mirror."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import subprocess
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from papka.copies.healing import heal
from papka.copies.mirrors import add, push
from papka.core.errors import PapkaError
from papka.proof.verification import verify
from papka.repository.handle import init
from tests.support.folders import copy_folder
from tests.support.histories import NOW, OTHER, RECORD, School, git

LATER = NOW + timedelta(hours=1)
SEED, SAMPLE, ALL = 20260302, 6, 1000
_KINDS = (
    ("objects/pack/multi-pack-index", "multi-pack-index"),
    ("objects/info/commit-graph", "commit-graph"),
    ("objects/pack/", "pack"),
    ("objects/info/", "objects/info"),
    ("objects/", "loose object"),
    ("refs/heads/", "branch"),
    ("refs/", "other ref"),
    ("logs/", "log"),
)


@dataclass(frozen=True, slots=True)
class Trial:
    """`place`: the file and the bit; `outcome`: found, harmless, or what went wrong."""

    kind: str
    place: str
    outcome: str
    healed: bool

    @property
    def is_good(self) -> bool:
        return self.healed and self.outcome in ("found", "harmless")


def kind(name: str, path: Path) -> str:
    for beginning, word in _KINDS:
        if name.startswith(beginning):
            return path.suffix.removeprefix(".") if word == "pack" else word
    return name


def content(folder: Path, room: Path) -> str:
    """What the store says through plain git, none of its settings obeyed: branches, tags and all
    objects, whose bytes fsck hashes. `room`: a folder to look from.

    What this copy noted of its mirrors (refs/remotes) is no content of the archive.
    """
    init(room, bare=True)
    store = folder / ".git"
    (room / "objects" / "info" / "alternates").write_text(f"{store / 'objects'}\n")
    for name in ("HEAD", "packed-refs"):
        shutil.copy(store / name, room / name)
    shutil.rmtree(room / "refs")
    shutil.copytree(store / "refs", room / "refs")
    refs = git(room, "show-ref", "--head", "--heads", "--tags")
    listed = git(room, "rev-list", "--objects", "--no-object-names", "HEAD")
    digest = hashlib.sha256(refs.encode() + "\n".join(sorted(listed.split())).encode())
    digest.update(git(room, "fsck", "--full", "--strict", "--no-reflogs").encode())
    return digest.hexdigest()


@pytest.fixture
def stored(school: School, tmp_path: Path) -> School:
    """Everything a store can hold: packed and loose objects, packed and loose refs, helpers of git.

    A mirror has all of it: what is nowhere else cannot be healed, and test_heal says how it ends.
    """
    for number in range(4):
        school.save({RECORD: b"id: 2025-0001\n" + b"note: 1\n" * number}, late=200 + number)
    add(school.root, "usb", str(tmp_path / "usb.git"), "RU", allowed=["RU"])
    assert push(school.root).is_good
    git(school.root, "gc", "-q", "--prune=now")
    git(school.root, "commit-graph", "write", "--reachable")
    git(school.root, "multi-pack-index", "write")
    school.save({OTHER: b"id: 2025-0002\nsex: x\n"}, late=240)
    school.save({RECORD: b"id: 2025-0001\nnote: 2\n"}, late=260)
    assert push(school.root).is_good
    assert school.codes() == []
    return school


def flip(store: Path, chance: random.Random) -> tuple[str, str]:
    """One bit of one file, each file as likely as any other."""
    files = sorted(path for path in store.rglob("*") if path.is_file() and path.stat().st_size)
    path = chance.choice(files)
    data = bytearray(path.read_bytes())
    bit = chance.randrange(8 * len(data))
    data[bit // 8] ^= 1 << bit % 8
    path.chmod(0o644)
    path.write_bytes(bytes(data))
    name = path.relative_to(store).as_posix()
    return kind(name, path), f"{name}, bit {bit}"


def trial(source: School, said: str, folder: Path, number: int) -> Trial:
    root = folder / f"trial{number}" / "archive"
    copy_folder(source.root, root)
    what, place = flip(root / ".git", random.Random(f"{SEED} {number}"))
    try:
        outcome = judged(source, root, said)
        healed = mended(source, root)
    except (PapkaError, OSError, ValueError, subprocess.CalledProcessError) as error:
        outcome, healed = f"{type(error).__name__}: {error}", False
    shutil.rmtree(root.parent)
    return Trial(what, place, outcome, healed)


def judged(source: School, root: Path, said: str) -> str:
    if verify(root, now=LATER, anchors=[source.fingerprint]).findings:
        return "found"
    return "harmless" if content(root, root.parent / "after.git") == said else "MISSED"


def mended(source: School, root: Path) -> bool:
    heal(root, now=LATER)
    found = verify(root, now=LATER, anchors=[source.fingerprint])
    return (found.findings, found.head) == ((), source.head)


def table(trials: Sequence[Trial]) -> str:
    """By kind of file: trials, found, harmless, healed."""
    counted = Counter((each.kind, each.outcome) for each in trials)
    healed = Counter(each.kind for each in trials if each.healed)
    lines = [f"{'file':<20}{'trials':>8}{'found':>8}{'harmless':>10}{'healed':>8}"]
    for name in [*sorted({each.kind for each in trials}), "all"]:
        mine = [each for each in trials if name in (each.kind, "all")]
        found = sum(each.outcome == "found" for each in mine)
        harmless = sum(each.outcome == "harmless" for each in mine)
        good = sum(each.healed for each in mine)
        lines.append(f"{name:<20}{len(mine):>8}{found:>8}{harmless:>10}{good:>8}")
    assert sum(counted.values()) == len(trials) >= sum(healed.values())
    return "\n".join(lines)


def test_flipped_bit_is_found_and_healed(
    stored: School, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    count = ALL if pytestconfig.getoption("--soak") else SAMPLE
    said = content(stored.root, tmp_path / "before.git")
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        trials = list(pool.map(lambda number: trial(stored, said, tmp_path, number), range(count)))
    print(table(trials))  # noqa: T201 - the table of the soak
    assert [each for each in trials if not each.is_good] == []
