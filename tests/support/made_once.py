"""What many tests begin with, made once a run: for all processes of the tests, or by one of them in
the folder of a test and then copied into those of others."""

from __future__ import annotations

import os
import pickle
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

from papka.copies import mirrors
from tests.support.folders import copy_folder
from tests.support.histories import School
from tests.support.school import Archive

Made = TypeVar("Made")


def once_for_all(factory: pytest.TempPathFactory, name: str, work: Callable[[Path], Made]) -> Made:
    """What `work` returns, done in a folder of its own by the first process that asks.

    The others get it as it can be pickled, with the same folder; nobody changes anything there.
    """
    base = factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        base = base.parent
    folder, kept = base / f"once-{name}", base / f"once-{name}.pickle"
    with FileLock(base / f"once-{name}.lock"):
        if not kept.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            half = kept.with_suffix(".half")
            half.write_bytes(pickle.dumps(work(folder)))
            half.rename(kept)
        made: Made = pickle.loads(kept.read_bytes())
    return made


class MadeOnce:
    """Parts of folders of tests, each as some work left them.

    What is made knows nothing of its test but the path of the folder, which stands in settings of
    git and is put right in every copy. The same work on another state, one with a mirror or a
    commit more, is another thing and made anew.
    """

    def __init__(self, place: Path) -> None:
        self._place = place
        self._made: dict[tuple[str, str], tuple[Path, Path]] = {}

    def make(
        self, name: str, folder: Path, parts: Sequence[str], work: Callable[[], object]
    ) -> None:
        """Do `work`, which changes these parts of `folder` and nothing else; or bring them there as
        it left them before."""
        state = "\0".join(_state(folder, parts))
        if (name, state) not in self._made:
            work()
            kept = self._place / str(len(self._made))
            for part in parts:
                copy_folder(folder / part, kept / part)
            self._made[name, state] = kept, folder
            return
        kept, made_in = self._made[name, state]
        for part in parts:
            if (folder / part).exists():
                shutil.rmtree(folder / part)
            copy_folder(kept / part, folder / part)
        for config in _settings(folder, parts):
            text = config.read_text(encoding="utf-8")
            config.write_text(text.replace(str(made_in), str(folder)), encoding="utf-8")


def _settings(folder: Path, parts: Sequence[str]) -> Iterator[Path]:
    """Settings of the repositories among the parts."""
    for part in parts:
        for config in (folder / part / ".git" / "config", folder / part / "config"):
            if config.is_file():
                yield config


def _state(folder: Path, parts: Sequence[str]) -> Iterator[str]:
    """By what the states of the repositories that are there already can be told apart."""
    for config in _settings(folder, parts):
        yield config.read_text(encoding="utf-8").replace(str(folder), "")
        for ref in sorted((config.parent / "refs" / "heads").glob("*")):
            yield ref.read_text(encoding="utf-8")


def mirror_once(made_once: MadeOnce, archive: School | Archive, *places: Path) -> Path:
    """Mirrors of an unchanged archive in folders beside it, the first primary; all are sent
    everything. Returns the first."""

    def work() -> None:
        for place in places:
            mirrors.add(archive.root, place.stem, str(place), "Россия", allowed=("Россия",))
        assert mirrors.push(archive.root).is_good

    names = "-".join(place.stem for place in places)
    parts = (archive.root.name, *(place.name for place in places))
    made_once.make(f"{type(archive).__name__}-{names}", places[0].parent, parts, work)
    return places[0]
