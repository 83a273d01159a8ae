"""The seals of an archive, and what was given from paper, against its history.

Invariants: each tree and blob is read and digested once however many seals there are; the commit a
seal was put on is judged by its own bytes, never by a work tree. Absent on purpose: any code that
makes seals.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from papka.core.errors import GitFailed
from papka.core.findings import Finding
from papka.core.history import SUBMODULE, TREE, Malformed, TreeEntry, parse_tree
from papka.core.seals import TEXT
from papka.gates.git.cleanroom import CleanRoom
from papka.gates.git.objects import Objects
from papka.integrity.anchoring import judge_anchors
from papka.integrity.anchors import Anchors
from papka.integrity.chronicle import Step
from papka.integrity.seal_judging import Given, judge_seal
from papka.integrity.seal_places import Placed, judge_numbers, judge_places, placed_seals
from papka.integrity.sealed_content import Digests
from papka.integrity.seals import BadSeal, Seal, read_seal


def judge_sealed(
    room: CleanRoom, steps: Sequence[Step], anchors: Anchors
) -> tuple[tuple[Finding, ...], tuple[Seal, ...]]:
    """What is wrong with seals and anchors, and the seals there are, oldest first."""
    findings, seals = _judged(room, steps)
    findings += judge_numbers(steps)
    bad = {finding.where.commit for finding in judge_places(steps)}  # a rule of history tells it
    sound = (replace(seal, is_sound=seal.is_sound and seal.commit not in bad) for seal in seals)
    seals = [replace(s, is_anchored=s.is_sound and s.digest in anchors.seals) for s in sound]
    findings += judge_anchors(steps, seals, anchors)
    return tuple(findings), tuple(seals)


def _judged(room: CleanRoom, steps: Sequence[Step]) -> tuple[list[Finding], list[Seal]]:
    placed = placed_seals(steps)
    if not placed:
        return [], []
    objects = room.objects()
    data = dict(_bytes(objects, {id_ for each in placed for id_ in each.files.values()}))
    trees = {step.commit.id: step.commit.tree for step in steps}
    on = [trees.get(_sealed(each, data), "") for each in placed]
    digests = _digests(objects, [tree for tree in on if tree], data)
    findings: list[Finding] = []
    seals: list[Seal] = []
    before = (0, "")
    for each, tree in zip(placed, on, strict=True):
        files = {ending: data[id_] for ending, id_ in each.files.items() if id_ in data}
        given = Given(each, files, digests.content(tree), before)
        said, found = judge_seal(given, trees)
        findings += found
        digest = hashlib.sha256(files.get(TEXT, b"")).hexdigest()
        before = (each.number, digest)
        if said is not None:
            commit = each.step.commit.id
            seals.append(
                Seal(each.number, said.period, said.date, digest, said.head, commit, not found)
            )
    return findings, seals


def _sealed(placed: Placed, data: Mapping[str, bytes]) -> str:
    """The commit a seal was put on: what it says, or else the one before its own."""
    try:
        return read_seal(data.get(placed.files[TEXT], b"")).head
    except BadSeal:
        return next(iter(placed.step.commit.parents), "")


def _digests(objects: Objects, tops: Sequence[str], known: Mapping[str, bytes]) -> Digests:
    """Of everything below these trees, read level by level; `known` are blobs read already."""
    trees: dict[str, tuple[TreeEntry, ...]] = {}
    files: set[str] = set()
    level = set(tops)
    while level:
        below: set[str] = set()
        for id_, raw in _bytes(objects, level):
            try:
                trees[id_] = tuple(parse_tree(raw))
            except Malformed:
                continue  # the store's check has told of it
            below |= {entry.id for entry in trees[id_] if entry.mode == TREE}
            files |= {entry.id for entry in trees[id_] if entry.mode not in (TREE, SUBMODULE)}
        level = below - trees.keys()
    found = chain(known.items(), _bytes(objects, files - known.keys()))
    blobs = {id_: hashlib.sha256(data).hexdigest() for id_, data in found}
    return Digests(trees, blobs)


def _bytes(objects: Objects, wanted: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Id and bytes of those that can be read; what is lost, the store's check has told."""
    left = sorted(wanted)
    done = 0
    try:
        for id_, found in zip(left, objects.find_many(left), strict=True):
            done += 1
            if found is not None:
                yield id_, found[1]
    except GitFailed:  # damaged somewhere: the rest one by one
        for id_ in left[done:]:
            try:
                yield id_, objects.read(id_)[1]
            except (KeyError, GitFailed):
                continue
