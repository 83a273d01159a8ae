"""Judges what a seal of the second form says of history: all that the sealed commit leads to.

It says that by SHA-256 and SHA-512, so that lineage rests on SHA-1 no more.

A digest is that of what `git cat-file --batch` prints of the objects, sorted by id: each one's id,
kind, size and bytes. Invariants: commits are those that were signed, so an act of destruction
changes nothing of them; the other objects, trees and blobs, are those in the store, and are
compared while no act has rewritten the sealed commit since. The last seal is judged, for it holds
all that the ones before it hold. The writer of seals (`desk/sealing`) shares no code with this.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

from papka.core.findings import Finding
from papka.proof.anchors import SEAL_DIGEST_MISMATCH, SealText, StreamDigest
from papka.proof.clean_room import CleanRoom
from papka.proof.history_reading import read_blob
from papka.proof.layers import SignedLine
from papka.proof.seal_judging import Given
from papka.repository.git_values import Commit, bytes_of_commit, naming_of, object_id
from papka.repository.objects import Objects
from papka.repository.runner import run_git


def judge_sealed_history(
    room: CleanRoom, line: SignedLine, seals: Sequence[tuple[Given, SealText]]
) -> Iterator[Finding]:
    """Report a seal whose commits or other objects are not those of this history; `seals`: oldest
    first."""
    by_id = {commit.id: commit for commit in line.commits}
    told = [each for each in seals if each[1].commits and each[1].head in by_id]
    for given, text in told[-1:]:
        if digest_commits(room.objects(), by_id, text.head) != text.commits:
            yield _mismatch(given, "сохранения истории другие")
    whole = [each for each in told if line.stored.get(each[1].head) == each[1].head]
    for given, text in whole[-1:]:
        if digest_objects(room, text.head) != text.objects:
            yield _mismatch(given, "папки и файлы прежних сохранений другие")


def digest_commits(objects: Objects, by_id: Mapping[str, Commit], head: str) -> StreamDigest:
    """Digest `head` and all that it descends from, as they were signed."""
    reached, left = set[str](), [head]
    while left:
        at = left.pop()
        if at in by_id and at not in reached:
            reached.add(at)
            left += by_id[at].parents
    return digest_stream(
        (id_, "commit", _read_commit(objects, by_id[id_])) for id_ in sorted(reached)
    )


def _read_commit(objects: Objects, commit: Commit) -> bytes:
    raw = bytes_of_commit(commit)
    return (
        raw
        if object_id("commit", raw, naming_of(commit.id)) == commit.id
        else read_blob(objects, commit.id)
    )


def digest_objects(room: CleanRoom, head: str) -> StreamDigest:
    """Digest the trees and blobs that a commit leads to; those that are lost count as not there,
    which the store's check reports."""
    ran = run_git(
        "rev-list", "--objects", "--no-object-names", "--missing=print", head,
        folder=room.folder, accepted=range(-64, 256),
    )  # fmt: skip
    ids = sorted(set(ran.text.split()))
    found = zip(ids, room.objects().find_many(ids), strict=True)
    return digest_stream(
        (id_, *each) for id_, each in found if each is not None and each[0] != "commit"
    )


def digest_stream(objects: Iterable[tuple[str, str, bytes]]) -> StreamDigest:
    """Digest id, kind and bytes of objects as git prints them."""
    count, short, long = 0, hashlib.sha256(), hashlib.sha512()
    for id_, kind, data in objects:
        count += 1
        for made in (short, long):
            made.update(f"{id_} {kind} {len(data)}\n".encode())
            made.update(data)
            made.update(b"\n")
    return StreamDigest(count, short.hexdigest(), long.hexdigest())


def _mismatch(given: Given, what: str) -> Finding:
    return SEAL_DIGEST_MISMATCH.at(given.where, number=given.name, what=what)
