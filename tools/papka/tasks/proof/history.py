"""A history as values: what each commit changed, and whom it trusts.

Invariants: a file is read once however many commits share it; what is lost is read as nothing, for
the store's check has told of it. Absent on purpose: judging.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from papka.core.errors import GitFailed
from papka.core.history import EMPTY_TREE, Change, Commit, object_id
from papka.core.layout import ALLOWED_SIGNERS
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.objects import Objects
from papka.integrity.trust import TrustFile, read_trust


def changes_of(room: CleanRoom, commits: Sequence[Commit]) -> dict[str, tuple[Change, ...]]:
    """What each commit did to its first parent's files; nothing where that parent is unreadable."""
    trees = {commit.id: commit.tree for commit in commits}
    known = [c for c in commits if not c.parents or c.parents[0] in trees]
    pairs = [(trees[c.parents[0]] if c.parents else EMPTY_TREE, c.tree) for c in known]
    return {c.id: found for c, found in zip(known, room.changes(pairs), strict=True)}


def trust_files(
    room: CleanRoom, commits: Sequence[Commit], changes: Mapping[str, tuple[Change, ...]]
) -> dict[str, TrustFile]:
    """The trust file as each commit has it; a file is read once however many commits share it."""
    objects = room.objects()
    blob_of: dict[str, str] = {}
    for commit in commits:
        own = ""
        if commit.parents:
            # An unreadable parent leaves nothing to compare with: the file itself is asked for.
            known = blob_of.get(commit.parents[0])
            own = _blob(objects, f"{commit.id}:{ALLOWED_SIGNERS}") if known is None else known
        for change in changes.get(commit.id, ()):
            if change.path == ALLOWED_SIGNERS:
                own = change.new_id
        blob_of[commit.id] = own
    blobs = set(blob_of.values())
    read = {blob: read_trust(read_blob(objects, blob)) if blob else TrustFile() for blob in blobs}
    return {commit: read[blob] for commit, blob in blob_of.items()}


def _blob(objects: Objects, name: str) -> str:
    """The id of the blob a name leads to, empty when there is none."""
    data = read_blob(objects, name)
    return object_id("blob", data) if data else ""


def read_blob(objects: Objects, name: str) -> bytes:
    """The bytes; none when they are lost, which the store's check has told already."""
    try:
        return objects.read(name)[1]
    except (KeyError, GitFailed):
        return b""
