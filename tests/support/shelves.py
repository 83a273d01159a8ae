"""Histories with acts of destruction that lie in a dictionary: no git, no disk, no keys.

A signature here is any text: who may sign what is not for the layers to judge.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from papka.core.findings import Finding
from papka.proof.clean_room import CleanRoom
from papka.proof.history_reading import Walked
from papka.proof.layers import SignedLine, peel
from papka.proof.rewriting import Rewriting, rewrite
from papka.repository.git_values import (
    FILE,
    TREE,
    GitPerson,
    TreeEntry,
    compose_commit,
    compose_tree,
    object_id,
    parse_commit,
    parse_tree,
)
from papka.repository.objects import Objects
from papka.repository.pack_format import PackReader
from papka.repository.rewritten_commits import ACT, EVIDENCE, act_file
from tests.support.destroying import act_text

Files = dict[str, bytes]
WHO = GitPerson("s001", "s001@papka.invalid", 1_760_000_000, "+0300")


class Shelf(Objects):
    """Objects by id."""

    def __init__(self, found: Mapping[str, tuple[str, bytes]] | None = None) -> None:
        self.all = dict(found or {})

    def put(self, kind: str, data: bytes) -> str:
        id_ = object_id(kind, data)
        self.all[id_] = kind, data
        return id_

    def put_pack(self, pack: bytes) -> None:
        reader = PackReader(pack)
        for id_ in reader.ids:
            self.all[id_] = reader.kind(id_), reader.read(id_)

    def put_files(self, files: Mapping[str, bytes]) -> str:
        """Stores a tree of these files and returns its id."""
        below: dict[str, dict[str, bytes]] = {}
        entries = []
        for path, data in files.items():
            name, _, rest = path.partition("/")
            if rest:
                below.setdefault(name, {})[rest] = data
            else:
                entries.append(TreeEntry(FILE, name, self.put("blob", data)))
        entries += [TreeEntry(TREE, name, self.put_files(each)) for name, each in below.items()]
        return self.put("tree", compose_tree(entries))

    def files(self, tree: str) -> Files:
        found: Files = {}
        for entry in parse_tree(self.all[tree][1]):
            if entry.mode == TREE:
                inside = self.files(entry.id)
                found |= {f"{entry.name}/{path}": data for path, data in inside.items()}
            else:
                found[entry.name] = self.all[entry.id][1]
        return found

    def commit(self, files: Mapping[str, bytes], *parents: str, message: str = "Правка") -> str:
        """Stores a signed commit of exactly these files."""
        tree = self.put_files(files)
        signature = f"-----BEGIN SSH SIGNATURE-----\n{tree[:8]}\n-----END SSH SIGNATURE-----\n"
        return self.put("commit", compose_commit(tree, parents, WHO, WHO, message, signature))

    def read(self, id_: str) -> tuple[str, bytes]:
        name, _, path = id_.partition(":")
        found = self.all[name]
        if path and found[0] == "commit":
            found = self.all[parse_commit(name, found[1]).tree]
        for step in path.split("/") if path else ():
            if found[0] != "tree":
                raise KeyError(id_)
            inside = {entry.name: entry.id for entry in parse_tree(found[1])}
            found = self.all[inside[step]]
        return found

    def find_many(self, ids: Iterable[str]) -> Iterator[tuple[str, bytes] | None]:
        return (self.all.get(id_) for id_ in ids)

    def walk(self, head: str) -> Walked:
        """The line that ends with a commit; of a merge, all it joins, parents first."""
        ordered: dict[str, None] = {}

        def visit(id_: str) -> None:
            if id_ not in ordered:
                for parent in parse_commit(id_, self.all[id_][1]).parents:
                    visit(parent)
                ordered[id_] = None

        visit(head)
        return Walked(tuple(parse_commit(id_, self.all[id_][1]) for id_ in ordered), ())

    def purged(self, head: str) -> Shelf:
        """Only what a commit leads to."""
        kept: dict[str, tuple[str, bytes]] = {}
        left = [head]
        while left:
            id_ = left.pop()
            if id_ in kept:
                continue
            kind, data = kept[id_] = self.all[id_]
            if kind == "commit":
                commit = parse_commit(id_, data)
                left += [commit.tree, *commit.parents]
            elif kind == "tree":
                left += [entry.id for entry in parse_tree(data)]
        return Shelf(kept)


@dataclass(frozen=True)
class ShelfRoom(CleanRoom):
    """A clean room around a shelf."""

    shelf: Shelf = field(default_factory=Shelf)

    def objects(self) -> Shelf:
        return self.shelf


def peeled(shelf: Shelf, head: str) -> tuple[SignedLine, list[Finding]]:
    return peel(ShelfRoom(Path(), shelf=shelf), shelf.walk(head))


def told(shelf: Shelf, head: str) -> list[str]:
    """What is wrong with the acts of a history: code and words."""
    return [f"{each.code.name}: {each.message}" for each in peeled(shelf, head)[1]]


Bend = Callable[[Shelf, Rewriting], Rewriting]
"""What a forger does to the rewriting before the act is saved on it."""


def honest(shelf: Shelf, made: Rewriting) -> Rewriting:  # noqa: ARG001 - as a forger gets it
    return made


def destroyed(  # noqa: PLR0913 - what a forger bends
    shelf: Shelf,
    head: str,
    gone: Collection[str],
    number: int = 1,
    *,
    bend: Bend = honest,
    text: Callable[[str], str] = str,
    named: Collection[str] = (),
) -> tuple[Shelf, str]:
    """The shelf after an act and the act's commit; `named`: what the act says is gone, if not all.

    Nothing is left on it but what the act leads to.
    """
    full = Shelf(shelf.all)
    made = rewrite(full, [commit.id for commit in full.walk(head).commits], gone, number)
    full.put_pack(made.pack)
    made = bend(full, made)
    tree = parse_commit(made.head, full.all[made.head][1]).tree
    files = full.files(tree) | dict(made.inner)
    files[act_file(number, ACT)] = text(act_text(made, named or gone, number)).encode()
    files[act_file(number, EVIDENCE)] = made.evidence
    act = full.commit(files, made.head, message="Акт")
    return full.purged(act), act


def relinked(
    shelf: Shelf, made: Rewriting, change: Callable[[int, bytes], bytes | None]
) -> Rewriting:
    """The rewritten commits changed, each by its place (None: dropped), and linked anew."""
    new: dict[str, str] = {}
    head = made.head
    for at, id_ in enumerate(made.commits.values()):
        raw = shelf.all[id_][1]
        for old, other in new.items():
            raw = raw.replace(f"parent {old}".encode(), f"parent {other}".encode())
        bent = change(at, raw)
        if bent is None:
            new[id_] = parse_commit(id_, raw).parents[0]
        else:
            new[id_] = shelf.put("commit", bent)
        head = new[id_]
    return replace(made, head=head)


def with_tree(shelf: Shelf, raw: bytes, change: Callable[[Files], Files]) -> bytes:
    """A commit's bytes with other files."""
    tree = parse_commit("", raw).tree
    other = shelf.put_files(change(shelf.files(tree)))
    return raw.replace(tree.encode(), other.encode(), 1)


def with_evidence(made: Rewriting, evidence: bytes) -> Rewriting:
    return replace(made, evidence=evidence)


def digest_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def grow(shelf: Shelf, states: Sequence[Files]) -> str:
    """A line of commits of these files; the last one."""
    head = ""
    for files in states:
        head = shelf.commit(files, *([head] if head else ()))
    return head
