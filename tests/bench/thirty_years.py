"""An archive after thirty years of daily saves beside itself at sixteen: its size and daily work.

Each save is a signed commit of one edited card, made in this process as papka makes it: its objects
lie loose, the branch and its log move once a save, and the store is packed when papka would. Left
out is what would only take time here: judging each save, and syncing it to the disk.

`python -m tests.bench.thirty_years [STUDENTS [SAVES]]`
"""
# ruff: noqa: T201 - what it prints is what it is for

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from papka.copies import mirrors
from papka.desk.demo_archive import demo
from papka.repository import handle, packing
from papka.repository.commit_snapshots import CommitSnapshot, read_commit
from papka.repository.commit_writing import refresh_index
from papka.repository.git_values import FILE, MAIN, GitPerson, compose_commit, object_id
from papka.repository.pack_format import compose_pack
from papka.repository.runner import run_git
from papka.repository.signing import find_actor
from papka.repository.store import locate
from papka.repository.worktree import lay_out
from tests.bench.daily import Desk
from tests.bench.verify import AGAIN_LIMIT, TreeWriter
from tests.support.measure import Side, Spent, cpu, side_by_side

STUDENTS, SAVES, YOUNG, ROUNDS = 3_000, 10_000, 16, 5
SIZE_LIMIT, LIMIT = 1.3, 1.2
GOALS = ("show", "save of one edit", "sync, nothing new")
"""What may not grow with history; of the rest the ratio is only told."""
_OTHERS, _AGAIN = ("add result --save", "status", "find"), "verify again"
_AUTHOR, _SHOWN, _SUBJECT = "s003", "2026-0002", "Правка карточки"
_STRIDE = 701
"""Cards are edited in no order: a prime, so that each has its turn."""
_TOGETHER = 20
"""Saves written at once: some 140 objects, of the 2,000 that may lie loose."""
_CHECKPOINTS = 5


