"""One mirror with a tenth of its objects damaged, another a month behind: all that is left is had.

What can be had is counted by plain git on a whole copy kept aside, never by papka.
"""

from __future__ import annotations

import random
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import pytest

from papka.copies.mirrors import add, push
from papka.copies.restoring import LEFT_OVER, Restored, find_sources, restore
from papka.repository.git_values import object_id
from tests.support.histories import NOW, School, copy_school, git, salt_of
from tests.support.made_once import once_for_all

LATER = NOW + timedelta(days=60)
_OLD, _NEW = 12, 14
"""Commits that both mirrors have, and those of the last month."""
_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Copies:
    """`whole`: kept aside, for counting; `damaged` has all but a tenth, `old` lacks a month."""

    whole: Path
    damaged: Path
    old: Path
    head: str


@pytest.fixture(scope="session")
def _made(honest_school: School, tmp_path_factory: pytest.TempPathFactory) -> Copies:
    def make(folder: Path) -> Copies:
        school = copy_school(honest_school, folder)
        for at in range(_OLD):
            _save(school, at)
        add(school.root, "old", str(folder / "old.git"), "RU", allowed=["RU"])
        assert push(school.root).is_good
        shutil.copytree(folder / "old.git", folder / "behind.git")
        for at in range(_OLD, _OLD + _NEW):
            _save(school, at)
        add(school.root, "damaged", str(folder / "damaged.git"), "RU", allowed=["RU"])
        assert push(school.root).is_good
        git(folder, "clone", "-q", "--mirror", str(folder / "damaged.git"), "whole.git")
        return Copies(
            folder / "whole.git", folder / "damaged.git", folder / "behind.git", school.head
        )

    return once_for_all(tmp_path_factory, "broken-copies", make)


@pytest.fixture
def copies(_made: Copies, tmp_path: Path) -> Copies:
    """With stores of its own to damage and to restore from; the whole one is only read."""
    own = {name: tmp_path / f"{name}.git" for name in ("damaged", "behind")}
    shutil.copytree(_made.damaged, own["damaged"])
    shutil.copytree(_made.old, own["behind"])
    return replace(_made, damaged=own["damaged"], old=own["behind"])


def _save(school: School, at: int) -> None:
    """A student's file of its own every other time, and a change of an older one."""
    one = f"records/students/2025/2025-{at // 2 + 10:04}/student.yaml"
    files = {one: f"id: 2025-{at // 2 + 10:04}\nedit: {at}\n".encode()}
    if at % 2 == 0:
        files[salt_of(one)] = bytes([at + 100]) * 32
    if at % 3 == 0:
        files["records/events/2025.yaml"] = f"events: {at}\n".encode()
    school.save(files, late=100 + at * 2)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seed" in metafunc.fixturenames:
        soak = metafunc.config.getoption("--soak")
        metafunc.parametrize("seed", range(40 if soak else 3))


@pytest.mark.parametrize("how", ["loose", "packed"])
def test_all_that_is_left_is_had_and_the_rest_is_named(
    how: str, seed: int, copies: Copies, tmp_path: Path
) -> None:
    damage(copies.damaged, how, random.Random(seed))
    done = restored(tmp_path / "new", copies)
    needed = objects(copies.whole, copies.head)
    had = objects(tmp_path / "new", "HEAD")
    above = tmp_path / "new" / LEFT_OVER
    had |= packed(above) if above.exists() else set()
    lost = {each.id for each in done.above.lost} if done.above else set()
    left = sound(copies.damaged, needed) | objects(copies.old, "main")
    found = reachable(copies.whole, copies.head, needed - left)
    assert had >= found
    assert lost <= needed - left
    # What only a lost commit or folder names cannot be told by its own name: its place is told.
    assert (needed - left - lost) & named_by(copies.whole, found) == set()
    assert done.verified.head == newest_whole(copies, left)
    assert [f for f in done.verified.findings if f.severity > 1] == []
    assert git(tmp_path / "new", "fsck", "--full", "--strict", "--no-dangling") == ""
    files_are_the_newest(tmp_path / "new", copies, done, left)


def files_are_the_newest(new: Path, copies: Copies, done: Restored, left: set[str]) -> None:
    """Each file in the folder is the newest one that is left, as plain git tells."""
    line = git(copies.whole, "rev-list", f"{done.verified.head}..{copies.head}").split()
    base = tree(copies.whole, done.verified.head or "")
    above = [(tree(copies.whole, id_), folders(copies.whole, id_)) for id_ in line if id_ in left]
    for path in base.keys() | {path for files, _ in above for path in files}:
        wanted = base.get(path)
        for files, trees in above:
            parents = [str(each) for each in Path(path).parents]
            if not all(trees[each] in left for each in parents if each in trees):
                continue
            if path not in files or files[path] in left:
                wanted = files.get(path)
                break
        place = new / path
        lies = object_id("blob", place.read_bytes()) if place.exists() else None
        assert lies == wanted, path


def restored(place: Path, copies: Copies) -> Restored:
    sources = find_sources([str(copies.damaged), str(copies.old)], (), place.parent)
    before = [state(copies.damaged), state(copies.old)]
    done = restore(place, sources, now=LATER, base=place.parent)
    assert [state(copies.damaged), state(copies.old)] == before
    assert [*place.parent.glob(".new*")] == []
    return done


