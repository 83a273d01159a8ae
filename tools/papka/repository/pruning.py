"""Remember which saves nobody else has seen, and take one of them out of the store for good.

A save is unseen when papka made it in this folder and has since shown no commit to a mirror, a
medium or a package. That is noted in `.papka/unseen` at the save and taken away, under the lock of
the archive, before anything is given out: without the note a save counts as seen. A copy of the
archive, one received, restored or cloned, has no note.

What nothing leads to any more is pruned: no branch, tag, mirror's branch, index or log of a branch.
With the save go the leftovers of killed commands, which may have been made on it.
"""

from __future__ import annotations

import shutil
from pathlib import Path

from papka.core.errors import ChangedMeanwhile
from papka.repository import dot_papka
from papka.repository.commit_snapshots import is_ancestor
from papka.repository.derived_store import DerivedStore
from papka.repository.files import sync_folder, write_whole
from papka.repository.git_values import MAIN, is_id
from papka.repository.objects import Objects
from papka.repository.runner import run_git
from papka.repository.store import Store, locate, read_bytes

_NOTE = f"{dot_papka.FOLDER}/unseen"
_MOST = 100
"""So many saves are remembered; older ones count as seen."""


def note_unseen(root: Path, commit: str) -> None:
    """Note that nobody else has seen this commit; call it holding the archive."""
    known = [each for each in _read_note(root) if each != commit]
    text = "".join(f"{each}\n" for each in [*known, commit][-_MOST:])
    dot_papka.write(root, _NOTE, text.encode(), synced=False)  # lost: it counts as seen


def note_all_seen(root: Path) -> None:
    """Note that what is saved may be seen by others from now on; raise LockHeld."""
    if not _read_note(root):
        return
    with dot_papka.archive_lock(root):
        dot_papka.remove(root, _NOTE)
        sync_folder(root / dot_papka.FOLDER)


def is_unseen(root: Path, commit: str) -> bool:
    """Whether nobody else can have this commit: it is noted, and nothing but main leads to it."""
    if commit not in _read_note(root):
        return False
    asked = ("for-each-ref", "--format=%(refname)", "--contains", commit)
    return set(run_git(*asked, folder=root).text.split()) <= {MAIN}


def require_contained(root: Path, commit: str) -> None:
    """Raise ChangedMeanwhile when main no longer holds a commit that is to be given out."""
    if not is_ancestor(root, commit, MAIN):
        raise ChangedMeanwhile("архив")


def _read_note(root: Path) -> list[str]:
    data = dot_papka.read(root, _NOTE) or b""
    return [each for each in data.decode("ascii", "replace").split("\n") if is_id(each)]


def prune_commit(root: Path, commit: str) -> None:
    """Remove a commit no branch leads to, with all that only it holds, and its lines in logs."""
    store = locate(root)
    _drop_from_logs(store, commit)
    is_packed = Objects(root).find(commit) is not None and not _file_of(store, commit).is_file()
    prune_leftovers(root, packed=is_packed)


def prune_leftovers(root: Path, *, packed: bool = True) -> None:
    """Remove all that no branch, tag, index or log leads to, `packed`: out of packs too."""
    store = locate(root)
    if packed:
        # What nothing leads to comes out of its pack as files of its own.
        run_git("repack", "-A", "-d", "-q", folder=root)
    # A helper that speeds git up and would name what is gone; git makes it anew.
    (store.objects / "info" / "commit-graph").unlink(missing_ok=True)
    shutil.rmtree(store.objects / "info" / "commit-graphs", ignore_errors=True)
    run_git("prune", "--expire=now", folder=root)
    DerivedStore(root).forget()
    sync_folder(store.objects)


def _file_of(store: Store, id_: str) -> Path:
    return store.objects / id_[:2] / id_[2:]


def _drop_from_logs(store: Store, commit: str) -> None:
    for log in (store.common / "logs" / MAIN, store.own / "logs" / "HEAD"):
        lines = read_bytes(log).splitlines(keepends=True)
        kept = [line for line in lines if commit.encode() not in line[:81]]
        if kept != lines:
            write_whole(log, b"".join(kept), aside=log.with_name(f"{log.name}.papka"))