class _Saver:
    """Saves to an archive, a card at a time, as fast as can be."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._sign = find_actor(root, _AUTHOR).sign
        saved = CommitSnapshot(root, MAIN)
        self._writer = TreeWriter({})
        for path, (mode, id_) in saved.entries.items():
            self._writer.place(path, mode, id_)
        cards = (path for path in saved.paths() if path.endswith("/student.yaml"))
        self._cards = dict(saved.read_many(cards))
        self._order = sorted(self._cards)
        last = read_commit(root, MAIN)
        self._head, self._time = last.id, last.committer.time
        self._saves = 0

    def save(self, count: int) -> None:
        """Make so many saves, and pack when it is time."""
        for start in range(0, count, _TOGETHER):
            self._write(min(_TOGETHER, count - start))
            packing.pack_store(locate(self._root))

    def _write(self, count: int) -> None:
        self._writer.objects.clear()
        edited: dict[str, bytes] = {}
        entries: dict[str, tuple[str, str] | None] = {}
        moves = []
        for _ in range(count):
            self._saves += 1
            path = self._order[self._saves * _STRIDE % len(self._order)]
            edited[path] = self._cards[path] + f"# правка {self._saves}\n".encode()
            entries[path] = FILE, self._writer.write(path, edited[path])
            before, self._head = self._head, self._commit()
            moves.append(f"start\nupdate {MAIN} {self._head} {before}\ncommit\n")
        made = {object_id(*each): each for each in self._writer.objects}
        run_git("unpack-objects", "-q", folder=self._root, given=compose_pack(made))
        lay_out(self._root, edited.items())
        log = ("update-ref", "--stdin", "--create-reflog", "-m", _SUBJECT)
        run_git(*log, folder=self._root, given="".join(moves).encode())
        refresh_index(self._root, entries)

    def _commit(self) -> str:
        """Store a signed commit of the files as they are by now, a second after the last one."""
        self._time += 1
        who = GitPerson(_AUTHOR, f"{_AUTHOR}@papka.invalid", self._time, "+0300")
        said = self._writer.tree(), [self._head], who, who, f"{_SUBJECT}\n"
        return self._writer.store(
            "commit", compose_commit(*said, self._sign(compose_commit(*said)))
        )


def main(students: int, saves: int) -> int:
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        _live_in(place / "old")
        made = datetime.now().astimezone() - timedelta(seconds=saves + 60)
        for _ in demo(place / "old", students=students, now=made):
            pass
        young, old = _copy(place), place / "old" / "archive"
        _Saver(young).save(YOUNG - _count_commits(young))
        saver = _Saver(old)
        _tell_size(old)
        for _ in range(_CHECKPOINTS):
            saver.save(saves // _CHECKPOINTS)
            _tell_size(old)
            mirrors.push(old)
        return _compare_sizes(old, place) | _compare_jobs(old, young)


def _live_in(place: Path) -> None:
    """Let what papka keeps of an archive on this computer lie beside that archive."""
    for variable in ("XDG_STATE_HOME", "XDG_CACHE_HOME"):
        os.environ[variable] = str(place / variable)


def _copy(place: Path) -> Path:
    """Copy the archive with its mirrors; return the copy."""
    shutil.copytree(place / "old", place / "young", symlinks=True)
    young = place / "young" / "archive"
    for remote in handle.list_remotes(young):
        moved = str(place / "young" / Path(remote.url).name)
        handle.add_remote(young, replace(remote, url=moved))
    return young


def _count_commits(root: Path) -> int:
    return int(run_git("rev-list", "--count", MAIN, folder=root).text)


def _megabytes(store: Path) -> float:
    """Return what the files of a store take on the disk."""
    return sum(each.lstat().st_blocks for each in store.rglob("*")) * 512 / 1e6


def _tell_size(root: Path) -> None:
    store = locate(root)
    packs = len(list((store.objects / "pack").glob("*.pack")))
    print(
        f"{_count_commits(root):>6} commits, {packing.count_loose(store):>5} loose objects, "
        f"{packs:>3} packs, {_megabytes(store.objects):7.1f} MB",
        flush=True,
    )


def _compare_sizes(root: Path, place: Path) -> int:
    whole = place / "whole.git"
    shutil.copytree(locate(root).common, whole)
    subprocess.run(["git", "repack", "-adq"], cwd=whole, check=True)
    ratio = _megabytes(locate(root).objects) / _megabytes(whole / "objects")
    shutil.rmtree(whole)
    verdict = "reached" if ratio <= SIZE_LIMIT else "MISSED"
    print(f"size beside its repacked self {ratio:.3f}   goal ≤ {SIZE_LIMIT}: {verdict}", flush=True)
    return 0 if ratio <= SIZE_LIMIT else 1


def _compare_jobs(old: Path, young: Path) -> int:
    """Ask the same of both in turns; return 1 when what may not grow has grown."""
    missed = 0
    desks = {root: Desk(root, _SHOWN) for root in (old, young)}
    for job in (*GOALS, *_OTHERS, _AGAIN):
        sides = []
        for root, desk in desks.items():
            asked = partial(desk.run, "verify") if job == _AGAIN else desk.jobs[job][1]
            sides.append(Side(f"at {_count_commits(root)} commits", _at_home(root, asked)))
            sides[-1].measured()  # what is remembered from now on is no part of the job
        missed |= side_by_side(job, *sides, rounds=ROUNDS, limit=LIMIT if job in GOALS else None)
    fsck = ["git", "fsck", "--full", "--strict", "--no-dangling"]
    again = _at_home(old, lambda: desks[old].run("verify"))
    peer = Side("git fsck --full --strict", lambda: cpu(fsck, cwd=old))
    return missed | side_by_side(
        _AGAIN, Side("papka verify", again), peer, rounds=ROUNDS, limit=AGAIN_LIMIT
    )


def _at_home(root: Path, job: Callable[[], Spent]) -> Callable[[], float]:
    def measured() -> float:
        _live_in(root.parent)
        return job().seconds

    return measured


if __name__ == "__main__":
    os.environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    given = [int(word) for word in sys.argv[1:3]]
    sys.exit(main(*given, *(STUDENTS, SAVES)[len(given) :]))
