"""History rewritten without what is destroyed, so that nothing else of it loses its proof.

Of every commit from the first that holds anything of it on, the bytes are kept but for three
things: its tree and its parents are those that take their place, and the signature is left out.
Commits before stay as they are, with their signatures. Nothing else can be done here, and `layers`
computes the same again. A commit that an earlier act rewrote is made anew of the signed one.

The evidence is a pack with exactly the signed commits that were rewritten and those of their trees
that were changed *above* the units, but for what earlier acts keep. The trees changed inside a unit
are a pack of their own, which lies in that unit and is destroyed with it, beside a list of what
went: SHA-256, blob id and path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from papka.core.errors import Refused
from papka.core.places import unit
from papka.proof.act_evidence import Evidence, SavedAct, read_saved_act
from papka.proof.tree_cutting import (
    FolderCut,
    folder_of_file,
    list_unmet,
    plan_cut,
    reduce_trees,
)
from papka.repository.git_values import EMPTY_TREE, links_of
from papka.repository.objects import Objects
from papka.repository.pack_format import PackBuilder
from papka.repository.rewritten_commits import (
    find_act,
    inner_file,
    list_act_numbers,
    pair_commits,
)

_DEEPEST = 500
"""So many versions of a folder rest on one another in evidence, which is read from end to end."""


def rewrite_commit(raw: bytes, tree: str, parents: Sequence[str]) -> bytes:
    """Return the bytes of a commit with another tree, other parents and no signature."""
    head, gap, message = raw.partition(b"\n\n")
    lines: list[bytes] = []
    left = iter(parents)
    is_signature = False
    for line in head.split(b"\n"):
        if is_signature and line.startswith(b" "):
            continue
        is_signature = line.startswith(b"gpgsig ")
        if is_signature:
            continue
        if line.startswith(b"tree ") and not lines:
            lines.append(b"tree " + tree.encode())
        elif line.startswith(b"parent "):
            lines.append(b"parent " + next(left, "").encode())
        else:
            lines.append(line)
    return b"\n".join(lines) + gap + message


@dataclass(frozen=True, slots=True)
class Rewriting:
    """A history rewritten, of which nothing is stored yet.

    `old_head`, `head`: the last commit before and after; `commits`: id in the store -> new id of
    those rewritten, oldest first; `pack`: the new commits and trees; `evidence`: the signed ones
    above units; `inner`: files to be added inside units, by path; `gone`: path -> ids of the trees
    and blobs that stood there, at any time.
    """

    old_head: str
    head: str
    commits: Mapping[str, str]
    pack: bytes
    evidence: bytes
    inner: Mapping[str, bytes]
    gone: Mapping[str, tuple[str, ...]]

    @property
    def evidence_digest(self) -> str:
        """SHA-256 of the evidence, as the act names it."""
        return hashlib.sha256(self.evidence).hexdigest()


def rewrite(
    objects: Objects, commits: Sequence[str], gone: Collection[str], number: int
) -> Rewriting:
    """Rewrite a history without what is gone, for the act of this number.

    `commits`: ids of all commits as they are stored now, parents first, the last one main's;
    `gone`: units, and attachments of folders that stay. Earlier acts are believed. Raises Refused
    when a path is no such thing, stood nowhere, lies in a folder that goes whole, or stood in the
    first commit, by which an archive is known; BadAct, BadPack, Unpaired for earlier acts.
    """
    _refuse_overlaps(gone)
    tip = commits[-1]
    acts = _read_earlier(objects, tip)
    old = Evidence.of(objects, acts)
    stored = dict(zip(commits, map(_require, objects.find_many(commits)), strict=True))
    signed = _read_signed(objects, acts, old, stored)
    links = {id_: links_of(raw) for id_, raw in signed.items()}
    kept = _list_kept(acts)
    made = PackBuilder()
    evidence = PackBuilder(deepest=_DEEPEST)
    inner: dict[str, PackBuilder] = {}

    def emit(cut: FolderCut, old_id: str, raw: bytes, new_id: str, new: bytes) -> None:
        if new_id:
            made.add("tree", new, new_id, series=cut.path)
        # Evidence in a unit goes with it, so that no other unit may rest on it.
        if old_id in kept.get(cut.unit, ()):
            return
        into = evidence
        if cut.unit:
            into = inner.setdefault(cut.unit, PackBuilder(deepest=_DEEPEST))
        into.add("tree", raw, old_id, series=cut.path)

    cut = plan_cut({*gone, *(path for act in acts for path in act.paths)})
    reduced = reduce_trees((tree for tree, _ in links.values()), cut, old.read_trees, emit)
    if unmet := list_unmet(gone, reduced.gone):
        raise Refused(f"В истории архива никогда не было {unmet[0]}", "Проверьте номер: papka find")
    new_ids: dict[str, str] = {}
    for id_, raw in stored.items():
        tree, parents = links_of(raw)
        new_tree = reduced.new[links[id_][0]] or EMPTY_TREE
        new_parents = tuple(new_ids.get(each, each) for each in parents)
        if (new_tree, new_parents) == (tree, parents):
            continue
        if not parents:
            raise Refused(
                "Первое сохранение архива не переписывают: по нему архив узнают",
                "То, что лежит в нём, уничтожить нельзя; спросите того, кто делал этот архив",
            )
        new_ids[id_] = made.add("commit", rewrite_commit(signed[id_], new_tree, new_parents))
        if signed[id_] is raw:
            evidence.add("commit", raw, id_)
    here = {p: ids for p, ids in reduced.gone.items() if p in gone or unit(p) in gone}
    return Rewriting(
        tip, new_ids.get(tip, tip), new_ids, made.close(), evidence.close(),
        _compose_inner(objects, inner, here, number),
        {path: tuple(ids) for path, ids in here.items()},
    )  # fmt: skip


def _read_earlier(objects: Objects, tip: str) -> list[SavedAct]:
    """Read the acts there are, the latest first, so that it is known which units went whole."""
    acts: list[SavedAct] = []
    for number in reversed(list_act_numbers(objects, tip)):
        whole = {path for act in acts for path in act.text.units}
        acts.append(read_saved_act(objects, tip, number, whole))
    return acts


def _list_kept(acts: Sequence[SavedAct]) -> dict[str, set[str]]:
    """Return what earlier acts keep above units (""), and inside each."""
    kept: dict[str, set[str]] = {}
    for act in acts:
        for folder, pack in (("", act.evidence), *act.inner.items()):
            kept.setdefault(folder, set()).update(pack.ids)
    return kept


def _read_signed(
    objects: Objects,
    acts: Sequence[SavedAct],
    old: Evidence,
    stored: Mapping[str, bytes],
) -> dict[str, bytes]:
    """Return the bytes of each commit as it was signed, by its id in the store."""
    ids = tuple(stored)
    heads = {ids[find_act(objects, ids, act.number)]: act.text.old_head for act in acts}
    moved = pair_commits(ids[-1], lambda id_: links_of(stored[id_])[1], heads, old.shelf)
    return {
        id_: old.shelf[moved[id_]].read(moved[id_]) if id_ in moved else raw
        for id_, raw in stored.items()
    }


def _require(found: tuple[str, bytes] | None) -> bytes:
    if found is None:
        raise KeyError
    return found[1]


def _refuse_overlaps(gone: Collection[str]) -> None:
    for path in gone:
        folder = folder_of_file(path)
        if folder in gone:
            raise Refused(
                f"{path} лежит в личной папке, которую уничтожают целиком",
                "Назовите только папку",
            )


def _compose_inner(
    objects: Objects,
    packs: Mapping[str, PackBuilder],
    gone: Mapping[str, Iterable[str]],
    number: int,
) -> dict[str, bytes]:
    """Compose the files that lie in units: the trees changed in each, and the list of what went."""
    files: dict[str, bytes] = {}
    for folder, pack in packs.items():
        files[inner_file(folder, number, "pack")] = pack.close()
        lines = [
            f"{hashlib.sha256(_require(objects.find(id_))).hexdigest()}  {id_}  {path}\n"
            for path, ids in gone.items()
            if path.startswith(f"{folder}/")
            for id_ in ids
        ]
        files[inner_file(folder, number, "files")] = "".join(sorted(lines)).encode()
    return files
