"""Builds a whole new store beside the old one: the wanted history, its refs, safe settings.

Invariants: only what the wanted commits need goes in; of the old settings only those that lead
nowhere and run nothing are kept; everything is on the disk before the caller swaps it in.
Absent on purpose: hooks, the old index, reflogs, other helpers of git: they are made anew, or lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from papka.core.errors import GitFailed
from papka.core.store import MAIN
from papka.gates.git.identity import STORE_ID, store_id
from papka.gates.git.reading import without_filters
from papka.gates.git.repository import SAFE_ARCHIVE, SAFE_STORE, init
from papka.gates.git.runner import run_git
from papka.gates.git.settings_file import write_settings_of

_NOBODY = {"GIT_COMMITTER_NAME": "papka", "GIT_COMMITTER_EMAIL": "papka@papka.invalid"}


def build(  # noqa: PLR0913 - a store is made of exactly these
    place: Path,
    pool: Path,
    refs: Mapping[str, str],
    *,
    settings: Mapping[str, str],
    bare: bool,
    why: str,
) -> None:
    """Makes `place` a store (what `.git` is, or a bare one) whose refs are these.

    `pool` holds, hashed, all that they need; `settings` come on top of the safe ones; `why` stands
    in the log of the refs.
    """
    init(place, bare=True)
    _pack(pool, refs.values(), place.resolve() / "objects" / "pack", "--revs")
    here = {"GIT_DIR": str(place.resolve()), **_NOBODY}
    safe = SAFE_STORE if bare else {**SAFE_ARCHIVE, "core.bare": "false"}
    write_settings_of(place, {**safe, **settings})
    for ref, id_ in refs.items():
        options = ("update-ref", "--create-reflog", "-m", why, ref, id_)
        run_git(*options, folder=place, variables=here)
    if not bare:
        run_git("read-tree", MAIN, folder=place, variables=here)


def pack_of(pool: Path, ids: Iterable[str], folder: Path) -> None:
    """A pack of exactly these objects of the pool, with its index, in a folder made for it."""
    folder.mkdir(parents=True, exist_ok=True)
    _pack(pool, ids, folder.resolve())


def _pack(pool: Path, ids: Iterable[str], folder: Path, *options: str) -> None:
    folder.mkdir(exist_ok=True)
    given = "".join(f"{id_}\n" for id_ in dict.fromkeys(ids)).encode()
    run_git("pack-objects", "-q", *options, str(folder / "pack"), folder=pool, given=given)


def carry_id(old: Path, new: Path) -> None:
    """The new store takes over the old one's name in this computer's memory."""
    id_ = store_id(old)
    if id_:
        (new / STORE_ID).write_text(f"{id_}\n", encoding="ascii")


def refresh_stats(root: Path) -> None:
    """Brings the index up to the files' dates; it is a cache, so its trouble is nobody's loss."""
    with suppress(GitFailed):
        run_git(
            "update-index", "-q", "--refresh", folder=root, variables=without_filters(root),
            accepted=(0, 1),
        )  # fmt: skip