def damage(store: Path, how: str, chance: random.Random) -> None:
    """A tenth of the objects, each in the middle of its own bytes."""
    if how == "packed":
        git(store, "repack", "-adq")
        pack = next((store / "objects" / "pack").glob("*.pack"))
        lines = git(store, "verify-pack", "-v", str(pack.with_suffix(".idx"))).splitlines()
        places = [line.split() for line in lines if len(line.split()) >= 5 and len(line) > 60]
        data = bytearray(pack.read_bytes())
        for words in chance.sample(places, max(1, int(len(places) * _SHARE))):
            data[int(words[4]) + int(words[3]) // 2] ^= 0x24
        pack.chmod(0o644)
        pack.write_bytes(bytes(data))
        return
    for pack in (store / "objects" / "pack").glob("*.pack"):
        raw = pack.read_bytes()
        for each in pack.parent.glob(f"{pack.stem}.*"):
            each.unlink()
        _unpacked(store, raw)
    files = sorted((store / "objects").glob("[0-9a-f][0-9a-f]/*"))
    for file in chance.sample(files, int(len(files) * _SHARE)):
        bent = bytearray(file.read_bytes())
        bent[len(bent) // 2] ^= 0x24
        file.chmod(0o644)
        file.write_bytes(bytes(bent))


def _unpacked(store: Path, raw: bytes) -> None:
    subprocess.run(["git", "unpack-objects", "-q"], cwd=store, input=raw, check=True)


def objects(store: Path, tip: str) -> set[str]:
    lines = git(store, "rev-list", "--objects", tip).splitlines()
    return {line.partition(" ")[0] for line in lines}


@cache
def below(whole: Path, commit: str) -> set[str]:
    """The same of the store that is only read."""
    return objects(whole, commit)


def packed(folder: Path) -> set[str]:
    found = set()
    for index in folder.glob("*.idx"):
        found |= {
            line.split()[0]
            for line in git(folder, "verify-pack", "-v", str(index)).splitlines()
            if len(line.split()) >= 5
        }
    return found


def sound(store: Path, wanted: set[str]) -> set[str]:
    """Those that git itself reads from the damaged store: it goes on after each that it cannot."""
    asked, found = sorted(wanted), set()
    while asked:
        told = _read(store, asked)
        found |= {id_ for id_, kind, raw in told if kind and object_id(kind, raw) == id_}
        asked = asked[len(told) + 1 :]
    return found


def _read(store: Path, ids: Sequence[str]) -> list[tuple[str, str, bytes]]:
    """Each object until git gives up: its id, kind and content; no kind where it is missing."""
    told, place = [], 0
    asked = "".join(f"{id_}\n" for id_ in ids).encode()
    words = ["git", "cat-file", "--batch"]
    out = subprocess.run(words, cwd=store, input=asked, capture_output=True, check=False).stdout
    for id_ in ids:
        head, _, _ = out[place:].partition(b"\n")
        place += len(head) + 1
        kind, raw = "", b""
        if head and not head.endswith(b" missing"):
            kind, size = head.decode().split()[1:]
            raw, place = out[place : place + int(size)], place + int(size) + 1
        if place > len(out):
            break
        told.append((id_, kind, raw))
    return told


def reachable(store: Path, tip: str, lost: set[str]) -> set[str]:
    """What can be reached from a commit without passing through what is lost."""
    found: set[str] = set()
    for line in git(store, "rev-list", tip).split():
        if line in lost:
            continue
        found.add(line)
        stack = [named(store)[line][0]]
        while stack:
            id_ = stack.pop()
            if id_ not in lost and id_ not in found:
                found.add(id_)
                stack += named(store)[id_]
    return found


def named_by(store: Path, ids: set[str]) -> set[str]:
    """Ids that these commits and trees name."""
    return {inner for id_ in ids for inner in named(store)[id_]}


@cache
def named(store: Path) -> dict[str, list[str]]:
    """Ids that each object of a whole store names; of a commit, its tree first."""
    every = "--batch-all-objects"
    lines = git(store, "cat-file", every, "--batch-check=%(objectname) %(objecttype)").splitlines()
    found: dict[str, list[str]] = {}
    for id_, kind in (line.split() for line in lines):
        found[id_] = []
        if kind == "commit":
            found[id_] = git(store, "log", "-1", "--format=%T %P", id_).split()
        elif kind == "tree":
            found[id_] = [line.split()[2] for line in git(store, "ls-tree", id_).splitlines()]
    return found


def newest_whole(copies: Copies, left: set[str]) -> str:
    for commit in git(copies.whole, "rev-list", copies.head).split():
        if below(copies.whole, commit) <= left:
            return commit
    raise AssertionError("not even the first commit is left")


@cache
def tree(store: Path, commit: str) -> dict[str, str]:
    lines = git(store, "ls-tree", "-r", commit).splitlines()
    return {line.partition("\t")[2]: line.split()[2] for line in lines}


@cache
def folders(store: Path, commit: str) -> dict[str, str]:
    """Every folder of a commit, "." the top one -> its tree."""
    lines = git(store, "ls-tree", "-r", "-d", commit).splitlines()
    found = {line.partition("\t")[2]: line.split()[2] for line in lines}
    return {**found, ".": git(store, "rev-parse", f"{commit}^{{tree}}").strip()}


def state(folder: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
