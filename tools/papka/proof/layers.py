"""Acts of destruction taken off a history, until each commit is as it was signed.

The evidence of acts holds the commits they rewrote. Each is rewritten once more here, without what
all acts name, and the id that comes out must be the one in the store: so acts can do nothing but
take away what they name. Before a commit stands, as it was signed, its own parent; before that of
an act the one that the act names. All is done in one pass, however many acts there are.

The signed line is what all rules judge: the commits as people signed them, with the trees that lie
in the store now. What names a commit (memory, revocations, acceptances, seals, receipts, paper)
names the signed one, and so goes on meaning the same after every act. Findings are values; where
acts cannot be taken off, the rewritten commits stay as they lie, unsigned.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from papka.core.errors import GitFailed, Refused
from papka.core.findings import Finding, Location
from papka.core.places import unit
from papka.proof import verify_codes
from papka.proof.act_evidence import ActText, BadAct, Evidence, SavedAct, read_saved_act
from papka.proof.clean_room import CleanRoom
from papka.proof.history_reading import Walked, walk
from papka.proof.rewriting import rewrite_commit
from papka.proof.tree_cutting import FolderCut, Reduced, list_unmet, plan_cut, reduce_trees
from papka.repository.git_values import (
    EMPTY_TREE,
    NAMED_IN_RECORDS,
    TREE,
    Commit,
    Malformed,
    TreeEntry,
    links_of,
    object_id,
    parse_commit,
    parse_tree,
)
from papka.repository.objects import Objects
from papka.repository.pack_format import BadPack, PackReader
from papka.repository.rewritten_commits import (
    ACT,
    Unpaired,
    act_file,
    find_act,
    list_act_numbers,
    pair_commits,
)


@dataclass(frozen=True, slots=True)
class Layer:
    """An act taken off. `commit`: the act's own, as signed; `act`: what it says; `files`: path ->
    blob id -> SHA-256 of what it destroyed inside units that still stand; `ids`: ids of what it
    destroyed, which no store may hold any more."""

    number: int
    commit: str
    act: ActText
    files: Mapping[str, Mapping[str, str]]
    ids: frozenset[str]

    @property
    def paths(self) -> frozenset[str]:
        """The units and files that it destroyed, as far as they are known."""
        return self.act.units | self.files.keys()


@dataclass(frozen=True, slots=True)
class SignedLine:
    """A history as it was signed. `commits`: parents first, each with the tree that lies in the
    store now; `stored`: the id of each as signed -> its id in the store; `signed_trees`: the id of
    each rewritten commit -> the tree it was signed with; `layers`: acts taken off, the newest
    first; `unreadable`: as walked; `packs`: where trees as they were signed can be read."""

    commits: tuple[Commit, ...]
    stored: Mapping[str, str]
    unreadable: tuple[tuple[str, str], ...] = ()
    layers: tuple[Layer, ...] = ()
    signed_trees: Mapping[str, str] = field(default_factory=dict)
    packs: tuple[PackReader, ...] = ()

    @property
    def moved(self) -> dict[str, str]:
        """The id as signed -> the id in the store, of the commits that acts rewrote."""
        return {signed: stored for signed, stored in self.stored.items() if signed != stored}

    @property
    def destroyed(self) -> frozenset[str]:
        """All units and files destroyed."""
        return frozenset().union(*(layer.paths for layer in self.layers))

    @property
    def destroyed_ids(self) -> frozenset[str]:
        """Ids of trees and blobs that no store may hold any more."""
        return frozenset().union(*(layer.ids for layer in self.layers))

    @property
    def digests(self) -> dict[str, str]:
        """SHA-256 by blob id of files destroyed inside units that still stand."""
        return {
            id_: digest
            for layer in self.layers
            for ids in layer.files.values()
            for id_, digest in ids.items()
        }

    def signed(self, id_: str) -> str:
        """Return the id as signed of a commit named by either id; itself when it is unknown."""
        return next((one for one, other in self.moved.items() if other == id_), id_)

    def read_tree(self, id_: str) -> bytes | None:
        """Return a tree as it was signed, that no store holds any more."""
        return next((pack.read(id_) for pack in self.packs if id_ in pack), None)


def is_continuation(line: SignedLine, head: str) -> bool:
    """Whether the line holds this commit, named as it was signed."""
    return head in line.stored


def read_line(room: CleanRoom, tip: str) -> tuple[SignedLine, list[Finding]]:
    """Read `tip` and all it descends from, as it was signed."""
    return peel(room, walk(room, tip))


def peel(room: CleanRoom, walked: Walked) -> tuple[SignedLine, list[Finding]]:
    """Take all acts off a history; the findings tell what is wrong with acts."""
    objects = room.objects()
    plain = plain_line(walked)
    numbers = list_act_numbers(objects, walked.commits[-1].tree) if walked.commits else []
    if not numbers:
        return plain, []
    if room.naming != NAMED_IN_RECORDS:
        where = Location(act_file(numbers[-1], ACT))
        return plain, [verify_codes.NAMED_OTHERWISE.at(where, what="акт об уничтожении")]
    taking = _ActsTaken(objects, walked.commits)
    try:
        taking.read_acts(numbers)
        pairs = taking.pair()
        reduced = taking.reduce(pairs)
    except (BadAct, BadPack, Unpaired) as error:
        taking.report(str(error))
        return plain, taking.findings
    _judge_pairs(taking, pairs, reduced)
    _judge_evidence(taking, pairs, reduced)
    taking.evidence.rest()
    return _compose_line(plain, taking, pairs, reduced), taking.findings


def plain_line(walked: Walked) -> SignedLine:
    """Return a history as it lies in the store, with no act taken off."""
    stored = {each.id: each.id for each in walked.commits}
    return SignedLine(walked.commits, stored, walked.unreadable)


class _ActsTaken:
    """Acts being taken off a history. `acts`: the newest first; `places`: where the commit of each
    stands; `at`: the act that is looked at, by its number."""

    def __init__(self, objects: Objects, commits: Sequence[Commit]) -> None:
        self.objects = objects
        self.commits = commits
        self.by_id = {commit.id: commit for commit in commits}
        self.acts: list[SavedAct] = []
        self.places: dict[int, int] = {}
        self.evidence = Evidence(objects)
        self.cut = FolderCut()
        self.findings: list[Finding] = []
        self.at = 0

    def report(self, detail: str, number: int = 0) -> None:
        number = number or self.at
        own = self.commits[self.places[number]].id
        where = Location(act_file(number, ACT), commit=own)
        self.findings.append(verify_codes.ACT_INVALID.at(where, number=number, detail=detail))

    def read_acts(self, numbers: Sequence[int]) -> None:
        """Read the acts, and plan what they take away; raise BadAct, BadPack."""
        trees = [commit.tree for commit in self.commits]
        self.places = {number: find_act(self.objects, trees, number) for number in numbers}
        for number in reversed(numbers):
            self.at = number
            whole = {path for act in self.acts for path in act.text.units}
            tree = trees[self.places[number]]
            self.acts.append(read_saved_act(self.objects, tree, number, whole))
        self.at = numbers[-1]
        self.evidence = Evidence.of(self.objects, self.acts)
        try:
            self.cut = plan_cut({path for act in self.acts for path in act.paths})
        except Refused as error:
            raise BadAct(error.message) from error

    def pair(self) -> dict[str, str]:
        """Return the rewritten commits, in history's order: id in the store -> id as signed; raise
        BadAct, Unpaired."""
        heads: dict[str, str] = {}
        for act in self.acts:
            own = self.commits[self.places[act.number]]
            self.at = act.number
            if len(own.parents) != 1:
                raise BadAct("у сохранения с актом не одно предыдущее")
            if own.parents == (act.text.old_head,):
                raise BadAct("история до акта не переписана: уничтоженное осталось в ней")
            heads[own.id] = act.text.old_head
        self.at = self.acts[0].number

        def parents(id_: str) -> tuple[str, ...]:
            return self.by_id[id_].parents

        found = pair_commits(self.commits[-1].id, parents, heads, self.evidence.shelf)
        return {each.id: found[each.id] for each in self.commits if each.id in found}

    def raw(self, signed: str) -> bytes:
        return self.evidence.shelf[signed].read(signed)

    def reduce(self, pairs: Mapping[str, str]) -> Reduced:
        """Take out of the signed trees what the acts name; raise BadAct."""
        try:
            trees = [links_of(self.raw(signed))[0] for signed in pairs.values()]
            return reduce_trees(trees, self.cut, self.evidence.read_trees)
        except KeyError as error:
            id_ = str(error.args[0])[:12] if error.args else ""
            raise BadAct(f"в доказательстве недостаёт прежней папки {id_}") from error
        except (Malformed, GitFailed) as error:
            raise BadAct("прежнюю папку в доказательстве не прочесть") from error


def _judge_pairs(taking: _ActsTaken, pairs: Mapping[str, str], reduced: Reduced) -> None:
    """Compare each rewritten commit with what rewriting the signed one gives."""
    odd: list[str] = []
    for stored, signed in pairs.items():
        raw = taking.raw(signed)
        tree, parents = links_of(raw)
        due_tree, due = reduced.new[tree] or EMPTY_TREE, taking.by_id[stored].parents
        if (due_tree, due) == (tree, parents):
            odd.append(f"сохранение {signed[:12]} переписано, хотя в нём ничего не уничтожено")
        elif not due:
            odd.append("переписано первое сохранение архива, по которому его узнают")
        elif object_id("commit", rewrite_commit(raw, due_tree, due)) != stored:
            odd.append(_explain_odd(taking, signed, stored, due_tree))
    if odd:
        more = f" (и ещё сохранений: {len(odd) - 1})" if len(odd) > 1 else ""
        taking.report(odd[0] + more)


def _explain_odd(taking: _ActsTaken, signed: str, stored: str, due: str) -> str:
    """Say how a rewritten commit differs from what it should be."""
    there = taking.by_id[stored].tree
    if there == due:
        return f"в переписанном сохранении {signed[:12]} изменены автор, время или описание"
    made: dict[str, bytes] = {}

    def note(_cut: FolderCut, _old: str, _raw: bytes, id_: str, data: bytes) -> None:
        made[id_] = data

    def read(id_: str) -> list[TreeEntry]:
        raw = made.get(id_)
        return parse_tree(raw if raw is not None else next(taking.evidence.read_trees([id_])))

    try:
        tree = links_of(taking.raw(signed))[0]
        reduce_trees([tree], taking.cut, taking.evidence.read_trees, note)
        found = next(_compare_trees(read, due, there, ""), "")
    except (KeyError, Malformed, GitFailed):
        found = ""
    return f"в переписанном сохранении {signed[:12]} {found or 'другие файлы'}"


def _compare_trees(
    read: Callable[[str], list[TreeEntry]], due: str, there: str, folder: str
) -> Iterator[str]:
    """Yield, in words, how what is there differs from what is due; "" is a folder without files."""
    mine, theirs = ({e.name: e for e in (read(id_) if id_ else ())} for id_ in (due, there))
    for name in sorted(mine.keys() | theirs.keys()):
        one, other = mine.get(name), theirs.get(name)
        path = folder + name
        if one == other:
            continue
        modes = {each.mode for each in (one, other) if each is not None}
        if modes == {TREE} and is_above_units(path):
            left, right = (each.id if each is not None else "" for each in (one, other))
            yield from _compare_trees(read, left, right, f"{path}/")
        elif other is None:
            yield f"пропало и другое: {path}"
        elif one is None:
            yield f"появилось то, чего не было: {path}"
        else:
            yield f"изменено и другое: {path}"


def is_above_units(path: str) -> bool:
    """Whether a folder lies above units, or holds none at all."""
    return unit(f"{path}/.salt") is None


def _judge_evidence(taking: _ActsTaken, pairs: Mapping[str, str], reduced: Reduced) -> None:
    """Report evidence with more or less in it than is due, and paths that never were."""
    due = {*pairs.values(), *reduced.changed.get("", ())}
    _judge_packs(taking, "", {act.number: act.evidence for act in taking.acts}, due)
    for folder in {folder for act in taking.acts for folder in act.inner}:
        packs = {act.number: act.inner[folder] for act in taking.acts if folder in act.inner}
        _judge_packs(taking, f" в {folder}", packs, reduced.changed.get(folder, {}).keys())
    for act in taking.acts:
        for path in list_unmet(act.paths, reduced.gone):
            taking.report(f"того, что названо уничтоженным, не было: {path}", act.number)
        for path, ids in act.files.items():
            if ids.keys() != reduced.gone.get(path, {}).keys():
                taking.report(f"список уничтоженного не сходится: {path}", act.number)


def _judge_packs(
    taking: _ActsTaken, where: str, packs: Mapping[int, PackReader], due: Collection[str]
) -> None:
    there: set[str] = set()
    for number, pack in sorted(packs.items()):
        if pack.ids - set(due) or pack.ids & there:
            taking.report(f"в доказательстве{where} есть лишнее", number)
        there |= pack.ids
    if set(due) - there:
        taking.report(f"доказательство{where} неполное", max(packs))


def _compose_line(
    plain: SignedLine, taking: _ActsTaken, pairs: Mapping[str, str], reduced: Reduced
) -> SignedLine:
    """Put together the commits as signed, the trees stored, and the parents as signed."""
    commits: list[Commit] = []
    trees: dict[str, str] = {}
    for stored in plain.commits:
        signed = stored
        if stored.id in pairs:
            signed = parse_commit(pairs[stored.id], taking.raw(pairs[stored.id]))
            trees[signed.id] = signed.tree
        parents = tuple(pairs.get(each, each) for each in stored.parents)
        commits.append(replace(signed, tree=stored.tree, parents=parents))
    layers = tuple(
        Layer(act.number, commits[taking.places[act.number]].id, act.text, act.files,
              _list_destroyed(act, reduced))
        for act in taking.acts
    )  # fmt: skip
    ids = {made.id: stored.id for made, stored in zip(commits, plain.commits, strict=True)}
    packs = tuple(taking.evidence.packs)
    return SignedLine(tuple(commits), ids, plain.unreadable, layers, trees, packs)


def _list_destroyed(act: SavedAct, reduced: Reduced) -> frozenset[str]:
    """List the ids of what an act destroyed: whole units, and of others what they were with it.

    The folders in them are left out: they hold no salt, and may be another unit's too.
    """
    found = {
        id_
        for path, ids in reduced.gone.items()
        if path in act.paths or unit(path) in act.paths
        for id_ in ids
    }
    return frozenset(found.union(*(reduced.folders.get(each, ()) for each in act.inner)))
